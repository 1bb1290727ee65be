/* SPDX-License-Identifier: MIT */
/* JTAG chains, scanned bit by bit through both cables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openparport/sim_jtag.h>

#include "sim_bench.h"

#define MOST 32

/* One program's idea of a cable; raw register bits. */
struct pins {
	uint8_t tck, tms, tdi, rest;
	uint8_t tdo, tdo_inverted;
};

static const struct pins pins[] = {
	[OPP_JTAG_WIGGLER] = { 0x04, 0x02, 0x08, 0x90, 0x80, 0x80 },
	[OPP_JTAG_DLC5] = { 0x02, 0x04, 0x01, 0x10, 0x10, 0x00 },
};

static struct bench bench;
static struct opp_jtag chain;
static struct opp_jtag_tap taps[MOST];
static const struct pins *pin;

static bool tdo(void)
{
	return (bench_in(&bench, STATUS) ^ pin->tdo_inverted) & pin->tdo;
}

/* One cycle of TCK; returns TDO as it is before TCK rises. */
static bool cycle(bool tms, bool tdi)
{
	const uint8_t lines = (uint8_t)(pin->rest | (tms ? pin->tms : 0) | (tdi ? pin->tdi : 0));
	bool bit;

	bench_out(&bench, DATA, lines);
	bit = tdo();
	bench_out(&bench, DATA, lines | pin->tck);
	/* TDO changes on the falling edge alone */
	assert_int_equal(tdo(), bit);
	bench_out(&bench, DATA, lines);
	return bit;
}

static void walk(const char *tms)
{
	for (; *tms; tms++)
		cycle(*tms == '1', bench_random(&bench) & 1);
}

static void reset_chain(void)
{
	walk("111110");
}

static void start(enum opp_jtag_cable cable, uint32_t count)
{
	bench_start(&bench, OPP_SIM_SPP);
	pin = &pins[cable];
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t ir_bits = (uint8_t)(2 + bench_random(&bench) % 31);
		const uint32_t mask = UINT32_MAX >> (32 - ir_bits);

		taps[i] = (struct opp_jtag_tap){
			.ir_bits = ir_bits,
			.ir_capture = (bench_random(&bench) & mask & ~2u) | 1,
			.idcode = bench_random(&bench) % 4 ? bench_random(&bench) | 1 : 0,
			.idcode_instruction = bench_random(&bench) & mask & ~1u,
		};
	}
	assert_true(opp_jtag_init(&chain, cable, taps, count));
	opp_sim_attach(&bench.sim, &chain.peripheral);
	reset_chain();
}

/* The ids that come out of a freshly reset chain, the last chip's first. */
static void assert_ids(uint32_t count)
{
	walk("100");
	for (uint32_t i = count; i-- > 0;) {
		for (uint32_t bit = 0; bit < (taps[i].idcode ? 32u : 1u); bit++)
			assert_int_equal(cycle(false, true), taps[i].idcode >> bit & 1);
	}
	/* then what was put in */
	assert_true(cycle(true, true));
	walk("10");
}

static void test_ids(void **state)
{
	(void)state;
	for (int cable = OPP_JTAG_WIGGLER; cable <= OPP_JTAG_DLC5; cable++) {
		for (uint32_t count = 1; count <= MOST; count++) {
			start((enum opp_jtag_cable)cable, count);
			assert_ids(count);
		}
	}
}

/* Instructions into all chips, the last chip's first; looks at what comes out. */
static void load(const uint32_t *instructions, uint32_t count)
{
	walk("1100");
	for (uint32_t i = count; i-- > 0;) {
		for (uint32_t bit = 0; bit < taps[i].ir_bits; bit++) {
			const bool last = i == 0 && bit == taps[i].ir_bits - 1u;

			assert_int_equal(cycle(last, instructions[i] >> bit & 1),
					 taps[i].ir_capture >> bit & 1);
		}
	}
	walk("10");
}

static void test_bypass(void **state)
{
	uint32_t instructions[MOST];
	bool sent[400];

	(void)state;
	for (uint32_t count = 1; count <= MOST; count += 3) {
		start(OPP_JTAG_WIGGLER, count);
		for (uint32_t i = 0; i < count; i++)
			instructions[i] = UINT32_MAX;
		load(instructions, count);
		walk("100");
		for (uint32_t i = 0; i < 400; i++) {
			sent[i] = bench_random(&bench) & 1;
			/* one bit a chip, each of which starts as 0 */
			assert_int_equal(cycle(false, sent[i]), i < count ? 0 : sent[i - count]);
		}
	}
}

static void test_one_id(void **state)
{
	uint32_t instructions[6];

	(void)state;
	start(OPP_JTAG_DLC5, 6);
	for (uint32_t chosen = 0; chosen < 6; chosen++) {
		taps[chosen].idcode = 0x10000001 + (chosen << 12);
		for (uint32_t i = 0; i < 6; i++)
			instructions[i] = i == chosen ? taps[i].idcode_instruction : UINT32_MAX;
		load(instructions, 6);
		walk("100");
		for (uint32_t i = 5; i > chosen; i--)
			assert_int_equal(cycle(false, false), 0);
		for (uint32_t bit = 0; bit < 32; bit++)
			assert_int_equal(cycle(false, false), taps[chosen].idcode >> bit & 1);
		walk("110");
	}
}

static void test_pause(void **state)
{
	(void)state;
	start(OPP_JTAG_WIGGLER, 1);
	taps[0].idcode = 0x3ba00477;
	reset_chain();
	walk("100");
	for (uint32_t bit = 0; bit < 32; bit++) {
		/* every bit leaves on the way to Exit1, then a rest in Pause */
		assert_int_equal(cycle(true, false), taps[0].idcode >> bit & 1);
		walk("0001");
		if (bit < 31)
			walk("0");
	}
	walk("10");
	assert_int_equal(chain.state, OPP_JTAG_IDLE);
}

static void test_states(void **state)
{
	static const struct {
		const char *way; /* from Run-Test/Idle */
		enum opp_jtag_state to;
	} ways[] = {
		{ "", OPP_JTAG_IDLE },
		{ "0", OPP_JTAG_IDLE },
		{ "1", OPP_JTAG_SELECT_DR },
		{ "10", OPP_JTAG_CAPTURE_DR },
		{ "100", OPP_JTAG_SHIFT_DR },
		{ "1000", OPP_JTAG_SHIFT_DR },
		{ "101", OPP_JTAG_EXIT1_DR },
		{ "1001", OPP_JTAG_EXIT1_DR },
		{ "1010", OPP_JTAG_PAUSE_DR },
		{ "10100", OPP_JTAG_PAUSE_DR },
		{ "10101", OPP_JTAG_EXIT2_DR },
		{ "101010", OPP_JTAG_SHIFT_DR },
		{ "101011", OPP_JTAG_UPDATE_DR },
		{ "1011", OPP_JTAG_UPDATE_DR },
		{ "10110", OPP_JTAG_IDLE },
		{ "10111", OPP_JTAG_SELECT_DR },
		{ "11", OPP_JTAG_SELECT_IR },
		{ "111", OPP_JTAG_RESET },
		{ "110", OPP_JTAG_CAPTURE_IR },
		{ "1100", OPP_JTAG_SHIFT_IR },
		{ "11000", OPP_JTAG_SHIFT_IR },
		{ "1101", OPP_JTAG_EXIT1_IR },
		{ "11001", OPP_JTAG_EXIT1_IR },
		{ "11010", OPP_JTAG_PAUSE_IR },
		{ "110100", OPP_JTAG_PAUSE_IR },
		{ "110101", OPP_JTAG_EXIT2_IR },
		{ "1101010", OPP_JTAG_SHIFT_IR },
		{ "1101011", OPP_JTAG_UPDATE_IR },
		{ "11011", OPP_JTAG_UPDATE_IR },
		{ "110110", OPP_JTAG_IDLE },
		{ "110111", OPP_JTAG_SELECT_DR },
		{ "1111", OPP_JTAG_RESET },
		{ "1110", OPP_JTAG_IDLE },
	};

	(void)state;
	start(OPP_JTAG_WIGGLER, 2);
	for (uint32_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		reset_chain();
		walk(ways[i].way);
		assert_int_equal(chain.state, ways[i].to);
		/* five clocks with TMS high lead to reset from anywhere */
		walk("11111");
		assert_int_equal(chain.state, OPP_JTAG_RESET);
		walk("0");
		assert_ids(2);
	}
}

static void test_resets(void **state)
{
	const uint32_t bypass[] = { UINT32_MAX, UINT32_MAX };

	(void)state;
	start(OPP_JTAG_WIGGLER, 2);
	taps[0].idcode = 0x11111111;
	taps[1].idcode = 0x22222223;
	load(bypass, 2);
	walk("100");
	/* nTRST needs no clock */
	bench_out(&bench, DATA, 0x80);
	assert_int_equal(chain.state, OPP_JTAG_RESET);
	/* and nobody drives TDO */
	assert_true(tdo());
	bench_out(&bench, DATA, 0x84);
	bench_out(&bench, DATA, 0x80);
	assert_int_equal(chain.state, OPP_JTAG_RESET);
	bench_out(&bench, DATA, 0x90);
	walk("0");
	assert_ids(2);
	assert_false(chain.target_reset);
	bench_out(&bench, DATA, 0x91);
	assert_true(chain.target_reset);
	assert_int_equal(chain.state, OPP_JTAG_IDLE);
	bench_out(&bench, DATA, 0x90);
	assert_false(chain.target_reset);
}

static void test_idle_lines(void **state)
{
	(void)state;
	start(OPP_JTAG_WIGGLER, 1);
	/* nobody drives TDO outside the shift states */
	assert_true(tdo());
	assert_int_equal(bench_in(&bench, STATUS) & 0x78, 0x78);
	start(OPP_JTAG_DLC5, 1);
	assert_true(tdo());
	bench_out(&bench, DATA, 0x00);
	assert_false(tdo());
	opp_sim_detach(&bench.sim);
	opp_sim_attach(&bench.sim, &chain.peripheral);
	assert_false(tdo());
}

/* What is captured has no more bits than the register. */
static void test_capture_is_cut(void **state)
{
	(void)state;
	start(OPP_JTAG_WIGGLER, 1);
	taps[0].ir_bits = 4;
	taps[0].ir_capture = 0xfffffff1;
	walk("1100");
	for (uint32_t bit = 0; bit < 4; bit++)
		assert_int_equal(cycle(false, false), bit == 0);
	/* then what was put in */
	for (uint32_t bit = 0; bit < 4; bit++)
		assert_false(cycle(false, false));
}

static void test_makes_no_sense(void **state)
{
	static const uint8_t bad_bits[] = { 0, 1, 33 };

	(void)state;
	for (uint32_t i = 0; i < MOST; i++)
		taps[i] = (struct opp_jtag_tap){ .ir_bits = 2 };
	assert_true(opp_jtag_init(&chain, OPP_JTAG_DLC5, taps, OPP_JTAG_MOST_TAPS));
	assert_false(opp_jtag_init(&chain, OPP_JTAG_DLC5, taps, OPP_JTAG_MOST_TAPS + 1));
	assert_false(opp_jtag_init(&chain, OPP_JTAG_DLC5, taps, 0));
	assert_false(opp_jtag_init(&chain, OPP_JTAG_DLC5, NULL, 1));
	for (uint32_t i = 0; i < sizeof(bad_bits); i++) {
		taps[2].ir_bits = bad_bits[i];
		assert_false(opp_jtag_init(&chain, OPP_JTAG_DLC5, taps, 3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "chains of 1 to 32 chips show their ids through both cables", test_ids, NULL,
		  NULL, NULL },
		{ "in BYPASS a chain delays what is shifted by one bit a chip", test_bypass, NULL,
		  NULL, NULL },
		{ "IDCODE in one chip and BYPASS in the others", test_one_id, NULL, NULL, NULL },
		{ "a scan rests in Pause and goes on", test_pause, NULL, NULL, NULL },
		{ "every state is reached and left as IEEE 1149.1 draws it", test_states, NULL,
		  NULL, NULL },
		{ "nTRST resets the chips without a clock, SRST the board", test_resets, NULL, NULL,
		  NULL },
		{ "TDO outside a scan, TDO of a cable that is not enabled", test_idle_lines, NULL,
		  NULL, NULL },
		{ "an instruction register shows no more bits than it has", test_capture_is_cut,
		  NULL, NULL, NULL },
		{ "a chain without chips, or with a register of no size, is refused",
		  test_makes_no_sense, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_jtag", tests, NULL, NULL);
}
