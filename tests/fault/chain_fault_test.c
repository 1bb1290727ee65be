/* SPDX-License-Identifier: MIT */
/*
 * A daisy chain disturbed at every access of a packet, until a run sees no
 * disturbance: the lines rest, an answer is never believed that did not come,
 * and the chain works as ever when the disturbance is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chain_rig.h"

#define ADAPTERS 3u
#define DELAY_NS UINT64_C(1000000) /* within a strobe's 500 us it would be the printer's loss */

static struct chain_rig chain;
static uint32_t disturb_at;
static uint32_t mend_at;
static bool disturbed;

static void begin_assign(void)
{
	opp_chain_assign_begin(&chain.transfer, &chain.protocol, OPP_CHAIN_DEVICES);
}

static void begin_select(void)
{
	opp_chain_select_begin(&chain.transfer, &chain.protocol, 1, OPP_MODE_COMPAT);
}

static void begin_absent(void)
{
	opp_chain_select_begin(&chain.transfer, &chain.protocol, ADAPTERS, OPP_MODE_EPP);
}

static void begin_deselect(void)
{
	opp_chain_deselect_begin(&chain.transfer, &chain.protocol);
}

static const struct {
	void (*begin)(void);
	enum opp_status status; /* without a disturbance */
} packets[] = {
	{ begin_assign, OPP_SUCCESS },
	{ begin_select, OPP_SUCCESS },
	{ begin_absent, OPP_UNSUCCESSFUL },
	{ begin_deselect, OPP_SUCCESS },
};

#define PACKETS (sizeof(packets) / sizeof(packets[0]))

static bool run(uint32_t packet, void (*disturb)(struct rig *rig), uint32_t at,
		uint32_t for_accesses)
{
	chain_start(&chain, OPP_SIM_PS2, ADAPTERS);
	assert_int_equal(chain_assign(&chain, OPP_CHAIN_DEVICES), ADAPTERS);
	rig_forget_accesses(&chain.rig);
	disturbed = false;
	disturb_at = at;
	mend_at = at + for_accesses;
	chain.rig.disturb = disturb;
	packets[packet].begin();
	(void)chain_run(&chain);
	chain.rig.disturb = NULL;
	return disturbed;
}

static void assert_rests(void)
{
	assert_true(rig_is_idle(&chain.rig));
	assert_int_equal(chain.protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(chain.protocol.position, OPP_AT_COMPAT_IDLE);
	assert_true(chain.transfer.moved <= ADAPTERS);
}

static void assert_works_again(void)
{
	if (!chain.rig.sim.connector.peripheral)
		opp_sim_attach(&chain.rig.sim, &chain.adapters[0].peripheral);
	rig_pass_ns(&chain.rig, 1000000);
	assert_int_equal(chain_assign(&chain, OPP_CHAIN_DEVICES), ADAPTERS);
	for (uint8_t address = 0; address < ADAPTERS; address++) {
		assert_int_equal(chain_select(&chain, address, OPP_MODE_COMPAT), OPP_SUCCESS);
		assert_int_equal(chain_reached(&chain), address);
	}
	assert_int_equal(chain_deselect(&chain), OPP_SUCCESS);
	assert_int_equal(chain_reached(&chain), CHAIN_END);
}

/* Every packet, at every access. */
static void disturb_all(void (*disturb)(struct rig *rig), uint32_t for_accesses,
			void (*check)(uint32_t packet))
{
	for (uint32_t packet = 0; packet < PACKETS; packet++) {
		for (uint32_t at = 1; run(packet, disturb, at, for_accesses); at++) {
			assert_rests();
			if (check)
				check(packet);
			assert_works_again();
		}
		assert_int_equal(chain.transfer.status, packets[packet].status);
		assert_rests();
	}
}

static void unplug(struct rig *rig)
{
	if (rig->accesses == disturb_at) {
		disturbed = true;
		opp_sim_detach(&rig->sim);
	}
	if (mend_at > disturb_at && rig->accesses == mend_at)
		opp_sim_attach(&rig->sim, &chain.adapters[0].peripheral);
}

/* An empty socket's nFault is high: nobody acknowledges there. */
static void check_unplugged(uint32_t packet)
{
	if (packets[packet].status == OPP_UNSUCCESSFUL)
		assert_int_equal(chain.transfer.status, OPP_UNSUCCESSFUL);
}

static void test_unplugged(void **state)
{
	(void)state;
	disturb_all(unplug, 0, check_unplugged);
}

static void test_loose_contact(void **state)
{
	(void)state;
	disturb_all(unplug, 2, check_unplugged);
}

static void delay(struct rig *rig)
{
	if (rig->accesses != disturb_at)
		return;
	disturbed = true;
	rig_pass_ns(rig, DELAY_NS);
}

static void check_delayed(uint32_t packet)
{
	assert_int_equal(chain.transfer.status, packets[packet].status);
	if (packets[packet].begin == begin_assign)
		assert_int_equal(chain.transfer.moved, ADAPTERS);
}

static void test_delayed(void **state)
{
	(void)state;
	disturb_all(delay, 0, check_delayed);
}

static void end_transfer(struct rig *rig)
{
	if (rig->accesses != disturb_at)
		return;
	disturbed = true;
	opp_transfer_end(&chain.transfer, OPP_KICKED);
}

static void check_ended(uint32_t packet)
{
	if (chain.transfer.status != packets[packet].status)
		assert_int_equal(chain.transfer.status, OPP_KICKED);
}

static void test_ended(void **state)
{
	(void)state;
	disturb_all(end_transfer, 0, check_ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a chain unplugged at any access, and used again", test_unplugged, NULL, NULL,
		  NULL },
		{ "a chain with a loose contact at any access, and used again", test_loose_contact,
		  NULL, NULL, NULL },
		{ "a chain delayed at any access", test_delayed, NULL, NULL, NULL },
		{ "packets ended at any access, and the chain used again", test_ended, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("chain_fault", tests, NULL, NULL);
}
