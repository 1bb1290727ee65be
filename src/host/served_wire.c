/* SPDX-License-Identifier: MIT */
/*
 * What a handle on a served port has done on the wire. The ioctls end with 0 and
 * say themselves how it went; only what kept them from being tried is an errno.
 */
#include <linux/parport.h>
#include <linux/ppdev.h>
#include <string.h>

#include "served.h"

/* Asking ended with @asked; how what was asked for went is in the answer, at @told. */
static enum opp_status either(enum opp_status asked, const uint32_t *told)
{
	return asked == OPP_SUCCESS ? opp_served_status(*told) : asked;
}

/* ---- bytes ------------------------------------------------------------------------------ */

/* One piece: @out or @in, of up to OPP_IOC_TRANSFER_BYTES. */
static enum opp_status move(struct opp_handle *handle, unsigned long code,
			    struct opp_ioc_transfer *piece, size_t *moved)
{
	const uint32_t asked = piece->count;
	const enum opp_status status = opp_served_ask(handle, code, piece);

	/* The service is trusted with the port, not with this program's memory. */
	piece->count = asked;
	*moved = 0;
	if (status == OPP_SUCCESS && piece->wire.count <= asked)
		*moved = piece->wire.count;
	return either(status, &piece->wire.status);
}

static uint32_t piece_of(size_t left)
{
	return left < OPP_IOC_TRANSFER_BYTES ? (uint32_t)left : OPP_IOC_TRANSFER_BYTES;
}

enum opp_status opp_served_write(struct opp_handle *handle, const void *bytes, size_t count,
				 uint64_t timeout_us, size_t *sent)
{
	struct opp_ioc_transfer piece = { .timeout_us = timeout_us };
	struct opp_served *served = opp_served_of(handle);
	struct opp_served_call call;
	enum opp_status status;
	size_t moved;

	*sent = 0;
	opp_served_begin(served, &call);
	do {
		piece.count = piece_of(count - *sent);
		if (piece.count)
			memcpy(piece.bytes, (const uint8_t *)bytes + *sent, piece.count);
		status = move(handle, OPP_IOC_WRITE, &piece, &moved);
		*sent += moved;
		if (status == OPP_SUCCESS && *sent < count &&
		    opp_served_is_cancelled(served, &call))
			status = OPP_CANCELLED;
	} while (status == OPP_SUCCESS && moved == piece.count && *sent < count);
	opp_served_end(served, &call);
	return status;
}

/* The first piece waits for as long as it may; who has bytes waits for no more. */
enum opp_status opp_served_read(struct opp_handle *handle, void *bytes, size_t room,
				uint64_t timeout_us, size_t *got)
{
	struct opp_ioc_transfer piece = { .timeout_us = timeout_us };
	struct opp_served *served = opp_served_of(handle);
	struct opp_served_call call;
	enum opp_status status;
	size_t moved;

	*got = 0;
	opp_served_begin(served, &call);
	do {
		piece.count = piece_of(room - *got);
		status = move(handle, OPP_IOC_READ, &piece, &moved);
		if (moved)
			memcpy((uint8_t *)bytes + *got, piece.bytes, moved);
		/* Nothing more: the device is silent, or busy with something else. */
		if (status == OPP_TIMEOUT && moved == 0 && *got)
			status = OPP_SUCCESS;
		*got += moved;
		piece.timeout_us = OPP_SILENCE_US;
		if (status == OPP_SUCCESS && *got < room && opp_served_is_cancelled(served, &call))
			status = OPP_CANCELLED;
	} while (status == OPP_SUCCESS && moved == piece.count && *got < room);
	opp_served_end(served, &call);
	return status;
}

/* ---- modes and connections ------------------------------------------------------------------ */

/* The service has ppdev's own ioctl for this. */
static enum opp_status terminate(struct opp_handle *handle)
{
	int mode = IEEE1284_MODE_COMPAT;

	return opp_served_wait(handle, PPNEGOT, &mode);
}

enum opp_status opp_served_wire(struct opp_handle *handle, enum opp_host_req_kind kind,
				struct opp_ioc_wire *wire)
{
	unsigned long code = OPP_IOC_NEGOTIATE;

	if (kind == OPP_HOST_TERMINATE)
		return terminate(handle);
	if (kind == OPP_HOST_ASSIGN)
		code = OPP_IOC_CHAIN;
	else if (kind == OPP_HOST_SELECT || kind == OPP_HOST_DESELECT)
		code = OPP_IOC_SELECT;
	return either(opp_served_wait(handle, code, wire), &wire->status);
}

enum opp_status opp_served_device_id(struct opp_handle *handle, struct opp_ioc_device_id *id)
{
	return either(opp_served_wait(handle, OPP_IOC_DEVICE_ID, id), &id->wire.status);
}

void opp_served_fill_batch(struct opp_ioc_batch *wish, const struct opp_batch *batch)
{
	*wish = (struct opp_ioc_batch){
		.count = batch->count,
		.allocate = batch->allocate != 0,
		.timeout_us = batch->timeout_us,
	};
	memcpy(wish->op, batch->ops, batch->count * sizeof(wish->op[0]));
}

void opp_served_heed_batch(const struct opp_ioc_batch *answer, struct opp_batch *batch)
{
	memcpy(batch->ops, answer->op, batch->count * sizeof(answer->op[0]));
	batch->done = answer->done < batch->count ? answer->done : batch->count;
}

enum opp_status opp_served_batch(struct opp_handle *handle, struct opp_batch *batch)
{
	struct opp_ioc_batch whole;
	enum opp_status status;

	opp_served_fill_batch(&whole, batch);
	status = opp_served_wait(handle, OPP_IOC_BATCH, &whole);
	if (status == OPP_SUCCESS)
		opp_served_heed_batch(&whole, batch);
	return either(status, &whole.status);
}

enum opp_status opp_served_control(struct opp_handle *handle, struct opp_ioc_control *control)
{
	const unsigned long code = OPP_IOC_CONTROL(opp_control_buffer_bytes(control));
	const enum opp_status status = opp_served_wait(handle, code, control);

	return either(status, &control->status);
}
