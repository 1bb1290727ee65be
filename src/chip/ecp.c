/* SPDX-License-Identifier: MIT */
/*
 * The modes of an ECP chip, and bytes through its FIFO.
 *
 *	        SPP <--> BYTE (at rest)
 *	                  ^  ^
 *	     .------------'  '---------.
 *	     v         v       v       v
 *	   FIFO       ECP     EPP    CONFIG    no way between two of these ...
 *	     '---. .---'
 *	         v v
 *	        TEST                           ... but a FIFO that is stuck is looked into
 *
 * The FIFO moves bytes by itself, so each look at the ECR is worth a burst: all
 * of the FIFO when it is empty (full, in reverse), a threshold's worth after a
 * service condition. A FIFO in between, forward, is left to drain.
 *
 * No DMA. Words of one byte only: with wider ones the last bytes of a transfer
 * that ends early could not be counted.
 */
#include "ops.h"

/* Together, with an access for each look, below 100 us. */
#define DRAIN_LOOKS  25u
#define BUSY_LOOKS   40u /* without a wait between them */
#define LOOK_NS      1000u
#define LAST_BYTE_NS 20000u /* from an empty FIFO to the end of its last handshake */

static void write_ecr(struct opp_chip *chip, uint32_t mode, uint32_t bits)
{
	opp_chip_out(chip, OPP_IOPORT_ECR, mode | bits);
	chip->mode = (uint8_t)mode;
	chip->armed = !(bits & ECR_NO_SERVICE);
}

void opp_chip_enter(struct opp_chip *chip, uint32_t mode)
{
	if (chip->mode == mode)
		return;
	if (chip->mode > OPP_CHIP_BYTE && mode > OPP_CHIP_BYTE)
		write_ecr(chip, OPP_CHIP_BYTE, ECR_QUIET);
	write_ecr(chip, mode, ECR_QUIET);
}

void opp_chip_arm(struct opp_chip *chip)
{
	write_ecr(chip, chip->mode, ECR_NO_ERROR_INTR);
}

static bool has_mode(const struct opp_chip *chip, enum opp_chip_mode mode)
{
	switch (mode) {
	case OPP_CHIP_SPP: return true;
	case OPP_CHIP_BYTE: return chip->facts.ecr && (chip->hw.capabilities & OPP_HW_CAN_REVERSE);
	case OPP_CHIP_FIFO:
	case OPP_CHIP_ECP: return chip->hw.capabilities & OPP_HW_CAN_FIFO;
	case OPP_CHIP_EPP: return chip->hw.capabilities & OPP_HW_CAN_EPP;
	}
	return false;
}

enum opp_status opp_chip_set_mode(struct opp_hw *hw, enum opp_chip_mode mode)
{
	struct opp_chip *chip = opp_chip_of(hw);

	if (!has_mode(chip, mode))
		return OPP_NO_SUCH_DEVICE;
	if (chip->facts.ecr)
		opp_chip_enter(chip, mode);
	return OPP_SUCCESS;
}

/* The ECR first: in some modes CONTROL has no direction. No bit of what it was is relied on. */
void opp_chip_restore(struct opp_hw *hw)
{
	struct opp_chip *chip = opp_chip_of(hw);

	if (chip->facts.ecr)
		write_ecr(chip, OPP_CHIP_SPP, ECR_QUIET);
	opp_chip_set_control(chip, CONTROL_LINE_BITS | CONTROL_REVERSE, CONTROL_IDLE);
}

/* nAck moves with each byte now, and would interrupt each time. */
void opp_chip_fifo_start(struct opp_hw *hw, enum opp_fifo_use use)
{
	struct opp_chip *chip = opp_chip_of(hw);
	const bool reverse = use == OPP_FIFO_ECP_REVERSE;

	chip->held_control = chip->control & CONTROL_INTERRUPT;
	chip->fifo_use = use;
	chip->fifo_written = 0;
	chip->fifo_words = reverse ? 0 : hw->fifo.depth_words;
	if (chip->held_control)
		opp_chip_set_control(chip, CONTROL_INTERRUPT, 0);
	opp_chip_enter(chip, use == OPP_FIFO_COMPAT ? OPP_CHIP_FIFO : OPP_CHIP_ECP);
}

/* Looks how many words surely fit, beside one that may be under way. */
static uint32_t look_for_room(struct opp_chip *chip)
{
	const struct opp_hw_fifo *fifo = &chip->hw.fifo;
	const uint8_t ecr = opp_chip_in(chip, OPP_IOPORT_ECR);
	uint32_t words = 0;

	if (ecr & ECR_FULL)
		return 0;
	if (ecr & ECR_EMPTY)
		words = fifo->depth_words;
	else if (chip->armed && (ecr & ECR_NO_SERVICE))
		words = fifo->write_threshold_words;
	return fifo->counts_all && words > 1 ? words - 1 : words;
}

/* Looks how many words are surely there. */
static uint32_t look_for_words(struct opp_chip *chip)
{
	const struct opp_hw_fifo *fifo = &chip->hw.fifo;
	const uint8_t ecr = opp_chip_in(chip, OPP_IOPORT_ECR);

	if (ecr & ECR_EMPTY)
		return 0;
	if (ecr & ECR_FULL)
		return fifo->depth_words;
	if (chip->armed && (ecr & ECR_NO_SERVICE) && fifo->read_threshold_words > 0)
		return fifo->read_threshold_words;
	return 1;
}

/*
 * How many of @wanted words may pass without another look. Only the host uses
 * them up, so what one burst leaves the next may have.
 */
static size_t take_words(struct opp_chip *chip, size_t wanted)
{
	size_t words;

	if (chip->fifo_words == 0)
		chip->fifo_words = chip->fifo_use == OPP_FIFO_ECP_REVERSE ? look_for_words(chip)
									  : look_for_room(chip);
	words = wanted < chip->fifo_words ? wanted : chip->fifo_words;
	chip->fifo_words -= (uint32_t)words;
	if (words > 0)
		chip->armed = false;
	return words;
}

size_t opp_chip_fifo_write(struct opp_hw *hw, const uint8_t *bytes, size_t length, bool command)
{
	struct opp_chip *chip = opp_chip_of(hw);
	const uint32_t offset = command ? OPP_IOPORT_ECP_COMMAND : OPP_IOPORT_FIFO;
	const size_t burst = take_words(chip, length);

	for (size_t i = 0; i < burst; i++)
		opp_chip_out(chip, offset, bytes[i]);
	chip->fifo_written += burst;
	return burst;
}

size_t opp_chip_fifo_read(struct opp_hw *hw, uint8_t *bytes, size_t length)
{
	struct opp_chip *chip = opp_chip_of(hw);
	const size_t burst = take_words(chip, length);

	for (size_t i = 0; i < burst; i++)
		bytes[i] = opp_chip_in(chip, OPP_IOPORT_FIFO);
	return burst;
}

bool opp_chip_fifo_is_empty(struct opp_hw *hw)
{
	return opp_chip_in(opp_chip_of(hw), OPP_IOPORT_ECR) & ECR_EMPTY;
}

bool opp_chip_fifo_is_full(struct opp_hw *hw)
{
	return opp_chip_in(opp_chip_of(hw), OPP_IOPORT_ECR) & ECR_FULL;
}

void opp_chip_fifo_arm(struct opp_hw *hw)
{
	if (hw->capabilities & OPP_HW_CAN_INTERRUPT)
		opp_chip_arm(opp_chip_of(hw));
}

static void busy_wait_ns(const struct opp_hw *hw, uint32_t ns)
{
	hw->env->busy_wait_ns(hw->env->context, ns);
}

static bool drains(struct opp_hw *hw)
{
	for (uint32_t i = 0; i < DRAIN_LOOKS; i++) {
		if (opp_chip_fifo_is_empty(hw))
			return true;
		busy_wait_ns(hw, LOOK_NS);
	}
	return false;
}

static bool is_busy(struct opp_hw *hw)
{
	return !(opp_chip_in(opp_chip_of(hw), OPP_IOPORT_STATUS) & STATUS_INVERTED);
}

/*
 * When Busy has just risen, the strobe that raised it is all but over and the
 * next one is farthest. A printer that is slower than this looks is hardly hit.
 */
static void await_end_of_strobe(struct opp_hw *hw)
{
	bool was_busy = true;

	for (uint32_t i = 0; i < BUSY_LOOKS; i++) {
		const bool busy = is_busy(hw);

		if (busy && !was_busy) {
			busy_wait_ns(hw, LOOK_NS);
			return;
		}
		was_busy = busy;
	}
}

/* In test mode the handshake stands still: what still fits in tells what is in. */
static size_t count_stuck(struct opp_hw *hw)
{
	struct opp_chip *chip = opp_chip_of(hw);
	size_t stuck = hw->fifo.depth_words;

	write_ecr(chip, ECR_MODE_TEST, ECR_QUIET);
	if (opp_chip_fifo_is_empty(hw))
		return 0;
	for (uint32_t i = 0; i < hw->fifo.depth_words; i++) {
		if (opp_chip_in(chip, OPP_IOPORT_ECR) & ECR_FULL)
			break;
		opp_chip_out(chip, OPP_IOPORT_FIFO, 0);
		stuck--;
	}
	return stuck < chip->fifo_written ? stuck : (size_t)chip->fifo_written;
}

/* What a chip does not count there, nobody can know once the FIFO is empty. */
static size_t end_forward(struct opp_hw *hw)
{
	const struct opp_chip *chip = opp_chip_of(hw);

	if (drains(hw)) {
		busy_wait_ns(hw, LAST_BYTE_NS);
		return hw->fifo.counts_all ? count_stuck(hw) : 0;
	}
	if (chip->fifo_use == OPP_FIFO_COMPAT)
		await_end_of_strobe(hw);
	return count_stuck(hw);
}

size_t opp_chip_fifo_stop(struct opp_hw *hw)
{
	struct opp_chip *chip = opp_chip_of(hw);
	const bool forward = chip->fifo_use != OPP_FIFO_ECP_REVERSE;
	const size_t stuck = forward ? end_forward(hw) : 0;

	opp_chip_enter(chip, OPP_CHIP_BYTE);
	if (chip->held_control)
		opp_chip_set_control(chip, CONTROL_INTERRUPT, CONTROL_INTERRUPT);
	return stuck;
}
