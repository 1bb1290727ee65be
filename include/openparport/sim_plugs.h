/* SPDX-License-Identifier: MIT */
/*
 * Plugs and cables: nothing but wires between the lines of one port, or of two.
 * What sim.h says of contexts, times and pointers holds here.
 * Source: IEEE1284 9; PINOUTS; K-PLIP.
 */
#ifndef OPENPARPORT_SIM_PLUGS_H
#define OPENPARPORT_SIM_PLUGS_H

#include <openparport/sim.h>

enum opp_loopback_wiring {
	OPP_LOOPBACK_CHECKIT, /* the control lines and Data1 come back as the status lines */
	OPP_LOOPBACK_NORTON,  /* Data1 to Data5 come back as the status lines */
};

struct opp_loopback {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	enum opp_loopback_wiring wiring;
};

/*
 * opp_loopback_init - a plug of either wiring.
 *
 * Context: any; not while it is plugged in.
 */
void opp_loopback_init(struct opp_loopback *plug, enum opp_loopback_wiring wiring);

/*
 * The cable of LapLink, INTERLNK and PLIP between two ports: Data1 to Data5 of
 * one are the status lines of the other. An end that is not plugged in leaves
 * the other port's status lines floating. Both chips belong to one context; a
 * register write at one end may call the other chip's interrupt callback.
 */
struct opp_laplink_end {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	struct opp_laplink_end *other;
};

/* The ends point to each other: it must not be moved or copied after opp_laplink_init. */
struct opp_laplink {
	struct opp_laplink_end ends[2];
};

/*
 * opp_laplink_init - a cable with both ends out.
 *
 * Context: any; not while an end is plugged in.
 */
void opp_laplink_init(struct opp_laplink *cable);

#endif
