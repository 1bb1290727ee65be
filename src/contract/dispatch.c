/* SPDX-License-Identifier: MIT */
/*
 * From a request to its row and back to its client.
 *
 * Checks come in the order of S-21: removal, code, (enabling), lengths; then
 * the row's action: field values, holder, hardware. The first failure wins.
 */
#include <openparport/names.h>

#include "devices.h"

/* ---- requests ------------------------------------------------------------------------ */

static bool has_code(const struct opp_request *request)
{
	return request->major == IRP_MJ_DEVICE_CONTROL ||
	       request->major == IRP_MJ_INTERNAL_DEVICE_CONTROL;
}

struct table {
	const struct opp_row *rows;
	uint32_t count;
};

static struct table table_of(enum opp_object_kind object)
{
	if (object == OPP_OBJECT_DEVICE)
		return (struct table){ opp_device_rows, opp_device_row_count };
	return (struct table){ opp_port_rows, opp_port_row_count };
}

static const struct opp_row *find_row(const struct opp_request *request)
{
	const struct table table = table_of(request->object);
	uint32_t code = has_code(request) ? request->code : 0;

	for (uint32_t i = 0; i < table.count; i++) {
		const struct opp_row *row = &table.rows[i];

		if (row->code == code && row->major == request->major)
			return row;
	}
	return NULL;
}

static enum opp_status check_lengths(const struct opp_request *request, const struct opp_row *row)
{
	const uint32_t input_bytes = request->buffer ? request->input_bytes : 0;
	const uint32_t output_bytes = request->buffer ? request->output_bytes : 0;

	if (input_bytes < row->input_bytes)
		return row->short_input ? row->short_input : OPP_BUFFER_TOO_SMALL;
	return output_bytes < row->output_bytes ? OPP_BUFFER_TOO_SMALL : OPP_SUCCESS;
}

static enum opp_status run_row_locked(struct opp_contract_port *port, const struct opp_row *row,
				      struct opp_request *request, bool enabled, uint64_t now_us)
{
	enum opp_status status;

	if (!row)
		return has_code(request) ? OPP_INVALID_PARAMETER : OPP_INVALID_DEVICE_REQUEST;
	if (!enabled)
		return OPP_UNSUCCESSFUL;
	status = check_lengths(request, row);
	return status == OPP_SUCCESS ? row->run_locked(port, request, now_us) : status;
}

/* What removal makes of a request by this rule; SUCCESS: nothing. */
static enum opp_status refusal_locked(const struct opp_contract_port *port,
				      const struct opp_request *request, enum opp_when_removed rule)
{
	enum opp_status refusal = OPP_SUCCESS;

	if (request->object == OPP_OBJECT_DEVICE)
		refusal = opp_device_refusal_locked(&request->device->device);
	else if (opp_is_removed_locked(port))
		refusal = OPP_DELETE_PENDING;
	if (rule == OPP_SERVE || (rule == OPP_SERVE_UNTIL_GONE && refusal != OPP_DEVICE_REMOVED))
		return OPP_SUCCESS;
	return refusal;
}

static enum opp_status dispatch_locked(struct opp_contract_port *port, const struct opp_row *row,
				       struct opp_request *request, bool enabled, uint64_t now_us)
{
	enum opp_when_removed rule = row ? row->when_removed : OPP_REFUSE;
	enum opp_status refusal = refusal_locked(port, request, rule);
	enum opp_status status;

	if (refusal != OPP_SUCCESS && rule != OPP_UNDO)
		return refusal;
	status = run_row_locked(port, row, request, enabled, now_us);
	if (refusal != OPP_SUCCESS && status != OPP_PENDING)
		return refusal;
	return status;
}

enum opp_status opp_contract_submit(struct opp_contract_port *port, struct opp_request *request)
{
	const struct opp_row *row = find_row(request);
	bool enabled = !row || !row->needs_enabling || port->ops->connect_enabled(port->context);
	uint64_t now_us = opp_contract_lock(port);
	enum opp_status status;

	request->row = row;
	request->information = 0;
	request->cancelable = false;
	request->decided = false;
	if (request->object == OPP_OBJECT_DEVICE)
		request->device_req = (struct opp_device_req){ 0 };
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

	if (!opp_port_number(description->port_name, &number) ||
	    description->most_devices > OPP_CHAIN_DEVICES)
		return OPP_INVALID_PARAMETER;
	(void)__builtin_memset(port, 0, sizeof(*port));
	port->number = number;
	port->description = description;
	port->hw = hw;
	port->ops = ops;
	port->context = context;
	opp_queue_init(&port->connected);
	opp_queue_init(&port->answered);
	opp_port_init(&port->port, &opp_contract_engine_ops, port, hw->env);
	if (hw->capabilities & OPP_HW_IS_LENT)
		opp_port_lend(&port->port);
	opp_devices_init(port);
	opp_look_init(port);
	return OPP_SUCCESS;
}

void opp_contract_cancel(struct opp_contract_port *port, struct opp_request *request)
{
	(void)opp_contract_lock(port);
	if (request->object == OPP_OBJECT_DEVICE)
		opp_device_drop_locked(request);
	else
		(void)opp_port_cancel_locked(&port->port, &request->req);
	opp_contract_tell_and_unlock(port);
}

void opp_remove_locked(struct opp_contract_port *port, enum opp_port_presence presence,
		       uint64_t now_us)
{
	opp_end_interrupts_locked(port);
	opp_port_remove_locked(&port->port, presence, now_us);
	opp_devices_remove_locked(port, presence, now_us);
	opp_scan_end(&port->look.scan, OPP_DELETE_PENDING);
	if (presence == OPP_PORT_SURPRISE_REMOVED)
		opp_wire_work_end(&port->work);
}

void opp_contract_remove(struct opp_contract_port *port, enum opp_port_presence presence)
{
	const uint64_t now_us = opp_contract_lock(port);

	opp_remove_locked(port, presence, now_us);
	opp_contract_tell_and_unlock(port);
}

void opp_contract_settle(struct opp_contract_port *port)
{
	uint64_t now_us = opp_contract_lock(port);

	opp_port_settle_locked(&port->port, now_us);
	opp_contract_tell_and_unlock(port);
}
