/* SPDX-License-Identifier: MIT */
/*
 * How a port's physical device object answers: as that of any bus, with OPPTEST\PORT as
 * device id and the port's place as instance.
 */
#include "inside.h"

void pdo_instance(const struct bus_port *port, WCHAR instance[2])
{
	instance[0] = (WCHAR)(L'1' + port->slot);
	instance[1] = 0;
}

static WCHAR *copy_of(const WCHAR *text, size_t bytes)
{
	WCHAR *copy = ExAllocatePoolWithTag(PagedPool, bytes, BUS_POOL_TAG);

	if (copy)
		memcpy(copy, text, bytes);
	return copy;
}

static NTSTATUS answer_id(const struct bus_port *port, BUS_QUERY_ID_TYPE type, ULONG_PTR *answer)
{
	static const WCHAR device[] = L"OPPTEST\\PORT";
	static const WCHAR hardware[] = L"OPPTEST\\PORT\0*PNP0400\0";
	WCHAR instance[2];

	switch (type) {
	case BusQueryDeviceID: *answer = (ULONG_PTR)copy_of(device, sizeof(device)); break;
	case BusQueryHardwareIDs: *answer = (ULONG_PTR)copy_of(hardware, sizeof(hardware)); break;
	case BusQueryInstanceID:
		pdo_instance(port, instance);
		*answer = (ULONG_PTR)copy_of(instance, sizeof(instance));
		break;
	default: return STATUS_NOT_SUPPORTED;
	}
	return *answer ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static void answer_capabilities(DEVICE_CAPABILITIES *capabilities)
{
	capabilities->DeviceState[PowerSystemWorking] = PowerDeviceD0;
	for (int state = PowerSystemSleeping1; state < PowerSystemMaximum; state++)
		capabilities->DeviceState[state] = PowerDeviceD3;
}

NTSTATUS NTAPI pdo_pnp(DEVICE_OBJECT *device, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	struct bus_port *port = *(struct bus_port **)device->DeviceExtension;
	NTSTATUS status = irp->IoStatus.Status;

	switch (stack->MinorFunction) {
	case IRP_MN_START_DEVICE:
	case IRP_MN_QUERY_STOP_DEVICE:
	case IRP_MN_CANCEL_STOP_DEVICE:
	case IRP_MN_STOP_DEVICE:
	case IRP_MN_QUERY_REMOVE_DEVICE:
	case IRP_MN_CANCEL_REMOVE_DEVICE:
	case IRP_MN_REMOVE_DEVICE:
	case IRP_MN_SURPRISE_REMOVAL: status = STATUS_SUCCESS; break;
	case IRP_MN_QUERY_ID:
		status = answer_id(port, stack->Parameters.QueryId.IdType,
				   &irp->IoStatus.Information);
		break;
	case IRP_MN_QUERY_CAPABILITIES:
		answer_capabilities(stack->Parameters.DeviceCapabilities.Capabilities);
		status = STATUS_SUCCESS;
		break;
	default: break;
	}
	irp->IoStatus.Status = status;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

NTSTATUS NTAPI pdo_power(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	irp->IoStatus.Status = STATUS_SUCCESS;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI pdo_system_control(DEVICE_OBJECT *device, IRP *irp)
{
	const NTSTATUS status = irp->IoStatus.Status;

	(void)device;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}
