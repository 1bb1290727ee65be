/* SPDX-License-Identifier: MIT */
/*
 * See chain_model.h.
 */
#include "chain_model.h"

#define CONTROL_IDLE 0x0c
#define MODE_FIELD   0xe0
#define MODE_BYTE    0x20

#define CONTROL_REGISTER 2
#define CONTROL_NINIT    0x04

uint8_t model_read(struct chain_model *model, uint32_t offset)
{
	return opp_sim_read(&model->sim, offset);
}

static void watch_init(struct chain_model *model, uint8_t control)
{
	const bool is_low = !(control & CONTROL_NINIT);

	model->resets += is_low && !model->init_is_low;
	model->init_is_low = is_low;
}

void model_write(struct chain_model *model, uint32_t offset, uint8_t value)
{
	if (offset == CONTROL_REGISTER)
		watch_init(model, value);
	opp_sim_write(&model->sim, offset, value);
}

static struct opp_sim_connector *socket_of(struct chain_model *model, uint8_t place)
{
	if (place < model->plugged)
		return &model->adapters[place].device;
	return model->plugged ? &model->adapters[model->plugged - 1].through
			      : &model->sim.connector;
}

static void plug_one(struct chain_model *model, uint8_t place)
{
	struct peripheral *peripheral = &model->peripherals[place];

	if (model->is_out[place])
		return;
	peripheral_init(peripheral, place, model->kinds[place]);
	if (place < model->plugged && peripheral->kind != DEVICE_PLAIN)
		opp_daisy_plug_1284(&model->adapters[place], &peripheral->ieee1284);
	else
		opp_sim_plug(socket_of(model, place), peripheral_plug(peripheral));
}

static void plug_in(struct chain_model *model, uint32_t adapters)
{
	struct opp_sim_connector *next = &model->sim.connector;

	model->plugged = adapters;
	for (uint8_t i = 0; i < adapters; i++) {
		opp_daisy_init(&model->adapters[i]);
		opp_sim_plug(next, &model->adapters[i].peripheral);
		next = &model->adapters[i].through;
		plug_one(model, i);
	}
	plug_one(model, CHAIN_ADAPTERS);
}

void model_init(struct chain_model *model, const struct opp_sim_options *options, uint32_t adapters)
{
	*model = (struct chain_model){ .kinds = { DEVICE_PLAIN } };
	opp_sim_init(&model->sim, options);
	plug_in(model, adapters);
}

void model_unplug(struct chain_model *model, uint8_t place)
{
	if (!model->is_out[place])
		opp_sim_unplug(socket_of(model, place));
	model->is_out[place] = true;
}

void model_plug(struct chain_model *model, uint8_t place, enum device_kind kind)
{
	model_unplug(model, place);
	model->is_out[place] = false;
	model->kinds[place] = kind;
	plug_one(model, place);
}

void model_change(struct chain_model *model, uint32_t adapters, enum chain_health health)
{
	static const enum opp_daisy_flaw flaws[] = {
		[CHAIN_SOUND] = OPP_DAISY_SOUND,
		[CHAIN_REFUSES] = OPP_DAISY_REFUSES,
		[CHAIN_GONE] = OPP_DAISY_GONE,
	};

	if (adapters != model->plugged) {
		opp_sim_detach(&model->sim);
		plug_in(model, adapters);
	}
	for (uint32_t i = 0; i < adapters; i++)
		opp_daisy_break(&model->adapters[i], flaws[health]);
}

void model_power(struct chain_model *model, bool on)
{
	if (!on)
		opp_sim_reset(&model->sim);
	opp_sim_power(&model->sim.connector, on ? &model->sim : NULL);
}

void model_forget(struct chain_model *model)
{
	for (uint32_t i = 0; i < model->plugged; i++)
		model->adapters[i].address = OPP_DAISY_NO_ADDRESS;
}

uint8_t model_selected(const struct chain_model *model)
{
	for (uint32_t i = 0; i < model->plugged; i++) {
		if (model->adapters[i].mode != OPP_DAISY_UNSELECTED)
			return model->adapters[i].address;
	}
	return END_OF_CHAIN;
}

static bool has_ecr(const struct chain_model *model)
{
	return model->sim.options.chip == OPP_SIM_ECP || model->sim.options.chip == OPP_SIM_ECP_EPP;
}

uint8_t model_mode(const struct chain_model *model)
{
	return has_ecr(model) ? model->sim.ecr & MODE_FIELD : 0;
}

bool model_is_at_rest(const struct chain_model *model)
{
	return model_selected(model) == END_OF_CHAIN && model_mode(model) <= MODE_BYTE &&
	       model->sim.control_latch == CONTROL_IDLE;
}

bool model_is_confused(const struct chain_model *model)
{
	uint32_t selected = 0;

	for (uint32_t i = 0; i < model->plugged; i++)
		selected += model->adapters[i].mode != OPP_DAISY_UNSELECTED;
	return selected > 1;
}
