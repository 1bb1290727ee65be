/* SPDX-License-Identifier: MIT */
/* Windows Management Instrumentation: who has registered, and questions to them. See kernel.h. */
#include "private.h"

#define MOST_PROVIDERS 8

static DEVICE_OBJECT *providers[MOST_PROVIDERS];

static DEVICE_OBJECT **place_of(DEVICE_OBJECT *device)
{
	for (int i = 0; i < MOST_PROVIDERS; i++) {
		if (providers[i] == device)
			return &providers[i];
	}
	return NULL;
}

NTSTATUS IoWMIRegistrationControl(DEVICE_OBJECT *device, ULONG action)
{
	DEVICE_OBJECT **place;

	ENTER(PASSIVE_LEVEL);
	switch (action) {
	case WMIREG_ACTION_REGISTER:
		if (place_of(device))
			kernel_fatal("a provider is registered twice");
		place = place_of(NULL);
		MUST(place);
		*place = device;
		break;
	case WMIREG_ACTION_DEREGISTER:
		place = place_of(device);
		if (!place)
			kernel_fatal("a provider goes that is not registered");
		*place = NULL;
		break;
	default: kernel_fatal("action %u of WMI registration", action);
	}
	leave();
	return STATUS_SUCCESS;
}

bool kernel_wmi_registered(DEVICE_OBJECT *device)
{
	return place_of(device);
}

NTSTATUS kernel_wmi(DEVICE_OBJECT *device, UCHAR minor, const void *path, void *buffer, ULONG bytes,
		    ULONG_PTR *answered)
{
	IRP *irp = kernel_irp_new(device, NULL, IRP_MJ_SYSTEM_CONTROL, minor, NULL, NULL);
	IO_STACK_LOCATION *stack = IoGetNextIrpStackLocation(irp);
	NTSTATUS status;

	stack->Parameters.WMI.ProviderId = (ULONG_PTR)device_top(device);
	stack->Parameters.WMI.DataPath = (void *)(uintptr_t)path;
	stack->Parameters.WMI.BufferSize = bytes;
	stack->Parameters.WMI.Buffer = buffer;
	status = send_and_wait(device, irp, answered);
	if (NT_SUCCESS(status))
		MUST(*answered <= bytes);
	return status;
}

void wmi_end(void)
{
	for (int i = 0; i < MOST_PROVIDERS; i++) {
		if (providers[i])
			kernel_fatal("a provider is still registered");
	}
}
