/* SPDX-License-Identifier: MIT */
/*
 * An IEEE 1284.3 adapter: the box in a daisy chain. Plug its peripheral into a
 * chip, or into the through connector of the adapter in front.
 *
 *	host --- adapter ---- through --> the next adapter, or the device at the end
 *	            '-------- device  --> the adapter's own device
 *
 * Its own device is connected while the adapter is selected; then what hangs on
 * through sees packets and nothing else. While it is not selected it is a piece
 * of wire. There are four addresses, so a chain is of four adapters at most: a
 * host asks no further. What sim.h says of contexts, times and pointers holds
 * here; an adapter must not be moved or copied while it is plugged in.
 *
 * Source: IEEE1284 7, 8.4.
 */
#ifndef OPENPARPORT_SIM_DAISY_H
#define OPENPARPORT_SIM_DAISY_H

#include <openparport/sim_1284.h>

#define OPP_DAISY_NO_ADDRESS 0xffu

/* How the host selected it; the mode its own device is then in. */
enum opp_daisy_mode {
	OPP_DAISY_UNSELECTED,
	OPP_DAISY_COMPATIBILITY, /* any other mode is negotiated */
	OPP_DAISY_EPP,           /* without negotiation: see opp_daisy_plug_1284 */
	OPP_DAISY_ECP,           /* as COMPATIBILITY: hosts negotiate it all the same */
};

enum opp_daisy_flaw {
	OPP_DAISY_SOUND,
	OPP_DAISY_REFUSES, /* has an address, but selects and acknowledges nothing more */
	OPP_DAISY_GONE,    /* a piece of wire for ever: nobody answers in its place */
};

struct opp_daisy {
	struct opp_sim_peripheral peripheral; /* public: its plug */
	struct opp_sim_connector device;      /* public: plug in here ... */
	struct opp_sim_connector through;     /* ... and here */
	uint8_t address;                      /* public, to read: 0 .. 3, OPP_DAISY_NO_ADDRESS */
	enum opp_daisy_mode mode;             /* public, to read */
	struct opp_1284 *ieee1284;            /* plugged into device; NULL: something else */

	enum opp_daisy_flaw flaw;
	uint8_t heard;        /* bytes of the packet */
	bool data_passes;     /* what hangs on through sees the data lines */
	bool follower;        /* another adapter on through answered the packet's tests */
	bool selected_behind; /* one further down is selected */
	bool commanded;       /* a byte followed the packet */
	bool assigned;  /* took an address since the packet began: the turn is the next one's */
	bool taking;    /* the strobe that is low is an assignment of mine */
	bool passed_on; /* the status shown is that of what hangs on through */
	bool refused;   /* the command of the last strobe was not for me */
};

/* opp_daisy_init - an adapter without address. Its device and what follows are plugged in by you. */
void opp_daisy_init(struct opp_daisy *adapter);

/*
 * opp_daisy_plug_1284 - plugs an IEEE 1284 device into adapter->device.
 * @device: is in EPP as soon as the adapter is selected for that, which
 *	opp_sim_plug would not tell it; see opp_1284_choose_epp.
 */
void opp_daisy_plug_1284(struct opp_daisy *adapter, struct opp_1284 *device);

/* opp_daisy_break - what is wrong with it from now on. May be called while it is unplugged. */
void opp_daisy_break(struct opp_daisy *adapter, enum opp_daisy_flaw flaw);

#endif
