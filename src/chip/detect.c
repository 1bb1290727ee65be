/* SPDX-License-Identifier: MIT */
/*
 * Is there a parallel port, and which? Steps D-1, D-3 and D-4 of IEEE1284 2.11;
 * detect_ecp.c does the rest. Every step leaves CONTROL idle and DATA as it was.
 */
#include "ops.h"

#define CONTROL_TEST (CONTROL_IDLE | CONTROL_AUTOFD) /* ignored by a selected peripheral */
#define PATTERN_A    0x55u
#define PATTERN_B    0xaau

/* The upper bits of CONTROL are anybody's. */
static bool control_holds(struct opp_chip *chip, uint32_t value)
{
	opp_chip_out(chip, OPP_IOPORT_CONTROL, value);
	return (opp_chip_in(chip, OPP_IOPORT_CONTROL) & CONTROL_LINE_BITS) == value;
}

static bool control_answers(struct opp_chip *chip)
{
	bool answers = control_holds(chip, CONTROL_IDLE) && control_holds(chip, CONTROL_TEST);

	opp_chip_out(chip, OPP_IOPORT_CONTROL, CONTROL_IDLE);
	return answers;
}

static bool data_holds(struct opp_chip *chip, uint32_t value)
{
	opp_chip_out(chip, OPP_IOPORT_DATA, value);
	return opp_chip_in(chip, OPP_IOPORT_DATA) == value;
}

static bool data_answers(struct opp_chip *chip)
{
	uint8_t found = opp_chip_in(chip, OPP_IOPORT_DATA);
	bool answers = data_holds(chip, PATTERN_B) && data_holds(chip, PATTERN_A);

	opp_chip_out(chip, OPP_IOPORT_DATA, found);
	return answers;
}

/* As inputs the lines show what the peripheral drives, which cannot be both patterns. */
static bool data_reverses(struct opp_chip *chip)
{
	uint8_t found = opp_chip_in(chip, OPP_IOPORT_DATA);
	bool stuck;

	opp_chip_set_control(chip, CONTROL_REVERSE, CONTROL_REVERSE);
	stuck = data_holds(chip, PATTERN_A) && data_holds(chip, PATTERN_B);
	opp_chip_out(chip, OPP_IOPORT_DATA, found);
	opp_chip_set_control(chip, CONTROL_REVERSE, 0);
	return !stuck;
}

/*
 * An ECP chip counts in EPP mode only: the flag may well be clear in other
 * modes, where no cycle is made.
 */
static bool epp_answers(struct opp_chip *chip, enum opp_probe probe)
{
	bool answers;

	if (!chip->facts.ecr)
		return opp_chip_clear_timeout(chip);
	opp_chip_enter(chip, OPP_CHIP_EPP);
	if (probe == OPP_PROBE_FULL)
		opp_chip_set_control(chip, CONTROL_LINE_BITS, CONTROL_INIT);
	answers = opp_chip_clear_timeout(chip);
	if (probe == OPP_PROBE_FULL)
		opp_chip_set_control(chip, CONTROL_LINE_BITS, CONTROL_IDLE);
	opp_chip_enter(chip, OPP_CHIP_BYTE);
	return answers;
}

static void detect_abilities(struct opp_chip *chip, enum opp_probe probe)
{
	uint32_t *capabilities = &chip->hw.capabilities;

	if (probe == OPP_PROBE_FULL ? data_reverses(chip) : chip->facts.ecr)
		*capabilities |= OPP_HW_CAN_REVERSE;
	/* Without it EPP could not be read (P-019). */
	if ((*capabilities & OPP_HW_CAN_REVERSE) && (chip->io->ranges & OPP_IOPORT_HAS_EPP) &&
	    epp_answers(chip, probe)) {
		*capabilities |= OPP_HW_CAN_EPP;
		if (chip->io->write32)
			*capabilities |= OPP_HW_CAN_EPP_WIDE;
		chip->facts.epp_needs_mode = chip->facts.ecr;
	}
}

enum opp_status opp_chip_open(struct opp_chip *chip, const struct opp_ioport *io,
			      const struct opp_env *env, enum opp_probe probe, bool interrupts)
{
	*chip = (struct opp_chip){
		.hw = {
			.ops = &opp_chip_ops,
			.env = env,
			.capabilities = OPP_HW_CAN_COMPAT | (interrupts ? OPP_HW_CAN_INTERRUPT : 0),
			.access_ns = io->access_ns,
		},
		.io = io,
		.control = CONTROL_IDLE,
	};
	opp_chip_clear_timeout(chip);
	if (io->ranges & OPP_IOPORT_HAS_ECP)
		opp_chip_rest_ecr(chip);
	if (!control_answers(chip) && (probe == OPP_PROBE_GENTLE || !data_answers(chip)))
		return OPP_NO_SUCH_DEVICE;
	chip->facts.ecr = (io->ranges & OPP_IOPORT_HAS_ECP) && opp_chip_detect_ecr(chip);
	detect_abilities(chip, probe);
	if (chip->facts.ecr)
		opp_chip_detect_fifo(chip, probe);
	return OPP_SUCCESS;
}
