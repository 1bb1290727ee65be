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

static enum opp_host_event_kind kind_of_end(enum opp_status status,
					    const struct opp_host_client *client)
{
	if (status == OPP_SUCCESS)
		return OPP_HOST_GRANTED;
	if (status == OPP_DEVICE_BUSY)
		return OPP_HOST_EXPIRED;
	if (status == OPP_KICKED)
		return OPP_HOST_KICKED;
	return client->closing ? OPP_HOST_DROPPED : OPP_HOST_CANCELLED;
}

/* The number of a request that has finished; 0: of a device that was never seen in line. */
static uint64_t number_of(struct opp_host_port *port, struct opp_req *engine)
{
	uint64_t number;

	if (!engine->client->is_device)
		return opp_host_req_of(engine)->number;
	number = opp_host_turn_of(port, engine->client)->request;
	opp_host_turn_of(port, engine->client)->request = 0;
	return number;
}

/* Who was not told to stand in line is not told to have left it. */
static void note_locked(struct opp_host_port *port, struct opp_req *engine)
{
	const struct opp_host_client *client = opp_host_client_of(port, engine->client);
	const enum opp_status status = engine->status;
	uint64_t number = number_of(port, engine);

	if (!number && status != OPP_SUCCESS)
		return;
	if (!number)
		number = ++port->requests;
	if (status == OPP_SUCCESS)
		port->hold = number;
	opp_observe_request_locked(port, kind_of_end(status, client), number, client, status);
}

static struct opp_req *finished_of(struct opp_link *link)
{
	return OPP_NODE(link, struct opp_req, queue_link);
}

void opp_host_note_finished_locked(struct opp_host_port *port)
{
	const struct opp_link *ends = &port->contract.port.finished.ends;
	struct opp_link *link = ends->previous;

	while (link != ends && !finished_of(link)->noted)
		link = link->previous;
	for (link = link->next; link != ends; link = link->next) {
		finished_of(link)->noted = true;
		note_locked(port, finished_of(link));
	}
}

void opp_host_let_go_locked(struct opp_host_port *port, struct opp_host_client *client)
{
	void (*gone)(struct opp_host_client * client) = NULL;

	if (--client->unfinished == 0)
		gone = client->gone;
	if (!gone)
		return;
	opp_lock_give(&port->lock);
	gone(client);
	opp_host_enter(port);
}

void opp_host_complete_locked(struct opp_host_port *port, struct opp_host_req *req,
			      enum opp_status status)
{
	struct opp_host_client *client = req->client;

	req->active = false;
	opp_host_note_finished_locked(port);
	opp_lock_give(&port->lock);
	req->complete(req, status);
	opp_host_enter(port);
	opp_host_let_go_locked(port, client);
}

/* Nobody can do a job whose turn came as the port was removed. */
static void give_up_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	if (port->hold != req->number)
		return;
	(void)opp_port_free_locked(&port->contract.port, &req->client->engine,
				   opp_host_now_locked(port));
	opp_host_hold_ended_locked(port, OPP_HOST_DROPPED, req->client, OPP_SUCCESS);
}

void opp_host_tell_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	enum opp_status status = req->contract.status;

	if (req->job && status == OPP_SUCCESS) {
		if (port->contract.port.presence != OPP_PORT_PRESENT) {
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

/* ---- clients --------------------------------------------------------------------- */

enum opp_status opp_host_open(struct opp_host_port *port, struct opp_host_client *client)
{
	enum opp_status status;

	opp_host_enter(port);
	status = opp_port_open_locked(&port->contract.port, &client->engine);
	client->number = ++port->clients;
	client->unfinished = 0;
	client->closing = false;
	client->device = NULL;
	client->gone = NULL;
	opp_host_leave(port);
	return status;
}

void opp_host_close(struct opp_host_port *port, struct opp_host_client *client, bool dead,
		    void (*gone)(struct opp_host_client *client))
{
	bool held, idle;

	opp_host_close_device(port, client);
	opp_host_enter(port);
	held = opp_host_is_holder_locked(port, client);
	client->closing = true;
	if (held)
		opp_worker_stop_all_locked(port, OPP_CANCELLED);
	opp_port_close_locked(&port->contract.port, &client->engine,
			      dead && port->config.on_death == OPP_ON_DEATH_IDLE,
			      opp_host_now_locked(port));
	/* An errand of its own may be about to ask for the port. */
	client->engine.kicked = true;
	if (held)
		opp_host_hold_ended_locked(port, OPP_HOST_DROPPED, client, OPP_SUCCESS);
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
	if (port->contract.port.presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	if (req->client->engine.kicked)
		return OPP_KICKED;
	if (!opp_host_is_holder_locked(port, req->client) || port->contract.caller_works)
		return OPP_INVALID_DEVICE_STATE;
	if (!opp_port_has_power_locked(&port->contract.port))
		return OPP_DEVICE_POWERED_OFF;
	opp_worker_start_locked(port, req);
	return OPP_PENDING;
}

static enum opp_status submit_allocate_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	enum opp_status status = opp_port_submit_locked(&port->contract.port, &req->contract.req,
							opp_host_now_locked(port));

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

/* Returns false when @req makes no sense, whoever asks. */
static bool prepare(struct opp_host_req *req)
{
	req->contract.client = &req->client->engine;
	req->contract.object = OPP_OBJECT_PORT;
	req->active = false;
	req->taken = false;
	req->cancelling = false;
	req->stage = OPP_HOST_NOT_BEGUN;
	req->ended = OPP_SUCCESS;
	if ((req->kind == OPP_HOST_SELECT || req->on_device) && req->slot >= OPP_CHAIN_DEVICES)
		return false;
	if (req->kind == OPP_HOST_BATCH && !opp_host_batch_is_valid(req->ops, req->count))
		return false;
	return !req->job || (req->kind != OPP_HOST_ALLOCATE && req->kind != OPP_HOST_DOCUMENTED);
}

enum opp_status opp_host_submit(struct opp_host_port *port, struct opp_host_req *req)
{
	enum opp_status status;

	if (!prepare(req))
		return OPP_INVALID_PARAMETER;
	if (req->kind == OPP_HOST_DOCUMENTED)
		return opp_host_submit_control(port, req);
	req->contract.req = (struct opp_req){
		.client = &req->client->engine,
		.kind = req->on_device ? OPP_REQ_SELECT : OPP_REQ_ALLOCATE,
		.needs_wire = req->on_device,
		.address = req->slot,
	};
	opp_host_enter(port);
	req->number = ++port->requests;
	if (req->kind != OPP_HOST_ALLOCATE && !req->job)
		status = submit_work_locked(port, req);
	else
		status = submit_allocate_locked(port, req);
	if (status == OPP_PENDING)
		opp_host_pend_locked(req);
	opp_host_leave(port);
	return status;
}

/* Nobody's but its system's, of whom it has to be claimed. */
static bool is_to_be_lent_locked(struct opp_host_port *port)
{
	const struct opp_port *engine = &port->contract.port;

	if (!port->lent || opp_port_waiters_locked(engine))
		return false;
	switch (opp_port_state_locked(&port->contract.port, opp_host_now_locked(port))) {
	case OPP_PORT_FREE:
	case OPP_PORT_RELEASING: return true;
	default: return false;
	}
}

enum opp_status opp_host_try_allocate(struct opp_host_port *port, struct opp_host_client *client)
{
	enum opp_status status = OPP_DEVICE_BUSY;

	opp_host_enter(port);
	if (opp_port_try_allocate_locked(&port->contract.port, &client->engine,
					 opp_host_now_locked(port))) {
		status = OPP_SUCCESS;
		port->hold = ++port->requests;
		opp_observe_request_locked(port, OPP_HOST_GRANTED, port->hold, client, status);
	} else if (port->contract.port.presence != OPP_PORT_PRESENT) {
		status = OPP_DELETE_PENDING;
	} else if (client->engine.kicked) {
		status = OPP_KICKED;
	} else if (is_to_be_lent_locked(port)) {
		status = OPP_PENDING;
	}
	opp_host_leave(port);
	return status;
}

bool opp_host_cancel(struct opp_host_port *port, struct opp_host_req *req)
{
	bool in_time;

	opp_host_enter(port);
	in_time = req->active;
	if (in_time && req->contract.object == OPP_OBJECT_DEVICE) {
		in_time = !req->taken;
		req->cancelling = in_time;
	} else if (in_time && req->contract.req.state == OPP_REQ_QUEUED) {
		in_time = opp_port_cancel_locked(&port->contract.port, &req->contract.req);
	} else if (in_time && req->kind != OPP_HOST_ALLOCATE && req->kind != OPP_HOST_DOCUMENTED) {
		opp_request_end_locked(req, OPP_CANCELLED);
		opp_worker_nudge_locked(port);
	} else {
		in_time = false;
	}
	opp_host_leave(port);
	if (in_time && req->contract.object == OPP_OBJECT_DEVICE)
		opp_contract_cancel(&port->contract, &req->contract);
	return in_time;
}

bool opp_host_expire(struct opp_host_port *port, struct opp_host_req *req)
{
	bool in_time;

	opp_host_enter(port);
	in_time = opp_port_expire_locked(&port->contract.port, &req->contract.req);
	opp_host_leave(port);
	return in_time;
}

enum opp_status opp_host_free(struct opp_host_port *port, struct opp_host_client *client)
{
	enum opp_status status;
	bool held;

	opp_host_enter(port);
	held = opp_host_is_holder_locked(port, client);
	if (held)
		opp_worker_stop_all_locked(port, OPP_CANCELLED);
	status = opp_port_free_locked(&port->contract.port, &client->engine,
				      opp_host_now_locked(port));
	if (held)
		opp_host_hold_ended_locked(port, OPP_HOST_RELEASED, client, OPP_SUCCESS);
	else if (client->engine.kicked)
		status = OPP_KICKED;
	opp_host_leave(port);
	return status;
}

bool opp_host_holds(struct opp_host_port *port, const struct opp_host_client *client)
{
	bool holds;

	opp_host_enter(port);
	holds = opp_host_is_holder_locked(port, client);
	opp_host_leave(port);
	return holds;
}

/* Who has a device open is put out with it. */
static void kick_device_locked(struct opp_host_port *port, struct opp_contract_device *device)
{
	if (device->file)
		device->file->kicked = true;
	opp_device_kicked_locked(&device->device, opp_host_now_locked(port));
	port->step_asked = true;
	opp_worker_nudge_locked(port);
}

static enum opp_status kick_locked(struct opp_host_port *port, struct opp_client *holder)
{
	struct opp_port *engine = &port->contract.port;
	enum opp_status status;

	opp_worker_stop_all_locked(port, OPP_KICKED);
	status = opp_port_kick_locked(engine, opp_host_now_locked(port));
	if (port->config.on_death != OPP_ON_DEATH_IDLE)
		opp_port_put_back_locked(engine, OPP_UNDO_LINES);
	opp_host_hold_ended_locked(port, OPP_HOST_KICKED, opp_host_client_of(port, holder),
				   OPP_SUCCESS);
	if (holder->is_device)
		kick_device_locked(port, opp_host_device_of(holder));
	return status;
}

enum opp_status opp_host_kick(struct opp_host_port *port, uint64_t client)
{
	enum opp_status status = OPP_INVALID_DEVICE_STATE;
	struct opp_client *holder;

	opp_host_enter(port);
	holder = port->contract.port.holder;
	if (holder && (!client || opp_host_client_of(port, holder)->number == client))
		status = kick_locked(port, holder);
	opp_host_tell_and_unlock(port);
	return status;
}
