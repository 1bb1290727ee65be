/* SPDX-License-Identifier: MIT */
/*
 * The port's callbacks, as structures hand them out. They carry no identity:
 * their caller is ANON. A NULL context or command is answered, never followed
 * (S-27).
 */
#include "rows.h"

uint8_t OPP_NTAPI opp_try_allocate_port(void *context)
{
	struct opp_contract_port *port = opp_contract_of(context);
	uint64_t now_us;
	bool allocated;

	if (!port)
		return false;
	now_us = opp_contract_lock(port);
	allocated = opp_port_try_allocate_locked(&port->port, NULL, now_us);
	opp_contract_tell_and_unlock(port);
	return allocated;
}

void OPP_NTAPI opp_free_port(void *context)
{
	struct opp_contract_port *port = opp_contract_of(context);
	uint64_t now_us;

	if (!port)
		return;
	now_us = opp_contract_lock(port);
	(void)opp_port_free_locked(&port->port, NULL, now_us);
	opp_contract_tell_and_unlock(port);
}

uint32_t OPP_NTAPI opp_query_num_waiters(void *context)
{
	struct opp_contract_port *port = opp_contract_of(context);
	uint32_t waiters;

	if (!port)
		return 0;
	(void)opp_contract_lock(port);
	waiters = opp_port_waiters_locked(&port->port);
	opp_contract_tell_and_unlock(port);
	return waiters;
}

/* ---- chip mode ------------------------------------------------------------------------ */

static int32_t change_mode(void *context, uint8_t mode,
			   enum opp_status (*change_locked)(struct opp_contract_port *,
							    struct opp_client *, uint8_t, uint64_t))
{
	struct opp_contract_port *port = opp_contract_of(context);
	enum opp_status status = OPP_DELETE_PENDING;
	uint64_t now_us;

	if (!port)
		return opp_ntstatus(OPP_INVALID_PARAMETER);
	now_us = opp_contract_lock(port);
	if (!opp_is_removed_locked(port))
		status = change_locked(port, NULL, mode, now_us);
	opp_contract_tell_and_unlock(port);
	return opp_ntstatus(status);
}

int32_t OPP_NTAPI opp_try_set_chip_mode(void *context, uint8_t mode)
{
	return change_mode(context, mode, opp_set_chip_mode_locked);
}

int32_t OPP_NTAPI opp_clear_chip_mode(void *context, uint8_t mode)
{
	return change_mode(context, mode, opp_clear_chip_mode_locked);
}

/* ---- select and deselect ----------------------------------------------------------------- */

/* PENDING says "busy, nothing was queued": nothing will complete later. */
static enum opp_status try_select_locked(struct opp_contract_port *port,
					 const struct PARALLEL_1284_COMMAND *command,
					 uint64_t now_us)
{
	const bool keep = command->CommandFlags & PAR_HAVE_PORT_KEEP_PORT;
	enum opp_status status = opp_check_command(port, command);

	if (status != OPP_SUCCESS)
		return status;
	if (keep)
		return opp_select_locked(port, NULL, command, now_us);
	if (!opp_port_try_allocate_locked(&port->port, NULL, now_us))
		return OPP_PENDING;
	status = opp_select_locked(port, NULL, command, now_us);
	if (status != OPP_SUCCESS)
		opp_contract_release_locked(port);
	return status;
}

static enum opp_status try_deselect_locked(struct opp_contract_port *port,
					   const struct PARALLEL_1284_COMMAND *command,
					   uint64_t now_us)
{
	return opp_deselect_locked(port, NULL, command, now_us);
}

static int32_t run_command(void *context, const void *untrusted_command,
			   enum opp_status (*run_locked)(struct opp_contract_port *,
							 const struct PARALLEL_1284_COMMAND *,
							 uint64_t))
{
	struct opp_contract_port *port = opp_contract_of(context);
	enum opp_status status = OPP_DELETE_PENDING;
	struct PARALLEL_1284_COMMAND command;
	uint64_t now_us;

	if (!port || !untrusted_command)
		return opp_ntstatus(OPP_INVALID_PARAMETER);
	(void)__builtin_memcpy(&command, untrusted_command, sizeof(command));
	now_us = opp_contract_lock(port);
	if (!opp_is_removed_locked(port))
		status = run_locked(port, &command, now_us);
	opp_contract_tell_and_unlock(port);
	return opp_ntstatus(status);
}

int32_t OPP_NTAPI opp_try_select_device(void *context, void *untrusted_command)
{
	return run_command(context, untrusted_command, try_select_locked);
}

int32_t OPP_NTAPI opp_deselect_device(void *context, void *untrusted_command)
{
	return run_command(context, untrusted_command, try_deselect_locked);
}

/* ---- the interrupt-level pair: no lock, no clock, no client -------------------------------- */

uint8_t OPP_NTAPI opp_try_allocate_port_at_interrupt_level(void *context)
{
	struct opp_contract_port *port = opp_contract_of(context);

	return port && opp_port_try_allocate_at_interrupt(&port->port);
}

void OPP_NTAPI opp_free_port_from_interrupt_level(void *context)
{
	struct opp_contract_port *port = opp_contract_of(context);

	if (port && opp_port_free_at_interrupt(&port->port))
		port->ops->settle_later(port->context);
}
