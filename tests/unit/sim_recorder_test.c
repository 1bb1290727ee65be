/* SPDX-License-Identifier: MIT */
/* The recorder misses no change of a line and invents none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openparport/sim_recorder.h>

#include "sim_bench.h"

#define ENTRIES 64u

static struct bench bench;
static struct opp_recorder recorder;
static struct opp_recorder_entry ring[ENTRIES];

static void start(void)
{
	bench_start(&bench, OPP_SIM_SPP);
	assert_true(opp_recorder_init(&recorder, ring, ENTRIES));
	opp_sim_attach(&bench.sim, &recorder.peripheral);
}

static void test_writes(void **state)
{
	struct opp_recorder_entry entry;
	uint8_t data = 0;
	uint8_t control = 0x0c;

	(void)state;
	start();
	for (uint32_t i = 0; i < 2000; i++) {
		const uint32_t dice = bench_random(&bench);
		const uint8_t data_before = data;
		const uint8_t control_before = control;

		if (dice & 0x10000)
			data = (uint8_t)dice;
		else
			control = dice & 0x0f;
		bench_wait_ns(&bench, dice >> 20);
		bench_out(&bench, DATA, data);
		if (data != data_before) {
			assert_true(opp_recorder_take(&recorder, &entry));
			assert_int_equal(entry.data, data);
			assert_int_equal(entry.control, control_before ^ 0x0b);
			assert_int_equal(entry.at_ns, bench.sim.now_ns);
		}
		bench_out(&bench, CONTROL, control);
		if (control != control_before) {
			assert_true(opp_recorder_take(&recorder, &entry));
			assert_int_equal(entry.data, data);
			assert_int_equal(entry.control, control ^ 0x0b);
			assert_int_equal(entry.at_ns, bench.sim.now_ns);
		}
		assert_false(opp_recorder_take(&recorder, &entry));
	}
	assert_int_equal(recorder.lost, 0);
}

static void test_overrun(void **state)
{
	struct opp_recorder_entry entry;

	(void)state;
	start();
	for (uint32_t i = 1; i <= 200; i++)
		bench_out(&bench, DATA, (uint8_t)i);
	assert_int_equal(recorder.lost, 200 - ENTRIES);
	for (uint32_t i = 200 - ENTRIES + 1; i <= 200; i++) {
		assert_true(opp_recorder_take(&recorder, &entry));
		assert_int_equal(entry.data, i);
		assert_int_equal(entry.at_ns, i * BENCH_ACCESS_NS);
	}
	assert_false(opp_recorder_take(&recorder, &entry));
}

static void test_inputs(void **state)
{
	(void)state;
	start();
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
	bench_out(&bench, CONTROL, 0x1c);
	for (uint32_t levels = 0; levels < 0x100; levels += 8) {
		opp_recorder_set_inputs(&recorder, (uint8_t)levels);
		assert_int_equal(bench_in(&bench, STATUS) & 0xf8, levels ^ 0x80);
	}
	/* nAck rose at 0x40 and 0xc0 */
	assert_int_equal(bench.interrupts, 2);
	opp_sim_detach(&bench.sim);
	opp_recorder_set_inputs(&recorder, OPP_LINE_SELECT);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
	opp_sim_attach(&bench.sim, &recorder.peripheral);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x90);
}

static void test_no_room(void **state)
{
	(void)state;
	assert_false(opp_recorder_init(&recorder, ring, 0));
	assert_false(opp_recorder_init(&recorder, NULL, ENTRIES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "every change of a line is written down with its time", test_writes, NULL, NULL,
		  NULL },
		{ "a full ring drops its oldest entries and counts them", test_overrun, NULL, NULL,
		  NULL },
		{ "a ring without room is refused", test_no_room, NULL, NULL, NULL },
		{ "the status lines show what the recorder is told to", test_inputs, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("sim_recorder", tests, NULL, NULL);
}
