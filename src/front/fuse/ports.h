/* SPDX-License-Identifier: MIT */
/*
 * The ports that are served: how one comes, changes, and goes while others are used.
 *
 *	            serve               withdraw               all has ended
 *	NONE ---------------> SERVED -------------> REMOVING ---------------.
 *	  ^                                                                  v
 *	  '----- what was printed is written, the hardware let go ------- ENDING
 *
 * REMOVING and ENDING take place on a thread of their own, for they may wait for the
 * wire and for a slow output. Between the two the open files become such that answer
 * ENODEV (gone.h). NONE: another port may follow, one that had to wait for this one, or is
 * being opened (opening.h).
 */
#ifndef OPENPARPORT_FUSE_PORTS_H
#define OPENPARPORT_FUSE_PORTS_H

#include <stdbool.h>
#include <stddef.h>

struct opp_ioc_status;
struct opp_port_config;
struct opp_served_device;
struct opp_served_port;
struct opp_service;

enum opp_port_phase {
	OPP_SERVED_NONE,
	OPP_SERVED,
	OPP_SERVED_REMOVING,
	OPP_SERVED_ENDING,
};

/* The first port, and the one after @port, by their numbers; NULL: there is none. */
struct opp_served_port *opp_ports_next(const struct opp_service *service,
				       const struct opp_served_port *port);

#define OPP_PORTS_FOREACH(port, service)                                                           \
	for ((port) = opp_ports_next(service, NULL); (port); (port) = opp_ports_next(service, port))

/* Fills in port->info, anew when the simulation or the configuration has changed. */
void opp_port_ask_info(struct opp_served_port *port);

/*
 * opp_ports_serve - the port that @config describes is served from now on; when another
 *	one of that number is still there, or on its way out, as soon as that has ended. One of
 *	this machine that is not there is listed as gone, and comes when it is. One that is
 *	reached by a file comes later, or is told: see opening.h.
 * @config: what is in it becomes the port's, whatever happens.
 * Returns false after telling why not.
 */
bool opp_ports_serve(struct opp_service *service, struct opp_port_config *config);

/* Those that had to wait, and need not any more, are served. */
void opp_ports_go_on(struct opp_service *service);

/* The opening of @port takes longer than people wait: told, and listed as gone, if it is not. */
void opp_port_is_late(struct opp_served_port *port);

/*
 * opp_port_withdraw - the port goes: every request of it ends, its files answer ENODEV, its
 *	names vanish, and those of its devices. Nothing where that is so already.
 */
void opp_port_withdraw(struct opp_served_port *port);

/*
 * opp_port_status - what a served port tells of itself, with who waits for its jobs to end.
 * @device: whose jobs; NULL: of the one at the end of the chain.
 */
void opp_port_status(const struct opp_served_port *port, const struct opp_served_device *device,
		     struct opp_ioc_status *status);

/* How many are served now. */
size_t opp_ports_count(const struct opp_service *service);

/* Whether there are to be links to the port's files in /dev: see link_dev.h. */
void opp_port_tell_keeper(const struct opp_served_port *port);

/*
 * opp_port_lose - its hardware has gone: as when it is withdrawn, but the names of its files
 *	stay, and those who open them are told.
 * opp_port_return - the same port is there again, with what the configuration says of it; as
 *	soon as what it was before has ended. False: it is not, as far as that is known at once.
 *	Nothing where it has not gone.
 */
void opp_port_lose(struct opp_served_port *port);
bool opp_port_return(struct opp_served_port *port);

/* No port follows that was to follow it. */
void opp_port_forget_next(struct opp_served_port *port);

/* Every request of every port ends, and is answered. False: one hangs, in the kernel. */
bool opp_ports_remove(struct opp_service *service);

/*
 * After that, with no file left: waits for slow outputs, for all at the same time. False:
 * something hangs, and nothing is freed.
 */
bool opp_ports_release(struct opp_service *service);

#endif
