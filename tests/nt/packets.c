/* SPDX-License-Identifier: MIT */
/*
 * See rig.h: a call as a request packet.
 */
#include <stdlib.h>

#include "rig.h"
#include "stack.h"

#define CANARY              0xc5
#define CANARY_BYTES        16
#define SYSTEM_BUFFER_BYTES 512
#define RAW_INDEX           (MOST_DEVICES - 1)

/* A request under way. */
struct slot {
	struct rig *rig;
	struct call *call;
	struct call orphan; /* stands in for a call that has gone; filled when it is sent */
	IRP *irp;
	struct slot *next;
	_Alignas(16) uint8_t arena[CANARY_BYTES + SYSTEM_BUFFER_BYTES + CANARY_BYTES];
	uint8_t as_sent[CANARY_BYTES + SYSTEM_BUFFER_BYTES + CANARY_BYTES];
};

/* ---- files --------------------------------------------------------------------------- */

static uint32_t index_of(const struct call *call)
{
	return call->place == RAW_DEVICE ? RAW_INDEX : call->place;
}

static FILE_OBJECT *file_of(struct rig *rig, const struct call *call, DEVICE_OBJECT *device)
{
	FILE_OBJECT **file;

	if (call->file == NO_FILE)
		return NULL;
	file = call->to_device ? &rig->device_files[index_of(call)][call->file]
			       : &rig->files[call->file];
	if (!*file)
		*file = kernel_file_new(device);
	return *file;
}

static void note_open(struct rig *rig, const struct call *call)
{
	bool *open;

	if (call->file == NO_FILE)
		return;
	open = call->to_device ? &rig->device_is_open[index_of(call)][call->file]
			       : &rig->is_open[call->file];
	if (call->major == IRP_MJ_CREATE && call->returned == OPP_NT_SUCCESS)
		*open = true;
	if (call->major == IRP_MJ_CLOSE)
		*open = false;
}

/* ---- buffers --------------------------------------------------------------------------- */

static uint8_t *system_buffer(struct slot *slot)
{
	return slot->arena + CANARY_BYTES;
}

static uint32_t buffer_bytes(const struct call *call)
{
	return max(call->input_bytes, call->output_bytes);
}

static void fill_buffer(struct slot *slot)
{
	const struct call *call = slot->call;

	CHECK(buffer_bytes(call) <= SYSTEM_BUFFER_BYTES);
	memset(slot->arena, CANARY, sizeof(slot->arena));
	if (call->buffer) {
		memcpy(system_buffer(slot), call->buffer, buffer_bytes(call));
		slot->irp->AssociatedIrp.SystemBuffer = system_buffer(slot);
	}
	memcpy(slot->as_sent, slot->arena, sizeof(slot->arena));
}

static bool moves_bytes(const struct call *call)
{
	return call->to_device && (call->major == IRP_MJ_READ || call->major == IRP_MJ_WRITE);
}

/* Nothing but the first Information bytes of the system buffer has changed. */
static void check_buffer(struct slot *slot)
{
	const struct call *call = slot->call;
	uint32_t answered = call->information;

	if (call->status != OPP_NT_SUCCESS && !moves_bytes(call))
		CHECK_EQUAL(answered, 0);
	if (call->major == IRP_MJ_WRITE) {
		CHECK(answered <= call->input_bytes);
		answered = 0;
	}
	CHECK(answered <= call->output_bytes);
	memcpy(slot->as_sent + CANARY_BYTES, system_buffer(slot), answered);
	CHECK(memcmp(slot->as_sent, slot->arena, sizeof(slot->arena)) == 0);
	if (answered && call->buffer)
		memcpy(call->buffer, system_buffer(slot), answered);
}

/* ---- there and back ---------------------------------------------------------------------- */

static void take_out(struct slot *slot)
{
	struct slot **place = &slot->rig->slots;

	while (*place != slot)
		place = &(*place)->next;
	*place = slot->next;
}

static void ended(void *context, IRP *irp)
{
	struct slot *slot = context;
	struct rig *rig = slot->rig;
	struct call *call = slot->call;

	CHECK(!call->done);
	take_out(slot);
	call->status = irp->IoStatus.Status;
	call->information = (uint32_t)irp->IoStatus.Information;
	call->order = ++rig->completed;
	call->slot = NULL;
	check_buffer(slot);
	if (irp->PendingReturned)
		call->returned = OPP_NT_PENDING;
	call->done = true;
	if (irp->PendingReturned && call->completed)
		call->completed(rig, call);
	free(slot);
}

static void send(struct rig *rig, struct call *call, DEVICE_OBJECT *device)
{
	struct slot *slot = calloc(1, sizeof(*slot));
	FILE_OBJECT *file = file_of(rig, call, device);
	IO_STACK_LOCATION *stack;
	NTSTATUS status;
	bool is_user;

	CHECK(slot && (device->Flags & DO_BUFFERED_IO));
	slot->rig = rig;
	slot->call = call;
	slot->orphan = (struct call){
		.slot = slot,
		.major = call->major,
		.to_device = call->to_device,
		.input_bytes = call->input_bytes,
		.output_bytes = call->output_bytes,
	};
	slot->irp = kernel_irp_new(device, file, call->major, 0, ended, slot);
	slot->irp->Cancel = call->cancelled;
	slot->next = rig->slots;
	rig->slots = slot;
	call->slot = slot;
	fill_buffer(slot);
	stack = IoGetNextIrpStackLocation(slot->irp);
	stack_fill(stack, call);
	if (call->major == IRP_MJ_CREATE && call->as_directory)
		stack->Parameters.Create.Options = FILE_DIRECTORY_FILE;
	is_user = kernel_be_user(true);
	status = kernel_irp_send(device, slot->irp);
	(void)kernel_be_user(is_user);
	call->returned = status;
	if (status != STATUS_PENDING) {
		CHECK(call->done);
		CHECK_EQUAL(call->status, status);
	}
}

void rig_submit(struct rig *rig, struct call *call)
{
	DEVICE_OBJECT *device = call->to_device ? rig_place(rig, call->place) : rig->device;

	CHECK(!call->slot && !call->done);
	if (!device)
		kernel_fatal("there is no device at place %u", call->place);
	send(rig, call, device);
	note_open(rig, call);
}

void rig_cancel(struct rig *rig, struct call *call)
{
	struct slot *slot = call->slot;

	(void)rig;
	if (slot)
		(void)IoCancelIrp(slot->irp);
}

/* The first one that this has not been tried with. */
static struct slot *next_to_cancel(struct rig *rig)
{
	struct slot *slot = rig->slots;

	while (slot && slot->irp->Cancel)
		slot = slot->next;
	return slot;
}

void rig_cancel_all(struct rig *rig)
{
	struct slot *slot;

	while ((slot = next_to_cancel(rig))) {
		IRP *irp = slot->irp;

		kernel_irp_keep(irp);
		(void)IoCancelIrp(irp);
		kernel_irp_drop(irp);
	}
}

bool rig_keeps_cancelled(const struct rig *rig)
{
	for (const struct slot *slot = rig->slots; slot; slot = slot->next) {
		if (slot->irp->Cancel)
			return true;
	}
	return false;
}

void rig_adopt(struct rig *rig)
{
	for (struct slot *slot = rig->slots; slot; slot = slot->next)
		slot->call = &slot->orphan;
}
