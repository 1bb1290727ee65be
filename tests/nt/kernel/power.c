/* SPDX-License-Identifier: MIT */
/* The power manager. See kernel.h. */
#include <stdlib.h>

#include "private.h"

/* A power packet that the driver asked for. */
struct asked {
	DEVICE_OBJECT *device;
	IRP *irp;
	UCHAR minor;
	POWER_STATE state;
	PREQUEST_POWER_COMPLETE complete;
	void *context;
};

static IRP *request(DEVICE_OBJECT *device, UCHAR minor, POWER_STATE_TYPE type, POWER_STATE state)
{
	IRP *irp = kernel_irp_new(device, NULL, IRP_MJ_POWER, minor, NULL, NULL);
	IO_STACK_LOCATION *stack = IoGetNextIrpStackLocation(irp);

	stack->Parameters.Power.Type = type;
	stack->Parameters.Power.State = state;
	stack->Parameters.Power.ShutdownType = PowerActionSleep;
	return irp;
}

static void send_asked(void *context)
{
	struct asked *asked = context;
	IO_STATUS_BLOCK result = { .Information = 0 };

	result.Status = send_and_wait(asked->device, asked->irp, &result.Information);
	if (asked->complete)
		asked->complete(asked->device, asked->minor, asked->state, asked->context, &result);
	ObDereferenceObject(asked->device);
	free(asked);
}

NTSTATUS PoRequestPowerIrp(DEVICE_OBJECT *device, UCHAR minor, POWER_STATE state,
			   PREQUEST_POWER_COMPLETE complete, PVOID context, IRP **irp)
{
	struct asked *asked = malloc(sizeof(*asked));

	MUST(asked && !irp);
	*asked = (struct asked){ device, NULL, minor, state, complete, context };
	ENTER(DISPATCH_LEVEL);
	must_hold_no_lock("a power packet is asked for");
	MUST(minor == IRP_MN_SET_POWER || minor == IRP_MN_QUERY_POWER);
	leave();
	asked->irp = request(device, minor, DevicePowerState, state);
	ObReferenceObject(device);
	enter("the power manager", DISPATCH_LEVEL);
	thread_put(thread_new("of the power manager", send_asked, asked, true));
	leave();
	return STATUS_PENDING;
}

NTSTATUS kernel_system_power(struct kernel_node *node, UCHAR minor, SYSTEM_POWER_STATE state)
{
	const POWER_STATE to = { .SystemState = state };

	return send_and_wait(node->physical, request(node->physical, minor, SystemPowerState, to),
			     NULL);
}

NTSTATUS kernel_device_power(struct kernel_node *node, UCHAR minor, DEVICE_POWER_STATE state)
{
	const POWER_STATE to = { .DeviceState = state };

	return send_and_wait(node->physical, request(node->physical, minor, DevicePowerState, to),
			     NULL);
}
