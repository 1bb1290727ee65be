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

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-069 P-085 the kernel's probe sees the status bytes of the table",
		  test_linux_probe, bench_setup, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_1284_negotiate", tests, NULL, NULL);
}
