/* SPDX-License-Identifier: MIT */
/*
 * A simulated chip, the adapters of its daisy chain and the devices on them: what a
 * driver finds below its registers. Who calls model_read and model_write keeps its
 * clock (sim.now_ns).
 */
#ifndef OPENPARPORT_TESTS_CHAIN_MODEL_H
#define OPENPARPORT_TESTS_CHAIN_MODEL_H

#include <openparport/sim_daisy.h>

#include "peripherals.h"

#define CHAIN_ADAPTERS 4
#define CHAIN_PLACES   (CHAIN_ADAPTERS + 1) /* the end of the chain is the last one */

struct chain_model {
	struct opp_sim sim;
	struct opp_daisy adapters[CHAIN_ADAPTERS];
	struct peripheral peripherals[CHAIN_PLACES];
	enum device_kind kinds[CHAIN_PLACES];
	bool is_out[CHAIN_PLACES]; /* unplugged */
	uint32_t plugged;          /* adapters */
	uint32_t resets;           /* times nInit went low */
	bool init_is_low;
};

/* A chip of @options with @adapters and DEVICE_PLAIN at each place. */
void model_init(struct chain_model *model, const struct opp_sim_options *options,
		uint32_t adapters);

/* One access, as opp_sim_read and opp_sim_write. */
uint8_t model_read(struct chain_model *model, uint32_t offset);
void model_write(struct chain_model *model, uint32_t offset, uint8_t value);

/* As rig_* of case.h. */
void model_plug(struct chain_model *model, uint8_t place, enum device_kind kind);
void model_unplug(struct chain_model *model, uint8_t place);
void model_change(struct chain_model *model, uint32_t adapters, enum chain_health health);
void model_forget(struct chain_model *model);

/* All of it loses its power: registers as hardware resets them, IDs and modes forgotten; or has it. */
void model_power(struct chain_model *model, bool on);

uint8_t model_selected(const struct chain_model *model);
uint8_t model_mode(const struct chain_model *model);

/* Nothing is selected, no mode is set, control lines at idle. */
bool model_is_at_rest(const struct chain_model *model);

/* Something was done that a sound host does not do. */
bool model_is_confused(const struct chain_model *model);

#endif
