/* SPDX-License-Identifier: MIT */
/*
 * IRPs as requests and back.
 *
 *	dispatched --> packet --> contract --+--> final status: completed here
 *	                                     `--> PENDING: completed when it ends
 *
 * A packet is the storage of a request that may be pended. A file keeps one that it is done
 * with for its next request, and brings one for its own opening and closing, which must not
 * fail for want of memory.
 *
 * Cancel: a pended IRP has a cancel routine from pend to take. Whoever takes that routine
 * away ends the request: the engine, by opp_nt_request_take, or the canceller, whom the
 * engine then leaves it to. Both happen under the port's lock, but for the canceller's
 * own taking, which the system does.
 *
 * What keeps the port while somebody is in here: of a request without a file, the gate of
 * its object. With one, the file, which nobody closes in the middle of a dispatch routine;
 * once the request is pended somebody may, so from there on it is the gate, for the request
 * and for the routine that dispatched it, and the packet does not go back to the file.
 */
#include <ntddk.h>

#include "nt.h"

/* Where an IRP's packet is, from pend to completion. */
#define PACKET_OF(irp) ((irp)->Tail.Overlay.DriverContext[0])

struct packet {
	struct opp_request request;
	IRP *irp;
	struct opp_nt_object *object;
};

/*
 * An open file. It is known by the address of its FILE_OBJECT alone: what that has in FsContext
 * belongs to the highest driver of a stack, and may come from quite another one.
 */
struct opp_nt_file {
	FILE_OBJECT *object;
	LIST_ENTRY link; /* among its object's; open_lock */
	struct opp_client client;
	uint32_t process;     /* that opened it: who asks for CREATE does so in his own thread */
	struct packet packet; /* of CREATE, CLEANUP, CLOSE, which come one at a time */
	void *spare;          /* a packet, or NULL; interlocked */
};

static NPAGED_LOOKASIDE_LIST packets;

void opp_nt_requests_begin(void)
{
	const ULONG flags = (ULONG)opp_nt_pool; /* NonPagedPoolNx is POOL_NX_ALLOCATION */

	ExInitializeNPagedLookasideList(&packets, NULL, NULL, flags, sizeof(struct packet),
					OPP_NT_POOL_TAG, 0);
}

void opp_nt_requests_end(void)
{
	ExDeleteNPagedLookasideList(&packets);
}

static struct packet *take_packet(struct opp_nt_file *file)
{
	struct packet *packet = NULL;

	if (file)
		packet = InterlockedExchangePointer(&file->spare, NULL);
	return packet ? packet : ExAllocateFromNPagedLookasideList(&packets);
}

/* @file: to keep it for; or NULL. */
static void give_packet(struct opp_nt_file *file, struct packet *packet)
{
	if (file)
		packet = InterlockedExchangePointer(&file->spare, packet);
	if (packet)
		ExFreeToNPagedLookasideList(&packets, packet);
}

static struct packet *packet_of(struct opp_request *request)
{
	return CONTAINING_RECORD(request, struct packet, request);
}

NTSTATUS opp_nt_complete(IRP *irp, NTSTATUS status, ULONG_PTR information)
{
	irp->IoStatus.Status = status;
	irp->IoStatus.Information = information;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

/* ---- what the contract asks about a request ------------------------------------------------ */

static DRIVER_CANCEL cancel;
static void NTAPI cancel(DEVICE_OBJECT *device, IRP *irp)
{
	struct packet *packet = PACKET_OF(irp);
	struct opp_nt_object *object = packet->object;

	(void)device;
	opp_nt_gate_again(&object->gate);
	IoReleaseCancelSpinLock(irp->CancelIrql);
	opp_contract_cancel(&object->port->contract, &packet->request);
	opp_nt_gate_leave(&object->gate);
}

bool opp_nt_request_pend(struct opp_request *request, bool cancelable)
{
	struct packet *packet = packet_of(request);
	struct opp_nt_gate *gate = &packet->object->gate;
	IRP *irp = packet->irp;

	opp_nt_gate_again(gate); /* for the request */
	if (request->client)
		opp_nt_gate_again(gate); /* for who dispatches it */
	IoMarkIrpPending(irp);
	if (!cancelable)
		return true;
	PACKET_OF(irp) = packet;
	(void)IoSetCancelRoutine(irp, cancel);
	/* Cancelled before that: nobody will call the routine, unless it is being called. */
	return !irp->Cancel || !IoSetCancelRoutine(irp, NULL);
}

bool opp_nt_request_take(struct opp_request *request)
{
	return IoSetCancelRoutine(packet_of(request)->irp, NULL) != NULL;
}

void opp_nt_request_ended(struct opp_request *request)
{
	struct packet *packet = packet_of(request);
	struct opp_nt_object *object = packet->object;
	IRP *irp = packet->irp;

	irp->IoStatus.Status = opp_ntstatus(request->status);
	irp->IoStatus.Information = request->information;
	give_packet(NULL, packet);
	IoCompleteRequest(irp, IO_PARALLEL_INCREMENT);
	opp_nt_gate_leave(&object->gate);
}

/* ---- an IRP as a request ------------------------------------------------------------------------ */

/* Lengths, code and offset, by major function. */
static void fill_parameters(struct opp_request *request, const IO_STACK_LOCATION *stack)
{
	switch (stack->MajorFunction) {
	case IRP_MJ_CREATE:
		request->as_directory = stack->Parameters.Create.Options & FILE_DIRECTORY_FILE;
		break;
	case IRP_MJ_READ:
		request->output_bytes = stack->Parameters.Read.Length;
		request->byte_offset = stack->Parameters.Read.ByteOffset.QuadPart;
		break;
	case IRP_MJ_WRITE:
		request->input_bytes = stack->Parameters.Write.Length;
		request->byte_offset = stack->Parameters.Write.ByteOffset.QuadPart;
		break;
	case IRP_MJ_QUERY_INFORMATION:
		request->output_bytes = stack->Parameters.QueryFile.Length;
		request->information_class = stack->Parameters.QueryFile.FileInformationClass;
		break;
	case IRP_MJ_SET_INFORMATION:
		request->input_bytes = stack->Parameters.SetFile.Length;
		request->information_class = stack->Parameters.SetFile.FileInformationClass;
		break;
	case IRP_MJ_DEVICE_CONTROL:
	case IRP_MJ_INTERNAL_DEVICE_CONTROL:
		request->code = stack->Parameters.DeviceIoControl.IoControlCode;
		request->input_bytes = stack->Parameters.DeviceIoControl.InputBufferLength;
		request->output_bytes = stack->Parameters.DeviceIoControl.OutputBufferLength;
		break;
	default: break;
	}
}

static void fill(struct packet *packet, struct opp_nt_object *object, IRP *irp,
		 const IO_STACK_LOCATION *stack, struct opp_nt_file *file)
{
	struct opp_request *request = &packet->request;
	const bool to_port = object->kind == OPP_NT_PORT;

	packet->irp = irp;
	packet->object = object;
	request->object = to_port ? OPP_OBJECT_PORT : OPP_OBJECT_DEVICE;
	request->device =
		to_port ? NULL : CONTAINING_RECORD(object, struct opp_nt_device, object)->place;
	request->major = stack->MajorFunction;
	request->code = 0;
	request->input_bytes = 0;
	request->output_bytes = 0;
	request->client = file ? &file->client : NULL;
	request->cancelled = irp->Cancel;
	request->byte_offset = 0;
	request->information_class = 0;
	request->as_directory = false;
	request->awaited = false;
	fill_parameters(request, stack);
	request->buffer = request->input_bytes || request->output_bytes
				  ? irp->AssociatedIrp.SystemBuffer
				  : NULL;
}

/* ---- files --------------------------------------------------------------------------------------- */

void opp_nt_object_init(struct opp_nt_object *object, enum opp_nt_kind kind, DEVICE_OBJECT *self,
			struct opp_nt_port *port)
{
	object->kind = kind;
	object->self = self;
	object->port = port;
	opp_nt_gate_init(&object->gate);
	KeInitializeSpinLock(&object->open_lock);
	InitializeListHead(&object->open);
}

static void list_file(struct opp_nt_object *object, struct opp_nt_file *file)
{
	KIRQL before;

	KeAcquireSpinLock(&object->open_lock, &before);
	InsertTailList(&object->open, &file->link);
	if (!object->usual) {
		object->usual_file = file;
		object->usual = file->object;
	}
	KeReleaseSpinLock(&object->open_lock, before);
}

static void unlist_file(struct opp_nt_object *object, struct opp_nt_file *file)
{
	KIRQL before;

	KeAcquireSpinLock(&object->open_lock, &before);
	(void)RemoveEntryList(&file->link);
	if (object->usual_file == file) {
		object->usual = NULL;
		object->usual_file = NULL;
	}
	KeReleaseSpinLock(&object->open_lock, before);
}

static struct opp_nt_file *listed_file(struct opp_nt_object *object, const FILE_OBJECT *file_object)
{
	struct opp_nt_file *found = NULL;
	LIST_ENTRY *link;
	KIRQL before;

	KeAcquireSpinLock(&object->open_lock, &before);
	for (link = object->open.Flink; link != &object->open && !found; link = link->Flink) {
		struct opp_nt_file *file = CONTAINING_RECORD(link, struct opp_nt_file, link);

		if (file->object == file_object)
			found = file;
	}
	KeReleaseSpinLock(&object->open_lock, before);
	return found;
}

/*
 * NULL: without a file, with one that is still to be opened, or with another driver's. The
 * usual one stays that until it is closed, which is not before this request has returned.
 */
static struct opp_nt_file *file_of(struct opp_nt_object *object, const IO_STACK_LOCATION *stack)
{
	if (!stack->FileObject || stack->MajorFunction == IRP_MJ_CREATE)
		return NULL;
	if (stack->FileObject == object->usual)
		return object->usual_file;
	return listed_file(object, stack->FileObject);
}

uint32_t opp_nt_process_of(struct opp_client *client)
{
	return CONTAINING_RECORD(client, struct opp_nt_file, client)->process;
}

/* CREATE, CLEANUP and CLOSE: never PENDING. */
static NTSTATUS submit_for_file(struct opp_nt_object *object, struct opp_nt_file *file, IRP *irp)
{
	fill(&file->packet, object, irp, IoGetCurrentIrpStackLocation(irp), file);
	return opp_ntstatus(opp_contract_submit(&object->port->contract, &file->packet.request));
}

/* The count of files is ahead of the contract's, so that who finds it 0 may rely on it. */
static NTSTATUS create_file(struct opp_nt_object *object, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	struct opp_nt_file *file;
	NTSTATUS status;

	status = opp_nt_file_came(object, stack->Parameters.Create.Options & FILE_DIRECTORY_FILE);
	if (!NT_SUCCESS(status))
		return status;
	status = STATUS_INSUFFICIENT_RESOURCES;
	file = ExAllocatePoolWithTag(opp_nt_pool, sizeof(*file), OPP_NT_POOL_TAG);
	if (file) {
		RtlZeroMemory(file, sizeof(*file));
		file->object = stack->FileObject;
		file->process = (uint32_t)(uintptr_t)PsGetCurrentProcessId();
		status = submit_for_file(object, file, irp);
	}
	if (NT_SUCCESS(status)) {
		list_file(object, file);
		return status;
	}
	if (file)
		ExFreePoolWithTag(file, OPP_NT_POOL_TAG);
	opp_nt_file_went(object);
	return status;
}

static NTSTATUS cleanup_file(struct opp_nt_object *object, struct opp_nt_file *file, IRP *irp)
{
	return file ? submit_for_file(object, file, irp) : STATUS_SUCCESS;
}

static NTSTATUS close_file(struct opp_nt_object *object, struct opp_nt_file *file, IRP *irp)
{
	NTSTATUS status;

	if (!file)
		return STATUS_SUCCESS;
	status = submit_for_file(object, file, irp);
	unlist_file(object, file);
	give_packet(NULL, file->spare);
	ExFreePoolWithTag(file, OPP_NT_POOL_TAG);
	opp_nt_file_went(object);
	return status;
}

/* ---- everything else ------------------------------------------------------------------------------ */

static NTSTATUS submit(struct opp_nt_object *object, struct opp_nt_file *file, IRP *irp,
		       const IO_STACK_LOCATION *stack)
{
	struct packet *packet;
	enum opp_status status;
	uint32_t information;

	if (!object->port->begun)
		return opp_nt_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
	packet = take_packet(file);
	if (!packet)
		return opp_nt_complete(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
	fill(packet, object, irp, stack, file);
	if (object->kind == OPP_NT_DEVICE)
		opp_nt_clock_stop(object->port);
	status = opp_contract_submit(&object->port->contract, &packet->request);
	if (status == OPP_PENDING) {
		if (file)
			opp_nt_gate_leave(&object->gate);
		return STATUS_PENDING;
	}
	information = packet->request.information;
	give_packet(file, packet);
	return opp_nt_complete(irp, opp_ntstatus(status), information);
}

static NTSTATUS serve(struct opp_nt_object *object, struct opp_nt_file *file, IRP *irp,
		      const IO_STACK_LOCATION *stack)
{
	switch (stack->MajorFunction) {
	case IRP_MJ_CREATE:
		if (!stack->FileObject) /* for the contract to refuse */
			return submit(object, file, irp, stack);
		return opp_nt_complete(irp, create_file(object, irp), 0);
	case IRP_MJ_CLEANUP: return opp_nt_complete(irp, cleanup_file(object, file, irp), 0);
	case IRP_MJ_CLOSE: return opp_nt_complete(irp, close_file(object, file, irp), 0);
	default: return submit(object, file, irp, stack);
	}
}

static NTSTATUS refuse_removed(const struct opp_nt_object *object, IRP *irp, UCHAR major)
{
	NTSTATUS status = STATUS_DEVICE_REMOVED;

	if (major == IRP_MJ_CLEANUP || major == IRP_MJ_CLOSE)
		status = STATUS_SUCCESS;
	else if (object->kind == OPP_NT_PORT)
		status = STATUS_DELETE_PENDING;
	return opp_nt_complete(irp, status, 0);
}

NTSTATUS NTAPI opp_nt_request(DEVICE_OBJECT *device, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	struct opp_nt_object *object = device->DeviceExtension;
	struct opp_nt_file *file = file_of(object, stack);
	NTSTATUS status;

	if (file)
		return serve(object, file, irp, stack);
	if (!opp_nt_gate_enter(&object->gate))
		return refuse_removed(object, irp, stack->MajorFunction);
	status = serve(object, NULL, irp, stack);
	opp_nt_gate_leave(&object->gate);
	return status;
}
