/* SPDX-License-Identifier: MIT */
#include "gone.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "call.h"
#include "own_ioctl.h"

static void gone_read(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock)
{
	(void)file;
	(void)count;
	(void)nonblock;
	fuse_reply_err(request, ENODEV);
}

static void gone_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		       bool nonblock)
{
	(void)bytes;
	gone_read(file, request, count, nonblock);
}

static void gone_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	static const struct opp_ioc_status status = { .state = OPP_IOC_STATE_REMOVED };
	struct opp_served_port *port = file->port;
	const bool shown = port->listed && port->leaving;

	if (ioctl->code == OPP_IOC_REAP)
		opp_submission_reap(file, request, ENODEV);
	else if (ioctl->code == OPP_IOC_STATUS && shown)
		fuse_reply_ioctl(request, 0, &status, sizeof(status));
	else if (ioctl->code == OPP_IOC_INFO && shown)
		fuse_reply_ioctl(request, 0, &port->info, sizeof(port->info));
	else if (ioctl->code == OPP_IOC_SIM_SET && shown)
		opp_own_set_gone(port, request, ioctl->in);
	else
		fuse_reply_err(request, ENODEV);
}

static void gone_fsync(struct opp_file *file, fuse_req_t request)
{
	(void)file;
	fuse_reply_err(request, ENODEV);
}

static short gone_events(struct opp_file *file, short wanted)
{
	(void)wanted;
	return (short)(POLLERR | POLLHUP | opp_submission_events(file));
}

static bool gone_release(struct opp_file *file)
{
	(void)file;
	return false;
}

static const struct opp_file_ops gone_ops = {
	.read = gone_read,
	.write = gone_write,
	.ioctl = gone_ioctl,
	.fsync = gone_fsync,
	.events = gone_events,
	.release = gone_release,
};

struct opp_file *opp_gone_new(void)
{
	struct opp_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->ops = &gone_ops;
	file->orphan = true;
	return file;
}

static struct opp_call *waiting_call(const struct opp_served_port *port)
{
	struct opp_call *call;

	TAILQ_FOREACH(call, &port->service->calls, service_link)
		if (call->file->port == port && !call->error)
			return call;
	return NULL;
}

/* What it is part of lets it go as if it were closed; only its client is not told so. */
static void be_gone(struct opp_file *file)
{
	(void)file->ops->release(file);
	file->ops = &gone_ops;
	file->orphan = true;
	opp_file_poll_changed(file);
}

void opp_files_be_gone(struct opp_served_port *port)
{
	struct opp_file *file;
	struct opp_call *call;

	while ((call = waiting_call(port)))
		opp_call_give_up(call, ENODEV);
	TAILQ_FOREACH(file, &port->service->files, link)
		if (file->port == port && !file->orphan)
			be_gone(file);
}
