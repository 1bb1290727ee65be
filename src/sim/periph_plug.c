/* SPDX-License-Identifier: MIT */
/* Loop-back plugs and the LapLink cable: what is written at one end is read at the other. */
#include <stddef.h>

#include <openparport/sim_plugs.h>

/* Which line an input line is soldered to. */
struct joint {
	uint8_t status; /* OPP_LINE_* */
	uint8_t data;   /* the one or the other */
	uint8_t control;
};

#define JOINTS 5

/* By DB-25 pin: 2-15, 13-1, 12-14, 10-16, 11-17. */
static const struct joint checkit[JOINTS] = {
	{ .status = OPP_LINE_NFAULT, .data = 0x01 },
	{ .status = OPP_LINE_SELECT, .control = OPP_LINE_NSTROBE },
	{ .status = OPP_LINE_PERROR, .control = OPP_LINE_NAUTOFD },
	{ .status = OPP_LINE_NACK, .control = OPP_LINE_NINIT },
	{ .status = OPP_LINE_BUSY, .control = OPP_LINE_NSELECTIN },
};

/* 2-15, 3-13, 4-12, 5-10, 6-11; crossed over, this is the LapLink cable. */
static const struct joint norton[JOINTS] = {
	{ .status = OPP_LINE_NFAULT, .data = 0x01 }, { .status = OPP_LINE_SELECT, .data = 0x02 },
	{ .status = OPP_LINE_PERROR, .data = 0x04 }, { .status = OPP_LINE_NACK, .data = 0x08 },
	{ .status = OPP_LINE_BUSY, .data = 0x10 },
};

static uint8_t through(const struct joint joints[JOINTS], const struct opp_wires *wires)
{
	uint32_t lines = 0;

	for (uint32_t i = 0; i < JOINTS; i++)
		if ((wires->data & joints[i].data) || (wires->control & joints[i].control))
			lines |= joints[i].status;
	return (uint8_t)lines;
}

/* ---- loop-back --------------------------------------------------------------------- */

static void loop_back(struct opp_sim_peripheral *peripheral)
{
	const struct opp_loopback *plug = (const struct opp_loopback *)peripheral;
	struct opp_sim_connector *connector = peripheral->connector;

	opp_sim_drive_status(connector,
			     through(plug->wiring == OPP_LOOPBACK_CHECKIT ? checkit : norton,
				     &connector->wires));
}

static void loopback_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	(void)before;
	loop_back(peripheral);
}

static const struct opp_sim_peripheral_ops loopback_ops = {
	.attached = loop_back,
	.wires_changed = loopback_changed,
};

void opp_loopback_init(struct opp_loopback *plug, enum opp_loopback_wiring wiring)
{
	*plug = (struct opp_loopback){
		.peripheral = { .ops = &loopback_ops },
		.wiring = wiring,
	};
}

/* ---- LapLink ----------------------------------------------------------------------- */

static struct opp_laplink_end *end_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_laplink_end *)peripheral;
}

static void tell_other(struct opp_sim_peripheral *peripheral)
{
	struct opp_sim_connector *other = end_of(peripheral)->other->peripheral.connector;

	if (other)
		opp_sim_drive_status(other, through(norton, &peripheral->connector->wires));
}

static void laplink_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	if (peripheral->connector->wires.data != before->data)
		tell_other(peripheral);
}

static void laplink_attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_sim_peripheral *other = &end_of(peripheral)->other->peripheral;

	if (!other->connector)
		return;
	tell_other(other);
	tell_other(peripheral);
}

static void laplink_detached(struct opp_sim_peripheral *peripheral)
{
	struct opp_sim_connector *other = end_of(peripheral)->other->peripheral.connector;

	if (other)
		opp_sim_drive_status(other, OPP_STATUS_LINES);
}

static const struct opp_sim_peripheral_ops laplink_ops = {
	.attached = laplink_attached,
	.detached = laplink_detached,
	.wires_changed = laplink_changed,
};

void opp_laplink_init(struct opp_laplink *cable)
{
	for (uint32_t i = 0; i < 2; i++)
		cable->ends[i] = (struct opp_laplink_end){
			.peripheral = { .ops = &laplink_ops },
			.other = &cable->ends[!i],
		};
}
