/* SPDX-License-Identifier: MIT */
/*
 * The driver comes and goes, and a port's function device object comes.
 */
#include <ntddk.h>

#include "messages.h"
#include "nt.h"

DRIVER_OBJECT *opp_nt_driver;
POOL_TYPE opp_nt_pool;
HANDLE opp_nt_system;

/* From Windows 8 on; Memory Integrity wants it. Source: [HVCI]. */
static POOL_TYPE pool_of_system(void)
{
	RTL_OSVERSIONINFOW version = { .dwOSVersionInfoSize = sizeof(version) };
	bool has;

	(void)RtlGetVersion(&version);
	has = version.dwMajorVersion > 6 ||
	      (version.dwMajorVersion == 6 && version.dwMinorVersion >= 2);
	return has ? NonPagedPoolNx : NonPagedPool;
}

/* A port without a name that the contract knows gets no device object (S-80). */
static NTSTATUS name_port(struct opp_nt_port *port, DEVICE_OBJECT *physical)
{
	NTSTATUS status = opp_nt_read_port_name(physical, port->name);

	if (NT_SUCCESS(status) && !opp_port_number(port->name, &port->number))
		status = STATUS_OBJECT_NAME_INVALID;
	if (!NT_SUCCESS(status))
		opp_nt_log(NULL, OPP_LOG_BAD_PORT_NAME, status, port->name);
	return status;
}

static NTSTATUS create_object(struct opp_nt_port *port)
{
	char name[OPP_NAME_BYTES];
	WCHAR room[OPP_NAME_BYTES];
	UNICODE_STRING wide;
	NTSTATUS status;

	(void)opp_port_object_name(port->number, name);
	opp_nt_widen(name, room, &wide);
	status = IoCreateDevice(opp_nt_driver, sizeof(struct opp_nt_object), &wide,
				FILE_DEVICE_PARALLEL_PORT, FILE_DEVICE_SECURE_OPEN, FALSE,
				&port->self);
	if (status == STATUS_OBJECT_NAME_COLLISION)
		opp_nt_log(NULL, OPP_LOG_NAME_TAKEN, status, room);
	return status;
}

static NTSTATUS attach(struct opp_nt_port *port)
{
	struct opp_nt_object *object = port->self->DeviceExtension;

	opp_nt_object_init(object, OPP_NT_PORT, port->self, port);
	port->lower = IoAttachDeviceToDeviceStack(port->self, port->physical);
	if (!port->lower)
		return STATUS_NO_SUCH_DEVICE;
	port->self->Flags |= DO_BUFFERED_IO | DO_POWER_PAGABLE;
	port->self->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	return STATUS_SUCCESS;
}

static DRIVER_ADD_DEVICE add_device;
static NTSTATUS NTAPI add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *physical)
{
	struct opp_nt_port *port = opp_nt_port_create();
	NTSTATUS status;

	(void)driver;
	if (!port)
		return STATUS_INSUFFICIENT_RESOURCES;
	port->physical = physical;
	port->connect_enabled = opp_nt_read_connect_enabled(physical);
	status = name_port(port, physical);
	if (NT_SUCCESS(status))
		status = create_object(port);
	if (NT_SUCCESS(status)) {
		status = attach(port);
		if (!NT_SUCCESS(status))
			IoDeleteDevice(port->self);
	}
	if (!NT_SUCCESS(status))
		opp_nt_port_put(port);
	return status;
}

static DRIVER_UNLOAD unload;
static void NTAPI unload(DRIVER_OBJECT *driver)
{
	(void)driver;
	opp_nt_requests_end();
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *registry_path)
{
	(void)registry_path;
	opp_nt_driver = driver;
	opp_nt_pool = pool_of_system();
	opp_nt_system = PsGetCurrentProcessId();
	opp_nt_requests_begin();
	for (ULONG major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++)
		driver->MajorFunction[major] = opp_nt_request;
	driver->MajorFunction[IRP_MJ_PNP] = opp_nt_pnp;
	driver->MajorFunction[IRP_MJ_POWER] = opp_nt_power;
	driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = opp_nt_system_control;
	driver->DriverExtension->AddDevice = add_device;
	driver->DriverUnload = unload;
	return STATUS_SUCCESS;
}
