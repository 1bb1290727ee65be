/* SPDX-License-Identifier: MIT */
/*
 * Arbitration of a host port: clients and their requests.
 *
 * Every function enters, makes one step of the engine, notes in order what that
 * step did, and leaves; clients are told while leaving, with the lock dropped.
 * Bytes are moved by worker.c.
 */
#include "host.h"

/* ---- one step ------------------------------------------------------------------- */

static enum opp_host_event_kind kind_of_end(const struct opp_host_req *req)
{
	if (req->engine.status == OPP_SUCCESS)
		return OPP_HOST_GRANTED;
	if (req->engine.status == OPP_DEVICE_BUSY)
		return OPP_HOST_EXPIRED;
	if (req->engine.status == OPP_KICKED)
		return OPP_HOST_KICKED;
	return req->client->closing ? OPP_HOST_DROPPED : OPP_HOST_CANCELLED;
}

void opp_host_note_newer_locked(struct opp_host_port *port, struct opp_link *link)
{
	const struct opp_link *ends = &port->engine.finished.ends;

	for (; link != ends; link = link->next) {
		const struct opp_host_req *req =
			opp_host_req_of(OPP_NODE(link, struct opp_req, queue_link));

		if (req->engine.status == OPP_SUCCESS)
			port->hold = req->number;
		opp_observe_request_locked(port, kind_of_end(req), req->number, req->client,
					   req->engine.status);
	}
}

void opp_host_complete_locked(struct opp_host_port *port, struct opp_host_req *req,
			      enum opp_status status)
{
	struct opp_host_client *client = req->client;
	void (*gone)(struct opp_host_client * client) = NULL;

	req->active = false;
	opp_lock_give(&port->lock);
	req->complete(req, status);
	opp_lock_take(&port->lock);
	if (--client->unfinished == 0)
		gone = client->gone;
	if (!gone)
		return;
	opp_lock_give(&port->lock);
	gone(client);
	opp_lock_take(&port->lock);
}

/* Nobody can do a job whose turn came as the port was removed. */
static void give_up_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	const struct opp_link *last = port->engine.finished.ends.previous;

	(void)opp_port_free_locked(&port->engine, &req->client->engine, opp_host_now_locked(port));
	if (port->hold == req->number)
		opp_host_hold_ended_locked(port, OPP_HOST_DROPPED, req->client, last);
}

/* A job whose turn has come goes to the worker, unless it lost the port on the way here. */
static void tell_one_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	enum opp_status status = req->engine.status;

	if (req->job && status == OPP_SUCCESS) {
		if (port->engine.presence != OPP_PORT_PRESENT) {
			give_up_locked(port, req);
			status = OPP_DELETE_PENDING;
		} else if (port->hold == req->number) {
			opp_worker_start_locked(port, req);
			return;
		} else {
			status = req->client->engine.kicked ? OPP_KICKED : OPP_CANCELLED;
		}
	}
	opp_host_complete_locked(port, req, status);
}

void opp_host_tell_locked(struct opp_host_port *port)
{
	struct opp_event event;

	if (opp_port_wants_wire_locked(&port->engine)) {
		if (port->at_rest)
			opp_port_wire_done_locked(&port->engine, OPP_SUCCESS,
						  opp_host_now_locked(port));
		else
			opp_worker_nudge_locked(port);
	}
	if (!opp_port_begin_events_locked(&port->engine))
		return;
	while (opp_port_next_event_locked(&port->engine, &event, opp_host_now_locked(port)))
		tell_one_locked(port, opp_host_req_of(event.req));
}

/* ---- clients --------------------------------------------------------------------- */

enum opp_status opp_host_open(struct opp_host_port *port, struct opp_host_client *client)
{
	enum opp_status status;

	(void)opp_host_enter(port);
	status = opp_port_open_locked(&port->engine, &client->engine);
	client->number = ++port->clients;
	client->unfinished = 0;
	client->closing = false;
	client->gone = NULL;
	opp_host_leave(port);
	return status;
}

void opp_host_close(struct opp_host_port *port, struct opp_host_client *client, bool dead,
		    void (*gone)(struct opp_host_client *client))
{
	const struct opp_link *last = opp_host_enter(port);
	const bool held = opp_host_is_holder_locked(port, client);
	bool idle;

	client->closing = true;
	if (held)
		opp_worker_stop_all_locked(port, OPP_CANCELLED);
	opp_port_close_locked(&port->engine, &client->engine, dead, opp_host_now_locked(port));
	if (held)
		opp_host_hold_ended_locked(port, OPP_HOST_DROPPED, client, last);
	else
		opp_host_note_finished_locked(port, last);
	idle = client->unfinished == 0;
	if (!idle)
		client->gone = gone;
	opp_host_leave(port);
	if (idle)
		gone(client);
}

/* ---- requests --------------------------------------------------------------------- */

static enum opp_status submit_work_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	if (port->engine.presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	if (req->client->engine.kicked)
		return OPP_KICKED;
	if (!opp_host_is_holder_locked(port, req->client))
		return OPP_INVALID_DEVICE_STATE;
	opp_worker_start_locked(port, req);
	return OPP_PENDING;
}

static enum opp_status submit_allocate_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	enum opp_status status =
		opp_port_submit_locked(&port->engine, &req->engine, opp_host_now_locked(port));

	if (status == OPP_PENDING)
		opp_observe_request_locked(port, OPP_HOST_QUEUED, req->number, req->client, status);
	if (status != OPP_SUCCESS)
		return status;
	port->hold = req->number;
	opp_observe_request_locked(port, OPP_HOST_GRANTED, req->number, req->client, status);
	if (!req->job)
		return OPP_SUCCESS;
	opp_worker_start_locked(port, req);
	return OPP_PENDING;
}

enum opp_status opp_host_submit(struct opp_host_port *port, struct opp_host_req *req)
{
	enum opp_status status;

	req->engine.client = &req->client->engine;
	req->engine.kind = req->on_device ? OPP_REQ_SELECT : OPP_REQ_ALLOCATE;
	req->engine.state = OPP_REQ_IDLE;
	req->engine.needs_wire = req->on_device;
	req->engine.address = req->slot;
	req->active = false;
	req->stage = OPP_HOST_NOT_BEGUN;
	req->ended = OPP_SUCCESS;
	if ((req->kind == OPP_HOST_SELECT || req->on_device) && req->slot >= OPP_CHAIN_DEVICES)
		return OPP_INVALID_PARAMETER;
	if (req->kind == OPP_HOST_ALLOCATE && req->job)
		return OPP_INVALID_PARAMETER;
	if (req->kind == OPP_HOST_BATCH && !opp_host_batch_is_valid(req->ops, req->count))
		return OPP_INVALID_PARAMETER;
	(void)opp_host_enter(port);
	req->number = ++port->requests;
	if (req->kind != OPP_HOST_ALLOCATE && !req->job)
		status = submit_work_locked(port, req);
	else
		status = submit_allocate_locked(port, req);
	if (status == OPP_PENDING) {
		req->active = true;
		req->client->unfinished++;
	}
	opp_host_leave(port);
	return status;
}

enum opp_status opp_host_try_allocate(struct opp_host_port *port, struct opp_host_client *client)
{
	enum opp_status status = OPP_DEVICE_BUSY;

	(void)opp_host_enter(port);
	if (opp_port_try_allocate_locked(&port->engine, &client->engine,
					 opp_host_now_locked(port))) {
		status = OPP_SUCCESS;
		port->hold = ++port->requests;
		opp_observe_request_locked(port, OPP_HOST_GRANTED, port->hold, client, status);
	} else if (port->engine.presence != OPP_PORT_PRESENT) {
		status = OPP_DELETE_PENDING;
	} else if (client->engine.kicked) {
		status = OPP_KICKED;
	}
	opp_host_leave(port);
	return status;
}

bool opp_host_cancel(struct opp_host_port *port, struct opp_host_req *req)
{
	const struct opp_link *last = opp_host_enter(port);
	bool in_time = req->active;

	if (in_time && req->engine.state == OPP_REQ_QUEUED) {
		in_time = opp_port_cancel_locked(&port->engine, &req->engine);
		opp_host_note_finished_locked(port, last);
	} else if (in_time && req->kind != OPP_HOST_ALLOCATE) {
		opp_request_end_locked(req, OPP_CANCELLED);
		opp_worker_nudge_locked(port);
	} else {
		in_time = false;
	}
	opp_host_leave(port);
	return in_time;
}

bool opp_host_expire(struct opp_host_port *port, struct opp_host_req *req)
{
	const struct opp_link *last = opp_host_enter(port);
	bool in_time = opp_port_expire_locked(&port->engine, &req->engine);

	opp_host_note_finished_locked(port, last);
	opp_host_leave(port);
	return in_time;
}

enum opp_status opp_host_free(struct opp_host_port *port, struct opp_host_client *client)
{
	const struct opp_link *last = opp_host_enter(port);
	const bool held = opp_host_is_holder_locked(port, client);
	enum opp_status status;

	if (held)
		opp_worker_stop_all_locked(port, OPP_CANCELLED);
	status = opp_port_free_locked(&port->engine, &client->engine, opp_host_now_locked(port));
	if (held)
		opp_host_hold_ended_locked(port, OPP_HOST_RELEASED, client, last);
	else if (client->engine.kicked)
		status = OPP_KICKED;
	opp_host_leave(port);
	return status;
}

enum opp_status opp_host_kick(struct opp_host_port *port, uint64_t client)
{
	const struct opp_link *last = opp_host_enter(port);
	struct opp_client *holder = port->engine.holder;
	enum opp_status status = OPP_INVALID_DEVICE_STATE;

	if (holder && (!client || opp_host_client_of(holder)->number == client)) {
		opp_worker_stop_all_locked(port, OPP_KICKED);
		status = opp_port_kick_locked(&port->engine, opp_host_now_locked(port));
		opp_host_hold_ended_locked(port, OPP_HOST_KICKED, opp_host_client_of(holder), last);
	}
	opp_host_leave(port);
	return status;
}
