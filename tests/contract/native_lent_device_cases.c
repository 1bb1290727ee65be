/* SPDX-License-Identifier: MIT */
/*
 * Devices on a port that its system lends: each of their turns has a claim of its own.
 */
#include "device_case.h"
#include "native.h"

#define LENT (ON_RICH_CHIP | NEEDS_LENDING)

static void looked_for(struct rig *rig)
{
	CHECK_EQUAL(rig->system.claims, 1);
	CHECK(!rig->system.ours);
	for (uint8_t place = 0; place < OPP_USUAL_DEVICES; place++)
		CHECK(rig_is_there(rig, place, NULL));
	CHECK(rig_is_there(rig, END_DEVICE, NULL));
}

static void written_in_turns(struct rig *rig)
{
	struct call writing = { 0 };
	uint32_t claims;

	open_device(rig, 1, 0);
	claims = rig->system.claims;
	CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
	check_heard(rig, 1, "abc", 3);
	CHECK_EQUAL(rig->system.claims, claims + 1);
	rig->system.other = true;
	queue_write(rig, &writing, 1, "def", 3);
	rig_pass_ms(rig, LOCK_MS / 2);
	CHECK(!writing.done);
	rig->system.other = false;
	rig_settle(rig);
	CHECK_EQUAL(writing.status, SUCCESS);
	check_heard(rig, 1, "def", 3);
	CHECK(!rig->system.ours);
}

static void patience_ends(struct rig *rig)
{
	struct call writing = { 0 };

	open_device(rig, 1, 0);
	rig->system.other = true;
	queue_write(rig, &writing, 1, "abc", 3);
	CHECK(!is_port_free(rig, 1));
	rig_pass_ms(rig, LOCK_MS + 100);
	CHECK_EQUAL(writing.status, DEVICE_BUSY);
	CHECK(!rig->system.asked);
	CHECK(is_port_free(rig, 1));
}

static void locked(struct rig *rig)
{
	uint32_t claims;

	open_device(rig, 1, 0);
	claims = rig->system.claims;
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
	CHECK(rig->system.ours);
	rig_suspend(rig);
	rig_resume(rig);
	rig_settle(rig);
	CHECK_EQUAL(write_to(rig, 1, "def", 3), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
	rig_settle(rig);
	CHECK(!rig->system.ours);
	CHECK_EQUAL(rig->system.claims, claims + 1);
}

static void cancelled(struct rig *rig)
{
	struct call writing = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig->system.other = true;
	queue_write(rig, &writing, END_DEVICE, "abc", 3);
	rig_pass_ms(rig, 100);
	rig_cancel(rig, &writing);
	rig_pass_ms(rig, 10);
	CHECK_EQUAL(writing.status, CANCELLED);
	CHECK(!rig->system.asked);
}

static void gone(struct rig *rig)
{
	struct call writing = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig->system.gone = true;
	queue_write(rig, &writing, END_DEVICE, "abc", 3);
	rig_settle(rig);
	CHECK_EQUAL(writing.status, DELETE_PENDING);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), DELETE_PENDING);
}

/* At every access and question of a device's turn, another user has been faster. */
static void others_at_each_touch(struct rig *rig)
{
	uint32_t after = 0;
	bool came_in;

	do {
		rig_begin(rig, LENT);
		open_device(rig, 1, 0);
		rig->during_after = after++;
		rig->during = rig_lend_elsewhere;
		CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
		came_in = !rig->during;
		rig->during = NULL;
		CHECK_EQUAL(write_to(rig, 1, "def", 3), SUCCESS);
		check_heard(rig, 1, "abcdef", 6);
		rig_end(rig);
		CHECK(!rig->system.ours && !rig->system.asked);
	} while (came_in);
	CHECK(after > 50);
	rig_begin(rig, 0);
}

static const struct contract_case cases[] = {
	{ "a lent port is looked at in its turn", looked_for, LENT },
	{ "each write to a device has a claim of its own", written_in_turns, LENT },
	{ "a device does not wait for the system for ever", patience_ends, LENT },
	{ "a locked device keeps the claim", locked, LENT },
	{ "a device's wait for the system can be cancelled", cancelled, LENT },
	{ "a device on a lent port that is gone", gone, LENT },
	{ "others come first at each touch of a device's turn", others_at_each_touch, 0 },
};

CASE_TABLE(native_lent_device_cases, cases);
