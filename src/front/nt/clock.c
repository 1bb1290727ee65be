/* SPDX-License-Identifier: MIT */
/*
 * The port's clock. The system's exact one costs more than all the rest of a request, so
 * who asks for the time gets what the worker wrote down last:
 *
 *	                  asked for, or the worker works
 *	standing still -----------------------------------> ticking
 *	      ^                                                |
 *	      '------------------------------------------------'
 *	                 not asked for since the last tick
 *
 * A clock that stands still is set by who asks. Requests to a device stop it, to be exact:
 * they take long anyway.
 */
#include "nt.h"

/* What the system's timers can do. */
#define TICK_US UINT64_C(15000)

#define US_PER_S UINT64_C(1000000)

uint64_t opp_nt_now_us(void)
{
	LARGE_INTEGER frequency;
	const uint64_t now = (uint64_t)KeQueryPerformanceCounter(&frequency).QuadPart;
	const uint64_t rate = (uint64_t)frequency.QuadPart;

	return now / rate * US_PER_S + now % rate * US_PER_S / rate;
}

uint64_t opp_nt_clock_read_locked(struct opp_nt_port *port)
{
	port->clock_used = TRUE;
	if (!port->now_us) {
		port->now_us = opp_nt_now_us();
		opp_nt_worker_wake(port);
	}
	return port->now_us;
}

void opp_nt_clock_stop(struct opp_nt_port *port)
{
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	port->now_us = 0;
	KeReleaseSpinLock(&port->lock, before);
}

void opp_nt_clock_set(struct opp_nt_port *port)
{
	const uint64_t now_us = opp_nt_now_us();
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	port->now_us = now_us;
	KeReleaseSpinLock(&port->lock, before);
}

uint64_t opp_nt_clock_tick(struct opp_nt_port *port)
{
	const uint64_t now_us = opp_nt_now_us();
	bool ticks;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	ticks = port->clock_used;
	port->clock_used = FALSE;
	port->now_us = ticks ? now_us : 0;
	KeReleaseSpinLock(&port->lock, before);
	return ticks ? now_us + TICK_US : UINT64_MAX;
}
