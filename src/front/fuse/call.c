/* SPDX-License-Identifier: MIT */
/*
 * Parked calls: their signal, their deadline, their one answer.
 *
 * libfuse tells of a signal while it holds a lock of the request, so the call
 * is only noted then and gives up when the event at hand is done with. By that
 * time completions have been told, so what has happened wins over a signal.
 */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "file.h"
#include "submit.h"

/* So long a patient call goes on after a signal. */
#define PATIENCE_US UINT64_C(100000)

static struct opp_service *service_of(struct opp_call *call)
{
	return call->file->service;
}

static void on_interrupt(fuse_req_t request, void *context)
{
	struct opp_call *call = context;

	(void)request;
	if (call->interrupted)
		return;
	call->interrupted = true;
	TAILQ_INSERT_TAIL(&service_of(call)->interrupted, call, interrupted_link);
}

struct opp_call *opp_call_park(struct opp_file *file, struct opp_asker asker, const void *bytes,
			       size_t count, void (*give_up)(struct opp_call *call))
{
	struct opp_call *call = malloc(sizeof(*call) + count);

	if (!call) {
		opp_answer_error(asker, ENOMEM);
		return NULL;
	}
	memset(call, 0, sizeof(*call));
	call->file = file;
	call->asker = asker;
	call->give_up = give_up;
	call->count = count;
	if (bytes)
		memcpy(call->bytes, bytes, count);
	TAILQ_INSERT_TAIL(&service_of(call)->calls, call, service_link);
	if (asker.request)
		fuse_req_interrupt_func(asker.request, on_interrupt, call);
	else
		asker.submission->call = call;
	return call;
}

void opp_call_give_up(struct opp_call *call, int error)
{
	if (call->error)
		return;
	call->error = error;
	call->give_up(call);
}

static void heed_signal(struct opp_call *call)
{
	if (!call->patient || call->deadline || !opp_call_set_deadline(call, PATIENCE_US, EINTR))
		opp_call_give_up(call, EINTR);
}

void opp_calls_settle(struct opp_service *service)
{
	struct opp_call *call;

	do {
		opp_loop_drain(&service->loop);
		call = TAILQ_FIRST(&service->interrupted);
		if (call) {
			TAILQ_REMOVE(&service->interrupted, call, interrupted_link);
			call->interrupted = false;
			heed_signal(call);
		}
	} while (call || atomic_load(&service->loop.posted));
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct opp_call *call = context;
	struct opp_service *service = service_of(call);

	(void)fd;
	(void)what;
	opp_call_give_up(call, call->late_error);
	opp_calls_settle(service);
}

bool opp_call_set_deadline(struct opp_call *call, uint64_t timeout_us, int error)
{
	const struct timeval timeout = {
		.tv_sec = (time_t)(timeout_us / 1000000),
		.tv_usec = (suseconds_t)(timeout_us % 1000000),
	};

	call->late_error = error;
	call->deadline = evtimer_new(service_of(call)->loop.base, on_deadline, call);
	return call->deadline && evtimer_add(call->deadline, &timeout) == 0;
}

struct opp_asker opp_call_take(struct opp_call *call)
{
	if (call->asker.request)
		fuse_req_interrupt_func(call->asker.request, NULL, NULL);
	else
		call->asker.submission->call = NULL;
	return call->asker;
}

void opp_call_forget(struct opp_call *call)
{
	struct opp_service *service = service_of(call);

	if (call->interrupted)
		TAILQ_REMOVE(&service->interrupted, call, interrupted_link);
	TAILQ_REMOVE(&service->calls, call, service_link);
	if (call->deadline)
		event_free(call->deadline);
	free(call);
}

/* ---- answers --------------------------------------------------------------------------- */

void opp_answer_error(struct opp_asker asker, int error)
{
	if (asker.request)
		fuse_reply_err(asker.request, error);
	else
		opp_submission_end(asker.submission, error, NULL, 0);
}

void opp_answer_ioctl(struct opp_asker asker, const void *out, size_t out_bytes)
{
	if (asker.request)
		fuse_reply_ioctl(asker.request, 0, out, out_bytes);
	else
		opp_submission_end(asker.submission, 0, out, out_bytes);
}

void opp_call_end_error(struct opp_call *call, int error)
{
	opp_answer_error(opp_call_take(call), error);
	opp_call_forget(call);
}

void opp_call_end_write(struct opp_call *call, size_t count)
{
	fuse_reply_write(opp_call_take(call).request, count);
	opp_call_forget(call);
}

void opp_call_end_read(struct opp_call *call, size_t count)
{
	fuse_reply_buf(opp_call_take(call).request, (const char *)call->bytes, count);
	opp_call_forget(call);
}

void opp_call_end_ioctl(struct opp_call *call, const void *out, size_t out_bytes)
{
	opp_answer_ioctl(opp_call_take(call), out, out_bytes);
	opp_call_forget(call);
}
