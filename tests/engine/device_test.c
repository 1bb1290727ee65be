/* SPDX-License-Identifier: MIT */
/*
 * A device's opens, its line, locks and turns at the port, by the side of other devices and
 * of files of the port. What its requests do on the wire is in device_wire_test.c.
 */
#include <stdlib.h>
#include <string.h>

#include "device_rig.h"

static void expect_selected(uint32_t index, bool selected)
{
	assert_int_equal(world.chain.adapters[index].mode,
			 selected ? OPP_DAISY_COMPATIBILITY : OPP_DAISY_UNSELECTED);
}

/* ---- opening -------------------------------------------------------------------------------- */

static void test_open(void **state)
{
	struct opp_device *device = device_at(LAST);

	(void)state;
	assert_int_equal(opp_device_open_locked(device, false), OPP_ACCESS_DENIED);
	opp_device_close_locked(device, world_now_us());
	assert_int_equal(opp_device_open_locked(device, false), OPP_SUCCESS);
}

static void test_open_refused(void **state)
{
	struct opp_device *device = device_at(LAST);

	(void)state;
	device->presence = OPP_DEVICE_ABSENT;
	assert_int_equal(opp_device_open_locked(device, false), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_device_open_locked(device, true), OPP_NOT_A_DIRECTORY);
	opp_device_remove_locked(device, OPP_DEVICE_SURPRISE_REMOVED, world_now_us());
	assert_int_equal(opp_device_open_locked(device, true), OPP_DELETE_PENDING);
	opp_device_remove_locked(device, OPP_DEVICE_GONE, world_now_us());
	assert_int_equal(opp_device_open_locked(device, true), OPP_DEVICE_REMOVED);
}

static void test_close_forgets(void **state)
{
	struct opp_device *device = device_at(LAST);
	struct ask *caps = world_ask(LAST, OPP_DO_CAPS);
	struct ask *negotiate = world_ask(LAST, OPP_DO_NEGOTIATE);

	(void)state;
	caps->req.exclude = OPP_PROTO_EPP_HW;
	assert_int_equal(world_do(caps), OPP_SUCCESS);
	negotiate->req.read = OPP_PROTO_BYTE;
	negotiate->req.write = OPP_PROTO_ECP_SW;
	assert_int_equal(world_do(negotiate), OPP_SUCCESS);
	device->read_address = 1;
	device->timeouts.read_constant = 1;
	opp_device_close_locked(device, world_now_us());
	assert_int_equal(device->read_protocol, OPP_PROTO_NIBBLE);
	assert_int_equal(device->write_protocol, OPP_PROTO_CENTRONICS);
	assert_int_equal(device->known, 0);
	assert_int_equal(device->excluded, 0);
	assert_int_equal(device->read_address, 0);
	assert_int_equal(device->timeouts.read_constant, OPP_TOTAL_TIMEOUT_MS);
}

/* ---- locks --------------------------------------------------------------------------------------- */

static void test_lock_selects(void **state)
{
	(void)state;
	world_lock(SECOND);
	expect_selected(SECOND, true);
	file_asks(0);
	assert_int_equal(world_does(SECOND, OPP_DO_UNLOCK), OPP_SUCCESS);
	assert_true(world.has_port[0]);
	expect_selected(SECOND, false);
	file_frees(0);
	expect_rest();
}

static void test_lock_without_selecting(void **state)
{
	(void)state;
	assert_int_equal(world_does(SECOND, OPP_DO_LOCK_NO_SELECT), OPP_SUCCESS);
	expect_device(SECOND, OPP_DEVICE_LOCKED);
	expect_selected(SECOND, false);
	assert_int_equal(world.chain.rig.accesses, 0);
	assert_int_equal(world_does(SECOND, OPP_DO_UNLOCK_NO_DESELECT), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 0);
	expect_rest();
}

/* Who selects by means of its own has the device deselected by a plain UNLOCK. */
static void test_unlock_deselects(void **state)
{
	(void)state;
	assert_int_equal(world_does(FIRST, OPP_DO_LOCK_NO_SELECT), OPP_SUCCESS);
	assert_int_equal(chain_select(&world.chain, 0, OPP_MODE_COMPAT), OPP_SUCCESS);
	world_unlock(FIRST);
	expect_selected(FIRST, false);
}

static void test_unlock_without_deselecting(void **state)
{
	(void)state;
	assert_int_equal(world_does(FIRST, OPP_DO_LOCK_NO_SELECT), OPP_SUCCESS);
	assert_int_equal(chain_select(&world.chain, 0, OPP_MODE_COMPAT), OPP_SUCCESS);
	world.selection_stays = true;
	assert_int_equal(world_does(FIRST, OPP_DO_UNLOCK_NO_DESELECT), OPP_SUCCESS);
	expect_port(OPP_PORT_FREE);
	expect_selected(FIRST, true);
	world_lock(SECOND);
	expect_selected(FIRST, false);
	world.selection_stays = false;
	world_unlock(SECOND);
}

/* One that is not of the chain, whose client has selected another one that is. */
static void test_unlock_beside_chain(void **state)
{
	struct ask *ask;

	(void)state;
	for (uint32_t has_chain = 0; has_chain <= 1; has_chain++) {
		assert_int_equal(world_does(LAST, OPP_DO_LOCK_NO_SELECT), OPP_SUCCESS);
		assert_int_equal(chain_select(&world.chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
		world.selection_stays = !has_chain;
		ask = world_ask(LAST, OPP_DO_UNLOCK);
		ask->req.has_chain = has_chain;
		assert_int_equal(world_do(ask), OPP_SUCCESS);
		expect_selected(SECOND, !has_chain);
	}
	world_lock(LAST);
	rig_forget_accesses(&world.chain.rig);
	ask = world_ask(LAST, OPP_DO_UNLOCK);
	ask->req.has_chain = true;
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 0);
	expect_rest();
}

static void test_selection_fails(void **state)
{
	(void)state;
	opp_daisy_break(&world.chain.adapters[SECOND], OPP_DAISY_REFUSES);
	assert_int_equal(world_does(SECOND, OPP_DO_LOCK), OPP_UNSUCCESSFUL);
	expect_rest();
	assert_int_equal(world_do(world_ask_bytes(SECOND, OPP_DO_WRITE, (uint8_t[]){ 'x' }, 1)),
			 OPP_UNSUCCESSFUL);
	expect_rest();
}

static void test_lock_states(void **state)
{
	(void)state;
	assert_int_equal(world_does(LAST, OPP_DO_UNLOCK), OPP_INVALID_DEVICE_STATE);
	world_lock(LAST);
	assert_int_equal(world_does(LAST, OPP_DO_LOCK_NO_SELECT), OPP_INVALID_DEVICE_STATE);
	expect_device(LAST, OPP_DEVICE_LOCKED);
	world_unlock(LAST);
	assert_int_equal(world_does(LAST, OPP_DO_UNLOCK_NO_DESELECT), OPP_INVALID_DEVICE_STATE);
}

static void test_two_locks(void **state)
{
	struct ask *other;

	(void)state;
	world_lock(LAST);
	other = world_submitted(FIRST, OPP_DO_LOCK);
	world_run();
	expect_waits(other);
	expect_device(FIRST, OPP_DEVICE_WANTING);
	assert_int_equal(world_does(LAST, OPP_DO_UNLOCK), OPP_SUCCESS);
	expect_told(other, OPP_SUCCESS);
	expect_device(FIRST, OPP_DEVICE_LOCKED);
	world_unlock(FIRST);
}

static void test_locked_transfers(void **state)
{
	(void)state;
	world_lock(FIRST);
	assert_int_equal(world_do(world_ask_bytes(FIRST, OPP_DO_WRITE, (uint8_t[]){ 'a' }, 1)),
			 OPP_SUCCESS);
	expect_port(OPP_PORT_HELD);
	assert_int_equal(world.port.counters.allocates, 1);
	expect_printed(FIRST, "a");
	world_unlock(FIRST);
	assert_int_equal(world.port.counters.frees, 1);
}

static void test_busy_port(void **state)
{
	struct ask *ask;

	(void)state;
	file_asks(0);
	ask = world_submitted(LAST, OPP_DO_LOCK);
	assert_int_equal(opp_device_deadline_us_locked(device_at(LAST)),
			 world_now_us() + OPP_LOCK_TIMEOUT_US);
	world_pass_us(OPP_LOCK_TIMEOUT_US - 1000);
	expect_waits(ask);
	world_pass_us(2000);
	expect_told(ask, OPP_DEVICE_BUSY);
	assert_int_equal(opp_port_waiters_locked(&world.port), 0);
	assert_int_equal(opp_device_deadline_us_locked(device_at(LAST)), UINT64_MAX);
	file_frees(0);
	expect_rest();
}

static void test_busy_port_for_write(void **state)
{
	struct ask *first;
	struct ask *second;

	(void)state;
	file_asks(0);
	device_at(LAST)->lock_timeout_us = 1000;
	first = world_write(LAST, "a");
	second = world_write(LAST, "b");
	world_run_until(first);
	expect_told(first, OPP_DEVICE_BUSY);
	expect_waits(second);
	file_frees(0);
	world_run();
	expect_told(second, OPP_SUCCESS);
	expect_printed(LAST, "b");
}

static void test_needs_lock(void **state)
{
	struct ask *ask = world_ask(LAST, OPP_DO_TERMINATE);

	(void)state;
	ask->req.needs_lock = true;
	assert_int_equal(world_submit(ask), OPP_INVALID_DEVICE_STATE);
	world_lock(LAST);
	assert_int_equal(world_do(ask = world_ask(LAST, OPP_DO_TERMINATE)), OPP_SUCCESS);
	ask = world_ask(LAST, OPP_DO_FORWARD);
	ask->req.needs_lock = true;
	(void)world_submitted(LAST, OPP_DO_UNLOCK);
	world_run();
	assert_int_equal(world_submit(ask), OPP_INVALID_DEVICE_STATE);
	expect_rest();
}

/* The lock that was there when it was asked for is gone in its turn. */
static void test_needs_lock_in_its_turn(void **state)
{
	struct ask *work;
	struct ask *callback;

	(void)state;
	world_lock(LAST);
	work = world_write(LAST, "a");
	(void)world_submitted(LAST, OPP_DO_UNLOCK);
	callback = world_ask(LAST, OPP_DO_FORWARD);
	callback->req.needs_lock = true;
	assert_int_equal(world_submit(callback), OPP_PENDING);
	world_run();
	expect_told(work, OPP_SUCCESS);
	expect_told(callback, OPP_INVALID_DEVICE_STATE);
	expect_rest();
}

/* ---- others at the port (S-07) ---------------------------------------------------------------- */

static void expect_not_freed(uint32_t index)
{
	assert_int_equal(opp_port_free_locked(&world.port, NULL, world_now_us()),
			 OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_port_free_locked(&world.port, &world.files[0], world_now_us()),
			 OPP_INVALID_DEVICE_STATE);
	assert_true(opp_port_free_at_interrupt(&world.port));
	opp_port_settle_locked(&world.port, world_now_us());
	expect_port(OPP_PORT_HELD);
	assert_ptr_equal(world.port.holder, &device_at(index)->client);
	assert_false(opp_port_may_use_locked(&world.port, &world.files[0], world_now_us()));
}

static void test_stray_free_of_lock(void **state)
{
	(void)state;
	world_lock(FIRST);
	expect_not_freed(FIRST);
	assert_true(opp_port_may_use_locked(&world.port, NULL, world_now_us()));
	world_unlock(FIRST);
	assert_int_equal(opp_port_free_locked(&world.port, NULL, world_now_us()),
			 OPP_INVALID_DEVICE_STATE);
}

static void test_stray_free_of_transfer(void **state)
{
	struct ask *ask;

	(void)state;
	ask = world_write(LAST, "text");
	expect_device(LAST, OPP_DEVICE_WORKING);
	expect_not_freed(LAST);
	assert_false(opp_port_may_use_locked(&world.port, NULL, world_now_us()));
	world_run();
	expect_told(ask, OPP_SUCCESS);
	expect_printed(LAST, "text");
}

/* As long as the lock's client keeps the chip in a mode, no request of the device drives it. */
static void test_chip_mode_under_lock(void **state)
{
	static const enum opp_device_op ops[] = { OPP_DO_LINES, OPP_DO_CAPS, OPP_DO_TERMINATE };

	(void)state;
	world_lock(LAST);
	rig_forget_accesses(&world.chain.rig);
	opp_port_left_locked(&world.port, OPP_UNDO_CHIP_MODE);
	for (uint32_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		assert_int_equal(world_does(LAST, ops[i]), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(world_does(LAST, OPP_DO_ADDRESS), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 0);
	opp_port_put_back_locked(&world.port, OPP_UNDO_CHIP_MODE);
	assert_int_equal(world_does(LAST, OPP_DO_LINES), OPP_SUCCESS);
	opp_port_left_locked(&world.port, OPP_UNDO_CHIP_MODE);
	world_unlock(LAST);
}

/* The last file of the port closes; an ANON allocation would go with it, the lock does not. */
static void test_last_close_of_port(void **state)
{
	(void)state;
	world_lock(LAST);
	for (uint32_t i = 0; i < FILES; i++)
		opp_port_close_locked(&world.port, &world.files[i], false, world_now_us());
	expect_port(OPP_PORT_HELD);
	world_unlock(LAST);
}

/* The port is the device's already, which was not told yet. */
static void test_stray_free_of_grant(void **state)
{
	static const enum opp_device_op ops[] = { OPP_DO_LOCK, OPP_DO_LINES };
	struct ask *ask;

	(void)state;
	for (uint32_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		file_asks(0);
		ask = world_submitted(LAST, ops[i]);
		file_frees(0);
		expect_device(LAST, OPP_DEVICE_WANTING);
		expect_not_freed(LAST);
		assert_false(opp_port_may_use_locked(&world.port, NULL, world_now_us()));
		world_run();
		expect_told(ask, OPP_SUCCESS);
		if (device_at(LAST)->locked)
			world_unlock(LAST);
	}
	expect_rest();
}

/* The file that closes last is the one the device waits for. */
static void test_last_close_grants(void **state)
{
	struct ask *ask;

	(void)state;
	file_asks(0);
	ask = world_write(LAST, "text");
	opp_port_close_locked(&world.port, &world.files[1], false, world_now_us());
	opp_port_close_locked(&world.port, &world.files[0], false, world_now_us());
	expect_port(OPP_PORT_HELD);
	world_run();
	expect_told(ask, OPP_SUCCESS);
	expect_printed(LAST, "text");
	expect_rest();
}

/* ---- the line --------------------------------------------------------------------------------- */

static void test_writes(void **state)
{
	struct ask *asks[4];

	(void)state;
	asks[0] = world_write(LAST, "one ");
	asks[1] = world_write(LAST, "two ");
	asks[2] = world_submitted(LAST, OPP_DO_LINES);
	asks[3] = world_write(LAST, "three");
	world_run();
	for (uint32_t i = 0; i < 4; i++) {
		expect_told(asks[i], OPP_SUCCESS);
		assert_int_equal(asks[i]->rank, i + 1);
	}
	assert_int_equal(asks[3]->req.moved, 5);
	expect_printed(LAST, "one two three");
	assert_int_equal(world.port.counters.allocates, 4);
	assert_int_equal(world.port.counters.frees, 4);
	expect_rest();
}

static void test_takes_and_frees(void **state)
{
	struct ask *ask;

	(void)state;
	ask = world_write(FIRST, "text");
	expect_port(OPP_PORT_GRANTING);
	assert_int_equal(opp_device_deadline_us_locked(device_at(FIRST)), UINT64_MAX);
	world_run();
	expect_told(ask, OPP_SUCCESS);
	expect_printed(FIRST, "text");
	assert_int_equal(world.port.counters.allocates, 1);
	expect_rest();
}

static void test_no_bytes(void **state)
{
	struct ask *ask = world_ask_bytes(LAST, OPP_DO_WRITE, NULL, 0);

	(void)state;
	file_asks(0);
	assert_int_equal(world_submit(ask), OPP_SUCCESS);
	ask = world_ask_bytes(LAST, OPP_DO_READ, NULL, 0);
	assert_int_equal(world_submit(ask), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 0);
	file_frees(0);
	world_lock(LAST);
	ask = world_ask_bytes(LAST, OPP_DO_WRITE, NULL, 0);
	assert_int_equal(world_submit(ask), OPP_SUCCESS);
	world_unlock(LAST);
}

/* A client may wait for what came before it by means of it. */
static void test_no_bytes_in_line(void **state)
{
	struct ask *write;
	struct ask *empty[2];

	(void)state;
	write = world_write(LAST, "text");
	empty[0] = world_ask_bytes(LAST, OPP_DO_WRITE, NULL, 0);
	assert_int_equal(world_submit(empty[0]), OPP_PENDING);
	empty[1] = world_ask_bytes(LAST, OPP_DO_READ, NULL, 0);
	assert_int_equal(world_submit(empty[1]), OPP_PENDING);
	world_run();
	expect_told(write, OPP_SUCCESS);
	for (uint32_t i = 0; i < 2; i++) {
		expect_told(empty[i], OPP_SUCCESS);
		assert_int_equal(empty[i]->rank, write->rank + 1 + i);
	}
	assert_int_equal(world.port.counters.allocates, 1);
	expect_rest();
}

/* The port's line is one of all: files and devices, each in the order they came. */
static void test_fair(void **state)
{
	struct ask *asks[3];

	(void)state;
	file_asks(0);
	asks[0] = world_write(FIRST, "a");
	file_asks(1);
	asks[1] = world_write(LAST, "b");
	asks[2] = world_write(FIRST, "c");
	file_frees(0);
	world_run();
	expect_told(asks[0], OPP_SUCCESS);
	expect_waits(asks[1]);
	assert_true(world.has_port[1]);
	file_frees(1);
	world_run();
	expect_told(asks[1], OPP_SUCCESS);
	expect_told(asks[2], OPP_SUCCESS);
	assert_true(asks[1]->rank < asks[2]->rank);
	expect_printed(FIRST, "ac");
	expect_printed(LAST, "b");
	expect_rest();
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start_world, NULL, NULL                                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-111 C-112 a device is opened by one file, and by another after it",
		     test_open),
		CASE("C-113 C-114 C-115 who may not open, in what order", test_open_refused),
		CASE("a close puts back what the file had set", test_close_forgets),
		CASE("C-124 C-126 a lock holds and selects, its end deselects and serves the next",
		     test_lock_selects),
		CASE("C-125 C-127 a lock that selects nothing costs no access",
		     test_lock_without_selecting),
		CASE("C-126 an unlock deselects what its holder selected", test_unlock_deselects),
		CASE("C-127 an unlock that leaves the device selected",
		     test_unlock_without_deselecting),
		CASE("C-126 an unlock deselects what its holder selected beside the device",
		     test_unlock_beside_chain),
		CASE("a device that cannot be selected, and the port is free again",
		     test_selection_fails),
		CASE("C-130 locked twice, unlocked twice", test_lock_states),
		CASE("C-131 two locks, one after the other", test_two_locks),
		CASE("C-132 a transfer under a lock leaves the port held", test_locked_transfers),
		CASE("C-128 a lock on a port that stays busy", test_busy_port),
		CASE("C-154 a write on a port that stays busy, and the next one",
		     test_busy_port_for_write),
		CASE("what needs a lock", test_needs_lock),
		CASE("what needs a lock that ended meanwhile", test_needs_lock_in_its_turn),
		CASE("C-033 nobody else frees a locked port", test_stray_free_of_lock),
		CASE("C-033 nobody else frees or uses the port of a transfer",
		     test_stray_free_of_transfer),
		CASE("C-077 a device leaves the chip in the mode that its lock's client set",
		     test_chip_mode_under_lock),
		CASE("C-033 the last file of the port leaves a lock alone",
		     test_last_close_of_port),
		CASE("C-033 nobody else frees or uses a port between a grant and its being told",
		     test_stray_free_of_grant),
		CASE("C-017 C-033 the last file of the port closes, and a device is next",
		     test_last_close_grants),
		CASE("C-150 C-157 requests run in the order they came", test_writes),
		CASE("C-153 a write takes the port, selects, frees", test_takes_and_frees),
		CASE("C-158 no bytes, no port", test_no_bytes),
		CASE("C-157 C-158 no bytes, but in turn", test_no_bytes_in_line),
		CASE("devices and files wait in one line", test_fair),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
