/* SPDX-License-Identifier: MIT */
/*
 * The registers of a PC parallel port, bit by bit. Seen by src/chip only; the
 * simulator has its own copy, so that a wrong constant cannot agree with itself.
 * Source: IEEE1284 1.2, 1.3.
 */
#ifndef OPP_CHIP_REGS_H
#define OPP_CHIP_REGS_H

/* Lines that a register shows upside down. */
#define STATUS_INVERTED  0x80u /* Busy */
#define CONTROL_INVERTED 0x0bu /* nStrobe, nAutoFd, nSelectIn */

#define CONTROL_STROBE    0x01u
#define CONTROL_AUTOFD    0x02u
#define CONTROL_INIT      0x04u
#define CONTROL_SELECT    0x08u
#define CONTROL_INTERRUPT 0x10u /* a rising nAck interrupts */
#define CONTROL_REVERSE   0x20u /* the data lines are inputs */
#define CONTROL_LINE_BITS 0x0fu
#define CONTROL_IDLE      (CONTROL_INIT | CONTROL_SELECT)

#endif
