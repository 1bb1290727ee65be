/* SPDX-License-Identifier: MIT */
/*
 * Plug and Play requests to a port.
 *
 *	not started --START--> started --QUERY_STOP--> stop pending --STOP--> stopped
 *	     |                 | ^  ^ `---CANCEL_STOP---'                       |
 *	     |                 | |  '------------------ START ------------------'
 *	     |    QUERY_REMOVE v | CANCEL_REMOVE
 *	     |           remove pending      SURPRISE_REMOVAL: from any but not started
 *	     |                 |                      |
 *	     '-----> REMOVE <--'----------------------'
 *
 * What is started from below is started by the parent bus first, which is waited for, and
 * what is stopped is stopped here first. Every request goes down, those that are not known
 * here untouched: so paging files are refused, or not, by who is below.
 *
 * A query-stop and query-remove fails while a file is open on the port or on one of its
 * devices (S-84).
 */
#include "messages.h"
#include "nt.h"

/* ---- down the stack ------------------------------------------------------------------------ */

NTSTATUS opp_nt_pass_down(struct opp_nt_port *port, IRP *irp)
{
	IoSkipCurrentIrpStackLocation(irp);
	return IoCallDriver(port->lower, irp);
}

static NTSTATUS NTAPI came_back(DEVICE_OBJECT *device, IRP *irp, PVOID event)
{
	(void)device;
	(void)irp;
	(void)KeSetEvent(event, IO_NO_INCREMENT, FALSE);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Has it answered below; it is the caller's again then. */
static NTSTATUS ask_below(struct opp_nt_port *port, IRP *irp)
{
	NTSTATUS status;
	KEVENT event;

	KeInitializeEvent(&event, NotificationEvent, FALSE);
	IoCopyCurrentIrpStackLocationToNext(irp);
	IoSetCompletionRoutine(irp, came_back, &event, TRUE, TRUE, TRUE);
	status = IoCallDriver(port->lower, irp);
	if (status == STATUS_PENDING) {
		(void)KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
		status = irp->IoStatus.Status;
	}
	return status;
}

static NTSTATUS done_here(struct opp_nt_port *port, IRP *irp)
{
	irp->IoStatus.Status = STATUS_SUCCESS;
	return opp_nt_pass_down(port, irp);
}

/* ---- start and stop ------------------------------------------------------------------------- */

/* To those who look for a port: it is there, and no more. */
static NTSTATUS appear(struct opp_nt_port *port)
{
	NTSTATUS status;

	if (port->interface_link.Buffer)
		return STATUS_SUCCESS;
	status = opp_nt_port_publish(port);
	if (NT_SUCCESS(status))
		opp_nt_wmi_begin(port);
	return status;
}

static void disappear(struct opp_nt_port *port)
{
	if (!port->interface_link.Buffer)
		return;
	opp_nt_wmi_end(port);
	opp_nt_port_withdraw(port);
}

static NTSTATUS start_port(struct opp_nt_object *object, const IO_STACK_LOCATION *stack)
{
	const POWER_STATE on = { .DeviceState = PowerDeviceD0 };
	struct opp_nt_port *port = object->port;
	NTSTATUS status;

	status = opp_nt_port_start(port, stack->Parameters.StartDevice.AllocatedResources,
				   stack->Parameters.StartDevice.AllocatedResourcesTranslated);
	if (!NT_SUCCESS(status))
		return status;
	status = appear(port);
	if (!NT_SUCCESS(status)) {
		opp_nt_port_stop(port);
		return status;
	}
	(void)PoSetPowerState(object->self, DevicePowerState, on);
	object->pnp = OPP_NT_STARTED;
	return STATUS_SUCCESS;
}

static void log_failure(const struct opp_nt_port *port, NTSTATUS why)
{
	NTSTATUS code = OPP_LOG_NOT_STARTED;

	if (why == STATUS_DEVICE_CONFIGURATION_ERROR)
		code = OPP_LOG_NO_RESOURCES;
	else if (why == STATUS_NO_SUCH_DEVICE)
		code = OPP_LOG_NO_REGISTERS;
	else if (why == STATUS_INSUFFICIENT_RESOURCES)
		code = OPP_LOG_NO_MEMORY;
	opp_nt_log(port->self, code, why, port->name);
}

static NTSTATUS start(struct opp_nt_object *object, IRP *irp)
{
	NTSTATUS status = ask_below(object->port, irp);

	if (NT_SUCCESS(status)) {
		status = start_port(object, IoGetCurrentIrpStackLocation(irp));
		if (!NT_SUCCESS(status))
			log_failure(object->port, status);
	}
	return opp_nt_complete(irp, status, irp->IoStatus.Information);
}

static NTSTATUS stop(struct opp_nt_object *object, IRP *irp)
{
	object->pnp = OPP_NT_STOPPED;
	opp_nt_port_stop(object->port);
	return done_here(object->port, irp);
}

/* ---- may it stop, may it go ------------------------------------------------------------------- */

static NTSTATUS query(struct opp_nt_object *object, IRP *irp, enum opp_nt_pnp pending)
{
	if (!opp_nt_pnp_unless_open(object, pending))
		return opp_nt_complete(irp, STATUS_UNSUCCESSFUL, irp->IoStatus.Information);
	return done_here(object->port, irp);
}

/* Comes also when somebody above has refused and nothing was asked here. */
static NTSTATUS cancel(struct opp_nt_object *object, IRP *irp, enum opp_nt_pnp pending)
{
	irp->IoStatus.Status = STATUS_SUCCESS;
	(void)ask_below(object->port, irp);
	opp_nt_pnp_cancel(object, pending);
	return opp_nt_complete(irp, STATUS_SUCCESS, irp->IoStatus.Information);
}

/* ---- removal ------------------------------------------------------------------------------------ */

static NTSTATUS surprise(struct opp_nt_object *object, IRP *irp)
{
	struct opp_nt_port *port = object->port;

	object->pnp = OPP_NT_SURPRISE_REMOVED;
	disappear(port);
	opp_nt_port_remove(port, true);
	return done_here(port, irp);
}

static NTSTATUS remove(struct opp_nt_object *object, IRP *irp)
{
	struct opp_nt_port *port = object->port;
	NTSTATUS status;

	object->pnp = OPP_NT_REMOVED;
	disappear(port);
	opp_nt_port_remove(port, false);
	opp_nt_gate_wait(&object->gate);
	opp_nt_bus_end(port);
	opp_nt_port_end(port);
	status = done_here(port, irp);
	IoDetachDevice(port->lower);
	IoDeleteDevice(object->self);
	opp_nt_port_put(port);
	return status;
}

/* ---- queries ---------------------------------------------------------------------------------------- */

/* Losing it all at once does no harm, and how deep it sleeps is what power.c goes by. */
static NTSTATUS capabilities(struct opp_nt_object *object, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	DEVICE_CAPABILITIES *answer = stack->Parameters.DeviceCapabilities.Capabilities;
	struct opp_nt_port *port = object->port;
	NTSTATUS status = ask_below(port, irp);

	if (NT_SUCCESS(status)) {
		answer->SurpriseRemovalOK = TRUE;
		RtlCopyMemory(port->device_states, answer->DeviceState,
			      sizeof(port->device_states));
	}
	return opp_nt_complete(irp, status, irp->IoStatus.Information);
}

/* Who is below has nothing to say to it. */
static NTSTATUS requirements(struct opp_nt_object *object, IRP *irp)
{
	NTSTATUS status = ask_below(object->port, irp);

	if ((NT_SUCCESS(status) || status == STATUS_NOT_SUPPORTED) &&
	    !object->port->connect_enabled)
		status = opp_nt_drop_interrupts(irp);
	return opp_nt_complete(irp, status, irp->IoStatus.Information);
}

static NTSTATUS relations(struct opp_nt_object *object, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	NTSTATUS status;

	if (stack->Parameters.QueryDeviceRelations.Type != BusRelations)
		return opp_nt_pass_down(object->port, irp);
	status = opp_nt_bus_relations(object->port, irp);
	if (!NT_SUCCESS(status))
		return opp_nt_complete(irp, status, irp->IoStatus.Information);
	return done_here(object->port, irp);
}

NTSTATUS opp_nt_port_pnp(struct opp_nt_object *object, IRP *irp)
{
	switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
	case IRP_MN_START_DEVICE: return start(object, irp);
	case IRP_MN_QUERY_STOP_DEVICE: return query(object, irp, OPP_NT_STOP_PENDING);
	case IRP_MN_CANCEL_STOP_DEVICE: return cancel(object, irp, OPP_NT_STOP_PENDING);
	case IRP_MN_STOP_DEVICE: return stop(object, irp);
	case IRP_MN_QUERY_REMOVE_DEVICE: return query(object, irp, OPP_NT_REMOVE_PENDING);
	case IRP_MN_CANCEL_REMOVE_DEVICE: return cancel(object, irp, OPP_NT_REMOVE_PENDING);
	case IRP_MN_SURPRISE_REMOVAL: return surprise(object, irp);
	case IRP_MN_REMOVE_DEVICE: return remove(object, irp);
	case IRP_MN_QUERY_CAPABILITIES: return capabilities(object, irp);
	case IRP_MN_FILTER_RESOURCE_REQUIREMENTS: return requirements(object, irp);
	case IRP_MN_QUERY_DEVICE_RELATIONS: return relations(object, irp);
	default: return opp_nt_pass_down(object->port, irp);
	}
}

NTSTATUS NTAPI opp_nt_pnp(DEVICE_OBJECT *self, IRP *irp)
{
	struct opp_nt_object *object = self->DeviceExtension;
	const bool removes =
		IoGetCurrentIrpStackLocation(irp)->MinorFunction == IRP_MN_REMOVE_DEVICE;
	NTSTATUS status;

	if (!removes && !opp_nt_gate_enter(&object->gate))
		return opp_nt_complete(irp, STATUS_DELETE_PENDING, irp->IoStatus.Information);
	if (object->kind == OPP_NT_PORT)
		status = opp_nt_port_pnp(object, irp);
	else
		status = opp_nt_device_pnp(opp_nt_device_of(object), irp);
	if (!removes)
		opp_nt_gate_leave(&object->gate);
	return status;
}
