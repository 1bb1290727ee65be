/* SPDX-License-Identifier: MIT */
/*
 * Virtual time: one clock and one alarm a chip.
 *
 * There is no list of events. The only thing that acts by itself is the
 * peripheral, and it knows what it does next.
 */
#include <openparport/sim.h>

void opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns)
{
	while (sim->wake_ns <= now_ns && sim->wake_ns != OPP_SIM_NEVER) {
		sim->now_ns = sim->wake_ns;
		sim->wake_ns = OPP_SIM_NEVER;
		sim->peripheral->ops->timer(sim->peripheral);
	}
	if (now_ns > sim->now_ns)
		sim->now_ns = now_ns;
}

void opp_sim_wake_at(struct opp_sim *sim, uint64_t at_ns)
{
	sim->wake_ns = at_ns > sim->now_ns ? at_ns : sim->now_ns + 1;
}

uint64_t opp_sim_next_edge_ns(const struct opp_sim *sim)
{
	return sim->wake_ns;
}
