/* SPDX-License-Identifier: MIT */
/*
 * A simulated port and a program that moves its registers bit by bit, as DOS
 * programs did: the client of the tests of peripherals. Every access takes 1 us.
 */
#ifndef OPP_TEST_SIM_BENCH_H
#define OPP_TEST_SIM_BENCH_H

#include <openparport/sim.h>

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u

#define BENCH_ACCESS_NS 1000u

struct bench {
	struct opp_sim sim;
	uint32_t interrupts;
	uint32_t host_errors;
	uint32_t random;
};

/* A port with nothing plugged in; CTL 0x0c, DATA 0. */
void bench_start(struct bench *bench, enum opp_sim_chip chip);

void bench_out(struct bench *bench, uint32_t offset, uint8_t value);
uint8_t bench_in(struct bench *bench, uint32_t offset);
void bench_wait_ns(struct bench *bench, uint64_t ns);

/* The next of a fixed series; each run sees the same. */
uint32_t bench_random(struct bench *bench);
void bench_random_bytes(struct bench *bench, uint8_t *bytes, uint32_t count);

#endif
