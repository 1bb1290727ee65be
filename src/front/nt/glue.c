/* SPDX-License-Identifier: MIT */
/*
 * What the contract asks of a front end, but for what irp.c, interrupt.c and bus.c do.
 */
#include <ntddk.h>

#include "nt.h"

/* A thread that waits in a device's callback. On its stack; await_lock. */
struct opp_nt_awaiter {
	const struct opp_request *request;
	KEVENT ended;
	LIST_ENTRY link;
};

static void op_lock(void *context)
{
	struct opp_nt_port *port = context;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	port->lock_irql = before;
}

static void op_unlock(void *context)
{
	struct opp_nt_port *port = context;

	KeReleaseSpinLock(&port->lock, port->lock_irql);
}

static uint64_t op_now_us(void *context)
{
	return opp_nt_clock_read_locked(context);
}

static bool op_pend(void *context, struct opp_request *request, bool cancelable)
{
	(void)context;
	return opp_nt_request_pend(request, cancelable);
}

static bool op_take(void *context, struct opp_request *request)
{
	(void)context;
	return opp_nt_request_take(request);
}

/* ---- requests of callbacks ----------------------------------------------------------------- */

static struct opp_nt_awaiter *awaiter_locked(struct opp_nt_port *port,
					     const struct opp_request *request)
{
	LIST_ENTRY *link;

	for (link = port->awaiters.Flink; link != &port->awaiters; link = link->Flink) {
		struct opp_nt_awaiter *awaiter =
			CONTAINING_RECORD(link, struct opp_nt_awaiter, link);

		if (awaiter->request == request)
			return awaiter;
	}
	return NULL;
}

static void end_awaited(struct opp_nt_port *port, struct opp_request *request)
{
	struct opp_nt_awaiter *awaiter;
	KIRQL before;

	KeAcquireSpinLock(&port->await_lock, &before);
	awaiter = awaiter_locked(port, request);
	request->ended = true;
	if (awaiter)
		(void)KeSetEvent(&awaiter->ended, IO_NO_INCREMENT, FALSE);
	KeReleaseSpinLock(&port->await_lock, before);
}

/* The worker is a thread of the system's process, where no user has memory. */
static enum opp_status op_may_await(void *context, const struct opp_request *request)
{
	struct opp_nt_port *port = context;
	const void *bytes = request->device_req.bytes;

	if (bytes && (ULONG_PTR)bytes <= (ULONG_PTR)MmHighestUserAddress)
		return OPP_INVALID_PARAMETER;
	return PsGetCurrentThreadId() == port->worker_id ? OPP_INVALID_DEVICE_STATE : OPP_SUCCESS;
}

static void op_await(void *context, struct opp_request *request)
{
	struct opp_nt_port *port = context;
	struct opp_nt_awaiter awaiter = { .request = request };
	KIRQL before;
	bool ended;

	KeInitializeEvent(&awaiter.ended, NotificationEvent, FALSE);
	KeAcquireSpinLock(&port->await_lock, &before);
	ended = request->ended;
	InsertTailList(&port->awaiters, &awaiter.link);
	KeReleaseSpinLock(&port->await_lock, before);
	if (!ended)
		(void)KeWaitForSingleObject(&awaiter.ended, Executive, KernelMode, FALSE, NULL);
	KeAcquireSpinLock(&port->await_lock, &before);
	(void)RemoveEntryList(&awaiter.link);
	KeReleaseSpinLock(&port->await_lock, before);
}

static void op_complete(void *context, struct opp_request *request)
{
	if (request->awaited)
		end_awaited(context, request);
	else
		opp_nt_request_ended(request);
}

/* ---- who is to be called ---------------------------------------------------------------------- */

static void op_devices_changed(void *context)
{
	opp_nt_bus_changed(context);
}

static void op_settle_later(void *context)
{
	struct opp_nt_port *port = context;

	(void)KeInsertQueueDpc(&port->settle, NULL, NULL);
}

static void op_step_later(void *context)
{
	opp_nt_worker_wake(context);
}

static void op_synchronize(void *context, void (*change)(void *argument), void *argument)
{
	opp_nt_synchronize(context, change, argument);
}

static bool op_connect_enabled(void *context)
{
	return opp_nt_interrupt_enable(context);
}

static uint32_t op_process_of(void *context, struct opp_client *client)
{
	(void)context;
	return opp_nt_process_of(client);
}

const struct opp_contract_ops opp_nt_ops = {
	.lock = op_lock,
	.unlock = op_unlock,
	.now_us = op_now_us,
	.pend = op_pend,
	.take = op_take,
	.complete = op_complete,
	.await = op_await,
	.may_await = op_may_await,
	.devices_changed = op_devices_changed,
	.settle_later = op_settle_later,
	.step_later = op_step_later,
	.synchronize = op_synchronize,
	.connect_enabled = op_connect_enabled,
	.process_of = op_process_of,
};
