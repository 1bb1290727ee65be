/* SPDX-License-Identifier: MIT */
/*
 * The line: order of arrival, hand-over, what may stand in it.
 */
#include "case.h"

#define MANY 8

static void arrival_order(struct rig *rig)
{
	struct call calls[MANY] = { 0 };

	open_files(rig, RIG_FILES);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (int i = 0; i < MANY; i++)
		queue_allocate(rig, &calls[i], i % RIG_FILES);
	for (int i = 0; i < MANY; i++) {
		free_port(rig);
		for (int k = 0; k < MANY; k++)
			CHECK_EQUAL(calls[k].done, k <= i);
		CHECK_EQUAL(calls[i].status, OPP_NT_SUCCESS);
	}
	for (int i = 1; i < MANY; i++)
		CHECK(calls[i].order > calls[i - 1].order);
}

static void common_order(struct rig *rig)
{
	struct call calls[MANY] = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (int i = 0; i < MANY; i++) {
		if (i % 3 == 1)
			queue_select(rig, &calls[i], 1);
		else
			queue_allocate(rig, &calls[i], 1);
	}
	for (int i = 0; i < MANY; i++) {
		free_port(rig);
		check_ended(&calls[i], OPP_NT_SUCCESS);
		CHECK_EQUAL(waiters(rig), MANY - 1 - i);
	}
}

static void one_free_one_grant(struct rig *rig)
{
	struct call calls[3] = { 0 };

	CHECK(try_allocate(rig));
	for (int i = 0; i < 3; i++)
		queue_allocate(rig, &calls[i], NO_FILE);
	CHECK_EQUAL(ask(rig, NO_FILE, FREE), OPP_NT_SUCCESS);
	CHECK(calls[0].done && !calls[1].done && !calls[2].done);
	CHECK_EQUAL(ask_command(rig, NO_FILE, DESELECT, EOC, 0), OPP_NT_SUCCESS);
	CHECK(calls[1].done && !calls[2].done);
	free_port(rig);
	CHECK(calls[2].done);
	free_port(rig);
}

/* ---- nobody slips in ------------------------------------------------------------------------ */

static void try_it(struct rig *rig, struct call *call)
{
	(void)call;
	CHECK(!try_allocate(rig));
	CHECK_EQUAL(ask(rig, 3, FREE), OPP_NT_INVALID_DEVICE_STATE);
}

static void no_slipping_in(struct rig *rig)
{
	struct call calls[3] = { 0 };

	open_files(rig, 4);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (int i = 0; i < 3; i++) {
		calls[i].completed = try_it;
		queue_allocate(rig, &calls[i], i);
		CHECK(!try_allocate(rig));
	}
	for (int i = 0; i < 3; i++) {
		CHECK_EQUAL(ask(rig, i ? i - 1 : 0, FREE), OPP_NT_SUCCESS);
		check_ended(&calls[i], OPP_NT_SUCCESS);
		CHECK(!try_allocate(rig));
	}
}

/* ---- only allocate and select queue ------------------------------------------------------------ */

static void ask_the_rest(struct rig *rig, int file)
{
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE none = { 0 };
	struct MORE_PARALLEL_PORT_INFORMATION more;
	struct PARALLEL_CHIP_MODE mode = { 0 };
	struct call info = { .buffer = &more, .output_bytes = sizeof(more) };
	struct call connect = { .buffer = &none,
				.input_bytes = sizeof(none),
				.output_bytes = sizeof(struct PARALLEL_INTERRUPT_INFORMATION) };

	port_info(rig);
	pnp_info(rig);
	submit(rig, &info, file, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO);
	CHECK_EQUAL(info.returned, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, file, IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO), OPP_NT_SUCCESS);
	submit(rig, &connect, file, IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT);
	CHECK_EQUAL(connect.returned, OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(ask_with(rig, file, IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT, &none,
			     sizeof(none)),
		    OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(ask_with(rig, file, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, sizeof(mode)),
		    OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(
		ask_with(rig, file, IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE, &mode, sizeof(mode)),
		OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, file, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_command(rig, file, SELECT, EOC | KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_command(rig, file, DESELECT, EOC, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_major(rig, 3, IRP_MJ_CREATE), OPP_NT_SUCCESS);
	close_file(rig, 3);
}

static void others_never_queue(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { 0 };
	struct call waiting = { 0 };

	open_files(rig, 3);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	ask_the_rest(rig, 2);
	CHECK_EQUAL(ask_with(rig, 0, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, sizeof(mode)),
		    OPP_NT_SUCCESS);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK(!waiting.done);
}

static void two_ports(struct rig *rig)
{
	struct rig *other = rig_second(rig);
	struct call here = { 0 };
	struct call there = { 0 };

	open_files(rig, 1);
	open_files(other, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK(!is_held(other));
	CHECK_EQUAL(ask(other, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &here, 0);
	CHECK_EQUAL(waiters(other), 0);
	queue_allocate(other, &there, 0);
	free_port(other);
	CHECK(there.done && !here.done);
	CHECK_EQUAL(waiters(rig), 1);
	free_port(rig);
	CHECK(here.done);
}

/* ---- completions that act --------------------------------------------------------------------- */

#define CHAIN       1000
#define STACK_SLACK 4096

static struct call chain[CHAIN];
static uintptr_t shallowest;
static uintptr_t deepest;
static uint32_t chained;

static void free_at_once(struct rig *rig, struct call *call)
{
	uintptr_t address = (uintptr_t)__builtin_frame_address(0);

	check_ended(call, OPP_NT_SUCCESS);
	CHECK(call == &chain[chained]);
	if (chained++ == 0)
		shallowest = deepest = address;
	if (address > shallowest)
		shallowest = address;
	if (address < deepest)
		deepest = address;
	free_port(rig);
}

static void drain_a_thousand(struct rig *rig)
{
	chained = 0;
	CHECK(try_allocate(rig));
	for (int i = 0; i < CHAIN; i++) {
		chain[i] = (struct call){ .completed = free_at_once };
		queue_allocate(rig, &chain[i], NO_FILE);
	}
	free_port(rig);
	CHECK_EQUAL(chained, CHAIN);
	CHECK(!is_held(rig));
	CHECK(shallowest - deepest < STACK_SLACK);
}

static struct call nested;

static void free_and_ask_again(struct rig *rig, struct call *call)
{
	check_ended(call, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &nested, 0);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
}

static void act_in_completion(struct rig *rig)
{
	struct call first = { .completed = free_and_ask_again };

	nested = (struct call){ 0 };
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &first, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&first, OPP_NT_SUCCESS);
	check_ended(&nested, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static const struct contract_case cases[] = {
	{ "C-034 queued allocates are granted in arrival order", arrival_order, 0 },
	{ "C-035 allocates and selects keep one arrival order", common_order, 0 },
	{ "C-036 one free grants exactly one waiter", one_free_one_grant, 0 },
	{ "C-037 TryAllocatePort never succeeds while a waiter exists", no_slipping_in, 0 },
	{ "C-038 no other request queues, held and contended or not", others_never_queue, 0 },
	{ "C-039 two ports have independent queues", two_ports, NEEDS_SECOND_PORT },
	{ "C-041 1000 waiters drain by chained frees at constant depth", drain_a_thousand, 0 },
	{ "C-042 a completion may free, allocate and queue", act_in_completion, 0 },
};

CASE_TABLE(queue_cases, cases);
