/* SPDX-License-Identifier: MIT */
/*
 * Selecting one device of the port: what requests and callbacks have in common.
 *
 * The end-of-chain device is the selected one whenever a holder begins, so
 * selecting it is an allocation and deselecting it takes nothing back.
 */
#include "rows.h"

#define KNOWN_FLAGS ((uint32_t)(PAR_END_OF_CHAIN_DEVICE | PAR_HAVE_PORT_KEEP_PORT))

enum opp_status opp_check_command(const struct opp_contract_port *port,
				  const struct PARALLEL_1284_COMMAND *command)
{
	if (command->CommandFlags & ~KNOWN_FLAGS)
		return OPP_INVALID_PARAMETER;
	if (command->CommandFlags & PAR_END_OF_CHAIN_DEVICE)
		return OPP_SUCCESS;
	return command->ID < port->description->device_count ? OPP_SUCCESS : OPP_INVALID_PARAMETER;
}

enum opp_status opp_deselect_locked(struct opp_contract_port *port, struct opp_client *client,
				    const struct PARALLEL_1284_COMMAND *command, uint64_t now_us)
{
	enum opp_status status = opp_check_command(port, command);

	if (status != OPP_SUCCESS)
		return status;
	if (!(command->CommandFlags & PAR_HAVE_PORT_KEEP_PORT))
		return opp_port_free_locked(&port->port, client, now_us);
	return opp_require_hold_locked(port, client, now_us);
}
