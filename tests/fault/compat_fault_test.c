/* SPDX-License-Identifier: MIT */
/*
 * A write disturbed at its first access, its second, ... until one sees no
 * disturbance. Whatever happens: it ends once, in bounded time, with the lines
 * at rest, and what it says it moved is what the printer got.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rig.h"

#define BYTES         20u
#define INACTIVITY_US 100000u
#define FAULT_US      200000u
#define DELAY_NS      50000000u

static struct rig rig;
static struct opp_protocol protocol;
static struct opp_transfer transfer;
static uint8_t text[BYTES];
static uint32_t disturb_at; /* the access before which it happens */
static uint32_t mend_at;    /* the access before which it is over; 0: never */
static bool disturbed;
static uint32_t conditions;

static int fill_text(void **state)
{
	(void)state;
	rig_fill(text, sizeof(text));
	return 0;
}

/* One write; @disturb sees every access. Returns false once none was disturbed. */
static bool run(void (*disturb)(struct rig *rig), uint32_t at, uint32_t for_accesses)
{
	const struct opp_centronics_options slow = { .characters_per_second = 100000 };

	rig_start_printing(&rig, &slow, 1000);
	disturbed = false;
	disturb_at = at;
	mend_at = for_accesses ? at + for_accesses : 0;
	rig.disturb = disturb;
	opp_protocol_init(&protocol, 0);
	opp_write_begin(&transfer, &protocol,
			&(struct opp_write){ .bytes = text,
					     .length = BYTES,
					     .inactivity_us = INACTIVITY_US,
					     .fault_us = FAULT_US });
	rig_run(&rig, &transfer, RIG_BUDGET_NS);
	rig.disturb = NULL;
	return disturbed;
}

/* Over means over: a further step changes nothing and touches nothing. */
static void assert_ended_once(void)
{
	const struct opp_transfer before = transfer;
	const uint32_t accesses = rig.accesses;

	opp_transfer_end(&transfer, OPP_CANCELLED);
	assert_int_equal(opp_transfer_step(&transfer, rig.hw, UINT32_MAX, UINT32_MAX),
			 OPP_STEP_DONE);
	assert_int_equal(transfer.status, before.status);
	assert_int_equal(transfer.moved, before.moved);
	assert_int_equal(rig.accesses, accesses);
}

static void assert_at_rest(void)
{
	assert_true(rig_is_idle(&rig));
	assert_ended_once();
	assert_int_equal(rig_host_errors(&rig), 0);
	assert_true(transfer.moved <= BYTES);
	assert_int_equal(transfer.status == OPP_SUCCESS, transfer.moved == BYTES);
}

/* After what was wrong is over, the printer has every byte that was moved; @lost at most not. */
static void assert_printed(size_t lost)
{
	opp_centronics_set_conditions(&rig.printer, 0);
	if (!rig.printer.peripheral.connector)
		opp_sim_attach(&rig.sim, &rig.printer.peripheral);
	rig_pass_ns(&rig, UINT64_C(10000000));
	assert_true(rig.printed <= transfer.moved);
	assert_true(rig.printed + lost >= transfer.moved);
}

static void set_conditions(struct rig *r)
{
	if (r->accesses == disturb_at) {
		disturbed = true;
		opp_centronics_set_conditions(&r->printer, conditions);
	}
	if (r->accesses == mend_at)
		opp_centronics_set_conditions(&r->printer, 0);
}

static const struct {
	uint32_t conditions;
	enum opp_status status;
} faults[] = {
	{ OPP_CENTRONICS_PAPER_OUT, OPP_DEVICE_PAPER_EMPTY },
	{ OPP_CENTRONICS_OFF_LINE, OPP_DEVICE_OFF_LINE },
	{ OPP_CENTRONICS_ERROR, OPP_IO_DEVICE_ERROR },
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void test_fault(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < FAULTS; i++) {
		conditions = faults[i].conditions;
		for (uint32_t at = 1; run(set_conditions, at, 0); at++) {
			if (transfer.moved < BYTES)
				assert_int_equal(transfer.status, faults[i].status);
			assert_at_rest();
			assert_printed(0);
			assert_memory_equal(rig.page, text, rig.printed);
		}
		assert_int_equal(transfer.status, OPP_SUCCESS);
	}
}

static void test_fault_mends(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < FAULTS; i++) {
		conditions = faults[i].conditions;
		for (uint32_t at = 1; run(set_conditions, at, 20); at++) {
			assert_int_equal(transfer.status, OPP_SUCCESS);
			assert_at_rest();
			assert_printed(0);
			assert_memory_equal(rig.page, text, BYTES);
		}
	}
}

/* The byte in the works is lost with the power, and one strobed into a dead printer. */
static void test_power(void **state)
{
	(void)state;
	conditions = OPP_CENTRONICS_POWERED_OFF;
	for (uint32_t at = 1; run(set_conditions, at, 0); at++) {
		if (transfer.moved < BYTES)
			assert_int_equal(transfer.status, OPP_DEVICE_POWERED_OFF);
		assert_at_rest();
		assert_printed(1);
		assert_memory_equal(rig.page, text, rig.printed);
	}
}

static void unplug(struct rig *r)
{
	if (r->accesses == disturb_at) {
		disturbed = true;
		opp_sim_detach(&r->sim);
	}
	if (r->accesses == mend_at)
		opp_sim_attach(&r->sim, &r->printer.peripheral);
}

static void test_unplug(void **state)
{
	(void)state;
	for (uint32_t at = 1; run(unplug, at, 0); at++) {
		if (transfer.moved < BYTES)
			assert_int_equal(transfer.status, OPP_DEVICE_NOT_CONNECTED);
		assert_at_rest();
		assert_printed(1);
		assert_memory_equal(rig.page, text, rig.printed);
	}
}

static void test_replug(void **state)
{
	(void)state;
	for (uint32_t at = 1; run(unplug, at, 10); at++) {
		assert_int_equal(transfer.status, OPP_SUCCESS);
		assert_at_rest();
		assert_printed(1);
	}
}

static void lose_bus(struct rig *r)
{
	if (r->accesses == disturb_at)
		disturbed = r->bus_dead = true;
	if (r->accesses == mend_at)
		r->bus_dead = false;
}

/* A card that is pulled reads 0xff, which is Busy low and nFault high: bytes go nowhere. */
static void test_bus_lost(void **state)
{
	(void)state;
	for (uint32_t at = 1; run(lose_bus, at, 0); at++) {
		assert_ended_once();
		assert_int_equal(transfer.status, OPP_SUCCESS);
		assert_int_equal(rig.hw->ops->read_control(rig.hw), OPP_CONTROL_IDLE);
		rig_pass_ns(&rig, 10000000);
		assert_memory_equal(rig.page, text, rig.printed);
	}
}

/*
 * One access that fails confuses two bytes at most. When it was the end of a
 * strobe the printer waits for it until the host gives up and says so again.
 */
static void test_access_lost(void **state)
{
	(void)state;
	for (uint32_t at = 1; run(lose_bus, at, 1); at++) {
		assert_ended_once();
		if (transfer.moved < BYTES)
			assert_int_equal(transfer.status, OPP_TIMEOUT);
		if (at < rig.accesses)
			assert_true(rig_is_idle(&rig));
		rig_pass_ns(&rig, 10000000);
		assert_true(rig.printed <= transfer.moved);
		assert_true(rig.printed + 2 >= transfer.moved);
	}
}

static void delay(struct rig *r)
{
	if (r->accesses != disturb_at)
		return;
	disturbed = true;
	rig_pass_ns(r, DELAY_NS);
}

static void test_delay(void **state)
{
	(void)state;
	for (uint32_t at = 1; run(delay, at, 0); at++) {
		/* the one thing a host cannot mend: it was kept from ending the strobe */
		rig.host_errors[OPP_SIM_LONG_STROBE] = 0;
		assert_at_rest();
		assert_int_equal(transfer.status, OPP_SUCCESS);
		assert_printed(0);
		assert_memory_equal(rig.page, text, BYTES);
	}
}

static void end_transfer(struct rig *r)
{
	if (r->accesses != disturb_at)
		return;
	disturbed = true;
	opp_transfer_end(&transfer, OPP_DELETE_PENDING);
}

static void test_end(void **state)
{
	size_t moved_before = 0;

	(void)state;
	for (uint32_t at = 1; run(end_transfer, at, 0); at++) {
		if (transfer.moved < BYTES)
			assert_int_equal(transfer.status, OPP_DELETE_PENDING);
		/* no more accesses than the byte under way takes, and putting the lines to rest */
		assert_true(rig.accesses <= at + 4);
		assert_true(transfer.moved >= moved_before);
		moved_before = transfer.moved;
		assert_at_rest();
		assert_printed(0);
		assert_memory_equal(rig.page, text, transfer.moved);
	}
	assert_int_equal(transfer.status, OPP_SUCCESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-054 P-055 a fault at any access: exact count, lines at rest, ended once",
		  test_fault, NULL, NULL, NULL },
		{ "a fault that mends at any access costs no byte", test_fault_mends, NULL, NULL,
		  NULL },
		{ "power lost at any access", test_power, NULL, NULL, NULL },
		{ "unplugged at any access", test_unplug, NULL, NULL, NULL },
		{ "unplugged and plugged in again at any access", test_replug, NULL, NULL, NULL },
		{ "the bus lost at any access ends in bounded time", test_bus_lost, NULL, NULL,
		  NULL },
		{ "any single access lost", test_access_lost, NULL, NULL, NULL },
		{ "any access delayed costs no byte", test_delay, NULL, NULL, NULL },
		{ "P-011 P-055 ended at any access: exact count, lines at rest", test_end, NULL,
		  NULL, NULL },
	};

	return cmocka_run_group_tests_name("compat_fault", tests, fill_text, NULL);
}
