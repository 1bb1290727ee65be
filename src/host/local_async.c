/* SPDX-License-Identifier: MIT */
/*
 * Requests of a handle on a port of this process that no thread waits for.
 *
 *	submit --> under way -- complete() --> completed --> reaped
 *	               |                          ^
 *	               '-- refused at once -------'
 *
 * One timer is the handle's descriptor: it is set to the next deadline, and to a
 * time long gone while something can be reaped.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "local.h"
#include "process.h"

#define NEVER_NS    UINT64_MAX
#define LONG_AGO_NS 1

struct submission {
	struct opp_local *owner;
	struct opp_host_req req;
	struct opp_link link;
	struct opp_async *async;
	struct opp_ioc_control *packed; /* of a documented request */
	uint64_t due_ns;                /* of a wait for the port */
	enum opp_status status;
	bool cancelled;
};

static void forget(struct submission *submission)
{
	if (submission)
		free(submission->packed);
	free(submission);
}

static struct submission *submission_at(struct opp_link *link)
{
	return OPP_NODE(link, struct submission, link);
}

void opp_local_async_init(struct opp_local *local)
{
	local->async_fd = -1;
	opp_queue_init(&local->under_way);
	opp_queue_init(&local->completed);
	pthread_mutex_init(&local->async_turn, NULL);
}

void opp_local_async_release(struct opp_local *local)
{
	struct opp_link *link;

	while ((link = opp_queue_first(&local->completed))) {
		opp_queue_remove(&local->completed, link);
		forget(submission_at(link));
	}
	if (local->async_fd >= 0)
		close(local->async_fd);
	pthread_mutex_destroy(&local->async_turn);
}

/* ---- the descriptor ------------------------------------------------------------------------ */

static uint64_t next_due_ns_locked(const struct opp_local *local)
{
	struct opp_link *link = opp_queue_first(&local->under_way);
	uint64_t due_ns = NEVER_NS;

	if (local->completed.count)
		return LONG_AGO_NS;
	for (; link; link = opp_queue_next(&local->under_way, link))
		if (submission_at(link)->due_ns < due_ns)
			due_ns = submission_at(link)->due_ns;
	return due_ns;
}

static void set_timer_locked(struct opp_local *local)
{
	const uint64_t due_ns = next_due_ns_locked(local);
	struct itimerspec due = { .it_value.tv_sec = 0 };

	if (due_ns != NEVER_NS)
		due.it_value = opp_host_timespec(due_ns);
	/* Cannot fail: it is a timer, and the time is one. */
	if (local->async_fd >= 0)
		(void)timerfd_settime(local->async_fd, TFD_TIMER_ABSTIME, &due, NULL);
}

int opp_local_fd(struct opp_handle *handle)
{
	struct opp_local *local = opp_local_of(handle);
	int fd;

	pthread_mutex_lock(&local->lock);
	if (local->async_fd < 0) {
		local->async_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		set_timer_locked(local);
	}
	fd = local->async_fd;
	pthread_mutex_unlock(&local->lock);
	return fd;
}

/* ---- submitting ---------------------------------------------------------------------------- */

static void complete(struct opp_host_req *req, enum opp_status status)
{
	struct submission *submission = OPP_NODE(req, struct submission, req);
	struct opp_local *local = submission->owner;

	pthread_mutex_lock(&local->lock);
	submission->status = status;
	opp_queue_remove(&local->under_way, &submission->link);
	opp_queue_append(&local->completed, &submission->link);
	if (req->kind != OPP_HOST_ALLOCATE) {
		local->work_ended++;
		pthread_cond_broadcast(&local->changed);
	}
	set_timer_locked(local);
	pthread_mutex_unlock(&local->lock);
}

static void prepare(struct submission *submission)
{
	const struct opp_async *async = submission->async;
	struct opp_host_req *req = &submission->req;

	memset(req, 0, sizeof(*req));
	req->client = &submission->owner->client;
	req->complete = complete;
	req->count = async->count;
	switch (async->kind) {
	case OPP_ASYNC_ALLOCATE: req->kind = OPP_HOST_ALLOCATE; break;
	case OPP_ASYNC_WRITE:
		req->kind = OPP_HOST_WRITE;
		req->bytes = async->bytes;
		req->inactivity_us = async->timeout_us;
		req->fault_us = async->timeout_us;
		break;
	case OPP_ASYNC_READ:
		req->kind = OPP_HOST_READ;
		req->buffer = async->buffer;
		req->first_us = async->timeout_us;
		break;
	case OPP_ASYNC_BATCH:
		req->kind = OPP_HOST_BATCH;
		req->ops = async->batch->ops;
		req->count = async->batch->count;
		break;
	case OPP_ASYNC_CONTROL: opp_local_document(req, submission->packed); break;
	}
}

static void set_due(struct submission *submission, uint64_t timeout_us)
{
	struct opp_local *local = submission->owner;

	pthread_mutex_lock(&local->lock);
	submission->due_ns = opp_local_deadline_ns(timeout_us);
	set_timer_locked(local);
	pthread_mutex_unlock(&local->lock);
}

static enum opp_status ask(struct submission *submission)
{
	struct opp_host_port *host = submission->owner->port->host;
	const struct opp_async *async = submission->async;
	uint64_t timeout_us = async->timeout_us;
	enum opp_status status;

	prepare(submission);
	if (async->kind == OPP_ASYNC_ALLOCATE && timeout_us == 0) {
		status = opp_host_try_allocate(host, &submission->owner->client);
		if (status != OPP_PENDING)
			return status;
		timeout_us = OPP_HOST_TRY_US;
	}
	if (async->kind == OPP_ASYNC_ALLOCATE)
		set_due(submission, timeout_us);
	status = opp_host_submit(host, &submission->req);
	if (status != OPP_INVALID_DEVICE_STATE || async->kind != OPP_ASYNC_BATCH ||
	    !async->batch->allocate)
		return status;
	prepare(submission);
	submission->req.job = true;
	set_due(submission, async->batch->timeout_us);
	return opp_host_submit(host, &submission->req);
}

/* Returns false when there are too many. */
static bool take_in(struct opp_local *local, struct submission *submission)
{
	bool room;

	pthread_mutex_lock(&local->lock);
	room = local->under_way.count + local->completed.count < OPP_ASYNC_MOST;
	if (room)
		opp_queue_append(&local->under_way, &submission->link);
	pthread_mutex_unlock(&local->lock);
	return room;
}

static enum opp_status new_submission(struct opp_local *local, struct opp_async *async,
				      struct submission **submission)
{
	struct submission *made = calloc(1, sizeof(*made));
	enum opp_status status = OPP_INSUFFICIENT_RESOURCES;

	*submission = made;
	if (!made)
		return status;
	made->owner = local;
	made->async = async;
	made->due_ns = NEVER_NS;
	if (opp_local_fd(&local->handle) >= 0)
		status = OPP_SUCCESS;
	if (status == OPP_SUCCESS && async->kind == OPP_ASYNC_CONTROL)
		status = opp_control_pack(async->control, &made->packed);
	return status;
}

enum opp_status opp_local_submit(struct opp_handle *handle, struct opp_async *async)
{
	struct opp_local *local = opp_local_of(handle);
	struct submission *submission;
	enum opp_status status = new_submission(local, async, &submission);
	bool taken;

	if (status != OPP_SUCCESS) {
		forget(submission);
		return status;
	}
	pthread_mutex_lock(&local->async_turn);
	taken = take_in(local, submission);
	if (taken) {
		status = ask(submission);
		if (status != OPP_PENDING)
			complete(&submission->req, status);
	}
	pthread_mutex_unlock(&local->async_turn);
	if (taken)
		return OPP_SUCCESS;
	forget(submission);
	return OPP_INSUFFICIENT_RESOURCES;
}

/* ---- reaping ------------------------------------------------------------------------------- */

/* Those whose time is up leave the port's line; they are completed then. */
static void expire(struct opp_local *local)
{
	const uint64_t now_ns = opp_host_now_ns();
	struct opp_link *link;

	do {
		pthread_mutex_lock(&local->lock);
		link = opp_queue_first(&local->under_way);
		while (link && submission_at(link)->due_ns > now_ns)
			link = opp_queue_next(&local->under_way, link);
		if (link)
			submission_at(link)->due_ns = NEVER_NS;
		pthread_mutex_unlock(&local->lock);
		if (link)
			(void)opp_host_expire(local->port->host, &submission_at(link)->req);
	} while (link);
}

static struct submission *take_completed(struct opp_local *local)
{
	struct opp_link *link;

	pthread_mutex_lock(&local->lock);
	link = opp_queue_first(&local->completed);
	if (link)
		opp_queue_remove(&local->completed, link);
	set_timer_locked(local);
	pthread_mutex_unlock(&local->lock);
	return link ? submission_at(link) : NULL;
}

/* What the caller is told; the submission is gone. */
static struct opp_async *tell(struct submission *submission)
{
	struct opp_async *async = submission->async;

	async->status = submission->status;
	async->done = submission->req.done;
	if (async->kind == OPP_ASYNC_BATCH)
		async->batch->done = (uint32_t)async->done;
	if (async->kind == OPP_ASYNC_CONTROL) {
		submission->packed->information = submission->req.contract.information;
		async->status = opp_control_unpack(&submission->owner->handle, submission->packed,
						   async->status, async->control);
		submission->packed = NULL;
	}
	forget(submission);
	return async;
}

struct opp_async *opp_local_reap(struct opp_handle *handle)
{
	struct opp_local *local = opp_local_of(handle);
	struct opp_async *async = NULL;
	struct submission *submission;

	pthread_mutex_lock(&local->async_turn);
	expire(local);
	submission = take_completed(local);
	if (submission)
		async = tell(submission);
	pthread_mutex_unlock(&local->async_turn);
	return async;
}

/* ---- cancelling ---------------------------------------------------------------------------- */

/* One that has not been cancelled, and is now: @async, or NULL for any. */
static struct submission *take_uncancelled(struct opp_local *local, const struct opp_async *async)
{
	struct opp_link *link;

	pthread_mutex_lock(&local->lock);
	link = opp_queue_first(&local->under_way);
	while (link &&
	       (submission_at(link)->cancelled || (async && submission_at(link)->async != async)))
		link = opp_queue_next(&local->under_way, link);
	if (link)
		submission_at(link)->cancelled = true;
	pthread_mutex_unlock(&local->lock);
	return link ? submission_at(link) : NULL;
}

enum opp_status opp_local_cancel_async(struct opp_handle *handle, const struct opp_async *async)
{
	struct opp_local *local = opp_local_of(handle);
	struct submission *submission;
	bool in_time;

	pthread_mutex_lock(&local->async_turn);
	submission = take_uncancelled(local, async);
	in_time = submission && opp_host_cancel(local->port->host, &submission->req);
	pthread_mutex_unlock(&local->async_turn);
	return in_time ? OPP_SUCCESS : OPP_INVALID_DEVICE_STATE;
}

void opp_local_cancel_submitted(struct opp_local *local)
{
	struct submission *submission;

	pthread_mutex_lock(&local->async_turn);
	while ((submission = take_uncancelled(local, NULL)))
		(void)opp_host_cancel(local->port->host, &submission->req);
	pthread_mutex_unlock(&local->async_turn);
}
