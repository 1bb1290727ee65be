/* SPDX-License-Identifier: MIT */
/*
 * What an ECP chip is made of: steps D-2 and D-5 .. D-9 of IEEE1284 2.11.
 *
 * The registers may be somebody else's, or nobody's: nothing read here is
 * believed before it has answered twice in different ways, and no loop is longer
 * than a constant says.
 */
#include "ops.h"

#define MOST_WORDS   1024u
#define PATTERN      0xaau
#define SERVICE_NS   50000u /* a service condition shows by then */
#define FLOATING_BUS 0xffu

/* ---- D-2: the ECR ---------------------------------------------------------------- */

void opp_chip_rest_ecr(struct opp_chip *chip)
{
	const uint8_t ecr = opp_chip_in(chip, OPP_IOPORT_ECR);
	const bool floats = (ecr & (ECR_FULL | ECR_EMPTY)) == (ECR_FULL | ECR_EMPTY);

	if ((ecr & ECR_MODE) <= OPP_CHIP_BYTE || floats)
		return;
	if (ecr != opp_chip_in(chip, OPP_IOPORT_CONTROL))
		opp_chip_out(chip, OPP_IOPORT_ECR, OPP_CHIP_BYTE | ECR_QUIET);
}

/* CONTROL is idle: under another address it would not look empty. */
bool opp_chip_detect_ecr(struct opp_chip *chip)
{
	if ((opp_chip_in(chip, OPP_IOPORT_ECR) & (ECR_FULL | ECR_EMPTY)) != ECR_EMPTY)
		return false;
	opp_chip_enter(chip, OPP_CHIP_BYTE);
	if (opp_chip_in(chip, OPP_IOPORT_ECR) == (OPP_CHIP_BYTE | ECR_QUIET | ECR_EMPTY))
		return true;
	/* Whatever it is; it may have been CONTROL. */
	opp_chip_set_control(chip, 0, 0);
	chip->mode = 0;
	return false;
}

/* ---- D-8: the configuration --------------------------------------------------------- */

static void read_configuration(struct opp_chip *chip)
{
	static const uint8_t word_bytes[CONFIG_FIELD + 1] = { 2, 1, 4, 1, 1, 1, 1, 1 };
	static const uint8_t irqs[CONFIG_FIELD + 1] = { 0, 7, 9, 10, 11, 14, 15, 5 };
	static const uint8_t dmas[CONFIG_FIELD + 1] = { 0, 1, 2, 3, 0, 5, 6, 7 };
	struct opp_chip_facts *facts = &chip->facts;
	uint8_t a, b;

	opp_chip_enter(chip, ECR_MODE_CONFIG);
	a = opp_chip_in(chip, OPP_IOPORT_CONFIG_A);
	b = opp_chip_in(chip, OPP_IOPORT_CONFIG_B);
	opp_chip_enter(chip, OPP_CHIP_BYTE);
	facts->fifo.word_bytes = word_bytes[a >> CONFIG_A_WORD_SHIFT & CONFIG_FIELD];
	if (a == FLOATING_BUS && b == FLOATING_BUS)
		return;
	facts->level_interrupts = a & CONFIG_A_LEVEL;
	facts->fifo.counts_all = a & CONFIG_A_COUNTS_ALL;
	facts->interrupt_high = b & CONFIG_B_IRQ_HIGH;
	facts->irq = irqs[b >> CONFIG_B_IRQ_SHIFT & CONFIG_FIELD];
	facts->dma = dmas[b & CONFIG_FIELD];
}

/* ---- D-5, D-6, D-7: the FIFO, in test mode -------------------------------------------- */

/* Returns: how many words it takes to make it full; 0: it never is. */
static uint16_t fill(struct opp_chip *chip)
{
	for (uint16_t words = 1; words <= MOST_WORDS; words++) {
		opp_chip_out(chip, OPP_IOPORT_FIFO, PATTERN);
		if (opp_chip_in(chip, OPP_IOPORT_ECR) & ECR_FULL)
			return words;
	}
	return 0;
}

static bool is_served(struct opp_chip *chip)
{
	if (opp_chip_in(chip, OPP_IOPORT_ECR) & ECR_NO_SERVICE)
		return true;
	chip->hw.env->busy_wait_ns(chip->hw.env->context, SERVICE_NS);
	return opp_chip_in(chip, OPP_IOPORT_ECR) & ECR_NO_SERVICE;
}

/* Whether arming works at all: no condition holds yet, so the bit must stay clear. */
static bool arms(struct opp_chip *chip)
{
	opp_chip_arm(chip);
	return !(opp_chip_in(chip, OPP_IOPORT_ECR) & ECR_NO_SERVICE);
}

/* From full to empty. Returns: words taken out before the service condition; 0: none came. */
static uint16_t find_write_threshold(struct opp_chip *chip, uint16_t depth)
{
	bool waiting = arms(chip);
	uint16_t threshold = 0;

	for (uint16_t words = 1; words <= depth; words++) {
		opp_chip_in(chip, OPP_IOPORT_FIFO);
		if (waiting && is_served(chip)) {
			threshold = words;
			waiting = false;
		}
	}
	return threshold;
}

/* From empty to full, as if the peripheral sent. */
static uint16_t find_read_threshold(struct opp_chip *chip, uint16_t depth)
{
	uint16_t threshold = 0;

	opp_chip_set_control(chip, CONTROL_REVERSE, CONTROL_REVERSE);
	opp_chip_enter(chip, ECR_MODE_TEST);
	if (arms(chip)) {
		for (uint16_t words = 1; words <= depth && !threshold; words++) {
			opp_chip_out(chip, OPP_IOPORT_FIFO, PATTERN);
			if (is_served(chip))
				threshold = words;
		}
	}
	opp_chip_enter(chip, OPP_CHIP_BYTE);
	opp_chip_set_control(chip, CONTROL_REVERSE, 0);
	return threshold;
}

/* A FIFO gives back as many words as it took; what does not is none. */
static void measure_fifo(struct opp_chip *chip)
{
	struct opp_hw_fifo *fifo = &chip->facts.fifo;
	uint16_t write_threshold = 0;
	uint16_t depth;
	bool is_fifo;

	opp_chip_enter(chip, ECR_MODE_TEST);
	depth = fill(chip);
	if (depth > 0)
		write_threshold = find_write_threshold(chip, depth);
	is_fifo = depth > 0 && opp_chip_fifo_is_empty(&chip->hw);
	opp_chip_enter(chip, OPP_CHIP_BYTE);
	if (!is_fifo)
		return;
	fifo->depth_words = depth;
	fifo->write_threshold_words = write_threshold;
	if (chip->hw.capabilities & OPP_HW_CAN_REVERSE)
		fifo->read_threshold_words = find_read_threshold(chip, depth);
}

/* ---- D-9: the interrupt ---------------------------------------------------------------- */

static void note_interrupt(void *context)
{
	struct opp_chip *chip = context;

	chip->interrupted = true;
}

/* Service conditions come up while the FIFO is measured: does one arrive? */
static void measure_fifo_watched(struct opp_chip *chip)
{
	chip->hw.interrupt_context = chip;
	chip->hw.interrupt = note_interrupt;
	measure_fifo(chip);
	chip->hw.interrupt = NULL;
	chip->hw.interrupt_context = NULL;
	chip->facts.interrupt_seen = chip->interrupted;
}

void opp_chip_detect_fifo(struct opp_chip *chip, enum opp_probe probe)
{
	const struct opp_hw_fifo *fifo = &chip->facts.fifo;
	uint8_t data;

	read_configuration(chip);
	if (probe == OPP_PROBE_GENTLE)
		return;
	data = opp_chip_in(chip, OPP_IOPORT_DATA);
	measure_fifo_watched(chip);
	opp_chip_out(chip, OPP_IOPORT_DATA, data); /* some FIFOs share its latch */
	if (fifo->depth_words > 0 && fifo->word_bytes == 1 &&
	    (chip->hw.capabilities & OPP_HW_CAN_REVERSE)) {
		chip->hw.capabilities |= OPP_HW_CAN_FIFO;
		chip->hw.fifo = *fifo;
	}
}
