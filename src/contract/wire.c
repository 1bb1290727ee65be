/* SPDX-License-Identifier: MIT */
/*
 * The wire of a port, driven by one context at a time:
 *
 *	state               by whom
 *	HELD                a caller of the holder's; the front end's worker for a
 *	                    device that holds the port, when no caller is in there:
 *	                    both marked by OPP_UNDO_TRANSFER
 *	GRANTING, RELEASING the front end's worker, once that mark is gone
 *	any, power is back  the same (power.c)
 *
 * A release that comes while the mark stands leaves the port in RELEASING, so
 * that it goes to nobody before the caller is through.
 */
#include "devices.h"

/* A caller does it all; after each byte it looks whether the hardware has gone. */
#define CALLERS_BUDGET_NS 10000u

bool opp_is_driven_locked(const struct opp_contract_port *port)
{
	return port->port.undo & OPP_UNDO_TRANSFER;
}

/* To leave a mode one has to wait for the peripheral, which the holder's callers cannot. */
static bool is_in_mode(const struct opp_contract_port *port)
{
	return port->port.undo & OPP_UNDO_MODE;
}

enum opp_status opp_require_hold_locked(struct opp_contract_port *port,
					const struct opp_client *client, uint64_t now_us)
{
	if (!opp_port_may_use_locked(&port->port, client, now_us) || opp_is_driven_locked(port) ||
	    is_in_mode(port) || !opp_port_has_power_locked(&port->port))
		return OPP_INVALID_DEVICE_STATE;
	return OPP_SUCCESS;
}

/* The wire instead of the lock: until go_back_to_lock hardware is touched, and nothing else. */
static void go_to_wire_locked(struct opp_contract_port *port)
{
	port->ops->unlock(port->context);
	if (port->ops->begin_wire)
		port->ops->begin_wire(port->context);
}

static void go_back_to_lock(struct opp_contract_port *port)
{
	if (port->ops->end_wire)
		port->ops->end_wire(port->context);
	port->ops->lock(port->context);
}

/* One step of what was begun in port->work. */
static enum opp_step step_on_wire_locked(struct opp_contract_port *port, uint64_t now_us,
					 uint32_t budget_ns)
{
	enum opp_step step;

	go_to_wire_locked(port);
	step = opp_wire_work_step(&port->work, port->hw, &port->protocol, now_us, budget_ns);
	go_back_to_lock(port);
	return step;
}

/* Only a peripheral in another mode is waited for, and that was ruled out. */
static void break_off(struct opp_contract_port *port)
{
	const struct opp_env *env = port->hw->env;

	env->broken(env->context, "a holder's own work waits for nobody");
	port->work.status = OPP_UNSUCCESSFUL;
}

enum opp_status opp_contract_work_locked(struct opp_contract_port *port)
{
	const uint64_t now_us = opp_contract_now_locked(port);
	enum opp_step step;

	port->caller_works = true;
	opp_port_left_locked(&port->port, OPP_UNDO_TRANSFER);
	do {
		step = step_on_wire_locked(port, now_us, CALLERS_BUDGET_NS);
	} while (step == OPP_STEP_AGAIN);
	if (step == OPP_STEP_WAIT)
		break_off(port);
	port->caller_works = false;
	if (opp_device_at_work_locked(port))
		port->stirred = true;
	else
		opp_port_put_back_locked(&port->port, OPP_UNDO_TRANSFER);
	return opp_is_removed_locked(port) ? OPP_DELETE_PENDING : port->work.status;
}

void opp_contract_release_locked(struct opp_contract_port *port)
{
	(void)opp_port_free_locked(&port->port, NULL, opp_contract_now_locked(port));
}

/* ---- the worker -------------------------------------------------------------------------- */

bool opp_wants_step_locked(const struct opp_contract_port *port)
{
	if (opp_is_driven_locked(port) || port->stepping || opp_sleeps_locked(port))
		return false;
	return opp_wants_restore_locked(port) || opp_port_wants_wire_locked(&port->port);
}

/* What was done goes with the power, or went: it is begun anew when that is back. */
static bool is_void_locked(const struct opp_contract_port *port)
{
	return opp_sleeps_locked(port) || (opp_wants_restore_locked(port) && !port->restoring);
}

static void begin_work_locked(struct opp_contract_port *port)
{
	port->stepping = true;
	port->restoring = opp_wants_restore_locked(port);
	if (port->restoring) {
		opp_restore_begin_locked(port);
		return;
	}
	opp_wire_work_hand_over_locked(&port->work, &port->port);
	port->work.devices = (uint8_t)port->device_count;
	if (port->asleep) /* and removed */
		port->work.tasks &= (uint32_t)OPP_TASK_UNCLAIM;
}

static void end_work_locked(struct opp_contract_port *port)
{
	const uint64_t now_us = opp_contract_now_locked(port);

	if (port->restoring) {
		opp_restore_done_locked(port, now_us);
		return;
	}
	if (port->port.granting)
		port->selected = port->work.address;
	else if (port->work.status == OPP_NO_SUCH_DEVICE && !opp_port_is_ours_locked(&port->port))
		opp_remove_locked(port, OPP_PORT_SURPRISE_REMOVED, now_us);
	opp_wire_work_done_locked(&port->work, &port->port, now_us);
}

/* A claim that waits is for somebody in line, and has to end before the power goes. */
static void heed_claim_locked(struct opp_contract_port *port)
{
	if (!opp_port_waiters_locked(&port->port) || opp_sleeps_locked(port))
		opp_wire_work_give_up_locked(&port->work);
}

/* Between two holders, or to bring the wire back. */
static enum opp_step step_work_locked(struct opp_contract_port *port, uint64_t now_us,
				      uint32_t budget_ns)
{
	enum opp_step step;

	if (!port->stepping)
		begin_work_locked(port);
	heed_claim_locked(port);
	step = step_on_wire_locked(port, now_us, budget_ns);
	if (step != OPP_STEP_DONE) {
		port->wait = port->work.transfer.wait;
		return step;
	}
	port->stepping = false;
	if (is_void_locked(port))
		opp_wire_work_claimed_locked(&port->work, &port->port);
	else
		end_work_locked(port);
	return OPP_STEP_DONE;
}

static enum opp_step step_device_locked(struct opp_contract_port *port, struct opp_device *device,
					uint64_t now_us, uint32_t budget_ns)
{
	enum opp_step step;

	go_to_wire_locked(port);
	step = opp_device_step(device, port->hw, &port->protocol, now_us, budget_ns);
	go_back_to_lock(port);
	if (step != OPP_STEP_DONE) {
		port->wait = device->wait;
		return step;
	}
	opp_device_stepped_locked(device, opp_contract_now_locked(port));
	return OPP_STEP_DONE;
}

static enum opp_step step_look_locked(struct opp_contract_port *port, uint64_t now_us,
				      uint32_t budget_ns)
{
	enum opp_step step;

	go_to_wire_locked(port);
	step = opp_scan_step(&port->look.scan, port->hw, now_us, budget_ns);
	go_back_to_lock(port);
	if (step == OPP_STEP_DONE)
		opp_look_done_locked(port, opp_contract_now_locked(port));
	else
		port->wait = port->look.scan.transfer.wait;
	return step;
}

/* The device to work for, unless a caller of the holder's is in there. */
static struct opp_device *device_to_step_locked(struct opp_contract_port *port)
{
	return port->caller_works ? NULL : opp_device_at_work_locked(port);
}

static enum opp_step drive_locked(struct opp_contract_port *port, uint64_t now_us,
				  uint32_t budget_ns)
{
	struct opp_device *device;

	if (port->stepping || opp_wants_step_locked(port))
		return step_work_locked(port, now_us, budget_ns);
	if (port->look.state == OPP_LOOK_AT_WORK)
		return step_look_locked(port, now_us, budget_ns);
	device = device_to_step_locked(port);
	return device ? step_device_locked(port, device, now_us, budget_ns) : OPP_STEP_DONE;
}

static bool has_more_locked(struct opp_contract_port *port)
{
	return opp_wants_step_locked(port) || port->look.state == OPP_LOOK_AT_WORK ||
	       device_to_step_locked(port);
}

/* After a piece of work: another one, or the end of somebody's patience in line. */
static enum opp_step what_next_locked(struct opp_contract_port *port, enum opp_step step)
{
	const uint64_t deadline_us = opp_devices_deadline_us_locked(port);

	if (step == OPP_STEP_AGAIN)
		return step;
	if (step == OPP_STEP_DONE) {
		if (has_more_locked(port))
			return OPP_STEP_AGAIN;
		if (deadline_us == UINT64_MAX)
			return OPP_STEP_DONE;
		port->wait = (struct opp_wait){ .until_us = deadline_us };
	}
	if (deadline_us < port->wait.until_us)
		port->wait.until_us = deadline_us;
	return OPP_STEP_WAIT;
}

enum opp_step opp_contract_step(struct opp_contract_port *port, uint32_t budget_ns)
{
	const uint64_t now_us = opp_contract_lock(port);
	enum opp_step step;

	opp_devices_expire_locked(port, now_us);
	step = what_next_locked(port, drive_locked(port, now_us, budget_ns));
	opp_contract_tell_and_unlock(port);
	return step;
}
