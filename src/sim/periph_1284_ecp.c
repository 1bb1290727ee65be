/* SPDX-License-Identifier: MIT */
/*
 * The IEEE 1284 device in ECP.
 *
 *	SETUP --30, 31--> BUSY --32--> FORWARD --35, 36--> CLOCKED --37--> BUSY
 *	                                | ^  | 72, 73
 *	                       38 .. 40 | |  '--> RECOVERY --74, 75--> FORWARD
 *	                                v | 47 .. 49
 *	                              REVERSE --41 .. 43--> OFFERED --44, 45--> REVERSE
 *
 * A byte belongs to the device when the host lets HostClk rise after event 36,
 * and to the host when it raises HostAck after event 43; any other way out of
 * CLOCKED or OFFERED leaves it where it was. nPeriphRequest is low while
 * something waits to be said, in either direction.
 * Source: IEEE1284 5.5, 8.2.
 */
#include "periph_1284.h"

#define WITH_RLE   0x20u
#define IS_CHANNEL 0x80u
#define SEVEN_BITS 0x7fu

void opp_1284_start_ecp(struct opp_1284 *device)
{
	device->asks = false;
	device->channel = 0;
	device->run = 0;
}

/* ---- forward ------------------------------------------------------------------------------ */

static bool has_room(const struct opp_1284 *device)
{
	return !device->full;
}

static bool is_clocked(const struct opp_1284 *device)
{
	return strobe_is_low(device) && has_room(device);
}

static void remember(struct opp_1284 *device)
{
	device->forward_byte = device->peripheral.connector->wires.data;
	device->forward_command = auto_fd_is_low(device);
}

static void forward(struct opp_1284 *device, enum opp_1284_kind kind)
{
	const struct opp_1284_options *options = &device->options;

	if (options->forward)
		options->forward(options->context, kind, device->channel, device->forward_byte);
}

static void obey(struct opp_1284 *device)
{
	const uint8_t value = device->forward_byte & SEVEN_BITS;

	forward(device, OPP_1284_ECP_COMMAND);
	if (device->forward_byte & IS_CHANNEL)
		device->channel = value;
	else if (device->request & WITH_RLE)
		device->run = value;
	else
		report(device, OPP_SIM_RLE_NOT_AGREED);
}

static void take_byte(struct opp_1284 *device)
{
	if (device->forward_command) {
		obey(device);
		return;
	}
	for (uint32_t copies = device->run + 1u; copies; copies--)
		forward(device, OPP_1284_ECP_DATA);
	device->run = 0;
}

static void report_clock_while_busy(struct opp_1284 *device)
{
	report(device, OPP_SIM_CLOCK_WHILE_BUSY);
}

static bool asks_wrongly(const struct opp_1284 *device)
{
	return device->asks != opp_1284_has_more(device);
}

static void ask(struct opp_1284 *device)
{
	device->asks = opp_1284_has_more(device);
	set_lines(device, OPP_LINE_NFAULT, device->asks ? 0 : OPP_LINE_NFAULT);
}

static void enter_forward(struct opp_1284 *device)
{
	device->state = OPP_1284_ECP_FORWARD;
}

/* Where there is room Busy has been low since event 5, and there is no event 32. */
static void enter_mode(struct opp_1284 *device)
{
	device->state = device->full ? OPP_1284_ECP_BUSY : OPP_1284_ECP_FORWARD;
	set_lines(device, OPP_LINE_BUSY, device->full ? OPP_LINE_BUSY : 0);
}

static const struct opp_1284_step is_set_up[] = {
	{ 31, OPP_LINE_PERROR, OPP_LINE_PERROR, enter_mode },
	{ .event = NO_STEP },
};

static const struct opp_1284_step is_ready[] = {
	{ 32, OPP_LINE_BUSY, 0, enter_forward },
	{ .event = NO_STEP },
};

static const struct opp_1284_step accepts_byte[] = {
	{ 36, OPP_LINE_BUSY, OPP_LINE_BUSY, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step turns[] = {
	{ 40, OPP_LINE_PERROR, 0, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step gives_up_byte[] = {
	{ 73, OPP_LINE_PERROR, 0, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step recovers[] = {
	{ 75, OPP_LINE_PERROR | OPP_LINE_BUSY, OPP_LINE_PERROR, enter_forward },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_ecp_setup_rows[] = {
	{ LEVEL, 30, false, auto_fd_is_low, NULL, is_set_up, OPP_1284_ECP_SETUP },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_ecp_busy_rows[] = {
	{ S_FALLS, NO_EVENT, true, NULL, report_clock_while_busy, NULL, OPP_1284_ECP_BUSY },
	{ LEVEL, NO_EVENT, false, asks_wrongly, ask, NULL, OPP_1284_ECP_BUSY },
	{ LEVEL, NO_EVENT, false, has_room, NULL, is_ready, OPP_1284_ECP_BUSY },
	{ I_FALLS, 39, false, NULL, NULL, turns, OPP_1284_ECP_REVERSE },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_ecp_forward_rows[] = {
	{ LEVEL, NO_EVENT, false, asks_wrongly, ask, NULL, OPP_1284_ECP_FORWARD },
	{ LEVEL, 35, false, is_clocked, remember, accepts_byte, OPP_1284_ECP_CLOCKED },
	{ I_FALLS, 72, false, strobe_is_low, NULL, gives_up_byte, OPP_1284_ECP_RECOVERY },
	{ I_FALLS, 39, false, NULL, NULL, turns, OPP_1284_ECP_REVERSE },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_ecp_clocked_rows[] = {
	{ S_RISES, NO_EVENT, true, is_answering, NULL, NULL, OPP_1284_ECP_FORWARD },
	{ LEVEL, 37, false, strobe_is_high, take_byte, NULL, OPP_1284_ECP_BUSY },
	{ I_FALLS, 72, false, NULL, NULL, gives_up_byte, OPP_1284_ECP_RECOVERY },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_ecp_recovery_rows[] = {
	{ I_RISES, 74, false, NULL, NULL, recovers, OPP_1284_ECP_RECOVERY },
	{ .cause = NO_CAUSE },
};

/* ---- reverse ------------------------------------------------------------------------------ */

static bool may_offer(const struct opp_1284 *device)
{
	return auto_fd_is_low(device) && opp_1284_has_more(device);
}

static void offer_data(struct opp_1284 *device)
{
	opp_1284_drive_data(device, opp_1284_next_item(device).byte);
}

static void tell_command(struct opp_1284 *device)
{
	set_lines(device, OPP_LINE_BUSY, opp_1284_next_item(device).command ? 0 : OPP_LINE_BUSY);
}

static void report_reverse_and_drop(struct opp_1284 *device)
{
	report(device, OPP_SIM_TERMINATED_IN_REVERSE);
	opp_1284_drop_to_compat(device);
}

static const struct opp_1284_step offers_item[] = {
	{ .event = 41, .perform = offer_data },
	{ .event = 42, .perform = tell_command },
	{ 43, OPP_LINE_NACK, 0, NULL },
	{ .event = NO_STEP },
};

static void enter_reverse(struct opp_1284 *device)
{
	device->state = OPP_1284_ECP_REVERSE;
}

static const struct opp_1284_step item_done[] = {
	{ 45, OPP_LINE_NACK, OPP_LINE_NACK, enter_reverse },
	{ .event = NO_STEP },
};

static bool is_acknowledged(const struct opp_1284 *device)
{
	return device->answer == item_done;
}

/* What was acknowledged is gone: the host's hardware must see event 45 with the data. */
static const struct opp_1284_step completes_and_returns[] = {
	{ 45, OPP_LINE_NACK, OPP_LINE_NACK, NULL },
	{ 48, OPP_LINE_BUSY, 0, opp_1284_release_data },
	{ 49, OPP_LINE_PERROR, OPP_LINE_PERROR, enter_forward },
	{ .event = NO_STEP },
};

static const struct opp_1284_step returns[] = {
	{ 48, OPP_LINE_NACK | OPP_LINE_BUSY, OPP_LINE_NACK, opp_1284_release_data },
	{ 49, OPP_LINE_PERROR, OPP_LINE_PERROR, enter_forward },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_ecp_reverse_rows[] = {
	{ LEVEL, NO_EVENT, false, asks_wrongly, ask, NULL, OPP_1284_ECP_REVERSE },
	{ LEVEL, 46, false, may_offer, NULL, offers_item, OPP_1284_ECP_OFFERED },
	{ I_RISES, 47, false, NULL, NULL, returns, OPP_1284_ECP_RETURNING },
	{ X_FALLS, NO_EVENT, false, NULL, report_reverse_and_drop, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_ecp_offered_rows[] = {
	{ LEVEL, 44, false, auto_fd_is_high, opp_1284_item_is_gone, item_done,
	  OPP_1284_ECP_OFFERED },
	{ I_RISES, 47, false, is_acknowledged, NULL, completes_and_returns,
	  OPP_1284_ECP_RETURNING },
	{ I_RISES, 47, false, NULL, NULL, returns, OPP_1284_ECP_RETURNING },
	{ X_FALLS, NO_EVENT, false, NULL, report_reverse_and_drop, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_ecp_returning_rows[] = {
	{ I_FALLS, 39, false, NULL, NULL, turns, OPP_1284_ECP_REVERSE },
	{ X_FALLS, NO_EVENT, false, NULL, report_reverse_and_drop, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};
