/* SPDX-License-Identifier: MIT */
/* The file of a job, and the line in which the jobs of a device stand. */
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include <linux/lp.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "control.h"
#include "gap.h"
#include "lp_ioctl.h"
#include "ppdev.h"
#include "monitor.h"

static struct opp_job *job_of(struct opp_file *file)
{
	return OPP_NODE(file, struct opp_job, file);
}

bool opp_job_has_turn(const struct opp_job *job)
{
	return TAILQ_FIRST(&job->file.device->jobs) == job;
}

int opp_job_error(const struct opp_job *job)
{
	if (opp_file_kicked(&job->file))
		return EIO;
	return job->file.departed ? ENODEV : 0;
}

/* ---- the line of jobs ---------------------------------------------------------------- */

static void begin_turn(struct opp_job *job)
{
	job->first_since_us = opp_now_us();
	opp_monitor_job(&job->file, "job begun", 0);
}

static void enter_line(struct opp_job *job)
{
	if (job->in_line)
		return;
	job->in_line = true;
	TAILQ_INSERT_TAIL(&job->file.device->jobs, job, line);
	if (opp_job_has_turn(job))
		begin_turn(job);
}

static void tell_pollers(const struct opp_served_device *device)
{
	struct opp_file *file;

	TAILQ_FOREACH(file, &device->port->service->files, link)
		if (file->device == device)
			opp_file_poll_changed(file);
}

static void leave_line(struct opp_job *job)
{
	struct opp_served_device *device = job->file.device;
	const bool had_turn = opp_job_has_turn(job);
	struct opp_job *first;

	if (!job->in_line)
		return;
	job->in_line = false;
	TAILQ_REMOVE(&device->jobs, job, line);
	/* Of a port that ends nobody hears more. */
	if (!had_turn || device->port->leaving)
		return;
	opp_monitor_job(&job->file, "job ended", job->moved);
	tell_pollers(device);
	opp_gap_tell(device);
	first = TAILQ_FIRST(&device->jobs);
	if (!first)
		return;
	begin_turn(first);
	/* It may be about to be put out as well. */
	if (!opp_job_error(first))
		opp_job_serve(first);
}

static struct opp_call *next_willing(struct opp_call_list *calls)
{
	struct opp_call *call;

	TAILQ_FOREACH(call, calls, link)
		if (!call->error)
			return call;
	return NULL;
}

/* Giving one up may end others, so each is looked for anew. */
static void give_up_all(struct opp_job *job, int error)
{
	struct opp_call *call;

	while ((call = next_willing(&job->calls)) || (call = next_willing(&job->reads)))
		opp_call_give_up(call, error);
	opp_control_give_up(&job->file, error);
}

/* Out of the line first: none of its calls begins because another one gives up. */
static void put_out(struct opp_job *job, int error)
{
	leave_line(job);
	give_up_all(job, error);
	opp_file_poll_changed(&job->file);
}

static bool put_out_first(struct opp_served_device *device, uint64_t client)
{
	struct opp_job *job = TAILQ_FIRST(&device->jobs);

	if (!job || !(job->file.client.number == client || opp_file_kicked(&job->file)))
		return false;
	job->file.put_out = true;
	put_out(job, EIO);
	return true;
}

bool opp_port_put_out_job(struct opp_served_port *port, uint64_t client)
{
	bool put_one_out = false;

	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++)
		put_one_out |= put_out_first(&port->devices[place], client);
	return put_one_out;
}

void opp_device_describe_jobs(const struct opp_served_device *device, struct opp_ioc_status *status)
{
	const struct opp_job *first = TAILQ_FIRST(&device->jobs);
	const struct opp_job *behind;

	if (!first)
		return;
	opp_file_describe(&first->file, first->first_since_us, &status->job);
	for (behind = TAILQ_NEXT(first, line); behind; behind = TAILQ_NEXT(behind, line))
		status->jobs_behind++;
}

/* ---- documented requests ------------------------------------------------------------------ */

/* It has opened its device: its turn is all of its life, and no piece of it is a job's. */
static bool is_documented(const struct opp_job *job)
{
	return job->file.client.device && !opp_job_error(job);
}

static void look_again(struct opp_job *job, uint64_t after_us)
{
	const struct timeval after = {
		.tv_sec = (time_t)(after_us / 1000000),
		.tv_usec = (suseconds_t)(after_us % 1000000),
	};

	evtimer_add(job->hold_timer, &after);
}

/* A request may have the port long after it was asked for; a lock outlives its request. */
static void on_hold(evutil_socket_t fd, short what, void *context)
{
	struct opp_job *job = context;
	struct opp_served_port *port = job->file.port;
	const uint64_t most_us = port->config.max_hold_us;
	struct opp_ioc_status status;

	(void)fd;
	(void)what;
	if (port->leaving)
		return;
	opp_host_status(port->host, &status);
	if (status.holder.client != job->file.client.number) {
		if (!TAILQ_EMPTY(&job->file.controls))
			look_again(job, most_us);
	} else if (status.holder.age_us < most_us) {
		look_again(job, most_us - status.holder.age_us);
	} else if (opp_host_kick(port->host, job->file.client.number) == OPP_SUCCESS) {
		put_out(job, EIO);
	}
	opp_calls_settle(port->service);
}

/* What it is going to ask for holds the port for max_hold at the most. */
static void limit_hold(struct opp_job *job)
{
	const uint64_t most_us = job->file.port->config.max_hold_us;

	if (most_us && !evtimer_pending(job->hold_timer, NULL))
		look_again(job, most_us);
}

static void on_control_ended(struct opp_file *file, const struct opp_request *what)
{
	if (what->major == IRP_MJ_READ || what->major == IRP_MJ_WRITE)
		job_of(file)->moved += what->information;
}

/* Its place in line is the first one or none: a documented request waits for no job. */
static int open_device(struct opp_job *job)
{
	const struct opp_job *first = TAILQ_FIRST(&job->file.device->jobs);
	int error;

	if (is_documented(job))
		return 0;
	if (first)
		return is_documented(first) ? EACCES : EBUSY;
	if (!job->hold_timer)
		job->hold_timer = evtimer_new(job->file.service->loop.base, on_hold, job);
	if (!job->hold_timer)
		return ENOMEM;
	error = opp_control_open(&job->file);
	if (!error)
		enter_line(job);
	return error;
}

/* ---- reading and writing --------------------------------------------------------------- */

static struct opp_call *add_call(struct opp_job *job, fuse_req_t request, unsigned code,
				 const void *bytes, size_t count)
{
	struct opp_call *call =
		opp_call_park(&job->file, opp_kernel_asks(request), bytes, count, opp_job_give_up);

	if (!call)
		return NULL;
	call->code = code;
	/* What the device does not fill is not the client's to see. */
	if (!bytes)
		memset(call->bytes, 0, count);
	TAILQ_INSERT_TAIL(code == OPP_CALL_JOB_READ ? &job->reads : &job->calls, call, link);
	return call;
}

/* What must not wait cannot even stand in line behind something. */
static bool is_busy(const struct opp_job *job)
{
	return !opp_job_has_turn(job) || job->working || !TAILQ_EMPTY(&job->calls);
}

/* Why a write cannot even begin; a write refused with EAGAIN keeps its place in line. */
static int write_error(struct opp_job *job, bool nonblock)
{
	int fault = opp_job_error(job);

	if (fault)
		return fault;
	fault = job->fault;
	job->fault = 0;
	if (fault)
		return fault;
	enter_line(job);
	return nonblock && is_busy(job) ? EAGAIN : 0;
}

static void job_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		      bool nonblock)
{
	struct opp_job *job = job_of(file);
	struct opp_call *call;
	int error;

	if (is_documented(job)) {
		limit_hold(job);
		opp_control_write(file, request, bytes, count, on_control_ended);
		return;
	}
	opp_file_name_client(file, request);
	error = write_error(job, nonblock);
	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	call = add_call(job, request, OPP_CALL_JOB_WRITE, bytes, count);
	if (!call)
		return;
	call->nonblock = nonblock;
	opp_job_serve(job);
}

static bool may_take_long(struct opp_job *job, struct opp_call *call)
{
	const struct opp_port_config *config = &job->file.port->config;
	uint64_t patience_us = job->patience_us ? job->patience_us : config->fault_timeout_us;

	if (opp_call_set_deadline(call, patience_us, ETIMEDOUT))
		return true;
	opp_call_give_up(call, ENOMEM);
	return false;
}

static void job_read(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock)
{
	struct opp_job *job = job_of(file);
	int error = opp_job_error(job);
	struct opp_call *call;

	if (is_documented(job)) {
		limit_hold(job);
		opp_control_read(file, request, count, on_control_ended);
		return;
	}
	opp_file_name_client(file, request);
	if (!error) {
		enter_line(job);
		error = nonblock && (is_busy(job) || !TAILQ_EMPTY(&job->reads)) ? EAGAIN : 0;
	}
	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	call = add_call(job, request, OPP_CALL_JOB_READ, NULL, count);
	if (!call)
		return;
	call->nonblock = nonblock;
	if (nonblock || may_take_long(job, call))
		opp_job_serve(job);
}

static void job_fsync(struct opp_file *file, fuse_req_t request)
{
	struct opp_job *job = job_of(file);
	const int error = opp_job_error(job);
	struct opp_call *call;

	if (error || !job->in_line) {
		fuse_reply_err(request, error);
		return;
	}
	call = add_call(job, request, OPP_CALL_JOB_FSYNC, NULL, 0);
	if (call && may_take_long(job, call))
		opp_job_serve(job);
}

/* ---- ioctl() ------------------------------------------------------------------------------ */

/* A program's time, as 32 or 64 bits hold it. False: it brought none. */
static bool read_time(const struct opp_ioctl *ioctl, int64_t time[2])
{
	int32_t narrow[2];

	if (ioctl->in_bytes == sizeof(narrow)) {
		memcpy(narrow, ioctl->in, sizeof(narrow));
		time[0] = narrow[0];
		time[1] = narrow[1];
		return true;
	}
	if (ioctl->in_bytes != 2 * sizeof(time[0]))
		return false;
	memcpy(time, ioctl->in, ioctl->in_bytes);
	return true;
}

/* As lp does it: no negative time, and none that is nothing. */
static void set_patience(struct opp_job *job, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	int64_t time[2];

	if (!read_time(ioctl, time) || time[0] < 0 || time[0] > INT32_MAX || time[1] < 0 ||
	    time[1] >= 1000000 || (time[0] == 0 && time[1] == 0)) {
		fuse_reply_err(request, EINVAL);
		return;
	}
	job->patience_us = (uint64_t)time[0] * 1000000 + (uint64_t)time[1];
	fuse_reply_ioctl(request, 0, NULL, 0);
}

static void job_control(struct opp_job *job, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	int error = opp_job_error(job);

	if (!error) {
		opp_file_name_client(&job->file, request);
		error = open_device(job);
	}
	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	limit_hold(job);
	opp_control_begin(&job->file, opp_kernel_asks(request), ioctl, on_control_ended);
}

/* What a device is told by these would be in the middle of the page of whose turn it is. */
static bool is_in_anothers_turn(const struct opp_job *job, unsigned code)
{
	return (code == OPP_IOC_NEGOTIATE || code == OPP_IOC_DEVICE_ID || code == LPRESET) &&
	       !TAILQ_EMPTY(&job->file.device->jobs) && !opp_job_has_turn(job);
}

static void job_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	struct opp_job *job = job_of(file);
	int error = opp_job_error(job);
	struct opp_call *call = NULL;

	if (opp_control_is(ioctl)) {
		job_control(job, request, ioctl);
		return;
	}
	opp_file_name_client(file, request);
	if (!error && is_in_anothers_turn(job, ioctl->code))
		error = EBUSY;
	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	switch (ioctl->code) {
	case OPP_IOC_NEGOTIATE:
		call = add_call(job, request, ioctl->code, ioctl->in, sizeof(struct opp_ioc_wire));
		break;
	case OPP_IOC_DEVICE_ID:
		call = add_call(job, request, ioctl->code, NULL, sizeof(struct opp_ioc_device_id));
		break;
	case LPSETTIMEOUT_OLD:
	case LPSETTIMEOUT_NEW: set_patience(job, request, ioctl); break;
	default: opp_lp_ioctl(file, request, ioctl); break;
	}
	if (call)
		opp_job_serve(job);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static short job_events(struct opp_file *file, short wanted)
{
	struct opp_job *job = job_of(file);
	short events = 0;

	if (opp_job_error(job))
		return POLLERR | POLLHUP;
	if (is_documented(job))
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	if (opp_job_has_turn(job) || TAILQ_EMPTY(&file->device->jobs))
		events |= POLLOUT | POLLWRNORM;
	if ((wanted & (POLLIN | POLLRDNORM)) && opp_job_is_readable(job))
		events |= POLLIN | POLLRDNORM;
	return events;
}

static void job_cancel(struct opp_file *file)
{
	give_up_all(job_of(file), ECANCELED);
}

static void job_depart(struct opp_file *file)
{
	put_out(job_of(file), ENODEV);
}

static bool job_release(struct opp_file *file)
{
	struct opp_job *job = job_of(file);

	job->closed = true;
	leave_line(job);
	if (job->hold_timer)
		event_free(job->hold_timer);
	opp_job_work_release(job);
	return false;
}

static const struct opp_file_ops job_ops = {
	.read = job_read,
	.write = job_write,
	.ioctl = job_ioctl,
	.fsync = job_fsync,
	.events = job_events,
	.cancel = job_cancel,
	.depart = job_depart,
	.release = job_release,
};

struct opp_file *opp_job_new(void)
{
	struct opp_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->file.ops = &job_ops;
	opp_job_work_init(job);
	return &job->file;
}
