/* SPDX-License-Identifier: MIT */
/* The files of the mount once more, as device nodes: /dev/parport<m> and /dev/lp<m>. */
#ifndef OPENPARPORT_FUSE_CUSE_H
#define OPENPARPORT_FUSE_CUSE_H

#include <stdbool.h>

struct opp_served_port;
struct opp_service;

/*
 * opp_cuse_start - makes the device nodes in config->devices; NULL: none.
 * They are served from opp_cuse_watch on; until then who opens one waits.
 * Returns false after telling what is wrong: a node is there already, or the
 * kernel's CUSE is not.
 */
bool opp_cuse_start(struct opp_service *service);

/*
 * opp_cuse_add - the same for one port, while the others are served; without them it is
 *	served all the same.
 * opp_cuse_remove - its nodes vanish, with the files that are still open there: those are
 *	of a port that is gone. Nothing where it has no nodes.
 */
void opp_cuse_add(struct opp_served_port *port);
void opp_cuse_remove(struct opp_served_port *port);

/* Owner, group and mode of the nodes are those of the configuration, which has changed. */
void opp_cuse_give_to_users(struct opp_service *service);

/* False: memory or a descriptor is short. */
bool opp_cuse_watch(struct opp_service *service);
void opp_cuse_unwatch(struct opp_service *service);

/* The nodes vanish. Nothing waits any more, and the files are discarded. */
void opp_cuse_end(struct opp_service *service);

#endif
