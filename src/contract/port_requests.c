/* SPDX-License-Identifier: MIT */
/*
 * The table of requests to a port, and the actions that only a request has.
 *
 * ALLOCATE and SELECT alone may wait in the port's line; what they ask for is
 * checked before they do. Everything else ends at once, whoever holds the port.
 * The undocumented codes have no row: they are unsupported (S-25).
 */
#include "rows.h"

static enum opp_status wait_in_line_locked(struct opp_contract_port *port,
					   struct opp_request *request, uint64_t now_us)
{
	enum opp_status status;
	bool waits;

	request->req.client = request->client;
	status = opp_port_submit_locked(&port->port, &request->req, now_us);
	waits = request->req.state == OPP_REQ_QUEUED;
	if (status == OPP_PENDING && !port->ops->pend(port->context, request, waits))
		(void)opp_port_cancel_locked(&port->port, &request->req);
	return status;
}

static enum opp_status allocate_locked(struct opp_contract_port *port, struct opp_request *request,
				       uint64_t now_us)
{
	if (request->cancelled)
		return OPP_CANCELLED;
	request->req = (struct opp_req){ .kind = OPP_REQ_ALLOCATE };
	return wait_in_line_locked(port, request, now_us);
}

static enum opp_status free_locked(struct opp_contract_port *port, struct opp_request *request,
				   uint64_t now_us)
{
	return opp_port_free_locked(&port->port, request->client, now_us);
}

static enum opp_status select_locked(struct opp_contract_port *port, struct opp_request *request,
				     uint64_t now_us)
{
	struct PARALLEL_1284_COMMAND command;
	enum opp_status status;

	OPP_READ_INPUT(request, &command);
	status = opp_check_command(port, &command);
	if (status != OPP_SUCCESS)
		return status;
	if (request->cancelled)
		return OPP_CANCELLED;
	if (command.CommandFlags & PAR_HAVE_PORT_KEEP_PORT)
		return opp_select_locked(port, request->client, &command, now_us);
	request->req = (struct opp_req){
		.kind = OPP_REQ_SELECT,
		.needs_wire = !(command.CommandFlags & PAR_END_OF_CHAIN_DEVICE),
		.address = command.ID,
	};
	return wait_in_line_locked(port, request, now_us);
}

static enum opp_status deselect_locked(struct opp_contract_port *port, struct opp_request *request,
				       uint64_t now_us)
{
	struct PARALLEL_1284_COMMAND command;

	OPP_READ_INPUT(request, &command);
	return opp_deselect_locked(port, request->client, &command, now_us);
}

static enum opp_status set_chip_mode_locked(struct opp_contract_port *port,
					    struct opp_request *request, uint64_t now_us)
{
	struct PARALLEL_CHIP_MODE mode;

	OPP_READ_INPUT(request, &mode);
	return opp_set_chip_mode_locked(port, request->client, mode.ModeFlags, now_us);
}

static enum opp_status clear_chip_mode_locked(struct opp_contract_port *port,
					      struct opp_request *request, uint64_t now_us)
{
	struct PARALLEL_CHIP_MODE mode;

	OPP_READ_INPUT(request, &mode);
	return opp_clear_chip_mode_locked(port, request->client, mode.ModeFlags, now_us);
}

/* A free port is taken for the call (S-37). */
static enum opp_status init_bus_locked(struct opp_contract_port *port, struct opp_request *request,
				       uint64_t now_us)
{
	const bool taken = opp_port_try_allocate_locked(&port->port, request->client, now_us);
	enum opp_status status = opp_require_hold_locked(port, request->client, now_us);

	if (status != OPP_SUCCESS)
		return status;
	status = opp_count_devices_locked(port);
	if (taken)
		opp_contract_release_locked(port);
	return status;
}

enum opp_status opp_nothing_to_do_locked(struct opp_contract_port *port,
					 struct opp_request *request, uint64_t now_us)
{
	(void)port;
	(void)request;
	(void)now_us;
	return OPP_SUCCESS;
}

/* ---- files --------------------------------------------------------------------------- */

static enum opp_status create_locked(struct opp_contract_port *port, struct opp_request *request,
				     uint64_t now_us)
{
	(void)now_us;
	if (!request->client)
		return OPP_INVALID_PARAMETER;
	return opp_port_open_locked(&port->port, request->client);
}

static enum opp_status cleanup_locked(struct opp_contract_port *port, struct opp_request *request,
				      uint64_t now_us)
{
	if (request->client) {
		opp_disconnect_client_locked(port, request->client);
		opp_port_drop_client_locked(&port->port, request->client, false, now_us);
	}
	return OPP_SUCCESS;
}

static enum opp_status close_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us)
{
	if (request->client) {
		opp_disconnect_client_locked(port, request->client);
		opp_port_close_locked(&port->port, request->client, false, now_us);
	}
	return OPP_SUCCESS;
}

/* ---- the table ------------------------------------------------------------------------- */

#define MAJOR(function)   .object = OPP_OBJECT_PORT, .major = (function)
#define INTERNAL(request) MAJOR(IRP_MJ_INTERNAL_DEVICE_CONTROL), .code = (request)
#define INPUT(type)       .input_bytes = sizeof(struct type)
#define OUTPUT(type)      .output_bytes = sizeof(struct type)
#define RUN(action)       .run_locked = (action)

const struct opp_row opp_port_rows[] = {
	{ INTERNAL(IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE), RUN(allocate_locked) },
	{ INTERNAL(IOCTL_INTERNAL_PARALLEL_PORT_FREE), .when_removed = OPP_UNDO, RUN(free_locked) },
	{ INTERNAL(IOCTL_INTERNAL_SELECT_DEVICE), INPUT(PARALLEL_1284_COMMAND),
	  RUN(select_locked) },
	{ INTERNAL(IOCTL_INTERNAL_DESELECT_DEVICE), INPUT(PARALLEL_1284_COMMAND),
	  RUN(deselect_locked) },
	{ INTERNAL(IOCTL_INTERNAL_INIT_1284_3_BUS), RUN(init_bus_locked) },
	{ INTERNAL(IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE), INPUT(PARALLEL_CHIP_MODE),
	  RUN(set_chip_mode_locked) },
	{ INTERNAL(IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE), INPUT(PARALLEL_CHIP_MODE),
	  RUN(clear_chip_mode_locked) },
	{ INTERNAL(IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO), OUTPUT(PARALLEL_PORT_INFORMATION),
	  RUN(opp_get_port_info_locked) },
	{ INTERNAL(IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO),
	  OUTPUT(MORE_PARALLEL_PORT_INFORMATION), RUN(opp_get_more_port_info_locked) },
	{ INTERNAL(IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO), OUTPUT(PARALLEL_PNP_INFORMATION),
	  RUN(opp_get_pnp_info_locked) },
	/* Reserved for paging out the callbacks, which stay valid. */
	{ INTERNAL(IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO), RUN(opp_nothing_to_do_locked) },
	{ INTERNAL(IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT),
	  INPUT(PARALLEL_INTERRUPT_SERVICE_ROUTINE), OUTPUT(PARALLEL_INTERRUPT_INFORMATION),
	  .needs_enabling = true, RUN(opp_connect_interrupt_locked) },
	{ INTERNAL(IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT),
	  INPUT(PARALLEL_INTERRUPT_SERVICE_ROUTINE), .when_removed = OPP_UNDO,
	  RUN(opp_disconnect_interrupt_locked) },

	{ MAJOR(IRP_MJ_CREATE), RUN(create_locked) },
	{ MAJOR(IRP_MJ_CLEANUP), .when_removed = OPP_SERVE, RUN(cleanup_locked) },
	{ MAJOR(IRP_MJ_CLOSE), .when_removed = OPP_SERVE, RUN(close_locked) },
};

const uint32_t opp_port_row_count = sizeof(opp_port_rows) / sizeof(opp_port_rows[0]);
