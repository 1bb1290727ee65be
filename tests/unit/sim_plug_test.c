/* SPDX-License-Identifier: MIT */
/* Loop-back plugs in every position, and PLIP through a LapLink cable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_plugs.h>

#include "sim_bench.h"

static struct bench bench;
static struct bench peer;
static struct opp_loopback plug;
static struct opp_laplink cable;

static bool bit(uint32_t value, uint32_t number)
{
	return value >> number & 1;
}

static void start_plug(enum opp_loopback_wiring wiring)
{
	bench_start(&bench, OPP_SIM_SPP);
	opp_loopback_init(&plug, wiring);
	opp_sim_attach(&bench.sim, &plug.peripheral);
}

static void test_checkit(void **state)
{
	(void)state;
	start_plug(OPP_LOOPBACK_CHECKIT);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0xf0);
	for (uint32_t data = 0; data < 0x100; data++) {
		bench_out(&bench, DATA, (uint8_t)data);
		for (uint32_t ctl = 0; ctl < 0x10; ctl++) {
			bench_out(&bench, CONTROL, (uint8_t)ctl);
			assert_int_equal(bench_in(&bench, STATUS) & 0xf8,
					 bit(ctl, 3) << 7 | bit(ctl, 2) << 6 | !bit(ctl, 1) << 5 |
						 !bit(ctl, 0) << 4 | bit(data, 0) << 3);
		}
	}
}

static void test_norton(void **state)
{
	(void)state;
	start_plug(OPP_LOOPBACK_NORTON);
	for (uint32_t ctl = 0; ctl < 0x10; ctl++) {
		bench_out(&bench, CONTROL, (uint8_t)ctl);
		for (uint32_t data = 0; data < 0x100; data++) {
			bench_out(&bench, DATA, (uint8_t)data);
			assert_int_equal(bench_in(&bench, STATUS) & 0xf8,
					 !bit(data, 4) << 7 | bit(data, 3) << 6 |
						 bit(data, 2) << 5 | bit(data, 1) << 4 |
						 bit(data, 0) << 3);
		}
	}
}

static void test_checkit_interrupts(void **state)
{
	(void)state;
	start_plug(OPP_LOOPBACK_CHECKIT);
	for (uint32_t i = 0; i < 100; i++) {
		bench_out(&bench, CONTROL, 0x18);
		assert_int_equal(bench.interrupts, i);
		bench_out(&bench, CONTROL, 0x1c);
		assert_int_equal(bench.interrupts, i + 1);
	}
	bench_out(&bench, CONTROL, 0x08);
	bench_out(&bench, CONTROL, 0x0c);
	assert_int_equal(bench.interrupts, 100);
}

/* ---- PLIP ------------------------------------------------------------------------ */

static void start_cable(void)
{
	bench_start(&bench, OPP_SIM_SPP);
	bench_start(&peer, OPP_SIM_SPP);
	opp_laplink_init(&cable);
	opp_sim_attach(&bench.sim, &cable.ends[0].peripheral);
	opp_sim_attach(&peer.sim, &cable.ends[1].peripheral);
}

/* D4 of the other side, which arrives upside down. */
static bool toggle_of_other(struct bench *side)
{
	return !(bench_in(side, STATUS) & 0x80);
}

/* One nibble, D4 telling which half; the receiver answers with its own D4. */
static uint8_t half(struct bench *from, struct bench *to, uint8_t nibble, uint8_t toggle)
{
	uint8_t status;

	bench_out(from, DATA, nibble | toggle);
	status = bench_in(to, STATUS);
	assert_int_equal(toggle_of_other(to), toggle != 0);
	bench_out(to, DATA, toggle);
	assert_int_equal(toggle_of_other(from), toggle != 0);
	return status >> 3 & 0x0f;
}

static uint8_t plip_byte(struct bench *from, struct bench *to, uint8_t byte)
{
	const uint8_t low = half(from, to, byte & 0x0f, 0x10);

	return (uint8_t)(low | half(from, to, byte >> 4, 0x00) << 4);
}

/* Trigger, length, bytes, checksum. */
static void plip_frame(struct bench *from, struct bench *to, const uint8_t *bytes, uint32_t count)
{
	const uint32_t interrupts = to->interrupts;
	uint8_t sum = 0;
	uint8_t received;

	bench_out(to, CONTROL, 0x1c);
	bench_out(from, DATA, 0x08);
	assert_int_equal(to->interrupts, interrupts + 1);
	bench_out(to, CONTROL, 0x0c);
	assert_int_equal(plip_byte(from, to, (uint8_t)count), count & 0xff);
	assert_int_equal(plip_byte(from, to, (uint8_t)(count >> 8)), count >> 8);
	for (uint32_t i = 0; i < count; i++) {
		received = plip_byte(from, to, bytes[i]);
		assert_int_equal(received, bytes[i]);
		sum = (uint8_t)(sum + received);
	}
	assert_int_equal(plip_byte(from, to, sum), sum);
	bench_out(from, DATA, 0x00);
	bench_out(to, DATA, 0x00);
}

static void test_plip(void **state)
{
	static uint8_t frame[1500];

	(void)state;
	start_cable();
	for (uint32_t i = 0; i < 4; i++) {
		bench_random_bytes(&bench, frame, sizeof(frame));
		plip_frame(&bench, &peer, frame, sizeof(frame) - i);
		plip_frame(&peer, &bench, frame, 300 + i);
	}
}

static void test_one_end(void **state)
{
	(void)state;
	start_cable();
	bench_out(&peer, DATA, 0x1f);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
	bench_out(&peer, DATA, 0x00);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x80);
	/* data lines above D4 and control lines lead nowhere */
	bench_out(&peer, DATA, 0xe0);
	bench_out(&peer, CONTROL, 0x03);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x80);
	opp_sim_detach(&peer.sim);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
	bench_out(&bench, DATA, 0x0a);
	opp_sim_attach(&peer.sim, &cable.ends[1].peripheral);
	assert_int_equal(bench_in(&peer, STATUS) & 0xf8, 0xd0);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-134 a CheckIt plug returns all control values and Data1", test_checkit, NULL,
		  NULL, NULL },
		{ "P-135 a Norton plug returns all data values", test_norton, NULL, NULL, NULL },
		{ "P-136 every rising edge of nInit on a CheckIt plug interrupts once",
		  test_checkit_interrupts, NULL, NULL, NULL },
		{ "P-138 frames of PLIP cross a LapLink cable both ways", test_plip, NULL, NULL,
		  NULL },
		{ "a LapLink cable with one end out leaves the status lines floating", test_one_end,
		  NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_plug", tests, NULL, NULL);
}
