/* SPDX-License-Identifier: MIT */
/*
 * Lookups, one client after the other.
 *
 *	nobody's turn ----- lookup -----> its turn -- opens, or asks about the file --> the
 *	somebody's turn --- lookup --> in line        (or nothing for TURN_US)          next's
 *
 * Every lookup has an answer of its own, so whoever finds the answer of another one in
 * the kernel looks up anew, and spoils that answer for those who wait for it. When many
 * look up at once, each open costs as many lookups as there are clients. So a lookup is
 * answered when the client before it has opened what it has found. While nobody else
 * looks up nobody waits, and no timer runs.
 *
 * First come, first served, but for one thing: in the kernel the one whose turn it is may
 * wait for the answer to another lookup of that name, which is then the newest. So when a
 * turn was for nothing that one is next, at most every other time.
 *
 * Turns are for those who may open what they find. Everybody else is answered at once,
 * and takes nobody's time.
 */
#ifndef OPENPARPORT_FUSE_LOOKUP_H
#define OPENPARPORT_FUSE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "fuse_api.h"

struct event;
struct opp_lookup;
struct opp_service;

struct opp_lookups {
	pid_t turn;       /* the thread that has found a file; 0: none */
	uint64_t number;  /* of the node it has found */
	uint64_t over_us; /* monotonic: when that counts no more */
	bool jumped;      /* it was not the first in line */
	TAILQ_HEAD(opp_lookup_line, opp_lookup) line;
	struct event *timer; /* while somebody is in line */
};

void opp_lookups_init(struct opp_lookups *lookups);

/* Whoever is still in line gets ENODEV. */
void opp_lookups_end(struct opp_lookups *lookups);

/*
 * opp_lookup - has @request, a lookup of node @number, answered: in its turn, if it has one.
 * @answer: called once, now or later.
 */
void opp_lookup(struct opp_service *service, fuse_req_t request, uint64_t number,
		void (*answer)(fuse_req_t request, uint64_t number));

/* Who asks @request has done with what it looked up. Call it when that is answered. */
void opp_lookup_used(struct opp_service *service, pid_t thread);

#endif
