/* SPDX-License-Identifier: MIT */
/* A host's side of IEEE 1284.3: packets on the data lines and a look at the status. */
#ifndef OPP_TEST_CPP_HOST_H
#define OPP_TEST_CPP_HOST_H

#include "sim_bench.h"

/* Of a status byte. */
#define CPP_NFAULT  0x08u
#define CPP_PRESENT 0x30u /* PError and Select */
#define CPP_MORE    0x80u /* Busy low: another adapter follows */
#define CPP_TESTED  0xb8u

/* The packet without a command; false when a test failed and it was given up. */
bool cpp_begin(struct bench *bench);

/* One command of a packet; returns the status while nStrobe is low. */
uint8_t cpp_command(struct bench *bench, uint8_t byte);

void cpp_end(struct bench *bench);

/* A packet with one command; whether it was acknowledged, until after nStrobe. */
bool cpp(struct bench *bench, uint8_t byte);

/* Gives addresses as hosts do; how many there are, four at most. */
uint32_t cpp_enumerate(struct bench *bench);

#endif
