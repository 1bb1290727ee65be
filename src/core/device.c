/* SPDX-License-Identifier: MIT */
/*
 * Who has a device open, the line of its requests, and its turns at the port. The
 * states stand in <openparport/device.h>.
 *
 * The first request of the line is the one under way: it stays first until it has
 * ended, so WANTING and WORKING have one, RESTING none and LOCKED only while there is no
 * power, which that waits for. What is asked of the
 * port for it always comes to its end, too, before the next one's turn; a request that
 * shall stop meanwhile is marked and ends then.
 *
 * What happens on the wire is in device_work.c. This touches no wire, clock or client.
 */
#include "device_work.h"

static struct opp_device_req *request_of(struct opp_link *link)
{
	return link ? OPP_NODE(link, struct opp_device_req, link) : NULL;
}

static struct opp_device_req *first_locked(const struct opp_device *device)
{
	return request_of(opp_queue_first(&device->line));
}

/* The first one, where the state says that there is one. */
static struct opp_device_req *under_way_locked(const struct opp_device *device)
{
	return OPP_NODE(device->line.ends.next, struct opp_device_req, link);
}

static void set_defaults_locked(struct opp_device *device)
{
	device->read_protocol = OPP_PROTO_NIBBLE;
	device->write_protocol = OPP_PROTO_CENTRONICS;
}

static void forget_file_locked(struct opp_device *device)
{
	set_defaults_locked(device);
	device->known = 0;
	device->excluded = 0;
	device->read_address = 0;
	device->write_address = 0;
	device->timeouts = (struct opp_device_timeouts){
		.read_constant = OPP_TOTAL_TIMEOUT_MS,
		.write_constant = OPP_TOTAL_TIMEOUT_MS,
	};
	device->client.kicked = false;
}

void opp_device_init(struct opp_device *device, struct opp_port *port, uint8_t place,
		     const struct opp_device_ops *ops, void *context)
{
	(void)__builtin_memset(device, 0, sizeof(*device));
	device->port = port;
	device->place = place;
	device->ops = ops;
	device->context = context;
	device->lock_timeout_us = OPP_LOCK_TIMEOUT_US;
	device->client.is_device = true;
	opp_queue_init(&device->client.requests);
	opp_queue_init(&device->line);
	opp_queue_init(&device->finished);
	forget_file_locked(device);
}

/* ---- a request's end ---------------------------------------------------------------- */

static void tell_locked(struct opp_device *device, struct opp_device_req *req,
			enum opp_status status)
{
	req->status = status;
	opp_queue_append(&device->finished, &req->link);
}

/* Returns false when the front end's cancel has it: then nothing may come of it. */
static bool finish_locked(struct opp_device *device, struct opp_device_req *req,
			  enum opp_status status)
{
	const struct opp_device_ops *ops = device->ops;

	opp_queue_remove(&device->line, &req->link);
	req->submitted = false;
	if (!req->cancelled && ops && ops->take && !ops->take(device->context, req)) {
		req->dropped = true;
		return false;
	}
	tell_locked(device, req, status);
	return true;
}

struct opp_device_req *opp_device_next_finished_locked(struct opp_device *device)
{
	struct opp_device_req *req = request_of(opp_queue_first(&device->finished));

	if (req)
		opp_queue_remove(&device->finished, &req->link);
	return req;
}

/* ---- turns at the port ------------------------------------------------------------------ */

static bool is_lock(const struct opp_device_req *req)
{
	return req->op == OPP_DO_LOCK || req->op == OPP_DO_LOCK_NO_SELECT;
}

static bool is_unlock(const struct opp_device_req *req)
{
	return req->op == OPP_DO_UNLOCK || req->op == OPP_DO_UNLOCK_NO_DESELECT;
}

static bool moves_bytes(const struct opp_device_req *req)
{
	return req->op == OPP_DO_READ || req->op == OPP_DO_WRITE;
}

static bool is_in_chain(const struct opp_device *device)
{
	return device->place < OPP_PLACE_END_OF_CHAIN;
}

/* Whoever was put out of the port holds it no more. */
static void release_locked(struct opp_device *device, uint64_t now_us)
{
	device->client.guard = OPP_GUARD_NONE;
	if (device->port->holder == &device->client)
		(void)opp_port_free_locked(device->port, &device->client, now_us);
}

static void set_guard_locked(struct opp_device *device)
{
	device->client.guard = device->locked ? OPP_GUARD_FREE : OPP_GUARD_ALL;
}

static void begin_work_locked(struct opp_device *device, struct opp_device_req *req)
{
	device->state = OPP_DEVICE_WORKING;
	set_guard_locked(device);
	opp_port_left_locked(device->port, OPP_UNDO_TRANSFER);
	opp_device_work_begin_locked(device, req);
}

/* The first request's answer of the port. Returns false when that has ended it. */
static bool answered_locked(struct opp_device *device, enum opp_status status, uint64_t now_us)
{
	struct opp_device_req *req = under_way_locked(device);

	if (req->ended != OPP_SUCCESS)
		status = req->ended;
	else if (status == OPP_SUCCESS && device->port->holder != &device->client)
		status = OPP_KICKED; /* and not told of it yet */
	if (status == OPP_SUCCESS && !is_lock(req) && !opp_port_has_power_locked(device->port))
		status = OPP_DEVICE_POWERED_OFF;
	if (status == OPP_SUCCESS && !is_lock(req)) {
		begin_work_locked(device, req);
		return true;
	}
	device->locked = finish_locked(device, req, status) && status == OPP_SUCCESS;
	device->selects_itself = req->op == OPP_DO_LOCK_NO_SELECT;
	if (device->locked)
		set_guard_locked(device);
	else
		release_locked(device, now_us);
	return false;
}

static bool ask_port_locked(struct opp_device *device, const struct opp_device_req *req,
			    uint64_t now_us)
{
	const bool selects = is_in_chain(device) && req->op != OPP_DO_LOCK_NO_SELECT;
	enum opp_status status;

	device->req = (struct opp_req){
		.client = &device->client,
		.kind = selects ? OPP_REQ_SELECT : OPP_REQ_ALLOCATE,
		.needs_wire = selects,
		.address = device->place,
	};
	device->deadline_us = opp_later_us(now_us, device->lock_timeout_us);
	device->state = OPP_DEVICE_WANTING;
	/* it may hold the port long before it is told so */
	device->client.guard = OPP_GUARD_ALL;
	status = opp_port_submit_locked(device->port, &device->req, now_us);
	return status == OPP_PENDING || answered_locked(device, status, now_us);
}

static void unlock_locked(struct opp_device *device, struct opp_device_req *req, uint64_t now_us)
{
	const bool selected = is_in_chain(device) || (device->selects_itself && req->has_chain);

	if (!finish_locked(device, req, OPP_SUCCESS))
		return;
	device->locked = false;
	if (selected && req->op == OPP_DO_UNLOCK)
		opp_port_left_locked(device->port, OPP_UNDO_SELECTION);
	release_locked(device, now_us);
}

/* Without a lock no mode is connected: there is nothing to end. */
static bool needs_no_wire(const struct opp_device *device, const struct opp_device_req *req)
{
	if (req->op == OPP_DO_ADDRESS || (moves_bytes(req) && !req->length))
		return true;
	return !device->locked && (req->op == OPP_DO_IDLE || req->op == OPP_DO_TERMINATE);
}

/* Under a lock its client may have put the chip into a mode of its own. */
static bool is_chip_taken(const struct opp_device *device)
{
	return device->locked && (device->port->undo & OPP_UNDO_CHIP_MODE);
}

static enum opp_status refusal_of(const struct opp_device *device, const struct opp_device_req *req)
{
	if (device->locked ? is_lock(req) : is_unlock(req) || req->needs_lock)
		return OPP_INVALID_DEVICE_STATE;
	if (is_chip_taken(device) && !is_unlock(req) && !needs_no_wire(device, req))
		return OPP_INVALID_DEVICE_STATE;
	return OPP_SUCCESS;
}

static void tell_address_locked(struct opp_device *device, struct opp_device_req *req)
{
	uint8_t *address = req->reverse ? &device->read_address : &device->write_address;

	if (req->set)
		*address = req->address;
	req->address = *address;
}

/* What a request leaves in the device, beside bytes. */
static void keep_results_locked(struct opp_device *device, struct opp_device_req *req)
{
	if (req->op == OPP_DO_ADDRESS)
		tell_address_locked(device, req);
	if (req->op == OPP_DO_IDLE)
		set_defaults_locked(device);
	if (req->op == OPP_DO_NEGOTIATE) {
		device->read_protocol = req->read;
		device->write_protocol = req->write;
	}
	if (req->op == OPP_DO_CAPS) {
		device->known = device->work.yes;
		device->excluded = req->exclude;
	}
}

/* What else waits does so in the port's line. */
static bool waits_for_power(const struct opp_device *device, const struct opp_device_req *req)
{
	return device->locked && !opp_port_has_power_locked(device->port) && !is_unlock(req) &&
	       !needs_no_wire(device, req);
}

/* Returns false when the first request has ended already. */
static bool start_locked(struct opp_device *device, struct opp_device_req *req, uint64_t now_us)
{
	enum opp_status refusal;

	if (waits_for_power(device, req))
		return true;
	refusal = refusal_of(device, req);
	if (refusal != OPP_SUCCESS) {
		(void)finish_locked(device, req, refusal);
		return false;
	}
	if (needs_no_wire(device, req)) {
		if (finish_locked(device, req, OPP_SUCCESS))
			keep_results_locked(device, req);
		return false;
	}
	if (is_unlock(req)) {
		unlock_locked(device, req, now_us);
		return false;
	}
	if (!device->locked)
		return ask_port_locked(device, req, now_us);
	begin_work_locked(device, req);
	return true;
}

/* Nothing is under way: on to the next that takes its time. */
static void serve_locked(struct opp_device *device, uint64_t now_us)
{
	struct opp_device_req *req;

	do {
		device->state = device->locked ? OPP_DEVICE_LOCKED : OPP_DEVICE_RESTING;
		req = first_locked(device);
	} while (req && !start_locked(device, req, now_us));
}

void opp_device_granted_locked(struct opp_device *device, uint64_t now_us)
{
	if (!answered_locked(device, device->req.status, now_us))
		serve_locked(device, now_us);
}

static enum opp_status end_status(const struct opp_device *device, const struct opp_device_req *req)
{
	/* Bytes that have moved are told of; all else can be as if it had not been. */
	if (req->ended != OPP_SUCCESS && !moves_bytes(req))
		return req->ended;
	return device->work.status;
}

void opp_device_stepped_locked(struct opp_device *device, uint64_t now_us)
{
	struct opp_device_req *req = under_way_locked(device);
	const enum opp_status status = end_status(device, req);

	opp_port_put_back_locked(device->port, OPP_UNDO_TRANSFER | OPP_UNDO_MODE);
	if (device->work.in_mode)
		opp_port_left_locked(device->port, OPP_UNDO_MODE);
	if (finish_locked(device, req, status) && status == OPP_SUCCESS)
		keep_results_locked(device, req);
	if (!device->locked)
		release_locked(device, now_us);
	serve_locked(device, now_us);
}

/* ---- requests come and are called off ------------------------------------------------------ */

enum opp_status opp_device_refusal_locked(const struct opp_device *device)
{
	switch (device->presence) {
	case OPP_DEVICE_PRESENT: break;
	case OPP_DEVICE_ABSENT: return OPP_INVALID_DEVICE_REQUEST;
	case OPP_DEVICE_SURPRISE_REMOVED: return OPP_DELETE_PENDING;
	case OPP_DEVICE_GONE: return OPP_DEVICE_REMOVED;
	}
	return OPP_SUCCESS;
}

static enum opp_status at_once_locked(struct opp_device *device, struct opp_device_req *req)
{
	const enum opp_status refusal = opp_device_refusal_locked(device);

	if (refusal != OPP_SUCCESS)
		return refusal;
	if (!device->open)
		return OPP_INVALID_DEVICE_REQUEST;
	if (device->client.kicked)
		return OPP_KICKED;
	if (req->needs_lock && !device->locked)
		return OPP_INVALID_DEVICE_STATE;
	if (first_locked(device) || !needs_no_wire(device, req))
		return OPP_PENDING;
	keep_results_locked(device, req);
	return OPP_SUCCESS;
}

enum opp_status opp_device_submit_locked(struct opp_device *device, struct opp_device_req *req,
					 uint64_t now_us)
{
	req->status = at_once_locked(device, req);
	if (req->status != OPP_PENDING)
		return req->status;
	req->submitted = true;
	opp_queue_append(&device->line, &req->link);
	if (device->state == OPP_DEVICE_RESTING || device->state == OPP_DEVICE_LOCKED)
		serve_locked(device, now_us);
	return OPP_PENDING;
}

/* The request under way; the first reason wins. */
static void stop_first_locked(struct opp_device *device, enum opp_status reason)
{
	struct opp_device_req *req = under_way_locked(device);

	if (req->ended != OPP_SUCCESS)
		return;
	req->ended = reason;
	if (device->state == OPP_DEVICE_WORKING)
		atomic_store(&device->work.ended, (uint32_t)reason);
	else if (device->state == OPP_DEVICE_WANTING)
		(void)opp_port_cancel_locked(device->port, &device->req);
	else
		(void)finish_locked(device, req, reason);
}

static void stop_all_locked(struct opp_device *device, enum opp_status reason)
{
	struct opp_device_req *first = first_locked(device);
	struct opp_link *behind;

	if (!first)
		return;
	while ((behind = opp_queue_next(&device->line, &first->link)))
		(void)finish_locked(device, request_of(behind), reason);
	stop_first_locked(device, reason);
}

/* A lock ends at once where nothing runs under it, else with what does. */
static void give_up_locked(struct opp_device *device, enum opp_status reason, uint64_t now_us)
{
	stop_all_locked(device, reason);
	device->locked = false;
	if (device->state == OPP_DEVICE_WORKING)
		set_guard_locked(device);
	if (device->state != OPP_DEVICE_LOCKED)
		return;
	device->state = OPP_DEVICE_RESTING;
	release_locked(device, now_us);
}

bool opp_device_cancel_locked(struct opp_device *device, struct opp_device_req *req)
{
	if (req->dropped) {
		req->dropped = false;
		tell_locked(device, req, OPP_CANCELLED);
		return true;
	}
	if (!req->submitted)
		return false;
	req->cancelled = true;
	if (req == first_locked(device))
		stop_first_locked(device, OPP_CANCELLED);
	else
		(void)finish_locked(device, req, OPP_CANCELLED);
	return true;
}

void opp_device_remove_locked(struct opp_device *device, enum opp_device_presence presence,
			      uint64_t now_us)
{
	device->presence = presence;
	give_up_locked(device, OPP_DELETE_PENDING, now_us);
}

void opp_device_kicked_locked(struct opp_device *device, uint64_t now_us)
{
	give_up_locked(device, OPP_KICKED, now_us);
}

/* ---- power ----------------------------------------------------------------------------------- */

void opp_device_power_off_locked(struct opp_device *device)
{
	if (device->state == OPP_DEVICE_WORKING)
		stop_first_locked(device, OPP_DEVICE_POWERED_OFF);
}

struct opp_device *opp_device_selected_locked(const struct opp_port *port)
{
	struct opp_device *device;

	if (!port->holder || !port->holder->is_device)
		return NULL;
	device = OPP_NODE(port->holder, struct opp_device, client);
	return device->req.kind == OPP_REQ_SELECT ? device : NULL;
}

void opp_device_power_on_locked(struct opp_device *device, bool reached, uint64_t now_us)
{
	if (!reached && device == opp_device_selected_locked(device->port))
		give_up_locked(device, OPP_UNSUCCESSFUL, now_us);
	else if (device->state == OPP_DEVICE_LOCKED)
		serve_locked(device, now_us);
}

uint64_t opp_device_deadline_us_locked(const struct opp_device *device)
{
	if (device->state == OPP_DEVICE_WANTING && device->req.state == OPP_REQ_QUEUED)
		return device->deadline_us;
	return UINT64_MAX;
}

void opp_device_expire_locked(struct opp_device *device, uint64_t now_us)
{
	if (now_us >= opp_device_deadline_us_locked(device))
		(void)opp_port_expire_locked(device->port, &device->req);
}

/* ---- files ---------------------------------------------------------------------------------- */

enum opp_status opp_device_open_locked(struct opp_device *device, bool as_directory)
{
	const enum opp_status refusal = opp_device_refusal_locked(device);

	if (as_directory && (refusal == OPP_SUCCESS || device->presence == OPP_DEVICE_ABSENT))
		return OPP_NOT_A_DIRECTORY;
	if (refusal != OPP_SUCCESS)
		return refusal;
	if (device->open)
		return OPP_ACCESS_DENIED;
	device->open = true;
	return OPP_SUCCESS;
}

void opp_device_close_locked(struct opp_device *device, uint64_t now_us)
{
	give_up_locked(device, OPP_CANCELLED, now_us);
	forget_file_locked(device);
	device->open = false;
}
