/* SPDX-License-Identifier: MIT */
/*
 * The mode of the port's chip: what requests and callbacks have in common.
 *
 *	             set (a mode the port has)
 *	 cleared ------------------------------> set
 *	    ^                                     |
 *	    '-------------------------------------'
 *	       clear (the same mode), release
 *
 * A mode is the mode field of an ECR, bits 7-5; the other bits are kept for
 * comparison only (S-50). Which modes there are, the description says.
 */
#include "rows.h"

#define MODE_FIELD 0xe0u
#define MODE_BYTE  0x20u
#define MODE_FIFO  0x40u
#define MODE_ECP   0x60u
#define MODE_EPP   0x80u

static bool has_mode(const struct opp_port_description *description, uint8_t mode)
{
	switch (mode & MODE_FIELD) {
	case MODE_BYTE:
		return (description->capabilities & PPT_BYTE_PRESENT) &&
		       description->ecp_controller;
	case MODE_FIFO:
	case MODE_ECP: return description->capabilities & PPT_ECP_PRESENT;
	case MODE_EPP: return description->capabilities & PPT_EPP_PRESENT;
	default: return mode == INITIAL_MODE;
	}
}

uint8_t opp_chip_mode_locked(const struct opp_contract_port *port)
{
	if (port->chip_mode_hold != port->port.counters.frees)
		return INITIAL_MODE;
	return port->chip_mode;
}

enum opp_status opp_set_chip_mode_locked(struct opp_contract_port *port, struct opp_client *client,
					 uint8_t mode, uint64_t now_us)
{
	enum opp_status status = opp_require_hold_locked(port, client, now_us);

	if (status != OPP_SUCCESS)
		return status;
	if (opp_chip_mode_locked(port) != INITIAL_MODE)
		return OPP_INVALID_DEVICE_STATE;
	if (!has_mode(port->description, mode))
		return OPP_NO_SUCH_DEVICE;
	port->chip_mode = mode;
	port->chip_mode_hold = port->port.counters.frees;
	return OPP_SUCCESS;
}

enum opp_status opp_clear_chip_mode_locked(struct opp_contract_port *port,
					   struct opp_client *client, uint8_t mode, uint64_t now_us)
{
	enum opp_status status = opp_require_hold_locked(port, client, now_us);

	if (status != OPP_SUCCESS)
		return status;
	if (opp_chip_mode_locked(port) != mode)
		return OPP_INVALID_DEVICE_STATE;
	port->chip_mode = INITIAL_MODE;
	return OPP_SUCCESS;
}
