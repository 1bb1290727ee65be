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
					   struct opp_request *request, enum opp_req_kind kind,
					   uint64_t now_us)
{
	enum opp_status status;

	request->req = (struct opp_req){ .kind = kind, .client = request->client };
	status = opp_port_submit_locked(&port->port, &request->req, now_us);
	if (status == OPP_PENDING && !port->ops->pend(port->context, request, true))
		(void)opp_port_cancel_locked(&port->port, &request->req);
	return status;
}

static enum opp_status allocate_locked(struct opp_contract_port *port, struct opp_request *request,
				       uint64_t now_us)
{
	if (request->cancelled)
		return OPP_CANCELLED;
	return wait_in_line_locked(port, request, OPP_REQ_ALLOCATE, now_us);
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
		return opp_require_hold_locked(port, request->client, now_us);
	return wait_in_line_locked(port, request, OPP_REQ_SELECT, now_us);
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

/* A free port is taken for the call (S-37); without a chain the call is over at once. */
static enum opp_status init_bus_locked(struct opp_contract_port *port, struct opp_request *request,
				       uint64_t now_us)
{
	if (opp_port_try_allocate_locked(&port->port, request->client, now_us))
		return opp_port_free_locked(&port->port, request->client, now_us);
	return opp_require_hold_locked(port, request->client, now_us);
}

/* Reserved for paging out the callbacks, which stay valid. */
static enum opp_status release_port_info_locked(struct opp_contract_port *port,
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

#define PORT_INTERNAL .object = OPP_OBJECT_PORT, .major = IRP_MJ_INTERNAL_DEVICE_CONTROL

const struct opp_row opp_port_rows[] = {
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE,
	  .run_locked = allocate_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_PARALLEL_PORT_FREE, .when_removed = OPP_UNDO,
	  .run_locked = free_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_SELECT_DEVICE,
	  .input_bytes = sizeof(struct PARALLEL_1284_COMMAND), .run_locked = select_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_DESELECT_DEVICE,
	  .input_bytes = sizeof(struct PARALLEL_1284_COMMAND), .run_locked = deselect_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_INIT_1284_3_BUS, .run_locked = init_bus_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE,
	  .input_bytes = sizeof(struct PARALLEL_CHIP_MODE), .run_locked = set_chip_mode_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE,
	  .input_bytes = sizeof(struct PARALLEL_CHIP_MODE), .run_locked = clear_chip_mode_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO,
	  .output_bytes = sizeof(struct PARALLEL_PORT_INFORMATION),
	  .run_locked = opp_get_port_info_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO,
	  .output_bytes = sizeof(struct MORE_PARALLEL_PORT_INFORMATION),
	  .run_locked = opp_get_more_port_info_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO,
	  .output_bytes = sizeof(struct PARALLEL_PNP_INFORMATION),
	  .run_locked = opp_get_pnp_info_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO,
	  .run_locked = release_port_info_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT,
	  .input_bytes = sizeof(struct PARALLEL_INTERRUPT_SERVICE_ROUTINE),
	  .output_bytes = sizeof(struct PARALLEL_INTERRUPT_INFORMATION), .needs_enabling = true,
	  .run_locked = opp_connect_interrupt_locked },
	{ PORT_INTERNAL, .code = IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT,
	  .input_bytes = sizeof(struct PARALLEL_INTERRUPT_SERVICE_ROUTINE),
	  .when_removed = OPP_UNDO, .run_locked = opp_disconnect_interrupt_locked },

	{ .object = OPP_OBJECT_PORT, .major = IRP_MJ_CREATE, .run_locked = create_locked },
	{ .object = OPP_OBJECT_PORT,
	  .major = IRP_MJ_CLEANUP,
	  .when_removed = OPP_SERVE,
	  .run_locked = cleanup_locked },
	{ .object = OPP_OBJECT_PORT,
	  .major = IRP_MJ_CLOSE,
	  .when_removed = OPP_SERVE,
	  .run_locked = close_locked },
};

const uint32_t opp_port_row_count = sizeof(opp_port_rows) / sizeof(opp_port_rows[0]);
