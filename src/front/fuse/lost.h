/* SPDX-License-Identifier: MIT */
/*
 * A port whose hardware has gone. Nobody tells us of that, so it is looked for every second
 * while a port of this machine is served.
 *
 *	SERVED --- gone: requests and files end as when it is withdrawn ---> listed, but gone
 *	   ^                                                                       |
 *	   '---- it is there again (looked for every few seconds, or told), reload-'
 *
 * Its files stay, so that there is something to ask: they say REMOVED, and nothing else.
 */
#ifndef OPENPARPORT_FUSE_LOST_H
#define OPENPARPORT_FUSE_LOST_H

#include <stdbool.h>

struct opp_served_port;
struct opp_service;

/* Is the hardware there? If not, the port is gone from now on. */
void opp_lost_heed(struct opp_served_port *port);

/* The same for all ports; and from now on, while the service has some that need it. */
void opp_lost_watch(struct opp_service *service);
void opp_lost_unwatch(struct opp_service *service);

#endif
