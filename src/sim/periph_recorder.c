/* SPDX-License-Identifier: MIT */
/* Writes down what happens to the lines. Source: IEEE1284 9. */
#include <openparport/sim_recorder.h>

#include "ring.h"

static struct opp_recorder *recorder_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_recorder *)peripheral;
}

static uint32_t slot(const struct opp_recorder *recorder, uint32_t index)
{
	return sim_ring_slot(recorder->oldest, index, recorder->entries);
}

static void drop_oldest(struct opp_recorder *recorder)
{
	recorder->oldest = slot(recorder, 1);
	recorder->fill--;
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_recorder *recorder = recorder_of(peripheral);
	const struct opp_sim_connector *connector = peripheral->connector;

	(void)before;
	if (recorder->fill == recorder->entries) {
		drop_oldest(recorder);
		recorder->lost++;
	}
	recorder->ring[slot(recorder, recorder->fill++)] = (struct opp_recorder_entry){
		.at_ns = connector->sim->now_ns,
		.data = connector->wires.data,
		.control = connector->wires.control,
	};
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	opp_sim_drive_status(peripheral->connector, recorder_of(peripheral)->inputs);
}

static const struct opp_sim_peripheral_ops recorder_ops = {
	.attached = attached,
	.wires_changed = wires_changed,
};

bool opp_recorder_init(struct opp_recorder *recorder, struct opp_recorder_entry *ring,
		       uint32_t entries)
{
	if (!ring || !entries)
		return false;
	*recorder = (struct opp_recorder){
		.peripheral = { .ops = &recorder_ops },
		.ring = ring,
		.entries = entries,
		.inputs = OPP_STATUS_LINES,
	};
	return true;
}

bool opp_recorder_take(struct opp_recorder *recorder, struct opp_recorder_entry *entry)
{
	if (!recorder->fill)
		return false;
	*entry = recorder->ring[recorder->oldest];
	drop_oldest(recorder);
	return true;
}

void opp_recorder_set_inputs(struct opp_recorder *recorder, uint8_t levels)
{
	recorder->inputs = levels;
	if (recorder->peripheral.connector)
		attached(&recorder->peripheral);
}
