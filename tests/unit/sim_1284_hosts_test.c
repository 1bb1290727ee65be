/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device and hosts of the field, access by access. */
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

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, bench_setup, NULL, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("P-069 P-085 the kernel's probe sees the status bytes of the table",
		     test_linux_probe),
		CASE("EPAT, which does not look, is survived", test_epat),
		CASE("imm, which leaves nAutoFd low, is survived", test_imm),
		CASE("FreeBSD is answered within 40 ms", test_freebsd),
		CASE("writes that change nothing are nothing", test_repeated_writes),
	};

	return cmocka_run_group_tests_name("sim_1284_hosts", tests, NULL, NULL);
}
