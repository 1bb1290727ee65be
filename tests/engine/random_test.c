/* SPDX-License-Identifier: MIT */
/*
 * Random schedules: everything a port can be asked for, in any order, compared
 * with the reference after each step. Interrupt level comes in between the
 * steps and, where take is asked, in the middle of one.
 *
 *	random_test [--seed N] [--steps N]
 *
 * The seed is printed; the same seed and number of steps repeat the run.
 * OPP_SEED in the environment does what --seed does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "pair.h"

#define STEPS_OF_A_PORT 4000
#define OFTEN           100 /* times a rare thing must have been seen in a full run */
#define FULL_RUN        1000000

static uint64_t seed;
static uint64_t steps = 4000000;
static uint64_t noise;

static struct pair pair;
static bool quiet; /* this port sees few requests and is often free */

/* What must not stay unseen, or the schedules are too tame. */
static struct {
	uint64_t granted_from_line, granted_by_wire, refused_by_wire, dropped_by_take, expired;
	uint64_t dropped_while_granting, kicked, removed, routine_called, routine_gone;
	uint64_t taken_at_interrupt, freed_at_interrupt, intruded;
	uint64_t suspended, suspended_with_holder;
} seen;

/* xorshift64*: small, and the same everywhere. */
static uint32_t chance(uint32_t below)
{
	noise ^= noise >> 12;
	noise ^= noise << 25;
	noise ^= noise >> 27;
	return (uint32_t)((noise * 0x2545f4914f6cdd1dull) >> 33) % below;
}

/* ---- who and what -------------------------------------------------------------- */

static int any_open_file(void)
{
	int from = (int)chance(REF_FILES);

	for (int i = 0; i < REF_FILES; i++) {
		int file = (from + i) % REF_FILES;

		if (pair.file_open[file])
			return file;
	}
	return REF_ANON;
}

static int any_caller(void)
{
	return chance(6) == 0 ? REF_ANON : any_open_file();
}

static int any_request(bool used)
{
	int from = (int)chance(REF_REQUESTS);

	for (int i = 0; i < REF_REQUESTS; i++) {
		int request = (from + i) % REF_REQUESTS;

		if (pair.request_used[request] == used)
			return request;
	}
	return REF_NONE;
}

static int any_cancel_under_way(void)
{
	for (int i = 0; i < REF_REQUESTS; i++) {
		if (pair.request_used[i] && pair.ref.requests[i].cancel_under_way)
			return i;
	}
	return REF_NONE;
}

/* ---- steps ------------------------------------------------------------------------ */

static void do_submit(void)
{
	int request = any_request(false);

	if (request != REF_NONE && !(quiet && chance(4)))
		pair_submit(&pair, request, any_caller(), chance(4) == 0);
}

static void do_try(void)
{
	pair_try_allocate(&pair, any_caller());
}

static void do_free_by_holder(void)
{
	int holder = pair.ref.holder;

	pair_free(&pair, holder == REF_NONE ? REF_ANON : holder);
}

static void do_free_by_anybody(void)
{
	pair_free(&pair, any_caller());
}

static void do_may_use(void)
{
	pair_may_use(&pair, any_caller());
}

static void do_cancel(void)
{
	int request = any_request(true);

	if (request != REF_NONE)
		pair_cancel(&pair, request);
}

static void do_begin_cancel(void)
{
	int request = any_request(true);

	if (request != REF_NONE && pair.ref.requests[request].state == OPP_REQ_QUEUED)
		pair_begin_cancel(&pair, request);
}

static void do_finish_cancel(void)
{
	int request = any_cancel_under_way();

	if (request == REF_NONE)
		return;
	seen.dropped_by_take += pair.ref.requests[request].state == OPP_REQ_DROPPED;
	pair_cancel(&pair, request);
}

static void do_expire(void)
{
	int request = any_request(true);

	if (request != REF_NONE)
		seen.expired += pair_expire(&pair, request);
}

static void do_kick(void)
{
	seen.kicked += pair_kick(&pair) == OPP_SUCCESS;
}

static void do_open(void)
{
	int file = (int)chance(REF_FILES);

	if (pair_file_is_idle(&pair, file))
		pair_open(&pair, file);
}

static void leave(void (*how)(struct pair *pair, int file, bool dead))
{
	int file = any_open_file();

	if (file == REF_ANON)
		return;
	how(&pair, file, chance(2) == 0);
	seen.dropped_while_granting += pair.ref.granting_dropped;
}

static void do_drop(void)
{
	leave(pair_drop);
}

static void do_close(void)
{
	leave(pair_close);
}

static void do_wire(void)
{
	if (pair.ref.state == OPP_PORT_RELEASING)
		pair_wire_done(&pair, OPP_SUCCESS);
	if (pair.ref.state != OPP_PORT_GRANTING)
		return;
	if (chance(3) == 0)
		pair_left(&pair, OPP_UNDO_LINES);
	pair_wire_done(&pair, chance(3) ? OPP_SUCCESS : OPP_NO_SUCH_DEVICE);
}

static void do_left(void)
{
	if (pair.ref.state == OPP_PORT_HELD)
		pair_left(&pair, chance(2) ? OPP_UNDO_TRANSFER : OPP_UNDO_LINES);
}

static void do_put_back(void)
{
	if (pair.ref.state == OPP_PORT_HELD)
		pair_put_back(&pair, OPP_UNDO_TRANSFER | OPP_UNDO_LINES);
}

static void do_suspend(void)
{
	if (chance(4) != 0)
		return;
	seen.suspended += pair.ref.state == OPP_PORT_FREE;
	seen.suspended_with_holder += pair.ref.state == OPP_PORT_HELD;
	pair_suspend(&pair);
}

static void do_wake(void)
{
	if (pair.ref.undo & OPP_UNDO_POWER)
		pair_put_back(&pair, OPP_UNDO_POWER);
}

static void do_try_at_interrupt(void)
{
	seen.taken_at_interrupt += pair_try_at_interrupt(&pair);
}

static void do_free_at_interrupt(void)
{
	seen.freed_at_interrupt += pair_free_at_interrupt(&pair);
}

static void do_settle(void)
{
	pair_settle(&pair);
}

static void do_connect(void)
{
	int routine = (int)chance(REF_ROUTINES);

	if (!pair.routine_used[routine])
		pair_connect(&pair, routine);
}

static void do_disconnect(void)
{
	const struct ref_list *connected = &pair.ref.connected;

	if (connected->count > 0)
		pair_disconnect(&pair, connected->of[chance((uint32_t)connected->count)]);
}

static void do_begin(void)
{
	pair_begin_events(&pair);
}

static void do_next(void)
{
	struct pair_event event;

	if (!pair.ref.telling || !pair_next_event(&pair, &event))
		return;
	seen.routine_called += event.kind == OPP_EVENT_DEFERRED;
	seen.routine_gone += event.kind == OPP_EVENT_DEFERRED_GONE;
	if (event.kind != OPP_EVENT_FINISHED)
		return;
	if (event.status == OPP_SUCCESS && pair.ref.requests[event.which].wire)
		seen.granted_by_wire++;
	else if (event.status == OPP_SUCCESS)
		seen.granted_from_line++;
	seen.refused_by_wire += event.status == OPP_NO_SUCH_DEVICE;
}

static void do_remove(void)
{
	if (chance(40) != 0)
		return;
	seen.removed++;
	pair_remove(&pair, chance(2) ? OPP_PORT_SURPRISE_REMOVED : OPP_PORT_REMOVED);
}

static const struct {
	uint32_t weight;
	void (*run)(void);
} moves[] = {
	{ 22, do_submit },
	{ 6, do_try },
	{ 11, do_free_by_holder },
	{ 3, do_free_by_anybody },
	{ 3, do_may_use },
	{ 4, do_cancel },
	{ 4, do_begin_cancel },
	{ 3, do_finish_cancel },
	{ 3, do_expire },
	{ 1, do_kick },
	{ 5, do_open },
	{ 2, do_drop },
	{ 2, do_close },
	{ 9, do_wire },
	{ 3, do_left },
	{ 2, do_put_back },
	{ 1, do_suspend },
	{ 2, do_wake },
	{ 4, do_try_at_interrupt },
	{ 5, do_free_at_interrupt },
	{ 4, do_settle },
	{ 3, do_connect },
	{ 2, do_disconnect },
	{ 6, do_begin },
	{ 24, do_next },
	{ 1, do_remove },
};

static void move_once(void)
{
	uint32_t total = 0;
	uint32_t at;

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		total += moves[i].weight;
	at = chance(total);
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (at < moves[i].weight) {
			moves[i].run();
			return;
		}
		at -= moves[i].weight;
	}
}

static void live_one_port(uint64_t number, uint64_t length)
{
	char scene[80];

	snprintf(scene, sizeof(scene), "OPP_SEED=%llu, port %llu", (unsigned long long)seed,
		 (unsigned long long)number);
	pair_init(&pair, scene);
	quiet = chance(2);
	while (pair.steps < length) {
		pair.now_us += chance(400);
		if (pair.intrusion == PAIR_NOTHING && chance(12) == 0)
			pair.intrusion = chance(2) ? PAIR_TRY : PAIR_FREE;
		move_once();
		for (int i = 0; i < pair.intrusions; i++)
			seen.intruded += pair.intrusion_answers[i];
	}
	pair_wind_up(&pair);
}

static void assert_often(uint64_t count, const char *what)
{
	print_message("# %s: %llu times\n", what, (unsigned long long)count);
	if (steps >= FULL_RUN && count < OFTEN)
		fail_msg("%s: too rare to be a test", what);
}

static void test_random(void **state)
{
	uint64_t done = 0;

	(void)state;
	print_message("# seed %llu, %llu steps\n", (unsigned long long)seed,
		      (unsigned long long)steps);
	noise = seed * 2 + 1;
	memset(&seen, 0, sizeof(seen));
	for (uint64_t number = 0; done < steps; number++) {
		live_one_port(number, STEPS_OF_A_PORT);
		done += pair.steps;
	}
	assert_often(seen.granted_from_line, "granted from the line");
	assert_often(seen.granted_by_wire, "granted after wire work");
	assert_often(seen.refused_by_wire, "refused after wire work");
	assert_often(seen.dropped_by_take, "left to a cancel under way");
	assert_often(seen.dropped_while_granting, "dropped while its wire work ran");
	assert_often(seen.expired, "ended at its deadline");
	assert_often(seen.kicked, "kicked");
	assert_often(seen.removed, "removed");
	assert_often(seen.routine_called, "deferred routine called");
	assert_often(seen.routine_gone, "routine taken out while it ran");
	assert_often(seen.taken_at_interrupt, "taken at interrupt level");
	assert_often(seen.freed_at_interrupt, "freed at interrupt level");
	assert_often(seen.suspended, "suspended while free");
	assert_often(seen.suspended_with_holder, "suspended while held");
	assert_often(seen.intruded, "interrupt level came in the middle of a step");
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "random_test: %s is no number\n", text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "random schedules: engine and reference agree after every step", test_random,
		  NULL, NULL, NULL },
	};
	const char *wish = getenv("OPP_SEED");

	seed = wish ? number(wish) : (uint64_t)time(NULL);
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			seed = number(argv[i + 1]);
		else if (strcmp(argv[i], "--steps") == 0)
			steps = number(argv[i + 1]);
	}
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
