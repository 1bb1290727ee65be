/* SPDX-License-Identifier: MIT */
/*
 * The service's one thread that decides things, and the way into it from
 * others: opp_post().
 *
 * Everything of src/front/fuse runs on the loop's thread, except the functions
 * that say otherwise (completions and interrupts of a port may come on its
 * worker; the log has a writer).
 */
#ifndef OPENPARPORT_FUSE_LOOP_H
#define OPENPARPORT_FUSE_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct event_base;
struct event;

/* Something to do on the loop. Part of the structure it is about. */
struct opp_post {
	STAILQ_ENTRY(opp_post) link;
	void (*run)(struct opp_post *post);
};

STAILQ_HEAD(opp_post_list, opp_post);

struct opp_loop {
	struct event_base *base;
	pthread_t thread;
	int wake_fd;
	struct event *wake;
	atomic_bool posted; /* a hint that spares the lock */
	pthread_mutex_t lock;
	struct opp_post_list posts; /* lock */
	unsigned asides;            /* see aside.h; the loop's own */
};

/* Returns false when the system refuses a descriptor or memory. */
bool opp_loop_init(struct opp_loop *loop);
void opp_loop_release(struct opp_loop *loop);

/* Runs until opp_loop_stop(), on the thread that called opp_loop_init(). */
void opp_loop_run(struct opp_loop *loop);
void opp_loop_stop(struct opp_loop *loop);

/*
 * opp_post - have @post->run(@post) called on the loop, soon and once.
 * @post: in no list; run() may post it again.
 * Context: any thread; takes a lock for a few instructions.
 */
void opp_post(struct opp_loop *loop, struct opp_post *post);

/* Of the monotonic clock. Context: any thread. */
uint64_t opp_now_us(void);

/* Runs what is posted, but not what that posts. Returns false when there was nothing. */
bool opp_loop_drain(struct opp_loop *loop);

/*
 * opp_loop_await - runs nothing but what is posted, until @enough is true of @context.
 * Returns false when that is not so within @us.
 * Context: the loop's thread, while the loop does not run.
 */
bool opp_loop_await(struct opp_loop *loop, bool (*enough)(const void *context), const void *context,
		    uint64_t us);

#endif
