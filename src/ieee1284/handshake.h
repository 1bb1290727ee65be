/* SPDX-License-Identifier: MIT */
/*
 * Handshakes as tables: one line an event, in the order and with the numbers
 * of IEEE 1284.
 *
 *	static const struct opp_move answer[] = {
 *		OPP_DRIVE(3, OPP_LINE_NSTROBE, 0),
 *		OPP_HOLD(OPP_PULSE_NS),
 *		OPP_DRIVE(4, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE),
 *		OPP_OWED(6, OPP_LINE_NACK, OPP_LINE_NACK),
 *		OPP_END,
 *	};
 *
 * A stage runs one with opp_shake(). It yields in OPP_AWAIT, OPP_OWED and
 * OPP_EXPECT and OPP_FAVOUR only, so what stands between two of them is never torn apart.
 */
#ifndef OPP_IEEE1284_HANDSHAKE_H
#define OPP_IEEE1284_HANDSHAKE_H

#include "machine.h"

enum opp_act {
	OPP_ACT_END,
	OPP_ACT_DRIVE,
	OPP_ACT_AWAIT,
	OPP_ACT_OWED,
	OPP_ACT_EXPECT,
	OPP_ACT_FAVOUR,
	OPP_ACT_HOLD,
	OPP_ACT_DATA,
	OPP_ACT_REVERSE,
	OPP_ACT_FORWARD,
};

struct opp_move {
	uint8_t act;
	uint8_t event; /* or OPP_NO_EVENT */
	uint8_t mask;
	uint8_t levels;
	uint32_t ns;
};

/* The control lines in mask go to levels, in one write. */
#define OPP_DRIVE(event, mask, levels)                                                             \
	{                                                                                          \
		OPP_ACT_DRIVE, event, mask, levels, 0                                              \
	}

/* The status lines in mask are to be at levels; when they are not, the handshake ends. */
#define OPP_AWAIT(event, mask, levels)                                                             \
	{                                                                                          \
		OPP_ACT_AWAIT, event, mask, levels, 0                                              \
	}

/*
 * The same, but does not heed opp_transfer_end(): the peripheral has been asked,
 * and only its answer tells which way out it will understand.
 */
#define OPP_OWED(event, mask, levels)                                                              \
	{                                                                                          \
		OPP_ACT_OWED, event, mask, levels, 0                                               \
	}

/* The same, and goes on without it. */
#define OPP_EXPECT(event, mask, levels)                                                            \
	{                                                                                          \
		OPP_ACT_EXPECT, event, mask, levels, 0                                             \
	}

/* The same, and its absence is no fault. */
#define OPP_FAVOUR(event, mask, levels)                                                            \
	{                                                                                          \
		OPP_ACT_FAVOUR, event, mask, levels, 0                                             \
	}

/* The lines stay as they are. */
#define OPP_HOLD(ns)                                                                               \
	{                                                                                          \
		OPP_ACT_HOLD, OPP_NO_EVENT, 0, 0, ns                                               \
	}

/* transfer->byte goes onto the data lines. */
#define OPP_DATA(event)                                                                            \
	{                                                                                          \
		OPP_ACT_DATA, event, 0, 0, 0                                                       \
	}

/* The host lets go of the data lines; drives them. */
#define OPP_REVERSE                                                                                \
	{                                                                                          \
		OPP_ACT_REVERSE, OPP_NO_EVENT, 0, 0, 0                                             \
	}
#define OPP_FORWARD                                                                                \
	{                                                                                          \
		OPP_ACT_FORWARD, OPP_NO_EVENT, 0, 0, 0                                             \
	}

#define OPP_END                                                                                    \
	{                                                                                          \
		OPP_ACT_END, OPP_NO_EVENT, 0, 0, 0                                                 \
	}

/*
 * opp_shake - makes the moves of @table, then enters this stage with @at.
 * transfer->result is then OPP_SUCCESS, with transfer->seen of the last
 * OPP_AWAIT, or what opp_await says of the one that ended the handshake: the
 * lines are as the moves before it left them.
 */
enum opp_flow opp_shake(struct opp_run *run, uint8_t at, const struct opp_move *table);

#endif
