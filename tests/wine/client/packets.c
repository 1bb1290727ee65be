/* SPDX-License-Identifier: MIT */
/*
 * Requests as IRPs.
 */
#include <string.h>

#include "rig.h"
#include "stack.h"

#define CANARY 0xc5
#define POISON 0xdb

static uint8_t *system_buffer(struct packet *packet)
{
	return packet->arena + CANARY_BYTES;
}

static uint32_t buffer_bytes(const struct call *call)
{
	return call->input_bytes > call->output_bytes ? call->input_bytes : call->output_bytes;
}

static bool moves_bytes(const struct call *call)
{
	return call->to_device && (call->major == IRP_MJ_READ || call->major == IRP_MJ_WRITE);
}

static struct packet *new_packet(struct rig *rig)
{
	for (uint32_t i = 0; i < RIG_PACKETS; i++) {
		struct packet *packet = &rig->packets[(rig->next_packet + i) % RIG_PACKETS];

		if (!packet->irp) {
			rig->next_packet = (rig->next_packet + i + 1) % RIG_PACKETS;
			return packet;
		}
	}
	case_failed(__FILE__, __LINE__, "a free packet", 0, 1);
}

static struct rig_file *file_of(struct rig *rig, const struct call *call)
{
	if (call->file == NO_FILE)
		return NULL;
	return call->to_device ? &rig->device_files[index_of(call->place)][call->file]
			       : &rig->files[call->file];
}

/* ---- out -------------------------------------------------------------------------------- */

static void fill_create(IO_STACK_LOCATION *stack, const struct call *call)
{
	static ACCESS_STATE state;
	static IO_SECURITY_CONTEXT security = { .AccessState = &state,
						.DesiredAccess = FILE_READ_DATA | FILE_WRITE_DATA };

	stack->Parameters.Create.SecurityContext = &security;
	stack->Parameters.Create.Options = (ULONG)FILE_OPEN << 24;
	if (call->as_directory)
		stack->Parameters.Create.Options |= FILE_DIRECTORY_FILE;
}

static void fill_buffer(struct packet *packet, const struct call *call)
{
	CHECK(buffer_bytes(call) <= SYSTEM_BUFFER_BYTES);
	memset(packet->arena, CANARY, sizeof(packet->arena));
	if (call->buffer) {
		memcpy(system_buffer(packet), call->buffer, buffer_bytes(call));
		packet->irp->AssociatedIrp.SystemBuffer = system_buffer(packet);
	}
	memcpy(packet->as_sent, packet->arena, sizeof(packet->arena));
}

/* ---- and back ------------------------------------------------------------------------------ */

/* Nothing but the first Information bytes of the system buffer has changed. */
static void check_buffer(struct packet *packet, const struct call *call, ULONG_PTR answered)
{
	if (moves_bytes(call) && call->major == IRP_MJ_WRITE) {
		CHECK(answered <= call->input_bytes);
		answered = 0;
	}
	CHECK(answered <= call->output_bytes);
	memcpy(packet->as_sent + CANARY_BYTES, system_buffer(packet), answered);
	CHECK(memcmp(packet->as_sent, packet->arena, sizeof(packet->arena)) == 0);
}

static void end_call(struct packet *packet)
{
	const IO_STATUS_BLOCK answer = packet->irp->IoStatus;
	struct call *call = packet->call;

	CHECK(!call->done);
	if (answer.Status != 0 && !moves_bytes(call))
		CHECK_EQUAL(answer.Information, 0);
	check_buffer(packet, call, answer.Information);
	if (answer.Information && call->buffer && call->major != IRP_MJ_WRITE)
		memcpy(call->buffer, system_buffer(packet), answer.Information);
	call->status = answer.Status;
	call->information = (uint32_t)answer.Information;
	call->order = ++packet->rig->completed;
	call->done = true;
	call->slot = NULL;
	IoFreeIrp(packet->irp);
	memset(packet, POISON, sizeof(*packet));
	packet->irp = NULL;
}

static NTSTATUS NTAPI ended(DEVICE_OBJECT *device, IRP *irp, void *context)
{
	struct packet *packet = context;
	struct rig *rig = packet->rig;
	struct call *call = packet->call;
	void (*completed)(struct rig * rig, struct call * call) = call->completed;

	(void)device;
	CHECK(packet->irp == irp);
	CHECK(!packet->ended);
	if (!irp->PendingReturned) {
		packet->ended = true;
		return STATUS_MORE_PROCESSING_REQUIRED;
	}
	call->returned = STATUS_PENDING;
	end_call(packet);
	if (completed)
		completed(rig, call);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

static void note_open(struct rig_file *file, const struct call *call)
{
	if (call->major == IRP_MJ_CREATE && call->returned == STATUS_SUCCESS)
		file->is_open = true;
	if (call->major == IRP_MJ_CLOSE)
		file->is_open = false;
}

void rig_submit(struct rig *rig, struct call *call)
{
	DEVICE_OBJECT *device = rig_device(rig, call->to_device ? call->place : BUS_PORT_ITSELF);
	struct rig_file *file = file_of(rig, call);
	struct packet *packet = new_packet(rig);
	IO_STACK_LOCATION *stack;

	CHECK(device);
	CHECK(!call->slot && !call->done);
	*packet = (struct packet){ .irp = IoAllocateIrp(device->StackSize, FALSE),
				   .rig = rig,
				   .call = call };
	CHECK(packet->irp);
	call->slot = packet;
	fill_buffer(packet, call);
	packet->irp->Cancel = call->cancelled;
	packet->irp->IoStatus =
		(IO_STATUS_BLOCK){ .Status = STATUS_UNSUCCESSFUL, .Information = POISON };
	stack = IoGetNextIrpStackLocation(packet->irp);
	stack->MajorFunction = call->major;
	stack->FileObject = file ? &file->object : NULL;
	packet->irp->Tail.Overlay.OriginalFileObject = stack->FileObject;
	stack_fill(stack, call);
	if (call->major == IRP_MJ_CREATE)
		fill_create(stack, call);
	IoSetCompletionRoutine(packet->irp, ended, packet, TRUE, TRUE, TRUE);
	if (file)
		file->object.DeviceObject = device;

	call->returned = IoCallDriver(device, packet->irp);
	if (call->returned != STATUS_PENDING) {
		CHECK(packet->call == call && packet->ended);
		CHECK_EQUAL(call->returned, packet->irp->IoStatus.Status);
		end_call(packet);
	} else {
		CHECK(call->done || (packet->call == call && !packet->ended));
	}
	if (file)
		note_open(file, call);
	if (file && call->to_device && call->major == IRP_MJ_CLOSE)
		rig_closed(rig, call->place);
}

void rig_cancel(struct rig *rig, struct call *call)
{
	const struct packet *packet = call->slot;

	(void)rig;
	if (packet)
		IoCancelIrp(packet->irp);
}

/* ---- what is left ------------------------------------------------------------------------------ */

void packets_adopt(struct rig *rig)
{
	for (uint32_t i = 0; i < RIG_PACKETS; i++) {
		struct packet *packet = &rig->packets[i];

		if (packet->irp) {
			packet->orphan = (struct call){
				.slot = packet,
				.major = packet->call->major,
				.to_device = packet->call->to_device,
				.input_bytes = packet->call->input_bytes,
				.output_bytes = packet->call->output_bytes,
			};
			packet->call = &packet->orphan;
		}
	}
}

bool packets_are_left(const struct rig *rig)
{
	for (uint32_t i = 0; i < RIG_PACKETS; i++) {
		if (rig->packets[i].irp)
			return true;
	}
	return false;
}

void packets_cancel(struct rig *rig)
{
	for (uint32_t i = 0; i < RIG_PACKETS; i++) {
		if (rig->packets[i].irp)
			IoCancelIrp(rig->packets[i].irp);
	}
}
