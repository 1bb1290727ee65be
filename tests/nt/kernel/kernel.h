/* SPDX-License-Identifier: MIT */
/*
 * A kernel for one driver under test, in this process. What a driver may not do ends the
 * process with a message: a routine called above its level, a lock taken twice or given back
 * by somebody else, a packet completed twice, memory used after it had gone, paged pool
 * touched at DISPATCH_LEVEL (in turns), anything left at the end. Every thread of the driver is a thread of the process; there are as many
 * processors as threads.
 *
 * Two ways to run:
 *	in turns  one thread at a time; another one goes on when that one waits, or where
 *		  kernel_inject asks for it. Time goes on when all wait. The same calls give
 *		  the same run.
 *	freely    threads run as they will, under ThreadSanitizer too; time as before.
 *
 *	thread.c     who runs, levels, time     object.c  devices, names, files, references
 *	lock.c       what threads wait for      irp.c     request packets
 *	later.c      DPCs, timers, work items   pnp.c     the Plug and Play manager
 *	pool.c       memory                     power.c   wmi.c   registry.c   log.c
 *	interrupt.c  interrupts and ports       string.c    security.c
 *
 * Not here: processes, security, user addresses.
 */
#ifndef TESTS_NT_KERNEL_H
#define TESTS_NT_KERNEL_H

#include <stdbool.h>
#include <stdio.h>

#include <wdm.h>

#define KERNEL_NEVER UINT64_MAX
#define NS_PER_US    UINT64_C(1000)
#define NS_PER_MS    UINT64_C(1000000)

/* Above DISPATCH_LEVEL: where interrupt routines run. */
#define DEVICE_IRQL 7

/* What a user's threads belong to, and the system's. */
#define KERNEL_PROCESS 1200
#define SYSTEM_PROCESS 4

/* A port of the bus as the processor sees it. */
#define TRANSLATED(port) (UINT32_C(0x10000) + (port))

_Noreturn void kernel_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define MUST(truth)                                                                                \
	do {                                                                                       \
		if (!(truth))                                                                      \
			kernel_fatal("%s:%d: %s", __FILE__, __LINE__, #truth);                     \
	} while (0)

/* The caller becomes a thread of the kernel. */
void kernel_begin(bool freely);

/* Nothing may be left: memory, objects, names, timers, threads, connected interrupts. */
void kernel_end(void);

/* ---- time and turns (thread.c) ------------------------------------------------------------- */

uint64_t kernel_now_ns(void);

/* Time goes by while the caller is busy. */
void kernel_pass_ns(uint64_t ns);

/* The others run until @ns is there or, with false, until all of them wait. */
void kernel_wait_until(uint64_t ns);
void kernel_let_others_run(void);

/* When the first of the others, or a timer, goes on by itself. */
uint64_t kernel_next_wake_ns(void);

/* A thread of the test's. */
PETHREAD kernel_thread_start(const char *name, KSTART_ROUTINE *routine, void *context);
void kernel_thread_join(PETHREAD thread);

/* The caller waits until ready(argument), which is asked with the kernel's lock held. */
void kernel_wait_for(bool (*ready)(void *argument), void *argument);

/*
 * At the @nth call of the kernel from now on, by whatever thread, another thread runs
 * @action(@context) there and then. Only in turns.
 * _end: it has come to its end, or will not happen any more; returns which.
 */
void kernel_inject(uint32_t nth, KSTART_ROUTINE *action, void *context);
bool kernel_end_injection(void);

/* The @nth allocation from now on fails. 0: none does. */
void kernel_fail_allocation(uint32_t nth);
bool kernel_failed_allocation(void);

/*
 * The caller's thread is a user's, or the system's, which it is at first; returns what it was
 * before.
 */
bool kernel_be_user(bool user);

/* Spin locks that the caller holds. */
uint32_t kernel_locks_held(void);

/* ---- deferred procedure calls (later.c) ------------------------------------------------------ */

/* Whether they wait, as if their processor was busy, until kernel_run_dpcs. */
void kernel_hold_dpcs(bool hold);
void kernel_run_dpcs(void);

/* ---- ports and interrupts (interrupt.c) ------------------------------------------------------- */

/* Registers that answer at @first .. @first + @count - 1. */
struct kernel_ports {
	uint32_t first;
	uint32_t count;
	void *context;
	uint8_t (*read8)(void *context, uint32_t offset);
	void (*write8)(void *context, uint32_t offset, uint8_t value);
	uint32_t offset; /* of the first one, as read8 and write8 count */
	struct kernel_ports *next;
};

void kernel_add_ports(struct kernel_ports *ports);

/* Fires it on the caller's processor; returns whether a routine handled it. */
bool kernel_interrupt(ULONG vector);
uint32_t kernel_interrupts_connected(void);
/* IoConnectInterrupt fails from now on. */
void kernel_refuse_interrupts(bool refuse);

/* ---- registry (registry.c) --------------------------------------------------------------------- */

/* Values of the device key of @physical. @data NULL: deletes. */
void kernel_set_value(DEVICE_OBJECT *physical, PCWSTR name, ULONG type, const void *data,
		      ULONG bytes);
void kernel_set_dword(DEVICE_OBJECT *physical, PCWSTR name, ULONG value);
void kernel_set_string(DEVICE_OBJECT *physical, PCWSTR name, PCWSTR value);
/* What stands in the device map, key @path; NULL: nothing. */
PCWSTR kernel_device_map(PCWSTR path, PCWSTR name);

/* ---- devices, names, files (object.c) ------------------------------------------------------------- */

/* NULL: there is none of that name. */
DEVICE_OBJECT *kernel_find_device(PCWSTR name);
/* The object's name; "" if it has none. */
PCWSTR kernel_name_of(DEVICE_OBJECT *device);
/* What a symbolic link stands for, or NULL. */
PCWSTR kernel_link_target(PCWSTR link);
uint32_t kernel_links(void);

/* The list of who may open @device, as bytes; NULL: it was given none. */
const UCHAR *kernel_access_list(DEVICE_OBJECT *device);

/* Device interfaces that @physical has registered: how many, enabled, with @guid. */
uint32_t kernel_interfaces(DEVICE_OBJECT *physical, const GUID *guid, bool enabled);
uint32_t kernel_all_interfaces(DEVICE_OBJECT *physical);

/* A file on @device's stack, not yet opened: IRPs with it do that. */
FILE_OBJECT *kernel_file_new(DEVICE_OBJECT *device);
void kernel_file_free(FILE_OBJECT *file);

/* ---- packets (irp.c) --------------------------------------------------------------------------------- */

/*
 * A packet to the top of @device's stack; @file may be NULL. The next stack location is the
 * receiver's, to be filled. @ended is told when it has come back, at whatever level, and the
 * packet goes after that.
 */
IRP *kernel_irp_new(DEVICE_OBJECT *device, FILE_OBJECT *file, UCHAR major, UCHAR minor,
		    void (*ended)(void *context, IRP *irp), void *context);
NTSTATUS kernel_irp_send(DEVICE_OBJECT *device, IRP *irp);

/*
 * Who wants to cancel a packet that may come back meanwhile keeps its memory: @irp is one
 * that has not come back yet.
 */
void kernel_irp_keep(IRP *irp);
void kernel_irp_drop(IRP *irp);

/* ---- the driver and its devices (pnp.c) ------------------------------------------------------------- */

struct kernel_resources {
	uint16_t port, span;         /* span 0: none */
	uint16_t ecp_port, ecp_span; /* none */
	ULONG vector;                /* 0: no interrupt */
	bool in_memory;              /* the port range is one of memory */
	bool swapped;                /* the ECP range comes first */
	bool shared;
};

/* A device that a bus has found, with its stack. */
struct kernel_node {
	DEVICE_OBJECT *physical;
	enum { NODE_FOUND, NODE_STARTED, NODE_SURPRISED } state;
	struct kernel_node *parent; /* NULL: it stands on the test's bus */
	bool seen;                  /* in the last answer about the parent's relations */
	uint32_t invalidated;       /* times that its relations were */
	bool rescan;                /* since they were asked for last */
	struct kernel_node *next;
};

/* Calls DriverEntry, and Unload. */
NTSTATUS kernel_load(DRIVER_INITIALIZE *entry);
void kernel_unload(void);

/* A device on the test's bus, and the driver's AddDevice for it. */
struct kernel_node *kernel_node_new(void);
NTSTATUS kernel_add(struct kernel_node *node);

/*
 * kernel_filter - what the device of @node makes of requirements of @resources: two lists, the
 *	second with a choice of interrupts. ExFreePool. For a test.
 * kernel_start - asks that, and starts it with @resources, their interrupt if it is still
 *	asked for. @resources NULL: without lists.
 */
IO_RESOURCE_REQUIREMENTS_LIST *kernel_filter(struct kernel_node *node,
					     const struct kernel_resources *resources);
NTSTATUS kernel_start(struct kernel_node *node, const struct kernel_resources *resources);
NTSTATUS kernel_start_child(struct kernel_node *child);

/* A request without anything but its minor code; a query and its cancel as one act. */
NTSTATUS kernel_pnp(struct kernel_node *node, UCHAR minor);
void kernel_ask_and_cancel(struct kernel_node *node, UCHAR query, UCHAR cancel);

/*
 * Asks for the bus relations, and makes nodes of new children; _rescan also removes those
 * that are missing, by surprise where they are started.
 */
NTSTATUS kernel_relations(struct kernel_node *node);
void kernel_rescan(struct kernel_node *node);

/* Children of @node; NULL after the last. */
struct kernel_node *kernel_child(struct kernel_node *node, uint32_t index);
struct kernel_node *kernel_child_named(struct kernel_node *node, PCWSTR name);

/* The hardware is gone: tells all that stand on it, and the node. */
void kernel_surprise(struct kernel_node *node);
/* Removes its children, then it; without asking. The nodes are gone then. */
void kernel_remove(struct kernel_node *node);
/* Asks first, with cancel where somebody refuses, whose status it returns. */
NTSTATUS kernel_query_remove(struct kernel_node *node);
NTSTATUS kernel_stop(struct kernel_node *node);

/* Copied into @room, cut off with a NUL; false: not answered. Ids of a list are apart by NULs. */
bool kernel_query_id(struct kernel_node *node, BUS_QUERY_ID_TYPE type, WCHAR *room, size_t words);
bool kernel_query_text(struct kernel_node *node, DEVICE_TEXT_TYPE type, WCHAR *room, size_t words);
NTSTATUS kernel_query_capabilities(struct kernel_node *node, DEVICE_CAPABILITIES *capabilities);

/* ---- power, WMI, log -------------------------------------------------------------------------------- */

/* @minor: IRP_MN_QUERY_POWER or IRP_MN_SET_POWER; wait for the end. */
NTSTATUS kernel_system_power(struct kernel_node *node, UCHAR minor, SYSTEM_POWER_STATE state);
NTSTATUS kernel_device_power(struct kernel_node *node, UCHAR minor, DEVICE_POWER_STATE state);
/* As last told by PoSetPowerState. */
DEVICE_POWER_STATE kernel_power_state(struct kernel_node *node);

/* A question to the provider @device; @path: a GUID or, for REGINFO, a number. */
NTSTATUS kernel_wmi(DEVICE_OBJECT *device, UCHAR minor, const void *path, void *buffer, ULONG bytes,
		    ULONG_PTR *answered);
bool kernel_wmi_registered(DEVICE_OBJECT *device);

/* Entries written to the event log since kernel_begin, and the code of the last one. */
uint32_t kernel_log_entries(void);
NTSTATUS kernel_log_last(void);

#endif
