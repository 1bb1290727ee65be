/* SPDX-License-Identifier: MIT */
/*
 * The port as a bus: a physical device object for each device that is there.
 *
 *	          somebody is there                 nobody, or somebody else
 *	(none) ---------------------> in the answer ------------------------> missing
 *	   ^                             about relations                         |
 *	   '--------------------------------------------------------------------'
 *	                      removed by Plug and Play: deleted
 *
 * A place has one such object at a time, as it has one name: who follows somebody else at
 * a place is reported when that one is removed.
 *
 * Plug and Play asks when it is told that something has changed, and when somebody wants
 * changes looked for: then the answer is what is known, and what is found is told.
 */
#include "messages.h"
#include "nt.h"

/* Who has told no id, this time, is taken for the same: it may not have been asked. */
static bool is_another(const char *known, const char *id)
{
	size_t at = 0;

	while (known[at] && known[at] == id[at])
		at++;
	return id[0] && known[at] != id[at];
}

void opp_nt_bus_begin(struct opp_nt_port *port)
{
	ExInitializeFastMutex(&port->children_lock);
	InitializeListHead(&port->children);
	opp_nt_gate_init(&port->relating);
}

void opp_nt_bus_changed(struct opp_nt_port *port)
{
	if (!opp_nt_gate_enter(&port->relating))
		return;
	(void)InterlockedExchange(&port->relations_due, TRUE);
	IoInvalidateDeviceRelations(port->physical, BusRelations);
	opp_nt_gate_leave(&port->relating);
}

/* ---- one child ------------------------------------------------------------------------------ */

static struct opp_nt_device *child_locked(struct opp_nt_port *port,
					  const struct opp_contract_device *place)
{
	for (LIST_ENTRY *link = port->children.Flink; link != &port->children; link = link->Flink) {
		struct opp_nt_device *child = CONTAINING_RECORD(link, struct opp_nt_device, link);

		if (child->place == place)
			return child;
	}
	return NULL;
}

/* Once: it is tried again at every question. */
static void log_taken(struct opp_nt_port *port, const struct opp_contract_device *place,
		      const WCHAR *name)
{
	BOOLEAN *logged = &port->taken_logged[place - port->contract.devices];

	if (!*logged)
		opp_nt_log(port->self, OPP_LOG_NAME_TAKEN, STATUS_OBJECT_NAME_COLLISION, name);
	*logged = TRUE;
}

/* Nobody can open it before the end of its initialisation, which is not here. */
static NTSTATUS create_object(struct opp_nt_port *port, const struct opp_contract_device *place,
			      DEVICE_OBJECT **self)
{
	char name[OPP_NAME_BYTES];
	WCHAR room[OPP_NAME_BYTES];
	UNICODE_STRING wide;
	NTSTATUS status;

	(void)opp_device_object_name(port->number, place->device.place, name);
	opp_nt_widen(name, room, &wide);
	status = IoCreateDevice(opp_nt_driver, sizeof(struct opp_nt_device), &wide,
				FILE_DEVICE_PARALLEL_PORT, FILE_DEVICE_SECURE_OPEN, FALSE, self);
	if (status == STATUS_OBJECT_NAME_COLLISION)
		log_taken(port, place, room);
	if (!NT_SUCCESS(status))
		return status;
	status = opp_nt_secure(*self);
	if (!NT_SUCCESS(status))
		IoDeleteDevice(*self);
	return status;
}

/* Questions about relations, of which this is part, come one by one. */
static NTSTATUS create_child(struct opp_nt_port *port, struct opp_contract_device *place,
			     const char *id)
{
	struct opp_nt_device *child;
	DEVICE_OBJECT *self;
	NTSTATUS status = create_object(port, place, &self);

	if (!NT_SUCCESS(status))
		return status;
	child = self->DeviceExtension;
	opp_nt_object_init(&child->object, OPP_NT_DEVICE, self, port);
	opp_nt_port_get(port);
	child->place = place;
	RtlCopyMemory(child->id, id, sizeof(child->id));
	ExAcquireFastMutex(&port->children_lock);
	InsertTailList(&port->children, &child->link);
	ExReleaseFastMutex(&port->children_lock);
	self->Flags |= DO_BUFFERED_IO | DO_POWER_PAGABLE;
	self->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	return STATUS_SUCCESS;
}

/* Out of the list, and nobody knows of it any more. */
static void delete_child(struct opp_nt_device *child)
{
	struct opp_nt_port *port = child->object.port;

	opp_nt_gate_wait(&child->object.gate);
	opp_nt_device_withdraw(child);
	IoDeleteDevice(child->object.self);
	opp_nt_port_put(port);
}

void opp_nt_bus_delete(struct opp_nt_device *device)
{
	struct opp_nt_port *port = device->object.port;

	opp_nt_port_get(port);
	ExAcquireFastMutex(&port->children_lock);
	RemoveEntryList(&device->link);
	ExReleaseFastMutex(&port->children_lock);
	delete_child(device);
	opp_nt_bus_changed(port);
	opp_nt_port_put(port);
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* @id: room for one. Whose name somebody else has is not there; the others are. */
static NTSTATUS look_at(struct opp_nt_port *port, struct opp_contract_device *place, char *id)
{
	const bool is_there = opp_contract_device_is_there(place, id);
	NTSTATUS status = STATUS_SUCCESS;
	struct opp_nt_device *child;

	ExAcquireFastMutex(&port->children_lock);
	child = child_locked(port, place);
	if (child && (!is_there || is_another(child->id, id)))
		child->missing = TRUE;
	ExReleaseFastMutex(&port->children_lock);
	if (is_there && !child)
		status = create_child(port, place, id);
	return status == STATUS_OBJECT_NAME_COLLISION ? STATUS_SUCCESS : status;
}

static NTSTATUS look_at_all(struct opp_nt_port *port)
{
	char *id = ExAllocatePoolWithTag(opp_nt_pool, OPP_DEVICE_ID_MOST, OPP_NT_POOL_TAG);
	NTSTATUS status = STATUS_SUCCESS;

	if (!id)
		return STATUS_INSUFFICIENT_RESOURCES;
	for (ULONG i = 0; i < OPP_CONTRACT_DEVICES && NT_SUCCESS(status); i++)
		status = look_at(port, &port->contract.devices[i], id);
	ExFreePoolWithTag(id, OPP_NT_POOL_TAG);
	return status;
}

static ULONG put_children_locked(struct opp_nt_port *port, DEVICE_OBJECT **objects)
{
	ULONG count = 0;

	for (LIST_ENTRY *link = port->children.Flink; link != &port->children; link = link->Flink) {
		struct opp_nt_device *child = CONTAINING_RECORD(link, struct opp_nt_device, link);

		if (child->missing)
			continue;
		ObReferenceObject(child->object.self);
		objects[count++] = child->object.self;
	}
	return count;
}

/* A filter above may have put something in already: that comes first. */
static NTSTATUS relate(struct opp_nt_port *port, IRP *irp)
{
	DEVICE_RELATIONS *above = (DEVICE_RELATIONS *)irp->IoStatus.Information;
	const ULONG before = above ? above->Count : 0;
	DEVICE_RELATIONS *all;
	NTSTATUS status;

	if (!port->begun)
		return STATUS_DEVICE_NOT_READY;
	/* Nobody here has said that something changed: who asks wants it to be looked for. */
	if (!InterlockedExchange(&port->relations_due, FALSE))
		opp_contract_look(&port->contract);
	status = look_at_all(port);
	if (!NT_SUCCESS(status))
		return status;
	all = ExAllocatePoolWithTag(
		PagedPool, sizeof(*all) + (before + OPP_CONTRACT_DEVICES) * sizeof(DEVICE_OBJECT *),
		OPP_NT_POOL_TAG);
	if (!all)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (above) {
		RtlCopyMemory(all->Objects, above->Objects, before * sizeof(DEVICE_OBJECT *));
		ExFreePool(above);
	}
	ExAcquireFastMutex(&port->children_lock);
	all->Count = before + put_children_locked(port, all->Objects + before);
	ExReleaseFastMutex(&port->children_lock);
	irp->IoStatus.Information = (ULONG_PTR)all;
	return STATUS_SUCCESS;
}

/* A list does not come back with a failure. */
static void drop_relations(IRP *irp)
{
	DEVICE_RELATIONS *above = (DEVICE_RELATIONS *)irp->IoStatus.Information;

	if (!above)
		return;
	for (ULONG i = 0; i < above->Count; i++)
		ObDereferenceObject(above->Objects[i]);
	ExFreePool(above);
	irp->IoStatus.Information = 0;
}

NTSTATUS opp_nt_bus_relations(struct opp_nt_port *port, IRP *irp)
{
	const NTSTATUS status = relate(port, irp);

	if (!NT_SUCCESS(status))
		drop_relations(irp);
	return status;
}

/* ---- the end ------------------------------------------------------------------------------------ */

static struct opp_nt_device *next_child(struct opp_nt_port *port)
{
	struct opp_nt_device *child = NULL;

	ExAcquireFastMutex(&port->children_lock);
	if (!IsListEmpty(&port->children)) {
		child = CONTAINING_RECORD(RemoveHeadList(&port->children), struct opp_nt_device,
					  link);
		InitializeListHead(&child->link);
	}
	ExReleaseFastMutex(&port->children_lock);
	return child;
}

void opp_nt_bus_end(struct opp_nt_port *port)
{
	struct opp_nt_device *child;

	opp_nt_gate_wait(&port->relating);
	while ((child = next_child(port))) {
		if (child->object.pnp == OPP_NT_SURPRISE_REMOVED)
			child->missing = TRUE;
		else
			delete_child(child);
	}
}
