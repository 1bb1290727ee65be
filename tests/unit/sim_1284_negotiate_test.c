/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device from compatibility mode to the answer of event 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

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
	/* what cannot be linked is refused for good, not by XFlag alone */
	assert_int_equal(link(0x00) & 0x10, 0);
	assert_int_equal(bench.device.state, OPP_1284_REFUSED);
	terminate();
	assert_int_equal(link(0x80) & 0x10, 0);
	assert_int_equal(bench.device.state, OPP_1284_REFUSED);
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

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, bench_setup, NULL, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests_name("sim_1284_negotiate", tests, NULL, NULL);
}
