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
#include "nt.h"

#define STEP_BUDGET_NS 50000u

/* Between two looks at a line that is polled. */
#define POLL_STALL_US 1

/* Relative times of the system are negative and count 100 ns. */
#define TICKS_A_US (-10)

/* Naps are not longer; what is due later is due after another one. */
#define LONGEST_NAP_US UINT64_C(60000000)

static LARGE_INTEGER nap(const struct opp_wait *wait)
{
	const uint64_t now_us = opp_nt_now_us();
	uint64_t nap_us = wait->until_us > now_us ? wait->until_us - now_us : 0;

	if (nap_us > LONGEST_NAP_US)
		nap_us = LONGEST_NAP_US;
	return (LARGE_INTEGER){ .QuadPart = (LONGLONG)nap_us * TICKS_A_US };
}

/* Until there is nothing to do now. */
static enum opp_step step_on(struct opp_nt_port *port)
{
	enum opp_step step;

	for (;;) {
		step = opp_contract_step(&port->contract, STEP_BUDGET_NS);
		if (step == OPP_STEP_DONE || (step == OPP_STEP_WAIT && !port->contract.wait.poll))
			return step;
		if (step == OPP_STEP_WAIT)
			KeStallExecutionProcessor(POLL_STALL_US);
	}
}

static KSTART_ROUTINE work;
static void NTAPI work(void *context)
{
	struct opp_nt_port *port = context;
	LARGE_INTEGER timeout;
	enum opp_step step;

	do {
		step = step_on(port);
		if (step == OPP_STEP_WAIT)
			timeout = nap(&port->contract.wait);
		if (step == OPP_STEP_WAIT || !port->stop)
			(void)KeWaitForSingleObject(&port->wake, Executive, KernelMode, FALSE,
						    step == OPP_STEP_WAIT ? &timeout : NULL);
	} while (step == OPP_STEP_WAIT || !port->stop);
	(void)PsTerminateSystemThread(STATUS_SUCCESS);
}

void opp_nt_worker_wake(struct opp_nt_port *port)
{
	(void)KeSetEvent(&port->wake, IO_NO_INCREMENT, FALSE);
}

NTSTATUS opp_nt_worker_start(struct opp_nt_port *port)
{
	HANDLE thread;
	NTSTATUS status;

	port->stop = FALSE;
	status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, work, port);
	if (!NT_SUCCESS(status))
		return status;
	status = ObReferenceObjectByHandle(thread, THREAD_ALL_ACCESS, NULL, KernelMode,
					   (void **)&port->worker, NULL);
	(void)ZwClose(thread);
	return status;
}

void opp_nt_worker_stop(struct opp_nt_port *port)
{
	if (!port->worker)
		return;
	port->stop = TRUE;
	opp_nt_worker_wake(port);
	(void)KeWaitForSingleObject(port->worker, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(port->worker);
	port->worker = NULL;
}
