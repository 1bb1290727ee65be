/* SPDX-License-Identifier: MIT */
/*
 * Cancelling requests in line, and requests that arrive cancelled.
 */
#include "case.h"

static void cancel_allocate(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	rig_cancel(rig, &waiting);
	check_ended(&waiting, OPP_NT_CANCELLED);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void cancel_select(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_select(rig, &waiting, 1);
	rig_cancel(rig, &waiting);
	check_ended(&waiting, OPP_NT_CANCELLED);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK(is_held(rig));
}

static void cancel_middle(struct rig *rig)
{
	struct call calls[5] = { 0 };

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (int i = 0; i < 5; i++)
		queue_allocate(rig, &calls[i], 0);
	rig_cancel(rig, &calls[2]);
	check_ended(&calls[2], OPP_NT_CANCELLED);
	for (int i = 0; i < 5; i++) {
		if (i == 2)
			continue;
		CHECK(!calls[i].done);
		CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
		check_ended(&calls[i], OPP_NT_SUCCESS);
	}
}

static void cancel_after_grant(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_cancel(rig, &waiting);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
}

static void cancel_all(struct rig *rig)
{
	struct call calls[4] = { 0 };

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (int i = 0; i < 4; i++)
		queue_allocate(rig, &calls[i], 0);
	for (int i = 0; i < 4; i++) {
		rig_cancel(rig, &calls[i * 3 % 4]);
		check_ended(&calls[i * 3 % 4], OPP_NT_CANCELLED);
		CHECK_EQUAL(waiters(rig), 3 - i);
	}
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void no_driver_timeout(struct rig *rig)
{
	struct call allocate = { 0 };
	struct call select = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &allocate, 1);
	queue_select(rig, &select, 1);
	rig_pass_days(rig, 400);
	CHECK_EQUAL(waiters(rig), 2);
	CHECK(!allocate.done && !select.done);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&allocate, OPP_NT_SUCCESS);
	CHECK(!select.done);
}

static void arrives_cancelled(struct rig *rig, uint32_t code)
{
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };
	struct call call = { .cancelled = true,
			     .buffer = &command,
			     .input_bytes = sizeof(command) };

	submit(rig, &call, 0, code);
	CHECK_EQUAL(call.returned, OPP_NT_CANCELLED);
	check_ended(&call, OPP_NT_CANCELLED);
}

static void cancelled_before_arrival(struct rig *rig)
{
	open_files(rig, 2);
	arrives_cancelled(rig, ALLOCATE);
	arrives_cancelled(rig, SELECT);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
	arrives_cancelled(rig, ALLOCATE);
	arrives_cancelled(rig, SELECT);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK(is_held(rig));
}

static const struct contract_case cases[] = {
	{ "C-043 a queued ALLOCATE is cancelled: CANCELLED, Information 0", cancel_allocate, 0 },
	{ "C-044 a queued SELECT is cancelled: CANCELLED", cancel_select, 0 },
	{ "C-045 cancelling in the middle keeps the order of the rest", cancel_middle, 0 },
	{ "C-046 cancel after the grant changes nothing", cancel_after_grant, 0 },
	{ "C-048 cancelling every waiter leaves none, and the port held", cancel_all, 0 },
	{ "C-049 ALLOCATE and SELECT wait for ever", no_driver_timeout, 0 },
	{ "C-187 ALLOCATE and SELECT that arrive cancelled end so", cancelled_before_arrival, 0 },
};

CASE_TABLE(cancel_cases, cases);
