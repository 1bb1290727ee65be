/* SPDX-License-Identifier: MIT */
/* Virtual time: one clock a chip, and the alarms that wait for it, sorted by time. */
#include <stddef.h>

#include <openparport/sim.h>

static void unset(struct opp_sim *sim, struct opp_sim_alarm *alarm)
{
	struct opp_sim_alarm **link = &sim->alarms;

	while (*link != alarm)
		link = &(*link)->next;
	*link = alarm->next;
	alarm->set = false;
}

void opp_sim_set_alarm(struct opp_sim *sim, struct opp_sim_alarm *alarm, uint64_t at_ns)
{
	struct opp_sim_alarm **link = &sim->alarms;

	if (at_ns <= sim->now_ns)
		at_ns = sim->now_ns + 1;
	if (alarm->set && alarm->at_ns == at_ns)
		return;
	if (alarm->set)
		unset(sim, alarm);
	if (at_ns > OPP_SIM_LAST_NS)
		return;
	while (*link && (*link)->at_ns <= at_ns)
		link = &(*link)->next;
	alarm->at_ns = at_ns;
	alarm->next = *link;
	alarm->set = true;
	*link = alarm;
}

void opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns)
{
	if (now_ns > OPP_SIM_LAST_NS)
		return;
	while (sim->alarms && sim->alarms->at_ns <= now_ns) {
		struct opp_sim_alarm *alarm = sim->alarms;

		sim->now_ns = alarm->at_ns;
		sim->alarms = alarm->next;
		alarm->set = false;
		alarm->ring(alarm);
	}
	if (now_ns > sim->now_ns)
		sim->now_ns = now_ns;
}

uint64_t opp_sim_next_edge_ns(const struct opp_sim *sim)
{
	return sim->alarms ? sim->alarms->at_ns : OPP_SIM_NEVER;
}
