/* SPDX-License-Identifier: MIT */
/*
 * yardstick.sys: a driver that completes every request at once and does nothing else. What a
 * request to it costs is what a request costs.
 */
#include <wdm.h>

static DRIVER_DISPATCH complete;
static NTSTATUS NTAPI complete(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	irp->IoStatus.Status = STATUS_SUCCESS;
	irp->IoStatus.Information = 0;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return STATUS_SUCCESS;
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
	DEVICE_OBJECT *device;
	UNICODE_STRING name;

	(void)path;
	RtlInitUnicodeString(&name, L"\\Device\\OppYardstick");
	for (ULONG major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++)
		driver->MajorFunction[major] = complete;
	return IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
}
