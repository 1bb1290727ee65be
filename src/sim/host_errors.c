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
	case OPP_SIM_STROBE_BEFORE_EVENT_2: return "nStrobe fell before the answer of event 2";
	case OPP_SIM_SPLIT_EVENT: return "the lines of event 1 or 4 changed in two steps";
	case OPP_SIM_REQUEST_CHANGED: return "data changed between events 1 and 4";
	case OPP_SIM_INIT_IN_HANDSHAKE: return "nInit fell in the middle of a mode";
	case OPP_SIM_SLOW_HOST: return "the host let a handshake rest for more than 1 s";
	case OPP_SIM_BUS_FIGHT: return "host and peripheral drive the data lines";
	case OPP_SIM_CLOCK_WHILE_BUSY: return "HostClk fell while PeriphAck was high";
	case OPP_SIM_RLE_NOT_AGREED: return "a run length came without ECP with RLE";
	case OPP_SIM_TERMINATED_IN_REVERSE: return "ECP ended while the bus was reversed";
	case OPP_SIM_BOTH_EPP_STROBES: return "both strobes of EPP are low";
	case OPP_SIM_MODE_JUMP: return "the ECR went from one mode above 001 to another";
	case OPP_SIM_TURN_IN_FIFO_MODE: return "CTL.5 changed in ECR mode 010 or 011";
	case OPP_SIM_FIFO_OVERRUN: return "a full FIFO was written";
	case OPP_SIM_FIFO_UNDERRUN: return "an empty FIFO was read";
	}
	return "unknown";
}

void opp_sim_report(struct opp_sim *sim, enum opp_sim_host_error error)
{
	if (sim->options.host_error)
		sim->options.host_error(sim->options.context, error, sim->now_ns);
}
