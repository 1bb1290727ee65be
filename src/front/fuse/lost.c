/* SPDX-License-Identifier: MIT */
#include "lost.h"

#include <event2/event.h>

#include "call.h"
#include "service.h"

#define LOOK_S      1
#define TRY_AFTER_S 5
#define LATE_S      3

void opp_lost_heed(struct opp_served_port *port)
{
	if (port->phase == OPP_SERVED && opp_host_is_lost(port->host))
		opp_port_lose(port);
}

/* Opening it is the only way to know. */
static void try_again(struct opp_served_port *port)
{
	if (port->phase != OPP_SERVED_NONE)
		return;
	port->missed_s += LOOK_S;
	if (port->opening && port->missed_s >= LATE_S)
		opp_port_is_late(port);
	else if (port->listed && port->missed_s % TRY_AFTER_S == 0)
		(void)opp_port_return(port);
}

static void look(evutil_socket_t unused, short what, void *context)
{
	struct opp_service *service = context;
	struct opp_served_port *port;

	(void)unused;
	(void)what;
	OPP_PORTS_FOREACH(port, service) {
		if (!opp_host_config_is_real(&port->config.host))
			continue;
		opp_lost_heed(port);
		try_again(port);
	}
	opp_calls_settle(service);
}

/* Or will be, once what was there before has gone. */
static bool is_real(const struct opp_served_port *port)
{
	if (port->has_next)
		return opp_host_config_is_real(&port->next.host);
	return (port->listed || port->opening) && opp_host_config_is_real(&port->config.host);
}

static bool has_real_ports(const struct opp_service *service)
{
	const struct opp_served_port *port;
	bool has = false;

	OPP_PORTS_FOREACH(port, service)
		has |= is_real(port);
	return has;
}

void opp_lost_watch(struct opp_service *service)
{
	const struct timeval every = { .tv_sec = LOOK_S };
	struct opp_served_port *port;

	OPP_PORTS_FOREACH(port, service)
		opp_lost_heed(port);
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
