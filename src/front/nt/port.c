/* SPDX-License-Identifier: MIT */
/*
 * A port from its first start to its end.
 *
 *	created --start--> started --stop--> stopped --start--> started
 *	                      |                  |
 *	                      '---- remove ------'----> removed --end--> ended
 *
 * Stopped it is as one without power: nobody has a file open, and what the contract knows
 * of the port's devices stays.
 */
#include "nt.h"

/* Between two looks whether the wire is quiet: 1 ms, relative. */
#define QUIET_LOOK (-10000)

#define US_PER_MS UINT64_C(1000)

/* ---- memory ------------------------------------------------------------------------------- */

static KDEFERRED_ROUTINE settle;
static void NTAPI settle(KDPC *dpc, void *context, void *unused1, void *unused2)
{
	struct opp_nt_port *port = context;

	(void)dpc;
	(void)unused1;
	(void)unused2;
	opp_contract_settle(&port->contract);
}

struct opp_nt_port *opp_nt_port_create(void)
{
	struct opp_nt_port *port =
		ExAllocatePoolWithTag(opp_nt_pool, sizeof(*port), OPP_NT_POOL_TAG);

	if (!port)
		return NULL;
	RtlZeroMemory(port, sizeof(*port));
	port->references = 1;
	KeInitializeSpinLock(&port->lock);
	KeInitializeSpinLock(&port->await_lock);
	InitializeListHead(&port->awaiters);
	KeInitializeEvent(&port->wake, SynchronizationEvent, FALSE);
	KeInitializeDpc(&port->settle, settle, port);
	KeInitializeMutex(&port->interrupt_mutex, 0);
	opp_nt_bus_begin(port);
	return port;
}

void opp_nt_port_get(struct opp_nt_port *port)
{
	(void)InterlockedIncrement(&port->references);
}

void opp_nt_port_put(struct opp_nt_port *port)
{
	if (InterlockedDecrement(&port->references) == 0)
		ExFreePoolWithTag(port, OPP_NT_POOL_TAG);
}

/* ---- open files ------------------------------------------------------------------------------ */

/* Why nobody may open what is in that state; what is removed is for the contract to refuse. */
static NTSTATUS refusal(enum opp_nt_pnp pnp)
{
	switch (pnp) {
	case OPP_NT_NOT_STARTED:
	case OPP_NT_STOP_PENDING:
	case OPP_NT_STOPPED: return STATUS_INVALID_DEVICE_REQUEST;
	case OPP_NT_REMOVE_PENDING: return STATUS_DELETE_PENDING;
	case OPP_NT_STARTED:
	case OPP_NT_SURPRISE_REMOVED:
	case OPP_NT_REMOVED: break;
	}
	return STATUS_SUCCESS;
}

/* A device that is started still has its port's device object. */
static NTSTATUS refusal_locked(const struct opp_nt_object *object)
{
	const struct opp_nt_object *above = object;

	if (!object->port->begun)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (object->pnp == OPP_NT_STARTED)
		above = object->port->self->DeviceExtension;
	return refusal(above->pnp);
}

NTSTATUS opp_nt_file_came(struct opp_nt_object *object, bool as_directory)
{
	struct opp_nt_port *port = object->port;
	NTSTATUS status;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	status = refusal_locked(object);
	if (NT_SUCCESS(status)) {
		object->files++;
		port->files++;
	}
	KeReleaseSpinLock(&port->lock, before);
	if (NT_SUCCESS(status))
		opp_nt_port_get(port);
	if (status == STATUS_INVALID_DEVICE_REQUEST && object->kind == OPP_NT_DEVICE &&
	    as_directory)
		status = STATUS_NOT_A_DIRECTORY;
	return status;
}

void opp_nt_file_went(struct opp_nt_object *object)
{
	struct opp_nt_port *port = object->port;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	object->files--;
	port->files--;
	KeReleaseSpinLock(&port->lock, before);
	opp_nt_port_put(port);
}

bool opp_nt_pnp_unless_open(struct opp_nt_object *object, enum opp_nt_pnp next)
{
	struct opp_nt_port *port = object->port;
	KIRQL before;
	bool is_open;

	KeAcquireSpinLock(&port->lock, &before);
	is_open = (object->kind == OPP_NT_PORT ? port->files : object->files) != 0;
	if (!is_open) {
		object->pnp_before = object->pnp;
		object->pnp = next;
	}
	KeReleaseSpinLock(&port->lock, before);
	return !is_open;
}

void opp_nt_pnp_cancel(struct opp_nt_object *object, enum opp_nt_pnp pending)
{
	if (object->pnp == pending)
		object->pnp = object->pnp_before;
}

/* ---- start ------------------------------------------------------------------------------------- */

/* A register's address is what I/O instructions take, which is what clients do with it. */
static void *as_pointer(PHYSICAL_ADDRESS address)
{
	return (void *)(ULONG_PTR)address.QuadPart;
}

static void describe(struct opp_nt_port *port)
{
	const struct opp_nt_resources *resources = &port->resources;
	const bool has_ecp = port->chip.facts.ecr;

	port->description = (struct opp_port_description){
		.controller_address = (uint64_t)resources->bus_base.QuadPart,
		.controller = as_pointer(resources->base),
		.controller_span_bytes = resources->span,
		.ecp_address = has_ecp ? (uint64_t)resources->bus_ecp_base.QuadPart : 0,
		.ecp_controller = has_ecp ? as_pointer(resources->ecp_base) : NULL,
		.ecp_span_bytes = has_ecp ? resources->ecp_span : 0,
		.most_devices = port->settings.most_devices,
		.port_name = port->name,
		.interface_type = (uint32_t)resources->interface_type,
		.bus_number = resources->bus_number,
		.has_interrupt = resources->has_interrupt,
		.interrupt_level = resources->level,
		.interrupt_vector = resources->vector,
		.interrupt_affinity = resources->affinity,
		.interrupt_mode = (uint32_t)resources->mode,
	};
}

static void set_lock_timeouts(struct opp_nt_port *port)
{
	const uint64_t us = port->settings.lock_timeout_ms * US_PER_MS;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	for (ULONG i = 0; i < OPP_CONTRACT_DEVICES; i++)
		port->contract.devices[i].device.lock_timeout_us = us;
	KeReleaseSpinLock(&port->lock, before);
}

/* The contract begins, or goes on as after a loss of power. */
static NTSTATUS begin(struct opp_nt_port *port)
{
	enum opp_status status = OPP_SUCCESS;

	if (!port->begun)
		status = opp_contract_init(&port->contract, &port->description, &port->chip.hw,
					   &opp_nt_ops, port);
	if (status != OPP_SUCCESS)
		return opp_ntstatus(status);
	set_lock_timeouts(port);
	status = opp_nt_worker_start(port);
	if (!NT_SUCCESS(status))
		return status;
	port->begun = true;
	port->running = true;
	opp_contract_resume(&port->contract);
	(void)InterlockedExchange(&port->relations_due, TRUE); /* as after every start */
	if (port->settings.scan)
		opp_contract_look(&port->contract);
	return STATUS_SUCCESS;
}

NTSTATUS opp_nt_port_start(struct opp_nt_port *port, CM_RESOURCE_LIST *raw,
			   CM_RESOURCE_LIST *translated)
{
	NTSTATUS status;

	opp_nt_read_settings(port->physical, &port->settings);
	status = opp_nt_resources_read(raw, translated, &port->settings, &port->resources);
	if (NT_SUCCESS(status))
		status = opp_nt_hardware_open(port);
	if (!NT_SUCCESS(status))
		return status;
	describe(port);
	return begin(port);
}

/* ---- stop and remove ------------------------------------------------------------------------------ */

void opp_nt_port_quiet(struct opp_nt_port *port)
{
	LARGE_INTEGER look = { .QuadPart = QUIET_LOOK };

	while (!opp_contract_suspend(&port->contract))
		(void)KeDelayExecutionThread(KernelMode, FALSE, &look);
}

void opp_nt_port_stop(struct opp_nt_port *port)
{
	if (!port->running)
		return;
	port->running = false;
	opp_nt_port_end(port);
}

void opp_nt_port_remove(struct opp_nt_port *port, bool surprise)
{
	port->running = false;
	if (!port->begun)
		return;
	opp_contract_remove(&port->contract,
			    surprise ? OPP_PORT_SURPRISE_REMOVED : OPP_PORT_REMOVED);
	opp_nt_port_quiet(port);
	opp_nt_interrupt_disconnect(port);
}

void opp_nt_port_end(struct opp_nt_port *port)
{
	if (port->begun)
		opp_nt_port_quiet(port);
	opp_nt_worker_stop(port);
	opp_nt_interrupt_disconnect(port);
	KeFlushQueuedDpcs();
}
