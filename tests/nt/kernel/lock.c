/* SPDX-License-Identifier: MIT */
/*
 * Spin locks, the cancel spin lock, events, mutexes, waits. See kernel.h.
 *
 * A spin lock that is taken holds the address of its thread.
 */
#include <ntifs.h>

#include "private.h"

static KSPIN_LOCK cancel_lock;

/* ---- spin locks ------------------------------------------------------------------------ */

static bool is_free(void *lock)
{
	return !*(KSPIN_LOCK *)lock;
}

static void take(KSPIN_LOCK *lock, KIRQL before)
{
	struct _ETHREAD *me = self();

	if (*lock == (KSPIN_LOCK)me)
		kernel_fatal("a spin lock is taken twice by one thread");
	if (me->held_count == MOST_HELD)
		kernel_fatal("too many spin locks held");
	while (*lock)
		(void)block(is_free, lock, KERNEL_NEVER);
	*lock = (KSPIN_LOCK)me;
	order_acquire(lock);
	me->held[me->held_count].lock = lock;
	me->held[me->held_count++].before = before;
}

static void give(KSPIN_LOCK *lock, KIRQL before)
{
	struct _ETHREAD *me = self();

	if (*lock != (KSPIN_LOCK)me)
		kernel_fatal("a spin lock is given back by who does not have it");
	if (me->held[me->held_count - 1].lock != lock)
		kernel_fatal("a spin lock is given back before one that was taken after it");
	if (me->held[me->held_count - 1].before != before)
		kernel_fatal("a spin lock is given back at level %d, it was taken at %d", before,
			     me->held[me->held_count - 1].before);
	me->held_count--;
	order_release(lock);
	*lock = 0;
}

VOID KeInitializeSpinLock(KSPIN_LOCK *lock)
{
	*lock = 0;
}

KIRQL KeAcquireSpinLockRaiseToDpc(KSPIN_LOCK *lock)
{
	KIRQL before;

	ENTER(DISPATCH_LEVEL);
	before = self()->irql;
	set_level(DISPATCH_LEVEL);
	take(lock, before);
	leave();
	return before;
}

VOID KeReleaseSpinLock(KSPIN_LOCK *lock, KIRQL irql)
{
	ENTER(DISPATCH_LEVEL);
	if (self()->irql != DISPATCH_LEVEL)
		kernel_fatal("KeReleaseSpinLock at level %d", self()->irql);
	give(lock, irql);
	set_level(irql);
	if (irql < DISPATCH_LEVEL)
		dpcs_run();
	leave();
}

VOID KeAcquireSpinLockAtDpcLevel(KSPIN_LOCK *lock)
{
	ENTER(DISPATCH_LEVEL);
	if (self()->irql != DISPATCH_LEVEL)
		kernel_fatal("KeAcquireSpinLockAtDpcLevel at level %d", self()->irql);
	take(lock, DISPATCH_LEVEL);
	leave();
}

VOID KeReleaseSpinLockFromDpcLevel(KSPIN_LOCK *lock)
{
	ENTER(DISPATCH_LEVEL);
	give(lock, DISPATCH_LEVEL);
	leave();
}

VOID IoAcquireCancelSpinLock(KIRQL *irql)
{
	*irql = KeAcquireSpinLockRaiseToDpc(&cancel_lock);
}

VOID IoReleaseCancelSpinLock(KIRQL irql)
{
	KeReleaseSpinLock(&cancel_lock, irql);
}

void locks_end(void)
{
	MUST(!cancel_lock);
}

/* ---- events, mutexes ----------------------------------------------------------------------- */

static void must_be(const DISPATCHER_HEADER *header, enum kernel_type type, const char *what)
{
	if (header->Type != (ULONG)type)
		kernel_fatal("not %s, or not initialised, or gone", what);
}

VOID KeInitializeEvent(KEVENT *event, EVENT_TYPE type, BOOLEAN state)
{
	*event = (KEVENT){ .Header = { TYPE_EVENT, state }, .Kind = type };
}

LONG KeSetEvent(KEVENT *event, KPRIORITY increment, BOOLEAN wait)
{
	LONG before;

	(void)increment;
	ENTER(DISPATCH_LEVEL);
	must_be(&event->Header, TYPE_EVENT, "an event");
	MUST(!wait);
	before = event->Header.SignalState;
	order_release(event);
	event->Header.SignalState = 1;
	leave();
	return before;
}

LONG KeResetEvent(KEVENT *event)
{
	LONG before;

	ENTER(DISPATCH_LEVEL);
	must_be(&event->Header, TYPE_EVENT, "an event");
	before = event->Header.SignalState;
	event->Header.SignalState = 0;
	leave();
	return before;
}

VOID KeClearEvent(KEVENT *event)
{
	(void)KeResetEvent(event);
}

LONG KeReadStateEvent(KEVENT *event)
{
	LONG state;

	ENTER(DISPATCH_LEVEL);
	must_be(&event->Header, TYPE_EVENT, "an event");
	state = event->Header.SignalState;
	leave();
	return state;
}

VOID KeInitializeMutex(KMUTEX *mutex, ULONG level)
{
	(void)level;
	*mutex = (KMUTEX){ .Header = { TYPE_MUTEX, 1 } };
}

LONG KeReleaseMutex(KMUTEX *mutex, BOOLEAN wait)
{
	ENTER(DISPATCH_LEVEL);
	must_be(&mutex->Header, TYPE_MUTEX, "a mutex");
	MUST(!wait);
	if (mutex->OwnerThread != self())
		kernel_fatal("a mutex is given back by who does not have it");
	order_release(mutex);
	if (++mutex->Header.SignalState == 1)
		mutex->OwnerThread = NULL;
	leave();
	return 0;
}

static bool mutex_is_free(void *mutex)
{
	return ((FAST_MUTEX *)mutex)->Header.SignalState == 1;
}

VOID ExInitializeFastMutex(FAST_MUTEX *mutex)
{
	*mutex = (FAST_MUTEX){ .Header = { TYPE_FAST_MUTEX, 1 } };
}

VOID ExAcquireFastMutex(FAST_MUTEX *mutex)
{
	KIRQL before;

	ENTER(APC_LEVEL);
	must_be(&mutex->Header, TYPE_FAST_MUTEX, "a fast mutex");
	if (mutex->Owner == self())
		kernel_fatal("a fast mutex is taken twice by one thread");
	before = self()->irql;
	(void)block(mutex_is_free, mutex, KERNEL_NEVER);
	order_acquire(mutex);
	mutex->Header.SignalState = 0;
	mutex->Owner = self();
	mutex->OldIrql = before;
	set_level(APC_LEVEL);
	self()->fast_mutexes++;
	leave();
}

VOID ExReleaseFastMutex(FAST_MUTEX *mutex)
{
	ENTER(APC_LEVEL);
	must_be(&mutex->Header, TYPE_FAST_MUTEX, "a fast mutex");
	if (mutex->Owner != self() || self()->irql != APC_LEVEL)
		kernel_fatal("a fast mutex is given back by who does not have it, or at another "
			     "level");
	mutex->Owner = NULL;
	order_release(mutex);
	mutex->Header.SignalState = 1;
	set_level(mutex->OldIrql);
	self()->fast_mutexes--;
	leave();
}

VOID KeEnterCriticalRegion(void)
{
	ENTER(APC_LEVEL);
	leave();
}

VOID KeLeaveCriticalRegion(void)
{
	ENTER(APC_LEVEL);
	leave();
}

/* ---- waits ------------------------------------------------------------------------------------ */

static bool is_signalled_for(const struct _ETHREAD *thread, void *object)
{
	DISPATCHER_HEADER *header = object;

	switch ((enum kernel_type)header->Type) {
	case TYPE_MUTEX:
		return header->SignalState > 0 || ((KMUTEX *)object)->OwnerThread == thread;
	case TYPE_EVENT:
	case TYPE_TIMER:
	case TYPE_THREAD: return header->SignalState > 0;
	default: kernel_fatal("a wait for what cannot be waited for, or is gone");
	}
}

/* What a wait that is over does to what it was for. */
static void consume(void *object)
{
	DISPATCHER_HEADER *header = object;

	order_acquire(object);
	if (header->Type == TYPE_EVENT && ((KEVENT *)object)->Kind == SynchronizationEvent)
		header->SignalState = 0;
	if (header->Type == TYPE_TIMER && ((KTIMER *)object)->Kind == SynchronizationTimer)
		header->SignalState = 0;
	if (header->Type == TYPE_MUTEX) {
		header->SignalState--;
		((KMUTEX *)object)->OwnerThread = self();
	}
}

struct several {
	ULONG count;
	PVOID *objects;
	WAIT_TYPE type;
	struct _ETHREAD *thread;
};

/* The first one that is signalled; count: none. */
static ULONG first_signalled(const struct several *several)
{
	ULONG i = 0;

	while (i < several->count && !is_signalled_for(several->thread, several->objects[i]))
		i++;
	return i;
}

static bool are_signalled(void *argument)
{
	struct several *several = argument;

	if (several->type == WaitAny)
		return first_signalled(several) < several->count;
	for (ULONG i = 0; i < several->count; i++) {
		if (!is_signalled_for(several->thread, several->objects[i]))
			return false;
	}
	return true;
}

static uint64_t deadline_of(const LARGE_INTEGER *timeout)
{
	if (!timeout)
		return KERNEL_NEVER;
	if (timeout->QuadPart > 0)
		kernel_fatal("an absolute time-out");
	return kernel.now_ns + (uint64_t)-timeout->QuadPart * 100;
}

static NTSTATUS wait_several(struct several *several, const LARGE_INTEGER *timeout)
{
	const bool looks_only = timeout && timeout->QuadPart == 0;
	ULONG first;

	if (!looks_only && self()->irql > APC_LEVEL)
		kernel_fatal("%s waits at level %d", self()->call, self()->irql);
	if (!looks_only)
		must_hold_no_lock("a wait");
	if (!block(are_signalled, several, deadline_of(timeout)))
		return STATUS_TIMEOUT;
	if (several->type == WaitAny) {
		first = first_signalled(several);
		consume(several->objects[first]);
		return STATUS_WAIT_0 + (NTSTATUS)first;
	}
	for (ULONG i = 0; i < several->count; i++)
		consume(several->objects[i]);
	return STATUS_SUCCESS;
}

NTSTATUS KeWaitForMultipleObjects(ULONG count, PVOID objects[], WAIT_TYPE type, KWAIT_REASON reason,
				  KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *timeout,
				  KWAIT_BLOCK *blocks)
{
	struct several several = { count, objects, type, self() };
	NTSTATUS status;

	(void)reason;
	(void)mode;
	ENTER(DISPATCH_LEVEL);
	MUST(!alertable && (blocks || count <= THREAD_WAIT_OBJECTS));
	status = wait_several(&several, timeout);
	leave();
	return status;
}

NTSTATUS KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
			       BOOLEAN alertable, LARGE_INTEGER *timeout)
{
	struct several several = { 1, &object, WaitAny, self() };
	NTSTATUS status;

	(void)reason;
	(void)mode;
	ENTER(DISPATCH_LEVEL);
	MUST(!alertable);
	status = wait_several(&several, timeout);
	leave();
	return status;
}

/* The handle of a thread is the thread. */
NTSTATUS ZwWaitForSingleObject(HANDLE handle, BOOLEAN alertable, LARGE_INTEGER *timeout)
{
	if (KeGetCurrentIrql() != PASSIVE_LEVEL)
		kernel_fatal("ZwWaitForSingleObject at level %d", KeGetCurrentIrql());
	return KeWaitForSingleObject(handle, Executive, KernelMode, alertable, timeout);
}

static bool is_never(void *argument)
{
	(void)argument;
	return false;
}

NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *interval)
{
	(void)mode;
	ENTER(APC_LEVEL);
	MUST(!alertable);
	must_hold_no_lock("a wait");
	(void)block(is_never, NULL, deadline_of(interval));
	leave();
	return STATUS_SUCCESS;
}
