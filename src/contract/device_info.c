/* SPDX-License-Identifier: MIT */
/*
 * Requests to a device that are pure data: answered at once, whoever holds the port
 * and whatever the device is doing.
 *
 * Each answer is built on zeroed storage, so that padding is 0, and copied out whole.
 */
#include <openparport/names.h>

#include "devices.h"

/* ---- QUERY_INFORMATION, SET_INFORMATION ------------------------------------------------ */

static enum opp_status reply_if_it_fits(struct opp_request *request, const void *answer,
					uint32_t bytes)
{
	if (!request->buffer || request->output_bytes < bytes)
		return OPP_BUFFER_TOO_SMALL;
	return opp_reply(request, answer, bytes);
}

/* A device is no file: it has no length and no position. */
enum opp_status opp_query_file_locked(struct opp_contract_port *port, struct opp_request *request,
				      uint64_t now_us)
{
	static const struct FILE_STANDARD_INFORMATION standard;
	static const struct FILE_POSITION_INFORMATION position;

	(void)port;
	(void)now_us;
	switch (request->information_class) {
	case OPP_FILE_STANDARD_INFORMATION:
		return reply_if_it_fits(request, &standard, sizeof(standard));
	case OPP_FILE_POSITION_INFORMATION:
		return reply_if_it_fits(request, &position, sizeof(position));
	default: return OPP_INVALID_PARAMETER;
	}
}

/* Writers that truncate first still work (S-26). */
enum opp_status opp_set_file_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us)
{
	(void)port;
	(void)now_us;
	return request->information_class == OPP_FILE_END_OF_FILE_INFORMATION
		       ? OPP_SUCCESS
		       : OPP_INVALID_PARAMETER;
}

/* ---- protocols --------------------------------------------------------------------------- */

enum opp_status opp_get_mode_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us)
{
	const struct opp_device *device = &request->device->device;
	const struct PARCLASS_NEGOTIATION_MASK mask = {
		.usReadMask = device->read_protocol,
		.usWriteMask = device->write_protocol,
	};

	(void)port;
	(void)now_us;
	return opp_reply(request, &mask, sizeof(mask));
}

enum opp_status opp_get_default_modes_locked(struct opp_contract_port *port,
					     struct opp_request *request, uint64_t now_us)
{
	static const struct PARCLASS_NEGOTIATION_MASK mask = {
		.usReadMask = OPP_PROTO_NIBBLE,
		.usWriteMask = OPP_PROTO_CENTRONICS,
	};

	(void)port;
	(void)now_us;
	return opp_reply(request, &mask, sizeof(mask));
}

/* ---- the port ------------------------------------------------------------------------ */

enum opp_status opp_is_port_free_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	const uint8_t is_free = opp_port_state_locked(&port->port, now_us) == OPP_PORT_FREE;

	return opp_reply(request, &is_free, sizeof(is_free));
}

enum opp_status opp_query_location_locked(struct opp_contract_port *port,
					  struct opp_request *request, uint64_t now_us)
{
	char location[OPP_NAME_BYTES];
	const size_t length =
		opp_device_location(port->number, request->device->device.place, location);

	(void)now_us;
	return reply_if_it_fits(request, location, (uint32_t)length + 1);
}

/* ---- time-outs ----------------------------------------------------------------------- */

enum opp_status opp_set_timeouts_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	struct SERIAL_TIMEOUTS wanted;

	(void)port;
	(void)now_us;
	OPP_READ_INPUT(request, &wanted);
	if (wanted.ReadIntervalTimeout == UINT32_MAX &&
	    wanted.ReadTotalTimeoutConstant == UINT32_MAX)
		return OPP_INVALID_PARAMETER;
	request->device->device.timeouts = (struct opp_device_timeouts){
		.read_interval = wanted.ReadIntervalTimeout,
		.read_multiplier = wanted.ReadTotalTimeoutMultiplier,
		.read_constant = wanted.ReadTotalTimeoutConstant,
		.write_multiplier = wanted.WriteTotalTimeoutMultiplier,
		.write_constant = wanted.WriteTotalTimeoutConstant,
	};
	return OPP_SUCCESS;
}

enum opp_status opp_get_timeouts_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	const struct opp_device_timeouts *timeouts = &request->device->device.timeouts;
	const struct SERIAL_TIMEOUTS answer = {
		.ReadIntervalTimeout = timeouts->read_interval,
		.ReadTotalTimeoutMultiplier = timeouts->read_multiplier,
		.ReadTotalTimeoutConstant = timeouts->read_constant,
		.WriteTotalTimeoutMultiplier = timeouts->write_multiplier,
		.WriteTotalTimeoutConstant = timeouts->write_constant,
	};

	(void)port;
	(void)now_us;
	return opp_reply(request, &answer, sizeof(answer));
}

/* ---- PARCLASS_CONNECT ---------------------------------------------------------------- */

enum opp_status opp_parclass_connect_locked(struct opp_contract_port *port,
					    struct opp_request *request, uint64_t now_us)
{
	struct PARCLASS_INFORMATION info;

	(void)now_us;
	(void)__builtin_memset(&info, 0, sizeof(info));
	info.Controller = port->description->controller;
	info.EcrController = port->description->ecp_controller;
	info.SpanOfController = port->description->controller_span_bytes;
	info.DetermineIeeeModes = opp_determine_ieee_modes;
	info.NegotiateIeeeMode = opp_negotiate_ieee_mode;
	info.TerminateIeeeMode = opp_terminate_ieee_mode;
	info.IeeeFwdToRevMode = opp_ieee_fwd_to_rev_mode;
	info.IeeeRevToFwdMode = opp_ieee_rev_to_fwd_mode;
	info.ParallelRead = opp_parallel_read;
	info.ParallelWrite = opp_parallel_write;
	info.ParclassContext = request->device;
	info.HardwareCapabilities = opp_capabilities_locked(port);
	info.FifoDepth = port->hw->fifo.depth_words;
	info.FifoWidth = opp_fifo_width_bits(port);
	info.ParallelTryselect = opp_parallel_try_select;
	info.ParallelDeSelect = opp_parallel_deselect;
	return opp_reply(request, &info, sizeof(info));
}
