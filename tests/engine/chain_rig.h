/* SPDX-License-Identifier: MIT */
/*
 * A rig with a daisy chain on it: up to four adapters, a printer behind each and
 * one at the end.
 */
#ifndef OPP_TEST_CHAIN_RIG_H
#define OPP_TEST_CHAIN_RIG_H

#include <openparport/chain.h>
#include <openparport/sim_daisy.h>

#include "rig.h"

#define CHAIN_END OPP_CHAIN_DEVICES /* index of the printer at the end of the chain */

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u

struct chain_printer {
	struct opp_centronics centronics;
	size_t bytes;
};

struct chain_rig {
	struct rig rig;
	struct opp_daisy adapters[OPP_CHAIN_DEVICES];
	struct chain_printer printers[OPP_CHAIN_DEVICES + 1];
	struct opp_protocol protocol;
	struct opp_transfer transfer;
};

/* @count adapters on a chip of kind @chip; the driver opened, nothing counted yet. */
void chain_start(struct chain_rig *chain, enum opp_sim_chip chip, uint32_t count);
void chain_start_on(struct chain_rig *chain, const struct opp_sim_options *chip, uint32_t count);

enum opp_status chain_run(struct chain_rig *chain);

/* Gives addresses; returns how many got one. */
size_t chain_assign(struct chain_rig *chain, uint8_t most);
enum opp_status chain_select(struct chain_rig *chain, uint8_t address, enum opp_mode mode);
enum opp_status chain_deselect(struct chain_rig *chain);

/* Prints one byte and returns the index of the printer that got it. */
uint32_t chain_reached(struct chain_rig *chain);

/* The values written to @offset since rig_forget_accesses; how many, at most @most. */
size_t chain_writes(const struct chain_rig *chain, uint32_t offset, uint8_t *values, size_t most);

#endif
