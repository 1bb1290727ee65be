/* SPDX-License-Identifier: MIT */
/*
 * The IEEE 1284 device in EPP.
 *
 *	IDLE --strobe low, 58--> CYCLE --strobes high, 60--> IDLE
 *
 * nSelectIn is the address strobe here, so nothing but nInit ends the mode
 * (event 68). A cycle whose strobe ends before event 58 has not been.
 * Source: IEEE1284 5.4, 8.2.
 */
#include "periph_1284.h"

static bool is_data_strobe(const struct opp_1284 *device)
{
	return auto_fd_is_low(device) && is_high(device, OPP_LINE_NSELECTIN);
}

static bool is_address_strobe(const struct opp_1284 *device)
{
	return auto_fd_is_high(device) && !is_high(device, OPP_LINE_NSELECTIN);
}

static bool is_data_write(const struct opp_1284 *device)
{
	return is_data_strobe(device) && strobe_is_low(device);
}

static bool is_address_write(const struct opp_1284 *device)
{
	return is_address_strobe(device) && strobe_is_low(device);
}

static bool is_both(const struct opp_1284 *device)
{
	return auto_fd_is_low(device) && !is_high(device, OPP_LINE_NSELECTIN);
}

static bool is_over(const struct opp_1284 *device)
{
	return auto_fd_is_high(device) && is_high(device, OPP_LINE_NSELECTIN);
}

static bool is_over_unanswered(const struct opp_1284 *device)
{
	return is_answering(device) && is_over(device);
}

static void write_cycle(struct opp_1284 *device, enum opp_1284_kind kind)
{
	const struct opp_1284_options *options = &device->options;

	if (options->forward)
		options->forward(options->context, kind, 0,
				 device->peripheral.connector->wires.data);
}

static void read_cycle(struct opp_1284 *device, bool address)
{
	const struct opp_1284_options *options = &device->options;

	if (options->epp_read)
		opp_1284_drive_data(device, options->epp_read(options->context, address));
}

static void take_data(struct opp_1284 *device)
{
	write_cycle(device, OPP_1284_EPP_DATA);
}

static void take_address(struct opp_1284 *device)
{
	write_cycle(device, OPP_1284_EPP_ADDRESS);
}

static void give_data(struct opp_1284 *device)
{
	read_cycle(device, false);
}

static void give_address(struct opp_1284 *device)
{
	read_cycle(device, true);
}

static void report_both(struct opp_1284 *device)
{
	report(device, OPP_SIM_BOTH_EPP_STROBES);
}

static const struct opp_1284_step takes_data[] = {
	{ 58, OPP_LINE_BUSY, OPP_LINE_BUSY, take_data },
	{ .event = NO_STEP },
};

static const struct opp_1284_step takes_address[] = {
	{ 58, OPP_LINE_BUSY, OPP_LINE_BUSY, take_address },
	{ .event = NO_STEP },
};

static const struct opp_1284_step gives_data[] = {
	{ 58, OPP_LINE_BUSY, OPP_LINE_BUSY, give_data },
	{ .event = NO_STEP },
};

static const struct opp_1284_step gives_address[] = {
	{ 58, OPP_LINE_BUSY, OPP_LINE_BUSY, give_address },
	{ .event = NO_STEP },
};

static const struct opp_1284_step cycle_done[] = {
	{ 60, OPP_LINE_BUSY, 0, NULL },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_epp_idle_rows[] = {
	{ LEVEL, 62, false, is_data_write, NULL, takes_data, OPP_1284_EPP_CYCLE },
	{ LEVEL, 56, false, is_address_write, NULL, takes_address, OPP_1284_EPP_CYCLE },
	{ LEVEL, 67, false, is_data_strobe, NULL, gives_data, OPP_1284_EPP_CYCLE },
	{ LEVEL, 64, false, is_address_strobe, NULL, gives_address, OPP_1284_EPP_CYCLE },
	{ LEVEL, NO_EVENT, false, is_both, report_both, NULL, OPP_1284_EPP_CYCLE },
	{ I_FALLS, 68, false, NULL, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_epp_cycle_rows[] = {
	{ LEVEL, 59, false, is_over, opp_1284_release_data, cycle_done, OPP_1284_EPP_IDLE },
	{ A_RISES, NO_EVENT, true, is_over_unanswered, NULL, NULL, OPP_1284_EPP_IDLE },
	{ X_RISES, NO_EVENT, false, is_over_unanswered, NULL, NULL, OPP_1284_EPP_IDLE },
	{ A_FALLS, NO_EVENT, true, is_both, report_both, NULL, OPP_1284_EPP_CYCLE },
	{ X_FALLS, NO_EVENT, false, is_both, report_both, NULL, OPP_1284_EPP_CYCLE },
	{ I_FALLS, 68, false, NULL, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};
