/* SPDX-License-Identifier: MIT */
/*
 * What the registry says of a port: values of its Plug and Play device key.
 *
 * A value that is missing or of another type is the default.
 */
#include "nt.h"

/* Room for each value that is read. */
struct value {
	union {
		KEY_VALUE_PARTIAL_INFORMATION information;
		UCHAR room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + OPP_NAME_BYTES * sizeof(WCHAR)];
	};
};

static NTSTATUS read_value(HANDLE key, const WCHAR *name, ULONG type, struct value *value)
{
	UNICODE_STRING value_name;
	NTSTATUS status;
	ULONG bytes;

	RtlInitUnicodeString(&value_name, name);
	status = ZwQueryValueKey(key, &value_name, KeyValuePartialInformation, value,
				 sizeof(*value), &bytes);
	if (NT_SUCCESS(status) && value->information.Type != type)
		status = STATUS_OBJECT_TYPE_MISMATCH;
	return status;
}

static ULONG read_number(HANDLE key, const WCHAR *name, ULONG otherwise)
{
	struct value value;
	ULONG number;

	if (!NT_SUCCESS(read_value(key, name, REG_DWORD, &value)) ||
	    value.information.DataLength != sizeof(number))
		return otherwise;
	RtlCopyMemory(&number, value.information.Data, sizeof(number));
	return number;
}

static NTSTATUS open_key(DEVICE_OBJECT *physical, HANDLE *key)
{
	return IoOpenDeviceRegistryKey(physical, PLUGPLAY_REGKEY_DEVICE, KEY_READ, key);
}

/* The string may lack its NUL, or have several. */
static NTSTATUS read_name(HANDLE key, WCHAR name[OPP_NAME_BYTES])
{
	struct value value;
	NTSTATUS status = read_value(key, u"PortName", REG_SZ, &value);
	ULONG bytes;

	if (!NT_SUCCESS(status))
		return status;
	bytes = value.information.DataLength / sizeof(WCHAR) * sizeof(WCHAR);
	if (bytes >= OPP_NAME_BYTES * sizeof(WCHAR))
		return STATUS_OBJECT_NAME_INVALID;
	RtlZeroMemory(name, OPP_NAME_BYTES * sizeof(WCHAR));
	RtlCopyMemory(name, value.information.Data, bytes);
	return STATUS_SUCCESS;
}

NTSTATUS opp_nt_read_port_name(DEVICE_OBJECT *physical, WCHAR name[OPP_NAME_BYTES])
{
	HANDLE key;
	NTSTATUS status = open_key(physical, &key);

	if (!NT_SUCCESS(status))
		return status;
	status = read_name(key, name);
	(void)ZwClose(key);
	return status;
}

static void read_settings(HANDLE key, struct opp_nt_settings *settings)
{
	settings->most_devices = read_number(key, u"DaisyDevices", settings->most_devices);
	if (settings->most_devices > OPP_CHAIN_DEVICES)
		settings->most_devices = OPP_CHAIN_DEVICES;
	settings->lock_timeout_ms = read_number(key, u"LockTimeout", settings->lock_timeout_ms);
	settings->scan = read_number(key, u"ScanAtStart", settings->scan) != 0;
	settings->full_probe = read_number(key, u"ProbeFully", settings->full_probe) != 0;
	settings->port_range = read_number(key, u"PortRange", settings->port_range);
	settings->ecp_range = read_number(key, u"EcpRange", settings->ecp_range);
}

void opp_nt_read_settings(DEVICE_OBJECT *physical, struct opp_nt_settings *settings)
{
	HANDLE key;

	*settings = (struct opp_nt_settings){
		.most_devices = OPP_USUAL_DEVICES,
		.lock_timeout_ms = (ULONG)(OPP_LOCK_TIMEOUT_US / 1000),
		.scan = TRUE,
		.full_probe = TRUE,
		.port_range = 0,
		.ecp_range = 1,
	};
	if (!NT_SUCCESS(open_key(physical, &key)))
		return;
	read_settings(key, settings);
	(void)ZwClose(key);
}

bool opp_nt_read_connect_enabled(DEVICE_OBJECT *physical)
{
	HANDLE key;
	ULONG enabled;

	if (!NT_SUCCESS(open_key(physical, &key)))
		return false;
	enabled = read_number(key, u"EnableConnectInterruptIoctl", 0);
	(void)ZwClose(key);
	return enabled != 0;
}
