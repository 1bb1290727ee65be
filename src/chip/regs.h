/* SPDX-License-Identifier: MIT */
/*
 * The registers of a PC parallel port, bit by bit. Seen by src/chip only; the
 * simulator has its own copy, so that a wrong constant cannot agree with itself.
 * Source: IEEE1284 1.2, 1.3, 2.3, 2.4, 2.8, 2.9.
 */
#ifndef OPP_CHIP_REGS_H
#define OPP_CHIP_REGS_H

/* Lines that a register shows upside down. */
#define STATUS_INVERTED  0x80u /* Busy */
#define CONTROL_INVERTED 0x0bu /* nStrobe, nAutoFd, nSelectIn */

#define STATUS_TIMEOUT 0x01u /* an EPP cycle was not answered */

#define CONTROL_STROBE    0x01u
#define CONTROL_AUTOFD    0x02u
#define CONTROL_INIT      0x04u
#define CONTROL_SELECT    0x08u
#define CONTROL_INTERRUPT 0x10u /* a rising nAck interrupts */
#define CONTROL_REVERSE   0x20u /* the data lines are inputs */
#define CONTROL_LINE_BITS 0x0fu
#define CONTROL_IDLE      (CONTROL_INIT | CONTROL_SELECT)

/* ECR: the mode (enum opp_chip_mode and these two) and what the FIFO does. */
#define ECR_MODE          0xe0u
#define ECR_MODE_TEST     0xc0u
#define ECR_MODE_CONFIG   0xe0u
#define ECR_NO_ERROR_INTR 0x10u /* a falling nFault does not interrupt */
#define ECR_NO_SERVICE    0x04u /* no service interrupts; the chip sets it at each one */
#define ECR_FULL          0x02u
#define ECR_EMPTY         0x01u
#define ECR_QUIET         (ECR_NO_ERROR_INTR | ECR_NO_SERVICE)

#define CONFIG_A_LEVEL      0x80u /* interrupts are levels, not pulses */
#define CONFIG_A_COUNTS_ALL 0x04u /* the byte under way fills its place in the FIFO */
#define CONFIG_A_WORD_SHIFT 4
#define CONFIG_B_IRQ_HIGH   0x40u /* the interrupt line is high now */
#define CONFIG_B_IRQ_SHIFT  3
#define CONFIG_FIELD        0x07u

#endif
