/* SPDX-License-Identifier: MIT */
/*
 * 8-bit access to the registers of a PC parallel port.
 *
 * The contract between src/chip and whatever reaches registers: a simulated
 * chip, x86 port instructions, a driver's port access.
 */
#ifndef OPENPARPORT_IOPORT_H
#define OPENPARPORT_IOPORT_H

#include <stdint.h>

/* Offsets from the port's base. */
#define OPP_IOPORT_DATA    0x000u
#define OPP_IOPORT_STATUS  0x001u
#define OPP_IOPORT_CONTROL 0x002u

struct opp_ioport {
	void *context;

	/*
	 * read8, write8 - one access to the register at @offset.
	 * Cannot fail: absent hardware reads as a floating bus (usually 0xff)
	 * and swallows writes.
	 * Context: any, by the one who drives the wire; done on return, in
	 * program order, each within @access_ns .. 100 us.
	 */
	uint8_t (*read8)(void *context, uint32_t offset);
	void (*write8)(void *context, uint32_t offset, uint8_t value);

	/*
	 * The least time, in nanoseconds, between the effects of two accesses
	 * that follow each other at once. Pulse widths are built on it and
	 * budgets are counted in it; 0 when nothing is known.
	 */
	uint32_t access_ns;
};

#endif
