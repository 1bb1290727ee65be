/* SPDX-License-Identifier: MIT */
/*
 * Threads, levels, turns and time. See kernel.h.
 *
 *	in turns: `kernel.giant` is the baton; who has it runs, in the kernel or outside.
 *	freely: it is held inside the kernel only.
 *
 * A thread that waits is one with ready set. Time goes on when nobody else can.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "private.h"

struct kernel_state kernel;

static struct {
	struct _ETHREAD *ring;    /* the one that kernel_begin made */
	struct _ETHREAD *current; /* in turns: whose turn it is */
} all;

static _Thread_local struct _ETHREAD *me;

static POBJECT_TYPE thread_type;
POBJECT_TYPE *PsThreadType = &thread_type;
PVOID MmHighestUserAddress;

struct _ETHREAD *self(void)
{
	return me;
}

_Noreturn void kernel_fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	if (me)
		printf("\nthread %s at level %d, in %s, call %u\n", me->name, me->irql,
		       me->call ? me->call : "nothing", kernel.calls);
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

/* ---- ThreadSanitizer: only what NT promises orders two threads ----------------------------- */

void AnnotateIgnoreSyncBegin(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreSyncEnd(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreReadsBegin(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreReadsEnd(const char *file, int line) __attribute__((weak));
void __tsan_release(void *object) __attribute__((weak));
void __tsan_acquire(void *object) __attribute__((weak));

/* What the kernel does by itself is not to be looked at, and orders nothing. */
static void look_away(bool away)
{
	if (!AnnotateIgnoreSyncBegin)
		return;
	if (away) {
		AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
		AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	} else {
		AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
		AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
	}
}

void order_release(void *object)
{
	if (__tsan_release)
		__tsan_release(object);
}

void order_acquire(void *object)
{
	if (__tsan_acquire)
		__tsan_acquire(object);
}

void set_level(KIRQL level)
{
	me->irql = level;
	pool_show_paged(level < DISPATCH_LEVEL);
}

/* ---- turns ------------------------------------------------------------------------------------ */

static void take_giant(void)
{
	look_away(true);
	pthread_mutex_lock(&kernel.giant);
	look_away(false);
}

static void give_giant(void)
{
	look_away(true);
	pthread_mutex_unlock(&kernel.giant);
	look_away(false);
}

static void wait_turn(void)
{
	look_away(true);
	pthread_cond_wait(&me->turn, &kernel.giant);
	look_away(false);
}

static void wake(struct _ETHREAD *thread)
{
	look_away(true);
	pthread_cond_signal(&thread->turn);
	look_away(false);
}

static bool can_go_on(struct _ETHREAD *thread)
{
	bool is_ready;

	if (thread->ended)
		return false;
	if (!thread->ready || kernel.now_ns >= thread->wake_ns)
		return true;
	look_away(true);
	is_ready = thread->ready(thread->argument);
	look_away(false);
	return is_ready;
}

static bool never(void *argument)
{
	(void)argument;
	return false;
}

static bool others_wait(void *argument)
{
	struct _ETHREAD *asking = argument;

	for (struct _ETHREAD *thread = asking->next; thread != asking; thread = thread->next) {
		if (thread->ready != others_wait && can_go_on(thread))
			return false;
	}
	return true;
}

/* The test's own, or the next one in the ring that can go on, the caller last; NULL: all wait. */
static struct _ETHREAD *next_to_run(void)
{
	struct _ETHREAD *thread = me->next;

	if (can_go_on(all.ring))
		return all.ring;
	for (;;) {
		if (can_go_on(thread))
			return thread;
		if (thread == me)
			return NULL;
		thread = thread->next;
	}
}

void stir(void)
{
	struct _ETHREAD *thread = all.ring;

	if (!kernel.freely)
		return;
	do {
		if (thread->ready && can_go_on(thread))
			wake(thread);
		thread = thread->next;
	} while (thread != all.ring);
}

static uint64_t next_wake_ns(void)
{
	uint64_t next_ns = timers_next_ns();
	struct _ETHREAD *thread = all.ring;

	do {
		if (!thread->ended && thread->ready && thread->wake_ns < next_ns)
			next_ns = thread->wake_ns;
		thread = thread->next;
	} while (thread != all.ring);
	return next_ns;
}

static void tell_who_waits(void)
{
	struct _ETHREAD *thread = all.ring;

	do {
		if (!thread->ended)
			printf("thread %s waits in %s at level %d\n", thread->name,
			       thread->call ? thread->call : "nothing", thread->irql);
		thread = thread->next;
	} while (thread != all.ring);
}

/* All wait: time goes on to when one of them need not. */
static void pass_time(void)
{
	const uint64_t next_ns = next_wake_ns();

	if (next_ns == KERNEL_NEVER) {
		tell_who_waits();
		kernel_fatal("all threads wait for ever");
	}
	if (next_ns > kernel.now_ns)
		kernel.now_ns = next_ns;
	timers_run();
	stir();
}

/* Gives the turn to @thread and waits for the next one. */
static void hand_turn_to(struct _ETHREAD *thread)
{
	all.current = thread;
	wake(thread);
	while (all.current != me)
		wait_turn();
	set_level(me->irql);
}

static void run_dpcs_of_the_idle(void)
{
	const KIRQL before = me->irql;

	set_level(PASSIVE_LEVEL);
	dpcs_run();
	set_level(before);
}

bool block(bool (*ready)(void *argument), void *argument, uint64_t until_ns)
{
	bool is_ready;

	me->ready = ready;
	me->argument = argument;
	me->wake_ns = until_ns;
	while (!can_go_on(me)) {
		struct _ETHREAD *next = next_to_run();

		if (next && kernel.freely) {
			wake(next);
			wait_turn();
		} else if (next)
			hand_turn_to(next);
		else if (dpcs_wait())
			run_dpcs_of_the_idle();
		else
			pass_time();
	}
	is_ready = ready(argument);
	me->ready = NULL;
	return is_ready;
}

/* ---- calls ---------------------------------------------------------------------------------------- */

static void run_injection(void *context)
{
	(void)context;
	kernel.injection(kernel.injection_context);
}

static void inject(void)
{
	kernel.inject_at = 0;
	kernel.injected = thread_new("injected", run_injection, NULL, true);
	hand_turn_to(kernel.injected);
}

void enter(const char *routine, KIRQL most)
{
	if (!me)
		kernel_fatal("%s called by a thread that is not the kernel's", routine);
	if (me->irql > most)
		kernel_fatal("%s called at level %d, at most %d is allowed", routine, me->irql,
			     most);
	me->call = routine;
	if (kernel.freely)
		take_giant();
	if (++kernel.calls == kernel.inject_at)
		inject();
	if (me->irql < DISPATCH_LEVEL && dpcs_wait())
		dpcs_run();
}

void leave(void)
{
	stir();
	if (kernel.freely)
		give_giant();
}

void kernel_inject(uint32_t nth, KSTART_ROUTINE *action, void *context)
{
	MUST(!kernel.freely);
	kernel.calls = 0;
	kernel.inject_at = nth;
	kernel.injection = action;
	kernel.injection_context = context;
}

bool kernel_be_user(bool user)
{
	const bool before = me->is_users;

	me->is_users = user;
	return before;
}

uint32_t kernel_locks_held(void)
{
	return me->held_count;
}

void must_hold_no_lock(const char *what)
{
	if (me->held_count)
		kernel_fatal("%s with a spin lock held", what);
}

void kernel_paged_code(const char *function)
{
	if (me->irql > APC_LEVEL)
		kernel_fatal("%s is pageable, called at level %d", function, me->irql);
}

void kernel_asserted(const char *what)
{
	kernel_fatal("asserted: %s", what);
}

/* ---- levels ------------------------------------------------------------------------------------------ */

KIRQL KeGetCurrentIrql(void)
{
	return me->irql;
}

VOID KeRaiseIrql(KIRQL to, KIRQL *before)
{
	ENTER(DEVICE_IRQL);
	if (to < me->irql)
		kernel_fatal("KeRaiseIrql to %d, below %d", to, me->irql);
	*before = me->irql;
	set_level(to);
	leave();
}

VOID KeLowerIrql(KIRQL to)
{
	ENTER(DEVICE_IRQL);
	if (to > me->irql)
		kernel_fatal("KeLowerIrql to %d, above %d", to, me->irql);
	if (me->held_count && to < DISPATCH_LEVEL)
		kernel_fatal("KeLowerIrql to %d with a spin lock held", to);
	set_level(to);
	if (to < DISPATCH_LEVEL)
		dpcs_run();
	leave();
}

/* ---- time ------------------------------------------------------------------------------------------------ */

uint64_t kernel_now_ns(void)
{
	return kernel.now_ns;
}

void kernel_pass_ns(uint64_t ns)
{
	kernel.now_ns += ns;
	timers_run();
}

static void wait_for(bool (*ready)(void *argument), void *argument, uint64_t until_ns)
{
	enter("a wait of the test's", DEVICE_IRQL);
	(void)block(ready, argument, until_ns);
	leave();
}

void kernel_wait_until(uint64_t ns)
{
	wait_for(never, NULL, ns);
}

void kernel_let_others_run(void)
{
	wait_for(others_wait, me, KERNEL_NEVER);
}

void kernel_wait_for(bool (*ready)(void *argument), void *argument)
{
	wait_for(ready, argument, KERNEL_NEVER);
}

uint64_t kernel_next_wake_ns(void)
{
	return next_wake_ns();
}

/* ---- threads ----------------------------------------------------------------------------------------------- */

static void first_turn(struct _ETHREAD *thread)
{
	me = thread;
	take_giant();
	while (!kernel.freely && all.current != me)
		wait_turn();
	set_level(me->irql);
	if (kernel.freely)
		give_giant();
}

/* Entered; the turn goes to somebody else for good. */
static void end_thread(void)
{
	struct _ETHREAD *next;

	if (me->irql != PASSIVE_LEVEL || me->held_count)
		kernel_fatal("a thread ends at level %d, %u locks held", me->irql, me->held_count);
	me->ended = true;
	me->header.SignalState = 1;
	order_release(me);
	while (!(next = next_to_run())) {
		if (dpcs_wait())
			run_dpcs_of_the_idle();
		else
			pass_time();
	}
	all.current = next;
	wake(next);
	stir();
	give_giant();
}

static void *run_thread(void *thread)
{
	first_turn(thread);
	me->routine(me->context);
	enter("the return of a thread", PASSIVE_LEVEL);
	end_thread();
	return NULL;
}

NTSTATUS PsTerminateSystemThread(NTSTATUS status)
{
	(void)status;
	ENTER(PASSIVE_LEVEL);
	if (me->is_tests)
		kernel_fatal("a thread that the driver did not make ends itself");
	end_thread();
	pthread_exit(NULL);
}

static struct _ETHREAD *thread_alloc(const char *name)
{
	struct _ETHREAD *thread = calloc(1, sizeof(*thread));

	MUST(thread);
	thread->header.Type = TYPE_THREAD;
	thread->name = name;
	thread->references = 1;
	pthread_cond_init(&thread->turn, NULL);
	return thread;
}

struct _ETHREAD *thread_new(const char *name, KSTART_ROUTINE *routine, void *context, bool is_tests)
{
	struct _ETHREAD *thread = thread_alloc(name);

	thread->routine = routine;
	thread->context = context;
	thread->is_tests = is_tests;
	thread->references++; /* the ring's */
	thread->next = me->next;
	me->next = thread;
	MUST(pthread_create(&thread->pthread, NULL, run_thread, thread) == 0);
	return thread;
}

void thread_put(struct _ETHREAD *thread)
{
	MUST(thread->references > 0);
	thread->references--;
}

bool thread_is(const void *object)
{
	const struct _ETHREAD *thread = all.ring;

	do {
		if (thread == object)
			return true;
		thread = thread->next;
	} while (thread != all.ring);
	return false;
}

PETHREAD kernel_thread_start(const char *name, KSTART_ROUTINE *routine, void *context)
{
	struct _ETHREAD *thread;

	enter("kernel_thread_start", PASSIVE_LEVEL);
	thread = thread_new(name, routine, context, true);
	leave();
	return thread;
}

static bool has_ended(void *thread)
{
	return ((struct _ETHREAD *)thread)->ended;
}

void kernel_thread_join(PETHREAD thread)
{
	enter("kernel_thread_join", PASSIVE_LEVEL);
	(void)block(has_ended, thread, KERNEL_NEVER);
	order_acquire(thread);
	thread_put(thread);
	leave();
}

bool kernel_end_injection(void)
{
	struct _ETHREAD *injected = kernel.injected;

	kernel.inject_at = 0;
	kernel.injected = NULL;
	if (injected)
		kernel_thread_join(injected);
	return injected;
}

NTSTATUS PsCreateSystemThread(HANDLE *handle, ULONG access, OBJECT_ATTRIBUTES *attributes,
			      HANDLE process, PVOID client, PKSTART_ROUTINE routine, PVOID context)
{
	(void)access;
	ENTER(PASSIVE_LEVEL);
	MUST(!process && !client);
	if (!attributes || !(attributes->Attributes & OBJ_KERNEL_HANDLE))
		kernel_fatal("a thread's handle can be used by the process that runs");
	if (no_memory()) {
		leave();
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*handle = thread_new("of the driver", routine, context, false);
	leave();
	return STATUS_SUCCESS;
}

PETHREAD PsGetCurrentThread(void)
{
	return me;
}

HANDLE PsGetCurrentProcessId(void)
{
	return (HANDLE)(uintptr_t)(me->is_users ? KERNEL_PROCESS : SYSTEM_PROCESS);
}

HANDLE PsGetCurrentThreadId(void)
{
	return me;
}

KPRIORITY KeSetPriorityThread(PKTHREAD thread, KPRIORITY priority)
{
	ENTER(PASSIVE_LEVEL);
	MUST(thread->header.Type == TYPE_THREAD && priority > 0 && priority < 32);
	leave();
	return 8;
}

void kernel_begin(bool freely)
{
	kernel = (struct kernel_state){ .freely = freely, .now_ns = 86400 * 1000 * NS_PER_MS };
	kernel_hold_dpcs(false);
	kernel_refuse_interrupts(false);
	kernel_fail_allocation(0);
	pool_begin();
	pthread_mutex_init(&kernel.giant, NULL);
	me = thread_alloc("of the test");
	me->is_tests = true;
	me->next = me;
	all.ring = me;
	all.current = me;
	if (!freely)
		take_giant();
}

static void threads_end(void)
{
	struct _ETHREAD *thread = me->next;

	while (thread != me) {
		struct _ETHREAD *next = thread->next;

		if (!thread->ended)
			kernel_fatal("thread %s is still there, in %s", thread->name, thread->call);
		if (thread->references != 1)
			kernel_fatal("thread %s is still referred to", thread->name);
		pthread_join(thread->pthread, NULL);
		pthread_cond_destroy(&thread->turn);
		free(thread);
		thread = next;
	}
	pthread_cond_destroy(&me->turn);
	free(me);
	me = NULL;
}

void kernel_end(void)
{
	MUST(me->irql == PASSIVE_LEVEL && !me->held_count);
	irp_end();
	pool_end();
	pnp_end();
	interrupt_end();
	object_end();
	wmi_end();
	log_end();
	registry_end();
	later_end();
	if (!kernel.freely)
		give_giant();
	threads_end();
	locks_end();
}
