/* SPDX-License-Identifier: MIT */
/*
 * From a request to its row and back to its client.
 *
 * Checks come in the order of S-21: removal, code, (enabling), lengths; then
 * the row's action: field values, holder, hardware. The first failure wins.
 */
#include <openparport/names.h>

#include "rows.h"

/* ---- the lock and the events it guards --------------------------------------------- */

uint64_t opp_contract_lock(struct opp_contract_port *port)
{
	port->ops->lock(port->context);
	return opp_contract_now_locked(port);
}

static void complete_unlocked(struct opp_contract_port *port, struct opp_request *request)
{
	port->ops->unlock(port->context);
	port->ops->complete(port->context, request);
	port->ops->lock(port->context);
}

static void tell_locked(struct opp_contract_port *port, const struct opp_event *event)
{
	struct opp_request *request;

	switch (event->kind) {
	case OPP_EVENT_FINISHED:
		request = OPP_NODE(event->req, struct opp_request, req);
		request->status = event->req->status;
		complete_unlocked(port, request);
		break;
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

void opp_contract_tell_and_unlock(struct opp_contract_port *port)
{
	struct opp_event event;

	if (port->ops->changed)
		port->ops->changed(port->context);
	if (opp_port_begin_events_locked(&port->port)) {
		while (opp_port_next_event_locked(&port->port, &event,
						  opp_contract_now_locked(port)))
			tell_locked(port, &event);
	}
	if (opp_wants_step_locked(port))
		port->ops->step_later(port->context);
	port->ops->unlock(port->context);
}

static bool take(void *context, struct opp_req *req)
{
	struct opp_contract_port *port = opp_contract_of(context);

	return port->ops->take(port->context, OPP_NODE(req, struct opp_request, req));
}

static const struct opp_port_ops engine_ops = { .take = take };

/* ---- requests ------------------------------------------------------------------------ */

static bool has_code(const struct opp_request *request)
{
	return request->major == IRP_MJ_DEVICE_CONTROL ||
	       request->major == IRP_MJ_INTERNAL_DEVICE_CONTROL;
}

static const struct opp_row *find_row(const struct opp_request *request)
{
	uint32_t code = has_code(request) ? request->code : 0;

	for (uint32_t i = 0; i < opp_port_row_count; i++) {
		const struct opp_row *row = &opp_port_rows[i];

		if (row->code == code && row->major == request->major &&
		    row->object == request->object)
			return row;
	}
	return NULL;
}

static bool is_long_enough(const struct opp_request *request, const struct opp_row *row)
{
	if (!request->buffer)
		return row->input_bytes == 0 && row->output_bytes == 0;
	return request->input_bytes >= row->input_bytes &&
	       request->output_bytes >= row->output_bytes;
}

static enum opp_status run_row_locked(struct opp_contract_port *port, const struct opp_row *row,
				      struct opp_request *request, bool enabled, uint64_t now_us)
{
	if (!row)
		return has_code(request) ? OPP_INVALID_PARAMETER : OPP_INVALID_DEVICE_REQUEST;
	if (!enabled)
		return OPP_UNSUCCESSFUL;
	if (!is_long_enough(request, row))
		return OPP_BUFFER_TOO_SMALL;
	return row->run_locked(port, request, now_us);
}

static enum opp_status dispatch_locked(struct opp_contract_port *port, const struct opp_row *row,
				       struct opp_request *request, bool enabled, uint64_t now_us)
{
	enum opp_when_removed rule = row ? row->when_removed : OPP_REFUSE;
	bool removed = opp_is_removed_locked(port);
	enum opp_status status;

	if (removed && rule == OPP_REFUSE)
		return OPP_DELETE_PENDING;
	status = run_row_locked(port, row, request, enabled, now_us);
	if (removed && rule == OPP_UNDO && status != OPP_PENDING)
		return OPP_DELETE_PENDING;
	return status;
}

enum opp_status opp_contract_submit(struct opp_contract_port *port, struct opp_request *request)
{
	const struct opp_row *row = find_row(request);
	bool enabled = !row || !row->needs_enabling || port->ops->connect_enabled(port->context);
	uint64_t now_us = opp_contract_lock(port);
	enum opp_status status;

	request->information = 0;
	status = dispatch_locked(port, row, request, enabled, now_us);
	request->status = status;
	opp_contract_tell_and_unlock(port);
	return status;
}

enum opp_status opp_reply(struct opp_request *request, const void *answer, uint32_t bytes)
{
	(void)__builtin_memcpy(request->buffer, answer, bytes);
	request->information = bytes;
	return OPP_SUCCESS;
}

/* ---- everything else a front end does ------------------------------------------------- */

enum opp_status opp_contract_init(struct opp_contract_port *port,
				  const struct opp_port_description *description, struct opp_hw *hw,
				  const struct opp_contract_ops *ops, void *context)
{
	uint32_t number;

	if (!opp_port_number(description->port_name, &number))
		return OPP_INVALID_PARAMETER;
	(void)__builtin_memset(port, 0, sizeof(*port));
	port->number = number;
	port->description = description;
	port->hw = hw;
	port->ops = ops;
	port->context = context;
	opp_queue_init(&port->connected);
	opp_port_init(&port->port, &engine_ops, port, hw->env);
	return OPP_SUCCESS;
}

void opp_contract_cancel(struct opp_contract_port *port, struct opp_request *request)
{
	(void)opp_contract_lock(port);
	(void)opp_port_cancel_locked(&port->port, &request->req);
	opp_contract_tell_and_unlock(port);
}

void opp_contract_remove(struct opp_contract_port *port, enum opp_port_presence presence)
{
	uint64_t now_us = opp_contract_lock(port);

	opp_end_interrupts_locked(port);
	opp_port_remove_locked(&port->port, presence, now_us);
	if (presence == OPP_PORT_SURPRISE_REMOVED)
		opp_wire_work_end(&port->work);
	opp_contract_tell_and_unlock(port);
}

void opp_contract_settle(struct opp_contract_port *port)
{
	uint64_t now_us = opp_contract_lock(port);

	opp_port_settle_locked(&port->port, now_us);
	opp_contract_tell_and_unlock(port);
}
