/* SPDX-License-Identifier: MIT */
/*
 * What is to be done on the wire for a request, as transfers of the engine.
 *
 *	NOT_BEGUN --> FIRST --> ITSELF --> finish
 *	     |          '--- failed ---------^
 *	     '------ nothing comes first ---> ITSELF
 *
 * Whoever cancels, kicks or removes ends a request, not a transfer: it reaches the
 * transfer that runs, or the next one. Who steps is in worker.c.
 */
#include <openparport/chain.h>

#include "host.h"

static void begin_write(struct opp_host_port *port, struct opp_host_req *req)
{
	opp_write_begin(&req->transfer, &port->contract.protocol,
			&(struct opp_write){
				.bytes = req->bytes,
				.length = req->count,
				.inactivity_us = req->inactivity_us,
				.fault_us = req->fault_us,
				.address = req->address,
			});
}

static void begin_read(struct opp_host_port *port, struct opp_host_req *req)
{
	opp_read_begin(&req->transfer, &port->contract.protocol,
		       &(struct opp_read){
			       .bytes = req->buffer,
			       .capacity = req->count,
			       .first_us = req->first_us,
			       .silence_us = req->silence_us ? req->silence_us : OPP_SILENCE_US,
			       .address = req->address,
		       });
}

static void begin_scan(struct opp_host_port *port, struct opp_host_req *req)
{
	req->transfer = (struct opp_transfer){ .status = OPP_PENDING };
	opp_scan_begin(req->scan, &port->contract.protocol, req->most_devices);
}

static void begin_itself(struct opp_host_port *port, struct opp_host_req *req)
{
	struct opp_transfer *transfer = &req->transfer;
	struct opp_protocol *protocol = &port->contract.protocol;

	req->stage = OPP_HOST_ITSELF;
	switch (req->kind) {
	case OPP_HOST_ALLOCATE:
	case OPP_HOST_DOCUMENTED: break; /* never come here */
	case OPP_HOST_WRITE: begin_write(port, req); break;
	case OPP_HOST_READ: begin_read(port, req); break;
	case OPP_HOST_NEGOTIATE: opp_negotiate_begin(transfer, protocol, req->request); break;
	case OPP_HOST_TERMINATE: opp_terminate_begin(transfer, protocol); break;
	case OPP_HOST_DEVICE_ID:
		opp_device_id_begin(transfer, protocol, req->buffer, req->count);
		break;
	case OPP_HOST_ASSIGN: opp_chain_assign_begin(transfer, protocol, OPP_CHAIN_DEVICES); break;
	case OPP_HOST_SELECT:
		opp_chain_select_begin(transfer, protocol, req->slot, req->mode);
		break;
	case OPP_HOST_DESELECT: opp_chain_deselect_begin(transfer, protocol); break;
	case OPP_HOST_SCAN: begin_scan(port, req); break;
	case OPP_HOST_BATCH: opp_batch_begin(req); break;
	}
}

/* Returns false when nothing comes first. */
static bool begin_first(struct opp_host_port *port, struct opp_host_req *req)
{
	const bool moves = req->kind == OPP_HOST_WRITE || req->kind == OPP_HOST_READ;
	const bool is_epp = port->contract.protocol.mode == OPP_MODE_EPP;

	req->stage = OPP_HOST_FIRST;
	if (moves && req->first == OPP_HOST_NEGOTIATE_FIRST)
		opp_negotiate_begin(&req->transfer, &port->contract.protocol, req->request);
	else if (moves && req->first == OPP_HOST_EPP_FIRST && !is_epp)
		opp_epp_begin(&req->transfer, &port->contract.protocol);
	else
		return false;
	return true;
}

void opp_request_begin_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	if (!begin_first(port, req))
		begin_itself(port, req);
	if (req->ended != OPP_SUCCESS)
		opp_transfer_end(&req->transfer, req->ended);
}

/* A scan is many transfers; to the worker it looks like one. */
static enum opp_step step_scan(struct opp_host_port *port, struct opp_host_req *req,
			       uint64_t now_us, uint32_t budget_ns)
{
	const uint32_t reason = atomic_load(&req->transfer.ended_by);
	enum opp_step step;

	if (reason != OPP_SUCCESS)
		opp_scan_end(req->scan, (enum opp_status)reason);
	step = opp_scan_step(req->scan, opp_host_hw(port), now_us, budget_ns);
	req->transfer.wait = req->scan->transfer.wait;
	req->transfer.status = req->scan->status;
	req->transfer.moved = req->scan->devices;
	return step;
}

enum opp_step opp_request_step(struct opp_host_port *port, struct opp_host_req *req,
			       uint64_t now_us, uint32_t budget_ns)
{
	if (req->kind == OPP_HOST_SCAN)
		return step_scan(port, req, now_us, budget_ns);
	if (req->kind == OPP_HOST_BATCH)
		return opp_batch_step(port, req, budget_ns);
	return opp_transfer_step(&req->transfer, opp_host_hw(port), now_us, budget_ns);
}

bool opp_request_goes_on_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	if (req->stage == OPP_HOST_ITSELF || req->transfer.status != OPP_SUCCESS)
		return false;
	begin_itself(port, req);
	if (req->ended != OPP_SUCCESS)
		opp_transfer_end(&req->transfer, req->ended);
	return true;
}

void opp_request_end_locked(struct opp_host_req *req, enum opp_status reason)
{
	if (req->ended != OPP_SUCCESS)
		return;
	req->ended = reason;
	if (req->stage != OPP_HOST_NOT_BEGUN)
		opp_transfer_end(&req->transfer, reason);
}

/* ---- what it has left ------------------------------------------------------------------ */

static void note_selection_locked(struct opp_host_port *port, const struct opp_host_req *req)
{
	struct opp_contract_port *contract = &port->contract;
	const bool done = req->transfer.status == OPP_SUCCESS;

	/* Whatever the adapters said: one of them may have heard it. */
	if (req->kind == OPP_HOST_SELECT)
		contract->selected = req->slot;
	if (req->kind == OPP_HOST_SELECT ||
	    (req->kind == OPP_HOST_SCAN && req->scan->still_selected))
		opp_port_left_locked(&contract->port, OPP_UNDO_SELECTION);
	else if (req->kind == OPP_HOST_SCAN ||
		 ((req->kind == OPP_HOST_DESELECT || req->kind == OPP_HOST_ASSIGN) && done))
		opp_port_put_back_locked(&contract->port, OPP_UNDO_SELECTION);
}

/* The devices that are there can be opened. */
static void note_devices_locked(struct opp_host_port *port, const struct opp_host_req *req)
{
	const uint64_t now_us = opp_host_now_locked(port);

	if (req->kind == OPP_HOST_SCAN)
		opp_contract_found_locked(&port->contract, req->scan, now_us);
	else if (req->kind == OPP_HOST_ASSIGN && req->transfer.status == OPP_SUCCESS)
		opp_contract_counted_locked(&port->contract, (uint32_t)req->transfer.moved, now_us);
}

static void note_mode_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	const struct opp_protocol *protocol = &port->contract.protocol;

	if (protocol->mode == OPP_MODE_COMPAT)
		opp_port_put_back_locked(&port->contract.port, OPP_UNDO_MODE);
	else
		opp_port_left_locked(&port->contract.port, OPP_UNDO_MODE);
	req->mode_now = protocol->mode;
	req->position_now = protocol->position;
	req->request_now = protocol->request;
}

void opp_request_finish_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	const struct opp_transfer *transfer = &req->transfer;
	const struct opp_host_event event = {
		.kind = OPP_HOST_TRANSFERRED,
		.request = req->number,
		.bytes = transfer->moved,
		.status = transfer->status,
		.fault = transfer->fault,
	};

	req->done = req->kind == OPP_HOST_BATCH ? req->batch.next : transfer->moved;
	req->fault = transfer->fault;
	if (transfer->fault.status != OPP_SUCCESS)
		port->fault = transfer->fault;
	note_mode_locked(port, req);
	note_selection_locked(port, req);
	note_devices_locked(port, req);
	opp_observe_locked(port, &event, req->client);
}
