/* SPDX-License-Identifier: MIT */
/*
 * Devices, their names and stacks; symbolic links, device interfaces, files; handles and
 * references. See kernel.h.
 *
 *	created --IoDeleteDevice--> deleted, still referred to --last reference--> gone
 *
 * The name goes with IoDeleteDevice, the extension with the last reference.
 */
#include <stdlib.h>

#include "private.h"

#define INTERFACE_TAG 0x6e4c6649u

struct device {
	DEVICE_OBJECT object;
	PCWSTR name;
	size_t extension_bytes;
	uint32_t references; /* 1 of its own until it is deleted */
	bool deleted;
	DEVICE_OBJECT *below;
	DEVICE_POWER_STATE power;
	struct device *next;
};

struct link {
	PCWSTR name;
	PCWSTR target;
	struct link *next;
};

struct interface {
	DEVICE_OBJECT *physical;
	GUID guid;
	PCWSTR link;
	bool enabled;
	struct interface *next;
};

static struct {
	struct device *devices;
	struct link *links;
	struct interface *interfaces;
	uint32_t interfaces_made;
	uint32_t files;
} objects;

static CONFIGURATION_INFORMATION configuration;

static struct device *device_of(DEVICE_OBJECT *object)
{
	for (struct device *device = objects.devices; device; device = device->next) {
		if (&device->object == object)
			return device;
	}
	kernel_fatal("not a device, or one that has gone");
}

/* ---- devices -------------------------------------------------------------------------- */

DEVICE_OBJECT *kernel_find_device(PCWSTR name)
{
	for (struct device *device = objects.devices; device; device = device->next) {
		if (device->name && !device->deleted &&
		    same_text(device->name, name, text_length(name)))
			return &device->object;
	}
	return NULL;
}

PCWSTR kernel_name_of(DEVICE_OBJECT *device)
{
	PCWSTR name = device_of(device)->name;

	return name ? name : L"";
}

static NTSTATUS create(DRIVER_OBJECT *driver, ULONG extension_bytes, PCWSTR name,
		       ULONG characteristics, DEVICE_OBJECT **to)
{
	struct device *device;

	if (name && kernel_find_device(name))
		return STATUS_OBJECT_NAME_COLLISION;
	device = kernel_alloc(sizeof(*device));
	if (!device)
		return STATUS_INSUFFICIENT_RESOURCES;
	*device = (struct device){
		.object = { .DriverObject = driver,
			    .NextDevice = driver->DeviceObject,
			    .Flags = DO_DEVICE_INITIALIZING,
			    .Characteristics = characteristics,
			    .StackSize = 1 },
		.name = name,
		.extension_bytes = extension_bytes,
		.references = 1,
		.power = PowerDeviceUnspecified,
		.next = objects.devices,
	};
	device->object.DeviceExtension = calloc(1, extension_bytes ? extension_bytes : 1);
	MUST(device->object.DeviceExtension);
	driver->DeviceObject = &device->object;
	objects.devices = device;
	*to = &device->object;
	return STATUS_SUCCESS;
}

NTSTATUS IoCreateDevice(DRIVER_OBJECT *driver, ULONG extension_bytes, UNICODE_STRING *name,
			DEVICE_TYPE type, ULONG characteristics, BOOLEAN exclusive,
			DEVICE_OBJECT **device)
{
	PCWSTR own_name = name ? text_copy(name) : NULL;
	NTSTATUS status;

	(void)exclusive;
	ENTER(APC_LEVEL);
	status = create(driver, extension_bytes, own_name, characteristics, device);
	if (NT_SUCCESS(status))
		(*device)->DeviceType = type;
	else
		free((void *)(uintptr_t)own_name);
	leave();
	return status;
}

static void take_from_driver(DEVICE_OBJECT *object)
{
	DEVICE_OBJECT **place = &object->DriverObject->DeviceObject;

	while (*place != object)
		place = &(*place)->NextDevice;
	*place = object->NextDevice;
}

static void destroy(struct device *device)
{
	struct device **place = &objects.devices;

	while (*place != device)
		place = &(*place)->next;
	*place = device->next;
	kernel_free(device->object.DeviceExtension,
		    device->extension_bytes ? device->extension_bytes : 1);
	free((void *)(uintptr_t)device->name);
	kernel_free(device, sizeof(*device));
}

void device_get(DEVICE_OBJECT *object)
{
	device_of(object)->references++;
}

void device_put(DEVICE_OBJECT *object)
{
	struct device *device = device_of(object);

	if (!device->references)
		kernel_fatal("a device is referred to less than never");
	if (--device->references == 0)
		destroy(device);
}

VOID IoDeleteDevice(DEVICE_OBJECT *object)
{
	struct device *device;

	ENTER(APC_LEVEL);
	device = device_of(object);
	if (device->deleted)
		kernel_fatal("a device is deleted twice");
	if (object->AttachedDevice || device->below)
		kernel_fatal("a device is deleted that is in a stack");
	device->deleted = true;
	take_from_driver(object);
	device_put(object);
	leave();
}

DEVICE_OBJECT *device_top(DEVICE_OBJECT *device)
{
	while (device->AttachedDevice)
		device = device->AttachedDevice;
	return device;
}

DEVICE_OBJECT *IoAttachDeviceToDeviceStack(DEVICE_OBJECT *source, DEVICE_OBJECT *target)
{
	DEVICE_OBJECT *top;

	ENTER(DISPATCH_LEVEL);
	top = device_top(target);
	top->AttachedDevice = source;
	device_of(source)->below = top;
	source->StackSize = (CCHAR)(top->StackSize + 1);
	leave();
	return top;
}

VOID IoDetachDevice(DEVICE_OBJECT *target)
{
	ENTER(PASSIVE_LEVEL);
	if (!target->AttachedDevice)
		kernel_fatal("a device is detached that nothing is attached to");
	device_of(target->AttachedDevice)->below = NULL;
	target->AttachedDevice = NULL;
	leave();
}

DEVICE_OBJECT *IoGetAttachedDeviceReference(DEVICE_OBJECT *device)
{
	DEVICE_OBJECT *top;

	ENTER(DISPATCH_LEVEL);
	top = device_top(device);
	device_get(top);
	leave();
	return top;
}

POWER_STATE PoSetPowerState(DEVICE_OBJECT *object, POWER_STATE_TYPE type, POWER_STATE state)
{
	POWER_STATE before;

	ENTER(DISPATCH_LEVEL);
	MUST(type == DevicePowerState);
	before.DeviceState = device_of(object)->power;
	device_of(object)->power = state.DeviceState;
	leave();
	return before;
}

DEVICE_POWER_STATE kernel_power_state(struct kernel_node *node)
{
	return device_of(device_top(node->physical))->power;
}

CONFIGURATION_INFORMATION *IoGetConfigurationInformation(void)
{
	ENTER(PASSIVE_LEVEL);
	leave();
	return &configuration;
}

/* ---- symbolic links ----------------------------------------------------------------------- */

static struct link **find_link(PCWSTR name)
{
	struct link **place = &objects.links;

	while (*place && !same_text((*place)->name, name, text_length(name)))
		place = &(*place)->next;
	return place;
}

static void free_link(struct link **place)
{
	struct link *link = *place;

	*place = link->next;
	free((void *)(uintptr_t)link->name);
	free((void *)(uintptr_t)link->target);
	free(link);
}

NTSTATUS IoCreateSymbolicLink(UNICODE_STRING *name, UNICODE_STRING *target)
{
	struct link *link = malloc(sizeof(*link));
	NTSTATUS status = STATUS_SUCCESS;
	struct link **place;

	ENTER(PASSIVE_LEVEL);
	MUST(link);
	*link = (struct link){ text_copy(name), text_copy(target), NULL };
	place = find_link(link->name);
	if (*place)
		status = STATUS_OBJECT_NAME_COLLISION;
	else if (no_memory())
		status = STATUS_INSUFFICIENT_RESOURCES;
	else
		*place = link;
	if (!NT_SUCCESS(status))
		free_link(&link);
	leave();
	return status;
}

NTSTATUS IoCreateUnprotectedSymbolicLink(UNICODE_STRING *link, UNICODE_STRING *name)
{
	return IoCreateSymbolicLink(link, name);
}

NTSTATUS IoDeleteSymbolicLink(UNICODE_STRING *name)
{
	PCWSTR copy = text_copy(name);
	struct link **place;
	bool found;

	ENTER(PASSIVE_LEVEL);
	place = find_link(copy);
	free((void *)(uintptr_t)copy);
	found = *place;
	if (found)
		free_link(place);
	leave();
	return found ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

PCWSTR kernel_link_target(PCWSTR link)
{
	struct link **place = find_link(link);

	return *place ? (*place)->target : NULL;
}

uint32_t kernel_links(void)
{
	uint32_t count = 0;

	for (const struct link *link = objects.links; link; link = link->next)
		count++;
	return count;
}

/* ---- device interfaces ---------------------------------------------------------------------- */

NTSTATUS IoRegisterDeviceInterface(DEVICE_OBJECT *physical, const GUID *guid,
				   UNICODE_STRING *reference, UNICODE_STRING *link)
{
	struct interface *interface = malloc(sizeof(*interface));
	WCHAR *name;

	ENTER(PASSIVE_LEVEL);
	MUST(interface && !reference);
	MUST(device_of(physical));
	name = pool_alloc(4 * sizeof(WCHAR), INTERFACE_TAG);
	if (!name) {
		free(interface);
		leave();
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	name[0] = '#';
	name[1] = (WCHAR)('0' + objects.interfaces_made / 10 % 10);
	name[2] = (WCHAR)('0' + objects.interfaces_made++ % 10);
	name[3] = 0;
	RtlInitUnicodeString(link, name);
	*interface =
		(struct interface){ physical, *guid, text_copy(link), false, objects.interfaces };
	objects.interfaces = interface;
	leave();
	return STATUS_SUCCESS;
}

NTSTATUS IoSetDeviceInterfaceState(UNICODE_STRING *link, BOOLEAN enable)
{
	PCWSTR name = text_copy(link);
	struct interface *interface;
	bool as_before;

	ENTER(PASSIVE_LEVEL);
	for (interface = objects.interfaces; interface; interface = interface->next) {
		if (same_text(interface->link, name, text_length(name)))
			break;
	}
	free((void *)(uintptr_t)name);
	if (!interface)
		kernel_fatal("a device interface that is not registered");
	as_before = interface->enabled == enable;
	interface->enabled = enable;
	leave();
	if (!as_before)
		return STATUS_SUCCESS;
	return enable ? STATUS_OBJECT_NAME_EXISTS : STATUS_OBJECT_NAME_NOT_FOUND;
}

uint32_t kernel_interfaces(DEVICE_OBJECT *physical, const GUID *guid, bool enabled)
{
	uint32_t count = 0;

	for (const struct interface *interface = objects.interfaces; interface;
	     interface = interface->next)
		count += interface->physical == physical && interface->enabled == enabled &&
			 IsEqualGUID(&interface->guid, guid);
	return count;
}

uint32_t kernel_all_interfaces(DEVICE_OBJECT *physical)
{
	uint32_t count = 0;

	for (const struct interface *interface = objects.interfaces; interface;
	     interface = interface->next)
		count += interface->physical == physical;
	return count;
}

/* ---- files, handles, references ----------------------------------------------------------------- */

FILE_OBJECT *kernel_file_new(DEVICE_OBJECT *device)
{
	FILE_OBJECT *file = calloc(1, sizeof(*file));

	MUST(file);
	enter("kernel_file_new", PASSIVE_LEVEL);
	file->DeviceObject = device;
	device->ReferenceCount++;
	device_get(device);
	objects.files++;
	leave();
	return file;
}

void kernel_file_free(FILE_OBJECT *file)
{
	enter("kernel_file_free", PASSIVE_LEVEL);
	if (file->FsContext || file->FsContext2)
		kernel_fatal("a file is gone, and what the driver kept of it is not");
	file->DeviceObject->ReferenceCount--;
	device_put(file->DeviceObject);
	objects.files--;
	free(file);
	leave();
}

NTSTATUS ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
				   KPROCESSOR_MODE mode, PVOID *object, PVOID information)
{
	struct _ETHREAD *thread = handle;

	(void)access;
	(void)mode;
	ENTER(PASSIVE_LEVEL);
	MUST(!information && (!type || type == *PsThreadType));
	MUST(thread->header.Type == TYPE_THREAD);
	if (no_memory()) {
		leave();
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	thread->references++;
	*object = thread;
	leave();
	return STATUS_SUCCESS;
}

VOID ObfReferenceObject(PVOID object)
{
	ENTER(DISPATCH_LEVEL);
	if (thread_is(object))
		((struct _ETHREAD *)object)->references++;
	else
		device_get(object);
	leave();
}

VOID ObfDereferenceObject(PVOID object)
{
	ENTER(DISPATCH_LEVEL);
	if (thread_is(object))
		thread_put(object);
	else
		device_put(object);
	leave();
}

static void forget_interfaces(void)
{
	while (objects.interfaces) {
		struct interface *interface = objects.interfaces;

		if (interface->enabled)
			kernel_fatal("a device interface is still enabled");
		objects.interfaces = interface->next;
		free((void *)(uintptr_t)interface->link);
		free(interface);
	}
}

void object_end(void)
{
	for (struct device *device = objects.devices; device; device = device->next)
		printf("device with %u references%s\n", device->references,
		       device->deleted ? ", deleted" : "");
	if (objects.devices)
		kernel_fatal("devices are left");
	if (objects.links)
		kernel_fatal("symbolic links are left");
	if (objects.files)
		kernel_fatal("files are left");
	if (configuration.ParallelCount)
		kernel_fatal("%u ports are still counted", configuration.ParallelCount);
	forget_interfaces();
}
