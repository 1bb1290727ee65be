/* SPDX-License-Identifier: MIT */
/* See wdm.h: what threads wait for, and what runs later. Fields are the kernel's. */
#ifndef TESTS_NT_WDM_OBJECTS_H
#define TESTS_NT_WDM_OBJECTS_H

#include "wdm_types.h"

#define PASSIVE_LEVEL  0
#define APC_LEVEL      1
#define DISPATCH_LEVEL 2

enum { KernelMode, UserMode };

typedef struct _ETHREAD ETHREAD, *PETHREAD;
typedef struct _ETHREAD KTHREAD, *PKTHREAD;
typedef struct _OBJECT_TYPE *POBJECT_TYPE;

/* Begins everything that can be waited for. */
typedef struct _DISPATCHER_HEADER {
	ULONG Type;
	LONG SignalState;
} DISPATCHER_HEADER;

typedef enum _EVENT_TYPE { NotificationEvent, SynchronizationEvent } EVENT_TYPE;

typedef struct _KEVENT {
	DISPATCHER_HEADER Header;
	EVENT_TYPE Kind;
} KEVENT, *PKEVENT, *PRKEVENT;

typedef struct _KMUTANT {
	DISPATCHER_HEADER Header;
	struct _ETHREAD *OwnerThread;
} KMUTEX, *PKMUTEX, *PRKMUTEX;

typedef struct _FAST_MUTEX {
	DISPATCHER_HEADER Header;
	struct _ETHREAD *Owner;
	KIRQL OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;

struct _KDPC;
typedef VOID KDEFERRED_ROUTINE(struct _KDPC *Dpc, PVOID DeferredContext, PVOID SystemArgument1,
			       PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;

typedef struct _KDPC {
	ULONG Type;
	BOOLEAN Queued;
	PKDEFERRED_ROUTINE DeferredRoutine;
	PVOID DeferredContext;
	PVOID SystemArgument1;
	PVOID SystemArgument2;
	struct _KDPC *Next;
} KDPC, *PKDPC, *PRKDPC;

typedef enum _TIMER_TYPE { NotificationTimer, SynchronizationTimer } TIMER_TYPE;

typedef struct _KTIMER {
	DISPATCHER_HEADER Header;
	TIMER_TYPE Kind;
	BOOLEAN Inserted;
	uint64_t DueNs;
	ULONG PeriodMs;
	KDPC *Dpc;
	struct _KTIMER *Next;
} KTIMER, *PKTIMER;

typedef enum _KWAIT_REASON { Executive } KWAIT_REASON;
typedef enum _WAIT_TYPE { WaitAll, WaitAny } WAIT_TYPE;
#define THREAD_WAIT_OBJECTS 3

typedef struct _KWAIT_BLOCK {
	PVOID Object;
} KWAIT_BLOCK, *PKWAIT_BLOCK;

typedef enum _POOL_TYPE { NonPagedPool, PagedPool, NonPagedPoolNx = 512 } POOL_TYPE;

typedef struct _OSVERSIONINFOW {
	ULONG dwOSVersionInfoSize;
	ULONG dwMajorVersion;
	ULONG dwMinorVersion;
} RTL_OSVERSIONINFOW;

typedef struct _NPAGED_LOOKASIDE_LIST {
	ULONG Type;
	SIZE_T Size;
	ULONG Tag;
	LONG Out;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

typedef VOID KSTART_ROUTINE(PVOID StartContext);
typedef KSTART_ROUTINE *PKSTART_ROUTINE;

/* ---- interrupts ------------------------------------------------------------------------- */

typedef struct _KINTERRUPT KINTERRUPT, *PKINTERRUPT;
typedef enum _KINTERRUPT_MODE { LevelSensitive, Latched } KINTERRUPT_MODE;
typedef BOOLEAN KSERVICE_ROUTINE(struct _KINTERRUPT *Interrupt, PVOID ServiceContext);
typedef KSERVICE_ROUTINE *PKSERVICE_ROUTINE;
typedef BOOLEAN KSYNCHRONIZE_ROUTINE(PVOID SynchronizeContext);
typedef KSYNCHRONIZE_ROUTINE *PKSYNCHRONIZE_ROUTINE;

typedef enum _INTERFACE_TYPE {
	InterfaceTypeUndefined = -1,
	Internal,
	Isa,
	Eisa,
	MicroChannel,
	TurboChannel,
	PCIBus,
	PNPISABus = 14,
	PNPBus = 15,
} INTERFACE_TYPE;

#endif
