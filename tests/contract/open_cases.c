/* SPDX-License-Identifier: MIT */
/*
 * Files of a port: open, cleanup, close.
 */
#include "case.h"

static void two_opens(struct rig *rig)
{
	struct call first = { .major = IRP_MJ_CREATE, .file = 0 };
	struct call second = { .major = IRP_MJ_CREATE, .file = 1 };

	rig_submit(rig, &first);
	rig_submit(rig, &second);
	CHECK_EQUAL(first.returned, OPP_NT_SUCCESS);
	CHECK_EQUAL(second.returned, OPP_NT_SUCCESS);
	CHECK_EQUAL(first.information, 0);
	CHECK_EQUAL(second.information, 0);
	CHECK(!is_held(rig));
}

static void open_while_removed(struct rig *rig)
{
	rig_remove(rig, true);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), OPP_NT_DELETE_PENDING);
	rig_remove(rig, false);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), OPP_NT_DELETE_PENDING);
}

static void close_one_of_two(struct rig *rig)
{
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
	close_file(rig, 0);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
}

static void cleanup_of_holder(struct rig *rig)
{
	struct call next = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &next, 1);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	check_ended(&next, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
}

static void cleanup_of_holder_alone(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_counters(rig).PortFrees, 1);
}

static void cleanup_of_waiter(struct rig *rig)
{
	struct call mine[2] = { 0 };
	struct call others[2] = { 0 };

	open_files(rig, 3);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &mine[0], 1);
	queue_allocate(rig, &others[0], 2);
	queue_select(rig, &mine[1], 1);
	queue_allocate(rig, &others[1], NO_FILE);
	CHECK_EQUAL(ask_major(rig, 1, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	check_ended(&mine[0], OPP_NT_CANCELLED);
	check_ended(&mine[1], OPP_NT_CANCELLED);
	CHECK(!others[0].done && !others[1].done);
	CHECK_EQUAL(waiters(rig), 2);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&others[0], OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 2, FREE), OPP_NT_SUCCESS);
	check_ended(&others[1], OPP_NT_SUCCESS);
	free_port(rig);
}

static void last_close(struct rig *rig)
{
	open_files(rig, 2);
	CHECK(try_allocate(rig));
	close_file(rig, 0);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_major(rig, 1, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_major(rig, 1, IRP_MJ_CLOSE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void close_after_removal(struct rig *rig)
{
	open_files(rig, 2);
	rig_remove(rig, true);
	close_file(rig, 0);
	rig_remove(rig, false);
	close_file(rig, 1);
}

static void majors_without_file(struct rig *rig)
{
	CHECK_EQUAL(ask_major(rig, NO_FILE, IRP_MJ_CREATE), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(ask_major(rig, NO_FILE, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_major(rig, NO_FILE, IRP_MJ_CLOSE), OPP_NT_SUCCESS);
}

/* Only the two control majors have a code; what stands in its place elsewhere means nothing. */
static void majors_without_code(struct rig *rig)
{
	static const uint8_t majors[] = { IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE };

	for (size_t i = 0; i < sizeof(majors); i++) {
		struct call call = { .major = majors[i], .code = FREE };

		rig_submit(rig, &call);
		CHECK_EQUAL(call.returned, OPP_NT_SUCCESS);
	}
}

static const struct contract_case cases[] = {
	{ "C-011 C-012 two opens of one port succeed, Information 0", two_opens, 0 },
	{ "C-013 an open of a port that is being removed: DELETE_PENDING", open_while_removed, 0 },
	{ "C-014 closing one file leaves the other usable", close_one_of_two, 0 },
	{ "C-015 cleanup of the holder's file grants the next in line", cleanup_of_holder, 0 },
	{ "C-015 cleanup of the holder's file frees the port", cleanup_of_holder_alone, 0 },
	{ "C-016 cleanup cancels that file's queued requests only", cleanup_of_waiter, 0 },
	{ "C-017 the last close releases what no file allocated", last_close, 0 },
	{ "C-018 cleanup and close succeed after removal", close_after_removal, 0 },
	{ "open, cleanup and close without a file do no harm", majors_without_file, 0 },
	{ "open, cleanup and close have no code", majors_without_code, 0 },
};

CASE_TABLE(open_cases, cases);
