/* SPDX-License-Identifier: MIT */
/*
 * What the host's kernel lacks or only pretends to have: interrupt levels, DPCs,
 * interrupts, the event log, power requests. The driver under test gets these in place
 * of its imports.
 */
#include "inside.h"

#define MOST_DPCS       16
#define MOST_INTERRUPTS MOST_PORTS

#define DEVICE_LEVEL 7

/* ---- interrupt levels ------------------------------------------------------------------- */

static KIRQL raise_level(KIRQL level)
{
	const KIRQL before = irql_get();

	irql_set(level);
	return before;
}

void kernel_passive(const char *what)
{
	const KIRQL level = irql_get();

	if (level != PASSIVE_LEVEL)
		case_failed(__FILE__, __LINE__, what, level, PASSIVE_LEVEL);
}

void bus_raise(void)
{
	irql_set(DISPATCH_LEVEL);
}

void bus_lower(void)
{
	irql_set(PASSIVE_LEVEL);
}

/* ---- DPCs ----------------------------------------------------------------------------------- */

static struct dpc {
	KDPC *dpc;
	void *first;
	void *second;
} dpcs[MOST_DPCS];
static unsigned dpc_count;

static BOOLEAN NTAPI queue_dpc(KDPC *dpc, void *first, void *second)
{
	bool is_queued = false;

	bus_lock();
	for (unsigned i = 0; i < dpc_count; i++)
		is_queued |= dpcs[i].dpc == dpc;
	if (!is_queued && dpc_count == MOST_DPCS)
		case_failed(__FILE__, __LINE__, "room for a DPC", dpc_count, 0);
	if (!is_queued)
		dpcs[dpc_count++] = (struct dpc){ dpc, first, second };
	bus_unlock();
	return !is_queued;
}

static void take_dpc_locked(unsigned which)
{
	dpc_count--;
	for (unsigned i = which; i < dpc_count; i++)
		dpcs[i] = dpcs[i + 1];
}

bool kernel_has_dpcs(void)
{
	return dpc_count != 0;
}

bool kernel_run_dpc(void)
{
	struct dpc next = { .dpc = NULL };
	KIRQL before;

	bus_lock();
	if (dpc_count) {
		next = dpcs[0];
		take_dpc_locked(0);
	}
	bus_unlock();
	if (!next.dpc)
		return false;
	before = raise_level(DISPATCH_LEVEL);
	next.dpc->DeferredRoutine(next.dpc, next.dpc->DeferredContext, next.first, next.second);
	irql_set(before);
	return true;
}

static VOID NTAPI flush_dpcs(void)
{
	kernel_passive("KeFlushQueuedDpcs");
	while (kernel_run_dpc())
		;
}

/* ---- interrupts ------------------------------------------------------------------------------- */

/* What a PKINTERRUPT points to. */
struct interrupt {
	KSERVICE_ROUTINE *routine; /* NULL: not connected */
	void *context;
	ULONG vector;
	volatile LONG held; /* the interrupt's spin lock */
};

static struct interrupt interrupts[MOST_INTERRUPTS];

static void take_interrupt(struct interrupt *interrupt)
{
	while (InterlockedExchange(&interrupt->held, 1))
		ZwYieldExecution();
}

static void give_interrupt(struct interrupt *interrupt)
{
	InterlockedExchange(&interrupt->held, 0);
}

static NTSTATUS NTAPI connect_interrupt(PKINTERRUPT *object, KSERVICE_ROUTINE *routine,
					void *context, KSPIN_LOCK *lock, ULONG vector, KIRQL level,
					KIRQL synchronize_level, KINTERRUPT_MODE mode,
					BOOLEAN shared, KAFFINITY affinity, BOOLEAN save_floating)
{
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

	(void)lock;
	(void)shared;
	(void)save_floating;
	kernel_passive("IoConnectInterrupt");
	if (level <= DISPATCH_LEVEL || synchronize_level < level || mode != Latched || !affinity)
		return STATUS_INVALID_PARAMETER;
	bus_lock();
	for (unsigned i = 0; i < MOST_INTERRUPTS && !NT_SUCCESS(status); i++) {
		if (interrupts[i].routine)
			continue;
		interrupts[i] = (struct interrupt){ routine, context, vector, 0 };
		*object = (PKINTERRUPT)&interrupts[i];
		status = STATUS_SUCCESS;
	}
	bus_unlock();
	return status;
}

static VOID NTAPI disconnect_interrupt(PKINTERRUPT object)
{
	struct interrupt *interrupt = (struct interrupt *)object;

	kernel_passive("IoDisconnectInterrupt");
	take_interrupt(interrupt);
	bus_lock();
	interrupt->routine = NULL;
	bus_unlock();
	give_interrupt(interrupt);
}

uint32_t kernel_interrupts(void)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < MOST_INTERRUPTS; i++)
		count += interrupts[i].routine != NULL;
	return count;
}

static BOOLEAN NTAPI synchronize(PKINTERRUPT object, KSYNCHRONIZE_ROUTINE *routine, void *context)
{
	struct interrupt *interrupt = (struct interrupt *)object;
	const KIRQL before = raise_level(DEVICE_LEVEL);
	BOOLEAN result;

	take_interrupt(interrupt);
	result = routine(context);
	give_interrupt(interrupt);
	irql_set(before);
	return result;
}

BOOLEAN bus_interrupt(struct bus_port *port)
{
	const KIRQL before = raise_level(DEVICE_LEVEL);
	BOOLEAN handled = FALSE;

	for (unsigned i = 0; i < MOST_INTERRUPTS; i++) {
		struct interrupt *interrupt = &interrupts[i];

		take_interrupt(interrupt);
		if (interrupt->routine && interrupt->vector == bus_vector(port))
			handled |= interrupt->routine((PKINTERRUPT)interrupt, interrupt->context);
		give_interrupt(interrupt);
	}
	irql_set(before);
	return handled;
}

/* ---- the event log ----------------------------------------------------------------------------- */

static void *NTAPI allocate_log_entry(void *object, UCHAR bytes)
{
	void *entry = ExAllocatePoolWithTag(NonPagedPool, bytes, BUS_POOL_TAG);

	(void)object;
	if (entry)
		memset(entry, 0, bytes);
	return entry;
}

static VOID NTAPI write_log_entry(void *entry)
{
	const IO_ERROR_LOG_PACKET *packet = entry;

	note("logged", (uint32_t)packet->ErrorCode);
	ExFreePoolWithTag(entry, BUS_POOL_TAG);
}

/* ---- Plug and Play, power ------------------------------------------------------------------------ */

static VOID NTAPI invalidate_relations(DEVICE_OBJECT *device, DEVICE_RELATION_TYPE type)
{
	struct bus_port *port = bus_port_of(device);

	if (port && type == BusRelations)
		port->changes++;
}

static NTSTATUS NTAPI request_power(DEVICE_OBJECT *device, UCHAR minor, POWER_STATE state,
				    REQUEST_POWER_COMPLETE *completed, void *context, IRP **irp)
{
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_POWER, .MinorFunction = minor };
	IO_STATUS_BLOCK result = { .Information = 0 };

	(void)irp;
	stack.Parameters.Power.Type = DevicePowerState;
	stack.Parameters.Power.State = state;
	result.Status = bus_send(IoGetAttachedDevice(device), &stack, &result.Information);
	if (completed)
		completed(device, minor, state, context, &result);
	return STATUS_PENDING;
}

/* The memory of this kernel is all a user's, but one that all its threads share. */
static void *highest_user_address;

#define IN_PLACE_OF(name, function)                                                                \
	{                                                                                          \
		name, (void *)(uintptr_t)(function)                                                \
	}

const struct replacement kernel_replacements[] = {
	IN_PLACE_OF("KeSetEvent", clock_set_event),
	IN_PLACE_OF("KeWaitForSingleObject", clock_wait),
	IN_PLACE_OF("KeDelayExecutionThread", clock_delay),
	IN_PLACE_OF("KeQueryPerformanceCounter", clock_counter),
	IN_PLACE_OF("KeStallExecutionProcessor", clock_stall),
	IN_PLACE_OF("PsCreateSystemThread", clock_create_thread),
	IN_PLACE_OF("PsTerminateSystemThread", clock_end_thread),
	IN_PLACE_OF("KeInsertQueueDpc", queue_dpc),
	IN_PLACE_OF("KeFlushQueuedDpcs", flush_dpcs),
	IN_PLACE_OF("IoConnectInterrupt", connect_interrupt),
	IN_PLACE_OF("IoDisconnectInterrupt", disconnect_interrupt),
	IN_PLACE_OF("KeSynchronizeExecution", synchronize),
	IN_PLACE_OF("IoAllocateErrorLogEntry", allocate_log_entry),
	IN_PLACE_OF("IoWriteErrorLogEntry", write_log_entry),
	IN_PLACE_OF("IoInvalidateDeviceRelations", invalidate_relations),
	IN_PLACE_OF("PoRequestPowerIrp", request_power),
	IN_PLACE_OF("MmHighestUserAddress", &highest_user_address),
};
const size_t kernel_replacement_count =
	sizeof(kernel_replacements) / sizeof(kernel_replacements[0]);
