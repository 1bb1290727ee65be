/* SPDX-License-Identifier: MIT */
/*
 * What the requests of a device do on the wire: protocols, bytes, time-outs, device id,
 * lines, reset, addresses. All of it down to a simulated chip and device.
 */
#include <stdlib.h>
#include <string.h>

#include "device_last.h"

#define ALL_PROTOCOLS 0x07ffu

static const struct opp_sim_options spp = { .chip = OPP_SIM_SPP };
static const struct opp_sim_options ps2 = { .chip = OPP_SIM_PS2 };
static const struct opp_sim_options epp = { .chip = OPP_SIM_EPP };
static const struct opp_sim_options ecp = { .chip = OPP_SIM_ECP };

static void expect_protocols(uint16_t read, uint16_t write)
{
	assert_int_equal(device_at(LAST)->read_protocol, read);
	assert_int_equal(device_at(LAST)->write_protocol, write);
}

/* ---- protocols ------------------------------------------------------------------------------- */

static void test_default_protocols(void **state)
{
	(void)state;
	unit_says(LAST, "ab", 2);
	assert_int_equal(read_bytes(2, OPP_SUCCESS)->req.moved, 2);
	assert_memory_equal(got, "ab", 2);
	assert_int_equal(last_unit()->request, OPP_REQUEST_NIBBLE);
	negotiate(OPP_PROTO_BYTE, 0);
	unit_says(LAST, "cd", 2);
	assert_int_equal(read_bytes(2, OPP_SUCCESS)->req.moved, 2);
	assert_memory_equal(got, "cd", 2);
	assert_int_equal(last_unit()->request, OPP_REQUEST_BYTE);
	expect_rest();
}

static const struct {
	const struct opp_sim_options *chip;
	uint32_t modes;   /* of the device */
	uint32_t options; /* of the port */
	uint16_t read;    /* the fastest of all */
	uint16_t write;
} fastest[] = {
	{ &spp, UNIT_MODES, 0, OPP_PROTO_NIBBLE, OPP_PROTO_EPP_SW },
	{ &ps2, UNIT_MODES, 0, OPP_PROTO_EPP_SW, OPP_PROTO_EPP_SW },
	{ &epp, UNIT_MODES, 0, OPP_PROTO_EPP_HW, OPP_PROTO_EPP_HW },
	{ &epp, UNIT_MODES, OPP_PROTOCOL_SOFTWARE_EPP, OPP_PROTO_EPP_SW, OPP_PROTO_EPP_SW },
	{ &ecp, UNIT_MODES, 0, OPP_PROTO_ECP_HW_NOIRQ, OPP_PROTO_ECP_HW_NOIRQ },
	{ &ecp, OPP_1284_ECP, OPP_PROTOCOL_SOFTWARE_ECP, OPP_PROTO_ECP_SW, OPP_PROTO_ECP_SW },
	{ &ecp, UNIT_MODES | OPP_1284_BOUNDED_ECP, OPP_PROTOCOL_BOUNDED_ECP, OPP_PROTO_BOUNDED_ECP,
	  OPP_PROTO_BOUNDED_ECP },
	{ &ecp, UNIT_MODES | OPP_1284_BOUNDED_ECP, 0, OPP_PROTO_ECP_HW_NOIRQ,
	  OPP_PROTO_ECP_HW_NOIRQ },
	{ &ps2, OPP_1284_ECP, 0, OPP_PROTO_ECP_SW, OPP_PROTO_ECP_SW },
	{ &ps2, OPP_1284_BYTE, 0, OPP_PROTO_BYTE, OPP_PROTO_COMPATIBILITY },
	{ &ps2, OPP_1284_NIBBLE, 0, OPP_PROTO_NIBBLE, OPP_PROTO_COMPATIBILITY },
};

static void test_fastest(void **state)
{
	struct ask *ask;

	(void)state;
	for (uint32_t i = 0; i < sizeof(fastest) / sizeof(fastest[0]); i++) {
		world_start_on(fastest[i].chip, fastest[i].modes, fastest[i].options);
		ask = negotiation(ALL_PROTOCOLS, ALL_PROTOCOLS);
		assert_int_equal(world_do(ask), OPP_SUCCESS);
		assert_int_equal(ask->req.read, fastest[i].read);
		assert_int_equal(ask->req.write, fastest[i].write);
		expect_protocols(fastest[i].read, fastest[i].write);
		expect_rest();
	}
}

static void test_each_protocol(void **state)
{
	static const uint16_t both_ways[] = { OPP_PROTO_ECP_HW_NOIRQ, OPP_PROTO_ECP_SW,
					      OPP_PROTO_EPP_HW, OPP_PROTO_EPP_SW };

	for (uint32_t i = 0; i < sizeof(both_ways) / sizeof(both_ways[0]); i++) {
		const struct unit *unit = &world.units[LAST];

		(void)start_world(state);
		negotiate(both_ways[i], both_ways[i]);
		assert_int_equal(write_text("text"), OPP_SUCCESS);
		assert_int_equal(unit->heard_count, 4);
		for (uint32_t byte = 0; byte < 4; byte++)
			assert_int_equal(unit->heard[byte].byte, "text"[byte]);
		assert_int_equal(unit->printed, 0);
		unit_says(LAST, "back", 4);
		if (last_unit()->request == OPP_REQUEST_ECP) {
			assert_int_equal(read_bytes(4, OPP_SUCCESS)->req.moved, 4);
			assert_memory_equal(got, "back", 4);
		}
		expect_rest();
	}
}

/* EPP ends by nInit low, and ECP in reverse has it low: the chain is found again. */
static void test_beside_chain(void **state)
{
	static const uint16_t protocols[] = { OPP_PROTO_EPP_HW, OPP_PROTO_ECP_SW };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		negotiate(protocols[i], 0);
		unit_says(LAST, "a", 1);
		assert_int_equal(read_bytes(1, OPP_SUCCESS)->req.moved, 1);
		assert_int_equal(world.chain.adapters[FIRST].address, OPP_DAISY_NO_ADDRESS);
		assert_int_equal(world_does(FIRST, OPP_DO_LINES), OPP_SUCCESS);
		assert_int_equal(world.chain.adapters[FIRST].address, 0);
	}
	expect_rest();
}

static void test_nothing_in_common(void **state)
{
	struct ask *ask;

	(void)state;
	world_start(OPP_1284_BYTE);
	ask = negotiation(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(world_do(ask), OPP_UNSUCCESSFUL);
	expect_protocols(OPP_PROTO_NIBBLE, OPP_PROTO_CENTRONICS);
	ask = negotiation(OPP_PROTO_CENTRONICS, 0); /* of no use in reverse */
	assert_int_equal(world_do(ask), OPP_UNSUCCESSFUL);
	expect_rest();
}

static void test_old_printer(void **state)
{
	struct ask *ask;

	(void)state;
	plug_old_printer();
	assert_int_equal(world_do(negotiation(ALL_PROTOCOLS, 0)), OPP_UNSUCCESSFUL);
	ask = negotiation(0, ALL_PROTOCOLS);
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(ask->req.write, OPP_PROTO_COMPATIBILITY);
	ask = world_ask(LAST, OPP_DO_CAPS);
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(ask->req.read, OPP_PROTO_CENTRONICS | OPP_PROTO_COMPATIBILITY);
	assert_int_equal(write_text("x"), OPP_SUCCESS);
	rig_pass_ns(&world.chain.rig, 1000000);
	assert_int_equal(world.chain.printers[CHAIN_END].bytes, 1);
	(void)read_bytes(1, OPP_UNSUCCESSFUL);
	expect_rest();
}

/* It falls silent over one protocol, as some do over what they do not know. */
static void test_silent_about_one(void **state)
{
	static const struct opp_1284_rudeness silence = { .event = 6, .what = OPP_1284_NEVER };
	struct ask *ask;

	(void)state;
	assert_true(opp_1284_be_rude(last_unit(), &silence));
	ask = negotiation(0, ALL_PROTOCOLS);
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(ask->req.write, OPP_PROTO_EPP_HW);
}

static void test_one_direction(void **state)
{
	struct ask *ask;

	(void)state;
	negotiate(OPP_PROTO_BYTE | OPP_PROTO_NIBBLE, 0);
	expect_protocols(OPP_PROTO_BYTE, OPP_PROTO_CENTRONICS);
	ask = negotiation(0, OPP_PROTO_ECP_SW);
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(ask->req.read, OPP_PROTO_BYTE);
	expect_protocols(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
}

/* ---- connected under a lock ---------------------------------------------------------------------- */

static void test_stays_connected(void **state)
{
	const struct opp_protocol *protocol = &world.chain.protocol;

	(void)state;
	lock_last();
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(protocol->mode, OPP_MODE_ECP);
	assert_int_equal(protocol->options, 0);
	rig_forget_accesses(&world.chain.rig);
	assert_int_equal(world_does(LAST, OPP_DO_FORWARD), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 0);
	assert_int_equal(world_does(LAST, OPP_DO_REVERSE), OPP_SUCCESS);
	assert_int_equal(protocol->mode, OPP_MODE_BYTE);
	rig_forget_accesses(&world.chain.rig);
	assert_int_equal(world_does(LAST, OPP_DO_REVERSE), OPP_SUCCESS);
	assert_int_equal(world.chain.rig.accesses, 0);
	unlock_last();
}

static void test_chosen_direction(void **state)
{
	struct ask *ask = negotiation(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);

	(void)state;
	lock_last();
	ask->req.refuse_connected = true;
	ask->req.reverse = true;
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_BYTE);
	ask = negotiation(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	ask->req.refuse_connected = true;
	assert_int_equal(world_do(ask), OPP_DEVICE_PROTOCOL_ERROR);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_BYTE);
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_ECP);
	unlock_last();
}

static void test_terminate(void **state)
{
	(void)state;
	lock_last();
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(world_does(LAST, OPP_DO_TERMINATE), OPP_SUCCESS);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(world.port.undo & OPP_UNDO_MODE, 0);
	expect_protocols(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(world_does(LAST, OPP_DO_TERMINATE), OPP_SUCCESS);
	unlock_last();
}

static void test_idle(void **state)
{
	(void)state;
	lock_last();
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	assert_int_equal(world_does(LAST, OPP_DO_IDLE), OPP_SUCCESS);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_COMPAT);
	expect_protocols(OPP_PROTO_NIBBLE, OPP_PROTO_CENTRONICS);
	unlock_last();
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	file_asks(0); /* it needs no port: nothing is connected */
	assert_int_equal(world_submit(world_ask(LAST, OPP_DO_IDLE)), OPP_SUCCESS);
	expect_protocols(OPP_PROTO_NIBBLE, OPP_PROTO_CENTRONICS);
	file_frees(0);
}

/* In line behind a transfer it does not come before that. */
static void test_idle_in_line(void **state)
{
	struct ask *idle;
	struct ask *write;

	(void)state;
	negotiate(0, OPP_PROTO_ECP_SW);
	write = world_write(LAST, "text");
	idle = world_submitted(LAST, OPP_DO_IDLE);
	expect_protocols(OPP_PROTO_NIBBLE, OPP_PROTO_ECP_SW);
	world_run();
	expect_told(write, OPP_SUCCESS);
	expect_told(idle, OPP_SUCCESS);
	assert_int_equal(world.units[LAST].heard_count, 4);
	expect_protocols(OPP_PROTO_NIBBLE, OPP_PROTO_CENTRONICS);
}

static void test_caps(void **state)
{
	struct ask *ask;

	(void)state;
	world_start_on(&epp, UNIT_MODES, 0);
	lock_last();
	ask = world_ask(LAST, OPP_DO_CAPS);
	ask->req.exclude = OPP_PROTO_EPP_HW | OPP_PROTO_BYTE;
	assert_int_equal(world_do(ask), OPP_SUCCESS);
	assert_int_equal(ask->req.read, OPP_PROTO_EPP_SW | OPP_PROTO_ECP_SW | OPP_PROTO_NIBBLE |
						OPP_PROTO_COMPATIBILITY | OPP_PROTO_CENTRONICS);
	assert_int_equal(ask->req.write, ask->req.read);
	assert_int_equal(device_at(LAST)->known, ask->req.read | ask->req.exclude);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_COMPAT);
	negotiate(ALL_PROTOCOLS, ALL_PROTOCOLS);
	expect_protocols(OPP_PROTO_EPP_SW, OPP_PROTO_EPP_SW);
	assert_int_equal(world_do(negotiation(OPP_PROTO_BYTE, 0)), OPP_UNSUCCESSFUL);
	assert_int_equal(world.chain.protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(world_does(LAST, OPP_DO_CAPS), OPP_SUCCESS);
	assert_int_equal(device_at(LAST)->excluded, 0);
	unlock_last();
}

/* A device that is another one now, and refuses. */
static void test_protocol_refused(void **state)
{
	(void)state;
	negotiate(OPP_PROTO_BYTE, OPP_PROTO_ECP_SW);
	last_unit()->options.modes = OPP_1284_NIBBLE;
	assert_int_equal(write_text("x"), OPP_UNSUCCESSFUL);
	opp_1284_set_conditions(last_unit(), OPP_CENTRONICS_POWERED_OFF);
	assert_int_equal(write_text("x"), OPP_DEVICE_POWERED_OFF);
	expect_rest();
}

/* ---- addresses (S-78) ----------------------------------------------------------------------------- */

static void expect_heard(size_t at, enum opp_1284_kind kind, uint8_t byte)
{
	const struct unit *unit = &world.units[LAST];

	assert_true(at < unit->heard_count);
	assert_int_equal(unit->heard[at].kind, kind);
	assert_int_equal(unit->heard[at].byte, byte);
}

static void test_channel(void **state)
{
	(void)state;
	device_at(LAST)->write_address = 5;
	negotiate(0, OPP_PROTO_ECP_SW);
	assert_int_equal(world.units[LAST].heard_count, 0);
	assert_int_equal(write_text("a"), OPP_SUCCESS);
	expect_heard(0, OPP_1284_ECP_COMMAND, 0x85);
	expect_heard(1, OPP_1284_ECP_DATA, 'a');
	lock_last();
	assert_int_equal(write_text("b"), OPP_SUCCESS); /* connected anew */
	expect_heard(2, OPP_1284_ECP_COMMAND, 0x85);
	assert_int_equal(write_text("c"), OPP_SUCCESS); /* still connected */
	device_at(LAST)->write_address = 0;
	assert_int_equal(write_text("d"), OPP_SUCCESS);
	expect_heard(4, OPP_1284_ECP_DATA, 'c');
	expect_heard(5, OPP_1284_ECP_COMMAND, 0x80);
	expect_heard(6, OPP_1284_ECP_DATA, 'd');
	unlock_last();
}

/* The wire has seven bits for it. */
static void test_long_channel(void **state)
{
	static const uint8_t addresses[] = { 255, 128 + 9, 127 };

	(void)state;
	lock_last();
	negotiate(0, OPP_PROTO_ECP_SW);
	for (uint32_t i = 0; i < sizeof(addresses); i++) {
		device_at(LAST)->write_address = addresses[i];
		assert_int_equal(write_text("a"), OPP_SUCCESS);
		expect_heard(2 * i, OPP_1284_ECP_COMMAND, addresses[i] | 0x80);
		expect_heard(2 * i + 1, OPP_1284_ECP_DATA, 'a');
	}
	device_at(LAST)->write_address = 255; /* the one it is on */
	assert_int_equal(write_text("b"), OPP_SUCCESS);
	expect_heard(6, OPP_1284_ECP_DATA, 'b');
	unlock_last();
}

/* Each direction has its own, and it is told once. */
static void test_read_address(void **state)
{
	(void)state;
	device_at(LAST)->read_address = 7;
	device_at(LAST)->write_address = 3;
	lock_last();
	negotiate(OPP_PROTO_EPP_HW, OPP_PROTO_EPP_HW);
	expect_heard(0, OPP_1284_EPP_ADDRESS, 3);
	for (uint32_t i = 0; i < 2; i++) {
		unit_says(LAST, "x", 1);
		(void)read_bytes(1, OPP_SUCCESS);
		assert_int_equal(world.units[LAST].heard_count, 2);
		expect_heard(1, OPP_1284_EPP_ADDRESS, 7);
	}
	assert_int_equal(write_text("a"), OPP_SUCCESS);
	expect_heard(2, OPP_1284_EPP_ADDRESS, 3);
	unlock_last();
}

/* Who has left the mode in the middle knows of no address any more. */
static void test_address_after_break(void **state)
{
	(void)state;
	device_at(LAST)->write_address = 5;
	lock_last();
	negotiate(0, OPP_PROTO_ECP_SW);
	expect_heard(0, OPP_1284_ECP_COMMAND, 0x85);
	world.chain.protocol.position = OPP_AT_BROKEN_OFF;
	assert_int_equal(write_text("a"), OPP_SUCCESS);
	expect_heard(1, OPP_1284_ECP_COMMAND, 0x85);
	expect_heard(2, OPP_1284_ECP_DATA, 'a');
	unlock_last();
}

static void test_epp_address(void **state)
{
	(void)state;
	device_at(LAST)->write_address = 200;
	negotiate(0, OPP_PROTO_EPP_HW);
	assert_int_equal(write_text("a"), OPP_SUCCESS);
	expect_heard(0, OPP_1284_EPP_ADDRESS, 200);
	expect_heard(1, OPP_1284_EPP_DATA, 'a');
	negotiate(0, OPP_PROTO_CENTRONICS);
	assert_int_equal(write_text("b"), OPP_SUCCESS);
	assert_int_equal(world.units[LAST].heard_count, 2);
	expect_printed(LAST, "b");
}

/* Its buffer is full: it is told no address, and not waited for without end. */
static void test_address_not_taken(void **state)
{
	struct ask *ask;

	(void)state;
	lock_last();
	negotiate(0, OPP_PROTO_ECP_SW);
	device_at(LAST)->write_address = 5;
	opp_1284_set_full(last_unit(), true);
	assert_int_equal(world_does(LAST, OPP_DO_FORWARD), OPP_TIMEOUT);
	ask = world_ask_bytes(LAST, OPP_DO_WRITE, (uint8_t[]){ 'x' }, 1);
	assert_int_equal(world_do(ask), OPP_TIMEOUT);
	assert_int_equal(ask->req.moved, 0);
	unlock_last();
}

/* That is not silence: it does not say that it has nothing. */
static void test_read_address_not_taken(void **state)
{
	(void)state;
	lock_last();
	negotiate(OPP_PROTO_ECP_SW, OPP_PROTO_ECP_SW);
	device_at(LAST)->read_address = 5;
	opp_1284_set_full(last_unit(), true);
	assert_int_equal(read_bytes(1, OPP_TIMEOUT)->req.moved, 0);
	device_at(LAST)->timeouts.read_constant = 200; /* its own time is over before */
	assert_int_equal(read_bytes(1, OPP_SUCCESS)->req.moved, 0);
	unlock_last();
}

/* One question is enough for all: each costs the time in which it is not answered. */
static void test_asked_once(void **state)
{
	const uint64_t begun_us = world_now_us();
	struct ask *caps = world_ask(LAST, OPP_DO_CAPS);

	(void)state;
	plug_old_printer();
	assert_int_equal(world_do(caps), OPP_SUCCESS);
	assert_int_equal(caps->req.read, OPP_PROTO_COMPATIBILITY | OPP_PROTO_CENTRONICS);
	assert_in_range(world_now_us() - begun_us, 1, 150000);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start_world, NULL, NULL                                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-151 nibble mode first, later what was negotiated", test_default_protocols),
		CASE("C-137 C-141 C-149 the fastest of host, port and device", test_fastest),
		CASE("bytes go in each protocol that goes both ways", test_each_protocol),
		CASE("a chain that forgot its addresses in EPP or ECP", test_beside_chain),
		CASE("C-140 nothing in common changes nothing", test_nothing_in_common),
		CASE("a printer that does not know IEEE 1284", test_old_printer),
		CASE("a device that falls silent over one protocol", test_silent_about_one),
		CASE("a direction that is not asked for stays", test_one_direction),
		CASE("C-147 connected under a lock, and again at no cost", test_stays_connected),
		CASE("C-143 C-144 which one is connected, and that one is already",
		     test_chosen_direction),
		CASE("C-146 a mode ends, and again", test_terminate),
		CASE("C-142 idle: compatibility mode and the defaults", test_idle),
		CASE("idle waits for its turn", test_idle_in_line),
		CASE("C-148 what both know, and what is excluded from it", test_caps),
		CASE("a device that refuses what it agreed to before", test_protocol_refused),
		CASE("an ECP channel is told once a connection", test_channel),
		CASE("an EPP address comes before the bytes", test_epp_address),
		CASE("an ECP channel has seven bits", test_long_channel),
		CASE("C-173 a read address is told once a connection", test_read_address),
		CASE("an address is told again after a mode that broke off",
		     test_address_after_break),
		CASE("an address that is not taken", test_address_not_taken),
		CASE("an address of a read that is not taken", test_read_address_not_taken),
		CASE("who does not know IEEE 1284 is asked once", test_asked_once),
	};

	return cmocka_run_group_tests_name("device_modes", tests, NULL, NULL);
}
