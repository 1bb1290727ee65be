/* SPDX-License-Identifier: MIT */
/*
 * Requests on a served port that no thread waits for: ioctls that the service takes
 * in (OPP_IOC_SUBMIT) and answers when it is asked again (OPP_IOC_REAP).
 *
 * The file itself polls as readable for interrupts; what can be reaped it calls
 * urgent. An epoll descriptor that looks for that alone makes it readable again.
 * What the service says is not trusted with this program's memory.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "served.h"

struct submission {
	struct opp_link link;
	struct opp_async *async;
	struct opp_ioc_control *packed; /* of a documented request */
	uint64_t tag;
	bool taken_in; /* the service has said so */
};

static struct submission *submission_at(struct opp_link *link)
{
	return OPP_NODE(link, struct submission, link);
}

static void forget(struct submission *submission)
{
	if (submission)
		free(submission->packed);
	free(submission);
}

void opp_served_async_release(struct opp_served *served)
{
	struct opp_link *link;

	while ((link = opp_queue_first(&served->submitted))) {
		opp_queue_remove(&served->submitted, link);
		forget(submission_at(link));
	}
	if (served->events >= 0)
		close(served->events);
}

int opp_served_fd(struct opp_handle *handle)
{
	struct opp_served *served = opp_served_of(handle);
	struct epoll_event urgent = { .events = EPOLLPRI };
	int events;

	pthread_mutex_lock(&served->lock);
	events = served->events;
	if (events < 0)
		events = epoll_create1(EPOLL_CLOEXEC);
	if (events >= 0 && served->events < 0 &&
	    epoll_ctl(events, EPOLL_CTL_ADD, served->file, &urgent) != 0) {
		close(events);
		events = -1;
	}
	served->events = events;
	pthread_mutex_unlock(&served->lock);
	return events;
}

/* ---- submitting ---------------------------------------------------------------------------- */

static void write_transfer(struct opp_ioc_submit *wish, const struct opp_async *async)
{
	struct opp_ioc_transfer transfer = {
		.timeout_us = async->timeout_us,
		.count = (uint32_t)async->count,
	};

	if (async->kind == OPP_ASYNC_WRITE && async->count)
		memcpy(transfer.bytes, async->bytes, async->count);
	wish->code = async->kind == OPP_ASYNC_WRITE ? OPP_IOC_WRITE : OPP_IOC_READ;
	memcpy(wish->bytes, &transfer, sizeof(transfer));
}

static void write_batch(struct opp_ioc_submit *wish, const struct opp_batch *batch)
{
	struct opp_ioc_batch whole;

	opp_served_fill_batch(&whole, batch);
	wish->code = OPP_IOC_BATCH;
	memcpy(wish->bytes, &whole, sizeof(whole));
}

static void write_control(struct opp_ioc_submit *wish, const struct opp_ioc_control *packed)
{
	const uint32_t bytes = opp_control_buffer_bytes(packed);

	wish->code = OPP_IOC_CONTROL(bytes);
	memcpy(wish->bytes, packed, sizeof(*packed) + bytes);
}

static void write_wish(struct opp_ioc_submit *wish, const struct submission *submission)
{
	const struct opp_async *async = submission->async;
	const struct opp_ioc_allocate allocate = { .timeout_us = async->timeout_us };

	switch (async->kind) {
	case OPP_ASYNC_ALLOCATE:
		wish->code = OPP_IOC_ALLOCATE;
		memcpy(wish->bytes, &allocate, sizeof(allocate));
		break;
	case OPP_ASYNC_WRITE:
	case OPP_ASYNC_READ: write_transfer(wish, async); break;
	case OPP_ASYNC_BATCH: write_batch(wish, async->batch); break;
	case OPP_ASYNC_CONTROL: write_control(wish, submission->packed); break;
	}
}

static struct submission *find_locked(struct opp_served *served, uint64_t tag)
{
	struct opp_link *link = opp_queue_first(&served->submitted);

	while (link && submission_at(link)->tag != tag)
		link = opp_queue_next(&served->submitted, link);
	return link ? submission_at(link) : NULL;
}

/*
 * The service was asked for that of @tag, and said @status. Another thread may have
 * reaped it by its tag before that: then it was taken in, and is gone.
 */
static enum opp_status heed(struct opp_served *served, uint64_t tag, enum opp_status status)
{
	struct submission *submission;

	pthread_mutex_lock(&served->lock);
	submission = find_locked(served, tag);
	if (submission && status == OPP_SUCCESS)
		submission->taken_in = true;
	else if (submission)
		opp_queue_remove(&served->submitted, &submission->link);
	pthread_mutex_unlock(&served->lock);
	if (!submission)
		return OPP_SUCCESS;
	if (status != OPP_SUCCESS)
		forget(submission);
	return status;
}

/* @submission is the handle's from here on. */
static enum opp_status ask(struct opp_handle *handle, struct submission *submission)
{
	struct opp_served *served = opp_served_of(handle);
	struct opp_ioc_submit wish = { .tag = 0 };

	write_wish(&wish, submission);
	pthread_mutex_lock(&served->lock);
	wish.tag = ++served->tags;
	submission->tag = wish.tag;
	opp_queue_append(&served->submitted, &submission->link);
	pthread_mutex_unlock(&served->lock);
	return heed(served, wish.tag, opp_served_ask(handle, OPP_IOC_SUBMIT, &wish));
}

enum opp_status opp_served_submit(struct opp_handle *handle, struct opp_async *async)
{
	struct submission *submission = calloc(1, sizeof(*submission));
	enum opp_status status = OPP_SUCCESS;

	if (!submission)
		return OPP_INSUFFICIENT_RESOURCES;
	submission->async = async;
	if (async->kind == OPP_ASYNC_CONTROL)
		status = opp_control_pack(async->control, &submission->packed);
	if (status == OPP_SUCCESS)
		return ask(handle, submission);
	forget(submission);
	return status;
}

/* ---- reaping ------------------------------------------------------------------------------- */

/* The oldest that was taken in: of any other, who submits it is still to hear. */
static struct submission *oldest_locked(struct opp_served *served)
{
	struct opp_link *link = opp_queue_first(&served->submitted);

	while (link && !submission_at(link)->taken_in)
		link = opp_queue_next(&served->submitted, link);
	return link ? submission_at(link) : NULL;
}

/* The one of @tag, which then is no longer submitted; 0: the oldest. */
static struct submission *take(struct opp_served *served, uint64_t tag)
{
	struct submission *submission;

	pthread_mutex_lock(&served->lock);
	submission = tag ? find_locked(served, tag) : oldest_locked(served);
	if (submission)
		opp_queue_remove(&served->submitted, &submission->link);
	pthread_mutex_unlock(&served->lock);
	return submission;
}

static void read_transfer(struct opp_async *async, const struct opp_ioc_reaped *reaped)
{
	struct opp_ioc_transfer transfer;

	memcpy(&transfer, reaped->bytes, sizeof(transfer));
	async->status = opp_served_status(transfer.wire.status);
	if (transfer.wire.count > async->count)
		return;
	async->done = transfer.wire.count;
	if (async->kind == OPP_ASYNC_READ && async->done)
		memcpy(async->buffer, transfer.bytes, async->done);
}

static void read_batch(struct opp_async *async, const struct opp_ioc_reaped *reaped)
{
	struct opp_ioc_batch whole;

	memcpy(&whole, reaped->bytes, sizeof(whole));
	opp_served_heed_batch(&whole, async->batch);
	async->status = opp_served_status(whole.status);
	async->done = async->batch->done;
}

static void read_control(struct opp_handle *handle, struct submission *submission,
			 const struct opp_ioc_reaped *reaped)
{
	struct opp_ioc_control *packed = submission->packed;
	const uint32_t bytes = opp_control_buffer_bytes(packed);
	struct opp_ioc_control answer;

	memcpy(&answer, reaped->bytes, sizeof(answer));
	memcpy(packed + 1, reaped->bytes + sizeof(answer), bytes);
	packed->information = answer.information;
	submission->async->status = opp_control_unpack(
		handle, packed, opp_served_status(answer.status), submission->async->control);
	submission->packed = NULL;
}

static void read_answer(struct opp_handle *handle, struct submission *submission,
			const struct opp_ioc_reaped *reaped)
{
	struct opp_async *async = submission->async;

	async->status = reaped->error ? opp_served_error((int)reaped->error) : OPP_SUCCESS;
	if (reaped->error)
		return;
	switch (async->kind) {
	case OPP_ASYNC_ALLOCATE: break;
	case OPP_ASYNC_WRITE:
	case OPP_ASYNC_READ: read_transfer(async, reaped); break;
	case OPP_ASYNC_BATCH: read_batch(async, reaped); break;
	case OPP_ASYNC_CONTROL: read_control(handle, submission, reaped); break;
	}
}

struct opp_async *opp_served_reap(struct opp_handle *handle)
{
	struct opp_served *served = opp_served_of(handle);
	struct submission *submission = NULL;
	struct opp_async *async = NULL;
	struct opp_ioc_reaped reaped;
	const enum opp_status status = opp_served_ask(handle, OPP_IOC_REAP, &reaped);

	if (status == OPP_SUCCESS && reaped.tag)
		submission = take(served, reaped.tag);
	else if (status == OPP_DEVICE_REMOVED)
		submission = take(served, 0);
	if (!submission)
		return NULL;
	async = submission->async;
	/* Without a service nobody can say any more how they went. */
	if (status == OPP_SUCCESS)
		read_answer(handle, submission, &reaped);
	else
		async->status = status;
	forget(submission);
	return async;
}

enum opp_status opp_served_cancel_async(struct opp_handle *handle, const struct opp_async *async)
{
	struct opp_served *served = opp_served_of(handle);
	struct opp_link *link;
	uint64_t tag = 0;

	pthread_mutex_lock(&served->lock);
	link = opp_queue_first(&served->submitted);
	while (link && submission_at(link)->async != async)
		link = opp_queue_next(&served->submitted, link);
	if (link)
		tag = submission_at(link)->tag;
	pthread_mutex_unlock(&served->lock);
	return tag ? opp_served_ask(handle, OPP_IOC_CANCEL_ONE, &tag) : OPP_INVALID_DEVICE_STATE;
}
