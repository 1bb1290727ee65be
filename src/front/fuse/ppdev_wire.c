/* SPDX-License-Identifier: MIT */
/*
 * The service's own ioctls that act on the wire of a claimed port: modes, device
 * ids, daisy chains, batches of pin operations. How it went, and where it stopped, is in the answer; the
 * call itself fails only when something else ended it.
 */
#include <errno.h>
#include <string.h>

#include <linux/parport.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "ppdev.h"

/* The file's read() and write() go on in what the wire is in now. */
static void heed_mode(struct opp_ppdev *ppdev)
{
	bool compat = ppdev->move.mode_now == OPP_MODE_COMPAT;

	if (ppdev->move.stage == OPP_HOST_NOT_BEGUN)
		return;
	opp_ppdev_agree(ppdev, compat ? IEEE1284_MODE_COMPAT : ppdev->move.request_now);
	opp_ppdev_heed_phase(ppdev);
}

static void wire_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	const struct opp_ioc_wire wire = opp_host_wire_facts(&ppdev->move, status);
	int error = opp_ppdev_move_error(ppdev, status);
	struct opp_call *call = opp_ppdev_move_done(ppdev);

	heed_mode(ppdev);
	if (error) {
		opp_call_end_error(call, error);
	} else {
		memcpy(call->bytes, &wire, sizeof(wire));
		opp_call_end_ioctl(call, call->bytes, call->count);
	}
}

int opp_ppdev_own_wire(struct opp_ppdev *ppdev, struct opp_asker asker, enum opp_host_req_kind kind,
		       const void *in)
{
	struct opp_host_req *move;
	struct opp_ioc_wire wish;

	memcpy(&wish, in, sizeof(wish));
	if (wish.mode > OPP_MODE_EPP)
		return EINVAL;
	if (opp_ppdev_is_busy(ppdev))
		return OPP_WAITS_BEHIND_MOVE;
	if (!opp_ppdev_move_for(ppdev, asker, in, sizeof(wish)))
		return OPP_ANSWERED_LATER;
	if (kind == OPP_HOST_SELECT && wish.slot == OPP_IOC_END_OF_CHAIN)
		kind = OPP_HOST_DESELECT;
	move = opp_ppdev_prepare(ppdev, kind);
	move->request = wish.request;
	move->slot = wish.slot;
	move->mode = wish.mode;
	opp_ppdev_submit(ppdev, wire_told);
	return OPP_ANSWERED_LATER;
}

int opp_ppdev_own_device_id(struct opp_ppdev *ppdev, struct opp_asker asker)
{
	struct opp_host_req *move;
	struct opp_call *call;

	if (opp_ppdev_is_busy(ppdev))
		return OPP_WAITS_BEHIND_MOVE;
	call = opp_ppdev_move_for(ppdev, asker, NULL, sizeof(struct opp_ioc_device_id));
	if (!call)
		return OPP_ANSWERED_LATER;
	/* What the peripheral does not fill is not the client's to see. */
	memset(call->bytes, 0, call->count);
	move = opp_ppdev_prepare(ppdev, OPP_HOST_DEVICE_ID);
	move->buffer = call->bytes + sizeof(struct opp_ioc_wire);
	move->count = OPP_IOC_DEVICE_ID_BYTES;
	opp_ppdev_submit(ppdev, wire_told);
	return OPP_ANSWERED_LATER;
}

/* ---- bytes ------------------------------------------------------------------------------- */

static struct opp_ioc_transfer *transfer_of(struct opp_call *call)
{
	return (struct opp_ioc_transfer *)(void *)call->bytes;
}

static void transfer_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	struct opp_call *call = opp_ppdev_move_done(ppdev);

	heed_mode(ppdev);
	transfer_of(call)->wire = opp_host_wire_facts(&ppdev->move, status);
	opp_call_end_ioctl(call, call->bytes, call->count);
}

int opp_ppdev_own_transfer(struct opp_ppdev *ppdev, struct opp_asker asker,
			   enum opp_host_req_kind kind, const void *in)
{
	struct opp_ioc_transfer *wish;
	struct opp_host_req *move;

	if (opp_ppdev_is_busy(ppdev))
		return OPP_WAITS_BEHIND_MOVE;
	if (!opp_ppdev_move_for(ppdev, asker, in, sizeof(*wish)))
		return OPP_ANSWERED_LATER;
	wish = transfer_of(ppdev->mover);
	move = opp_ppdev_prepare(ppdev, kind);
	move->bytes = wish->bytes;
	move->buffer = wish->bytes;
	move->count = wish->count;
	move->inactivity_us = wish->timeout_us;
	move->fault_us = wish->timeout_us;
	move->first_us = wish->timeout_us;
	if (wish->count > sizeof(wish->bytes))
		opp_call_end_error(opp_ppdev_move_done(ppdev), EINVAL);
	else
		opp_ppdev_submit(ppdev, transfer_told);
	return OPP_ANSWERED_LATER;
}

/* ---- several pin operations ------------------------------------------------------------ */

static void batch_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	struct opp_call *call = opp_ppdev_move_done(ppdev);
	struct opp_ioc_batch *batch = (struct opp_ioc_batch *)(void *)call->bytes;

	batch->status = status;
	batch->done = (uint32_t)ppdev->move.done;
	opp_call_end_ioctl(call, batch, sizeof(*batch));
}

static void submit_batch(struct opp_ppdev *ppdev, struct opp_call *call)
{
	struct opp_ioc_batch *batch = (struct opp_ioc_batch *)(void *)call->bytes;
	struct opp_host_req *move = opp_ppdev_prepare(ppdev, OPP_HOST_BATCH);

	move->job = !ppdev->claimed;
	move->ops = batch->op;
	move->count = batch->count;
	if (move->job && batch->timeout_us != OPP_IOC_FOREVER_US &&
	    !opp_call_set_deadline(call, batch->timeout_us, EBUSY))
		opp_call_end_error(opp_ppdev_move_done(ppdev), ENOMEM);
	else
		opp_ppdev_submit(ppdev, batch_told);
}

int opp_ppdev_own_batch(struct opp_ppdev *ppdev, struct opp_asker asker, const void *in)
{
	struct opp_ioc_batch wish;
	int error = 0;

	memcpy(&wish, in, offsetof(struct opp_ioc_batch, op));
	if (opp_ppdev_is_busy(ppdev))
		return OPP_WAITS_BEHIND_MOVE;
	if (!ppdev->claimed)
		error = wish.allocate ? opp_ppdev_register(ppdev, asker) : EINVAL;
	if (error)
		return error;
	if (opp_ppdev_move_for(ppdev, asker, in, sizeof(wish)))
		submit_batch(ppdev, ppdev->mover);
	return OPP_ANSWERED_LATER;
}
