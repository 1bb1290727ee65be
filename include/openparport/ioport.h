/* SPDX-License-Identifier: MIT */
/*
 * Access to the registers of a PC parallel port.
 *
 * The contract between src/chip and whatever reaches registers: a simulated
 * chip, x86 port instructions, a driver's port access.
 */
#ifndef OPENPARPORT_IOPORT_H
#define OPENPARPORT_IOPORT_H

#include <stdint.h>

/* Offsets from the port's base. */
#define OPP_IOPORT_DATA        0x000u
#define OPP_IOPORT_STATUS      0x001u
#define OPP_IOPORT_CONTROL     0x002u
#define OPP_IOPORT_EPP_ADDRESS 0x003u
#define OPP_IOPORT_EPP_DATA    0x004u /* and the three after it */
#define OPP_IOPORT_ECP_COMMAND 0x000u /* DATA, while the chip is in ECP mode */

/* Offsets that a card may decode at an address of its own (the ECP base). */
#define OPP_IOPORT_FIFO     0x400u
#define OPP_IOPORT_CONFIG_A 0x400u
#define OPP_IOPORT_CONFIG_B 0x401u
#define OPP_IOPORT_ECR      0x402u

/* What may be reached beyond DATA, STATUS and CONTROL: struct opp_ioport.ranges. */
#define OPP_IOPORT_HAS_EPP (1u << 0) /* 0x003 .. 0x007: never at base 0x3bc (P-012) */
#define OPP_IOPORT_HAS_ECP (1u << 1) /* 0x400 .. 0x402 */

struct opp_ioport {
	void *context;
	uint32_t ranges; /* OPP_IOPORT_HAS_*: addresses that are this port's, not what answers */

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
	 * The same for 2 and 4 bytes at OPP_IOPORT_EPP_DATA, least significant
	 * byte first; NULL where the bus splits nothing. All four or none.
	 */
	uint16_t (*read16)(void *context, uint32_t offset);
	void (*write16)(void *context, uint32_t offset, uint16_t value);
	uint32_t (*read32)(void *context, uint32_t offset);
	void (*write32)(void *context, uint32_t offset, uint32_t value);

	/*
	 * A monotonic clock that costs little beside an access (a processor's
	 * cycle counter, virtual time); NULL: none. An EPP cycle that timed out
	 * shows as an access of 8 us or more; without a clock the chip driver
	 * reads STATUS after each cycle instead.
	 */
	uint64_t (*clock_ns)(void *context);

	/*
	 * The least time, in nanoseconds, between the effects of two accesses
	 * that follow each other at once. Pulse widths are built on it and
	 * budgets are counted in it; 0 when nothing is known.
	 */
	uint32_t access_ns;
};

#endif
