/* SPDX-License-Identifier: MIT */
/*
 * What touches a port's wire by a call of the host's, which the loop must not wait for: the
 * system that lends the port may keep it for as long as somebody else likes. On other ports
 * it is done at once, here.
 */
#ifndef OPENPARPORT_FUSE_ERRAND_H
#define OPENPARPORT_FUSE_ERRAND_H

#include "host_port.h"
#include "loop.h"

struct opp_file;

/* Part of the structure it is about. */
struct opp_errand {
	struct opp_host_errand host;
	struct opp_loop *loop;
	struct opp_post over;
};

/*
 * opp_errand_send - has run() called for @file's client: now, or soon on another thread.
 * Returns true when it has run; else over() is called on the loop when it has.
 */
bool opp_errand_send(struct opp_errand *errand, struct opp_file *file,
		     void (*run)(struct opp_host_errand *errand),
		     void (*over)(struct opp_post *post));

/* Neither is called. False: it is too late for that. */
bool opp_errand_recall(struct opp_errand *errand, struct opp_file *file);

#endif
