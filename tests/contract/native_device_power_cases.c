/* SPDX-License-Identifier: MIT */
/*
 * The port is told that its power goes while the worker is at work for a device, or looks
 * who is there, at every access.
 */
#include <string.h>

#include "device_case.h"
#include "native.h"

#define MOST_TOUCHES 100000
#define LINE         "bytes that move, one by one, over the wire"
#define BYTES        ((uint32_t)sizeof(LINE))

static struct call moving;
static uint8_t bytes[64];
static bool came_in;

static void told_to_sleep(struct rig *rig)
{
	CHECK(!opp_contract_suspend(&rig->port));
}

/* Until the wire is quiet; there still is power. */
static void go_to_sleep(struct rig *rig)
{
	while (!opp_contract_suspend(&rig->port))
		rig_pass_ms(rig, 1);
	rig_check(rig);
}

/* ---- what is being done, and what must have come of it ------------------------------------- */

static void in_ecp(struct rig *rig)
{
	CHECK_EQUAL(negotiate(rig, 1, ECP_HW, ECP_HW), SUCCESS);
}

static void in_epp(struct rig *rig)
{
	CHECK_EQUAL(negotiate(rig, 1, EPP_HW, EPP_HW), SUCCESS);
}

static void locked(struct rig *rig)
{
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
}

static void do_write(struct rig *rig)
{
	queue_write(rig, &moving, 1, LINE, BYTES);
}

/* Ended, or perhaps not begun. */
static void check_status(void)
{
	CHECK(!moving.done || moving.status == SUCCESS || moving.status == POWERED_OFF);
	CHECK(came_in || moving.status == SUCCESS);
}

static void written(struct rig *rig)
{
	check_status();
	check_heard(rig, 1, LINE, moving.information);
	CHECK((moving.done && moving.status == SUCCESS) == (moving.information == BYTES));
}

static void do_read(struct rig *rig)
{
	rig_say(rig, 1, LINE, BYTES);
	queue_read(rig, &moving, 1, bytes, BYTES);
}

static void was_read(struct rig *rig)
{
	(void)rig;
	check_status();
	CHECK(memcmp(bytes, LINE, moving.information) == 0);
	CHECK((moving.done && moving.status == SUCCESS) == (moving.information == BYTES));
}

static void do_id(struct rig *rig)
{
	moving = (struct call){ .major = IRP_MJ_DEVICE_CONTROL,
				.code = IOCTL_PAR_QUERY_DEVICE_ID,
				.buffer = bytes,
				.output_bytes = sizeof(bytes) };
	send_to(rig, &moving, 1);
}

static void id_was_told(struct rig *rig)
{
	(void)rig;
	check_status();
	CHECK((moving.done && moving.status == SUCCESS) == (moving.information > 0));
}

static void do_lock(struct rig *rig)
{
	queue_internal(rig, &moving, 1, LOCK);
}

/* A look that is cut short has found nothing out, and is made again. */
static void do_look(struct rig *rig)
{
	rig_unplug(rig, END_DEVICE);
	opp_contract_look(&rig->port);
}

static void nothing(struct rig *rig)
{
	(void)rig;
}

static void looked(struct rig *rig)
{
	CHECK(rig_is_there(rig, 1, NULL));
	CHECK(came_in || !rig_is_there(rig, END_DEVICE, NULL));
}

/* ---- afterwards ------------------------------------------------------------------------------- */

static void write_again(struct rig *rig)
{
	bytes[0] = 0;
	if (moving.major == IRP_MJ_WRITE && came_in && moving.status != POWERED_OFF)
		(void)rig_heard(rig, 1, bytes, sizeof(bytes));
	CHECK(moving.done);
	CHECK_EQUAL(write_to(rig, 1, "again", 5), SUCCESS);
	check_heard(rig, 1, "again", 5);
}

static void unlock(struct rig *rig)
{
	CHECK_EQUAL(moving.status, SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	write_again(rig);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
}

static void write_and_unlock(struct rig *rig)
{
	CHECK(is_held(rig));
	write_again(rig);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
}

static void end_is_gone(struct rig *rig)
{
	CHECK(!rig_is_there(rig, END_DEVICE, NULL));
	CHECK(rig_is_there(rig, 0, NULL) && rig_is_there(rig, 1, NULL));
}

static const struct {
	void (*prepare)(struct rig *rig);
	void (*begin)(struct rig *rig);
	void (*check_asleep)(struct rig *rig);
	void (*check_awake)(struct rig *rig);
} actions[] = {
	{ nothing, do_write, written, write_again },
	{ in_ecp, do_write, written, write_again },
	{ in_epp, do_write, written, write_again },
	{ locked, do_write, written, write_and_unlock },
	{ nothing, do_read, was_read, write_again },
	{ in_ecp, do_read, was_read, write_again },
	{ in_epp, do_read, was_read, write_again },
	{ nothing, do_id, id_was_told, write_again },
	{ nothing, do_lock, nothing, unlock },
	{ nothing, do_look, looked, end_is_gone },
};

static bool disturb(struct rig *rig, size_t action, uint32_t after)
{
	rig_begin(rig, ON_RICH_CHIP);
	moving = (struct call){ 0 };
	open_device(rig, 1, 0);
	actions[action].prepare(rig);
	rig->during = told_to_sleep;
	rig->during_after = after;
	actions[action].begin(rig);
	rig_settle(rig);
	came_in = !rig->during;
	rig->during = NULL;
	if (came_in)
		go_to_sleep(rig);
	actions[action].check_asleep(rig);
	if (came_in)
		rig_suspend(rig);
	rig_resume(rig);
	rig_settle(rig);
	actions[action].check_awake(rig);
	rig_end(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	return came_in;
}

static void at_each_access(struct rig *rig)
{
	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		uint32_t after = 0;

		while (disturb(rig, a, after)) {
			after += 1 + after / 16;
			CHECK(after < MOST_TOUCHES);
		}
		CHECK(after > 0);
	}
	rig_begin(rig, 0);
}

/* ---- granted, and not told so before the power went ------------------------------------------- */

static void suspend_in_completion(struct rig *rig, struct call *call)
{
	(void)call;
	(void)opp_contract_suspend(&rig->port);
}

/* One step ends a request of the holder's file and grants the next: then the power goes. */
static void grant_next(struct rig *rig, struct call *own)
{
	own->completed = suspend_in_completion;
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), SUCCESS);
	check_ended(own, CANCELLED);
}

static void hold(struct rig *rig, struct call *own)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_allocate(rig, own, 0);
}

static void write_granted(struct rig *rig)
{
	struct call own = { 0 };
	struct call write = { 0 };

	open_device(rig, RAW_DEVICE, 0);
	hold(rig, &own);
	queue_write(rig, &write, RAW_DEVICE, LINE, BYTES);
	grant_next(rig, &own);
	check_ended(&write, POWERED_OFF);
	rig_suspend(rig);
	rig_resume(rig);
	rig_settle(rig);
	check_heard(rig, END_DEVICE, "", 0);
}

static void lock_granted(struct rig *rig)
{
	struct call own = { 0 };
	struct call lock = { 0 };

	open_device(rig, RAW_DEVICE, 0);
	hold(rig, &own);
	queue_internal(rig, &lock, RAW_DEVICE, LOCK);
	grant_next(rig, &own);
	check_ended(&lock, SUCCESS);
	rig_suspend(rig);
	rig_resume(rig);
	rig_settle(rig);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, UNLOCK), SUCCESS);
}

static void look_granted(struct rig *rig)
{
	struct call own = { 0 };

	rig_unplug(rig, END_DEVICE);
	hold(rig, &own);
	opp_contract_look(&rig->port);
	grant_next(rig, &own);
	rig_suspend(rig);
	CHECK(rig_is_there(rig, END_DEVICE, NULL));
	rig_resume(rig);
	rig_settle(rig);
	CHECK(!rig_is_there(rig, END_DEVICE, NULL));
}

static const struct contract_case cases[] = {
	{ "the power goes at each access of a device's work: each byte is counted", at_each_access,
	  0 },
	{ "granted just before the power goes: a WRITE ends, nothing moved", write_granted,
	  ON_POOR_CHIP },
	{ "granted just before the power goes: a LOCK is one", lock_granted, ON_POOR_CHIP },
	{ "granted just before the power goes: a look is made later", look_granted, ON_POOR_CHIP },
};

CASE_TABLE(native_device_power_cases, cases);
