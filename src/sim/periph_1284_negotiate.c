/* SPDX-License-Identifier: MIT */
/*
 * The IEEE 1284 device between compatibility and the modes.
 *
 *	COMPAT --1--> N_2 --3--> N_3 --4..6--> first state of the mode, or REFUSED
 *	  ^            |          |             | 0x80
 *	  |            '- gives up '-           v
 *	  |                                    N_EXT --51--> N_EXT2 --53..55--> as after 6
 *	  '--28-- T_27 <--25..27-- T_24 <--22..24-- any of them at rest
 *
 * Every request is answered, the unknown ones with XFlag low.
 * Source: IEEE1284 4.2, 4.3, 4.5, 8.2.
 */
#include "periph_1284.h"

#define US   UINT64_C(1000)
#define LINK 0x80u

/* ---- which requests ------------------------------------------------------------------ */

struct request {
	uint8_t value;
	bool needs_id;
	uint16_t mode;
};

static const struct request requests[] = {
	{ 0x01, false, OPP_1284_BYTE },    { 0x04, true, OPP_1284_ID_NIBBLE },
	{ 0x05, true, OPP_1284_ID_BYTE },  { 0x10, false, OPP_1284_ECP },
	{ 0x14, true, OPP_1284_ID_ECP },   { 0x18, false, OPP_1284_BOUNDED_ECP },
	{ 0x30, false, OPP_1284_ECP_RLE }, { 0x34, true, OPP_1284_ID_ECP_RLE },
	{ 0x40, false, OPP_1284_EPP },     { LINK, false, OPP_1284_LINK },
};

static bool accepts(const struct opp_1284 *device, uint8_t value)
{
	if (device->linked && (value == 0 || value == LINK))
		return false;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].value == value)
			return (device->options.modes & requests[i].mode) &&
			       (device->id_bytes || !requests[i].needs_id);
	return value == 0;
}

static bool is_ecp(const struct opp_1284 *device)
{
	return device->request & 0x10;
}

static bool is_epp(const struct opp_1284 *device)
{
	return device->request & 0x40;
}

static void judge(struct opp_1284 *device)
{
	device->request = device->peripheral.connector->wires.data;
	device->accepted = accepts(device, device->request);
	device->id_at = 0;
	opp_1284_start_ecp(device);
}

/* ---- events 1 to 6, 51 to 55 ----------------------------------------------------------- */

static bool is_event_1(const struct opp_1284 *device)
{
	return auto_fd_is_low(device) && strobe_is_high(device) && is_high(device, OPP_LINE_NINIT);
}

static bool is_late_event_1(const struct opp_1284 *device)
{
	return is_event_1(device) && now_ns(device) < device->event_1_until_ns;
}

static void start(struct opp_1284 *device)
{
	opp_centronics_drop_ack(&device->printer);
	device->lines = opp_1284_compat_lines(device);
	device->linked = false;
}

static void start_split(struct opp_1284 *device)
{
	report(device, OPP_SIM_SPLIT_EVENT);
	start(device);
}

static void start_waiting_for_auto_fd(struct opp_1284 *device)
{
	device->event_1_until_ns = now_ns(device) + device->options.event_1_us * US;
}

/* EPP at rest has all four high. */
static bool starts_chosen_epp(const struct opp_1284 *device)
{
	return device->epp_chosen && (device->options.modes & OPP_1284_EPP) &&
	       is_high(device, OPP_LINE_NINIT) && is_high(device, OPP_LINE_NSELECTIN) &&
	       strobe_is_high(device) && auto_fd_is_high(device);
}

static void start_chosen_epp(struct opp_1284 *device)
{
	start(device);
	set_lines(device, OPP_LINE_BUSY, 0);
}

static void judge_link(struct opp_1284 *device)
{
	device->linked = true;
	judge(device);
}

static void report_early_strobe(struct opp_1284 *device)
{
	report(device, OPP_SIM_STROBE_BEFORE_EVENT_2);
}

static void report_split(struct opp_1284 *device)
{
	report(device, OPP_SIM_SPLIT_EVENT);
}

static bool is_event_4(const struct opp_1284 *device)
{
	return strobe_is_high(device) && auto_fd_is_high(device);
}

/* 0x00 is accepted with XFlag low. */
static void answer_request(struct opp_1284 *device)
{
	const uint32_t busy = opp_1284_is_busy(device) ? OPP_LINE_BUSY : 0;
	const uint32_t flag = device->accepted && device->request ? OPP_LINE_SELECT : 0;

	set_lines(device, OPP_LINE_BUSY | OPP_LINE_SELECT, busy | flag);
	if (!device->accepted || device->request == LINK)
		return;
	if (is_epp(device))
		set_lines(device, OPP_LINE_BUSY, 0);
	else if (is_ecp(device))
		set_lines(device, OPP_LINE_PERROR, 0);
	else
		opp_1284_show_available(device);
}

static void enter_mode(struct opp_1284 *device)
{
	if (!device->accepted)
		device->state = OPP_1284_REFUSED;
	else if (device->request == LINK)
		device->state = OPP_1284_N_EXT;
	else if (is_epp(device))
		device->state = OPP_1284_EPP_IDLE;
	else if (is_ecp(device))
		device->state = OPP_1284_ECP_SETUP;
	else
		opp_1284_enter_host_busy(device);
}

#define EVENT_2_MASK (OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT | OPP_LINE_NACK)

static const struct opp_1284_step takes_part[] = {
	{ 2, EVENT_2_MASK, EVENT_2_MASK & ~OPP_LINE_NACK, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step answers[] = {
	{ .event = 5, .perform = answer_request },
	{ 6, OPP_LINE_NACK, OPP_LINE_NACK, enter_mode },
	{ .event = NO_STEP },
};

static const struct opp_1284_step takes_link[] = {
	{ 52, OPP_LINE_NACK, 0, NULL },
	{ .event = NO_STEP },
};

static const struct opp_1284_step answers_link[] = {
	{ .event = 54, .perform = answer_request },
	{ 55, OPP_LINE_NACK, OPP_LINE_NACK, enter_mode },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_compat_rows[] = {
	{ X_RISES, 1, false, is_event_1, start, takes_part, OPP_1284_N_2 },
	{ X_RISES, NO_EVENT, false, NULL, start_waiting_for_auto_fd, NULL, OPP_1284_DESELECTED },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_deselected_rows[] = {
	{ X_FALLS, NO_EVENT, false, NULL, NULL, NULL, OPP_1284_COMPAT },
	{ A_FALLS, 1, false, is_late_event_1, start_split, takes_part, OPP_1284_N_2 },
	{ LEVEL, NO_EVENT, false, starts_chosen_epp, start_chosen_epp, NULL, OPP_1284_EPP_IDLE },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_gone_rows[] = {
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_n_2_rows[] = {
	{ S_FALLS, NO_EVENT, true, is_answering, report_early_strobe, NULL, OPP_1284_N_2 },
	{ S_FALLS, 3, false, NULL, judge, NULL, OPP_1284_N_3 },
	{ LEVEL, NO_EVENT, false, auto_fd_is_high, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_n_3_rows[] = {
	{ S_RISES, NO_EVENT, false, auto_fd_is_low, report_split, NULL, OPP_1284_N_3 },
	{ A_RISES, NO_EVENT, false, strobe_is_low, report_split, NULL, OPP_1284_N_3 },
	{ LEVEL, 4, false, is_event_4, NULL, answers, OPP_1284_N_3 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_n_ext_rows[] = {
	{ LEVEL, 51, false, strobe_is_low, judge_link, takes_link, OPP_1284_N_EXT2 },
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_n_ext2_rows[] = {
	{ LEVEL, 53, false, strobe_is_high, NULL, answers_link, OPP_1284_N_EXT2 },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_refused_rows[] = {
	{ X_FALLS, 22, false, auto_fd_is_high, NULL, opp_1284_termination, OPP_1284_T_24 },
	{ .cause = NO_CAUSE },
};

/* ---- events 22 to 28 ----------------------------------------------------------------------- */

static void invert_flag(struct opp_1284 *device)
{
	device->lines ^= OPP_LINE_SELECT;
}

static void show_compat_meaning(struct opp_1284 *device)
{
	set_lines(device, OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_PERROR,
		  opp_1284_compat_lines(device));
}

const struct opp_1284_step opp_1284_termination[] = {
	{ 23, OPP_LINE_BUSY | OPP_LINE_NFAULT, OPP_LINE_BUSY | OPP_LINE_NFAULT,
	  opp_1284_release_data },
	{ 24, OPP_LINE_NACK, 0, invert_flag },
	{ .event = NO_STEP },
};

static const struct opp_1284_step ends[] = {
	{ .event = 26, .perform = show_compat_meaning },
	{ 27, OPP_LINE_NACK, OPP_LINE_NACK, NULL },
	{ .event = NO_STEP },
};

const struct opp_1284_row opp_1284_t_24_rows[] = {
	{ LEVEL, 25, false, auto_fd_is_low, NULL, ends, OPP_1284_T_27 },
	{ X_RISES, 1, false, is_event_1, start, takes_part, OPP_1284_N_2 },
	{ X_RISES, NO_EVENT, false, NULL, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};

const struct opp_1284_row opp_1284_t_27_rows[] = {
	{ LEVEL, 28, false, auto_fd_is_high, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ X_RISES, 1, false, is_event_1, start, takes_part, OPP_1284_N_2 },
	{ X_RISES, NO_EVENT, false, NULL, opp_1284_drop_to_compat, NULL, OPP_1284_COMPAT },
	{ .cause = NO_CAUSE },
};
