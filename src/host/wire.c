/* SPDX-License-Identifier: MIT */
/*
 * Who may use the wire of a host port, and the registers.
 *
 * A register access has the wire when it is found to be the holder's, so no access of
 * an earlier holder can come after the first one of the next. It does not wait for the
 * wire with the lock in hand: on a port that its system lends whoever has the wire may
 * sleep, and the lock is what all others need.
 */
#include "host.h"

#define SOON_NS     UINT64_C(50000)
#define PRINTING_NS UINT64_C(10000000)

/* Before a printer goes: how long the output may take, and how often it is asked for room. */
#define PRINT_OUT_NS UINT64_C(2000000000)
#define ROOM_NS      1000000

void opp_wire_wait_turn(struct opp_host_port *port)
{
	opp_lock_take(&port->turn);
	opp_lock_take(&port->wire);
	opp_lock_give(&port->turn);
}

/*
 * When time must pass although nobody touches a register: at the next edge while
 * somebody waits for interrupts, now and then while the printer prints what it
 * has stored (who looks at a register shall not have to wait for a whole page),
 * else never.
 */
static uint64_t wake_time_ns(const struct opp_host_port *port)
{
	const uint64_t edge_ns = opp_back_end_next_edge_ns(&port->below);

	if (edge_ns == OPP_SIM_NEVER || port->notify)
		return edge_ns;
	return opp_back_end_clock_ns(&port->below) + PRINTING_NS;
}

uint64_t opp_wire_catch_up(struct opp_host_port *port, bool for_a_transfer)
{
	uint64_t edge_ns;
	uint64_t real_ns;

	opp_wire_wait_turn(port);
	edge_ns = opp_back_end_catch_up(&port->below);
	port->wake_ns = wake_time_ns(port);
	/* The last byte of a page is still in the printer's hands: it shall not come late. */
	if (for_a_transfer || edge_ns <= opp_back_end_clock_ns(&port->below) + SOON_NS)
		port->wake_ns = edge_ns;
	real_ns = opp_back_end_real_ns(&port->below, port->wake_ns);
	opp_wire_give(port);
	return real_ns;
}

static void tell_interrupts(struct opp_host_port *port)
{
	void (*notify)(void *context) = NULL;
	void *context;

	opp_lock_take(&port->lock);
	if (port->told != port->interrupts)
		notify = port->notify;
	context = port->notify_context;
	port->told = port->interrupts;
	opp_lock_give(&port->lock);
	if (notify)
		notify(context);
}

void opp_wire_give(struct opp_host_port *port)
{
	uint64_t wake_ns;
	bool sooner;

	opp_back_end_settle(&port->below);
	wake_ns = wake_time_ns(port);
	sooner = wake_ns < port->wake_ns;
	if (sooner)
		port->wake_ns = wake_ns;
	opp_lock_give(&port->wire);
	if (sooner) {
		opp_lock_take(&port->lock);
		opp_worker_nudge_locked(port);
		opp_lock_give(&port->lock);
	}
	if (port->told != port->interrupts)
		tell_interrupts(port);
}

void opp_wire_output_changed(void *context)
{
	struct opp_host_port *port = context;

	opp_wire_wait_turn(port);
	opp_simulated_heed_output(opp_back_end_simulated(&port->below));
	opp_wire_give(port);
	opp_lock_take(&port->lock);
	opp_worker_nudge_locked(port);
	opp_lock_give(&port->lock);
}

/* Interrupts are told about, whoever waits for a line or a claim looks again, and a port that has gone is. */
void opp_wire_woken(void *context)
{
	struct opp_host_port *port = context;

	tell_interrupts(port);
	if (opp_back_end_is_lost(&port->below))
		opp_host_port_gone(port);
	opp_lock_take(&port->lock);
	port->step_asked = true;
	opp_worker_nudge_locked(port);
	opp_lock_give(&port->lock);
}

void opp_wire_print_out(struct opp_host_port *port)
{
	const struct timespec pause = { .tv_nsec = ROOM_NS };
	const uint64_t until_ns = opp_host_now_ns() + PRINT_OUT_NS;
	struct opp_simulated *simulated = opp_back_end_simulated(&port->below);
	bool more;

	for (;;) {
		opp_wire_wait_turn(port);
		more = simulated && opp_simulated_print_out(simulated);
		opp_wire_give(port);
		if (!more || opp_host_now_ns() >= until_ns)
			return;
		nanosleep(&pause, NULL);
	}
}

void opp_wire_interrupt(void *context)
{
	struct opp_host_port *port = context;

	port->interrupts++;
}

uint64_t opp_host_interrupts(struct opp_host_port *port)
{
	return port->interrupts;
}

void opp_host_on_interrupt(struct opp_host_port *port, void (*notify)(void *context), void *context)
{
	opp_lock_take(&port->lock);
	port->notify = notify;
	port->notify_context = context;
	port->told = port->interrupts;
	opp_worker_nudge_locked(port); /* who finds out when time must pass for it */
	opp_lock_give(&port->lock);
}

/* ---- registers -------------------------------------------------------------------------- */

static enum opp_status may_access_locked(struct opp_host_port *port,
					 const struct opp_host_client *client)
{
	if (port->contract.port.presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	if (client->engine.kicked)
		return OPP_KICKED;
	if (!opp_host_is_holder_locked(port, client))
		return OPP_INVALID_DEVICE_STATE;
	if (port->contract.port.undo & OPP_UNDO_TRANSFER)
		return OPP_PENDING;
	if (!opp_port_has_power_locked(&port->contract.port))
		return OPP_DEVICE_POWERED_OFF;
	return opp_back_end_enter(&port->below);
}

/* On SUCCESS the wire is taken. */
static enum opp_status begin_access(struct opp_host_port *port, struct opp_host_client *client)
{
	enum opp_status status;
	bool taken;

	opp_lock_take(&port->lock);
	status = may_access_locked(port, client);
	taken = status == OPP_SUCCESS && opp_lock_try(&port->wire);
	opp_lock_give(&port->lock);
	if (taken || status != OPP_SUCCESS)
		return status;
	opp_wire_wait_turn(port);
	opp_lock_take(&port->lock);
	status = may_access_locked(port, client);
	opp_lock_give(&port->lock);
	if (status != OPP_SUCCESS)
		opp_wire_give(port);
	return status;
}

enum opp_status opp_host_registers(struct opp_host_port *port, struct opp_host_client *client,
				   struct opp_ioc_registers *registers)
{
	enum opp_status status;

	*registers = opp_back_end_registers(&port->below);
	opp_lock_take(&port->lock);
	status = may_access_locked(port, client);
	if (status == OPP_SUCCESS && !registers->base)
		status = OPP_NO_SUCH_DEVICE;
	else if (status == OPP_SUCCESS && !client->sees_registers)
		status = OPP_ACCESS_DENIED;
	if (status == OPP_SUCCESS)
		opp_port_left_locked(&port->contract.port, OPP_UNDO_REGISTERS);
	opp_lock_give(&port->lock);
	return status;
}

static uint8_t read_register(struct opp_hw *hw, enum opp_host_register which)
{
	switch (which) {
	case OPP_HOST_DATA: return hw->ops->read_data(hw);
	case OPP_HOST_STATUS: return hw->ops->raw_read_status(hw);
	case OPP_HOST_CONTROL: return hw->ops->raw_read_control(hw);
	case OPP_HOST_DIRECTION: break;
	}
	return hw->ops->is_reverse(hw);
}

static void write_register(struct opp_hw *hw, enum opp_host_register which, uint8_t value)
{
	switch (which) {
	case OPP_HOST_DATA: hw->ops->write_data(hw, value); break;
	case OPP_HOST_CONTROL: hw->ops->raw_write_control(hw, value); break;
	case OPP_HOST_DIRECTION: hw->ops->set_reverse(hw, value != 0); break;
	case OPP_HOST_STATUS: break;
	}
}

/* INVALID_DEVICE_REQUEST: not on this port. */
static enum opp_status access_register(struct opp_hw *hw, struct opp_host_access *access)
{
	const bool reverse = access->which == OPP_HOST_DIRECTION && access->value;
	uint8_t value = access->value;

	if (!access->write) {
		access->value = read_register(hw, access->which);
		return OPP_SUCCESS;
	}
	if (access->which == OPP_HOST_STATUS ||
	    (reverse && !(hw->capabilities & OPP_HW_CAN_REVERSE)))
		return OPP_INVALID_DEVICE_REQUEST;
	if (access->keep)
		value ^= read_register(hw, access->which) & access->keep;
	write_register(hw, access->which, value);
	return OPP_SUCCESS;
}

enum opp_status opp_host_access(struct opp_host_port *port, struct opp_host_client *client,
				struct opp_host_access *accesses, size_t count)
{
	enum opp_status status = begin_access(port, client);

	if (status != OPP_SUCCESS)
		return status;
	for (size_t i = 0; i < count && status == OPP_SUCCESS; i++)
		status = access_register(opp_host_hw(port), &accesses[i]);
	opp_wire_give(port);
	return status;
}

enum opp_status opp_host_read(struct opp_host_port *port, struct opp_host_client *client,
			      enum opp_host_register which, uint8_t *value)
{
	struct opp_host_access access = { .which = which };
	const enum opp_status status = opp_host_access(port, client, &access, 1);

	if (status == OPP_SUCCESS)
		*value = access.value;
	return status;
}

enum opp_status opp_host_write_register(struct opp_host_port *port, struct opp_host_client *client,
					enum opp_host_register which, uint8_t value)
{
	return opp_host_access(
		port, client,
		&(struct opp_host_access){ .which = which, .write = true, .value = value }, 1);
}
