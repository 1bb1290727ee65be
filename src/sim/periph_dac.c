/* SPDX-License-Identifier: MIT */
/*
 * Covox Speech Thing and Disney Sound Source.
 *
 * The Sound Source's clock waits while the FIFO is empty, so that a byte that
 * comes then is heard one period later: the real one runs on, and the first
 * byte's delay is anything up to that.
 */
#include <stddef.h>

#include "ring.h"
#include "ticks.h"

#define SOUND_SOURCE_RATE 7000u
#define STROBE_MOST_NS    1000000u /* nSelectIn low for longer is no strobe but off */

/* ---- Covox ----------------------------------------------------------------------- */

static void play(const struct opp_dac_output *output, uint8_t level, uint64_t at_ns)
{
	output->sample(output->context, level, at_ns);
}

static void covox_attached(struct opp_sim_peripheral *peripheral)
{
	const struct opp_covox *covox = (const struct opp_covox *)peripheral;
	const struct opp_sim_connector *connector = peripheral->connector;

	play(&covox->output, connector->wires.data, connector->sim->now_ns);
}

static void covox_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	if (peripheral->connector->wires.data != before->data)
		covox_attached(peripheral);
}

static const struct opp_sim_peripheral_ops covox_ops = {
	.attached = covox_attached,
	.wires_changed = covox_changed,
};

bool opp_covox_init(struct opp_covox *covox, const struct opp_dac_output *output)
{
	if (!output->sample)
		return false;
	*covox = (struct opp_covox){
		.peripheral = { .ops = &covox_ops },
		.output = *output,
	};
	return true;
}

/* ---- Disney Sound Source ----------------------------------------------------------- */

static struct opp_sound_source *source_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_sound_source *)peripheral;
}

static bool powered(const struct opp_sound_source *source)
{
	return source->peripheral.connector->wires.control & OPP_LINE_NSELECTIN;
}

static void show(struct opp_sound_source *source)
{
	const bool full = source->fill == OPP_SOUND_SOURCE_FIFO;

	opp_sim_drive_status(source->peripheral.connector,
			     source->on && !full ? OPP_STATUS_LINES & ~OPP_LINE_NACK
						 : OPP_STATUS_LINES);
}

static void start_clock(struct opp_sound_source *source)
{
	struct opp_sim *sim = source->peripheral.connector->sim;

	if (source->ticks.next_ns <= sim->now_ns) {
		source->ticks.next_ns = sim->now_ns;
		sim_ticks_move_on(&source->ticks);
	}
	opp_sim_set_alarm(sim, &source->tick_alarm, source->ticks.next_ns);
}

static void store(struct opp_sound_source *source, uint8_t byte)
{
	if (source->fill == OPP_SOUND_SOURCE_FIFO)
		return;
	source->fifo[sim_ring_slot(source->head, source->fill, OPP_SOUND_SOURCE_FIFO)] = byte;
	if (!source->fill++)
		start_clock(source);
	show(source);
}

static void tick(struct opp_sim_alarm *alarm)
{
	struct opp_sound_source *source =
		(struct opp_sound_source *)((char *)alarm -
					    offsetof(struct opp_sound_source, tick_alarm));
	struct opp_sim *sim = source->peripheral.connector->sim;

	play(&source->output, source->fifo[source->head], sim->now_ns);
	source->head = sim_ring_slot(source->head, 1, OPP_SOUND_SOURCE_FIFO);
	sim_ticks_move_on(&source->ticks);
	if (--source->fill)
		opp_sim_set_alarm(sim, alarm, source->ticks.next_ns);
	show(source);
}

static void turn_off(struct opp_sound_source *source)
{
	struct opp_sim *sim = source->peripheral.connector->sim;

	opp_sim_set_alarm(sim, &source->tick_alarm, OPP_SIM_NEVER);
	opp_sim_set_alarm(sim, &source->off_alarm, OPP_SIM_NEVER);
	source->on = false;
	source->fill = 0;
}

static void power_failed(struct opp_sim_alarm *alarm)
{
	struct opp_sound_source *source =
		(struct opp_sound_source *)((char *)alarm -
					    offsetof(struct opp_sound_source, off_alarm));

	turn_off(source);
	show(source);
}

static void source_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_sound_source *source = source_of(peripheral);
	struct opp_sim *sim = peripheral->connector->sim;
	const struct opp_wires *wires = &peripheral->connector->wires;

	if (!((wires->control ^ before->control) & OPP_LINE_NSELECTIN))
		return;
	if (powered(source)) {
		opp_sim_set_alarm(sim, &source->off_alarm, OPP_SIM_NEVER);
		source->on = true;
		show(source);
		return;
	}
	opp_sim_set_alarm(sim, &source->off_alarm, sim->now_ns + STROBE_MOST_NS);
	store(source, wires->data);
}

static void source_attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_sound_source *source = source_of(peripheral);

	source->ticks = (struct opp_ticks){ .per_second = SOUND_SOURCE_RATE };
	source->on = powered(source);
	show(source);
}

static void source_detached(struct opp_sim_peripheral *peripheral)
{
	turn_off(source_of(peripheral));
}

static const struct opp_sim_peripheral_ops sound_source_ops = {
	.attached = source_attached,
	.detached = source_detached,
	.wires_changed = source_changed,
};

bool opp_sound_source_init(struct opp_sound_source *source, const struct opp_dac_output *output)
{
	if (!output->sample)
		return false;
	*source = (struct opp_sound_source){
		.peripheral = { .ops = &sound_source_ops },
		.output = *output,
		.tick_alarm = { .ring = tick },
		.off_alarm = { .ring = power_failed },
	};
	return true;
}
