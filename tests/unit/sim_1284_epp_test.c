/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device in EPP, by software. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

#define N_WAIT 0x80u /* of a status byte: nWait is low */

static uint8_t data_lines(void)
{
	return opp_sim_read(&bench.sim, 0);
}

static int start(void **state)
{
	bench_setup(state);
	assert_int_equal(negotiate(0x40), 0xf8);
	return 0;
}

static void write_cycle(uint8_t byte, uint8_t strobe)
{
	data(byte);
	control(0x05);
	assert_true(await_status(N_WAIT, N_WAIT));
	control(strobe);
	assert_true(await_status_for(N_WAIT, 0, 10 * US));
	control(0x05);
	assert_true(await_status(N_WAIT, N_WAIT));
	control(0x04);
}

static uint8_t read_cycle(uint8_t strobe)
{
	uint8_t byte;

	control(0x24);
	control(strobe);
	assert_true(await_status_for(N_WAIT, 0, 10 * US));
	byte = data_lines();
	control(0x24);
	assert_true(await_status(N_WAIT, N_WAIT));
	return byte;
}

static void end_epp(void)
{
	control(0x00);
	pass_ns(50 * US);
	control(0x0c);
	assert_prints('x');
}

static void test_cycles(void **state)
{
	(void)state;
	bench.epp_data = 0x60;
	bench.epp_address = 0x21;
	write_cycle(0x12, 0x07);
	write_cycle(0x34, 0x0d);
	assert_int_equal(bench.said_count, 2);
	assert_int_equal(bench.said[0].kind, OPP_1284_EPP_DATA);
	assert_int_equal(bench.said[0].byte, 0x12);
	assert_int_equal(bench.said[1].kind, OPP_1284_EPP_ADDRESS);
	assert_int_equal(bench.said[1].byte, 0x34);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(read_cycle(0x26), 0x60 + i);
	assert_int_equal(read_cycle(0x2c), 0x21);
	end_epp();
	assert_int_equal(all_host_errors(), 0);
}

static void test_wait_falls_after_release(void **state)
{
	(void)state;
	bench.epp_data = 0x5a;
	control(0x24);
	control(0x26);
	assert_true(await_status_for(N_WAIT, 0, 10 * US));
	pass_ns(100 * US);
	assert_int_equal(status() & N_WAIT, 0);
	assert_int_equal(data_lines(), 0x5a);
	control(0x24);
	assert_int_equal(status() & N_WAIT, 0);
	assert_int_equal(data_lines(), 0x5a);
	assert_true(await_status(N_WAIT, N_WAIT));
	assert_int_equal(data_lines(), 0xff);
}

static void test_unanswered_cycle(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, 58, 100);
	data(0x12);
	control(0x05);
	control(0x07);
	pass_ns(10 * US);
	control(0x05);
	pass_ns(200 * US);
	assert_int_equal(status() & N_WAIT, N_WAIT);
	control(0x0d);
	pass_ns(10 * US);
	control(0x05);
	pass_ns(200 * US);
	assert_int_equal(status() & N_WAIT, N_WAIT);
	assert_int_equal(bench.said_count, 0);
	opp_1284_set_response_us(&bench.device, 58, 2);
	write_cycle(0x34, 0x07);
	assert_int_equal(bench.said_count, 1);
}

/* An address read happens, the host drives the lines itself; then a data strobe in its midst. */
static void test_22_to_28(void **state)
{
	(void)state;
	control(0x0c);
	assert_true(await_status(N_WAIT, 0));
	control(0x0e);
	pass_ns(10 * US);
	control(0x0c);
	assert_int_equal(bench.host_errors[OPP_SIM_BOTH_EPP_STROBES], 1);
	control(0x04);
	assert_true(await_status(N_WAIT, N_WAIT));
	assert_int_equal(bench.device.state, OPP_1284_EPP_IDLE);
	write_cycle(0x12, 0x07);
	end_epp();
	assert_int_equal(bench.host_errors[OPP_SIM_BUS_FIGHT], 1);
	assert_int_equal(all_host_errors(), 2);
}

static void test_both_strobes_at_once(void **state)
{
	(void)state;
	control(0x0e);
	pass_ns(10 * US);
	assert_int_equal(bench.host_errors[OPP_SIM_BOTH_EPP_STROBES], 1);
	control(0x06);
	control(0x0e);
	assert_int_equal(bench.host_errors[OPP_SIM_BOTH_EPP_STROBES], 2);
	control(0x04);
	assert_true(await_status(N_WAIT, N_WAIT));
	write_cycle(0x12, 0x07);
	assert_int_equal(bench.said_count, 1);
}

/* nAStrb stays low after an address read; the next one has no edge, the one after it is fine. */
static void test_old_linux_address_read(void **state)
{
	(void)state;
	bench.epp_address = 0x21;
	control(0x24);
	control(0x2c);
	assert_true(await_status(N_WAIT, 0));
	assert_int_equal(data_lines(), 0x21);
	control(0x2c);
	assert_int_equal(data_lines(), 0x21);
	control(0x24);
	assert_true(await_status(N_WAIT, N_WAIT));
	assert_int_equal(read_cycle(0x2c), 0x21);
	write_cycle(0x12, 0x07);
	control(0x2c);
	assert_true(await_status(N_WAIT, 0));
	end_epp();
}

static void test_interrupt(void **state)
{
	(void)state;
	control(0x14);
	opp_1284_interrupt(&bench.device);
	assert_int_equal(bench.interrupts, 0);
	pass_ns(US);
	assert_int_equal(bench.interrupts, 1);
	assert_int_equal(status(), 0xf8);
	control(0x10);
	pass_ns(50 * US);
	control(0x1c);
	pass_ns(10 * US);
	assert_int_equal(status(), READY);
	opp_1284_interrupt(&bench.device);
	pass_ns(10 * US);
	assert_int_equal(bench.interrupts, 1);
}

static void test_any_speed(void **state)
{
	(void)state;
	for (uint16_t us = 0; us <= 8; us += 4) {
		opp_1284_set_response_us(&bench.device, OPP_1284_EVERY_EVENT, us);
		write_cycle((uint8_t)us, 0x07);
		bench.epp_data = (uint8_t)us;
		assert_int_equal(read_cycle(0x26), us);
	}
	assert_int_equal(bench.said_count, 3);
}

static void be_late_at(const uint8_t *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(opp_1284_be_rude(
			&bench.device,
			&(struct opp_1284_rudeness){ .event = events[i], .what = OPP_1284_LATE }));
}

/* Each kind of cycle goes through events of its own: a misdeed at each is used up. */
static void test_events(void **state)
{
	static const uint8_t data_events[] = { 62, 58, 63, 60, 67 };
	static const uint8_t address_events[] = { 56, 58, 59, 60, 64 };

	(void)state;
	be_late_at(data_events, sizeof(data_events));
	write_cycle(0x12, 0x07);
	read_cycle(0x26);
	assert_int_equal(bench.device.rude_count, 0);
	be_late_at(address_events, sizeof(address_events));
	write_cycle(0x12, 0x0d);
	read_cycle(0x2c);
	assert_int_equal(bench.device.rude_count, 0);
}

/* The cycles of a chip: the device answers while the access is under way. */
static void test_chip_cycles(void **state)
{
	(void)state;
	bench_start_on(OPP_SIM_EPP, &(struct opp_1284_options){ .modes = EVERYTHING });
	bench.epp_data = 0x60;
	bench.epp_address = 0x21;
	negotiate(0x40);
	opp_sim_write(&bench.sim, 3, 0x11);
	opp_sim_write(&bench.sim, 4, 0x22);
	control(0x24);
	assert_int_equal(opp_sim_read(&bench.sim, 4), 0x60);
	assert_int_equal(opp_sim_read(&bench.sim, 3), 0x21);
	assert_int_equal(bench.said_count, 2);
	assert_int_equal(bench.said[0].kind, OPP_1284_EPP_ADDRESS);
	assert_int_equal(bench.said[0].byte, 0x11);
	assert_int_equal(bench.said[1].kind, OPP_1284_EPP_DATA);
	assert_int_equal(bench.said[1].byte, 0x22);
	assert_int_equal(opp_sim_read(&bench.sim, 1) & 0x01, 0);
	assert_int_equal(all_host_errors(), 0);
}

/* One that takes too long: STS.0 is set, and the byte has not been. */
static void test_chip_cycle_times_out(void **state)
{
	(void)state;
	bench_start_on(OPP_SIM_EPP, &(struct opp_1284_options){ .modes = EVERYTHING });
	negotiate(0x40);
	opp_1284_set_response_us(&bench.device, 58, 20);
	opp_sim_write(&bench.sim, 4, 0x22);
	assert_int_equal(opp_sim_read(&bench.sim, 1) & 0x01, 1);
	pass_ns(100 * US);
	assert_int_equal(bench.said_count, 0);
	end_epp();
}

static void test_chosen(void **state)
{
	(void)state;
	bench_start(&(struct opp_1284_options){ .modes = OPP_1284_EPP });
	opp_1284_choose_epp(&bench.device, true);
	assert_prints('x');
	/* at event 68 and before it is at rest no line says EPP */
	control(0x05);
	assert_int_equal(bench.device.state, OPP_1284_DESELECTED);
	control(0x04);
	write_cycle(0x12, 0x07);
	assert_int_equal(bench.said[0].byte, 0x12);
	control(0x00);
	pass_ns(50 * US);
	assert_int_equal(bench.device.state, OPP_1284_DESELECTED);
	control(0x0c);
	assert_prints('x');
	control(0x04);
	assert_int_equal(bench.device.state, OPP_1284_EPP_IDLE);
	opp_1284_choose_epp(&bench.device, false);
	assert_int_equal(bench.device.state, OPP_1284_DESELECTED);
	control(0x0c);
	assert_prints('x');
	assert_int_equal(all_host_errors(), 0);
}

static void test_chosen_but_unknown(void **state)
{
	(void)state;
	bench_start(&(struct opp_1284_options){ .modes = OPP_1284_NIBBLE });
	opp_1284_choose_epp(&bench.device, true);
	control(0x04);
	assert_int_equal(bench.device.state, OPP_1284_DESELECTED);
}

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, start, NULL, NULL                                                        \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("P-099 data and address cycles, both ways", test_cycles),
		CASE("P-099 nWait falls when the strobe is high and the bus released",
		     test_wait_falls_after_release),
		CASE("a cycle that ended unanswered has not been", test_unanswered_cycle),
		CASE("events 22 to 28 do not end EPP and are reported", test_22_to_28),
		CASE("both strobes at once are no cycle", test_both_strobes_at_once),
		CASE("old Linux, which forgets nAStrb, is survived", test_old_linux_address_read),
		CASE("an interrupt is a pulse on Intr, in EPP only", test_interrupt),
		CASE("P-099 cycles work at any speed", test_any_speed),
		CASE("each kind of cycle has its events", test_events),
		CASE("a chip's cycles reach it", test_chip_cycles),
		CASE("EPP that is chosen needs no negotiation", test_chosen),
		CASE("a device without EPP cannot be chosen for it", test_chosen_but_unknown),
		CASE("a chip's cycle that times out has not been", test_chip_cycle_times_out),
	};

	return cmocka_run_group_tests_name("sim_1284_epp", tests, NULL, NULL);
}
