/* SPDX-License-Identifier: MIT */
/*
 * The callbacks of PARALLEL_PORT_INFORMATION, and what all callbacks share.
 */
#include "case.h"

static void try_free_port(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	CHECK_EQUAL(info.TryAllocatePort(info.Context), 1);
	CHECK(is_held(rig));
	info.FreePort(info.Context);
	CHECK(!is_held(rig));
}

static void try_held_port(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK(!try_allocate(rig));
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void count_waiters(struct rig *rig)
{
	struct call calls[3] = { 0 };

	CHECK_EQUAL(waiters(rig), 0);
	CHECK(try_allocate(rig));
	CHECK_EQUAL(waiters(rig), 0);
	queue_allocate(rig, &calls[0], NO_FILE);
	CHECK_EQUAL(waiters(rig), 1);
	queue_select(rig, &calls[1], NO_FILE);
	CHECK_EQUAL(waiters(rig), 2);
	queue_allocate(rig, &calls[2], NO_FILE);
	CHECK_EQUAL(waiters(rig), 3);
	free_port(rig);
	CHECK_EQUAL(waiters(rig), 2);
	rig_cancel(rig, &calls[1]);
	CHECK_EQUAL(waiters(rig), 1);
	free_port(rig);
	CHECK_EQUAL(waiters(rig), 0);
	free_port(rig);
}

static void callback_grants_next(struct rig *rig)
{
	struct call calls[2] = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &calls[0], 1);
	queue_allocate(rig, &calls[1], 0);
	free_port(rig);
	check_ended(&calls[0], OPP_NT_SUCCESS);
	CHECK(!calls[1].done);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
}

/* The runner fails what may wait, or comes at a wrong level. */
static void at_dispatch_level(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION port = port_info(rig);
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };
	struct call waiting = { 0 };

	CHECK(try_allocate(rig));
	queue_allocate(rig, &waiting, NO_FILE);
	rig_raise(rig);
	CHECK_EQUAL(port.QueryNumWaiters(port.Context), 1);
	port.FreePort(port.Context);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK(!port.TryAllocatePort(port.Context));
	CHECK_EQUAL(pnp.TrySetChipMode(pnp.Context, INITIAL_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp.ClearChipMode(pnp.Context, INITIAL_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &command), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &command), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, NO_FILE, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, NO_FILE, ALLOCATE), OPP_NT_SUCCESS);
	port.FreePort(port.Context);
	rig_lower(rig);
	CHECK(!is_held(rig));
}

static void null_context(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION port = port_info(rig);
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };

	CHECK_EQUAL(port.TryAllocatePort(NULL), 0);
	CHECK_EQUAL(port.QueryNumWaiters(NULL), 0);
	CHECK_EQUAL(pnp.TrySetChipMode(NULL, 0), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(pnp.ClearChipMode(NULL, 0), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(pnp.TrySelectDevice(NULL, &command), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(pnp.DeselectDevice(NULL, &command), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, NULL), OPP_NT_INVALID_PARAMETER);
	CHECK(!is_held(rig));
	CHECK(try_allocate(rig));
	port.FreePort(NULL);
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, NULL), OPP_NT_INVALID_PARAMETER);
	CHECK(is_held(rig));
	free_port(rig);
}

static void null_context_at_interrupt(struct rig *rig)
{
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routines;
	union {
		struct PARALLEL_INTERRUPT_SERVICE_ROUTINE in;
		struct PARALLEL_INTERRUPT_INFORMATION out;
	} buffer = { .in = { .DeferredPortCheckRoutine = port_info(rig).FreePort } };
	struct call connect = { .buffer = &buffer,
				.input_bytes = sizeof(buffer.in),
				.output_bytes = sizeof(buffer.out) };

	routines = buffer.in;
	submit(rig, &connect, NO_FILE, IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT);
	CHECK_EQUAL(connect.returned, OPP_NT_SUCCESS);
	CHECK_EQUAL(buffer.out.TryAllocatePortAtInterruptLevel(NULL), 0);
	CHECK(try_allocate(rig));
	buffer.out.FreePortFromInterruptLevel(NULL);
	rig_settle(rig);
	CHECK(is_held(rig));
	free_port(rig);
	CHECK_EQUAL(ask_with(rig, NO_FILE, IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT, &routines,
			     sizeof(routines)),
		    OPP_NT_SUCCESS);
}

static void after_release_info(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO), OPP_NT_SUCCESS);
	CHECK(info.TryAllocatePort(info.Context));
	CHECK_EQUAL(info.QueryNumWaiters(info.Context), 0);
	info.FreePort(info.Context);
	CHECK(!is_held(rig));
}

static const struct contract_case cases[] = {
	{ "C-050 TryAllocatePort on a free port: TRUE", try_free_port, 0 },
	{ "C-051 TryAllocatePort on a held port: FALSE, nothing queued", try_held_port, 0 },
	{ "C-052 C-053 QueryNumWaiters counts all in line, not the holder", count_waiters, 0 },
	{ "C-054 FreePort grants and completes the next in line", callback_grants_next, 0 },
	{ "C-055 callbacks work at DISPATCH_LEVEL", at_dispatch_level, 0 },
	{ "C-056 a NULL context or command is answered, no crash", null_context, 0 },
	{ "C-056 a NULL context at interrupt level", null_context_at_interrupt, NEEDS_CONNECT },
	{ "C-057 callbacks outlive RELEASE_PARALLEL_PORT_INFO", after_release_info, 0 },
};

CASE_TABLE(callback_cases, cases);
