/* SPDX-License-Identifier: MIT */
/* The hardware handshakes of the simulated ECP chip: modes 010 and 011, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_centronics.h>

#include "ecp_bench.h"

/* ---- mode 010 --------------------------------------------------------------------------- */

/* Sees the edges of a strobe, and is Busy for as long as it is told. */
struct watcher {
	struct opp_sim_peripheral peripheral;
	struct opp_sim_alarm alarm;
	uint64_t data_ns, fell_ns, rose_ns;
	uint32_t bytes;
	bool busy;
};

static struct watcher watcher;

static void watch_idle(struct opp_sim_peripheral *peripheral)
{
	watcher.busy = false;
	opp_sim_drive_status(peripheral->connector, OPP_LINE_NACK | OPP_LINE_NFAULT);
}

static void watch_rings(struct opp_sim_alarm *alarm)
{
	(void)alarm;
	watch_idle(&watcher.peripheral);
}

static void watch_data(void)
{
	if (watcher.bytes)
		assert_true(sim.now_ns - watcher.rose_ns >= 450);
	watcher.data_ns = sim.now_ns;
}

static void watch_strobe(bool high)
{
	if (!high) {
		assert_false(watcher.busy);
		assert_true(sim.now_ns - watcher.data_ns >= 600);
		watcher.fell_ns = sim.now_ns;
		watcher.busy = true;
		opp_sim_drive_status(&sim.connector,
				     OPP_LINE_NACK | OPP_LINE_NFAULT | OPP_LINE_BUSY);
		return;
	}
	assert_true(sim.now_ns - watcher.fell_ns >= 600);
	watcher.rose_ns = sim.now_ns;
	watcher.bytes++;
	opp_sim_set_alarm(&sim, &watcher.alarm, sim.now_ns + watcher.bytes * 700);
}

static void watch_wires(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	const struct opp_wires *wires = &peripheral->connector->wires;

	if (wires->data != before->data)
		watch_data();
	if ((wires->control ^ before->control) & OPP_LINE_NSTROBE)
		watch_strobe(wires->control & OPP_LINE_NSTROBE);
	assert_int_equal(wires->control | OPP_LINE_NSTROBE, OPP_CONTROL_IDLE);
}

static const struct opp_sim_peripheral_ops watcher_ops = { watch_idle, NULL, watch_wires };

static void start_watching(struct opp_sim_options options)
{
	start(options);
	watcher = (struct watcher){
		.peripheral = { .ops = &watcher_ops },
		.alarm = { .ring = watch_rings },
	};
	opp_sim_attach(&sim, &watcher.peripheral);
	set_mode(PPF);
}

static void test_strobe_timing(void **state)
{
	(void)state;
	start_watching((struct opp_sim_options){ 0 });
	for (uint32_t i = 0; i < 16; i++)
		out(FIFO, 3 * i + 1);
	while (opp_sim_next_edge_ns(&sim) != OPP_SIM_NEVER)
		opp_sim_advance_to(&sim, opp_sim_next_edge_ns(&sim));
	assert_int_equal(watcher.bytes, 16);
	assert_int_equal(ecr() & 3, EMPTY);
	assert_int_equal(sim.connector.wires.data, 3 * 15 + 1);
}

/* A strobe under way when the mode is left is a whole one; what is left can be counted. */
static void test_strobe_left(void **state)
{
	(void)state;
	for (uint32_t at_ns = 0; at_ns < 8 * US; at_ns += 100) {
		uint32_t left;

		start_watching((struct opp_sim_options){ .full_counts_transmitter = true });
		for (uint32_t i = 1; i <= 3; i++)
			out(FIFO, i);
		pass(at_ns);
		out(ECR, TEST);
		left = 16 - fill();
		pass(100 * US);
		assert_int_equal(watcher.bytes + left, 3);
		assert_int_equal(host_errors(), 0);
	}
}

static uint8_t page[64];
static uint32_t printed;

static bool print(void *context, uint8_t byte)
{
	(void)context;
	page[printed++] = byte;
	return true;
}

/* A real printer, each order of its acknowledge, and a Busy that comes and stays. */
static void test_prints(void **state)
{
	struct opp_centronics printer;

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		const struct opp_centronics_options options = {
			.ack_order = (enum opp_sim_ack_order)(i % 3),
			.characters_per_second = i < 3 ? 0 : 10000,
			.print = print,
		};

		printed = 0;
		start((struct opp_sim_options){ 0 });
		opp_centronics_init(&printer, &options);
		opp_sim_attach(&sim, &printer.peripheral);
		set_mode(PPF);
		for (uint32_t byte = 0; byte < 48; byte++) {
			while (ecr() & FULL)
				pass(US);
			out(FIFO, byte);
			if (byte != 20)
				continue;
			opp_centronics_set_conditions(&printer, OPP_CENTRONICS_PAPER_OUT);
			pass(1000 * US);
			opp_centronics_set_conditions(&printer, 0);
		}
		pass(10000 * US);
		assert_int_equal(printed, 48);
		for (uint32_t byte = 0; byte < 48; byte++)
			assert_int_equal(page[byte], byte);
		assert_int_equal(host_errors(), 0);
	}
}

/* ---- mode 011, forward --------------------------------------------------------------------- */

static void assert_taken(const struct item *items, uint32_t count)
{
	assert_int_equal(device.taken_count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(device.taken[i].byte, items[i].byte);
		assert_int_equal(device.taken[i].command, items[i].command);
	}
}

static const struct item mixed[] = {
	{ 0x85, true },  { 0x01, false }, { 0x02, false }, { 0x05, true },
	{ 0x03, false }, { 0x80, true },  { 0x7f, true },  { 0xff, false },
	{ 0x00, false }, { 0x00, false }, { 0xaa, false },
};
#define MIXED (sizeof(mixed) / sizeof(mixed[0]))

static void test_forward(void **state)
{
	static const uint32_t slow_ns[] = { 0, 1, 100, 5 * US };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		plug_in_slow((struct opp_sim_options){ 0 }, slow_ns[i]);
		begin_forward();
		for (uint32_t item = 0; item < MIXED; item++)
			out(mixed[item].command ? DATA : FIFO, mixed[item].byte);
		pass(1000 * US);
		assert_taken(mixed, MIXED);
		assert_int_equal(ecr() & 3, EMPTY);
		assert_int_equal(host_errors(), 0);
	}
}

static void test_full_forward(void **state)
{
	struct item expected[100];

	(void)state;
	plug_in_slow((struct opp_sim_options){ .fifo_words = 4 }, 2 * US);
	begin_forward();
	for (uint32_t i = 0; i < 100; i++) {
		expected[i] = (struct item){ (uint8_t)(7 * i), false };
		while (ecr() & FULL)
			pass(US);
		out(FIFO, 7 * i);
		pass(US);
	}
	pass(100 * US);
	assert_taken(expected, 100);
	assert_int_equal(host_errors(), 0);
	/* who does not look loses bytes */
	for (uint32_t i = 0; i < 10; i++)
		out(FIFO, i);
	assert_int_equal(errors[OPP_SIM_FIFO_OVERRUN], 5);
	pass(100 * US);
	assert_int_equal(device.taken_count, 105);
}

/* A device that does not answer event 35: what is in the FIFO can be counted. */
static void test_stuck(void **state)
{
	static const uint32_t kept[] = { 4, 5 };

	(void)state;
	for (uint32_t counts = 0; counts < 2; counts++) {
		plug_in((struct opp_sim_options){ .full_counts_transmitter = counts });
		begin_forward();
		device.stalls = true;
		for (uint32_t i = 0; i < 5; i++) {
			out(FIFO, 0x10 + i);
			pass(10 * US);
		}
		assert_false(sim.connector.wires.control & OPP_LINE_NSTROBE);
		out(ECR, TEST);
		assert_true(sim.connector.wires.control & OPP_LINE_NSTROBE);
		assert_int_equal(fill(), 16 - kept[counts]);
		for (uint32_t i = 5 - kept[counts]; i < 5; i++)
			assert_int_equal(in(FIFO), 0x10 + i);
		assert_int_equal(host_errors(), 0);
		assert_int_equal(device.taken_count, 0);
		pass(1000 * US);
		assert_int_equal(device.taken_count, 0);
	}
}

/* Whenever the mode is left, a byte is the device's or left, and not both. */
static void test_left(void **state)
{
	(void)state;
	for (uint32_t at_ns = 0; at_ns < 4 * US; at_ns += 50) {
		uint32_t left;

		plug_in_slow((struct opp_sim_options){ .full_counts_transmitter = true }, US);
		begin_forward();
		out(FIFO, 0x10);
		pass(at_ns);
		out(ECR, TEST);
		left = 16 - fill();
		pass(100 * US);
		assert_int_equal(device.taken_count + left, 1);
		assert_int_equal(host_errors(), 0);
	}
}

static void test_full_counts_transmitter(void **state)
{
	static const uint32_t accepted[] = { 17, 16 };

	(void)state;
	for (uint32_t counts = 0; counts < 2; counts++) {
		plug_in((struct opp_sim_options){ .full_counts_transmitter = counts });
		begin_forward();
		device.stalls = true;
		out(FIFO, 0x10);
		pass(10 * US);
		assert_int_equal(1 + fill(), accepted[counts]);
		assert_int_equal(host_errors(), 0);
		set_mode(CONFIG);
		assert_int_equal(in(CONFIG_A), counts ? 0x14 : 0x10);
	}
}

/* The lines that the mode owns follow it, whatever CTL says. */
static void test_owned_lines(void **state)
{
	(void)state;
	plug_in((struct opp_sim_options){ 0 });
	out(ECR, PS2);
	out(CONTROL, 0x07);
	out(ECR, ECP);
	assert_int_equal(sim.connector.wires.control,
			 OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NINIT | OPP_LINE_NSELECTIN);
	out(ECR, PS2);
	assert_int_equal(sim.connector.wires.control, OPP_LINE_NINIT | OPP_LINE_NSELECTIN);
	out(CONTROL, 0x0f);
	out(ECR, PPF);
	assert_int_equal(sim.connector.wires.control, OPP_LINE_NSTROBE | OPP_LINE_NINIT);
}

/* ---- mode 011, reverse --------------------------------------------------------------------- */

static const struct item plain[] = {
	{ 0x11, false }, { 0x22, false }, { 0x00, false },
	{ 0xff, false }, { 0x33, false }, { 0x44, false },
};

static void test_reverse(void **state)
{
	static const uint32_t slow_ns[] = { 0, 1, 100, 5 * US };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		plug_in_slow((struct opp_sim_options){ .fifo_words = 4 }, slow_ns[i]);
		begin_reverse(plain, 6);
		pass(1000 * US);
		/* no more is acknowledged than fits */
		assert_true(ecr() & FULL);
		assert_int_equal(device.given, 4);
		for (uint32_t byte = 0; byte < 6; byte++) {
			assert_false(ecr() & EMPTY);
			assert_int_equal(in(FIFO), plain[byte].byte);
			pass(100 * US);
		}
		assert_true(ecr() & EMPTY);
		assert_int_equal(device.given, 6);
		assert_false(sim.connector.wires.control & OPP_LINE_NAUTOFD);
		assert_int_equal(host_errors(), 0);
		assert_int_equal(in(FIFO), 0x44);
		assert_int_equal(errors[OPP_SIM_FIFO_UNDERRUN], 1);
	}
}

static void test_run_lengths(void **state)
{
	struct item offers[] = { { 0, true }, { 0x5a, false }, { 0x77, false } };

	(void)state;
	for (uint32_t slow_ns = 0; slow_ns <= 300; slow_ns += 300) {
		for (uint32_t n = 0; n < 128; n++) {
			offers[0].byte = (uint8_t)n;
			plug_in_slow((struct opp_sim_options){ 0 }, slow_ns);
			begin_reverse(offers, 3);
			for (uint32_t i = 0; i <= n; i++) {
				pass(10 * US);
				assert_false(ecr() & EMPTY);
				assert_int_equal(in(FIFO), 0x5a);
			}
			pass(10 * US);
			assert_int_equal(in(FIFO), 0x77);
			assert_true(ecr() & EMPTY);
			assert_int_equal(host_errors(), 0);
		}
	}
}

/* Its tag is lost: the host cannot tell it from data. */
static void test_reverse_channel(void **state)
{
	static const struct item offers[] = { { 0x03, true }, { 0x85, true }, { 0x11, false } };

	(void)state;
	plug_in((struct opp_sim_options){ 0 });
	begin_reverse(offers, 3);
	pass(100 * US);
	assert_int_equal(in(FIFO), 0x85);
	assert_int_equal(in(FIFO), 0x11);
	assert_true(ecr() & EMPTY);
}

/* Event 47, nInit high, while the device offers a byte: it is not acknowledged. */
static void test_reverse_ends(void **state)
{
	(void)state;
	plug_in_slow((struct opp_sim_options){ .fifo_words = 1 }, 500);
	begin_reverse(plain, 6);
	pass(100 * US);
	assert_int_equal(device.given, 1);
	assert_false(sim.connector.wires.status & OPP_LINE_NACK);
	out(CONTROL, 0x26);
	assert_int_equal(in(FIFO), 0x11);
	pass(100 * US);
	assert_int_equal(device.given, 1);
	assert_true(ecr() & EMPTY);
	out(ECR, PS2);
	out(CONTROL, 0x04);
	assert_int_equal(host_errors(), 0);
}

/* Leaving lets go of HostAck at any moment of a byte, and forgets what came. */
static void test_reverse_left(void **state)
{
	(void)state;
	for (uint32_t at_ns = 0; at_ns < 30 * US; at_ns += 300) {
		plug_in_slow((struct opp_sim_options){ 0 }, 2 * US);
		begin_reverse(plain, 6);
		out(CONTROL, 0x20);
		pass(at_ns);
		out(ECR, PS2);
		assert_true(sim.connector.wires.control & OPP_LINE_NAUTOFD);
		pass(1000 * US);
		assert_int_equal(ecr(), PS2 | EMPTY);
		assert_true(sim.connector.wires.control & OPP_LINE_NAUTOFD);
	}
}

/* Who turns the bus in mode 011 is told off, and gets what he wanted. */
static void test_turned(void **state)
{
	static const struct item taken[] = { { 0x5a, false } };

	(void)state;
	plug_in((struct opp_sim_options){ 0 });
	device.offers = plain;
	device.offer_count = 2;
	begin_forward();
	out(CONTROL, 0x24);
	assert_false(sim.connector.wires.control & OPP_LINE_NAUTOFD);
	out(CONTROL, 0x20);
	pass(100 * US);
	assert_int_equal(in(FIFO), plain[0].byte);
	assert_int_equal(in(FIFO), plain[1].byte);
	out(CONTROL, 0x24);
	out(CONTROL, 0x04);
	assert_true(sim.connector.wires.control & OPP_LINE_NAUTOFD);
	out(FIFO, 0x5a);
	pass(100 * US);
	assert_taken(taken, 1);
	assert_int_equal(errors[OPP_SIM_TURN_IN_FIFO_MODE], 2);
	assert_int_equal(host_errors(), 2);
}

/* Reading the FIFO in time keeps up with an interrupt a threshold. */
static void test_reverse_service(void **state)
{
	static const struct item offers[24];
	uint32_t got = 0;

	(void)state;
	plug_in((struct opp_sim_options){ .fifo_threshold = 8 });
	begin_reverse(offers, 24);
	out(ECR, 0x70);
	for (uint32_t i = 1; i <= 3; i++) {
		pass(100 * US);
		assert_int_equal(interrupts, i);
		while (!(ecr() & EMPTY) && got < 8 * i) {
			in(FIFO);
			got++;
		}
		out(ECR, 0x70);
	}
	assert_int_equal(got, 24);
}

/* ---- words -------------------------------------------------------------------------------- */

static void test_words_forward(void **state)
{
	static const struct item two[] = {
		{ 0x22, false },
		{ 0x11, false },
		{ 0x33, false },
		{ 0xff, false },
	};
	static const struct item four[] = {
		{ 0x44, false }, { 0x33, false }, { 0x22, false }, { 0x11, false }, { 0x81, true },
		{ 0x66, false }, { 0x55, false }, { 0xff, false }, { 0xff, false },
	};

	(void)state;
	plug_in((struct opp_sim_options){ .pword = OPP_SIM_PWORD_2 });
	begin_forward();
	opp_sim_write16(&sim, FIFO, 0x1122);
	out(FIFO, 0x33);
	pass(100 * US);
	assert_taken(two, 4);
	plug_in((struct opp_sim_options){ .pword = OPP_SIM_PWORD_4, .fifo_words = 4 });
	begin_forward();
	opp_sim_write32(&sim, FIFO, 0x11223344);
	out(DATA, 0x81);
	opp_sim_write16(&sim, FIFO, 0x5566);
	pass(100 * US);
	assert_taken(four, 9);
	assert_int_equal(sim.counts.writes[OPP_SIM_FIFO], 2);
	set_mode(TEST);
	assert_int_equal(fill(), 4);
}

static void assert_left(uint32_t words, uint32_t bytes)
{
	const uint32_t counts = sim.options.full_counts_transmitter;

	assert_int_equal(16 - fill(), words);
	set_mode(CONFIG);
	assert_int_equal(in(CONFIG_A), 0x20 | counts << 2 | bytes);
}

/* A word goes back whole, or cnfgA tells what is left of it. */
static void test_words_left(void **state)
{
	(void)state;
	for (uint32_t at_ns = 0; at_ns < 20 * US; at_ns += 100) {
		const uint32_t counts = at_ns / 100 % 2;

		plug_in_slow((struct opp_sim_options){ .pword = OPP_SIM_PWORD_4,
						       .full_counts_transmitter = counts },
			     US);
		begin_forward();
		opp_sim_write32(&sim, FIFO, 0x11223344);
		pass(at_ns);
		out(ECR, TEST);
		pass(100 * US);
		if (device.taken_count)
			assert_left(0, 4 - device.taken_count);
		else
			assert_left(counts, 0);
	}
	/* a command is a word of one byte */
	for (uint32_t counts = 0; counts < 2; counts++) {
		plug_in((struct opp_sim_options){ .pword = OPP_SIM_PWORD_4,
						  .full_counts_transmitter = counts });
		begin_forward();
		device.stalls = true;
		out(DATA, 0x81);
		out(ECR, TEST);
		assert_left(counts, 0);
	}
}

static void test_words_reverse(void **state)
{
	(void)state;
	plug_in((struct opp_sim_options){ .pword = OPP_SIM_PWORD_4 });
	begin_reverse(plain, 6);
	pass(100 * US);
	assert_int_equal(opp_sim_read32(&sim, FIFO), 0xff002211);
	assert_true(ecr() & EMPTY);
	/* two bytes are no word */
	set_mode(CONFIG);
	assert_int_equal(in(CONFIG_A), 0x22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-043 mode 010 strobes with 600, 600 and 450 ns and waits for Busy low",
		  test_strobe_timing, NULL, NULL, NULL },
		{ "P-043 a strobe of mode 010 is a whole one even when its mode is left",
		  test_strobe_left, NULL, NULL, NULL },
		{ "P-043 mode 010 prints every byte once, on printers of each kind", test_prints,
		  NULL, NULL, NULL },
		{ "P-044 commands and data reach the device in write order, marked by HostAck",
		  test_forward, NULL, NULL, NULL },
		{ "a full FIFO holds until the device goes on; who writes on loses bytes",
		  test_full_forward, NULL, NULL, NULL },
		{ "P-033 a stuck FIFO keeps its bytes for test mode", test_stuck, NULL, NULL,
		  NULL },
		{ "a byte of mode 011 is taken or left, whenever the mode is", test_left, NULL,
		  NULL, NULL },
		{ "cnfgA tells whether full counts the byte under way",
		  test_full_counts_transmitter, NULL, NULL, NULL },
		{ "hardware drives nStrobe and nAutoFd in the modes that own them",
		  test_owned_lines, NULL, NULL, NULL },
		{ "reverse bytes come in order and wait for room", test_reverse, NULL, NULL, NULL },
		{ "P-045 a run length n puts n + 1 copies into the FIFO", test_run_lengths, NULL,
		  NULL, NULL },
		{ "a reverse channel address enters the FIFO like data", test_reverse_channel, NULL,
		  NULL, NULL },
		{ "no reverse byte is acknowledged after nInit rose", test_reverse_ends, NULL, NULL,
		  NULL },
		{ "leaving reverse lets go of nAutoFd at any moment of a byte", test_reverse_left,
		  NULL, NULL, NULL },
		{ "P-033 CTL.5 changed in mode 011 turns the handshake, too", test_turned, NULL,
		  NULL, NULL },
		{ "reverse bytes interrupt at the threshold", test_reverse_service, NULL, NULL,
		  NULL },
		{ "words of 2 and 4 bytes leave low byte first", test_words_forward, NULL, NULL,
		  NULL },
		{ "half a word is not put back, but counted in cnfgA", test_words_left, NULL, NULL,
		  NULL },
		{ "words of 4 bytes enter the FIFO whole", test_words_reverse, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_chip_mover", tests, NULL, NULL);
}
