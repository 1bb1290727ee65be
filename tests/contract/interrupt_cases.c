/* SPDX-License-Identifier: MIT */
/*
 * Connected interrupt routines, deferred routines, the interrupt-level pair.
 */
#include <string.h>

#include "case.h"

#define CONNECT    IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT
#define DISCONNECT IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT

/* One buffer for input and output, as METHOD_BUFFERED has it. */
union connect_buffer {
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE in;
	struct PARALLEL_INTERRUPT_INFORMATION out;
};

/* A client: what its routines do, and the journal they write their letters to. */
struct client {
	struct rig *rig;
	char isr_letter;
	char deferred_letter;
	uint8_t handles;
	void (*in_deferred)(struct client *client);
	void (*in_isr)(struct client *client);
	union connect_buffer buffer;
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routines;
};

static char journal[64];
static size_t written;

static void note(char letter)
{
	CHECK(written + 1 < sizeof(journal));
	journal[written++] = letter;
	journal[written] = 0;
}

static void expect_journal(const char *letters)
{
	CHECK(strcmp(journal, letters) == 0);
	written = 0;
	journal[0] = 0;
}

static uint8_t OPP_NTAPI isr(void *interrupt, void *context)
{
	struct client *client = context;

	CHECK(interrupt == client->buffer.out.InterruptObject);
	note(client->isr_letter);
	if (client->in_isr)
		client->in_isr(client);
	return client->handles;
}

static void OPP_NTAPI deferred(void *context)
{
	struct client *client = context;

	rig_in_routine(client->rig);
	note(client->deferred_letter);
	if (client->in_deferred)
		client->in_deferred(client);
}

static int32_t connect_as(struct rig *rig, struct client *client, int file)
{
	struct call call = { .buffer = &client->buffer,
			     .input_bytes = sizeof(client->buffer.in),
			     .output_bytes = sizeof(client->buffer.out) };

	client->rig = rig;
	client->routines = (struct PARALLEL_INTERRUPT_SERVICE_ROUTINE){
		.InterruptServiceRoutine = client->isr_letter ? isr : NULL,
		.InterruptServiceContext = client,
		.DeferredPortCheckRoutine = client->deferred_letter ? deferred : NULL,
		.DeferredPortCheckContext = client,
	};
	client->buffer.in = client->routines;
	send(rig, &call, file, CONNECT);
	CHECK(call.returned != OPP_NT_PENDING);
	if (call.returned == OPP_NT_SUCCESS)
		CHECK_EQUAL(call.information, sizeof(client->buffer.out));
	return call.returned;
}

static void connect(struct rig *rig, struct client *client)
{
	CHECK_EQUAL(connect_as(rig, client, NO_FILE), OPP_NT_SUCCESS);
}

static int32_t disconnect(struct rig *rig, struct client *client)
{
	return ask_with(rig, NO_FILE, DISCONNECT, &client->routines, sizeof(client->routines));
}

static void begin(void)
{
	written = 0;
	journal[0] = 0;
}

/* ---- connect ----------------------------------------------------------------------------- */

static void disabled_by_default(struct rig *rig)
{
	struct client client = { .isr_letter = 'a' };
	uint8_t buffer[64] = { 0 };

	begin();
	for (uint32_t bytes = 0; bytes <= sizeof(buffer); bytes += 4) {
		struct call call = { .buffer = buffer,
				     .input_bytes = bytes,
				     .output_bytes = sizeof(buffer) - bytes };

		send(rig, &call, NO_FILE, CONNECT);
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

	connect(rig, &client);
	CHECK(client.buffer.out.InterruptObject);
	CHECK(client.buffer.out.TryAllocatePortAtInterruptLevel);
	CHECK(client.buffer.out.FreePortFromInterruptLevel);
	CHECK(client.buffer.out.Context);
	CHECK_EQUAL(disconnect(rig, &client), OPP_NT_SUCCESS);
}

static void connect_short(struct rig *rig, uint32_t input_bytes, uint32_t output_bytes)
{
	union connect_buffer buffer = { .in = { .InterruptServiceRoutine = isr } };
	struct call call = { .buffer = &buffer,
			     .input_bytes = input_bytes,
			     .output_bytes = output_bytes };

	send(rig, &call, NO_FILE, CONNECT);
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

	begin();
	connect(rig, &client);
	CHECK(memcmp(&client.buffer, &client.routines, sizeof(client.routines)) != 0);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("aA");
	CHECK_EQUAL(disconnect(rig, &client), OPP_NT_SUCCESS);
}

static void null_routines(struct rig *rig)
{
	struct client none = { 0 };
	struct client only_isr = { .isr_letter = 'a' };
	struct client only_deferred = { .deferred_letter = 'B' };

	begin();
	CHECK_EQUAL(connect_as(rig, &none, NO_FILE), OPP_NT_INVALID_PARAMETER);
	connect(rig, &only_isr);
	connect(rig, &only_deferred);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("aB");
	CHECK_EQUAL(disconnect(rig, &none), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(disconnect(rig, &only_deferred), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect(rig, &only_isr), OPP_NT_SUCCESS);
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

	begin();
	while (connected < 1000 && status == OPP_NT_SUCCESS) {
		status = connect_as(rig, &client, NO_FILE);
		connected += status == OPP_NT_SUCCESS;
	}
	CHECK_EQUAL(status, OPP_NT_INSUFFICIENT_RESOURCES);
	CHECK(connected >= 8);
	client.buffer.out.InterruptObject = NULL;
	for (uint32_t i = 0; i < connected; i++)
		CHECK_EQUAL(disconnect(rig, &client), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect(rig, &client), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(connect_as(rig, &client, NO_FILE), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect(rig, &client), OPP_NT_SUCCESS);
}

/* ---- service routines ----------------------------------------------------------------------- */

static void connect_order(struct rig *rig)
{
	struct client clients[4] = { { .isr_letter = 'a' },
				     { .isr_letter = 'b', .handles = 1 },
				     { .deferred_letter = 'C' },
				     { .isr_letter = 'd' } };

	begin();
	CHECK(!rig_interrupt(rig));
	for (int i = 0; i < 4; i++)
		connect(rig, &clients[i]);
	CHECK(rig_interrupt(rig));
	expect_journal("abd");
	clients[1].handles = 0;
	CHECK(!rig_interrupt(rig));
	expect_journal("abd");
	for (int i = 0; i < 4; i++)
		CHECK_EQUAL(disconnect(rig, &clients[i]), OPP_NT_SUCCESS);
}

static void disconnected(struct rig *rig)
{
	struct client first = { .isr_letter = 'a', .deferred_letter = 'A' };
	struct client second = { .isr_letter = 'b', .deferred_letter = 'B' };

	begin();
	connect(rig, &first);
	connect(rig, &second);
	CHECK_EQUAL(disconnect(rig, &first), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("bB");
	CHECK_EQUAL(disconnect(rig, &second), OPP_NT_SUCCESS);
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

	begin();
	connect(rig, &client);
	other_context = client.routines;
	other_context.InterruptServiceContext = &stranger;
	CHECK_EQUAL(ask_with(rig, NO_FILE, DISCONNECT, &other_context, sizeof(other_context)),
		    OPP_NT_INVALID_PARAMETER);
	other_context.InterruptServiceRoutine = NULL;
	CHECK_EQUAL(ask_with(rig, NO_FILE, DISCONNECT, &other_context, sizeof(other_context)),
		    OPP_NT_INVALID_PARAMETER);
	rig_interrupt(rig);
	expect_journal("a");
	CHECK_EQUAL(disconnect(rig, &client), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect(rig, &client), OPP_NT_INVALID_PARAMETER);
}

static void same_pair_twice(struct rig *rig)
{
	struct client twice = { .isr_letter = 'a' };
	struct client between = { .isr_letter = 'b' };

	begin();
	connect(rig, &twice);
	connect(rig, &between);
	connect(rig, &twice);
	rig_interrupt(rig);
	expect_journal("aba");
	CHECK_EQUAL(disconnect(rig, &twice), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	expect_journal("ba");
	CHECK_EQUAL(disconnect(rig, &twice), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect(rig, &between), OPP_NT_SUCCESS);
}

static void cleanup_disconnects(struct rig *rig)
{
	struct client mine = { .isr_letter = 'a', .deferred_letter = 'A' };
	struct client others = { .isr_letter = 'b', .deferred_letter = 'B' };

	begin();
	open_files(rig, 2);
	CHECK_EQUAL(connect_as(rig, &mine, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(connect_as(rig, &others, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("bB");
	CHECK_EQUAL(disconnect(rig, &mine), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(disconnect(rig, &others), OPP_NT_SUCCESS);
}

/* ---- deferred routines ------------------------------------------------------------------------- */

static void when_free(struct rig *rig)
{
	struct client clients[3] = { { .isr_letter = 'a', .deferred_letter = 'A' },
				     { .isr_letter = 'b', .deferred_letter = 'B' },
				     { .isr_letter = 'c', .deferred_letter = 'C' } };

	begin();
	open_files(rig, 1);
	for (int i = 0; i < 3; i++)
		connect(rig, &clients[i]);
	CHECK(try_allocate(rig));
	expect_journal("");
	free_port(rig);
	expect_journal("ABC");
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	expect_journal("ABC");
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	expect_journal("");
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	expect_journal("ABC");
}

static void not_when_handed_over(struct rig *rig)
{
	struct client client = { .deferred_letter = 'A' };
	struct call waiting = { 0 };

	begin();
	connect(rig, &client);
	CHECK(try_allocate(rig));
	queue_allocate(rig, &waiting, NO_FILE);
	free_port(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	expect_journal("");
	free_port(rig);
	expect_journal("A");
}

static void take_the_port(struct client *client)
{
	CHECK(try_allocate(client->rig));
}

static void one_takes_the_port(struct rig *rig)
{
	struct client clients[3] = { { .deferred_letter = 'A' },
				     { .deferred_letter = 'B', .in_deferred = take_the_port },
				     { .deferred_letter = 'C' } };

	begin();
	for (int i = 0; i < 3; i++)
		connect(rig, &clients[i]);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("AB");
	CHECK(is_held(rig));
	clients[1].in_deferred = NULL;
	free_port(rig);
	expect_journal("ABC");
}

/* Takes the port, lets an interrupt find it taken, frees it: once. */
static void take_and_let_fail(struct client *client)
{
	client->in_deferred = NULL;
	CHECK(try_allocate(client->rig));
	CHECK(!rig_interrupt(client->rig));
	free_port(client->rig);
}

static uint8_t try_at_interrupt(struct client *client)
{
	const struct PARALLEL_INTERRUPT_INFORMATION *info = &client->buffer.out;

	return info->TryAllocatePortAtInterruptLevel(info->Context);
}

static void isr_takes(struct client *client)
{
	client->handles = try_at_interrupt(client);
}

static void tried_in_vain(struct rig *rig)
{
	struct client first = { .isr_letter = 'a', .deferred_letter = 'A', .in_isr = isr_takes };
	struct client second = { .deferred_letter = 'B', .in_deferred = take_and_let_fail };

	begin();
	connect(rig, &first);
	connect(rig, &second);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("ABaAB");
	CHECK(!is_held(rig));
}

static struct call own_disconnect;

static void send_own_disconnect(struct client *client)
{
	own_disconnect = (struct call){ .buffer = &client->routines,
					.input_bytes = sizeof(client->routines) };
	send(client->rig, &own_disconnect, NO_FILE, DISCONNECT);
	CHECK_EQUAL(own_disconnect.returned, OPP_NT_PENDING);
}

/* A pair that is leaving keeps its entry: the newcomer gets another one. */
static struct client newcomer;

static void disconnect_itself(struct client *client)
{
	send_own_disconnect(client);
	CHECK(!own_disconnect.done);
	CHECK_EQUAL(disconnect(client->rig, client), OPP_NT_INVALID_PARAMETER);
	rig_cancel(client->rig, &own_disconnect);
	CHECK(!own_disconnect.done);
	connect(client->rig, &newcomer);
}

static void disconnect_while_running_once(struct rig *rig)
{
	struct client client = { .isr_letter = 'a',
				 .deferred_letter = 'A',
				 .in_deferred = disconnect_itself };
	struct client other = { .deferred_letter = 'B' };

	begin();
	newcomer = (struct client){ .deferred_letter = 'C' };
	connect(rig, &client);
	connect(rig, &other);
	CHECK(try_allocate(rig));
	free_port(rig);
	check_ended(&own_disconnect, OPP_NT_SUCCESS);
	expect_journal("ABC");
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("BC");
	CHECK_EQUAL(disconnect(rig, &other), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect(rig, &newcomer), OPP_NT_SUCCESS);
}

/* More often than there are entries: none is lost. */
static void disconnect_while_running(struct rig *rig)
{
	for (int i = 0; i < 100; i++)
		disconnect_while_running_once(rig);
}

static void disconnect_and_remove(struct client *client)
{
	send_own_disconnect(client);
	rig_remove(client->rig, true);
	CHECK(!own_disconnect.done);
}

static void remove_and_disconnect(struct client *client)
{
	rig_remove(client->rig, true);
	send_own_disconnect(client);
	CHECK(!own_disconnect.done);
}

static void remove_while_running(struct rig *rig, void (*in_deferred)(struct client *client))
{
	struct client client = { .deferred_letter = 'A', .in_deferred = in_deferred };
	struct client other = { .deferred_letter = 'B' };

	begin();
	connect(rig, &client);
	connect(rig, &other);
	CHECK(try_allocate(rig));
	free_port(rig);
	check_ended(&own_disconnect, OPP_NT_DELETE_PENDING);
	expect_journal("A");
}

static void disconnect_then_removal(struct rig *rig)
{
	remove_while_running(rig, disconnect_and_remove);
}

static void removal_then_disconnect(struct rig *rig)
{
	remove_while_running(rig, remove_and_disconnect);
}

static void close_file_0(struct client *client)
{
	close_file(client->rig, 0);
}

static void close_while_running(struct rig *rig)
{
	struct client client = { .isr_letter = 'a',
				 .deferred_letter = 'A',
				 .in_deferred = close_file_0 };

	begin();
	open_files(rig, 2);
	CHECK_EQUAL(connect_as(rig, &client, 0), OPP_NT_SUCCESS);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("A");
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("");
	client.in_deferred = NULL;
	connect(rig, &client);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("A");
}

/* ---- the interrupt-level pair ---------------------------------------------------------------------- */

static void isr_try(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .in_isr = isr_takes };

	begin();
	connect(rig, &client);
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

static void isr_frees(struct client *client)
{
	const struct PARALLEL_INTERRUPT_INFORMATION *info = &client->buffer.out;

	info->FreePortFromInterruptLevel(info->Context);
}

static void isr_free_with_waiters(struct rig *rig)
{
	struct client client = { .isr_letter = 'a', .in_isr = isr_frees };
	struct call calls[2] = { 0 };

	begin();
	connect(rig, &client);
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
	struct client client = { .isr_letter = 'a', .deferred_letter = 'A', .in_isr = isr_frees };

	begin();
	connect(rig, &client);
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
	{ "C-103 deferred routines run when the port is free", when_free, NEEDS_CONNECT },
	{ "C-104 they do not when it is handed over", not_when_handed_over, NEEDS_CONNECT },
	{ "C-109 one that takes the port stops the round", one_takes_the_port, NEEDS_CONNECT },
	{ "C-103 again for one whose interrupt tried in vain", tried_in_vain, NEEDS_CONNECT },
	{ "C-105 DISCONNECT ends when the routine returns", disconnect_while_running,
	  NEEDS_CONNECT },
	{ "a port removed while it disconnects a routine", disconnect_then_removal, NEEDS_CONNECT },
	{ "a disconnect waits for its routine on a removed port too", removal_then_disconnect,
	  NEEDS_CONNECT },
	{ "a file closed by its running routine", close_while_running, NEEDS_CONNECT },
	{ "C-107 the interrupt-level try never queues", isr_try, NEEDS_CONNECT },
	{ "C-108 an interrupt-level free grants later, in order", isr_free_with_waiters,
	  NEEDS_CONNECT },
	{ "an interrupt-level free runs deferred routines", isr_free_runs_deferred, NEEDS_CONNECT },
};

CASE_TABLE(interrupt_cases, cases);
