/* SPDX-License-Identifier: MIT */
/*
 * Values of devices' keys, which a test sets and the driver reads, and the device map, which
 * the driver writes. See kernel.h.
 */
#include <stdlib.h>

#include "private.h"

struct value {
	const DEVICE_OBJECT *physical; /* NULL: of the device map */
	PCWSTR path;                   /* of that */
	PCWSTR name;
	ULONG type;
	void *data;
	ULONG bytes;
	struct value *next;
};

/* An open key. */
struct key {
	const DEVICE_OBJECT *physical;
};

static struct {
	struct value *values;
	uint32_t open_keys;
} registry;

static PCWSTR copy_of(PCWSTR text)
{
	UNICODE_STRING string;

	RtlInitUnicodeString(&string, text);
	return text_copy(&string);
}

static struct value **find(const DEVICE_OBJECT *physical, PCWSTR path, PCWSTR name)
{
	struct value **place = &registry.values;

	for (; *place; place = &(*place)->next) {
		const struct value *value = *place;

		if (value->physical == physical &&
		    same_text(value->path, path, text_length(path)) &&
		    same_text(value->name, name, text_length(name)))
			break;
	}
	return place;
}

static bool erase(struct value **place)
{
	struct value *value = *place;

	if (!value)
		return false;
	*place = value->next;
	free((void *)(uintptr_t)value->path);
	free((void *)(uintptr_t)value->name);
	free(value->data);
	free(value);
	return true;
}

static void set(const DEVICE_OBJECT *physical, PCWSTR path, PCWSTR name, ULONG type,
		const void *data, ULONG bytes)
{
	struct value *value;

	(void)erase(find(physical, path, name));
	if (!data)
		return;
	value = malloc(sizeof(*value));
	MUST(value);
	*value = (struct value){ physical,          copy_of(path), copy_of(name),  type,
				 malloc(bytes + 1), bytes,         registry.values };
	memcpy(value->data, data, bytes);
	registry.values = value;
}

void kernel_set_value(DEVICE_OBJECT *physical, PCWSTR name, ULONG type, const void *data,
		      ULONG bytes)
{
	set(physical, L"", name, type, data, bytes);
}

void kernel_set_dword(DEVICE_OBJECT *physical, PCWSTR name, ULONG value)
{
	set(physical, L"", name, REG_DWORD, &value, sizeof(value));
}

void kernel_set_string(DEVICE_OBJECT *physical, PCWSTR name, PCWSTR value)
{
	set(physical, L"", name, REG_SZ, value, (ULONG)((text_length(value) + 1) * sizeof(WCHAR)));
}

PCWSTR kernel_device_map(PCWSTR path, PCWSTR name)
{
	const struct value *value = *find(NULL, path, name);

	return value ? value->data : NULL;
}

/* ---- what a driver calls -------------------------------------------------------------- */

NTSTATUS IoOpenDeviceRegistryKey(DEVICE_OBJECT *physical, ULONG type, ACCESS_MASK access,
				 HANDLE *key)
{
	struct key *opened = malloc(sizeof(*opened));

	ENTER(PASSIVE_LEVEL);
	MUST(opened && type == PLUGPLAY_REGKEY_DEVICE && (access & KEY_QUERY_VALUE));
	MUST(node_of(physical));
	if (self()->is_users)
		kernel_fatal("a device key is opened in a user's process");
	if (no_memory()) {
		free(opened);
		leave();
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	opened->physical = physical;
	registry.open_keys++;
	*key = opened;
	leave();
	return STATUS_SUCCESS;
}

static NTSTATUS answer(const struct value *value, KEY_VALUE_PARTIAL_INFORMATION *information,
		       ULONG bytes, ULONG *result_bytes)
{
	const ULONG head = offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data);

	*result_bytes = head + value->bytes;
	if (bytes < head)
		return STATUS_BUFFER_TOO_SMALL;
	information->TitleIndex = 0;
	information->Type = value->type;
	information->DataLength = value->bytes;
	memcpy((char *)information + head, value->data, min(value->bytes, bytes - head));
	return bytes < head + value->bytes ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS ZwQueryValueKey(HANDLE key, UNICODE_STRING *name, KEY_VALUE_INFORMATION_CLASS what,
			 PVOID information, ULONG bytes, ULONG *result_bytes)
{
	NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
	const struct value *value;
	PCWSTR copy;

	ENTER(PASSIVE_LEVEL);
	MUST(what == KeyValuePartialInformation);
	copy = text_copy(name);
	value = *find(((struct key *)key)->physical, L"", copy);
	free((void *)(uintptr_t)copy);
	if (value)
		status = answer(value, information, bytes, result_bytes);
	leave();
	return status;
}

NTSTATUS ZwClose(HANDLE handle)
{
	struct _ETHREAD *thread = handle;

	ENTER(PASSIVE_LEVEL);
	if (thread_is(handle)) {
		thread_put(thread);
	} else if (!security_close(handle)) {
		MUST(registry.open_keys);
		registry.open_keys--;
		free(handle);
	}
	leave();
	return STATUS_SUCCESS;
}

NTSTATUS RtlWriteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name, ULONG type, PVOID data,
			       ULONG bytes)
{
	NTSTATUS status = STATUS_SUCCESS;

	ENTER(PASSIVE_LEVEL);
	MUST(relative_to == RTL_REGISTRY_DEVICEMAP);
	if (no_memory())
		status = STATUS_INSUFFICIENT_RESOURCES;
	else
		set(NULL, path, name, type, data, bytes);
	leave();
	return status;
}

NTSTATUS RtlDeleteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name)
{
	bool deleted;

	ENTER(PASSIVE_LEVEL);
	MUST(relative_to == RTL_REGISTRY_DEVICEMAP);
	deleted = erase(find(NULL, path, name));
	leave();
	return deleted ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

void registry_end(void)
{
	if (registry.open_keys)
		kernel_fatal("%u keys are still open", registry.open_keys);
	for (const struct value *value = registry.values; value; value = value->next) {
		if (!value->physical)
			kernel_fatal("the device map still has a value");
	}
	while (registry.values)
		(void)erase(&registry.values);
}
