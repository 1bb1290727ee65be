/* SPDX-License-Identifier: MIT */
/* EPP cycles of the simulated chip, against a peripheral that is written out here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim.h>

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u
#define ADDRESS 3u
#define EPP     4u
#define FIFO    0x400u
#define ECR     0x402u

#define WRITES 0x04u /* CONTROL before cycles */
#define READS  0x24u

#define US      1000u
#define STROBES (OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN)

/* Answers a strobe after a while; writes down every change of a line as a letter. */
struct device {
	struct opp_sim_peripheral peripheral;
	struct opp_sim_alarm alarm;
	bool dead; /* never answers */
	uint32_t answer_ns, release_ns;
	uint8_t next; /* what it gives to a read */
	uint8_t taken[8];
	uint32_t count;
	uint64_t write_at_ns, strobe_at_ns;
	uint8_t before_write; /* the data lines until nWrite fell */
	char log[64]; /* W w: nWrite falls, rises; D d, A a: strobes; B b: Busy rises, falls */
};

static struct opp_sim sim;
static struct device device;

static void note(char what)
{
	const size_t length = strlen(device.log);

	assert_true(length + 1 < sizeof(device.log));
	device.log[length] = what;
}

static void drive(bool busy)
{
	if (busy != !!(device.peripheral.connector->wires.status & OPP_LINE_BUSY))
		note(busy ? 'B' : 'b');
	opp_sim_drive_status(device.peripheral.connector,
			     OPP_LINE_NACK | OPP_LINE_NFAULT | (busy ? OPP_LINE_BUSY : 0));
}

static bool strobed(const struct opp_wires *wires)
{
	return (wires->control & STROBES) != STROBES;
}

static void answer(void)
{
	const struct opp_wires *wires = &device.peripheral.connector->wires;

	if (strobed(wires) && !(wires->control & OPP_LINE_NSTROBE) && device.count < 8)
		device.taken[device.count++] = wires->data;
	if (strobed(wires) && (wires->control & OPP_LINE_NSTROBE))
		opp_sim_drive_data(device.peripheral.connector, device.next++);
	if (!strobed(wires))
		opp_sim_drive_data(device.peripheral.connector, 0xff);
	drive(strobed(wires));
}

static void ring(struct opp_sim_alarm *alarm)
{
	assert_ptr_equal(alarm, &device.alarm);
	answer();
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	(void)peripheral;
	drive(false);
}

static void note_edges(uint8_t control, uint8_t before)
{
	static const struct {
		uint8_t line;
		char falls, rises;
	} lines[] = {
		{ OPP_LINE_NSTROBE, 'W', 'w' },
		{ OPP_LINE_NAUTOFD, 'D', 'd' },
		{ OPP_LINE_NSELECTIN, 'A', 'a' },
	};

	for (uint32_t i = 0; i < 3; i++)
		if ((control ^ before) & lines[i].line)
			note(control & lines[i].line ? lines[i].rises : lines[i].falls);
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	const struct opp_wires *wires = &peripheral->connector->wires;
	uint32_t delay_ns;

	note_edges(wires->control, before->control);
	if (before->control & ~(uint32_t)wires->control & OPP_LINE_NSTROBE) {
		device.write_at_ns = sim.now_ns;
		device.before_write = before->data;
	}
	if (strobed(wires) == strobed(before))
		return;
	if (strobed(wires))
		device.strobe_at_ns = sim.now_ns;
	if (device.dead)
		return;
	delay_ns = strobed(wires) ? device.answer_ns : device.release_ns;
	if (delay_ns)
		opp_sim_set_alarm(&sim, &device.alarm, sim.now_ns + delay_ns);
	else
		answer();
}

static const struct opp_sim_peripheral_ops device_ops = { attached, NULL, wires_changed };

static uint32_t errors;

static void on_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)context;
	(void)error;
	(void)now_ns;
	errors++;
}

static void start(struct opp_sim_options options)
{
	errors = 0;
	options.host_error = on_error;
	opp_sim_init(&sim, &options);
	device = (struct device){
		.peripheral = { .ops = &device_ops },
		.alarm = { .ring = ring },
		.next = 0x80,
	};
	opp_sim_attach(&sim, &device.peripheral);
	if (options.chip == OPP_SIM_ECP_EPP)
		opp_sim_write(&sim, ECR, 0x80);
	opp_sim_write(&sim, CONTROL, WRITES);
	memset(device.log, 0, sizeof(device.log));
}

static void start_epp(void)
{
	start((struct opp_sim_options){ .chip = OPP_SIM_EPP });
}

static bool timed_out(void)
{
	return opp_sim_read(&sim, STATUS) & 1;
}

static void fail_a_cycle(void)
{
	device.dead = true;
	opp_sim_write(&sim, EPP, 0x11);
	device.dead = false;
}

static void test_cycles(void **state)
{
	static const enum opp_sim_chip chips[] = { OPP_SIM_EPP, OPP_SIM_ECP_EPP };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		start((struct opp_sim_options){ .chip = chips[i % 2] });
		device.answer_ns = i / 2 * 3 * US;
		device.release_ns = i / 2 * US;
		opp_sim_write(&sim, EPP, 0x5a);
		opp_sim_write(&sim, ADDRESS, 0xa5);
		assert_string_equal(device.log, "WDBdbwWABabw");
		assert_int_equal(device.count, 2);
		assert_int_equal(device.taken[0], 0x5a);
		assert_int_equal(device.taken[1], 0xa5);
		memset(device.log, 0, sizeof(device.log));
		opp_sim_write(&sim, CONTROL, READS);
		assert_int_equal(opp_sim_read(&sim, EPP), 0x80);
		assert_int_equal(opp_sim_read(&sim, ADDRESS), 0x81);
		assert_string_equal(device.log, "DBdbABab");
		assert_false(timed_out());
	}
}

static void test_wrong_control(void **state)
{
	(void)state;
	start_epp();
	for (uint32_t control = 0; control < 0x40; control++) {
		opp_sim_write(&sim, CONTROL, (uint8_t)control);
		memset(device.log, 0, sizeof(device.log));
		device.count = 0;
		if ((control & 0x2f) != WRITES) {
			opp_sim_write(&sim, EPP, 0x5a);
			opp_sim_write(&sim, ADDRESS, 0x5a);
		}
		if ((control & 0x2f) != READS) {
			assert_int_equal(opp_sim_read(&sim, EPP), 0xff);
			assert_int_equal(opp_sim_read(&sim, ADDRESS), 0xff);
		}
		assert_string_equal(device.log, "");
		assert_false(timed_out());
	}
}

static void test_timeout(void **state)
{
	(void)state;
	for (uint32_t cycle = 0; cycle < 4; cycle++) {
		const uint32_t offset = cycle & 1 ? ADDRESS : EPP;
		const bool reads = cycle & 2;
		uint64_t from_ns;

		start_epp();
		device.dead = true;
		opp_sim_write(&sim, CONTROL, reads ? READS : WRITES);
		from_ns = sim.now_ns;
		if (reads)
			assert_int_equal(opp_sim_read(&sim, offset), 0xff);
		else
			opp_sim_write(&sim, offset, 0x5a);
		assert_in_range(sim.now_ns - from_ns, 10 * US, 12 * US);
		assert_true(timed_out());
		assert_int_equal(sim.connector.wires.control & (STROBES | OPP_LINE_NSTROBE),
				 STROBES | OPP_LINE_NSTROBE);
	}
}

/* Just in time is in time. */
static void test_late_answer(void **state)
{
	(void)state;
	for (uint32_t answer_us = 1; answer_us < 15; answer_us++) {
		start_epp();
		device.answer_ns = answer_us * US;
		opp_sim_write(&sim, EPP, 0x5a);
		if (answer_us <= 9)
			assert_false(timed_out());
		if (answer_us >= 12)
			assert_true(timed_out());
	}
}

static void test_clear(void **state)
{
	/* how, then what STATUS shows after each step of r(ead), 1 and 0 (written) */
	static const struct {
		enum opp_sim_timeout_clear clear;
		const char *steps;
		const char *shows;
	} cases[] = {
		{ OPP_SIM_CLEAR_WRITE_1, "rrr0r1r", "111.1.0" },
		{ OPP_SIM_CLEAR_WRITE_0, "rrr1r0r", "111.1.0" },
		{ OPP_SIM_CLEAR_READ, "10rrr", "..100" },
		{ OPP_SIM_CLEAR_READ_TWICE, "10rrrr", "..1100" },
	};

	(void)state;
	for (uint32_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const char *steps = cases[i / 2].steps;
		const char *shows = cases[i / 2].shows;

		start((struct opp_sim_options){ .chip = OPP_SIM_EPP,
						.timeout_clear = cases[i / 2].clear });
		fail_a_cycle();
		if (i % 2) /* a second time-out is no different */
			fail_a_cycle();
		for (; *steps; steps++, shows++) {
			if (*steps == 'r')
				assert_int_equal(timed_out(), *shows == '1');
			else
				opp_sim_write(&sim, STATUS, *steps == '1' ? 0x01 : 0xfe);
		}
	}
}

static void test_reset(void **state)
{
	(void)state;
	start_epp();
	fail_a_cycle();
	assert_true(timed_out());
	opp_sim_reset(&sim);
	assert_false(timed_out());
	assert_int_equal(opp_sim_read(&sim, CONTROL), 0x00);
	opp_sim_write(&sim, CONTROL, WRITES);
	opp_sim_write(&sim, EPP, 0x5a);
	assert_int_equal(device.count, 1);
}

static void test_wide(void **state)
{
	(void)state;
	start_epp();
	opp_sim_write32(&sim, EPP, 0x44332211);
	opp_sim_write16(&sim, EPP, 0x6655);
	opp_sim_write(&sim, EPP + 3, 0x77);
	assert_memory_equal(device.taken, "\x11\x22\x33\x44\x55\x66\x77", 7);
	assert_string_equal(device.log, "WDBdbwWDBdbwWDBdbwWDBdbwWDBdbwWDBdbwWDBdbw");
	opp_sim_write(&sim, CONTROL, READS);
	memset(device.log, 0, sizeof(device.log));
	assert_int_equal(opp_sim_read32(&sim, EPP), 0x83828180);
	assert_int_equal(opp_sim_read16(&sim, EPP), 0x8584);
	assert_int_equal(sim.counts.writes[OPP_SIM_EPP_DATA], 3);
	assert_int_equal(sim.counts.reads[OPP_SIM_EPP_DATA], 2);
}

static void test_versions(void **state)
{
	static const enum opp_sim_epp_version versions[] = { OPP_SIM_EPP_1_9, OPP_SIM_EPP_1_7 };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		const bool waits = versions[i] == OPP_SIM_EPP_1_9;
		uint64_t from_ns;

		start((struct opp_sim_options){ .chip = OPP_SIM_EPP, .epp_version = versions[i] });
		drive(true);
		opp_sim_set_alarm(&sim, &device.alarm, sim.now_ns + 4 * US);
		device.answer_ns = 5 * US;
		from_ns = sim.now_ns;
		opp_sim_write(&sim, EPP, 0x5a);
		if (waits)
			assert_true(device.strobe_at_ns >= from_ns + 4 * US);
		else
			assert_true(device.strobe_at_ns < from_ns + US);
		assert_false(timed_out());
		assert_int_equal(device.count, waits);
		/* nWait that stays high: 1.9 makes no strobe and times out */
		start((struct opp_sim_options){ .chip = OPP_SIM_EPP, .epp_version = versions[i] });
		drive(true);
		device.answer_ns = 5 * US;
		memset(device.log, 0, sizeof(device.log));
		opp_sim_write(&sim, EPP, 0x5a);
		assert_int_equal(timed_out(), waits);
		assert_int_equal(strchr(device.log, 'D') == NULL, waits);
	}
}

/* The byte is taken when the strobe is high again; being slow with nWait costs the next one. */
static void test_slow_release(void **state)
{
	(void)state;
	start_epp();
	device.release_ns = 100 * US;
	opp_sim_write(&sim, EPP, 0x5a);
	assert_false(timed_out());
	assert_int_equal(device.count, 1);
	opp_sim_write(&sim, EPP, 0x5b);
	assert_true(timed_out());
	assert_int_equal(device.count, 1);
}

/* The byte comes with nWrite, before the strobe, and not while the chip waits for nWait. */
static void test_setup(void **state)
{
	(void)state;
	start_epp();
	opp_sim_write(&sim, DATA, 0x11);
	drive(true);
	opp_sim_set_alarm(&sim, &device.alarm, sim.now_ns + 4 * US);
	opp_sim_write(&sim, EPP, 0x5a);
	assert_int_equal(device.before_write, 0x11);
	assert_int_equal(device.taken[0], 0x5a);
	assert_true(device.strobe_at_ns > device.write_at_ns);
}

/* A strobe of mode 010 that outlived its mode is over before a cycle begins. */
static void test_strobe_before(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP });
	opp_sim_write(&sim, ECR, 0x20);
	opp_sim_write(&sim, ECR, 0x54);
	opp_sim_write(&sim, FIFO, 0x33);
	opp_sim_advance_to(&sim, sim.now_ns + 700);
	opp_sim_write(&sim, ECR, 0x34);
	opp_sim_write(&sim, ECR, 0x94);
	device.answer_ns = 3 * US;
	opp_sim_write(&sim, EPP, 0x5a);
	assert_false(timed_out());
	assert_string_equal(device.log, "WwWDBdbw");
	assert_int_equal(device.count, 1);
	assert_int_equal(device.taken[0], 0x5a);
}

static void test_video_card(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP, .base = 0x3bc });
	for (uint32_t offset = ADDRESS; offset < 8; offset++) {
		opp_sim_write(&sim, offset, 0x5a);
		opp_sim_write(&sim, CONTROL, READS);
		assert_int_equal(opp_sim_read(&sim, offset), 0xff);
		opp_sim_write(&sim, CONTROL, WRITES);
	}
	assert_string_equal(device.log, "");
	assert_int_equal(sim.counts.reads[OPP_SIM_NOWHERE], 5);
	assert_int_equal(sim.counts.writes[OPP_SIM_NOWHERE], 5);
	assert_true(timed_out()); /* STS.0 is that of a chip without EPP */
	opp_sim_write(&sim, ECR, 0x34);
	assert_int_equal(opp_sim_read(&sim, ECR), 0x35);
	/* 0x278 is as good as 0x378 */
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP, .base = 0x278 });
	opp_sim_write(&sim, EPP, 0x5a);
	assert_int_equal(device.count, 1);
}

static void test_bit0(void **state)
{
	static const struct {
		enum opp_sim_chip chip;
		enum opp_sim_bit0 bit0;
		bool shows;
	} cases[] = {
		{ OPP_SIM_SPP, OPP_SIM_BIT0_USUAL, true },
		{ OPP_SIM_PS2, OPP_SIM_BIT0_USUAL, true },
		{ OPP_SIM_PS2, OPP_SIM_BIT0_LOW, false },
		{ OPP_SIM_ECP, OPP_SIM_BIT0_USUAL, true },
		{ OPP_SIM_ECP, OPP_SIM_BIT0_CLEARABLE, false },
		{ OPP_SIM_EPP, OPP_SIM_BIT0_HIGH, false },
		{ OPP_SIM_ECP_EPP, OPP_SIM_BIT0_USUAL, false },
		{ OPP_SIM_ECP_EPP, OPP_SIM_BIT0_HIGH, true },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start((struct opp_sim_options){ .chip = cases[i].chip, .bit0 = cases[i].bit0 });
		for (uint32_t mode = 0; mode < 0x80; mode += 0x20) {
			opp_sim_write(&sim, ECR, (uint8_t)mode);
			opp_sim_write(&sim, STATUS, 0xff);
			opp_sim_write(&sim, STATUS, 0xfe);
			assert_int_equal(timed_out(), cases[i].shows);
		}
		opp_sim_write(&sim, ECR, 0x00);
		opp_sim_write(&sim, ECR, 0x80);
		if (cases[i].chip == OPP_SIM_ECP_EPP)
			assert_false(timed_out());
	}
}

/* A time-out of mode 100, seen from the other modes. */
static void test_phony(void **state)
{
	static const enum opp_sim_bit0 bits[] = { OPP_SIM_BIT0_USUAL, OPP_SIM_BIT0_CLEARABLE };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		const bool everywhere = bits[i] == OPP_SIM_BIT0_CLEARABLE;

		start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP, .bit0 = bits[i] });
		fail_a_cycle();
		opp_sim_write(&sim, ECR, 0x20);
		assert_int_equal(timed_out(), everywhere);
		opp_sim_write(&sim, STATUS, 0x01);
		assert_false(timed_out());
		opp_sim_write(&sim, ECR, 0x80);
		assert_int_equal(timed_out(), !everywhere);
	}
}

static void test_mode(void **state)
{
	(void)state;
	for (uint32_t everywhere = 0; everywhere < 2; everywhere++) {
		for (uint32_t mode = 0; mode < 8; mode++) {
			const bool answers = mode == 4 || (everywhere && mode < 2);

			start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP,
							.epp_in_ps2_modes = everywhere });
			opp_sim_write(&sim, ECR, 0x00);
			opp_sim_write(&sim, ECR, (uint8_t)(mode << 5));
			opp_sim_write(&sim, EPP, 0x5a);
			assert_int_equal(device.count, answers);
		}
	}
}

/* A cycle turns the lines, even where the mode does not. */
static void test_reads_in_ps2_modes(void **state)
{
	(void)state;
	for (uint32_t mode = 0; mode < 2; mode++) {
		start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP,
						.epp_in_ps2_modes = true });
		opp_sim_write(&sim, ECR, (uint8_t)(mode << 5));
		opp_sim_write(&sim, DATA, 0x3c);
		opp_sim_write(&sim, CONTROL, READS);
		device.answer_ns = US;
		assert_int_equal(opp_sim_read(&sim, EPP), 0x80);
		assert_int_equal(opp_sim_read(&sim, ADDRESS), 0x81);
		assert_false(timed_out());
		assert_int_equal(errors, 0);
		assert_int_equal(opp_sim_read(&sim, DATA), mode ? 0xff : 0x3c);
	}
}

static void test_blocks(void **state)
{
	(void)state;
	for (uint32_t blocks = 0; blocks < 2; blocks++) {
		start((struct opp_sim_options){ .chip = OPP_SIM_EPP, .timeout_blocks = blocks });
		fail_a_cycle();
		opp_sim_write(&sim, DATA, 0xa5);
		opp_sim_write(&sim, CONTROL, 0x0e);
		assert_int_equal(opp_sim_read(&sim, DATA), blocks ? 0x11 : 0xa5);
		assert_int_equal(opp_sim_read(&sim, CONTROL), blocks ? WRITES : 0x0e);
		opp_sim_write(&sim, STATUS, 0x01);
		opp_sim_write(&sim, DATA, 0x3c);
		opp_sim_write(&sim, CONTROL, 0x0c);
		assert_int_equal(opp_sim_read(&sim, DATA), 0x3c);
		assert_int_equal(opp_sim_read(&sim, CONTROL), 0x0c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a cycle has its events in order, however slow the device", test_cycles, NULL,
		  NULL, NULL },
		{ "P-093 a cycle with wrong CTL does nothing and reads 0xff", test_wrong_control,
		  NULL, NULL, NULL },
		{ "P-094 a cycle that nobody answers ends in 10 to 12 us with STS.0 set",
		  test_timeout, NULL, NULL, NULL },
		{ "P-094 9 us are in time and 12 us are not", test_late_answer, NULL, NULL, NULL },
		{ "P-095 STS.0 is cleared in the way of the chip and in no other", test_clear, NULL,
		  NULL, NULL },
		{ "a bus reset forgets a time-out", test_reset, NULL, NULL, NULL },
		{ "P-098 wider accesses make a cycle a byte, low byte first", test_wide, NULL, NULL,
		  NULL },
		{ "P-100 1.9 waits for nWait low before the strobe, 1.7 does not", test_versions,
		  NULL, NULL, NULL },
		{ "a late nWait low costs the next cycle, not the byte", test_slow_release, NULL,
		  NULL, NULL },
		{ "the byte comes with nWrite, and the strobe after it", test_setup, NULL, NULL,
		  NULL },
		{ "a strobe of mode 010 is over before a cycle begins", test_strobe_before, NULL,
		  NULL, NULL },
		{ "P-012 there is no EPP at 0x3bc, but an ECR", test_video_card, NULL, NULL, NULL },
		{ "P-023 STS.0 outside of EPP is what the chip makes it", test_bit0, NULL, NULL,
		  NULL },
		{ "a time-out shows in other modes where the chip lets it", test_phony, NULL, NULL,
		  NULL },
		{ "an ECP chip makes cycles in mode 100, and where configured in 000 and 001",
		  test_mode, NULL, NULL, NULL },
		{ "a cycle that reads turns the lines, in mode 000, too", test_reads_in_ps2_modes,
		  NULL, NULL, NULL },
		{ "a pending time-out makes some chips ignore DATA and CTL", test_blocks, NULL,
		  NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_chip_epp", tests, NULL, NULL);
}
