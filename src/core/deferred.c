/* SPDX-License-Identifier: MIT */
/*
 * Deferred routines: told, one after the other in connect order, that the port
 * has become free and nobody waits (S-43).
 *
 * A round stops as soon as the port is taken. A routine that takes the port and
 * frees it again does not start the round anew, or two such routines would call
 * each other for ever; only somebody who tried in vain meanwhile does.
 */
#include "core.h"

static struct opp_deferred *deferred_of(struct opp_link *link)
{
	return link ? OPP_NODE(link, struct opp_deferred, link) : NULL;
}

void opp_port_connect_deferred_locked(struct opp_port *port, struct opp_deferred *deferred)
{
	deferred->leaving = false;
	opp_queue_append(&port->deferred, &deferred->link);
}

enum opp_status opp_port_disconnect_deferred_locked(struct opp_port *port,
						    struct opp_deferred *deferred)
{
	if (port->deferred_next == deferred)
		port->deferred_next = deferred_of(opp_queue_next(&port->deferred, &deferred->link));
	opp_queue_remove(&port->deferred, &deferred->link);
	if (port->deferred_running != deferred)
		return OPP_SUCCESS;
	deferred->leaving = true;
	return OPP_PENDING;
}

void opp_deferred_start_round_locked(struct opp_port *port)
{
	bool under_way = port->deferred_running || port->deferred_next;

	if (under_way && !port->round_again)
		return;
	port->round_again = false;
	port->deferred_next = deferred_of(opp_queue_first(&port->deferred));
}

void opp_deferred_tried_in_vain_locked(struct opp_port *port)
{
	if (port->deferred_running || port->deferred_next)
		port->round_again = true;
}

bool opp_deferred_returned_locked(struct opp_port *port, struct opp_event *event)
{
	struct opp_deferred *returned = port->deferred_running;

	port->deferred_running = NULL;
	if (!returned || !returned->leaving)
		return false;
	event->kind = OPP_EVENT_DEFERRED_GONE;
	event->deferred = returned;
	return true;
}

bool opp_deferred_next_locked(struct opp_port *port, bool is_free, struct opp_event *event)
{
	struct opp_deferred *next = is_free ? port->deferred_next : NULL;

	port->deferred_running = next;
	port->deferred_next = NULL;
	if (!next)
		return false;
	port->deferred_next = deferred_of(opp_queue_next(&port->deferred, &next->link));
	event->kind = OPP_EVENT_DEFERRED;
	event->deferred = next;
	return true;
}
