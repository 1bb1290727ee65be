/* SPDX-License-Identifier: MIT */
/*
 * A device's requests ended from outside before the first step on the wire, the second, ...
 * until one run sees no such step: called off, closed, removed, put out of the port, the port
 * gone. Whatever happens: each request is told once, counts are exact, the port goes to
 * the next in line, and the same thing succeeds afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "device_rig.h"

#define TEXT       "some text"
#define TEXT_BYTES (sizeof(TEXT) - 1)
#define MOST_ASKS  3u

struct job {
	const char *name;
	uint32_t index;
	enum opp_device_op op;
	uint16_t protocol; /* negotiated before; 0: none */
	bool locked;       /* LOCK and UNLOCK about it */
};

static const struct job jobs[] = {
	{ "lines of a chain's device", FIRST, OPP_DO_LINES, 0, false },
	{ "write", LAST, OPP_DO_WRITE, 0, false },
	{ "write to a chain's device", SECOND, OPP_DO_WRITE, 0, false },
	{ "write under a lock", FIRST, OPP_DO_WRITE, 0, true },
	{ "ECP write by lines", FIRST, OPP_DO_WRITE, OPP_PROTO_ECP_SW, false },
	{ "ECP write under a lock", SECOND, OPP_DO_WRITE, OPP_PROTO_ECP_HW_NOIRQ, true },
	{ "EPP write", LAST, OPP_DO_WRITE, OPP_PROTO_EPP_HW, false },
	{ "nibble read", LAST, OPP_DO_READ, 0, false },
	{ "byte read from a chain's device", FIRST, OPP_DO_READ, OPP_PROTO_BYTE, false },
	{ "ECP read under a lock", LAST, OPP_DO_READ, OPP_PROTO_ECP_SW, true },
	{ "negotiation", LAST, OPP_DO_NEGOTIATE, 0, false },
	{ "negotiation under a lock", FIRST, OPP_DO_NEGOTIATE, 0, true },
	{ "capabilities", SECOND, OPP_DO_CAPS, 0, false },
	{ "device id", SECOND, OPP_DO_ID, 0, false },
	{ "reset", LAST, OPP_DO_RESET, 0, false },
};

#define JOBS (sizeof(jobs) / sizeof(jobs[0]))

static const struct job *job; /* for whoever reads why a case failed */
static uint32_t end_at;       /* the step before which it happens */
static bool ended;            /* it did */
static struct ask *asks[MOST_ASKS];
static uint32_t ask_count;
static struct ask *itself;
static uint8_t buffer[WORLD_BYTES];
static enum opp_status reason;

/* What happens. */
static void (*end_it)(void);

static void disturb(void)
{
	if (world.steps != end_at)
		return;
	ended = true;
	end_it();
}

/* ---- the job ------------------------------------------------------------------------------------ */

static struct opp_device *device(void)
{
	return device_at(job->index);
}

static void get_ready(void)
{
	struct ask *ask = world_ask(job->index, OPP_DO_NEGOTIATE);
	const bool reads = job->op == OPP_DO_READ;

	ask->req.read = reads ? job->protocol : 0;
	ask->req.write = reads ? 0 : job->protocol;
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	world.units[job->index].printed = 0;
	world.units[job->index].heard_count = 0;
	world.units[job->index].device.has_next = false; /* of the text it had before */
	unit_says(job->index, TEXT, TEXT_BYTES);
}

static struct ask *submit(enum opp_device_op op)
{
	struct ask *ask = world_ask(job->index, op);

	ask->req.bytes = op == OPP_DO_WRITE ? (uint8_t *)(uintptr_t)TEXT : buffer;
	ask->req.length = TEXT_BYTES;
	ask->req.write = op == OPP_DO_NEGOTIATE ? OPP_PROTO_ECP_SW | OPP_PROTO_EPP_SW : 0;
	assert_int_equal(world_submit(ask), OPP_PENDING);
	asks[ask_count++] = ask;
	return ask;
}

static void begin(void)
{
	ask_count = 0;
	if (job->locked)
		(void)submit(OPP_DO_LOCK);
	itself = submit(job->op);
	if (job->locked)
		(void)submit(OPP_DO_UNLOCK);
}

static size_t unit_moved(void)
{
	const struct unit *unit = &world.units[job->index];

	rig_pass_ns(&world.chain.rig, 1000000);
	if (job->op == OPP_DO_READ)
		return unit->said - unit->device.has_next;
	return job->protocol ? unit->heard_count : unit->printed;
}

static void check_counts(void)
{
	const size_t moved = itself->req.moved;

	if (job->op != OPP_DO_READ && job->op != OPP_DO_WRITE)
		return;
	assert_int_equal(moved, unit_moved());
	if (job->op == OPP_DO_READ)
		assert_memory_equal(buffer, TEXT, moved);
	if (itself->req.status == OPP_SUCCESS)
		assert_int_equal(moved, TEXT_BYTES);
}

static void check_told(void)
{
	for (uint32_t i = 0; i < ask_count; i++) {
		assert_int_equal(asks[i]->told, 1);
		if (asks[i]->req.status == OPP_SUCCESS || asks[i]->req.status == reason)
			continue;
		/* a lock that was called off leaves none to end */
		assert_int_equal(asks[i]->req.op, OPP_DO_UNLOCK);
		assert_int_equal(asks[i]->req.status, OPP_INVALID_DEVICE_STATE);
	}
}

/* The whole of it, with nobody in the way. */
static void check_works_again(void)
{
	world.disturb = NULL;
	get_ready();
	begin();
	world_run();
	for (uint32_t i = 0; i < ask_count; i++)
		expect_told(asks[i], OPP_SUCCESS);
	check_counts();
	expect_rest();
}

/* One run. Returns false once it was over before. */
static bool run(uint32_t at)
{
	world_start(UNIT_MODES);
	get_ready();
	world.budget_ns = 1;
	begin();
	file_asks(0);
	world.steps = 0;
	ended = false;
	end_at = at;
	world.disturb = disturb;
	world_run();
	check_told();
	return ended;
}

static void let_file_go(void)
{
	assert_true(world.has_port[0]);
	file_frees(0);
	world_run();
	expect_rest();
}

/* ---- what ends it --------------------------------------------------------------------------------- */

static void at_every_step(void (*how)(void), enum opp_status status, void (*check)(void))
{
	end_it = how;
	reason = status;
	for (job = jobs; job < jobs + JOBS; job++) {
		uint32_t at = 1;

		for (; run(at); at++)
			check();
		assert_true(at > 1);
		let_file_go();
		expect_told(itself, OPP_SUCCESS);
		check_counts();
	}
}

static int tell_where(void **state)
{
	(void)state;
	if (ended)
		print_message("# the last run: %s, step %u\n", job->name, end_at);
	return 0;
}

static void call_off(void)
{
	for (uint32_t i = 0; i < ask_count; i++)
		(void)opp_device_cancel_locked(device(), &asks[i]->req);
}

static void call_off_one(void)
{
	(void)opp_device_cancel_locked(device(), &itself->req);
}

static void check_goes_on(void)
{
	if (!world.has_port[0]) { /* the lock outlives what was called off under it */
		assert_true(device()->locked);
		assert_int_equal(world_does(job->index, OPP_DO_UNLOCK), OPP_SUCCESS);
	}
	let_file_go();
	check_counts();
	check_works_again();
}

static void test_called_off(void **state)
{
	(void)state;
	at_every_step(call_off, OPP_CANCELLED, check_goes_on);
	at_every_step(call_off_one, OPP_CANCELLED, check_goes_on);
}

static void close_it(void)
{
	opp_device_close_locked(device(), world_now_us());
}

static void check_opens_again(void)
{
	let_file_go();
	check_counts();
	assert_int_equal(opp_device_open_locked(device(), false), OPP_SUCCESS);
	assert_int_equal(device()->read_protocol, OPP_PROTO_NIBBLE);
	assert_int_equal(device()->write_protocol, OPP_PROTO_CENTRONICS);
	check_works_again();
}

static void test_closed(void **state)
{
	(void)state;
	at_every_step(close_it, OPP_CANCELLED, check_opens_again);
}

static void kick_it(void)
{
	if (world.port.holder != &device()->client)
		return;
	assert_int_equal(opp_port_kick_locked(&world.port, world_now_us()), OPP_SUCCESS);
	opp_device_kicked_locked(device(), world_now_us());
}

static void check_kicked(void)
{
	check_counts();
	let_file_go();
	opp_device_close_locked(device(), world_now_us());
	assert_int_equal(opp_device_open_locked(device(), false), OPP_SUCCESS);
	check_works_again();
}

static void test_kicked(void **state)
{
	(void)state;
	at_every_step(kick_it, OPP_KICKED, check_kicked);
}

static void remove_it(void)
{
	opp_device_remove_locked(device(), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
}

static void check_removed(void)
{
	let_file_go();
	check_counts();
	assert_int_equal(world_submit(world_ask(job->index, OPP_DO_LOCK)), OPP_DELETE_PENDING);
}

static void test_removed(void **state)
{
	(void)state;
	at_every_step(remove_it, OPP_DELETE_PENDING, check_removed);
}

static void remove_port(enum opp_port_presence presence)
{
	opp_port_remove_locked(&world.port, presence, world_now_us());
	for (uint32_t i = 0; i < DEVICES; i++)
		opp_device_remove_locked(device_at(i), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
}

static void lose_port(void)
{
	remove_port(OPP_PORT_SURPRISE_REMOVED);
}

static void stop_port(void)
{
	remove_port(OPP_PORT_REMOVED);
}

static void check_port_gone(void)
{
	if (world.has_port[0]) /* it was granted before; then the removal came */
		(void)opp_port_free_locked(&world.port, &world.files[0], world_now_us());
	world_run();
	assert_int_equal(opp_port_state_locked(&world.port, world_now_us()), OPP_PORT_FREE);
	check_counts();
}

static void test_port_removed(void **state)
{
	(void)state;
	at_every_step(lose_port, OPP_DELETE_PENDING, check_port_gone);
	at_every_step(stop_port, OPP_DELETE_PENDING, check_port_gone);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, NULL, tell_where, NULL                                             \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-156 called off at every step: told once, counted, and used again",
		     test_called_off),
		CASE("closed at every step: nothing stays, and used again", test_closed),
		CASE("put out of the port at every step", test_kicked),
		CASE("C-177 removed at every step", test_removed),
		CASE("C-177 the port removed at every step, with and without its hardware",
		     test_port_removed),
	};

	return cmocka_run_group_tests_name("device_fault", tests, NULL, NULL);
}
