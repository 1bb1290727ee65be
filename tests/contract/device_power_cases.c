/* SPDX-License-Identifier: MIT */
/*
 * The devices of a port below D0, and back.
 */
#include <string.h>

#include "device_case.h"

#define LINE  "the quick brown fox jumps over the lazy dog"
#define BYTES ((uint32_t)sizeof(LINE))
#define ROOM  10

static void wake_up(struct rig *rig)
{
	rig_resume(rig);
	rig_settle(rig);
}

static void read_and_write_wait(struct rig *rig)
{
	struct call write = { 0 };
	struct call read = { 0 };
	char told[4];

	rig_say(rig, 1, "abcd", 4);
	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	rig_suspend(rig);
	queue_write(rig, &write, 0, LINE, BYTES);
	queue_read(rig, &read, 1, told, sizeof(told));
	rig_settle(rig);
	CHECK(!write.done && !read.done);
	CHECK(!is_port_free(rig, 0));
	wake_up(rig);
	CHECK_EQUAL(write.status, SUCCESS);
	CHECK_EQUAL(write.information, BYTES);
	check_heard(rig, 0, LINE, BYTES);
	CHECK_EQUAL(read.status, SUCCESS);
	CHECK_EQUAL(read.information, 4);
	CHECK(memcmp(told, "abcd", 4) == 0);
}

/* What runs ends with what it had moved, and all of that has arrived. */
static void write_is_cut(struct rig *rig)
{
	struct call write = { 0 };
	struct call behind = { 0 };
	char heard[2 * BYTES];
	uint32_t left;

	open_device(rig, 1, 0);
	rig_room(rig, 1, ROOM);
	queue_write(rig, &write, 1, LINE, BYTES);
	queue_write(rig, &behind, 1, LINE, BYTES);
	rig_pass_ms(rig, 50);
	CHECK(!write.done);
	rig_suspend(rig);
	CHECK_EQUAL(write.status, POWERED_OFF);
	CHECK(write.information >= ROOM && write.information < BYTES);
	check_heard(rig, 1, LINE, ROOM);
	CHECK(!behind.done);
	rig_room(rig, 1, ROOM_FOR_ALL);
	wake_up(rig);
	CHECK_EQUAL(behind.status, SUCCESS);
	/* before that, what the printer had taken and found no room for */
	left = write.information - ROOM;
	memcpy(heard, &LINE[ROOM], left);
	memcpy(heard + left, LINE, BYTES);
	check_heard(rig, 1, heard, left + BYTES);
}

static void other_work_is_cut(struct rig *rig)
{
	struct call reset = { 0 };
	struct call id = { .major = IRP_MJ_DEVICE_CONTROL,
			   .code = IOCTL_PAR_QUERY_RAW_DEVICE_ID,
			   .buffer = (char[256]){ 0 },
			   .output_bytes = 256 };

	open_device(rig, 0, 0);
	queue_internal(rig, &reset, 0, LOCK);
	rig_settle(rig);
	send_to(rig, &id, 0);
	CHECK_EQUAL(id.returned, PENDING);
	rig_suspend(rig);
	check_ended(&id, POWERED_OFF);
	wake_up(rig);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK), SUCCESS);
}

static void cancelled_asleep(struct rig *rig)
{
	struct call write = { 0 };
	struct call read = { 0 };
	char told[4];

	open_device(rig, 0, 0);
	rig_suspend(rig);
	queue_write(rig, &write, 0, LINE, BYTES);
	queue_read(rig, &read, 0, told, sizeof(told));
	rig_cancel(rig, &write);
	rig_settle(rig);
	check_ended(&write, CANCELLED);
	CHECK_EQUAL(ask_device_major(rig, 0, 0, IRP_MJ_CLEANUP), SUCCESS);
	check_ended(&read, CANCELLED);
	wake_up(rig);
	check_heard(rig, 0, "", 0);
}

static void patience_ends_asleep(struct rig *rig)
{
	struct call write = { 0 };
	struct call lock = { 0 };

	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	rig_suspend(rig);
	queue_write(rig, &write, 0, LINE, BYTES);
	queue_internal(rig, &lock, 1, LOCK);
	rig_pass_ms(rig, LOCK_MS - 100);
	CHECK(!write.done && !lock.done);
	rig_pass_ms(rig, 200);
	check_ended(&write, DEVICE_BUSY);
	check_ended(&lock, DEVICE_BUSY);
	wake_up(rig);
	CHECK(!is_held(rig));
}

static void removed_asleep(struct rig *rig)
{
	struct call write = { 0 };
	struct call locked = { 0 };

	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	rig_suspend(rig);
	queue_write(rig, &write, 0, LINE, BYTES);
	queue_write(rig, &locked, 1, LINE, BYTES);
	rig_remove(rig, true);
	rig_settle(rig);
	check_ended(&write, DELETE_PENDING);
	check_ended(&locked, DELETE_PENDING);
	CHECK(!is_held(rig));
}

/* ---- a lock ----------------------------------------------------------------------------- */

static void lock_waits(struct rig *rig)
{
	struct call lock = { 0 };

	open_device(rig, 1, 0);
	rig_suspend(rig);
	queue_internal(rig, &lock, 1, LOCK);
	rig_settle(rig);
	CHECK(!lock.done);
	wake_up(rig);
	check_ended(&lock, SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
}

static void lock_is_kept(struct rig *rig)
{
	struct call write = { 0 };
	struct call cancelled = { 0 };
	struct call unlock = { 0 };

	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	CHECK_EQUAL(negotiate(rig, 1, ECP_SW, ECP_SW), SUCCESS);
	CHECK_EQUAL(write_to(rig, 1, "ab", 2), SUCCESS);
	check_heard(rig, 1, "ab", 2);
	rig_suspend(rig);
	queue_write(rig, &write, 1, LINE, BYTES);
	queue_write(rig, &cancelled, 1, LINE, BYTES);
	queue_internal(rig, &unlock, 1, UNLOCK);
	rig_cancel(rig, &cancelled);
	check_ended(&cancelled, CANCELLED);
	rig_settle(rig);
	CHECK(!write.done && !unlock.done);
	CHECK(is_held(rig));
	wake_up(rig);
	CHECK_EQUAL(write.status, SUCCESS);
	check_heard(rig, 1, LINE, BYTES);
	check_ended(&unlock, SUCCESS);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void first_is_cancelled(struct rig *rig)
{
	struct call writes[2] = { 0 };

	open_device(rig, 0, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
	rig_suspend(rig);
	queue_write(rig, &writes[0], 0, "ab", 2);
	queue_write(rig, &writes[1], 0, "cd", 2);
	rig_cancel(rig, &writes[0]);
	check_ended(&writes[0], CANCELLED);
	wake_up(rig);
	CHECK_EQUAL(writes[1].status, SUCCESS);
	check_heard(rig, 0, "cd", 2);
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK), SUCCESS);
}

static void unlocked_asleep(struct rig *rig)
{
	struct call next = { 0 };

	open_files(rig, 1);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	rig_suspend(rig);
	queue_allocate(rig, &next, 0);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
	CHECK(!is_held(rig) && !next.done);
	wake_up(rig);
	check_ended(&next, SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void lock_is_lost(struct rig *rig)
{
	struct call write = { 0 };
	struct call next = { 0 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
	rig_suspend(rig);
	queue_write(rig, &write, 0, LINE, BYTES);
	queue_allocate(rig, &next, 0);
	rig_resume(rig);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_settle(rig);
	check_ended(&write, UNSUCCESSFUL);
	check_ended(&next, SUCCESS);
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK), INVALID_DEVICE_STATE);
}

/* Under its lock a client may have selected somebody: that it has to do again. */
static void lock_without_select(struct rig *rig)
{
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK_NO_SELECT), SUCCESS);
	rig_suspend(rig);
	wake_up(rig);
	CHECK(is_held(rig));
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(write_to(rig, 0, "ab", 2), SUCCESS);
	check_heard(rig, END_DEVICE, "ab", 2);
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK_NO_DESELECT), SUCCESS);
}

static const struct contract_case cases[] = {
	{ "below D0 READ and WRITE wait, and are carried out in D0", read_and_write_wait,
	  ON_POOR_CHIP },
	{ "a WRITE that runs when the power goes: DEVICE_POWERED_OFF, each byte counted",
	  write_is_cut, ON_RICH_CHIP },
	{ "what else runs then: DEVICE_POWERED_OFF", other_work_is_cut, ON_POOR_CHIP },
	{ "C-155 cancelled below D0", cancelled_asleep, ON_POOR_CHIP },
	{ "below D0 for longer than a device waits for its port: DEVICE_BUSY", patience_ends_asleep,
	  ON_POOR_CHIP },
	{ "C-177 removed below D0: DELETE_PENDING", removed_asleep, ON_POOR_CHIP },
	{ "below D0 a LOCK waits, then selects", lock_waits, ON_POOR_CHIP },
	{ "a lock outlives D3, and what waits under it is carried out", lock_is_kept,
	  ON_RICH_CHIP },
	{ "cancelled below D0 under a lock", first_is_cancelled, ON_POOR_CHIP },
	{ "UNLOCK below D0 frees the port", unlocked_asleep, ON_POOR_CHIP },
	{ "a lock whose device cannot be selected again is lost", lock_is_lost, ON_POOR_CHIP },
	{ "LOCK_NO_SELECT: nobody is selected afterwards", lock_without_select, ON_POOR_CHIP },
};

CASE_TABLE(device_power_cases, cases);
