/* SPDX-License-Identifier: MIT */
/*
 * Anything in any order on every kind of chip, against peripherals that stall:
 * each operation ends in its time, no rule of the ECR is broken, and afterwards
 * the port can be put at rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chip_peers.h"
#include "chip_quirks.h"
#include "rig.h"

#define SEEDS      200u
#define ACTIONS    16u
#define ACCESS_NS  1000u
#define TIMEOUT_NS 12000u
#define LEFT_DATA  0x5au

static struct rig rig;
static struct epp_peer epp;
static struct fifo_peer fifo;
static uint8_t bytes[256];
static uint32_t random_state;
static const struct opp_hw_ops *ops;

static uint32_t pick(uint32_t count)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % count;
}

/* ---- how long an operation takes --------------------------------------------------------- */

static uint64_t began_ns;
static uint32_t began_accesses;

static void begin_timed(void)
{
	began_ns = rig.sim.now_ns;
	began_accesses = rig.accesses;
}

/* @asked accesses, a wait of 100 us, and what an access itself was made to wait. */
static void end_timed(size_t asked, uint64_t waits_ns)
{
	const uint64_t took_ns = rig.sim.now_ns - began_ns - waits_ns;

	if (rig.sim.now_ns - began_ns > waits_ns)
		assert_true(took_ns <= asked * ACCESS_NS + 100000);
	assert_true(rig.accesses - began_accesses <= asked + 100);
}

/* ---- what is done to the port ---------------------------------------------------------------- */

static void lines(void)
{
	ops->set_reverse(rig.hw, pick(2));
	ops->write_data(rig.hw, (uint8_t)pick(256));
	ops->read_data(rig.hw);
	ops->write_control(rig.hw, (uint8_t)pick(16), (uint8_t)pick(16));
	ops->enable_interrupt(rig.hw, pick(2));
}

static void mode(void)
{
	begin_timed();
	ops->set_chip_mode(rig.hw, (enum opp_chip_mode)(pick(5) << 5));
	end_timed(2, 0);
}

static void epp_block(void)
{
	const uint32_t width = rig.hw->capabilities & OPP_HW_CAN_EPP_WIDE ? 1u << pick(3) : 1;
	const size_t length = pick(16) * 4;
	const bool reverse = pick(2);
	size_t moved;

	if (!(rig.hw->capabilities & OPP_HW_CAN_EPP))
		return;
	epp.deaf_from = epp.cycles + pick(100);
	begin_timed();
	ops->epp_start(rig.hw, reverse);
	if (reverse)
		moved = ops->epp_read(rig.hw, OPP_EPP_DATA, bytes, length, width);
	else
		moved = ops->epp_write(rig.hw, OPP_EPP_DATA, bytes, length, width);
	ops->epp_stop(rig.hw);
	assert_true(moved <= length);
	/* each cycle may take until just before its time-out, and STATUS is then looked at */
	end_timed(2 * length, (uint64_t)length * TIMEOUT_NS);
	assert_false(rig.sim.timed_out);
}

static void prepare_fifo(enum opp_fifo_use use)
{
	ops->set_reverse(rig.hw, false);
	ops->write_control(rig.hw, OPP_CONTROL_LINES,
			   use == OPP_FIFO_COMPAT ? OPP_CONTROL_IDLE : OPP_CONTROL_LINES);
	if (use != OPP_FIFO_ECP_REVERSE)
		return;
	ops->write_control(rig.hw, OPP_LINE_NAUTOFD, 0);
	ops->set_reverse(rig.hw, true);
	ops->write_control(rig.hw, OPP_LINE_NINIT, 0);
}

static void fifo_block(void)
{
	const enum opp_fifo_use use = (enum opp_fifo_use)pick(3);
	size_t written = 0;
	size_t stuck;

	if (!(rig.hw->capabilities & OPP_HW_CAN_FIFO))
		return;
	fifo.busy_after = fifo.written + pick(200);
	fifo.silent_after = fifo.written + pick(200);
	fifo.to_offer = pick(sizeof(bytes));
	fifo.offered = 0;
	prepare_fifo(use);
	ops->fifo_start(rig.hw, use);
	for (uint32_t i = pick(24); i > 0; i--) {
		const size_t length = pick(40);

		if (pick(3) == 0)
			ops->fifo_arm(rig.hw);
		begin_timed();
		if (use == OPP_FIFO_ECP_REVERSE)
			ops->fifo_read(rig.hw, bytes, length);
		else
			written += ops->fifo_write(rig.hw, bytes, length, use && pick(2));
		end_timed(length, 0);
		rig_pass_ns(&rig, pick(20000));
	}
	begin_timed();
	stuck = ops->fifo_stop(rig.hw);
	assert_true(stuck <= written);
	end_timed(2u * rig.hw->fifo.depth_words, 0);
	assert_int_equal(rig.sim.fifo.count, 0);
}

/* As after a program that was killed in the middle of something. */
static void look_again(void)
{
	const bool gentle = pick(3) == 0 && !rig.sim.options.control_unreadable;

	assert_int_equal(rig_open(&rig, gentle ? OPP_PROBE_GENTLE : OPP_PROBE_FULL), OPP_SUCCESS);
	assert_true(rig_is_idle(&rig));
}

static void (*const actions[])(void) = { lines,      mode,      epp_block, fifo_block,
					 fifo_block, epp_block, look_again };

/* ---- the test ------------------------------------------------------------------------------------- */

static void plug_something(void)
{
	epp = (struct epp_peer){ 0 };
	fifo = (struct fifo_peer){ 0 };
	switch (pick(3)) {
	case 0: break;
	case 1:
		epp_peer_plug(&epp, &rig.sim);
		epp.answer_ns = pick(10000);
		break;
	default:
		fifo_peer_plug(&fifo, &rig.sim);
		fifo.busy_ns = pick(20000);
		fifo.offers = bytes;
		break;
	}
}

static void run_seed(const struct opp_sim_options *options, uint32_t seed)
{
	random_state = seed;
	rig_start(&rig, options, NULL, ACCESS_NS);
	opp_sim_write(&rig.sim, 0, LEFT_DATA);
	if (pick(4) == 0)
		rig.io.clock_ns = NULL;
	plug_something();
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	if (!options->data_overpowered) /* where DATA shows what the peripheral drives */
		assert_int_equal(rig.sim.data_latch, LEFT_DATA);
	ops = rig.hw->ops;
	for (uint32_t i = 0; i < ACTIONS; i++)
		actions[pick(sizeof(actions) / sizeof(actions[0]))]();
	ops->set_reverse(rig.hw, false);
	ops->enable_interrupt(rig.hw, false);
	ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	ops->set_chip_mode(rig.hw, OPP_CHIP_SPP);
	assert_true(rig_is_idle(&rig));
	assert_int_equal(rig.sim.control_latch, 0x0c);
	for (uint32_t error = OPP_SIM_MODE_JUMP; error <= OPP_SIM_FIFO_UNDERRUN; error++)
		assert_int_equal(rig.host_errors[error], 0);
}

static void test_anything(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < chip_quirk_count; chip++)
		for (uint32_t seed = 0; seed < SEEDS; seed++)
			run_seed(&chip_quirks[chip], seed * 7919 + chip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-011 P-031 P-032 anything in any order leaves every chip at rest",
		  test_anything, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("chip, anything", tests, NULL, NULL);
}
