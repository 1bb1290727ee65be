/* SPDX-License-Identifier: MIT */
/*
 * Allocate, free, cancel, deadline, files, kick: one rule a case. The reference
 * looks over every step; the cases state what it should have said.
 */
#include "cases.h"

/* File 0 holds, files 1 .. @waiters wait with the request of their number. */
static void hold_with_waiters(int waiters)
{
	assert_int_equal(pair_submit(&pair, 0, 0, false), OPP_SUCCESS);
	for (int i = 1; i <= waiters; i++)
		assert_int_equal(pair_submit(&pair, i, i, false), OPP_PENDING);
}

static void expect_state(enum opp_port_state state)
{
	assert_int_equal(opp_port_state_locked(&pair.port, pair.now_us), state);
}

static void test_granted_at_once(void **state)
{
	(void)state;
	hold_with_waiters(0);
	expect_holder(0);
	expect_silence();
}

static void test_waits(void **state)
{
	(void)state;
	hold_with_waiters(2);
	expect_silence();
	expect_holder(0);
	assert_int_equal(pair_free(&pair, 0), OPP_SUCCESS);
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	expect_holder(1);
}

static void test_order(void **state)
{
	(void)state;
	hold_with_waiters(4);
	for (int i = 1; i <= 4; i++) {
		assert_int_equal(pair_free(&pair, i - 1), OPP_SUCCESS);
		assert_false(pair_try_allocate(&pair, 5));
		assert_false(pair_try_at_interrupt(&pair));
		expect_holder(i);
		expect_end(i, OPP_SUCCESS);
	}
}

static void test_free_of_free(void **state)
{
	(void)state;
	assert_int_equal(pair_free(&pair, 0), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(pair_free(&pair, REF_ANON), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(pair.port.counters.frees, 0);
	assert_int_equal(pair.port.counters.allocates, 0);
}

static void test_free_by_stranger(void **state)
{
	(void)state;
	hold_with_waiters(1);
	assert_int_equal(pair_free(&pair, 1), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(pair_free(&pair, 2), OPP_INVALID_DEVICE_STATE);
	expect_holder(0);
	expect_silence();
}

static void test_rule_h(void **state)
{
	(void)state;
	assert_false(pair_may_use(&pair, 0));
	assert_false(pair_may_use(&pair, REF_ANON));
	hold_with_waiters(0);
	assert_true(pair_may_use(&pair, 0));
	assert_true(pair_may_use(&pair, REF_ANON));
	assert_false(pair_may_use(&pair, 1));
	assert_int_equal(pair_free(&pair, REF_ANON), OPP_SUCCESS);
	assert_true(pair_try_allocate(&pair, REF_ANON));
	assert_true(pair_may_use(&pair, 1));
	assert_int_equal(pair_free(&pair, 1), OPP_SUCCESS);
	expect_state(OPP_PORT_FREE);
}

static void test_second_of_holder(void **state)
{
	(void)state;
	hold_with_waiters(1);
	assert_int_equal(pair_submit(&pair, 6, 0, false), OPP_PENDING);
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
	pair_free(&pair, 1);
	expect_end(6, OPP_SUCCESS);
	expect_holder(0);
}

static void test_cancel_in_the_middle(void **state)
{
	(void)state;
	hold_with_waiters(3);
	assert_true(pair_cancel(&pair, 2));
	expect_end(2, OPP_CANCELLED);
	expect_holder(0);
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
	pair_free(&pair, 1);
	expect_end(3, OPP_SUCCESS);
}

static void test_cancel_too_late(void **state)
{
	(void)state;
	hold_with_waiters(1);
	pair_free(&pair, 0);
	assert_false(pair_cancel(&pair, 1));
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	expect_holder(1);
}

static void test_cancel_all(void **state)
{
	(void)state;
	hold_with_waiters(5);
	assert_int_equal(pair_submit(&pair, 6, 5, true), OPP_PENDING);
	for (int left = 6; left > 0; left--) {
		assert_int_equal(opp_port_waiters_locked(&pair.port), left);
		assert_true(pair_cancel(&pair, left));
		expect_end(left, OPP_CANCELLED);
	}
	assert_int_equal(opp_port_waiters_locked(&pair.port), 0);
	expect_holder(0);
}

static void test_cancel_under_way(void **state)
{
	(void)state;
	hold_with_waiters(3);
	pair_begin_cancel(&pair, 1);
	pair_free(&pair, 0);
	expect_end(2, OPP_SUCCESS);
	expect_silence();
	assert_int_equal(pair.requests[1].state, OPP_REQ_DROPPED);
	assert_true(pair_cancel(&pair, 1));
	expect_end(1, OPP_CANCELLED);
	expect_holder(2);
}

static void test_try(void **state)
{
	(void)state;
	assert_true(pair_try_allocate(&pair, 3));
	expect_holder(3);
	assert_false(pair_try_allocate(&pair, 3));
	assert_false(pair_try_allocate(&pair, REF_ANON));
	assert_int_equal(opp_port_waiters_locked(&pair.port), 0);
	pair_free(&pair, 3);
	expect_silence();
}

static void test_deadline(void **state)
{
	(void)state;
	hold_with_waiters(3);
	pair_begin_cancel(&pair, 3);
	assert_true(pair_expire(&pair, 2));
	assert_false(pair_expire(&pair, 3));
	assert_false(pair_expire(&pair, 2));
	expect_end(2, OPP_DEVICE_BUSY);
	expect_silence();
	assert_true(pair_cancel(&pair, 3));
	expect_end(3, OPP_CANCELLED);
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
}

static void test_no_deadline_of_its_own(void **state)
{
	(void)state;
	hold_with_waiters(1);
	pair.now_us += 1000ull * 1000 * 3600 * 24 * 3650;
	pair_settle(&pair);
	assert_false(pair_may_use(&pair, 1));
	expect_silence();
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
}

static void test_drop_holder(void **state)
{
	(void)state;
	hold_with_waiters(2);
	assert_int_equal(pair_submit(&pair, 6, 0, false), OPP_PENDING);
	assert_int_equal(pair_submit(&pair, 7, 1, false), OPP_PENDING);
	pair_drop(&pair, 0, false);
	expect_end(6, OPP_CANCELLED);
	expect_end(1, OPP_SUCCESS);
	expect_silence();
	pair_drop(&pair, 0, false);
	expect_holder(1);
	assert_int_equal(opp_port_waiters_locked(&pair.port), 2);
}

static void test_dead_holder(void **state)
{
	(void)state;
	hold_with_waiters(1);
	pair_close(&pair, 0, true);
	expect_state(OPP_PORT_RELEASING);
	assert_int_equal(pair.port.undo, OPP_UNDO_LINES);
	expect_silence();
	assert_false(pair_try_allocate(&pair, 2));
	assert_false(pair_may_use(&pair, REF_ANON));
	pair_wire_done(&pair, OPP_SUCCESS);
	assert_int_equal(pair.port.undo, 0);
	expect_end(1, OPP_SUCCESS);
	expect_holder(1);
}

static void test_last_close(void **state)
{
	(void)state;
	assert_true(pair_try_allocate(&pair, REF_ANON));
	for (int i = 0; i < REF_FILES - 1; i++)
		pair_close(&pair, i, false);
	expect_holder(REF_ANON);
	pair_close(&pair, REF_FILES - 1, false);
	expect_state(OPP_PORT_FREE);
}

static void test_close_of_another(void **state)
{
	(void)state;
	hold_with_waiters(2);
	pair_close(&pair, 3, false);
	pair_close(&pair, 2, true);
	expect_end(2, OPP_CANCELLED);
	expect_holder(0);
	assert_int_equal(pair_open(&pair, 2), OPP_SUCCESS);
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
}

static void test_kick(void **state)
{
	(void)state;
	assert_int_equal(pair_kick(&pair), OPP_INVALID_DEVICE_STATE);
	hold_with_waiters(1);
	assert_int_equal(pair_submit(&pair, 6, 0, false), OPP_PENDING);
	assert_int_equal(pair_kick(&pair), OPP_SUCCESS);
	expect_end(6, OPP_KICKED);
	expect_state(OPP_PORT_RELEASING);
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(1, OPP_SUCCESS);
	assert_int_equal(pair_submit(&pair, 7, 0, false), OPP_KICKED);
	assert_int_equal(pair_free(&pair, 0), OPP_INVALID_DEVICE_STATE);
	pair_free(&pair, 1);
	assert_false(pair_try_allocate(&pair, 0));
	pair_close(&pair, 0, false);
	pair_open(&pair, 0);
	assert_int_equal(pair_submit(&pair, 7, 0, false), OPP_SUCCESS);
}

static void test_kicked_leaves_anon_alone(void **state)
{
	(void)state;
	hold_with_waiters(0);
	pair_kick(&pair);
	pair_wire_done(&pair, OPP_SUCCESS);
	assert_true(pair_try_allocate(&pair, REF_ANON));
	assert_false(pair_may_use(&pair, 0));
	assert_int_equal(pair_free(&pair, 0), OPP_INVALID_DEVICE_STATE);
	expect_holder(REF_ANON);
	assert_int_equal(pair_kick(&pair), OPP_SUCCESS);
	expect_state(OPP_PORT_RELEASING);
}

static void test_one_order_for_both_kinds(void **state)
{
	(void)state;
	hold_with_waiters(1);
	assert_int_equal(pair_submit(&pair, 2, 2, true), OPP_PENDING);
	assert_int_equal(pair_submit(&pair, 3, 3, false), OPP_PENDING);
	pair_free(&pair, 0);
	expect_end(1, OPP_SUCCESS);
	pair_free(&pair, 1);
	expect_state(OPP_PORT_GRANTING);
	expect_silence();
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(2, OPP_SUCCESS);
	expect_holder(2);
	pair_free(&pair, 2);
	expect_end(3, OPP_SUCCESS);
}

static void test_selection_fails(void **state)
{
	(void)state;
	assert_int_equal(pair_submit(&pair, 0, 0, true), OPP_PENDING);
	expect_state(OPP_PORT_GRANTING);
	assert_int_equal(pair_submit(&pair, 1, 1, true), OPP_PENDING);
	assert_int_equal(pair_submit(&pair, 2, 2, false), OPP_PENDING);
	pair_wire_done(&pair, OPP_NO_SUCH_DEVICE);
	expect_end(0, OPP_NO_SUCH_DEVICE);
	expect_state(OPP_PORT_GRANTING);
	pair_left(&pair, OPP_UNDO_LINES);
	pair_wire_done(&pair, OPP_UNSUCCESSFUL);
	expect_end(1, OPP_UNSUCCESSFUL);
	expect_state(OPP_PORT_RELEASING);
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(2, OPP_SUCCESS);
	expect_holder(2);
	assert_int_equal(pair.port.counters.allocates, 3);
	assert_int_equal(pair.port.counters.frees, 2);
}

static void test_granting_cannot_be_cancelled(void **state)
{
	(void)state;
	assert_int_equal(pair_submit(&pair, 0, 0, true), OPP_PENDING);
	assert_false(pair_cancel(&pair, 0));
	assert_false(pair_expire(&pair, 0));
	assert_false(pair_may_use(&pair, 0));
	assert_int_equal(pair_free(&pair, 0), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(pair_kick(&pair), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_port_waiters_locked(&pair.port), 0);
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(0, OPP_SUCCESS);
	expect_holder(0);
}

static void test_dropped_while_granting(void **state)
{
	(void)state;
	assert_int_equal(pair_submit(&pair, 0, 0, true), OPP_PENDING);
	assert_int_equal(pair_submit(&pair, 1, 1, true), OPP_PENDING);
	pair_close(&pair, 0, true);
	expect_silence();
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(0, OPP_CANCELLED);
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(1, OPP_SUCCESS);
	expect_holder(1);
}

static void test_cancel_of_queued_select(void **state)
{
	(void)state;
	hold_with_waiters(0);
	assert_int_equal(pair_submit(&pair, 1, 1, true), OPP_PENDING);
	assert_true(pair_cancel(&pair, 1));
	expect_end(1, OPP_CANCELLED);
}

static void test_left_on_the_wire(void **state)
{
	(void)state;
	hold_with_waiters(2);
	pair_left(&pair, OPP_UNDO_TRANSFER);
	pair_free(&pair, 0);
	expect_state(OPP_PORT_RELEASING);
	expect_silence();
	pair_wire_done(&pair, OPP_SUCCESS);
	expect_end(1, OPP_SUCCESS);
	pair_left(&pair, OPP_UNDO_TRANSFER | OPP_UNDO_LINES);
	pair_put_back(&pair, OPP_UNDO_TRANSFER | OPP_UNDO_LINES);
	pair_free(&pair, 1);
	expect_end(2, OPP_SUCCESS);
	expect_holder(2);
}

static void test_counters(void **state)
{
	const struct opp_port_counters *counters = &pair.port.counters;

	(void)state;
	hold_with_waiters(2);
	pair.now_us += 70;
	pair_free(&pair, 0);
	pair.now_us += 30;
	pair_free(&pair, 1);
	pair.now_us += 500;
	assert_int_equal(counters->allocates, 3);
	assert_int_equal(counters->frees, 2);
	assert_int_equal(counters->longest_wait_us, 100);
	assert_int_equal(counters->longest_hold_us, 70);
	pair_drop(&pair, 2, false);
	assert_int_equal(counters->frees, 3);
	assert_int_equal(counters->longest_hold_us, 500);
}

static void test_two_ports(void **state)
{
	static struct pair other;

	(void)state;
	pair_init(&other, "the other port");
	pair_open(&other, 0);
	hold_with_waiters(1);
	assert_int_equal(pair_submit(&other, 0, 0, false), OPP_SUCCESS);
	pair_free(&other, 0);
	expect_silence();
	expect_holder(0);
	pair_wind_up(&other);
}

static void count(void *context, const char *what)
{
	assert_non_null(what);
	++*(int *)context;
}

static void test_own_mistakes(void **state)
{
	int mistakes = 0;
	const struct opp_env env = { .context = &mistakes, .broken = count };
	struct opp_port port;
	struct opp_client client;

	(void)state;
	opp_port_init(&port, NULL, NULL, &env);
	opp_port_open_locked(&port, &client);
	opp_port_close_locked(&port, &client, false, 0);
	assert_int_equal(mistakes, 0);
	opp_port_close_locked(&port, &client, false, 0);
	assert_int_equal(mistakes, 1);
	opp_port_wire_done_locked(&port, OPP_SUCCESS, 0);
	assert_int_equal(mistakes, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-019 a request for a free port is granted at once", test_granted_at_once),
		CASE("C-020 C-021 C-036 a request waits for the holder's free; one free grants one",
		     test_waits),
		CASE("C-034 C-037 C-051 grants in arrival order, nobody slips in", test_order),
		CASE("C-025 free of a free port is refused and not counted", test_free_of_free),
		CASE("C-027 free by another file is refused, the holder keeps the port",
		     test_free_by_stranger),
		CASE("C-024 a file and a caller without one may free for each other", test_rule_h),
		CASE("C-028 C-029 a second request of the holder waits its turn",
		     test_second_of_holder),
		CASE("C-043 C-045 cancel from the middle keeps the order of the rest",
		     test_cancel_in_the_middle),
		CASE("C-046 cancel after the grant changes nothing", test_cancel_too_late),
		CASE("C-048 C-052 C-053 waiters are counted, the holder is not; all can be cancelled",
		     test_cancel_all),
		CASE("C-047 a cancel under way keeps its request, the next in line is served",
		     test_cancel_under_way),
		CASE("C-050 C-051 try takes a free port and never waits", test_try),
		CASE("a deadline ends a waiting request once, unless a cancel has it",
		     test_deadline),
		CASE("C-049 the engine has no deadline of its own", test_no_deadline_of_its_own),
		CASE("C-015 C-016 dropping the holder ends what it wants and serves the next",
		     test_drop_holder),
		CASE("what a dead holder left is undone before the next grant", test_dead_holder),
		CASE("C-017 the last close releases what was taken without a file",
		     test_last_close),
		CASE("C-014 closing one file leaves the others", test_close_of_another),
		CASE("a kicked file is out until it opens again", test_kick),
		CASE("a kicked file cannot free what somebody without a file holds",
		     test_kicked_leaves_anon_alone),
		CASE("C-035 allocates and selects share one order", test_one_order_for_both_kinds),
		CASE("C-040 a selection that fails ends its request, the next is served",
		     test_selection_fails),
		CASE("a request whose wire work runs is not cancelled, used, freed or kicked",
		     test_granting_cannot_be_cancelled),
		CASE("a file dropped while its wire work runs never gets the port",
		     test_dropped_while_granting),
		CASE("C-044 a queued select is cancelled", test_cancel_of_queued_select),
		CASE("what a holder left is undone first, what it put back is not",
		     test_left_on_the_wire),
		CASE("C-031 C-032 grants, releases, longest wait and hold are counted",
		     test_counters),
		CASE("a front end that closes or ends wire work once too often is reported",
		     test_own_mistakes),
		CASE("C-039 two ports do not know each other", test_two_ports),
	};

	return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
