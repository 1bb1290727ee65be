/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device misbehaves as it was told, and only then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench_1284.h"

static void be_rude(struct opp_1284_rudeness rudeness)
{
	assert_true(opp_1284_be_rude(&bench.device, &rudeness));
}

static void event_1(void)
{
	data(0x04);
	control(0x06);
}

static void test_never(void **state)
{
	(void)state;
	be_rude((struct opp_1284_rudeness){ .event = 2, .what = OPP_1284_NEVER });
	event_1();
	assert_false(await_status_for(0xf8, 0xb8, 2000 * MS));
	assert_int_equal(status(), READY);
	control(0x07);
	pass_ns(US);
	control(0x04);
	assert_false(await_status_for(ACK, 0, 100 * MS));
	control(0x0c);
	assert_prints('x');
	assert_int_equal(negotiate(0x04), 0xd0);
}

/* No answer to event 10 is the same as no event 11. */
static void test_never_answers_host_event(void **state)
{
	static const uint8_t events[] = { 10, 11 };

	(void)state;
	for (size_t i = 0; i < sizeof(events); i++) {
		bench_setup(NULL);
		negotiate(0x04);
		be_rude((struct opp_1284_rudeness){ .event = events[i], .what = OPP_1284_NEVER });
		control(0x06);
		assert_true(await_status(ACK, 0));
		control(0x04);
		assert_false(await_status_for(ACK, ACK, 2000 * MS));
		control(0x0c);
		assert_prints('x');
	}
}

static void test_never_ends_termination(void **state)
{
	static const uint8_t events[] = { 23, 24 };

	(void)state;
	for (size_t i = 0; i < sizeof(events); i++) {
		be_rude((struct opp_1284_rudeness){ .event = events[i], .what = OPP_1284_NEVER });
		negotiate(0x04);
		control(0x0c);
		assert_false(await_status(ACK, 0));
		pass_ns(1000 * MS);
		assert_prints('x');
	}
}

static void test_late(void **state)
{
	uint64_t from_ns;

	(void)state;
	be_rude((struct opp_1284_rudeness){ .event = 2, .what = OPP_1284_LATE, .us = 60000 });
	be_rude((struct opp_1284_rudeness){ .event = 1, .what = OPP_1284_LATE, .us = 10000 });
	event_1();
	from_ns = bench.sim.now_ns;
	assert_true(await_status_for(ACK, 0, 100 * MS));
	assert_int_equal(bench.sim.now_ns - from_ns, 70002 * US);
	control(0x0c);
	assert_int_equal(negotiate(0x04), 0xd0);
}

static void test_wrong(void **state)
{
	(void)state;
	be_rude((struct opp_1284_rudeness){
		.event = 2, .what = OPP_1284_WRONG, .mask = 0x28, .levels = 0x08 });
	event_1();
	assert_true(await_status(0xf8, 0x98));
	pass_ns(MS);
	assert_int_equal(status(), 0x98);
	control(0x07);
	assert_int_equal(status(), 0xb8);
	control(0x04);
	assert_true(await_status(0xf8, 0xd0));
}

static void test_wrong_flag(void **state)
{
	(void)state;
	be_rude((struct opp_1284_rudeness){
		.event = 6, .what = OPP_1284_WRONG, .mask = 0x10, .levels = 0x00 });
	assert_int_equal(negotiate(0x04), 0xc0);
	assert_int_equal(read_nibbles(), 0x00);
	terminate();
	assert_prints('x');
}

static void test_always(void **state)
{
	(void)state;
	be_rude((struct opp_1284_rudeness){
		.event = 6, .what = OPP_1284_WRONG, .always = true, .mask = 0x10 });
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(negotiate(0x04), 0xc0);
		terminate();
	}
	negotiate(0x04);
	assert_int_equal(status(), 0xc0);
	opp_1284_behave(&bench.device);
	assert_int_equal(status(), 0xd0);
	terminate();
	assert_int_equal(negotiate(0x04), 0xd0);
	terminate();
	be_rude((struct opp_1284_rudeness){ .event = 6, .what = OPP_1284_WRONG, .mask = 0x10 });
	assert_int_equal(negotiate(0x04), 0xc0);
	terminate();
	assert_int_equal(negotiate(0x04), 0xd0);
}

static void test_glitch(void **state)
{
	(void)state;
	opp_1284_set_response_us(&bench.device, 6, 10);
	be_rude((struct opp_1284_rudeness){
		.event = 4, .what = OPP_1284_GLITCH, .us = 5, .mask = ACK | 0x20 });
	event_1();
	assert_true(await_status(ACK, 0));
	control(0x07);
	pass_ns(US);
	control(0x04);
	assert_int_equal(status(), 0xf0);
	pass_ns(4900);
	assert_int_equal(status(), 0xf0);
	pass_ns(200);
	assert_int_equal(status(), 0x90);
	assert_true(await_status(0xf8, 0xd0));
	assert_int_equal(read_nibbles(), 0x00);
}

static void assert_gone(uint8_t event, enum opp_1284_misdeed what, uint8_t lines)
{
	bench_setup(NULL);
	negotiate(0x05);
	be_rude((struct opp_1284_rudeness){ .event = event, .what = what });
	control(0x26);
	assert_true(await_status(0xf8, lines));
	assert_int_equal(opp_sim_read(&bench.sim, 0), 0xff);
	control(0x24);
	control(0x0c);
	control(0x06);
	pass_ns(2000 * MS);
	assert_int_equal(status(), lines);
	control(0x0c);
	assert_int_equal(opp_sim_next_edge_ns(&bench.sim), OPP_SIM_NEVER);
	opp_1284_behave(&bench.device);
	assert_prints('x');
	assert_int_equal(negotiate(0x04), 0xd0);
}

static void test_vanish(void **state)
{
	(void)state;
	assert_gone(7, OPP_1284_VANISH, 0x78);
	assert_gone(15, OPP_1284_VANISH, 0x78);
	assert_gone(9, OPP_1284_VANISH, 0x78);
}

static void test_die(void **state)
{
	(void)state;
	assert_gone(7, OPP_1284_DIE, 0x80);
	assert_gone(9, OPP_1284_DIE, 0x80);
}

static void test_gone_and_plugged_again(void **state)
{
	(void)state;
	be_rude((struct opp_1284_rudeness){ .event = 1, .what = OPP_1284_VANISH });
	event_1();
	assert_int_equal(status(), 0x78);
	control(0x0c);
	opp_sim_detach(&bench.sim);
	opp_sim_attach(&bench.sim, &bench.device.peripheral);
	assert_prints('x');
}

static void test_several(void **state)
{
	(void)state;
	be_rude((struct opp_1284_rudeness){
		.event = 2, .what = OPP_1284_LATE, .us = 100, .always = true });
	be_rude((struct opp_1284_rudeness){ .event = 2, .what = OPP_1284_WRONG, .mask = 0x20 });
	be_rude((struct opp_1284_rudeness){ .event = 9, .what = OPP_1284_DIE });
	event_1();
	pass_ns(100 * US);
	assert_int_equal(status(), READY);
	assert_true(await_status(0xf8, 0x98));
	control(0x0c);
	assert_int_equal(negotiate(0x04), 0xd0);
	control(0x06);
	assert_true(await_status(0xf8, 0x80));
}

static void test_most(void **state)
{
	const struct opp_1284_rudeness late = { .event = 2, .what = OPP_1284_LATE };

	(void)state;
	for (uint32_t i = 0; i < OPP_1284_RUDENESS_MOST; i++)
		be_rude(late);
	assert_false(opp_1284_be_rude(&bench.device, &late));
}

static void test_from_bytes(void **state)
{
	static const uint8_t bytes[] = { 76 + 6, 0x80 | 2, 0x34, 0x12, 0x17, 0x0f };
	const struct opp_1284_rudeness made = opp_1284_rudeness_from(bytes);

	(void)state;
	assert_int_equal(made.event, 6);
	assert_int_equal(made.what, OPP_1284_WRONG);
	assert_true(made.always);
	assert_int_equal(made.us, 0x1234);
	assert_int_equal(made.mask, 0x10);
	assert_int_equal(made.levels, 0x08);
}

/* ---- every event ---------------------------------------------------------------------------- */

struct move {
	uint8_t control;
	uint8_t mask; /* of the status awaited; 0: none */
	uint8_t value;
};

static void make(const struct move *moves, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		control(moves[i].control);
		if (moves[i].mask)
			assert_true(await_status(moves[i].mask, moves[i].value));
	}
}

#define MAKE(moves) make(moves, sizeof(moves) / sizeof((moves)[0]))

static const struct opp_1284_item one[] = { { 'r', false } };

static void arrive(void)
{
	offer(one, 1);
	opp_1284_data_arrives(&bench.device);
}

static void talk_in_nibble_mode(void)
{
	negotiate(0x00);
	control(0x06);
	pass_ns(10 * US);
	arrive();
	pass_ns(10 * US);
	control(0x04);
	assert_true(await_status(0x28, 0));
	read_nibbles();
	terminate();
}

static void talk_in_byte_mode(void)
{
	static const struct move read[] = {
		{ 0x26, ACK, 0 }, { 0x24, ACK, ACK }, { 0x25, 0, 0 }, { 0x24, 0, 0 }
	};

	arrive();
	negotiate(0x01);
	MAKE(read);
	terminate();
}

static void talk_in_ecp(void)
{
	static const struct move send_and_turn[] = { { 0x06, 0x20, 0x20 }, { 0x04, 0, 0 },
						     { 0x05, 0x80, 0 },    { 0x04, 0x80, 0x80 },
						     { 0x26, 0, 0 },       { 0x22, 0x20, 0 } };
	static const struct move receive_and_return[] = { { 0x22, ACK, 0 },
							  { 0x20, ACK, ACK },
							  { 0x22, 0, 0 },
							  { 0x26, 0x20, 0x20 },
							  { 0x04, 0, 0 } };
	static const struct move recover[] = {
		{ 0x05, 0, 0 }, { 0x01, 0x20, 0 }, { 0x00, 0, 0 }, { 0x04, 0x20, 0x20 }
	};

	negotiate(0x10);
	MAKE(send_and_turn);
	arrive();
	MAKE(receive_and_return);
	opp_1284_set_full(&bench.device, true);
	MAKE(recover);
	opp_1284_set_full(&bench.device, false);
	terminate();
}

static void talk_in_epp(void)
{
	static const struct move cycles[] = {
		{ 0x05, 0, 0 },       { 0x07, 0x80, 0 },    { 0x05, 0x80, 0x80 },
		{ 0x0d, 0x80, 0 },    { 0x05, 0x80, 0x80 }, { 0x24, 0, 0 },
		{ 0x26, 0x80, 0 },    { 0x24, 0x80, 0x80 }, { 0x2c, 0x80, 0 },
		{ 0x24, 0x80, 0x80 }, { 0x00, 0, 0 },
	};

	negotiate(0x40);
	MAKE(cycles);
	pass_ns(50 * US);
	control(0x0c);
}

static void talk_by_link(void)
{
	static const struct move second[] = { { 0x05, ACK, 0 }, { 0x04, ACK, ACK } };

	negotiate(0x80);
	MAKE(second);
	terminate();
}

/* A host that uses all it can finds a misdeed at each event that shows on a line. */
static void test_every_event(void **state)
{
	static const uint8_t events[] = {
		1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 15, 16, 18, 19, 20, 21, 22, 23,
		24, 25, 26, 27, 28, 30, 31, 32, 35, 36, 37, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
		49, 51, 52, 53, 54, 55, 56, 58, 59, 60, 62, 63, 64, 67, 68, 72, 73, 74, 75,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events); i++) {
		bench_setup(NULL);
		be_rude((struct opp_1284_rudeness){ .event = events[i], .what = OPP_1284_WRONG });
		talk_in_nibble_mode();
		talk_in_byte_mode();
		talk_in_ecp();
		talk_in_epp();
		talk_by_link();
		assert_prints('x');
		if (bench.device.rude_count)
			fail_msg("event %u never came", events[i]);
	}
}

/* ---- whatever it does, the host gets out ------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void be_random(uint32_t *seed)
{
	uint8_t bytes[OPP_1284_RUDENESS_BYTES];
	struct opp_1284_rudeness rudeness;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(seed);
	rudeness = opp_1284_rudeness_from(bytes);
	be_rude(rudeness);
}

/* A host as random as its device; then the device behaves and must be a printer. */
static void test_any_host_any_device(void **state)
{
	static const struct opp_1284_item items[] = { { 'a', false },
						      { 0x81, true },
						      { 'b', false } };
	static const uint8_t requests[] = { 0x00, 0x01, 0x04, 0x10, 0x30, 0x40, 0x80, 0x02 };
	uint32_t seed = 1;

	(void)state;
	for (uint32_t run = 0; run < 2000; run++) {
		bench_setup(NULL);
		offer(items, 3);
		for (uint32_t i = 0; i < run % 8; i++)
			be_random(&seed);
		data(requests[run % sizeof(requests)]);
		for (uint32_t i = 0; i < 60; i++) {
			const uint8_t value = (uint8_t)(next_random(&seed) & 0x2f);

			control(i == 0 ? 0x06 : i == 1 ? 0x07 : i == 2 ? 0x04 : value);
			pass_ns((next_random(&seed) % 8) * US);
			if (bench.said_count > 100)
				bench.said_count = 0;
		}
		control(0x08);
		opp_1284_behave(&bench.device);
		pass_ns(50 * US);
		control(0x0c);
		pass_ns(100 * MS);
		bench.printed = 0;
		assert_prints('x');
	}
}

#define CASE(name, fn)                                                                             \
	{                                                                                          \
		name, fn, bench_setup, NULL, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("one that never answers is deaf until the mode ends", test_never),
		CASE("one that never answers a host's event neither",
		     test_never_answers_host_event),
		CASE("one that never ends a mode is a printer after 1 s",
		     test_never_ends_termination),
		CASE("one that answers late is late by that much", test_late),
		CASE("wrong levels last until the next event", test_wrong),
		CASE("a wrong XFlag changes nothing but the line", test_wrong_flag),
		CASE("rudeness is done once, or always", test_always),
		CASE("a glitch is a pulse", test_glitch),
		CASE("one that vanishes leaves every line high", test_vanish),
		CASE("one that dies leaves every line low", test_die),
		CASE("one that vanished is back when plugged in again",
		     test_gone_and_plugged_again),
		CASE("several misdeeds at once", test_several),
		CASE("more misdeeds than there is room for are refused", test_most),
		CASE("any bytes are a misdeed", test_from_bytes),
		CASE("each event that shows on a line can be a rude one", test_every_event),
		CASE("no host and no rudeness hangs it", test_any_host_any_device),
	};

	return cmocka_run_group_tests_name("sim_1284_rude", tests, NULL, NULL);
}
