/* SPDX-License-Identifier: MIT */
/*
 * A device's callbacks, as PARCLASS_CONNECT hands them out: requests of their own,
 * awaited in the caller's thread. They are for who has locked the port (S-29).
 *
 * A NULL context is answered, never followed (S-27).
 */
#include "devices.h"

static struct opp_contract_device *device_of(void *context)
{
	return context;
}

/*
 * What is asked for in request->device_req, under an explicit lock.
 * @wrong: what is wrong with it; a removal comes first (S-21).
 */
static enum opp_status ask(struct opp_contract_device *device, struct opp_request *request,
			   enum opp_status wrong)
{
	struct opp_contract_port *port = device->port;
	const uint64_t now_us = opp_contract_lock(port);
	enum opp_status status;

	request->object = OPP_OBJECT_DEVICE;
	request->device = device;
	request->awaited = true;
	request->device_req.needs_lock = true;
	status = opp_device_refusal_locked(&device->device);
	if (status == OPP_SUCCESS)
		status = wrong;
	if (status == OPP_SUCCESS && port->ops->may_await)
		status = port->ops->may_await(port->context, request);
	if (status == OPP_SUCCESS)
		status = opp_device_work_locked(request, now_us);
	opp_contract_tell_and_unlock(port);
	if (status != OPP_PENDING)
		return status;
	port->ops->await(port->context, request);
	return request->status;
}

static int32_t ask_for(void *context, enum opp_device_op op)
{
	struct opp_request request = { .device_req.op = op };

	if (!context)
		return opp_ntstatus(OPP_INVALID_PARAMETER);
	return opp_ntstatus(ask(device_of(context), &request, OPP_SUCCESS));
}

/* ---- modes ------------------------------------------------------------------------------- */

/* Under a lock the device is asked; otherwise what is known of it counts. */
uint16_t OPP_NTAPI opp_determine_ieee_modes(void *context)
{
	struct opp_contract_device *device = device_of(context);
	struct opp_request request = {
		.device_req = { .op = OPP_DO_CAPS, .leaves_excluded = true },
	};
	uint16_t known;

	if (!device)
		return 0;
	(void)opp_contract_lock(device->port);
	known = device->device.known & (uint16_t)~device->device.excluded;
	opp_contract_tell_and_unlock(device->port);
	if (ask(device, &request, OPP_SUCCESS) != OPP_SUCCESS)
		return known;
	return request.device_req.read | request.device_req.write;
}

int32_t OPP_NTAPI opp_negotiate_ieee_mode(void *context, uint16_t forward, uint16_t reverse,
					  enum PARALLEL_SAFETY safety, uint8_t is_forward)
{
	struct opp_request request = {
		.device_req = {
			.op = OPP_DO_NEGOTIATE,
			.read = reverse,
			.write = forward,
			.refuse_connected = true,
			.reverse = !is_forward,
		},
	};

	if (!context)
		return opp_ntstatus(OPP_INVALID_PARAMETER);
	return opp_ntstatus(ask(device_of(context), &request,
				safety == SAFE_MODE ? OPP_SUCCESS : OPP_INVALID_PARAMETER));
}

int32_t OPP_NTAPI opp_terminate_ieee_mode(void *context)
{
	return ask_for(context, OPP_DO_TERMINATE);
}

int32_t OPP_NTAPI opp_ieee_fwd_to_rev_mode(void *context)
{
	return ask_for(context, OPP_DO_REVERSE);
}

int32_t OPP_NTAPI opp_ieee_rev_to_fwd_mode(void *context)
{
	return ask_for(context, OPP_DO_FORWARD);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static int32_t move(void *context, enum opp_device_op op, void *buffer, uint32_t bytes,
		    uint32_t *moved)
{
	struct opp_request request = {
		.device_req = { .op = op, .bytes = buffer, .length = bytes },
	};
	const bool is_whole = moved && (buffer || bytes == 0);
	enum opp_status status = OPP_INVALID_PARAMETER;

	if (context)
		status = ask(device_of(context), &request,
			     is_whole ? OPP_SUCCESS : OPP_INVALID_PARAMETER);
	if (moved)
		*moved = (uint32_t)request.device_req.moved;
	return opp_ntstatus(status);
}

int32_t OPP_NTAPI opp_parallel_read(void *context, void *buffer, uint32_t bytes,
				    uint32_t *bytes_read, uint8_t channel)
{
	(void)channel;
	return move(context, OPP_DO_READ, buffer, bytes, bytes_read);
}

int32_t OPP_NTAPI opp_parallel_write(void *context, void *buffer, uint32_t bytes,
				     uint32_t *bytes_written, uint8_t channel)
{
	(void)channel;
	return move(context, OPP_DO_WRITE, buffer, bytes, bytes_written);
}

/* ---- select and deselect: of any device of the chain, by who has locked the port ----- */

static int32_t run_command(void *context, struct PARALLEL_1284_COMMAND command,
			   enum opp_status (*run_locked)(struct opp_contract_port *,
							 struct opp_client *,
							 const struct PARALLEL_1284_COMMAND *,
							 uint64_t))
{
	struct opp_contract_device *device = device_of(context);
	struct opp_contract_port *port;
	enum opp_status status;
	uint64_t now_us;

	if (!device)
		return opp_ntstatus(OPP_INVALID_PARAMETER);
	port = device->port;
	command.CommandFlags |= PAR_HAVE_PORT_KEEP_PORT;
	now_us = opp_contract_lock(port);
	status = opp_device_refusal_locked(&device->device);
	if (status == OPP_SUCCESS)
		status = opp_check_command(port, &command);
	if (status == OPP_SUCCESS && !device->device.locked)
		status = OPP_INVALID_DEVICE_STATE;
	if (status == OPP_SUCCESS)
		status = run_locked(port, &device->device.client, &command, now_us);
	opp_contract_tell_and_unlock(port);
	return opp_ntstatus(status);
}

int32_t OPP_NTAPI opp_parallel_try_select(void *context, struct PARALLEL_1284_COMMAND command)
{
	return run_command(context, command, opp_select_locked);
}

int32_t OPP_NTAPI opp_parallel_deselect(void *context, struct PARALLEL_1284_COMMAND command)
{
	return run_command(context, command, opp_deselect_locked);
}
