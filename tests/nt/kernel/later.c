/* SPDX-License-Identifier: MIT */
/*
 * What runs later or elsewhere: deferred procedure calls, timers, work items, and the clocks
 * a driver reads. See kernel.h.
 */
#include "private.h"

#define CLOCK_HZ      UINT64_C(10000000)
#define NS_PER_TICK   (10 * NS_PER_MS)
#define LOOK_NS       (1 * NS_PER_US) /* that reading a clock takes */
#define MOST_STALL_US 50

/* A work item is its thread, when it is due. */
struct _IO_WORKITEM {
	DEVICE_OBJECT *device;
	IO_WORKITEM_ROUTINE *routine;
	void *context;
	struct _ETHREAD *thread;
	bool queued;
};

static struct {
	KDPC *first_dpc;
	bool hold;
	uint32_t running_dpcs;
	KTIMER *first_timer;
	uint32_t work_items;
} later;

/* ---- deferred procedure calls ---------------------------------------------------------------- */

VOID KeInitializeDpc(KDPC *dpc, PKDEFERRED_ROUTINE routine, PVOID context)
{
	*dpc = (KDPC){ .Type = TYPE_DPC, .DeferredRoutine = routine, .DeferredContext = context };
}

static bool queue_dpc(KDPC *dpc, void *argument1, void *argument2)
{
	KDPC **place = &later.first_dpc;

	if (dpc->Type != TYPE_DPC)
		kernel_fatal("not a DPC, or not initialised, or gone");
	if (dpc->Queued)
		return false;
	order_release(dpc);
	while (*place)
		place = &(*place)->Next;
	*place = dpc;
	dpc->Next = NULL;
	dpc->Queued = TRUE;
	dpc->SystemArgument1 = argument1;
	dpc->SystemArgument2 = argument2;
	return true;
}

BOOLEAN KeInsertQueueDpc(KDPC *dpc, PVOID argument1, PVOID argument2)
{
	bool queued;

	ENTER(DEVICE_IRQL);
	queued = queue_dpc(dpc, argument1, argument2);
	leave();
	return queued;
}

BOOLEAN KeRemoveQueueDpc(KDPC *dpc)
{
	KDPC **place = &later.first_dpc;
	bool removed;

	ENTER(DEVICE_IRQL);
	while (*place && *place != dpc)
		place = &(*place)->Next;
	removed = *place;
	if (removed)
		*place = dpc->Next;
	dpc->Queued = FALSE;
	leave();
	return removed;
}

bool dpcs_wait(void)
{
	return later.first_dpc && !later.hold;
}

static void run_first_dpc(void)
{
	KDPC *dpc = later.first_dpc;
	PKDEFERRED_ROUTINE routine = dpc->DeferredRoutine;
	void *context = dpc->DeferredContext;
	void *argument1 = dpc->SystemArgument1;
	void *argument2 = dpc->SystemArgument2;
	const KIRQL before = self()->irql;

	later.first_dpc = dpc->Next;
	dpc->Queued = FALSE;
	order_acquire(dpc);
	set_level(DISPATCH_LEVEL);
	later.running_dpcs++;
	leave();
	routine(dpc, context, argument1, argument2);
	enter("the end of a DPC", DISPATCH_LEVEL);
	if (self()->irql != DISPATCH_LEVEL || self()->held_count)
		kernel_fatal("a DPC returns at level %d, %u locks held", self()->irql,
			     self()->held_count);
	later.running_dpcs--;
	set_level(before);
}

void dpcs_run(void)
{
	while (dpcs_wait())
		run_first_dpc();
}

void kernel_hold_dpcs(bool hold)
{
	later.hold = hold;
}

void kernel_run_dpcs(void)
{
	const bool hold = later.hold;

	enter("kernel_run_dpcs", APC_LEVEL);
	later.hold = false;
	dpcs_run();
	later.hold = hold;
	leave();
}

static bool no_dpc_runs(void *argument)
{
	(void)argument;
	return !later.first_dpc && !later.running_dpcs;
}

VOID KeFlushQueuedDpcs(void)
{
	ENTER(PASSIVE_LEVEL);
	while (later.first_dpc)
		run_first_dpc();
	(void)block(no_dpc_runs, NULL, KERNEL_NEVER);
	leave();
}

/* ---- timers -------------------------------------------------------------------------------------- */

VOID KeInitializeTimerEx(KTIMER *timer, TIMER_TYPE type)
{
	*timer = (KTIMER){ .Header = { TYPE_TIMER, 0 }, .Kind = type };
}

VOID KeInitializeTimer(KTIMER *timer)
{
	KeInitializeTimerEx(timer, NotificationTimer);
}

static bool take_out(KTIMER *timer)
{
	KTIMER **place = &later.first_timer;

	if (timer->Header.Type != TYPE_TIMER)
		kernel_fatal("not a timer, or not initialised, or gone");
	while (*place && *place != timer)
		place = &(*place)->Next;
	if (!*place)
		return false;
	*place = timer->Next;
	timer->Inserted = FALSE;
	return true;
}

static void put_in(KTIMER *timer, uint64_t due_ns)
{
	KTIMER **place = &later.first_timer;

	while (*place && (*place)->DueNs <= due_ns)
		place = &(*place)->Next;
	timer->DueNs = due_ns;
	timer->Next = *place;
	timer->Inserted = TRUE;
	*place = timer;
}

BOOLEAN KeSetTimerEx(KTIMER *timer, LARGE_INTEGER due, LONG period_ms, KDPC *dpc)
{
	bool was_set;

	ENTER(DISPATCH_LEVEL);
	if (due.QuadPart > 0)
		kernel_fatal("a timer at an absolute time");
	was_set = take_out(timer);
	timer->Header.SignalState = 0;
	timer->PeriodMs = (ULONG)period_ms;
	timer->Dpc = dpc;
	put_in(timer, kernel.now_ns + (uint64_t)-due.QuadPart * 100);
	leave();
	return was_set;
}

BOOLEAN KeSetTimer(KTIMER *timer, LARGE_INTEGER due, KDPC *dpc)
{
	return KeSetTimerEx(timer, due, 0, dpc);
}

BOOLEAN KeCancelTimer(KTIMER *timer)
{
	bool was_set;

	ENTER(DISPATCH_LEVEL);
	was_set = take_out(timer);
	leave();
	return was_set;
}

uint64_t timers_next_ns(void)
{
	return later.first_timer ? later.first_timer->DueNs : KERNEL_NEVER;
}

void timers_run(void)
{
	KTIMER *timer;

	while ((timer = later.first_timer) && timer->DueNs <= kernel.now_ns) {
		(void)take_out(timer);
		timer->Header.SignalState = 1;
		if (timer->PeriodMs)
			put_in(timer, timer->DueNs + timer->PeriodMs * NS_PER_MS);
		if (timer->Dpc)
			(void)queue_dpc(timer->Dpc, NULL, NULL);
	}
}

/* ---- work items ------------------------------------------------------------------------------------ */

IO_WORKITEM *IoAllocateWorkItem(DEVICE_OBJECT *device)
{
	IO_WORKITEM *item;

	ENTER(DISPATCH_LEVEL);
	item = kernel_alloc(sizeof(*item));
	if (item) {
		*item = (IO_WORKITEM){ .device = device };
		later.work_items++;
	}
	leave();
	return item;
}

static void run_item(void *context)
{
	IO_WORKITEM *item = context;
	DEVICE_OBJECT *device = item->device;

	order_acquire(item);
	item->queued = false;
	item->routine(device, item->context); /* which may free it */
	enter("the end of a work item", PASSIVE_LEVEL);
	device_put(device);
	leave();
}

VOID IoQueueWorkItem(IO_WORKITEM *item, PIO_WORKITEM_ROUTINE routine, WORK_QUEUE_TYPE queue,
		     PVOID context)
{
	(void)queue;
	ENTER(DISPATCH_LEVEL);
	if (item->queued)
		kernel_fatal("a work item is queued twice");
	item->queued = true;
	item->routine = routine;
	item->context = context;
	order_release(item);
	device_get(item->device);
	thread_put(thread_new("a work item", run_item, item, false));
	leave();
}

VOID IoFreeWorkItem(IO_WORKITEM *item)
{
	ENTER(DISPATCH_LEVEL);
	if (item->queued)
		kernel_fatal("a work item is freed that is queued");
	later.work_items--;
	kernel_free(item, sizeof(*item));
	leave();
}

/* ---- clocks ------------------------------------------------------------------------------------------- */

LARGE_INTEGER KeQueryPerformanceCounter(LARGE_INTEGER *frequency)
{
	LARGE_INTEGER counter;

	ENTER(DEVICE_IRQL);
	kernel_pass_ns(LOOK_NS);
	counter.QuadPart = (LONGLONG)(kernel.now_ns / (NS_PER_US * 1000000 / CLOCK_HZ));
	if (frequency)
		frequency->QuadPart = CLOCK_HZ;
	leave();
	return counter;
}

VOID KeQuerySystemTime(LARGE_INTEGER *time)
{
	time->QuadPart = (LONGLONG)(kernel.now_ns / 100);
}

VOID KeQueryTickCount(LARGE_INTEGER *count)
{
	count->QuadPart = (LONGLONG)(kernel.now_ns / NS_PER_TICK);
}

ULONG KeQueryTimeIncrement(void)
{
	return NS_PER_TICK / 100;
}

VOID KeStallExecutionProcessor(ULONG us)
{
	ENTER(DEVICE_IRQL);
	if (us > MOST_STALL_US)
		kernel_fatal("a stall of %u us, at most %u are to be asked for", us, MOST_STALL_US);
	kernel_pass_ns(us * NS_PER_US);
	leave();
}

void later_end(void)
{
	if (later.first_timer)
		kernel_fatal("a timer is still set");
	if (later.first_dpc)
		kernel_fatal("a DPC is still queued");
	if (later.work_items)
		kernel_fatal("%u work items are left", later.work_items);
}
