/* SPDX-License-Identifier: MIT */
/*
 * The port's interrupt: connected when the first client is to be let at it, and until the
 * port's end. The driver itself has no use for it and never enables it.
 */
#include <ntddk.h>

#include "messages.h"
#include "nt.h"

static KSERVICE_ROUTINE service;
static BOOLEAN NTAPI service(PKINTERRUPT interrupt, void *context)
{
	struct opp_nt_port *port = context;

	(void)interrupt;
	return opp_contract_interrupt(&port->contract);
}

/* Who asks for the object, or changes what the service routine looks at, has the lock. */
static void set_interrupt(struct opp_nt_port *port, PKINTERRUPT interrupt)
{
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	port->interrupt = interrupt;
	port->description.interrupt_object = interrupt;
	KeReleaseSpinLock(&port->lock, before);
}

static void connect(struct opp_nt_port *port)
{
	const struct opp_nt_resources *resources = &port->resources;
	const KIRQL level = (KIRQL)resources->level;
	PKINTERRUPT interrupt;
	NTSTATUS status;

	status =
		IoConnectInterrupt(&interrupt, service, port, NULL, resources->vector, level, level,
				   resources->mode, resources->shared, resources->affinity, FALSE);
	if (NT_SUCCESS(status)) {
		set_interrupt(port, interrupt);
		return;
	}
	port->resources.has_interrupt = FALSE; /* until the next start: one entry is enough */
	opp_nt_log(port->self, OPP_LOG_INTERRUPT_CONFLICT, status, port->name);
}

/* ---- the setting: device keys are opened in threads of the system only --------------------- */

struct reading {
	struct opp_nt_port *port;
	KEVENT done;
};

static void read_setting(struct opp_nt_port *port)
{
	port->connect_enabled = opp_nt_read_connect_enabled(port->physical);
}

static IO_WORKITEM_ROUTINE read_for_user;
static void NTAPI read_for_user(DEVICE_OBJECT *device, void *context)
{
	struct reading *reading = context;

	(void)device;
	read_setting(reading->port);
	(void)KeSetEvent(&reading->done, IO_NO_INCREMENT, FALSE);
}

/* A system's thread may itself be one that work items wait for. */
static void have_setting_read(struct opp_nt_port *port)
{
	struct reading reading = { .port = port };
	PIO_WORKITEM item;

	if (PsGetCurrentProcessId() == opp_nt_system) {
		read_setting(port);
		return;
	}
	item = IoAllocateWorkItem(port->self);
	if (!item)
		return;
	KeInitializeEvent(&reading.done, NotificationEvent, FALSE);
	IoQueueWorkItem(item, read_for_user, DelayedWorkQueue, &reading);
	(void)KeWaitForSingleObject(&reading.done, Executive, KernelMode, FALSE, NULL);
	IoFreeWorkItem(item);
}

bool opp_nt_interrupt_enable(struct opp_nt_port *port)
{
	if (KeGetCurrentIrql() > PASSIVE_LEVEL)
		return port->connect_enabled;
	have_setting_read(port);
	(void)KeWaitForSingleObject(&port->interrupt_mutex, Executive, KernelMode, FALSE, NULL);
	if (port->connect_enabled && port->resources.has_interrupt && !port->interrupt)
		connect(port);
	(void)KeReleaseMutex(&port->interrupt_mutex, FALSE);
	return port->connect_enabled;
}

void opp_nt_interrupt_disconnect(struct opp_nt_port *port)
{
	PKINTERRUPT interrupt;

	(void)KeWaitForSingleObject(&port->interrupt_mutex, Executive, KernelMode, FALSE, NULL);
	port->resources.has_interrupt = FALSE;
	interrupt = port->interrupt;
	set_interrupt(port, NULL);
	if (interrupt)
		IoDisconnectInterrupt(interrupt);
	(void)KeReleaseMutex(&port->interrupt_mutex, FALSE);
}

struct change {
	void (*change)(void *argument);
	void *argument;
};

static KSYNCHRONIZE_ROUTINE run_change;
static BOOLEAN NTAPI run_change(void *context)
{
	const struct change *change = context;

	change->change(change->argument);
	return TRUE;
}

void opp_nt_synchronize(struct opp_nt_port *port, void (*change)(void *argument), void *argument)
{
	struct change both = { change, argument };

	if (port->interrupt)
		(void)KeSynchronizeExecution(port->interrupt, run_change, &both);
	else
		change(argument);
}
