/* SPDX-License-Identifier: MIT */
/*
 * Handles to devices, and the descriptors of security that are set through them. Who may open
 * what is not judged. See kernel.h.
 */
#include <ntifs.h>

#include "private.h"

#define SELF_RELATIVE 0x8000

struct handle {
	DEVICE_OBJECT *device;
};

static struct handle *opened; /* the one that there is, or NULL */

NTSTATUS ObOpenObjectByPointer(PVOID object, ULONG attributes, PACCESS_STATE state,
			       ACCESS_MASK access, POBJECT_TYPE type, KPROCESSOR_MODE mode,
			       HANDLE *handle)
{
	ENTER(PASSIVE_LEVEL);
	MUST((attributes & OBJ_KERNEL_HANDLE) && (access & WRITE_DAC) && mode == KernelMode);
	MUST(!state && !type && !opened);
	opened = kernel_alloc(sizeof(*opened));
	if (opened) {
		opened->device = object;
		device_get(object);
	}
	*handle = opened;
	leave();
	return opened ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

bool security_close(HANDLE handle)
{
	if (!opened || handle != opened)
		return false;
	device_put(opened->device);
	kernel_free(opened, sizeof(*opened));
	opened = NULL;
	return true;
}

NTSTATUS ZwSetSecurityObject(HANDLE handle, SECURITY_INFORMATION what,
			     PSECURITY_DESCRIPTOR descriptor)
{
	const UCHAR *bytes = descriptor;

	ENTER(PASSIVE_LEVEL);
	MUST(opened && handle == opened && what == DACL_SECURITY_INFORMATION);
	MUST(bytes[0] == 1 && (bytes[3] << 8 & SELF_RELATIVE));
	opened->device->SecurityDescriptor = descriptor;
	leave();
	return STATUS_SUCCESS;
}

const UCHAR *kernel_access_list(DEVICE_OBJECT *device)
{
	const UCHAR *descriptor = device->SecurityDescriptor;
	ULONG offset;

	if (!descriptor)
		return NULL;
	memcpy(&offset, descriptor + 16, sizeof(offset));
	return descriptor + offset;
}
