/* SPDX-License-Identifier: MIT */
/*
 * Handles of devices: what a handle of a port does, but for its requests, which are
 * documented ones to the device. A device has its turns at the port by itself, so what
 * holds a port, and what needs a port that is held, is refused.
 */
#include <stdio.h>
#include <string.h>

#include <openparport/codes.h>

#include "handle.h"

#define US_PER_MS 1000u

/* ---- what is a port's alone ---------------------------------------------------------------- */

static enum opp_status no_allocate(struct opp_handle *handle, uint64_t timeout_us)
{
	(void)handle;
	(void)timeout_us;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_free(struct opp_handle *handle)
{
	(void)handle;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_read_register(struct opp_handle *handle, enum opp_host_register which,
					uint8_t *value)
{
	(void)handle;
	(void)which;
	(void)value;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_write_register(struct opp_handle *handle, enum opp_host_register which,
					 uint8_t value)
{
	(void)handle;
	(void)which;
	(void)value;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_registers(struct opp_handle *handle, struct opp_ioc_registers *registers)
{
	(void)handle;
	(void)registers;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_wire(struct opp_handle *handle, enum opp_host_req_kind kind,
			       struct opp_ioc_wire *wire)
{
	(void)handle;
	(void)kind;
	(void)wire;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_batch(struct opp_handle *handle, struct opp_batch *batch)
{
	(void)handle;
	(void)batch;
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status no_submit(struct opp_handle *handle, struct opp_async *async)
{
	(void)handle;
	(void)async;
	return OPP_INVALID_DEVICE_REQUEST;
}

/* ---- bytes, and the device id -------------------------------------------------------------- */

/* A limit of whole milliseconds; 0 stands for none there. */
static uint32_t limit_ms(uint64_t timeout_us)
{
	const uint64_t ms = timeout_us / US_PER_MS + (timeout_us % US_PER_MS != 0);

	if (timeout_us == OPP_FOREVER_US)
		return 0;
	if (ms == 0)
		return 1;
	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX - 1;
}

static enum opp_status set_limit(struct opp_handle *handle, uint64_t timeout_us)
{
	const struct SERIAL_TIMEOUTS timeouts = {
		.ReadTotalTimeoutConstant = limit_ms(timeout_us),
		.WriteTotalTimeoutConstant = limit_ms(timeout_us),
	};

	return opp_control(handle, IRP_MJ_DEVICE_CONTROL, IOCTL_SERIAL_SET_TIMEOUTS, &timeouts,
			   sizeof(timeouts), NULL, 0, NULL);
}

static uint32_t piece_of(size_t left)
{
	return left < OPP_CONTROL_BYTES ? (uint32_t)left : OPP_CONTROL_BYTES;
}

static enum opp_status device_write(struct opp_handle *handle, const void *bytes, size_t count,
				    uint64_t timeout_us, size_t *sent)
{
	enum opp_status status = set_limit(handle, timeout_us);
	uint32_t moved = 0;

	*sent = 0;
	while (status == OPP_SUCCESS && *sent < count) {
		status = opp_control(handle, IRP_MJ_WRITE, 0, (const uint8_t *)bytes + *sent,
				     piece_of(count - *sent), NULL, 0, &moved);
		*sent += moved;
	}
	return status;
}

static enum opp_status device_read(struct opp_handle *handle, void *bytes, size_t room,
				   uint64_t timeout_us, size_t *got)
{
	enum opp_status status = set_limit(handle, timeout_us);
	uint32_t moved = 0;

	*got = 0;
	if (status == OPP_SUCCESS)
		status =
			opp_control(handle, IRP_MJ_READ, 0, NULL, 0, bytes, piece_of(room), &moved);
	*got = moved;
	return status;
}

static enum opp_status device_id(struct opp_handle *handle, struct opp_ioc_device_id *id)
{
	return opp_control(handle, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_QUERY_RAW_DEVICE_ID, NULL, 0,
			   id->bytes, sizeof(id->bytes), &id->wire.count);
}

/* ---- keeping the port ------------------------------------------------------------------------ */

static enum opp_status tell(struct opp_handle *handle, uint32_t code)
{
	return opp_control(handle, IRP_MJ_INTERNAL_DEVICE_CONTROL, code, NULL, 0, NULL, 0, NULL);
}

enum opp_status opp_lock(struct opp_handle *handle)
{
	return tell(handle, IOCTL_INTERNAL_LOCK_PORT);
}

enum opp_status opp_unlock(struct opp_handle *handle)
{
	return tell(handle, IOCTL_INTERNAL_UNLOCK_PORT);
}

/* ---- life ------------------------------------------------------------------------------------ */

enum opp_status opp_handle_becomes_device(struct opp_handle *handle)
{
	struct PARCLASS_NEGOTIATION_MASK unwanted;

	handle->device_ops = *handle->ops;
	handle->device_ops.allocate = no_allocate;
	handle->device_ops.free = no_free;
	handle->device_ops.read_register = no_read_register;
	handle->device_ops.write_register = no_write_register;
	handle->device_ops.registers = no_registers;
	handle->device_ops.write = device_write;
	handle->device_ops.read = device_read;
	handle->device_ops.wire = no_wire;
	handle->device_ops.device_id = device_id;
	handle->device_ops.batch = no_batch;
	handle->device_ops.submit = no_submit;
	handle->ops = &handle->device_ops;
	/* The first request to a served device opens it; a port does not know this one. */
	return opp_control(handle, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_GET_DEFAULT_MODES, NULL, 0,
			   &unwanted, sizeof(unwanted), NULL);
}
