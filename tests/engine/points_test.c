/* SPDX-License-Identifier: MIT */
/*
 * The interrupt-level pair at every point where the engine can be interrupted:
 * before each access to the ownership word (atomics_hook.h), and between calls.
 *
 * An interrupt tries to take the port at point N and after, gives it back K
 * points later, and takes it once more; or it gives back, at point N, what a
 * file has; for every N and K until a run is over before point N. Checked: at most one believes that it has the
 * port, each request ends once, and at the end nothing is held, waits or is
 * owed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openparport/port.h>

#define FILES   4
#define NOBODY  (-1)
#define ANON    FILES
#define LONGEST 30 /* points between take and free at interrupt level */

enum plan {
	PLAN_TAKE, /* take from point @at on, free @later points on, twice */
	PLAN_FREE, /* free what a file has at point @at */
};

static struct opp_port port;
static struct opp_client files[FILES];
static struct opp_req requests[FILES];
static int ends[FILES];     /* of the running request */
static bool waiting[FILES]; /* a request is on its way */
static int user;            /* who believes to have the port */
static int routine_calls;

static struct {
	enum plan plan;
	int at, later;
	int point;
	bool at_interrupt_level;
	int takes, taken_at, owed, struck, found_taken;
} scene;

static void broken(void *context, const char *what)
{
	(void)context;
	fail_msg("broken: %s", what);
}

static const struct opp_env env = { .broken = broken };

static void believe(int who)
{
	assert_int_equal(user, NOBODY);
	user = who;
}

/* ---- interrupt level ---------------------------------------------------------- */

static void take_at_interrupt(void)
{
	if (!opp_port_try_allocate_at_interrupt(&port)) {
		scene.found_taken++;
		return;
	}
	believe(ANON);
	scene.takes++;
	scene.taken_at = scene.point;
	scene.struck++;
}

static void free_at_interrupt(void)
{
	user = NOBODY;
	assert_true(opp_port_free_at_interrupt(&port));
	scene.owed++;
	scene.struck++;
}

void before_access(void)
{
	if (scene.at_interrupt_level)
		return;
	scene.at_interrupt_level = true;
	if (user == ANON && scene.point >= scene.taken_at + scene.later)
		free_at_interrupt();
	if (scene.point >= scene.at && scene.takes < 2 && scene.plan == PLAN_TAKE)
		take_at_interrupt();
	if (scene.point == scene.at && scene.plan == PLAN_FREE && user != NOBODY && user != ANON)
		free_at_interrupt();
	scene.point++;
	scene.at_interrupt_level = false;
}

/* ---- clients ---------------------------------------------------------------------- */

static void tell(void)
{
	struct opp_event event;

	if (!opp_port_begin_events_locked(&port))
		return;
	while (opp_port_next_event_locked(&port, &event, 0)) {
		int file = (int)(event.req - requests);

		if (event.kind == OPP_EVENT_DEFERRED) {
			routine_calls++;
			continue;
		}
		assert_int_equal(++ends[file], 1);
		waiting[file] = false;
		if (event.req->status == OPP_SUCCESS && port.holder == &files[file])
			believe(file);
	}
}

static void ask(int file, bool wire)
{
	enum opp_status status;

	if (waiting[file])
		return;
	ends[file] = 0;
	requests[file] = (struct opp_req){ .client = &files[file], .needs_wire = wire };
	status = opp_port_submit_locked(&port, &requests[file], 0);
	waiting[file] = status == OPP_PENDING;
	if (status == OPP_SUCCESS)
		believe(file);
	tell();
}

static void give_back(int file)
{
	if (user != file)
		return;
	user = NOBODY;
	opp_port_free_locked(&port, &files[file], 0);
	tell();
}

static void take_now(int file)
{
	if (opp_port_try_allocate_locked(&port, &files[file], 0))
		believe(file);
}

static void end_early(int file, bool (*how)(struct opp_port *port, struct opp_req *req))
{
	if (waiting[file])
		how(&port, &requests[file]);
	tell();
}

static void drop(int file)
{
	if (user == file)
		user = NOBODY;
	opp_port_drop_client_locked(&port, &files[file], true, 0);
	tell();
}

static void kick(int file)
{
	if (user != file)
		return;
	user = NOBODY;
	assert_int_equal(opp_port_kick_locked(&port, 0), OPP_SUCCESS);
	tell();
}

static void work(void)
{
	while (opp_port_wants_wire_locked(&port)) {
		opp_port_wire_done_locked(&port, OPP_SUCCESS, 0);
		tell();
	}
}

static void deferred_call(void)
{
	if (scene.owed == 0)
		return;
	scene.owed = 0;
	opp_port_settle_locked(&port, 0);
	tell();
}

static void sleep_and_wake(void)
{
	opp_port_suspend_locked(&port, 0);
	tell();
	deferred_call();
	opp_port_put_back_locked(&port, OPP_UNDO_POWER);
	work();
}

/* Every locked call, with the port free, held and wanted. */
static void live(void)
{
	ask(0, false);
	ask(1, false);
	ask(2, true);
	deferred_call();
	give_back(0);
	work();
	end_early(2, opp_port_cancel_locked);
	give_back(1);
	work();
	give_back(2);
	deferred_call();
	sleep_and_wake();
	take_now(3);
	sleep_and_wake();
	ask(0, false);
	ask(1, false);
	end_early(0, opp_port_expire_locked);
	give_back(3);
	drop(1);
	work();
	deferred_call();
	(void)opp_port_may_use_locked(&port, &files[2], 0);
	ask(2, true);
	work();
	give_back(2);
	take_now(0);
	ask(1, false);
	kick(0);
	work();
	ask(3, true);
	opp_port_remove_locked(&port, OPP_PORT_REMOVED, 0);
	tell();
	give_back(1);
	deferred_call();
}

static void finish(void)
{
	scene.at_interrupt_level = true; /* it stays away from here on */
	if (user == ANON)
		free_at_interrupt();
	deferred_call();
	opp_port_settle_locked(&port, 0);
	tell();
	for (int i = 0; i < 2 * FILES; i++) {
		give_back(i % FILES);
		work();
	}
	for (int i = 0; i < FILES; i++)
		assert_false(waiting[i]);
	assert_int_equal(user, NOBODY);
	assert_int_equal(opp_port_state_locked(&port, 0), OPP_PORT_FREE);
	assert_int_equal(opp_port_waiters_locked(&port), 0);
	assert_int_equal(port.counters.allocates, port.counters.frees);
}

static void never_called_directly(void *context)
{
	(void)context;
	fail();
}

static void run(enum plan plan, int at, int later)
{
	static struct opp_deferred deferred;

	deferred = (struct opp_deferred){ .routine = never_called_directly };
	scene.at_interrupt_level = true;
	opp_port_init(&port, NULL, NULL, &env);
	for (int i = 0; i < FILES; i++) {
		assert_int_equal(opp_port_open_locked(&port, &files[i]), OPP_SUCCESS);
		waiting[i] = false;
	}
	opp_port_connect_deferred_locked(&port, &deferred);
	user = NOBODY;
	scene.plan = plan;
	scene.at = at;
	scene.later = later;
	scene.point = 0;
	scene.takes = 0;
	scene.owed = 0;
	scene.at_interrupt_level = false;
	live();
	finish();
}

static void test_take(void **state)
{
	(void)state;
	scene.struck = scene.found_taken = 0;
	for (int later = 0; later <= LONGEST; later++) {
		int at = 0;

		do
			run(PLAN_TAKE, at, later);
		while (at++ < scene.point);
	}
	assert_true(scene.struck > LONGEST);
	assert_true(scene.found_taken > LONGEST);
}

static void test_release(void **state)
{
	int at = 0;

	(void)state;
	scene.struck = routine_calls = 0;
	do
		run(PLAN_FREE, at, 0);
	while (at++ < scene.point);
	assert_true(scene.struck > 10);
	assert_true(routine_calls > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-107 an interrupt takes the port before any access and frees it at any later",
		  test_take, NULL, NULL, NULL },
		{ "C-108 an interrupt frees a file's port before any access", test_release, NULL,
		  NULL, NULL },
	};

	return cmocka_run_group_tests_name("points", tests, NULL, NULL);
}
