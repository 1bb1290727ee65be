/* SPDX-License-Identifier: MIT */
#ifndef OPP_LOCAL_PORT_H
#define OPP_LOCAL_PORT_H

#include <pthread.h>

#include "handle.h"
#include "host_port.h"

struct opp_local_watch;

/* A port of this process, and the handles that share it. */
struct opp_local_port {
	enum opp_local_kind kind;
	struct opp_host_port *host;
	struct opp_host_config config;
	char *name; /* of "name=", or NULL; of a real one its registers */
	char *keys; /* the text that made it */
	pthread_mutex_t watch_lock;
	struct opp_local_watch *watches; /* watch lock */
	/* registry lock */
	unsigned int handles;
	struct opp_local_port *next; /* of the ports with a name */
};

/*
 * opp_local_port_enter - one more handle on the port that @keys describe, which
 * is made when no port of that kind has that name.
 * @keys: KEY=VALUE,... or, of a real port, its registers as opp_direct_name writes them.
 */
enum opp_status opp_local_port_enter(enum opp_local_kind kind, const char *keys,
				     struct opp_local_port **port, struct opp_error *error);

/* One handle less; the last one to leave ends the port. */
void opp_local_port_leave(struct opp_local_port *port);

/* ---- local_events.c --------------------------------------------------------------- */

/* Nothing happens any more: who reads comes to the end. */
void opp_local_events_release(struct opp_local_port *port);

#endif
