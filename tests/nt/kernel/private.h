/* SPDX-License-Identifier: MIT */
/* What the files of this kernel know of each other. See kernel.h. */
#ifndef TESTS_NT_PRIVATE_H
#define TESTS_NT_PRIVATE_H

#include <pthread.h>

#include "kernel.h"

#define MOST_HELD 8

/* Type of what begins with a DISPATCHER_HEADER, and of other things that are initialised. */
enum kernel_type {
	TYPE_EVENT = 0x45560001,
	TYPE_MUTEX = 0x4d550002,
	TYPE_FAST_MUTEX = 0x464d0003,
	TYPE_TIMER = 0x54490004,
	TYPE_THREAD = 0x54480005,
	TYPE_DPC = 0x44500006,
	TYPE_LOOKASIDE = 0x4c4c0007,
};

struct _ETHREAD {
	DISPATCHER_HEADER header; /* signalled when it has ended */
	const char *name;
	KSTART_ROUTINE *routine;
	void *context;
	pthread_t pthread;
	pthread_cond_t turn;
	LONG references;
	bool ended;
	bool is_tests; /* not the driver's: calls of it are not counted */
	bool is_users; /* runs in a user's process */

	KIRQL irql;
	const char *call; /* the routine of the kernel it called last */
	struct {
		KSPIN_LOCK *lock;
		KIRQL before;
	} held[MOST_HELD];
	uint32_t held_count;
	uint32_t fast_mutexes;
	uint32_t in_dpc;

	/* What it waits for; ready NULL: it does not. */
	bool (*ready)(void *argument);
	void *argument;
	uint64_t wake_ns;
	struct _ETHREAD *next; /* in the ring of all */
};

extern struct kernel_state {
	bool freely;
	pthread_mutex_t giant; /* of all that this kernel keeps; in turns: who has it runs */
	uint64_t now_ns;
	uint32_t calls;
	uint32_t inject_at;
	struct _ETHREAD *injected;
	KSTART_ROUTINE *injection;
	void *injection_context;
} kernel;

/* Who is running. */
struct _ETHREAD *self(void);

/*
 * enter - begins a routine of the kernel: the caller's level must not exceed @most.
 * leave - ends it. Between the two, what the kernel keeps is the caller's alone.
 */
void enter(const char *routine, KIRQL most);
void leave(void);
#define ENTER(most) enter(__func__, (most))

/* Waits, entered, until ready(argument) or @until_ns; returns whether it is ready. */
bool block(bool (*ready)(void *argument), void *argument, uint64_t until_ns);

/* The caller's level from now on: paged pool is there below DISPATCH_LEVEL. */
void set_level(KIRQL level);

/* Something changed that somebody may wait for. */
void stir(void);

/* For ThreadSanitizer: what happened before the release happened before the acquire. */
void order_release(void *object);
void order_acquire(void *object);

/* No spin lock may be held where the driver gives control away. */
void must_hold_no_lock(const char *what);

struct _ETHREAD *thread_new(const char *name, KSTART_ROUTINE *routine, void *context,
			    bool is_tests);
void thread_put(struct _ETHREAD *thread);

void locks_end(void);

/* later.c; both entered. */
uint64_t timers_next_ns(void);
void timers_run(void);
void dpcs_run(void); /* at a level below DISPATCH_LEVEL */
bool dpcs_wait(void);
void later_end(void);

/* pool.c: memory whose late use is noticed. */
void *kernel_alloc(size_t bytes);      /* for the driver: NULL where that was asked for */
bool no_memory(void);                  /* the same for what the kernel keeps */
void *kernel_must_alloc(size_t bytes); /* for the test */
void kernel_free(void *memory, size_t bytes);
void *pool_alloc(size_t bytes, ULONG tag);      /* pool that the driver frees; entered */
void *pool_must_alloc(size_t bytes, ULONG tag); /* the test's, paged, that the driver frees */
void pool_begin(void);
void pool_show_paged(bool show); /* whether paged pool can be touched */
void pool_end(void);

/* object.c */
void object_end(void);
void device_get(DEVICE_OBJECT *device);
void device_put(DEVICE_OBJECT *device);
DEVICE_OBJECT *device_top(DEVICE_OBJECT *device);
bool thread_is(const void *object); /* one of the threads */

/* security.c: whether @handle is of a device, and closed now; entered. */
bool security_close(HANDLE handle);

/* pnp.c: sends it, and waits for its end. */
NTSTATUS send_and_wait(DEVICE_OBJECT *device, IRP *irp, ULONG_PTR *information);
void irp_tell(IRP *irp, void (*ended)(void *context, IRP *irp), void *context);

/* requirements.c: whether the driver asks for it, of what the bus does. */
bool wants_interrupt(struct kernel_node *node, const struct kernel_resources *resources);

void irp_end(void);
void interrupt_end(void);
void registry_end(void);
void pnp_end(void);
void wmi_end(void);
void log_end(void);

/* That of a physical device; NULL: there is none. */
struct kernel_node *node_of(const DEVICE_OBJECT *physical);

bool same_text(PCWSTR one, PCWSTR other, size_t words);
size_t text_length(PCWSTR text);
PCWSTR text_copy(const UNICODE_STRING *string);

#endif
