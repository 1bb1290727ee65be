/* SPDX-License-Identifier: MIT */
/*
 * The registers, for a file parport<m> that has claimed its port. Usually an access is
 * made at once. On a port whose wire the loop must not wait for the port's worker makes
 * it, and the call that wants it is made anew then and finds what has come of it:
 *
 *	call --> touch --> the worker has it, call parked --> done --> call made anew --> touch
 *	           '-- made at once                                                        |
 *	           '<----------------------------------------------------------------------'
 *
 * What the file owes the wire, whoever has asked for it, comes before all its calls that
 * wait. So what a client does with the registers takes place in its order.
 */
#include "ppdev.h"

#include <errno.h>
#include <string.h>

static struct opp_ppdev *ppdev_of(struct opp_call *call)
{
	return OPP_NODE(call->file, struct opp_ppdev, file);
}

/* Context: any thread, one at a time. */
static void run(struct opp_host_errand *errand)
{
	struct opp_touch *touch = OPP_NODE(errand, struct opp_touch, errand.host);
	struct opp_ppdev *ppdev = OPP_NODE(touch, struct opp_ppdev, touch);

	touch->status = opp_host_access(ppdev->file.port->host, &ppdev->file.client, touch->access,
					touch->count);
}

/* It wants to be made anew, unless its file has been closed or it has waited for a debt only. */
static void end_call(struct opp_ppdev *ppdev, struct opp_call *call)
{
	if (ppdev->closed) {
		opp_call_end_error(call, ENODEV);
		return;
	}
	if (ppdev->touch.granted) {
		opp_call_end_ioctl(call, NULL, 0);
		return;
	}
	ppdev->touch.done = true;
	opp_ppdev_make_anew(ppdev, call);
	ppdev->touch.done = false;
}

static void on_over(struct opp_post *post)
{
	struct opp_ppdev *ppdev = OPP_NODE(post, struct opp_ppdev, touch.errand.over);

	ppdev->touch.under_way = false;
	if (ppdev->mover)
		end_call(ppdev, opp_ppdev_move_done(ppdev));
	ppdev->touch.granted = false;
	opp_ppdev_go_on(ppdev);
}

/* Returns true when it has been done. */
static bool send(struct opp_ppdev *ppdev, const struct opp_host_access *accesses, size_t count)
{
	struct opp_touch *touch = &ppdev->touch;

	memcpy(touch->access, accesses, count * sizeof(*accesses));
	touch->count = count;
	touch->under_way = !opp_errand_send(&touch->errand, &ppdev->file, run, on_over);
	return !touch->under_way;
}

enum opp_status opp_ppdev_touch(struct opp_ppdev *ppdev, struct opp_host_access *accesses,
				size_t count)
{
	struct opp_touch *touch = &ppdev->touch;

	if (!touch->done) {
		if (opp_ppdev_is_busy(ppdev))
			return OPP_PENDING;
		touch->asked = !send(ppdev, accesses, count);
		if (touch->asked)
			return OPP_PENDING;
	}
	touch->done = false;
	memcpy(accesses, touch->access, count * sizeof(*accesses));
	return touch->status;
}

/* Nobody knows what becomes of one that has begun; it keeps its place. */
static void give_up(struct opp_call *call)
{
	struct opp_ppdev *ppdev = ppdev_of(call);
	struct opp_touch *touch = &ppdev->touch;

	touch->under_way = !opp_errand_recall(&touch->errand, &ppdev->file);
	opp_call_end_error(opp_ppdev_move_done(ppdev), call->error);
	if (!touch->under_way)
		opp_ppdev_go_on(ppdev);
}

void opp_ppdev_give_up_touch(struct opp_ppdev *ppdev, int error)
{
	if (ppdev->touch.under_way && ppdev->mover)
		opp_call_give_up(ppdev->mover, error);
}

bool opp_ppdev_wait_for_touch(struct opp_ppdev *ppdev, struct opp_call *call)
{
	if (!ppdev->touch.asked)
		return false;
	ppdev->touch.asked = false;
	ppdev->mover = call;
	if (call) {
		call->give_up = give_up;
		call->patient = true;
	}
	return true;
}

/* ---- what is owed ----------------------------------------------------------------------- */

void opp_ppdev_owe(struct opp_ppdev *ppdev, enum opp_host_register which, uint8_t value)
{
	ppdev->owed[which].due = true;
	ppdev->owed[which].value = value;
}

void opp_ppdev_owe_nothing(struct opp_ppdev *ppdev)
{
	memset(ppdev->owed, 0, sizeof(ppdev->owed));
}

void opp_ppdev_pay(struct opp_ppdev *ppdev)
{
	struct opp_host_access accesses[OPP_HOST_REGISTERS];
	size_t count = 0;

	if (opp_ppdev_is_busy(ppdev) || ppdev->file.port->asleep)
		return;
	for (unsigned which = 0; which < OPP_HOST_REGISTERS; which++)
		if (ppdev->owed[which].due)
			accesses[count++] = (struct opp_host_access){
				.which = (enum opp_host_register)which,
				.write = true,
				.value = ppdev->owed[which].value,
			};
	opp_ppdev_owe_nothing(ppdev);
	if (count)
		(void)send(ppdev, accesses, count);
}

static void give_up_granted(struct opp_call *call)
{
	(void)opp_ppdev_move_done(ppdev_of(call));
	opp_call_end_ioctl(call, NULL, 0);
}

void opp_ppdev_end_granted(struct opp_ppdev *ppdev, struct opp_call *call)
{
	if (!ppdev->touch.under_way || call->error) {
		opp_call_end_ioctl(call, NULL, 0);
		return;
	}
	call->give_up = give_up_granted;
	ppdev->mover = call;
	ppdev->touch.granted = true;
}
