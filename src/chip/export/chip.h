/* SPDX-License-Identifier: MIT */
/*
 * A PC parallel port behind 8-bit registers: the constructor that back ends with
 * registers use to offer a struct opp_hw.
 */
#ifndef OPP_CHIP_H
#define OPP_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/env.h>
#include <openparport/hw.h>
#include <openparport/ioport.h>
#include <openparport/status.h>

/* How much a port may notice of being looked for. */
enum opp_probe {
	OPP_PROBE_FULL, /* writes test patterns to CONTROL, DATA and the FIFO, turns the data
			 * lines round, puts all back */
	/*
	 * Never writes DATA, never turns it round; of the lines only nAutoFd
	 * moves, as briefly as any printer ignores it. Finds less: no port whose
	 * CONTROL cannot be read back, no FIFO, and reversible data lines (with
	 * them EPP) only on an ECP chip, where they belong to the definition.
	 */
	OPP_PROBE_GENTLE,
};

/* What else the chip says of itself, for people. All 0 where nothing is known. */
struct opp_chip_facts {
	bool ecr;                /* an ECP chip; it rests in BYTE mode */
	bool epp_needs_mode;     /* EPP cycles only while the ECR says EPP */
	bool level_interrupts;   /* not pulses (cnfgA.7) */
	bool interrupt_high;     /* level of its interrupt line when it was opened (cnfgB.6) */
	bool interrupt_seen;     /* a service interrupt of the FIFO arrived while probing */
	uint8_t irq;             /* as configured: 5, 7, 9 .. 15 (cnfgB.5-3) */
	uint8_t dma;             /* as configured: 1 .. 3, 5 .. 7 (cnfgB.2-0) */
	struct opp_hw_fifo fifo; /* also where hw.fifo is 0 because it cannot be used */
};

/* Belongs to who drives the wire, but for interrupted. */
struct opp_chip {
	struct opp_hw hw; /* what the engine uses */
	struct opp_chip_facts facts;
	const struct opp_ioport *io;
	uint8_t control; /* the control register as last written */
	uint8_t mode;    /* of the ECR as last written; 0 without one */
	enum opp_fifo_use fifo_use;
	uint64_t fifo_written; /* since the FIFO was started */
	uint32_t fifo_words;   /* that surely fit (in reverse: wait) without a look at the ECR */
	uint8_t held_control;  /* bits of it to be set again when the FIFO stops */
	/*
	 * A service interrupt was asked for and the host has not touched the
	 * FIFO since: if the ECR says it came, so much room or data is there.
	 */
	bool armed;
	_Atomic bool interrupted; /* by the FIFO, while probing; set at interrupt level */
};

/*
 * opp_chip_open - looks whether a port is there and what it can do.
 * @chip: storage of the caller; hw is ready to use on success.
 * @io, @env: must outlive @chip. Only the ranges of @io are looked at.
 * @interrupts: the back end delivers the port's interrupt, by hw.interrupt, as
 *	soon as the chip raises one. (hw.interrupt is the probe's until the return.)
 * On success the lines are at compatibility idle (direction out, interrupts
 * off), DATA is as it was found and an ECP chip is in BYTE mode.
 *
 * EPP is believed where the time-out bit of STATUS can be cleared; no cycle is
 * tried, for somebody could answer it. A FIFO of words wider than a byte is a
 * fact but not offered: its last bytes could not be counted.
 * Context: who drives the wire; busy for 50 accesses, and 8 accesses and
 *	100 us per FIFO word; 2,100 accesses where a FIFO is only pretended.
 * Returns: OPP_SUCCESS, or OPP_NO_SUCH_DEVICE when no port answers.
 * Source: IEEE1284 2.11, D-1 .. D-10 (D-9: the interrupt is seen to arrive, its
 *	number is the back end's).
 */
enum opp_status opp_chip_open(struct opp_chip *chip, const struct opp_ioport *io,
			      const struct opp_env *env, enum opp_probe probe, bool interrupts);

#endif
