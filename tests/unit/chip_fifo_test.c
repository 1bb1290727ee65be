/* SPDX-License-Identifier: MIT */
/* The modes of an ECP chip, and bytes through its FIFO, down to the one that is stuck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip_peers.h"
#include "rig.h"

#define CONTROL 0x002u
#define FIFO    0x400u
#define ECR     0x402u
#define BLOCK   4096u

static struct rig rig;
static struct fifo_peer peer;
static uint8_t bytes[BLOCK];
static uint8_t got[BLOCK];
static const struct opp_hw_ops *ops;

static void start(struct opp_sim_options options)
{
	options.chip = OPP_SIM_ECP;
	rig_start(&rig, &options, NULL, 1000);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	assert_true(rig.hw->capabilities & OPP_HW_CAN_FIFO);
	ops = rig.hw->ops;
	fifo_peer_plug(&peer, &rig.sim);
	rig_fill(bytes, sizeof(bytes));
	rig.interrupts = 0;
	rig_forget_accesses(&rig);
}

/* The lines as negotiation leaves them for each use. */
static void begin(enum opp_fifo_use use)
{
	if (use != OPP_FIFO_COMPAT)
		ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_CONTROL_LINES);
	if (use == OPP_FIFO_ECP_REVERSE) {
		ops->set_reverse(rig.hw, true);
		ops->write_control(rig.hw, OPP_LINE_NINIT, 0); /* ev 39 */
	}
	ops->fifo_start(rig.hw, use);
}

static void rest(void)
{
	ops->set_reverse(rig.hw, false);
	ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	assert_true(rig_is_idle(&rig));
	assert_int_equal(rig.sim.fifo.count, 0);
	for (uint32_t error = OPP_SIM_MODE_JUMP; error < OPP_SIM_HOST_ERRORS; error++)
		assert_int_equal(rig.host_errors[error], 0);
}

/* As the engine does: until nothing goes in any more for a while. */
static size_t push(size_t length, bool command)
{
	size_t moved = 0;

	for (uint32_t idle = 0; idle < 8 && moved < length;) {
		const size_t now = ops->fifo_write(rig.hw, bytes + moved, length - moved, command);

		idle = now ? 0 : idle + 1;
		moved += now;
		rig_pass_ns(&rig, now ? 0 : 5000);
	}
	return moved;
}

static size_t pull_to(uint8_t *to, size_t length)
{
	size_t moved = 0;

	for (uint32_t idle = 0; idle < 8 && moved < length;) {
		const size_t now = ops->fifo_read(rig.hw, to + moved, length - moved);

		idle = now ? 0 : idle + 1;
		moved += now;
		rig_pass_ns(&rig, now ? 0 : 5000);
	}
	return moved;
}

static size_t pull(size_t length)
{
	return pull_to(got, length);
}

/* ---- modes -------------------------------------------------------------------------------- */

static void test_modes(void **state)
{
	static const enum opp_chip_mode modes[] = { OPP_CHIP_SPP, OPP_CHIP_BYTE, OPP_CHIP_FIFO,
						    OPP_CHIP_ECP };

	(void)state;
	start((struct opp_sim_options){ 0 });
	for (uint32_t i = 0; i < 16; i++) {
		for (uint32_t n = 0; n < 2; n++) {
			const enum opp_chip_mode mode = modes[n ? i % 4 : i / 4];

			rig_forget_accesses(&rig);
			assert_int_equal(ops->set_chip_mode(rig.hw, mode), OPP_SUCCESS);
			assert_int_equal(rig.sim.ecr & 0xe0, mode);
			assert_true(rig.accesses <= 2);
		}
	}
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_EPP), OPP_NO_SUCH_DEVICE);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_BYTE), OPP_SUCCESS);
	rest();
}

static void test_modes_of_others(void **state)
{
	(void)state;
	rig_start(&rig, &(struct opp_sim_options){ .chip = OPP_SIM_EPP }, NULL, 1000);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	rig_forget_accesses(&rig);
	ops = rig.hw->ops;
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_SPP), OPP_SUCCESS);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_EPP), OPP_SUCCESS);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_BYTE), OPP_NO_SUCH_DEVICE);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_FIFO), OPP_NO_SUCH_DEVICE);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_ECP), OPP_NO_SUCH_DEVICE);
	assert_int_equal(rig.accesses, 0);
	start((struct opp_sim_options){ .pword = OPP_SIM_PWORD_1 });
	rig_start(&rig, &(struct opp_sim_options){ .chip = OPP_SIM_ECP, .pword = OPP_SIM_PWORD_2 },
		  NULL, 1000);
	assert_int_equal(rig_open(&rig, OPP_PROBE_FULL), OPP_SUCCESS);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_BYTE), OPP_SUCCESS);
	assert_int_equal(ops->set_chip_mode(rig.hw, OPP_CHIP_ECP), OPP_NO_SUCH_DEVICE);
}

static void test_direction(void **state)
{
	static const enum opp_chip_mode modes[] = { OPP_CHIP_SPP, OPP_CHIP_FIFO, OPP_CHIP_ECP };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		start((struct opp_sim_options){ 0 });
		ops->set_chip_mode(rig.hw, modes[i]);
		ops->set_reverse(rig.hw, true);
		assert_int_equal(rig.sim.ecr >> 5, 1);
		assert_int_equal(rig.sim.control_latch & 0x20, 0x20);
		ops->set_reverse(rig.hw, false);
		rest();
	}
}

/* ---- forward ------------------------------------------------------------------------------- */

static void test_forward(void **state)
{
	(void)state;
	for (uint32_t use = OPP_FIFO_COMPAT; use <= OPP_FIFO_ECP_FORWARD; use++) {
		start((struct opp_sim_options){ 0 });
		begin((enum opp_fifo_use)use);
		assert_int_equal(push(BLOCK, false), BLOCK);
		assert_int_equal(ops->fifo_stop(rig.hw), 0);
		assert_int_equal(peer.written, BLOCK);
		assert_memory_equal(peer.taken, bytes, BLOCK);
		rest();
	}
}

static void test_commands(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	begin(OPP_FIFO_ECP_FORWARD);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(push(1, i % 3 == 0), 1);
	assert_int_equal(ops->fifo_stop(rig.hw), 0);
	assert_int_equal(peer.written, 64);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(peer.command[i], i % 3 == 0);
	rest();
}

/* The FIFO is left only when it says that it is empty. */
static void test_waits_for_empty(void **state)
{
	uint32_t last_look = 0;

	(void)state;
	for (uint32_t use = OPP_FIFO_COMPAT; use <= OPP_FIFO_ECP_FORWARD; use++) {
		start((struct opp_sim_options){ 0 });
		peer.busy_ns = 1000;
		begin((enum opp_fifo_use)use);
		assert_int_equal(ops->fifo_write(rig.hw, bytes, 16, false), 16);
		assert_int_equal(ops->fifo_stop(rig.hw), 0);
		assert_int_equal(peer.written, 16);
		for (uint32_t i = 0; i < rig.accesses; i++) {
			if (rig.log[i].offset != ECR)
				continue;
			if (!rig.log[i].write)
				last_look = rig.log[i].value;
			else if (rig.log[i].value >> 5 == 1)
				assert_int_equal(last_look & 1, 1);
		}
		rest();
	}
}

static void test_bounded(void **state)
{
	uint64_t before_ns;

	(void)state;
	for (uint32_t use = OPP_FIFO_COMPAT; use <= OPP_FIFO_ECP_FORWARD; use++) {
		start((struct opp_sim_options){ .fifo_words = 64 });
		peer.busy_after = 1;
		begin((enum opp_fifo_use)use);
		push(BLOCK, false);
		before_ns = rig.sim.now_ns;
		ops->fifo_stop(rig.hw);
		/* what is stuck, filler by filler, and 100 us */
		assert_true(rig.sim.now_ns - before_ns <= 2 * 64 * 1000 + 100000);
		rest();
	}
}

/* ---- what is stuck --------------------------------------------------------------------------- */

struct stall {
	enum opp_fifo_use use;
	bool silent; /* ECP: the byte is offered, but no PeriphAck comes */
};

static const struct stall stalls[] = {
	{ OPP_FIFO_COMPAT, false },
	{ OPP_FIFO_ECP_FORWARD, false },
	{ OPP_FIFO_ECP_FORWARD, true },
};

static void stall_after(const struct stall *stall, uint32_t taken, size_t length)
{
	size_t pushed, stuck;
	uint32_t expected;

	if (stall->silent)
		peer.silent_after = taken;
	else
		peer.busy_after = taken;
	begin(stall->use);
	pushed = push(length, false);
	stuck = ops->fifo_stop(rig.hw);
	expected = taken < pushed ? taken : (uint32_t)pushed;
	assert_int_equal(peer.written, expected);
	/* offered, on a chip that does not count it: nobody can know */
	if (stall->silent && !rig.sim.options.full_counts_transmitter && pushed > taken)
		expected++;
	assert_int_equal(pushed - stuck, expected);
	rest();
}

static void test_stuck(void **state)
{
	static const uint8_t depths[] = { 1, 4, 16, 64 };

	(void)state;
	for (uint32_t i = 0; i < 3 * sizeof(depths) * 2; i++) {
		const uint8_t depth = depths[i / 6];

		for (uint32_t taken = 0; taken <= 2u * depth; taken++) {
			if (taken == 0 && !stalls[i % 3].silent)
				continue; /* Busy rises with the first byte only */
			for (size_t length = 1; length <= 2u * depth + 2; length++) {
				start((struct opp_sim_options){
					.fifo_words = depth,
					.full_counts_transmitter = i / 3 % 2,
				});
				stall_after(&stalls[i % 3], taken, length);
			}
		}
	}
}

/*
 * A printer that works all the time, stopped at any instant. Only a strobe that
 * falls between the last look at Busy and the change of mode may be missed.
 */
static void test_stopped_while_moving(void **state)
{
	static const uint32_t speeds_ns[] = { 4500, 6000, 11000, 20000 };
	uint32_t missed = 0;

	(void)state;
	for (uint32_t i = 0; i < 4 * 800; i++) {
		size_t told;

		start((struct opp_sim_options){ .full_counts_transmitter = i % 2 });
		peer.busy_ns = speeds_ns[i / 800];
		begin(OPP_FIFO_COMPAT);
		told = ops->fifo_write(rig.hw, bytes, 16, false);
		rig_pass_ns(&rig, i % 800 * 50);
		told -= ops->fifo_stop(rig.hw);
		assert_in_range(peer.written + 1, told, told + 2);
		missed += peer.written != told;
		rest();
	}
	assert_in_range(missed, 0, 3 * 800 / 100);
}

/* ---- reverse ------------------------------------------------------------------------------------ */

static void offer(uint32_t count)
{
	peer.offers = bytes;
	peer.to_offer = count;
}

static void test_reverse(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	offer(BLOCK);
	begin(OPP_FIFO_ECP_REVERSE);
	assert_int_equal(pull(BLOCK), BLOCK);
	assert_memory_equal(got, bytes, BLOCK);
	assert_int_equal(ops->fifo_read(rig.hw, got, 1), 0);
	assert_int_equal(ops->fifo_stop(rig.hw), 0);
	rest();
}

/* The host stops in the middle: what the peripheral has given is there to be read. */
static void test_drained(void **state)
{
	(void)state;
	for (uint32_t wanted = 0; wanted < 40; wanted++) {
		size_t moved;

		start((struct opp_sim_options){ 0 });
		offer(64);
		begin(OPP_FIFO_ECP_REVERSE);
		moved = pull(wanted);
		ops->write_control(rig.hw, OPP_LINE_NINIT, OPP_LINE_NINIT); /* ev 47 */
		moved += pull_to(got + moved, sizeof(got) - moved);
		assert_true(ops->fifo_is_empty(rig.hw));
		ops->fifo_stop(rig.hw);
		assert_int_equal(moved, peer.offered);
		assert_memory_equal(got, bytes, moved);
		rest();
	}
}

/* ---- what it costs -------------------------------------------------------------------------------- */

static void test_accesses(void **state)
{
	(void)state;
	for (uint32_t use = OPP_FIFO_COMPAT; use <= OPP_FIFO_ECP_FORWARD; use++) {
		start((struct opp_sim_options){ 0 });
		begin((enum opp_fifo_use)use);
		rig_forget_accesses(&rig);
		assert_int_equal(ops->fifo_write(rig.hw, bytes, 16, false), 16);
		assert_int_equal(rig.accesses, 16); /* empty from the start */
		rig_pass_ns(&rig, 100000);
		rig_forget_accesses(&rig);
		assert_int_equal(ops->fifo_write(rig.hw, bytes, 7, false), 7);
		assert_int_equal(ops->fifo_write(rig.hw, bytes, 9, false), 9);
		assert_int_equal(rig.accesses, 17);
		ops->fifo_stop(rig.hw);
	}
	start((struct opp_sim_options){ 0 });
	offer(BLOCK);
	begin(OPP_FIFO_ECP_REVERSE);
	rig_pass_ns(&rig, 100000);
	rig_forget_accesses(&rig);
	assert_int_equal(pull(BLOCK), BLOCK);
	assert_true(rig.accesses <= BLOCK + BLOCK / 8);
	ops->fifo_stop(rig.hw);
}

/* ---- interrupts ------------------------------------------------------------------------------------- */

static void test_ack_interrupt(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	ops->enable_interrupt(rig.hw, true);
	offer(64);
	begin(OPP_FIFO_ECP_REVERSE);
	assert_int_equal(pull(64), 64);
	assert_int_equal(rig.sim.control_latch & 0x10, 0);
	assert_int_equal(rig.interrupts, 0);
	ops->fifo_stop(rig.hw);
	assert_int_equal(rig.sim.control_latch & 0x10, 0x10);
	rest();
	ops->enable_interrupt(rig.hw, false);
	begin(OPP_FIFO_COMPAT);
	ops->fifo_stop(rig.hw);
	assert_int_equal(rig.sim.control_latch & 0x10, 0);
}

/* Armed, a FIFO calls once at its threshold, and then takes as much without a second look. */
static void test_armed_forward(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .fifo_threshold = 6 });
	begin(OPP_FIFO_COMPAT);
	peer.busy_ns = 20000;
	assert_int_equal(ops->fifo_write(rig.hw, bytes, 16, false), 16);
	ops->fifo_arm(rig.hw);
	assert_int_equal(ops->fifo_write(rig.hw, bytes, 16, false), 0);
	assert_int_equal(rig.interrupts, 0);
	while (!rig.interrupts)
		rig_pass_ns(&rig, 1000);
	assert_false(ops->fifo_is_empty(rig.hw));
	rig_forget_accesses(&rig);
	assert_int_equal(ops->fifo_write(rig.hw, bytes, 16, false), 10);
	assert_int_equal(rig.accesses, 10 + 1);
	assert_int_equal(ops->fifo_write(rig.hw, bytes, 16, false), 0);
	rig_pass_ns(&rig, 1000000);
	assert_int_equal(rig.interrupts, 1);
	ops->fifo_stop(rig.hw);
	rest();
}

static void test_armed_reverse(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .fifo_threshold = 6 });
	offer(12);
	ops->write_control(rig.hw, OPP_CONTROL_LINES, OPP_CONTROL_LINES);
	begin(OPP_FIFO_ECP_REVERSE);
	ops->fifo_arm(rig.hw);
	rig_pass_ns(&rig, 100000);
	assert_int_equal(rig.interrupts, 1);
	rig_forget_accesses(&rig);
	assert_int_equal(ops->fifo_read(rig.hw, got, 10), 10);
	assert_int_equal(rig.accesses, 11);
	assert_int_equal(pull(10), 2);
	ops->fifo_stop(rig.hw);
	rest();
}

/* What came between arming and looking is not trusted: the FIFO is never overrun. */
static void test_armed_too_early(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	begin(OPP_FIFO_COMPAT);
	peer.busy_after = 1;
	ops->fifo_arm(rig.hw);
	assert_int_equal(rig.interrupts, 1); /* it is empty: the condition holds */
	assert_int_equal(push(64, false), 16);
	assert_int_equal(rig.host_errors[OPP_SIM_FIFO_OVERRUN], 0);
	assert_int_equal(ops->fifo_stop(rig.hw), 15);
	rest();
}

static void test_no_interrupt(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	assert_int_equal(opp_chip_open(&rig.chip, &rig.io, &rig.env, OPP_PROBE_FULL, false),
			 OPP_SUCCESS);
	rig_forget_accesses(&rig);
	begin(OPP_FIFO_COMPAT);
	rig_forget_accesses(&rig);
	ops->fifo_arm(rig.hw);
	assert_int_equal(rig.accesses, 0);
	ops->fifo_stop(rig.hw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-031 from any mode to any other by way of BYTE", test_modes, NULL, NULL, NULL },
		{ "a chip without a mode says so", test_modes_of_others, NULL, NULL, NULL },
		{ "P-032 the data lines turn in BYTE mode, whatever the mode was", test_direction,
		  NULL, NULL, NULL },
		{ "a block through the FIFO, to a printer and to an ECP device", test_forward, NULL,
		  NULL, NULL },
		{ "P-044 commands and data go out in order, each as what it is", test_commands,
		  NULL, NULL, NULL },
		{ "P-040 a FIFO that moves is left when it is empty", test_waits_for_empty, NULL,
		  NULL, NULL },
		{ "P-040 a FIFO that is stuck is left after a bounded time", test_bounded, NULL,
		  NULL, NULL },
		{ "P-041 of a stuck FIFO every byte that was not taken is reported", test_stuck,
		  NULL, NULL, NULL },
		{ "P-041 a FIFO stopped at any instant hardly ever misses a strobe, and one at most",
		  test_stopped_while_moving, NULL, NULL, NULL },
		{ "a block from the FIFO", test_reverse, NULL, NULL, NULL },
		{ "P-046 a reverse FIFO that is drained before it stops has lost nothing",
		  test_drained, NULL, NULL, NULL },
		{ "a look is worth a burst, and is not made for room known already", test_accesses,
		  NULL, NULL, NULL },
		{ "P-011 nAck does not interrupt during a FIFO transfer, and as before after it",
		  test_ack_interrupt, NULL, NULL, NULL },
		{ "an armed FIFO calls once, and takes a threshold's worth", test_armed_forward,
		  NULL, NULL, NULL },
		{ "an armed reverse FIFO calls once, and gives a threshold's worth",
		  test_armed_reverse, NULL, NULL, NULL },
		{ "a service condition of before a burst is not trusted after it",
		  test_armed_too_early, NULL, NULL, NULL },
		{ "a port without an interrupt arms nothing", test_no_interrupt, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("chip FIFO", tests, NULL, NULL);
}
