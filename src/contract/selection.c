/* SPDX-License-Identifier: MIT */
/*
 * Selecting one device of the port: what requests and callbacks have in common.
 *
 *	            select ID
 *	 end of  ---------------> ID selected
 *	 chain   <---------------
 *	            deselect it, select the end, release, count
 *
 * The end-of-chain device is the selected one whenever a holder begins, so
 * selecting it is an allocation and deselecting it takes nothing back. Whether a
 * device is selected is what OPP_UNDO_SELECTION says.
 */
#include "devices.h"

#define KNOWN_FLAGS ((uint32_t)(PAR_END_OF_CHAIN_DEVICE | PAR_HAVE_PORT_KEEP_PORT))

enum opp_status opp_check_command(const struct opp_contract_port *port,
				  const struct PARALLEL_1284_COMMAND *command)
{
	if (command->CommandFlags & ~KNOWN_FLAGS)
		return OPP_INVALID_PARAMETER;
	if (command->CommandFlags & PAR_END_OF_CHAIN_DEVICE)
		return OPP_SUCCESS;
	return command->ID < port->device_count ? OPP_SUCCESS : OPP_INVALID_PARAMETER;
}

static bool is_end_of_chain(const struct PARALLEL_1284_COMMAND *command)
{
	return command->CommandFlags & PAR_END_OF_CHAIN_DEVICE;
}

static bool is_any_selected(const struct opp_contract_port *port)
{
	return port->port.undo & OPP_UNDO_SELECTION;
}

/* Packets go in compatibility mode: a mode that is set is out of force meanwhile. */
static void begin_on_chain_locked(struct opp_contract_port *port, uint32_t task)
{
	const uint8_t mode = opp_chip_mode_locked(port);

	if (mode != INITIAL_MODE)
		task |= (uint32_t)OPP_TASK_CHIP_MODE | OPP_TASK_RESUME;
	opp_wire_work_begin(&port->work, task);
	port->work.resumed_mode = opp_chip_mode_of(mode);
	port->work.devices = (uint8_t)port->device_count;
}

static enum opp_status select_end_locked(struct opp_contract_port *port)
{
	enum opp_status status;

	begin_on_chain_locked(port, OPP_TASK_DESELECT);
	status = opp_contract_work_locked(port);
	if (status == OPP_SUCCESS)
		opp_port_put_back_locked(&port->port, OPP_UNDO_SELECTION);
	return status;
}

enum opp_status opp_select_locked(struct opp_contract_port *port, struct opp_client *client,
				  const struct PARALLEL_1284_COMMAND *command, uint64_t now_us)
{
	enum opp_status status = opp_require_hold_locked(port, client, now_us);

	if (status != OPP_SUCCESS)
		return status;
	if (is_end_of_chain(command))
		return is_any_selected(port) ? select_end_locked(port) : OPP_SUCCESS;
	begin_on_chain_locked(port, OPP_TASK_SELECT);
	port->work.address = command->ID;
	port->selected = command->ID;
	opp_port_left_locked(&port->port, OPP_UNDO_SELECTION);
	return opp_contract_work_locked(port);
}

enum opp_status opp_deselect_locked(struct opp_contract_port *port, struct opp_client *client,
				    const struct PARALLEL_1284_COMMAND *command, uint64_t now_us)
{
	const bool frees = !(command->CommandFlags & PAR_HAVE_PORT_KEEP_PORT);
	enum opp_status status = opp_check_command(port, command);

	if (status == OPP_SUCCESS)
		status = opp_require_hold_locked(port, client, now_us);
	if (status == OPP_SUCCESS && frees &&
	    !opp_port_may_free_locked(&port->port, client, now_us))
		status = OPP_INVALID_DEVICE_STATE;
	if (status == OPP_SUCCESS && is_any_selected(port) && !is_end_of_chain(command) &&
	    command->ID == port->selected)
		status = select_end_locked(port);
	if (status == OPP_SUCCESS && frees)
		opp_contract_release_locked(port);
	return status;
}

enum opp_status opp_count_devices_locked(struct opp_contract_port *port)
{
	enum opp_status status;

	if (!port->description->most_devices)
		return OPP_SUCCESS;
	begin_on_chain_locked(port, OPP_TASK_ASSIGN);
	port->work.most_devices = (uint8_t)port->description->most_devices;
	status = opp_contract_work_locked(port);
	if (status != OPP_SUCCESS)
		return status;
	/* First: who is found gone may give the port to the next holder. */
	opp_port_put_back_locked(&port->port, OPP_UNDO_SELECTION);
	opp_contract_counted_locked(port, (uint32_t)port->work.transfer.moved,
				    opp_contract_now_locked(port));
	return OPP_SUCCESS;
}
