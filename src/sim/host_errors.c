/* SPDX-License-Identifier: MIT */
/* What hosts do wrong, in words. Nothing stops the host: a real printer could not either. */
#include <openparport/sim.h>

const char *opp_sim_host_error_text(enum opp_sim_host_error error)
{
	switch (error) {
	case OPP_SIM_STROBE_WHILE_BUSY: return "nStrobe fell while Busy was high";
	case OPP_SIM_SHORT_SETUP: return "nStrobe fell less than 500 ns after data changed";
	case OPP_SIM_SHORT_STROBE: return "nStrobe was low for less than 500 ns";
	case OPP_SIM_LONG_STROBE: return "nStrobe was low for more than 500 us";
	case OPP_SIM_SHORT_HOLD: return "data changed less than 450 ns after nStrobe rose";
	case OPP_SIM_DATA_CHANGED_IN_STROBE: return "data changed while nStrobe was low";
	case OPP_SIM_SHORT_INIT: return "nInit was low for less than 500 ns";
	}
	return "unknown";
}

void opp_sim_report(struct opp_sim *sim, enum opp_sim_host_error error)
{
	if (sim->options.host_error)
		sim->options.host_error(sim->options.context, error, sim->now_ns);
}
