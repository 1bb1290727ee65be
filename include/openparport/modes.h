/* SPDX-License-Identifier: MIT */
/*
 * The modes of IEEE 1284 by name and number: what may be asked for, what was
 * agreed on, and where a conversation stopped.
 */
#ifndef OPENPARPORT_MODES_H
#define OPENPARPORT_MODES_H

enum opp_mode {
	OPP_MODE_COMPAT,
	OPP_MODE_NIBBLE,
	OPP_MODE_BYTE,
	OPP_MODE_ECP,
	OPP_MODE_EPP,
};

/* Extensibility requests, as sent at event 0 (IEEE1284 4.3). */
#define OPP_REQUEST_NIBBLE         0x00u
#define OPP_REQUEST_BYTE           0x01u
#define OPP_REQUEST_DEVICE_ID      0x04u /* or-ed to nibble, byte, ECP */
#define OPP_REQUEST_CHANNEL_NIBBLE 0x08u /* named, never made: INVALID_PARAMETER */
#define OPP_REQUEST_ECP            0x10u
#define OPP_REQUEST_BECP           0x18u
#define OPP_REQUEST_ECP_RLE        0x30u
#define OPP_REQUEST_EPP            0x40u
#define OPP_REQUEST_LINK           0x80u /* or-ed to another one, which follows as a second byte */

/* Where the two are within the mode. */
enum opp_position {
	OPP_AT_COMPAT_IDLE,
	OPP_AT_HBDA,  /* nibble, byte: host busy, data available */
	OPP_AT_HBDNA, /* nibble, byte: host busy, data not available */
	OPP_AT_REVERSE_IDLE,
	OPP_AT_ECP_FORWARD,
	OPP_AT_ECP_REVERSE,
	OPP_AT_EPP_IDLE,
	OPP_AT_BROKEN_OFF, /* in the middle of a byte or a turn; only a mode change leads on */
};

/* What a transfer was doing when something went wrong. */
enum opp_phase {
	OPP_PHASE_COMPAT_READY, /* waiting until the peripheral takes the next byte */
	OPP_PHASE_NEGOTIATION,
	OPP_PHASE_TERMINATION,
	OPP_PHASE_WRITE, /* in a mode other than compatibility */
	OPP_PHASE_READ,
	OPP_PHASE_CHAIN, /* talking to the adapters of a daisy chain */
};

#define OPP_NO_EVENT 0xffu /* compatibility mode has no IEEE 1284 event numbers */

#endif
