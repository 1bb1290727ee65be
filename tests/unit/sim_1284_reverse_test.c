/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device in nibble and byte mode, and its device id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

#define AVAILABLE 0x08u /* nFault of a status byte: low when data is available */

static struct opp_1284_item every_byte[256];
static const struct opp_1284_item one[] = { { 'r', false } };
static const struct opp_1284_item three[] = { { 0x00, false }, { 0xff, false }, { 0x5a, false } };

static uint8_t data_lines(void)
{
	return opp_sim_read(&bench.sim, 0);
}

static void fill_every_byte(void)
{
	for (size_t i = 0; i < 256; i++)
		every_byte[i].byte = (uint8_t)i;
}

/* ---- nibble mode --------------------------------------------------------------------- */

static void test_every_nibble(void **state)
{
	static const uint16_t times_us[] = { 0, 2, 35000 };

	(void)state;
	fill_every_byte();
	for (size_t t = 0; t < sizeof(times_us) / sizeof(times_us[0]); t++) {
		bench_setup(NULL);
		opp_1284_set_response_us(&bench.device, OPP_1284_EVERY_EVENT, times_us[t]);
		offer(every_byte, 256);
		assert_int_equal(negotiate(0x00), 0xc0);
		for (uint32_t i = 0; i < 256; i++) {
			assert_int_equal(status() & AVAILABLE, 0);
			assert_int_equal(read_nibbles(), i);
		}
		assert_int_equal(status(), 0xe8);
		terminate();
		assert_int_equal(all_host_errors(), 0);
	}
}

/* The register of IEEE1284 5.1 for the nibbles 0 to 15. */
static void test_nibble_encoding(void **state)
{
	static const uint8_t lines[] = { 0x80, 0x88, 0x90, 0x98, 0xa0, 0xa8, 0xb0, 0xb8,
					 0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38 };

	(void)state;
	fill_every_byte();
	offer(every_byte, 16);
	negotiate(0x00);
	for (size_t i = 0; i < 16; i++) {
		control(0x06);
		assert_true(await_status(0xf8, lines[i]));
		control(0x04);
		assert_true(await_status(ACK, ACK));
		control(0x06);
		assert_true(await_status(0xf8, lines[0]));
		control(0x04);
		assert_true(await_status(ACK, ACK));
	}
}

/* Linux looks a second time, later: the nibble stays until event 10. */
static void test_nibble_is_held(void **state)
{
	(void)state;
	offer(three + 2, 1);
	negotiate(0x00);
	control(0x06);
	assert_true(await_status(0xf8, 0x10));
	pass_ns(900 * MS);
	assert_int_equal(status(), 0x10);
	control(0x04);
	assert_true(await_status(0xf8, 0x50));
	control(0x06);
	assert_true(await_status(0xf8, 0xa8));
	pass_ns(900 * MS);
	assert_int_equal(status(), 0xa8);
	control(0x04);
	assert_true(await_status(0xf8, 0xe8));
}

static void test_busy_at_13(void **state)
{
	(void)state;
	offer(three, 3);
	negotiate(0x00);
	read_nibbles();
	assert_int_equal(status(), 0xc0);
	opp_1284_set_full(&bench.device, true);
	read_nibbles();
	assert_int_equal(status(), 0x40);
	opp_1284_set_full(&bench.device, false);
	read_nibbles();
	assert_int_equal(status(), 0xe8);
}

/* Only a byte that was read to its end is gone. */
static void test_half_a_byte_is_kept(void **state)
{
	(void)state;
	offer(three + 2, 1);
	negotiate(0x00);
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x04);
	assert_true(await_status(ACK, ACK));
	control(0x0c);
	assert_int_equal(status(), READY);
	assert_int_equal(negotiate(0x00), 0xc0);
	assert_int_equal(read_nibbles(), 0x5a);
	assert_int_equal(status(), 0xe8);
}

static void test_data_arrives_in_hbdna(void **state)
{
	(void)state;
	negotiate(0x00);
	offer(one, 1);
	opp_1284_data_arrives(&bench.device);
	assert_int_equal(status(), 0xc0);
	assert_int_equal(read_nibbles(), 'r');
}

/* Event 5 said that there was none: it shows as soon as that is valid. */
static void test_data_arrives_before_6(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, 6, 100);
	data(0x00);
	control(0x06);
	assert_true(await_status(0x78, 0x38));
	control(0x07);
	pass_ns(US);
	control(0x04);
	pass_ns(50 * US);
	offer(one, 1);
	assert_true(await_status(ACK, ACK));
	assert_int_equal(status(), 0xc0);
	assert_int_equal(read_nibbles(), 'r');
}

/* ---- reverse idle ---------------------------------------------------------------------- */

static void go_reverse_idle(uint8_t request, uint8_t auto_fd_low)
{
	negotiate(request);
	control(auto_fd_low);
	pass_ns(100 * US);
	assert_int_equal(status() & 0x68, 0x68);
}

static void assert_interrupts(uint8_t auto_fd_high)
{
	offer(one, 1);
	opp_1284_data_arrives(&bench.device);
	assert_true(await_status(ACK | AVAILABLE, 0));
	pass_ns(400);
	assert_int_equal(status() & ACK, 0);
	assert_true(await_status(ACK, ACK));
	assert_int_equal(status() & 0x28, 0x20);
	assert_int_equal(bench.interrupts, 1);
	control(auto_fd_high);
	assert_true(await_status(0x28, 0x00));
}

static void test_interrupt_in_nibble_mode(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, 19, 0);
	go_reverse_idle(0x00, 0x16);
	assert_interrupts(0x14);
	assert_int_equal(read_nibbles(), 'r');
	assert_int_equal(status(), 0xe8);
	terminate();
	assert_int_equal(all_host_errors(), 0);
}

static void test_interrupt_in_byte_mode(void **state)
{
	(void)state;
	go_reverse_idle(0x01, 0x36);
	assert_interrupts(0x34);
	control(0x26);
	assert_true(await_status(ACK, 0));
	assert_int_equal(data_lines(), 'r');
}

/* The host was told at event 6 that there is nothing: it does not wait for a nibble. */
static void test_data_arrives_at_7(void **state)
{
	(void)state;
	negotiate(0x00);
	offer(one, 1);
	control(0x06);
	assert_true(await_status(ACK | AVAILABLE, 0));
	assert_true(await_status(ACK, ACK));
	control(0x04);
	assert_true(await_status(0x20, 0));
	assert_int_equal(read_nibbles(), 'r');
	assert_int_equal(status(), 0xe8);
}

static void test_polled_in_reverse_idle(void **state)
{
	(void)state;
	go_reverse_idle(0x00, 0x06);
	assert_false(await_status_for(AVAILABLE, 0, 40 * MS));
	offer(one, 1);
	opp_1284_data_arrives(&bench.device);
	assert_true(await_status(AVAILABLE, 0));
	pass_ns(10 * MS);
	assert_int_equal(status() & AVAILABLE, 0);
	control(0x04);
	assert_true(await_status(0x20, 0));
	assert_int_equal(read_nibbles(), 'r');
	assert_int_equal(bench.interrupts, 0);
}

static void test_host_leaves_reverse_idle(void **state)
{
	(void)state;
	go_reverse_idle(0x00, 0x06);
	control(0x04);
	pass_ns(10 * US);
	offer(one, 1);
	opp_1284_data_arrives(&bench.device);
	assert_int_equal(status(), 0xc0);
	assert_int_equal(read_nibbles(), 'r');
}

/* libieee1284 reads on when there is no more: nothing answers, nothing breaks. */
static void test_read_past_the_end(void **state)
{
	(void)state;
	offer(one, 1);
	negotiate(0x00);
	read_nibbles();
	for (uint32_t i = 0; i < 4; i++) {
		control(0x06);
		assert_false(await_status_for(ACK, 0, 100 * MS));
		control(0x04);
		assert_true(await_status(ACK, ACK));
	}
	terminate();
	assert_prints('x');
}

/* ---- byte mode ---------------------------------------------------------------------------- */

static uint8_t read_whole_byte(void)
{
	uint8_t byte;

	control(0x26);
	assert_true(await_status(ACK, 0));
	byte = data_lines();
	control(0x24);
	assert_true(await_status(ACK, ACK));
	return byte;
}

static void pulse_16_17(void)
{
	control(0x25);
	pass_ns(500);
	control(0x24);
}

static void test_every_byte(void **state)
{
	(void)state;
	fill_every_byte();
	offer(every_byte, 256);
	assert_int_equal(negotiate(0x01), 0xd0);
	control(0x24);
	for (uint32_t i = 0; i < 256; i++) {
		assert_int_equal(status(), 0xd0);
		assert_int_equal(read_whole_byte(), i);
		pulse_16_17();
	}
	assert_int_equal(status(), 0xf8);
	terminate();
	assert_int_equal(all_host_errors(), 0);
}

static void test_drives_only_from_15_to_16(void **state)
{
	(void)state;
	offer(three, 3);
	negotiate(0x01);
	control(0x24);
	assert_int_equal(data_lines(), 0xff);
	assert_int_equal(read_whole_byte(), 0x00);
	assert_int_equal(data_lines(), 0x00);
	control(0x25);
	assert_int_equal(data_lines(), 0xff);
	control(0x24);
	read_whole_byte();
	pulse_16_17();
	assert_int_equal(read_whole_byte(), 0x5a);
	assert_int_equal(data_lines(), 0x5a);
	control(0x2c);
	assert_true(await_status(ACK, 0));
	assert_int_equal(data_lines(), 0xff);
}

static void test_10_and_16_together(void **state)
{
	(void)state;
	offer(three + 1, 2);
	negotiate(0x01);
	control(0x26);
	assert_true(await_status(ACK, 0));
	control(0x25);
	assert_true(await_status(ACK, ACK));
	assert_int_equal(data_lines(), 0xff);
	control(0x24);
	assert_int_equal(read_whole_byte(), 0x5a);
}

/* FreeBSD: the next byte comes at event 7 just so; the last one goes at termination. */
static void test_without_16_17(void **state)
{
	(void)state;
	offer(three, 3);
	negotiate(0x01);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(read_whole_byte(), three[i].byte);
	assert_int_equal(status(), 0xf8);
	control(0x2c);
	assert_true(await_status(ACK, 0));
	assert_int_equal(data_lines(), 0xff);
	control(0x2e);
	assert_true(await_status(ACK, ACK));
	control(0x0c);
	assert_prints('x');
	assert_int_equal(negotiate(0x01), 0xf8);
}

static void test_bus_fight(void **state)
{
	(void)state;
	offer(three + 2, 1);
	negotiate(0x01);
	control(0x06);
	assert_true(await_status(ACK, 0));
	assert_int_equal(bench.host_errors[OPP_SIM_BUS_FIGHT], 1);
	control(0x26);
	pass_ns(US);
	data(0x12);
	assert_int_equal(bench.host_errors[OPP_SIM_BUS_FIGHT], 1);
	bench_setup(NULL);
	offer(three + 2, 1);
	negotiate(0x01);
	control(0x26);
	assert_true(await_status(ACK, 0));
	assert_int_equal(bench.host_errors[OPP_SIM_BUS_FIGHT], 0);
	control(0x06);
	assert_int_equal(bench.host_errors[OPP_SIM_BUS_FIGHT], 1);
}

/* ---- the device id ---------------------------------------------------------------------------- */

static void assert_id(uint8_t request, const uint8_t *id, size_t bytes)
{
	negotiate(request);
	for (size_t i = 0; i < bytes; i++) {
		assert_int_equal(status() & AVAILABLE, 0);
		assert_int_equal(request == 0x04 ? read_nibbles() : read_whole_byte(), id[i]);
	}
	assert_int_equal(status() & AVAILABLE, AVAILABLE);
	terminate();
}

static void test_id_restarts(void **state)
{
	static const uint8_t start_of_id[] = { 0x00, 0x31, 'M', 'F', 'G' };

	(void)state;
	for (size_t read = 1; read < sizeof(start_of_id); read++) {
		negotiate(0x04);
		for (size_t i = 0; i < read; i++)
			assert_int_equal(read_nibbles(), start_of_id[i]);
		terminate();
	}
	negotiate(0x04);
	read_nibbles();
	control(0x06);
	assert_true(await_status(ACK, 0));
	control(0x0e);
	control(0x0c);
	assert_id(0x04, (const uint8_t *)"\0\x31" ID_49, 49);
	assert_id(0x05, (const uint8_t *)"\0\x31" ID_49, 49);
}

static void test_long_id(void **state)
{
	static char id[301];

	(void)state;
	memset(id, 'k', 300);
	bench_start(&(struct opp_1284_options){ .modes = EVERYTHING, .device_id = id });
	negotiate(0x04);
	assert_int_equal(read_nibbles(), 302 >> 8);
	assert_int_equal(read_nibbles(), 302 & 0xff);
}

/* Those of IEEE1284 6.3: what is configured is what is sent. */
static void test_broken_ids(void **state)
{
	static const char *const broken[] = {
		"\x00\x0eMFG:a;MDL:b;xy", "\x10\x00MFG:a;MDL:b;xy", "\x00\x00MFG:a;MDL:b;xy",
		"\xff\xffMFG:a;MDL:b;xy", "\x00\x10MFG:a;MDL:b;xy", "\x00\x10MFG:a;MDL:b;\x00\x00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		bench_start(&(struct opp_1284_options){
			.modes = EVERYTHING,
			.raw_device_id = (const uint8_t *)broken[i],
			.raw_device_id_bytes = 16,
		});
		assert_id(0x04, (const uint8_t *)broken[i], 16);
	}
}

static void test_id_is_not_data(void **state)
{
	(void)state;
	offer(one, 1);
	negotiate(0x04);
	assert_int_equal(read_nibbles(), 0x00);
	terminate();
	negotiate(0x00);
	assert_int_equal(read_nibbles(), 'r');
}

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, bench_setup, NULL, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("P-082 P-085 every byte passes in nibble mode at any speed",
		     test_every_nibble),
		CASE("P-082 every nibble looks as in the table", test_nibble_encoding),
		CASE("a nibble is held until event 10", test_nibble_is_held),
		CASE("Busy shows between bytes whether there is room", test_busy_at_13),
		CASE("half a byte is kept", test_half_a_byte_is_kept),
		CASE("data that arrives before reverse idle shows without a pulse",
		     test_data_arrives_in_hbdna),
		CASE("data that arrives before event 6 shows after it", test_data_arrives_before_6),
		CASE("P-087 data that arrives with event 7 calls by events 18 to 21",
		     test_data_arrives_at_7),
		CASE("P-087 nibble mode leaves reverse idle by events 18 to 21",
		     test_interrupt_in_nibble_mode),
		CASE("P-087 byte mode leaves reverse idle by events 18 to 21",
		     test_interrupt_in_byte_mode),
		CASE("P-087 a host that polls nFault leaves reverse idle",
		     test_polled_in_reverse_idle),
		CASE("a host may leave reverse idle uncalled", test_host_leaves_reverse_idle),
		CASE("a host that reads past the end is survived", test_read_past_the_end),
		CASE("P-085 every byte passes in byte mode", test_every_byte),
		CASE("P-090 data lines are driven from event 15 to 16 or 22 only",
		     test_drives_only_from_15_to_16),
		CASE("P-090 events 10 and 16 may come together", test_10_and_16_together),
		CASE("P-091 a host without events 16 and 17 gets every byte", test_without_16_17),
		CASE("P-090 a host that drives the data lines too is reported", test_bus_fight),
		CASE("P-120 each request sends the device id from its start", test_id_restarts),
		CASE("a device id above 255 bytes has its true length", test_long_id),
		CASE("a broken device id is sent as it is", test_broken_ids),
		CASE("a device id does not use up data", test_id_is_not_data),
	};

	return cmocka_run_group_tests_name("sim_1284_reverse", tests, NULL, NULL);
}
