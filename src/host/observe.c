/* SPDX-License-Identifier: MIT */
/* What happened to a port, numbered and told to the observer in the order in which it happened. */
#include "host.h"

#include <string.h>

void opp_host_observe(struct opp_host_port *port, opp_host_observer observe, void *observe_context)
{
	opp_lock_take(&port->lock);
	port->observe = observe;
	port->observe_context = observe_context;
	opp_lock_give(&port->lock);
}

static void count_locked(struct opp_host_port *port, const struct opp_host_event *event)
{
	if (event->kind == OPP_HOST_QUEUED)
		port->waits++;
	if (event->fault.status != OPP_SUCCESS)
		port->faults++;
}

void opp_observe_locked(struct opp_host_port *port, const struct opp_host_event *event,
			const struct opp_host_client *client)
{
	const struct opp_port *engine = &port->contract.port;
	struct opp_host_event full;

	count_locked(port, event);
	if (!port->observe)
		return;
	full = *event;
	full.sequence = ++port->events;
	full.time_us = opp_host_now_ns() / 1000;
	full.client = client->number;
	full.pid = client->pid;
	full.who = client->kind;
	memcpy(full.name, client->name, sizeof(full.name));
	/* Whose device is being selected has not been told that the port is its own. */
	full.waiters = opp_port_waiters_locked(engine) + (engine->granting != NULL);
	port->observe(port->observe_context, &full);
}

void opp_host_name_client(struct opp_host_port *port, struct opp_host_client *client, pid_t pid,
			  const char *name)
{
	opp_lock_take(&port->lock);
	client->pid = pid;
	memcpy(client->name, name, sizeof(client->name));
	opp_lock_give(&port->lock);
}
