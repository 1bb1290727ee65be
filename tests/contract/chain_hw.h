/* SPDX-License-Identifier: MIT */
/*
 * The wire below the native rig: a chip with modes and a daisy chain. Two of them,
 * alike to the cases:
 *
 *	chain_hw.c	a struct opp_hw without registers, whose adapters understand
 *			CPP packets (written again from IEEE1284 sections 7 and 8.4)
 *	chain_chip.c	the chip driver over a simulated chip with simulated adapters
 */
#ifndef OPENPARPORT_TESTS_CHAIN_HW_H
#define OPENPARPORT_TESTS_CHAIN_HW_H

#include <openparport/hw.h>
#include <openparport/queue.h>

#include "case.h"

#define NO_ADDRESS 0xff

/* What both have. */
struct chain_watch {
	/* Called before each access and wait: the lock must be free. */
	void (*touched)(void *context, uint32_t ns);
	void (*broken)(void *context, const char *what);
	void *context;
};

#ifdef CHAIN_OVER_CHIP

#include "chain_model.h"
#include "chip.h"

struct chain_hw {
	struct opp_env env;
	struct chain_watch watch;
	struct chain_model model;
	struct opp_ioport io;
	struct opp_chip chip;
};

#else

#define CHAIN_ADAPTERS 4

struct chain_hw {
	struct opp_env env;
	struct chain_watch watch;
	struct opp_hw hw;
	enum opp_chip_mode mode;
	uint8_t data;
	uint8_t control;

	uint32_t adapters;
	enum chain_health health;
	uint8_t address[CHAIN_ADAPTERS]; /* NO_ADDRESS */
	uint8_t selected;                /* address, or END_OF_CHAIN */
	uint32_t heard;                  /* bytes of the packet */
	bool commanded;                  /* the packet had a command */
	bool acknowledged;
	uint32_t turn; /* the adapter that takes the next address */
	bool confused; /* a second device was selected beside the first */
};

#endif

/* @capabilities: OPP_HW_CAN_EPP, OPP_HW_CAN_FIFO with OPP_HW_CAN_REVERSE, or neither. */
void chain_hw_init(struct chain_hw *chain, uint32_t capabilities, uint32_t adapters,
		   const struct chain_watch *watch);

struct opp_hw *chain_port(struct chain_hw *chain);

/* Time goes by without an access. */
void chain_pass_us(struct chain_hw *chain, uint64_t us);
void chain_change(struct chain_hw *chain, uint32_t adapters, enum chain_health health);
void chain_forget(struct chain_hw *chain); /* the addresses */

/* Chip, adapters and devices lose their power, or get it back and know nothing. */
void chain_power(struct chain_hw *chain, bool on);
uint8_t chain_selected(const struct chain_hw *chain);

/* The mode field of the ECR. */
uint8_t chain_mode(const struct chain_hw *chain);

/* Nothing is selected, no mode is set, control lines at idle. */
bool chain_is_at_rest(const struct chain_hw *chain);

/* Something was done that a sound host does not do. */
bool chain_is_confused(const struct chain_hw *chain);

#endif
