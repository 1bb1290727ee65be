/* SPDX-License-Identifier: MIT */
/*
 * Compatibility mode, chip driver and printer together in virtual time: what
 * reaches the paper, what the wires show, what a caller is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rig.h"

#define DATA       0u
#define STATUS     1u
#define CONTROL    2u
#define ISA_NS     1000u
#define LONG_US    10000000u
#define ALL_ORDERS 3
#define BYTES      1000u

static struct rig rig;
static struct opp_transfer transfer;
static uint8_t text[RIG_PAGE];

static struct opp_protocol protocol;

static void begin(size_t length, uint64_t inactivity_us, uint64_t fault_us)
{
	opp_protocol_init(&protocol, 0);
	opp_write_begin(&transfer, &protocol,
			&(struct opp_write){ .bytes = text,
					     .length = length,
					     .inactivity_us = inactivity_us,
					     .fault_us = fault_us });
}

static int fill_text(void **state)
{
	(void)state;
	rig_fill(text, sizeof(text));
	return 0;
}

static int start(void **state)
{
	(void)state;
	rig_start_printing(&rig, NULL, ISA_NS);
	return 0;
}

static void start_as(struct opp_centronics_options options)
{
	rig_start_printing(&rig, &options, ISA_NS);
}

static enum opp_status write_text(size_t length, uint64_t inactivity_us, uint64_t fault_us)
{
	begin(length, inactivity_us, fault_us);
	return rig_run(&rig, &transfer, RIG_BUDGET_NS);
}

/* The printer has @count bytes, in order, and the host behaved. */
static void assert_printed(size_t count)
{
	rig_pass_ns(&rig, 1000000);
	assert_int_equal(rig.printed, count);
	assert_memory_equal(rig.page, text, count);
	assert_int_equal(rig_host_errors(&rig), 0);
}

static void test_accesses(void **state)
{
	(void)state;
	assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
	assert_printed(BYTES);
	assert_int_equal(rig.sim.counts.reads[STATUS], BYTES);
	assert_int_equal(rig.sim.counts.writes[DATA], BYTES);
	assert_int_equal(rig.sim.counts.writes[CONTROL], 2 * BYTES);
	assert_int_equal(rig.accesses, 4 * BYTES);
	assert_int_equal(rig.hw->accesses, 4 * BYTES);
	assert_int_equal(rig.stalled_ns, 0);
}

static void test_orders(void **state)
{
	static const uint32_t widths[] = { 500, 3000, 10000 };
	static const uint32_t speeds[] = { 0, 100000, 5000 };

	(void)state;
	for (uint32_t i = 0; i < ALL_ORDERS * 3 * 3; i++) {
		start_as((struct opp_centronics_options){
			.ack_order = (enum opp_sim_ack_order)(i % ALL_ORDERS),
			.ack_ns = widths[i / 3 % 3],
			.characters_per_second = speeds[i / 9],
		});
		assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
		assert_printed(BYTES);
	}
}

static void test_long_busy(void **state)
{
	uint8_t buffer[512];

	(void)state;
	start_as((struct opp_centronics_options){
		.busy_every_bytes = 64,
		.busy_extra_us = 100000,
		.characters_per_second = 1000,
		.buffer = buffer,
		.buffer_bytes = sizeof(buffer),
	});
	assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
	rig_pass_ns(&rig, UINT64_C(1000000000));
	assert_printed(BYTES);
}

/* A small generator of our own, so that a failure repeats. */
static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % limit;
}

static void fault_at_random(struct rig *r)
{
	static const uint32_t conditions[] = { 0, OPP_CENTRONICS_PAPER_OUT, OPP_CENTRONICS_OFF_LINE,
					       OPP_CENTRONICS_ERROR };

	if (random_below(50) == 0)
		opp_centronics_set_conditions(&r->printer, conditions[random_below(4)]);
}

static void test_strobe_only_when_ready(void **state)
{
	uint8_t seen = 0;
	uint32_t strobes = 0;
	uint32_t refusals = 0;

	(void)state;
	random_state = 1284;
	start_as((struct opp_centronics_options){ .characters_per_second = 50000 });
	rig.disturb = fault_at_random;
	assert_int_equal(write_text(100, UINT64_MAX, UINT64_MAX), OPP_SUCCESS);
	assert_in_range(rig.accesses, 1, RIG_LOG);
	for (uint32_t i = 0; i < rig.accesses; i++) {
		const struct rig_access *access = &rig.log[i];

		if (access->offset == STATUS) {
			seen = access->value & 0x88;
			refusals += seen != 0x88;
		} else if (access->offset == CONTROL && (access->value & 1)) {
			assert_int_equal(seen, 0x88);
			seen = 0;
			strobes++;
		}
	}
	assert_int_equal(strobes, 100);
	assert_true(refusals > 100);
	rig.disturb = NULL;
	opp_centronics_set_conditions(&rig.printer, 0);
	assert_printed(100);
}

static uint64_t access_ns(uint32_t number)
{
	return rig.log[number].at_ns;
}

static void test_pulses(void **state)
{
	static const uint32_t access_lengths[] = { 0, 1, 100, 700, 749, 750, 751, 1000, 3000 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(access_lengths) / sizeof(access_lengths[0]); i++) {
		rig_start_printing(&rig, NULL, access_lengths[i]);
		assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
		assert_printed(BYTES);
		assert_int_equal(rig.accesses, 4 * BYTES);
		for (uint32_t n = 0; n + 5 < 4 * BYTES; n += 4) {
			/* status, data, strobe low, strobe high, status, data */
			assert_true(access_ns(n + 2) - access_ns(n + 1) >= 750);
			assert_true(access_ns(n + 3) - access_ns(n + 2) >= 750);
			assert_true(access_ns(n + 3) - access_ns(n + 2) <= 500000);
			assert_true(access_ns(n + 5) - access_ns(n + 3) >= 750);
		}
		assert_int_equal(rig.stalled_ns != 0, access_lengths[i] < 750);
	}
}

/* @line: Busy, PError, Select, nFault as a number, Busy first. */
static uint8_t status_lines(uint32_t line)
{
	return (uint8_t)((line & 8 ? OPP_LINE_BUSY : 0) | (line & 4 ? OPP_LINE_PERROR : 0) |
			 (line & 2 ? OPP_LINE_SELECT : 0) | (line & 1 ? OPP_LINE_NFAULT : 0));
}

static void test_line_faults(void **state)
{
	static const enum opp_status expected[16] = {
		/* Busy low */
		OPP_DEVICE_POWERED_OFF,
		OPP_SUCCESS, /* PError low, Select low */
		OPP_IO_DEVICE_ERROR,
		OPP_SUCCESS, /* PError low, Select high */
		OPP_DEVICE_PAPER_EMPTY,
		OPP_SUCCESS, /* PError high, Select low */
		OPP_DEVICE_PAPER_EMPTY,
		OPP_SUCCESS, /* PError high, Select high */
		/* Busy high */
		OPP_DEVICE_OFF_LINE,
		OPP_SUCCESS, /* PError low, Select low */
		OPP_IO_DEVICE_ERROR,
		OPP_SUCCESS, /* PError low, Select high */
		OPP_DEVICE_PAPER_EMPTY,
		OPP_SUCCESS, /* PError high, Select low */
		OPP_DEVICE_PAPER_EMPTY,
		OPP_DEVICE_NOT_CONNECTED,
	};

	(void)state;
	for (uint32_t line = 0; line < 16; line++) {
		assert_int_equal(opp_line_fault(status_lines(line)), expected[line]);
		assert_int_equal(opp_line_fault(status_lines(line) | OPP_LINE_NACK),
				 expected[line]);
	}
}

static void test_faults_told_apart(void **state)
{
	static const struct {
		uint32_t conditions;
		enum opp_status status;
	} cases[] = {
		{ OPP_CENTRONICS_PAPER_OUT, OPP_DEVICE_PAPER_EMPTY },
		{ OPP_CENTRONICS_OFF_LINE, OPP_DEVICE_OFF_LINE },
		{ OPP_CENTRONICS_ERROR, OPP_IO_DEVICE_ERROR },
		{ OPP_CENTRONICS_POWERED_OFF, OPP_DEVICE_POWERED_OFF },
		{ OPP_CENTRONICS_PAPER_OUT | OPP_CENTRONICS_OFF_LINE, OPP_DEVICE_PAPER_EMPTY },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(NULL);
		opp_centronics_set_conditions(&rig.printer, cases[i].conditions);
		assert_int_equal(write_text(10, LONG_US, 0), cases[i].status);
		assert_int_equal(transfer.moved, 0);
		assert_int_equal(transfer.fault.status, cases[i].status);
		assert_int_equal(rig.sim.counts.writes[DATA], 0);
	}
	start(NULL);
	opp_sim_detach(&rig.sim);
	assert_int_equal(write_text(10, LONG_US, 0), OPP_DEVICE_NOT_CONNECTED);
}

static void test_timeout(void **state)
{
	(void)state;
	for (uint32_t taken = 1; taken < 100; taken++) {
		uint64_t from_us;
		uint64_t took_us;

		/* long after the time-out the printer would go on */
		start_as((struct opp_centronics_options){ .busy_every_bytes = taken,
							  .busy_extra_us = 4000000 });
		from_us = rig.sim.now_ns / 1000;
		assert_int_equal(write_text(BYTES, 500000, 0), OPP_TIMEOUT);
		took_us = rig.sim.now_ns / 1000 - from_us;
		assert_int_equal(transfer.moved, taken);
		assert_in_range(took_us, 500000, 501000);
		assert_int_equal(transfer.fault.status, OPP_TIMEOUT);
		assert_true(rig_is_idle(&rig));
		rig_pass_ns(&rig, UINT64_C(5000000000));
		assert_printed(taken);
	}
}

static void test_exits_idle(void **state)
{
	static const uint32_t conditions[] = { 0, OPP_CENTRONICS_OFF_LINE, 0 };

	(void)state;
	for (uint32_t way = 0; way < 3; way++) {
		start(NULL);
		/* what a client of the registers might have left: event 1 levels, inputs */
		rig.hw->ops->enable_interrupt(rig.hw, true);
		rig.hw->ops->write_control(rig.hw, OPP_CONTROL_LINES,
					   OPP_LINE_NSTROBE | OPP_LINE_NINIT | OPP_LINE_NSELECTIN);
		rig.hw->ops->set_reverse(rig.hw, true);
		rig_forget_accesses(&rig);
		opp_centronics_set_conditions(&rig.printer, conditions[way]);
		begin(10, 1000, 1000);
		if (way == 2)
			opp_transfer_end(&transfer, OPP_CANCELLED);
		rig_run(&rig, &transfer, RIG_BUDGET_NS);
		assert_int_equal(rig.sim.control_latch, 0x1c);
		for (uint32_t i = 0; i < rig.accesses; i++)
			assert_true(rig.log[i].offset != CONTROL || rig.log[i].value & 0x10);
		assert_printed(way == 0 ? 10 : 0);
		assert_int_equal(rig.interrupts, rig.printed);
	}
}

static void test_budget(void **state)
{
	static const uint32_t budgets[] = { 0, 1, 3999, 4000, 4001, 20000, 50000, UINT32_MAX };

	(void)state;
	for (uint32_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
		const uint32_t most = budgets[i] < 8000 ? 4 : budgets[i] / 1000;
		enum opp_step step = OPP_STEP_AGAIN;

		start(NULL);
		begin(BYTES, LONG_US, 0);
		while (step != OPP_STEP_DONE) {
			const uint32_t before = rig.accesses;

			step = opp_transfer_step(&transfer, rig.hw, rig.sim.now_ns / 1000,
						 budgets[i]);
			assert_int_not_equal(step, OPP_STEP_WAIT);
			assert_in_range(rig.accesses - before, 4, most);
			assert_true(rig.sim.connector.wires.control & OPP_LINE_NSTROBE);
		}
		assert_int_equal(transfer.status, OPP_SUCCESS);
		assert_printed(BYTES);
	}
}

static void test_cancel(void **state)
{
	(void)state;
	for (uint32_t after = 0; after < 50; after++) {
		start(NULL);
		begin(BYTES, LONG_US, 0);
		for (uint32_t i = 0; i < after; i++)
			opp_transfer_step(&transfer, rig.hw, rig.sim.now_ns / 1000, 0);
		opp_transfer_end(&transfer, OPP_KICKED);
		opp_transfer_end(&transfer, OPP_CANCELLED);
		assert_int_equal(rig_run(&rig, &transfer, RIG_BUDGET_NS), OPP_KICKED);
		assert_int_equal(transfer.moved, after);
		assert_int_equal(rig.sim.counts.reads[STATUS], after);
		assert_true(rig_is_idle(&rig));
		assert_printed(after);
	}
}

static void test_cancel_too_late(void **state)
{
	(void)state;
	assert_int_equal(write_text(5, LONG_US, 0), OPP_SUCCESS);
	opp_transfer_end(&transfer, OPP_CANCELLED);
	assert_int_equal(rig_run(&rig, &transfer, 0), OPP_SUCCESS);
	assert_int_equal(rig.accesses, 20);
}

static void test_nothing_to_send(void **state)
{
	(void)state;
	rig.hw->ops->write_control(rig.hw, OPP_CONTROL_LINES, 0);
	rig_forget_accesses(&rig);
	opp_sim_detach(&rig.sim);
	assert_int_equal(write_text(0, 0, 0), OPP_SUCCESS);
	assert_int_equal(rig.accesses, 0);
}

static enum opp_step step_at(uint64_t now_us)
{
	opp_sim_advance_to(&rig.sim, now_us * 1000);
	return opp_transfer_step(&transfer, rig.hw, now_us, RIG_BUDGET_NS);
}

static void test_fault_waits(void **state)
{
	(void)state;
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_PAPER_OUT);
	begin(10, 1000, 60000000);
	assert_int_equal(step_at(1000), OPP_STEP_WAIT);
	assert_false(transfer.wait.poll);
	assert_in_range(transfer.wait.until_us, 1500, 101000);
	assert_int_equal(step_at(60000999), OPP_STEP_WAIT);
	assert_int_equal(transfer.wait.until_us, 60001000);
	assert_int_equal(step_at(60001000), OPP_STEP_DONE);
	assert_int_equal(transfer.status, OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(transfer.fault.time_us, 1000);
}

/* Paper comes in time; the printer then warms up for a while without showing a fault. */
static void test_fault_mended(void **state)
{
	(void)state;
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_PAPER_OUT);
	begin(10, 1000000, 60000000);
	assert_int_equal(step_at(0), OPP_STEP_WAIT);
	opp_centronics_set_conditions(&rig.printer, 0);
	opp_sim_drive_status(&rig.sim.connector, OPP_LINE_BUSY | OPP_LINE_SELECT | OPP_LINE_NFAULT);
	assert_int_equal(step_at(50000000), OPP_STEP_WAIT);
	assert_int_equal(step_at(52000000), OPP_STEP_WAIT);
	opp_sim_drive_status(&rig.sim.connector, OPP_LINE_SELECT | OPP_LINE_NFAULT | OPP_LINE_NACK);
	assert_int_equal(step_at(52000001), OPP_STEP_DONE);
	assert_int_equal(transfer.status, OPP_SUCCESS);
	assert_int_equal(transfer.fault.status, OPP_DEVICE_PAPER_EMPTY);
	assert_printed(10);
}

/* What one byte suffered is not held against the next. */
static void test_stalls_apart(void **state)
{
	(void)state;
	start_as((struct opp_centronics_options){ .busy_every_bytes = 1,
						  .busy_extra_us = 90000000 });
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_OFF_LINE);
	begin(10, 1000000, 60000000);
	assert_int_equal(step_at(1000), OPP_STEP_WAIT);
	opp_centronics_set_conditions(&rig.printer, 0);
	assert_int_equal(step_at(2000), OPP_STEP_WAIT);
	assert_int_equal(transfer.moved, 1);
	assert_int_equal(step_at(1001999), OPP_STEP_WAIT);
	assert_int_equal(step_at(1003000), OPP_STEP_DONE);
	assert_int_equal(transfer.status, OPP_TIMEOUT);
}

/* Lines that flicker between a fault and plain Busy do not hold a transfer for ever. */
static void test_flicker(void **state)
{
	uint64_t now_us = 0;
	uint32_t turn = 0;

	(void)state;
	begin(10, 1000000, 1000000);
	do {
		opp_sim_drive_status(&rig.sim.connector, turn++ % 2
								 ? OPP_LINE_BUSY | OPP_LINE_NFAULT
								 : OPP_LINE_BUSY | OPP_LINE_PERROR);
		now_us += 100;
		assert_true(now_us < 3000000);
	} while (step_at(now_us) == OPP_STEP_WAIT);
	assert_int_equal(transfer.status, OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(transfer.moved, 0);
}

static void test_first_fault(void **state)
{
	(void)state;
	assert_int_equal(step_at(10), OPP_STEP_DONE);
	begin(10, 1000, 1000);
	opp_sim_drive_status(&rig.sim.connector, OPP_LINE_BUSY | OPP_LINE_PERROR | OPP_LINE_NACK);
	assert_int_equal(step_at(1000), OPP_STEP_WAIT);
	opp_sim_drive_status(&rig.sim.connector, OPP_LINE_BUSY);
	assert_int_equal(step_at(2000), OPP_STEP_DONE);
	assert_int_equal(transfer.status, OPP_DEVICE_OFF_LINE);
	assert_int_equal(transfer.fault.status, OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(transfer.fault.status_lines,
			 OPP_LINE_BUSY | OPP_LINE_PERROR | OPP_LINE_NACK);
	assert_int_equal(transfer.fault.control_lines, OPP_CONTROL_IDLE);
	assert_int_equal(transfer.fault.phase, OPP_PHASE_COMPAT_READY);
	assert_int_equal(transfer.fault.event, OPP_NO_EVENT);
	assert_int_equal(transfer.fault.time_us, 1000);
}

static void test_waits(void **state)
{
	uint64_t now_us = 0;
	uint32_t looks = 0;

	(void)state;
	opp_sim_drive_status(&rig.sim.connector, OPP_LINE_BUSY | OPP_LINE_NFAULT);
	begin(10, LONG_US, 0);
	for (; now_us < 500; now_us += 100) {
		assert_int_equal(step_at(now_us), OPP_STEP_WAIT);
		assert_true(transfer.wait.poll);
		assert_int_equal(transfer.wait.until_us, 500);
	}
	while (step_at(now_us) == OPP_STEP_WAIT) {
		assert_false(transfer.wait.poll);
		assert_true(transfer.wait.until_us > now_us);
		/* never later than a quarter of the time waited, nor than 100 ms */
		assert_true(transfer.wait.until_us - now_us <= now_us / 4 + 500);
		assert_true(transfer.wait.until_us - now_us <= 100000);
		now_us = transfer.wait.until_us;
		looks++;
	}
	assert_int_equal(now_us, LONG_US);
	assert_true(looks < 150);
	assert_int_equal(transfer.status, OPP_TIMEOUT);
}

static void test_clock_behind_budget(void **state)
{
	uint8_t buffer[4];

	(void)state;
	start_as((struct opp_centronics_options){
		.characters_per_second = 1000, .buffer = buffer, .buffer_bytes = sizeof(buffer) });
	begin(10, LONG_US, 0);
	assert_int_equal(step_at(0), OPP_STEP_WAIT);
	assert_true(transfer.moved > 1);
	/* the bytes took less time than a step counts for them */
	assert_int_equal(step_at(0), OPP_STEP_WAIT);
	assert_true(transfer.wait.poll);
	assert_in_range(transfer.wait.until_us, 1, 500);
}

static void test_for_ever(void **state)
{
	(void)state;
	opp_sim_drive_status(&rig.sim.connector, OPP_LINE_BUSY | OPP_LINE_NFAULT);
	begin(10, UINT64_MAX, UINT64_MAX);
	for (uint64_t now_us = 1; now_us < UINT64_C(1000000000000); now_us *= 3) {
		assert_int_equal(step_at(now_us), OPP_STEP_WAIT);
		assert_in_range(transfer.wait.until_us - now_us, 1, 100000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-053 exactly four register accesses a byte on a ready printer", test_accesses,
		  start, NULL, NULL },
		{ "P-052 prints whatever the order, width and speed of the acknowledge",
		  test_orders, NULL, NULL, NULL },
		{ "prints through long Busy and a full buffer", test_long_busy, NULL, NULL, NULL },
		{ "P-048 nStrobe falls only after a look at Busy low and nFault high",
		  test_strobe_only_when_ready, NULL, NULL, NULL },
		{ "P-049 P-053 750 ns of setup, strobe and hold however fast an access is",
		  test_pulses, NULL, NULL, NULL },
		{ "P-054 each combination of lines means its fault, none while nFault is high",
		  test_line_faults, NULL, NULL, NULL },
		{ "P-054 paper out, off-line, error, power and cable are told apart",
		  test_faults_told_apart, NULL, NULL, NULL },
		{ "P-055 a time-out returns the exact number of bytes strobed", test_timeout, NULL,
		  NULL, NULL },
		{ "P-011 every end leaves CTL 0x0c, direction out and CTL.4 as it was",
		  test_exits_idle, NULL, NULL, NULL },
		{ "a step keeps its budget and never ends inside the strobe", test_budget, NULL,
		  NULL, NULL },
		{ "P-055 an end asked for comes before the next byte, the first reason counts",
		  test_cancel, NULL, NULL, NULL },
		{ "an end asked for after the last byte changes nothing", test_cancel_too_late,
		  start, NULL, NULL },
		{ "nothing to send touches no register", test_nothing_to_send, start, NULL, NULL },
		{ "a fault lasts its time, then ends the transfer", test_fault_waits, start, NULL,
		  NULL },
		{ "a fault that mends in time ends nothing", test_fault_mended, start, NULL, NULL },
		{ "each byte has time-outs of its own", test_stalls_apart, start, NULL, NULL },
		{ "flickering lines end in bounded time", test_flicker, start, NULL, NULL },
		{ "the first fault is kept", test_first_fault, start, NULL, NULL },
		{ "a brief Busy after fast bytes is polled, not slept through",
		  test_clock_behind_budget, start, NULL, NULL },
		{ "waits are polled at first, then slept, longer and longer", test_waits, start,
		  NULL, NULL },
		{ "no time-out means for ever", test_for_ever, start, NULL, NULL },
	};

	return cmocka_run_group_tests_name("compat", tests, fill_text, NULL);
}
