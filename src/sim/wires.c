/* SPDX-License-Identifier: MIT */
/*
 * The lines between the chip and its connector: what the registers drive, and
 * what the chip makes of what the peripheral drives.
 */
#include "wires.h"

static uint8_t data_lines(const struct opp_sim *sim)
{
	const uint8_t peripheral_data = sim->connector.peripheral_data;

	if (sim->control_latch & SIM_CTL_INPUT)
		return peripheral_data;
	if (sim->options.data_overpowered)
		return sim->data_latch & peripheral_data;
	return sim->data_latch;
}

void opp_sim_settle(struct opp_sim *sim)
{
	opp_sim_show(&sim->connector, data_lines(sim),
		     (sim->control_latch ^ SIM_CTL_UPSIDE_DOWN) & SIM_CTL_LINES);
}

void opp_sim_driven(struct opp_sim_connector *connector)
{
	struct opp_sim *sim = connector->sim;
	const uint32_t risen = connector->peripheral_status & ~(uint32_t)connector->wires.status;

	connector->wires.status = connector->peripheral_status;
	connector->wires.data = data_lines(sim);
	if (!(risen & OPP_LINE_NACK) || !(sim->control_latch & SIM_CTL_ACK_INTERRUPT))
		return;
	if (sim->options.interrupt)
		sim->options.interrupt(sim->options.context);
}
