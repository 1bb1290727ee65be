/* SPDX-License-Identifier: MIT */
/*
 * Is there a parallel port, and which? Steps D-1 and D-3 of IEEE1284 2.11.
 *
 * Works on bare registers: before the answer is known there is no hardware
 * contract to use.
 */
#include "chip.h"
#include "regs.h"
#include "spp.h"

#define CONTROL_TEST (CONTROL_IDLE | CONTROL_AUTOFD) /* ignored by a selected peripheral */
#define PATTERN_A    0x55u
#define PATTERN_B    0xaau

static uint8_t in(const struct opp_ioport *io, uint32_t offset)
{
	return io->read8(io->context, offset);
}

static void out(const struct opp_ioport *io, uint32_t offset, uint32_t value)
{
	io->write8(io->context, offset, (uint8_t)value);
}

/* The upper bits of CONTROL are anybody's. */
static bool control_holds(const struct opp_ioport *io, uint32_t value)
{
	out(io, OPP_IOPORT_CONTROL, value);
	return (in(io, OPP_IOPORT_CONTROL) & CONTROL_LINE_BITS) == value;
}

static bool control_answers(const struct opp_ioport *io)
{
	bool answers = control_holds(io, CONTROL_IDLE) && control_holds(io, CONTROL_TEST);

	out(io, OPP_IOPORT_CONTROL, CONTROL_IDLE);
	return answers;
}

static bool data_holds(const struct opp_ioport *io, uint32_t value)
{
	out(io, OPP_IOPORT_DATA, value);
	return in(io, OPP_IOPORT_DATA) == value;
}

static bool data_answers(const struct opp_ioport *io)
{
	uint8_t found = in(io, OPP_IOPORT_DATA);
	bool answers = data_holds(io, PATTERN_B) && data_holds(io, PATTERN_A);

	out(io, OPP_IOPORT_DATA, found);
	return answers;
}

/* As inputs the lines show what the peripheral drives, which cannot be both patterns. */
static bool data_reverses(const struct opp_ioport *io)
{
	uint8_t found = in(io, OPP_IOPORT_DATA);
	bool stuck;

	out(io, OPP_IOPORT_CONTROL, CONTROL_IDLE | CONTROL_REVERSE);
	stuck = data_holds(io, PATTERN_A) && data_holds(io, PATTERN_B);
	out(io, OPP_IOPORT_DATA, found);
	out(io, OPP_IOPORT_CONTROL, CONTROL_IDLE);
	return !stuck;
}

enum opp_status opp_chip_open(struct opp_chip *chip, const struct opp_ioport *io,
			      const struct opp_env *env, enum opp_probe probe, bool interrupts)
{
	uint32_t capabilities = OPP_HW_CAN_COMPAT;

	if (!control_answers(io) && (probe == OPP_PROBE_GENTLE || !data_answers(io)))
		return OPP_NO_SUCH_DEVICE;
	if (probe == OPP_PROBE_FULL && data_reverses(io))
		capabilities |= OPP_HW_CAN_REVERSE;
	if (interrupts)
		capabilities |= OPP_HW_CAN_INTERRUPT;
	*chip = (struct opp_chip){
		.hw = {
			.ops = &opp_spp_ops,
			.env = env,
			.capabilities = capabilities,
			.access_ns = io->access_ns,
		},
		.io = io,
		.control = CONTROL_IDLE,
	};
	return OPP_SUCCESS;
}
