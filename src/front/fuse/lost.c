/* SPDX-License-Identifier: MIT */
#include "lost.h"

#include <event2/event.h>

#include "call.h"
#include "service.h"

#define LOOK_S      1
#define TRY_AFTER_S 5

void opp_lost_heed(struct opp_served_port *port)
{
	if (port->phase == OPP_SERVED && opp_host_is_lost(port->host))
		opp_port_lose(port);
}

/* Opening it is the only way to know, and may take the kernel some milliseconds. */
static void try_again(struct opp_served_port *port)
{
	if (port->phase != OPP_SERVED_NONE || !port->listed)
		return;
	port->missed_s += LOOK_S;
	if (port->missed_s % TRY_AFTER_S == 0)
		(void)opp_port_return(port);
}

static void look(evutil_socket_t unused, short what, void *context)
{
	struct opp_service *service = context;

	(void)unused;
	(void)what;
	for (size_t i = 0; i < service->port_end; i++) {
		struct opp_served_port *port = service->ports[i];

		if (!port || !opp_host_config_is_real(&port->config.host))
			continue;
		opp_lost_heed(port);
		try_again(port);
	}
	opp_calls_settle(service);
}

static bool has_real_ports(const struct opp_service *service)
{
	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i] && service->ports[i]->listed &&
		    opp_host_config_is_real(&service->ports[i]->config.host))
			return true;
	return false;
}

void opp_lost_watch(struct opp_service *service)
{
	const struct timeval every = { .tv_sec = LOOK_S };

	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i])
			opp_lost_heed(service->ports[i]);
	opp_lost_unwatch(service);
	if (!has_real_ports(service))
		return;
	service->lost_watch = event_new(service->loop.base, -1, EV_PERSIST, look, service);
	if (service->lost_watch)
		event_add(service->lost_watch, &every);
}

void opp_lost_unwatch(struct opp_service *service)
{
	if (service->lost_watch)
		event_free(service->lost_watch);
	service->lost_watch = NULL;
}
