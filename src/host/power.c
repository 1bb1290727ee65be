/* SPDX-License-Identifier: MIT */
/* A host port whose machine goes to sleep: what the worker moves ends first; the rest is the contract's. */
#include "host.h"

bool opp_host_suspend(struct opp_host_port *port)
{
	const bool quiet = opp_contract_suspend(&port->contract);

	opp_host_enter(port);
	opp_worker_stop_all_locked(port, OPP_DEVICE_POWERED_OFF);
	opp_host_leave(port);
	return quiet;
}

void opp_host_resume(struct opp_host_port *port)
{
	opp_contract_resume(&port->contract);
}

bool opp_host_is_awake(struct opp_host_port *port)
{
	bool awake;

	opp_lock_take(&port->lock);
	awake = opp_port_has_power_locked(&port->contract.port) ||
		port->contract.port.presence != OPP_PORT_PRESENT;
	opp_lock_give(&port->lock);
	return awake;
}
