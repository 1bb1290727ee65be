/* SPDX-License-Identifier: MIT */
/*
 * The device keys that a PnP manager keeps.
 */
#include "inside.h"

#define ENUM_KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Enum"

/* The class of ports; the host opens no device without one. */
static const WCHAR ports_class[] = L"{4D36E978-E325-11CE-BFC1-08002BE10318}";

static NTSTATUS open_key(HANDLE above, UNICODE_STRING *name, HANDLE *key)
{
	OBJECT_ATTRIBUTES attributes;

	InitializeObjectAttributes(&attributes, name, OBJ_CASE_INSENSITIVE, above, NULL);
	return ZwCreateKey(key, KEY_ALL_ACCESS, &attributes, 0, NULL, 0, NULL);
}

/* Below *@key, which is closed: through each part of @path. */
static NTSTATUS step_down(HANDLE *key, const WCHAR *path)
{
	NTSTATUS status = STATUS_SUCCESS;

	while (*path && NT_SUCCESS(status)) {
		UNICODE_STRING part;
		HANDLE above = *key;
		USHORT length = 0;

		while (path[length] && path[length] != L'\\')
			length++;
		part = (UNICODE_STRING){ .Length = length * sizeof(WCHAR),
					 .MaximumLength = length * sizeof(WCHAR),
					 .Buffer = (WCHAR *)(uintptr_t)path };
		status = open_key(above, &part, key);
		ZwClose(above);
		path += length + (path[length] != 0);
	}
	return status;
}

NTSTATUS registry_set(HANDLE key, const WCHAR *name, ULONG type, const void *value, size_t bytes)
{
	UNICODE_STRING wide;

	RtlInitUnicodeString(&wide, name);
	return ZwSetValueKey(key, &wide, 0, type, (void *)(uintptr_t)value, (ULONG)bytes);
}

NTSTATUS registry_set_number(HANDLE key, const WCHAR *name, ULONG number)
{
	return registry_set(key, name, REG_DWORD, &number, sizeof(number));
}

NTSTATUS registry_open_device(const WCHAR *device, const WCHAR *instance, HANDLE *key)
{
	UNICODE_STRING name;
	NTSTATUS status;

	RtlInitUnicodeString(&name, ENUM_KEY);
	status = open_key(NULL, &name, key);
	if (NT_SUCCESS(status))
		status = step_down(key, device);
	if (NT_SUCCESS(status))
		status = step_down(key, instance);
	if (NT_SUCCESS(status))
		status = registry_set(*key, L"ClassGUID", REG_SZ, ports_class, sizeof(ports_class));
	if (NT_SUCCESS(status))
		status = step_down(key, L"Device Parameters");
	return status;
}
