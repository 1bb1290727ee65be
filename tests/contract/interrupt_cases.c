/* SPDX-License-Identifier: MIT */
/*
 * Connected interrupt routines and the interrupt-level pair.
 */
#include <string.h>

#include "interrupt_client.h"

/* ---- connect ----------------------------------------------------------------------------- */

static void disabled_by_default(struct rig *rig)
{
	struct client client = { .isr_letter = 'a' };
	uint8_t buffer[64] = { 0 };

	begin_journal();
	for (uint32_t bytes = 0; bytes <= sizeof(buffer); bytes += 4) {
		struct call call = { .buffer = buffer,
				     .input_bytes = bytes,
				     .output_bytes = sizeof(buffer) - bytes };

		submit(rig, &call, NO_FILE, CONNECT);
		CHECK_EQUAL(call.returned, OPP_NT_UNSUCCESSFUL);
		CHECK_EQUAL(call.information, 0);
	}
	CHECK_EQUAL(connect_as(rig, &client, NO_FILE), OPP_NT_UNSUCCESSFUL);
	CHECK(!rig_interrupt(rig));
	expect_journal("");
}

static void enabled(struct rig *rig)
{
	struct client client = { .isr_letter = 'a' };

	connect_client(rig, &client);
	CHECK(client.buffer.out.InterruptObject);
	CHECK(client.buffer.out.TryAllocatePortAtInterruptLevel);
	CHECK(client.buffer.out.FreePortFromInterruptLevel);
	CHECK(client.buffer.out.Context);
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_SUCCESS);
}

static uint8_t OPP_NTAPI never_called(void *interrupt, void *context)
{
	(void)interrupt;
	(void)context;
	case_failed(__FILE__, __LINE__, "calls of a routine that was refused", 1, 0);
}

static void connect_short(struct rig *rig, uint32_t input_bytes, uint32_t output_bytes)
{
	union connect_buffer buffer = { .in = { .InterruptServiceRoutine = never_called } };
	struct call call = { .buffer = &buffer,
			     .input_bytes = input_bytes,
			     .output_bytes = output_bytes };

	submit(rig, &call, NO_FILE, CONNECT);
	CHECK_EQUAL(call.returned, OPP_NT_BUFFER_TOO_SMALL);
	CHECK_EQUAL(call.information, 0);
}

static void short_buffers(struct rig *rig)
{
	union connect_buffer buffer = { 0 };

	connect_short(rig, sizeof(buffer.in) - 1, sizeof(buffer.out));
	connect_short(rig, sizeof(buffer.in), sizeof(buffer.out) - 1);
	connect_short(rig, 0, 0);
	CHECK_EQUAL(ask_with(rig, NO_FILE, DISCONNECT, &buffer, sizeof(buffer.in) - 1),
		    OPP_NT_BUFFER_TOO_SMALL);
	CHECK(!rig_interrupt(rig));
}

static void same_buffer(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .deferred_letter = 'A' };

	begin_journal();
	connect_client(rig, &client);
	CHECK(memcmp(&client.buffer, &client.routines, sizeof(client.routines)) != 0);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("aA");
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_SUCCESS);
}

static void null_routines(struct rig *rig)
{
	struct client none = { 0 };
	struct client only_isr = { .isr_letter = 'a' };
	struct client only_deferred = { .deferred_letter = 'B' };

	begin_journal();
	CHECK_EQUAL(connect_as(rig, &none, NO_FILE), OPP_NT_INVALID_PARAMETER);
	connect_client(rig, &only_isr);
	connect_client(rig, &only_deferred);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("aB");
	CHECK_EQUAL(disconnect_client(rig, &none), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(disconnect_client(rig, &only_deferred), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect_client(rig, &only_isr), OPP_NT_SUCCESS);
}

static void no_interrupt(struct rig *rig)
{
	struct client client = { .isr_letter = 'a' };
	struct client none = { 0 };

	CHECK_EQUAL(connect_as(rig, &none, NO_FILE), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(connect_as(rig, &client, NO_FILE), OPP_NT_UNSUCCESSFUL);
}

static void entries_run_out(struct rig *rig)
{
	struct client client = { .isr_letter = 'a' };
	int32_t status = OPP_NT_SUCCESS;
	uint32_t connected = 0;

	begin_journal();
	while (connected < 1000 && status == OPP_NT_SUCCESS) {
		status = connect_as(rig, &client, NO_FILE);
		connected += status == OPP_NT_SUCCESS;
	}
	CHECK_EQUAL(status, OPP_NT_INSUFFICIENT_RESOURCES);
	CHECK(connected >= 8);
	client.buffer.out.InterruptObject = NULL;
	for (uint32_t i = 0; i < connected; i++)
		CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(connect_as(rig, &client, NO_FILE), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_SUCCESS);
}

/* ---- service routines ----------------------------------------------------------------------- */

static void connect_order(struct rig *rig)
{
	struct client clients[4] = { { .isr_letter = 'a' },
				     { .isr_letter = 'b', .handles = 1 },
				     { .deferred_letter = 'C' },
				     { .isr_letter = 'd' } };

	begin_journal();
	CHECK(!rig_interrupt(rig));
	for (int i = 0; i < 4; i++)
		connect_client(rig, &clients[i]);
	CHECK(rig_interrupt(rig));
	expect_journal("abd");
	clients[1].handles = 0;
	CHECK(!rig_interrupt(rig));
	expect_journal("abd");
	for (int i = 0; i < 4; i++)
		CHECK_EQUAL(disconnect_client(rig, &clients[i]), OPP_NT_SUCCESS);
}

static void disconnected(struct rig *rig)
{
	struct client first = { .isr_letter = 'a', .deferred_letter = 'A' };
	struct client second = { .isr_letter = 'b', .deferred_letter = 'B' };

	begin_journal();
	connect_client(rig, &first);
	connect_client(rig, &second);
	CHECK_EQUAL(disconnect_client(rig, &first), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("bB");
	CHECK_EQUAL(disconnect_client(rig, &second), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("");
}

static void unknown_routine(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .deferred_letter = 'A' };
	struct client stranger = { .isr_letter = 'b', .deferred_letter = 'B' };
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE other_context;

	begin_journal();
	connect_client(rig, &client);
	other_context = client.routines;
	other_context.InterruptServiceContext = &stranger;
	CHECK_EQUAL(ask_with(rig, NO_FILE, DISCONNECT, &other_context, sizeof(other_context)),
		    OPP_NT_INVALID_PARAMETER);
	other_context.InterruptServiceRoutine = NULL;
	CHECK_EQUAL(ask_with(rig, NO_FILE, DISCONNECT, &other_context, sizeof(other_context)),
		    OPP_NT_INVALID_PARAMETER);
	rig_interrupt(rig);
	expect_journal("a");
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_INVALID_PARAMETER);
}

static void same_pair_twice(struct rig *rig)
{
	struct client twice = { .isr_letter = 'a' };
	struct client between = { .isr_letter = 'b' };

	begin_journal();
	connect_client(rig, &twice);
	connect_client(rig, &between);
	connect_client(rig, &twice);
	rig_interrupt(rig);
	expect_journal("aba");
	CHECK_EQUAL(disconnect_client(rig, &twice), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	expect_journal("ba");
	CHECK_EQUAL(disconnect_client(rig, &twice), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect_client(rig, &between), OPP_NT_SUCCESS);
}

static void cleanup_disconnects(struct rig *rig)
{
	struct client mine = { .isr_letter = 'a', .deferred_letter = 'A' };
	struct client others = { .isr_letter = 'b', .deferred_letter = 'B' };

	begin_journal();
	open_files(rig, 2);
	CHECK_EQUAL(connect_as(rig, &mine, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(connect_as(rig, &others, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("bB");
	CHECK_EQUAL(disconnect_client(rig, &mine), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(disconnect_client(rig, &others), OPP_NT_SUCCESS);
}

/* ---- the interrupt-level pair ---------------------------------------------------------------------- */

static void isr_try(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .in_isr = take_in_isr };

	begin_journal();
	connect_client(rig, &client);
	CHECK(rig_interrupt(rig));
	CHECK(!rig_interrupt(rig));
	CHECK_EQUAL(waiters(rig), 0);
	CHECK(!try_allocate(rig));
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 1);
	free_port(rig);
	CHECK(!is_held(rig));
	CHECK(rig_interrupt(rig));
	free_port(rig);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 2);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 2);
}

static void isr_free_with_waiters(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .in_isr = free_in_isr };
	struct call calls[2] = { 0 };

	begin_journal();
	connect_client(rig, &client);
	CHECK(try_allocate(rig));
	queue_allocate(rig, &calls[0], NO_FILE);
	queue_allocate(rig, &calls[1], NO_FILE);
	rig_interrupt(rig);
	CHECK(!calls[0].done);
	CHECK_EQUAL(try_at_interrupt(&client), 0);
	rig_settle(rig);
	check_ended(&calls[0], OPP_NT_SUCCESS);
	CHECK(!calls[1].done);
	rig_interrupt(rig);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK(!try_allocate(rig));
	rig_settle(rig);
	check_ended(&calls[1], OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	free_port(rig);
}

static void isr_free_runs_deferred(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .deferred_letter = 'A', .in_isr = free_in_isr };

	begin_journal();
	connect_client(rig, &client);
	CHECK(try_allocate(rig));
	rig_interrupt(rig);
	expect_journal("a");
	rig_settle(rig);
	expect_journal("A");
	CHECK(!is_held(rig));
	rig_interrupt(rig);
	rig_settle(rig);
	expect_journal("a");
	CHECK_EQUAL(rig_counters(rig).PortFrees, 1);
}

static const struct contract_case cases[] = {
	{ "C-098 CONNECT is disabled by default, whatever the lengths", disabled_by_default, 0 },
	{ "C-099 once enabled CONNECT succeeds, Information = size", enabled, NEEDS_CONNECT },
	{ "C-100 short input or output: BUFFER_TOO_SMALL", short_buffers, NEEDS_CONNECT },
	{ "C-101 input counts though output overwrites it", same_buffer, NEEDS_CONNECT },
	{ "C-110 both routines NULL is refused, one is fine", null_routines, NEEDS_CONNECT },
	{ "CONNECT to a port without an interrupt", no_interrupt, NEEDS_NO_INTERRUPT },
	{ "the last entry is INSUFFICIENT_RESOURCES", entries_run_out, NEEDS_CONNECT },
	{ "C-102 all service routines, in connect order", connect_order, NEEDS_CONNECT },
	{ "C-105 a disconnected routine is not called again", disconnected, NEEDS_CONNECT },
	{ "C-106 DISCONNECT of an unknown routine", unknown_routine, NEEDS_CONNECT },
	{ "the same pair twice is two entries, oldest first", same_pair_twice, NEEDS_CONNECT },
	{ "cleanup disconnects that file's routines", cleanup_disconnects, NEEDS_CONNECT },
	{ "C-107 the interrupt-level try never queues", isr_try, NEEDS_CONNECT },
	{ "C-108 an interrupt-level free grants later, in order", isr_free_with_waiters,
	  NEEDS_CONNECT },
	{ "an interrupt-level free runs deferred routines", isr_free_runs_deferred, NEEDS_CONNECT },
};

CASE_TABLE(interrupt_cases, cases);
