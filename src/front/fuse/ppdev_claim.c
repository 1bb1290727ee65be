/* SPDX-License-Identifier: MIT */
/*
 * How a file parport<m> gets the port and loses it.
 *
 * One file asks the port once, whoever of its threads wait: the first of them
 * has the port, the others hear what Linux tells who claims twice. A call that
 * gives up while others wait leaves alone; the last one takes the request out
 * of the port's line and is answered when the port has said how that ended.
 */
#include "ppdev.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>

#include <openparport/codes.h>
#include <openparport/wire.h>

#include "control.h"

static struct opp_host_port *host_of(struct opp_ppdev *ppdev)
{
	return ppdev->file.port->host;
}

static struct opp_ppdev *ppdev_of(struct opp_call *call)
{
	return OPP_NODE(call->file, struct opp_ppdev, file);
}

/* ---- taking and leaving ------------------------------------------------------------ */

void opp_port_limit_hold(struct opp_served_port *port)
{
	uint64_t max_hold_us = port->config.max_hold_us;
	const struct timeval limit = {
		.tv_sec = (time_t)(max_hold_us / 1000000),
		.tv_usec = (suseconds_t)(max_hold_us % 1000000),
	};

	if (!port->holder)
		return;
	port->limited = port->holder->file.client.number;
	if (max_hold_us)
		evtimer_add(port->hold_timer, &limit);
	else
		evtimer_del(port->hold_timer);
}

/* The port is this file's: the wire gets what the client left at its last release. */
static void take_port(struct opp_ppdev *ppdev)
{
	struct opp_served_port *port = ppdev->file.port;

	ppdev->claimed = true;
	port->holder = ppdev;
	ppdev->ticks_at_claim = ppdev->ticks;
	ppdev->wire_mode = OPP_MODE_COMPAT;
	ppdev->interrupts_seen = opp_host_interrupts(port->host);
	ppdev->answer_after = ppdev->interrupts_seen;
	opp_ppdev_owe(ppdev, OPP_HOST_CONTROL, opp_ppdev_control_bits(ppdev, ppdev->control));
	opp_ppdev_owe(ppdev, OPP_HOST_DIRECTION, ppdev->reverse);
	opp_ppdev_pay(ppdev);
	opp_port_limit_hold(port);
	opp_port_choose_listener(port);
}

static void leave_port(struct opp_ppdev *ppdev)
{
	struct opp_served_port *port = ppdev->file.port;

	opp_ppdev_count_interrupts(ppdev);
	opp_ppdev_owe_nothing(ppdev);
	ppdev->claimed = false;
	port->holder = NULL;
	evtimer_del(port->hold_timer);
	opp_port_choose_listener(port);
}

/*
 * Keeps what the client will find again; the next one finds data lines that are
 * outputs. PENDING while something of the file's moves the lines.
 */
static enum opp_status save_wire(struct opp_ppdev *ppdev)
{
	struct opp_host_access accesses[] = {
		{ .which = OPP_HOST_CONTROL },
		{ .which = OPP_HOST_DIRECTION, .write = true },
	};
	const enum opp_status status = opp_ppdev_touch(ppdev, accesses, ppdev->reverse ? 2 : 1);

	/* Its mode is left when the port is free; the next transfer negotiates anew. */
	if (status == OPP_SUCCESS)
		ppdev->control = ppdev->wire_mode == OPP_MODE_COMPAT
					 ? accesses[0].value & OPP_CONTROL_LINES
					 : OPP_IDLE_CONTROL;
	return status;
}

/* A port that goes takes the claim with it, a moment before its files are told. */
int opp_ppdev_unclaimed_error(const struct opp_ppdev *ppdev)
{
	return opp_host_is_lost(ppdev->file.port->host) ? ENODEV : EINVAL;
}

int opp_ppdev_release(struct opp_ppdev *ppdev)
{
	if (save_wire(ppdev) == OPP_PENDING)
		return OPP_WAITS_BEHIND_MOVE;
	leave_port(ppdev);
	return opp_status_errno(opp_host_free(host_of(ppdev), &ppdev->file.client));
}

/* ---- who keeps whom out for as long as it is open ----------------------------------- */

int opp_ppdev_register(struct opp_ppdev *ppdev, struct opp_asker asker)
{
	struct opp_served_port *port = ppdev->file.port;

	if (asker.request)
		opp_file_name_client(&ppdev->file, asker.request);
	if (ppdev->registered)
		return 0;
	if (!port->config.exclusive_waits &&
	    (port->registered_exclusively || (ppdev->exclusive && port->registered)))
		return ENXIO;
	ppdev->registered = true;
	port->registered++;
	if (ppdev->exclusive)
		port->registered_exclusively = true;
	return 0;
}

static void unregister(struct opp_ppdev *ppdev)
{
	struct opp_served_port *port = ppdev->file.port;

	if (!ppdev->registered)
		return;
	port->registered--;
	if (ppdev->exclusive)
		port->registered_exclusively = false;
}

/* ---- waiting ---------------------------------------------------------------------- */

/* Context: any thread. */
static void on_claim_complete(struct opp_host_req *req, enum opp_status status)
{
	struct opp_ppdev *ppdev = OPP_NODE(req, struct opp_ppdev, claim);

	ppdev->claim_status = status;
	opp_post(&ppdev->file.port->service->loop, &ppdev->claim_ended);
}

static enum opp_status submit_claim(struct opp_ppdev *ppdev)
{
	enum opp_status status;

	memset(&ppdev->claim, 0, sizeof(ppdev->claim));
	ppdev->claim.kind = OPP_HOST_ALLOCATE;
	ppdev->claim.client = &ppdev->file.client;
	ppdev->claim.complete = on_claim_complete;
	status = opp_host_submit(host_of(ppdev), &ppdev->claim);
	ppdev->claiming = status == OPP_PENDING;
	return status;
}

static bool waits_for_a_gap(const struct opp_ppdev *ppdev)
{
	return ppdev->exclusive && ppdev->file.port->config.exclusive_waits;
}

/* A file of which a call waits already has its place. */
static enum opp_status stand_in_line(struct opp_ppdev *ppdev)
{
	if (ppdev->claiming || ppdev->gap.waiting ||
	    (waits_for_a_gap(ppdev) && opp_gap_await(&ppdev->gap)))
		return OPP_PENDING;
	return submit_claim(ppdev);
}

/* Also who only tries waits for a system that lends the port, for @patience_us. */
static enum opp_status try_claim(struct opp_ppdev *ppdev, uint64_t *patience_us)
{
	enum opp_status status;

	if (waits_for_a_gap(ppdev) && opp_gap_is_closed(ppdev->file.port))
		return OPP_DEVICE_BUSY;
	status = opp_host_try_allocate(host_of(ppdev), &ppdev->file.client);
	if (status != OPP_PENDING)
		return status;
	*patience_us = OPP_HOST_TRY_US;
	return submit_claim(ppdev);
}

/* The first claimant that still wants the port; @any: else one that has given up. */
static struct opp_call *next_claimant(struct opp_ppdev *ppdev, bool any)
{
	struct opp_call *call;

	TAILQ_FOREACH(call, &ppdev->claimants, link)
		if (!call->error)
			return call;
	return any ? TAILQ_FIRST(&ppdev->claimants) : NULL;
}

static void end_claimant(struct opp_ppdev *ppdev, struct opp_call *call, int error)
{
	TAILQ_REMOVE(&ppdev->claimants, call, link);
	opp_call_end_error(call, error);
}

/* Everybody who waits hears @error, or why it gave up itself. */
static void end_claimants(struct opp_ppdev *ppdev, int error)
{
	struct opp_call *call;

	while ((call = TAILQ_FIRST(&ppdev->claimants)))
		end_claimant(ppdev, call, call->error ? call->error : error);
}

static void claim_granted(struct opp_ppdev *ppdev)
{
	struct opp_call *winner = next_claimant(ppdev, true);

	if (opp_file_kicked(&ppdev->file)) {
		end_claimants(ppdev, EIO);
		return;
	}
	if (!winner) {
		opp_host_free(host_of(ppdev), &ppdev->file.client);
		return;
	}
	take_port(ppdev);
	TAILQ_REMOVE(&ppdev->claimants, winner, link);
	opp_ppdev_end_granted(ppdev, winner);
	end_claimants(ppdev, EINVAL);
}

static void heed_claim(struct opp_ppdev *ppdev, enum opp_status status)
{
	if (status == OPP_SUCCESS)
		claim_granted(ppdev);
	else if (status != OPP_PENDING)
		end_claimants(ppdev, opp_status_errno(status));
}

static void on_gap(struct opp_gap_waiter *gap)
{
	struct opp_ppdev *ppdev = OPP_NODE(gap, struct opp_ppdev, gap);

	heed_claim(ppdev, submit_claim(ppdev));
}

/* The port's answer to @claim, on the loop. */
static void on_claim_ended(struct opp_post *post)
{
	struct opp_ppdev *ppdev = OPP_NODE(post, struct opp_ppdev, claim_ended);
	enum opp_status status = ppdev->claim_status;

	ppdev->claiming = false;
	if (ppdev->closed || ppdev->file.port->leaving) {
		end_claimants(ppdev, ENODEV);
		return;
	}
	/* Who came after the last one gave up asks anew. */
	if ((status == OPP_CANCELLED || status == OPP_DEVICE_BUSY) && next_claimant(ppdev, false))
		status = stand_in_line(ppdev);
	heed_claim(ppdev, status);
}

/* Out of the line; the port's answer follows if it has been asked. */
static void withdraw(struct opp_ppdev *ppdev)
{
	opp_gap_leave(&ppdev->gap);
	if (ppdev->claiming)
		opp_host_cancel(host_of(ppdev), &ppdev->claim);
}

static void give_up_claim(struct opp_call *call)
{
	struct opp_ppdev *ppdev = ppdev_of(call);
	bool is_last = !next_claimant(ppdev, false);

	if (is_last && ppdev->claiming && call->error == call->late_error)
		opp_host_expire(host_of(ppdev), &ppdev->claim);
	else if (is_last)
		withdraw(ppdev);
	if (!is_last || !ppdev->claiming)
		end_claimant(ppdev, call, call->error);
}

static int wait_for_claim(struct opp_ppdev *ppdev, struct opp_asker asker, uint64_t timeout_us,
			  int late_error)
{
	struct opp_call *call = opp_call_park(&ppdev->file, asker, NULL, 0, give_up_claim);

	if (!call) {
		if (TAILQ_EMPTY(&ppdev->claimants))
			withdraw(ppdev);
		return OPP_ANSWERED_LATER;
	}
	TAILQ_INSERT_TAIL(&ppdev->claimants, call, link);
	if (timeout_us != OPP_IOC_FOREVER_US &&
	    !opp_call_set_deadline(call, timeout_us, late_error))
		opp_call_give_up(call, ENOMEM);
	return OPP_ANSWERED_LATER;
}

int opp_ppdev_claim(struct opp_ppdev *ppdev, struct opp_asker asker, uint64_t timeout_us,
		    int late_error)
{
	enum opp_status status;
	int error;

	if (ppdev->claimed)
		return EINVAL;
	if (opp_ppdev_is_busy(ppdev))
		return OPP_WAITS_BEHIND_MOVE;
	error = opp_ppdev_register(ppdev, asker);
	if (error)
		return error;
	status = timeout_us || ppdev->claiming ? stand_in_line(ppdev)
					       : try_claim(ppdev, &timeout_us);
	if (status == OPP_DEVICE_BUSY)
		return late_error;
	if (status == OPP_SUCCESS)
		take_port(ppdev);
	if (status != OPP_PENDING)
		return opp_status_errno(status);
	return wait_for_claim(ppdev, asker, timeout_us, late_error);
}

int opp_ppdev_yield(struct opp_ppdev *ppdev, struct opp_asker asker)
{
	int error;

	/* Once it has begun to give the port up it goes on. */
	if (!ppdev->touch.done && opp_host_waiters(host_of(ppdev)) == 0)
		return 0;
	error = opp_ppdev_release(ppdev);
	if (error)
		return error;
	return opp_ppdev_claim(ppdev, asker, OPP_IOC_FOREVER_US, 0);
}

void opp_ppdev_cancel_claim(struct opp_ppdev *ppdev)
{
	struct opp_call *call;

	while ((call = next_claimant(ppdev, false)))
		opp_call_give_up(call, ECANCELED);
}

void opp_ppdev_claim_close(struct opp_ppdev *ppdev)
{
	if (ppdev->claimed)
		leave_port(ppdev);
	if (ppdev->gap.waiting)
		end_claimants(ppdev, ENODEV);
	opp_gap_leave(&ppdev->gap);
	unregister(ppdev);
}

/* ---- documented requests ------------------------------------------------------------- */

static bool may_take(const struct opp_request *what)
{
	return what->major == IRP_MJ_INTERNAL_DEVICE_CONTROL &&
	       (what->code == IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE ||
		what->code == IOCTL_INTERNAL_SELECT_DEVICE);
}

static bool may_leave(const struct opp_ioc_control *wish)
{
	return wish->major == IRP_MJ_INTERNAL_DEVICE_CONTROL &&
	       (wish->code == IOCTL_INTERNAL_PARALLEL_PORT_FREE ||
		wish->code == IOCTL_INTERNAL_DESELECT_DEVICE);
}

static void on_control_ended(struct opp_file *file, const struct opp_request *what)
{
	struct opp_ppdev *ppdev = OPP_NODE(file, struct opp_ppdev, file);
	bool holds;

	if (file->port->leaving || opp_file_kicked(file))
		return;
	holds = opp_host_holds(file->port->host, &file->client);
	if (holds && !ppdev->claimed && may_take(what))
		take_port(ppdev);
	else if (!holds && ppdev->claimed)
		leave_port(ppdev);
	else if (ppdev->claimed && ppdev->reverse)
		opp_ppdev_owe(ppdev, OPP_HOST_DIRECTION, true);
	opp_ppdev_pay(ppdev);
}

int opp_ppdev_control(struct opp_ppdev *ppdev, struct opp_asker asker,
		      const struct opp_ioctl *ioctl)
{
	struct opp_ioc_control wish;

	memcpy(&wish, ioctl->in, sizeof(wish));
	if (ppdev->touch.under_way ||
	    (ppdev->claimed && may_leave(&wish) && save_wire(ppdev) == OPP_PENDING))
		return OPP_WAITS_BEHIND_MOVE;
	opp_control_begin(&ppdev->file, asker, ioctl, on_control_ended);
	return OPP_ANSWERED_LATER;
}

/* ---- being put out ------------------------------------------------------------------ */

void opp_port_put_out_holder(struct opp_served_port *port)
{
	struct opp_ppdev *holder = port->holder;
	struct opp_call *call;

	if (!holder || !opp_file_kicked(&holder->file))
		return;
	leave_port(holder);
	opp_ppdev_give_up_touch(holder, EIO);
	while ((call = TAILQ_FIRST(&holder->behind)))
		opp_call_give_up(call, EIO);
	opp_file_poll_changed(&holder->file);
}

static void on_max_hold(evutil_socket_t fd, short what, void *context)
{
	struct opp_served_port *port = context;

	(void)fd;
	(void)what;
	opp_host_kick(port->host, port->limited);
	opp_port_put_out_holder(port);
	opp_calls_settle(port->service);
}

bool opp_port_ppdev_init(struct opp_served_port *port)
{
	opp_port_interrupt_init(port);
	TAILQ_INIT(&port->gap_waiters);
	port->hold_timer = evtimer_new(port->service->loop.base, on_max_hold, port);
	return port->hold_timer;
}

void opp_port_ppdev_release(struct opp_served_port *port)
{
	if (port->hold_timer)
		event_free(port->hold_timer);
}

void opp_ppdev_claim_init(struct opp_ppdev *ppdev)
{
	TAILQ_INIT(&ppdev->claimants);
	ppdev->claim_ended.run = on_claim_ended;
	ppdev->gap.file = &ppdev->file;
	ppdev->gap.come = on_gap;
}
