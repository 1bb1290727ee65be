/* SPDX-License-Identifier: MIT */
/*
 * The port goes away: in every state, with requests in every state.
 */
#include "cases.h"

static void remove_port(void)
{
	pair_remove(&pair, OPP_PORT_SURPRISE_REMOVED);
}

static void test_full_queue(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	for (int i = 1; i < REF_REQUESTS; i++)
		assert_int_equal(pair_submit(&pair, i, i % REF_FILES, i % 3 == 0), OPP_PENDING);
	remove_port();
	assert_int_equal(opp_port_waiters_locked(&pair.port), 0);
	for (int i = 1; i < REF_REQUESTS; i++)
		expect_end(i, OPP_DELETE_PENDING);
	expect_silence();
	expect_holder(0);
}

static void test_later_requests(void **state)
{
	(void)state;
	remove_port();
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_DELETE_PENDING);
	assert_int_equal(pair_submit(&pair, 0, REF_ANON, true), OPP_DELETE_PENDING);
	assert_int_equal(pair_free(&pair, 0), OPP_DELETE_PENDING);
	assert_int_equal(pair_kick(&pair), OPP_INVALID_DEVICE_STATE);
	expect_silence();
}

static void test_open_and_close(void **state)
{
	(void)state;
	pair_close(&pair, 0, false);
	remove_port();
	assert_int_equal(pair_open(&pair, 0), OPP_DELETE_PENDING);
	for (int i = 1; i < REF_FILES; i++)
		pair_close(&pair, i, false);
	assert_int_equal(pair.port.clients, 0);
}

static void test_callbacks(void **state)
{
	(void)state;
	remove_port();
	assert_false(pair_try_allocate(&pair, REF_ANON));
	assert_false(pair_try_at_interrupt(&pair));
	assert_int_equal(opp_port_waiters_locked(&pair.port), 0);
	assert_false(pair_free_at_interrupt(&pair));
	assert_int_equal(pair.port.counters.frees, 0);
}

static void test_holder_still_frees(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	remove_port();
	assert_true(pair_may_use(&pair, 0));
	assert_int_equal(pair_free(&pair, 0), OPP_DELETE_PENDING);
	assert_int_equal(opp_port_state_locked(&pair.port, pair.now_us), OPP_PORT_FREE);
	assert_int_equal(pair.port.counters.frees, 1);
	pair_remove(&pair, OPP_PORT_REMOVED);
	assert_int_equal(pair.port.presence, OPP_PORT_SURPRISE_REMOVED);
	assert_false(pair_try_at_interrupt(&pair));
}

static void test_holder_at_interrupt_still_frees(void **state)
{
	(void)state;
	assert_true(pair_try_at_interrupt(&pair));
	remove_port();
	assert_true(pair_free_at_interrupt(&pair));
	pair_settle(&pair);
	assert_int_equal(opp_port_state_locked(&pair.port, pair.now_us), OPP_PORT_FREE);
}

static void test_while_granting(void **state)
{
	(void)state;
	assert_int_equal(pair_submit(&pair, 0, 0, true), OPP_PENDING);
	assert_int_equal(pair_submit(&pair, 1, 1, false), OPP_PENDING);
	remove_port();
	expect_end(1, OPP_DELETE_PENDING);
	expect_silence();
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(0, OPP_DELETE_PENDING);
	assert_int_equal(opp_port_state_locked(&pair.port, pair.now_us), OPP_PORT_FREE);
}

static void test_while_releasing(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	assert_int_equal(pair_submit(&pair, 1, 1, false), OPP_PENDING);
	pair_left(&pair, OPP_UNDO_TRANSFER);
	pair_free(&pair, 0);
	remove_port();
	expect_end(1, OPP_DELETE_PENDING);
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_silence();
	assert_int_equal(opp_port_state_locked(&pair.port, pair.now_us), OPP_PORT_FREE);
}

static void test_cancel_under_way(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	for (int i = 1; i < 4; i++)
		pair_submit(&pair, i, i, false);
	pair_begin_cancel(&pair, 2);
	remove_port();
	expect_end(1, OPP_DELETE_PENDING);
	expect_end(3, OPP_DELETE_PENDING);
	expect_silence();
	assert_true(pair_cancel(&pair, 2));
	expect_end(2, OPP_CANCELLED);
	expect_silence();
}

static void test_no_routine(void **state)
{
	(void)state;
	pair_connect(&pair, 0);
	pair_submit(&pair, 0, 0, false);
	remove_port();
	pair_free(&pair, 0);
	expect_silence();
}

static void test_round_stops(void **state)
{
	(void)state;
	pair_connect(&pair, 0);
	pair_connect(&pair, 1);
	pair_submit(&pair, 0, 0, false);
	pair_free(&pair, 0);
	expect_routine(OPP_EVENT_DEFERRED, 0);
	remove_port();
	expect_silence();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-175 surprise removal ends a full line, each request once, in order",
		     test_full_queue),
		CASE("C-176 what is asked of a removed port is refused", test_later_requests),
		CASE("C-013 C-018 a removed port can be closed and not opened",
		     test_open_and_close),
		CASE("C-178 after removal try fails and a free does no harm", test_callbacks),
		CASE("a holder frees a removed port, and nobody gets it", test_holder_still_frees),
		CASE("a hold taken at interrupt level outlives removal until it is freed",
		     test_holder_at_interrupt_still_frees),
		CASE("removal while wire work runs refuses the request when it is done",
		     test_while_granting),
		CASE("removal while the wire is being put to rest", test_while_releasing),
		CASE("removal leaves a request to the cancel that is under way",
		     test_cancel_under_way),
		CASE("a removed port calls no deferred routine", test_no_routine),
		CASE("removal ends a round of deferred routines", test_round_stops),
	};

	return cmocka_run_group_tests_name("removal", tests, NULL, NULL);
}
