/* SPDX-License-Identifier: MIT */
/*
 * Short forms of what most contract cases do.
 */
#include "case.h"

void open_files(struct rig *rig, int count)
{
	for (int file = 0; file < count; file++)
		CHECK_EQUAL(ask_major(rig, file, IRP_MJ_CREATE), OPP_NT_SUCCESS);
}

void close_file(struct rig *rig, int file)
{
	CHECK_EQUAL(ask_major(rig, file, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_major(rig, file, IRP_MJ_CLOSE), OPP_NT_SUCCESS);
}

void submit(struct rig *rig, struct call *call, int file, uint32_t code)
{
	call->major = IRP_MJ_INTERNAL_DEVICE_CONTROL;
	call->code = code;
	call->file = file;
	rig_submit(rig, call);
}

static int32_t end_of(const struct call *call)
{
	CHECK(call->done);
	CHECK(call->returned != OPP_NT_PENDING);
	CHECK_EQUAL(call->returned, call->status);
	CHECK_EQUAL(call->information, 0);
	return call->status;
}

int32_t ask(struct rig *rig, int file, uint32_t code)
{
	return ask_with(rig, file, code, NULL, 0);
}

int32_t ask_major(struct rig *rig, int file, uint8_t major)
{
	struct call call = { .major = major, .file = file };

	rig_submit(rig, &call);
	return end_of(&call);
}

int32_t ask_with(struct rig *rig, int file, uint32_t code, void *input, uint32_t bytes)
{
	struct call call = { .buffer = input, .input_bytes = bytes };

	submit(rig, &call, file, code);
	return end_of(&call);
}

int32_t ask_command(struct rig *rig, int file, uint32_t code, uint32_t flags, uint8_t id)
{
	struct PARALLEL_1284_COMMAND command = { .ID = id, .CommandFlags = flags };

	return ask_with(rig, file, code, &command, sizeof(command));
}

void queue_allocate(struct rig *rig, struct call *call, int file)
{
	submit(rig, call, file, ALLOCATE);
	CHECK_EQUAL(call->returned, OPP_NT_PENDING);
	CHECK(!call->done);
}

static void queue_command(struct rig *rig, struct call *call, int file,
			  struct PARALLEL_1284_COMMAND command)
{
	call->buffer = &command;
	call->input_bytes = sizeof(command);
	submit(rig, call, file, SELECT);
	call->buffer = NULL;
	CHECK_EQUAL(call->returned, OPP_NT_PENDING);
	CHECK(!call->done);
}

void queue_select(struct rig *rig, struct call *call, int file)
{
	queue_command(rig, call, file, (struct PARALLEL_1284_COMMAND){ .CommandFlags = EOC });
}

void queue_device(struct rig *rig, struct call *call, int file, uint8_t id)
{
	queue_command(rig, call, file, (struct PARALLEL_1284_COMMAND){ .ID = id });
}

int32_t ask_device(struct rig *rig, int file, uint8_t id)
{
	struct call call = { 0 };

	queue_device(rig, &call, file, id);
	rig_settle(rig);
	check_ended(&call, call.status);
	return call.status;
}

void check_ended(const struct call *call, int32_t status)
{
	CHECK(call->done);
	CHECK_EQUAL(call->status, status);
	CHECK_EQUAL(call->information, 0);
}

struct PARALLEL_PORT_INFORMATION port_info(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info;
	struct call call = { .buffer = &info, .output_bytes = sizeof(info) };

	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO);
	CHECK_EQUAL(call.status, OPP_NT_SUCCESS);
	CHECK_EQUAL(call.information, sizeof(info));
	return info;
}

struct PARALLEL_PNP_INFORMATION pnp_info(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION info;
	struct call call = { .buffer = &info, .output_bytes = sizeof(info) };

	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO);
	CHECK_EQUAL(call.status, OPP_NT_SUCCESS);
	CHECK_EQUAL(call.information, sizeof(info));
	return info;
}

bool try_allocate(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	return info.TryAllocatePort(info.Context);
}

void free_port(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	info.FreePort(info.Context);
}

uint32_t waiters(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	return info.QueryNumWaiters(info.Context);
}

bool is_held(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts = rig_counters(rig);
	uint32_t held = counts.PortAllocates - counts.PortFrees;

	CHECK(held <= 1);
	return held == 1;
}

bool chip_rests(struct rig *rig)
{
	return pnp_info(rig).CurrentMode == INITIAL_MODE && rig_chip_mode(rig) <= 0x20;
}
