/* SPDX-License-Identifier: MIT */
/* How the IEEE 1284 device leaves a mode: termination, reset, time, the cable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

/* ---- termination --------------------------------------------------------------------------- */

static void test_termination_lines(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, 24, 100);
	assert_int_equal(negotiate(0x04), 0xd0);
	control(0x0c);
	pass_ns(US);
	assert_int_equal(status(), 0x58);
	assert_true(await_status(0xf8, 0x08));
	control(0x0e);
	assert_true(await_status(0xf8, 0x58));
	control(0x0c);
	assert_int_equal(status(), READY);
	negotiate(0x02);
	control(0x0c);
	assert_true(await_status(0xf8, 0x38));
	control(0x0e);
	assert_true(await_status(ACK, ACK));
	control(0x0c);
	assert_prints('x');
}

/* nAutoFd is low, or the nibble is only half read: no 23 and 24, but the printer at once. */
static void test_immediate(void **state)
{
	(void)state;
	negotiate(0x04);
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x0e);
	assert_int_equal(status(), READY);
	control(0x0c);
	assert_prints('x');
	negotiate(0x04);
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x04);
	assert_true(await_status(ACK, ACK));
	control(0x0c);
	assert_int_equal(status(), READY);
	assert_prints('y');
}

static void test_immediate_releases_bus(void **state)
{
	static const struct opp_1284_item item = { 0x5a, false };

	(void)state;
	offer(&item, 1);
	negotiate(0x01);
	control(0x24);
	control(0x26);
	assert_true(await_status(ACK, 0));
	assert_int_equal(opp_sim_read(&bench.sim, 0), 0x5a);
	control(0x2e);
	assert_int_equal(opp_sim_read(&bench.sim, 0), 0xff);
	control(0x0c);
	assert_prints('x');
	assert_int_equal(all_host_errors(), 0);
}

/* At each moment of the pulse of events 18 and 19. */
static void test_termination_races_interrupt(void **state)
{
	static const struct opp_1284_item item = { 'r', false };

	(void)state;
	for (uint64_t ns = 0; ns < 6000; ns += 250) {
		bench_setup(NULL);
		assert_int_equal(negotiate(0x00), 0xe8);
		control(0x06);
		offer(&item, 1);
		opp_1284_data_arrives(&bench.device);
		pass_ns(ns);
		terminate();
		assert_prints('x');
		assert_int_equal(negotiate(0x00), 0xc0);
		assert_int_equal(read_nibbles(), 'r');
	}
}

static void test_renegotiated_in_termination(void **state)
{
	(void)state;
	negotiate(0x04);
	control(0x0c);
	assert_true(await_status(ACK, 0));
	assert_int_equal(negotiate(0x04), 0xd0);
	assert_int_equal(read_nibbles(), 0x00);
	terminate();
	assert_prints('x');
}

/* ---- reset, time ------------------------------------------------------------------------------ */

static void stay_in_negotiation(void)
{
	data(0x04);
	control(0x06);
	assert_true(await_status(ACK, 0));
}

static void stay_in_nibble(void)
{
	negotiate(0x04);
	control(0x06);
	assert_true(await_status(ACK, 0));
}

static void stay_in_byte(void)
{
	negotiate(0x05);
	control(0x26);
	assert_true(await_status(ACK, 0));
}

static void stay_in_epp(void)
{
	negotiate(0x40);
	control(0x05);
}

static void stay_refused(void)
{
	negotiate(0x02);
}

static void stay_in_termination(void)
{
	negotiate(0x04);
	control(0x0c);
	assert_true(await_status(ACK, 0));
}

static void stay_in_ecp(void)
{
	negotiate(0x10);
	control(0x06);
	assert_true(await_status(0x20, 0x20));
}

static void (*const anywhere[])(void) = {
	stay_in_negotiation, stay_in_nibble,      stay_in_byte, stay_in_epp,
	stay_refused,        stay_in_termination, stay_in_ecp,
};

/* The buffer holds a byte that takes 10 ms to print. */
static void test_reset_anywhere(void **state)
{
	uint8_t buffer[16];

	(void)state;
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++) {
		bench_start(&(struct opp_1284_options){
			.modes = EVERYTHING,
			.printer = { .characters_per_second = 100,
				     .buffer = buffer,
				     .buffer_bytes = sizeof(buffer) },
		});
		strobe('a');
		anywhere[i]();
		control(0x08);
		pass_ns(50 * US);
		assert_int_equal(status() & 0x80, 0);
		control(0x0c);
		assert_int_equal(bench.device.state, OPP_1284_COMPAT);
		pass_ns(100 * MS);
		assert_int_equal(bench.printed, 0);
		assert_int_equal(status(), READY);
	}
}

/* The strobe fell before the printer was back: it is of no byte of its own. */
static void test_strobe_low_at_the_end(void **state)
{
	(void)state;
	negotiate(0x00);
	control(0x0f);
	assert_int_equal(bench.device.state, OPP_1284_COMPAT);
	pass_ns(US);
	control(0x0c);
	pass_ns(MS);
	assert_int_equal(bench.printed, 0);
	assert_prints('x');
}

static void test_init_in_handshake(void **state)
{
	(void)state;
	stay_in_nibble();
	control(0x02);
	pass_ns(50 * US);
	assert_int_equal(status(), 0x58);
	control(0x0c);
	assert_int_equal(bench.host_errors[OPP_SIM_INIT_IN_HANDSHAKE], 1);
	assert_prints('x');
}

static void test_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bench_start(&(struct opp_1284_options){ .modes = EVERYTHING, .strict = true });
		anywhere[i]();
		pass_ns(999 * MS);
		assert_int_not_equal(status(), READY);
		pass_ns(2 * MS);
		assert_int_equal(status(), READY);
		assert_int_equal(bench.host_errors[OPP_SIM_SLOW_HOST], 1);
		control(0x0c);
		assert_prints('x');
	}
}

static void test_lenient(void **state)
{
	(void)state;
	stay_in_nibble();
	pass_ns(5000 * MS);
	assert_int_equal(status() & ACK, 0);
	assert_int_equal(all_host_errors(), 0);
}

static void test_termination_is_bounded(void **state)
{
	(void)state;
	stay_in_termination();
	pass_ns(1001 * MS);
	assert_prints('x');
	stay_in_termination();
	control(0x0e);
	assert_true(await_status(ACK, ACK));
	pass_ns(1001 * MS);
	assert_int_equal(status(), READY);
	assert_int_equal(bench.host_errors[OPP_SIM_SLOW_HOST], 2);
}

/* It has been the device's turn all the time. */
static void test_own_lateness(void **state)
{
	static const uint8_t events[] = { 2, 24 };

	(void)state;
	for (size_t i = 0; i < sizeof(events); i++) {
		bench_start(&(struct opp_1284_options){ .modes = EVERYTHING, .strict = true });
		assert_true(opp_1284_be_rude(&bench.device,
					     &(struct opp_1284_rudeness){ .event = events[i],
									  .what = OPP_1284_LATE,
									  .us = 2000000 }));
		data(0x00);
		control(0x06);
		assert_true(await_status_for(0x78, 0x38, 3000 * MS));
		control(0x07);
		pass_ns(US);
		control(0x04);
		assert_true(await_status(ACK, ACK));
		control(0x0c);
		assert_true(await_status_for(ACK, 0, 3000 * MS));
		control(0x0e);
		assert_true(await_status(ACK, ACK));
		control(0x0c);
		assert_int_equal(all_host_errors(), 0);
		assert_prints('x');
	}
}

static void assert_answers_after_us(uint8_t mask, uint8_t value, uint32_t us)
{
	const uint64_t from_ns = bench.sim.now_ns;

	assert_true(await_status(mask, value));
	assert_int_equal(bench.sim.now_ns - from_ns, us * US);
}

static void test_response_times(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, OPP_1284_EVERY_EVENT, 35000);
	opp_1284_set_response_us(&bench.device, 6, 7);
	opp_1284_set_response_us(&bench.device, 24, 0);
	data(0x04);
	control(0x06);
	assert_answers_after_us(ACK, 0, 35000);
	control(0x07);
	control(0x04);
	assert_answers_after_us(ACK, ACK, 7);
	control(0x06);
	assert_answers_after_us(ACK, 0, 35000);
	control(0x04);
	assert_answers_after_us(ACK, ACK, 35000);
	read_nibbles();
	control(0x06);
	assert_answers_after_us(ACK, 0, 35000);
	control(0x04);
	assert_answers_after_us(ACK, ACK, 35000);
	terminate();
}

/* ---- the cable, the power -------------------------------------------------------------------- */

static void test_unplugged(void **state)
{
	(void)state;
	stay_in_byte();
	opp_sim_detach(&bench.sim);
	assert_int_equal(status(), 0x78);
	assert_int_equal(opp_sim_read(&bench.sim, 0), 0xff);
	assert_int_equal(opp_sim_next_edge_ns(&bench.sim), OPP_SIM_NEVER);
	opp_sim_attach(&bench.sim, &bench.device.peripheral);
	assert_int_equal(status(), READY);
	control(0x0c);
	assert_prints('x');
}

static void test_unplugged_in_epp(void **state)
{
	(void)state;
	negotiate(0x40);
	opp_sim_detach(&bench.sim);
	opp_1284_interrupt(&bench.device);
	assert_int_equal(bench.device.state, OPP_1284_COMPAT);
	opp_sim_attach(&bench.sim, &bench.device.peripheral);
	opp_1284_interrupt(&bench.device);
	assert_int_equal(status(), READY);
}

static void test_unplugged_in_glitch(void **state)
{
	(void)state;
	assert_true(opp_1284_be_rude(
		&bench.device,
		&(struct opp_1284_rudeness){
			.event = 1, .what = OPP_1284_GLITCH, .us = 50000, .mask = ACK }));
	control(0x06);
	opp_sim_detach(&bench.sim);
	assert_int_equal(opp_sim_next_edge_ns(&bench.sim), OPP_SIM_NEVER);
}

static void test_power(void **state)
{
	(void)state;
	stay_in_nibble();
	opp_1284_set_conditions(&bench.device, OPP_CENTRONICS_POWERED_OFF);
	assert_int_equal(status(), 0x80);
	control(0x04);
	control(0x0c);
	control(0x06);
	assert_false(await_status(ACK, ACK));
	control(0x0c);
	opp_1284_set_conditions(&bench.device, 0);
	assert_prints('x');
}

static void test_no_printer(void **state)
{
	(void)state;
	bench_start(&(struct opp_1284_options){ .modes = EVERYTHING, .no_printer = true });
	assert_int_equal(status(), READY);
	strobe('x');
	assert_int_equal(status(), READY);
	assert_int_equal(bench.printed, 0);
	assert_int_equal(negotiate(0x04), 0xd0);
	assert_int_equal(read_nibbles(), 0x00);
	terminate();
	assert_int_equal(status(), READY);
}

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, bench_setup, NULL, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("P-077 termination raises Busy and nFault, inverts XFlag",
		     test_termination_lines),
		CASE("P-078 nSelectIn low outside event 22 ends the mode at once", test_immediate),
		CASE("P-078 an immediate termination releases the bus",
		     test_immediate_releases_bus),
		CASE("P-079 termination at any moment of an interrupt is completed",
		     test_termination_races_interrupt),
		CASE("a host may negotiate anew in mid-termination",
		     test_renegotiated_in_termination),
		CASE("P-056 nInit low for 50 us ends every mode and clears the buffer",
		     test_reset_anywhere),
		CASE("a strobe that is low when a mode ends is no byte's",
		     test_strobe_low_at_the_end),
		CASE("nInit low in a nibble is reported", test_init_in_handshake),
		CASE("a strict device gives up after 1 s", test_strict),
		CASE("a device's own lateness is not the host's", test_own_lateness),
		CASE("a lenient device waits", test_lenient),
		CASE("no device waits longer than 1 s for the end of termination",
		     test_termination_is_bounded),
		CASE("each event takes the time it was given", test_response_times),
		CASE("unplugging ends a mode", test_unplugged),
		CASE("an unplugged device interrupts nobody", test_unplugged_in_epp),
		CASE("unplugging ends a glitch", test_unplugged_in_glitch),
		CASE("losing power ends a mode", test_power),
		CASE("a device without a printer is ready and takes no byte", test_no_printer),
	};

	return cmocka_run_group_tests_name("sim_1284_end", tests, NULL, NULL);
}
