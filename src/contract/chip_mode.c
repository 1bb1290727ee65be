/* SPDX-License-Identifier: MIT */
/*
 * The mode of the port's chip: what requests and callbacks have in common.
 *
 *	             set (a mode the chip has)
 *	 cleared ------------------------------> set
 *	    ^                                     |
 *	    '-------------------------------------'
 *	       clear (the same mode), release
 *
 * A mode is the mode field of an ECR, bits 7-5; the other bits are kept for
 * comparison only (S-50). Which modes there are, the chip says. Whether one is
 * set is what OPP_UNDO_CHIP_MODE says: a release takes it back (S-53).
 */
#include "rows.h"

#define MODE_FIELD 0xe0u

enum opp_chip_mode opp_chip_mode_of(uint8_t mode)
{
	return (enum opp_chip_mode)(mode & MODE_FIELD);
}

/* Modes that a client has a use for; the others test and configure the chip. */
static bool is_clients(uint8_t mode)
{
	switch (opp_chip_mode_of(mode)) {
	case OPP_CHIP_BYTE:
	case OPP_CHIP_FIFO:
	case OPP_CHIP_ECP:
	case OPP_CHIP_EPP: return true;
	default: return false;
	}
}

uint8_t opp_chip_mode_locked(const struct opp_contract_port *port)
{
	return port->port.undo & OPP_UNDO_CHIP_MODE ? port->chip_mode : INITIAL_MODE;
}

static enum opp_status switch_chip_locked(struct opp_contract_port *port, enum opp_chip_mode mode)
{
	opp_wire_work_begin(&port->work, OPP_TASK_CHIP_MODE);
	port->work.mode = mode;
	return opp_contract_work_locked(port);
}

enum opp_status opp_set_chip_mode_locked(struct opp_contract_port *port, struct opp_client *client,
					 uint8_t mode, uint64_t now_us)
{
	enum opp_status status = opp_require_hold_locked(port, client, now_us);

	if (status != OPP_SUCCESS)
		return status;
	if (opp_chip_mode_locked(port) != INITIAL_MODE)
		return OPP_INVALID_DEVICE_STATE;
	if (mode == INITIAL_MODE)
		return OPP_SUCCESS;
	if (!is_clients(mode))
		return OPP_NO_SUCH_DEVICE;
	port->chip_mode = mode;
	opp_port_left_locked(&port->port, OPP_UNDO_CHIP_MODE);
	status = switch_chip_locked(port, opp_chip_mode_of(mode));
	if (port->work.status != OPP_SUCCESS)
		opp_port_put_back_locked(&port->port, OPP_UNDO_CHIP_MODE);
	return status;
}

enum opp_status opp_clear_chip_mode_locked(struct opp_contract_port *port,
					   struct opp_client *client, uint8_t mode, uint64_t now_us)
{
	enum opp_status status = opp_require_hold_locked(port, client, now_us);

	if (status != OPP_SUCCESS)
		return status;
	if (opp_chip_mode_locked(port) != mode)
		return OPP_INVALID_DEVICE_STATE;
	if (mode == INITIAL_MODE)
		return OPP_SUCCESS;
	status = switch_chip_locked(port, OPP_CHIP_SPP);
	opp_port_put_back_locked(&port->port, OPP_UNDO_CHIP_MODE);
	return status;
}
