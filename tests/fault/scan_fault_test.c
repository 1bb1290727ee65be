/* SPDX-License-Identifier: MIT */
/*
 * A scan disturbed at every access, until one sees no disturbance: the lines rest, no
 * device has another one's id, and the next scan finds what is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan_rig.h"

#define ADAPTERS 2u
#define DELAY_NS UINT64_C(1000000)

static struct scan_rig rig;
static uint32_t disturb_at;
static bool disturbed;

static bool run(void (*disturb)(struct rig *rig), uint32_t at)
{
	scan_start(&rig, ADAPTERS);
	rig_forget_accesses(&rig.chain.rig);
	disturbed = false;
	disturb_at = at;
	rig.chain.rig.disturb = disturb;
	(void)scan_run(&rig, OPP_CHAIN_DEVICES);
	rig.chain.rig.disturb = NULL;
	return disturbed;
}

/* Whose id it is beyond doubt, or none. */
static void assert_no_mistake(void)
{
	assert_true(rig.scan.devices <= ADAPTERS);
	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++) {
		const char *id = rig.scan.id[place];

		assert_true(!id[0] || strcmp(id, scan_id_of(place)) == 0);
	}
}

static void assert_rests(void)
{
	assert_true(rig_is_idle(&rig.chain.rig));
	assert_int_equal(rig.chain.protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(rig.chain.protocol.position, OPP_AT_COMPAT_IDLE);
	if (!rig.scan.still_selected)
		scan_assert_rests(&rig);
	else
		assert_int_not_equal(rig.scan.status, OPP_SUCCESS);
}

static void disturb_all(void (*disturb)(struct rig *rig), bool may_mistake)
{
	uint32_t at = 1;

	for (; run(disturb, at); at++) {
		assert_rests();
		if (!may_mistake)
			assert_no_mistake();
		if (!rig.chain.rig.sim.connector.peripheral)
			opp_sim_attach(&rig.chain.rig.sim, &rig.chain.adapters[0].peripheral);
		rig_pass_ns(&rig.chain.rig, 1000000);
		assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
		scan_assert_found(&rig, ADAPTERS);
	}
	assert_true(at > 100);
	assert_int_equal(rig.scan.status, OPP_SUCCESS);
	scan_assert_found(&rig, ADAPTERS);
	scan_assert_rests(&rig);
}

static void unplug(struct rig *port)
{
	if (port->accesses != disturb_at)
		return;
	disturbed = true;
	opp_sim_detach(&port->sim);
}

/* An empty socket shows all lines high, which is 15 in every nibble. */
static void test_unplugged(void **state)
{
	(void)state;
	disturb_all(unplug, true);
}

static void delay(struct rig *port)
{
	if (port->accesses != disturb_at)
		return;
	disturbed = true;
	rig_pass_ns(port, DELAY_NS);
}

static void test_delayed(void **state)
{
	(void)state;
	disturb_all(delay, false);
}

static void end_scan(struct rig *port)
{
	if (port->accesses != disturb_at)
		return;
	disturbed = true;
	opp_scan_end(&rig.scan, OPP_DELETE_PENDING);
}

static void test_ended(void **state)
{
	(void)state;
	disturb_all(end_scan, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a chain unplugged at any access of a scan, and scanned again", test_unplugged,
		  NULL, NULL, NULL },
		{ "a scan delayed at any access", test_delayed, NULL, NULL, NULL },
		{ "a scan ended at any access, and another one", test_ended, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("scan_fault", tests, NULL, NULL);
}
