/* SPDX-License-Identifier: MIT */
/* A chain of 1284.3 adapters, addressed by a host that only writes bytes and looks at the status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openparport/sim_centronics.h>
#include <openparport/sim_daisy.h>
#include <openparport/sim_recorder.h>

#include "cpp_host.h"
#include "sim_bench.h"

#define MOST       4
#define AT_THE_END MOST /* index of the printer behind the last adapter */

#define IDLE   0x0cu
#define STROBE 0x01u

struct printer {
	struct opp_centronics centronics;
	uint32_t bytes;
	uint8_t last;
};

static struct bench bench;
static struct opp_daisy adapters[MOST];
static struct printer printers[MOST + 1];

static bool print(void *context, uint8_t byte)
{
	struct printer *printer = (struct printer *)context;

	printer->bytes++;
	printer->last = byte;
	return true;
}

static struct opp_sim_peripheral *new_printer(uint32_t index)
{
	const struct opp_centronics_options options = {
		.context = &printers[index],
		.print = print,
	};

	opp_centronics_init(&printers[index].centronics, &options);
	return &printers[index].centronics.peripheral;
}

/* Printer i is the device of adapter i. The last thing plugged in is the first adapter. */
static void start(uint32_t count)
{
	struct opp_sim_connector *last = &bench.sim.connector;

	bench_start(&bench, OPP_SIM_PS2);
	for (uint32_t i = 0; i <= MOST; i++)
		printers[i] = (struct printer){ 0 };
	for (uint32_t i = 0; i < count; i++) {
		opp_daisy_init(&adapters[i]);
		opp_sim_plug(&adapters[i].device, new_printer(i));
		if (i > 0)
			opp_sim_plug(&adapters[i - 1].through, &adapters[i].peripheral);
	}
	if (count) {
		last = &adapters[count - 1].through;
		opp_sim_attach(&bench.sim, &adapters[0].peripheral);
	}
	opp_sim_plug(last, new_printer(AT_THE_END));
}

/* To whoever is connected. */
static void print_byte(uint8_t byte)
{
	assert_true(bench_in(&bench, STATUS) & 0x80);
	bench_out(&bench, DATA, byte);
	bench_out(&bench, CONTROL, IDLE | STROBE);
	bench_out(&bench, CONTROL, IDLE);
	bench_wait_ns(&bench, 10000);
}

/* Nobody else has seen a byte, ever. */
static void assert_printed_only(uint32_t index, uint32_t count)
{
	for (uint32_t i = 0; i <= MOST; i++)
		assert_int_equal(printers[i].bytes, i == index ? count : 0);
	assert_int_equal(bench.host_errors, 0);
}

static void test_enumeration(void **state)
{
	(void)state;
	for (uint32_t count = 0; count <= MOST; count++) {
		start(count);
		cpp(&bench, 0x30);
		assert_int_equal(cpp_enumerate(&bench), count);
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(adapters[i].address, i);
		/* once more, with addresses from before */
		assert_int_equal(cpp_enumerate(&bench), count);
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(adapters[i].address, i);
		assert_printed_only(AT_THE_END, 0);
	}
}

static void test_last_is_told(void **state)
{
	(void)state;
	start(3);
	assert_true(cpp_begin(&bench));
	for (uint8_t i = 0; i < 3; i++) {
		const uint8_t status = bench_in(&bench, STATUS);

		assert_int_equal(status & (CPP_PRESENT | CPP_NFAULT), CPP_PRESENT);
		assert_int_equal(!!(status & CPP_MORE), i < 2);
		assert_false(cpp_command(&bench, i) & CPP_NFAULT);
	}
	/* it is the printer that is seen now, and the command is for nobody */
	assert_int_equal(bench_in(&bench, STATUS) & CPP_TESTED, 0x98);
	assert_true(cpp_command(&bench, 3) & CPP_NFAULT);
	cpp_end(&bench);
	assert_printed_only(AT_THE_END, 0);
}

static void test_any_prefix(void **state)
{
	static const uint8_t prefixes[][3] = {
		{ 0x22, 0x00, 0xff }, { 0xaa, 0x55, 0x00 }, { 0xaa, 0x55, 0xaa },
		{ 0x01, 0x22, 0x22 }, { 0xaa, 0x00, 0x55 }, { 0x87, 0x78, 0xe0 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		for (uint8_t control = 0x04; control <= IDLE; control += 0x08) {
			start(2);
			bench_out(&bench, CONTROL, control);
			for (uint32_t k = 0; k < 3; k++)
				bench_out(&bench, DATA, prefixes[i][k]);
			assert_int_equal(cpp_enumerate(&bench), 2);
			assert_true(cpp(&bench, 0xe1));
			assert_int_equal(adapters[1].mode, OPP_DAISY_COMPATIBILITY);
		}
	}
}

static void test_not_a_packet(void **state)
{
	static const uint8_t bytes[] = { 0xaa, 0x55, 0x00, 0xff, 0x87, 0x78 };

	(void)state;
	/* every byte in turn is wrong, or printed: a page may hold the packet */
	for (uint32_t wrong = 0; wrong < 2 * sizeof(bytes) - 1; wrong++) {
		start(1);
		for (uint32_t i = 0; i < sizeof(bytes); i++) {
			bench_out(&bench, DATA, bytes[i] ^ (wrong == i ? 0x10 : 0));
			if (wrong != i + sizeof(bytes))
				continue;
			bench_out(&bench, CONTROL, IDLE | STROBE);
			bench_out(&bench, CONTROL, IDLE);
			bench_wait_ns(&bench, 10000);
		}
		assert_int_equal(bench_in(&bench, STATUS) & CPP_TESTED, 0x98);
		cpp_command(&bench, 0x00);
		assert_int_equal(adapters[0].address, OPP_DAISY_NO_ADDRESS);
	}
}

/* Those behind see no strobe of a selected device: they must not take its page for a packet. */
static void test_page_is_no_packet(void **state)
{
	static const uint8_t page[] = { 0xaa, 0x55, 0x00, 0xff, 0x87, 0x78, 0x00, 0xe2, 0x30 };

	(void)state;
	for (uint32_t bytes = 0; bytes <= sizeof(page); bytes++) {
		start(3);
		cpp_enumerate(&bench);
		assert_true(cpp(&bench, 0xe0));
		for (uint32_t round = 0; round < 2; round++) {
			for (uint32_t i = 0; i < bytes; i++)
				print_byte(page[i]);
			assert_printed_only(0, (round + 1) * bytes);
			for (uint8_t i = 0; i < 3; i++)
				assert_int_equal(adapters[i].address, i);
			/* the first byte of the packet must be a change */
			bench_out(&bench, DATA, 0x22);
			assert_true(cpp(&bench, 0xe2));
			assert_true(cpp(&bench, 0xe0));
		}
		assert_int_equal(adapters[1].mode, OPP_DAISY_UNSELECTED);
	}
}

/* Lines that stand as the first test wants them. */
static void test_phantom(void **state)
{
	static struct opp_recorder phantom;
	static struct opp_recorder_entry ring[1];

	(void)state;
	start(1);
	assert_true(opp_recorder_init(&phantom, ring, 1));
	opp_recorder_set_inputs(&phantom, OPP_STATUS_LINES & ~OPP_LINE_BUSY);
	opp_sim_plug(&adapters[0].through, &phantom.peripheral);
	assert_true(cpp_begin(&bench));
	assert_int_equal(bench_in(&bench, STATUS) & CPP_MORE, 0);
	cpp_end(&bench);
	assert_int_equal(cpp_enumerate(&bench), 1);
}

static void test_select_answer(void **state)
{
	static const struct {
		uint8_t code;
		enum opp_daisy_mode mode;
	} codes[] = {
		{ 0x20, OPP_DAISY_EPP },
		{ 0x28, OPP_DAISY_EPP },
		{ 0xd0, OPP_DAISY_ECP },
		{ 0xe0, OPP_DAISY_COMPATIBILITY },
	};

	(void)state;
	start(3);
	cpp_enumerate(&bench);
	for (uint32_t i = 0; i < 4; i++) {
		for (uint8_t address = 0; address < MOST; address++) {
			const bool here = address < 3;

			assert_int_equal(cpp(&bench, codes[i].code | address), here);
			for (uint32_t k = 0; k < 3; k++)
				assert_int_equal(adapters[k].mode,
						 k == address ? codes[i].mode : 0);
		}
	}
	for (uint8_t address = 0; address < MOST; address++)
		assert_int_equal(cpp(&bench, 0x60 | address), address < 3);
	assert_printed_only(AT_THE_END, 0);
}

static void test_selected_device(void **state)
{
	(void)state;
	for (uint32_t chosen = 0; chosen < 3; chosen++) {
		start(3);
		cpp_enumerate(&bench);
		assert_true(cpp(&bench, (uint8_t)(0xe0 | chosen)));
		for (uint32_t i = 0; i < 300; i++)
			print_byte((uint8_t)bench_random(&bench));
		assert_printed_only(chosen, 300);
	}
}

static void test_selected_moves_on(void **state)
{
	(void)state;
	start(3);
	cpp_enumerate(&bench);
	for (uint32_t i = 0; i < 30; i++) {
		const uint8_t chosen = (uint8_t)(bench_random(&bench) % 3);
		const uint32_t before = printers[chosen].bytes;

		assert_true(cpp(&bench, 0xe0 | chosen));
		print_byte((uint8_t)i);
		assert_int_equal(printers[chosen].bytes, before + 1);
		assert_int_equal(printers[chosen].last, i);
	}
	assert_int_equal(printers[0].bytes + printers[1].bytes + printers[2].bytes, 30);
	assert_int_equal(printers[AT_THE_END].bytes, 0);
}

static void test_deselect(void **state)
{
	(void)state;
	for (uint8_t code = 0x30; code < 0x40; code++) {
		start(2);
		cpp_enumerate(&bench);
		assert_true(cpp(&bench, 0xe0));
		cpp(&bench, code);
		for (uint32_t i = 0; i < 50; i++)
			print_byte((uint8_t)bench_random(&bench));
		assert_printed_only(AT_THE_END, 50);
	}
}

static void test_shield(void **state)
{
	(void)state;
	start(2);
	cpp_enumerate(&bench);
	assert_true(cpp(&bench, 0xe0));
	/* nInit, nAutoFd and nSelectIn are for the selected device, too */
	for (uint8_t control = 0; control < 0x10; control++)
		bench_out(&bench, CONTROL, control);
	bench_out(&bench, CONTROL, IDLE);
	assert_int_equal(adapters[0].through.wires.control, OPP_CONTROL_IDLE);
	/* and so is data, even when what hangs there moves a line */
	bench_out(&bench, DATA, 0x5a);
	opp_centronics_set_conditions(&printers[AT_THE_END].centronics, OPP_CENTRONICS_PAPER_OUT);
	assert_int_equal(adapters[0].through.wires.data, 0xff);
	assert_int_equal(adapters[1].address, 1);
	assert_int_equal(adapters[1].device.wires.control, OPP_CONTROL_IDLE);
	assert_true(cpp(&bench, 0xe1));
}

static void test_unknown_commands(void **state)
{
	(void)state;
	start(2);
	cpp_enumerate(&bench);
	assert_true(cpp(&bench, 0xe1));
	for (uint32_t code = 0x04; code < 0x100; code++) {
		const uint32_t kind = code & 0xfc;

		if (kind == 0x20 || kind == 0x28 || kind == 0xd0 || kind == 0xe0 || kind == 0x60 ||
		    (code & 0xf0) == 0x30 || code == 0xff)
			continue;
		assert_false(cpp(&bench, (uint8_t)code));
		assert_int_equal(adapters[0].address, 0);
		assert_int_equal(adapters[1].mode, OPP_DAISY_COMPATIBILITY);
	}
}

static void test_init(void **state)
{
	(void)state;
	start(2);
	cpp_enumerate(&bench);
	/* with one selected it belongs to that one's device */
	assert_true(cpp(&bench, 0xe1));
	bench_out(&bench, CONTROL, 0x08);
	bench_out(&bench, CONTROL, IDLE);
	assert_int_equal(adapters[0].address, 0);
	assert_int_equal(adapters[1].address, 1);
	assert_int_equal(adapters[1].mode, OPP_DAISY_COMPATIBILITY);
	cpp(&bench, 0x30);
	bench_out(&bench, CONTROL, 0x08);
	bench_out(&bench, CONTROL, IDLE);
	assert_int_equal(adapters[0].address, OPP_DAISY_NO_ADDRESS);
	assert_int_equal(adapters[1].address, OPP_DAISY_NO_ADDRESS);
	assert_false(cpp(&bench, 0xe0));
	assert_int_equal(cpp_enumerate(&bench), 2);
}

static void test_fresh_round(void **state)
{
	(void)state;
	start(2);
	cpp_enumerate(&bench);
	/* a host that believes in one device only */
	assert_true(cpp(&bench, 0x00));
	assert_true(cpp(&bench, 0xe0));
	assert_false(cpp(&bench, 0xe1));
	assert_int_equal(adapters[1].address, OPP_DAISY_NO_ADDRESS);
	/* a round that does not begin at 0 forgets nothing */
	cpp_enumerate(&bench);
	assert_true(cpp(&bench, 0x02));
	assert_true(cpp(&bench, 0xe2));
	assert_true(cpp(&bench, 0xe1));
}

static void test_given_up(void **state)
{
	(void)state;
	start(1);
	assert_true(cpp_begin(&bench));
	cpp_end(&bench);
	print_byte(0x41);
	assert_printed_only(AT_THE_END, 1);
}

static void test_printer_alone(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(cpp_enumerate(&bench), 0);
	assert_false(cpp(&bench, 0x30));
	assert_false(cpp(&bench, 0xe0));
	assert_printed_only(AT_THE_END, 0);
	print_byte(0x41);
	assert_int_equal(printers[AT_THE_END].last, 0x41);
	assert_printed_only(AT_THE_END, 1);
}

static void test_printer_behind(void **state)
{
	(void)state;
	start(2);
	/* ff is no command: it ends the packet */
	for (uint32_t code = 0; code < 0xff; code++) {
		cpp(&bench, (uint8_t)code);
		cpp(&bench, 0x30);
	}
	assert_printed_only(AT_THE_END, 0);
	print_byte(0x42);
	assert_printed_only(AT_THE_END, 1);
}

static void test_broken(void **state)
{
	(void)state;
	start(2);
	opp_daisy_break(&adapters[1], OPP_DAISY_REFUSES);
	assert_int_equal(cpp_enumerate(&bench), 2);
	assert_true(cpp(&bench, 0xe0));
	assert_false(cpp(&bench, 0xe1));
	assert_true(cpp(&bench, 0x60));
	assert_false(cpp(&bench, 0x61));
	assert_int_equal(adapters[1].mode, OPP_DAISY_UNSELECTED);
	/* vanishes while it is selected: what was behind it is next */
	assert_true(cpp(&bench, 0xe0));
	opp_daisy_break(&adapters[0], OPP_DAISY_GONE);
	opp_daisy_break(&adapters[1], OPP_DAISY_SOUND);
	assert_false(cpp(&bench, 0xe0));
	assert_int_equal(cpp_enumerate(&bench), 1);
	assert_int_equal(adapters[0].address, OPP_DAISY_NO_ADDRESS);
	assert_int_equal(adapters[1].address, 0);
	assert_true(cpp(&bench, 0xe0));
	print_byte(0x43);
	assert_printed_only(1, 1);
}

static void test_cable_pulled(void **state)
{
	(void)state;
	start(2);
	cpp_enumerate(&bench);
	assert_true(cpp(&bench, 0xe1));
	opp_sim_detach(&bench.sim);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
	assert_null(printers[1].centronics.peripheral.connector);
	opp_sim_attach(&bench.sim, &adapters[0].peripheral);
	assert_false(cpp(&bench, 0xe1));
	assert_int_equal(cpp_enumerate(&bench), 2);
	print_byte(0x44);
	assert_printed_only(AT_THE_END, 1);
}

static void test_lines_pass(void **state)
{
	(void)state;
	start(2);
	cpp_enumerate(&bench);
	opp_centronics_set_conditions(&printers[AT_THE_END].centronics, OPP_CENTRONICS_PAPER_OUT);
	assert_true(bench_in(&bench, STATUS) & 0x20);
	assert_true(cpp(&bench, 0xe1));
	assert_false(bench_in(&bench, STATUS) & 0x20);
	/* and back: a device that is not selected shows nothing */
	opp_centronics_set_conditions(&printers[1].centronics, OPP_CENTRONICS_OFF_LINE);
	assert_false(bench_in(&bench, STATUS) & 0x10);
	cpp(&bench, 0x30);
	assert_true(bench_in(&bench, STATUS) & 0x10);
	opp_sim_drive_data(&adapters[1].through, 0x5a);
	bench_out(&bench, CONTROL, 0x20 | IDLE);
	assert_int_equal(bench_in(&bench, DATA), 0x5a);
	assert_int_equal(adapters[1].through.wires.data, 0x5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-126 a packet is heard after any prefix and with nSelectIn high or low",
		  test_any_prefix, NULL, NULL, NULL },
		{ "P-127 up to four adapters take 0 to 3 in order, every time anew",
		  test_enumeration, NULL, NULL, NULL },
		{ "P-127 every adapter but the last says that more follow", test_last_is_told, NULL,
		  NULL, NULL },
		{ "P-129 a select is acknowledged with nFault low while nStrobe is low, of a present address only",
		  test_select_answer, NULL, NULL, NULL },
		{ "P-129 P-130 whoever is selected prints, nobody else", test_selected_device, NULL,
		  NULL, NULL },
		{ "P-130 after a deselect the printer at the end prints", test_deselect, NULL, NULL,
		  NULL },
		{ "P-133 a plain printer is not disturbed by packets", test_printer_alone, NULL,
		  NULL, NULL },
		{ "P-133 a printer behind adapters sees no strobe of a packet", test_printer_behind,
		  NULL, NULL, NULL },
		{ "a packet with a wrong byte or a strobe in it is none", test_not_a_packet, NULL,
		  NULL, NULL },
		{ "a page that looks like a packet is one to nobody behind either",
		  test_page_is_no_packet, NULL, NULL, NULL },
		{ "P-127 lines that pass one test of two are no adapter", test_phantom, NULL, NULL,
		  NULL },
		{ "a select deselects the adapter that was selected before", test_selected_moves_on,
		  NULL, NULL, NULL },
		{ "control lines reach the selected device alone", test_shield, NULL, NULL, NULL },
		{ "an unknown command changes nothing and is not acknowledged",
		  test_unknown_commands, NULL, NULL, NULL },
		{ "nInit makes unselected adapters forget their addresses", test_init, NULL, NULL,
		  NULL },
		{ "a round that begins with 00 makes all forget their addresses", test_fresh_round,
		  NULL, NULL, NULL },
		{ "a packet given up before its command leaves the chain as it was", test_given_up,
		  NULL, NULL, NULL },
		{ "an adapter that refuses, an adapter that is gone", test_broken, NULL, NULL,
		  NULL },
		{ "a chain that is pulled out and plugged in again has forgotten all",
		  test_cable_pulled, NULL, NULL, NULL },
		{ "the lines of whoever is connected come through", test_lines_pass, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("sim_daisy", tests, NULL, NULL);
}
