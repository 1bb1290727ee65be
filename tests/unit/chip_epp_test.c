/* SPDX-License-Identifier: MIT */
/* EPP by the chip's own cycles: what moves, what it costs, and the cycle nobody answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip_peers.h"
#include "rig.h"

#define STATUS   0x001u
#define CONTROL  0x002u
#define EPP_DATA 0x004u
#define ECR      0x402u
#define BLOCK    4096u

static struct rig rig;
static struct epp_peer peer;
static uint8_t bytes[BLOCK];
static const struct opp_hw_ops *ops;

static void start(struct opp_sim_options options, bool with_clock)
{
	rig_start(&rig, &options, NULL, 1000);
	if (!with_clock)
		rig.io.clock_ns = NULL;
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	assert_true(rig.hw->capabilities & OPP_HW_CAN_EPP);
	ops = rig.hw->ops;
	epp_peer_plug(&peer, &rig.sim);
	rig_fill(bytes, sizeof(bytes));
	rig_forget_accesses(&rig);
}

static void rest(void)
{
	opp_sim_detach(&rig.sim); /* to a peer without negotiation nSelectIn is a strobe */
	ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	assert_true(rig_is_idle(&rig));
	assert_int_equal(rig_host_errors(&rig), 0);
}

static size_t write_block(size_t length, uint32_t width)
{
	size_t moved;

	ops->epp_start(rig.hw, false);
	moved = ops->epp_write(rig.hw, OPP_EPP_DATA, bytes, length, width);
	ops->epp_stop(rig.hw);
	return moved;
}

static size_t read_block(size_t length, uint32_t width)
{
	size_t moved;

	ops->epp_start(rig.hw, true);
	moved = ops->epp_read(rig.hw, OPP_EPP_DATA, bytes, length, width);
	ops->epp_stop(rig.hw);
	return moved;
}

static const struct opp_sim_options chips[] = {
	{ .chip = OPP_SIM_EPP },
	{ .chip = OPP_SIM_EPP, .epp_version = OPP_SIM_EPP_1_7 },
	{ .chip = OPP_SIM_ECP_EPP, .bit0 = OPP_SIM_BIT0_HIGH },
	{ .chip = OPP_SIM_ECP_EPP, .epp_version = OPP_SIM_EPP_1_7, .timeout_blocks = true },
};

#define CHIPS (sizeof(chips) / sizeof(chips[0]))

static void assert_counts_up(size_t length)
{
	for (size_t i = 0; i < length; i++)
		assert_int_equal(bytes[i], (uint8_t)i);
}

static void test_blocks(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < CHIPS; chip++) {
		for (uint32_t width = 1; width <= 4; width *= 2) {
			start(chips[chip], true);
			assert_int_equal(write_block(BLOCK, width), BLOCK);
			assert_int_equal(peer.written, BLOCK);
			assert_memory_equal(peer.taken, bytes, BLOCK);
			assert_int_equal(read_block(BLOCK, width), BLOCK);
			assert_counts_up(BLOCK);
			rest();
		}
	}
}

static void test_address(void **state)
{
	static const uint8_t address = 0xa5;
	uint8_t read = 0xff;

	(void)state;
	start(chips[0], true);
	ops->epp_start(rig.hw, false);
	assert_int_equal(ops->epp_write(rig.hw, OPP_EPP_ADDRESS, &address, 1, 1), 1);
	assert_true(peer.last_was_address);
	assert_int_equal(peer.taken[0], address);
	ops->epp_stop(rig.hw);
	ops->epp_start(rig.hw, true);
	assert_int_equal(ops->epp_read(rig.hw, OPP_EPP_ADDRESS, &read, 1, 1), 1);
	assert_true(peer.last_was_address);
	assert_int_equal(read, 0);
	ops->epp_stop(rig.hw);
	rest();
}

static void test_accesses(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < CHIPS; chip++) {
		start(chips[chip], true);
		write_block(BLOCK, 1);
		assert_true(rig.accesses <= BLOCK + 6);
		assert_int_equal(rig.hw->accesses, rig.accesses);
		rig_forget_accesses(&rig);
		read_block(BLOCK, 1);
		assert_true(rig.accesses <= BLOCK + 6);
		rig_forget_accesses(&rig);
		write_block(BLOCK, 4);
		assert_true(rig.accesses <= BLOCK / 4 + 6);
	}
}

static uint8_t control_in_first_cycle(void)
{
	uint8_t control = 0;

	for (uint32_t i = 0; i < rig.accesses; i++) {
		if (rig.log[i].offset == EPP_DATA)
			return control;
		if (rig.log[i].write && rig.log[i].offset == CONTROL)
			control = rig.log[i].value;
	}
	fail_msg("no cycle");
	return 0;
}

static void test_control(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < CHIPS; chip++) {
		start(chips[chip], true);
		write_block(1, 1);
		assert_int_equal(control_in_first_cycle(), 0x04);
		assert_int_equal(rig.sim.control_latch, 0x04);
		rig_forget_accesses(&rig);
		read_block(1, 1);
		assert_int_equal(control_in_first_cycle(), 0x24);
		assert_int_equal(rig.sim.control_latch, 0x04);
	}
}

/* The modes of the ECR on the way are 100 and 001, and nothing else. */
static void test_mode_wrapped(void **state)
{
	static const uint8_t modes[] = { 4, 1, 4, 1 };
	uint32_t found = 0;

	(void)state;
	start(chips[2], true);
	write_block(16, 1);
	read_block(16, 1);
	for (uint32_t i = 0; i < rig.accesses; i++) {
		if (!rig.log[i].write || rig.log[i].offset != ECR)
			continue;
		assert_true(found < sizeof(modes));
		assert_int_equal(rig.log[i].value >> 5, modes[found++]);
	}
	assert_int_equal(found, sizeof(modes));
	rest();
}

/* ---- the cycle nobody answers ---------------------------------------------------------- */

static void time_out_at(struct opp_sim_options options, bool with_clock, uint32_t at)
{
	start(options, with_clock);
	peer.deaf_from = at;
	assert_int_equal(write_block(64, 1), at);
	assert_int_equal(peer.written, at);
	assert_false(rig.sim.timed_out);
	/* what has failed once works again */
	peer.deaf_from = PEER_NEVER;
	assert_int_equal(write_block(64, 1), 64);
	peer.deaf_from = peer.cycles + at;
	assert_int_equal(read_block(64, 1), at);
	assert_counts_up(at);
	assert_false(rig.sim.timed_out);
	rest();
}

static void test_timeout(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < CHIPS; chip++) {
		for (uint32_t how = OPP_SIM_CLEAR_WRITE_1; how <= OPP_SIM_CLEAR_READ_TWICE; how++) {
			struct opp_sim_options options = chips[chip];

			options.timeout_clear = (enum opp_sim_timeout_clear)how;
			for (uint32_t at = 0; at < 64; at += 9) {
				time_out_at(options, true, at);
				time_out_at(options, false, at);
			}
		}
	}
}

static void test_wide_timeout(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 32; at++) {
		start(chips[0], true);
		peer.deaf_from = at;
		assert_int_equal(write_block(32, 4), at / 4 * 4);
		assert_false(rig.sim.timed_out);
		rest();
	}
}

/* As slow as a peripheral may be: the clock raises a suspicion, STATUS clears it. */
static void test_slow_peripheral(void **state)
{
	(void)state;
	start(chips[0], true);
	peer.answer_ns = 9000;
	assert_int_equal(write_block(64, 1), 64);
	assert_int_equal(read_block(64, 1), 64);
	assert_int_equal(rig.sim.counts.reads[OPP_SIM_STATUS], 2 * (64 + 1));
	rest();
}

static void test_without_clock(void **state)
{
	(void)state;
	start(chips[0], false);
	assert_int_equal(write_block(64, 1), 64);
	assert_int_equal(rig.sim.counts.reads[OPP_SIM_STATUS], 64 + 1);
	rest();
}

/* Somebody else's time-out, just before, is not ours. */
static void test_stale_timeout(void **state)
{
	(void)state;
	for (uint32_t clock = 0; clock < 2; clock++) {
		start(chips[0], clock);
		opp_sim_write(&rig.sim, CONTROL, 0x04);
		peer.deaf_from = peer.cycles;
		opp_sim_write(&rig.sim, EPP_DATA, 0x11);
		assert_true(rig.sim.timed_out);
		peer.deaf_from = PEER_NEVER;
		assert_int_equal(write_block(64, 1), 64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-098 blocks of cycles of 1, 2 and 4 bytes, low byte first", test_blocks, NULL,
		  NULL, NULL },
		{ "an address cycle each way", test_address, NULL, NULL, NULL },
		{ "an EPP byte costs one access, a wide cycle too", test_accesses, NULL, NULL,
		  NULL },
		{ "P-092 CTL is 0x04 in writing cycles and 0x24 in reading ones", test_control,
		  NULL, NULL, NULL },
		{ "P-022 P-031 a chip with an ECR is in EPP mode for the transfer only",
		  test_mode_wrapped, NULL, NULL, NULL },
		{ "P-096 P-097 the byte that timed out does not count, and the next one works",
		  test_timeout, NULL, NULL, NULL },
		{ "P-097 of a wide cycle that timed out no byte counts", test_wide_timeout, NULL,
		  NULL, NULL },
		{ "P-097 a slow answer is an answer", test_slow_peripheral, NULL, NULL, NULL },
		{ "P-097 without a clock STATUS is read after each cycle", test_without_clock, NULL,
		  NULL, NULL },
		{ "P-097 a time-out of before is not taken for one of the transfer",
		  test_stale_timeout, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("chip EPP", tests, NULL, NULL);
}
