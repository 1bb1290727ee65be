/* SPDX-License-Identifier: MIT */
/*
 * A host port as the front end of the contract (<openparport/contract.h>): its lock,
 * clock and worker, and where documented requests come in and end.
 *
 *	opp_host_submit (DOCUMENTED) --> opp_contract_submit --> the engine
 *	                                                         |  finished
 *	opp_host_submit (others) --------------------------------'
 *	                                                         v
 *	complete() <-- opp_host_tell_locked <-- op_complete <-- the contract's loop
 *
 * There is no interrupt level in a process: CONNECT_INTERRUPT is disabled, so
 * nothing is ever called there.
 */
#include <string.h>

#include "host.h"
#include "lpt.h"

static struct opp_host_port *port_of(void *context)
{
	return context;
}

static struct opp_host_req *req_of(struct opp_request *request)
{
	return OPP_NODE(request, struct opp_host_req, contract);
}

/* ---- what the contract asks for ---------------------------------------------------- */

static struct opp_hold hold_locked(const struct opp_host_port *port)
{
	const struct opp_port *engine = &port->contract.port;

	return (struct opp_hold){ engine->holder, engine->counters.allocates };
}

static void op_lock(void *context)
{
	struct opp_host_port *port = port_of(context);

	opp_host_enter(port);
	port->seen = hold_locked(port);
}

static void op_unlock(void *context)
{
	opp_lock_give(&port_of(context)->lock);
}

static uint64_t op_now_us(void *context)
{
	return opp_host_now_locked(port_of(context));
}

/* In line, or first of it: taken for it while its device is being selected. */
static bool waits_for_port(const struct opp_req *req)
{
	return req->state == OPP_REQ_QUEUED || req->state == OPP_REQ_GRANTING;
}

static bool op_pend(void *context, struct opp_request *request, bool cancelable)
{
	struct opp_host_port *port = port_of(context);
	struct opp_host_req *req = req_of(request);

	(void)cancelable;
	req->number = ++port->requests;
	opp_host_pend_locked(req);
	if (request->object == OPP_OBJECT_PORT && waits_for_port(&request->req))
		opp_observe_request_locked(port, OPP_HOST_QUEUED, req->number, req->client,
					   OPP_PENDING);
	return true;
}

static bool op_take(void *context, struct opp_request *request)
{
	struct opp_host_req *req = req_of(request);

	(void)context;
	req->taken = !req->cancelling;
	return req->taken;
}

static void op_complete(void *context, struct opp_request *request)
{
	struct opp_host_port *port = port_of(context);

	opp_host_enter(port);
	if (request->object == OPP_OBJECT_DEVICE && request->major == IRP_MJ_WRITE)
		port->bytes_written += request->information;
	if (request->object == OPP_OBJECT_DEVICE && request->major == IRP_MJ_READ)
		port->bytes_read += request->information;
	opp_host_tell_locked(port, req_of(request));
	opp_host_leave(port);
}

static void op_settle_later(void *context)
{
	opp_contract_settle(&port_of(context)->contract);
}

static void op_step_later(void *context)
{
	struct opp_host_port *port = port_of(context);

	port->step_asked = true;
	opp_worker_nudge_locked(port);
}

static void op_synchronize(void *context, void (*change)(void *argument), void *argument)
{
	(void)context;
	change(argument);
}

static bool op_connect_enabled(void *context)
{
	(void)context;
	return false;
}

static void op_begin_wire(void *context)
{
	opp_wire_wait_turn(port_of(context));
}

static void op_end_wire(void *context)
{
	opp_wire_give(port_of(context));
}

/* ---- what documented requests do to the port ---------------------------------------- */

/* Devices that stand in line since a moment ago. */
static void note_devices_in_line_locked(struct opp_host_port *port)
{
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		struct opp_turn *turn = &port->turns[i];

		if (turn->request || !waits_for_port(&port->contract.devices[i].device.req))
			continue;
		turn->request = ++port->requests;
		opp_observe_request_locked(port, OPP_HOST_QUEUED, turn->request, &turn->opener,
					   OPP_PENDING);
	}
}

/* What the host's own requests do has been noted before; see opp_host_tell_and_unlock. */
static void op_changed(void *context)
{
	struct opp_host_port *port = port_of(context);
	const struct opp_hold now = hold_locked(port);

	if (port->hold && (now.client != port->seen.client || now.grant != port->seen.grant)) {
		opp_worker_stop_all_locked(port, OPP_CANCELLED);
		opp_host_hold_ended_locked(port, OPP_HOST_RELEASED,
					   opp_host_client_of(port, port->seen.client),
					   OPP_SUCCESS);
	}
	port->seen = now;
	opp_host_note_finished_locked(port);
	note_devices_in_line_locked(port);
	if (port->hold || !now.client)
		return;
	port->hold = ++port->requests;
	opp_observe_request_locked(port, OPP_HOST_GRANTED, port->hold,
				   opp_host_client_of(port, now.client), OPP_SUCCESS);
}

static uint32_t op_process_of(void *context, struct opp_client *client)
{
	(void)context;
	return (uint32_t)OPP_NODE(client, struct opp_host_client, engine)->pid;
}

void opp_host_tell_and_unlock(struct opp_host_port *port)
{
	port->seen = hold_locked(port);
	opp_contract_tell_and_unlock(&port->contract);
}

/* An address of x86 is its own place in memory, as on Windows. */
static void *mapped(uint16_t address)
{
	return (void *)(uintptr_t)address;
}

static void describe(struct opp_host_port *port)
{
	const struct opp_ioc_registers registers = opp_back_end_registers(&port->below);

	port->description = (struct opp_port_description){
		.controller_address = registers.base,
		.controller = mapped(registers.base),
		.controller_span_bytes = registers.count,
		.ecp_address = registers.ecp_base,
		.ecp_controller = mapped(registers.ecp_base),
		.ecp_span_bytes = registers.ecp_count,
		.most_devices = port->config.daisy_devices,
		.port_name = port->lpt,
	};
}

enum opp_status opp_host_contract_init(struct opp_host_port *port)
{
	static const struct opp_contract_ops ops = {
		.lock = op_lock,
		.unlock = op_unlock,
		.now_us = op_now_us,
		.pend = op_pend,
		.take = op_take,
		.complete = op_complete,
		.settle_later = op_settle_later,
		.step_later = op_step_later,
		.synchronize = op_synchronize,
		.connect_enabled = op_connect_enabled,
		.begin_wire = op_begin_wire,
		.end_wire = op_end_wire,
		.changed = op_changed,
		.process_of = op_process_of,
	};

	opp_lpt_name(port->config.number, port->lpt);
	describe(port);
	return opp_contract_init(&port->contract, &port->description, opp_host_hw(port), &ops,
				 port);
}

/* ---- documented requests -------------------------------------------------------------- */

/* A client is an open file already, and stays one until opp_host_close. */
static bool is_clients(uint8_t major)
{
	switch (major) {
	case IRP_MJ_READ:
	case IRP_MJ_WRITE:
	case IRP_MJ_QUERY_INFORMATION:
	case IRP_MJ_SET_INFORMATION:
	case IRP_MJ_DEVICE_CONTROL:
	case IRP_MJ_INTERNAL_DEVICE_CONTROL: return true;
	default: return false;
	}
}

/*
 * The contract's routines do not know who calls, and addresses are nobody else's business.
 * Who cannot use registers is told of none: a client takes an address for the permission.
 */
static void withhold_addresses(const struct opp_request *request, bool sees_registers)
{
	struct PARALLEL_PORT_INFORMATION port;
	struct PARALLEL_PNP_INFORMATION pnp;

	if (request->major != IRP_MJ_INTERNAL_DEVICE_CONTROL || request->status != OPP_SUCCESS)
		return;
	if (request->code == IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO) {
		memcpy(&port, request->buffer, sizeof(port));
		port.TryAllocatePort = NULL;
		port.FreePort = NULL;
		port.QueryNumWaiters = NULL;
		port.Context = NULL;
		if (!sees_registers) {
			port.OriginalController = 0;
			port.Controller = NULL;
			port.SpanOfController = 0;
		}
		memcpy(request->buffer, &port, sizeof(port));
	} else if (request->code == IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO) {
		memcpy(&pnp, request->buffer, sizeof(pnp));
		pnp.TrySetChipMode = NULL;
		pnp.ClearChipMode = NULL;
		pnp.TrySelectDevice = NULL;
		pnp.DeselectDevice = NULL;
		pnp.Context = NULL;
		pnp.PortName = NULL;
		if (!sees_registers) {
			pnp.OriginalEcpController = 0;
			pnp.EcpController = NULL;
			pnp.SpanOfEcpController = 0;
		}
		memcpy(request->buffer, &pnp, sizeof(pnp));
	}
}

/* A device's routines are for callers in its own process that may wait there. */
static bool is_refused(const struct opp_request *request)
{
	return !is_clients(request->major) || (request->object == OPP_OBJECT_DEVICE &&
					       request->major == IRP_MJ_INTERNAL_DEVICE_CONTROL &&
					       request->code == IOCTL_INTERNAL_PARCLASS_CONNECT);
}

static bool is_kicked(struct opp_host_port *port, const struct opp_host_client *client)
{
	bool kicked;

	opp_host_enter(port);
	kicked = client->engine.kicked;
	opp_host_leave(port);
	return kicked;
}

enum opp_status opp_host_submit_control(struct opp_host_port *port, struct opp_host_req *req)
{
	struct opp_request *request = &req->contract;
	enum opp_status status;

	request->object = req->client->device ? OPP_OBJECT_DEVICE : OPP_OBJECT_PORT;
	request->device = req->client->device;
	request->information_class = request->code;
	if (is_refused(request))
		return OPP_INVALID_DEVICE_REQUEST;
	if (is_kicked(port, req->client))
		return OPP_KICKED;
	/* Some are carried out by the caller, who would see ones and move nothing. */
	status = opp_back_end_enter(&port->below);
	if (status != OPP_SUCCESS)
		return status;
	status = opp_contract_submit(&port->contract, request);
	if (status != OPP_PENDING)
		withhold_addresses(request, req->client->sees_registers);
	return status;
}

/* ---- files of devices -------------------------------------------------------------------- */

static enum opp_status ask_device(struct opp_host_port *port, struct opp_host_client *client,
				  struct opp_contract_device *device, uint8_t major)
{
	struct opp_request request = {
		.object = OPP_OBJECT_DEVICE,
		.device = device,
		.major = major,
		.client = &client->engine,
	};

	return opp_contract_submit(&port->contract, &request);
}

enum opp_status opp_host_open_device(struct opp_host_port *port, struct opp_host_client *client,
				     uint8_t place)
{
	struct opp_contract_device *device = opp_contract_device(&port->contract, place);
	enum opp_status status = OPP_NO_SUCH_DEVICE;

	if (device)
		status = ask_device(port, client, device, IRP_MJ_CREATE);
	if (status != OPP_SUCCESS)
		return status;
	client->device = device;
	opp_host_enter(port);
	port->turns[device - port->contract.devices].opener = *client;
	opp_host_leave(port);
	return OPP_SUCCESS;
}

void opp_host_close_device(struct opp_host_port *port, struct opp_host_client *client)
{
	if (client->device)
		(void)ask_device(port, client, client->device, IRP_MJ_CLOSE);
}
