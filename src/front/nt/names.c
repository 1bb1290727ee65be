/* SPDX-License-Identifier: MIT */
/*
 * How ports and devices are found: symbolic links, device interfaces, the device map.
 *
 *	port        interface
 *	raw device  interface, link, entry of the device map, count of the system's ports
 *	others      link
 *
 * What the names are is said in <openparport/names.h>. Links are unprotected, as documented:
 * the print spooler puts its own in their place while it runs.
 */
#include <ntddk.h>

#include "messages.h"
#include "nt.h"

#define LINK_PREFIX "\\DosDevices\\"

void opp_nt_widen(const char *name, WCHAR room[OPP_NAME_BYTES], UNICODE_STRING *wide)
{
	USHORT length = 0;

	for (; name[length]; length++)
		room[length] = (UCHAR)name[length];
	room[length] = 0;
	wide->Buffer = room;
	wide->Length = (USHORT)(length * sizeof(WCHAR));
	wide->MaximumLength = (USHORT)(wide->Length + sizeof(WCHAR));
}

/* ---- links and the device map ----------------------------------------------------------- */

struct names {
	WCHAR object_room[OPP_NAME_BYTES];
	WCHAR link_room[OPP_NAME_BYTES];
	UNICODE_STRING object; /* \Device\Parallel<m>... */
	UNICODE_STRING link;   /* \DosDevices\LPT<m+1>... */
};

static void names_of(const struct opp_nt_device *device, struct names *names)
{
	const uint32_t number = device->object.port->number;
	char text[sizeof(LINK_PREFIX) - 1 + OPP_NAME_BYTES] = LINK_PREFIX;

	(void)opp_device_location(number, opp_nt_place_of(device), text + sizeof(LINK_PREFIX) - 1);
	opp_nt_widen(text, names->link_room, &names->link);
	(void)opp_device_object_name(number, opp_nt_place_of(device), text);
	opp_nt_widen(text, names->object_room, &names->object);
}

static void count_raw(const struct names *names, LONG change)
{
	CONFIGURATION_INFORMATION *configuration = IoGetConfigurationInformation();

	(void)InterlockedExchangeAdd((LONG *)&configuration->ParallelCount, change);
	if (change > 0)
		(void)RtlWriteRegistryValue(RTL_REGISTRY_DEVICEMAP, u"PARALLEL PORTS",
					    names->object.Buffer, REG_SZ, names->link.Buffer,
					    names->link.MaximumLength);
	else
		(void)RtlDeleteRegistryValue(RTL_REGISTRY_DEVICEMAP, u"PARALLEL PORTS",
					     names->object.Buffer);
}

/* Without its link a device can still be opened by its name and interface. */
static void make_link(struct opp_nt_device *device)
{
	struct names names;
	NTSTATUS status;

	if (device->linked)
		return;
	names_of(device, &names);
	status = IoCreateUnprotectedSymbolicLink(&names.link, &names.object);
	if (!NT_SUCCESS(status)) {
		opp_nt_log(device->object.self, OPP_LOG_NO_LINK, status, names.link.Buffer);
		return;
	}
	device->linked = TRUE;
	if (opp_nt_place_of(device) == OPP_PLACE_RAW)
		count_raw(&names, 1);
}

static void delete_link(struct opp_nt_device *device)
{
	struct names names;

	if (!device->linked)
		return;
	names_of(device, &names);
	if (opp_nt_place_of(device) == OPP_PLACE_RAW)
		count_raw(&names, -1);
	(void)IoDeleteSymbolicLink(&names.link);
	device->linked = FALSE;
}

/* ---- interfaces ----------------------------------------------------------------------------- */

static NTSTATUS enable(DEVICE_OBJECT *physical, const struct opp_guid *guid, UNICODE_STRING *link)
{
	NTSTATUS status;
	GUID interface_class;

	if (link->Buffer)
		return STATUS_SUCCESS;
	RtlCopyMemory(&interface_class, guid, sizeof(interface_class));
	status = IoRegisterDeviceInterface(physical, &interface_class, NULL, link);
	if (!NT_SUCCESS(status))
		return status;
	status = IoSetDeviceInterfaceState(link, TRUE);
	if (!NT_SUCCESS(status)) {
		RtlFreeUnicodeString(link);
		link->Buffer = NULL;
	}
	return status;
}

static void disable(UNICODE_STRING *link)
{
	if (!link->Buffer)
		return;
	(void)IoSetDeviceInterfaceState(link, FALSE);
	RtlFreeUnicodeString(link);
	link->Buffer = NULL;
}

/* ---- both ------------------------------------------------------------------------------------- */

NTSTATUS opp_nt_device_publish(struct opp_nt_device *device)
{
	const struct opp_guid *guid = opp_device_interface(opp_nt_place_of(device));

	if (guid) {
		NTSTATUS status = enable(device->object.self, guid, &device->interface_link);

		if (!NT_SUCCESS(status))
			return status;
	}
	make_link(device);
	return STATUS_SUCCESS;
}

void opp_nt_device_withdraw(struct opp_nt_device *device)
{
	delete_link(device);
	disable(&device->interface_link);
}

NTSTATUS opp_nt_port_publish(struct opp_nt_port *port)
{
	return enable(port->physical, &opp_port_interface, &port->interface_link);
}

void opp_nt_port_withdraw(struct opp_nt_port *port)
{
	disable(&port->interface_link);
}
