/* SPDX-License-Identifier: MIT */
/*
 * Deferred routines: when they run, and what happens to those that are taken
 * out meanwhile.
 */
#include "interrupt_client.h"

static void when_free(struct rig *rig)
{
	struct client clients[3] = { { .isr_letter = 'a', .deferred_letter = 'A' },
				     { .isr_letter = 'b', .deferred_letter = 'B' },
				     { .isr_letter = 'c', .deferred_letter = 'C' } };

	begin_journal();
	open_files(rig, 1);
	for (int i = 0; i < 3; i++)
		connect_client(rig, &clients[i]);
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

	begin_journal();
	connect_client(rig, &client);
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

	begin_journal();
	for (int i = 0; i < 3; i++)
		connect_client(rig, &clients[i]);
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

static void tried_in_vain(struct rig *rig)
{
	struct client first = { .isr_letter = 'a', .deferred_letter = 'A', .in_isr = take_in_isr };
	struct client second = { .deferred_letter = 'B', .in_deferred = take_and_let_fail };

	begin_journal();
	connect_client(rig, &first);
	connect_client(rig, &second);
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
	submit(client->rig, &own_disconnect, NO_FILE, DISCONNECT);
	CHECK_EQUAL(own_disconnect.returned, OPP_NT_PENDING);
}

/* A pair that is leaving keeps its entry: the newcomer gets another one. */
static struct client newcomer;

static void disconnect_itself(struct client *client)
{
	send_own_disconnect(client);
	CHECK(!own_disconnect.done);
	CHECK_EQUAL(disconnect_client(client->rig, client), OPP_NT_INVALID_PARAMETER);
	rig_cancel(client->rig, &own_disconnect);
	CHECK(!own_disconnect.done);
	connect_client(client->rig, &newcomer);
}

static void disconnect_while_running_once(struct rig *rig)
{
	struct client client = { .isr_letter = 'a',
				 .deferred_letter = 'A',
				 .in_deferred = disconnect_itself };
	struct client other = { .deferred_letter = 'B' };

	begin_journal();
	newcomer = (struct client){ .deferred_letter = 'C' };
	connect_client(rig, &client);
	connect_client(rig, &other);
	CHECK(try_allocate(rig));
	free_port(rig);
	check_ended(&own_disconnect, OPP_NT_SUCCESS);
	expect_journal("ABC");
	rig_interrupt(rig);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("BC");
	CHECK_EQUAL(disconnect_client(rig, &other), OPP_NT_SUCCESS);
	CHECK_EQUAL(disconnect_client(rig, &newcomer), OPP_NT_SUCCESS);
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

	begin_journal();
	connect_client(rig, &client);
	connect_client(rig, &other);
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

	begin_journal();
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
	connect_client(rig, &client);
	CHECK(try_allocate(rig));
	free_port(rig);
	expect_journal("A");
}

static const struct contract_case cases[] = {
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
};

CASE_TABLE(deferred_cases, cases);
