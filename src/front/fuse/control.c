/* SPDX-License-Identifier: MIT */
/*
 * Documented requests between the kernel and the port: one that has to wait is a
 * parked call, with the port's request in it.
 *
 *	begin --> parked --> the port's complete() --> posted --> ended: answered
 *	             |                                              ^
 *	             '-- signal, cancel: the port is asked to ------'
 *	                 end it, and says how it ended
 */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <openparport/hosted/parportd_ioctl.h>

struct opp_control {
	TAILQ_ENTRY(opp_control) link; /* its file's list */
	struct opp_call *call;
	struct opp_host_req req;
	enum opp_status status;
	struct opp_post posted;
	void (*ended)(struct opp_file *file, const struct opp_request *what);
	struct opp_ioc_control answer; /* its buffer follows */
};

bool opp_control_is(unsigned code)
{
	return _IOC_TYPE(code) == OPP_IOC_TYPE && _IOC_NR(code) == _IOC_NR(OPP_IOC_CONTROL(0)) &&
	       _IOC_DIR(code) == (_IOC_READ | _IOC_WRITE) &&
	       _IOC_SIZE(code) >= sizeof(struct opp_ioc_control);
}

static struct opp_control *control_of(struct opp_call *call)
{
	return (struct opp_control *)(void *)call->bytes;
}

static size_t answer_bytes(const struct opp_call *call)
{
	return call->count - offsetof(struct opp_control, answer);
}

/* What has happened wins over a signal. */
static void end(struct opp_control *control)
{
	struct opp_call *call = control->call;
	const bool gave_up =
		control->status == OPP_CANCELLED && call->error && call->error != ECANCELED;

	TAILQ_REMOVE(&call->file->controls, control, link);
	control->answer.status = control->status;
	control->answer.information = control->req.contract.information;
	control->ended(call->file, &control->req.contract);
	if (gave_up)
		opp_call_end_error(call, call->error);
	else
		opp_call_end_ioctl(call, &control->answer, answer_bytes(call));
}

static void on_posted(struct opp_post *post)
{
	end(OPP_NODE(post, struct opp_control, posted));
}

/* Context: any thread. */
static void on_complete(struct opp_host_req *req, enum opp_status status)
{
	struct opp_control *control = OPP_NODE(req, struct opp_control, req);

	control->status = status;
	opp_post(&control->call->file->port->service->loop, &control->posted);
}

static void give_up(struct opp_call *call)
{
	(void)opp_host_cancel(call->file->port->host, &control_of(call)->req);
}

static int what_is_wrong(const struct opp_ioc_control *wish, size_t buffer_bytes)
{
	if (wish->pointer_bytes != sizeof(void *))
		return EOPNOTSUPP;
	if (buffer_bytes > OPP_IOC_CONTROL_BYTES || wish->input_bytes > buffer_bytes ||
	    wish->output_bytes > buffer_bytes)
		return EINVAL;
	return 0;
}

static void submit(struct opp_control *control)
{
	struct opp_file *file = control->call->file;
	struct opp_request *what = &control->req.contract;
	enum opp_status status;

	control->req.kind = OPP_HOST_DOCUMENTED;
	control->req.client = &file->client;
	control->req.complete = on_complete;
	what->major = control->answer.major;
	what->code = control->answer.code;
	what->input_bytes = control->answer.input_bytes;
	what->output_bytes = control->answer.output_bytes;
	if (what->input_bytes || what->output_bytes)
		what->buffer = &control->answer + 1;
	status = opp_host_submit(file->port->host, &control->req);
	/* Pending, it may have ended by now, and said how. */
	if (status == OPP_PENDING)
		return;
	control->status = status;
	end(control);
}

void opp_control_begin(struct opp_file *file, struct opp_asker asker, const struct opp_ioctl *ioctl,
		       void (*ended)(struct opp_file *file, const struct opp_request *what))
{
	const size_t before = offsetof(struct opp_control, answer);
	struct opp_ioc_control wish;
	struct opp_control *control;
	struct opp_call *call;
	int error;

	memcpy(&wish, ioctl->in, sizeof(wish));
	error = what_is_wrong(&wish, ioctl->in_bytes - sizeof(wish));
	if (error) {
		opp_answer_error(asker, error);
		return;
	}
	if (asker.request)
		opp_file_name_client(file, asker.request);
	call = opp_call_park(file, asker, NULL, before + ioctl->in_bytes, give_up);
	if (!call)
		return;
	control = control_of(call);
	*control = (struct opp_control){ .call = call, .ended = ended, .posted.run = on_posted };
	memcpy(&control->answer, ioctl->in, ioctl->in_bytes);
	TAILQ_INSERT_TAIL(&file->controls, control, link);
	submit(control);
}

void opp_control_cancel(struct opp_file *file)
{
	struct opp_control *control;

	TAILQ_FOREACH(control, &file->controls, link)
		opp_call_give_up(control->call, ECANCELED);
}
