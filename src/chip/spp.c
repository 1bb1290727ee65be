/* SPDX-License-Identifier: MIT */
/*
 * The hardware contract over the three registers every PC parallel port has.
 *
 * The only place where lines are inverted. The control register is never read
 * back here: old cards cannot, and open-collector pins may differ from what was
 * written; the copy of what was written is the truth.
 */
#include "ops.h"

static uint8_t spp_raw_read_status(struct opp_hw *hw)
{
	return opp_chip_in(opp_chip_of(hw), OPP_IOPORT_STATUS);
}

static uint8_t spp_raw_read_control(struct opp_hw *hw)
{
	return opp_chip_of(hw)->control & CONTROL_LINE_BITS;
}

static void spp_raw_write_control(struct opp_hw *hw, uint8_t bits)
{
	opp_chip_set_control(opp_chip_of(hw), CONTROL_LINE_BITS, bits);
}

static uint8_t spp_read_status(struct opp_hw *hw)
{
	return (spp_raw_read_status(hw) ^ STATUS_INVERTED) & OPP_STATUS_LINES;
}

static uint8_t spp_read_data(struct opp_hw *hw)
{
	return opp_chip_in(opp_chip_of(hw), OPP_IOPORT_DATA);
}

static void spp_write_data(struct opp_hw *hw, uint8_t byte)
{
	opp_chip_out(opp_chip_of(hw), OPP_IOPORT_DATA, byte);
}

static uint8_t spp_read_control(struct opp_hw *hw)
{
	return spp_raw_read_control(hw) ^ CONTROL_INVERTED;
}

static void spp_write_control(struct opp_hw *hw, uint8_t mask, uint8_t levels)
{
	opp_chip_set_control(opp_chip_of(hw), mask & CONTROL_LINE_BITS, levels ^ CONTROL_INVERTED);
}

/* Writes the bit only where it changes, so that a chip without it never sees it set. */
static void set_control_bit(struct opp_hw *hw, uint32_t bit, uint32_t capability, bool on)
{
	if ((hw->capabilities & capability) && on != !!(opp_chip_of(hw)->control & bit))
		opp_chip_set_control(opp_chip_of(hw), bit, on ? bit : 0);
}

/* An ECP chip has a direction in two of its modes only (P-032). */
static void spp_set_reverse(struct opp_hw *hw, bool reverse)
{
	struct opp_chip *chip = opp_chip_of(hw);

	if (chip->facts.ecr && chip->mode != OPP_CHIP_EPP)
		opp_chip_enter(chip, OPP_CHIP_BYTE);
	set_control_bit(hw, CONTROL_REVERSE, OPP_HW_CAN_REVERSE, reverse);
}

static bool spp_is_reverse(struct opp_hw *hw)
{
	return opp_chip_of(hw)->control & CONTROL_REVERSE;
}

static void spp_enable_interrupt(struct opp_hw *hw, bool enable)
{
	set_control_bit(hw, CONTROL_INTERRUPT, OPP_HW_CAN_INTERRUPT, enable);
}

const struct opp_hw_ops opp_chip_ops = {
	.read_status = spp_read_status,
	.read_data = spp_read_data,
	.write_data = spp_write_data,
	.read_control = spp_read_control,
	.write_control = spp_write_control,
	.set_reverse = spp_set_reverse,
	.is_reverse = spp_is_reverse,
	.enable_interrupt = spp_enable_interrupt,
	.raw_read_status = spp_raw_read_status,
	.raw_read_control = spp_raw_read_control,
	.raw_write_control = spp_raw_write_control,
	.set_chip_mode = opp_chip_set_mode,
	.restore = opp_chip_restore,
	.epp_start = opp_chip_epp_start,
	.epp_write = opp_chip_epp_write,
	.epp_read = opp_chip_epp_read,
	.epp_stop = opp_chip_epp_stop,
	.fifo_start = opp_chip_fifo_start,
	.fifo_write = opp_chip_fifo_write,
	.fifo_read = opp_chip_fifo_read,
	.fifo_is_empty = opp_chip_fifo_is_empty,
	.fifo_is_full = opp_chip_fifo_is_full,
	.fifo_arm = opp_chip_fifo_arm,
	.fifo_stop = opp_chip_fifo_stop,
};
