/* SPDX-License-Identifier: MIT */
/*
 * The 17 lines of the connector, by their IEEE 1284 compatibility names.
 *
 * A bit that is set means the line is electrically high at the connector. No
 * value here says "active", and nothing is inverted: what a PC register makes
 * of a line is the business of src/chip alone.
 */
#ifndef OPENPARPORT_WIRE_H
#define OPENPARPORT_WIRE_H

#include <stdint.h>

/* Status lines: driven by the peripheral, pulled up where nobody drives. */
#define OPP_LINE_NFAULT  0x08u
#define OPP_LINE_SELECT  0x10u
#define OPP_LINE_PERROR  0x20u
#define OPP_LINE_NACK    0x40u
#define OPP_LINE_BUSY    0x80u
#define OPP_STATUS_LINES 0xf8u

/* Control lines: driven by the host. */
#define OPP_LINE_NSTROBE   0x01u
#define OPP_LINE_NAUTOFD   0x02u
#define OPP_LINE_NINIT     0x04u
#define OPP_LINE_NSELECTIN 0x08u
#define OPP_CONTROL_LINES  0x0fu

/* The control lines of an idle port in compatibility mode: the printer is selected. */
#define OPP_CONTROL_IDLE (OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NINIT)

/* The levels of all lines at one instant. */
struct opp_wires {
	uint8_t data;    /* Data1 is bit 0 */
	uint8_t status;  /* OPP_STATUS_LINES */
	uint8_t control; /* OPP_CONTROL_LINES */
};

#endif
