/* SPDX-License-Identifier: MIT */
/*
 * Allocate and free, by request and by callback; who may free; the counters.
 */
#include "case.h"

static void allocate_free_port(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void allocate_held_port(struct rig *rig)
{
	struct call second = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &second, 1);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&second, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
}

/* One holder, two in line; frees once; returns how far that went. */
static uint32_t one_free(struct rig *rig, bool by_callback)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS before = rig_counters(rig);
	struct PARPORT_WMI_ALLOC_FREE_COUNTS after;
	struct call next = { 0 };
	struct call last = { 0 };

	CHECK_EQUAL(ask(rig, NO_FILE, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &next, NO_FILE);
	queue_allocate(rig, &last, NO_FILE);
	if (by_callback)
		free_port(rig);
	else
		CHECK_EQUAL(ask(rig, NO_FILE, FREE), OPP_NT_SUCCESS);
	check_ended(&next, OPP_NT_SUCCESS);
	CHECK(!last.done);
	after = rig_counters(rig);
	rig_cancel(rig, &last);
	free_port(rig);
	return (after.PortAllocates - before.PortAllocates) * 10 +
	       (after.PortFrees - before.PortFrees);
}

static void both_ways_to_free(struct rig *rig)
{
	CHECK_EQUAL(one_free(rig, false), 21);
	CHECK_EQUAL(one_free(rig, true), 21);
	CHECK(!is_held(rig));
}

static void mixed_pairs(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	free_port(rig);
	CHECK(!is_held(rig));
	CHECK(try_allocate(rig));
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void free_of_free_port(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, NO_FILE, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 0);
}

static void callback_free_of_free_port(struct rig *rig)
{
	free_port(rig);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 0);
	CHECK_EQUAL(ask(rig, NO_FILE, ALLOCATE), OPP_NT_SUCCESS);
	free_port(rig);
}

static void free_by_another(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK(!waiting.done);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&waiting, OPP_NT_SUCCESS);
}

static void allocate_twice(struct rig *rig)
{
	struct call again = { 0 };

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &again, 0);
	CHECK_EQUAL(waiters(rig), 1);
	rig_cancel(rig, &again);
	CHECK(is_held(rig));
}

static void granted_after_own_free(struct rig *rig)
{
	struct call other = { 0 };
	struct call again = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &other, 1);
	queue_allocate(rig, &again, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&other, OPP_NT_SUCCESS);
	CHECK(!again.done);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
	check_ended(&again, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

/* ---- counters ------------------------------------------------------------------------- */

static void expect_counts(struct rig *rig, uint32_t allocates, uint32_t frees)
{
	CHECK_EQUAL(rig_counters(rig).PortAllocates, allocates);
	CHECK_EQUAL(rig_counters(rig).PortFrees, frees);
}

static void count_every_path(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	expect_counts(rig, 1, 0);
	CHECK(!try_allocate(rig));
	queue_select(rig, &waiting, 1);
	expect_counts(rig, 1, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	expect_counts(rig, 2, 1);
	CHECK_EQUAL(ask_command(rig, 1, DESELECT, EOC, 0), OPP_NT_SUCCESS);
	expect_counts(rig, 2, 2);
	CHECK(try_allocate(rig));
	expect_counts(rig, 3, 2);
	free_port(rig);
	expect_counts(rig, 3, 3);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
	close_file(rig, 1);
	expect_counts(rig, 4, 4);
}

/* A fixed pseudo-random walk; is_held checks that the difference is 0 or 1 at each step. */
static void difference_is_0_or_1(struct rig *rig)
{
	struct call calls[64] = { 0 };
	uint32_t state = 1;
	uint32_t queued = 0;

	open_files(rig, RIG_FILES);
	for (uint32_t step = 0; step < 4000; step++) {
		int file;

		state = state * 1103515245 + 12345;
		file = (int)(state >> 16) % RIG_FILES;
		if ((state >> 24) % 3 == 0 && queued < 64)
			submit(rig, &calls[queued++], file, ALLOCATE);
		else if ((state >> 24) % 3 == 1)
			ask(rig, file, FREE);
		else if (queued > 0)
			rig_cancel(rig, &calls[(state >> 8) % queued]);
		is_held(rig);
		if (queued == 64 && waiters(rig) == 0) {
			queued = 0;
			for (int i = 0; i < 64; i++)
				calls[i] = (struct call){ 0 };
		}
	}
	CHECK(rig_counters(rig).PortAllocates > 64);
	for (int file = 0; file < RIG_FILES; file++)
		close_file(rig, file);
}

static const struct contract_case cases[] = {
	{ "C-019 C-022 a free port is granted at once and freed", allocate_free_port, 0 },
	{ "C-020 C-021 a held port: PENDING, granted when it is freed", allocate_held_port, 0 },
	{ "C-023 C-036 FREE and FreePort both grant exactly one waiter", both_ways_to_free, 0 },
	{ "C-024 request and callback may be paired either way", mixed_pairs, 0 },
	{ "C-025 FREE of a free port: INVALID_DEVICE_STATE, not counted", free_of_free_port, 0 },
	{ "C-026 FreePort on a free port has no effect", callback_free_of_free_port, 0 },
	{ "C-027 FREE from another file: INVALID_DEVICE_STATE, still held", free_by_another, 0 },
	{ "C-028 a second ALLOCATE by the holder queues", allocate_twice, 0 },
	{ "C-029 after its own FREE it is granted in turn", granted_after_own_free, 0 },
	{ "C-031 each grant and each release counts, by any path", count_every_path, 0 },
	{ "C-032 allocates less frees is 0 or 1 at all times", difference_is_0_or_1, 0 },
};

CASE_TABLE(allocate_cases, cases);
