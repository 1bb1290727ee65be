/* SPDX-License-Identifier: MIT */
/*
 * The gap between two jobs of a port, for who must not come in the middle of one:
 * a program that wants the port for itself alone, where that waits (exclusive = "wait").
 */
#ifndef OPENPARPORT_FUSE_GAP_H
#define OPENPARPORT_FUSE_GAP_H

#include "file.h"
#include "service.h"

struct opp_gap_waiter {
	TAILQ_ENTRY(opp_gap_waiter) link; /* port->gap_waiters */
	bool waiting;
	uint64_t since_us; /* monotonic */
	struct opp_file *file;
	void (*come)(struct opp_gap_waiter *waiter);
};

/* Is a job of @port begun and not closed? */
bool opp_gap_is_closed(const struct opp_served_port *port);

/*
 * opp_gap_await - has @waiter told, in the order of asking, when no job is under way.
 * @waiter: file and come are filled in; until it is told it is not asked twice.
 * Returns false when that is so now; it is then not told.
 */
bool opp_gap_await(struct opp_gap_waiter *waiter);

/* It waits no more; nothing when it does not. */
void opp_gap_leave(struct opp_gap_waiter *waiter);

/* A job has left the line of @device, and the next one has not begun. */
void opp_gap_tell(struct opp_served_device *device);

/* Adds those who wait for the gap of @port to those who are in line. */
void opp_gap_describe(const struct opp_served_port *port, struct opp_ioc_status *status);

#endif
