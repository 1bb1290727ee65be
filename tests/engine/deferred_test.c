/* SPDX-License-Identifier: MIT */
/*
 * Deferred routines: who is called, when, and when no longer.
 */
#include "cases.h"

static void connect_all(void)
{
	for (int i = 0; i < REF_ROUTINES; i++)
		pair_connect(&pair, i);
}

/* File 0 takes the port and frees it: the routines are due. */
static void become_free(void)
{
	assert_true(pair_try_allocate(&pair, 0));
	pair_free(&pair, 0);
}

static void test_order(void **state)
{
	(void)state;
	pair_connect(&pair, 2);
	pair_connect(&pair, 0);
	pair_connect(&pair, 1);
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 2);
	expect_routine(OPP_EVENT_DEFERRED, 0);
	expect_routine(OPP_EVENT_DEFERRED, 1);
	expect_silence();
}

static void test_not_on_hand_over(void **state)
{
	(void)state;
	connect_all();
	pair_submit(&pair, 0, 0, false);
	pair_submit(&pair, 1, 1, false);
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	pair_free(&pair, 1);
	expect_routine(OPP_EVENT_DEFERRED, 0);
}

static void test_disconnected(void **state)
{
	(void)state;
	connect_all();
	assert_int_equal(pair_disconnect(&pair, 0), OPP_SUCCESS);
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 1);
	assert_int_equal(pair_disconnect(&pair, 2), OPP_SUCCESS);
	expect_routine(OPP_EVENT_DEFERRED, 3);
	expect_silence();
}

static void test_routine_takes_the_port(void **state)
{
	(void)state;
	connect_all();
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	assert_true(pair_try_allocate(&pair, REF_ANON));
	expect_silence();
	pair_free(&pair, REF_ANON);
	expect_routine(OPP_EVENT_DEFERRED, 0);
	expect_routine(OPP_EVENT_DEFERRED, 1);
}

static void test_routine_takes_and_frees(void **state)
{
	(void)state;
	connect_all();
	become_free();
	for (int i = 0; i < REF_ROUTINES; i++) {
		expect_routine(OPP_EVENT_DEFERRED, i);
		assert_true(pair_try_allocate(&pair, REF_ANON));
		pair_free(&pair, REF_ANON);
	}
	expect_silence();
}

static void test_in_vain(void **state)
{
	(void)state;
	connect_all();
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	expect_routine(OPP_EVENT_DEFERRED, 1);
	assert_true(pair_try_allocate(&pair, REF_ANON));
	assert_false(pair_try_allocate(&pair, 2));
	pair_free(&pair, REF_ANON);
	for (int i = 0; i < REF_ROUTINES; i++)
		expect_routine(OPP_EVENT_DEFERRED, i);
	expect_silence();
}

static void test_in_vain_at_interrupt(void **state)
{
	(void)state;
	pair_connect(&pair, 0);
	pair_connect(&pair, 1);
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	expect_routine(OPP_EVENT_DEFERRED, 1);
	assert_true(pair_try_allocate(&pair, 1));
	assert_false(pair_try_at_interrupt(&pair));
	pair_free(&pair, 1);
	expect_routine(OPP_EVENT_DEFERRED, 0);
	expect_routine(OPP_EVENT_DEFERRED, 1);
	expect_silence();
}

static void test_leaves_while_it_runs(void **state)
{
	(void)state;
	connect_all();
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	assert_int_equal(pair_disconnect(&pair, 0), OPP_PENDING);
	expect_routine(OPP_EVENT_DEFERRED_GONE, 0);
	expect_routine(OPP_EVENT_DEFERRED, 1);
	pair_submit(&pair, 0, 0, false);
	pair_submit(&pair, 1, 1, false);
	assert_int_equal(pair_disconnect(&pair, 1), OPP_PENDING);
	pair_cancel(&pair, 1);
	expect_routine(OPP_EVENT_DEFERRED_GONE, 1);
	expect_end(1, OPP_CANCELLED);
	expect_silence();
}

static void test_returned_before_others_are_told(void **state)
{
	(void)state;
	pair_connect(&pair, 0);
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	pair_submit(&pair, 0, 0, false);
	pair_submit(&pair, 1, 1, false);
	pair_cancel(&pair, 1);
	expect_end(1, OPP_CANCELLED);
	assert_int_equal(pair_disconnect(&pair, 0), OPP_SUCCESS);
}

static void test_connected_during_the_round(void **state)
{
	(void)state;
	pair_connect(&pair, 0);
	pair_connect(&pair, 1);
	become_free();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	pair_connect(&pair, 2);
	expect_routine(OPP_EVENT_DEFERRED, 1);
	expect_routine(OPP_EVENT_DEFERRED, 2);
	pair_connect(&pair, 3);
	expect_silence();
}

static void test_after_interrupt_level_free(void **state)
{
	(void)state;
	connect_all();
	assert_true(pair_try_at_interrupt(&pair));
	assert_true(pair_free_at_interrupt(&pair));
	expect_silence();
	pair_settle(&pair);
	expect_routine(OPP_EVENT_DEFERRED, 0);
}

static void test_request_comes_before_the_round(void **state)
{
	(void)state;
	connect_all();
	become_free();
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_SUCCESS);
	expect_silence();
	expect_holder(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-103 routines are called in connect order when the port is free",
		     test_order),
		CASE("C-104 a hand-over calls no routine", test_not_on_hand_over),
		CASE("C-105 a routine that was taken out is not called", test_disconnected),
		CASE("C-109 a routine that takes the port ends the round",
		     test_routine_takes_the_port),
		CASE("a routine that takes the port and frees it does not start the round anew",
		     test_routine_takes_and_frees),
		CASE("who found the port taken during a round is called again", test_in_vain),
		CASE("C-103 an interrupt that found the port taken is called again",
		     test_in_vain_at_interrupt),
		CASE("a routine taken out while it runs is told to be gone once it returned",
		     test_leaves_while_it_runs),
		CASE("a routine has returned before others are told",
		     test_returned_before_others_are_told),
		CASE("a routine that joins a round is called in it",
		     test_connected_during_the_round),
		CASE("C-103 a free at interrupt level calls the routines once settled",
		     test_after_interrupt_level_free),
		CASE("a port taken before the round begins calls no routine",
		     test_request_comes_before_the_round),
	};

	return cmocka_run_group_tests_name("deferred", tests, NULL, NULL);
}
