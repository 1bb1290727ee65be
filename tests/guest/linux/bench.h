/* SPDX-License-Identifier: MIT */
/*
 * Between Linux's parallel port code (kernel.h, kernel.c) and the simulated port
 * it runs on (bench.c). Neither side sees the other's headers.
 */
#ifndef TESTS_GUEST_LINUX_BENCH_H
#define TESTS_GUEST_LINUX_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_BASE     0x378
#define BENCH_ECP_BASE 0x778
#define BENCH_IRQ      7 /* where the port's interrupt really arrives */

/* What somebody has found out about the port; 0 is "none" or "unknown". */
struct bench_facts {
	uint32_t modes; /* PARPORT_MODE_* of linux/parport.h */
	bool ecr;
	int irq, dma;
	int fifo_words, write_threshold, read_threshold, word_bytes;
};

/* ---- bench.c ------------------------------------------------------------------------ */

/* A register by its I/O address. */
uint8_t bench_in(unsigned long address);
void bench_out(uint8_t value, unsigned long address);

/* Virtual time. */
uint64_t bench_now_us(void);
void bench_wait_us(uint64_t us);

/* How many interrupts the port has raised. */
unsigned long bench_interrupts(void);

/* A piece of what Linux logs; a line ends with a newline. */
void bench_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- kernel.c ----------------------------------------------------------------------- */

/* Linux looks for a port and for what hangs on it. Returns whether it found one. */
bool linux_probe(struct bench_facts *facts);

#endif
