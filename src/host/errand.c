/* SPDX-License-Identifier: MIT */
/*
 * What a caller does on the wire by itself, where it must not wait for the wire: the
 * port's worker runs it, between two steps of whatever else it does.
 *
 *	opp_host_errand --> queued --> runs --> told
 *	       |              '-- opp_host_recall: neither
 *	       '-- at once, on a port whose accesses take no longer than the hardware
 */
#include "host.h"

static struct opp_host_errand *first_locked(struct opp_host_port *port)
{
	return OPP_NODE(opp_queue_first(&port->errands), struct opp_host_errand, link);
}

static void take_out_locked(struct opp_host_port *port, struct opp_host_errand *errand)
{
	opp_queue_remove(&port->errands, &errand->link);
	errand->queued = false;
	port->errand_waits = port->errands.count;
}

bool opp_host_errand(struct opp_host_port *port, struct opp_host_errand *errand)
{
	bool queued = false;

	if (port->lent) {
		opp_host_enter(port);
		queued = !port->worker_over;
		errand->queued = queued;
		if (queued) {
			errand->client->unfinished++;
			opp_queue_append(&port->errands, &errand->link);
			port->errand_waits = true;
			opp_worker_nudge_locked(port);
		}
		opp_host_leave(port);
	}
	if (!queued)
		errand->run(errand);
	return !queued;
}

bool opp_host_recall(struct opp_host_port *port, struct opp_host_errand *errand)
{
	bool in_time;

	opp_host_enter(port);
	in_time = errand->queued;
	if (in_time) {
		take_out_locked(port, errand);
		opp_host_let_go_locked(port, errand->client);
	}
	opp_host_leave(port);
	return in_time;
}

void opp_errand_run_locked(struct opp_host_port *port)
{
	struct opp_host_errand *errand = first_locked(port);
	void (*told)(struct opp_host_errand * errand) = errand->told;
	struct opp_host_client *client = errand->client;

	take_out_locked(port, errand);
	opp_lock_give(&port->lock);
	errand->run(errand);
	told(errand);
	opp_host_enter(port);
	opp_host_let_go_locked(port, client);
}
