/* SPDX-License-Identifier: MIT */
/*
 * The wire below the native rig, as a struct opp_hw without registers: a chip
 * with modes, and a daisy chain whose adapters understand CPP packets (written
 * again from IEEE1284 section 7 and 8.4). What real adapters show in between is
 * the business of tests/engine/chain_test.c.
 */
#ifndef OPENPARPORT_TESTS_CHAIN_HW_H
#define OPENPARPORT_TESTS_CHAIN_HW_H

#include <openparport/hw.h>
#include <openparport/queue.h>

#include "case.h"

#define CHAIN_ADAPTERS 4

struct chain_hw {
	struct opp_hw hw;
	struct opp_env env; /* the rig sets it */

	/* Called before each access and wait: the lock must be free. */
	void (*touched)(void *context, uint32_t ns);
	void *context;

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

#define NO_ADDRESS 0xff

void chain_hw_init(struct chain_hw *chain, uint32_t capabilities, uint32_t adapters);

#endif
