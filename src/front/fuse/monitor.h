/* SPDX-License-Identifier: MIT */
/*
 * The file "events": what happens to ports and devices, one JSON object a line, for
 * whoever has it open, from that moment on.
 *
 *	ports --> hand-over, bounded --> the loop --> each open file, bounded --> read()
 *
 * Nobody is made to wait for a reader. What does not fit is lost, the oldest first,
 * and in its place stands a line that says how many.
 */
#ifndef OPENPARPORT_FUSE_MONITOR_H
#define OPENPARPORT_FUSE_MONITOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "host_port.h"
#include "loop.h"

struct opp_file;
struct opp_served_device;
struct opp_served_port;
struct opp_watch;

#define OPP_HANDED_OVER_MOST 1024

struct opp_handed_over {
	const char *port;
	struct opp_host_event event;
};

struct opp_monitor {
	struct opp_loop *loop;
	TAILQ_HEAD(, opp_watch) watches;
	atomic_bool wanted; /* there is a watch */
	struct opp_post post;
	pthread_mutex_t lock; /* guards from here to the end */
	struct opp_handed_over *events;
	size_t first, count;
	uint64_t lost;
	bool posted; /* post is in the loop's list */
};

/* False: memory is short. */
bool opp_monitor_init(struct opp_monitor *monitor, struct opp_loop *loop);
void opp_monitor_release(struct opp_monitor *monitor);

/*
 * opp_monitor_event - one event of the port called @port.
 * Context: any thread, locks held; copies and returns.
 */
void opp_monitor_event(struct opp_monitor *monitor, const char *port,
		       const struct opp_host_event *event);

/* A device has arrived, or is about to depart; @what is "arrived" or "departed". */
void opp_monitor_device(const struct opp_served_device *device, const char *what);

/* A port's hardware has gone, or is there again; @what is "gone" or "back". */
void opp_monitor_port(const struct opp_served_port *port, const char *what);

/* The job of @file has its turn, or had it; @what is "job begun" or "job ended". */
void opp_monitor_job(const struct opp_file *file, const char *what, uint64_t bytes);

/* A new file, zeroed but for its ops and service. NULL when memory is short. */
struct opp_file *opp_watch_new(struct opp_monitor *monitor);

#endif
