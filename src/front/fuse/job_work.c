/* SPDX-License-Identifier: MIT */
/*
 * What the calls of a job do on the wire. Each is one or several requests of the host,
 * one at a time:
 *
 *	write()   pieces, until all is moved or something is wrong
 *	read()    one read; again and again while the device has nothing to say
 *	fsync()   looks at Busy, again and again
 *	ioctl()   one request
 *	poll()    for something to read: negotiates the reverse mode, which tells
 *		  whether there is something, and leaves it
 *
 * A write() that has begun goes on to its end; a read() that is due comes before the
 * next one.
 */
#include "job.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>

#include <linux/lp.h>

#include <openparport/hosted/parportd_ioctl.h>

#define IDLE_LOOK_US  UINT64_C(10000)
#define LOOK_LEAST_US UINT64_C(20000)  /* between two looks for something to read, at first ... */
#define LOOK_MOST_US  UINT64_C(200000) /* ... and when there was nothing for a while */
#define PIECE_BYTES   4096
#define NONBLOCK_US   4000  /* how long a device may be busy for a call that must not wait */
#define ANSWER_US     20000 /* for how long one read is kept waiting with the port in hand */

static struct opp_job *job_of(struct opp_file *file)
{
	return OPP_NODE(file, struct opp_job, file);
}

static uint64_t patience_us(const struct opp_job *job)
{
	return job->patience_us ? job->patience_us : job->file.port->config.fault_timeout_us;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct opp_job *job = context;

	(void)fd;
	(void)what;
	opp_job_serve(job);
	opp_calls_settle(job->file.service);
}

/* False: no memory for a timer, so that what was to come later will not. */
static bool come_back(struct opp_job *job, struct event **timer, uint64_t after_us)
{
	const struct timeval after = { .tv_usec = (suseconds_t)after_us };

	if (!*timer)
		*timer = evtimer_new(job->file.service->loop.base, on_timer, job);
	return *timer && evtimer_add(*timer, &after) == 0;
}

/* A device that has been silent for long is asked less often: each look takes the port. */
static bool look_later(struct opp_job *job)
{
	const uint64_t after_us = job->look_us ? job->look_us : LOOK_LEAST_US;

	job->look_us = 2 * after_us < LOOK_MOST_US ? 2 * after_us : LOOK_MOST_US;
	return come_back(job, &job->look_timer, after_us);
}

static void take_out(struct opp_job *job, struct opp_call *call)
{
	if (call->code == OPP_CALL_JOB_READ)
		TAILQ_REMOVE(&job->reads, call, link);
	else
		TAILQ_REMOVE(&job->calls, call, link);
}

static void end_error(struct opp_job *job, struct opp_call *call, int error)
{
	take_out(job, call);
	opp_call_end_error(call, error);
}

/* A device that does not know a mode is no missing file. */
static int error_of(const struct opp_call *call, enum opp_status status)
{
	if (status == OPP_CANCELLED && call->error)
		return call->error;
	return status == OPP_NO_SUCH_DEVICE ? EIO : opp_status_errno(status);
}

/* ---- requests ------------------------------------------------------------------------ */

/* Context: any thread. */
static void on_complete(struct opp_host_req *request, enum opp_status status)
{
	struct opp_job *job = OPP_NODE(request, struct opp_job, work);

	job->work_status = status;
	opp_post(&job->file.service->loop, &job->work_ended);
}

static struct opp_host_req *prepare(struct opp_job *job, enum opp_host_req_kind kind)
{
	struct opp_host_req *work = &job->work;

	memset(work, 0, sizeof(*work));
	work->kind = kind;
	work->job = true;
	work->on_device = job->file.device->place < OPP_CHAIN_DEVICES;
	work->slot = work->on_device ? job->file.device->place : 0;
	work->client = &job->file.client;
	work->complete = on_complete;
	return work;
}

static void end_work(struct opp_job *job, enum opp_status status);

static void submit(struct opp_job *job, struct opp_call *call)
{
	struct opp_host_port *host = job->file.port->host;
	enum opp_status status;

	job->working = true;
	job->at_work = call;
	status = opp_host_submit(host, &job->work);
	if (status != OPP_PENDING)
		end_work(job, status);
	else if (!call || call->nonblock)
		opp_host_expire(host, &job->work);
}

/* ---- write() --------------------------------------------------------------------------- */

static void start_write(struct opp_job *job, struct opp_call *call)
{
	const size_t left = call->count - call->done;
	struct opp_host_req *work = prepare(job, OPP_HOST_WRITE);

	work->bytes = call->bytes + call->done;
	work->count = left < PIECE_BYTES ? left : PIECE_BYTES;
	work->first = job->forward_negotiated ? OPP_HOST_NEGOTIATE_FIRST : OPP_HOST_AS_IT_IS;
	work->request = job->forward;
	work->inactivity_us = call->nonblock ? NONBLOCK_US : patience_us(job);
	work->fault_us = job->file.device->lp_flags & LP_ABORT ? 0 : work->inactivity_us;
	submit(job, call);
}

/* The next piece waits for its port until that is awake. */
static bool was_asleep(const struct opp_job *job, enum opp_status status)
{
	return status == OPP_DEVICE_POWERED_OFF && job->file.port->asleep;
}

/* Notes how far it came; answers it unless there is more to move. */
static void end_write(struct opp_job *job, struct opp_call *call, enum opp_status status)
{
	const bool would_wait =
		call->nonblock && (status == OPP_TIMEOUT || status == OPP_DEVICE_BUSY);

	job->file.last_write = status;
	job->look_us = 0; /* it may be a question */
	call->done += job->work.done;
	job->moved += job->work.done;
	if ((status == OPP_SUCCESS || was_asleep(job, status)) && call->done < call->count &&
	    !call->error)
		return;
	if (call->done && status != OPP_SUCCESS && status != OPP_CANCELLED && !would_wait)
		job->fault = error_of(call, status);
	if (!call->done) {
		end_error(job, call, would_wait ? EAGAIN : error_of(call, status));
		return;
	}
	take_out(job, call);
	opp_call_end_write(call, call->done);
}

/* ---- read() and poll() ------------------------------------------------------------------- */

static void start_read(struct opp_job *job, struct opp_call *call)
{
	struct opp_host_req *work = prepare(job, OPP_HOST_READ);

	work->buffer = call->bytes;
	work->count = call->count < PIECE_BYTES ? call->count : PIECE_BYTES;
	work->first = OPP_HOST_NEGOTIATE_FIRST;
	work->request = job->reverse;
	work->first_us = call->nonblock ? NONBLOCK_US : ANSWER_US;
	submit(job, call);
}

static void end_read(struct opp_job *job, struct opp_call *call, enum opp_status status)
{
	const bool nothing =
		status == OPP_SUCCESS || status == OPP_TIMEOUT || was_asleep(job, status);

	job->readable = false;
	job->moved += job->work.done;
	if (job->work.done) {
		job->look_us = 0;
		take_out(job, call);
		opp_call_end_read(call, job->work.done);
	} else if (call->error) {
		end_error(job, call, call->error);
	} else if (call->nonblock && (nothing || status == OPP_DEVICE_BUSY)) {
		end_error(job, call, EAGAIN);
	} else if (!nothing) {
		end_error(job, call, error_of(call, status));
	} else if (!look_later(job)) {
		end_error(job, call, ENOMEM);
	}
}

/* Nibble and byte mode say it when they are entered; the others say it by sending. */
static bool shows_data(const struct opp_job *job)
{
	return job->reverse == OPP_REQUEST_NIBBLE || job->reverse == OPP_REQUEST_BYTE;
}

static bool may_look(const struct opp_job *job)
{
	return !opp_job_error(job) && !job->file.port->leaving &&
	       (opp_job_has_turn(job) || TAILQ_EMPTY(&job->file.device->jobs));
}

static void start_look(struct opp_job *job)
{
	job->awaited = false;
	prepare(job, OPP_HOST_NEGOTIATE)->request = job->reverse;
	submit(job, NULL);
}

static void end_look(struct opp_job *job, enum opp_status status)
{
	const bool asked = status == OPP_SUCCESS;

	job->readable = asked && job->work.position_now == OPP_AT_HBDA;
	job->mute = !asked && status != OPP_DEVICE_BUSY;
	if (job->readable)
		opp_file_poll_changed(&job->file);
	else if (!job->mute && job->file.poll)
		job->awaited = look_later(job);
}

bool opp_job_is_readable(struct opp_job *job)
{
	if (!may_look(job) || job->mute || job->file.write_only)
		return false;
	if (job->readable || !shows_data(job))
		return true;
	job->awaited = true;
	opp_job_serve(job);
	return job->readable;
}

/* ---- fsync() -------------------------------------------------------------------------------- */

/*
 * Has the device taken its last byte in? One of the chain has when it says so.
 * Context: any thread.
 */
static void look_at_busy(struct opp_host_errand *errand)
{
	struct opp_job *job = OPP_NODE(errand, struct opp_job, idle_look.host);

	job->idle = job->file.device->place < OPP_CHAIN_DEVICES ||
		    opp_host_peripheral_idle(job->file.port->host);
}

/* Returns false when it is to be tried again later. */
static bool end_fsync(struct opp_job *job)
{
	struct opp_call *call = job->at_work;

	job->working = false;
	job->at_work = NULL;
	if (!call)
		return true;
	if (!job->idle && come_back(job, &job->idle_timer, IDLE_LOOK_US))
		return false;
	end_error(job, call, job->idle ? 0 : ENOMEM);
	return true;
}

static void on_fsync_looked(struct opp_post *post)
{
	struct opp_job *job = OPP_NODE(post, struct opp_job, idle_look.over);

	if (!job->closed && end_fsync(job))
		opp_job_serve(job);
}

static bool try_fsync(struct opp_job *job, struct opp_call *call)
{
	job->working = true;
	job->at_work = call;
	return !opp_errand_send(&job->idle_look, &job->file, look_at_busy, on_fsync_looked) ||
	       end_fsync(job);
}

/* ---- ioctls --------------------------------------------------------------------------------- */

static void start_ioctl(struct opp_job *job, struct opp_call *call)
{
	struct opp_host_req *work;
	struct opp_ioc_wire wish;

	if (call->code == OPP_IOC_NEGOTIATE) {
		memcpy(&wish, call->bytes, sizeof(wish));
		work = prepare(job, OPP_HOST_NEGOTIATE);
		work->request = wish.request;
	} else {
		work = prepare(job, OPP_HOST_DEVICE_ID);
		work->buffer = call->bytes + sizeof(struct opp_ioc_wire);
		work->count = OPP_IOC_DEVICE_ID_BYTES;
	}
	submit(job, call);
}

/* What was agreed on is agreed on anew for each request that wants it. */
static void heed_mode(struct opp_job *job)
{
	const struct opp_host_req *work = &job->work;

	if (work->mode_now == OPP_MODE_ECP || work->mode_now == OPP_MODE_EPP) {
		job->forward = work->request;
		job->forward_negotiated = true;
	}
	job->reverse = work->request;
	job->readable = job->mute = false;
}

static void end_ioctl(struct opp_job *job, struct opp_call *call, enum opp_status status)
{
	const struct opp_ioc_wire wire = opp_host_wire_facts(&job->work, status);

	if (status == OPP_DELETE_PENDING || status == OPP_KICKED || call->error) {
		end_error(job, call, error_of(call, status));
		return;
	}
	if (status == OPP_SUCCESS && call->code == OPP_IOC_NEGOTIATE)
		heed_mode(job);
	take_out(job, call);
	memcpy(call->bytes, &wire, sizeof(wire));
	opp_call_end_ioctl(call, call->bytes, call->count);
}

/* ---- one thing at a time -------------------------------------------------------------------- */

static void end_work(struct opp_job *job, enum opp_status status)
{
	struct opp_call *call = job->at_work;

	job->working = false;
	job->at_work = NULL;
	if (!call)
		end_look(job, status);
	else if (call->code == OPP_CALL_JOB_WRITE)
		end_write(job, call, status);
	else if (call->code == OPP_CALL_JOB_READ)
		end_read(job, call, status);
	else
		end_ioctl(job, call, status);
}

static void on_work_ended(struct opp_post *post)
{
	struct opp_job *job = OPP_NODE(post, struct opp_job, work_ended);

	if (job->closed)
		return;
	end_work(job, job->work_status);
	opp_job_serve(job);
}

static bool is_resting(const struct opp_job *job)
{
	return job->look_timer && evtimer_pending(job->look_timer, NULL);
}

/* The next call whose turn it is; NULL: none. */
static struct opp_call *next_call(const struct opp_job *job)
{
	const bool has_turn = opp_job_has_turn(job);
	struct opp_call *call = TAILQ_FIRST(&job->calls);
	struct opp_call *read = TAILQ_FIRST(&job->reads);

	if (has_turn && read && !(call && call->done) && !is_resting(job))
		return read;
	if (call && (has_turn || call->code > OPP_CALL_JOB_READ))
		return call;
	return NULL;
}

/* False: it is to be tried again later. */
static bool start(struct opp_job *job, struct opp_call *call)
{
	switch (call->code) {
	case OPP_CALL_JOB_WRITE: start_write(job, call); return true;
	case OPP_CALL_JOB_FSYNC: return try_fsync(job, call);
	case OPP_CALL_JOB_READ: start_read(job, call); return true;
	default: start_ioctl(job, call); return true;
	}
}

void opp_job_serve(struct opp_job *job)
{
	const struct opp_served_port *port = job->file.port;
	struct opp_call *call;

	while (!port->leaving && !job->working && (call = next_call(job)))
		if (!start(job, call))
			return;
	if (job->awaited && !job->working && !is_resting(job) && may_look(job))
		start_look(job);
}

void opp_job_give_up(struct opp_call *call)
{
	struct opp_job *job = job_of(call->file);

	if (job->at_work == call && call->code != OPP_CALL_JOB_FSYNC) {
		opp_host_cancel(job->file.port->host, &job->work);
		return;
	}
	/* The look of an fsync() goes on without it. */
	if (job->at_work == call) {
		job->working = !opp_errand_recall(&job->idle_look, &job->file);
		job->at_work = NULL;
	}
	end_error(job, call, call->error);
	opp_job_serve(job);
}

void opp_job_work_init(struct opp_job *job)
{
	job->work_ended.run = on_work_ended;
	job->reverse = OPP_REQUEST_NIBBLE;
	TAILQ_INIT(&job->calls);
	TAILQ_INIT(&job->reads);
}

void opp_job_work_release(struct opp_job *job)
{
	if (job->idle_timer)
		event_free(job->idle_timer);
	if (job->look_timer)
		event_free(job->look_timer);
}
