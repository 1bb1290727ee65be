/* SPDX-License-Identifier: MIT */
/*
 * The lines between the chip and its connector: what the registers drive, and
 * what the chip makes of what the peripheral drives.
 */
#include "chip_model.h"

#define RELEASED 0xffu

static bool is_released(const struct opp_sim *sim)
{
	return sim->epp_reads || sim_is_input(sim);
}

static uint8_t data_lines(const struct opp_sim *sim)
{
	const uint8_t peripheral_data = sim->connector.peripheral_data;

	if (is_released(sim))
		return peripheral_data;
	if (sim->options.data_overpowered)
		return sim->data_latch & peripheral_data;
	return sim->data_latch;
}

static uint8_t control_lines(const struct opp_sim *sim)
{
	const uint32_t bits = (sim->control_latch & ~(uint32_t)sim->owned_control) |
			      (sim->hardware_control & sim->owned_control);

	return (bits ^ SIM_CTL_UPSIDE_DOWN) & SIM_CTL_LINES;
}

/* Who pulls a line low is taken to drive the others, too. Told once, when it begins. */
static void look_for_fight(struct opp_sim *sim)
{
	const uint8_t peripheral_data = sim->connector.peripheral_data;
	bool fights;

	if (peripheral_data == RELEASED) {
		sim->fighting = false;
		return;
	}
	fights = peripheral_data != sim->data_latch && !is_released(sim) &&
		 !sim->options.data_overpowered;
	if (fights && !sim->fighting)
		opp_sim_report(sim, OPP_SIM_BUS_FIGHT);
	sim->fighting = fights;
}

void sim_settle(struct opp_sim *sim)
{
	opp_sim_show(&sim->connector, data_lines(sim), control_lines(sim));
	look_for_fight(sim);
}

void sim_driven(struct opp_sim_connector *connector)
{
	struct opp_sim *sim = connector->sim;
	const uint8_t before = connector->wires.status;

	connector->wires.data = data_lines(sim);
	connector->wires.status = connector->peripheral_status;
	look_for_fight(sim);
	if (connector->wires.status == before)
		return;
	sim_status_interrupt(sim, before);
	if (sim_moves(sim))
		sim_mover_look(sim);
}
