/* SPDX-License-Identifier: MIT */
/*
 * A port that its system lends loses its power: what waits for the system gives up, who
 * holds the port has it brought back under the claim, and at rest it is the system's.
 */
#include "native_lent.h"

static void sleep_and_wake(struct rig *rig)
{
	rig_suspend(rig);
	rig_pass_ms(rig, LONG_MS);
	rig_resume(rig);
	rig_settle(rig);
}

/* Its system brings it back; who has forgotten its ID is given it anew when it is selected. */
static void at_rest(struct rig *rig)
{
	struct call call = { 0 };
	uint64_t before;

	open_files(rig, 1);
	lent_count_chain(rig);
	before = chain_port(&rig->chain)->accesses;
	sleep_and_wake(rig);
	CHECK_EQUAL(chain_port(&rig->chain)->accesses, before);
	CHECK_EQUAL(rig->system.claims, 1);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig->port.device_count, OPP_USUAL_DEVICES);
	queue_device(rig, &call, 0, 1);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
}

static void while_asked(struct rig *rig)
{
	struct call call = { 0 };
	uint32_t questions;

	open_files(rig, 1);
	rig->system.other = true;
	queue_allocate(rig, &call, 0);
	rig_pass_ms(rig, LONG_MS);
	rig_suspend(rig);
	CHECK(!rig->system.asked);
	questions = rig->system.questions;
	rig_pass_ms(rig, LONG_MS);
	CHECK_EQUAL(rig->system.questions, questions);
	rig->system.other = false;
	rig_resume(rig);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	lent_give(rig, 0);
}

static void comes_asleep(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 1);
	rig_suspend(rig);
	queue_allocate(rig, &call, 0);
	rig_settle(rig);
	CHECK(!call.done && !rig->system.questions);
	rig_resume(rig);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
}

static void held(struct rig *rig)
{
	open_files(rig, 1);
	lent_count_chain(rig);
	lent_take(rig, 0);
	sleep_and_wake(rig);
	CHECK(rig->system.ours);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_HELD);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	lent_give(rig, 0);
	CHECK(!rig->system.ours);
}

static void freed_asleep(struct rig *rig)
{
	open_files(rig, 1);
	lent_take(rig, 0);
	rig_suspend(rig);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_RELEASING);
	rig_resume(rig);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK(!rig->system.ours);
}

/* Only the system is told. */
static void removed_asleep(struct rig *rig)
{
	uint64_t before;

	open_files(rig, 1);
	lent_take(rig, 0);
	rig_suspend(rig);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	before = chain_port(&rig->chain)->accesses;
	rig_remove(rig, false);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK(!rig->system.ours);
	CHECK_EQUAL(chain_port(&rig->chain)->accesses, before);
}

/* ---- at every touch ------------------------------------------------------------------------ */

static void told_to_sleep(struct rig *rig)
{
	(void)opp_contract_suspend(&rig->port);
}

static void told_to_sleep_and_wake(struct rig *rig)
{
	told_to_sleep(rig);
	opp_contract_resume(&rig->port);
}

static bool disturb(struct rig *rig, void (*disturbance)(struct rig *rig), uint32_t after)
{
	struct call selecting = { 0 };
	struct call waiting = { 0 };
	bool came_in;

	rig_begin(rig, LENT_CHAIN);
	open_files(rig, 2);
	lent_count_chain(rig);
	rig->system.vain = 2;
	rig->during = disturbance;
	rig->during_after = after;
	queue_device(rig, &selecting, 0, 1);
	queue_allocate(rig, &waiting, 1);
	rig_settle(rig);
	if (!rig->during)
		sleep_and_wake(rig);
	check_ended(&selecting, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	came_in = !rig->during;
	rig->during = NULL;
	if (came_in)
		sleep_and_wake(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	lent_give(rig, 1);
	rig_end(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK(!rig->system.ours && !rig->system.asked);
	return came_in;
}

static void at_each_touch(struct rig *rig)
{
	static void (*const disturbances[])(struct rig * rig) = { told_to_sleep,
								  told_to_sleep_and_wake };

	for (size_t i = 0; i < sizeof(disturbances) / sizeof(disturbances[0]); i++) {
		uint32_t after = 0;

		while (disturb(rig, disturbances[i], after))
			CHECK(++after < MOST_TOUCHES);
		CHECK(after > 50);
	}
	rig_begin(rig, 0);
}

static const struct contract_case cases[] = {
	{ "a lent port at rest loses its power: that is its system's", at_rest, LENT_CHAIN },
	{ "who waits for the system gives up before the power goes", while_asked, LENT },
	{ "a lent port without power is not asked for", comes_asleep, LENT },
	{ "a lent port is brought back for its holder, under the claim", held, LENT_CHAIN },
	{ "a lent port that was freed without power is given back", freed_asleep, LENT },
	{ "a lent port removed without power: its system is told, no wire", removed_asleep, LENT },
	{ "the power goes at each touch of a lent port", at_each_touch, 0 },
};

CASE_TABLE(native_lent_power_cases, cases);
