/* SPDX-License-Identifier: MIT */
/*
 * A simulated ECP chip, a host that moves its registers, and an ECP device that
 * is written out by hand, so that the chip is not judged by our own.
 */
#ifndef OPP_TEST_ECP_BENCH_H
#define OPP_TEST_ECP_BENCH_H

#include <openparport/sim.h>

#define DATA     0u
#define STATUS   1u
#define CONTROL  2u
#define FIFO     0x400u
#define CONFIG_A 0x400u
#define CONFIG_B 0x401u
#define ECR      0x402u

/* Modes, with no interrupt of any kind. */
#define SPP    0x14u
#define PS2    0x34u
#define PPF    0x54u
#define ECP    0x74u
#define TEST   0xd4u
#define CONFIG 0xf4u

#define SERVICED 0x04u
#define FULL     0x02u
#define EMPTY    0x01u

#define US   1000u
#define MOST 512u

/* One byte on its way. */
struct item {
	uint8_t byte;
	bool command;
};

/* An ECP device as far as events 34 to 46 go; it believes that everything else was done. */
struct device {
	struct opp_sim_peripheral peripheral;
	struct opp_sim_alarm alarm;
	uint32_t slow_ns; /* before each answer; 0: within the same instant */
	bool stalls;      /* does not answer HostClk */
	uint8_t status;
	struct item taken[MOST];
	uint32_t taken_count;
	const struct item *offers;
	uint32_t offer_count;
	uint32_t given;
	bool has_bus;
};

extern struct opp_sim sim;
extern struct device device;
extern uint32_t interrupts;
extern uint32_t errors[OPP_SIM_HOST_ERRORS];

/* Any of @options, on an ECP chip with nothing plugged in. */
void start(struct opp_sim_options options);
/* The same with the device. */
void plug_in(struct opp_sim_options options);
void plug_in_slow(struct opp_sim_options options, uint32_t slow_ns);

void pass(uint64_t ns);
void out(uint32_t offset, uint32_t value);
uint8_t in(uint32_t offset);
uint8_t ecr(void);

/* By way of mode 001. */
void set_mode(uint32_t mode);

/* Mode 011, after events 30 to 32, or 38 to 40. */
void begin_forward(void);
void begin_reverse(const struct item *offers, uint32_t count);

/* Writes to the FIFO until it is full, 1024 times at most; returns how often. */
uint32_t fill(void);

/* Of all kinds. */
uint32_t host_errors(void);

#endif
