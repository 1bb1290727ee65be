/* SPDX-License-Identifier: MIT */
/*
 * The lines between the chip and its connector: what the registers drive, and
 * what the chip makes of what the peripheral drives.
 */
#include "chip_model.h"

#define RELEASED 0xffu

/* What the latches and modes make of the data lines, until they change. */
static void drive_data(struct opp_sim *sim)
{
	const bool released = sim->epp_reads || sim_is_input(sim);

	sim->driven_data = released ? RELEASED : sim->data_latch;
	sim->data_yields = released || sim->options.data_overpowered;
}

static uint8_t data_lines(const struct opp_sim *sim)
{
	return sim->data_yields ? sim->driven_data & sim->connector.peripheral_data
				: sim->driven_data;
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

	if (peripheral_data == RELEASED && !sim->fighting)
		return;
	fights = peripheral_data != RELEASED && peripheral_data != sim->driven_data &&
		 !sim->data_yields;
	if (fights && !sim->fighting)
		opp_sim_report(sim, OPP_SIM_BUS_FIGHT);
	sim->fighting = fights;
}

void sim_settle(struct opp_sim *sim)
{
	drive_data(sim);
	opp_sim_show(&sim->connector, data_lines(sim), control_lines(sim));
	look_for_fight(sim);
}

void sim_driven(struct opp_sim_connector *connector)
{
	struct opp_sim *sim = connector->sim;
	const uint8_t before = connector->wires.status;
	const uint8_t status = connector->peripheral_status;

	connector->wires.data = data_lines(sim);
	look_for_fight(sim);
	if (status == before)
		return;
	connector->wires.status = status;
	sim_status_interrupt(sim, before, status);
	if (sim_moves(sim))
		sim_mover_look(sim);
}
