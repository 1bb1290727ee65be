/* SPDX-License-Identifier: MIT */
/*
 * Asking now and being answered later: an ioctl of parport<m> that is submitted,
 * so that its client's thread need not wait for it.
 *
 *	OPP_IOC_SUBMIT --> under way --> completed --> OPP_IOC_REAP
 *	                                    |
 *	                                    '--> poll(): POLLPRI
 *
 * What is submitted is done by the same code as what is asked directly; only the
 * answer goes another way (struct opp_asker of call.h).
 */
#ifndef OPENPARPORT_FUSE_SUBMIT_H
#define OPENPARPORT_FUSE_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "fuse_api.h"

struct opp_call;
struct opp_file;
struct opp_ioctl;
struct opp_ppdev;
struct opp_submission;

TAILQ_HEAD(opp_submission_list, opp_submission);

/* Of one file. */
struct opp_submissions {
	struct opp_submission_list under_way;
	struct opp_submission_list completed;
	unsigned count; /* of both */
};

struct opp_submission {
	TAILQ_ENTRY(opp_submission) link;
	struct opp_file *file;
	struct opp_call *call; /* while it waits */
	uint64_t tag;          /* the client's */
	int error;             /* once completed: an errno, or 0 and what is in out */
	size_t bytes;
	uint8_t out[];
};

void opp_submissions_init(struct opp_submissions *submissions);

/* No client will ask any more; nothing is under way. */
void opp_submissions_free(struct opp_file *file);

/* Gives up what is under way. */
void opp_submissions_cancel(struct opp_file *file);

/* What poll() says of it. */
short opp_submission_events(const struct opp_file *file);

/* The answer: @error, or @bytes of @out. */
void opp_submission_end(struct opp_submission *submission, int error, const void *out,
			size_t bytes);

/* OPP_IOC_REAP; fails with @none when there is nothing to fetch. */
void opp_submission_reap(struct opp_file *file, fuse_req_t request, int none);

/* Returns false, with nothing done, when @ioctl neither submits nor reaps nor cancels. */
bool opp_submit_ioctl(struct opp_ppdev *ppdev, fuse_req_t request, const struct opp_ioctl *ioctl);

#endif
