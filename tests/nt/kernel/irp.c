/* SPDX-License-Identifier: MIT */
/*
 * Request packets: sent down a stack, marked pending, cancelled, completed up again.
 *
 *	allocated --sent--> with a driver --IoCompleteRequest--> back with its sender --> freed
 *
 * A packet's memory goes as soon as its sender has been told. See kernel.h.
 */
#include <stdlib.h>

#include "private.h"

#define IRP_TYPE 6

/* A packet, and what is known of it beside. */
struct packet {
	IRP irp;
	bool completed;
	bool is_tests;
	uint32_t keepers;      /* of the memory: one while it has not come back */
	uint32_t next_started; /* times PoStartNextPowerIrp was called */
	void (*ended)(void *context, IRP *irp);
	void *context;
	struct packet *next;
};

/* A dispatch routine that is running: the packet may be gone when it returns. */
struct dispatch {
	const struct _ETHREAD *thread;
	const IRP *irp;
	const IO_STACK_LOCATION *stack;
	bool marked;
	bool sent_on; /* and what it was sent to pended it */
	struct dispatch *next;
};

static struct {
	struct dispatch *running;
	struct packet *packets;
	uint32_t count;
} irps;

static struct packet *packet_of(IRP *irp)
{
	for (struct packet *packet = irps.packets; packet; packet = packet->next) {
		if (&packet->irp == irp)
			return packet;
	}
	kernel_fatal("not a packet, or one that has gone");
}

/* ---- life ---------------------------------------------------------------------------------- */

static void init(struct packet *packet, CCHAR stack_size)
{
	*packet = (struct packet){
		.irp = { .Type = IRP_TYPE,
			 .Size = sizeof(IRP),
			 .StackCount = stack_size,
			 .CurrentLocation = (CHAR)(stack_size + 1) },
		.next = irps.packets,
	};
	/* One more above the first: its sender's, who has no device. */
	packet->irp.Tail.Overlay.CurrentStackLocation =
		(IO_STACK_LOCATION *)calloc((size_t)stack_size + 1, sizeof(IO_STACK_LOCATION)) +
		stack_size;
	irps.packets = packet;
	irps.count++;
}

static IO_STACK_LOCATION *first_location(IRP *irp)
{
	return irp->Tail.Overlay.CurrentStackLocation - (irp->CurrentLocation - 1);
}

static void free_packet(IRP *irp)
{
	struct packet **place = &irps.packets;
	struct packet *packet = packet_of(irp);

	while (*place != packet)
		place = &(*place)->next;
	*place = packet->next;
	irps.count--;
	free(first_location(irp));
	kernel_free(packet, sizeof(*packet));
}

IRP *IoAllocateIrp(CCHAR stack_size, BOOLEAN charge_quota)
{
	struct packet *packet;

	(void)charge_quota;
	ENTER(DISPATCH_LEVEL);
	MUST(stack_size > 0);
	packet = kernel_alloc(sizeof(*packet));
	if (packet)
		init(packet, stack_size);
	leave();
	return packet ? &packet->irp : NULL;
}

VOID IoFreeIrp(IRP *irp)
{
	ENTER(DISPATCH_LEVEL);
	free_packet(irp);
	leave();
}

IRP *kernel_irp_new(DEVICE_OBJECT *device, FILE_OBJECT *file, UCHAR major, UCHAR minor,
		    void (*ended)(void *context, IRP *irp), void *context)
{
	IO_STACK_LOCATION *stack;
	struct packet *packet;
	IRP *irp;

	enter("kernel_irp_new", DISPATCH_LEVEL);
	packet = kernel_must_alloc(sizeof(*packet));
	init(packet, device_top(device)->StackSize);
	irp = &packet->irp;
	packet->is_tests = true;
	packet->keepers = 1;
	packet->ended = ended;
	packet->context = context;
	irp->Tail.Overlay.OriginalFileObject = file;
	irp->Tail.Overlay.Thread = self();
	irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = major;
	stack->MinorFunction = minor;
	stack->FileObject = file;
	leave();
	return irp;
}

void irp_tell(IRP *irp, void (*ended)(void *context, IRP *irp), void *context)
{
	struct packet *packet = packet_of(irp);

	packet->ended = ended;
	packet->context = context;
}

VOID PoStartNextPowerIrp(IRP *irp)
{
	ENTER(DISPATCH_LEVEL);
	packet_of(irp)->next_started++;
	leave();
}

/* Each driver of the stack lets the next one come. */
static void must_have_started_next(const struct packet *packet)
{
	const IO_STACK_LOCATION *first = first_location((IRP *)(uintptr_t)&packet->irp);

	if (first[packet->irp.StackCount - 1].MajorFunction == IRP_MJ_POWER &&
	    packet->next_started != (uint32_t)packet->irp.StackCount)
		kernel_fatal("PoStartNextPowerIrp was called %u times by %d drivers",
			     packet->next_started, packet->irp.StackCount);
}

static void put(struct packet *packet)
{
	if (--packet->keepers == 0)
		free_packet(&packet->irp);
}

void kernel_irp_keep(IRP *irp)
{
	enter("kernel_irp_keep", DISPATCH_LEVEL);
	packet_of(irp)->keepers++;
	leave();
}

void kernel_irp_drop(IRP *irp)
{
	enter("kernel_irp_drop", DISPATCH_LEVEL);
	put(packet_of(irp));
	leave();
}

/* ---- down ------------------------------------------------------------------------------------- */

static bool may_be_raised(UCHAR major)
{
	switch (major) {
	case IRP_MJ_READ:
	case IRP_MJ_WRITE:
	case IRP_MJ_DEVICE_CONTROL:
	case IRP_MJ_INTERNAL_DEVICE_CONTROL:
	case IRP_MJ_POWER: return true;
	default: return false;
	}
}

static void take_out(struct dispatch *frame)
{
	struct dispatch **place = &irps.running;

	while (*place != frame)
		place = &(*place)->next;
	*place = frame->next;
}

/* Who sends @irp on answers as the driver below does, which need not be marked. */
static void note_sent_on(const IRP *irp)
{
	for (struct dispatch *frame = irps.running; frame; frame = frame->next) {
		if (frame->thread == self() && frame->irp == irp)
			frame->sent_on = true;
	}
}

static void must_have_marked(const struct dispatch *frame, UCHAR major, NTSTATUS status)
{
	const bool pending = status == STATUS_PENDING;

	if (frame->marked ? !pending : pending && !frame->sent_on)
		kernel_fatal("the dispatch of major %#x returns %#x, the packet is %smarked "
			     "pending",
			     major, (unsigned)status, frame->marked ? "" : "not ");
}

static NTSTATUS dispatch(DEVICE_OBJECT *device, IRP *irp, struct dispatch *frame)
{
	const UCHAR major = frame->stack->MajorFunction;
	const KIRQL before = self()->irql;
	NTSTATUS status;

	leave();
	status = device->DriverObject->MajorFunction[major](device, irp);
	enter("the return of a dispatch", DISPATCH_LEVEL);
	take_out(frame);
	if (self()->irql != before || self()->held_count)
		kernel_fatal("the dispatch of major %#x returns at level %d, %u locks held", major,
			     self()->irql, self()->held_count);
	must_have_marked(frame, major, status);
	return status;
}

static void must_be_sendable(IRP *irp)
{
	must_hold_no_lock("a packet is sent");
	if (packet_of(irp)->completed)
		kernel_fatal("a packet is sent that has been completed");
	if (irp->CurrentLocation <= 1)
		kernel_fatal("a packet has no stack location left");
	if (irp->CancelRoutine)
		kernel_fatal("a packet is sent on with a cancel routine");
}

NTSTATUS IofCallDriver(DEVICE_OBJECT *device, IRP *irp)
{
	struct dispatch frame = { .thread = self(), .irp = irp };
	IO_STACK_LOCATION *stack;
	NTSTATUS status;

	ENTER(DISPATCH_LEVEL);
	must_be_sendable(irp);
	IoSetNextIrpStackLocation(irp);
	stack = IoGetCurrentIrpStackLocation(irp);
	stack->DeviceObject = device;
	if (self()->irql > (may_be_raised(stack->MajorFunction) ? DISPATCH_LEVEL : PASSIVE_LEVEL))
		kernel_fatal("major %#x is sent at level %d", stack->MajorFunction, self()->irql);
	device_get(device);
	frame.stack = stack;
	frame.next = irps.running;
	irps.running = &frame;
	status = dispatch(device, irp, &frame);
	if (status == STATUS_PENDING)
		note_sent_on(irp);
	device_put(device);
	leave();
	return status;
}

NTSTATUS PoCallDriver(DEVICE_OBJECT *device, IRP *irp)
{
	if (IoGetNextIrpStackLocation(irp)->MajorFunction != IRP_MJ_POWER)
		kernel_fatal("PoCallDriver is for power packets");
	return IofCallDriver(device, irp);
}

NTSTATUS kernel_irp_send(DEVICE_OBJECT *device, IRP *irp)
{
	return IofCallDriver(device_top(device), irp);
}

VOID IoMarkIrpPending(IRP *irp)
{
	IO_STACK_LOCATION *stack;

	ENTER(DISPATCH_LEVEL);
	MUST(packet_of(irp));
	stack = IoGetCurrentIrpStackLocation(irp);
	if (stack->Control & SL_PENDING_RETURNED)
		kernel_fatal("a packet is marked pending twice");
	stack->Control |= SL_PENDING_RETURNED;
	for (struct dispatch *frame = irps.running; frame; frame = frame->next) {
		if (frame->stack == stack)
			frame->marked = true;
	}
	leave();
}

/* ---- up ----------------------------------------------------------------------------------------- */

static bool wants_to_know(const IO_STACK_LOCATION *stack, const IRP *irp)
{
	if (!stack->CompletionRoutine)
		return false;
	if (irp->Cancel && stack->Control & SL_INVOKE_ON_CANCEL)
		return true;
	return stack->Control &
	       (NT_SUCCESS(irp->IoStatus.Status) ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR);
}

/* One location up; returns whether its driver keeps the packet. */
static bool tell_above(IRP *irp)
{
	IO_STACK_LOCATION stack = *IoGetCurrentIrpStackLocation(irp);
	DEVICE_OBJECT *device = NULL;

	irp->PendingReturned = stack.Control & SL_PENDING_RETURNED;
	IoSkipCurrentIrpStackLocation(irp);
	if (irp->CurrentLocation <= irp->StackCount)
		device = IoGetCurrentIrpStackLocation(irp)->DeviceObject;
	if (!wants_to_know(&stack, irp)) {
		if (irp->PendingReturned && device)
			IoGetCurrentIrpStackLocation(irp)->Control |= SL_PENDING_RETURNED;
		return false;
	}
	leave();
	if (stack.CompletionRoutine(device, irp, stack.Context) == STATUS_MORE_PROCESSING_REQUIRED)
		return true;
	enter("the return of a completion routine", DISPATCH_LEVEL);
	return false;
}

static void must_be_complete(struct packet *packet)
{
	const IRP *irp = &packet->irp;

	must_hold_no_lock("a packet is completed");
	if (packet->completed)
		kernel_fatal("a packet is completed twice");
	if (irp->CancelRoutine)
		kernel_fatal("a packet is completed with a cancel routine");
	if (irp->IoStatus.Status == STATUS_PENDING)
		kernel_fatal("a packet is completed with STATUS_PENDING");
}

VOID IofCompleteRequest(IRP *irp, CCHAR boost)
{
	struct packet *packet;

	ENTER(DISPATCH_LEVEL);
	MUST(boost >= 0);
	packet = packet_of(irp);
	must_be_complete(packet);
	while (irp->CurrentLocation <= irp->StackCount) {
		if (tell_above(irp))
			return;
	}
	packet->completed = true;
	must_have_started_next(packet);
	leave();
	if (packet->ended)
		packet->ended(packet->context, irp);
	enter("the end of a packet", DISPATCH_LEVEL);
	if (packet->is_tests)
		put(packet);
	leave();
}

/* ---- cancel ------------------------------------------------------------------------------------------ */

PDRIVER_CANCEL IoSetCancelRoutine(IRP *irp, PDRIVER_CANCEL routine)
{
	PDRIVER_CANCEL before;

	ENTER(DISPATCH_LEVEL);
	if (packet_of(irp)->completed)
		kernel_fatal("the cancel routine of a packet that has been completed");
	before = irp->CancelRoutine;
	irp->CancelRoutine = routine;
	leave();
	return before;
}

BOOLEAN IoCancelIrp(IRP *irp)
{
	const KIRQL level = self()->irql;
	PDRIVER_CANCEL routine;
	KIRQL before;

	IoAcquireCancelSpinLock(&before);
	ENTER(DISPATCH_LEVEL);
	MUST(packet_of(irp));
	irp->Cancel = TRUE;
	routine = irp->CancelRoutine;
	irp->CancelRoutine = NULL;
	leave();
	if (!routine) {
		IoReleaseCancelSpinLock(before);
		return FALSE;
	}
	irp->CancelIrql = before;
	routine(IoGetCurrentIrpStackLocation(irp)->DeviceObject, irp);
	if (self()->irql != level || self()->held_count)
		kernel_fatal("a cancel routine returns at level %d, %u locks held", self()->irql,
			     self()->held_count);
	return TRUE;
}

static NTSTATUS set_event(DEVICE_OBJECT *device, IRP *irp, PVOID event)
{
	(void)device;
	(void)irp;
	(void)KeSetEvent(event, IO_NO_INCREMENT, FALSE);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

BOOLEAN IoForwardIrpSynchronously(DEVICE_OBJECT *device, IRP *irp)
{
	KEVENT event;

	KeInitializeEvent(&event, NotificationEvent, FALSE);
	IoCopyCurrentIrpStackLocationToNext(irp);
	IoSetCompletionRoutine(irp, set_event, &event, TRUE, TRUE, TRUE);
	if (IofCallDriver(device, irp) == STATUS_PENDING)
		(void)KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
	return TRUE;
}

void irp_end(void)
{
	if (irps.count)
		kernel_fatal("%u packets are still under way", irps.count);
}
