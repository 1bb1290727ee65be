/* SPDX-License-Identifier: MIT */
/* The simulated ECP chip by its registers: modes, test FIFO, interrupts, configuration, bus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ecp_bench.h"

/* ---- the ECR and its modes ------------------------------------------------------------ */

static void test_reset_values(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	assert_int_equal(ecr(), 0x15);
	assert_int_equal(in(CONTROL), 0x0c);
	assert_int_equal(in(DATA), 0x00);
	start((struct opp_sim_options){ .after_reset = true });
	assert_int_equal(ecr(), 0x15);
	assert_int_equal(in(CONTROL), 0x00);
	assert_int_equal(sim.connector.wires.control,
			 OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN);
}

/* A bus reset in the middle of a byte: time and the device go on. */
static void test_reset(void **state)
{
	uint64_t now_ns;

	(void)state;
	plug_in_slow((struct opp_sim_options){ .pword = OPP_SIM_PWORD_4 }, 5 * US);
	begin_forward();
	out(FIFO, 0x5a);
	out(FIFO, 0xa5);
	pass(US);
	assert_false(sim.connector.wires.control & OPP_LINE_NSTROBE);
	now_ns = sim.now_ns;
	opp_sim_reset(&sim);
	assert_int_equal(sim.connector.wires.control,
			 OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN);
	assert_int_equal(ecr(), 0x15);
	assert_int_equal(in(CONTROL), 0x00);
	assert_int_equal(in(DATA), 0x00);
	assert_int_equal(sim.counts.writes[OPP_SIM_FIFO], 2);
	assert_int_equal(sim.now_ns, now_ns);
	assert_ptr_equal(sim.connector.peripheral, &device.peripheral);
	/* the device answers what it saw, the chip has forgotten it */
	assert_true(opp_sim_next_edge_ns(&sim) <= now_ns + 5 * US);
	pass(100 * US);
	assert_int_equal(sim.connector.wires.control,
			 OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN);
	set_mode(TEST);
	assert_int_equal(fill(), 16);
	set_mode(CONFIG);
	assert_int_equal(in(CONFIG_A), 0x20);
	assert_int_equal(host_errors(), 0);
	/* and then it works as before */
	begin_forward();
	out(DATA, 0x81);
	pass(100 * US);
	assert_int_equal(device.taken_count, 1);
}

static void test_reset_half_word(void **state)
{
	(void)state;
	plug_in_slow((struct opp_sim_options){ .pword = OPP_SIM_PWORD_2 }, US);
	begin_forward();
	opp_sim_write16(&sim, FIFO, 0x1122);
	while (!device.taken_count)
		pass(100);
	set_mode(CONFIG);
	assert_int_equal(in(CONFIG_A), 0x01);
	opp_sim_reset(&sim);
	set_mode(CONFIG);
	assert_int_equal(in(CONFIG_A), 0x00);
}

static void test_ecr_reads(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	for (uint32_t value = 0; value < 0x40; value++) {
		out(ECR, value);
		assert_int_equal(ecr() & 3, 1);
	}
	out(ECR, 0x34);
	assert_int_equal(ecr(), 0x35);
	out(ECR, 0xff);
	assert_int_equal(ecr(), 0xfd);
	assert_int_equal(in(CONTROL), 0x0c);
}

static void test_direction(void **state)
{
	/* mode, and whether CTL.5 makes inputs of the data lines in it */
	static const struct {
		uint8_t mode;
		bool turns;
	} cases[] = {
		{ SPP, false }, { PPF, false }, { PS2, true }, { ECP, true }, { 0x94, true }
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plug_in((struct opp_sim_options){ 0 });
		opp_sim_drive_data(&sim.connector, 0xc3);
		out(DATA, 0x00);
		out(ECR, PS2);
		out(CONTROL, 0x2c);
		out(ECR, cases[i].mode);
		assert_int_equal(in(DATA), cases[i].turns ? 0xc3 : 0x00);
		assert_int_equal(sim.connector.wires.data, cases[i].turns ? 0xc3 : 0x00);
		assert_int_equal(in(CONTROL)&0x20, 0x20);
	}
}

static void test_mode_changes(void **state)
{
	(void)state;
	for (uint32_t from = 0; from < 8; from++) {
		for (uint32_t to = 0; to < 8; to++) {
			const bool fifo_to_test = (from == 2 || from == 3) && to == 6;
			const bool wrong = from >= 2 && to >= 2 && from != to && !fifo_to_test;

			start((struct opp_sim_options){ 0 });
			set_mode(from << 5 | 0x14);
			assert_int_equal(host_errors(), 0);
			out(ECR, to << 5 | 0x14);
			assert_int_equal(ecr() >> 5, to);
			assert_int_equal(errors[OPP_SIM_MODE_JUMP], wrong);
			assert_int_equal(host_errors(), wrong);
		}
	}
}

static void test_turn(void **state)
{
	(void)state;
	for (uint32_t mode = 0; mode < 8; mode++) {
		start((struct opp_sim_options){ 0 });
		set_mode(mode << 5 | 0x14);
		out(CONTROL, 0x0e); /* other bits are free */
		assert_int_equal(host_errors(), 0);
		out(CONTROL, 0x2e);
		out(CONTROL, 0x0e);
		assert_int_equal(errors[OPP_SIM_TURN_IN_FIFO_MODE], mode == 2 || mode == 3 ? 2 : 0);
	}
}

/* ---- test mode -------------------------------------------------------------------------- */

static void test_depth(void **state)
{
	static const uint8_t words[] = { 0, 1, 4, 16, 64, 7 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(words); i++) {
		start((struct opp_sim_options){ .fifo_words = words[i] });
		set_mode(TEST);
		assert_int_equal(ecr() & 3, EMPTY);
		assert_int_equal(fill(), words[i] ? words[i] : 16);
		for (uint32_t left = words[i] ? words[i] : 16; left; left--) {
			assert_false(ecr() & EMPTY);
			in(FIFO);
			assert_false(ecr() & FULL);
		}
		assert_true(ecr() & EMPTY);
	}
	start((struct opp_sim_options){ .fifo_never_fills = true });
	set_mode(TEST);
	assert_int_equal(fill(), 1024);
}

static void test_test_mode(void **state)
{
	(void)state;
	for (uint32_t control = 0x0c; control <= 0x2c; control += 0x20) {
		start((struct opp_sim_options){ .fifo_words = 4 });
		out(ECR, PS2);
		out(CONTROL, control);
		out(ECR, TEST);
		for (uint32_t i = 0; i < 6; i++)
			out(FIFO, 0x10 + i);
		for (uint32_t i = 0; i < 4; i++)
			assert_int_equal(in(FIFO), 0x10 + i);
		assert_int_equal(in(FIFO), 0x13);
		assert_int_equal(in(FIFO), 0x13);
		/* round the end */
		for (uint32_t i = 0; i < 30; i++) {
			out(FIFO, i);
			out(FIFO, ~i);
			assert_int_equal(in(FIFO), i);
			assert_int_equal(in(FIFO), (uint8_t)~i);
		}
		assert_int_equal(host_errors(), 0);
		assert_int_equal(sim.connector.wires.control, OPP_CONTROL_IDLE);
	}
}

static void test_fifo_reset(void **state)
{
	static const uint8_t to[] = { SPP, PS2 };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		start((struct opp_sim_options){ 0 });
		set_mode(TEST);
		fill();
		out(ECR, to[i]);
		assert_int_equal(ecr() & 3, EMPTY);
		out(ECR, TEST);
		assert_int_equal(ecr() & 3, EMPTY);
	}
}

/* Detection steps D-6 and D-7 of IEEE1284 2.11. */
static uint32_t find_write_threshold(void)
{
	out(ECR, PS2);
	out(CONTROL, 0x0c);
	out(ECR, TEST);
	fill();
	out(ECR, 0xd0);
	for (uint32_t reads = 1; reads <= 64; reads++) {
		in(FIFO);
		if (ecr() & SERVICED)
			return reads;
	}
	return 0;
}

static uint32_t find_read_threshold(void)
{
	out(ECR, PS2);
	out(CONTROL, 0x2c);
	out(ECR, TEST);
	out(ECR, 0xd0);
	for (uint32_t writes = 1; writes <= 64; writes++) {
		out(FIFO, 0xaa);
		if (ecr() & SERVICED)
			return writes;
	}
	return 0;
}

static void test_thresholds(void **state)
{
	/* depth, threshold as configured, what is found */
	static const uint8_t cases[][3] = {
		{ 16, 1, 15 },  { 16, 8, 8 }, { 16, 0, 8 }, { 16, 15, 1 }, { 16, 16, 1 },
		{ 64, 16, 48 }, { 4, 1, 3 },  { 1, 0, 1 },  { 1, 16, 1 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start((struct opp_sim_options){ .fifo_words = cases[i][0],
						.fifo_threshold = cases[i][1] });
		assert_int_equal(find_write_threshold(), cases[i][2]);
		assert_int_equal(find_read_threshold(), cases[i][2]);
		assert_int_equal(interrupts, 2);
	}
}

/* ---- interrupts ---------------------------------------------------------------------------- */

static void test_service_stays(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .fifo_threshold = 12 });
	out(ECR, PS2);
	out(CONTROL, 0x2c);
	out(ECR, TEST);
	out(ECR, 0xd0);
	for (uint32_t i = 0; i < 3; i++)
		out(FIFO, i);
	assert_false(ecr() & SERVICED);
	assert_int_equal(interrupts, 0);
	out(FIFO, 3);
	assert_true(ecr() & SERVICED);
	assert_int_equal(interrupts, 1);
	/* whatever happens to the FIFO */
	for (uint32_t i = 0; i < 4; i++)
		in(FIFO);
	for (uint32_t i = 0; i < 16; i++)
		out(FIFO, i);
	assert_true(ecr() & SERVICED);
	assert_int_equal(interrupts, 1);
	for (uint32_t i = 0; i < 16; i++)
		in(FIFO);
	out(ECR, 0xd0);
	assert_false(ecr() & SERVICED);
	for (uint32_t i = 0; i < 4; i++)
		out(FIFO, i);
	assert_int_equal(interrupts, 2);
}

static void test_service_at_once(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	set_mode(TEST); /* empty and outward: there is room */
	assert_int_equal(interrupts, 0);
	out(ECR, 0xd0);
	assert_int_equal(interrupts, 1);
	assert_true(ecr() & SERVICED);
	out(ECR, 0xd4);
	assert_int_equal(interrupts, 1);
	fill();
	out(ECR, 0xd0);
	assert_int_equal(interrupts, 1);
	out(ECR, 0xd4);
	assert_int_equal(interrupts, 1);
	/* no FIFO mode, no service */
	set_mode(CONFIG & ~SERVICED);
	assert_int_equal(interrupts, 1);
	assert_false(ecr() & SERVICED);
}

static void test_terminal_count(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	set_mode(TEST);
	opp_sim_terminal_count(&sim);
	out(ECR, 0xdc);
	opp_sim_terminal_count(&sim);
	assert_int_equal(interrupts, 0);
	out(ECR, 0xd8); /* dmaEn, serviceIntr 0 */
	fill();
	while (!(ecr() & EMPTY))
		in(FIFO);
	assert_int_equal(interrupts, 0);
	assert_false(ecr() & SERVICED);
	opp_sim_terminal_count(&sim);
	assert_int_equal(interrupts, 1);
	assert_true(ecr() & SERVICED);
	opp_sim_terminal_count(&sim);
	assert_int_equal(interrupts, 1);
	/* without dmaEn it means nothing, while service is armed and not due */
	fill();
	out(ECR, 0xd0);
	opp_sim_terminal_count(&sim);
	assert_int_equal(interrupts, 1);
	assert_false(ecr() & SERVICED);
}

static void test_fault_interrupt(void **state)
{
	const uint8_t calm = OPP_LINE_NACK | OPP_LINE_SELECT | OPP_LINE_NFAULT;
	const uint8_t fault = OPP_LINE_NACK | OPP_LINE_SELECT;

	(void)state;
	plug_in((struct opp_sim_options){ 0 });
	begin_forward();
	opp_sim_drive_status(&sim.connector, fault);
	opp_sim_drive_status(&sim.connector, calm);
	assert_int_equal(interrupts, 0);
	out(ECR, 0x64);
	assert_int_equal(interrupts, 0);
	opp_sim_drive_status(&sim.connector, fault);
	assert_int_equal(interrupts, 1);
	opp_sim_drive_status(&sim.connector, fault);
	opp_sim_drive_status(&sim.connector, calm);
	assert_int_equal(interrupts, 1);
	/* the bit goes low while nFault is */
	out(ECR, 0x74);
	opp_sim_drive_status(&sim.connector, fault);
	assert_int_equal(interrupts, 1);
	out(ECR, 0x64);
	assert_int_equal(interrupts, 2);
	out(ECR, 0x64);
	assert_int_equal(interrupts, 2);
	/* in no other mode */
	set_mode(PS2);
	out(ECR, 0x24);
	opp_sim_drive_status(&sim.connector, calm);
	opp_sim_drive_status(&sim.connector, fault);
	assert_int_equal(interrupts, 2);
}

/* ---- configuration ---------------------------------------------------------------- */

static void test_configuration(void **state)
{
	/* size of a word, cnfgA */
	static const struct {
		enum opp_sim_pword pword;
		uint8_t config_a;
	} cases[] = {
		{ OPP_SIM_PWORD_1, 0x10 },       { OPP_SIM_PWORD_2, 0x00 },
		{ OPP_SIM_PWORD_4, 0x20 },       { OPP_SIM_PWORD_RESERVED, 0x30 },
		{ (enum opp_sim_pword)7, 0x30 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start((struct opp_sim_options){ .pword = cases[i].pword, .config_b = 0xcb });
		set_mode(CONFIG);
		assert_int_equal(in(CONFIG_A), cases[i].config_a);
		out(CONFIG_A, 0xff);
		assert_int_equal(in(CONFIG_A), cases[i].config_a);
		assert_int_equal(in(CONFIG_B), 0x4b);
		out(CONFIG_B, 0xff);
		assert_int_equal(in(CONFIG_B), 0x4b);
		/* in this mode only */
		set_mode(PS2);
		assert_int_equal(in(CONFIG_B), 0xff);
		assert_int_equal(in(CONFIG_A), 0xff);
	}
}

static void test_wide_elsewhere(void **state)
{
	(void)state;
	plug_in((struct opp_sim_options){ 0 });
	out(DATA, 0x5a);
	assert_int_equal(opp_sim_read16(&sim, DATA), in(STATUS) << 8 | 0x5a);
	assert_int_equal(sim.counts.reads[OPP_SIM_DATA], 1);
	opp_sim_write32(&sim, DATA, 0x000e00a5);
	assert_int_equal(in(DATA), 0xa5);
	assert_int_equal(in(CONTROL), 0x0e);
	set_mode(TEST);
	opp_sim_write16(&sim, FIFO, 0x1122); /* a FIFO of bytes: cnfgB swallows the second */
	assert_int_equal(in(FIFO), 0x22);
	assert_true(ecr() & EMPTY);
}

/* ---- the bus ------------------------------------------------------------------------------- */

static void test_fight(void **state)
{
	(void)state;
	plug_in((struct opp_sim_options){ 0 });
	out(ECR, PS2);
	out(DATA, 0xf0);
	opp_sim_drive_data(&sim.connector, 0xf0);
	assert_int_equal(host_errors(), 0);
	opp_sim_drive_data(&sim.connector, 0xf3);
	assert_int_equal(errors[OPP_SIM_BUS_FIGHT], 1);
	out(DATA, 0xf1); /* still the same fight */
	assert_int_equal(errors[OPP_SIM_BUS_FIGHT], 1);
	out(CONTROL, 0x2c);
	out(CONTROL, 0x0c);
	assert_int_equal(errors[OPP_SIM_BUS_FIGHT], 2);
	opp_sim_drive_data(&sim.connector, 0xff);
	out(DATA, 0xff);
	assert_int_equal(errors[OPP_SIM_BUS_FIGHT], 2);
	start((struct opp_sim_options){ .data_overpowered = true });
	opp_sim_attach(&sim, &device.peripheral);
	out(DATA, 0xf0);
	opp_sim_drive_data(&sim.connector, 0x00);
	assert_int_equal(host_errors(), 0);
}

static void test_counts(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	set_mode(TEST);
	for (uint32_t i = 0; i < 3; i++)
		out(FIFO, i);
	in(FIFO);
	ecr();
	in(CONFIG_B);
	in(0x403);
	assert_int_equal(sim.counts.writes[OPP_SIM_ECR], 2);
	assert_int_equal(sim.counts.reads[OPP_SIM_ECR], 1);
	assert_int_equal(sim.counts.writes[OPP_SIM_FIFO], 3);
	assert_int_equal(sim.counts.reads[OPP_SIM_FIFO], 1);
	assert_int_equal(sim.counts.reads[OPP_SIM_CONFIG_B], 1);
	assert_int_equal(sim.counts.reads[OPP_SIM_NOWHERE], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a chip starts as hardware reset leaves it, or as the BIOS does",
		  test_reset_values, NULL, NULL, NULL },
		{ "a bus reset stops a byte, but not time and the device", test_reset, NULL, NULL,
		  NULL },
		{ "a bus reset forgets half a word", test_reset_half_word, NULL, NULL, NULL },
		{ "P-017 in modes 000 and 001 ECR & 3 is 1, and 0x34 reads as 0x35", test_ecr_reads,
		  NULL, NULL, NULL },
		{ "P-006 CTL.5 turns nothing in modes 000 and 010", test_direction, NULL, NULL,
		  NULL },
		{ "P-033 every mode change that is not allowed is reported, and happens",
		  test_mode_changes, NULL, NULL, NULL },
		{ "P-033 CTL.5 changed in a FIFO mode is reported", test_turn, NULL, NULL, NULL },
		{ "P-024 as many words fill the test FIFO as it has", test_depth, NULL, NULL,
		  NULL },
		{ "P-035 the test FIFO drops what does not fit and repeats its last byte",
		  test_test_mode, NULL, NULL, NULL },
		{ "P-034 modes 000 and 001 empty the FIFO", test_fifo_reset, NULL, NULL, NULL },
		{ "P-026 both thresholds are found at depth less threshold", test_thresholds, NULL,
		  NULL, NULL },
		{ "P-036 serviceIntr is set at the threshold and stays", test_service_stays, NULL,
		  NULL, NULL },
		{ "P-037 serviceIntr set to 0 with service due interrupts at once",
		  test_service_at_once, NULL, NULL, NULL },
		{ "P-038 with dmaEn the interrupt comes at terminal count", test_terminal_count,
		  NULL, NULL, NULL },
		{ "P-039 nFault interrupts in ECP mode, at its edge or when enabled while low",
		  test_fault_interrupt, NULL, NULL, NULL },
		{ "cnfgA and cnfgB tell the configuration, in mode 111 only", test_configuration,
		  NULL, NULL, NULL },
		{ "wide accesses elsewhere are accesses to consecutive registers",
		  test_wide_elsewhere, NULL, NULL, NULL },
		{ "a fight over a data line is reported once", test_fight, NULL, NULL, NULL },
		{ "accesses to ECP registers are counted", test_counts, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_chip_ecr", tests, NULL, NULL);
}
