/* SPDX-License-Identifier: MIT */
/*
 * The connector: who drives which line, and what that makes of it.
 *
 * The host's side changes through opp_sim_settle, which the chip calls once a
 * register write; the peripheral's side through opp_sim_drive_*. Lines nobody
 * drives are pulled up.
 */
#include <stddef.h>

#include "wires.h"

static uint8_t data_lines(const struct opp_sim *sim)
{
	if (sim->control_latch & SIM_CTL_INPUT)
		return sim->peripheral_data;
	if (sim->options.data_overpowered)
		return sim->data_latch & sim->peripheral_data;
	return sim->data_latch;
}

void opp_sim_settle(struct opp_sim *sim)
{
	const struct opp_wires before = sim->wires;

	sim->wires.data = data_lines(sim);
	sim->wires.control = (sim->control_latch ^ SIM_CTL_UPSIDE_DOWN) & SIM_CTL_LINES;
	if (!sim->peripheral)
		return;
	if (sim->wires.data != before.data || sim->wires.control != before.control)
		sim->peripheral->ops->wires_changed(sim->peripheral, &before);
}

void opp_sim_drive_status(struct opp_sim *sim, uint8_t levels)
{
	const uint32_t risen = levels & ~(uint32_t)sim->wires.status;

	sim->wires.status = levels & OPP_STATUS_LINES;
	if (!(risen & OPP_LINE_NACK) || !(sim->control_latch & SIM_CTL_ACK_INTERRUPT))
		return;
	if (sim->options.interrupt)
		sim->options.interrupt(sim->options.context);
}

void opp_sim_drive_data(struct opp_sim *sim, uint8_t levels)
{
	sim->peripheral_data = levels;
	sim->wires.data = data_lines(sim);
}

void opp_sim_attach(struct opp_sim *sim, struct opp_sim_peripheral *peripheral)
{
	opp_sim_detach(sim);
	sim->peripheral = peripheral;
	peripheral->sim = sim;
	peripheral->ops->attached(peripheral);
}

void opp_sim_detach(struct opp_sim *sim)
{
	if (sim->peripheral)
		sim->peripheral->sim = NULL;
	sim->peripheral = NULL;
	sim->wake_ns = OPP_SIM_NEVER;
	opp_sim_drive_data(sim, 0xff);
	opp_sim_drive_status(sim, OPP_STATUS_LINES);
}
