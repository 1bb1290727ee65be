/* SPDX-License-Identifier: MIT */
/*
 * The lock, and what is told when it is given back: one by one, with no lock held, by
 * one caller at a time. Whoever causes something to be told while another one is
 * telling leaves it to that one, so the depth is constant however much a completion
 * does.
 */
#include "devices.h"

uint64_t opp_contract_lock(struct opp_contract_port *port)
{
	port->ops->lock(port->context);
	return opp_contract_now_locked(port);
}

/* ---- requests in the port's line ----------------------------------------------------- */

static bool take(void *context, struct opp_req *req)
{
	struct opp_contract_port *port = opp_contract_of(context);

	return req == &port->look.req ||
	       port->ops->take(port->context, OPP_NODE(req, struct opp_request, req));
}

const struct opp_port_ops opp_contract_engine_ops = { .take = take };

/* ---- telling --------------------------------------------------------------------------- */

static void complete_unlocked(struct opp_contract_port *port, struct opp_request *request)
{
	port->ops->unlock(port->context);
	port->ops->complete(port->context, request);
	port->ops->lock(port->context);
}

static void tell_finished_locked(struct opp_contract_port *port, struct opp_req *req)
{
	struct opp_device *device = opp_device_of(req);
	struct opp_request *request;

	if (device) {
		opp_device_granted_locked(device, opp_contract_now_locked(port));
		port->stirred = true;
		return;
	}
	if (req == &port->look.req) {
		opp_look_served_locked(port, opp_contract_now_locked(port));
		return;
	}
	request = OPP_NODE(req, struct opp_request, req);
	request->status = req->status;
	complete_unlocked(port, request);
}

static void tell_event_locked(struct opp_contract_port *port, const struct opp_event *event)
{
	struct opp_request *request;

	switch (event->kind) {
	case OPP_EVENT_FINISHED: tell_finished_locked(port, event->req); break;
	case OPP_EVENT_DEFERRED:
		port->ops->unlock(port->context);
		event->deferred->routine(event->deferred->context);
		port->ops->lock(port->context);
		break;
	case OPP_EVENT_DEFERRED_GONE:
		request = opp_deferred_gone_locked(port, event->deferred);
		if (request)
			complete_unlocked(port, request);
		break;
	case OPP_EVENT_NONE: break;
	}
}

static void tell_of_devices_unlocked(struct opp_contract_port *port)
{
	if (!port->ops->devices_changed)
		return;
	port->ops->unlock(port->context);
	port->ops->devices_changed(port->context);
	port->ops->lock(port->context);
}

static bool next_event_locked(struct opp_contract_port *port, struct opp_event *event)
{
	if (!port->port.telling && !opp_port_begin_events_locked(&port->port))
		return false;
	return opp_port_next_event_locked(&port->port, event, opp_contract_now_locked(port));
}

/* Returns false when there is nothing left. */
static bool tell_one_locked(struct opp_contract_port *port)
{
	struct opp_link *link = opp_queue_first(&port->answered);
	struct opp_event event;

	if (link) {
		opp_queue_remove(&port->answered, link);
		complete_unlocked(port, OPP_NODE(link, struct opp_request, link));
	} else if (port->devices_changed) {
		port->devices_changed = false;
		tell_of_devices_unlocked(port);
	} else if (next_event_locked(port, &event)) {
		tell_event_locked(port, &event);
	} else {
		return false;
	}
	return true;
}

/* What a step has led to, before anybody is told of it. */
static void heed_step_locked(struct opp_contract_port *port)
{
	opp_devices_answer_locked(port);
	if (port->ops->changed)
		port->ops->changed(port->context);
}

void opp_contract_tell_and_unlock(struct opp_contract_port *port)
{
	heed_step_locked(port);
	if (!port->telling) {
		port->telling = true;
		while (tell_one_locked(port))
			heed_step_locked(port);
		port->telling = false;
	}
	if (port->stirred || opp_wants_step_locked(port)) {
		port->stirred = false;
		port->ops->step_later(port->context);
	}
	port->ops->unlock(port->context);
}
