/* SPDX-License-Identifier: MIT */
/*
 * EPP by the chip's own cycles: one access moves a byte, or up to four.
 *
 * A cycle that nobody answers ends by itself after 10 us or so and leaves a flag
 * in STATUS. Asking for the flag after each cycle would double the accesses, so
 * where there is a clock only an access that took as long is asked for it
 * (docs/decisions/0013-a-clock-sees-an-epp-time-out.md).
 *
 * This knows nothing of negotiation, nor of EPP without a chip's help.
 */
#include "ops.h"

/* Nothing shorter is a time-out; a longer one need not be. */
#define SLOW_ACCESS_NS 8000u

static bool timeout_shows(struct opp_chip *chip)
{
	return opp_chip_in(chip, OPP_IOPORT_STATUS) & STATUS_TIMEOUT;
}

bool opp_chip_clear_timeout(struct opp_chip *chip)
{
	uint8_t status;

	if (!timeout_shows(chip))
		return true;
	timeout_shows(chip);
	status = opp_chip_in(chip, OPP_IOPORT_STATUS);
	opp_chip_out(chip, OPP_IOPORT_STATUS, status | STATUS_TIMEOUT);
	opp_chip_out(chip, OPP_IOPORT_STATUS, status & ~STATUS_TIMEOUT);
	return !timeout_shows(chip);
}

static uint64_t clock_ns(const struct opp_ioport *io)
{
	return io->clock_ns ? io->clock_ns(io->context) : 0;
}

/*
 * Whether the cycle made since @mark_ns was not answered; moves the mark. The
 * flag is clear afterwards: some chips stand still while it is set.
 */
static bool timed_out(struct opp_chip *chip, uint64_t *mark_ns)
{
	const uint64_t before_ns = *mark_ns;

	*mark_ns = clock_ns(chip->io);
	if (chip->io->clock_ns && *mark_ns - before_ns < SLOW_ACCESS_NS)
		return false;
	if (!timeout_shows(chip))
		return false;
	opp_chip_clear_timeout(chip);
	return true;
}

static uint32_t cycle_offset(enum opp_epp_cycle cycle)
{
	return cycle == OPP_EPP_ADDRESS ? OPP_IOPORT_EPP_ADDRESS : OPP_IOPORT_EPP_DATA;
}

static void write_unit(const struct opp_ioport *io, uint32_t offset, const uint8_t *bytes,
		       uint32_t width)
{
	switch (width) {
	case 4:
		io->write32(io->context, offset,
			    bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
				    (uint32_t)bytes[3] << 24);
		break;
	case 2: io->write16(io->context, offset, (uint16_t)(bytes[0] | bytes[1] << 8)); break;
	default: io->write8(io->context, offset, bytes[0]); break;
	}
}

static void read_unit(const struct opp_ioport *io, uint32_t offset, uint8_t *bytes, uint32_t width)
{
	uint32_t value;

	switch (width) {
	case 4: value = io->read32(io->context, offset); break;
	case 2: value = io->read16(io->context, offset); break;
	default: value = io->read8(io->context, offset); break;
	}
	for (uint32_t i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

size_t opp_chip_epp_write(struct opp_hw *hw, enum opp_epp_cycle cycle, const uint8_t *bytes,
			  size_t length, uint32_t width)
{
	struct opp_chip *chip = opp_chip_of(hw);
	const uint32_t offset = cycle_offset(cycle);
	uint64_t mark_ns = clock_ns(chip->io);
	size_t moved;

	for (moved = 0; moved < length; moved += width) {
		hw->accesses++;
		write_unit(chip->io, offset, bytes + moved, width);
		if (timed_out(chip, &mark_ns))
			break;
	}
	return moved;
}

size_t opp_chip_epp_read(struct opp_hw *hw, enum opp_epp_cycle cycle, uint8_t *bytes, size_t length,
			 uint32_t width)
{
	struct opp_chip *chip = opp_chip_of(hw);
	const uint32_t offset = cycle_offset(cycle);
	uint64_t mark_ns = clock_ns(chip->io);
	size_t moved;

	for (moved = 0; moved < length; moved += width) {
		hw->accesses++;
		read_unit(chip->io, offset, bytes + moved, width);
		if (timed_out(chip, &mark_ns))
			break;
	}
	return moved;
}

static void set_idle(struct opp_chip *chip, bool reverse)
{
	opp_chip_set_control(chip, CONTROL_LINE_BITS | CONTROL_REVERSE,
			     CONTROL_INIT | (reverse ? CONTROL_REVERSE : 0));
}

void opp_chip_epp_start(struct opp_hw *hw, bool reverse)
{
	struct opp_chip *chip = opp_chip_of(hw);

	if (chip->facts.epp_needs_mode)
		opp_chip_enter(chip, OPP_CHIP_EPP);
	opp_chip_clear_timeout(chip);
	set_idle(chip, reverse);
}

void opp_chip_epp_stop(struct opp_hw *hw)
{
	struct opp_chip *chip = opp_chip_of(hw);

	if (chip->control & CONTROL_REVERSE)
		set_idle(chip, false);
	if (chip->facts.epp_needs_mode)
		opp_chip_enter(chip, OPP_CHIP_BYTE);
}
