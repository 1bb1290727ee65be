/* SPDX-License-Identifier: MIT */
/*
 * The hardware contract over the three registers every PC parallel port has.
 *
 * The only place where lines are inverted. The control register is never read
 * back here: old cards cannot, and open-collector pins may differ from what was
 * written; the copy of what was written is the truth.
 */
#include "chip.h"
#include "regs.h"
#include "spp.h"

static struct opp_chip *chip_of(struct opp_hw *hw)
{
	return (struct opp_chip *)hw;
}

static uint8_t read_register(struct opp_hw *hw, uint32_t offset)
{
	const struct opp_ioport *io = chip_of(hw)->io;

	hw->accesses++;
	return io->read8(io->context, offset);
}

static void write_register(struct opp_hw *hw, uint32_t offset, uint8_t value)
{
	const struct opp_ioport *io = chip_of(hw)->io;

	hw->accesses++;
	io->write8(io->context, offset, value);
}

static void write_control_bits(struct opp_hw *hw, uint32_t mask, uint32_t bits)
{
	struct opp_chip *chip = chip_of(hw);

	chip->control = (uint8_t)((chip->control & ~mask) | (bits & mask));
	write_register(hw, OPP_IOPORT_CONTROL, chip->control);
}

static uint8_t spp_raw_read_status(struct opp_hw *hw)
{
	return read_register(hw, OPP_IOPORT_STATUS);
}

static uint8_t spp_raw_read_control(struct opp_hw *hw)
{
	return chip_of(hw)->control & CONTROL_LINE_BITS;
}

static void spp_raw_write_control(struct opp_hw *hw, uint8_t bits)
{
	write_control_bits(hw, CONTROL_LINE_BITS, bits);
}

static uint8_t spp_read_status(struct opp_hw *hw)
{
	return (spp_raw_read_status(hw) ^ STATUS_INVERTED) & OPP_STATUS_LINES;
}

static uint8_t spp_read_data(struct opp_hw *hw)
{
	return read_register(hw, OPP_IOPORT_DATA);
}

static void spp_write_data(struct opp_hw *hw, uint8_t byte)
{
	write_register(hw, OPP_IOPORT_DATA, byte);
}

static uint8_t spp_read_control(struct opp_hw *hw)
{
	return spp_raw_read_control(hw) ^ CONTROL_INVERTED;
}

static void spp_write_control(struct opp_hw *hw, uint8_t mask, uint8_t levels)
{
	write_control_bits(hw, mask & CONTROL_LINE_BITS, levels ^ CONTROL_INVERTED);
}

/* Writes the bit only where it changes, so that a chip without it never sees it set. */
static void set_control_bit(struct opp_hw *hw, uint32_t bit, uint32_t capability, bool on)
{
	if ((hw->capabilities & capability) && on != !!(chip_of(hw)->control & bit))
		write_control_bits(hw, bit, on ? bit : 0);
}

static void spp_set_reverse(struct opp_hw *hw, bool reverse)
{
	set_control_bit(hw, CONTROL_REVERSE, OPP_HW_CAN_REVERSE, reverse);
}

static bool spp_is_reverse(struct opp_hw *hw)
{
	return chip_of(hw)->control & CONTROL_REVERSE;
}

static void spp_enable_interrupt(struct opp_hw *hw, bool enable)
{
	set_control_bit(hw, CONTROL_INTERRUPT, OPP_HW_CAN_INTERRUPT, enable);
}

const struct opp_hw_ops opp_spp_ops = {
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
};
