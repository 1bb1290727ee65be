/* SPDX-License-Identifier: MIT */
/*
 * The port is told that its power goes while the wire is being worked on, at every access;
 * then it goes, comes back, and what was asked for is carried out.
 */
#include "native.h"

#define INIT_BUS     IOCTL_INTERNAL_INIT_1284_3_BUS
#define SET_MODE     IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE
#define ECP_MODE     0x60
#define MOST_TOUCHES 600

static struct call selecting;
static struct call waiting;
static bool came_in;

/* The worker may be in the middle of a step: it hears of it when that has ended. */
static void told_to_sleep(struct rig *rig)
{
	CHECK(!opp_contract_suspend(&rig->port));
}

static void told_to_sleep_and_wake(struct rig *rig)
{
	told_to_sleep(rig);
	opp_contract_resume(&rig->port);
}

/* Its power is gone for a while. */
static void sleep_and_wake(struct rig *rig)
{
	rig_suspend(rig);
	rig_settle(rig);
	rig_resume(rig);
	rig_settle(rig);
}

static void free_it(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
}

/* ---- what is being done, and what must have come of it -------------------------------------- */

static void do_select(struct rig *rig)
{
	queue_device(rig, &selecting, 0, 1);
	queue_device(rig, &waiting, 1, 0);
	rig_settle(rig);
}

/* Granted before the power went, or made anew afterwards. */
static void selected(struct rig *rig)
{
	const uint8_t now_selected = rig_selected(rig);

	check_ended(&selecting, OPP_NT_SUCCESS);
	CHECK(now_selected == 1 || now_selected == END_OF_CHAIN);
	CHECK(!waiting.done);
	free_it(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
}

static void hold(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
}

static void hold_and_wait(struct rig *rig)
{
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	queue_device(rig, &waiting, 1, 0);
}

static void do_release(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
}

static void released(struct rig *rig)
{
	const uint8_t now_selected = rig_selected(rig);

	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK(now_selected == 0 || now_selected == END_OF_CHAIN);
}

/* By a caller, who is not kept from the end of it. */
static void do_select_kept(struct rig *rig)
{
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
}

static void nothing_selected(struct rig *rig)
{
	const uint8_t now_selected = rig_selected(rig);

	CHECK(now_selected == END_OF_CHAIN || (!came_in && now_selected == 1));
	free_it(rig);
}

static void do_count(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, NO_FILE, INIT_BUS), OPP_NT_SUCCESS);
}

static void counted(struct rig *rig)
{
	CHECK_EQUAL(rig->port.device_count, OPP_USUAL_DEVICES);
}

static void do_chip_mode(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = ECP_MODE };

	CHECK_EQUAL(ask_with(rig, 0, SET_MODE, &mode, sizeof(mode)), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
}

static void at_rest(struct rig *rig)
{
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

/* The way back itself; with a holder. */
static void hold_asleep(struct rig *rig)
{
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_suspend(rig);
	rig_resume(rig);
}

static const struct {
	void (*prepare)(struct rig *rig);
	void (*begin)(struct rig *rig);
	void (*check)(struct rig *rig);
} actions[] = {
	{ NULL, do_select, selected },
	{ hold_and_wait, do_release, released },
	{ hold, do_select_kept, nothing_selected },
	{ NULL, do_count, counted },
	{ hold, do_chip_mode, at_rest },
	{ hold_asleep, rig_settle, nothing_selected },
};

/* ---- at each access --------------------------------------------------------------------------- */

static bool disturb(struct rig *rig, size_t action, void (*disturbance)(struct rig *rig),
		    uint32_t after)
{
	rig_begin(rig, NEEDS_CHAIN | NEEDS_ECP);
	open_files(rig, 2);
	selecting = waiting = (struct call){ 0 };
	if (actions[action].prepare)
		actions[action].prepare(rig);
	rig->during = disturbance;
	rig->during_after = after;
	actions[action].begin(rig);
	came_in = !rig->during;
	rig->during = NULL;
	if (came_in)
		sleep_and_wake(rig);
	actions[action].check(rig);
	rig_settle(rig);
	rig_end(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig->port.device_count, OPP_USUAL_DEVICES);
	return came_in;
}

static void at_each_access(struct rig *rig, void (*disturbance)(struct rig *rig))
{
	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		uint32_t after = 0;

		while (disturb(rig, a, disturbance, after))
			CHECK(++after < MOST_TOUCHES);
		CHECK(after > 0);
	}
	rig_begin(rig, 0);
}

static void down_at_each_access(struct rig *rig)
{
	at_each_access(rig, told_to_sleep);
}

static void false_alarm_at_each_access(struct rig *rig)
{
	at_each_access(rig, told_to_sleep_and_wake);
}

/* ---- between two steps -------------------------------------------------------------------------- */

/* What is left of a step's work is not taken for that of the way back. */
static void between_steps(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 1);
	queue_device(rig, &call, 0, 1);
	CHECK(rig_step(rig));
	CHECK_EQUAL(rig_state(rig), OPP_PORT_GRANTING);
	CHECK(!opp_contract_suspend(&rig->port));
	CHECK(rig->step_asked);
	while (!opp_contract_suspend(&rig->port))
		CHECK(rig_step(rig));
	CHECK(!rig_step(rig));
	CHECK(!call.done);
	sleep_and_wake(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
}

static void granting_is_too_late(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 2);
	queue_device(rig, &call, 0, 1);
	rig_suspend(rig);
	CHECK(!rig_begin_cancel(&call));
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	CHECK(!call.done);
	rig_resume(rig);
	rig_settle(rig);
	check_ended(&call, OPP_NT_CANCELLED);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

static void removed(struct rig *rig, bool surprise)
{
	struct call granting = { 0 };
	uint64_t before;

	open_files(rig, 2);
	queue_device(rig, &granting, 0, 1);
	rig_suspend(rig);
	before = chain_port(&rig->chain)->accesses;
	rig_remove(rig, surprise);
	rig_settle(rig);
	check_ended(&granting, OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	opp_contract_resume(&rig->port);
	CHECK(opp_contract_suspend(&rig->port));
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(chain_port(&rig->chain)->accesses, before);
}

static void surprise_asleep(struct rig *rig)
{
	removed(rig, true);
}

static void order_asleep(struct rig *rig)
{
	removed(rig, false);
}

/* The power is back, the hardware is not. */
static void surprise_before_restore(struct rig *rig)
{
	uint64_t before;

	open_files(rig, 1);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_suspend(rig);
	rig_resume(rig);
	before = chain_port(&rig->chain)->accesses;
	rig_remove(rig, true);
	rig_settle(rig);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(chain_port(&rig->chain)->accesses, before);
}

/* A holder that is not woken yet is as one without power. */
static void before_restore(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	rig_suspend(rig);
	rig_resume(rig);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_INVALID_DEVICE_STATE);
	rig_settle(rig);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
}

/* Nobody has ever counted this chain: it is not spoken to. */
static void uncounted_chain(struct rig *rig)
{
	const uint64_t before = chain_port(&rig->chain)->accesses;

	sleep_and_wake(rig);
	CHECK(chain_port(&rig->chain)->accesses - before <= 2);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

static const struct contract_case cases[] = {
	{ "the power goes at each access of the wire: all is made anew", down_at_each_access, 0 },
	{ "told at each access that the power goes, and that it stays", false_alarm_at_each_access,
	  0 },
	{ "the power goes between two steps of a selection", between_steps, NEEDS_CHAIN },
	{ "C-046 below D0 a cancel in GRANTING has no effect", granting_is_too_late, NEEDS_CHAIN },
	{ "C-175 surprise removal below D0, in GRANTING: no wire", surprise_asleep, NEEDS_CHAIN },
	{ "orderly removal below D0, in GRANTING: no wire", order_asleep, NEEDS_CHAIN },
	{ "surprise removal right after D0: no wire", surprise_before_restore, NEEDS_CHAIN },
	{ "a holder waits for the way back", before_restore, NEEDS_CHAIN },
	{ "a chain that nobody has counted stays alone", uncounted_chain, 0 },
};

CASE_TABLE(native_power_cases, cases);
