/* SPDX-License-Identifier: MIT */
/*
 * A PC parallel port behind 8-bit registers: the constructor that back ends with
 * registers use to offer a struct opp_hw.
 */
#ifndef OPP_CHIP_H
#define OPP_CHIP_H

#include <stdint.h>

#include <openparport/env.h>
#include <openparport/hw.h>
#include <openparport/ioport.h>
#include <openparport/status.h>

/* How much a port may notice of being looked for. */
enum opp_probe {
	OPP_PROBE_FULL,   /* writes test patterns to CONTROL and DATA, puts both back */
	OPP_PROBE_GENTLE, /* never writes DATA: finds neither a port whose CONTROL
				 * cannot be read back nor reversible data lines */
};

struct opp_chip {
	struct opp_hw hw; /* what the engine uses */
	const struct opp_ioport *io;
	uint8_t control; /* the control register as last written */
};

/*
 * opp_chip_open - looks whether a port is there and what it can do.
 * @chip: storage of the caller; hw is ready to use on success.
 * @io, @env: must outlive @chip.
 * @interrupts: the back end delivers the port's interrupt.
 * On success the lines are at compatibility idle (direction out, interrupts
 * off) and DATA is as it was found.
 * Context: who drives the wire; at most 20 accesses.
 * Returns: OPP_SUCCESS, or OPP_NO_SUCH_DEVICE when no port answers.
 * Source: IEEE1284 2.11, D-1 and D-3.
 */
enum opp_status opp_chip_open(struct opp_chip *chip, const struct opp_ioport *io,
			      const struct opp_env *env, enum opp_probe probe, bool interrupts);

#endif
