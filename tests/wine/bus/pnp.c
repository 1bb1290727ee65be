/* SPDX-License-Identifier: MIT */
/*
 * The PnP manager's requests to a port's stack and to its children's, one at a time.
 */
#include "inside.h"

#define FLAG_BUS_ENUMERATED 0x1000u /* DO_BUS_ENUMERATED_DEVICE: set by the PnP manager */

/* ---- one request ------------------------------------------------------------------------- */

static IO_COMPLETION_ROUTINE ended;
static NTSTATUS NTAPI ended(DEVICE_OBJECT *device, IRP *irp, void *context)
{
	(void)device;
	(void)irp;
	clock_set_event(context, IO_NO_INCREMENT, FALSE);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS bus_send(DEVICE_OBJECT *device, const IO_STACK_LOCATION *stack, ULONG_PTR *information)
{
	IRP *irp = IoAllocateIrp(device->StackSize, FALSE);
	IO_STACK_LOCATION *next;
	NTSTATUS status;
	KEVENT end;

	if (!irp)
		return STATUS_INSUFFICIENT_RESOURCES;
	KeInitializeEvent(&end, NotificationEvent, FALSE);
	next = IoGetNextIrpStackLocation(irp);
	*next = *stack;
	irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
	irp->IoStatus.Information = information ? *information : 0;
	IoSetCompletionRoutine(irp, ended, &end, TRUE, TRUE, TRUE);
	status = IoCallDriver(device, irp);
	if (status == STATUS_PENDING)
		clock_wait(&end, Executive, KernelMode, FALSE, NULL);
	if (status != STATUS_PENDING && status != irp->IoStatus.Status)
		case_failed(__FILE__, __LINE__, "the status that was completed", status,
			    irp->IoStatus.Status);
	status = irp->IoStatus.Status;
	if (information)
		*information = irp->IoStatus.Information;
	IoFreeIrp(irp);
	return status;
}

/* ---- who is there ---------------------------------------------------------------------------- */

static struct bus_child *child_at(struct bus_port *port, uint8_t place)
{
	for (unsigned i = 0; i < MOST_CHILDREN; i++) {
		struct bus_child *child = &port->children[i];

		if (child->physical && !child->lost && child->place == place)
			return child;
	}
	return NULL;
}

DEVICE_OBJECT *bus_device(struct bus_port *port, uint8_t place)
{
	const struct bus_child *child;

	if (place == BUS_PORT_ITSELF)
		return port->physical->AttachedDevice;
	child = child_at(port, place);
	return child ? IoGetAttachedDevice(child->physical) : NULL;
}

static NTSTATUS send_minor(DEVICE_OBJECT *device, UCHAR minor)
{
	const IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_PNP, .MinorFunction = minor };

	return bus_send(device, &stack, NULL);
}

NTSTATUS bus_pnp(struct bus_port *port, uint8_t place, UCHAR minor, ULONG_PTR *information)
{
	DEVICE_OBJECT *device = bus_device(port, place);
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_PNP, .MinorFunction = minor };
	DEVICE_CAPABILITIES capabilities = { .Size = sizeof(capabilities), .Version = 1 };

	if (!device)
		return STATUS_NO_SUCH_DEVICE;
	if (minor == IRP_MN_START_DEVICE && place == BUS_PORT_ITSELF)
		bus_resources(port, &stack.Parameters.StartDevice.AllocatedResources,
			      &stack.Parameters.StartDevice.AllocatedResourcesTranslated);
	if (minor == IRP_MN_QUERY_CAPABILITIES)
		stack.Parameters.DeviceCapabilities.Capabilities = &capabilities;
	return bus_send(device, &stack, information);
}

NTSTATUS bus_pnp_query(struct bus_port *port, uint8_t place, UCHAR minor, ULONG type,
		       ULONG_PTR *information)
{
	DEVICE_OBJECT *device = bus_device(port, place);
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_PNP, .MinorFunction = minor };

	if (!device)
		return STATUS_NO_SUCH_DEVICE;
	*information = 0;
	switch (minor) {
	case IRP_MN_QUERY_ID: stack.Parameters.QueryId.IdType = type; break;
	case IRP_MN_QUERY_DEVICE_TEXT:
		stack.Parameters.QueryDeviceText.DeviceTextType = type;
		break;
	case IRP_MN_QUERY_DEVICE_RELATIONS:
		stack.Parameters.QueryDeviceRelations.Type = type;
		break;
	default: return STATUS_INVALID_PARAMETER;
	}
	return bus_send(device, &stack, information);
}

/* ---- children -------------------------------------------------------------------------------- */

static NTSTATUS ask_child(DEVICE_OBJECT *physical, ULONG type, WCHAR **id)
{
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_ID };
	ULONG_PTR answer = 0;
	NTSTATUS status;

	stack.Parameters.QueryId.IdType = type;
	status = bus_send(IoGetAttachedDevice(physical), &stack, &answer);
	*id = (WCHAR *)answer;
	return status;
}

/* LPTn.x is at place x, LPTn the raw one. */
static uint8_t place_of(const WCHAR *instance)
{
	while (*instance && *instance != L'.')
		instance++;
	return *instance ? (uint8_t)(instance[1] - L'0') : RAW_DEVICE;
}

/* What a child says it is decides on its place and its device key. */
static NTSTATUS identify(struct bus_child *child)
{
	WCHAR *device, *instance;
	NTSTATUS status = ask_child(child->physical, BusQueryDeviceID, &device);
	HANDLE key;

	if (!NT_SUCCESS(status))
		return status;
	status = ask_child(child->physical, BusQueryInstanceID, &instance);
	if (NT_SUCCESS(status)) {
		child->place = place_of(instance);
		status = registry_open_device(device, instance, &key);
		ExFreePool(instance);
	}
	if (NT_SUCCESS(status))
		ZwClose(key);
	ExFreePool(device);
	return status;
}

static NTSTATUS start_child(struct bus_child *child)
{
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_PNP,
				    .MinorFunction = IRP_MN_QUERY_CAPABILITIES };
	DEVICE_CAPABILITIES capabilities = { .Size = sizeof(capabilities), .Version = 1 };
	NTSTATUS status;

	child->physical->Flags |= FLAG_BUS_ENUMERATED;
	status = identify(child);
	if (!NT_SUCCESS(status))
		return status;
	stack.Parameters.DeviceCapabilities.Capabilities = &capabilities;
	status = bus_send(child->physical, &stack, NULL);
	if (!NT_SUCCESS(status))
		return status;
	return send_minor(IoGetAttachedDevice(child->physical), IRP_MN_START_DEVICE);
}

static bool is_listed(const DEVICE_RELATIONS *relations, const DEVICE_OBJECT *physical)
{
	for (ULONG i = 0; i < relations->Count; i++) {
		if (relations->Objects[i] == physical)
			return true;
	}
	return false;
}

/* Who is no longer reported is told so at once; removed it is with the port, for files may be open. */
static void lose_children(struct bus_port *port, const DEVICE_RELATIONS *relations)
{
	for (unsigned i = 0; i < MOST_CHILDREN; i++) {
		struct bus_child *child = &port->children[i];

		if (!child->physical || child->lost || is_listed(relations, child->physical))
			continue;
		child->lost = true;
		send_minor(IoGetAttachedDevice(child->physical), IRP_MN_SURPRISE_REMOVAL);
	}
}

/* A report counts a reference for us; one is enough. */
static NTSTATUS take_child(struct bus_port *port, DEVICE_OBJECT *physical)
{
	struct bus_child *unused = NULL;

	for (unsigned i = 0; i < MOST_CHILDREN; i++) {
		struct bus_child *child = &port->children[i];

		if (child->physical == physical) {
			ObDereferenceObject(physical);
			return STATUS_SUCCESS;
		}
		if (!child->physical && !unused)
			unused = child;
	}
	if (!unused)
		case_failed(__FILE__, __LINE__, "room for a child", MOST_CHILDREN, 0);
	*unused = (struct bus_child){ .physical = physical };
	return start_child(unused);
}

NTSTATUS bus_enumerate(struct bus_port *port)
{
	DEVICE_RELATIONS *relations;
	ULONG_PTR answer;
	NTSTATUS status = bus_pnp_query(port, BUS_PORT_ITSELF, IRP_MN_QUERY_DEVICE_RELATIONS,
					BusRelations, &answer);

	if (!NT_SUCCESS(status))
		return status;
	relations = (DEVICE_RELATIONS *)answer;
	lose_children(port, relations);
	for (ULONG i = 0; i < relations->Count && NT_SUCCESS(status); i++)
		status = take_child(port, relations->Objects[i]);
	ExFreePool(relations);
	return status;
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void remove_child(struct bus_child *child)
{
	send_minor(IoGetAttachedDevice(child->physical), IRP_MN_REMOVE_DEVICE);
	ObDereferenceObject(child->physical);
	child->physical = NULL;
}

static void remove_children(struct bus_port *port)
{
	for (unsigned i = 0; i < MOST_CHILDREN; i++) {
		if (port->children[i].physical)
			remove_child(&port->children[i]);
	}
}

void bus_remove_lost(struct bus_port *port, uint8_t place)
{
	for (unsigned i = 0; i < MOST_CHILDREN; i++) {
		struct bus_child *child = &port->children[i];

		if (child->physical && child->lost && child->place == place)
			remove_child(child);
	}
}

static void surprise_all(struct bus_port *port)
{
	for (unsigned i = 0; i < MOST_CHILDREN; i++) {
		struct bus_child *child = &port->children[i];

		if (child->physical && !child->lost)
			send_minor(IoGetAttachedDevice(child->physical), IRP_MN_SURPRISE_REMOVAL);
	}
	send_minor(bus_device(port, BUS_PORT_ITSELF), IRP_MN_SURPRISE_REMOVAL);
	port->surprised = true;
}

void bus_remove(struct bus_port *port, BOOLEAN surprise)
{
	if (surprise && !port->surprised)
		surprise_all(port);
	if (surprise || port->removed)
		return;
	port->removed = true;
	remove_children(port);
	if (port->physical->AttachedDevice)
		send_minor(bus_device(port, BUS_PORT_ITSELF), IRP_MN_REMOVE_DEVICE);
}

/* ---- power, WMI ---------------------------------------------------------------------------------- */

NTSTATUS bus_power(struct bus_port *port, uint8_t place, UCHAR minor, POWER_STATE_TYPE type,
		   ULONG state)
{
	DEVICE_OBJECT *device = bus_device(port, place);
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_POWER, .MinorFunction = minor };

	if (!device)
		return STATUS_NO_SUCH_DEVICE;
	stack.Parameters.Power.Type = type;
	stack.Parameters.Power.State.DeviceState = state;
	return bus_send(device, &stack, NULL);
}

NTSTATUS bus_wmi(struct bus_port *port, UCHAR minor, const GUID *guid, void *buffer, ULONG bytes,
		 ULONG_PTR *information)
{
	DEVICE_OBJECT *device = bus_device(port, BUS_PORT_ITSELF);
	IO_STACK_LOCATION stack = { .MajorFunction = IRP_MJ_SYSTEM_CONTROL,
				    .MinorFunction = minor };

	if (!device)
		return STATUS_NO_SUCH_DEVICE;
	stack.Parameters.WMI.ProviderId = (ULONG_PTR)device;
	stack.Parameters.WMI.DataPath = (void *)(uintptr_t)guid;
	stack.Parameters.WMI.BufferSize = bytes;
	stack.Parameters.WMI.Buffer = buffer;
	*information = 0;
	return bus_send(device, &stack, information);
}
