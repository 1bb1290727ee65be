/* SPDX-License-Identifier: MIT */
/* Port instructions that x86io_test.c answers instead of the processor. */
#ifndef STUB_SYS_IO_H
#define STUB_SYS_IO_H

int ioperm(unsigned long first, unsigned long count, int allow);
unsigned char inb(unsigned short address);
void outb(unsigned char value, unsigned short address);

#endif
