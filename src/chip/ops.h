/* SPDX-License-Identifier: MIT */
/*
 * Between the files of src/chip: the registers of an opened chip, each access
 * counted, and the operations of <openparport/hw.h> by the file that has them.
 */
#ifndef OPP_CHIP_OPS_H
#define OPP_CHIP_OPS_H

#include "chip.h"
#include "regs.h"

extern const struct opp_hw_ops opp_chip_ops;

static inline struct opp_chip *opp_chip_of(struct opp_hw *hw)
{
	return (struct opp_chip *)hw;
}

static inline uint8_t opp_chip_in(struct opp_chip *chip, uint32_t offset)
{
	chip->hw.accesses++;
	return chip->io->read8(chip->io->context, offset);
}

static inline void opp_chip_out(struct opp_chip *chip, uint32_t offset, uint32_t value)
{
	chip->hw.accesses++;
	chip->io->write8(chip->io->context, offset, (uint8_t)value);
}

/* The bits in @mask of CONTROL; the others stay as they were written last. */
static inline void opp_chip_set_control(struct opp_chip *chip, uint32_t mask, uint32_t bits)
{
	chip->control = (uint8_t)((chip->control & ~mask) | (bits & mask));
	opp_chip_out(chip, OPP_IOPORT_CONTROL, chip->control);
}

/* ---- epp.c ---- */

/*
 * opp_chip_clear_timeout - ends what is left of an EPP cycle nobody answered,
 * whichever way this chip wants it: by a read, by writing 1, by writing 0.
 * Returns: whether the flag is clear now. It never is where no chip drives it.
 * Source: IEEE1284 2.6, P-096.
 */
bool opp_chip_clear_timeout(struct opp_chip *chip);

void opp_chip_epp_start(struct opp_hw *hw, bool reverse);
size_t opp_chip_epp_write(struct opp_hw *hw, enum opp_epp_cycle cycle, const uint8_t *bytes,
			  size_t length, uint32_t width);
size_t opp_chip_epp_read(struct opp_hw *hw, enum opp_epp_cycle cycle, uint8_t *bytes, size_t length,
			 uint32_t width);
void opp_chip_epp_stop(struct opp_hw *hw);

/* ---- ecp.c ---- */

/*
 * opp_chip_enter - the way from the mode the ECR is in to @mode, by way of BYTE
 * where the chip asks for it; nothing if it is there. No interrupts, no DMA.
 */
void opp_chip_enter(struct opp_chip *chip, uint32_t mode);

/* opp_chip_arm - lets the next service condition interrupt; see chip->armed. */
void opp_chip_arm(struct opp_chip *chip);

enum opp_status opp_chip_set_mode(struct opp_hw *hw, enum opp_chip_mode mode);
void opp_chip_restore(struct opp_hw *hw);
void opp_chip_fifo_start(struct opp_hw *hw, enum opp_fifo_use use);
size_t opp_chip_fifo_write(struct opp_hw *hw, const uint8_t *bytes, size_t length, bool command);
size_t opp_chip_fifo_read(struct opp_hw *hw, uint8_t *bytes, size_t length);
bool opp_chip_fifo_is_empty(struct opp_hw *hw);
bool opp_chip_fifo_is_full(struct opp_hw *hw);
void opp_chip_fifo_arm(struct opp_hw *hw);
size_t opp_chip_fifo_stop(struct opp_hw *hw);

/* ---- detect_ecp.c ---- */

/*
 * opp_chip_rest_ecr - before all else: what looks like an ECR that somebody has
 *	left in the middle of a transfer is put in BYTE mode, where CONTROL may be
 *	written and D-2 can recognise it.
 * opp_chip_detect_ecr - D-2: whether an ECR is there. If so it is in BYTE mode.
 * opp_chip_detect_fifo - D-5 .. D-9 on a chip that has one: facts, and what a
 *	full probe finds usable of the FIFO. Ends in BYTE mode, lines idle.
 */
void opp_chip_rest_ecr(struct opp_chip *chip);
bool opp_chip_detect_ecr(struct opp_chip *chip);
void opp_chip_detect_fifo(struct opp_chip *chip, enum opp_probe probe);

#endif
