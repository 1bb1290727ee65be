/* SPDX-License-Identifier: MIT */
/*
 * Power requests. The driver is the policy owner of its ports:
 *
 *	system asks (S) --> down, and back --> own request for a state (D) --> S completed
 *
 *	D below D0: the wire comes to rest, nothing is granted any more --> down
 *	D0:         down, and back --> the port goes on
 *
 * The states follow the parent bus' map of capabilities; without one the port is off
 * unless the system works. Devices have no power of their own and agree to everything.
 *
 * The device objects are DO_POWER_PAGABLE, so requests come at PASSIVE_LEVEL; they come
 * back at <= DISPATCH_LEVEL. Who hands a request on stays in the gate until it is back, for
 * then it is not done with the port yet.
 */
#include "nt.h"

static const IO_STACK_LOCATION *stack_of(IRP *irp)
{
	return IoGetCurrentIrpStackLocation(irp);
}

static NTSTATUS pass_down(struct opp_nt_port *port, IRP *irp)
{
	PoStartNextPowerIrp(irp);
	IoSkipCurrentIrpStackLocation(irp);
	return PoCallDriver(port->lower, irp);
}

/* Whoever sees it come back leaves the gate. */
static NTSTATUS pass_and_see(struct opp_nt_object *object, IRP *irp, PIO_COMPLETION_ROUTINE back)
{
	opp_nt_gate_again(&object->gate);
	IoMarkIrpPending(irp);
	IoCopyCurrentIrpStackLocationToNext(irp);
	IoSetCompletionRoutine(irp, back, object, TRUE, TRUE, TRUE);
	(void)PoCallDriver(object->port->lower, irp);
	return STATUS_PENDING;
}

/* ---- the port's state ---------------------------------------------------------------------- */

static NTSTATUS NTAPI powered_up(DEVICE_OBJECT *device, IRP *irp, PVOID context)
{
	struct opp_nt_object *object = context;

	(void)device;
	if (NT_SUCCESS(irp->IoStatus.Status)) {
		(void)PoSetPowerState(object->self, DevicePowerState,
				      stack_of(irp)->Parameters.Power.State);
		if (object->port->running)
			opp_contract_resume(&object->port->contract);
	}
	PoStartNextPowerIrp(irp);
	opp_nt_gate_leave(&object->gate);
	return STATUS_CONTINUE_COMPLETION;
}

static NTSTATUS set_device_power(struct opp_nt_object *object, IRP *irp)
{
	const POWER_STATE state = stack_of(irp)->Parameters.Power.State;

	if (state.DeviceState == PowerDeviceD0)
		return pass_and_see(object, irp, powered_up);
	if (object->port->running)
		opp_nt_port_quiet(object->port);
	(void)PoSetPowerState(object->self, DevicePowerState, state);
	irp->IoStatus.Status = STATUS_SUCCESS;
	return pass_down(object->port, irp);
}

/* ---- what the system wants ------------------------------------------------------------------- */

static DEVICE_POWER_STATE state_for(const struct opp_nt_port *port, SYSTEM_POWER_STATE system)
{
	DEVICE_POWER_STATE state = PowerDeviceUnspecified;

	if (system > PowerSystemUnspecified && system < PowerSystemMaximum)
		state = port->device_states[system];
	if (state != PowerDeviceUnspecified)
		return state;
	return system == PowerSystemWorking ? PowerDeviceD0 : PowerDeviceD3;
}

static void end_system_request(struct opp_nt_object *object, IRP *irp, NTSTATUS status)
{
	PoStartNextPowerIrp(irp);
	(void)opp_nt_complete(irp, status, irp->IoStatus.Information);
	opp_nt_gate_leave(&object->gate);
}

static void NTAPI own_request_done(DEVICE_OBJECT *device, UCHAR minor, POWER_STATE state,
				   PVOID context, IO_STATUS_BLOCK *result)
{
	IRP *irp = context;
	struct opp_nt_object *object = stack_of(irp)->DeviceObject->DeviceExtension;

	(void)device;
	(void)minor;
	(void)state;
	end_system_request(object, irp, result->Status);
}

static NTSTATUS NTAPI system_agreed_below(DEVICE_OBJECT *device, IRP *irp, PVOID context)
{
	const IO_STACK_LOCATION *stack = stack_of(irp);
	struct opp_nt_object *object = context;
	NTSTATUS status = irp->IoStatus.Status;
	POWER_STATE state;

	(void)device;
	if (NT_SUCCESS(status)) {
		state.DeviceState =
			state_for(object->port, stack->Parameters.Power.State.SystemState);
		status = PoRequestPowerIrp(object->port->physical, stack->MinorFunction, state,
					   own_request_done, irp, NULL);
	}
	if (status != STATUS_PENDING)
		end_system_request(object, irp, status);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

/* ---- dispatch ------------------------------------------------------------------------------------ */

static NTSTATUS port_power(struct opp_nt_object *object, IRP *irp)
{
	const IO_STACK_LOCATION *stack = stack_of(irp);
	const bool sets = stack->MinorFunction == IRP_MN_SET_POWER;

	if (!sets && stack->MinorFunction != IRP_MN_QUERY_POWER)
		return pass_down(object->port, irp);
	if (stack->Parameters.Power.Type == SystemPowerState)
		return pass_and_see(object, irp, system_agreed_below);
	return sets ? set_device_power(object, irp) : pass_down(object->port, irp);
}

static NTSTATUS device_power(struct opp_nt_object *object, IRP *irp)
{
	const IO_STACK_LOCATION *stack = stack_of(irp);
	NTSTATUS status = irp->IoStatus.Status;

	if (stack->MinorFunction == IRP_MN_SET_POWER &&
	    stack->Parameters.Power.Type == DevicePowerState)
		(void)PoSetPowerState(object->self, DevicePowerState,
				      stack->Parameters.Power.State);
	if (stack->MinorFunction == IRP_MN_SET_POWER || stack->MinorFunction == IRP_MN_QUERY_POWER)
		status = STATUS_SUCCESS;
	PoStartNextPowerIrp(irp);
	return opp_nt_complete(irp, status, irp->IoStatus.Information);
}

NTSTATUS NTAPI opp_nt_power(DEVICE_OBJECT *self, IRP *irp)
{
	struct opp_nt_object *object = self->DeviceExtension;
	NTSTATUS status;

	if (!opp_nt_gate_enter(&object->gate)) {
		PoStartNextPowerIrp(irp);
		return opp_nt_complete(irp, STATUS_DELETE_PENDING, irp->IoStatus.Information);
	}
	status = object->kind == OPP_NT_PORT ? port_power(object, irp) : device_power(object, irp);
	opp_nt_gate_leave(&object->gate);
	return status;
}
