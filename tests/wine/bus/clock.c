/* SPDX-License-Identifier: MIT */
/*
 * Virtual time. A thread of the driver's works until it waits: then, and when nobody else
 * of them works either, time may jump to the moment that one of them waits for. Nor does
 * one that could go on do so by itself. Who lets them, and time:
 *
 *	bus_pass_ms, bus_settle	a case, so far
 *	clock_wait		any other thread that waits in the driver's code: for
 *				what it waits for may need time
 *	the ticker		when time runs freely, as fast as the host's
 *
 * Waits for events are all ours: the driver's KEVENTs are set, reset and waited for here,
 * so that it is known at any moment who waits for what.
 */
#include "inside.h"

#define MOST_THREADS 64
#define START_NS     (US_PER_DAY * NS_PER_US)

#define LOOK_NS     NS_PER_US /* a look at the clock takes that long */
#define SETTLE_NS   (2000 * NS_PER_MS)
#define HOP_NS      (1000 * NS_PER_MS)
#define UNITS_NS    100
#define PATIENCE_MS 20000 /* of the host's time: a thread of the driver's that never waits */

#define SPINS 200

struct thread {
	HANDLE id;  /* NULL: unused */
	bool works; /* one of the driver's own */
	bool blocked;
	bool let;       /* one of the driver's own: to go on, if what it waits for is there */
	KEVENT *object; /* what it waits for; NULL: time alone */
	uint64_t until_ns;
	KEVENT gate; /* the host's own, for who is blocked */
	KIRQL irql;
	PKSTART_ROUTINE routine;
	void *context;
};

static volatile LONG lock_word;
static uint64_t now_ns = START_NS;
static struct thread threads[MOST_THREADS];
static KEVENT quiet; /* the host's: set when a thread of the driver's waits or ends */
static struct {
	volatile LONG freely;
	volatile LONG stop;
	void *thread;
} ticker;

void bus_lock(void)
{
	for (unsigned spins = 0; InterlockedExchange(&lock_word, 1); spins++) {
		if (spins % SPINS == SPINS - 1)
			ZwYieldExecution();
	}
}

void bus_unlock(void)
{
	InterlockedExchange(&lock_word, 0);
}

uint64_t clock_now_ns_locked(void)
{
	return now_ns;
}

void clock_add_locked(uint64_t ns)
{
	now_ns += ns;
}

/* ---- threads ----------------------------------------------------------------------------- */

static struct thread *new_thread_locked(HANDLE id)
{
	for (unsigned i = 0; i < MOST_THREADS; i++) {
		struct thread *thread = &threads[i];

		if (!thread->id) {
			*thread = (struct thread){ .id = id };
			KeInitializeEvent(&thread->gate, SynchronizationEvent, FALSE);
			return thread;
		}
	}
	case_failed(__FILE__, __LINE__, "room for a thread", 0, 1);
}

static struct thread *caller_locked(void)
{
	const HANDLE id = PsGetCurrentThreadId();

	for (unsigned i = 0; i < MOST_THREADS; i++) {
		if (threads[i].id == id)
			return &threads[i];
	}
	return new_thread_locked(id);
}

uint8_t irql_get(void)
{
	uint8_t irql;

	bus_lock();
	irql = caller_locked()->irql;
	bus_unlock();
	return irql;
}

void irql_set(uint8_t irql)
{
	bus_lock();
	caller_locked()->irql = irql;
	bus_unlock();
}

static void host_wait(KEVENT *event, uint32_t ms)
{
	LARGE_INTEGER timeout = { .QuadPart = -(int64_t)(ms * NS_PER_MS / UNITS_NS) };

	KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &timeout);
}

static void wake_locked(struct thread *thread)
{
	thread->blocked = false;
	KeSetEvent(&thread->gate, IO_NO_INCREMENT, FALSE);
}

static bool is_ready_locked(const struct thread *thread)
{
	return (thread->object && thread->object->Header.SignalState) || thread->until_ns <= now_ns;
}

/* Nobody of the driver's works, or would if it were let. */
static bool is_quiet_locked(void)
{
	for (unsigned i = 0; i < MOST_THREADS; i++) {
		const struct thread *thread = &threads[i];

		if (thread->id && thread->works && (!thread->blocked || is_ready_locked(thread)))
			return false;
	}
	return true;
}

/* The driver's own threads go on. */
static void let_locked(void)
{
	for (unsigned i = 0; i < MOST_THREADS; i++) {
		struct thread *thread = &threads[i];

		if (thread->id && thread->works && thread->blocked && is_ready_locked(thread)) {
			thread->let = true;
			wake_locked(thread);
		}
	}
}

static uint64_t next_locked(void)
{
	uint64_t next = NEVER;

	for (unsigned i = 0; i < MOST_THREADS; i++) {
		if (threads[i].id && threads[i].blocked && threads[i].until_ns < next)
			next = threads[i].until_ns;
	}
	return next;
}

/* Nobody works: time jumps to what is due next. False: nothing is until @end_ns. */
static bool jump_locked(uint64_t end_ns)
{
	const uint64_t next = next_locked();

	if (next > end_ns || next == NEVER)
		return false;
	if (next > now_ns)
		now_ns = next;
	for (unsigned i = 0; i < MOST_THREADS; i++) {
		if (threads[i].id && threads[i].blocked && threads[i].until_ns <= now_ns) {
			threads[i].let = true;
			wake_locked(&threads[i]);
		}
	}
	return true;
}

/* ---- waiting -------------------------------------------------------------------------------- */

static bool take_signal(KEVENT *event)
{
	if (!event || !event->Header.SignalState)
		return false;
	if (event->Header.Type == SynchronizationEvent)
		event->Header.SignalState = 0;
	return true;
}

/* Lets others go on, and time, for who is blocked itself. Lock held, given back meanwhile. */
static void give_way_locked(struct thread *self)
{
	const bool may_jump = !self->works && is_quiet_locked();

	if (may_jump && kernel_has_dpcs()) {
		bus_unlock();
		kernel_run_dpc();
		bus_lock();
		return;
	}
	if (may_jump && jump_locked(NEVER))
		return;
	if (!self->works)
		let_locked();
	KeSetEvent(&quiet, IO_NO_INCREMENT, FALSE);
	bus_unlock();
	host_wait(&self->gate, self->works ? 20 : 1);
	bus_lock();
}

/* What is there is not taken by one of the driver's own before it is let. */
static bool may_go_on_locked(const struct thread *self)
{
	return !self->works || self->let || ticker.freely;
}

static NTSTATUS wait_until(KEVENT *event, uint64_t until_ns)
{
	NTSTATUS status = STATUS_SUCCESS;
	struct thread *self;

	bus_lock();
	self = caller_locked();
	while (!may_go_on_locked(self) || !take_signal(event)) {
		if (may_go_on_locked(self) && until_ns <= now_ns) {
			status = STATUS_TIMEOUT;
			break;
		}
		self->object = event;
		self->until_ns = until_ns;
		self->blocked = true;
		give_way_locked(self);
	}
	self->blocked = false;
	self->let = false;
	bus_unlock();
	return status;
}

static uint64_t until_of(const LARGE_INTEGER *timeout)
{
	uint64_t now;

	if (!timeout)
		return NEVER;
	bus_lock();
	now = now_ns;
	bus_unlock();
	if (timeout->QuadPart > 0)
		return (uint64_t)timeout->QuadPart * UNITS_NS;
	return now + (uint64_t)-timeout->QuadPart * UNITS_NS;
}

/* A thread, mutex, semaphore or timer: the host knows when. */
static NTSTATUS wait_for_host(void *object, uint64_t until_ns)
{
	LARGE_INTEGER slice = { .QuadPart = 0 };

	for (;;) {
		NTSTATUS status =
			KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &slice);
		struct thread *self;
		bool late;

		if (status != STATUS_TIMEOUT)
			return status;
		bus_lock();
		late = until_ns <= now_ns;
		self = caller_locked();
		if (!late) {
			self->object = NULL;
			self->until_ns = until_ns;
			self->blocked = !self->works;
			give_way_locked(self);
			self->blocked = false;
		}
		bus_unlock();
		if (late)
			return STATUS_TIMEOUT;
	}
}

NTSTATUS NTAPI clock_wait(void *object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
			  BOOLEAN alertable, LARGE_INTEGER *timeout)
{
	const DISPATCHER_HEADER *header = object;

	(void)reason;
	(void)mode;
	(void)alertable;
	if (!timeout || timeout->QuadPart)
		kernel_passive("KeWaitForSingleObject");
	if (header->Type == NotificationEvent || header->Type == SynchronizationEvent)
		return wait_until(object, until_of(timeout));
	return wait_for_host(object, until_of(timeout));
}

NTSTATUS NTAPI clock_delay(KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *interval)
{
	(void)mode;
	(void)alertable;
	kernel_passive("KeDelayExecutionThread");
	wait_until(NULL, until_of(interval));
	return STATUS_SUCCESS;
}

LONG NTAPI clock_set_event(KEVENT *event, KPRIORITY increment, BOOLEAN wait)
{
	LONG before;

	(void)increment;
	(void)wait;
	bus_lock();
	before = event->Header.SignalState;
	event->Header.SignalState = 1;
	for (unsigned i = 0; i < MOST_THREADS; i++) {
		if (threads[i].id && threads[i].blocked && threads[i].object == event &&
		    may_go_on_locked(&threads[i]))
			wake_locked(&threads[i]);
	}
	bus_unlock();
	return before;
}

/* ---- the driver's threads ------------------------------------------------------------------- */

static void thread_ends(void)
{
	bus_lock();
	caller_locked()->id = NULL;
	KeSetEvent(&quiet, IO_NO_INCREMENT, FALSE);
	bus_unlock();
}

/* Somebody who has had the same number and is no more is forgotten. */
static VOID NTAPI thread_begins(void *context)
{
	const HANDLE id = PsGetCurrentThreadId();
	struct thread *self = context;

	bus_lock();
	for (unsigned i = 0; i < MOST_THREADS; i++) {
		if (threads[i].id == id)
			threads[i].id = NULL;
	}
	self->id = id;
	bus_unlock();
	self->routine(self->context);
	thread_ends();
}

NTSTATUS NTAPI clock_create_thread(HANDLE *thread, ULONG access, OBJECT_ATTRIBUTES *attributes,
				   HANDLE process, CLIENT_ID *id, PKSTART_ROUTINE routine,
				   void *context)
{
	struct thread *created;
	NTSTATUS status;

	kernel_passive("PsCreateSystemThread");
	bus_lock();
	created = new_thread_locked((HANDLE) ~(uintptr_t)0);
	created->works = true;
	created->routine = routine;
	created->context = context;
	bus_unlock();
	status = PsCreateSystemThread(thread, access, attributes, process, id, thread_begins,
				      created);
	if (!NT_SUCCESS(status))
		created->id = NULL;
	return status;
}

NTSTATUS NTAPI clock_end_thread(NTSTATUS status)
{
	thread_ends();
	return PsTerminateSystemThread(status);
}

uint32_t clock_threads(void)
{
	uint32_t count = 0;

	bus_lock();
	for (unsigned i = 0; i < MOST_THREADS; i++)
		count += threads[i].id && threads[i].works;
	bus_unlock();
	return count;
}

/* ---- the clock ------------------------------------------------------------------------------- */

LARGE_INTEGER NTAPI clock_counter(LARGE_INTEGER *frequency)
{
	LARGE_INTEGER now;

	if (frequency)
		frequency->QuadPart = (int64_t)(NS_PER_US * NS_PER_MS / UNITS_NS);
	bus_lock();
	now_ns += LOOK_NS;
	now.QuadPart = (int64_t)(now_ns / UNITS_NS);
	bus_unlock();
	return now;
}

VOID NTAPI clock_stall(ULONG us)
{
	bus_lock();
	now_ns += us * NS_PER_US;
	bus_unlock();
}

/* Until nobody of the driver's works and no DPC waits. Lock held, given back meanwhile. */
static void calm_down_locked(void)
{
	for (unsigned ms = 0; ms < PATIENCE_MS; ms++) {
		if (kernel_has_dpcs()) {
			bus_unlock();
			kernel_run_dpc();
			bus_lock();
		} else if (is_quiet_locked()) {
			return;
		} else {
			let_locked();
			bus_unlock();
			host_wait(&quiet, 1);
			bus_lock();
		}
	}
	case_failed(__FILE__, __LINE__, "a driver's thread that waits", 0, 1);
}

void bus_pass_ms(uint32_t ms)
{
	uint64_t end_ns;

	bus_lock();
	end_ns = now_ns + ms * NS_PER_MS;
	do
		calm_down_locked();
	while (jump_locked(end_ns));
	if (now_ns < end_ns)
		now_ns = end_ns;
	bus_unlock();
}

void bus_settle(void)
{
	uint64_t end_ns;

	bus_lock();
	calm_down_locked();
	end_ns = now_ns + SETTLE_NS;
	while (next_locked() < now_ns + HOP_NS && jump_locked(end_ns))
		calm_down_locked();
	bus_unlock();
}

void bus_pass_days(uint32_t days)
{
	bus_lock();
	now_ns += days * US_PER_DAY * NS_PER_US;
	bus_unlock();
}

/* ---- time that runs freely --------------------------------------------------------------------- */

static uint64_t host_ns(void)
{
	LARGE_INTEGER frequency, counter = KeQueryPerformanceCounter(&frequency);

	return (uint64_t)counter.QuadPart * (NS_PER_US * NS_PER_MS / (uint64_t)frequency.QuadPart);
}

static VOID NTAPI tick(void *context)
{
	uint64_t before = host_ns();

	while (!ticker.stop) {
		const uint64_t now = host_ns();

		if (ticker.freely) {
			uint64_t end_ns;

			bus_lock();
			end_ns = now_ns + (now - before);
			while (is_quiet_locked() && !kernel_has_dpcs() && jump_locked(end_ns))
				;
			if (now_ns < end_ns)
				now_ns = end_ns;
			bus_unlock();
			kernel_run_dpc();
		}
		before = now;
		host_wait(context, 1);
	}
}

void bus_run_freely(BOOLEAN freely)
{
	InterlockedExchange(&ticker.freely, freely);
}

NTSTATUS clock_begin(void)
{
	static KEVENT nothing;
	HANDLE handle;
	NTSTATUS status;

	KeInitializeEvent(&quiet, SynchronizationEvent, FALSE);
	KeInitializeEvent(&nothing, NotificationEvent, FALSE);
	status = PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, tick, &nothing);
	if (!NT_SUCCESS(status))
		return status;
	ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &ticker.thread,
				  NULL);
	return ZwClose(handle);
}

void clock_end(void)
{
	InterlockedExchange(&ticker.stop, 1);
	KeWaitForSingleObject(ticker.thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(ticker.thread);
}
