/* SPDX-License-Identifier: MIT */
/*
 * A file parport<m>: what it does beside ioctl. Writing moves bytes in
 * compatibility mode; other modes are only remembered, and reading answers as
 * Linux does when the peripheral offers nothing to read.
 *
 * While a write moves bytes the registers are not the client's: its other
 * calls wait behind it and are made anew when it has ended.
 */
#include "ppdev.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/parport.h>

#include <openparport/wire.h>

/* Linux keeps these numbers to itself, but PPGETPHASE tells them. */
#define PHASE_FORWARD_IDLE 1
#define PHASE_REVERSE_IDLE 5
#define CONTROL_INTERRUPT  0x10
#define DEFAULT_TICKS      (5 * OPP_TICKS_A_SECOND)
#define MODE_FLAGS         (IEEE1284_DEVICEID | IEEE1284_ADDR)

/* Codes of calls that are not ioctls. */
#define CALL_WRITE 0u
#define CALL_READ  1u

static struct opp_ppdev *ppdev_of(struct opp_file *file)
{
	return OPP_NODE(file, struct opp_ppdev, file);
}

void opp_ppdev_set_mode(struct opp_ppdev *ppdev, int32_t mode)
{
	int32_t plain = mode & ~MODE_FLAGS;
	bool reverse = plain == IEEE1284_MODE_NIBBLE || plain == IEEE1284_MODE_BYTE;

	ppdev->mode = mode;
	ppdev->phase = reverse ? PHASE_REVERSE_IDLE : PHASE_FORWARD_IDLE;
}

enum opp_status opp_ppdev_write_control(struct opp_ppdev *ppdev, uint8_t control)
{
	struct opp_served_port *port = ppdev->file.port;
	uint8_t interrupt = port->info.interrupt ? CONTROL_INTERRUPT : 0;

	return opp_host_write_register(port->host, &ppdev->file.client, OPP_HOST_CONTROL,
				       (control & OPP_CONTROL_LINES) | interrupt);
}

enum opp_status opp_ppdev_write_direction(struct opp_ppdev *ppdev, bool reverse)
{
	return opp_host_write_register(ppdev->file.port->host, &ppdev->file.client,
				       OPP_HOST_DIRECTION, reverse);
}

/* ---- interrupts ----------------------------------------------------------------- */

void opp_ppdev_count_interrupts(struct opp_ppdev *ppdev)
{
	uint64_t now = opp_host_interrupts(ppdev->file.port->host);

	ppdev->interrupts += (uint32_t)(now - ppdev->interrupts_seen);
	ppdev->interrupts_seen = now;
}

/* Context: any thread. */
static void on_interrupt(void *context)
{
	struct opp_served_port *port = context;

	if (!atomic_exchange(&port->interrupt_posted, true))
		opp_post(&port->service->loop, &port->interrupt);
}

void opp_port_choose_listener(struct opp_served_port *port)
{
	struct opp_ppdev *holder = port->holder;
	bool wanted = holder && (holder->file.poll || holder->answer_armed);

	if (wanted == port->listening)
		return;
	port->listening = wanted;
	opp_host_on_interrupt(port->host, wanted ? on_interrupt : NULL, port);
}

static void on_interrupt_told(struct opp_post *post)
{
	struct opp_served_port *port = OPP_NODE(post, struct opp_served_port, interrupt);
	struct opp_ppdev *holder = port->holder;

	atomic_store(&port->interrupt_posted, false);
	if (!holder || port->service->ending)
		return;
	opp_ppdev_count_interrupts(holder);
	/* The client may have cleared its count already; the answer is owed all the same. */
	if (holder->answer_armed && holder->interrupts_seen != holder->answer_after)
		holder->answer_armed =
			opp_ppdev_write_control(holder, holder->answer) == OPP_PENDING;
	if (holder->interrupts)
		opp_file_poll_changed(&holder->file);
	opp_port_choose_listener(port);
}

void opp_port_interrupt_init(struct opp_served_port *port)
{
	port->interrupt.run = on_interrupt_told;
}

static short ppdev_events(struct opp_file *file)
{
	struct opp_ppdev *ppdev = ppdev_of(file);

	if (opp_file_kicked(file))
		return POLLERR | POLLHUP;
	if (ppdev->claimed) {
		opp_ppdev_count_interrupts(ppdev);
		opp_port_choose_listener(file->port);
	}
	return ppdev->interrupts ? POLLIN | POLLRDNORM : 0;
}

/* ---- behind a write --------------------------------------------------------------- */

static void give_up_behind(struct opp_call *call)
{
	TAILQ_REMOVE(&ppdev_of(call->file)->behind, call, link);
	opp_call_end_error(call, call->error);
}

void opp_ppdev_wait_behind(struct opp_ppdev *ppdev, fuse_req_t request, unsigned code,
			   const void *bytes, size_t count)
{
	struct opp_call *call = opp_call_park(&ppdev->file, request, bytes, count, give_up_behind);

	if (!call)
		return;
	call->code = code;
	TAILQ_INSERT_TAIL(&ppdev->behind, call, link);
}

static void ppdev_read(struct opp_file *file, fuse_req_t request, bool nonblock);
static void ppdev_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
			bool nonblock);

static void make_anew(struct opp_ppdev *ppdev, struct opp_call *call)
{
	const struct opp_ioctl ioctl = { call->code, call->bytes, call->count };
	fuse_req_t request = opp_call_take(call);

	switch (call->code) {
	case CALL_READ: ppdev_read(&ppdev->file, request, false); break;
	case CALL_WRITE:
		ppdev_write(&ppdev->file, request, (const char *)call->bytes, call->count, false);
		break;
	default: opp_ppdev_ioctl(&ppdev->file, request, &ioctl); break;
	}
	opp_call_forget(call);
}

static void make_waiting_anew(struct opp_ppdev *ppdev)
{
	struct opp_call_list waiting = TAILQ_HEAD_INITIALIZER(waiting);
	struct opp_call *call;

	TAILQ_CONCAT(&waiting, &ppdev->behind, link);
	while ((call = TAILQ_FIRST(&waiting))) {
		TAILQ_REMOVE(&waiting, call, link);
		make_anew(ppdev, call);
	}
}

/* ---- write ------------------------------------------------------------------------ */

/* Context: any thread. */
static void on_write_complete(struct opp_host_req *req, enum opp_status status)
{
	struct opp_ppdev *ppdev = OPP_NODE(req, struct opp_ppdev, write);

	ppdev->write_status = status;
	opp_post(&ppdev->file.port->service->loop, &ppdev->write_ended);
}

static void end_write(struct opp_ppdev *ppdev, enum opp_status status)
{
	struct opp_call *call = ppdev->writer;

	ppdev->writer = NULL;
	ppdev->file.last_write = status;
	ppdev->ticks = ppdev->ticks_at_claim;
	if (ppdev->write.done)
		opp_call_end_write(call, ppdev->write.done);
	else if (status == OPP_CANCELLED && call->error)
		opp_call_end_error(call, call->error);
	else if (status == OPP_CANCELLED || status == OPP_KICKED || status == OPP_DELETE_PENDING)
		opp_call_end_error(call, opp_status_errno(status));
	else
		/* A peripheral that takes nothing: Linux's ppdev has no error for it. */
		opp_call_end_write(call, 0);
}

static void on_write_ended(struct opp_post *post)
{
	struct opp_ppdev *ppdev = OPP_NODE(post, struct opp_ppdev, write_ended);

	end_write(ppdev, ppdev->write_status);
	if (!ppdev->file.port->service->ending)
		make_waiting_anew(ppdev);
}

static void give_up_write(struct opp_call *call)
{
	opp_host_cancel(call->file->port->host, &ppdev_of(call->file)->write);
}

static void start_write(struct opp_ppdev *ppdev, struct opp_call *call)
{
	uint64_t patience_us = call->nonblock ? OPP_TICK_US : ppdev->ticks * OPP_TICK_US;
	enum opp_status status;

	ppdev->writer = call;
	/* Bytes go out on data lines that are outputs, and so they stay. */
	ppdev->reverse = false;
	memset(&ppdev->write, 0, sizeof(ppdev->write));
	ppdev->write.kind = OPP_HOST_WRITE;
	ppdev->write.client = &ppdev->file.client;
	ppdev->write.complete = on_write_complete;
	ppdev->write.bytes = call->bytes;
	ppdev->write.count = call->count;
	ppdev->write.inactivity_us = patience_us;
	ppdev->write.fault_us = patience_us;
	status = opp_host_submit(ppdev->file.port->host, &ppdev->write);
	if (status != OPP_PENDING)
		end_write(ppdev, status);
}

/* 0 when the file may move bytes now, in compatibility mode or one that falls back to it. */
static int transfer_error(struct opp_ppdev *ppdev)
{
	if (opp_file_kicked(&ppdev->file))
		return EIO;
	return ppdev->claimed ? 0 : EINVAL;
}

static void ppdev_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
			bool nonblock)
{
	struct opp_ppdev *ppdev = ppdev_of(file);
	int error = transfer_error(ppdev);
	int32_t mode = ppdev->mode & ~MODE_FLAGS;
	struct opp_call *call;

	if (!error && mode != IEEE1284_MODE_COMPAT && mode != IEEE1284_MODE_NIBBLE &&
	    mode != IEEE1284_MODE_BYTE)
		error = EIO;
	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	if (ppdev->writer && nonblock) {
		fuse_reply_err(request, EAGAIN);
		return;
	}
	if (ppdev->writer) {
		opp_ppdev_wait_behind(ppdev, request, CALL_WRITE, bytes, count);
		return;
	}
	opp_ppdev_set_mode(ppdev, IEEE1284_MODE_COMPAT);
	call = opp_call_park(file, request, bytes, count, give_up_write);
	if (!call)
		return;
	call->nonblock = nonblock;
	start_write(ppdev, call);
}

/* ---- the rest ----------------------------------------------------------------------- */

/* In a reverse mode a reader waits for a peripheral that never has data; else there is none. */
static void ppdev_read(struct opp_file *file, fuse_req_t request, bool nonblock)
{
	struct opp_ppdev *ppdev = ppdev_of(file);
	int error = transfer_error(ppdev);
	int32_t mode = ppdev->mode & ~MODE_FLAGS;

	if (error)
		fuse_reply_err(request, error);
	else if (mode != IEEE1284_MODE_NIBBLE && mode != IEEE1284_MODE_BYTE)
		fuse_reply_err(request, EIO);
	else if (nonblock)
		fuse_reply_err(request, EAGAIN);
	else
		opp_ppdev_wait_behind(ppdev, request, CALL_READ, NULL, 0);
}

static void ppdev_fsync(struct opp_file *file, fuse_req_t request)
{
	(void)file;
	fuse_reply_err(request, EINVAL);
}

static void ppdev_cancel(struct opp_file *file)
{
	struct opp_ppdev *ppdev = ppdev_of(file);

	opp_ppdev_cancel_claim(ppdev);
	if (ppdev->writer)
		opp_call_give_up(ppdev->writer, ECANCELED);
}

static bool ppdev_release(struct opp_file *file)
{
	struct opp_ppdev *ppdev = ppdev_of(file);
	bool claimed = ppdev->claimed;

	opp_ppdev_claim_close(ppdev);
	ppdev->closed = true;
	return claimed;
}

static const struct opp_file_ops ppdev_ops = {
	.read = ppdev_read,
	.write = ppdev_write,
	.ioctl = opp_ppdev_ioctl,
	.fsync = ppdev_fsync,
	.events = ppdev_events,
	.cancel = ppdev_cancel,
	.release = ppdev_release,
};

struct opp_file *opp_ppdev_new(void)
{
	struct opp_ppdev *ppdev = calloc(1, sizeof(*ppdev));

	if (!ppdev)
		return NULL;
	ppdev->file.ops = &ppdev_ops;
	ppdev->control = OPP_IDLE_CONTROL;
	opp_ppdev_set_mode(ppdev, IEEE1284_MODE_COMPAT);
	ppdev->ticks = DEFAULT_TICKS;
	ppdev->write_ended.run = on_write_ended;
	TAILQ_INIT(&ppdev->behind);
	opp_ppdev_claim_init(ppdev);
	return &ppdev->file;
}
