/* SPDX-License-Identifier: MIT */
/*
 * The port's interrupt: connected when the first client is to be let at it, and until the
 * port's end. The driver itself has no use for it and never enables it.
 */
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

bool opp_nt_interrupt_enable(struct opp_nt_port *port)
{
	if (KeGetCurrentIrql() > PASSIVE_LEVEL)
		return port->connect_enabled;
	(void)KeWaitForSingleObject(&port->interrupt_mutex, Executive, KernelMode, FALSE, NULL);
	port->connect_enabled = opp_nt_read_connect_enabled(port->physical);
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
