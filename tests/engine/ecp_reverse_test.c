/* SPDX-License-Identifier: MIT */
/* ECP in reverse, by software and by the FIFO, and the ways there and back. */
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
#define ECR     0x402u

/* Of CTL (IEEE1284 1.3). */
#define CTL_HOST_ACK 0x02u /* HostAck low */
#define CTL_INIT     0x04u /* nReverseRequest high */
#define CTL_REVERSE  0x20u
#define STS_PERROR   0x20u

static struct stream stream;
static uint8_t text[BLOCK];
static uint8_t got[BLOCK];
static struct opp_1284_item items[BLOCK];

static int fill(void **state)
{
	(void)state;
	rig_fill(text, BLOCK);
	return 0;
}

static uint32_t end_at;

static void end_it(struct rig *rig)
{
	if (rig->accesses == end_at)
		opp_transfer_end(&stream.transfer, OPP_CANCELLED);
}

static void test_reverse(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		for (size_t length = 1; length <= BLOCK; length = length * 3 + 1) {
			stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
			stream_say_bytes(&stream, text, length);
			memset(got, 0, length);
			assert_int_equal(stream_read(&stream, got, length), OPP_SUCCESS);
			assert_int_equal(stream.transfer.moved, length);
			assert_memory_equal(got, text, length);
			stream_assert_polite(&stream);
			stream_assert_leaves(&stream);
		}
	}
}

/* What never said ev 45 is not asked again as if nothing had happened: it still shows that byte. */
static void test_half_way(void **state)
{
	(void)state;
	for (uint32_t chip = STREAM_PS2; chip <= STREAM_FIFO_16; chip += STREAM_FIFO_16) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, 100);
		stream_be_rude(&stream, 45, OPP_1284_LATE, 300000);
		assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = got,
									       .capacity = 100,
									       .first_us = 50000 }),
				 OPP_DEVICE_PROTOCOL_ERROR);
		stream_assert_fault(&stream, OPP_DEVICE_PROTOCOL_ERROR, 45);
		assert_in_range(stream.transfer.moved, 0, 1);
		assert_int_equal(stream.protocol.position, OPP_AT_BROKEN_OFF);
		assert_int_equal(stream_read(&stream, got, 100), OPP_INVALID_DEVICE_STATE);
		assert_int_equal(stream_terminate(&stream), OPP_SUCCESS);
		assert_true(rig_is_idle(&stream.rig));
	}
}

/* A byte that is late in the middle is waited for before nReverseRequest rises. */
static void test_slow_half_way(void **state)
{
	size_t moved;

	(void)state;
	for (uint32_t chip = STREAM_FIFO_1; chip < STREAM_CHIPS; chip++) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, 300);
		stream_be_rude(&stream, 45, OPP_1284_LATE, 20000);
		assert_int_equal(
			stream_read_what(&stream, &(struct opp_read){ .bytes = got,
								      .capacity = 300,
								      .first_us = 1000,
								      .silence_us = 1000 }),
			OPP_SUCCESS);
		moved = stream.transfer.moved;
		assert_true(moved > 0);
		if (moved < 300)
			assert_int_equal(stream_read(&stream, got + moved, 300 - moved),
					 OPP_SUCCESS);
		assert_memory_equal(got, text, 300);
		stream_assert_polite(&stream);
	}
}

/* Who waits for ever waits no more when it is ended. */
static void test_cancel_patient(void **state)
{
	const struct opp_read what = {
		.bytes = got, .capacity = 1000, .first_us = UINT64_MAX, .silence_us = UINT64_MAX
	};

	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		uint64_t from_ns;

		stream_start_in(&stream, i / 2, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, i % 2 ? 3 : 0);
		opp_read_begin(&stream.transfer, &stream.protocol, &what);
		for (uint32_t step = 0; step < 100; step++) {
			opp_transfer_step(&stream.transfer, stream.rig.hw,
					  stream.rig.sim.now_ns / 1000, RIG_BUDGET_NS);
			rig_pass_ns(&stream.rig, 1000000);
		}
		from_ns = stream.rig.sim.now_ns;
		opp_transfer_end(&stream.transfer, OPP_CANCELLED);
		assert_int_equal(stream_run(&stream), OPP_CANCELLED);
		assert_in_range(stream.rig.sim.now_ns - from_ns, 0, 200000000);
		assert_int_equal(stream.transfer.moved, i % 2 ? 3 : 0);
		stream_assert_polite(&stream);
	}
}

/* A FIFO that never says that it is empty is not read for ever. */
static void test_never_empty(void **state)
{
	(void)state;
	stream_start_in(&stream, STREAM_FIFO_16, 0, OPP_REQUEST_ECP);
	stream_say_bytes(&stream, text, 10);
	opp_read_begin(
		&stream.transfer, &stream.protocol,
		&(struct opp_read){
			.bytes = got, .capacity = 200, .first_us = 1000, .silence_us = 1000 });
	for (uint32_t step = 0; step < 3; step++)
		opp_transfer_step(&stream.transfer, stream.rig.hw, stream.rig.sim.now_ns / 1000,
				  RIG_BUDGET_NS);
	stream.rig.stuck_at = ECR;
	stream.rig.stuck_value = 0x74;
	assert_int_equal(stream_run(&stream), OPP_DEVICE_PROTOCOL_ERROR);
	stream_assert_fault(&stream, OPP_DEVICE_PROTOCOL_ERROR, 49);
}

/* Asked for in pieces of every size, with a write in between: no byte is lost, none comes twice. */
static void test_pieces(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		size_t length = 0;
		size_t piece = 1;
		size_t written = 0;

		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, BLOCK);
		while (length < BLOCK) {
			if (piece > BLOCK - length)
				piece = BLOCK - length;
			assert_int_equal(stream_read(&stream, got + length, piece), OPP_SUCCESS);
			assert_int_equal(stream.transfer.moved, piece);
			length += piece;
			piece = piece * 4 / 3 + 1;
			if (piece % 3)
				continue;
			assert_int_equal(stream_write(&stream, text + written, 9), OPP_SUCCESS);
			written += 9;
		}
		assert_memory_equal(got, text, BLOCK);
		assert_true(written > 0);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, written);
		stream_assert_polite(&stream);
		stream_assert_leaves(&stream);
	}
}

static void test_cancel_reverse(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		for (end_at = 1; end_at < 400; end_at += 3) {
			size_t moved;

			stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
			stream_say_bytes(&stream, text, 1000);
			stream.rig.disturb = end_it;
			assert_int_equal(stream_read(&stream, got, 1000), OPP_CANCELLED);
			stream.rig.disturb = NULL;
			moved = stream.transfer.moved;
			assert_int_equal(stream_read(&stream, got + moved, 1000 - moved),
					 OPP_SUCCESS);
			assert_int_equal(stream.transfer.moved, 1000 - moved);
			assert_memory_equal(got, text, 1000);
			stream_assert_polite(&stream);
		}
	}
}

/* ev 43 may take as long as the caller waits; with bytes in hand silence ends the read. */
static void test_silence(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		uint64_t from_us;

		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, 20);
		stream_be_rude(&stream, 43, OPP_1284_LATE, 5000000);
		from_us = stream.rig.sim.now_ns / 1000;
		assert_int_equal(stream_read(&stream, got, 200), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 20);
		assert_memory_equal(got, text, 20);
		assert_in_range(stream.rig.sim.now_ns / 1000 - from_us, 5035000, 5100000);
		assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = got,
									       .capacity = 200,
									       .first_us = 1000 }),
				 OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 0);
		stream_say_bytes(&stream, text + 20, 20);
		assert_int_equal(stream_read(&stream, got, 20), OPP_SUCCESS);
		assert_memory_equal(got, text + 20, 20);
		stream_assert_polite(&stream);
		stream_assert_leaves(&stream);
	}
}

/* Count n and a byte, for each n; whatever was negotiated. */
static void test_unpacks(void **state)
{
	size_t at = 0;

	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		static uint8_t big[128 * 129 / 2 + 64];
		size_t length = 0;

		stream_start_in(&stream, i / 2, 0, i % 2 ? OPP_REQUEST_ECP_RLE : OPP_REQUEST_ECP);
		for (uint32_t n = 0; n < 128; n++) {
			items[2 * n] = (struct opp_1284_item){ (uint8_t)n, true };
			items[2 * n + 1] = (struct opp_1284_item){ (uint8_t)(n * 7), false };
		}
		stream_say(&stream, items, 256);
		while (length < sizeof(big)) {
			const size_t room = sizeof(big) - length < 700 ? sizeof(big) - length : 700;

			assert_int_equal(stream_read(&stream, big + length, room), OPP_SUCCESS);
			if (stream.transfer.moved == 0)
				break;
			length += stream.transfer.moved;
		}
		assert_int_equal(length, 128 * 129 / 2);
		for (at = 0; at < length;) {
			const size_t from = at;
			uint32_t n = 0;

			while (from > n * (n + 1) / 2)
				n++;
			for (; at < from + n + 1; at++)
				assert_int_equal(big[at], (uint8_t)(n * 7));
		}
		stream_assert_polite(&stream);
	}
}

/* A buffer smaller than the run: what is left of it comes first the next time. */
static void test_small_buffer(void **state)
{
	static const struct opp_1284_item said[] = {
		{ 1, false }, { 99, true }, { 2, false }, { 3, false }
	};
	size_t length = 0;

	(void)state;
	for (uint32_t chip = STREAM_PS2; chip <= STREAM_FIFO_16; chip += STREAM_FIFO_16) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP_RLE);
		stream_say(&stream, said, 4);
		assert_int_equal(stream_read(&stream, got, 30), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 1);
		assert_int_equal(stream.device.next.byte, 99);
		for (length = 1; length < 102; length += stream.transfer.moved) {
			assert_int_equal(stream_read(&stream, got + length, 30), OPP_SUCCESS);
			assert_int_not_equal(stream.transfer.moved, 0);
		}
		assert_int_equal(length, 102);
		assert_int_equal(got[0], 1);
		for (uint32_t i = 1; i < 101; i++)
			assert_int_equal(got[i], 2);
		assert_int_equal(got[101], 3);
	}
}

static enum opp_status read_channels(size_t capacity)
{
	return stream_read_what(&stream, &(struct opp_read){ .bytes = got,
							     .capacity = capacity,
							     .first_us = 1000,
							     .address = true });
}

/* Data reads stop before an address, address reads before data; neither takes what is not asked. */
static void test_channel_pending(void **state)
{
	static const struct opp_1284_item said[] = {
		{ 1, false }, { 2, false }, { 0x80 | 77, true }, { 3, false }, { 4, false }
	};

	(void)state;
	stream_start_in(&stream, STREAM_FIFO_16, OPP_PROTOCOL_SOFTWARE_ECP, OPP_REQUEST_ECP);
	stream_say(&stream, said, 5);
	for (uint32_t again = 0; again < 3; again++) {
		assert_int_equal(stream_read(&stream, got, 100), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, again ? 0 : 2);
		assert_int_equal(stream.transfer.channel, 77);
		assert_true(stream.device.has_next);
		assert_int_equal(stream.device.next.byte, 0x80 | 77);
	}
	assert_int_equal(read_channels(10), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 1);
	assert_int_equal(got[0], 77);
	assert_int_equal(read_channels(10), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 0);
	assert_int_equal(stream_read(&stream, got, 2), OPP_SUCCESS);
	assert_int_equal(got[0], 3);
	assert_int_equal(got[1], 4);
	assert_int_equal(stream.transfer.channel, OPP_NO_CHANNEL);
	stream_assert_polite(&stream);
}

/* It is known to be pending: a read large enough for the FIFO, which would not tell it, stops too. */
static void test_channel_before_fifo(void **state)
{
	(void)state;
	for (uint32_t writes = 0; writes < 2; writes++) {
		stream_start_in(&stream, STREAM_FIFO_16, 0, OPP_REQUEST_ECP);
		for (uint32_t i = 0; i < 40; i++)
			items[i] = (struct opp_1284_item){ .byte = text[i] };
		items[2] = (struct opp_1284_item){ 0x80 | 5, true };
		stream_say(&stream, items, 40);
		assert_int_equal(stream_read(&stream, got, 20), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 2);
		if (writes)
			assert_int_equal(stream_write(&stream, text, 1), OPP_SUCCESS);
		assert_int_equal(stream_read(&stream, got, 200), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 0);
		assert_int_equal(stream.transfer.channel, 5);
		assert_int_equal(read_channels(1), OPP_SUCCESS);
		assert_int_equal(got[0], 5);
		assert_int_equal(stream_read(&stream, got, 200), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 37);
		assert_memory_equal(got, text + 3, 37);
		assert_true(stream.rig.sim.counts.reads[OPP_SIM_FIFO] > 0);
		stream_assert_polite(&stream);
	}
}

/* A count that came last in one read is that of the next one's first byte, whoever fetches it. */
static void test_count_before_fifo(void **state)
{
	static const struct opp_1284_item count = { 4, true };

	(void)state;
	stream_start_in(&stream, STREAM_FIFO_16, 0, OPP_REQUEST_ECP_RLE);
	stream_say(&stream, &count, 1);
	assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = got,
								       .capacity = 10,
								       .first_us = 2000 }),
			 OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 0);
	stream_say_bytes(&stream, text, 60);
	assert_int_equal(stream_read(&stream, got, 200), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 64);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(got[i], text[0]);
	assert_memory_equal(got + 4, text, 60);
}

/* Between a count and its byte an address may be said: asked for, it comes, and the count waits. */
static void test_channel_after_count(void **state)
{
	static const struct opp_1284_item said[] = { { 4, true },
						     { 0x80 | 3, true },
						     { 'a', false } };

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP_RLE);
	stream_say(&stream, said, 3);
	assert_int_equal(stream_read(&stream, got, 10), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 0);
	assert_int_equal(stream.transfer.channel, 3);
	assert_int_equal(read_channels(10), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 1);
	assert_int_equal(stream_read(&stream, got, 10), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 5);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(got[i], 'a');
}

/* Event 38 is a pulse's width before 39. */
static void test_width_of_38(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint32_t at = 0;

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	stream.rig.hw->access_ns = 0; /* what the lines need is stalled for */
	stream_say_bytes(&stream, text, 1);
	assert_int_equal(stream_read(&stream, got, 1), OPP_SUCCESS);
	while (!(log[at].write && log[at].offset == CONTROL && !(log[at].value & CTL_INIT)))
		at++; /* ev 39 */
	assert_int_equal(log[at - 1].value, CTL_REVERSE | CTL_INIT | CTL_HOST_ACK);
	assert_true(log[at].at_ns - log[at - 1].at_ns > STREAM_ISA_NS);
}

/* One that turns just after it was given up has the bus until event 49. */
static void test_late_turn(void **state)
{
	(void)state;
	text[0] = 0;
	for (uint32_t us = 99900; us < 100700; us += 3) {
		stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, 10);
		stream.rig.hw->ops->write_data(stream.rig.hw, 0xff);
		stream_be_rude(&stream, 40, OPP_1284_LATE, us);
		opp_1284_set_response_us(&stream.device, 43, 0);
		(void)stream_read(&stream, got, 10);
		assert_int_equal(stream.rig.host_errors[OPP_SIM_BUS_FIGHT], 0);
	}
}

/* The bus is released before nInit falls, and driven again only after PError is high. */
static void test_turns(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint8_t control = 0x04;
	uint8_t seen = 0;
	uint32_t turns = 0;

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	stream_say_bytes(&stream, text, 3);
	opp_1284_set_response_us(&stream.device, 40, 500);
	opp_1284_set_response_us(&stream.device, 49, 500);
	assert_int_equal(stream_read(&stream, got, 3), OPP_SUCCESS);
	assert_int_equal(stream_write(&stream, text, 3), OPP_SUCCESS);
	for (uint32_t i = 0; i < stream.rig.accesses; i++) {
		if (log[i].offset == STATUS)
			seen = log[i].value;
		if (!log[i].write || log[i].offset != CONTROL)
			continue;
		if ((control & CTL_INIT) && !(log[i].value & CTL_INIT)) {
			assert_int_equal(control, CTL_REVERSE | CTL_INIT | CTL_HOST_ACK);
			turns++;
		}
		if ((control & CTL_REVERSE) && !(log[i].value & CTL_REVERSE)) {
			assert_true(seen & STS_PERROR);
			turns++;
		}
		control = log[i].value;
	}
	assert_int_equal(turns, 2);
	stream_assert_polite(&stream);
}

static uint32_t half_way[RIG_LOG / 32 + 1];

/* Whether the chip is between ev 44 and 45 as this access is made. */
static void look_at_chip(struct rig *rig)
{
	const uint32_t at = rig->accesses - 1;

	if (at < RIG_LOG && rig->sim.mover.state == OPP_SIM_TAKES)
		half_way[at / 32] |= 1u << at % 32;
}

/* In the middle of a byte ev 47 would leave it with nobody. */
static void test_between_bytes(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint32_t seen = 0;
	uint32_t before;

	(void)state;
	for (uint32_t i = 0; i < 60; i++) {
		stream_start_in(&stream, STREAM_FIFO_1 + i % STREAM_FIFO_CHIPS, 0, OPP_REQUEST_ECP);
		opp_1284_set_response_us(&stream.device, 45, (uint16_t)(i % 20));
		stream_say_bytes(&stream, text, 300);
		memset(half_way, 0, sizeof(half_way));
		stream.rig.disturb = look_at_chip;
		assert_int_equal(stream_read(&stream, got, 130 + i), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 130 + i);
		before = 0;
		for (uint32_t at = 0; at < stream.rig.accesses && at < RIG_LOG; at++) {
			seen |= half_way[at / 32];
			if (!log[at].write || log[at].offset != CONTROL)
				continue;
			if (before == CTL_REVERSE && (log[at].value & CTL_INIT)) /* ev 47 */
				assert_false(half_way[at / 32] & 1u << at % 32);
			before = log[at].value;
		}
	}
	assert_true(seen);
}

static void test_no_turn(void **state)
{
	(void)state;
	for (uint32_t chip = STREAM_PS2; chip <= STREAM_FIFO_16; chip += STREAM_FIFO_16) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, 100);
		stream_be_rude(&stream, 40, OPP_1284_NEVER, 0);
		assert_int_equal(stream_read(&stream, got, 100), OPP_DEVICE_PROTOCOL_ERROR);
		stream_assert_fault(&stream, OPP_DEVICE_PROTOCOL_ERROR, 40);
		assert_int_equal(stream.transfer.moved, 0);
		assert_int_equal(stream.protocol.position, OPP_AT_ECP_FORWARD);
		stream_assert_leaves(&stream);
	}
}

/* Who is busy with what it was sent is waited for; if that is too long nothing has happened. */
static void test_busy_turns(void **state)
{
	(void)state;
	for (uint32_t chip = STREAM_PS2; chip <= STREAM_FIFO_16; chip += STREAM_FIFO_16) {
		stream_start_in(&stream, chip, 0, OPP_REQUEST_ECP);
		stream_say_bytes(&stream, text, 100);
		stream_be_rude(&stream, 32, OPP_1284_LATE, 2000000);
		(void)stream_write_what(
			&stream,
			&(struct opp_write){ .bytes = text, .length = 1, .inactivity_us = 1000 });
		assert_int_equal(stream.transfer.moved, 1);
		assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = got,
									       .capacity = 100,
									       .first_us = 5000 }),
				 OPP_TIMEOUT);
		stream_assert_fault(&stream, OPP_TIMEOUT, 32);
		assert_int_equal(stream.protocol.position, OPP_AT_ECP_FORWARD);
		assert_int_equal(stream_read(&stream, got, 100), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, 100);
		assert_memory_equal(got, text, 100);
		stream_assert_polite(&stream);
	}
}

static void test_leaves_from_reverse(void **state)
{
	const struct rig_access *log = stream.rig.log;
	uint32_t at = 0;

	(void)state;
	stream_start_in(&stream, STREAM_PS2, 0, OPP_REQUEST_ECP);
	stream_say_bytes(&stream, text, 10);
	assert_int_equal(stream_read(&stream, got, 5), OPP_SUCCESS);
	assert_int_equal(stream.protocol.position, OPP_AT_ECP_REVERSE);
	rig_forget_accesses(&stream.rig);
	stream_assert_leaves(&stream);
	assert_int_equal(log[0].value, 0x26); /* ev 47 */
	while (log[at].offset != STATUS || !(log[at].value & STS_PERROR))
		at++; /* ev 49 */
	while (log[at].value != 0x0c)
		assert_int_equal(log[++at].offset, CONTROL); /* ev 50, 22 */
	stream_assert_polite(&stream);
}

static void test_bounded(void **state)
{
	uint64_t from_ns;

	(void)state;
	stream_start(&stream, STREAM_FIFO_16, 0);
	opp_negotiate_begin(&stream.transfer, &stream.protocol, OPP_REQUEST_BECP);
	assert_int_equal(stream_run(&stream), OPP_INVALID_PARAMETER);
	stream_start_in(&stream, STREAM_FIFO_16, OPP_PROTOCOL_BOUNDED_ECP, OPP_REQUEST_BECP);
	assert_int_equal(stream_write(&stream, text, 20), OPP_SUCCESS);
	assert_int_equal(stream.rig.sim.counts.writes[OPP_SIM_FIFO], 0);
	/* nobody asks for the reverse direction: it is not taken */
	assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = got,
								       .capacity = 20,
								       .first_us = 1000 }),
			 OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, 0);
	assert_int_equal(stream.device.state, OPP_1284_ECP_FORWARD);
	stream_say_bytes(&stream, text, 20);
	from_ns = stream.rig.sim.now_ns;
	assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = got,
								       .capacity = 100,
								       .first_us = STREAM_LONG,
								       .silence_us = STREAM_LONG }),
			 OPP_SUCCESS);
	assert_in_range(stream.rig.sim.now_ns - from_ns, 0, 100000000); /* it asks no more */
	assert_int_equal(stream.transfer.moved, 20);
	assert_memory_equal(got, text, 20);
	assert_int_equal(stream.protocol.position, OPP_AT_ECP_FORWARD);
	stream_assert_polite(&stream);
	stream_assert_leaves(&stream);
}

#define ID_TEXT "MFG:Acme;MDL:Laser 9 with a name that no FIFO of 16 bytes holds;CLS:PRINTER;"

/* The device id comes as any other bytes do; asked for again it starts over. */
static void test_id(void **state)
{
	const struct opp_1284_options device = {
		.modes = OPP_1284_ID_ECP,
		.device_id = ID_TEXT,
	};
	const uint8_t request = OPP_REQUEST_ECP | OPP_REQUEST_DEVICE_ID;
	const size_t length = sizeof(ID_TEXT) - 1;

	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		if (i % 2 == 0)
			stream_start_with(&stream, &stream_chips[i / 2], 0, &device);
		stream_enter(&stream, request);
		assert_int_equal(stream_read(&stream, got, 2), OPP_SUCCESS);
		assert_int_equal(got[1], length + 2);
		assert_int_equal(stream_read(&stream, got, length), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, length);
		assert_memory_equal(got, ID_TEXT, length);
		stream_assert_polite(&stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-110 P-046 every byte comes once, whatever the chip and the length",
		  test_reverse, NULL, NULL, NULL },
		{ "P-113 P-046 what is not acknowledged comes with a later read", test_pieces, NULL,
		  NULL, NULL },
		{ "P-046 P-113 a read ended anywhere loses no byte", test_cancel_reverse, NULL,
		  NULL, NULL },
		{ "P-111 event 43 has time, silence with bytes in hand ends the read", test_silence,
		  NULL, NULL, NULL },
		{ "P-105 P-106 counts are undone, whatever was negotiated", test_unpacks, NULL,
		  NULL, NULL },
		{ "P-106 P-112 a run waits for a buffer that holds it, but not for ever",
		  test_small_buffer, NULL, NULL, NULL },
		{ "P-110 P-112 a channel address waits for who asks for it", test_channel_pending,
		  NULL, NULL, NULL },
		{ "P-109 P-113 the data lines are the host's until 38 and from 49 on", test_turns,
		  NULL, NULL, NULL },
		{ "P-113 P-046 a FIFO is left between bytes", test_between_bytes, NULL, NULL,
		  NULL },
		{ "P-110 P-068 a byte without event 45 breaks the mode off", test_half_way, NULL,
		  NULL, NULL },
		{ "P-113 P-046 a byte half way is waited for", test_slow_half_way, NULL, NULL,
		  NULL },
		{ "P-111 who waits for ever may be ended", test_cancel_patient, NULL, NULL, NULL },
		{ "P-046 a FIFO that never is empty is given up", test_never_empty, NULL, NULL,
		  NULL },
		{ "P-112 an address known to be pending stops a read by FIFO",
		  test_channel_before_fifo, NULL, NULL, NULL },
		{ "P-106 a count is kept for the next read, by FIFO too", test_count_before_fifo,
		  NULL, NULL, NULL },
		{ "P-106 P-112 an address may come between a count and its byte",
		  test_channel_after_count, NULL, NULL, NULL },
		{ "P-109 event 38 has its width", test_width_of_38, NULL, NULL, NULL },
		{ "P-109 P-113 one that turns too late is not driven against", test_late_turn, NULL,
		  NULL, NULL },
		{ "P-109 a peripheral that does not turn leaves the bus to the host", test_no_turn,
		  NULL, NULL, NULL },
		{ "P-109 a busy peripheral is not turned", test_busy_turns, NULL, NULL, NULL },
		{ "P-117 P-120 a device id comes by every chip", test_id, NULL, NULL, NULL },
		{ "P-114 the mode is left from forward", test_leaves_from_reverse, NULL, NULL,
		  NULL },
		{ "bounded ECP reverses when it is asked to, by software", test_bounded, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("ecp_reverse", tests, fill, NULL);
}
