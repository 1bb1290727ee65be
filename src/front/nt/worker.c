/* SPDX-License-Identifier: MIT */
/*
 * The thread of a port: works on the wire whenever the contract asks for it.
 *
 *	         woken                    done
 *	asleep --------> stepping ------------------> asleep, or gone when told to stop
 *	                  ^    | wait
 *	   time or woken  |    v
 *	                 napping
 *
 * An ask is forgotten when the thread wakes, which is before it steps: one that comes
 * during a step is heeded by another step. Polling between bytes is not sleeping: the
 * contract says how long it is worth it.
 */
#include <ntifs.h>

#include "nt.h"

#define STEP_BUDGET_NS 50000u

/* Between two looks at a line that is polled. */
#define POLL_STALL_US 1

/* Relative times of the system are negative and count 100 ns. */
#define TICKS_A_US (-10)

static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* Returns whether it is time, else the thread was woken. */
static bool sleep(struct opp_nt_port *port, uint64_t until_us)
{
	const uint64_t now_us = opp_nt_now_us();
	LARGE_INTEGER timeout = { .QuadPart = 0 };

	if (until_us > now_us)
		timeout.QuadPart = (LONGLONG)(until_us - now_us) * TICKS_A_US;
	return KeWaitForSingleObject(&port->wake, Executive, KernelMode, FALSE,
				     until_us == UINT64_MAX ? NULL : &timeout) == STATUS_TIMEOUT;
}

/* Until it is time, or woken; the port's clock goes on meanwhile. */
static void nap(struct opp_nt_port *port, uint64_t until_us)
{
	uint64_t tick_us;

	do {
		tick_us = opp_nt_clock_tick(port);
	} while (sleep(port, earlier(tick_us, until_us)) && tick_us < until_us);
}

/* Until there is nothing to do now. Returns when there is again; UINT64_MAX: when woken. */
static uint64_t step_on(struct opp_nt_port *port)
{
	const struct opp_wait *wait = &port->contract.wait;
	enum opp_step step;

	for (;;) {
		opp_nt_clock_set(port);
		step = opp_contract_step(&port->contract, STEP_BUDGET_NS);
		if (step == OPP_STEP_DONE)
			return UINT64_MAX;
		if (step == OPP_STEP_WAIT && !wait->poll)
			return wait->until_us;
		if (step == OPP_STEP_WAIT)
			KeStallExecutionProcessor(POLL_STALL_US);
	}
}

static KSTART_ROUTINE work;
static void NTAPI work(void *context)
{
	struct opp_nt_port *port = context;
	uint64_t until_us;

	port->worker_id = PsGetCurrentThreadId();
	for (;;) {
		until_us = step_on(port);
		if (until_us == UINT64_MAX && port->stop)
			break;
		nap(port, until_us);
	}
	port->worker_id = NULL;
	(void)PsTerminateSystemThread(STATUS_SUCCESS);
}

void opp_nt_worker_wake(struct opp_nt_port *port)
{
	(void)KeSetEvent(&port->wake, IO_NO_INCREMENT, FALSE);
}

static void tell_to_end(struct opp_nt_port *port)
{
	port->stop = true;
	opp_nt_worker_wake(port);
}

NTSTATUS opp_nt_worker_start(struct opp_nt_port *port)
{
	OBJECT_ATTRIBUTES attributes;
	HANDLE thread;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	port->stop = false;
	status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, &attributes, NULL, NULL, work,
				      port);
	if (!NT_SUCCESS(status))
		return status;
	status = ObReferenceObjectByHandle(thread, THREAD_ALL_ACCESS, NULL, KernelMode,
					   (void **)&port->worker, NULL);
	if (!NT_SUCCESS(status)) {
		tell_to_end(port);
		(void)ZwWaitForSingleObject(thread, FALSE, NULL);
	}
	(void)ZwClose(thread);
	return status;
}

void opp_nt_worker_stop(struct opp_nt_port *port)
{
	if (!port->worker)
		return;
	tell_to_end(port);
	(void)KeWaitForSingleObject(port->worker, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(port->worker);
	port->worker = NULL;
}
