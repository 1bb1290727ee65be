/* SPDX-License-Identifier: MIT */
/* A connector: what is plugged into it, and who is told of what. Lines nobody drives are high. */
#include <stddef.h>

#include <openparport/sim.h>

void opp_sim_drive(struct opp_sim_connector *connector, uint8_t status, uint8_t data)
{
	const uint8_t lines = status & OPP_STATUS_LINES;

	if (lines == connector->peripheral_status && data == connector->peripheral_data)
		return;
	connector->peripheral_status = lines;
	connector->peripheral_data = data;
	connector->driven(connector);
}

void opp_sim_drive_status(struct opp_sim_connector *connector, uint8_t levels)
{
	opp_sim_drive(connector, levels, connector->peripheral_data);
}

void opp_sim_drive_data(struct opp_sim_connector *connector, uint8_t levels)
{
	opp_sim_drive(connector, connector->peripheral_status, levels);
}

static void release(struct opp_sim_connector *connector)
{
	connector->peripheral_status = OPP_STATUS_LINES;
	connector->peripheral_data = 0xff;
	connector->driven(connector);
}

static void connect(struct opp_sim_connector *connector)
{
	struct opp_sim_peripheral *peripheral = connector->peripheral;

	if (!connector->sim || !peripheral)
		return;
	peripheral->connector = connector;
	peripheral->ops->attached(peripheral);
}

static void disconnect(struct opp_sim_connector *connector)
{
	struct opp_sim_peripheral *peripheral = connector->peripheral;

	if (!connector->sim || !peripheral)
		return;
	if (peripheral->ops->detached)
		peripheral->ops->detached(peripheral);
	peripheral->connector = NULL;
	release(connector);
}

void opp_sim_plug(struct opp_sim_connector *connector, struct opp_sim_peripheral *peripheral)
{
	opp_sim_unplug(connector);
	connector->peripheral = peripheral;
	connect(connector);
}

void opp_sim_unplug(struct opp_sim_connector *connector)
{
	disconnect(connector);
	connector->peripheral = NULL;
}

void opp_sim_power(struct opp_sim_connector *connector, struct opp_sim *sim)
{
	disconnect(connector);
	connector->sim = sim;
	if (!sim)
		return;
	release(connector);
	connect(connector);
}

void opp_sim_show(struct opp_sim_connector *connector, uint8_t data, uint8_t control)
{
	struct opp_sim_peripheral *peripheral = connector->peripheral;
	const struct opp_wires before = connector->wires;

	if (data == before.data && control == before.control)
		return;
	connector->wires.data = data;
	connector->wires.control = control;
	if (connector->sim && peripheral)
		peripheral->ops->wires_changed(peripheral, &before);
}

void opp_sim_attach(struct opp_sim *sim, struct opp_sim_peripheral *peripheral)
{
	opp_sim_plug(&sim->connector, peripheral);
}

void opp_sim_detach(struct opp_sim *sim)
{
	opp_sim_unplug(&sim->connector);
}
