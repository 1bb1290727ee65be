/* SPDX-License-Identifier: MIT */
/*
 * The opening of a port that is reached by a file. Another service may serve that, who answers
 * when he likes, or never: so it is opened aside (aside.h), and nobody waits for it.
 *
 *	begin ---> under way ---> it has ended: the port hears, and has what was opened
 *	               | forget       |
 *	               '--------------+--> what was opened is closed, aside as well
 */
#ifndef OPENPARPORT_FUSE_OPENING_H
#define OPENPARPORT_FUSE_OPENING_H

#include "host_port.h"

struct opp_opening;
struct opp_served_port;

/* How it has ended. */
struct opp_opened {
	enum opp_status status;
	struct opp_host_port *host; /* on SUCCESS */
	struct opp_error error;     /* else */
	bool leads_back;            /* to this service: a mistake, whenever it is found */
};

/*
 * opp_opening_begin - has the port opened that @port's configuration describes.
 * @observe: of the host that is opened; gets @port.
 * @ended: hears on the loop how it has ended, and has the host.
 * Returns what port->opening is until then; NULL: no memory.
 */
struct opp_opening *opp_opening_begin(struct opp_served_port *port, opp_host_observer observe,
				      void (*ended)(struct opp_served_port *port,
						    const struct opp_opened *opened));

/* Its port wants it no more, and does not hear of it. */
void opp_opening_forget(struct opp_opening *opening);

#endif
