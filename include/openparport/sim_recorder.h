/* SPDX-License-Identifier: MIT */
/*
 * A latch on the data lines with a clock beside it: trigger boxes of
 * laboratories, relays, and whoever wants to know what a program does to a port.
 *
 * It writes down every change of the data and control lines with its time, and
 * shows on the status lines what it is told to.
 *
 * What sim.h says of contexts, times and pointers holds here.
 * Source: IEEE1284 9.
 */
#ifndef OPENPARPORT_SIM_RECORDER_H
#define OPENPARPORT_SIM_RECORDER_H

#include <openparport/sim.h>

/* The levels after a change. A register write that changes no line makes none. */
struct opp_recorder_entry {
	uint64_t at_ns;
	uint8_t data;
	uint8_t control; /* OPP_CONTROL_LINES */
};

struct opp_recorder {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	uint64_t lost;                        /* public, to read: entries dropped, see below */
	struct opp_recorder_entry *ring;
	uint32_t entries;
	uint32_t oldest;
	uint32_t fill;
	uint8_t inputs;
};

/*
 * opp_recorder_init - an empty recorder whose inputs are not connected.
 * @ring: room for @entries, the caller's, as long as it is plugged in; when it
 *	is full the oldest makes room for the newest.
 *
 * Context: any; not while it is plugged in.
 * Returns: false when there is no room for one entry; then nothing was done.
 */
bool opp_recorder_init(struct opp_recorder *recorder, struct opp_recorder_entry *ring,
		       uint32_t entries);

/* opp_recorder_take - the oldest entry, which is removed; false: there is none. */
bool opp_recorder_take(struct opp_recorder *recorder, struct opp_recorder_entry *entry);

/* opp_recorder_set_inputs - the levels of the status lines from now on, OPP_STATUS_LINES. */
void opp_recorder_set_inputs(struct opp_recorder *recorder, uint8_t levels);

#endif
