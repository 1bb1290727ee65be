/* SPDX-License-Identifier: MIT */
/* What nibble and byte mode share: everything between two bytes. */
#ifndef OPP_IEEE1284_REVERSE_H
#define OPP_IEEE1284_REVERSE_H

#include "machine.h"

/* mode_row.read of both. */
extern const struct opp_stage opp_reverse_read;

/* Where the stages below begin; *opp_at() may be set to the second after opp_call(). */
enum {
	OPP_BYTE_BOUNDARY,
	OPP_BYTE_ASKED_FOR, /* event 7 has happened */
};

/*
 * The bytes of each mode: fetch while opp_reverse_has_more(), call
 * opp_reverse_place() at event 11 of each; return OPP_SUCCESS, or what
 * opp_reverse_broke_off() returns.
 */
extern const struct opp_stage opp_nibble_bytes;
extern const struct opp_stage opp_byte_bytes;

/* A byte waits (nFault was low with nAck high), has room and shall be fetched. */
bool opp_reverse_has_more(const struct opp_run *run);

/* Event 6 or 11 was just seen, after event 5 or 13: nFault tells whether a byte waits. */
void opp_reverse_place(struct opp_run *run);

/* An answer within a byte did not come: OPP_FLOW_WAIT, or it never will. */
enum opp_flow opp_reverse_broke_off(struct opp_run *run, enum opp_answer answer);

#endif
