/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device between compatibility and the modes, access by access. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

/* ---- IEEE1284 8.3 ------------------------------------------------------------------ */

static void assert_write_gives(uint8_t value, uint8_t lines)
{
	control(value);
	assert_true(await_status(0xf8, lines));
}

static void assert_byte_reads(uint8_t low, uint8_t high, uint8_t after)
{
	assert_write_gives(0x06, low);
	assert_write_gives(0x04, low | ACK);
	assert_write_gives(0x06, high);
	assert_write_gives(0x04, after);
}

static void cpp_prefix(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		data(bytes[i]);
		pass_ns(2 * US);
	}
	assert_int_equal(status(), READY);
}

/* The low nibble is still there when nAck has risen: only event 8 changes it. */
static void test_linux_probe(void **state)
{
	static const uint8_t mux[] = { 0xaa, 0x55, 0xf0, 0x0f, 0x52, 0xad, 0x51 };
	static const uint8_t daisy[] = { 0xaa, 0x55, 0x00, 0xff };
	const char *rest = ID_49;

	(void)state;
	assert_int_equal(strlen(ID_49), 47);
	cpp_prefix(mux, sizeof(mux));
	cpp_prefix(daisy, sizeof(daisy));
	cpp_prefix(daisy, sizeof(daisy));
	control(0x0c);
	data(0x04);
	pass_ns(400 * US);
	assert_int_equal(status(), 0xd8);
	assert_write_gives(0x06, 0xb8);
	control(0x07);
	pass_ns(5 * US);
	assert_write_gives(0x04, 0xd0);
	assert_byte_reads(0x80, 0x80, 0xd0);
	assert_byte_reads(0x88, 0x98, 0xd0);
	for (; rest[1]; rest++) {
		assert_int_equal(read_nibbles(), *rest);
		assert_int_equal(status(), 0xd0);
	}
	assert_int_equal(read_nibbles(), ';');
	assert_int_equal(status(), 0xf8);
	control(0x06);
	pass_ns(10 * US);
	assert_int_equal(status(), 0xf8);
	assert_write_gives(0x0c, 0x28);
	assert_write_gives(0x0e, 0x58);
	assert_write_gives(0x0c, 0xd8);
	assert_int_equal(all_host_errors(), 0);
	assert_prints('x');
}

/* ---- the request ------------------------------------------------------------------- */

static void test_request_latched_at_3(void **state)
{
	(void)state;
	data(0x04);
	pass_ns(US);
	control(0x06);
	assert_true(await_status(ACK, 0));
	data(0x42);
	pass_ns(US);
	control(0x07);
	data(0x04);
	pass_ns(US);
	control(0x04);
	assert_true(await_status(ACK, ACK));
	assert_int_equal(status() & 0x10, 0);
	assert_int_equal(bench.host_errors[OPP_SIM_REQUEST_CHANGED], 2);
	terminate();
	assert_prints('x');
}

static void assert_not_yet(void)
{
	pass_ns(50 * MS);
	assert_int_equal(status() & ACK, 0);
}

/* Either line first, or both: nothing happens before both are high. */
static void test_event_6_needs_both(void **state)
{
	static const uint8_t halfway[] = { 0x06, 0x05, 0x04 };

	(void)state;
	for (size_t i = 0; i < sizeof(halfway); i++) {
		data(0x04);
		control(0x06);
		assert_true(await_status(ACK, 0));
		control(0x07);
		assert_not_yet();
		control(halfway[i]);
		if (halfway[i] != 0x04)
			assert_not_yet();
		control(0x04);
		assert_true(await_status(0xf8, 0xd0));
		terminate();
	}
	assert_int_equal(bench.host_errors[OPP_SIM_SPLIT_EVENT], 2);
	assert_int_equal(all_host_errors(), 2);
}

struct verdict {
	uint8_t request;
	uint8_t lines; /* after event 6 */
};

static void assert_verdict(struct verdict verdict)
{
	const uint8_t lines = negotiate(verdict.request);

	assert_int_equal(lines, verdict.lines);
	if (verdict.request == 0x40 && (lines & 0x10)) {
		control(0x00);
		pass_ns(50 * US);
		control(0x0c);
	} else {
		terminate();
	}
	assert_prints('x');
}

static void test_accepted(void **state)
{
	static const struct verdict all[] = {
		{ 0x01, 0xf8 }, { 0x04, 0xd0 }, { 0x05, 0xd0 }, { 0x10, 0xd8 }, { 0x14, 0xd8 },
		{ 0x30, 0xd8 }, { 0x34, 0xd8 }, { 0x40, 0xf8 }, { 0x80, 0xf8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_verdict(all[i]);
	assert_int_equal(all_host_errors(), 0);
}

static void test_refused(void **state)
{
	(void)state;
	for (uint32_t request = 1; request < 0x100; request++) {
		bench_start(&(struct opp_1284_options){ 0 });
		assert_verdict((struct verdict){ (uint8_t)request, 0xe8 });
	}
}

static void test_contradictions_refused(void **state)
{
	static const uint8_t bad[] = { 0x02, 0x20, 0x44, 0x03, 0x08, 0x11, 0x50, 0x18, 0xff };

	(void)state;
	for (size_t i = 0; i < sizeof(bad); i++)
		assert_verdict((struct verdict){ bad[i], 0xe8 });
	bench_start(&(struct opp_1284_options){ .modes = OPP_1284_BOUNDED_ECP });
	assert_verdict((struct verdict){ 0x18, 0xd8 });
}

static void test_id_needs_one(void **state)
{
	static const uint8_t nothing;

	(void)state;
	bench_start(&(struct opp_1284_options){ .modes = EVERYTHING, .raw_device_id = &nothing });
	assert_verdict((struct verdict){ 0x04, 0xe8 });
	assert_verdict((struct verdict){ 0x01, 0xf8 });
}

static void test_nibble_answer(void **state)
{
	static const struct opp_1284_item item = { 'r', false };

	(void)state;
	assert_verdict((struct verdict){ 0x00, 0xe8 });
	offer(&item, 1);
	assert_verdict((struct verdict){ 0x00, 0xc0 });
}

static void test_nibble_unknown(void **state)
{
	static const struct opp_1284_item item = { 'r', false };

	(void)state;
	bench_start(&(struct opp_1284_options){ 0 });
	offer(&item, 1);
	assert_verdict((struct verdict){ 0x00, 0xe8 });
}

static uint8_t link(uint8_t second)
{
	assert_int_equal(negotiate(0x80), 0xf8);
	data(second);
	pass_ns(US);
	control(0x05);
	assert_true(await_status(ACK, 0));
	pass_ns(50 * MS);
	assert_int_equal(status() & ACK, 0);
	control(0x04);
	assert_true(await_status(ACK, ACK));
	return status();
}

static void test_link(void **state)
{
	(void)state;
	assert_int_equal(link(0x04), 0xd0);
	assert_int_equal(read_nibbles(), 0x00);
	assert_int_equal(read_nibbles(), 0x31);
	terminate();
	assert_int_equal(link(0x10), 0xd8);
	terminate();
	assert_int_equal(link(0x02) & 0x10, 0);
	terminate();
	assert_int_equal(link(0x00) & 0x10, 0);
	terminate();
	assert_prints('x');
	assert_int_equal(all_host_errors(), 0);
}

/* ---- while it prints, while something is wrong ---------------------------------------- */

static void start_slow_printer(enum opp_sim_ack_order order)
{
	bench_start(&(struct opp_1284_options){
		.modes = EVERYTHING,
		.printer = { .characters_per_second = 1000, .ack_ns = 10000, .ack_order = order },
	});
}

static void strobe(uint8_t byte)
{
	data(byte);
	pass_ns(US);
	control(0x0d);
	pass_ns(US);
	control(0x0c);
	pass_ns(US);
}

static void assert_never_acks(uint64_t for_ns)
{
	for (uint64_t ns = 0; ns < for_ns; ns += 100) {
		assert_int_equal(status() & ACK, ACK);
		pass_ns(100);
	}
}

static void test_negotiated_while_printing(void **state)
{
	(void)state;
	start_slow_printer(OPP_SIM_ACK_IN_BUSY);
	strobe('a');
	assert_int_equal(negotiate(0x04), 0x50);
	terminate();
	assert_int_equal(status(), 0x58);
	assert_never_acks(3 * MS);
	assert_int_equal(status(), READY);
	assert_int_equal(bench.printed, 1);
	assert_prints('b');
	assert_int_equal(all_host_errors(), 0);
}

/* The pulse ends as the device turns to the host, whichever order it keeps. */
static void test_negotiated_in_ack(void **state)
{
	static const enum opp_sim_ack_order orders[] = { OPP_SIM_ACK_IN_BUSY,
							 OPP_SIM_ACK_AFTER_BUSY,
							 OPP_SIM_ACK_WHILE_BUSY };

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		start_slow_printer(orders[i]);
		strobe('a');
		assert_true(await_status(ACK, 0));
		pass_ns(2 * US);
		data(0x04);
		control(0x06);
		assert_int_equal(status(), READY);
		assert_true(await_status(0xf8, 0xb8));
		control(0x0c);
		assert_never_acks(20 * US);
		assert_prints('b');
	}
}

static void test_negotiated_in_error(void **state)
{
	(void)state;
	opp_1284_set_conditions(&bench.device, OPP_CENTRONICS_PAPER_OUT);
	assert_int_equal(status(), 0x70);
	assert_int_equal(negotiate(0x04), 0x50);
	assert_int_equal(read_nibbles(), 0x00);
	terminate();
	assert_int_equal(status(), 0x70);
	opp_1284_set_conditions(&bench.device, 0);
	assert_prints('x');
}

/* ---- giving up -------------------------------------------------------------------------- */

static void test_auto_fd_returns(void **state)
{
	(void)state;
	data(0x04);
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x04);
	assert_int_equal(status(), READY);
	control(0x0c);
	assert_prints('x');
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x0c);
	assert_prints('y');
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x07);
	pass_ns(US);
	control(0x0c);
	assert_prints('z');
}

static void test_strobe_before_event_2(void **state)
{
	(void)state;
	data(0x04);
	control(0x06);
	pass_ns(US);
	control(0x07);
	pass_ns(10 * US);
	assert_int_equal(bench.host_errors[OPP_SIM_STROBE_BEFORE_EVENT_2], 1);
	control(0x04);
	pass_ns(10 * US);
	assert_int_equal(status(), READY);
	control(0x0c);
	assert_prints('x');
	assert_int_equal(all_host_errors(), 1);
}

/* nSelectIn first, nAutoFd some time later: an event 1 where that is configured. */
static void test_event_1_in_two(void **state)
{
	(void)state;
	data(0x04);
	control(0x04);
	control(0x06);
	assert_false(await_status_for(ACK, 0, 100 * US));
	bench_start(&(struct opp_1284_options){ .modes = EVERYTHING, .event_1_us = 10 });
	data(0x04);
	control(0x04);
	pass_ns(11 * US);
	control(0x06);
	assert_false(await_status_for(ACK, 0, 100 * US));
	control(0x0c);
	control(0x04);
	pass_ns(9 * US);
	control(0x06);
	assert_true(await_status(ACK, 0));
	assert_int_equal(bench.host_errors[OPP_SIM_SPLIT_EVENT], 1);
	control(0x0c);
	assert_prints('x');
}

/* Automatic line feed with the printer selected is no event 1; a deselected one takes no byte. */
static void test_other_control_lines(void **state)
{
	(void)state;
	control(0x0e);
	assert_false(await_status_for(0xf8, 0xb8, 100 * US));
	control(0x0c);
	control(0x04);
	data('n');
	control(0x05);
	pass_ns(US);
	control(0x04);
	control(0x0c);
	assert_int_equal(bench.printed, 0);
	assert_prints('x');
}

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

static void assert_answers_after_us(uint8_t mask, uint8_t value, uint32_t us)
{
	const uint64_t from_ns = bench.sim.now_ns;

	assert_true(await_status(mask, value));
	assert_in_range(bench.sim.now_ns - from_ns, us * US, us * US + 100);
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

/* ---- hosts of IEEE1284 12 ------------------------------------------------------------------- */

static void write_all(const uint8_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		control(values[i]);
		pass_ns(US);
	}
}

/* It never looks: a device that answers at once is in EPP, a slower one is none the worse. */
static void test_epat(void **state)
{
	static const uint8_t epat[] = { 0x06, 0x07, 0x04, 0x0c, 0x04 };

	(void)state;
	data(0x40);
	write_all(epat, sizeof(epat));
	control(0x0c);
	assert_prints('x');
	opp_1284_set_response_us(&bench.device, OPP_1284_EVERY_EVENT, 0);
	data(0x40);
	write_all(epat, sizeof(epat));
	assert_int_equal(bench.device.state, OPP_1284_EPP_IDLE);
	control(0x00);
	pass_ns(50 * US);
	control(0x0c);
	assert_prints('y');
}

static void test_imm(void **state)
{
	static const uint8_t imm[] = { 0x04, 0x06, 0x07, 0x06 };

	(void)state;
	for (uint32_t skew_us = 0; skew_us <= 10; skew_us += 10) {
		bench_start(
			&(struct opp_1284_options){ .modes = EVERYTHING, .event_1_us = skew_us });
		data(0x00);
		write_all(imm, sizeof(imm));
		control(0x0c);
		assert_prints('x');
	}
}

/* 1 us between any two writes, 40 ms for event 2. */
static void test_freebsd(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, OPP_1284_EVERY_EVENT, 35000);
	assert_int_equal(negotiate(0x04), 0xd0);
	assert_int_equal(read_nibbles(), 0x00);
	terminate();
	assert_prints('x');
}

/* Extra writes that change nothing. */
static void test_repeated_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		control(0x0c);
		data(0x04);
	}
	control(0x06);
	control(0x06);
	data(0x04);
	assert_true(await_status(ACK, 0));
	control(0x07);
	control(0x07);
	control(0x04);
	control(0x04);
	assert_true(await_status(0xf8, 0xd0));
	control(0x0c);
	control(0x0c);
	assert_true(await_status(ACK, 0));
	control(0x0e);
	control(0x0e);
	assert_true(await_status(ACK, ACK));
	control(0x0c);
	assert_prints('x');
	assert_int_equal(all_host_errors(), 0);
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
		CASE("P-069 P-085 the kernel's probe sees the status bytes of the table",
		     test_linux_probe),
		CASE("P-064 the request is what data says when nStrobe falls",
		     test_request_latched_at_3),
		CASE("P-065 event 6 waits until nStrobe and nAutoFd are high",
		     test_event_6_needs_both),
		CASE("P-067 P-069 a request it knows is accepted with XFlag high", test_accepted),
		CASE("P-067 a request it does not know is refused with XFlag low", test_refused),
		CASE("P-071 reserved and contradictory requests are refused",
		     test_contradictions_refused),
		CASE("a device id is refused where there is none", test_id_needs_one),
		CASE("P-066 P-070 nibble mode is accepted with XFlag low", test_nibble_answer),
		CASE("P-066 nibble mode is not refused even without nibble data",
		     test_nibble_unknown),
		CASE("P-072 a linked request is judged as one of its own", test_link),
		CASE("P-073 negotiation while a byte is printed drops its nAck",
		     test_negotiated_while_printing),
		CASE("P-073 negotiation ends an nAck pulse", test_negotiated_in_ack),
		CASE("P-073 negotiation works without paper", test_negotiated_in_error),
		CASE("P-074 without event 3 it is a printer again", test_auto_fd_returns),
		CASE("nStrobe low before event 2 latches nothing", test_strobe_before_event_2),
		CASE("event 1 in two writes is one where configured", test_event_1_in_two),
		CASE("other control lines do not negotiate", test_other_control_lines),
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
		CASE("nInit low in a nibble is reported", test_init_in_handshake),
		CASE("a strict device gives up after 1 s", test_strict),
		CASE("a lenient device waits", test_lenient),
		CASE("no device waits longer than 1 s for the end of termination",
		     test_termination_is_bounded),
		CASE("each event takes the time it was given", test_response_times),
		CASE("EPAT, which does not look, is survived", test_epat),
		CASE("imm, which leaves nAutoFd low, is survived", test_imm),
		CASE("FreeBSD is answered within 40 ms", test_freebsd),
		CASE("writes that change nothing are nothing", test_repeated_writes),
		CASE("unplugging ends a mode", test_unplugged),
		CASE("losing power ends a mode", test_power),
		CASE("a device without a printer is ready and takes no byte", test_no_printer),
	};

	return cmocka_run_group_tests_name("sim_1284_negotiate", tests, NULL, NULL);
}
