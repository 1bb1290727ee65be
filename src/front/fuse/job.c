/* SPDX-License-Identifier: MIT */
/*
 * An open file lpt<m+1> is a print job, from its first write() to its close().
 *
 *	open -- first write() --> in line -- the jobs before it close --> printed -- close()
 *
 * The first job of the line is printed: its writes, one at a time and in pieces
 * of some KiB, take the port, move their bytes and give the port back, so that
 * users of parport<m> get turns within a job and other jobs never. Nothing is
 * buffered here: write() says how many bytes the printer has taken. A fault
 * that ends a write after some bytes is told by the next one.
 */
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "call.h"

#define IDLE_POLL_US 10000
#define PIECE_BYTES  4096
#define NONBLOCK_US  4000 /* how long a printer may be busy for a write that must not wait */

/* What a call is, in its code. */
#define CALL_WRITE 0u
#define CALL_FSYNC 1u

struct opp_job {
	struct opp_file file;
	TAILQ_ENTRY(opp_job) line; /* port->jobs */
	bool in_line;
	uint64_t first_since_us;    /* monotonic, when it is the first of them */
	struct opp_call_list calls; /* write() and fsync() in their order; the first runs */
	bool writing;               /* the first call's @write is submitted */
	struct opp_host_req write;
	enum opp_status write_status;
	struct opp_post write_ended;
	struct event *idle_timer; /* fsync looks at Busy again */
	int fault;                /* ended a write that had moved bytes; the next one tells */
};

static struct opp_job *job_of(struct opp_file *file)
{
	return OPP_NODE(file, struct opp_job, file);
}

static bool is_first(struct opp_job *job)
{
	return TAILQ_FIRST(&job->file.port->jobs) == job;
}

/* ---- the calls of one job, in their order ------------------------------------------ */

/* Context: any thread. */
static void on_write_complete(struct opp_host_req *req, enum opp_status status)
{
	struct opp_job *job = OPP_NODE(req, struct opp_job, write);

	job->write_status = status;
	opp_post(&job->file.port->service->loop, &job->write_ended);
}

/* Notes how far the first call came; answers it unless there is more to move. */
static void end_piece(struct opp_job *job, enum opp_status status)
{
	struct opp_call *call = TAILQ_FIRST(&job->calls);
	bool would_wait = call->nonblock && (status == OPP_TIMEOUT || status == OPP_DEVICE_BUSY);

	job->writing = false;
	job->file.last_write = status;
	call->done += job->write.done;
	if (status == OPP_SUCCESS && call->done < call->count && !call->error)
		return;
	TAILQ_REMOVE(&job->calls, call, link);
	if (call->done && status != OPP_SUCCESS && status != OPP_CANCELLED && !would_wait)
		job->fault = opp_status_errno(status);
	if (call->done)
		opp_call_end_write(call, call->done);
	else if (status == OPP_CANCELLED && call->error)
		opp_call_end_error(call, call->error);
	else if (would_wait)
		opp_call_end_error(call, EAGAIN);
	else
		opp_call_end_error(call, opp_status_errno(status));
}

static void start_piece(struct opp_job *job, struct opp_call *call)
{
	struct opp_served_port *port = job->file.port;
	uint64_t patience_us = call->nonblock ? NONBLOCK_US : port->config->fault_timeout_us;
	size_t left = call->count - call->done;
	enum opp_status status;

	opp_file_name_client(&job->file, call->asker.request);
	memset(&job->write, 0, sizeof(job->write));
	job->write.kind = OPP_HOST_WRITE;
	job->write.job = true;
	job->write.client = &job->file.client;
	job->write.complete = on_write_complete;
	job->write.bytes = call->bytes + call->done;
	job->write.count = left < PIECE_BYTES ? left : PIECE_BYTES;
	job->write.inactivity_us = patience_us;
	job->write.fault_us = patience_us;
	job->writing = true;
	status = opp_host_submit(port->host, &job->write);
	if (status != OPP_PENDING)
		end_piece(job, status);
	else if (call->nonblock)
		opp_host_expire(port->host, &job->write);
}

/* Has the printer taken its last byte in? Else looks again later. */
static bool try_fsync(struct opp_job *job, struct opp_call *call)
{
	const struct timeval soon = { .tv_usec = IDLE_POLL_US };

	if (!opp_host_peripheral_idle(job->file.port->host)) {
		evtimer_add(job->idle_timer, &soon);
		return false;
	}
	TAILQ_REMOVE(&job->calls, call, link);
	opp_call_end_error(call, 0);
	return true;
}

/* Runs what this job waits for, as far as that is possible now. */
static void serve(struct opp_job *job)
{
	const struct opp_service *service = job->file.port->service;
	struct opp_call *call;

	while (!service->ending && is_first(job) && !job->writing &&
	       (call = TAILQ_FIRST(&job->calls))) {
		if (call->code == CALL_WRITE)
			start_piece(job, call);
		else if (!try_fsync(job, call))
			return;
	}
}

static void on_write_ended(struct opp_post *post)
{
	struct opp_job *job = OPP_NODE(post, struct opp_job, write_ended);

	end_piece(job, job->write_status);
	serve(job);
}

static void on_idle_timer(evutil_socket_t fd, short what, void *context)
{
	struct opp_job *job = context;

	(void)fd;
	(void)what;
	serve(job);
	opp_calls_settle(job->file.port->service);
}

static void give_up(struct opp_call *call)
{
	struct opp_job *job = job_of(call->file);

	if (job->writing && call == TAILQ_FIRST(&job->calls)) {
		opp_host_cancel(job->file.port->host, &job->write);
		return;
	}
	TAILQ_REMOVE(&job->calls, call, link);
	opp_call_end_error(call, call->error);
	serve(job);
}

static struct opp_call *next_willing(struct opp_job *job)
{
	struct opp_call *call;

	TAILQ_FOREACH(call, &job->calls, link)
		if (!call->error)
			return call;
	return NULL;
}

/* Giving one up may end others, so each is looked for anew. */
static void give_up_all(struct opp_job *job, int error)
{
	struct opp_call *call;

	while ((call = next_willing(job)))
		opp_call_give_up(call, error);
}

static struct opp_call *add_call(struct opp_job *job, fuse_req_t request, unsigned code,
				 const char *bytes, size_t count)
{
	struct opp_call *call =
		opp_call_park(&job->file, opp_kernel_asks(request), bytes, count, give_up);

	if (!call)
		return NULL;
	call->code = code;
	TAILQ_INSERT_TAIL(&job->calls, call, link);
	return call;
}

/* ---- the line of jobs ---------------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void enter_line(struct opp_job *job)
{
	if (job->in_line)
		return;
	job->in_line = true;
	job->first_since_us = now_us();
	TAILQ_INSERT_TAIL(&job->file.port->jobs, job, line);
}

static void tell_pollers(struct opp_served_port *port)
{
	struct opp_file *file;

	TAILQ_FOREACH(file, &port->service->files, link)
		if (file->port == port && file->client.kind == OPP_IOC_WHO_JOB)
			opp_file_poll_changed(file);
}

static void leave_line(struct opp_job *job)
{
	struct opp_served_port *port = job->file.port;
	struct opp_job *first;

	if (!job->in_line)
		return;
	job->in_line = false;
	TAILQ_REMOVE(&port->jobs, job, line);
	tell_pollers(port);
	first = TAILQ_FIRST(&port->jobs);
	if (!first)
		return;
	first->first_since_us = now_us();
	serve(first);
}

bool opp_port_put_out_job(struct opp_served_port *port, uint64_t client)
{
	struct opp_job *job = TAILQ_FIRST(&port->jobs);

	if (!job || !(job->file.client.number == client || opp_file_kicked(&job->file)))
		return false;
	job->file.put_out = true;
	/* Out of the line first: none of its calls begins because another one gives up. */
	leave_line(job);
	give_up_all(job, EIO);
	opp_file_poll_changed(&job->file);
	return true;
}

void opp_port_describe_jobs(const struct opp_served_port *port, struct opp_ioc_status *status)
{
	const struct opp_job *first = TAILQ_FIRST(&port->jobs);
	const struct opp_job *behind;

	if (!first)
		return;
	status->job.pid = first->file.client.pid;
	status->job.kind = first->file.client.kind;
	status->job.age_us = now_us() - first->first_since_us;
	status->job.client = first->file.client.number;
	memcpy(status->job.name, first->file.client.name, sizeof(status->job.name));
	for (behind = TAILQ_NEXT(first, line); behind; behind = TAILQ_NEXT(behind, line))
		status->jobs_behind++;
}

/* ---- the file ------------------------------------------------------------------------ */

/* Why a write cannot even begin; a write refused with EAGAIN keeps its place in line. */
static int write_error(struct opp_job *job, bool nonblock)
{
	int fault = job->fault;

	if (opp_file_kicked(&job->file))
		return EIO;
	job->fault = 0;
	if (fault)
		return fault;
	enter_line(job);
	if (nonblock && (!is_first(job) || !TAILQ_EMPTY(&job->calls)))
		return EAGAIN;
	return 0;
}

static void job_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		      bool nonblock)
{
	struct opp_job *job = job_of(file);
	int error = write_error(job, nonblock);
	struct opp_call *call;

	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	call = add_call(job, request, CALL_WRITE, bytes, count);
	if (!call)
		return;
	call->nonblock = nonblock;
	serve(job);
}

static void job_fsync(struct opp_file *file, fuse_req_t request)
{
	struct opp_job *job = job_of(file);
	struct opp_call *call;

	if (opp_file_kicked(file) || !job->in_line) {
		fuse_reply_err(request, opp_file_kicked(file) ? EIO : 0);
		return;
	}
	if (!job->idle_timer)
		job->idle_timer = evtimer_new(file->port->service->loop.base, on_idle_timer, job);
	call = add_call(job, request, CALL_FSYNC, NULL, 0);
	if (!call)
		return;
	if (!job->idle_timer ||
	    !opp_call_set_deadline(call, file->port->config->fault_timeout_us, ETIMEDOUT)) {
		opp_call_give_up(call, ENOMEM);
		return;
	}
	serve(job);
}

/* The printer sends nothing back in compatibility mode. */
static void job_read(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock)
{
	(void)file;
	(void)count;
	(void)nonblock;
	fuse_reply_err(request, EIO);
}

static void job_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	(void)ioctl;
	fuse_reply_err(request, opp_file_kicked(file) ? EIO : EINVAL);
}

static short job_events(struct opp_file *file)
{
	struct opp_job *job = job_of(file);

	if (opp_file_kicked(file))
		return POLLERR | POLLHUP;
	if (is_first(job) || TAILQ_EMPTY(&file->port->jobs))
		return POLLOUT | POLLWRNORM;
	return 0;
}

static void job_cancel(struct opp_file *file)
{
	give_up_all(job_of(file), ECANCELED);
}

static bool job_release(struct opp_file *file)
{
	struct opp_job *job = job_of(file);

	leave_line(job);
	if (job->idle_timer)
		event_free(job->idle_timer);
	return false;
}

static const struct opp_file_ops job_ops = {
	.read = job_read,
	.write = job_write,
	.ioctl = job_ioctl,
	.fsync = job_fsync,
	.events = job_events,
	.cancel = job_cancel,
	.release = job_release,
};

struct opp_file *opp_job_new(void)
{
	struct opp_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->file.ops = &job_ops;
	job->write_ended.run = on_write_ended;
	TAILQ_INIT(&job->calls);
	return &job->file;
}
