/* SPDX-License-Identifier: MIT */
/*
 * A call that cannot be answered yet: the kernel waits for it, or a client has
 * submitted it (submit.h).
 *
 *	           opp_call_park
 *	                |
 *	  .----------> parked -- interrupted, late, cancelled --> given up
 *	  |             |                                           |
 *	  | (parked     | its file has the answer                   | its file learns
 *	  |  again)     v                                           v how far it came
 *	  '---- opp_call_take        opp_call_end_*  <--------------'
 *
 * Giving up does not answer: the file may find that what the call waited for
 * has just happened. A patient call gives up a moment after its signal.
 */
#ifndef OPENPARPORT_FUSE_CALL_H
#define OPENPARPORT_FUSE_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "fuse_api.h"
#include "service.h"

/* Who gets the answer: the kernel, or the client when it reaps what it has submitted. */
struct opp_asker {
	fuse_req_t request; /* NULL: the client */
	struct opp_submission *submission;
};

static inline struct opp_asker opp_kernel_asks(fuse_req_t request)
{
	return (struct opp_asker){ .request = request };
}

void opp_answer_error(struct opp_asker asker, int error);
void opp_answer_ioctl(struct opp_asker asker, const void *out, size_t out_bytes);

struct opp_call {
	TAILQ_ENTRY(opp_call) link; /* its file's list */
	TAILQ_ENTRY(opp_call) service_link;
	TAILQ_ENTRY(opp_call) interrupted_link;
	struct opp_file *file;
	struct opp_asker asker;
	void (*give_up)(struct opp_call *call);
	int error;        /* why it gave up; 0: it has not */
	bool interrupted; /* in the list of those */
	bool patient;     /* one that is not expected to fail by a signal, and soon ends */
	bool nonblock;
	struct event *deadline;
	int late_error;
	unsigned code; /* of an ioctl */
	size_t done;   /* bytes of a write that have moved */
	size_t count;
	_Alignas(uint64_t) uint8_t bytes[]; /* what it brought, or takes back */
};

/*
 * opp_call_park - keep what @asker asks for later.
 * @bytes: copied; NULL: room for @count.
 * @give_up: called at most once, with call->error set (EINTR by a signal).
 * Returns NULL when memory is short; @asker is then answered.
 */
struct opp_call *opp_call_park(struct opp_file *file, struct opp_asker asker, const void *bytes,
			       size_t count, void (*give_up)(struct opp_call *call));

/* After @timeout_us the call gives up with @error. False: no memory for a timer. */
bool opp_call_set_deadline(struct opp_call *call, uint64_t timeout_us, int error);

/* Gives up now, unless it has already. */
void opp_call_give_up(struct opp_call *call, int error);

/*
 * Runs what is posted and has the interrupted calls give up, until nothing is
 * left. Every event of the loop ends with it.
 */
void opp_calls_settle(struct opp_service *service);

/* Answers; @call is gone. The caller has taken it out of its own list. _write, _read: the kernel. */
void opp_call_end_error(struct opp_call *call, int error);
void opp_call_end_write(struct opp_call *call, size_t count);
void opp_call_end_read(struct opp_call *call, size_t count);
void opp_call_end_ioctl(struct opp_call *call, const void *out, size_t out_bytes);

/* Takes back who asks, to try it again; opp_call_forget() frees the rest. */
struct opp_asker opp_call_take(struct opp_call *call);
void opp_call_forget(struct opp_call *call);

#endif
