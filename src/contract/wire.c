/* SPDX-License-Identifier: MIT */
/*
 * The wire of a port, driven by one context at a time:
 *
 *	state               by whom
 *	HELD                a caller of the holder's, marked by OPP_UNDO_TRANSFER
 *	GRANTING, RELEASING the front end's worker, once that mark is gone
 *
 * A release that comes while the mark stands leaves the port in RELEASING, so
 * that it goes to nobody before the caller is through.
 */
#include "rows.h"

/* A caller does it all; after each byte it looks whether the hardware has gone. */
#define CALLERS_BUDGET_NS 10000u

static bool is_driven(const struct opp_contract_port *port)
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
	if (!opp_port_may_use_locked(&port->port, client, now_us) || is_driven(port) ||
	    is_in_mode(port))
		return OPP_INVALID_DEVICE_STATE;
	return OPP_SUCCESS;
}

/* One step of what was begun in port->work, without the lock. */
static enum opp_step step_work(struct opp_contract_port *port, uint64_t now_us, uint32_t budget_ns)
{
	enum opp_step step;

	if (port->ops->begin_wire)
		port->ops->begin_wire(port->context);
	step = opp_wire_work_step(&port->work, port->hw, &port->protocol, now_us, budget_ns);
	if (port->ops->end_wire)
		port->ops->end_wire(port->context);
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

	opp_port_left_locked(&port->port, OPP_UNDO_TRANSFER);
	port->ops->unlock(port->context);
	do {
		step = step_work(port, now_us, CALLERS_BUDGET_NS);
	} while (step == OPP_STEP_AGAIN);
	if (step == OPP_STEP_WAIT)
		break_off(port);
	port->ops->lock(port->context);
	opp_port_put_back_locked(&port->port, OPP_UNDO_TRANSFER);
	return opp_is_removed_locked(port) ? OPP_DELETE_PENDING : port->work.status;
}

void opp_contract_release_locked(struct opp_contract_port *port)
{
	(void)opp_port_free_locked(&port->port, NULL, opp_contract_now_locked(port));
}

/* ---- between two holders -------------------------------------------------------------- */

bool opp_wants_step_locked(const struct opp_contract_port *port)
{
	return opp_port_wants_wire_locked(&port->port) && !is_driven(port) && !port->stepping;
}

static void finish_step_locked(struct opp_contract_port *port)
{
	port->stepping = false;
	if (port->port.granting)
		port->selected = port->work.address;
	opp_wire_work_done_locked(&port->work, &port->port, opp_contract_now_locked(port));
}

enum opp_step opp_contract_step(struct opp_contract_port *port, uint32_t budget_ns)
{
	const uint64_t now_us = opp_contract_lock(port);
	enum opp_step step = OPP_STEP_DONE;

	if (opp_wants_step_locked(port)) {
		opp_wire_work_hand_over_locked(&port->work, &port->port);
		port->stepping = true;
	}
	if (port->stepping) {
		port->ops->unlock(port->context);
		step = step_work(port, now_us, budget_ns);
		port->ops->lock(port->context);
		if (step == OPP_STEP_DONE)
			finish_step_locked(port);
		else if (step == OPP_STEP_WAIT)
			port->wait = port->work.transfer.wait;
		if (opp_wants_step_locked(port))
			step = OPP_STEP_AGAIN;
	}
	opp_contract_tell_and_unlock(port);
	return step;
}
