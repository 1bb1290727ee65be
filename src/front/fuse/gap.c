/* SPDX-License-Identifier: MIT */
#include "gap.h"

#include <openparport/hosted/parportd_ioctl.h>

static bool others_have_jobs(const struct opp_served_port *port,
			     const struct opp_served_device *device)
{
	for (size_t place = 0; place < OPP_SCAN_PLACES; place++)
		if (&port->devices[place] != device && !TAILQ_EMPTY(&port->devices[place].jobs))
			return true;
	return false;
}

bool opp_gap_is_closed(const struct opp_served_port *port)
{
	return others_have_jobs(port, NULL);
}

bool opp_gap_await(struct opp_gap_waiter *waiter)
{
	struct opp_served_port *port = waiter->file->port;

	if (!opp_gap_is_closed(port))
		return false;
	waiter->waiting = true;
	waiter->since_us = opp_now_us();
	TAILQ_INSERT_TAIL(&port->gap_waiters, waiter, link);
	return true;
}

void opp_gap_leave(struct opp_gap_waiter *waiter)
{
	if (!waiter->waiting)
		return;
	waiter->waiting = false;
	TAILQ_REMOVE(&waiter->file->port->gap_waiters, waiter, link);
}

void opp_gap_tell(struct opp_served_device *device)
{
	struct opp_served_port *port = device->port;
	struct opp_gap_waiter *waiter;

	if (others_have_jobs(port, device))
		return;
	while ((waiter = TAILQ_FIRST(&port->gap_waiters))) {
		opp_gap_leave(waiter);
		waiter->come(waiter);
	}
}

void opp_gap_describe(const struct opp_served_port *port, struct opp_ioc_status *status)
{
	const struct opp_gap_waiter *waiter;

	TAILQ_FOREACH(waiter, &port->gap_waiters, link) {
		status->waiters++;
		if (status->listed == OPP_IOC_WAITERS_MAX)
			continue;
		opp_file_describe(waiter->file, waiter->since_us,
				  &status->waiter[status->listed++]);
	}
}
