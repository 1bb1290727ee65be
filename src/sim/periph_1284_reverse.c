/* SPDX-License-Identifier: MIT */
/*
 * The IEEE 1284 device in nibble and byte mode.
 *
 *	                 .---- 7 .. 13, 11: another byte waits ---.
 *	                 v                                        |
 *	6 ----------> HBDA --7--> LOW_NIBBLE --> BETWEEN --> HIGH_NIBBLE   nibble mode
 *	   |           ^ \--7--> BYTE_OFFERED                             byte mode
 *	   |      21   |              | 11: nothing waits
 *	   |  INTERRUPTING            v
 *	   |     ^ 18, 19            HBDNA <------'
 *	   '---> |                    |
 *	         '-- REVERSE_IDLE <-7-'
 *
 * A byte is gone when the host has raised nAutoFd over it (event 10): it has
 * seen all of it. In byte mode it stays on the data lines until event 16, or
 * until event 7 or 22 of a host that leaves 16 and 17 out.
 * Source: IEEE1284 5.1, 5.2, 8.2.
 */
#include "periph_1284.h"

#define NIBBLE_LINES (OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_PERROR | OPP_LINE_BUSY)

static bool wants_byte(const struct opp_1284 *device)
{
	return (device->request & 0x01) && auto_fd_is_low(device);
}

/* Once nAutoFd has fallen, it has to call the host. */
static bool may_show_more(const struct opp_1284 *device)
{
	return auto_fd_is_high(device) && opp_1284_has_more(device);
}

static bool holds_byte(const struct opp_1284 *device)
{
	return device->driven != 0xff && strobe_is_low(device);
}

/* The bits of a nibble are those of the register, but nAck lies in between. */
static void show_nibble(struct opp_1284 *device, uint32_t nibble)
{
	set_lines(device, NIBBLE_LINES, (nibble & 0x7) << 3 | (nibble & 0x8) << 4);
}

static void show_low_nibble(struct opp_1284 *device)
{
	show_nibble(device, opp_1284_next_item(device).byte & 0x0fu);
}

static void show_high_nibble(struct opp_1284 *device)
{
	show_nibble(device, opp_1284_next_item(device).byte >> 4);
}

static void offer_byte(struct opp_1284 *device)
{
	opp_1284_drive_data(device, opp_1284_next_item(device).byte);
}

void opp_1284_show_available(struct opp_1284 *device)
{
	const uint32_t busy = opp_1284_is_busy(device) ? OPP_LINE_BUSY : 0;
	const uint32_t flag = device->request ? OPP_LINE_SELECT : 0;
	const uint32_t nothing = opp_1284_has_more(device) ? 0 : OPP_LINE_NFAULT | OPP_LINE_PERROR;

	set_lines(device, NIBBLE_LINES, busy | flag | nothing);
}

/* As event 5 or 13 said, and the host believes: what has come since is news of HBDNA. */
void opp_1284_enter_host_busy(struct opp_1284 *device)
{
	device->state = device->lines & OPP_LINE_NFAULT ? OPP_1284_HBDNA : OPP_1284_HBDA;
}

static const struct opp_1284_step low_nibble[] = {
	{ .event = 8, .perform = show_low_nibble },
	{ 9, OPP_LINE_NACK, 0, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step high_nibble[] = {
	{ .event = 8, .perform = show_high_nibble },
	{ 9, OPP_LINE_NACK, 0, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step whole_byte[] = {
	{ .event = 15, .perform = offer_byte },
	{ 9, OPP_LINE_NACK, 0, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step half_done[] = {
	{ 11, OPP_LINE_NACK, OPP_LINE_NACK, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step byte_done[] = {
	{ .event = 13, .perform = opp_1284_show_available },
	{ 11, OPP_LINE_NACK, OPP_LINE_NACK, opp_1284_enter_host_busy },
	{ .event = NO_STEP },
};

static const struct opp_1284_step interrupt[] = {
	{ 18, OPP_LINE_NFAULT | OPP_LINE_NACK, 0, NULL },
	{ 19, OPP_LINE_NACK, OPP_LINE_NACK, NULL },
	{ .event = NO_STEP },
};

static void enter_hbda(struct opp_1284 *device)
{
	device->state = OPP_1284_HBDA;
}

static const struct opp_1284_step available[] = {
	{ 21, OPP_LINE_PERROR, 0, enter_hbda },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_hbda_rows[] = {
	{ LEVEL, 16, false, holds_byte, opp_1284_release_data, NULL, OPP_1284_HBDA },
	{ LEVEL, 7, false, wants_byte, NULL, whole_byte, OPP_1284_BYTE_OFFERED },
	{ LEVEL, 7, false, auto_fd_is_low, NULL, low_nibble, OPP_1284_LOW_NIBBLE },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_hbdna_rows[] = {
	{ LEVEL, 16, false, holds_byte, opp_1284_release_data, NULL, OPP_1284_HBDNA },
	{ LEVEL, NO_EVENT, false, may_show_more, opp_1284_show_available, NULL, OPP_1284_HBDA },
	{ LEVEL, 7, false, auto_fd_is_low, opp_1284_release_data, NULL, OPP_1284_REVERSE_IDLE },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_reverse_idle_rows[] = {
	{ LEVEL, NO_EVENT, false, opp_1284_has_more, NULL, interrupt, OPP_1284_INTERRUPTING },
	/* Not of the standard: a host that comes back without having been called. */
	{ LEVEL, NO_EVENT, false, auto_fd_is_high, NULL, NULL, OPP_1284_HBDNA },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_interrupting_rows[] = {
	{ LEVEL, 20, false, auto_fd_is_high, NULL, available, OPP_1284_INTERRUPTING },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_low_nibble_rows[] = {
	{ LEVEL, 10, false, auto_fd_is_high, NULL, half_done, OPP_1284_BETWEEN_NIBBLES },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_between_nibbles_rows[] = {
	{ LEVEL, 12, false, auto_fd_is_low, NULL, high_nibble, OPP_1284_HIGH_NIBBLE },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_high_nibble_rows[] = {
	{ LEVEL, 10, false, auto_fd_is_high, opp_1284_item_is_gone, byte_done,
	  OPP_1284_HIGH_NIBBLE },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_byte_offered_rows[] = {
	{ LEVEL, 10, false, auto_fd_is_high, opp_1284_item_is_gone, byte_done,
	  OPP_1284_BYTE_OFFERED },
	{ .cause = NO_CAUSE },
};
