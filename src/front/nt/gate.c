/* SPDX-License-Identifier: MIT */
/*
 * A gate: counts who is inside, so that who closes it can wait for them.
 *
 *	open --wait--> closed, people inside --the last one leaves--> empty
 *
 * One is counted for being open; whoever takes the count to 0 says so.
 */
#include "nt.h"

void opp_nt_gate_init(struct opp_nt_gate *gate)
{
	gate->inside = 1;
	gate->closed = false;
	KeInitializeEvent(&gate->empty, NotificationEvent, FALSE);
}

bool opp_nt_gate_enter(struct opp_nt_gate *gate)
{
	(void)InterlockedIncrement(&gate->inside);
	if (!gate->closed)
		return true;
	opp_nt_gate_leave(gate);
	return false;
}

void opp_nt_gate_again(struct opp_nt_gate *gate)
{
	(void)InterlockedIncrement(&gate->inside);
}

void opp_nt_gate_leave(struct opp_nt_gate *gate)
{
	if (InterlockedDecrement(&gate->inside) == 0)
		(void)KeSetEvent(&gate->empty, IO_NO_INCREMENT, FALSE);
}

void opp_nt_gate_wait(struct opp_nt_gate *gate)
{
	gate->closed = true;
	opp_nt_gate_leave(gate);
	(void)KeWaitForSingleObject(&gate->empty, Executive, KernelMode, FALSE, NULL);
}
