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

/*
 * Read under the lock, so who has read it writes it down before anybody else reads, and never
 * back: the system's may differ from processor to processor.
 */
static void set_locked(struct opp_nt_port *port)
{
	const uint64_t now_us = opp_nt_now_us();

	if (now_us > port->now_us)
		port->now_us = now_us;
}

uint64_t opp_nt_clock_read_locked(struct opp_nt_port *port)
{
	port->clock_used = TRUE;
	if (!port->clock_ticks) {
		set_locked(port);
		port->clock_ticks = TRUE;
		opp_nt_worker_wake(port);
	}
	return port->now_us;
}

void opp_nt_clock_stop(struct opp_nt_port *port)
{
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	port->clock_ticks = FALSE;
	KeReleaseSpinLock(&port->lock, before);
}

void opp_nt_clock_set(struct opp_nt_port *port)
{
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	set_locked(port);
	port->clock_ticks = TRUE;
	KeReleaseSpinLock(&port->lock, before);
}

uint64_t opp_nt_clock_tick(struct opp_nt_port *port)
{
	uint64_t due_us = UINT64_MAX;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	port->clock_ticks = port->clock_used;
	port->clock_used = FALSE;
	if (port->clock_ticks) {
		set_locked(port);
		due_us = port->now_us + TICK_US;
	}
	KeReleaseSpinLock(&port->lock, before);
	return due_us;
}
