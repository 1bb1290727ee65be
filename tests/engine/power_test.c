/* SPDX-License-Identifier: MIT */
/*
 * A port without power: in every state, and back.
 */
#include "cases.h"

static void expect_state(enum opp_port_state state)
{
	assert_int_equal(opp_port_state_locked(&pair.port, pair.now_us), state);
}

/* As the worker does it: what was lost is back, then whatever is due is done. */
static void wake_up(void)
{
	pair_put_back(&pair, OPP_UNDO_POWER);
	if (opp_port_wants_wire_locked(&pair.port))
		pair_wire_done(&pair, OPP_SUCCESS);
}

static void test_free_port(void **state)
{
	(void)state;
	pair_suspend(&pair);
	expect_state(OPP_PORT_RELEASING);
	assert_false(pair_try_allocate(&pair, 0));
	assert_false(pair_try_at_interrupt(&pair));
	assert_false(pair_may_use(&pair, 0));
	assert_int_equal(pair_free(&pair, REF_ANON), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(pair_kick(&pair), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_PENDING);
	assert_int_equal(pair_submit(&pair, 1, 1, true), OPP_PENDING);
	expect_silence();
	assert_int_equal(pair.port.counters.allocates, 0);
	wake_up();
	expect_end(0, OPP_SUCCESS);
	expect_holder(0);
	assert_int_equal(pair.port.counters.frees, 0);
	assert_int_equal(pair_free(&pair, 0), OPP_SUCCESS);
	expect_state(OPP_PORT_GRANTING);
}

static void test_holder(void **state)
{
	(void)state;
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_SUCCESS);
	assert_int_equal(pair_submit(&pair, 1, 1, false), OPP_PENDING);
	pair_suspend(&pair);
	expect_holder(0);
	assert_int_equal(pair_free(&pair, 0), OPP_SUCCESS);
	expect_state(OPP_PORT_RELEASING);
	assert_int_equal(pair.port.counters.frees, 1);
	expect_silence();
	wake_up();
	expect_end(1, OPP_SUCCESS);
}

static void test_line(void **state)
{
	(void)state;
	pair_suspend(&pair);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pair_submit(&pair, i, i, false), OPP_PENDING);
	assert_true(pair_cancel(&pair, 0));
	assert_true(pair_expire(&pair, 1));
	pair_drop(&pair, 2, false);
	expect_end(0, OPP_CANCELLED);
	expect_end(1, OPP_DEVICE_BUSY);
	expect_end(2, OPP_CANCELLED);
	wake_up();
	expect_end(3, OPP_SUCCESS);
}

static void test_granting(void **state)
{
	(void)state;
	assert_int_equal(pair_submit(&pair, 0, 0, true), OPP_PENDING);
	pair_suspend(&pair);
	expect_state(OPP_PORT_GRANTING);
	assert_false(pair_cancel(&pair, 0));
	wake_up();
	expect_end(0, OPP_SUCCESS);
	expect_holder(0);
}

/* It is taken at the moment in which it would be put to sleep. */
static void test_taken_at_interrupt(void **state)
{
	(void)state;
	assert_true(pair_try_at_interrupt(&pair));
	pair_suspend(&pair);
	expect_state(OPP_PORT_HELD);
	assert_true(pair_free_at_interrupt(&pair));
	pair_settle(&pair);
	expect_state(OPP_PORT_RELEASING);
	assert_false(pair_try_at_interrupt(&pair));
	wake_up();
	expect_state(OPP_PORT_FREE);
	assert_true(pair_try_at_interrupt(&pair));
}

static void test_routines(void **state)
{
	(void)state;
	pair_connect(&pair, 0);
	pair_suspend(&pair);
	assert_false(pair_try_at_interrupt(&pair));
	expect_silence();
	wake_up();
	expect_routine(OPP_EVENT_DEFERRED, 0);
	expect_silence();
}

static void test_removed(void **state)
{
	(void)state;
	pair_suspend(&pair);
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_PENDING);
	pair_remove(&pair, OPP_PORT_SURPRISE_REMOVED);
	expect_end(0, OPP_DELETE_PENDING);
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_state(OPP_PORT_FREE);
	pair_suspend(&pair);
	expect_state(OPP_PORT_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("a free port without power is nobody's, and granted to nobody",
		     test_free_port),
		CASE("C-031 who holds a port without power may free it", test_holder),
		CASE("C-043 C-016 without power the line can be left", test_line),
		CASE("without power a request that is being granted stays so", test_granting),
		CASE("C-107 a port that an interrupt took loses its power",
		     test_taken_at_interrupt),
		CASE("C-103 routines are called when the power is back", test_routines),
		CASE("C-175 a port without power is removed", test_removed),
	};

	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
