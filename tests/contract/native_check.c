/* SPDX-License-Identifier: MIT */
/*
 * What the native rig checks by itself about its port.
 */
#include "native.h"

void rig_check_rest(const struct rig *rig)
{
	CHECK(chain_is_at_rest(&rig->chain));
}

/* Devices of the port, and its own look at them, in the line. */
static uint32_t own_waiters(struct rig *rig)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		const struct opp_device *device = &rig->port.devices[i].device;

		count += device->state == OPP_DEVICE_WANTING && device->req.state == OPP_REQ_QUEUED;
	}
	return count + (rig->port.look.state == OPP_LOOK_WAITING &&
			rig->port.look.req.state == OPP_REQ_QUEUED);
}

bool rig_has_device_work(struct rig *rig)
{
	if (rig->port.look.state == OPP_LOOK_AT_WORK)
		return true;
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		if (rig->port.devices[i].device.state == OPP_DEVICE_WORKING)
			return true;
	}
	return false;
}

bool rig_has_work(struct rig *rig)
{
	const bool sleeps = rig->port.asleep && rig->port.port.presence == OPP_PORT_PRESENT;

	return (!sleeps && opp_port_wants_wire_locked(&rig->port.port)) || rig_has_device_work(rig);
}

/* Checked whenever a request or event has come to its end and nobody is still being told. */
void rig_check(struct rig *rig)
{
	struct opp_port *port = &rig->port.port;
	enum opp_port_state state;
	bool taken;
	bool granted;

	CHECK(!rig->locked);
	CHECK(!chain_is_confused(&rig->chain));
	if (rig->port.telling || rig->settle_asked)
		return;
	state = opp_port_state_locked(port, rig->now_us);
	taken = state != OPP_PORT_FREE;
	granted = state == OPP_PORT_HELD || state == OPP_PORT_GRANTING;
	CHECK_EQUAL(port->waiters.count, rig->in_line + own_waiters(rig));
	CHECK_EQUAL(rig->port.answered.count, 0);
	CHECK_EQUAL(port->finished.count, 0);
	CHECK_EQUAL(rig->port.connected.count, rig->connected);
	CHECK(taken || port->waiters.count == 0);
	CHECK(state == OPP_PORT_HELD || !port->holder);
	CHECK_EQUAL(port->counters.allocates - port->counters.frees, granted);
	rig_check_claim(rig, state);
	if (!taken && !rig->is_off && !rig->system.lends &&
	    port->presence != OPP_PORT_SURPRISE_REMOVED)
		rig_check_rest(rig);
	if (rig_has_work(rig) && !rig->touching)
		CHECK(rig->step_asked || rig->worker_waits || rig->port.stepping);
}
