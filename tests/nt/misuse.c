/* SPDX-License-Identifier: MIT */
/*
 * What a driver may not do: the kernel notices each of these, and says so.
 */
#include "cases.h"
#include "kernel/kernel.h"

#define TAG 0x74736574u

/* ---- without a driver --------------------------------------------------------------------- */

static KSPIN_LOCK lock, other_lock;

static void lock_twice(void *context)
{
	KIRQL before;

	(void)context;
	KeAcquireSpinLock(&lock, &before);
	KeAcquireSpinLockAtDpcLevel(&lock);
}

static void lock_not_taken(void *context)
{
	KIRQL before;

	(void)context;
	KeRaiseIrql(DISPATCH_LEVEL, &before);
	KeReleaseSpinLock(&lock, before);
}

static void locks_crossed(void *context)
{
	KIRQL before;

	(void)context;
	KeAcquireSpinLock(&lock, &before);
	KeAcquireSpinLockAtDpcLevel(&other_lock);
	KeReleaseSpinLock(&lock, before);
}

static void wrong_level(void *context)
{
	KIRQL before;

	(void)context;
	KeAcquireSpinLock(&lock, &before);
	KeReleaseSpinLock(&lock, DISPATCH_LEVEL);
}

static void wait_raised(void *context)
{
	KEVENT event;
	KIRQL before;

	(void)context;
	KeInitializeEvent(&event, NotificationEvent, TRUE);
	KeRaiseIrql(DISPATCH_LEVEL, &before);
	(void)KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
}

static void wait_for_ever(void *context)
{
	KEVENT event;

	(void)context;
	KeInitializeEvent(&event, NotificationEvent, FALSE);
	(void)KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
}

static void registry_raised(void *context)
{
	KIRQL before;

	(void)context;
	KeRaiseIrql(APC_LEVEL, &before);
	(void)ZwClose(NULL);
}

static void mutex_twice(void *context)
{
	FAST_MUTEX mutex;

	(void)context;
	ExInitializeFastMutex(&mutex);
	ExAcquireFastMutex(&mutex);
	ExAcquireFastMutex(&mutex);
}

static void pool_left(void *context)
{
	(void)context;
	MUST(ExAllocatePoolWithTag(PagedPool, 8, TAG));
}

static void pool_wrong_tag(void *context)
{
	(void)context;
	ExFreePoolWithTag(ExAllocatePoolWithTag(PagedPool, 8, TAG), TAG + 1);
}

static void paged_pool_used_late(void *context)
{
	volatile char *memory = ExAllocatePoolWithTag(PagedPool, 8, TAG);

	(void)context;
	ExFreePool((void *)(uintptr_t)memory);
	memory[3] = 1;
}

static void paged_pool_raised(void *context)
{
	volatile char *memory = ExAllocatePoolWithTag(PagedPool, 8, TAG);
	KIRQL before;

	(void)context;
	memory[0] = 1;
	KeAcquireSpinLock(&lock, &before);
	memory[0] = 2;
}

static void paged_pool_freed_raised(void *context)
{
	void *memory = ExAllocatePoolWithTag(PagedPool, 8, TAG);
	KIRQL before;

	(void)context;
	KeRaiseIrql(DISPATCH_LEVEL, &before);
	ExFreePoolWithTag(memory, TAG);
}

static void pool_used_late(void *context)
{
	volatile char *memory = ExAllocatePoolWithTag(NonPagedPoolNx, 8, TAG);

	(void)context;
	ExFreePool((void *)(uintptr_t)memory);
	memory[3] = 1;
}

static void timer_left(void *context)
{
	static KTIMER timer;

	(void)context;
	KeInitializeTimer(&timer);
	(void)KeSetTimer(&timer, (LARGE_INTEGER){ .QuadPart = -1 }, NULL);
}

static void port_of_nobody(void *context)
{
	(void)context;
	(void)READ_PORT_UCHAR((UCHAR *)0x3f8);
}

/* ---- a driver that does one thing wrong -------------------------------------------------------- */

static NTSTATUS finish(IRP *irp, NTSTATUS status)
{
	irp->IoStatus.Status = status;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

static NTSTATUS complete_twice(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	kernel_irp_keep(irp);
	(void)finish(irp, STATUS_SUCCESS);
	return finish(irp, STATUS_SUCCESS);
}

static NTSTATUS complete_with_pending(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	return finish(irp, STATUS_PENDING);
}

static void no_cancel(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	(void)irp;
}

static NTSTATUS complete_cancelable(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	(void)IoSetCancelRoutine(irp, no_cancel);
	return finish(irp, STATUS_SUCCESS);
}

static NTSTATUS complete_locked(DEVICE_OBJECT *device, IRP *irp)
{
	KIRQL before;

	(void)device;
	KeAcquireSpinLock(&lock, &before);
	return finish(irp, STATUS_SUCCESS);
}

static NTSTATUS pend_unmarked(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	(void)irp;
	return STATUS_PENDING;
}

static NTSTATUS mark_and_finish(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	IoMarkIrpPending(irp);
	return finish(irp, STATUS_SUCCESS);
}

static NTSTATUS touch_late(DEVICE_OBJECT *device, IRP *irp)
{
	volatile IRP *late = irp;

	(void)device;
	(void)finish(irp, STATUS_SUCCESS);
	late->IoStatus.Information = 1;
	return STATUS_SUCCESS;
}

static NTSTATUS stay_raised(DEVICE_OBJECT *device, IRP *irp)
{
	KIRQL before;

	(void)device;
	KeRaiseIrql(DISPATCH_LEVEL, &before);
	return finish(irp, STATUS_SUCCESS);
}

static NTSTATUS lose(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	IoMarkIrpPending(irp);
	return STATUS_PENDING;
}

static NTSTATUS cancel_badly(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	IoMarkIrpPending(irp);
	(void)IoSetCancelRoutine(irp, no_cancel);
	(void)IoCancelIrp(irp);
	return STATUS_PENDING;
}

/* Never detached nor deleted. */
static NTSTATUS add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *physical)
{
	DEVICE_OBJECT *device;

	MUST(NT_SUCCESS(IoCreateDevice(driver, 4, NULL, 0, 0, FALSE, &device)));
	(void)IoAttachDeviceToDeviceStack(device, physical);
	device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	return STATUS_SUCCESS;
}

static void unload(DRIVER_OBJECT *driver)
{
	(void)driver;
}

static PDRIVER_DISPATCH wrong;

static NTSTATUS entry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
	(void)path;
	driver->DriverExtension->AddDevice = add_device;
	driver->DriverUnload = unload;
	driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = wrong;
	return STATUS_SUCCESS;
}

static void send(PDRIVER_DISPATCH dispatch)
{
	struct kernel_node *node;

	wrong = dispatch;
	MUST(NT_SUCCESS(kernel_load(entry)));
	node = kernel_node_new();
	MUST(NT_SUCCESS(kernel_add(node)));
	(void)kernel_irp_send(node->physical, kernel_irp_new(node->physical, NULL,
							     IRP_MJ_DEVICE_CONTROL, 0, NULL, NULL));
}

static PDRIVER_DISPATCH const wrongs[] = {
	complete_twice, complete_with_pending, complete_cancelable, complete_locked,
	pend_unmarked,  mark_and_finish,       touch_late,          stay_raised,
	lose,           cancel_badly,
};

static void send_to_wrong(void *argument)
{
	send(*(const PDRIVER_DISPATCH *)argument);
}

static void device_left(void *context)
{
	(void)context;
	MUST(NT_SUCCESS(kernel_load(entry)));
	MUST(NT_SUCCESS(kernel_add(kernel_node_new())));
	kernel_unload();
}

#define DRIVER(name, which, message)                                                               \
	{                                                                                          \
		name, send_to_wrong, (void *)(uintptr_t)&wrongs[which], message                    \
	}

const struct nt_case misuse_cases[] = {
	{ "noticed: a spin lock taken twice", lock_twice, NULL, "taken twice" },
	{ "noticed: a spin lock that is not held is released", lock_not_taken, NULL,
	  "who does not have it" },
	{ "noticed: spin locks released out of order", locks_crossed, NULL, "taken after it" },
	{ "noticed: a spin lock released to another level", wrong_level, NULL,
	  "it was taken at 0" },
	{ "noticed: a wait at DISPATCH_LEVEL", wait_raised, NULL, "waits at level 2" },
	{ "noticed: a wait that never ends", wait_for_ever, NULL, "wait for ever" },
	{ "noticed: a PASSIVE_LEVEL routine at APC_LEVEL", registry_raised, NULL,
	  "at most 0 is allowed" },
	{ "noticed: a fast mutex taken twice", mutex_twice, NULL, "taken twice" },
	{ "noticed: pool that is left", pool_left, NULL, "pool is left" },
	{ "noticed: pool freed with another tag", pool_wrong_tag, NULL, "is freed with tag" },
	{ "noticed: pool used after it was freed", pool_used_late, NULL, "after" },
	{ "noticed: paged pool used after it was freed", paged_pool_used_late, NULL, "after" },
	{ "noticed: paged pool touched at DISPATCH_LEVEL", paged_pool_raised, NULL,
	  "touched, paged pool" },
	{ "noticed: paged pool freed at DISPATCH_LEVEL", paged_pool_freed_raised, NULL,
	  "paged pool is freed" },
	{ "noticed: a timer that is left", timer_left, NULL, "still set" },
	{ "noticed: a port that was not assigned", port_of_nobody, NULL, "nobody's" },
	DRIVER("noticed: a packet completed twice", 0, "completed twice"),
	DRIVER("noticed: a packet completed as pending", 1, "with STATUS_PENDING"),
	DRIVER("noticed: a packet completed with its cancel routine", 2, "with a cancel routine"),
	DRIVER("noticed: a packet completed with a lock held", 3, "with a spin lock held"),
	DRIVER("noticed: STATUS_PENDING without a mark", 4, "is not marked pending"),
	DRIVER("noticed: a mark without STATUS_PENDING", 5, "is marked pending"),
	DRIVER("noticed: a packet touched after its end", 6, "after"),
	DRIVER("noticed: a dispatch that stays raised", 7, "returns at level 2"),
	DRIVER("noticed: a packet that is lost", 8, "still under way"),
	DRIVER("noticed: a cancel routine that keeps the lock", 9, "1 locks held"),
	{ "noticed: a device that is left", device_left, NULL, "DeviceObject" },
};
const unsigned misuse_case_count = RTL_NUMBER_OF(misuse_cases);
