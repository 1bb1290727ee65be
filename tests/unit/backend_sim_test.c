/* SPDX-License-Identifier: MIT */
/* The clock of a simulated port, and the way of its interrupt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openparport/sim_centronics.h>

#include "backend_sim.h"

static struct opp_sim sim;
static struct opp_centronics printer;
static struct opp_backend_sim backend;

static void busy_wait(void *context, uint32_t ns)
{
	(void)context;
	opp_sim_advance_to(&sim, sim.now_ns + ns);
}

static const struct opp_env env = { .busy_wait_ns = busy_wait };
static uint64_t clock_now_ns;
static uint32_t interrupts;

static uint64_t read_clock(void *context)
{
	assert_ptr_equal(context, &clock_now_ns);
	return clock_now_ns;
}

static void on_interrupt(void *context)
{
	assert_ptr_equal(context, &interrupts);
	interrupts++;
}

static void open_with(struct opp_centronics_options options, bool with_clock)
{
	const struct opp_sim_options chip = {
		.chip = OPP_SIM_PS2,
		.context = &backend,
		.interrupt = opp_backend_sim_interrupt,
	};

	clock_now_ns = 0;
	interrupts = 0;
	opp_sim_init(&sim, &chip);
	opp_centronics_init(&printer, &options);
	opp_sim_attach(&sim, &printer.peripheral);
	assert_int_equal(opp_backend_sim_open(&backend, &sim, &env, with_clock ? read_clock : NULL,
					      &clock_now_ns),
			 OPP_SUCCESS);
}

static void strobe(void)
{
	const struct opp_hw_ops *ops = backend.chip.hw.ops;
	struct opp_hw *hw = &backend.chip.hw;

	ops->write_control(hw, OPP_LINE_NSTROBE, 0);
	ops->write_control(hw, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE);
}

static void test_accesses_move_time(void **state)
{
	struct opp_hw *hw = &backend.chip.hw;
	uint64_t from_ns;

	(void)state;
	for (uint32_t with_clock = 0; with_clock < 2; with_clock++) {
		open_with((struct opp_centronics_options){ 0 }, with_clock);
		from_ns = sim.now_ns;
		for (uint8_t i = 0; i < 10; i++) {
			hw->ops->write_data(hw, i);
			hw->ops->read_status(hw);
		}
		assert_int_equal(sim.now_ns, from_ns + 20 * OPP_BACKEND_SIM_ACCESS_NS);
		assert_int_equal(hw->access_ns, OPP_BACKEND_SIM_ACCESS_NS);
	}
}

static void test_clock_moves_time(void **state)
{
	struct opp_hw *hw = &backend.chip.hw;

	(void)state;
	open_with((struct opp_centronics_options){ 0 }, true);
	clock_now_ns = 5000000;
	hw->ops->read_status(hw);
	assert_int_equal(sim.now_ns, 5000000);
	/* two accesses within a microsecond of the clock are still that far apart */
	clock_now_ns = 5000100;
	hw->ops->write_data(hw, 0);
	assert_int_equal(sim.now_ns, 5001000);
	clock_now_ns = 5003000;
	hw->ops->read_status(hw);
	assert_int_equal(sim.now_ns, 5003000);
}

static void test_planned_access(void **state)
{
	struct opp_hw *hw = &backend.chip.hw;

	(void)state;
	open_with((struct opp_centronics_options){ 0 }, true);
	clock_now_ns = 5000000;
	hw->ops->write_data(hw, 1);
	opp_backend_sim_plan(&backend, 5007777);
	/* whoever looks meanwhile, the clock and an access before it change nothing */
	clock_now_ns = 9000000;
	opp_backend_sim_catch_up(&backend);
	assert_int_equal(sim.now_ns, 5007777 - OPP_BACKEND_SIM_ACCESS_NS);
	hw->ops->write_data(hw, 0);
	assert_int_equal(sim.now_ns, 5007777);
	/* the one after it is an access like any other, and so is one that comes too late */
	hw->ops->write_data(hw, 1);
	assert_int_equal(sim.now_ns, 9000000);
	opp_backend_sim_plan(&backend, 1);
	opp_backend_sim_catch_up(&backend);
	hw->ops->write_data(hw, 0);
	assert_int_equal(sim.now_ns, 9000000 + OPP_BACKEND_SIM_ACCESS_NS);
	opp_backend_sim_plan(&backend, 10000000);
	opp_backend_sim_unplan(&backend);
	clock_now_ns = 12000000;
	hw->ops->write_data(hw, 1);
	assert_int_equal(sim.now_ns, 12000000);
}

static void test_looking_again(void **state)
{
	struct opp_hw *hw = &backend.chip.hw;
	uint64_t from_ns;

	(void)state;
	open_with((struct opp_centronics_options){ .characters_per_second = 1000 }, true);
	strobe();
	from_ns = sim.now_ns;
	for (uint32_t i = 0; i < 10000; i++)
		assert_true(hw->ops->read_status(hw) & OPP_LINE_BUSY);
	assert_int_equal(sim.now_ns, from_ns + OPP_BACKEND_SIM_ACCESS_NS);
	clock_now_ns = from_ns + 2000000;
	assert_false(hw->ops->read_status(hw) & OPP_LINE_BUSY);
}

static void test_catch_up(void **state)
{
	struct opp_hw *hw = &backend.chip.hw;
	uint64_t edge_ns;

	(void)state;
	open_with((struct opp_centronics_options){ .characters_per_second = 1000 }, true);
	assert_true(opp_backend_sim_catch_up(&backend) == OPP_SIM_NEVER);
	strobe();
	edge_ns = opp_backend_sim_catch_up(&backend);
	assert_in_range(edge_ns, sim.now_ns + 1000000, sim.now_ns + 1001000);
	assert_true(hw->ops->read_status(hw) & OPP_LINE_BUSY);
	clock_now_ns = edge_ns;
	edge_ns = opp_backend_sim_catch_up(&backend);
	assert_int_equal(printer.printed, 1);
	clock_now_ns = edge_ns;
	assert_true(opp_backend_sim_catch_up(&backend) == OPP_SIM_NEVER);
	assert_int_equal(sim.now_ns, clock_now_ns);
}

static void test_interrupt(void **state)
{
	struct opp_hw *hw = &backend.chip.hw;

	(void)state;
	open_with((struct opp_centronics_options){ 0 }, true);
	hw->ops->enable_interrupt(hw, true);
	strobe();
	clock_now_ns = 1000000;
	opp_backend_sim_catch_up(&backend); /* nobody listens yet */
	hw->interrupt = on_interrupt;
	hw->interrupt_context = &interrupts;
	strobe();
	clock_now_ns = 2000000;
	opp_backend_sim_catch_up(&backend);
	assert_int_equal(interrupts, 1);
	hw->ops->enable_interrupt(hw, false);
	strobe();
	clock_now_ns = 3000000;
	opp_backend_sim_catch_up(&backend);
	assert_int_equal(interrupts, 1);
	assert_int_equal(printer.printed, 3);
}

/* ---- registers beyond the first three -------------------------------------------- */

static void open_chip(struct opp_sim_options chip, bool with_clock)
{
	clock_now_ns = 0;
	opp_sim_init(&sim, &chip);
	assert_int_equal(opp_backend_sim_open(&backend, &sim, &env, with_clock ? read_clock : NULL,
					      &clock_now_ns),
			 OPP_SUCCESS);
}

static void test_ranges(void **state)
{
	(void)state;
	open_chip((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP }, false);
	assert_int_equal(backend.io.ranges, OPP_IOPORT_HAS_EPP | OPP_IOPORT_HAS_ECP);
	open_chip((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP, .base = 0x3bc }, false);
	assert_int_equal(backend.io.ranges, OPP_IOPORT_HAS_ECP);
}

static void test_wide(void **state)
{
	const struct opp_ioport *io = &backend.io;
	uint64_t from_ns;

	(void)state;
	/* words of 4 bytes: what is written at once comes back at once */
	open_chip((struct opp_sim_options){ .chip = OPP_SIM_ECP, .pword = OPP_SIM_PWORD_4 }, true);
	io->write8(&backend, OPP_IOPORT_ECR, 0xd4);
	from_ns = sim.now_ns;
	io->write32(&backend, OPP_IOPORT_FIFO, 0x11223344);
	io->write16(&backend, OPP_IOPORT_FIFO, 0x5566);
	assert_int_equal(io->read32(&backend, OPP_IOPORT_FIFO), 0x11223344);
	assert_int_equal(io->read16(&backend, OPP_IOPORT_FIFO), 0x5566);
	assert_int_equal(sim.now_ns, from_ns + 4 * OPP_BACKEND_SIM_ACCESS_NS);
}

/* Nobody answers: the cycle takes its time, and the next access comes 1 us after it. */
static void test_epp_time(void **state)
{
	const struct opp_ioport *io = &backend.io;
	uint64_t from_ns, after_ns;

	(void)state;
	open_chip((struct opp_sim_options){ .chip = OPP_SIM_EPP }, true);
	io->write8(&backend, OPP_IOPORT_CONTROL, 0x04);
	from_ns = io->clock_ns(&backend);
	assert_int_equal(from_ns, sim.now_ns);
	io->write8(&backend, OPP_IOPORT_EPP_DATA, 0x5a);
	after_ns = io->clock_ns(&backend);
	assert_in_range(after_ns - from_ns, 11000, 13000);
	assert_true(io->read8(&backend, OPP_IOPORT_STATUS) & 1);
	assert_int_equal(sim.now_ns, after_ns + OPP_BACKEND_SIM_ACCESS_NS);
}

static void test_fifo_reads(void **state)
{
	const struct opp_ioport *io = &backend.io;
	uint64_t from_ns;

	(void)state;
	open_chip((struct opp_sim_options){ .chip = OPP_SIM_ECP }, true);
	io->write8(&backend, OPP_IOPORT_ECR, 0xd4);
	from_ns = sim.now_ns;
	for (uint32_t i = 0; i < 10; i++)
		io->read8(&backend, OPP_IOPORT_FIFO);
	assert_int_equal(sim.now_ns, from_ns + 10 * OPP_BACKEND_SIM_ACCESS_NS);
	for (uint32_t i = 0; i < 10; i++)
		io->read8(&backend, OPP_IOPORT_ECR);
	assert_int_equal(sim.now_ns, from_ns + 11 * OPP_BACKEND_SIM_ACCESS_NS);
}

static void test_no_port(void **state)
{
	const struct opp_sim_options chip = { .chip = OPP_SIM_NO_PORT };

	(void)state;
	opp_sim_init(&sim, &chip);
	assert_int_equal(opp_backend_sim_open(&backend, &sim, &env, NULL, NULL),
			 OPP_NO_SUCH_DEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "an access takes 1 us of virtual time", test_accesses_move_time, NULL, NULL,
		  NULL },
		{ "who looks again and again does not make a slow printer fast", test_looking_again,
		  NULL, NULL, NULL },
		{ "virtual time is the later of the clock and 1 us after the last access",
		  test_clock_moves_time, NULL, NULL, NULL },
		{ "an access that is planned takes effect to the nanosecond", test_planned_access,
		  NULL, NULL, NULL },
		{ "catching up runs what is due and names the next edge", test_catch_up, NULL, NULL,
		  NULL },
		{ "P-010 an interrupt reaches the port's owner when enabled", test_interrupt, NULL,
		  NULL, NULL },
		{ "P-012 the addresses of EPP are not offered at 0x3bc", test_ranges, NULL, NULL,
		  NULL },
		{ "a wide access is one access", test_wide, NULL, NULL, NULL },
		{ "P-094 an EPP cycle takes its own time, seen by the port's clock", test_epp_time,
		  NULL, NULL, NULL },
		{ "reading the FIFO takes time, looking at the ECR again does not", test_fifo_reads,
		  NULL, NULL, NULL },
		{ "no port, no back end", test_no_port, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("backend_sim", tests, NULL, NULL);
}
