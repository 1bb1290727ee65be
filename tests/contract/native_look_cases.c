/* SPDX-License-Identifier: MIT */
/*
 * Looks that something comes in between: at an access of the wire, or after the port was
 * granted and before that was told.
 */
#include "device_case.h"
#include "native.h"

#define MOST_TOUCHES 100000

/* How long the worker sleeps when it has nothing to do; longer than a look takes. */
#define NAP_US  100
#define LOOK_US UINT64_C(10000000)

static bool is_looking(const struct rig *rig)
{
	return rig->port.port.holder == &rig->port.look.client;
}

static void kick(struct rig *rig)
{
	rig->port.ops->lock(rig->port.context);
	CHECK_EQUAL(opp_port_kick_locked(&rig->port.port, rig->now_us), OPP_SUCCESS);
	rig->port.ops->unlock(rig->port.context);
}

/* Looks, and @during comes in at the tenth access. */
static void look_with(struct rig *rig, void (*during)(struct rig *rig))
{
	rig->during = during;
	rig->during_after = 10;
	rig_look(rig);
	rig_settle(rig);
	CHECK(!rig->during);
	CHECK(!is_held(rig));
}

/* ---- at work --------------------------------------------------------------------------- */

static void free_it(struct rig *rig)
{
	CHECK(is_looking(rig));
	free_port(rig);
	CHECK_EQUAL(ask(rig, NO_FILE, FREE), INVALID_DEVICE_STATE);
	CHECK(is_looking(rig));
}

static void not_freed(struct rig *rig)
{
	rig_change_chain(rig, 1, CHAIN_SOUND);
	look_with(rig, free_it);
	CHECK(!rig_is_there(rig, 1, NULL));
}

static void look_again(struct rig *rig)
{
	opp_contract_look(&rig->port);
}

static void again(struct rig *rig)
{
	const uint32_t changes = rig_changes(rig);

	look_with(rig, look_again);
	CHECK_EQUAL(rig_changes(rig) - changes, 2);
}

static void after_kick(struct rig *rig)
{
	look_with(rig, kick);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_look(rig);
	CHECK(rig_is_there(rig, 0, NULL));
	CHECK(!rig_is_there(rig, 1, NULL));
}

static void fall_silent(struct rig *rig)
{
	rig_change_chain(rig, 2, CHAIN_GONE);
}

/* Returns whether the look left a device selected, as far as it knows. */
static bool silent_after(struct rig *rig, uint32_t touches, bool *came_in)
{
	const uint64_t end_us = rig->now_us + LOOK_US;
	bool left;

	rig->during = fall_silent;
	rig->during_after = touches;
	opp_contract_look(&rig->port);
	while (rig->port.look.state != OPP_LOOK_IDLE) {
		if (rig_step(rig))
			continue;
		chain_pass_us(&rig->chain, NAP_US);
		rig->now_us += NAP_US;
		CHECK(rig->now_us < end_us);
	}
	*came_in = !rig->during;
	rig->during = NULL;
	left = rig->port.look.scan.still_selected;
	CHECK_EQUAL(!!(rig->port.port.undo & OPP_UNDO_SELECTION), left);
	rig_change_chain(rig, 2, CHAIN_SOUND);
	rig_settle(rig);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	return left;
}

static void nobody_stays_selected(struct rig *rig)
{
	uint32_t left = 0;
	bool came_in;

	for (uint32_t touches = 0; touches < MOST_TOUCHES; touches += 1 + touches / 8) {
		left += silent_after(rig, touches, &came_in);
		if (!came_in)
			break;
	}
	CHECK(left > 0);
}

/* ---- granted, and not told of it yet -------------------------------------------------- */

static void (*before_told)(struct rig *rig);

static void free_for_look(struct rig *rig, struct call *call)
{
	(void)call;
	CHECK_EQUAL(ask(rig, 1, FREE), SUCCESS);
	CHECK(is_looking(rig));
	before_told(rig);
}

static void grant_look(struct rig *rig, void (*what)(struct rig *rig))
{
	struct call next = { .completed = free_for_look };

	before_told = what;
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_allocate(rig, &next, 1);
	opp_contract_look(&rig->port);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	CHECK(next.done);
}

static void kicked_before_told(struct rig *rig)
{
	const uint64_t accesses = rig_accesses(rig);

	grant_look(rig, kick);
	rig_settle(rig);
	CHECK_EQUAL(rig->port.look.state, OPP_LOOK_IDLE);
	CHECK(!is_held(rig));
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK(rig_accesses(rig) - accesses < 10); /* the lines, as after every kick */
}

static void remove_it(struct rig *rig)
{
	rig_remove(rig, true);
}

static void removed_before_told(struct rig *rig)
{
	const uint64_t accesses = rig_accesses(rig);

	grant_look(rig, remove_it);
	rig_settle(rig);
	CHECK_EQUAL(rig->port.look.state, OPP_LOOK_IDLE);
	CHECK(!is_looking(rig));
	CHECK_EQUAL(rig_accesses(rig), accesses);
}

static const struct contract_case cases[] = {
	{ "C-033 a look is not freed by others", not_freed, ON_POOR_CHIP },
	{ "a look that is asked for while one is at work comes after it", again, ON_POOR_CHIP },
	{ "a look that is put out of the port does not keep the next from it", after_kick,
	  ON_POOR_CHIP },
	{ "C-030 a chain that falls silent during a look is deselected", nobody_stays_selected,
	  ON_POOR_CHIP },
	{ "C-033 a look that is put out before it knows that it is in", kicked_before_told,
	  ON_POOR_CHIP },
	{ "a look whose port is removed before it knows that it has it", removed_before_told,
	  ON_POOR_CHIP },
};

CASE_TABLE(native_look_cases, cases);
