/* SPDX-License-Identifier: MIT */
/*
 * The wire between two holders, task by task. Which tasks there are and who
 * drives them stands in <openparport/step.h>.
 *
 * A task that fails does not keep the ones behind it from being tried: what the
 * last holder left is undone as far as the hardware lets us.
 */
#include <openparport/step.h>

/* Between two questions to a system that has lent the port to somebody else. */
#define CLAIM_PAUSE_US      UINT64_C(1000)
#define CLAIM_PAUSE_MOST_US UINT64_C(10000)

void opp_wire_work_begin(struct opp_wire_work *work, uint32_t tasks)
{
	work->tasks = tasks;
	work->mode = OPP_CHIP_SPP;
	work->claim_pause_us = CLAIM_PAUSE_US;
	work->status = OPP_SUCCESS;
	work->in_transfer = false;
	work->selecting = false;
	work->reminded = false;
	work->devices = 0;
	atomic_store(&work->ended, false);
}

void opp_wire_work_hand_over_locked(struct opp_wire_work *work, const struct opp_port *port)
{
	const uint32_t undo = port->undo & ~(uint32_t)OPP_UNDO_TRANSFER;

	opp_wire_work_begin(work, port->granting ? OPP_TASK_SELECT : undo);
	if (port->granting)
		work->address = port->granting->address;
	if (port->presence == OPP_PORT_SURPRISE_REMOVED)
		work->tasks &= (uint32_t)OPP_TASK_UNCLAIM;
}

static void note(struct opp_wire_work *work, enum opp_status status)
{
	if (work->status == OPP_SUCCESS)
		work->status = status;
}

static bool take_task(struct opp_wire_work *work, enum opp_task task)
{
	const bool wanted = work->tasks & task;

	work->tasks &= ~(uint32_t)task;
	return wanted;
}

/* ---- a port that is lent ------------------------------------------------------------------ */

/* Returns false while somebody else has it. */
static bool claim(struct opp_wire_work *work, struct opp_hw *hw, uint64_t now_us)
{
	const enum opp_status status = hw->ops->claim(hw);

	if (status == OPP_PENDING) {
		work->claim = OPP_CLAIM_ASKED;
		work->transfer.wait =
			(struct opp_wait){ .until_us = now_us + work->claim_pause_us };
		work->claim_pause_us *= 2;
		if (work->claim_pause_us > CLAIM_PAUSE_MOST_US)
			work->claim_pause_us = CLAIM_PAUSE_MOST_US;
		return false;
	}
	work->tasks &= ~(uint32_t)OPP_TASK_CLAIM;
	work->claim = status == OPP_SUCCESS ? OPP_CLAIM_OURS : OPP_CLAIM_NONE;
	note(work, status);
	return true;
}

static void unclaim(struct opp_wire_work *work, struct opp_hw *hw)
{
	hw->ops->unclaim(hw);
	work->claim = OPP_CLAIM_NONE;
}

void opp_wire_work_give_up_locked(struct opp_wire_work *work)
{
	if (!take_task(work, OPP_TASK_CLAIM))
		return;
	if (work->claim == OPP_CLAIM_ASKED)
		work->tasks |= (uint32_t)OPP_TASK_UNCLAIM;
}

void opp_wire_work_claimed_locked(const struct opp_wire_work *work, struct opp_port *port)
{
	if (work->claim == OPP_CLAIM_OURS)
		opp_port_left_locked(port, OPP_UNDO_CLAIM);
	else
		opp_port_put_back_locked(port, OPP_UNDO_CLAIM);
}

/* ---- the other tasks --------------------------------------------------------------------- */

static void put_lines_at_idle(struct opp_hw *hw)
{
	hw->ops->write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	hw->ops->set_reverse(hw, false);
}

/* Who is at the other end finds idle lines, which end whatever mode it was in. */
static void restore(struct opp_hw *hw, struct opp_protocol *protocol)
{
	if (hw->ops->restore) {
		hw->ops->restore(hw);
	} else {
		(void)hw->ops->set_chip_mode(hw, OPP_CHIP_SPP);
		put_lines_at_idle(hw);
	}
	opp_protocol_init(protocol, protocol->options);
}

static bool begin_transfer(struct opp_wire_work *work, struct opp_protocol *protocol)
{
	struct opp_transfer *transfer = &work->transfer;

	if (take_task(work, OPP_TASK_DESELECT)) {
		opp_chain_deselect_begin(transfer, protocol);
	} else if (take_task(work, OPP_TASK_ASSIGN)) {
		opp_chain_assign_begin(transfer, protocol, work->most_devices);
	} else if (take_task(work, OPP_TASK_SELECT)) {
		opp_chain_select_begin(transfer, protocol, work->address, OPP_MODE_COMPAT);
		work->selecting = true;
		return true;
	} else {
		return false;
	}
	work->selecting = false;
	return true;
}

/* Somebody listens, and nobody has that address. */
static bool has_forgotten(const struct opp_wire_work *work)
{
	return work->selecting && work->devices && !work->reminded &&
	       work->transfer.status == OPP_UNSUCCESSFUL &&
	       work->transfer.fault.status == OPP_UNSUCCESSFUL;
}

/* Not the chain that it was: nobody knows who is who. */
static bool is_another(const struct opp_wire_work *work)
{
	return work->reminded && !work->selecting && work->transfer.moved != work->devices;
}

static void end_transfer(struct opp_wire_work *work)
{
	if (has_forgotten(work)) {
		work->reminded = true;
		work->most_devices = work->devices;
		work->tasks |= (uint32_t)OPP_TASK_ASSIGN | OPP_TASK_SELECT;
		return;
	}
	note(work, work->transfer.status);
	if (is_another(work)) {
		work->tasks &= ~(uint32_t)OPP_TASK_SELECT;
		note(work, OPP_UNSUCCESSFUL);
	}
}

/* Returns whether a transfer does it; else it is done. */
static bool begin_task(struct opp_wire_work *work, struct opp_hw *hw, struct opp_protocol *protocol)
{
	if (take_task(work, OPP_TASK_RESTORE)) {
		restore(hw, protocol);
		return false;
	}
	if (take_task(work, OPP_TASK_TERMINATE)) {
		opp_terminate_begin(&work->transfer, protocol);
		return true;
	}
	if (take_task(work, OPP_TASK_CHIP_MODE)) {
		note(work, hw->ops->set_chip_mode(hw, work->mode));
		return false;
	}
	if (take_task(work, OPP_TASK_LINES)) {
		put_lines_at_idle(hw);
		return false;
	}
	if (begin_transfer(work, protocol))
		return true;
	if (take_task(work, OPP_TASK_RESUME))
		note(work, hw->ops->set_chip_mode(hw, work->resumed_mode));
	else if (take_task(work, OPP_TASK_UNCLAIM))
		unclaim(work, hw);
	return false;
}

static void stop(struct opp_wire_work *work)
{
	opp_wire_work_give_up_locked(work);
	if (work->tasks & ~(uint32_t)OPP_TASK_UNCLAIM)
		note(work, OPP_DELETE_PENDING);
	work->tasks &= (uint32_t)OPP_TASK_UNCLAIM;
	if (work->in_transfer)
		opp_transfer_end(&work->transfer, OPP_DELETE_PENDING);
}

enum opp_step opp_wire_work_step(struct opp_wire_work *work, struct opp_hw *hw,
				 struct opp_protocol *protocol, uint64_t now_us, uint32_t budget_ns)
{
	enum opp_step step;

	if (atomic_load(&work->ended))
		stop(work);
	if (work->in_transfer) {
		step = opp_transfer_step(&work->transfer, hw, now_us, budget_ns);
		if (step != OPP_STEP_DONE)
			return step;
		end_transfer(work);
	}
	if ((work->tasks & OPP_TASK_CLAIM) && !claim(work, hw, now_us))
		return OPP_STEP_WAIT;
	work->in_transfer = begin_task(work, hw, protocol);
	return work->in_transfer || work->tasks ? OPP_STEP_AGAIN : OPP_STEP_DONE;
}

void opp_wire_work_end(struct opp_wire_work *work)
{
	atomic_store(&work->ended, true);
}

void opp_wire_work_done_locked(struct opp_wire_work *work, struct opp_port *port, uint64_t now_us)
{
	/* Whatever the adapters said: one of them may have heard it. */
	if (port->granting)
		opp_port_left_locked(port, OPP_UNDO_SELECTION);
	opp_wire_work_claimed_locked(work, port);
	opp_port_wire_done_locked(port, work->status, now_us);
}
