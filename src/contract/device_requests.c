/* SPDX-License-Identifier: MIT */
/*
 * The table of requests to a device, and of those that go through its work queue
 * what they ask of the engine and make of its answer.
 *
 * What is wrong with a request is found before it is queued. The undocumented codes
 * have no row: they are unsupported (S-25).
 */
#include "devices.h"

static enum opp_status work_locked(struct opp_contract_port *port, struct opp_request *request,
				   uint64_t now_us)
{
	(void)port;
	request->device_req.op = request->row->op;
	return opp_device_work_locked(request, now_us);
}

static enum opp_status unlock_locked(struct opp_contract_port *port, struct opp_request *request,
				     uint64_t now_us)
{
	request->device_req.has_chain = port->device_count > 0;
	return work_locked(port, request, now_us);
}

/* ---- READ, WRITE ------------------------------------------------------------------------ */

static enum opp_status move_locked(struct opp_contract_port *port, struct opp_request *request,
				   uint32_t bytes, uint64_t now_us)
{
	if (request->byte_offset != 0)
		return OPP_INVALID_PARAMETER;
	request->device_req.bytes = request->buffer;
	request->device_req.length = request->buffer ? bytes : 0;
	return work_locked(port, request, now_us);
}

static enum opp_status read_locked(struct opp_contract_port *port, struct opp_request *request,
				   uint64_t now_us)
{
	return move_locked(port, request, request->output_bytes, now_us);
}

static enum opp_status write_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us)
{
	return move_locked(port, request, request->input_bytes, now_us);
}

/* Bytes that moved are told whatever became of the rest. */
static enum opp_status moved_locked(struct opp_request *request)
{
	request->information = (uint32_t)request->device_req.moved;
	return request->device_req.status;
}

/* ---- protocols ------------------------------------------------------------------------------ */

static enum opp_status negotiate_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	struct PARCLASS_NEGOTIATION_MASK mask;

	OPP_READ_INPUT(request, &mask);
	request->device_req.read = mask.usReadMask;
	request->device_req.write = mask.usWriteMask;
	return work_locked(port, request, now_us);
}

static enum opp_status negotiated_locked(struct opp_request *request)
{
	const struct PARCLASS_NEGOTIATION_MASK mask = {
		.usReadMask = request->device_req.read,
		.usWriteMask = request->device_req.write,
	};

	if (request->device_req.status != OPP_SUCCESS)
		return request->device_req.status;
	return opp_reply(request, &mask, sizeof(mask));
}

/* No input is an empty mask; half of one is none (S-69). */
static enum opp_status caps_locked(struct opp_contract_port *port, struct opp_request *request,
				   uint64_t now_us)
{
	uint16_t *exclude = &request->device_req.exclude;

	if (request->input_bytes != 0 && request->input_bytes < sizeof(*exclude))
		return OPP_BUFFER_TOO_SMALL;
	if (request->input_bytes != 0)
		OPP_READ_INPUT(request, exclude);
	return work_locked(port, request, now_us);
}

static enum opp_status caps_found_locked(struct opp_request *request)
{
	const uint16_t mask = request->device_req.read | request->device_req.write;

	if (request->device_req.status != OPP_SUCCESS)
		return request->device_req.status;
	return opp_reply(request, &mask, sizeof(mask));
}

/* ---- device ids ---------------------------------------------------------------------- */

/* The length of what the device said, now in port->answer; 0: nothing to be believed. */
static uint32_t read_id(struct opp_request *request)
{
	const struct opp_device *device = &request->device->device;
	struct opp_contract_port *port = request->device->port;

	if (request->device_req.status != OPP_SUCCESS)
		return 0;
	return (uint32_t)opp_device_id_text(device->id, device->id_bytes, port->answer,
					    sizeof(port->answer));
}

/* Without an id the engine's own reason counts, unless it has none. */
static enum opp_status no_id(const struct opp_request *request)
{
	const enum opp_status status = request->device_req.status;

	return status == OPP_SUCCESS ? OPP_IO_DEVICE_ERROR : status;
}

/* @prefix: bytes before the text, as the device sent them. */
static enum opp_status reply_id_locked(struct opp_request *request, uint32_t prefix)
{
	const uint32_t length = read_id(request);
	const uint32_t bytes = prefix + length + 1;

	if (!length)
		return no_id(request);
	if (request->output_bytes < bytes)
		return OPP_BUFFER_TOO_SMALL;
	(void)__builtin_memcpy(request->buffer, request->device->device.id, prefix);
	(void)__builtin_memcpy((char *)request->buffer + prefix, request->device->port->answer,
			       length + 1);
	request->information = bytes;
	return OPP_SUCCESS;
}

static enum opp_status id_found_locked(struct opp_request *request)
{
	return reply_id_locked(request, 0);
}

static enum opp_status raw_id_found_locked(struct opp_request *request)
{
	return reply_id_locked(request, OPP_DEVICE_ID_PREFIX);
}

static enum opp_status id_size_found_locked(struct opp_request *request)
{
	const uint32_t length = read_id(request);
	const struct PAR_DEVICE_ID_SIZE_INFORMATION answer = { .DeviceIdSize = length + 1 };

	return length ? opp_reply(request, &answer, sizeof(answer)) : no_id(request);
}

/* ---- addresses ----------------------------------------------------------------------- */

static enum opp_status read_address_locked(struct opp_contract_port *port,
					   struct opp_request *request, uint64_t now_us)
{
	request->device_req.reverse = true;
	return work_locked(port, request, now_us);
}

static enum opp_status set_address_locked(struct opp_contract_port *port,
					  struct opp_request *request, uint64_t now_us)
{
	request->device_req.set = true;
	OPP_READ_INPUT(request, &request->device_req.address);
	return work_locked(port, request, now_us);
}

static enum opp_status set_read_address_locked(struct opp_contract_port *port,
					       struct opp_request *request, uint64_t now_us)
{
	request->device_req.reverse = true;
	return set_address_locked(port, request, now_us);
}

static enum opp_status address_told_locked(struct opp_request *request)
{
	if (request->device_req.status != OPP_SUCCESS)
		return request->device_req.status;
	return opp_reply(request, &request->device_req.address, 1);
}

/* ---- status and reset ---------------------------------------------------------------- */

/* As a PC's status register shows the lines: an unplugged cable and a dead device by themselves. */
static uint8_t status_bits(uint8_t lines)
{
	uint8_t bits = lines & OPP_LINE_SELECT ? PARALLEL_SELECTED : PARALLEL_OFF_LINE;

	switch (opp_line_condition(lines)) {
	case OPP_SUCCESS: break;
	case OPP_DEVICE_POWERED_OFF: return PARALLEL_POWER_OFF;
	case OPP_DEVICE_NOT_CONNECTED: return PARALLEL_NOT_CONNECTED;
	case OPP_DEVICE_PAPER_EMPTY: bits |= PARALLEL_PAPER_EMPTY; break;
	default: bits |= PARALLEL_OFF_LINE; break;
	}
	if (lines & OPP_LINE_BUSY)
		bits |= PARALLEL_BUSY;
	return bits;
}

static enum opp_status lines_read_locked(struct opp_request *request)
{
	const struct PAR_QUERY_INFORMATION answer = {
		.Status = status_bits(request->device_req.lines),
	};

	if (request->device_req.status != OPP_SUCCESS)
		return request->device_req.status;
	return opp_reply(request, &answer, sizeof(answer));
}

static enum opp_status reset_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us)
{
	struct PAR_SET_INFORMATION wanted;

	OPP_READ_INPUT(request, &wanted);
	if (wanted.Init != PARALLEL_INIT)
		return OPP_INVALID_PARAMETER;
	return work_locked(port, request, now_us);
}

/* ---- the table ----------------------------------------------------------------------- */

#define MAJOR(function)   .object = OPP_OBJECT_DEVICE, .major = (function)
#define CONTROL(request)  MAJOR(IRP_MJ_DEVICE_CONTROL), .code = (request)
#define INTERNAL(request) MAJOR(IRP_MJ_INTERNAL_DEVICE_CONTROL), .code = (request)
#define INPUT(type)       .input_bytes = sizeof(struct type)
#define OUTPUT(type)      .output_bytes = sizeof(struct type)
#define INPUT_BYTE        .input_bytes = 1
#define OUTPUT_BYTE       .output_bytes = 1
#define NOW(action)       .run_locked = (action)

/* Goes through the device's work queue; @action checks and completes what is asked for. */
#define WORK(what, action) .op = (what), .run_locked = (action)
#define ANSWER(action)     .answer_locked = (action)

const struct opp_row opp_device_rows[] = {
	{ MAJOR(IRP_MJ_CREATE), .when_removed = OPP_SERVE, NOW(opp_create_device_locked) },
	{ MAJOR(IRP_MJ_CLEANUP), .when_removed = OPP_SERVE, NOW(opp_close_device_locked) },
	{ MAJOR(IRP_MJ_CLOSE), .when_removed = OPP_SERVE, NOW(opp_close_device_locked) },
	{ MAJOR(IRP_MJ_READ), WORK(OPP_DO_READ, read_locked), ANSWER(moved_locked) },
	{ MAJOR(IRP_MJ_WRITE), WORK(OPP_DO_WRITE, write_locked), ANSWER(moved_locked) },
	{ MAJOR(IRP_MJ_QUERY_INFORMATION), .when_removed = OPP_SERVE_UNTIL_GONE,
	  NOW(opp_query_file_locked) },
	{ MAJOR(IRP_MJ_SET_INFORMATION), .when_removed = OPP_SERVE_UNTIL_GONE,
	  NOW(opp_set_file_locked) },

	{ CONTROL(IOCTL_PAR_QUERY_INFORMATION), OUTPUT(PAR_QUERY_INFORMATION),
	  WORK(OPP_DO_LINES, work_locked), ANSWER(lines_read_locked) },
	{ CONTROL(IOCTL_PAR_SET_INFORMATION), INPUT(PAR_SET_INFORMATION),
	  WORK(OPP_DO_RESET, reset_locked) },
	{ CONTROL(IOCTL_PAR_QUERY_DEVICE_ID), OUTPUT_BYTE, WORK(OPP_DO_ID, work_locked),
	  ANSWER(id_found_locked) },
	{ CONTROL(IOCTL_PAR_QUERY_RAW_DEVICE_ID), OUTPUT_BYTE, WORK(OPP_DO_ID, work_locked),
	  ANSWER(raw_id_found_locked) },
	{ CONTROL(IOCTL_PAR_QUERY_DEVICE_ID_SIZE), OUTPUT(PAR_DEVICE_ID_SIZE_INFORMATION),
	  WORK(OPP_DO_ID, work_locked), ANSWER(id_size_found_locked) },
	{ CONTROL(IOCTL_IEEE1284_GET_MODE), OUTPUT(PARCLASS_NEGOTIATION_MASK),
	  NOW(opp_get_mode_locked) },
	{ CONTROL(IOCTL_PAR_GET_DEFAULT_MODES), OUTPUT(PARCLASS_NEGOTIATION_MASK),
	  NOW(opp_get_default_modes_locked) },
	{ CONTROL(IOCTL_IEEE1284_NEGOTIATE), INPUT(PARCLASS_NEGOTIATION_MASK),
	  OUTPUT(PARCLASS_NEGOTIATION_MASK), .short_input = OPP_INVALID_PARAMETER,
	  WORK(OPP_DO_NEGOTIATE, negotiate_locked), ANSWER(negotiated_locked) },
	{ CONTROL(IOCTL_PAR_GET_DEVICE_CAPS), .output_bytes = sizeof(uint16_t),
	  WORK(OPP_DO_CAPS, caps_locked), ANSWER(caps_found_locked) },
	{ CONTROL(IOCTL_PAR_SET_WRITE_ADDRESS), INPUT_BYTE, .short_input = OPP_INVALID_PARAMETER,
	  WORK(OPP_DO_ADDRESS, set_address_locked) },
	{ CONTROL(IOCTL_PAR_SET_READ_ADDRESS), INPUT_BYTE, .short_input = OPP_INVALID_PARAMETER,
	  WORK(OPP_DO_ADDRESS, set_read_address_locked) },
	{ CONTROL(IOCTL_PAR_GET_WRITE_ADDRESS), OUTPUT_BYTE, WORK(OPP_DO_ADDRESS, work_locked),
	  ANSWER(address_told_locked) },
	{ CONTROL(IOCTL_PAR_GET_READ_ADDRESS), OUTPUT_BYTE,
	  WORK(OPP_DO_ADDRESS, read_address_locked), ANSWER(address_told_locked) },
	{ CONTROL(IOCTL_PAR_IS_PORT_FREE), OUTPUT_BYTE, NOW(opp_is_port_free_locked) },
	{ CONTROL(IOCTL_PAR_QUERY_LOCATION), OUTPUT_BYTE, NOW(opp_query_location_locked) },
	{ CONTROL(IOCTL_SERIAL_SET_TIMEOUTS), INPUT(SERIAL_TIMEOUTS),
	  NOW(opp_set_timeouts_locked) },
	{ CONTROL(IOCTL_SERIAL_GET_TIMEOUTS), OUTPUT(SERIAL_TIMEOUTS),
	  NOW(opp_get_timeouts_locked) },
	{ CONTROL(IOCTL_OPENPARPORT_QUERY_STATUS), OUTPUT(OPENPARPORT_STATUS),
	  NOW(opp_query_status_locked) },

	{ INTERNAL(IOCTL_INTERNAL_PARCLASS_CONNECT), OUTPUT(PARCLASS_INFORMATION),
	  NOW(opp_parclass_connect_locked) },
	{ INTERNAL(IOCTL_INTERNAL_PARCLASS_DISCONNECT), NOW(opp_nothing_to_do_locked) },
	{ INTERNAL(IOCTL_INTERNAL_DISCONNECT_IDLE), WORK(OPP_DO_IDLE, work_locked) },
	{ INTERNAL(IOCTL_INTERNAL_LOCK_PORT), WORK(OPP_DO_LOCK, work_locked) },
	{ INTERNAL(IOCTL_INTERNAL_LOCK_PORT_NO_SELECT), WORK(OPP_DO_LOCK_NO_SELECT, work_locked) },
	{ INTERNAL(IOCTL_INTERNAL_UNLOCK_PORT), WORK(OPP_DO_UNLOCK, unlock_locked) },
	{ INTERNAL(IOCTL_INTERNAL_UNLOCK_PORT_NO_DESELECT),
	  WORK(OPP_DO_UNLOCK_NO_DESELECT, work_locked) },
};

const uint32_t opp_device_row_count = sizeof(opp_device_rows) / sizeof(opp_device_rows[0]);
