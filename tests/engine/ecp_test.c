/* SPDX-License-Identifier: MIT */
/* ECP forward, by software and by the FIFO, with every chip that can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stream.h"

#define BLOCK 4096u

#define STATUS  1u
#define CONTROL 2u

/* Of CTL (IEEE1284 1.3). */
#define CTL_HOST_CLK 0x01u /* HostClk low */
#define CTL_HOST_ACK 0x02u /* HostAck low */
#define CTL_INIT     0x04u /* nReverseRequest high */
#define CTL_REVERSE  0x20u
#define STS_PERROR   0x20u
#define STS_NOT_BUSY 0x80u

static struct stream stream;
static uint8_t text[BLOCK];
static uint8_t got[BLOCK];

static int fill(void **state)
{
	(void)state;
	rig_fill(text, BLOCK);
	return 0;
}

/* ---- forward ------------------------------------------------------------------------- */

static void test_setup(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint32_t at = 0;

	(void)state;
	stream_start(&stream, STREAM_PS2, 0);
	opp_negotiate_begin(&stream.transfer, &stream.protocol, OPP_REQUEST_ECP);
	assert_int_equal(stream_run(&stream), OPP_SUCCESS);
	while (!(log[at].write && log[at].offset == CONTROL && log[at].value == 0x04))
		at++; /* ev 4 */
	do
		at++;
	while (!(log[at].write && log[at].offset == CONTROL));
	assert_int_equal(log[at].value, 0x06); /* ev 30 */
	assert_false(log[at - 1].value & STS_PERROR);
	do
		assert_int_equal(log[++at].offset, STATUS);
	while (!(log[at].value & STS_PERROR)); /* ev 31 */
	assert_int_equal(stream.rig.accesses, at + 2);
	stream_assert_polite(&stream);
}

static void test_no_setup(void **state)
{
	(void)state;
	stream_start(&stream, STREAM_FIFO_16, 0);
	stream_be_rude(&stream, 31, OPP_1284_NEVER, 0);
	opp_negotiate_begin(&stream.transfer, &stream.protocol, OPP_REQUEST_ECP);
	assert_int_equal(stream_run(&stream), OPP_DEVICE_PROTOCOL_ERROR);
	stream_assert_fault(&stream, OPP_DEVICE_PROTOCOL_ERROR, 31);
	stream_assert_leaves(&stream);
}

static void test_forward(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		for (size_t length = 1; length <= BLOCK; length = length * 3 + 1) {
			stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
			assert_int_equal(stream_write(&stream, text, length), OPP_SUCCESS);
			assert_int_equal(stream.transfer.moved, length);
			stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, length);
			stream_assert_polite(&stream);
			stream_assert_leaves(&stream);
		}
	}
}

/* Each look that lets HostClk fall is one at PeriphAck low; no byte is clocked without one. */
static void test_clock_after_look(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint8_t seen = 0;
	uint32_t clocks = 0;

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	assert_int_equal(stream_write(&stream, text, 500), OPP_SUCCESS);
	for (uint32_t i = 0; i < stream.rig.accesses; i++) {
		if (log[i].offset == STATUS)
			seen = log[i].value;
		if (!log[i].write || log[i].offset != CONTROL)
			continue;
		if (log[i].value & CTL_HOST_CLK) {
			assert_true(seen & STS_NOT_BUSY);
			clocks++;
		} else {
			assert_false(seen & STS_NOT_BUSY);
		}
	}
	assert_int_equal(clocks, 500);
}

static void test_five_accesses(void **state)
{
	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	opp_1284_set_response_us(&stream.device, OPP_1284_EVERY_EVENT, 0);
	assert_int_equal(stream_write(&stream, text, 1000), OPP_SUCCESS);
	assert_int_equal(stream.rig.accesses, 5 * 1000 + 1);
	stream_say_bytes(&stream, text, 1000);
	rig_forget_accesses(&stream.rig);
	assert_int_equal(stream_read(&stream, got, 1000), OPP_SUCCESS);
	assert_in_range(stream.rig.accesses, 5 * 1000, 5 * 1000 + 10);
}

static enum opp_status write_channel(uint8_t channel)
{
	return stream_write_what(&stream, &(struct opp_write){ .bytes = &channel,
							       .length = 1,
							       .inactivity_us = STREAM_LONG,
							       .address = true });
}

static void test_channels(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		for (uint32_t channel = 0; channel < 128; channel += 9) {
			const size_t before = stream.heard_count;

			assert_int_equal(write_channel((uint8_t)channel), OPP_SUCCESS);
			assert_int_equal(stream.transfer.moved, 1);
			assert_int_equal(stream_write(&stream, text, 10), OPP_SUCCESS);
			assert_int_equal(stream.heard_count, before + 11);
			assert_int_equal(stream.heard[before].kind, OPP_1284_ECP_COMMAND);
			assert_int_equal(stream.heard[before].byte, 0x80 | channel);
			assert_int_equal(stream.heard[before + 10].channel, channel);
		}
		rig_forget_accesses(&stream.rig);
		assert_int_equal(write_channel(128), OPP_INVALID_PARAMETER);
		assert_int_equal(stream.rig.accesses, 0);
		stream_assert_polite(&stream);
	}
}

/* A device that has no room: the byte that waits is taken back, and a byte is a byte. */
static void test_stall(void **state)
{
	const struct opp_write what = { .bytes = text, .length = 200, .inactivity_us = 50000 };

	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		for (size_t room = 0; room < 200; room += room < 40 ? 1 : 23) {
			stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
			stream_fill_up(&stream, room);
			assert_int_equal(stream_write_what(&stream, &what), OPP_TIMEOUT);
			assert_int_equal(stream.transfer.moved, room);
			stream_assert_fault(&stream, OPP_TIMEOUT, stream.transfer.fault.event);
			assert_int_equal(stream.heard_count, room);
			assert_int_equal(stream.rig.sim.connector.wires.control, 0x0f);
			stream_make_room(&stream);
			assert_int_equal(stream_write(&stream, text + room, 200 - room),
					 OPP_SUCCESS);
			stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, 200);
			stream_assert_polite(&stream);
			stream_assert_leaves(&stream);
		}
	}
}

/* Three seconds between ev 35 and 36, or 37 and 32, somewhere: a slow device, and no more. */
static void test_patience(void **state)
{
	static const uint8_t events[] = { 32, 36 };

	(void)state;
	for (uint32_t i = 0; i < 4 * STREAM_CHIPS; i++) {
		/* the first byte of many, or the only one, which is the last, too */
		const size_t length = i % 4 < 2 ? 100 : 1;

		stream_start_in(&stream, i / 4, 0, OPP_REQUEST_ECP);
		assert_int_equal(stream_write(&stream, text, 50), OPP_SUCCESS);
		stream_be_rude(&stream, events[i % 2], OPP_1284_LATE, 3000000);
		assert_int_equal(stream_write(&stream, text + 50, length), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, length);
		assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, 50 + length);
		stream_assert_polite(&stream);
	}
}

/* ev 72, 73, 74, 75 in CTL and STS. */
static void test_recovery_order(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint32_t at = 0;

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	stream.rig.hw->access_ns = 0; /* what the lines need is stalled for */
	stream_be_rude(&stream, 36, OPP_1284_NEVER, 0);
	assert_int_equal(stream_write_what(&stream, &(struct opp_write){ .bytes = text,
									 .length = 1,
									 .inactivity_us = 300 }),
			 OPP_TIMEOUT);
	stream_assert_fault(&stream, OPP_TIMEOUT, 36);
	assert_int_equal(stream.transfer.moved, 0);
	while (!(log[at].write && log[at].offset == CONTROL && !(log[at].value & CTL_INIT)))
		at++; /* ev 72, the bus released already */
	assert_int_equal(log[at].value, CTL_REVERSE | CTL_HOST_CLK); /* HostClk has not moved */
	while (log[at].offset != STATUS || (log[at].value & STS_PERROR))
		at++; /* ev 73 */
	while (!(log[at].write && (log[at].value & CTL_INIT)))
		at++; /* ev 74 */
	assert_false(log[at].value & CTL_HOST_CLK);
	assert_false(log[at - 1].value & CTL_HOST_CLK);
	assert_true(log[at].at_ns - log[at - 1].at_ns > STREAM_ISA_NS);
	while (log[at].offset != STATUS || !(log[at].value & STS_PERROR))
		at++; /* ev 75 */
	assert_int_equal(log[stream.rig.accesses - 1].value, 0x04);
	stream_assert_polite(&stream);
}

/* ev 72 and 74 by a FIFO's host, too, where it is ended while a byte hangs. */
static void test_fifo_recovers(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint32_t recoveries = 0;

	(void)state;
	stream_start_in(&stream, STREAM_FIFO_16, 0, OPP_REQUEST_ECP);
	stream_be_rude(&stream, 36, OPP_1284_NEVER, 0);
	opp_write_begin(
		&stream.transfer, &stream.protocol,
		&(struct opp_write){ .bytes = text, .length = 10, .inactivity_us = STREAM_LONG });
	opp_transfer_step(&stream.transfer, stream.rig.hw, 0, RIG_BUDGET_NS);
	opp_transfer_end(&stream.transfer, OPP_CANCELLED);
	assert_int_equal(stream_run(&stream), OPP_CANCELLED);
	assert_int_equal(stream.transfer.moved, 0);
	assert_true(stream.rig.sim.counts.writes[OPP_SIM_FIFO] > 0);
	for (uint32_t i = 0; i < stream.rig.accesses; i++)
		if (log[i].write && log[i].offset == CONTROL && !(log[i].value & CTL_INIT))
			recoveries++;
	assert_true(recoveries > 0);
	assert_int_equal(stream.device.state, OPP_1284_ECP_FORWARD);
	stream_assert_polite(&stream);
}

/* Whoever does not answer nReverseRequest with ev 75 may have the data lines: they stay its own. */
static void test_no_recovery(void **state)
{
	(void)state;
	for (uint32_t chip = STREAM_PS2; chip <= STREAM_FIFO_16; chip += STREAM_FIFO_16) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_be_rude(&stream, 36, OPP_1284_NEVER, 0);
		stream_be_rude(&stream, 75, OPP_1284_NEVER, 0);
		stream_be_rude(&stream, 49, OPP_1284_NEVER, 0); /* if it was not asked */
		(void)stream_write_what(
			&stream,
			&(struct opp_write){ .bytes = text, .length = 1, .inactivity_us = 300 });
		assert_int_equal(stream.transfer.moved, 0);
		assert_int_not_equal(stream.transfer.status, OPP_SUCCESS);
		assert_int_equal(stream.protocol.position, OPP_AT_BROKEN_OFF);
		assert_int_equal(stream.rig.sim.control_latch & CTL_REVERSE, CTL_REVERSE);
		assert_int_equal(stream_write(&stream, text, 1), OPP_INVALID_DEVICE_STATE);
	}
}

/* Data lines that cannot be inputs are not offered to the peripheral (ev 72). */
static void test_recovery_without_reverse(void **state)
{
	const struct rig_access *log = stream.rig.log;

	(void)state;
	stream_start_with(&stream, &(struct opp_sim_options){ .chip = OPP_SIM_SPP }, 0,
			  &(struct opp_1284_options){ .modes = STREAM_EVERY });
	stream_enter(&stream, OPP_REQUEST_ECP);
	stream_be_rude(&stream, 36, OPP_1284_NEVER, 0);
	assert_int_equal(stream_write_what(&stream, &(struct opp_write){ .bytes = text,
									 .length = 1,
									 .inactivity_us = 300 }),
			 OPP_TIMEOUT);
	assert_int_equal(stream.transfer.moved, 0);
	assert_int_equal(stream.protocol.position, OPP_AT_BROKEN_OFF);
	for (uint32_t i = 0; i < stream.rig.accesses; i++)
		if (log[i].write && log[i].offset == CONTROL)
			assert_true(log[i].value & CTL_INIT);
	assert_false(log[stream.rig.accesses - 1].value & CTL_HOST_CLK);
	stream_assert_polite(&stream);
}

/* However late the answer to the last byte: it is told to have moved if it has. */
static void test_last_byte(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		const size_t length = i / 2 ? 17 : 1;

		for (uint32_t us = 5; us < 60000; us += us / 2) {
			stream_start_in(&stream, i % 2 ? STREAM_ECP_EPP : STREAM_FIFO_16, 0,
					OPP_REQUEST_ECP);
			opp_1284_set_response_us(&stream.device, 36, (uint16_t)us);
			assert_int_equal(stream_write(&stream, text, length), OPP_SUCCESS);
			assert_false(stream.rig.sim.connector.wires.status & OPP_LINE_BUSY);
			rig_pass_ns(&stream.rig, 100000000);
			assert_int_equal(stream.transfer.moved, length);
			stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, length);
			stream_assert_polite(&stream);
		}
		stream_start_in(&stream, i % 2 ? STREAM_ECP_EPP : STREAM_FIFO_16, 0,
				OPP_REQUEST_ECP);
		stream_fill_up(&stream, length - 1);
		assert_int_equal(
			stream_write_what(&stream, &(struct opp_write){ .bytes = text,
									.length = length,
									.inactivity_us = 50000 }),
			OPP_TIMEOUT);
		assert_int_equal(stream.transfer.moved, length - 1);
	}
}

/* Success comes with PeriphAck low, even where that takes the device long. */
static void test_ready_after_last(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		opp_1284_set_response_us(&stream.device, 32, 5000);
		assert_int_equal(stream_write(&stream, text, 9), OPP_SUCCESS);
		assert_false(stream.rig.sim.connector.wires.status & OPP_LINE_BUSY);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, 9);
	}
}

/* 16 bytes of a FIFO take longer together than one byte may. */
static void test_slow_with_each(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		opp_1284_set_response_us(&stream.device, 36, 40000);
		assert_int_equal(
			stream_write_what(&stream, &(struct opp_write){ .bytes = text,
									.length = 70,
									.inactivity_us = 300000 }),
			OPP_SUCCESS);
		assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, 70);
		stream_assert_polite(&stream);
	}
}

/* HostAck says what a byte is before HostClk falls: never in the same write. */
static void test_ack_before_clock(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint8_t before = 0x04;
	uint32_t commands = 0;

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	before = stream.rig.sim.control_latch;
	assert_int_equal(write_channel(3), OPP_SUCCESS);
	assert_int_equal(stream_write(&stream, text, 2), OPP_SUCCESS);
	for (uint32_t i = 0; i < stream.rig.accesses; i++) {
		if (!log[i].write || log[i].offset != CONTROL)
			continue;
		if (log[i].value & ~before & CTL_HOST_CLK) {
			assert_int_equal(log[i].value & CTL_HOST_ACK, before & CTL_HOST_ACK);
			commands += (before & CTL_HOST_ACK) != 0;
		}
		before = log[i].value;
	}
	assert_int_equal(commands, 1);
}

/* Ended at any access: what is told to have moved is what the device has. */
static uint32_t end_at;

static void end_it(struct rig *rig)
{
	if (rig->accesses == end_at)
		opp_transfer_end(&stream.transfer, OPP_CANCELLED);
}

static void test_cancel_forward(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		for (end_at = 1; end_at < 400; end_at += 3) {
			stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
			stream.rig.disturb = end_it;
			assert_int_equal(stream_write(&stream, text, BLOCK), OPP_CANCELLED);
			stream.rig.disturb = NULL;
			rig_pass_ns(&stream.rig, 1000000);
			stream_assert_heard(&stream, OPP_1284_ECP_DATA, text,
					    stream.transfer.moved);
			stream_assert_polite(&stream);
			stream_assert_leaves(&stream);
		}
	}
}

/* What ev 30 has asked is answered before the mode is left: ev 22 is valid from ev 31 on only. */
static void test_cancel_setup(void **state)
{
	uint32_t entered = 0;

	(void)state;
	for (end_at = 1; end_at < 60; end_at++) {
		stream_start(&stream, STREAM_PS2, 0);
		stream_be_rude(&stream, 31, OPP_1284_LATE, 30000);
		opp_negotiate_begin(&stream.transfer, &stream.protocol, OPP_REQUEST_ECP);
		stream.rig.disturb = end_it;
		(void)stream_run(&stream);
		stream.rig.disturb = NULL;
		entered += stream.device.state == OPP_1284_ECP_FORWARD;
		assert_int_equal(stream.device.state == OPP_1284_ECP_FORWARD,
				 stream.transfer.status == OPP_SUCCESS);
		assert_int_not_equal(stream.device.state, OPP_1284_ECP_SETUP);
		assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
		stream_assert_polite(&stream);
		stream_assert_leaves(&stream);
	}
	assert_true(entered > 20);
}

static void wake(void *context)
{
	(*(uint32_t *)context)++;
}

/* Nobody looks often at a FIFO that has stood still for a while: the chip calls. */
static void test_interrupt(void **state)
{
	uint32_t calls = 0;

	(void)state;
	for (uint32_t chip = STREAM_FIFO_4; chip <= STREAM_FIFO_64; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream.rig.hw->interrupt = wake;
		stream.rig.hw->interrupt_context = &calls;
		stream_be_rude(&stream, 36, OPP_1284_LATE, 1000000);
		calls = 0;
		assert_int_equal(stream_write(&stream, text, 500), OPP_SUCCESS);
		assert_int_equal(calls, 1);
		assert_in_range(stream.rig.accesses, 500, 1500);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, 500);
		stream_assert_polite(&stream);
	}
}

/* ---- runs ------------------------------------------------------------------------------ */

/* Runs of 1 .. 300 bytes. */
static size_t make_runs(void)
{
	size_t length = 0;

	for (size_t run = 1; length + run <= BLOCK; run = run * 5 / 3 + 1) {
		memset(got + length, (int)(run & 0xff), run);
		length += run;
		if (run > 300)
			run = 1;
	}
	return length;
}

static enum opp_status write_packed(const void *bytes, size_t length)
{
	return stream_write_what(&stream, &(struct opp_write){ .bytes = bytes,
							       .length = length,
							       .inactivity_us = 50000,
							       .compress = true });
}

/* Ended at any access while the device answers at once: never between a count and its byte. */
static void test_cancel_packed(void **state)
{
	const size_t length = make_runs();

	(void)state;
	for (end_at = 1; end_at < 300; end_at++) {
		stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP_RLE);
		opp_1284_set_response_us(&stream.device, OPP_1284_EVERY_EVENT, 0);
		stream.rig.disturb = end_it;
		assert_int_equal(write_packed(got, length), OPP_CANCELLED);
		stream.rig.disturb = NULL;
		rig_pass_ns(&stream.rig, 1000000);
		if (stream.heard_count > 0)
			assert_int_equal(stream.heard[stream.heard_count - 1].kind,
					 OPP_1284_ECP_DATA);
		assert_false(stream.protocol.stray_count);
	}
}

static size_t heard_data(void)
{
	size_t data = 0;

	for (size_t i = 0; i < stream.heard_count; i++) {
		if (stream.heard[i].kind == OPP_1284_ECP_DATA)
			stream.heard[data++] = stream.heard[i];
	}
	stream.heard_count = data;
	return data;
}

static void test_packs(void **state)
{
	const size_t length = make_runs();
	size_t counts;

	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP_RLE);
		assert_int_equal(write_packed(got, length), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, length);
		counts = stream.heard_count;
		assert_int_equal(heard_data(), length);
		assert_true(counts > length);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, got, length);
		stream_assert_polite(&stream);
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		assert_int_equal(write_packed(got, length), OPP_SUCCESS);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, got, length);
		stream_assert_polite(&stream);
	}
}

/* Broken off anywhere, even between a count and its byte, the next write is taken as it is. */
static void test_packs_and_stalls(void **state)
{
	const size_t length = make_runs();
	size_t moved;

	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		for (size_t room = 1; room < 600; room += room < 60 ? 1 : 37) {
			stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP_RLE);
			stream_fill_up(&stream, room);
			assert_int_equal(write_packed(got, length), OPP_TIMEOUT);
			moved = stream.transfer.moved;
			stream_make_room(&stream);
			assert_int_equal(stream_write(&stream, got + moved, length - moved),
					 OPP_SUCCESS);
			assert_int_equal(heard_data(), length);
			stream_assert_heard(&stream, OPP_1284_ECP_DATA, got, length);
			stream_assert_polite(&stream);
		}
	}
}

/* ---- both ------------------------------------------------------------------------------- */

static size_t told(uint32_t chip, uint32_t options, struct stream_heard *heard)
{
	size_t length = make_runs();

	stream_start_in(&stream, chip, options, OPP_REQUEST_ECP_RLE);
	assert_int_equal(write_packed(got, length), OPP_SUCCESS);
	for (uint8_t channel = 0; channel < 128; channel += 50) {
		assert_int_equal(write_channel(channel), OPP_SUCCESS);
		assert_int_equal(stream_write(&stream, text, 100), OPP_SUCCESS);
	}
	memcpy(heard, stream.heard, stream.heard_count * sizeof(*heard));
	return stream.heard_count;
}

static void test_same_streams(void **state)
{
	static struct stream_heard by_software[STREAM_MOST];
	static struct stream_heard by_fifo[STREAM_MOST];
	size_t count;

	(void)state;
	for (uint32_t chip = STREAM_FIFO_1; chip <= STREAM_FIFO_64; chip++) {
		count = told(chip, OPP_PROTOCOL_SOFTWARE_ECP, by_software);
		assert_int_equal(stream.rig.sim.counts.writes[OPP_SIM_FIFO], 0);
		assert_int_equal(told(chip, 0, by_fifo), count);
		assert_true(stream.rig.sim.counts.writes[OPP_SIM_FIFO] > 0);
		assert_memory_equal(by_software, by_fifo, count * sizeof(*by_fifo));
	}
}

static void test_budgets(void **state)
{
	(void)state;
	for (uint32_t chip = STREAM_FIFO_16; chip <= STREAM_FIFO_64; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		assert_int_equal(stream_write(&stream, text, BLOCK), OPP_SUCCESS);
		assert_in_range(stream.rig.accesses, BLOCK, BLOCK * 115 / 100);
		stream_say_bytes(&stream, text, BLOCK);
		rig_forget_accesses(&stream.rig);
		assert_int_equal(stream_read(&stream, got, BLOCK), OPP_SUCCESS);
		assert_in_range(stream.rig.accesses, BLOCK, BLOCK * 115 / 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-102 nAutoFd low and PError high come before any data", test_setup, NULL, NULL,
		  NULL },
		{ "P-102 a peripheral without event 31 is not in ECP", test_no_setup, NULL, NULL,
		  NULL },
		{ "P-103 P-042 every byte arrives once, whatever the chip and the length",
		  test_forward, NULL, NULL, NULL },
		{ "P-103 HostClk falls after a look at PeriphAck low, rises after one at high",
		  test_clock_after_look, NULL, NULL, NULL },
		{ "five accesses a byte by software, either way", test_five_accesses, NULL, NULL,
		  NULL },
		{ "P-104 channel addresses are commands with bit 7", test_channels, NULL, NULL,
		  NULL },
		{ "P-108 P-040 a byte that is not taken is taken back, and not counted", test_stall,
		  NULL, NULL, NULL },
		{ "P-107 a stall of 3 s loses nothing and doubles nothing", test_patience, NULL,
		  NULL, NULL },
		{ "P-108 host transfer recovery is nInit low, PError low, nInit high, PError high",
		  test_recovery_order, NULL, NULL, NULL },
		{ "P-040 P-108 ended anywhere, the count is what the device has",
		  test_cancel_forward, NULL, NULL, NULL },
		{ "P-108 P-040 ended while a byte hangs a FIFO's host recovers, too",
		  test_fifo_recovers, NULL, NULL, NULL },
		{ "P-108 a port whose data lines cannot turn does not recover",
		  test_recovery_without_reverse, NULL, NULL, NULL },
		{ "P-108 without event 75 the data lines stay the peripheral's", test_no_recovery,
		  NULL, NULL, NULL },
		{ "P-107 P-041 P-040 the last byte is told right, however late its answer",
		  test_last_byte, NULL, NULL, NULL },
		{ "P-042 success waits for PeriphAck low after the last byte",
		  test_ready_after_last, NULL, NULL, NULL },
		{ "P-107 a device slow with each byte is waited for, byte by byte",
		  test_slow_with_each, NULL, NULL, NULL },
		{ "P-104 HostAck has settled when HostClk falls", test_ack_before_clock, NULL, NULL,
		  NULL },
		{ "P-102 a setup that is under way is finished", test_cancel_setup, NULL, NULL,
		  NULL },
		{ "P-105 a count and its byte are not parted by a cancel", test_cancel_packed, NULL,
		  NULL, NULL },
		{ "P-105 runs are counted where 0x30 was accepted, and only there", test_packs,
		  NULL, NULL, NULL },
		{ "P-105 a count without its byte is taken back by the next write",
		  test_packs_and_stalls, NULL, NULL, NULL },
		{ "a FIFO that stands still is waited for by interrupt", test_interrupt, NULL, NULL,
		  NULL },
		{ "P-116 software and FIFO say the same, counts and channels included",
		  test_same_streams, NULL, NULL, NULL },
		{ "a FIFO of 16 or more costs little more than an access a byte", test_budgets,
		  NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("ecp", tests, fill, NULL);
}
