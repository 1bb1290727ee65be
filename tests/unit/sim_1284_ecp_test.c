/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device in ECP, by software. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

#define PERIPH_REQUEST 0x08u /* nFault of a status byte: low when the device asks */
#define NACK_REVERSE   0x20u /* PError */
#define NOT_BUSY       0x80u /* of a status byte: PeriphAck is low */

static uint8_t data_lines(void)
{
	return opp_sim_read(&bench.sim, 0);
}

/* Events 0 to 6, 30 to 32. */
static void start_ecp(uint8_t request)
{
	const uint8_t lines = negotiate(request);

	assert_int_equal(lines & 0x78, 0x58);
	control(0x06);
	assert_true(await_status(NACK_REVERSE | NOT_BUSY, NACK_REVERSE | NOT_BUSY));
	control(0x04);
}

static void send(uint8_t byte, bool command)
{
	data(byte);
	control(command ? 0x06 : 0x04);
	control(command ? 0x07 : 0x05);
	assert_true(await_status(NOT_BUSY, 0));
	control(command ? 0x06 : 0x04);
	assert_true(await_status(NOT_BUSY, NOT_BUSY));
}

/* Events 38 to 40. */
static void reverse(void)
{
	control(0x26);
	control(0x22);
	assert_true(await_status(NACK_REVERSE, 0));
}

/* Events 47 to 50. */
static void forward(void)
{
	control(0x26);
	assert_true(await_status(NACK_REVERSE, NACK_REVERSE));
	control(0x04);
}

/* Events 43 to 46; a command comes out with bit 8. */
static uint32_t receive(void)
{
	uint32_t item;

	assert_true(await_status(ACK, 0));
	item = data_lines() | (status() & NOT_BUSY) << 1;
	control(0x20);
	assert_true(await_status(ACK, ACK));
	control(0x22);
	return item;
}

static void assert_said(size_t at, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	assert_in_range(at, 0, bench.said_count - 1);
	assert_int_equal(bench.said[at].kind, kind);
	assert_int_equal(bench.said[at].channel, channel);
	assert_int_equal(bench.said[at].byte, byte);
}

/* ---- forward ------------------------------------------------------------------------- */

static void test_forward(void **state)
{
	(void)state;
	start_ecp(0x10);
	for (uint32_t i = 0; i < 256; i++)
		send((uint8_t)i, false);
	assert_int_equal(bench.said_count, 256);
	for (uint32_t i = 0; i < 256; i++)
		assert_said(i, OPP_1284_ECP_DATA, 0, (uint8_t)i);
	terminate();
	assert_prints('x');
	assert_int_equal(all_host_errors(), 0);
}

static void test_taken_as_clock_rises(void **state)
{
	(void)state;
	start_ecp(0x10);
	data('a');
	control(0x05);
	assert_true(await_status(NOT_BUSY, 0));
	pass_ns(900 * MS);
	assert_int_equal(bench.said_count, 0);
	control(0x04);
	assert_int_equal(bench.said_count, 1);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'a');
}

static void test_clock_while_busy(void **state)
{
	(void)state;
	start_ecp(0x10);
	opp_1284_set_response_us(&bench.device, 32, 1000);
	data('a');
	control(0x05);
	assert_true(await_status(NOT_BUSY, 0));
	control(0x04);
	control(0x05);
	assert_int_equal(bench.host_errors[OPP_SIM_CLOCK_WHILE_BUSY], 1);
	assert_true(await_status(NOT_BUSY, NOT_BUSY));
	assert_true(await_status(NOT_BUSY, 0));
	control(0x04);
	assert_int_equal(bench.said_count, 2);
}

static void test_channels(void **state)
{
	(void)state;
	start_ecp(0x10);
	send('a', false);
	send(0x80 | 5, true);
	send(0x85, false);
	send(0xff, true);
	send('c', false);
	assert_int_equal(bench.said_count, 5);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'a');
	assert_said(1, OPP_1284_ECP_COMMAND, 0, 0x85);
	assert_said(2, OPP_1284_ECP_DATA, 5, 0x85);
	assert_said(3, OPP_1284_ECP_COMMAND, 5, 0xff);
	assert_said(4, OPP_1284_ECP_DATA, 127, 'c');
	terminate();
	start_ecp(0x10);
	send('d', false);
	assert_said(5, OPP_1284_ECP_DATA, 0, 'd');
}

static void test_run_lengths(void **state)
{
	(void)state;
	for (uint32_t count = 0; count < 128; count++) {
		bench_setup(NULL);
		start_ecp(0x30);
		send((uint8_t)count, true);
		send('a', false);
		send('b', false);
		assert_int_equal(bench.said_count, count + 3);
		assert_said(0, OPP_1284_ECP_COMMAND, 0, (uint8_t)count);
		for (uint32_t i = 1; i <= count + 1; i++)
			assert_said(i, OPP_1284_ECP_DATA, 0, 'a');
		assert_said(count + 2, OPP_1284_ECP_DATA, 0, 'b');
		assert_int_equal(all_host_errors(), 0);
	}
}

static void test_run_not_agreed(void **state)
{
	(void)state;
	start_ecp(0x10);
	send(9, true);
	send('a', false);
	assert_int_equal(bench.said_count, 2);
	assert_int_equal(bench.host_errors[OPP_SIM_RLE_NOT_AGREED], 1);
}

static void test_stall(void **state)
{
	(void)state;
	start_ecp(0x10);
	opp_1284_set_full(&bench.device, true);
	data('a');
	control(0x05);
	assert_false(await_status_for(NOT_BUSY, 0, 3000 * MS));
	opp_1284_set_full(&bench.device, false);
	assert_true(await_status(NOT_BUSY, 0));
	control(0x04);
	assert_true(await_status(NOT_BUSY, NOT_BUSY));
	send('b', false);
	assert_int_equal(bench.said_count, 2);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'a');
	assert_said(1, OPP_1284_ECP_DATA, 0, 'b');
}

static void test_full_at_negotiation(void **state)
{
	(void)state;
	opp_1284_set_full(&bench.device, true);
	assert_int_equal(negotiate(0x10), 0x58);
	control(0x06);
	assert_true(await_status(NACK_REVERSE, NACK_REVERSE));
	assert_false(await_status(NOT_BUSY, NOT_BUSY));
	opp_1284_set_full(&bench.device, false);
	assert_true(await_status(NOT_BUSY, NOT_BUSY));
	send('a', false);
}

/* The host gives up and lets HostClk rise: nothing was said. */
static void test_withdrawn_clock(void **state)
{
	(void)state;
	start_ecp(0x10);
	opp_1284_set_response_us(&bench.device, 36, 1000);
	data('a');
	control(0x05);
	pass_ns(500 * US);
	control(0x04);
	pass_ns(2000 * US);
	assert_int_equal(status() & NOT_BUSY, NOT_BUSY);
	send('b', false);
	assert_int_equal(bench.said_count, 1);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'b');
}

/* ---- recovery ---------------------------------------------------------------------------- */

static void stall_in_recovery(void)
{
	opp_1284_set_full(&bench.device, true);
	data('a');
	control(0x05);
	pass_ns(35 * MS);
	control(0x01);
	assert_true(await_status(NACK_REVERSE, 0));
	opp_1284_set_full(&bench.device, false);
}

static void test_recovery(void **state)
{
	(void)state;
	start_ecp(0x10);
	stall_in_recovery();
	control(0x00);
	control(0x04);
	assert_true(await_status(NACK_REVERSE, NACK_REVERSE));
	assert_int_equal(bench.said_count, 0);
	send('b', false);
	assert_int_equal(bench.said_count, 1);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'b');
	assert_int_equal(all_host_errors(), 0);
}

/* A clock that is still low after event 75 is a byte of its own. */
static void test_recovery_with_clock_low(void **state)
{
	(void)state;
	start_ecp(0x10);
	stall_in_recovery();
	data('b');
	control(0x05);
	assert_true(await_status(NACK_REVERSE, NACK_REVERSE));
	assert_true(await_status(NOT_BUSY, 0));
	control(0x04);
	assert_int_equal(bench.said_count, 1);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'b');
}

/* A byte that has event 36 but not 37 is not taken either. */
static void test_recovery_after_36(void **state)
{
	(void)state;
	start_ecp(0x10);
	data('a');
	control(0x05);
	assert_true(await_status(NOT_BUSY, 0));
	control(0x01);
	assert_true(await_status(NACK_REVERSE, 0));
	control(0x00);
	control(0x04);
	assert_true(await_status(NACK_REVERSE | NOT_BUSY, NACK_REVERSE | NOT_BUSY));
	assert_int_equal(bench.said_count, 0);
	send('b', false);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'b');
}

/* Linux and libieee1284 do it the other way round and leave nInit low. */
static void test_recovery_upside_down(void **state)
{
	(void)state;
	start_ecp(0x10);
	stall_in_recovery();
	control(0x00);
	pass_ns(100 * MS);
	control(0x0c);
	assert_prints('x');
}

/* ---- reverse ------------------------------------------------------------------------------- */

static const struct opp_1284_item items[] = {
	{ 'a', false }, { 0x83, true }, { 'b', false }, { 4, true }, { 'c', false },
};

static void test_reverse(void **state)
{
	(void)state;
	offer(items, 5);
	start_ecp(0x10);
	reverse();
	assert_int_equal(receive(), 'a');
	assert_int_equal(receive(), 0x183);
	assert_int_equal(receive(), 'b');
	assert_int_equal(receive(), 0x104);
	assert_int_equal(receive(), 'c');
	assert_false(await_status(ACK, 0));
	forward();
	send('x', false);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'x');
	terminate();
	assert_prints('y');
	assert_int_equal(all_host_errors(), 0);
}

static void test_reverse_every_byte(void **state)
{
	static struct opp_1284_item every_byte[256];

	(void)state;
	for (size_t i = 0; i < 256; i++)
		every_byte[i].byte = (uint8_t)i;
	offer(every_byte, 256);
	start_ecp(0x10);
	reverse();
	for (uint32_t i = 0; i < 256; i++)
		assert_int_equal(receive(), i);
}

/* The device has something and nAutoFd is low: still nothing before event 40. */
static void test_drives_after_40(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, 40, 1000);
	offer(items, 1);
	start_ecp(0x10);
	control(0x26);
	control(0x22);
	pass_ns(999 * US);
	assert_int_equal(status() & NACK_REVERSE, NACK_REVERSE);
	assert_int_equal(data_lines(), 0xff);
	assert_true(await_status(NACK_REVERSE, 0));
	assert_int_equal(receive(), 'a');
	opp_1284_set_response_us(&bench.device, 48, 0);
	opp_1284_set_response_us(&bench.device, 49, 1000);
	control(0x26);
	assert_int_equal(data_lines(), 0xff);
	assert_int_equal(status() & NACK_REVERSE, 0);
	assert_true(await_status(NACK_REVERSE, NACK_REVERSE));
	assert_int_equal(all_host_errors(), 0);
}

static void test_unacknowledged_item_is_kept(void **state)
{
	(void)state;
	offer(items, 2);
	start_ecp(0x10);
	reverse();
	assert_int_equal(receive(), 'a');
	assert_true(await_status(ACK, 0));
	forward();
	assert_int_equal(status() & (ACK | NOT_BUSY), ACK | NOT_BUSY);
	send('x', false);
	reverse();
	assert_int_equal(receive(), 0x183);
	assert_false(await_status(ACK, 0));
}

static void test_turns_again_before_49(void **state)
{
	(void)state;
	offer(items, 1);
	start_ecp(0x10);
	reverse();
	opp_1284_set_response_us(&bench.device, 49, 100);
	control(0x26);
	pass_ns(50 * US);
	assert_int_equal(bench.device.state, OPP_1284_ECP_RETURNING);
	control(0x22);
	assert_int_equal(receive(), 'a');
	forward();
	send('x', false);
	assert_said(0, OPP_1284_ECP_DATA, 0, 'x');
	assert_int_equal(all_host_errors(), 0);
}

static void test_asks_in_either_direction(void **state)
{
	(void)state;
	start_ecp(0x10);
	assert_int_equal(status() & PERIPH_REQUEST, PERIPH_REQUEST);
	offer(items, 1);
	opp_1284_data_arrives(&bench.device);
	assert_int_equal(status() & PERIPH_REQUEST, 0);
	send('x', false);
	send('y', false);
	assert_int_equal(status() & PERIPH_REQUEST, 0);
	reverse();
	receive();
	assert_int_equal(status() & PERIPH_REQUEST, PERIPH_REQUEST);
	offer(items, 1);
	opp_1284_data_arrives(&bench.device);
	assert_int_equal(status() & PERIPH_REQUEST, 0);
	forward();
	terminate();
	assert_prints('z');
	assert_int_equal(bench.said_count, 2);
}

static void test_device_id(void **state)
{
	static const uint8_t requests[] = { 0x14, 0x34 };

	(void)state;
	for (size_t i = 0; i < sizeof(requests); i++) {
		start_ecp(requests[i]);
		assert_true(await_status(PERIPH_REQUEST, 0));
		reverse();
		assert_int_equal(receive(), 0x00);
		assert_int_equal(receive(), 0x31);
		for (const char *at = ID_49; *at; at++)
			assert_int_equal(receive(), *at);
		assert_int_equal(status() & PERIPH_REQUEST, PERIPH_REQUEST);
		forward();
		terminate();
	}
}

static void test_terminated_in_reverse(void **state)
{
	(void)state;
	offer(items, 1);
	start_ecp(0x10);
	reverse();
	assert_true(await_status(ACK, 0));
	control(0x0c);
	assert_int_equal(status(), READY);
	assert_int_equal(bench.host_errors[OPP_SIM_TERMINATED_IN_REVERSE], 1);
	assert_prints('x');
	start_ecp(0x10);
	reverse();
	assert_int_equal(receive(), 'a');
}

static void test_terminated_before_setup(void **state)
{
	(void)state;
	negotiate(0x10);
	terminate();
	assert_prints('x');
}

static void test_bus_fight_in_reverse(void **state)
{
	(void)state;
	offer(items, 1);
	start_ecp(0x10);
	data('x');
	control(0x06);
	control(0x02);
	assert_true(await_status(ACK, 0));
	assert_int_equal(bench.host_errors[OPP_SIM_BUS_FIGHT], 1);
}

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, bench_setup, NULL, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("every byte passes forward", test_forward),
		CASE("P-103 a byte is taken as HostClk rises", test_taken_as_clock_rises),
		CASE("P-103 HostClk low while PeriphAck is high is reported",
		     test_clock_while_busy),
		CASE("P-104 HostAck low and bit 7 choose the channel", test_channels),
		CASE("P-104 P-106 a run length of n gives n + 1 copies", test_run_lengths),
		CASE("a run length that was not agreed on is reported", test_run_not_agreed),
		CASE("a device without room stalls and loses nothing", test_stall),
		CASE("a device without room is set up when it has some", test_full_at_negotiation),
		CASE("a byte withdrawn before event 36 is not taken", test_withdrawn_clock),
		CASE("P-108 host transfer recovery drops the pending byte", test_recovery),
		CASE("P-108 HostClk low after recovery is a new byte",
		     test_recovery_with_clock_low),
		CASE("P-108 recovery between events 36 and 37 drops the byte",
		     test_recovery_after_36),
		CASE("a host that leaves nInit low is survived", test_recovery_upside_down),
		CASE("P-110 PeriphAck low marks a command in reverse", test_reverse),
		CASE("P-110 every byte passes in reverse", test_reverse_every_byte),
		CASE("P-109 P-113 the bus is driven from event 40 to 48 only",
		     test_drives_after_40),
		CASE("P-113 an unacknowledged item is sent again",
		     test_unacknowledged_item_is_kept),
		CASE("P-109 a host may turn again before event 49", test_turns_again_before_49),
		CASE("P-115 nPeriphRequest comes in either direction and binds nobody",
		     test_asks_in_either_direction),
		CASE("the device id comes in reverse", test_device_id),
		CASE("termination in reverse is immediate and reported",
		     test_terminated_in_reverse),
		CASE("a host may terminate before event 30", test_terminated_before_setup),
		CASE("P-109 a host that drives the bus in reverse is reported",
		     test_bus_fight_in_reverse),
	};

	return cmocka_run_group_tests_name("sim_1284_ecp", tests, NULL, NULL);
}
