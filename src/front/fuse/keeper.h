/* SPDX-License-Identifier: MIT */
/*
 * What stays root when the service becomes another user: a process that does nothing but
 * what the service cannot do any more.
 *
 *	keeper (root) ------------------- fork ----> service (--user)
 *	   | <-- ready, mounted, unmount, links ------- |
 *	   | ---------- signals to the keeper --------> |
 *	   '-- it has ended, however: unmount, take links away, exit as it did
 *
 * Either hears by their socket that the other is gone. An order is carried out, never
 * answered; the service is not trusted with more than these, on the mount and the links of
 * the configuration.
 */
#ifndef OPENPARPORT_FUSE_KEEPER_H
#define OPENPARPORT_FUSE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

struct opp_config;
struct opp_service_hooks;

enum opp_keeper_what {
	OPP_KEEPER_READY,   /* the service serves */
	OPP_KEEPER_MOUNTED, /* @number: 1: its directory was made for that */
	OPP_KEEPER_UNMOUNT, /* @number: 1: somebody else has, already */
	OPP_KEEPER_LINK,    /* @number of the port: /dev/parport<m>, /dev/lp<m> */
	OPP_KEEPER_UNLINK,
};

#define OPP_NO_KEEPER (-1)

/* Is something to be done as root that the service will not be? */
bool opp_keeper_is_needed(const struct opp_config *config);

/*
 * opp_keeper_run - have @serve run in a process of its own, and be its keeper to its end.
 * @serve: its last argument is the socket for opp_keeper_tell().
 * @hooks: detach is called in both processes; ready in the keeper, which is there until the
 *	mount is gone.
 * Context: there is one thread.
 * Returns what @serve returned, in both.
 */
int opp_keeper_run(struct opp_config *config, const struct opp_service_hooks *hooks,
		   int (*serve)(struct opp_config *config, const struct opp_service_hooks *hooks,
				int keeper));

/* Nothing happens where @keeper is OPP_NO_KEEPER. */
void opp_keeper_tell(int keeper, enum opp_keeper_what what, uint32_t number);

/*
 * opp_keeper_hear - a signal that the keeper was sent, for the service to raise.
 * Returns 0 when there is none now, -1 when the keeper is gone.
 */
int opp_keeper_hear(int keeper);

#endif
