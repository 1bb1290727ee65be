/* SPDX-License-Identifier: MIT */
/*
 * Work that may wait for as long as somebody else likes: on a thread of its own, of which
 * the loop hears when it has ended.
 */
#ifndef OPENPARPORT_FUSE_ASIDE_H
#define OPENPARPORT_FUSE_ASIDE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

/* Part of the structure that it works on; zeroed at first. */
struct opp_aside {
	struct opp_loop *loop;
	void (*work)(struct opp_aside *aside);  /* on the thread */
	void (*ended)(struct opp_aside *aside); /* on the loop, after that */
	struct opp_post post;
	pthread_t thread;
	bool has_thread;
};

/*
 * opp_aside_begin - has @work done, then @ended called; that may begin the next one. Where
 *	there is no thread for it the others wait.
 * Context: the loop; nothing of @aside is under way.
 */
void opp_aside_begin(struct opp_aside *aside, struct opp_loop *loop,
		     void (*work)(struct opp_aside *aside), void (*ended)(struct opp_aside *aside));

/* From @ended: it is called once more, behind what has been posted so far. */
void opp_aside_end_later(struct opp_aside *aside);

/*
 * opp_asides_await - runs what is posted until nothing is done aside any more.
 * Returns false when that is not so within @us.
 */
bool opp_asides_await(struct opp_loop *loop, uint64_t us);

#endif
