/* SPDX-License-Identifier: MIT */
/* See wdm.h: what a driver calls. */
#ifndef TESTS_NT_WDM_CALLS_H
#define TESTS_NT_WDM_CALLS_H

#include "wdm_io.h"

/* ---- memory and strings -------------------------------------------------------------- */

#define RtlZeroMemory(to, bytes)        memset((to), 0, (bytes))
#define RtlFillMemory(to, bytes, fill)  memset((to), (fill), (bytes))
#define RtlCopyMemory(to, from, bytes)  memcpy((to), (from), (bytes))
#define RtlMoveMemory(to, from, bytes)  memmove((to), (from), (bytes))
#define RtlEqualMemory(one, two, bytes) (memcmp((one), (two), (bytes)) == 0)

SIZE_T RtlCompareMemory(const VOID *one, const VOID *other, SIZE_T bytes);
VOID RtlInitUnicodeString(UNICODE_STRING *string, PCWSTR text);
VOID RtlCopyUnicodeString(UNICODE_STRING *to, const UNICODE_STRING *from);
NTSTATUS RtlAppendUnicodeToString(UNICODE_STRING *to, PCWSTR text);
NTSTATUS RtlAppendUnicodeStringToString(UNICODE_STRING *to, const UNICODE_STRING *from);
BOOLEAN RtlEqualUnicodeString(const UNICODE_STRING *one, const UNICODE_STRING *other,
			      BOOLEAN any_case);
VOID RtlFreeUnicodeString(UNICODE_STRING *string);
NTSTATUS RtlGetVersion(RTL_OSVERSIONINFOW *version);

PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag);
VOID ExFreePoolWithTag(PVOID memory, ULONG tag);
VOID ExFreePool(PVOID memory);
VOID ExInitializeNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list, PVOID allocate, PVOID free,
				     ULONG flags, SIZE_T size, ULONG tag, USHORT depth);
VOID ExDeleteNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list);
PVOID ExAllocateFromNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list);
VOID ExFreeToNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list, PVOID memory);

static inline LONG InterlockedIncrement(LONG volatile *value)
{
	return __atomic_add_fetch(value, 1, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedDecrement(LONG volatile *value)
{
	return __atomic_sub_fetch(value, 1, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedExchange(LONG volatile *value, LONG to)
{
	return __atomic_exchange_n(value, to, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedExchangeAdd(LONG volatile *value, LONG add)
{
	return __atomic_fetch_add(value, add, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedOr(LONG volatile *value, LONG bits)
{
	return __atomic_fetch_or(value, bits, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedAnd(LONG volatile *value, LONG bits)
{
	return __atomic_fetch_and(value, bits, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedCompareExchange(LONG volatile *value, LONG to, LONG from)
{
	__atomic_compare_exchange_n(value, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return from;
}

static inline PVOID InterlockedExchangePointer(PVOID volatile *value, PVOID to)
{
	return __atomic_exchange_n(value, to, __ATOMIC_SEQ_CST);
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *value, PVOID to, PVOID from)
{
	__atomic_compare_exchange_n(value, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return from;
}

static inline void KeMemoryBarrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#define MemoryBarrier() KeMemoryBarrier()

/* ---- levels, locks, waits --------------------------------------------------------------- */

#define PAGED_CODE()     kernel_paged_code(__func__)
#define NT_ASSERT(truth) ((truth) ? (void)0 : kernel_asserted(#truth))
#define ASSERT(truth)    NT_ASSERT(truth)

void kernel_paged_code(const char *function);
void kernel_asserted(const char *what);

KIRQL KeGetCurrentIrql(void);
VOID KeRaiseIrql(KIRQL to, KIRQL *before);
VOID KeLowerIrql(KIRQL to);
VOID KeInitializeSpinLock(KSPIN_LOCK *lock);
KIRQL KeAcquireSpinLockRaiseToDpc(KSPIN_LOCK *lock);
#define KeAcquireSpinLock(lock, irql) ((void)(*(irql) = KeAcquireSpinLockRaiseToDpc(lock)))
VOID KeReleaseSpinLock(KSPIN_LOCK *lock, KIRQL irql);
VOID KeAcquireSpinLockAtDpcLevel(KSPIN_LOCK *lock);
VOID KeReleaseSpinLockFromDpcLevel(KSPIN_LOCK *lock);

VOID KeInitializeEvent(KEVENT *event, EVENT_TYPE type, BOOLEAN state);
LONG KeSetEvent(KEVENT *event, KPRIORITY increment, BOOLEAN wait);
VOID KeClearEvent(KEVENT *event);
LONG KeResetEvent(KEVENT *event);
LONG KeReadStateEvent(KEVENT *event);
VOID KeInitializeMutex(KMUTEX *mutex, ULONG level);
LONG KeReleaseMutex(KMUTEX *mutex, BOOLEAN wait);
VOID ExInitializeFastMutex(FAST_MUTEX *mutex);
VOID ExAcquireFastMutex(FAST_MUTEX *mutex);
VOID ExReleaseFastMutex(FAST_MUTEX *mutex);
NTSTATUS KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
			       BOOLEAN alertable, LARGE_INTEGER *timeout);
NTSTATUS KeWaitForMultipleObjects(ULONG count, PVOID objects[], WAIT_TYPE type, KWAIT_REASON reason,
				  KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *timeout,
				  KWAIT_BLOCK *blocks);
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *interval);
VOID KeEnterCriticalRegion(void);
VOID KeLeaveCriticalRegion(void);

/* ---- time, later, elsewhere ---------------------------------------------------------------- */

LARGE_INTEGER KeQueryPerformanceCounter(LARGE_INTEGER *frequency);
VOID KeQuerySystemTime(LARGE_INTEGER *time);
VOID KeQueryTickCount(LARGE_INTEGER *count);
ULONG KeQueryTimeIncrement(void);
VOID KeStallExecutionProcessor(ULONG us);

VOID KeInitializeDpc(KDPC *dpc, PKDEFERRED_ROUTINE routine, PVOID context);
BOOLEAN KeInsertQueueDpc(KDPC *dpc, PVOID argument1, PVOID argument2);
BOOLEAN KeRemoveQueueDpc(KDPC *dpc);
VOID KeFlushQueuedDpcs(void);
VOID KeInitializeTimer(KTIMER *timer);
VOID KeInitializeTimerEx(KTIMER *timer, TIMER_TYPE type);
BOOLEAN KeSetTimer(KTIMER *timer, LARGE_INTEGER due, KDPC *dpc);
BOOLEAN KeSetTimerEx(KTIMER *timer, LARGE_INTEGER due, LONG period_ms, KDPC *dpc);
BOOLEAN KeCancelTimer(KTIMER *timer);

#define OBJ_CASE_INSENSITIVE 0x40
#define OBJ_KERNEL_HANDLE    0x200

typedef struct _OBJECT_ATTRIBUTES {
	ULONG Length;
	HANDLE RootDirectory;
	UNICODE_STRING *ObjectName;
	ULONG Attributes;
	PVOID SecurityDescriptor;
	PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;

#define InitializeObjectAttributes(object, name, attributes, root, security)                       \
	((void)(*(object) = (OBJECT_ATTRIBUTES){ sizeof(OBJECT_ATTRIBUTES), (root), (name),        \
						 (attributes), (security), NULL }))

#define THREAD_ALL_ACCESS 0x1fffff
extern POBJECT_TYPE *PsThreadType;

NTSTATUS PsCreateSystemThread(HANDLE *handle, ULONG access, OBJECT_ATTRIBUTES *attributes,
			      HANDLE process, PVOID client, PKSTART_ROUTINE routine, PVOID context);
NTSTATUS PsTerminateSystemThread(NTSTATUS status);
PETHREAD PsGetCurrentThread(void);
HANDLE PsGetCurrentProcessId(void);
#define KeGetCurrentThread() PsGetCurrentThread()
KPRIORITY KeSetPriorityThread(PKTHREAD thread, KPRIORITY priority);
#define LOW_REALTIME_PRIORITY 16

HANDLE PsGetCurrentThreadId(void);

/* NULL, as here at first: users have no memory. */
extern PVOID MmHighestUserAddress;

IO_WORKITEM *IoAllocateWorkItem(DEVICE_OBJECT *device);
VOID IoQueueWorkItem(IO_WORKITEM *item, PIO_WORKITEM_ROUTINE routine, WORK_QUEUE_TYPE queue,
		     PVOID context);
VOID IoFreeWorkItem(IO_WORKITEM *item);

/* ---- hardware ---------------------------------------------------------------------------------- */

NTSTATUS IoConnectInterrupt(KINTERRUPT **interrupt, PKSERVICE_ROUTINE routine, PVOID context,
			    KSPIN_LOCK *lock, ULONG vector, KIRQL irql, KIRQL synchronize_irql,
			    KINTERRUPT_MODE mode, BOOLEAN share, KAFFINITY affinity,
			    BOOLEAN floating_save);
VOID IoDisconnectInterrupt(KINTERRUPT *interrupt);
BOOLEAN KeSynchronizeExecution(KINTERRUPT *interrupt, PKSYNCHRONIZE_ROUTINE routine, PVOID context);

UCHAR READ_PORT_UCHAR(UCHAR *port);
USHORT READ_PORT_USHORT(USHORT *port);
ULONG READ_PORT_ULONG(ULONG *port);
VOID WRITE_PORT_UCHAR(UCHAR *port, UCHAR value);
VOID WRITE_PORT_USHORT(USHORT *port, USHORT value);
VOID WRITE_PORT_ULONG(ULONG *port, ULONG value);

/* ---- objects, registry ---------------------------------------------------------------------------- */

NTSTATUS ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
				   KPROCESSOR_MODE mode, PVOID *object, PVOID information);
VOID ObfReferenceObject(PVOID object);
VOID ObfDereferenceObject(PVOID object);
#define ObReferenceObject(object)   ObfReferenceObject(object)
#define ObDereferenceObject(object) ObfDereferenceObject(object)

#define KEY_QUERY_VALUE        0x0001
#define KEY_SET_VALUE          0x0002
#define KEY_READ               0x20019
#define KEY_WRITE              0x20006
#define REG_OPTION_VOLATILE    1
#define REG_NONE               0
#define REG_SZ                 1
#define REG_BINARY             3
#define REG_DWORD              4
#define PLUGPLAY_REGKEY_DEVICE 1
#define PLUGPLAY_REGKEY_DRIVER 2

typedef enum _KEY_VALUE_INFORMATION_CLASS {
	KeyValueBasicInformation,
	KeyValueFullInformation,
	KeyValuePartialInformation,
} KEY_VALUE_INFORMATION_CLASS;

typedef struct _KEY_VALUE_PARTIAL_INFORMATION {
	ULONG TitleIndex;
	ULONG Type;
	ULONG DataLength;
	UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION, *PKEY_VALUE_PARTIAL_INFORMATION;

#define RTL_REGISTRY_ABSOLUTE  0
#define RTL_REGISTRY_DEVICEMAP 4

NTSTATUS ZwClose(HANDLE handle);
NTSTATUS ZwQueryValueKey(HANDLE key, UNICODE_STRING *name, KEY_VALUE_INFORMATION_CLASS what,
			 PVOID information, ULONG bytes, ULONG *result_bytes);
NTSTATUS RtlWriteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name, ULONG type, PVOID data,
			       ULONG bytes);
NTSTATUS RtlDeleteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name);
NTSTATUS IoOpenDeviceRegistryKey(DEVICE_OBJECT *physical, ULONG type, ACCESS_MASK access,
				 HANDLE *key);

/* ---- devices and packets ------------------------------------------------------------------------------ */

NTSTATUS IoCreateDevice(DRIVER_OBJECT *driver, ULONG extension_bytes, UNICODE_STRING *name,
			DEVICE_TYPE type, ULONG characteristics, BOOLEAN exclusive,
			DEVICE_OBJECT **device);
VOID IoDeleteDevice(DEVICE_OBJECT *device);
DEVICE_OBJECT *IoAttachDeviceToDeviceStack(DEVICE_OBJECT *source, DEVICE_OBJECT *target);
VOID IoDetachDevice(DEVICE_OBJECT *target);
DEVICE_OBJECT *IoGetAttachedDeviceReference(DEVICE_OBJECT *device);
NTSTATUS IoCreateSymbolicLink(UNICODE_STRING *link, UNICODE_STRING *name);
NTSTATUS IoCreateUnprotectedSymbolicLink(UNICODE_STRING *link, UNICODE_STRING *name);
NTSTATUS IoDeleteSymbolicLink(UNICODE_STRING *link);

IRP *IoAllocateIrp(CCHAR stack_size, BOOLEAN charge_quota);
VOID IoFreeIrp(IRP *irp);
VOID IoMarkIrpPending(IRP *irp);
NTSTATUS IofCallDriver(DEVICE_OBJECT *device, IRP *irp);
VOID IofCompleteRequest(IRP *irp, CCHAR boost);
#define IoCallDriver(device, irp)     IofCallDriver((device), (irp))
#define IoCompleteRequest(irp, boost) IofCompleteRequest((irp), (boost))
PDRIVER_CANCEL IoSetCancelRoutine(IRP *irp, PDRIVER_CANCEL routine);
BOOLEAN IoCancelIrp(IRP *irp);
VOID IoAcquireCancelSpinLock(KIRQL *irql);
VOID IoReleaseCancelSpinLock(KIRQL irql);
BOOLEAN IoForwardIrpSynchronously(DEVICE_OBJECT *device, IRP *irp);

NTSTATUS PoCallDriver(DEVICE_OBJECT *device, IRP *irp);
VOID PoStartNextPowerIrp(IRP *irp);
POWER_STATE PoSetPowerState(DEVICE_OBJECT *device, POWER_STATE_TYPE type, POWER_STATE state);
NTSTATUS PoRequestPowerIrp(DEVICE_OBJECT *device, UCHAR minor, POWER_STATE state,
			   PREQUEST_POWER_COMPLETE complete, PVOID context, IRP **irp);

typedef struct _CONFIGURATION_INFORMATION {
	ULONG DiskCount;
	ULONG FloppyCount;
	ULONG CdRomCount;
	ULONG TapeCount;
	ULONG ScsiPortCount;
	ULONG SerialCount;
	ULONG ParallelCount;
} CONFIGURATION_INFORMATION, *PCONFIGURATION_INFORMATION;

CONFIGURATION_INFORMATION *IoGetConfigurationInformation(void);
NTSTATUS IoRegisterDeviceInterface(DEVICE_OBJECT *physical, const GUID *guid,
				   UNICODE_STRING *reference, UNICODE_STRING *link);
NTSTATUS IoSetDeviceInterfaceState(UNICODE_STRING *link, BOOLEAN enable);
VOID IoInvalidateDeviceRelations(DEVICE_OBJECT *physical, DEVICE_RELATION_TYPE type);
NTSTATUS IoWMIRegistrationControl(DEVICE_OBJECT *device, ULONG action);

PVOID IoAllocateErrorLogEntry(PVOID io_object, UCHAR bytes);
VOID IoWriteErrorLogEntry(PVOID entry);
VOID IoFreeErrorLogEntry(PVOID entry);

ULONG DbgPrint(PCSTR format, ...) __attribute__((format(printf, 1, 2)));

#endif
