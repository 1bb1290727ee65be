/* SPDX-License-Identifier: MIT */
/*
 * The interrupt-level pair: what it may do at once, what is settled later.
 */
#include "cases.h"

static void test_try(void **state)
{
	(void)state;
	assert_true(pair_try_at_interrupt(&pair));
	expect_holder(REF_ANON);
	assert_false(pair_try_at_interrupt(&pair));
	assert_int_equal(opp_port_waiters_locked(&pair.port), 0);
	pair_free(&pair, REF_ANON);
	pair_submit(&pair, 0, 0, false);
	assert_false(pair_try_at_interrupt(&pair));
	expect_silence();
}

static void test_counted_when_settled(void **state)
{
	(void)state;
	assert_true(pair_try_at_interrupt(&pair));
	assert_int_equal(pair.port.counters.allocates, 0);
	pair.now_us += 40;
	pair_settle(&pair);
	assert_int_equal(pair.port.counters.allocates, 1);
	pair.now_us += 60;
	assert_true(pair_free_at_interrupt(&pair));
	assert_int_equal(pair.port.counters.frees, 0);
	pair_settle(&pair);
	assert_int_equal(pair.port.counters.frees, 1);
	assert_int_equal(pair.port.counters.longest_hold_us, 60);
}

static void test_free_with_waiters(void **state)
{
	(void)state;
	assert_true(pair_try_at_interrupt(&pair));
	pair_submit(&pair, 1, 1, false);
	pair_submit(&pair, 2, 2, false);
	assert_true(pair_free_at_interrupt(&pair));
	expect_silence();
	assert_int_equal(opp_port_waiters_locked(&pair.port), 2);
	pair_settle(&pair);
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	expect_holder(1);
	pair_free(&pair, 1);
	expect_end(2, OPP_SUCCESS);
}

static void test_two_frees(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	pair_submit(&pair, 1, 1, false);
	pair_submit(&pair, 2, 2, false);
	assert_true(pair_free_at_interrupt(&pair));
	assert_false(pair_free_at_interrupt(&pair));
	pair_settle(&pair);
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	expect_holder(1);
}

static void test_nothing_to_free(void **state)
{
	(void)state;
	assert_false(pair_free_at_interrupt(&pair));
	pair_submit(&pair, 0, 0, true);
	assert_false(pair_free_at_interrupt(&pair));
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(0, OPP_SUCCESS);
	pair_left(&pair, OPP_UNDO_LINES);
	pair_free(&pair, 0);
	assert_false(pair_free_at_interrupt(&pair));
	assert_false(pair_try_at_interrupt(&pair));
	pair_wire_done(&pair, OPP_SUCCESS);
	assert_true(pair_try_at_interrupt(&pair));
}

/* Any locked call does the work that interrupt level left. */
static void test_every_call_settles(void **state)
{
	(void)state;
	assert_true(pair_try_at_interrupt(&pair));
	assert_true(pair_free_at_interrupt(&pair));
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_SUCCESS);
	assert_true(pair_free_at_interrupt(&pair));
	assert_true(pair_try_allocate(&pair, 1));
	assert_true(pair_free_at_interrupt(&pair));
	assert_int_equal(pair_free(&pair, 1), OPP_INVALID_DEVICE_STATE);
	assert_true(pair_try_at_interrupt(&pair));
	assert_true(pair_free_at_interrupt(&pair));
	assert_int_equal(pair_kick(&pair), OPP_INVALID_DEVICE_STATE);
	assert_true(pair_try_at_interrupt(&pair));
	assert_true(pair_free_at_interrupt(&pair));
	pair_drop(&pair, 1, true);
	assert_int_equal(pair.port.counters.allocates, 5);
	assert_int_equal(pair.port.counters.frees, 5);
}

static void test_free_races_with_locked_free(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	pair_submit(&pair, 1, 1, false);
	pair_submit(&pair, 2, 2, false);
	pair.intrusion = PAIR_FREE;
	assert_int_equal(pair_free(&pair, 0), OPP_SUCCESS);
	assert_int_equal(pair.intrusions, 1);
	assert_true(pair.intrusion_answers[0]);
	pair_settle(&pair);
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	expect_holder(1);
}

static void test_try_races_with_hand_over(void **state)
{
	(void)state;
	pair_submit(&pair, 0, 0, false);
	pair_submit(&pair, 1, 1, false);
	pair_begin_cancel(&pair, 1);
	pair.intrusion = PAIR_TRY;
	assert_int_equal(pair_free(&pair, 0), OPP_SUCCESS);
	assert_int_equal(pair.intrusions, 1);
	assert_false(pair.intrusion_answers[0]);
	assert_true(pair_try_at_interrupt(&pair));
	pair_cancel(&pair, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-107 try takes a free port, fails on a held one, never waits", test_try),
		CASE("a hold taken at interrupt level is counted when it is settled",
		     test_counted_when_settled),
		CASE("C-108 free with waiters: granted once settled, in order",
		     test_free_with_waiters),
		CASE("two frees before they are settled are one", test_two_frees),
		CASE("only a held port is freed at interrupt level", test_nothing_to_free),
		CASE("every locked call settles what interrupt level left",
		     test_every_call_settles),
		CASE("a free at interrupt level in the middle of a free is the same free",
		     test_free_races_with_locked_free),
		CASE("C-037 no try comes between a free and the next in line",
		     test_try_races_with_hand_over),
	};

	return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
