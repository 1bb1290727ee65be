/* SPDX-License-Identifier: MIT */
/*
 * A thousand waiters, each of which frees the port as soon as it is told that
 * it has it: the stack must be as deep at the last as at the first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openparport/port.h>

#define WAITERS 1000

static struct opp_port port;
static struct opp_client client;
static struct opp_req requests[WAITERS];
static uintptr_t stack_of_first, stack_of_last;
static int told;
static bool locked;
static const struct opp_env env;

static void lock(void)
{
	assert_false(locked);
	locked = true;
}

static void unlock(void)
{
	assert_true(locked);
	locked = false;
}

static void tell_all(void);

/* A completion as a client writes it: it gives the port on and asks again. */
static void complete(struct opp_req *req)
{
	assert_ptr_equal(req, &requests[told]);
	assert_int_equal(req->status, OPP_SUCCESS);
	stack_of_last = (uintptr_t)__builtin_frame_address(0);
	if (told++ == 0)
		stack_of_first = stack_of_last;
	lock();
	assert_int_equal(opp_port_free_locked(&port, &client, 0), OPP_SUCCESS);
	tell_all();
	unlock();
	if (told <= WAITERS)
		return;
	fail_msg("told more often than asked");
}

static void tell_all(void)
{
	struct opp_event event;

	if (!opp_port_begin_events_locked(&port))
		return;
	while (opp_port_next_event_locked(&port, &event, 0)) {
		unlock();
		assert_int_equal(event.kind, OPP_EVENT_FINISHED);
		complete(event.req);
		lock();
	}
}

static void test_depth(void **state)
{
	(void)state;
	opp_port_init(&port, NULL, NULL, &env);
	lock();
	opp_port_open_locked(&port, &client);
	assert_true(opp_port_try_allocate_locked(&port, &client, 0));
	for (int i = 0; i < WAITERS; i++) {
		requests[i].client = &client;
		assert_int_equal(opp_port_submit_locked(&port, &requests[i], 0), OPP_PENDING);
	}
	assert_int_equal(opp_port_free_locked(&port, &client, 0), OPP_SUCCESS);
	tell_all();
	unlock();
	assert_int_equal(told, WAITERS);
	assert_int_equal(stack_of_first, stack_of_last);
	assert_int_equal(opp_port_state_locked(&port, 0), OPP_PORT_FREE);
}

/* Two completions that hand one port to and fro through new requests. */
static void test_from_completion(void **state)
{
	static struct opp_req first, second;
	struct opp_event event;

	(void)state;
	opp_port_init(&port, NULL, NULL, &env);
	opp_port_open_locked(&port, &client);
	assert_int_equal(opp_port_submit_locked(&port, &first, 0), OPP_SUCCESS);
	first = (struct opp_req){ .client = &client };
	assert_int_equal(opp_port_submit_locked(&port, &first, 0), OPP_PENDING);
	opp_port_free_locked(&port, NULL, 0);
	assert_true(opp_port_begin_events_locked(&port));
	assert_true(opp_port_next_event_locked(&port, &event, 0));
	assert_ptr_equal(event.req, &first);
	assert_int_equal(opp_port_submit_locked(&port, &second, 0), OPP_PENDING);
	assert_int_equal(opp_port_free_locked(&port, &client, 0), OPP_SUCCESS);
	assert_false(opp_port_begin_events_locked(&port));
	assert_true(opp_port_next_event_locked(&port, &event, 0));
	assert_ptr_equal(event.req, &second);
	assert_false(opp_port_next_event_locked(&port, &event, 0));
	assert_int_equal(opp_port_free_locked(&port, NULL, 0), OPP_SUCCESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-041 1,000 waiters that free at once are told at one depth of stack",
		  test_depth, NULL, NULL, NULL },
		{ "C-042 a completion may free and ask again: its events come from the same loop",
		  test_from_completion, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("depth", tests, NULL, NULL);
}
