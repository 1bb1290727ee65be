/* SPDX-License-Identifier: MIT */
/*
 * Between the files of the IEEE 1284 device. A state is a list of rows: what the
 * host may do there, what that makes of the device, and its answer. The rows of
 * a mode lie beside the functions they name; periph_1284_table.c joins them.
 */
#ifndef OPP_SIM_PERIPH_1284_H
#define OPP_SIM_PERIPH_1284_H

#include <stddef.h>

#include <openparport/sim_1284.h>

#define NO_EVENT 0u /* the host's own: no answer, no rudeness */
#define NO_STEP  0xffu

/* One event of an answer: the lines of mask take levels, then perform. The last has NO_STEP. */
struct opp_1284_step {
	uint8_t event;
	uint8_t mask;
	uint8_t levels;
	void (*perform)(struct opp_1284 *device);
};

/* The letters of IEEE1284 8.2: nInit, nSelectIn (X), nStrobe, nAutoFd. */
enum opp_1284_cause {
	NO_CAUSE, /* ends the rows of a state */
	LEVEL,    /* whenever `when` is so and no answer is under way: an edge may be missed */
	I_FALLS,
	I_RISES,
	X_FALLS,
	X_RISES,
	S_FALLS,
	S_RISES,
	A_FALLS,
	A_RISES,
};

/*
 * The first row fits whose cause is there and whose `when` agrees (NULL: always).
 * nInit and nSelectIn are looked at even in the middle of an answer, nStrobe and
 * nAutoFd only by an early row. An answer under way ends when the state changes.
 */
struct opp_1284_row {
	enum opp_1284_cause cause;
	uint8_t event; /* of the host */
	bool early;
	bool (*when)(const struct opp_1284 *device);
	void (*act)(struct opp_1284 *device);
	const struct opp_1284_step *answer;
	enum opp_1284_state next;
};

enum opp_1284_patience {
	FOR_EVER,
	IF_STRICT, /* 1 s when strict */
	ONE_SECOND,
};

struct opp_1284_state_rows {
	const struct opp_1284_row *rows;
	enum opp_1284_patience patience;
	bool handshakes; /* nSelectIn low, nInit low end it unless a row says otherwise */
};

extern const struct opp_1284_state_rows opp_1284_states[OPP_1284_STATES];

extern const struct opp_1284_row opp_1284_compat_rows[];
extern const struct opp_1284_row opp_1284_deselected_rows[];
extern const struct opp_1284_row opp_1284_gone_rows[];
extern const struct opp_1284_row opp_1284_n_2_rows[];
extern const struct opp_1284_row opp_1284_n_3_rows[];
extern const struct opp_1284_row opp_1284_n_ext_rows[];
extern const struct opp_1284_row opp_1284_n_ext2_rows[];
extern const struct opp_1284_row opp_1284_refused_rows[];
extern const struct opp_1284_row opp_1284_t_24_rows[];
extern const struct opp_1284_row opp_1284_t_27_rows[];

extern const struct opp_1284_row opp_1284_hbda_rows[];
extern const struct opp_1284_row opp_1284_hbdna_rows[];
extern const struct opp_1284_row opp_1284_reverse_idle_rows[];
extern const struct opp_1284_row opp_1284_interrupting_rows[];
extern const struct opp_1284_row opp_1284_low_nibble_rows[];
extern const struct opp_1284_row opp_1284_between_nibbles_rows[];
extern const struct opp_1284_row opp_1284_high_nibble_rows[];
extern const struct opp_1284_row opp_1284_byte_offered_rows[];

extern const struct opp_1284_row opp_1284_ecp_setup_rows[];
extern const struct opp_1284_row opp_1284_ecp_busy_rows[];
extern const struct opp_1284_row opp_1284_ecp_forward_rows[];
extern const struct opp_1284_row opp_1284_ecp_clocked_rows[];
extern const struct opp_1284_row opp_1284_ecp_reverse_rows[];
extern const struct opp_1284_row opp_1284_ecp_offered_rows[];
extern const struct opp_1284_row opp_1284_ecp_returning_rows[];
extern const struct opp_1284_row opp_1284_ecp_recovery_rows[];

extern const struct opp_1284_row opp_1284_epp_idle_rows[];
extern const struct opp_1284_row opp_1284_epp_cycle_rows[];

/* Event 22: what the host does to end a mode, and the answer. */
extern const struct opp_1284_step opp_1284_termination[];

/* ---- what rows look at ------------------------------------------------------------- */

static inline bool is_high(const struct opp_1284 *device, uint32_t control_line)
{
	return device->peripheral.connector->wires.control & control_line;
}

static inline bool auto_fd_is_high(const struct opp_1284 *device)
{
	return is_high(device, OPP_LINE_NAUTOFD);
}

static inline bool auto_fd_is_low(const struct opp_1284 *device)
{
	return !is_high(device, OPP_LINE_NAUTOFD);
}

static inline bool strobe_is_high(const struct opp_1284 *device)
{
	return is_high(device, OPP_LINE_NSTROBE);
}

static inline bool strobe_is_low(const struct opp_1284 *device)
{
	return !is_high(device, OPP_LINE_NSTROBE);
}

static inline bool is_answering(const struct opp_1284 *device)
{
	return device->answer;
}

/* ---- what rows do -------------------------------------------------------------------- */

static inline uint64_t now_ns(const struct opp_1284 *device)
{
	return device->peripheral.connector->sim->now_ns;
}

static inline void report(const struct opp_1284 *device, enum opp_sim_host_error error)
{
	opp_sim_report(device->peripheral.connector->sim, error);
}

static inline void set_lines(struct opp_1284 *device, uint32_t mask, uint32_t levels)
{
	device->lines = (uint8_t)((device->lines & ~mask) | (levels & mask));
}

/* In compatibility mode, now: the printer's, or of a ready nothing. */
uint8_t opp_1284_compat_lines(const struct opp_1284 *device);

/* It cannot take compatibility data. */
bool opp_1284_is_busy(const struct opp_1284 *device);

/* Out of every mode, at once. */
void opp_1284_drop_to_compat(struct opp_1284 *device);

/* Lets go of everything; @lines stay. */
void opp_1284_go(struct opp_1284 *device, uint8_t lines);

void opp_1284_drive_data(struct opp_1284 *device, uint8_t levels);
void opp_1284_release_data(struct opp_1284 *device);

/* Turns the lines of @mask upside down for @ns. */
void opp_1284_pulse(struct opp_1284 *device, uint8_t mask, uint64_t ns);

/* The device id as sent, its length included. */
uint32_t opp_1284_id_bytes(const struct opp_1284_options *options);

/* Asks the owner for an item, if there is room for one. */
void opp_1284_fetch(struct opp_1284 *device);

/* Whether a reverse byte waits; which; the host has it. */
bool opp_1284_has_more(const struct opp_1284 *device);
struct opp_1284_item opp_1284_next_item(const struct opp_1284 *device);
void opp_1284_item_is_gone(struct opp_1284 *device);

/* Nibble and byte mode: events 5 and 13, 6 and 11. */
void opp_1284_show_available(struct opp_1284 *device);
void opp_1284_enter_host_busy(struct opp_1284 *device);

/* ECP: what is forgotten at negotiation. */
void opp_1284_start_ecp(struct opp_1284 *device);

/* What it does rudely at an event, and how much later than the usual; OPP_SIM_NEVER: not at all. */
void opp_1284_do_rudely(struct opp_1284 *device, uint8_t event);
uint64_t opp_1284_rude_delay_ns(struct opp_1284 *device, uint8_t event);

#endif
