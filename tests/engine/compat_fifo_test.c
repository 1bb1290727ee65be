/* SPDX-License-Identifier: MIT */
/* Compatibility mode by the chip's FIFO: the printer sees no difference, nor does the caller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define LONG_US 10000000u
#define BYTES   3000u
#define ISA_NS  1000u
#define STATUS  1u

static struct rig rig;
static struct opp_transfer transfer;
static struct opp_protocol protocol;
static uint8_t text[RIG_PAGE];

static const uint8_t fifos[] = { 1, 4, 16, 64 };

static int fill(void **state)
{
	(void)state;
	rig_fill(text, sizeof(text));
	return 0;
}

static void start(uint8_t fifo_words, struct opp_centronics_options printer)
{
	const struct opp_sim_options chip = {
		.chip = OPP_SIM_ECP,
		.fifo_words = fifo_words,
		.full_counts_transmitter = true,
	};

	rig_start(&rig, &chip, &printer, ISA_NS);
	opp_sim_attach(&rig.sim, &rig.printer.peripheral);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	rig_forget_accesses(&rig);
	opp_protocol_init(&protocol, OPP_PROTOCOL_COMPAT_FIFO);
}

static enum opp_status write_text(size_t length, uint64_t inactivity_us, uint64_t fault_us)
{
	opp_write_begin(&transfer, &protocol,
			&(struct opp_write){ .bytes = text,
					     .length = length,
					     .inactivity_us = inactivity_us,
					     .fault_us = fault_us });
	return rig_run(&rig, &transfer, RIG_BUDGET_NS);
}

static void assert_printed(size_t count)
{
	rig_pass_ns(&rig, 10000000);
	assert_int_equal(rig.printed, count);
	assert_memory_equal(rig.page, text, count);
	for (uint32_t i = 0; i < OPP_SIM_HOST_ERRORS; i++)
		if (rig.host_errors[i])
			fail_msg("%s", opp_sim_host_error_text((enum opp_sim_host_error)i));
}

static void test_prints(void **state)
{
	static const uint32_t speeds[] = { 0, 400000, 100000, 5000 };

	(void)state;
	for (uint32_t i = 0; i < 4 * 4 * 3; i++) {
		start(fifos[i % 4], (struct opp_centronics_options){
					    .characters_per_second = speeds[i / 4 % 4],
					    .ack_order = (enum opp_sim_ack_order)(i / 16) });
		assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
		assert_int_equal(transfer.moved, BYTES);
		assert_int_equal(rig.sim.counts.writes[OPP_SIM_FIFO], BYTES);
		assert_true(rig_is_idle(&rig));
		assert_printed(BYTES);
	}
}

static void test_waits_for_last(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		start(fifos[i], (struct opp_centronics_options){ .busy_every_bytes = 10,
								 .busy_extra_us = 200000 });
		assert_int_equal(write_text(10, LONG_US, 0), OPP_SUCCESS);
		assert_false(rig.sim.connector.wires.status & OPP_LINE_BUSY);
		assert_int_equal(rig.printed, 10);
	}
}

/* The printer stops after k bytes and never goes on. */
static void test_stuck(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		for (uint32_t taken = 1; taken < 120; taken += taken < 40 ? 1 : 13) {
			start(fifos[i],
			      (struct opp_centronics_options){ .busy_every_bytes = taken,
							       .busy_extra_us = 4000000 });
			assert_int_equal(write_text(121, 300000, 0), OPP_TIMEOUT);
			assert_int_equal(transfer.moved, taken);
			assert_int_equal(transfer.fault.status, OPP_TIMEOUT);
			assert_true(rig_is_idle(&rig));
			rig_pass_ns(&rig, UINT64_C(5000000000));
			assert_printed(taken);
		}
	}
}

static uint32_t fault_at;

static void paper_out(struct rig *r)
{
	if (r->accesses == fault_at)
		opp_centronics_set_conditions(&r->printer, OPP_CENTRONICS_PAPER_OUT);
}

static void test_faults(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		for (fault_at = 1; fault_at < 200; fault_at += 7) {
			start(fifos[i], (struct opp_centronics_options){ 0 });
			rig.disturb = paper_out;
			assert_int_equal(write_text(BYTES, LONG_US, 1000), OPP_DEVICE_PAPER_EMPTY);
			assert_int_equal(transfer.fault.status, OPP_DEVICE_PAPER_EMPTY);
			assert_true(rig_is_idle(&rig));
			rig.disturb = NULL;
			opp_centronics_set_conditions(&rig.printer, 0);
			assert_printed(transfer.moved);
		}
	}
	start(16, (struct opp_centronics_options){ 0 });
	opp_sim_detach(&rig.sim);
	assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_DEVICE_NOT_CONNECTED);
	assert_int_equal(transfer.moved, 0);
}

/* Busy low alone does not feed it. */
static void test_fault_is_not_fed(void **state)
{
	(void)state;
	start(16, (struct opp_centronics_options){ 0 });
	rig.stuck_at = STATUS;
	rig.stuck_value = 0xd0; /* nFault low, Busy low */
	assert_int_equal(write_text(BYTES, LONG_US, 1000), OPP_IO_DEVICE_ERROR);
	assert_int_equal(transfer.moved, 0);
	assert_int_equal(rig.sim.counts.writes[OPP_SIM_FIFO], 0);
}

/* 16 bytes of a FIFO take longer together than one byte may. */
static void test_slow_with_each(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		start(fifos[i], (struct opp_centronics_options){ .busy_every_bytes = 1,
								 .busy_extra_us = 60000 });
		assert_int_equal(write_text(70, 300000, 0), OPP_SUCCESS);
		assert_int_equal(transfer.moved, 70);
		assert_int_equal(transfer.fault.status, OPP_SUCCESS);
		rig_pass_ns(&rig, 100000000);
		assert_printed(70);
	}
}

static uint32_t end_at;

static void end_it(struct rig *r)
{
	if (r->accesses == end_at)
		opp_transfer_end(&transfer, OPP_CANCELLED);
}

static void test_cancel(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		for (end_at = 1; end_at < 300; end_at += 7) {
			start(fifos[i],
			      (struct opp_centronics_options){ .characters_per_second = 50000 });
			rig.disturb = end_it;
			assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_CANCELLED);
			assert_true(rig_is_idle(&rig));
			assert_printed(transfer.moved);
		}
	}
}

static void wake(void *context)
{
	(*(uint32_t *)context)++;
}

/* While the printer is busy for long nobody looks often, for the chip calls. */
static void test_interrupt(void **state)
{
	uint32_t calls = 0;

	(void)state;
	start(16,
	      (struct opp_centronics_options){ .busy_every_bytes = 64, .busy_extra_us = 50000 });
	rig.hw->interrupt = wake;
	rig.hw->interrupt_context = &calls;
	assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
	assert_printed(BYTES);
	assert_in_range(calls, BYTES / 64 / 2, BYTES / 64 * 2);
}

static void test_off_by_default(void **state)
{
	(void)state;
	start(16, (struct opp_centronics_options){ 0 });
	opp_protocol_init(&protocol, 0);
	assert_int_equal(write_text(BYTES, LONG_US, 0), OPP_SUCCESS);
	assert_int_equal(rig.sim.counts.writes[OPP_SIM_FIFO], 0);
	assert_printed(BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-040 prints byte for byte, whatever FIFO and printer", test_prints, NULL, NULL,
		  NULL },
		{ "P-042 success waits for Busy low after the last byte", test_waits_for_last, NULL,
		  NULL, NULL },
		{ "P-040 P-055 a stuck printer ends it in time, the count is exact", test_stuck,
		  NULL, NULL, NULL },
		{ "P-054 P-055 faults are told and counted as by software", test_faults, NULL, NULL,
		  NULL },
		{ "P-048 a printer with a fault is not fed, whatever its Busy",
		  test_fault_is_not_fed, NULL, NULL, NULL },
		{ "P-055 a printer slow with each byte is waited for", test_slow_with_each, NULL,
		  NULL, NULL },
		{ "P-055 ended anywhere, the count is what was printed", test_cancel, NULL, NULL,
		  NULL },
		{ "long waits are cut short by the FIFO's interrupt", test_interrupt, NULL, NULL,
		  NULL },
		{ "only who asks for it gets the FIFO", test_off_by_default, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("compat_fifo", tests, fill, NULL);
}
