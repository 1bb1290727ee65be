/* SPDX-License-Identifier: MIT */
/* IEEE 1284 devices behind adapters: what is said to one is heard by no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_1284.h>
#include <openparport/sim_daisy.h>

#include "cpp_host.h"

#define ADAPTERS 3
#define DEVICES  (ADAPTERS + 1) /* the last one is at the end */

#define NACK   0x40u
#define PERROR 0x20u

static const char *const ids[DEVICES] = {
	"MFG:First;MDL:One;",
	"MFG:Second;MDL:Two;",
	"MFG:Third;MDL:Three;",
	"MFG:Last;MDL:At the end;",
};

static struct bench bench;
static struct opp_daisy adapters[ADAPTERS];
static struct opp_1284 devices[DEVICES];
static uint8_t forward[DEVICES][600];
static uint32_t forwarded[DEVICES];
static enum opp_1284_kind expected_kind;

static void hear(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	const uint32_t index = (uint32_t)(uintptr_t)context;

	assert_int_equal(kind, expected_kind);
	assert_int_equal(channel, 0);
	assert_true(forwarded[index] < sizeof(forward[index]));
	forward[index][forwarded[index]++] = byte;
}

static struct opp_sim_peripheral *new_device(uint32_t index)
{
	const struct opp_1284_options options = {
		.modes = OPP_1284_NIBBLE | OPP_1284_ECP | OPP_1284_EPP | OPP_1284_ID_NIBBLE,
		.device_id = ids[index],
		.context = (void *)(uintptr_t)index,
		.forward = hear,
	};

	forwarded[index] = 0;
	opp_1284_init(&devices[index], &options);
	return &devices[index].peripheral;
}

static void start(enum opp_sim_chip chip, uint32_t count)
{
	struct opp_sim_connector *connector = &bench.sim.connector;

	bench_start(&bench, chip);
	for (uint32_t i = 0; i < count; i++) {
		opp_daisy_init(&adapters[i]);
		opp_sim_plug(connector, &adapters[i].peripheral);
		new_device(i);
		opp_daisy_plug_1284(&adapters[i], &devices[i]);
		connector = &adapters[i].through;
	}
	opp_sim_plug(connector, new_device(ADAPTERS));
}

static void await(uint8_t mask, uint8_t value)
{
	for (uint32_t i = 0; (bench_in(&bench, STATUS) & mask) != value; i++)
		assert_true(i < 1000);
}

static void negotiate(uint8_t request)
{
	bench_out(&bench, DATA, request);
	bench_out(&bench, CONTROL, 0x06); /* ev 1 */
	await(0x78, 0x38);                /* ev 2 */
	bench_out(&bench, CONTROL, 0x07); /* ev 3 */
	bench_out(&bench, CONTROL, 0x04); /* ev 4 */
	await(NACK, NACK);                /* ev 6 */
}

static void terminate(void)
{
	bench_out(&bench, CONTROL, 0x0c); /* ev 22 */
	await(NACK, 0);                   /* ev 24 */
	bench_out(&bench, CONTROL, 0x0e); /* ev 25 */
	await(NACK, NACK);                /* ev 27 */
	bench_out(&bench, CONTROL, 0x0c); /* ev 28 */
}

static uint8_t read_nibble(void)
{
	uint8_t status;

	bench_out(&bench, CONTROL, 0x06); /* ev 7 */
	await(NACK, 0);                   /* ev 9 */
	status = bench_in(&bench, STATUS);
	bench_out(&bench, CONTROL, 0x04); /* ev 10 */
	await(NACK, NACK);                /* ev 11 */
	return (uint8_t)((status >> 3 & 7) | (status & 0x80 ? 0 : 8));
}

/* The device id of whoever is connected. */
static void assert_id(const char *id)
{
	const size_t length = strlen(id) + 2;

	negotiate(0x04);
	for (size_t i = 0; i < length; i++) {
		const uint8_t low = read_nibble();
		const uint8_t byte = (uint8_t)(low | read_nibble() << 4);

		assert_int_equal(byte, i == 0   ? length >> 8
				       : i == 1 ? length & 0xff
						: (uint8_t)id[i - 2]);
	}
	terminate();
}

static void assert_at_rest(void)
{
	for (uint32_t i = 0; i < DEVICES; i++) {
		assert_int_equal(devices[i].state, OPP_1284_COMPAT);
		assert_int_equal(devices[i].printer.printed, 0);
	}
	assert_int_equal(bench.host_errors, 0);
}

static void test_ids(void **state)
{
	(void)state;
	start(OPP_SIM_PS2, ADAPTERS);
	assert_int_equal(cpp_enumerate(&bench), ADAPTERS);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint8_t i = 0; i < ADAPTERS; i++) {
			assert_true(cpp(&bench, 0xe0 | i));
			assert_id(ids[i]);
		}
		cpp(&bench, 0x30);
		assert_id(ids[ADAPTERS]);
	}
	assert_at_rest();
}

static void test_alone(void **state)
{
	(void)state;
	start(OPP_SIM_PS2, 0);
	for (uint32_t i = 0; i < ADAPTERS; i++)
		new_device(i);
	assert_int_equal(cpp_enumerate(&bench), 0);
	for (uint32_t code = 0; code < 0x100; code++)
		assert_false(cpp(&bench, (uint8_t)code));
	assert_at_rest();
	assert_id(ids[ADAPTERS]);
}

/* What ECP carries may look like a packet, and is none. */
static void test_ecp(void **state)
{
	static const uint8_t packet[] = { 0xaa, 0x55, 0x00, 0xff, 0x87, 0x78, 0x30, 0xff };

	(void)state;
	expected_kind = OPP_1284_ECP_DATA;
	start(OPP_SIM_PS2, ADAPTERS);
	assert_int_equal(cpp_enumerate(&bench), ADAPTERS);
	assert_true(cpp(&bench, 0xd1));
	assert_int_equal(adapters[1].mode, OPP_DAISY_ECP);
	negotiate(0x10);
	bench_out(&bench, CONTROL, 0x06); /* ev 30 */
	await(PERROR, PERROR);            /* ev 31 */
	bench_out(&bench, CONTROL, 0x04);
	for (uint32_t i = 0; i < 500; i++) {
		bench_out(&bench, DATA, packet[i % sizeof(packet)]);
		bench_out(&bench, CONTROL, 0x05); /* ev 35 */
		await(0x80, 0);                   /* ev 36 */
		bench_out(&bench, CONTROL, 0x04); /* ev 37 */
		await(0x80, 0x80);                /* ev 32 */
	}
	terminate();
	for (uint32_t i = 0; i < DEVICES; i++)
		assert_int_equal(forwarded[i], i == 1 ? 500 : 0);
	for (uint32_t i = 0; i < 500; i++)
		assert_int_equal(forward[1][i], packet[i % sizeof(packet)]);
	assert_int_equal(adapters[1].mode, OPP_DAISY_ECP);
	assert_at_rest();
}

static void write_epp(uint8_t bytes)
{
	bench_out(&bench, CONTROL, 0x04);
	for (uint8_t i = 0; i < bytes; i++) {
		bench_out(&bench, 4, i);
		assert_int_equal(bench_in(&bench, STATUS) & 0x01, 0);
		assert_int_equal(forward[1][forwarded[1] - 1u], i);
	}
}

static void end_epp(void)
{
	bench_out(&bench, CONTROL, 0x00); /* ev 68 */
	bench_wait_ns(&bench, 50000);
	bench_out(&bench, CONTROL, 0x0c); /* ev 69 */
}

/* Hosts write at once what they have selected so, with nSelectIn low or high in the packet. */
static void test_epp(void **state)
{
	static const uint8_t codes[] = { 0x21, 0x29 };

	(void)state;
	expected_kind = OPP_1284_EPP_DATA;
	for (uint32_t i = 0; i < 4; i++) {
		start(OPP_SIM_EPP, ADAPTERS);
		assert_int_equal(cpp_enumerate(&bench), ADAPTERS);
		bench_out(&bench, CONTROL, i & 1 ? 0x04 : 0x0c);
		assert_true(cpp(&bench, codes[i / 2]));
		write_epp(20);
		assert_int_equal(forwarded[1], 20);
		end_epp();
		/* it is selected still, for whatever is negotiated as well */
		assert_id(ids[1]);
		write_epp(5);
		assert_int_equal(forwarded[1], 25);
		/* no event 68: the next select puts it in order */
		assert_true(cpp(&bench, 0xe1));
		bench_out(&bench, CONTROL, 0x0c);
		assert_id(ids[1]);
		cpp(&bench, 0x30);
		assert_at_rest();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "every device behind a chain tells its own id", test_ids, NULL, NULL, NULL },
		{ "P-133 an IEEE 1284 device is not disturbed by packets", test_alone, NULL, NULL,
		  NULL },
		{ "a device that is selected for EPP needs no negotiation", test_epp, NULL, NULL,
		  NULL },
		{ "bytes of a packet in ECP are data", test_ecp, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_daisy_1284", tests, NULL, NULL);
}
