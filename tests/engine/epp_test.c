/* SPDX-License-Identifier: MIT */
/* EPP by the chip's cycles and by lines, both ways, with every chip that can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stream.h"

#define BLOCK 4096u

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u

static struct stream stream;
static uint8_t text[BLOCK];
static uint8_t got[BLOCK];

/* Chips with cycles of their own. */
static const uint32_t with_cycles[] = { STREAM_EPP_19, STREAM_EPP_17, STREAM_EPP_BLOCKED,
					STREAM_ECP_EPP };
#define WITH_CYCLES (sizeof(with_cycles) / sizeof(with_cycles[0]))

static int fill(void **state)
{
	(void)state;
	rig_fill(text, BLOCK);
	return 0;
}

/* A chip of EPP 1.7 begins a cycle whatever nWait is: only devices that are quick suit it. */
static void start(uint32_t chip, uint32_t options)
{
	stream_start(&stream, chip, options);
	stream_enter(&stream, OPP_REQUEST_EPP);
	if (chip == STREAM_EPP_17)
		opp_1284_set_response_us(&stream.device, 60, 0);
}

static enum opp_status write_address(const uint8_t *bytes, size_t length)
{
	return stream_write_what(&stream, &(struct opp_write){ .bytes = bytes,
							       .length = length,
							       .inactivity_us = 1000,
							       .address = true });
}

static enum opp_status read_address(uint8_t *bytes, size_t capacity)
{
	return stream_read_what(&stream, &(struct opp_read){ .bytes = bytes,
							     .capacity = capacity,
							     .first_us = 1000,
							     .address = true });
}

static void assert_counts_up(const uint8_t *bytes, size_t count, uint8_t from)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bytes[i], (uint8_t)(from + i));
}

/* Data and addresses, out and in; 0 bytes beyond. */
static void assert_moves(size_t length)
{
	assert_int_equal(stream_write(&stream, text, length), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, length);
	stream_assert_heard(&stream, OPP_1284_EPP_DATA, text, length);
	stream.heard_count = 0;
	assert_int_equal(write_address(text, length), OPP_SUCCESS);
	stream_assert_heard(&stream, OPP_1284_EPP_ADDRESS, text, length);
	stream.epp_data = 3;
	stream.epp_address = 200;
	assert_int_equal(stream_read(&stream, got, length), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, length);
	assert_counts_up(got, length, 3);
	assert_int_equal(stream.epp_data, (uint8_t)(3 + length));
	assert_int_equal(read_address(got, length), OPP_SUCCESS);
	assert_counts_up(got, length, 200);
	assert_int_equal(stream.epp_address, (uint8_t)(200 + length));
	assert_int_equal(stream.rig.sim.connector.wires.control, 0x0f);
	assert_int_equal(stream.rig.sim.control_latch, 0x04);
	stream_assert_polite(&stream);
}

static void test_moves(void **state)
{
	static const uint32_t options[] = { 0, OPP_PROTOCOL_SOFTWARE_EPP, OPP_PROTOCOL_EPP_WIDE,
					    OPP_PROTOCOL_EPP_17 };

	(void)state;
	for (uint32_t i = 0; i < 4 * STREAM_CHIPS; i++) {
		for (size_t length = 1; length <= BLOCK; length = length * 3 + 1) {
			start(i / 4, options[i % 4]);
			assert_moves(length);
			stream_assert_leaves(&stream);
		}
	}
}

static void test_control(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < WITH_CYCLES; i++) {
		const struct rig_access *log = stream.rig.log;
		uint8_t control = 0x04;
		uint32_t cycles = 0;

		start(with_cycles[i], 0);
		assert_moves(20);
		for (uint32_t at = 0; at < stream.rig.accesses; at++) {
			if (log[at].write && log[at].offset == CONTROL)
				control = log[at].value;
			if (log[at].offset != 3 && log[at].offset != 4)
				continue;
			assert_int_equal(control, log[at].write ? 0x04 : 0x24);
			cycles++;
		}
		assert_int_equal(cycles, 80);
	}
}

/* The device stops after k bytes: so many have moved, and the chip is as good as new. */
static void test_timeouts(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		for (size_t taken = 0; taken < 150; taken += taken < 20 ? 1 : 31) {
			const uint32_t options = i % 2 ? OPP_PROTOCOL_SOFTWARE_EPP : 0;

			start(i / 2, options);
			if (taken > 0)
				assert_int_equal(stream_write(&stream, text, taken), OPP_SUCCESS);
			stream_be_rude(&stream, 58, OPP_1284_NEVER, 0);
			assert_int_equal(stream_write(&stream, text + taken, 200), OPP_TIMEOUT);
			assert_int_equal(stream.transfer.moved, 0);
			stream_assert_fault(&stream, OPP_TIMEOUT, 58);
			assert_int_equal(stream.transfer.fault.phase, OPP_PHASE_WRITE);
			assert_int_equal(stream_read(&stream, got, 10), OPP_SUCCESS);
			stream_assert_heard(&stream, OPP_1284_EPP_DATA, text, taken);
			assert_int_equal(stream.rig.sim.control_latch, 0x04);
			stream_assert_leaves(&stream);
		}
	}
}

static size_t stop_after;

/* Unplugged in the middle of a transfer. */
static void unplug(struct rig *rig)
{
	if (stream.heard_count == stop_after || stream.epp_data == stop_after) {
		opp_sim_detach(&rig->sim);
		rig->disturb = NULL;
	}
}

static void test_unplugged(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		/* to a chip of EPP 1.7 a line that floats is an answer */
		for (stop_after = 1; i != 2 * STREAM_EPP_17 && stop_after < 150; stop_after += 7) {
			start(i / 2, i % 2 ? OPP_PROTOCOL_SOFTWARE_EPP : 0);
			stream.rig.disturb = unplug;
			assert_int_equal(stream_write(&stream, text, 200), OPP_TIMEOUT);
			assert_in_range(stream.transfer.moved, stop_after - 1, stop_after);
			assert_int_equal(stream.heard_count, stop_after);
			assert_int_equal(stream.rig.sim.control_latch, 0x04);
		}
	}
}

/* DATA, strobe, nWait high, strobe high, nWait low: the order of the chip's own cycle. */
static void test_order(void **state)
{
	const struct rig_access *log = stream.rig.log;

	(void)state;
	start(STREAM_PS2, 0);
	opp_1284_set_response_us(&stream.device, OPP_1284_EVERY_EVENT, 0);
	assert_int_equal(stream_write(&stream, text, 100), OPP_SUCCESS);
	assert_int_equal(stream.rig.accesses, 1 + 5 * 100 + 1);
	assert_int_equal(log[0].offset, STATUS);
	for (uint32_t i = 0; i < 100; i++) {
		const struct rig_access *cycle = &log[1 + 5 * i];

		assert_int_equal(cycle[0].offset, DATA);
		assert_int_equal(cycle[0].value, text[i]);
		assert_int_equal(cycle[1].value, 0x07); /* ev 62 */
		assert_true(cycle[1].write && cycle[3].write);
		assert_false(cycle[2].value & 0x80);    /* ev 58 */
		assert_int_equal(cycle[3].value, 0x05); /* ev 63 */
		assert_true(cycle[4].value & 0x80);     /* ev 60 */
	}
	assert_int_equal(log[501].value, 0x04); /* ev 61 */
	rig_forget_accesses(&stream.rig);
	assert_int_equal(read_address(got, 1), OPP_SUCCESS);
	assert_int_equal(log[1].value, 0x24);
	assert_int_equal(log[2].value, 0x2c); /* ev 64 */
	assert_false(log[3].value & 0x80);    /* ev 58 */
	assert_int_equal(log[4].offset, DATA);
	assert_int_equal(log[5].value, 0x24); /* ev 59 */
	assert_true(log[6].value & 0x80);     /* ev 60 */
	assert_int_equal(log[7].value, 0x04);
	assert_int_equal(stream.rig.accesses, 8);
	stream_assert_polite(&stream);
}

static void test_late_answers(void **state)
{
	static const uint8_t events[] = { 58, 60 };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		start(STREAM_PS2, 0);
		stream_be_rude(&stream, events[i], OPP_1284_LATE, 30000);
		assert_int_equal(stream_write(&stream, text, 10), OPP_SUCCESS);
		stream_assert_heard(&stream, OPP_1284_EPP_DATA, text, 10);
		stream_be_rude(&stream, events[i], OPP_1284_NEVER, 0);
		assert_int_equal(stream_write(&stream, text, 10), OPP_TIMEOUT);
		assert_int_equal(stream.transfer.moved, 0);
		stream_assert_fault(&stream, OPP_TIMEOUT, events[i]);
	}
}

/* The first cycle waits for nWait low as long as the caller does; EPP 1.7 does not wait. */
static void test_rest(void **state)
{
	static const struct opp_1284_rudeness high = {
		.event = 60, .what = OPP_1284_GLITCH, .us = 5000, .mask = OPP_LINE_BUSY
	};

	(void)state;
	for (uint32_t chip = STREAM_PS2; chip <= STREAM_EPP_19; chip++) {
		start(chip, 0);
		assert_true(opp_1284_be_rude(&stream.device, &high));
		(void)stream_write_what(
			&stream,
			&(struct opp_write){ .bytes = text, .length = 1, .inactivity_us = 100 });
		rig_pass_ns(&stream.rig, 20000000);
		stream.heard_count = 0;
		assert_true(opp_1284_be_rude(&stream.device, &high));
		assert_int_equal(stream_write(&stream, text, 1), OPP_SUCCESS);
		assert_int_equal(
			stream_write_what(&stream, &(struct opp_write){ .bytes = text,
									.length = 5,
									.inactivity_us = 10000 }),
			OPP_SUCCESS);
		stream_assert_polite(&stream);
	}
}

/* A peripheral of EPP 1.7: nWait falls in a while, or stays where it is. */
static void test_17_by_lines(void **state)
{
	static const struct opp_1284_rudeness stays = { .event = 60,
							.what = OPP_1284_WRONG,
							.always = true,
							.mask = OPP_LINE_BUSY,
							.levels = OPP_LINE_BUSY };

	(void)state;
	for (uint16_t us = 0; us <= 10; us++) {
		start(STREAM_PS2, OPP_PROTOCOL_EPP_17);
		opp_1284_set_response_us(&stream.device, 60, us);
		assert_moves(50);
	}
	start(STREAM_PS2, OPP_PROTOCOL_EPP_17);
	opp_1284_set_response_us(&stream.device, OPP_1284_EVERY_EVENT, 0);
	assert_true(opp_1284_be_rude(&stream.device, &stays));
	assert_moves(50);
	stream_assert_fault(&stream, OPP_SUCCESS, 0);
}

/* The device drives the data lines until event 60; the host's latch has other bits. */
static void read_until_60(uint32_t chip, uint32_t options, enum opp_1284_misdeed what)
{
	start(chip, options);
	stream.rig.hw->ops->write_data(stream.rig.hw, 0xff);
	assert_int_equal(stream_read(&stream, got, 5), OPP_SUCCESS);
	stream_be_rude(&stream, 60, what, 30000);
	assert_int_equal(stream_read(&stream, got, 1),
			 what == OPP_1284_NEVER ? OPP_TIMEOUT : OPP_SUCCESS);
}

static void test_bus_until_60(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		const uint32_t options = i % 2 ? OPP_PROTOCOL_SOFTWARE_EPP : 0;

		read_until_60(i / 2, options, OPP_1284_LATE);
		stream_assert_polite(&stream);
		assert_int_equal(stream.rig.sim.control_latch, 0x04);
		stream_assert_leaves(&stream);
		read_until_60(i / 2, options, OPP_1284_NEVER);
		stream_assert_fault(&stream, OPP_TIMEOUT, 60);
		stream_assert_polite(&stream);
		assert_int_equal(stream.protocol.position, OPP_AT_BROKEN_OFF);
		assert_int_equal(stream.rig.sim.control_latch, 0x24);
		assert_int_equal(stream_read(&stream, got, 1), OPP_INVALID_DEVICE_STATE);
		stream_assert_leaves(&stream);
		stream_assert_polite(&stream);
	}
}

/* A slow device holds the processor up; a step ends all the same. */
static void test_slow_cycles(void **state)
{
	static const uint32_t options[] = { 0, OPP_PROTOCOL_EPP_WIDE };
	static const uint32_t access_ns[] = { STREAM_ISA_NS, 0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		uint64_t before_ns;

		start(STREAM_EPP_19, options[i % 2]);
		stream.rig.hw->access_ns = access_ns[i / 2];
		opp_1284_set_response_us(&stream.device, 58, 8);
		opp_write_begin(
			&stream.transfer, &stream.protocol,
			&(struct opp_write){ .bytes = text, .length = BLOCK, .inactivity_us = 1 });
		do {
			before_ns = stream.rig.sim.now_ns;
			(void)opp_transfer_step(&stream.transfer, stream.rig.hw,
						stream.rig.sim.now_ns / 1000, RIG_BUDGET_NS);
			/* a block more than the budget */
			assert_in_range(stream.rig.sim.now_ns - before_ns, 0, 2 * RIG_BUDGET_NS);
		} while (stream.transfer.status == OPP_PENDING);
		assert_int_equal(stream.transfer.status, OPP_SUCCESS);
		stream_assert_heard(&stream, OPP_1284_EPP_DATA, text, BLOCK);
	}
}

static void test_interrupt_enable(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < WITH_CYCLES; i++) {
		start(with_cycles[i], 0);
		stream.rig.hw->ops->enable_interrupt(stream.rig.hw, true);
		rig_forget_accesses(&stream.rig);
		assert_int_equal(stream_write(&stream, text, 5), OPP_SUCCESS);
		assert_int_equal(stream_read(&stream, got, 5), OPP_SUCCESS);
		for (uint32_t at = 0; at < stream.rig.accesses; at++)
			if (stream.rig.log[at].write && stream.rig.log[at].offset == CONTROL)
				assert_true(stream.rig.log[at].value & 0x10);
		assert_int_equal(stream.rig.sim.control_latch, 0x14);
	}
}

static void test_unasked(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start(&stream, chip, 0);
		stream_enter_epp(&stream);
		assert_int_equal(stream.protocol.mode, OPP_MODE_EPP);
		assert_int_equal(stream.protocol.position, OPP_AT_EPP_IDLE);
		assert_int_equal(stream.rig.sim.control_latch, 0x04);
		assert_int_equal(stream.device.state, OPP_1284_DESELECTED);
		stream_assert_leaves(&stream);
		start(chip, 0);
		stream_enter_epp(&stream);
		assert_int_equal(stream.rig.sim.control_latch, 0x04);
		stream_assert_leaves(&stream);
	}
}

static uint32_t end_at;

static void end_it(struct rig *rig)
{
	if (rig->accesses == end_at)
		opp_transfer_end(&stream.transfer, OPP_CANCELLED);
}

static void test_cancel(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2 * STREAM_CHIPS; i++) {
		for (end_at = 1; end_at < 300; end_at += 7) {
			start(i / 2, i % 2 ? OPP_PROTOCOL_SOFTWARE_EPP : 0);
			stream.rig.disturb = end_it;
			assert_int_equal(stream_write(&stream, text, BLOCK), OPP_CANCELLED);
			stream_assert_heard(&stream, OPP_1284_EPP_DATA, text,
					    stream.transfer.moved);
			stream_assert_polite(&stream);
			stream_assert_leaves(&stream);
		}
	}
}

static void test_budgets(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < WITH_CYCLES; i++) {
		start(with_cycles[i], 0);
		opp_1284_set_response_us(&stream.device, OPP_1284_EVERY_EVENT, 0);
		assert_int_equal(stream_write(&stream, text, BLOCK), OPP_SUCCESS);
		assert_in_range(stream.rig.accesses, BLOCK, BLOCK * 102 / 100);
		rig_forget_accesses(&stream.rig);
		assert_int_equal(stream_read(&stream, got, BLOCK), OPP_SUCCESS);
		assert_in_range(stream.rig.accesses, BLOCK, BLOCK * 102 / 100);
		stream.protocol.options = OPP_PROTOCOL_EPP_WIDE;
		rig_forget_accesses(&stream.rig);
		assert_int_equal(stream_write(&stream, text, BLOCK), OPP_SUCCESS);
		assert_in_range(stream.rig.accesses, BLOCK / 4, BLOCK * 27 / 100);
	}
}

static void test_no_reverse(void **state)
{
	(void)state;
	stream_start_with(&stream, &(struct opp_sim_options){ .chip = OPP_SIM_SPP }, 0,
			  &(struct opp_1284_options){ .modes = OPP_1284_EPP });
	stream_enter(&stream, OPP_REQUEST_EPP);
	assert_int_equal(stream_write(&stream, text, 20), OPP_SUCCESS);
	stream_assert_heard(&stream, OPP_1284_EPP_DATA, text, 20);
	assert_int_equal(stream_read(&stream, got, 20), OPP_INVALID_DEVICE_REQUEST);
	stream_assert_leaves(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-101 data and addresses, out and in, by every chip and by lines", test_moves,
		  NULL, NULL, NULL },
		{ "P-092 CTL is 0x04 for hardware writes and 0x24 for hardware reads", test_control,
		  NULL, NULL, NULL },
		{ "P-097 the byte that is not answered does not count, and the next may",
		  test_timeouts, NULL, NULL, NULL },
		{ "P-097 unplugged anywhere, the count is right to the byte under way",
		  test_unplugged, NULL, NULL, NULL },
		{ "P-101 by lines: 62 or 56, 58, 63 or 59, 60, in five accesses", test_order, NULL,
		  NULL, NULL },
		{ "P-097 by lines: late answers are waited for, missing ones end the write",
		  test_late_answers, NULL, NULL, NULL },
		{ "nWait is waited for before the first cycle", test_rest, NULL, NULL, NULL },
		{ "EPP 1.7 by lines: nWait may fall late or rest high", test_17_by_lines, NULL,
		  NULL, NULL },
		{ "the data lines of a read are the device's until event 60", test_bus_until_60,
		  NULL, NULL, NULL },
		{ "a step ends in time though every cycle is slow", test_slow_cycles, NULL, NULL,
		  NULL },
		{ "P-011 cycles leave the interrupt enable as it is", test_interrupt_enable, NULL,
		  NULL, NULL },
		{ "EPP without negotiation ends by a reset", test_unasked, NULL, NULL, NULL },
		{ "ended anywhere, the count is what the device has", test_cancel, NULL, NULL,
		  NULL },
		{ "a cycle is an access, with little else", test_budgets, NULL, NULL, NULL },
		{ "a port without reversible lines writes only", test_no_reverse, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("epp", tests, fill, NULL);
}
