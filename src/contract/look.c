/* SPDX-License-Identifier: MIT */
/*
 * Looking who is there: a scan by the port itself, in line with everybody else.
 *
 *	        asked for            granted             found out
 *	 idle ------------> waiting ---------> at work ------------> idle
 *	   ^                   |                                      or, asked for
 *	   '-------------------' removed                              again, waiting
 *
 * While it is at work nobody else uses the port.
 */
#include "devices.h"

static void begin_locked(struct opp_contract_port *port)
{
	opp_scan_begin(&port->look.scan, &port->protocol, (uint8_t)port->description->most_devices);
	opp_port_left_locked(&port->port, OPP_UNDO_TRANSFER);
	port->look.state = OPP_LOOK_AT_WORK;
	port->stirred = true;
}

/* The port is gone, or not the look's any more: whoever asked hears that this was all. */
static void give_up_locked(struct opp_contract_port *port)
{
	port->look.state = OPP_LOOK_IDLE;
	port->devices_changed = true;
}

/* Since the grant it may have been put out, or the port removed or suspended. */
void opp_look_served_locked(struct opp_contract_port *port, uint64_t now_us)
{
	struct opp_look *look = &port->look;
	const bool holds = port->port.holder == &look->client;

	if (holds && !opp_is_removed_locked(port) && opp_port_has_power_locked(&port->port)) {
		begin_locked(port);
		return;
	}
	look->wanted |= !opp_port_has_power_locked(&port->port);
	give_up_locked(port);
	if (holds)
		(void)opp_port_free_locked(&port->port, &look->client, now_us);
}

void opp_look_ask_locked(struct opp_contract_port *port, uint64_t now_us)
{
	struct opp_look *look = &port->look;

	if (!look->wanted || look->state != OPP_LOOK_IDLE)
		return;
	look->wanted = false;
	look->client.kicked = false;
	look->req = (struct opp_req){ .client = &look->client, .kind = OPP_REQ_ALLOCATE };
	look->state = OPP_LOOK_WAITING;
	if (opp_port_submit_locked(&port->port, &look->req, now_us) != OPP_PENDING)
		opp_look_served_locked(port, now_us);
}

void opp_look_init(struct opp_contract_port *port)
{
	port->look.client.guard = OPP_GUARD_ALL;
	opp_queue_init(&port->look.client.requests);
}

void opp_contract_look(struct opp_contract_port *port)
{
	const uint64_t now_us = opp_contract_lock(port);

	port->look.wanted = true;
	opp_look_ask_locked(port, now_us);
	opp_contract_tell_and_unlock(port);
}

/* ---- what was found -------------------------------------------------------------------- */

/* A chain that stopped listening on the way left its end unasked. */
void opp_contract_found_locked(struct opp_contract_port *port, const struct opp_scan *scan,
			       uint64_t now_us)
{
	const char *end = scan->id[OPP_PLACE_END_OF_CHAIN];

	if (scan->status != OPP_SUCCESS && scan->status != OPP_UNSUCCESSFUL)
		return;
	port->device_count = scan->devices;
	for (uint32_t id = 0; id < OPP_CHAIN_DEVICES; id++)
		opp_device_seen_locked(&port->devices[id], id < scan->devices, scan->id[id],
				       now_us);
	if (scan->status == OPP_SUCCESS)
		opp_device_seen_locked(&port->devices[OPP_PLACE_END_OF_CHAIN], end[0] != '\0', end,
				       now_us);
}

void opp_look_done_locked(struct opp_contract_port *port, uint64_t now_us)
{
	struct opp_look *look = &port->look;

	opp_contract_found_locked(port, &look->scan, now_us);
	opp_port_put_back_locked(&port->port, OPP_UNDO_TRANSFER | OPP_UNDO_SELECTION);
	if (look->scan.still_selected)
		opp_port_left_locked(&port->port, OPP_UNDO_SELECTION);
	port->devices_changed = true;
	look->state = OPP_LOOK_IDLE;
	(void)opp_port_free_locked(&port->port, &look->client, now_us);
	opp_look_ask_locked(port, now_us);
}
