/* SPDX-License-Identifier: MIT */
/*
 * The IEEE 1284 device in EPP.
 *
 *	IDLE --strobe low, 58--> CYCLE --strobes high, 60--> IDLE
 *
 * nSelectIn is the address strobe here, so nothing but nInit ends the mode
 * (event 68). A cycle whose strobe ends before event 58 has not been. A byte that
 * is read stays on the data lines until event 60.
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

static bool is_address_over(const struct opp_1284 *device)
{
	return is_over(device) && device->address_cycle;
}

static void start_data(struct opp_1284 *device)
{
	device->address_cycle = false;
}

static void start_address(struct opp_1284 *device)
{
	device->address_cycle = true;
}

static void take_byte(struct opp_1284 *device)
{
	const struct opp_1284_options *options = &device->options;

	if (options->forward)
		options->forward(options->context,
				 device->address_cycle ? OPP_1284_EPP_ADDRESS : OPP_1284_EPP_DATA,
				 0, device->peripheral.connector->wires.data);
}

static void give_byte(struct opp_1284 *device)
{
	const struct opp_1284_options *options = &device->options;

	if (options->epp_read)
		opp_1284_drive_data(device,
				    options->epp_read(options->context, device->address_cycle));
}

static void report_both(struct opp_1284 *device)
{
	report(device, OPP_SIM_BOTH_EPP_STROBES);
}

static const struct opp_1284_step takes[] = {
	{ 58, OPP_LINE_BUSY, OPP_LINE_BUSY, take_byte },
	{ .event = NO_STEP },
};

static const struct opp_1284_step gives[] = {
	{ 58, OPP_LINE_BUSY, OPP_LINE_BUSY, give_byte },
	{ .event = NO_STEP },
};

static const struct opp_1284_step cycle_done[] = {
	{ 60, OPP_LINE_BUSY, 0, opp_1284_release_data },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_epp_idle_rows[] = {
	{ LEVEL, 62, false, is_data_write, start_data, takes, OPP_1284_EPP_CYCLE },
	{ LEVEL, 56, false, is_address_write, start_address, takes, OPP_1284_EPP_CYCLE },
	{ LEVEL, 67, false, is_data_strobe, start_data, gives, OPP_1284_EPP_CYCLE },
	{ LEVEL, 64, false, is_address_strobe, start_address, gives, OPP_1284_EPP_CYCLE },
	{ LEVEL, NO_EVENT, false, is_both, report_both, NULL, OPP_1284_EPP_CYCLE },
	{ I_FALLS, 68, false, NULL, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_epp_cycle_rows[] = {
	{ LEVEL, 59, false, is_address_over, NULL, cycle_done, OPP_1284_EPP_IDLE },
	{ LEVEL, 63, false, is_over, NULL, cycle_done, OPP_1284_EPP_IDLE },
	{ A_RISES, NO_EVENT, true, is_over_unanswered, NULL, NULL, OPP_1284_EPP_IDLE },
	{ X_RISES, NO_EVENT, false, is_over_unanswered, NULL, NULL, OPP_1284_EPP_IDLE },
	{ A_FALLS, NO_EVENT, true, is_both, report_both, NULL, OPP_1284_EPP_CYCLE },
	{ X_FALLS, NO_EVENT, false, is_both, report_both, NULL, OPP_1284_EPP_CYCLE },
	{ I_FALLS, 68, false, NULL, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};
