/* SPDX-License-Identifier: MIT */
/*
 * Every code with every major function and every length, in several states of
 * the port: each request is answered, and a failed one has changed nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "native.h"

#define MOST_BYTES 130
#define CODES      60
#define MAJORS     0x1c

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	print_error("%s: got %lld (%#llx), wanted %lld (%#llx)\n", what, got,
		    (unsigned long long)got, wanted, (unsigned long long)wanted);
	_fail(file, line);
	abort();
}

enum situation {
	PORT_FREE,
	PORT_HELD_BY_ASKER,
	PORT_CONTENDED,
	PORT_HELD_BY_NOBODY_KNOWN,
	PORT_REMOVED,
	SITUATIONS,
};

/* All that a failed request must leave alone. */
struct state {
	enum opp_port_state ownership;
	const struct opp_client *holder;
	uint32_t clients;
	uint32_t waiters;
	uint32_t allocates;
	uint32_t frees;
	uint32_t connected;
	uint32_t undo;
	uint8_t chip_mode;
	uint8_t selected;
	uint32_t devices;
};

static struct rig rig;
static struct call waiting;

static struct state state_now(void)
{
	struct opp_port *port = &rig.port.port;

	return (struct state){
		.ownership = opp_port_state_locked(port, rig.now_us),
		.holder = port->holder,
		.clients = port->clients,
		.waiters = port->waiters.count,
		.allocates = port->counters.allocates,
		.frees = port->counters.frees,
		.connected = rig.port.connected.count,
		.undo = port->undo,
		.chip_mode = rig_chip_mode(&rig),
		.selected = rig_selected(&rig),
		.devices = rig.port.device_count,
	};
}

static bool is_same(const struct state *a, const struct state *b)
{
	return a->ownership == b->ownership && a->holder == b->holder && a->clients == b->clients &&
	       a->waiters == b->waiters && a->allocates == b->allocates && a->frees == b->frees &&
	       a->connected == b->connected && a->undo == b->undo && a->chip_mode == b->chip_mode &&
	       a->selected == b->selected && a->devices == b->devices;
}

static void set_up(enum situation situation)
{
	rig_begin(&rig, NEEDS_CONNECT | NEEDS_EPP | NEEDS_ECP | NEEDS_CHAIN);
	waiting = (struct call){ 0 };
	open_files(&rig, 3);
	switch (situation) {
	case PORT_FREE: break;
	case PORT_HELD_BY_ASKER: CHECK_EQUAL(ask(&rig, 1, ALLOCATE), OPP_NT_SUCCESS); break;
	case PORT_CONTENDED:
		CHECK_EQUAL(ask(&rig, 0, ALLOCATE), OPP_NT_SUCCESS);
		queue_allocate(&rig, &waiting, 2);
		break;
	case PORT_HELD_BY_NOBODY_KNOWN: CHECK(try_allocate(&rig)); break;
	case PORT_REMOVED: rig_remove(&rig, true); break;
	case SITUATIONS: break;
	}
}

static bool is_served_after_removal(const struct call *call)
{
	return call->major == IRP_MJ_CLEANUP || call->major == IRP_MJ_CLOSE;
}

static void check_status(enum situation situation, const struct call *call)
{
	static const int32_t possible[] = {
		OPP_NT_SUCCESS,
		OPP_NT_INVALID_PARAMETER,
		OPP_NT_BUFFER_TOO_SMALL,
		OPP_NT_INVALID_DEVICE_STATE,
		OPP_NT_INVALID_DEVICE_REQUEST,
		OPP_NT_NO_SUCH_DEVICE,
		OPP_NT_DELETE_PENDING,
	};
	bool may_wait = call->major == IRP_MJ_INTERNAL_DEVICE_CONTROL &&
			(call->code == ALLOCATE || call->code == SELECT);
	bool is_possible = call->returned == OPP_NT_PENDING && may_wait;

	for (size_t i = 0; i < sizeof(possible) / sizeof(possible[0]); i++)
		is_possible |= call->returned == possible[i];
	CHECK(is_possible);
	CHECK_EQUAL(call->done, call->returned != OPP_NT_PENDING);
	if (situation == PORT_REMOVED && !is_served_after_removal(call))
		CHECK_EQUAL(call->returned, OPP_NT_DELETE_PENDING);
}

static void send_one(enum situation situation, struct call *call)
{
	struct state before = state_now();
	struct state after;

	rig_submit(&rig, call);
	check_status(situation, call);
	after = state_now();
	if (call->returned < 0)
		CHECK(is_same(&before, &after));
	rig_settle(&rig);
	if (!is_same(&before, &after))
		set_up(situation);
}

/* All zeros, or an end-of-chain command. Nothing in it is ever called as a routine. */
static uint8_t buffers[2][MOST_BYTES];

static void send_buffers(enum situation situation, uint8_t major, uint32_t code,
			 uint32_t input_bytes, uint32_t output_bytes)
{
	for (int i = -1; i < 2; i++) {
		struct call call = { .major = major,
				     .code = code,
				     .file = major == IRP_MJ_CREATE ? 3 : 1,
				     .buffer = i < 0 ? NULL : buffers[i],
				     .input_bytes = input_bytes,
				     .output_bytes = output_bytes };

		memset(buffers, 0, sizeof(buffers));
		buffers[1][offsetof(struct PARALLEL_1284_COMMAND, CommandFlags)] = EOC;
		send_one(situation, &call);
	}
}

static void send_lengths(enum situation situation, uint8_t major, uint32_t code)
{
	for (uint32_t bytes = 0; bytes <= MOST_BYTES; bytes++) {
		send_buffers(situation, major, code, bytes, bytes);
		send_buffers(situation, major, code, bytes, MOST_BYTES);
		send_buffers(situation, major, code, MOST_BYTES, bytes);
	}
}

static void sweep(enum situation situation)
{
	set_up(situation);
	for (uint32_t major = 0; major < MAJORS; major++) {
		for (uint32_t function = 0; function < CODES; function++)
			send_lengths(situation, (uint8_t)major, OPP_PARALLEL_CODE(function));
		send_lengths(situation, (uint8_t)major, IOCTL_SERIAL_SET_TIMEOUTS);
		send_lengths(situation, (uint8_t)major, OPP_PARALLEL_CODE(11) + 1);
		send_lengths(situation, (uint8_t)major, UINT32_MAX);
	}
	rig_end(&rig);
}

#define SWEEP(function, situation)                                                                 \
	static void function(void **state)                                                         \
	{                                                                                          \
		(void)state;                                                                       \
		sweep(situation);                                                                  \
	}

SWEEP(sweep_free, PORT_FREE)
SWEEP(sweep_held, PORT_HELD_BY_ASKER)
SWEEP(sweep_contended, PORT_CONTENDED)
SWEEP(sweep_anonymous, PORT_HELD_BY_NOBODY_KNOWN)
SWEEP(sweep_removed, PORT_REMOVED)

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, NULL, NULL, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-183 C-186 every code and length on a free port", sweep_free),
		CASE("C-183 C-186 every code and length by the holder", sweep_held),
		CASE("C-183 C-186 every code and length, contended", sweep_contended),
		CASE("C-183 C-186 every code and length, held by ANON", sweep_anonymous),
		CASE("C-183 C-176 every code and length after removal", sweep_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
