/* SPDX-License-Identifier: MIT */
/*
 * Short forms of what most cases about devices do. Who has a device open is file 0.
 */
#include <string.h>

#include "device_case.h"

#define MOST_HEARD 2048

void send_to(struct rig *rig, struct call *call, uint8_t place)
{
	call->to_device = true;
	call->place = place;
	rig_submit(rig, call);
}

int32_t finish_at(struct rig *rig, struct call *call, uint8_t place)
{
	send_to(rig, call, place);
	rig_settle(rig);
	CHECK(call->done);
	return call->status;
}

int32_t control(struct rig *rig, struct call *call, uint8_t place, uint32_t code)
{
	call->major = IRP_MJ_DEVICE_CONTROL;
	call->code = code;
	return finish_at(rig, call, place);
}

int32_t ask_device_major(struct rig *rig, uint8_t place, int file, uint8_t major)
{
	struct call call = { .major = major, .file = file };

	(void)finish_at(rig, &call, place);
	CHECK_EQUAL(call.information, 0);
	return call.status;
}

int32_t ask_internal(struct rig *rig, uint8_t place, uint32_t code)
{
	struct call call = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL, .code = code };

	(void)finish_at(rig, &call, place);
	CHECK_EQUAL(call.information, 0);
	return call.status;
}

void queue_internal(struct rig *rig, struct call *call, uint8_t place, uint32_t code)
{
	call->major = IRP_MJ_INTERNAL_DEVICE_CONTROL;
	call->code = code;
	send_to(rig, call, place);
	CHECK_EQUAL(call->returned, PENDING);
}

void open_device(struct rig *rig, uint8_t place, int file)
{
	CHECK_EQUAL(ask_device_major(rig, place, file, IRP_MJ_CREATE), SUCCESS);
}

void close_device(struct rig *rig, uint8_t place, int file)
{
	CHECK_EQUAL(ask_device_major(rig, place, file, IRP_MJ_CLEANUP), SUCCESS);
	CHECK_EQUAL(ask_device_major(rig, place, file, IRP_MJ_CLOSE), SUCCESS);
}

/* ---- bytes --------------------------------------------------------------------------- */

/* The rig copies a buffer before it is sent; what it sends it does not change. */
static void *to_send(const void *bytes)
{
	return (void *)(uintptr_t)bytes;
}

void queue_write(struct rig *rig, struct call *call, uint8_t place, const void *bytes,
		 uint32_t count)
{
	call->major = IRP_MJ_WRITE;
	call->buffer = to_send(bytes);
	call->input_bytes = count;
	send_to(rig, call, place);
	CHECK_EQUAL(call->returned, PENDING);
}

void queue_read(struct rig *rig, struct call *call, uint8_t place, void *bytes, uint32_t count)
{
	call->major = IRP_MJ_READ;
	call->buffer = bytes;
	call->output_bytes = count;
	send_to(rig, call, place);
	CHECK_EQUAL(call->returned, PENDING);
}

int32_t write_to(struct rig *rig, uint8_t place, const void *bytes, uint32_t count)
{
	struct call call = { 0 };

	queue_write(rig, &call, place, bytes, count);
	rig_settle(rig);
	CHECK(call.done);
	if (call.status == SUCCESS)
		CHECK_EQUAL(call.information, count);
	return call.status;
}

int32_t read_from(struct rig *rig, uint8_t place, void *bytes, uint32_t count, uint32_t *moved)
{
	struct call call = { 0 };

	queue_read(rig, &call, place, bytes, count);
	rig_settle(rig);
	CHECK(call.done);
	*moved = call.information;
	return call.status;
}

void check_heard(struct rig *rig, uint8_t place, const void *bytes, uint32_t count)
{
	uint8_t heard[MOST_HEARD];

	CHECK_EQUAL(rig_heard(rig, place, heard, sizeof(heard)), count);
	CHECK(memcmp(heard, bytes, count) == 0);
}

/* ---- protocols ------------------------------------------------------------------------- */

int32_t negotiate(struct rig *rig, uint8_t place, uint16_t read, uint16_t write)
{
	struct PARCLASS_NEGOTIATION_MASK mask = { .usReadMask = read, .usWriteMask = write };
	struct call call = { .buffer = &mask,
			     .input_bytes = sizeof(mask),
			     .output_bytes = sizeof(mask) };

	(void)control(rig, &call, place, IOCTL_IEEE1284_NEGOTIATE);
	CHECK_EQUAL(call.information, call.status == SUCCESS ? 4 : 0);
	if (call.status == SUCCESS)
		check_mode(rig, place, mask.usReadMask, mask.usWriteMask);
	return call.status;
}

void check_mode(struct rig *rig, uint8_t place, uint16_t read, uint16_t write)
{
	struct PARCLASS_NEGOTIATION_MASK mask = { 0 };
	struct call call = { .major = IRP_MJ_DEVICE_CONTROL,
			     .code = IOCTL_IEEE1284_GET_MODE,
			     .buffer = &mask,
			     .output_bytes = sizeof(mask) };

	send_to(rig, &call, place);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, 4);
	CHECK_EQUAL(mask.usReadMask, read);
	CHECK_EQUAL(mask.usWriteMask, write);
}

/* ---- the port ------------------------------------------------------------------------------ */

struct PARCLASS_INFORMATION connect_to(struct rig *rig, uint8_t place)
{
	struct PARCLASS_INFORMATION info;
	struct call call = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
			     .code = IOCTL_INTERNAL_PARCLASS_CONNECT,
			     .buffer = &info,
			     .output_bytes = sizeof(info) };

	send_to(rig, &call, place);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, sizeof(info));
	return info;
}

bool is_port_free(struct rig *rig, uint8_t place)
{
	uint8_t is_free = 0xee;
	struct call call = { .major = IRP_MJ_DEVICE_CONTROL,
			     .code = IOCTL_PAR_IS_PORT_FREE,
			     .buffer = &is_free,
			     .output_bytes = sizeof(is_free) };

	send_to(rig, &call, place);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, 1);
	CHECK(is_free <= 1);
	return is_free;
}
