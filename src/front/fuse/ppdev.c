/* SPDX-License-Identifier: MIT */
/*
 * A file parport<m>: its life, its mode, its interrupts, and the calls that wait
 * because the file has something under way on the wire (ppdev_move.c).
 */
#include "ppdev.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/parport.h>

#include <openparport/wire.h>

#include "control.h"
#include "submit.h"

#define CONTROL_INTERRUPT 0x10
#define DEFAULT_TICKS     (5 * OPP_TICKS_A_SECOND)

static struct opp_ppdev *ppdev_of(struct opp_file *file)
{
	return OPP_NODE(file, struct opp_ppdev, file);
}

void opp_ppdev_set_mode(struct opp_ppdev *ppdev, int32_t mode)
{
	int32_t plain = mode & ~OPP_MODE_FLAGS;
	bool reverse = plain == IEEE1284_MODE_NIBBLE || plain == IEEE1284_MODE_BYTE;

	ppdev->mode = mode;
	ppdev->phase = reverse ? OPP_PHASE_REVERSE_IDLE : OPP_PHASE_FORWARD_IDLE;
}

uint8_t opp_ppdev_control_bits(const struct opp_ppdev *ppdev, uint8_t control)
{
	const uint8_t interrupt = ppdev->file.port->info.interrupt ? CONTROL_INTERRUPT : 0;

	return (control & OPP_CONTROL_LINES) | interrupt;
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
	if (!holder || port->leaving)
		return;
	opp_ppdev_count_interrupts(holder);
	/* The client may have cleared its count already; the answer is owed all the same. */
	if (holder->answer_armed && holder->interrupts_seen != holder->answer_after) {
		holder->answer_armed = false;
		opp_ppdev_owe(holder, OPP_HOST_CONTROL,
			      opp_ppdev_control_bits(holder, holder->answer));
		opp_ppdev_pay(holder);
	}
	if (holder->interrupts)
		opp_file_poll_changed(&holder->file);
	opp_port_choose_listener(port);
}

void opp_port_interrupt_init(struct opp_served_port *port)
{
	port->interrupt.run = on_interrupt_told;
}

static short ppdev_events(struct opp_file *file, short wanted)
{
	struct opp_ppdev *ppdev = ppdev_of(file);

	(void)wanted;
	if (opp_file_kicked(file))
		return POLLERR | POLLHUP | opp_submission_events(file);
	if (ppdev->claimed) {
		opp_ppdev_count_interrupts(ppdev);
		opp_port_choose_listener(file->port);
	}
	return (short)((ppdev->interrupts ? POLLIN | POLLRDNORM : 0) | opp_submission_events(file));
}

/* ---- behind what is under way ----------------------------------------------------- */

static void give_up_behind(struct opp_call *call)
{
	TAILQ_REMOVE(&ppdev_of(call->file)->behind, call, link);
	opp_call_end_error(call, call->error);
}

void opp_ppdev_go_behind(struct opp_ppdev *ppdev, struct opp_call *call)
{
	call->give_up = give_up_behind;
	call->patient |= ppdev->touch.under_way;
	TAILQ_INSERT_TAIL(&ppdev->behind, call, link);
}

void opp_ppdev_wait_behind(struct opp_ppdev *ppdev, struct opp_asker asker, unsigned code,
			   const void *bytes, size_t count, bool nonblock)
{
	struct opp_call *call = opp_call_park(&ppdev->file, asker, bytes, count, give_up_behind);

	if (call) {
		call->code = code;
		call->nonblock = nonblock;
	}
	if (!opp_ppdev_wait_for_touch(ppdev, call) && call)
		opp_ppdev_go_behind(ppdev, call);
}

void opp_ppdev_make_anew(struct opp_ppdev *ppdev, struct opp_call *call)
{
	const struct opp_ioctl ioctl = {
		.code = call->code,
		.in = call->bytes,
		.in_bytes = call->count,
	};
	const struct opp_asker asker = opp_call_take(call);

	switch (call->code) {
	case OPP_CALL_READ:
		opp_ppdev_read(&ppdev->file, asker.request, call->count, call->nonblock);
		break;
	case OPP_CALL_WRITE:
		opp_ppdev_write(&ppdev->file, asker.request, (const char *)call->bytes, call->count,
				call->nonblock);
		break;
	default: opp_ppdev_ask(ppdev, asker, &ioctl); break;
	}
	opp_call_forget(call);
}

void opp_ppdev_go_on(struct opp_ppdev *ppdev)
{
	struct opp_call_list waiting = TAILQ_HEAD_INITIALIZER(waiting);
	struct opp_call *call;

	if (ppdev->file.port->leaving || ppdev->file.port->asleep)
		return;
	opp_ppdev_pay(ppdev);
	if (opp_ppdev_is_busy(ppdev))
		return;
	TAILQ_CONCAT(&waiting, &ppdev->behind, link);
	while ((call = TAILQ_FIRST(&waiting))) {
		TAILQ_REMOVE(&waiting, call, link);
		opp_ppdev_make_anew(ppdev, call);
	}
}

/* ---- the rest ----------------------------------------------------------------------- */

static void ppdev_fsync(struct opp_file *file, fuse_req_t request)
{
	(void)file;
	fuse_reply_err(request, EINVAL);
}

static void ppdev_wake(struct opp_file *file)
{
	opp_ppdev_go_on(ppdev_of(file));
}

static void ppdev_cancel(struct opp_file *file)
{
	struct opp_ppdev *ppdev = ppdev_of(file);

	opp_ppdev_cancel_claim(ppdev);
	opp_control_give_up(file, ECANCELED);
	if (ppdev->mover)
		opp_call_give_up(ppdev->mover, ECANCELED);
	opp_submissions_cancel(file);
}

static bool ppdev_release(struct opp_file *file)
{
	struct opp_ppdev *ppdev = ppdev_of(file);
	bool claimed = ppdev->claimed;
	struct opp_call *call;

	while ((call = TAILQ_FIRST(&ppdev->behind)))
		opp_call_give_up(call, ENODEV);
	opp_ppdev_claim_close(ppdev);
	ppdev->closed = true;
	return claimed;
}

static const struct opp_file_ops ppdev_ops = {
	.read = opp_ppdev_read,
	.write = opp_ppdev_write,
	.ioctl = opp_ppdev_ioctl,
	.refuses = opp_ppdev_refuses,
	.fsync = ppdev_fsync,
	.events = ppdev_events,
	.cancel = ppdev_cancel,
	.wake = ppdev_wake,
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
	TAILQ_INIT(&ppdev->behind);
	opp_ppdev_move_init(ppdev);
	opp_ppdev_claim_init(ppdev);
	return &ppdev->file;
}
