/* SPDX-License-Identifier: MIT */
/*
 * What the requests of a device do on the wire: protocols, bytes, time-outs, device id,
 * lines, reset, addresses. All of it down to a simulated chip and device.
 */
#include <stdlib.h>
#include <string.h>

#include "device_last.h"

/* ---- time-outs (S-72, S-73) ------------------------------------------------------------------- */

static void test_write_out_of_time(void **state)
{
	static const struct {
		uint32_t conditions;
		enum opp_status status;
	} faults[] = {
		{ OPP_CENTRONICS_PAPER_OUT, OPP_DEVICE_PAPER_EMPTY },
		{ OPP_CENTRONICS_OFF_LINE, OPP_DEVICE_OFF_LINE },
		{ OPP_CENTRONICS_ERROR, OPP_DEVICE_OFF_LINE },
		{ OPP_CENTRONICS_POWERED_OFF, OPP_DEVICE_POWERED_OFF },
	};

	(void)state;
	device_at(LAST)->timeouts.write_constant = 100;
	device_at(LAST)->timeouts.write_multiplier = 50;
	for (uint32_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const uint64_t begun_us = world_now_us();

		opp_1284_set_conditions(last_unit(), faults[i].conditions);
		assert_int_equal(write_text("ab"), faults[i].status);
		assert_in_range(world_now_us() - begun_us, 200000, 201000);
		expect_rest();
	}
	opp_1284_set_conditions(last_unit(), 0);
	unplug_last();
	assert_int_equal(write_text("ab"), OPP_DEVICE_NOT_CONNECTED);
}

static bool refuse(void *context, uint8_t byte)
{
	(void)context;
	(void)byte;
	return false;
}

static void test_write_stalls(void **state)
{
	struct ask *ask = world_ask_bytes(LAST, OPP_DO_WRITE, (uint8_t *)(uintptr_t) "text", 4);

	(void)state;
	last_unit()->printer.options.print = refuse;
	device_at(LAST)->timeouts.write_constant = 10;
	assert_int_equal(world_do(ask), OPP_TIMEOUT);
	assert_int_equal(ask->req.moved, 1);
	expect_rest();
}

/* In ECP no line tells of paper: the mode is ended to see. */
static void test_write_stalls_in_ecp(void **state)
{
	struct ask *ask;

	(void)state;
	negotiate(0, OPP_PROTO_ECP_SW);
	device_at(LAST)->timeouts.write_constant = 10;
	world.units[LAST].full_at = 2;
	ask = world_ask_bytes(LAST, OPP_DO_WRITE, (uint8_t *)(uintptr_t) "text", 4);
	assert_int_equal(world_do(ask), OPP_TIMEOUT);
	assert_int_equal(ask->req.moved, 2);
	opp_1284_set_full(last_unit(), true);
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_PAPER_OUT);
	ask = world_ask_bytes(LAST, OPP_DO_WRITE, (uint8_t *)(uintptr_t) "text", 4);
	assert_int_equal(world_do(ask), OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(ask->req.moved, 0);
	expect_rest();
}

/* The way home is not over with the time: it takes the time it takes, and is waited for. */
static void test_write_stalls_for_good(void **state)
{
	(void)state;
	device_at(LAST)->timeouts.write_constant = 10;
	lock_last();
	negotiate(0, OPP_PROTO_ECP_SW);
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_POWERED_OFF);
	world.waits = 0;
	assert_int_equal(write_text("text"), OPP_DEVICE_POWERED_OFF);
	assert_in_range(world.waits, 2, 100);
	unlock_last();
}

/* All zero: as long as it takes. */
static void test_write_without_limit(void **state)
{
	struct ask *ask;

	(void)state;
	device_at(LAST)->timeouts.write_constant = 0;
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_PAPER_OUT);
	ask = world_write(LAST, "x");
	while (world_now_us() < 3600u * UINT64_C(1000000))
		(void)world_turn();
	expect_waits(ask);
	opp_1284_set_conditions(last_unit(), 0);
	world_run();
	expect_told(ask, OPP_SUCCESS);
}

/* More milliseconds than 32 bits hold. */
static void test_write_with_long_limit(void **state)
{
	uint8_t bytes[16] = "sixteen of them";
	struct ask *ask = world_ask_bytes(LAST, OPP_DO_WRITE, bytes, sizeof(bytes));

	(void)state;
	device_at(LAST)->timeouts.write_multiplier = 1u << 28;
	device_at(LAST)->timeouts.write_constant = 10;
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_OFF_LINE);
	assert_int_equal(world_submit(ask), OPP_PENDING);
	while (world_now_us() < 3600u * UINT64_C(1000000) && world_turn())
		;
	expect_waits(ask);
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
}

/* nFault stays high: the other lines are believed all the same. */
static void test_quiet_faults(void **state)
{
	static const struct {
		uint8_t lines; /* as the register shows them: Busy is high where its bit is not */
		enum opp_status status;
	} faults[] = {
		{ 0x48, OPP_DEVICE_OFF_LINE },
		{ 0x68, OPP_DEVICE_PAPER_EMPTY },
		{ 0x58, OPP_TIMEOUT },
	};

	(void)state;
	device_at(LAST)->timeouts.write_constant = 100;
	world.chain.rig.stuck_at = STATUS;
	for (uint32_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		world.chain.rig.stuck_value = faults[i].lines;
		assert_int_equal(write_text("a"), faults[i].status);
		world.chain.rig.stuck_value = faults[i].lines | 0x80;
		assert_int_equal(world_does(LAST, OPP_DO_RESET),
				 faults[i].status == OPP_TIMEOUT ? OPP_SUCCESS : faults[i].status);
	}
}

/* Reads 9 bytes where 3 are; returns for how long. */
static uint64_t read_some(size_t expected)
{
	const uint64_t begun_us = world_now_us();
	struct ask *ask;

	unit_says(LAST, "abc", 3);
	ask = read_bytes(9, OPP_SUCCESS);
	assert_int_equal(ask->req.moved, expected);
	assert_memory_equal(got, "abc", expected);
	expect_rest();
	return world_now_us() - begun_us;
}

static void test_read_out_of_time(void **state)
{
	struct opp_device_timeouts *timeouts = &device_at(LAST)->timeouts;

	(void)state;
	*timeouts = (struct opp_device_timeouts){ .read_constant = 100, .read_multiplier = 100 };
	assert_in_range(read_some(3), 1000000, 1010000);
	timeouts->read_interval = 200;
	assert_in_range(read_some(3), 200000, 250000);
	*timeouts = (struct opp_device_timeouts){ .read_interval = UINT32_MAX };
	assert_in_range(read_some(3), 0, 60000);
	*timeouts = (struct opp_device_timeouts){ .read_interval = UINT32_MAX,
						  .read_multiplier = UINT32_MAX,
						  .read_constant = 500 };
	assert_in_range(read_some(3), 0, 60000);
}

static void test_read_nothing(void **state)
{
	struct opp_device_timeouts *timeouts = &device_at(LAST)->timeouts;
	uint64_t begun_us = world_now_us();

	(void)state;
	*timeouts = (struct opp_device_timeouts){ .read_interval = UINT32_MAX };
	assert_int_equal(read_bytes(9, OPP_SUCCESS)->req.moved, 0);
	assert_in_range(world_now_us() - begun_us, 0, 60000);
	*timeouts = (struct opp_device_timeouts){ .read_interval = UINT32_MAX,
						  .read_multiplier = UINT32_MAX,
						  .read_constant = 500 };
	begun_us = world_now_us();
	assert_int_equal(read_bytes(9, OPP_SUCCESS)->req.moved, 0);
	assert_in_range(world_now_us() - begun_us, 500000, 600000);
	expect_rest();
}

/* Taking the port and giving it back is arbitration only, where nobody is selected. */
static void test_accesses(void **state)
{
	(void)state;
	rig_forget_accesses(&world.chain.rig);
	assert_int_equal(write_text("text"), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 4 * 4);
	lock_last();
	assert_int_equal(write_text("text"), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 2 * 4 * 4);
	unlock_last();
	assert_int_equal(world.chain.rig.accesses, 2 * 4 * 4);
}

/* ---- device id, lines, reset ------------------------------------------------------------------- */

static void test_id(void **state)
{
	const struct opp_device *device = device_at(FIRST);

	(void)state;
	assert_int_equal(world_does(FIRST, OPP_DO_ID), OPP_SUCCESS);
	assert_int_equal(device->id_bytes, strlen(UNIT_ID) + OPP_DEVICE_ID_PREFIX);
	assert_int_equal(device->id[0], 0);
	assert_int_equal(device->id[1], device->id_bytes);
	assert_memory_equal(device->id + OPP_DEVICE_ID_PREFIX, UNIT_ID, strlen(UNIT_ID));
	expect_rest();
}

static void test_no_id(void **state)
{
	static const uint8_t nonsense[] = { 0xff, 0xff, 'M', 'F', 'G', ':', 'A', ';' };

	(void)state;
	last_unit()->options.device_id = NULL;
	last_unit()->options.raw_device_id = nonsense;
	last_unit()->options.raw_device_id_bytes = sizeof(nonsense);
	last_unit()->id_bytes = sizeof(nonsense);
	assert_int_equal(world_does(LAST, OPP_DO_ID), OPP_IO_DEVICE_ERROR);
	last_unit()->options.modes = OPP_1284_NIBBLE;
	assert_int_equal(world_does(LAST, OPP_DO_ID), OPP_IO_DEVICE_ERROR);
	plug_old_printer();
	assert_int_equal(world_does(LAST, OPP_DO_ID), OPP_IO_DEVICE_ERROR);
	assert_int_equal(device_at(LAST)->id_bytes, 0);
	expect_rest();
}

static uint8_t lines_of(uint32_t index)
{
	struct ask *ask = world_ask(index, OPP_DO_LINES);

	assert_int_equal(world_do(ask), OPP_SUCCESS);
	return ask->req.lines;
}

static void test_lines(void **state)
{
	(void)state;
	assert_int_equal(lines_of(LAST), OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_NACK);
	opp_1284_set_conditions(&world.units[SECOND].device, OPP_CENTRONICS_PAPER_OUT);
	assert_int_equal(lines_of(SECOND),
			 OPP_LINE_SELECT | OPP_LINE_PERROR | OPP_LINE_NACK | OPP_LINE_BUSY);
	assert_int_equal(lines_of(LAST), OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_NACK);
	lock_last();
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(lines_of(LAST), OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_NACK);
	unlock_last();
}

/* How long nInit was low, by the log of register accesses. */
static uint64_t reset_pulse_ns(void)
{
	const struct rig *rig = &world.chain.rig;
	uint64_t fell_ns = 0;

	for (uint32_t i = 0; i < rig->accesses; i++) {
		const struct rig_access *access = &rig->log[i];

		if (!access->write || access->offset != CONTROL)
			continue;
		if (!(access->value & OPP_LINE_NINIT))
			fell_ns = access->at_ns;
		else if (fell_ns)
			return access->at_ns - fell_ns;
	}
	return 0;
}

static void test_reset(void **state)
{
	(void)state;
	rig_forget_accesses(&world.chain.rig);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_SUCCESS);
	assert_in_range(reset_pulse_ns(), 50000, 100000);
	expect_rest();
	lock_last();
	negotiate(0, OPP_PROTO_ECP_SW);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_SUCCESS);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_COMPAT);
	unlock_last();
}

/* Who is not selected meanwhile forgets its address, and gets it again. */
static void test_reset_beside_chain(void **state)
{
	(void)state;
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_SUCCESS);
	assert_int_equal(world.chain.adapters[SECOND].address, OPP_DAISY_NO_ADDRESS);
	assert_int_equal(world_does(SECOND, OPP_DO_ID), OPP_SUCCESS);
	assert_int_equal(world.chain.adapters[FIRST].address, 0);
	assert_int_equal(world.chain.adapters[SECOND].address, 1);
	expect_rest();
	assert_int_equal(world_does(SECOND, OPP_DO_RESET), OPP_SUCCESS);
	assert_int_equal(world.chain.adapters[FIRST].address, 0);
	assert_int_equal(world_does(FIRST, OPP_DO_ID), OPP_SUCCESS);
	expect_rest();
}

static void test_reset_with_fault(void **state)
{
	(void)state;
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_PAPER_OUT);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_DEVICE_PAPER_EMPTY);
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_OFF_LINE);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_DEVICE_OFF_LINE);
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_ERROR);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_DEVICE_OFF_LINE);
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_POWERED_OFF);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_DEVICE_POWERED_OFF);
	unplug_last();
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_DEVICE_NOT_CONNECTED);
}

/* Busy for long, and nothing is wrong: that is no fault. */
static void test_reset_of_slow_printer(void **state)
{
	struct ask *ask;

	(void)state;
	world.chain.rig.stuck_at = STATUS;
	world.chain.rig.stuck_value = 0x58; /* Busy is high, which the register shows as 0 */
	ask = world_submitted(LAST, OPP_DO_RESET);
	for (uint32_t i = 0; i < 10; i++)
		(void)world_turn();
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	assert_int_equal(world_does(LAST, OPP_DO_RESET), OPP_SUCCESS);
	expect_rest();
}

/* Called off before the pulse: there is none. */
static void test_reset_called_off(void **state)
{
	struct ask *ask;

	(void)state;
	rig_forget_accesses(&world.chain.rig);
	ask = world_submitted(LAST, OPP_DO_RESET);
	assert_true(opp_device_cancel_locked(device_at(LAST), &ask->req));
	world_run();
	expect_told(ask, OPP_CANCELLED);
	assert_int_equal(reset_pulse_ns(), 0);
	expect_rest();
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start_world, NULL, NULL                                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-161 a write out of time tells the fault", test_write_out_of_time),
		CASE("C-161 a write out of time without a fault", test_write_stalls),
		CASE("a write out of time in ECP", test_write_stalls_in_ecp),
		CASE("a write out of time in ECP, and nobody to end it with",
		     test_write_stalls_for_good),
		CASE("a write with a very long limit", test_write_with_long_limit),
		CASE("C-161 C-171 a fault that nFault does not tell", test_quiet_faults),
		CASE("a write without limit", test_write_without_limit),
		CASE("a read out of time has what there is", test_read_out_of_time),
		CASE("a read where nothing is", test_read_nothing),
		CASE("an automatic lock costs no register access", test_accesses),
		CASE("a device id as the device sent it", test_id),
		CASE("C-166 no device id, or nonsense", test_no_id),
		CASE("the lines of the device that is meant", test_lines),
		CASE("C-170 a reset, from another mode, too", test_reset),
		CASE("a reset beside a daisy chain, whose devices are found again",
		     test_reset_beside_chain),
		CASE("C-171 a reset tells the fault", test_reset_with_fault),
		CASE("a reset of a printer that stays busy, and one called off",
		     test_reset_of_slow_printer),
		CASE("a reset called off before it began", test_reset_called_off),
	};

	return cmocka_run_group_tests_name("device_wire", tests, NULL, NULL);
}
