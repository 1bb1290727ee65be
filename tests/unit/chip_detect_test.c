/* SPDX-License-Identifier: MIT */
/* What detection finds in EPP and ECP chips, and how it leaves them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chip_quirks.h"
#include "rig.h"

#define DATA        0x000u
#define STATUS      0x001u
#define CONTROL     0x002u
#define EPP_DATA    0x004u
#define FIFO        0x400u
#define CONFIG_B    0x401u
#define ECR         0x402u
#define LEFT_DATA   0x5au
#define NO_MODE_YET 0xffu

static struct rig rig;
static const struct opp_chip_facts *const facts = &rig.chip.facts;

static void start(struct opp_sim_options options)
{
	rig_start(&rig, &options, NULL, 1000);
	opp_sim_write(&rig.sim, DATA, LEFT_DATA);
}

static bool open_as(enum opp_probe probe)
{
	return rig_open(&rig, probe) == OPP_SUCCESS;
}

static void find(struct opp_sim_options options)
{
	start(options);
	assert_true(open_as(OPP_PROBE_FULL));
}

static bool can(uint32_t capability)
{
	return rig.hw->capabilities & capability;
}

static bool has_ecr(const struct opp_sim_options *options)
{
	return options->chip == OPP_SIM_ECP || options->chip == OPP_SIM_ECP_EPP;
}

static bool wrote(uint32_t offset, uint8_t mask, uint8_t value)
{
	for (uint32_t i = 0; i < rig.accesses && i < RIG_LOG; i++)
		if (rig.log[i].write && rig.log[i].offset == offset &&
		    (rig.log[i].value & mask) == value)
			return true;
	return false;
}

/* ---- D-2: the ECR ------------------------------------------------------------------ */

static void test_alias(void **state)
{
	static const enum opp_sim_chip chips[] = { OPP_SIM_SPP, OPP_SIM_PS2, OPP_SIM_EPP };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		for (uint32_t high = 0; high < 0x100; high += 0x40) {
			find((struct opp_sim_options){ .chip = chips[i],
						       .control_high_bits = (uint8_t)high,
						       .extended_is_control = true });
			assert_false(facts->ecr);
			assert_false(wrote(ECR, 0, 0));
			assert_true(rig_is_idle(&rig));
		}
	}
}

static void test_no_ecr(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 0x100; value++) {
		start((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
		rig.stuck_at = ECR;
		rig.stuck_value = (uint8_t)value;
		assert_true(open_as(OPP_PROBE_FULL));
		/* A register that only ever reads 0x35 cannot be told from one that works. */
		assert_int_equal(facts->ecr, value == 0x35);
		assert_true(rig_is_idle(&rig));
		assert_false(can(OPP_HW_CAN_FIFO));
		if (value == 0xff)
			assert_false(wrote(ECR, 0, 0));
	}
}

static void test_left_in_the_middle(void **state)
{
	static const uint8_t left[] = { 0x54, 0x74, 0x94, 0xd4, 0xf4 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(left); i++) {
		for (uint32_t bytes = 0; bytes <= 17; bytes++) {
			start((struct opp_sim_options){ .chip = OPP_SIM_ECP });
			opp_sim_write(&rig.sim, ECR, left[i]);
			for (uint32_t n = 0; n < bytes; n++)
				opp_sim_write(&rig.sim, FIFO, 0x11);
			assert_true(open_as(OPP_PROBE_FULL));
			assert_true(facts->ecr);
			assert_true(rig_is_idle(&rig));
		}
	}
}

/* ---- D-3: the data lines ------------------------------------------------------------ */

/* Every change of CTL.5 in the log, with the mode the ECR was in. */
static void assert_turned_in_byte_mode(uint32_t *turns)
{
	uint8_t mode = NO_MODE_YET;
	uint8_t control = 0;

	*turns = 0;
	for (uint32_t i = 0; i < rig.accesses && i < RIG_LOG; i++) {
		const struct rig_access *access = &rig.log[i];

		if (access->write && access->offset == ECR)
			mode = access->value >> 5;
		if (!access->write || access->offset != CONTROL)
			continue;
		if ((control ^ access->value) & 0x20) {
			assert_int_equal(mode, 1);
			++*turns;
		}
		control = access->value;
	}
}

static void test_turned_in_byte_mode(void **state)
{
	uint32_t turns;

	(void)state;
	find((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP });
	assert_true(can(OPP_HW_CAN_REVERSE));
	assert_turned_in_byte_mode(&turns);
	assert_true(turns >= 4);
	assert_int_equal(rig.sim.ecr, 0x34);
}

static void test_never_turned(void **state)
{
	(void)state;
	find((struct opp_sim_options){ .chip = OPP_SIM_SPP, .bit0 = OPP_SIM_BIT0_CLEARABLE });
	assert_false(can(OPP_HW_CAN_REVERSE | OPP_HW_CAN_EPP));
	rig_forget_accesses(&rig);
	rig.hw->ops->set_reverse(rig.hw, true);
	rig.hw->ops->raw_write_control(rig.hw, 0x2c);
	rig.hw->ops->write_control(rig.hw, 0xff, 0xff);
	assert_int_equal(rig.hw->ops->set_chip_mode(rig.hw, OPP_CHIP_BYTE), OPP_NO_SUCH_DEVICE);
	assert_int_equal(rig.accesses, 2);
	assert_false(wrote(CONTROL, 0x20, 0x20));
}

/* ---- D-4: EPP ------------------------------------------------------------------------ */

static void test_epp_needs_the_flag(void **state)
{
	(void)state;
	find((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
	assert_false(can(OPP_HW_CAN_EPP));
	find((struct opp_sim_options){ .chip = OPP_SIM_ECP });
	assert_false(can(OPP_HW_CAN_EPP));
	start((struct opp_sim_options){ .chip = OPP_SIM_EPP });
	rig.stuck_at = STATUS;
	rig.stuck_value = 0xff;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_false(can(OPP_HW_CAN_EPP));
	find((struct opp_sim_options){ .chip = OPP_SIM_EPP });
	assert_true(can(OPP_HW_CAN_EPP));
	assert_true(can(OPP_HW_CAN_EPP_WIDE));
	assert_false(facts->epp_needs_mode);
}

static void test_epp_width(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_EPP });
	rig.io.write32 = NULL;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_true(can(OPP_HW_CAN_EPP));
	assert_false(can(OPP_HW_CAN_EPP_WIDE));
	start((struct opp_sim_options){ .chip = OPP_SIM_EPP });
	rig.io.ranges = 0;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_false(can(OPP_HW_CAN_EPP));
}

static void test_epp_by_mode(void **state)
{
	(void)state;
	for (uint32_t bit0 = OPP_SIM_BIT0_USUAL; bit0 <= OPP_SIM_BIT0_CLEARABLE; bit0++) {
		find((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP,
					       .bit0 = (enum opp_sim_bit0)bit0 });
		assert_true(can(OPP_HW_CAN_EPP));
		assert_true(facts->epp_needs_mode);
		assert_true(wrote(ECR, 0xe0, 0x80));
		assert_true(wrote(CONTROL, 0xff, 0x04));
		assert_int_equal(rig.sim.ecr, 0x34);
	}
}

/* A cycle timed out just before: the port is found all the same, and the flag is gone. */
static void test_clears_timeout(void **state)
{
	(void)state;
	for (uint32_t how = OPP_SIM_CLEAR_WRITE_1; how <= OPP_SIM_CLEAR_READ_TWICE; how++) {
		start((struct opp_sim_options){ .chip = OPP_SIM_EPP,
						.timeout_clear = (enum opp_sim_timeout_clear)how,
						.timeout_blocks = true });
		opp_sim_write(&rig.sim, CONTROL, 0x04);
		opp_sim_write(&rig.sim, EPP_DATA, 0x11);
		assert_true(rig.sim.timed_out);
		assert_true(open_as(OPP_PROBE_FULL));
		assert_true(can(OPP_HW_CAN_EPP));
		assert_int_equal(opp_sim_read(&rig.sim, STATUS) & 1, 0);
		assert_true(rig_is_idle(&rig));
	}
}

/* ---- D-5 .. D-9: the FIFO --------------------------------------------------------------- */

static void test_depth(void **state)
{
	static const uint8_t depths[] = { 1, 4, 16, 64 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(depths); i++) {
		find((struct opp_sim_options){ .chip = OPP_SIM_ECP, .fifo_words = depths[i] });
		assert_int_equal(facts->fifo.depth_words, depths[i]);
		assert_true(can(OPP_HW_CAN_FIFO));
		assert_int_equal(rig.hw->fifo.depth_words, depths[i]);
		assert_int_equal(rig.hw->fifo.word_bytes, 1);
	}
}

static void test_never_full(void **state)
{
	(void)state;
	find((struct opp_sim_options){ .chip = OPP_SIM_ECP, .fifo_never_fills = true });
	assert_true(facts->ecr);
	assert_false(can(OPP_HW_CAN_FIFO));
	assert_int_equal(facts->fifo.depth_words, 0);
	assert_int_equal(rig.hw->fifo.depth_words, 0);
	assert_int_equal(rig.sim.counts.writes[OPP_SIM_FIFO], 1024);
	assert_true(rig.accesses <= 2100);
	assert_true(rig_is_idle(&rig));
}

static void test_never_empty(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP });
	rig.stuck_at = RIG_FIFO_FLAGS;
	rig.stuck_value = 0x02;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_true(facts->ecr);
	assert_false(can(OPP_HW_CAN_FIFO));
	assert_true(rig_is_idle(&rig));
}

static void test_thresholds(void **state)
{
	static const uint8_t depths[] = { 1, 2, 4, 16, 64 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(depths); i++) {
		for (uint8_t threshold = 1; threshold < depths[i]; threshold++) {
			find((struct opp_sim_options){ .chip = OPP_SIM_ECP,
						       .fifo_words = depths[i],
						       .fifo_threshold = threshold });
			assert_int_equal(rig.hw->fifo.write_threshold_words, depths[i] - threshold);
			assert_int_equal(rig.hw->fifo.read_threshold_words, depths[i] - threshold);
		}
	}
}

/* A chip whose service bit cannot be cleared has no thresholds, but a FIFO. */
static void test_no_service(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP });
	rig.stuck_at = RIG_SERVICE_FLAG;
	rig.stuck_value = 0x04;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_true(can(OPP_HW_CAN_FIFO));
	assert_int_equal(rig.hw->fifo.depth_words, 16);
	assert_int_equal(rig.hw->fifo.write_threshold_words, 0);
	assert_int_equal(rig.hw->fifo.read_threshold_words, 0);
}

static void test_word(void **state)
{
	static const uint8_t bytes[] = { [OPP_SIM_PWORD_1] = 1,
					 [OPP_SIM_PWORD_2] = 2,
					 [OPP_SIM_PWORD_4] = 4,
					 [OPP_SIM_PWORD_RESERVED] = 1 };

	(void)state;
	for (uint32_t pword = 0; pword < sizeof(bytes); pword++) {
		find((struct opp_sim_options){ .chip = OPP_SIM_ECP,
					       .pword = (enum opp_sim_pword)pword });
		assert_int_equal(facts->fifo.word_bytes, bytes[pword]);
		assert_int_equal(facts->fifo.depth_words, 16);
		assert_int_equal(can(OPP_HW_CAN_FIFO), bytes[pword] == 1);
	}
}

static void test_configuration(void **state)
{
	static const uint8_t irqs[] = { 0, 7, 9, 10, 11, 14, 15, 5 };
	static const uint8_t dmas[] = { 0, 1, 2, 3, 0, 5, 6, 7 };

	(void)state;
	for (uint32_t value = 0; value < 0x80; value++) {
		find((struct opp_sim_options){ .chip = OPP_SIM_ECP, .config_b = (uint8_t)value });
		assert_int_equal(facts->irq, irqs[value >> 3 & 7]);
		assert_int_equal(facts->dma, dmas[value & 7]);
		assert_int_equal(facts->interrupt_high, value >> 6);
		assert_false(facts->level_interrupts);
		assert_false(facts->fifo.counts_all);
	}
	find((struct opp_sim_options){ .chip = OPP_SIM_ECP, .full_counts_transmitter = true });
	assert_true(facts->fifo.counts_all);
}

static void test_floating_configuration(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP, .config_b = 0x7f });
	rig.stuck_at = RIG_CONFIGURATION;
	rig.stuck_value = 0xff;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_int_equal(facts->irq, 0);
	assert_int_equal(facts->dma, 0);
	assert_false(facts->interrupt_high);
	assert_false(facts->level_interrupts);
}

static void test_interrupt_seen(void **state)
{
	(void)state;
	find((struct opp_sim_options){ .chip = OPP_SIM_ECP });
	assert_true(facts->interrupt_seen);
	assert_null(rig.hw->interrupt);
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP });
	rig.sim.options.interrupt = NULL;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_false(facts->interrupt_seen);
}

/* ---- how the port is left ------------------------------------------------------------------ */

static void (*write_register)(void *context, uint32_t offset, uint8_t value);

/* A chip whose FIFO is fed by way of the data latch. */
static void write_shared(void *context, uint32_t offset, uint8_t value)
{
	if (offset == FIFO)
		rig.sim.data_latch = value;
	write_register(context, offset, value);
}

static void test_shared_latch(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP });
	write_register = rig.io.write8;
	rig.io.write8 = write_shared;
	assert_true(open_as(OPP_PROBE_FULL));
	assert_true(can(OPP_HW_CAN_FIFO));
	assert_int_equal(rig.sim.data_latch, LEFT_DATA);
}

static void assert_left_as_found(const struct opp_sim_options *options)
{
	assert_true(rig_is_idle(&rig));
	assert_int_equal(rig.sim.data_latch, LEFT_DATA);
	assert_int_equal(rig.sim.control_latch, 0x0c);
	assert_int_equal(rig_host_errors(&rig), 0);
	if (has_ecr(options) && facts->ecr)
		assert_int_equal(rig.sim.ecr, 0x34);
	assert_false(rig.hw->interrupt);
}

static void test_left_as_found(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < chip_quirk_count; i++) {
		for (uint32_t probe = OPP_PROBE_FULL; probe <= OPP_PROBE_GENTLE; probe++) {
			const bool unseen =
				chip_quirks[i].control_unreadable && probe == OPP_PROBE_GENTLE;

			start(chip_quirks[i]);
			assert_int_equal(open_as((enum opp_probe)probe), !unseen);
			assert_left_as_found(&chip_quirks[i]);
			assert_int_equal(rig.hw->accesses, rig.accesses);
			assert_true(rig.accesses <= 50u + 8u * facts->fifo.depth_words ||
				    chip_quirks[i].fifo_never_fills);
			assert_int_equal(facts->ecr, has_ecr(&chip_quirks[i]) && !unseen);
		}
	}
}

/* Whatever one register reads as, what is written last is right. */
static void test_stuck_register(void **state)
{
	static const uint32_t offsets[] = { DATA,     STATUS, CONTROL,        FIFO,
					    CONFIG_B, ECR,    RIG_FIFO_FLAGS, RIG_SERVICE_FLAG };
	static const uint8_t values[] = { 0x00, 0xff, 0x0c, 0x35, 0x75, 0xaa, 0xd6 };

	(void)state;
	for (uint32_t i = 0; i < chip_quirk_count; i++) {
		for (uint32_t n = 0; n < sizeof(offsets) / sizeof(offsets[0]) * sizeof(values);
		     n++) {
			const uint32_t offset = offsets[n / sizeof(values)];

			if (offset == ECR && chip_quirks[i].extended_is_control)
				continue; /* it is CONTROL, and reads as that */
			start(chip_quirks[i]);
			rig.stuck_at = offset;
			rig.stuck_value = values[n % sizeof(values)];
			open_as(OPP_PROBE_FULL);
			assert_true(rig_is_idle(&rig));
			assert_true(rig.accesses <= 2200);
			assert_int_equal(rig_host_errors(&rig), 0);
		}
	}
}

/* The bus goes away at every access, and comes back: no hang, no claim without a reason. */
static void dies(struct rig *dying)
{
	dying->bus_dead = dying->accesses >= dying->stuck_value;
}

static void test_bus_dies(void **state)
{
	(void)state;
	for (uint32_t at = 1; at < 200; at++) {
		start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP });
		rig.disturb = dies;
		rig.stuck_value = (uint8_t)at;
		open_as(OPP_PROBE_FULL);
		assert_true(rig.accesses <= 2200);
		rig.disturb = NULL;
		rig.bus_dead = false;
		assert_true(open_as(OPP_PROBE_FULL));
		assert_true(rig_is_idle(&rig));
		assert_true(can(OPP_HW_CAN_FIFO));
	}
}

/* ---- the gentle form ------------------------------------------------------------------------ */

static uint8_t moved_lines;
static bool moved_data;

static void attached(struct opp_sim_peripheral *peripheral)
{
	opp_sim_drive_status(peripheral->connector, OPP_STATUS_LINES & ~OPP_LINE_BUSY);
}

static void watches(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	const struct opp_wires *now = &peripheral->connector->wires;

	moved_lines |= now->control ^ before->control;
	moved_data |= now->data != before->data;
}

static const struct opp_sim_peripheral_ops watcher = { attached, NULL, watches };

static void test_gentle(void **state)
{
	struct opp_sim_peripheral peripheral = { .ops = &watcher };

	(void)state;
	for (uint32_t i = 0; i < chip_quirk_count; i++) {
		if (chip_quirks[i].after_reset)
			continue; /* its lines are not at rest before */
		start(chip_quirks[i]);
		opp_sim_attach(&rig.sim, &peripheral);
		moved_lines = 0;
		moved_data = false;
		open_as(OPP_PROBE_GENTLE);
		assert_int_equal(moved_lines & ~OPP_LINE_NAUTOFD, 0);
		assert_false(moved_data);
		assert_int_equal(rig.sim.counts.writes[OPP_SIM_DATA], 1); /* start() */
		assert_int_equal(rig.sim.counts.writes[OPP_SIM_FIFO], 0);
		assert_int_equal(rig.interrupts, 0);
		assert_false(wrote(CONTROL, 0x20, 0x20));
		opp_sim_detach(&rig.sim);
	}
}

static void test_gentle_finds(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP, .config_b = 0x0b });
	assert_true(open_as(OPP_PROBE_GENTLE));
	assert_true(can(OPP_HW_CAN_REVERSE));
	assert_true(can(OPP_HW_CAN_EPP));
	assert_false(can(OPP_HW_CAN_FIFO));
	assert_int_equal(facts->irq, 7);
	assert_int_equal(facts->dma, 3);
	start((struct opp_sim_options){ .chip = OPP_SIM_EPP });
	assert_true(open_as(OPP_PROBE_GENTLE));
	assert_false(can(OPP_HW_CAN_REVERSE | OPP_HW_CAN_EPP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-016 an ECR that is CONTROL by another name is none", test_alias, NULL, NULL,
		  NULL },
		{ "P-015 no ECR where its address reads 0xff, or any other constant", test_no_ecr,
		  NULL, NULL, NULL },
		{ "a chip left in the middle of a transfer is found again", test_left_in_the_middle,
		  NULL, NULL, NULL },
		{ "P-020 P-032 the data lines are tried in BYTE mode, which the chip keeps",
		  test_turned_in_byte_mode, NULL, NULL, NULL },
		{ "P-019 lines that cannot be turned never see CTL.5 set again, nor EPP",
		  test_never_turned, NULL, NULL, NULL },
		{ "P-021 no EPP where STS.0 cannot be cleared", test_epp_needs_the_flag, NULL, NULL,
		  NULL },
		{ "EPP only in reach, wide only where the bus has it", test_epp_width, NULL, NULL,
		  NULL },
		{ "P-022 an ECP chip is asked for EPP with its ECR saying so", test_epp_by_mode,
		  NULL, NULL, NULL },
		{ "P-096 a time-out of the past is cleared, whichever way the chip wants",
		  test_clears_timeout, NULL, NULL, NULL },
		{ "P-024 the depth of the FIFO", test_depth, NULL, NULL, NULL },
		{ "P-025 what is never full in 1024 writes is no FIFO", test_never_full, NULL, NULL,
		  NULL },
		{ "P-025 what does not give back what it took is no FIFO", test_never_empty, NULL,
		  NULL, NULL },
		{ "P-026 both thresholds", test_thresholds, NULL, NULL, NULL },
		{ "a FIFO without service conditions has no thresholds", test_no_service, NULL,
		  NULL, NULL },
		{ "P-027 the word of cnfgA; wider ones are not offered", test_word, NULL, NULL,
		  NULL },
		{ "P-028 interrupt and DMA channel of cnfgB", test_configuration, NULL, NULL,
		  NULL },
		{ "a configuration that floats says nothing", test_floating_configuration, NULL,
		  NULL, NULL },
		{ "the FIFO's interrupt is seen to arrive, or not", test_interrupt_seen, NULL, NULL,
		  NULL },
		{ "P-029 P-031 every kind of chip is left at rest, DATA as it was",
		  test_left_as_found, NULL, NULL, NULL },
		{ "P-029 DATA is as it was though the FIFO is fed through its latch",
		  test_shared_latch, NULL, NULL, NULL },
		{ "P-029 whatever a register reads as, the port is left at rest",
		  test_stuck_register, NULL, NULL, NULL },
		{ "a bus that dies while a chip is looked for", test_bus_dies, NULL, NULL, NULL },
		{ "P-140 of a gentle probe a peripheral sees nAutoFd, and nothing else",
		  test_gentle, NULL, NULL, NULL },
		{ "P-140 what a gentle probe finds all the same", test_gentle_finds, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("chip detection", tests, NULL, NULL);
}
