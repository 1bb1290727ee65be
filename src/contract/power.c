/* SPDX-License-Identifier: MIT */
/*
 * A port whose hardware loses its power, and gets it back.
 *
 *	          suspend                resume                   by the worker
 *	 awake ------------> asleep --------------> restoring --------------------> awake
 *	                       ^      suspend           |
 *	                       '------------------------'
 *
 * OPP_UNDO_POWER stands from the suspend until all is restored: whoever wants to begin
 * something on the wire, or the port, looks at that. What is at work when the power is
 * about to go is asked to stop while there still is some, so that it ends as a cancelled
 * request does, its bytes counted where they are: with the peripheral, not in a FIFO that
 * forgets them. What the worker does between two holders it does to the end, for adapters
 * that keep their power and are in the middle of a packet; then it counts for nothing, and
 * is made anew.
 *
 * A port that is removed while asleep never wakes up: its queue ends without the wire.
 */
#include "devices.h"

/* Of enum opp_undo: what a loss of power does not end. */
#define STAYS ((uint32_t)(OPP_UNDO_TRANSFER | OPP_UNDO_CLAIM | OPP_UNDO_REGISTERS))

bool opp_sleeps_locked(const struct opp_contract_port *port)
{
	return port->asleep && !opp_is_removed_locked(port);
}

bool opp_wants_restore_locked(const struct opp_contract_port *port)
{
	return !opp_port_has_power_locked(&port->port) && !port->asleep;
}

/* ---- down ------------------------------------------------------------------------------ */

/* The look is made anew: what it has seen so far may not come back with the power. */
static void stop_work_locked(struct opp_contract_port *port)
{
	struct opp_device *device = opp_device_at_work_locked(port);

	if (device)
		opp_device_power_off_locked(device);
	if (port->look.state == OPP_LOOK_AT_WORK) {
		port->look.wanted = true;
		opp_scan_end(&port->look.scan, OPP_DEVICE_POWERED_OFF);
	}
	port->stirred = true;
}

bool opp_contract_suspend(struct opp_contract_port *port)
{
	const uint64_t now_us = opp_contract_lock(port);
	bool is_quiet;

	if (!port->asleep && !opp_is_removed_locked(port)) {
		port->asleep = true;
		opp_port_suspend_locked(&port->port, now_us);
		stop_work_locked(port);
	}
	is_quiet = !opp_is_driven_locked(port) && !port->stepping;
	opp_contract_tell_and_unlock(port);
	return is_quiet;
}

/* ---- and up ---------------------------------------------------------------------------- */

void opp_contract_resume(struct opp_contract_port *port)
{
	(void)opp_contract_lock(port);
	if (opp_sleeps_locked(port)) {
		port->asleep = false;
		port->stirred = true;
	}
	opp_contract_tell_and_unlock(port);
}

void opp_restore_begin_locked(struct opp_contract_port *port)
{
	const struct opp_device *device = opp_device_selected_locked(&port->port);
	uint32_t tasks = OPP_TASK_RESTORE;

	if (port->device_count)
		tasks |= OPP_TASK_ASSIGN;
	if (device)
		tasks |= OPP_TASK_SELECT;
	/* What its system lends it brings back, too; who has forgotten its ID is given it anew. */
	if (port->port.presence == OPP_PORT_SURPRISE_REMOVED ||
	    !opp_port_is_ours_locked(&port->port))
		tasks = 0;
	opp_wire_work_begin(&port->work, tasks);
	port->work.most_devices = (uint8_t)port->description->most_devices;
	if (device)
		port->work.address = device->place;
	/* Nobody is selected in a chain that is not the one it was. */
	port->work.devices = (uint8_t)port->device_count;
	port->work.reminded = true;
}

/* What waits under a lock begins, unless its device cannot be reached. */
static void wake_devices_locked(struct opp_contract_port *port, uint64_t now_us)
{
	const bool reached = port->work.status == OPP_SUCCESS;

	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++)
		opp_device_power_on_locked(&port->devices[i].device, reached, now_us);
}

void opp_restore_done_locked(struct opp_contract_port *port, uint64_t now_us)
{
	const struct opp_wire_work *work = &port->work;
	const bool counted =
		port->device_count && !work->selecting && opp_port_is_ours_locked(&port->port);

	opp_port_put_back_locked(&port->port, ~STAYS);
	if (work->selecting) {
		port->selected = work->address;
		opp_port_left_locked(&port->port, OPP_UNDO_SELECTION);
	}
	wake_devices_locked(port, now_us);
	if (counted && !opp_is_removed_locked(port) && work->transfer.moved != port->device_count)
		opp_contract_counted_locked(port, (uint32_t)work->transfer.moved, now_us);
	opp_look_ask_locked(port, now_us);
}
