/* SPDX-License-Identifier: MIT */
/*
 * Plug and Play requests to a device on a port.
 *
 *	not started --START--> started, stop pending, stopped, remove pending, surprise removed
 *	                          ^     (as those of a port, port_pnp.c)            |
 *	                          '-----START----- removed <--------REMOVE----------'
 *
 * A removal ends what runs on the device; the object stays for the next start, unless it
 * is missing (bus.c): then it is deleted. Who it is told to be: device_id.c.
 *
 * Requests that are not known here end with the status they came with.
 */
#include "nt.h"

static NTSTATUS start(struct opp_nt_device *device)
{
	const POWER_STATE on = { .DeviceState = PowerDeviceD0 };
	const NTSTATUS status = opp_nt_device_publish(device);

	if (!NT_SUCCESS(status))
		return status;
	opp_contract_return_device(device->place);
	(void)PoSetPowerState(device->object.self, DevicePowerState, on);
	device->object.pnp = OPP_NT_STARTED;
	return STATUS_SUCCESS;
}

/* ---- may it stop, may it go ---------------------------------------------------------------- */

/* As query of port_pnp.c. */
static NTSTATUS query(struct opp_nt_device *device, enum opp_nt_pnp pending)
{
	return opp_nt_pnp_unless_open(&device->object, pending) ? STATUS_SUCCESS
								: STATUS_UNSUCCESSFUL;
}

static NTSTATUS cancel(struct opp_nt_device *device, enum opp_nt_pnp pending)
{
	opp_nt_pnp_cancel(&device->object, pending);
	return STATUS_SUCCESS;
}

static NTSTATUS stop(struct opp_nt_device *device)
{
	device->object.pnp = OPP_NT_STOPPED;
	return STATUS_SUCCESS;
}

/* ---- removal ---------------------------------------------------------------------------------- */

static NTSTATUS surprise(struct opp_nt_device *device)
{
	device->object.pnp = OPP_NT_SURPRISE_REMOVED;
	opp_nt_device_withdraw(device);
	opp_contract_take_device(device->place, OPP_DEVICE_SURPRISE_REMOVED);
	return STATUS_SUCCESS;
}

static NTSTATUS remove(struct opp_nt_device *device)
{
	device->object.pnp = OPP_NT_REMOVED;
	opp_nt_device_withdraw(device);
	opp_contract_take_device(device->place, OPP_DEVICE_GONE);
	if (device->missing)
		opp_nt_bus_delete(device);
	return STATUS_SUCCESS;
}

/* ---- queries --------------------------------------------------------------------------------------- */

static NTSTATUS capabilities(const struct opp_nt_device *device, DEVICE_CAPABILITIES *answer)
{
	if (answer->Version != 1 || answer->Size < sizeof(*answer))
		return STATUS_UNSUCCESSFUL;
	answer->Removable = opp_nt_place_of(device) != OPP_PLACE_RAW;
	answer->SurpriseRemovalOK = TRUE;
	answer->RawDeviceOK = TRUE;
	answer->UniqueID = FALSE; /* of its port, not of the system */
	answer->DeviceState[PowerSystemWorking] = PowerDeviceD0;
	for (int state = PowerSystemSleeping1; state < PowerSystemMaximum; state++)
		answer->DeviceState[state] = PowerDeviceD3;
	return STATUS_SUCCESS;
}

/* {C4CA1000-2DDC-11D5-A17A-00C04F60524D}: LPTENUM */
static const GUID bus_type = {
	0xc4ca1000, 0x2ddc, 0x11d5, { 0xa1, 0x7a, 0x00, 0xc0, 0x4f, 0x60, 0x52, 0x4d }
};

static NTSTATUS bus_information(const struct opp_nt_device *device, IRP *irp)
{
	PNP_BUS_INFORMATION *answer;

	answer = ExAllocatePoolWithTag(PagedPool, sizeof(*answer), OPP_NT_POOL_TAG);
	if (!answer)
		return STATUS_INSUFFICIENT_RESOURCES;
	answer->BusTypeGuid = bus_type;
	answer->LegacyBusType = PNPBus;
	answer->BusNumber = device->object.port->number;
	irp->IoStatus.Information = (ULONG_PTR)answer;
	return STATUS_SUCCESS;
}

static NTSTATUS relations(const struct opp_nt_device *device, IRP *irp, DEVICE_RELATION_TYPE type)
{
	DEVICE_RELATIONS *answer;

	if (type != TargetDeviceRelation)
		return irp->IoStatus.Status;
	answer = ExAllocatePoolWithTag(PagedPool, sizeof(*answer), OPP_NT_POOL_TAG);
	if (!answer)
		return STATUS_INSUFFICIENT_RESOURCES;
	ObReferenceObject(device->object.self);
	answer->Count = 1;
	answer->Objects[0] = device->object.self;
	irp->IoStatus.Information = (ULONG_PTR)answer;
	return STATUS_SUCCESS;
}

static NTSTATUS answer(struct opp_nt_device *device, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);

	switch (stack->MinorFunction) {
	case IRP_MN_START_DEVICE: return start(device);
	case IRP_MN_QUERY_STOP_DEVICE: return query(device, OPP_NT_STOP_PENDING);
	case IRP_MN_CANCEL_STOP_DEVICE: return cancel(device, OPP_NT_STOP_PENDING);
	case IRP_MN_STOP_DEVICE: return stop(device);
	case IRP_MN_QUERY_REMOVE_DEVICE: return query(device, OPP_NT_REMOVE_PENDING);
	case IRP_MN_CANCEL_REMOVE_DEVICE: return cancel(device, OPP_NT_REMOVE_PENDING);
	case IRP_MN_SURPRISE_REMOVAL: return surprise(device);
	case IRP_MN_REMOVE_DEVICE: return remove(device);
	case IRP_MN_QUERY_CAPABILITIES:
		return capabilities(device, stack->Parameters.DeviceCapabilities.Capabilities);
	case IRP_MN_QUERY_BUS_INFORMATION: return bus_information(device, irp);
	case IRP_MN_QUERY_DEVICE_RELATIONS:
		return relations(device, irp, stack->Parameters.QueryDeviceRelations.Type);
	case IRP_MN_QUERY_ID:
		return opp_nt_device_id(device, irp, stack->Parameters.QueryId.IdType);
	case IRP_MN_QUERY_DEVICE_TEXT:
		return opp_nt_device_text(device, irp,
					  stack->Parameters.QueryDeviceText.DeviceTextType);
	default: return irp->IoStatus.Status;
	}
}

NTSTATUS opp_nt_device_pnp(struct opp_nt_device *device, IRP *irp)
{
	const NTSTATUS status = answer(device, irp);

	return opp_nt_complete(irp, status, irp->IoStatus.Information);
}
