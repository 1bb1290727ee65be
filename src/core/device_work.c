/* SPDX-License-Identifier: MIT */
/*
 * A device's request on the wire, transfer by transfer.
 *
 *	READ, WRITE        CONNECTED --> (ADDRESSED) --> MOVED --> (LOOK) --> end
 *	FORWARD, REVERSE   CONNECTED --> (ADDRESSED) --> end
 *	NEGOTIATE          ASKED ... --> (CONNECTED --> (ADDRESSED)) --> end
 *	CAPS               ASKED ... --> HOME --> end
 *	ID, RESET          themselves --> end
 *	LINES              LOOK --> end
 *	IDLE, TERMINATE    HOME --> end
 *
 * What runs out of time or is called off stops in the transfer that runs or, between
 * two, in the next one. A mode stays in force where the request ends: the release of
 * the port ends it (src/core/step.c), or the next request under the same lock goes on
 * in it.
 */
#include "device_work.h"

#define US_PER_MS UINT64_C(1000)

/* How long a device may keep us from telling it an address. */
#define ADDRESS_US UINT64_C(1000000)

#define HAVE_CHANNELS  (OPP_PROTO_BOUNDED_ECP | OPP_PROTO_ECP_HW_NOIRQ | OPP_PROTO_ECP_SW)
#define HAVE_ADDRESSES (OPP_PROTO_EPP_HW | OPP_PROTO_EPP_SW | HAVE_CHANNELS)

/* The eighth bit of a channel tells it from a run length. */
#define CHANNEL 0x7fu

void opp_device_work_begin_locked(struct opp_device *device, struct opp_device_req *req)
{
	device->work = (struct opp_device_work){
		.req = req,
		.protocols = { device->write_protocol, device->read_protocol },
		.addresses = { device->write_address, device->read_address },
		.excluded = device->excluded,
		.timeouts = device->timeouts,
		.locked = device->locked,
		.status = OPP_PENDING,
	};
	if (req->leaves_excluded)
		req->exclude = device->excluded;
}

void opp_device_end(struct opp_device_run *run, enum opp_status status)
{
	run->device->work.status = status;
}

static void goes_on_at(struct opp_device_run *run, enum opp_device_at at)
{
	run->device->work.at = (uint8_t)at;
}

/* ---- how long a transfer may take -------------------------------------------------------- */

static uint64_t limit_us(size_t length, uint32_t multiplier, uint32_t constant)
{
	const uint64_t bytes = length < UINT32_MAX ? length : UINT32_MAX;
	const uint64_t ms = bytes * multiplier + constant;

	return !ms || ms > UINT64_MAX / US_PER_MS ? UINT64_MAX : ms * US_PER_MS;
}

/* A read of what is there, or of what is there first. */
static bool is_greedy(const struct opp_device_timeouts *timeouts)
{
	return timeouts->read_interval == UINT32_MAX &&
	       (timeouts->read_multiplier == UINT32_MAX ||
		(!timeouts->read_multiplier && !timeouts->read_constant));
}

static uint64_t total_us(const struct opp_device_work *work)
{
	const struct opp_device_timeouts *timeouts = &work->timeouts;

	if (work->req->op == OPP_DO_WRITE)
		return limit_us(work->req->length, timeouts->write_multiplier,
				timeouts->write_constant);
	if (work->req->op == OPP_DO_READ)
		return limit_us(work->req->length,
				is_greedy(timeouts) ? 0 : timeouts->read_multiplier,
				timeouts->read_constant);
	return UINT64_MAX;
}

/* ---- bytes -------------------------------------------------------------------------------- */

static void begin_write(struct opp_device_run *run)
{
	const struct opp_device_req *req = run->device->work.req;

	opp_write_begin(&run->device->transfer, run->protocol,
			&(struct opp_write){
				.bytes = req->bytes,
				.length = req->length,
				.inactivity_us = UINT64_MAX,
				.fault_us = UINT64_MAX,
			});
}

/* A peripheral may take OPP_SILENCE_US to say what it has. */
static void begin_read(struct opp_device_run *run)
{
	const struct opp_device_req *req = run->device->work.req;
	const struct opp_device_timeouts *timeouts = &run->device->work.timeouts;
	const bool greedy = is_greedy(timeouts);
	struct opp_read what = {
		.bytes = req->bytes,
		.capacity = req->length,
		.first_us = greedy && !timeouts->read_multiplier ? OPP_SILENCE_US : UINT64_MAX,
		.silence_us = UINT64_MAX,
	};

	if (greedy)
		what.silence_us = OPP_SILENCE_US;
	else if (timeouts->read_interval)
		what.silence_us = timeouts->read_interval * US_PER_MS;
	opp_read_begin(&run->device->transfer, run->protocol, &what);
}

/* The protocol is connected and the address sent: what the request is about. */
static void go_on_connected(struct opp_device_run *run)
{
	switch (run->device->work.req->op) {
	case OPP_DO_READ: begin_read(run); break;
	case OPP_DO_WRITE: begin_write(run); break;
	default: opp_device_end(run, OPP_SUCCESS); return;
	}
	goes_on_at(run, OPP_WORK_MOVED);
}

/* ---- the ends of a request ------------------------------------------------------------------ */

/* Faults without a name of their own are off-line, as in contract 5.1. */
static enum opp_status fault_named(enum opp_status fault)
{
	return fault == OPP_IO_DEVICE_ERROR ? OPP_DEVICE_OFF_LINE : fault;
}

/* In compatibility mode: the fault that the lines show, else @otherwise. */
static enum opp_status fault_or(struct opp_device_run *run, enum opp_status otherwise)
{
	const enum opp_status fault = opp_line_condition(run->hw->ops->read_status(run->hw));

	return fault == OPP_SUCCESS ? otherwise : fault_named(fault);
}

static void leave_mode(struct opp_device_run *run, enum opp_device_at at, enum opp_status verdict)
{
	run->device->work.verdict = verdict;
	opp_terminate_begin(&run->device->transfer, run->protocol);
	goes_on_at(run, at);
}

void opp_device_go_home(struct opp_device_run *run, enum opp_status status)
{
	leave_mode(run, OPP_WORK_HOME, status);
}

static void look(struct opp_device_run *run)
{
	struct opp_device_work *work = &run->device->work;

	if (work->req->op != OPP_DO_LINES) {
		opp_device_end(run, fault_or(run, work->verdict));
		return;
	}
	work->req->lines = run->hw->ops->read_status(run->hw);
	opp_device_end(run, OPP_SUCCESS);
}

/* Of bytes, or on the way to them. */
static void end_transfer(struct opp_device_run *run, enum opp_status status)
{
	if (status != OPP_TIMEOUT)
		opp_device_end(run, fault_named(status));
	else if (run->device->work.req->op == OPP_DO_READ)
		opp_device_end(run, OPP_SUCCESS);
	else
		leave_mode(run, OPP_WORK_LOOK, OPP_TIMEOUT);
}

/* ---- into the protocol ----------------------------------------------------------------------- */

static bool is_reverse(const struct opp_device_req *req)
{
	return req->op == OPP_DO_READ || req->op == OPP_DO_REVERSE ||
	       (req->op == OPP_DO_NEGOTIATE && req->reverse);
}

void opp_device_enter(struct opp_device_run *run, const struct opp_device_protocol *protocol,
		      enum opp_device_at at)
{
	struct opp_device *device = run->device;

	run->protocol->options = device->work.options | protocol->sets;
	if (!protocol->is_asked) {
		opp_terminate_begin(&device->transfer, run->protocol);
	} else {
		if (!opp_request_in_force(run->protocol, protocol->request))
			device->address = 0;
		opp_negotiate_begin(&device->transfer, run->protocol, protocol->request);
	}
	goes_on_at(run, at);
}

void opp_device_connect(struct opp_device_run *run)
{
	const struct opp_device_work *work = &run->device->work;

	opp_device_enter(run, opp_device_protocol_of(work->protocols[is_reverse(work->req)]),
			 OPP_WORK_CONNECTED);
}

static void connected(struct opp_device_run *run)
{
	struct opp_device_work *work = &run->device->work;
	const bool reverse = is_reverse(work->req);
	uint8_t *address = &work->addresses[reverse];

	if (work->protocols[reverse] & HAVE_CHANNELS)
		*address &= CHANNEL;
	if (*address == run->device->address || !(work->protocols[reverse] & HAVE_ADDRESSES)) {
		go_on_connected(run);
		return;
	}
	opp_write_begin(&run->device->transfer, run->protocol,
			&(struct opp_write){
				.bytes = address,
				.length = 1,
				.inactivity_us = ADDRESS_US,
				.address = true,
			});
	goes_on_at(run, OPP_WORK_ADDRESSED);
}

static void not_connected(struct opp_device_run *run, enum opp_status status)
{
	switch (status) {
	case OPP_NO_SUCH_DEVICE:
	case OPP_UNSUCCESSFUL:
	case OPP_INVALID_PARAMETER: leave_mode(run, OPP_WORK_LOOK, OPP_UNSUCCESSFUL); break;
	default: end_transfer(run, status);
	}
}

/* A device that does not take it has not just nothing to say. */
static void addressed(struct opp_device_run *run, enum opp_status status)
{
	const struct opp_device_work *work = &run->device->work;

	if (status == OPP_SUCCESS) {
		run->device->address = work->addresses[is_reverse(work->req)];
		go_on_connected(run);
	} else if (status == OPP_TIMEOUT && run->now_us < work->limit_us) {
		leave_mode(run, OPP_WORK_LOOK, OPP_TIMEOUT);
	} else {
		end_transfer(run, status);
	}
}

/* ---- step by step -------------------------------------------------------------------- */

static void start(struct opp_device_run *run)
{
	struct opp_device *device = run->device;
	struct opp_device_work *work = &device->work;

	work->options = run->protocol->options;
	work->limit_us = opp_later_us(run->now_us, total_us(work));
	switch (work->req->op) {
	case OPP_DO_READ:
	case OPP_DO_WRITE:
	case OPP_DO_FORWARD:
	case OPP_DO_REVERSE: opp_device_connect(run); break;
	case OPP_DO_NEGOTIATE:
		if (work->req->refuse_connected && run->protocol->mode != OPP_MODE_COMPAT)
			opp_device_end(run, OPP_DEVICE_PROTOCOL_ERROR);
		else
			opp_device_ask(run);
		break;
	case OPP_DO_CAPS: opp_device_ask(run); break;
	case OPP_DO_ID:
		opp_device_id_begin(&device->transfer, run->protocol, device->id,
				    sizeof(device->id));
		goes_on_at(run, OPP_WORK_ID);
		break;
	case OPP_DO_LINES: leave_mode(run, OPP_WORK_LOOK, OPP_SUCCESS); break;
	case OPP_DO_RESET:
		opp_reset_begin(&device->transfer, run->protocol);
		goes_on_at(run, OPP_WORK_RESET);
		break;
	case OPP_DO_LOCK:
	case OPP_DO_LOCK_NO_SELECT:
	case OPP_DO_UNLOCK:
	case OPP_DO_UNLOCK_NO_DESELECT:
	case OPP_DO_ADDRESS: break; /* never come here */
	case OPP_DO_IDLE:
	case OPP_DO_TERMINATE: opp_device_go_home(run, OPP_SUCCESS); break;
	}
}

static void id_came(struct opp_device_run *run, enum opp_status status)
{
	struct opp_device *device = run->device;

	if (status == OPP_SUCCESS && !opp_device_id_expected(device->id))
		status = OPP_IO_DEVICE_ERROR;
	device->id_bytes = status == OPP_SUCCESS ? device->transfer.moved : 0;
	opp_device_end(run, status == OPP_SUCCESS ? OPP_SUCCESS : OPP_IO_DEVICE_ERROR);
}

/* The transfer that was begun last has ended. */
static void go_on(struct opp_device_run *run)
{
	struct opp_device_work *work = &run->device->work;
	const struct opp_transfer *transfer = &run->device->transfer;
	const enum opp_status status = transfer->status;

	switch ((enum opp_device_at)work->at) {
	case OPP_WORK_BEGIN: break;
	case OPP_WORK_ASKED: opp_device_answered(run); break;
	case OPP_WORK_CONNECTED:
		if (status == OPP_SUCCESS)
			connected(run);
		else
			not_connected(run, status);
		break;
	case OPP_WORK_ADDRESSED: addressed(run, status); break;
	case OPP_WORK_MOVED:
		work->req->moved = transfer->moved;
		end_transfer(run, status);
		break;
	case OPP_WORK_ID: id_came(run, status); break;
	case OPP_WORK_RESET: opp_device_end(run, fault_named(status)); break;
	case OPP_WORK_LOOK: look(run); break;
	case OPP_WORK_HOME: opp_device_end(run, work->verdict); break;
	}
}

/* Somebody who calls it off comes before time that has run out. */
static void heed(const struct opp_device_run *run)
{
	struct opp_device *device = run->device;
	const enum opp_status ended = (enum opp_status)atomic_load(&device->work.ended);

	if (ended != OPP_SUCCESS)
		opp_transfer_end(&device->transfer, ended);
	else if (run->now_us >= device->work.limit_us)
		opp_transfer_end(&device->transfer, OPP_TIMEOUT);
}

/* What is still to be done after the limit takes the time it takes. */
static void wait_for_transfer(struct opp_device_run *run)
{
	struct opp_wait *wait = &run->device->wait;
	const uint64_t limit_us = run->device->work.limit_us;

	*wait = run->device->transfer.wait;
	if (run->now_us < limit_us && limit_us < wait->until_us)
		wait->until_us = limit_us;
}

static enum opp_step step_transfer(struct opp_device_run *run, uint32_t budget_ns)
{
	enum opp_step step;

	heed(run);
	step = opp_transfer_step(&run->device->transfer, run->hw, run->now_us, budget_ns);
	if (step == OPP_STEP_WAIT)
		wait_for_transfer(run);
	return step;
}

enum opp_step opp_device_step(struct opp_device *device, struct opp_hw *hw,
			      struct opp_protocol *protocol, uint64_t now_us, uint32_t budget_ns)
{
	struct opp_device_run run = {
		.device = device,
		.hw = hw,
		.protocol = protocol,
		.now_us = now_us,
	};
	struct opp_device_work *work = &device->work;
	enum opp_step step;

	if (work->at == OPP_WORK_BEGIN)
		start(&run);
	if (work->status == OPP_PENDING) {
		step = step_transfer(&run, budget_ns);
		if (step != OPP_STEP_DONE)
			return step;
		go_on(&run);
	}
	if (work->status == OPP_PENDING)
		return OPP_STEP_AGAIN;
	work->in_mode = protocol->mode != OPP_MODE_COMPAT;
	protocol->options = work->options;
	return OPP_STEP_DONE;
}
