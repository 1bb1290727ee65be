/* SPDX-License-Identifier: MIT */
/*
 * What ends a device's requests and locks from outside: the front end's cancel, removal, being
 * put out of the port, a file that closes.
 */
#include <stdlib.h>

#include "device_rig.h"

static void expect_deselected(uint32_t index)
{
	assert_int_equal(world.chain.adapters[index].mode, OPP_DAISY_UNSELECTED);
}

/* ---- called off, closed ----------------------------------------------------------------------- */

static void test_cancelled_in_line(void **state)
{
	struct ask *asks[3];

	(void)state;
	asks[0] = world_write(LAST, "one ");
	asks[1] = world_write(LAST, "never ");
	asks[2] = world_write(LAST, "two");
	assert_true(opp_device_cancel_locked(device_at(LAST), &asks[1]->req));
	world_run();
	expect_told(asks[1], OPP_CANCELLED);
	assert_int_equal(asks[1]->rank, 1);
	assert_int_equal(asks[1]->req.moved, 0);
	expect_told(asks[2], OPP_SUCCESS);
	expect_printed(LAST, "one two");
}

static void test_cancelled_at_work(void **state)
{
	struct ask *ask;

	(void)state;
	opp_1284_set_conditions(&world.units[LAST].device, OPP_CENTRONICS_OFF_LINE);
	ask = world_write(LAST, "text");
	for (uint32_t i = 0; i < 20; i++)
		(void)world_turn();
	expect_waits(ask);
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	assert_int_equal(ask->req.moved, 0);
	opp_1284_set_conditions(&world.units[LAST].device, 0);
	ask = world_write(LAST, "more");
	world_run();
	expect_told(ask, OPP_SUCCESS);
	expect_printed(LAST, "more");
}

/* It came to its end before, as long as nobody was told. */
static void test_cancelled_too_late(void **state)
{
	struct opp_device *device = device_at(LAST);
	struct rig *rig = &world.chain.rig;
	struct ask *ask;
	enum opp_step step;

	(void)state;
	ask = world_write(LAST, "text");
	do {
		step = opp_device_step(device, rig->hw, &world.chain.protocol, world_now_us(),
				       world.budget_ns);
		rig_pass_ns(rig, 100000);
	} while (step != OPP_STEP_DONE);
	assert_true(opp_device_cancel_locked(device, &ask->req));
	opp_device_stepped_locked(device, world_now_us());
	world_run();
	expect_told(ask, OPP_SUCCESS);
	assert_int_equal(ask->req.moved, 4);
	expect_rest();
}

/* The first reason counts. */
static void test_cancelled_then_removed(void **state)
{
	struct ask *ask;

	(void)state;
	opp_1284_set_conditions(&world.units[LAST].device, OPP_CENTRONICS_OFF_LINE);
	ask = world_write(LAST, "text");
	for (uint32_t i = 0; i < 20; i++)
		(void)world_turn();
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	opp_device_remove_locked(device_at(LAST), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
	world_run();
	expect_told(ask, OPP_CANCELLED);
	expect_rest();
}

static void test_cancelled_lock(void **state)
{
	struct ask *ask;

	(void)state;
	file_asks(0);
	ask = world_submitted(SECOND, OPP_DO_LOCK);
	assert_true(opp_device_cancel_locked(ask->device, &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	assert_false(opp_device_cancel_locked(ask->device, &ask->req));
	assert_int_equal(opp_port_waiters_locked(&world.port), 0);
	file_frees(0);
	expect_rest();
	expect_deselected(SECOND);
}

/* The port is the device's already, which was not told yet. */
static void test_cancelled_grant(void **state)
{
	struct ask *ask;

	(void)state;
	file_asks(0);
	ask = world_submitted(LAST, OPP_DO_LOCK);
	file_frees(0);
	expect_port(OPP_PORT_HELD);
	assert_true(opp_device_cancel_locked(ask->device, &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	expect_rest();
}

static void test_closed_lock(void **state)
{
	(void)state;
	world_lock(FIRST);
	file_asks(0);
	opp_device_close_locked(device_at(FIRST), world_now_us());
	world_run();
	assert_true(world.has_port[0]);
	expect_deselected(FIRST);
	file_frees(0);
	expect_rest();
}

/* ---- the front end's cancel comes first ---------------------------------------------------------- */

static void test_take_refused(void **state)
{
	static const enum opp_device_op ops[] = { OPP_DO_WRITE, OPP_DO_LOCK, OPP_DO_NEGOTIATE,
						  OPP_DO_CAPS };

	(void)state;
	for (uint32_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		struct ask *ask = world_ask_bytes(SECOND, ops[i], (uint8_t[]){ 'x' }, 1);

		ask->req.write = OPP_PROTO_ECP_SW;
		world.refused = &ask->req;
		assert_int_equal(world_submit(ask), OPP_PENDING);
		world_run();
		expect_waits(ask);
		expect_rest();
		assert_true(opp_device_cancel_locked(device_at(SECOND), &ask->req));
		world_run();
		expect_told(ask, OPP_CANCELLED);
		assert_int_equal(device_at(SECOND)->write_protocol, OPP_PROTO_CENTRONICS);
		assert_int_equal(device_at(SECOND)->known, 0);
	}
}

static void test_unlock_refused(void **state)
{
	struct ask *ask;

	(void)state;
	world_lock(LAST);
	ask = world_ask(LAST, OPP_DO_UNLOCK);
	world.refused = &ask->req;
	assert_int_equal(world_submit(ask), OPP_PENDING);
	expect_device(LAST, OPP_DEVICE_LOCKED);
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	world.refused = NULL;
	world_unlock(LAST);
}

/* A cancel that came in time ends it, and is not asked again. */
static void test_cancel_is_not_asked_again(void **state)
{
	struct ask *ask;

	(void)state;
	ask = world_write(LAST, "text");
	world.refused = &ask->req;
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	expect_rest();
}

/* ---- removal and being put out ----------------------------------------------------------------- */

static void test_removed(void **state)
{
	struct ask *asks[3];

	(void)state;
	asks[0] = world_write(LAST, "text");
	asks[1] = world_write(LAST, "text");
	file_asks(0);
	asks[2] = world_submitted(FIRST, OPP_DO_LOCK);
	opp_device_remove_locked(device_at(LAST), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
	opp_device_remove_locked(device_at(FIRST), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
	assert_int_equal(world_submit(world_ask(LAST, OPP_DO_LOCK)), OPP_DELETE_PENDING);
	opp_device_remove_locked(device_at(LAST), OPP_DEVICE_GONE, world_now_us());
	assert_int_equal(world_submit(world_ask(LAST, OPP_DO_LOCK)), OPP_DEVICE_REMOVED);
	world_run();
	for (uint32_t i = 0; i < 3; i++)
		expect_told(asks[i], OPP_DELETE_PENDING);
	assert_true(world.has_port[0]);
	file_frees(0);
	expect_rest();
}

static void test_removed_lock(void **state)
{
	(void)state;
	world_lock(SECOND);
	opp_device_remove_locked(device_at(SECOND), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
	world_run();
	expect_rest();
}

static void test_removed_port(void **state)
{
	struct ask *asks[2];

	(void)state;
	asks[0] = world_write(LAST, "text");
	asks[1] = world_write(FIRST, "text");
	opp_port_remove_locked(&world.port, OPP_PORT_SURPRISE_REMOVED, world_now_us());
	for (uint32_t i = 0; i < DEVICES; i++)
		opp_device_remove_locked(device_at(i), OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
	world_run();
	expect_told(asks[0], OPP_DELETE_PENDING);
	expect_told(asks[1], OPP_DELETE_PENDING);
	expect_port(OPP_PORT_FREE);
}

static void kick(uint32_t index)
{
	assert_ptr_equal(world.port.holder, &device_at(index)->client);
	assert_int_equal(opp_port_kick_locked(&world.port, world_now_us()), OPP_SUCCESS);
	opp_device_kicked_locked(device_at(index), world_now_us());
}

static void test_kicked(void **state)
{
	struct ask *asks[2];

	(void)state;
	opp_1284_set_conditions(&world.units[LAST].device, OPP_CENTRONICS_PAPER_OUT);
	asks[0] = world_write(LAST, "text");
	asks[1] = world_write(LAST, "text");
	file_asks(0);
	for (uint32_t i = 0; i < 10; i++)
		(void)world_turn();
	kick(LAST);
	assert_false(world.has_port[0]);
	world_run();
	assert_true(world.has_port[0]);
	expect_told(asks[0], OPP_KICKED);
	expect_told(asks[1], OPP_KICKED);
	assert_int_equal(world_does(LAST, OPP_DO_LOCK), OPP_KICKED);
	assert_int_equal(world_submit(world_ask(LAST, OPP_DO_ADDRESS)), OPP_KICKED);
	assert_int_equal(world_submit(world_ask(LAST, OPP_DO_IDLE)), OPP_KICKED);
	assert_int_equal(world_submit(world_ask(LAST, OPP_DO_WRITE)), OPP_KICKED);
	opp_device_close_locked(device_at(LAST), world_now_us());
	assert_int_equal(opp_device_open_locked(device_at(LAST), false), OPP_SUCCESS);
	file_frees(0);
	world_lock(LAST);
	world_unlock(LAST);
}

/* Put out before it was told that it had the port; of the one it hears after the other. */
static void test_kicked_grant(void **state)
{
	struct ask *ask;

	(void)state;
	file_asks(0);
	ask = world_write(LAST, "text");
	file_frees(0);
	assert_ptr_equal(world.port.holder, &device_at(LAST)->client);
	assert_int_equal(opp_port_kick_locked(&world.port, world_now_us()), OPP_SUCCESS);
	world_run();
	expect_told(ask, OPP_KICKED);
	opp_device_kicked_locked(device_at(LAST), world_now_us());
	expect_rest();
	expect_printed(LAST, "");
}

static void test_kicked_lock(void **state)
{
	(void)state;
	world_lock(FIRST);
	kick(FIRST);
	expect_device(FIRST, OPP_DEVICE_RESTING);
	world_run();
	expect_rest();
	expect_deselected(FIRST);
}

static void test_not_open(void **state)
{
	static const enum opp_device_op ops[] = { OPP_DO_LOCK, OPP_DO_LINES, OPP_DO_ADDRESS };

	(void)state;
	opp_device_close_locked(device_at(LAST), world_now_us());
	for (uint32_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		assert_int_equal(world_submit(world_ask(LAST, ops[i])), OPP_INVALID_DEVICE_REQUEST);
	for (enum opp_device_op op = OPP_DO_READ; op <= OPP_DO_WRITE; op++)
		assert_int_equal(world_submit(world_ask_bytes(LAST, op, (uint8_t[]){ 'x' }, 1)),
				 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(world.chain.rig.accesses, 0);
	expect_rest();
}

/* What the next file asks for comes behind what still stops. */
static void test_closed_at_work(void **state)
{
	struct opp_device *device = device_at(LAST);
	struct ask *asks[3];

	(void)state;
	opp_1284_set_conditions(&world.units[LAST].device, OPP_CENTRONICS_OFF_LINE);
	world_lock(LAST);
	asks[0] = world_write(LAST, "old");
	asks[1] = world_write(LAST, "old");
	(void)world_turn();
	opp_device_close_locked(device, world_now_us());
	assert_int_equal(opp_device_open_locked(device, false), OPP_SUCCESS);
	asks[2] = world_write(LAST, "new");
	opp_1284_set_conditions(&world.units[LAST].device, 0);
	world_run();
	expect_told(asks[0], OPP_CANCELLED);
	expect_told(asks[1], OPP_CANCELLED);
	expect_told(asks[2], OPP_SUCCESS);
	expect_printed(LAST, "new");
	expect_rest();
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start_world, NULL, NULL                                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-155 called off in line", test_cancelled_in_line),
		CASE("C-156 called off at work, and used again", test_cancelled_at_work),
		CASE("C-156 called off when it was done", test_cancelled_too_late),
		CASE("called off, then removed", test_cancelled_then_removed),
		CASE("C-129 a lock called off in line", test_cancelled_lock),
		CASE("a lock called off as it was granted", test_cancelled_grant),
		CASE("C-117 a lock ends with its file", test_closed_lock),
		CASE("nothing comes of a request that a cancel has taken", test_take_refused),
		CASE("an unlock that a cancel has taken", test_unlock_refused),
		CASE("a cancel that came is not asked again", test_cancel_is_not_asked_again),
		CASE("C-177 a removed device: at work, in line, later", test_removed),
		CASE("a removed device gives its lock back", test_removed_lock),
		CASE("C-177 a removed port", test_removed_port),
		CASE("a device that is put out of the port", test_kicked),
		CASE("C-033 a device that is put out before it knows that it is in",
		     test_kicked_grant),
		CASE("a lock that is put out of the port", test_kicked_lock),
		CASE("C-117 nothing is begun for a device that nobody has open", test_not_open),
		CASE("closed at work under a lock, and opened again", test_closed_at_work),
	};

	return cmocka_run_group_tests_name("device_end", tests, NULL, NULL);
}
