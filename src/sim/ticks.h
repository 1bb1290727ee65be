/* SPDX-License-Identifier: MIT */
/* Instants at a rate, exact over any time and without a division of 64 bits. */
#ifndef OPP_SIM_TICKS_H
#define OPP_SIM_TICKS_H

#include <openparport/sim_dac.h>

#define SIM_SECOND_NS 1000000000u

/* To the next instant. */
static inline void sim_ticks_move_on(struct opp_ticks *ticks)
{
	ticks->next_ns += SIM_SECOND_NS / ticks->per_second;
	ticks->fraction += SIM_SECOND_NS % ticks->per_second;
	if (ticks->fraction >= ticks->per_second) {
		ticks->fraction -= ticks->per_second;
		ticks->next_ns++;
	}
}

#endif
