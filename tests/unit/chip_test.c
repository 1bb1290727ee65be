/* SPDX-License-Identifier: MIT */
/* Finding a port behind registers, and the hardware contract on top of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rig.h"

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u

static struct rig rig;

static int start(void **state)
{
	(void)state;
	rig_start_printing(&rig, NULL, 1000);
	return 0;
}

static void start_chip(struct opp_sim_options options)
{
	rig_start(&rig, &options, NULL, 1000);
}

/* Finding is a nuisance to no one: the port is left as it was found. */
static void assert_left_alone(uint8_t data)
{
	assert_int_equal(opp_sim_read(&rig.sim, DATA), data);
	assert_int_equal(rig.sim.control_latch, 0x0c);
	assert_true(rig.accesses <= 50);
}

static void assert_control_writes(const uint8_t *values, uint32_t count)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < rig.accesses && found < count; i++) {
		if (!rig.log[i].write || rig.log[i].offset != CONTROL)
			continue;
		assert_int_equal(rig.log[i].value, values[found]);
		found++;
	}
	assert_int_equal(found, count);
}

static void test_found(void **state)
{
	(void)state;
	start_chip((struct opp_sim_options){ 0 });
	opp_sim_write(&rig.sim, DATA, 0x5a);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	assert_true(rig.hw->capabilities & OPP_HW_CAN_COMPAT);
	assert_control_writes((const uint8_t[]){ 0x0c, 0x0e, 0x0c }, 3);
	assert_left_alone(0x5a);
}

static void test_control_unreadable(void **state)
{
	(void)state;
	start_chip((struct opp_sim_options){ .control_unreadable = true });
	opp_sim_write(&rig.sim, DATA, 0x5a);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	assert_left_alone(0x5a);
	rig_forget_accesses(&rig);
	assert_int_equal(rig_open(&rig, OPP_PROBE_GENTLE), OPP_NO_SUCH_DEVICE);
	assert_left_alone(0x5a);
}

/* A register that remembers what it was told, but is not there as a port. */
static uint8_t stuck_value;

static uint8_t stuck_read8(void *context, uint32_t offset)
{
	(void)context;
	(void)offset;
	return stuck_value;
}

static void stuck_write8(void *context, uint32_t offset, uint8_t value)
{
	(void)context;
	(void)offset;
	(void)value;
}

static void test_no_port(void **state)
{
	const struct opp_ioport stuck = {
		.context = NULL, .read8 = stuck_read8, .write8 = stuck_write8, .access_ns = 1000
	};
	struct opp_chip chip;

	(void)state;
	start_chip((struct opp_sim_options){ .chip = OPP_SIM_NO_PORT });
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_NO_SUCH_DEVICE);
	assert_int_equal(rig_open(&rig, OPP_PROBE_GENTLE), OPP_NO_SUCH_DEVICE);
	for (uint32_t value = 0; value < 0x100; value++) {
		stuck_value = (uint8_t)value;
		assert_int_equal(opp_chip_open(&chip, &stuck, &rig.env, OPP_PROBE_FULL, false),
				 OPP_NO_SUCH_DEVICE);
	}
}

static void test_high_bits(void **state)
{
	(void)state;
	for (uint32_t high = 0; high < 0x100; high += 0x40) {
		start_chip((struct opp_sim_options){ .chip = OPP_SIM_PS2,
						     .control_high_bits = (uint8_t)high });
		assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
		assert_true(rig.hw->capabilities & OPP_HW_CAN_REVERSE);
	}
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	opp_sim_drive_status(peripheral->connector, OPP_STATUS_LINES);
}

static void ignores_wires(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	(void)peripheral;
	(void)before;
}

static const struct opp_sim_peripheral_ops driver_ops = { attached, NULL, ignores_wires };

static bool reverses(enum opp_sim_chip chip, uint8_t driven)
{
	struct opp_sim_peripheral peripheral = { .ops = &driver_ops };

	start_chip((struct opp_sim_options){ .chip = chip });
	opp_sim_write(&rig.sim, DATA, 0x5a);
	opp_sim_attach(&rig.sim, &peripheral);
	opp_sim_drive_data(&rig.sim.connector, driven);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	assert_left_alone(0x5a);
	opp_sim_detach(&rig.sim);
	return rig.hw->capabilities & OPP_HW_CAN_REVERSE;
}

static void test_reverse(void **state)
{
	(void)state;
	assert_true(reverses(OPP_SIM_PS2, 0xff));
	assert_true(reverses(OPP_SIM_PS2, 0x55));
	assert_true(reverses(OPP_SIM_PS2, 0xaa));
	assert_false(reverses(OPP_SIM_SPP, 0xff));
	assert_false(reverses(OPP_SIM_SPP, 0x55));
}

static void test_cannot_reverse(void **state)
{
	(void)state;
	start_chip((struct opp_sim_options){ .chip = OPP_SIM_SPP });
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	rig_forget_accesses(&rig);
	rig.hw->ops->set_reverse(rig.hw, true);
	rig.hw->ops->raw_write_control(rig.hw, 0x2c);
	assert_false(rig.hw->ops->is_reverse(rig.hw));
	assert_int_equal(rig.accesses, 1);
	assert_int_equal(rig.log[0].value, 0x0c);
}

static void test_status_levels(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 8; low++) {
		start_chip((struct opp_sim_options){
			.status_low_bits = (uint8_t)low,
			.bit0 = low & 1 ? OPP_SIM_BIT0_HIGH : OPP_SIM_BIT0_LOW,
		});
		assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
		for (uint32_t lines = 0; lines < 0x100; lines += 8) {
			opp_sim_drive_status(&rig.sim.connector, (uint8_t)lines);
			assert_int_equal(rig.hw->ops->read_status(rig.hw), lines);
			assert_int_equal(rig.hw->ops->raw_read_status(rig.hw),
					 (lines ^ 0x80) | low);
		}
	}
}

static void test_control_levels(void **state)
{
	const struct opp_hw_ops *ops = rig.hw->ops;

	(void)state;
	assert_int_equal(ops->read_control(rig.hw), OPP_CONTROL_IDLE);
	for (uint32_t mask = 0; mask < 0x10; mask++) {
		for (uint32_t levels = 0; levels < 0x100; levels++) {
			ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_LINE_NAUTOFD);
			ops->write_control(rig.hw, (uint8_t)mask, (uint8_t)levels);
			assert_int_equal(rig.sim.connector.wires.control,
					 (OPP_LINE_NAUTOFD & ~mask) | (levels & mask));
			assert_int_equal(ops->read_control(rig.hw),
					 rig.sim.connector.wires.control);
		}
	}
}

/* Each raw operation is the access it names, with the value it was given, and no other. */
static void test_raw(void **state)
{
	const struct opp_hw_ops *ops = rig.hw->ops;
	static const struct rig_access expected[] = {
		{ .offset = DATA, .write = true, .value = 0x81 },
		{ .offset = DATA, .value = 0x81 },
		{ .offset = STATUS, .value = 0xd9 },
		{ .offset = CONTROL, .write = true, .value = 0x03 },
		{ .offset = CONTROL, .write = true, .value = 0x23 },
		{ .offset = CONTROL, .write = true, .value = 0x2c },
		{ .offset = DATA, .value = 0xff },
		{ .offset = CONTROL, .write = true, .value = 0x0c },
	};

	(void)state;
	ops->write_data(rig.hw, 0x81);
	assert_int_equal(ops->read_data(rig.hw), 0x81);
	assert_int_equal(ops->raw_read_status(rig.hw), 0xd9);
	assert_int_equal(ops->raw_read_control(rig.hw), 0x0c);
	ops->raw_write_control(rig.hw, 0xf3);
	assert_int_equal(ops->raw_read_control(rig.hw), 0x03);
	ops->set_reverse(rig.hw, true);
	ops->set_reverse(rig.hw, true);
	ops->raw_write_control(rig.hw, 0x0c);
	assert_int_equal(ops->read_data(rig.hw), 0xff);
	ops->set_reverse(rig.hw, false);
	assert_int_equal(rig.accesses, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(rig.hw->accesses, rig.accesses);
	for (uint32_t i = 0; i < rig.accesses; i++) {
		assert_int_equal(rig.log[i].offset, expected[i].offset);
		assert_int_equal(rig.log[i].write, expected[i].write);
		assert_int_equal(rig.log[i].value, expected[i].value);
	}
}

static void test_interrupt_enable(void **state)
{
	const struct opp_hw_ops *ops = rig.hw->ops;

	(void)state;
	ops->enable_interrupt(rig.hw, true);
	ops->enable_interrupt(rig.hw, true);
	assert_int_equal(rig.accesses, 1);
	assert_int_equal(rig.sim.control_latch, 0x1c);
	ops->write_control(rig.hw, OPP_LINE_NAUTOFD, 0);
	ops->set_reverse(rig.hw, true);
	ops->raw_write_control(rig.hw, 0x04);
	assert_int_equal(rig.sim.control_latch, 0x34);
	ops->enable_interrupt(rig.hw, false);
	assert_int_equal(rig.sim.control_latch, 0x24);
}

static void test_no_interrupt(void **state)
{
	(void)state;
	start_chip((struct opp_sim_options){ 0 });
	assert_int_equal(opp_chip_open(&rig.chip, &rig.io, &rig.env, OPP_PROBE_FULL, false),
			 OPP_SUCCESS);
	rig_forget_accesses(&rig);
	rig.hw->ops->enable_interrupt(rig.hw, true);
	assert_int_equal(rig.accesses, 0);
}

/* ---- power ---------------------------------------------------------------------------- */

static const enum opp_sim_chip chips[] = { OPP_SIM_SPP, OPP_SIM_PS2, OPP_SIM_EPP, OPP_SIM_ECP,
					   OPP_SIM_ECP_EPP };
static const enum opp_chip_mode modes[] = { OPP_CHIP_SPP, OPP_CHIP_BYTE, OPP_CHIP_FIFO,
					    OPP_CHIP_ECP, OPP_CHIP_EPP };

/* The port was in use: any lines, the data lines as inputs, a chip mode. */
static void disturb(enum opp_chip_mode mode, bool interrupt)
{
	const struct opp_hw_ops *ops = rig.hw->ops;

	ops->enable_interrupt(rig.hw, interrupt);
	ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN);
	ops->set_reverse(rig.hw, true);
	(void)ops->set_chip_mode(rig.hw, mode);
}

/* Its registers were reset, and firmware has put the chip into a mode of its choice. */
static void power_on(void)
{
	opp_sim_reset(&rig.sim);
	opp_sim_write(&rig.sim, OPP_IOPORT_ECR, 0x35);
}

static void assert_restored(enum opp_sim_chip chip, bool interrupt)
{
	rig_forget_accesses(&rig);
	rig.hw->ops->restore(rig.hw);
	assert_true(rig.accesses <= 2);
	assert_int_equal(rig.sim.control_latch, interrupt ? 0x1c : 0x0c);
	if (chip == OPP_SIM_ECP || chip == OPP_SIM_ECP_EPP)
		assert_int_equal(rig.sim.ecr & 0xe0, OPP_CHIP_SPP);
	assert_int_equal(rig.hw->ops->read_control(rig.hw), OPP_CONTROL_IDLE);
	assert_false(rig.hw->ops->is_reverse(rig.hw));
	assert_int_equal(rig.host_errors[OPP_SIM_MODE_JUMP], 0);
	assert_int_equal(rig.host_errors[OPP_SIM_TURN_IN_FIFO_MODE], 0);
}

/* Whether its power was gone or not, the driver and the chip agree afterwards. */
static void assert_usable(void)
{
	const struct opp_hw_ops *ops = rig.hw->ops;

	ops->write_data(rig.hw, 0x5a);
	assert_int_equal(rig.sim.connector.wires.data, 0x5a);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (ops->set_chip_mode(rig.hw, modes[i]) == OPP_SUCCESS && rig.chip.facts.ecr)
			assert_int_equal(rig.sim.ecr & 0xe0, modes[i]);
	}
	(void)ops->set_chip_mode(rig.hw, OPP_CHIP_SPP);
	ops->set_reverse(rig.hw, true);
	assert_int_equal(!!(rig.sim.control_latch & 0x20),
			 !!(rig.hw->capabilities & OPP_HW_CAN_REVERSE));
	ops->set_reverse(rig.hw, false);
}

static void test_restored(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof(chips) / sizeof(chips[0]); c++) {
		start_chip((struct opp_sim_options){ .chip = chips[c] });
		assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
		for (size_t i = 0; i < 4 * sizeof(modes) / sizeof(modes[0]); i++) {
			const bool interrupt = i & 1;

			disturb(modes[i / 4], interrupt);
			if (i & 2)
				power_on();
			assert_restored(chips[c], interrupt);
			assert_usable();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-014 a port whose CTL reads back is found by 0x0c, 0x0e, 0x0c", test_found,
		  NULL, NULL, NULL },
		{ "P-014 a port whose CTL cannot be read is found by its data register",
		  test_control_unreadable, NULL, NULL, NULL },
		{ "P-015 no port is found where reads give 0xff, or any other constant",
		  test_no_port, NULL, NULL, NULL },
		{ "P-007 the upper bits of CTL do not matter", test_high_bits, NULL, NULL, NULL },
		{ "P-018 data lines that show anything but both patterns can be turned",
		  test_reverse, NULL, NULL, NULL },
		{ "a port that cannot turn its data lines never sees CTL.5 set",
		  test_cannot_reverse, NULL, NULL, NULL },
		{ "P-001 status is read as levels, the low bits masked", test_status_levels, NULL,
		  NULL, NULL },
		{ "P-002 control lines go to the levels asked for, others keep theirs",
		  test_control_levels, start, NULL, NULL },
		{ "P-139 raw access makes the named access and no other", test_raw, start, NULL,
		  NULL },
		{ "P-011 nothing but enable_interrupt changes the interrupt enable",
		  test_interrupt_enable, start, NULL, NULL },
		{ "P-011 registers that were reset are brought back, on every chip", test_restored,
		  NULL, NULL, NULL },
		{ "a port without an interrupt never enables one", test_no_interrupt, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("chip", tests, NULL, NULL);
}
