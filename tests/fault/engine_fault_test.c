/* SPDX-License-Identifier: MIT */
/*
 * One long turn of a port: granted, queued, wire work, hand-over, routines. At
 * its first step something goes wrong, then at its second, ... until a run is
 * over before anything went wrong. Engine and reference must agree after each
 * step, and at the end each request has ended once and nothing is left.
 */
#include <stdio.h>

#include "cases.h"

#define VICTIMS 4

/* ---- what goes wrong ----------------------------------------------------------- */

static void fault_surprise_removal(int victim)
{
	(void)victim;
	pair_remove(&pair, OPP_PORT_SURPRISE_REMOVED);
}

static void fault_drop(int victim)
{
	if (pair.file_open[victim])
		pair_drop(&pair, victim, false);
}

static void fault_death(int victim)
{
	if (pair.file_open[victim])
		pair_close(&pair, victim, true);
}

static void fault_kick(int victim)
{
	(void)victim;
	pair_kick(&pair);
}

static void fault_cancel(int victim)
{
	if (pair.request_used[victim])
		pair_cancel(&pair, victim);
}

/* A cancel begins here and ends with the run: take refuses in between. */
static void fault_refusal(int victim)
{
	if (pair.request_used[victim] && pair.ref.requests[victim].state == OPP_REQ_QUEUED)
		pair_begin_cancel(&pair, victim);
}

static void fault_deadline(int victim)
{
	if (pair.request_used[victim])
		pair_expire(&pair, victim);
}

static void fault_try_at_interrupt(int victim)
{
	(void)victim;
	pair_try_at_interrupt(&pair);
}

static void fault_free_at_interrupt(int victim)
{
	(void)victim;
	pair_free_at_interrupt(&pair);
}

/* In the middle of the next step that asks take. */
static void fault_free_during_take(int victim)
{
	(void)victim;
	pair.intrusion = PAIR_FREE;
}

static void fault_routine_leaves(int victim)
{
	if (pair.routine_used[victim] && !pair.ref.running_leaves)
		pair_disconnect(&pair, victim);
}

static void fault_wire_left_dirty(int victim)
{
	(void)victim;
	if (pair.ref.state == OPP_PORT_HELD || pair.ref.state == OPP_PORT_GRANTING)
		pair_left(&pair, OPP_UNDO_TRANSFER);
}

/* ---- the turn --------------------------------------------------------------------- */

static void step_connect(int routine)
{
	pair_connect(&pair, routine);
}

static void ask(int request, bool wire)
{
	if (pair.file_open[request] && !pair.request_used[request])
		pair_submit(&pair, request, request, wire);
}

static void step_ask(int file)
{
	ask(file, false);
}

static void step_select(int file)
{
	ask(file, true);
}

static void step_free(int file)
{
	if (pair.file_open[file])
		pair_free(&pair, file);
}

static void step_wire(int status)
{
	if (opp_port_wants_wire_locked(&pair.port))
		pair_wire_done(&pair, (enum opp_status)status);
}

static void step_tell(int events)
{
	struct pair_event event;

	for (int i = 0; i < events; i++) {
		if (pair.ref.telling || pair_begin_events(&pair))
			pair_next_event(&pair, &event);
	}
}

static void step_settle(int unused)
{
	(void)unused;
	pair_settle(&pair);
}

static const struct {
	void (*run)(int argument);
	int argument;
} turn[] = {
	{ step_connect, 0 },
	{ step_connect, 1 },
	{ step_ask, 0 },
	{ step_select, 1 },
	{ step_ask, 2 },
	{ step_ask, 3 },
	{ step_free, 0 },
	{ step_tell, 1 },
	{ step_wire, OPP_SUCCESS },
	{ step_tell, 1 },
	{ step_free, 1 },
	{ step_wire, OPP_SUCCESS },
	{ step_tell, 1 },
	{ step_settle, 0 },
	{ step_free, 2 },
	{ step_wire, OPP_SUCCESS },
	{ step_tell, 1 },
	{ step_free, 3 },
	{ step_wire, OPP_SUCCESS },
	{ step_tell, 1 },
	{ step_tell, 1 },
	{ step_tell, 1 },
	{ step_select, 1 },
	{ step_ask, 2 },
	{ step_wire, OPP_NO_SUCH_DEVICE },
	{ step_tell, 2 },
	{ step_wire, OPP_SUCCESS },
	{ step_tell, 1 },
	{ step_free, 2 },
	{ step_settle, 0 },
	{ step_wire, OPP_SUCCESS },
	{ step_tell, 1 },
	{ step_tell, 2 },
};

#define TURN_STEPS (int)(sizeof(turn) / sizeof(turn[0]))

static bool everybody_was_told(void)
{
	for (int i = 0; i < REF_REQUESTS; i++) {
		if (pair.request_used[i])
			return false;
	}
	return true;
}

/* Returns false when the turn was over before step @at. */
static bool run_with(void (*fault)(int victim), int victim, int at)
{
	char scene[60];
	bool struck = false;

	snprintf(scene, sizeof(scene), "victim %d, fault at step %d", victim, at);
	pair_init(&pair, scene);
	for (int i = 0; i < REF_FILES; i++)
		pair_open(&pair, i);
	for (int i = 0; i < TURN_STEPS; i++) {
		pair.now_us += 10;
		if (i == at) {
			fault(victim);
			struck = true;
		}
		turn[i].run(turn[i].argument);
	}
	pair.intrusion = PAIR_NOTHING;
	pair_wind_up(&pair);
	assert_true(everybody_was_told());
	assert_int_equal(pair.port.counters.allocates, pair.port.counters.frees);
	return struck;
}

static void strike(void (*fault)(int victim), int victims)
{
	for (int victim = 0; victim < victims; victim++) {
		int at = 0;

		while (run_with(fault, victim, at))
			at++;
		assert_int_equal(at, TURN_STEPS);
	}
}

static const struct fault {
	const char *name;
	void (*strike)(int victim);
	int victims;
} faults[] = {
	{ "C-175 at every step: the port is removed", fault_surprise_removal, 1 },
	{ "C-016 at every step: a file is dropped", fault_drop, VICTIMS },
	{ "C-015 at every step: a file's owner dies", fault_death, VICTIMS },
	{ "at every step: the holder is kicked", fault_kick, 1 },
	{ "C-043 C-046 at every step: a request is cancelled", fault_cancel, VICTIMS },
	{ "C-047 at every step: take begins to refuse a request", fault_refusal, VICTIMS },
	{ "at every step: a deadline passes", fault_deadline, VICTIMS },
	{ "C-107 at every step: an interrupt tries", fault_try_at_interrupt, 1 },
	{ "C-108 at every step: an interrupt frees", fault_free_at_interrupt, 1 },
	{ "at every step: an interrupt frees while take is asked", fault_free_during_take, 1 },
	{ "C-105 at every step: a deferred routine leaves", fault_routine_leaves, 2 },
	{ "at every step: the wire is left dirty", fault_wire_left_dirty, 1 },
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void test_fault(void **state)
{
	const struct fault *fault = *state;

	strike(fault->strike, fault->victims);
}

int main(void)
{
	struct CMUnitTest tests[FAULTS];

	for (size_t i = 0; i < FAULTS; i++)
		tests[i] = (struct CMUnitTest){
			.name = faults[i].name,
			.test_func = test_fault,
			.initial_state = (void *)(uintptr_t)&faults[i],
		};
	return cmocka_run_group_tests_name("engine_fault", tests, NULL, NULL);
}
