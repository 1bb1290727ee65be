/* SPDX-License-Identifier: MIT */
/*
 * The simulated printer as a host sees it through bare registers: the hosts
 * here are written out by hand, so that the printer is not judged by our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define DATA       0u
#define STATUS     1u
#define CONTROL    2u
#define US         1000u
#define IDLE       0x0cu
#define STROBE     0x0du
#define ALL_ORDERS 3

static struct rig rig;

static int start(void **state)
{
	(void)state;
	rig_start(&rig, NULL, NULL, US);
	opp_sim_attach(&rig.sim, &rig.printer.peripheral);
	return 0;
}

static void start_as(struct opp_centronics_options options)
{
	rig_start(&rig, NULL, &options, US);
	opp_sim_attach(&rig.sim, &rig.printer.peripheral);
}

static uint8_t status(void)
{
	return opp_sim_read(&rig.sim, STATUS) & 0xf8;
}

static bool busy(void)
{
	return !(status() & 0x80);
}

static void control(uint8_t value)
{
	opp_sim_write(&rig.sim, CONTROL, value);
}

static void send_timed(uint8_t byte, uint32_t setup_ns, uint32_t strobe_ns, uint32_t hold_ns)
{
	opp_sim_write(&rig.sim, DATA, byte);
	rig_pass_ns(&rig, setup_ns);
	control(STROBE);
	rig_pass_ns(&rig, strobe_ns);
	control(IDLE);
	rig_pass_ns(&rig, hold_ns);
}

static void send(uint8_t byte)
{
	send_timed(byte, US, US, US);
}

/* Returns how long Busy stayed high, from now, by looking each 100 ns. */
static uint64_t wait_ready(void)
{
	const uint64_t from_ns = rig.sim.now_ns;

	while (busy()) {
		rig_pass_ns(&rig, 100);
		assert_true(rig.sim.now_ns < from_ns + UINT64_C(10000000000));
	}
	return rig.sim.now_ns - from_ns;
}

static void assert_page(const char *text)
{
	assert_int_equal(rig.printed, strlen(text));
	assert_memory_equal(rig.page, text, strlen(text));
	assert_int_equal(rig.printer.printed, strlen(text));
}

static void test_least_timing(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		send_timed((uint8_t)('a' + i), 500, 500, 450);
		wait_ready();
	}
	assert_page("abc");
	assert_int_equal(rig_host_errors(&rig), 0);
}

static void assert_host_error(enum opp_sim_host_error error)
{
	assert_int_equal(rig.host_errors[error], 1);
	assert_int_equal(rig_host_errors(&rig), 1);
	rig.host_errors[error] = 0;
	rig_pass_ns(&rig, 100 * US);
}

static void test_host_errors(void **state)
{
	(void)state;
	send_timed('a', 499, 500, 450);
	assert_host_error(OPP_SIM_SHORT_SETUP);
	send_timed('b', 500, 499, 450);
	assert_host_error(OPP_SIM_SHORT_STROBE);
	send_timed('c', 500, 500001, 450);
	assert_host_error(OPP_SIM_LONG_STROBE);
	send_timed('d', 500, 500, 449);
	opp_sim_write(&rig.sim, DATA, 'e');
	assert_host_error(OPP_SIM_SHORT_HOLD);
	control(STROBE);
	rig_pass_ns(&rig, US);
	opp_sim_write(&rig.sim, DATA, 'f');
	rig_pass_ns(&rig, US);
	control(IDLE);
	assert_host_error(OPP_SIM_DATA_CHANGED_IN_STROBE);
	assert_page("abcde");
	control(0x08);
	rig_pass_ns(&rig, 499);
	control(IDLE);
	assert_host_error(OPP_SIM_SHORT_INIT);
	assert_int_equal(status(), 0xd8);
}

static void test_strobe_while_busy(void **state)
{
	(void)state;
	start_as((struct opp_centronics_options){ .characters_per_second = 1000 });
	send('a');
	send('b');
	assert_int_equal(rig.host_errors[OPP_SIM_STROBE_WHILE_BUSY], 1);
	rig_pass_ns(&rig, 5000 * US);
	assert_page("a");
}

struct edges {
	uint64_t busy_rose, busy_fell, ack_fell, ack_rose;
	uint32_t ack_pulses;
};

/* One byte, watched each 10 ns for 40 us. */
static struct edges watch_byte(void)
{
	struct edges edges = { 0 };
	uint8_t before = status();
	uint64_t fell_at;

	opp_sim_write(&rig.sim, DATA, 'x');
	rig_pass_ns(&rig, 500);
	fell_at = rig.sim.now_ns;
	control(STROBE);
	for (uint32_t i = 0; i < 4000; i++) {
		const uint64_t at = rig.sim.now_ns - fell_at;
		const uint8_t now = status();
		const uint8_t changed = now ^ before;

		if (changed & 0x80)
			*(now & 0x80 ? &edges.busy_fell : &edges.busy_rose) = at;
		if (changed & 0x40)
			*(now & 0x40 ? &edges.ack_rose : &edges.ack_fell) = at;
		if (changed & now & 0x40)
			edges.ack_pulses++;
		before = now;
		if (i == 50)
			control(IDLE);
		rig_pass_ns(&rig, 10);
	}
	assert_int_equal(before, 0xd8);
	return edges;
}

static void assert_order(const struct edges *edges, enum opp_sim_ack_order order)
{
	switch (order) {
	case OPP_SIM_ACK_IN_BUSY: assert_true(edges->busy_fell >= edges->ack_rose); break;
	case OPP_SIM_ACK_AFTER_BUSY: assert_true(edges->busy_fell <= edges->ack_fell); break;
	case OPP_SIM_ACK_WHILE_BUSY:
		assert_true(edges->busy_fell > edges->ack_fell);
		assert_true(edges->busy_fell < edges->ack_rose);
		break;
	}
}

static void test_acknowledge(void **state)
{
	static const uint32_t widths[][2] = {
		{ 0, 500 }, { 500, 500 }, { 3000, 3000 }, { 10000, 10000 }, { 99999, 10000 }
	};

	(void)state;
	for (uint32_t order = 0; order < ALL_ORDERS; order++) {
		for (uint32_t i = 0; i < 5; i++) {
			struct edges edges;

			start_as((struct opp_centronics_options){
				.ack_order = (enum opp_sim_ack_order)order,
				.ack_ns = widths[i][0],
			});
			edges = watch_byte();
			assert_true(edges.busy_rose <= 500);
			assert_int_equal(edges.ack_pulses, 1);
			assert_in_range(edges.ack_rose - edges.ack_fell, widths[i][1] - 10,
					widths[i][1] + 10);
			assert_order(&edges, (enum opp_sim_ack_order)order);
		}
	}
}

/* A host quick enough to strobe while nAck is still low for the byte before. */
static void test_strobe_in_acknowledge(void **state)
{
	(void)state;
	for (uint32_t strobe_ns = 500; strobe_ns <= 20000; strobe_ns += 1500) {
		start_as((struct opp_centronics_options){
			.ack_order = OPP_SIM_ACK_AFTER_BUSY,
			.ack_ns = 10000,
		});
		control(IDLE | 0x10);
		for (const char *c = "quick"; *c; c++) {
			wait_ready();
			opp_sim_write(&rig.sim, DATA, (uint8_t)*c);
			rig_pass_ns(&rig, 500);
			control(STROBE | 0x10);
			assert_true(busy());
			rig_pass_ns(&rig, strobe_ns);
			control(IDLE | 0x10);
			rig_pass_ns(&rig, 500);
		}
		rig_pass_ns(&rig, 50 * US);
		assert_page("quick");
		assert_int_equal(rig.interrupts, 5);
		assert_int_equal(rig_host_errors(&rig), 0);
	}
}

static void test_speed(void **state)
{
	(void)state;
	start_as((struct opp_centronics_options){ .characters_per_second = 1000 });
	for (uint32_t i = 0; i < 3; i++) {
		send('a');
		assert_in_range(wait_ready(), 998 * US, 1002 * US);
	}
	assert_page("aaa");
}

static void test_extra_busy(void **state)
{
	(void)state;
	start_as((struct opp_centronics_options){ .busy_every_bytes = 4, .busy_extra_us = 1000 });
	for (uint32_t i = 1; i <= 12; i++) {
		uint64_t busy_ns;

		send('a');
		busy_ns = wait_ready();
		if (i % 4)
			assert_true(busy_ns < 5 * US);
		else
			assert_in_range(busy_ns, 998 * US, 1002 * US);
	}
}

static void test_buffer(void **state)
{
	uint8_t buffer[4];

	(void)state;
	start_as((struct opp_centronics_options){
		.characters_per_second = 1000,
		.buffer = buffer,
		.buffer_bytes = sizeof(buffer),
	});
	for (uint32_t i = 0; i < 4; i++) {
		send((uint8_t)('a' + i));
		assert_true(wait_ready() < 5 * US);
	}
	assert_int_equal(rig.printed, 0);
	/* full: the next one waits for the first character to be on paper */
	send('e');
	assert_in_range(wait_ready(), 900 * US, 1000 * US);
	assert_int_equal(rig.printed, 1);
	rig_pass_ns(&rig, 1000 * US);
	send('f');
	wait_ready();
	rig_pass_ns(&rig, 10000 * US);
	assert_page("abcdef");
	assert_true(opp_sim_next_edge_ns(&rig.sim) == OPP_SIM_NEVER);
}

static void test_conditions(void **state)
{
	static const struct {
		uint32_t conditions;
		uint8_t status;
	} cases[] = {
		{ OPP_CENTRONICS_PAPER_OUT, 0x70 },
		{ OPP_CENTRONICS_OFF_LINE, 0x40 },
		{ OPP_CENTRONICS_ERROR, 0x50 },
		{ OPP_CENTRONICS_PAPER_OUT | OPP_CENTRONICS_OFF_LINE, 0x60 },
		{ OPP_CENTRONICS_POWERED_OFF, 0x80 },
		{ OPP_CENTRONICS_POWERED_OFF | OPP_CENTRONICS_PAPER_OUT, 0x80 },
	};

	(void)state;
	assert_int_equal(status(), 0xd8);
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		opp_centronics_set_conditions(&rig.printer, cases[i].conditions);
		assert_int_equal(status(), cases[i].status);
		opp_sim_detach(&rig.sim);
		assert_int_equal(status(), 0x78);
		opp_sim_attach(&rig.sim, &rig.printer.peripheral);
		assert_int_equal(status(), cases[i].status);
		opp_centronics_set_conditions(&rig.printer, 0);
		assert_int_equal(status(), 0xd8);
	}
	send('a');
	wait_ready();
	assert_page("a");
}

/* Paper runs out while a byte is at work and others wait: nothing is lost. */
static void test_fault_keeps_bytes(void **state)
{
	uint8_t buffer[2];

	(void)state;
	start_as((struct opp_centronics_options){
		.characters_per_second = 1000,
		.buffer = buffer,
		.buffer_bytes = sizeof(buffer),
	});
	send('a');
	wait_ready();
	send('b');
	wait_ready();
	send('c');
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_PAPER_OUT);
	rig_pass_ns(&rig, 50000 * US);
	assert_int_equal(rig.printed, 0);
	assert_true(busy());
	opp_centronics_set_conditions(&rig.printer, 0);
	rig_pass_ns(&rig, 50000 * US);
	assert_page("abc");
	assert_int_equal(status(), 0xd8);
}

/* The same without a buffer: the byte that is being printed waits for paper. */
static void test_fault_keeps_byte_at_work(void **state)
{
	(void)state;
	start_as((struct opp_centronics_options){ .characters_per_second = 1000 });
	send('a');
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_PAPER_OUT);
	rig_pass_ns(&rig, 50000 * US);
	assert_int_equal(rig.printed, 0);
	opp_centronics_set_conditions(&rig.printer, 0);
	assert_in_range(wait_ready(), 1000 * US, 1002 * US);
	assert_page("a");
}

/* What print() refuses the printer keeps; it is Busy with it, and shows no fault. */
static void test_refused_bytes(void **state)
{
	uint8_t buffer[2];

	(void)state;
	for (uint32_t bytes = 0; bytes <= sizeof(buffer); bytes++) {
		start_as((struct opp_centronics_options){
			.characters_per_second = 1000,
			.buffer = buffer,
			.buffer_bytes = bytes,
		});
		rig.jammed = true;
		for (uint32_t i = 0; i < bytes; i++) {
			send((uint8_t)('a' + i));
			rig_pass_ns(&rig, 5000 * US);
			assert_false(busy());
		}
		send((uint8_t)('a' + bytes));
		rig_pass_ns(&rig, 5000 * US);
		assert_true(busy());
		assert_true(status() & 0x08);
		assert_int_equal(rig.printed, 0);
		rig.jammed = false;
		opp_centronics_resume(&rig.printer);
		rig_pass_ns(&rig, 5000 * US);
		assert_false(busy());
		assert_int_equal(rig.printed, bytes + 1);
		assert_memory_equal(rig.page, "abc", bytes + 1);
		assert_int_equal(rig.printer.printed, bytes + 1);
	}
}

/* A host that has just seen a ready printer may strobe; one that never looks may not. */
static void test_byte_in_flight(void **state)
{
	(void)state;
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_OFF_LINE);
	rig_pass_ns(&rig, 9 * US);
	send('a');
	send('b');
	assert_int_equal(rig.host_errors[OPP_SIM_STROBE_WHILE_BUSY], 1);
	opp_centronics_set_conditions(&rig.printer, 0);
	wait_ready();
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_OFF_LINE);
	rig_pass_ns(&rig, 11 * US);
	send('c');
	assert_int_equal(rig.host_errors[OPP_SIM_STROBE_WHILE_BUSY], 2);
	opp_centronics_set_conditions(&rig.printer, 0);
	rig_pass_ns(&rig, 100 * US);
	assert_page("a");
}

static void test_unplugged_keeps_latch(void **state)
{
	(void)state;
	start_as((struct opp_centronics_options){ .characters_per_second = 1000 });
	send('a');
	opp_sim_detach(&rig.sim);
	rig_pass_ns(&rig, 5000 * US);
	send('b');
	assert_int_equal(rig.printed, 0);
	opp_sim_attach(&rig.sim, &rig.printer.peripheral);
	assert_true(busy());
	rig_pass_ns(&rig, 5000 * US);
	assert_page("a");
	assert_int_equal(status(), 0xd8);
}

/* Two bytes, the second strobed while nAck is low for the first, 1 us ago. */
static void send_into_acknowledge(void)
{
	start_as((struct opp_centronics_options){
		.ack_order = OPP_SIM_ACK_AFTER_BUSY,
		.ack_ns = 10000,
	});
	send('a');
	assert_int_equal(status(), 0x98);
	send('b');
	assert_int_equal(status(), 0x18);
}

static void test_unplugged_in_acknowledge(void **state)
{
	(void)state;
	send_into_acknowledge();
	opp_sim_detach(&rig.sim);
	opp_sim_attach(&rig.sim, &rig.printer.peripheral);
	assert_true(busy());
	wait_ready();
	rig_pass_ns(&rig, 100 * US);
	assert_page("ab");
}

static void test_reset_in_acknowledge(void **state)
{
	(void)state;
	send_into_acknowledge();
	control(0x08);
	rig_pass_ns(&rig, 50 * US);
	control(IDLE);
	assert_int_equal(status(), 0xd8);
	send('c');
	rig_pass_ns(&rig, 100 * US);
	assert_page("ac");
}

static void test_plugged_into_reset(void **state)
{
	uint8_t buffer[8];

	(void)state;
	start_as((struct opp_centronics_options){
		.characters_per_second = 1000,
		.buffer = buffer,
		.buffer_bytes = sizeof(buffer),
	});
	send('a');
	wait_ready();
	opp_sim_detach(&rig.sim);
	control(0x08);
	opp_sim_attach(&rig.sim, &rig.printer.peripheral);
	assert_true(busy());
	rig_pass_ns(&rig, 50 * US);
	control(IDLE);
	assert_int_equal(status(), 0xd8);
	rig_pass_ns(&rig, 5000 * US);
	assert_int_equal(rig.printed, 0);
	assert_int_equal(rig_host_errors(&rig), 0);
}

static void test_reset(void **state)
{
	uint8_t buffer[8];

	(void)state;
	start_as((struct opp_centronics_options){
		.characters_per_second = 1000,
		.buffer = buffer,
		.buffer_bytes = sizeof(buffer),
	});
	send('a');
	wait_ready();
	send('b');
	wait_ready();
	control(0x08);
	assert_true(busy());
	rig_pass_ns(&rig, 50 * US);
	assert_true(busy());
	control(IDLE);
	assert_int_equal(status(), 0xd8);
	rig_pass_ns(&rig, 5000 * US);
	assert_int_equal(rig.printed, 0);
	send('c');
	rig_pass_ns(&rig, 5000 * US);
	assert_page("c");
	assert_int_equal(rig_host_errors(&rig), 0);
}

/* Reset at every 100 ns of a byte's life leaves a printer that prints. */
static void test_reset_any_time(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 60; at++) {
		start_as((struct opp_centronics_options){ .ack_order = at % 3, .ack_ns = 2000 });
		opp_sim_write(&rig.sim, DATA, 'a');
		rig_pass_ns(&rig, 500);
		control(STROBE);
		rig_pass_ns(&rig, 500);
		if (at >= 5)
			control(IDLE);
		rig_pass_ns(&rig, at * 100);
		control(at >= 5 ? 0x08 : 0x09); /* nStrobe stays low where it is */
		rig_pass_ns(&rig, 600 * US);
		assert_int_equal(status(), 0x58);
		control(IDLE);
		assert_int_equal(status(), 0xd8);
		rig.printed = 0;
		send('b');
		rig_pass_ns(&rig, 100 * US);
		assert_int_equal(rig.printed, 1);
		assert_int_equal(rig.page[0], 'b');
		assert_int_equal(rig_host_errors(&rig), 0);
	}
}

static void test_power_loss(void **state)
{
	uint8_t buffer[8];

	(void)state;
	start_as((struct opp_centronics_options){
		.characters_per_second = 1000,
		.buffer = buffer,
		.buffer_bytes = sizeof(buffer),
	});
	send('a');
	wait_ready();
	opp_centronics_set_conditions(&rig.printer, OPP_CENTRONICS_POWERED_OFF);
	send('b');
	control(0x08);
	rig_pass_ns(&rig, 50 * US);
	control(IDLE);
	assert_int_equal(status(), 0x80);
	opp_centronics_set_conditions(&rig.printer, 0);
	rig_pass_ns(&rig, 5000 * US);
	assert_int_equal(rig.printed, 0);
	assert_int_equal(status(), 0xd8);
	send('c');
	rig_pass_ns(&rig, 5000 * US);
	assert_page("c");
}

/* Events 1 to 4 with request 0x00, then the way back, as hosts do it with legacy devices. */
static void test_negotiation_ignored(void **state)
{
	static const uint8_t controls[] = { 0x06, 0x07, 0x04, 0x0c, 0x0e, 0x0c };

	(void)state;
	send('a');
	wait_ready();
	opp_sim_write(&rig.sim, DATA, 0x00);
	for (uint32_t i = 0; i < sizeof(controls); i++) {
		rig_pass_ns(&rig, 5 * US);
		control(controls[i]);
		assert_int_equal(status(), 0xd8);
		rig_pass_ns(&rig, 35000 * US);
		assert_int_equal(status(), 0xd8);
	}
	send('b');
	wait_ready();
	assert_page("ab");
}

/* HPLIP's way: nStrobe rises only after Busy has. */
static void test_interlocked(void **state)
{
	(void)state;
	for (uint32_t order = 0; order < ALL_ORDERS; order++) {
		start_as((struct opp_centronics_options){
			.ack_order = (enum opp_sim_ack_order)order,
			.characters_per_second = 5000,
		});
		for (const char *c = "interlocked"; *c; c++) {
			wait_ready();
			opp_sim_write(&rig.sim, DATA, (uint8_t)*c);
			rig_pass_ns(&rig, US);
			control(STROBE);
			for (uint32_t i = 0; !busy(); i++) {
				assert_true(i < 10);
				rig_pass_ns(&rig, US);
			}
			rig_pass_ns(&rig, US);
			control(IDLE);
			rig_pass_ns(&rig, US);
		}
		wait_ready();
		assert_page("interlocked");
		assert_int_equal(rig_host_errors(&rig), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-050 500 ns of setup and strobe and 450 ns of hold are enough",
		  test_least_timing, start, NULL, NULL },
		{ "what a host does wrong is reported by name, at its exact limit",
		  test_host_errors, start, NULL, NULL },
		{ "a strobe while Busy is reported and its byte lost", test_strobe_while_busy,
		  start, NULL, NULL },
		{ "P-051 Busy rises within 500 ns, one nAck pulse of its width and order",
		  test_acknowledge, start, NULL, NULL },
		{ "P-051 a byte strobed during nAck gets its own nAck", test_strobe_in_acknowledge,
		  start, NULL, NULL },
		{ "Busy lasts as long as a character takes", test_speed, start, NULL, NULL },
		{ "Busy is longer after every nth byte", test_extra_busy, start, NULL, NULL },
		{ "a buffer takes bytes at once until it is full", test_buffer, start, NULL, NULL },
		{ "each condition shows on the status lines and goes again", test_conditions, start,
		  NULL, NULL },
		{ "a fault loses no byte", test_fault_keeps_bytes, start, NULL, NULL },
		{ "a fault keeps the byte at work", test_fault_keeps_byte_at_work, start, NULL,
		  NULL },
		{ "a byte that cannot be printed yet is kept", test_refused_bytes, start, NULL,
		  NULL },
		{ "a byte in flight when a fault comes up is taken", test_byte_in_flight, start,
		  NULL, NULL },
		{ "a byte survives unplugging", test_unplugged_keeps_latch, start, NULL, NULL },
		{ "P-056 nInit low for 50 us raises Busy and clears the buffer", test_reset, start,
		  NULL, NULL },
		{ "P-056 nInit returns to idle from any point of a byte", test_reset_any_time,
		  start, NULL, NULL },
		{ "P-056 nInit forgets a byte that came during nAck", test_reset_in_acknowledge,
		  start, NULL, NULL },
		{ "P-056 a printer plugged into a low nInit is reset", test_plugged_into_reset,
		  start, NULL, NULL },
		{ "bytes survive unplugging during nAck", test_unplugged_in_acknowledge, start,
		  NULL, NULL },
		{ "losing power loses the buffer", test_power_loss, start, NULL, NULL },
		{ "P-057 negotiation is ignored and printing goes on", test_negotiation_ignored,
		  start, NULL, NULL },
		{ "P-059 an interlocked strobe works", test_interlocked, start, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_centronics", tests, NULL, NULL);
}
