/* SPDX-License-Identifier: MIT */
/*
 * Documented requests between the kernel and the port, or a device on it: one that has
 * to wait is a parked call, with the port's request in it.
 *
 *	begin --> parked --> the port's complete() --> posted --> ended: answered
 *	             |                                              ^
 *	             '-- signal, cancel: the port is asked to ------'
 *	                 end it, and says how it ended
 *
 * Some use the wire while they are submitted, so that is an errand: it may have ended
 * before the loop hears that it was submitted.
 */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "errand.h"

struct opp_control {
	TAILQ_ENTRY(opp_control) link; /* its file's list */
	struct opp_call *call;
	struct opp_host_req req;
	struct opp_errand errand; /* submits it, with this answer: */
	enum opp_status answered;
	bool submitting;
	bool completed; /* its end has been told */
	enum opp_status status;
	struct opp_post posted;
	void (*ended)(struct opp_file *file, const struct opp_request *what);
	void (*reply)(struct opp_control *control);
	struct opp_ioc_control answer; /* its buffer follows */
};

bool opp_control_is(const struct opp_ioctl *ioctl)
{
	const unsigned code = ioctl->code;

	return _IOC_TYPE(code) == OPP_IOC_TYPE && _IOC_NR(code) == _IOC_NR(OPP_IOC_CONTROL(0)) &&
	       _IOC_DIR(code) == (_IOC_READ | _IOC_WRITE) && ioctl->in_bytes == _IOC_SIZE(code) &&
	       ioctl->in_bytes >= sizeof(struct opp_ioc_control);
}

static struct opp_control *control_of(struct opp_call *call)
{
	return (struct opp_control *)(void *)call->bytes;
}

static void *buffer_of(struct opp_control *control)
{
	return &control->answer + 1;
}

/* ---- the answer --------------------------------------------------------------------- */

static void reply_ioctl(struct opp_control *control)
{
	struct opp_call *call = control->call;

	control->answer.status = control->status;
	control->answer.information = control->req.contract.information;
	opp_call_end_ioctl(call, &control->answer,
			   call->count - offsetof(struct opp_control, answer));
}

/* Bytes that have moved count, whatever became of the others. */
static bool is_failed(const struct opp_control *control)
{
	return control->status != OPP_SUCCESS && !control->req.contract.information;
}

static void reply_write(struct opp_control *control)
{
	if (is_failed(control))
		opp_call_end_error(control->call, opp_status_errno(control->status));
	else
		opp_call_end_write(control->call, control->req.contract.information);
}

static void reply_read(struct opp_control *control)
{
	struct opp_call *call = control->call;
	const size_t count = control->req.contract.information;

	if (is_failed(control)) {
		opp_call_end_error(call, opp_status_errno(control->status));
		return;
	}
	memmove(call->bytes, buffer_of(control), count);
	opp_call_end_read(call, count);
}

/* What has happened wins over a signal. */
static void end(struct opp_control *control)
{
	struct opp_call *call = control->call;
	const bool gave_up = control->status == OPP_CANCELLED && call->error &&
			     call->error != ECANCELED && !control->req.contract.information;

	TAILQ_REMOVE(&call->file->controls, control, link);
	if (control->ended)
		control->ended(call->file, &control->req.contract);
	if (gave_up)
		opp_call_end_error(call, call->error);
	else
		control->reply(control);
}

static void on_posted(struct opp_post *post)
{
	struct opp_control *control = OPP_NODE(post, struct opp_control, posted);

	control->completed = true;
	if (!control->submitting)
		end(control);
}

/* Context: any thread. */
static void on_complete(struct opp_host_req *req, enum opp_status status)
{
	struct opp_control *control = OPP_NODE(req, struct opp_control, req);

	control->status = status;
	opp_post(&control->call->file->service->loop, &control->posted);
}

static void give_up(struct opp_call *call)
{
	struct opp_control *control = control_of(call);

	if (!control->submitting) {
		(void)opp_host_cancel(call->file->port->host, &control->req);
	} else if (opp_errand_recall(&control->errand, call->file)) {
		control->status = OPP_CANCELLED;
		end(control);
	}
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

static bool tells_registers(const struct opp_ioc_control *wish)
{
	return wish->major == IRP_MJ_INTERNAL_DEVICE_CONTROL &&
	       (wish->code == IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO ||
		wish->code == IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO);
}

/* ---- asking ------------------------------------------------------------------------- */

/* A control of @file with room for @bytes behind it. NULL: @asker has its answer. */
static struct opp_control *prepare(struct opp_file *file, struct opp_asker asker, size_t bytes,
				   void (*reply)(struct opp_control *control))
{
	struct opp_control *control;
	struct opp_call *call;

	if (asker.request)
		opp_file_name_client(file, asker.request);
	call = opp_call_park(file, asker, NULL, sizeof(*control) + bytes, give_up);
	if (!call)
		return NULL;
	control = control_of(call);
	*control = (struct opp_control){ .call = call, .posted.run = on_posted, .reply = reply };
	TAILQ_INSERT_TAIL(&file->controls, control, link);
	return control;
}

/* Context: any thread. */
static void run(struct opp_host_errand *errand)
{
	struct opp_control *control = OPP_NODE(errand, struct opp_control, errand.host);

	control->answered = opp_host_submit(control->call->file->port->host, &control->req);
}

/* Pending, it may have ended by now, and said how; or its call has given up meanwhile. */
static void heed_submitted(struct opp_control *control)
{
	control->submitting = false;
	if (control->answered != OPP_PENDING)
		control->status = control->answered;
	if (control->answered != OPP_PENDING || control->completed)
		end(control);
	else if (control->call->error)
		give_up(control->call);
}

static void on_submitted(struct opp_post *post)
{
	heed_submitted(OPP_NODE(post, struct opp_control, errand.over));
}

static void submit(struct opp_control *control)
{
	struct opp_file *file = control->call->file;
	struct opp_request *what = &control->req.contract;

	control->req.kind = OPP_HOST_DOCUMENTED;
	control->req.client = &file->client;
	control->req.complete = on_complete;
	what->major = control->answer.major;
	what->code = control->answer.code;
	what->input_bytes = control->answer.input_bytes;
	what->output_bytes = control->answer.output_bytes;
	if (what->input_bytes || what->output_bytes)
		what->buffer = buffer_of(control);
	control->submitting = true;
	if (opp_errand_send(&control->errand, file, run, on_submitted))
		heed_submitted(control);
}

void opp_control_begin(struct opp_file *file, struct opp_asker asker, const struct opp_ioctl *ioctl,
		       void (*ended)(struct opp_file *file, const struct opp_request *what))
{
	const size_t buffer_bytes = ioctl->in_bytes - sizeof(struct opp_ioc_control);
	struct opp_ioc_control wish;
	struct opp_control *control;
	int error;

	memcpy(&wish, ioctl->in, sizeof(wish));
	error = what_is_wrong(&wish, buffer_bytes);
	if (error) {
		opp_answer_error(asker, error);
		return;
	}
	if (tells_registers(&wish))
		opp_file_ask_right(file, asker.request);
	control = prepare(file, asker, buffer_bytes, reply_ioctl);
	if (!control)
		return;
	control->ended = ended;
	memcpy(&control->answer, ioctl->in, ioctl->in_bytes);
	submit(control);
}

/* ---- devices ------------------------------------------------------------------------- */

int opp_control_open(struct opp_file *file)
{
	const uint8_t place = file->raw ? OPP_PLACE_RAW : file->device->place;
	enum opp_status status = OPP_SUCCESS;

	if (!file->client.device)
		status = opp_host_open_device(file->port->host, &file->client, place);
	return status == OPP_ACCESS_DENIED ? EACCES : opp_status_errno(status);
}

void opp_control_read(struct opp_file *file, fuse_req_t request, size_t count,
		      void (*ended)(struct opp_file *file, const struct opp_request *what))
{
	struct opp_control *control = prepare(file, opp_kernel_asks(request), count, reply_read);

	if (!control)
		return;
	/* What the device does not fill is not the client's to see. */
	memset(buffer_of(control), 0, count);
	control->ended = ended;
	control->answer.major = IRP_MJ_READ;
	control->answer.output_bytes = (uint32_t)count;
	submit(control);
}

void opp_control_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		       void (*ended)(struct opp_file *file, const struct opp_request *what))
{
	struct opp_control *control = prepare(file, opp_kernel_asks(request), count, reply_write);

	if (!control)
		return;
	memcpy(buffer_of(control), bytes, count);
	control->ended = ended;
	control->answer.major = IRP_MJ_WRITE;
	control->answer.input_bytes = (uint32_t)count;
	submit(control);
}

void opp_control_give_up(struct opp_file *file, int error)
{
	struct opp_control *control, *next;

	for (control = TAILQ_FIRST(&file->controls); control; control = next) {
		next = TAILQ_NEXT(control, link);
		opp_call_give_up(control->call, error);
	}
}
