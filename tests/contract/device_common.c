/* SPDX-License-Identifier: MIT */
/*
 * Short forms of what most cases about devices do. File 0 is who has a device open.
 */
#include "device_case.h"

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

void open_device(struct rig *rig, uint8_t place, int file)
{
	CHECK_EQUAL(ask_device_major(rig, place, file, IRP_MJ_CREATE), 0);
}

void close_device(struct rig *rig, uint8_t place, int file)
{
	CHECK_EQUAL(ask_device_major(rig, place, file, IRP_MJ_CLEANUP), 0);
	CHECK_EQUAL(ask_device_major(rig, place, file, IRP_MJ_CLOSE), 0);
}
