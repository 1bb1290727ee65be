/* SPDX-License-Identifier: MIT */
/*
 * Several pin operations as one request of the holder, done by the port's worker.
 *
 *	          .-------- over --------------------.
 *	          v                                  |
 *	begin -> next ---- a delay, a wait ------> timing -- waited too long --.
 *	          | |                                |                         v
 *	          | '---- ended by somebody ---------'------------------> breaking off
 *	          v                                                            |
 *	         done  <-------------------------------------------------------'
 *
 * Two clocks. How long a delay lasts is counted by the monotonic clock: asleep
 * while it is long, looking at the clock while it is short. When an operation
 * took effect is told by the port's own clock; on a simulated port that is
 * virtual time, and the access after a delay is planned there, so that what hangs
 * on the port sees the delay to the nanosecond, however late the worker was.
 *
 * A step never ends within the last SPIN_NS of a delay.
 */
#include "host.h"

/* A delay that is longer than this sleeps for the rest; the kernel may wake us as late. */
#define NAP_NS UINT64_C(100000)

/* The last part of a delay is spent looking at the clock. */
#define SPIN_NS UINT64_C(50000)

/* A line that is waited for is looked at so often when nothing else wakes the worker. */
#define LOOK_NS UINT64_C(1000000)

#define NS_PER_US UINT64_C(1000)

static bool takes_time(const struct opp_batch_op *op)
{
	return op->what == OPP_BATCH_DELAY || op->what == OPP_BATCH_WAIT_STATUS;
}

bool opp_host_batch_is_valid(const struct opp_batch_op *ops, size_t count)
{
	uint64_t left_ns = OPP_BATCH_NS_MOST;
	size_t i;

	if (count == 0 || count > OPP_BATCH_OPS_MOST)
		return false;
	for (i = 0; i < count; i++) {
		const struct opp_batch_op *op = &ops[i];

		if (op->what < OPP_BATCH_DATA || op->what > OPP_BATCH_DATA_AS_WAS)
			return false;
		if (!takes_time(op))
			continue;
		if (op->ns > left_ns)
			return false;
		left_ns -= op->ns;
	}
	return true;
}

void opp_batch_begin(struct opp_host_req *req)
{
	req->transfer = (struct opp_transfer){ .status = OPP_PENDING };
}

/* ---- the port's clock ------------------------------------------------------------------ */

static uint64_t clock_ns(const struct opp_host_port *port)
{
	return opp_back_end_clock_ns(&port->below);
}

/* The next access takes effect when it is due. */
static void plan(struct opp_host_port *port, const struct opp_host_batch *batch)
{
	opp_back_end_plan(&port->below, batch->due_ns);
}

/* Operation @op has taken effect. */
static void note(struct opp_host_port *port, struct opp_host_batch *batch, struct opp_batch_op *op)
{
	batch->due_ns = clock_ns(port);
	batch->due_real_ns = opp_host_now_ns();
	op->at_ns = batch->due_ns - batch->began_ns;
}

/* ---- operations that take effect at once --------------------------------------------------- */

static void write_data(struct opp_hw *hw, struct opp_host_batch *batch, uint8_t mask, uint8_t value)
{
	batch->data = (uint8_t)((batch->data & ~mask) | (value & mask));
	hw->ops->write_data(hw, batch->data);
}

static void write_control(struct opp_hw *hw, const struct opp_batch_op *op)
{
	const uint8_t control = hw->ops->raw_read_control(hw);

	hw->ops->raw_write_control(hw, (uint8_t)((control & ~op->mask) | (op->value & op->mask)));
}

static void operate(struct opp_host_port *port, struct opp_host_batch *batch,
		    struct opp_batch_op *op)
{
	struct opp_hw *hw = opp_host_hw(port);

	plan(port, batch);
	switch (op->what) {
	case OPP_BATCH_DATA: write_data(hw, batch, op->mask, op->value); break;
	case OPP_BATCH_DATA_AS_WAS: write_data(hw, batch, op->mask, batch->before); break;
	case OPP_BATCH_CONTROL: write_control(hw, op); break;
	case OPP_BATCH_READ_DATA: op->seen = hw->ops->read_data(hw); break;
	default: op->seen = hw->ops->raw_read_status(hw); break;
	}
	note(port, batch, op);
}

/* What is on the data lines, for those who write some of them; it costs an access. */
static void begin(struct opp_host_port *port, struct opp_host_req *req)
{
	struct opp_host_batch *batch = &req->batch;
	struct opp_hw *hw = opp_host_hw(port);
	bool wanted = false;
	size_t i;

	for (i = 0; i < req->count; i++)
		wanted |= req->ops[i].what == OPP_BATCH_DATA_AS_WAS ||
			  (req->ops[i].what == OPP_BATCH_DATA && req->ops[i].mask != 0xff);
	if (wanted)
		batch->before = hw->ops->read_data(hw);
	else
		(void)opp_back_end_catch_up(&port->below);
	batch->data = batch->before;
	batch->began_ns = clock_ns(port);
	batch->due_ns = batch->began_ns;
	batch->due_real_ns = opp_host_now_ns();
	batch->begun = true;
}

/* ---- operations that take time --------------------------------------------------------------- */

/* Returns OPP_STEP_DONE when the delay is over, at the very time. */
static enum opp_step delay(struct opp_host_port *port, struct opp_host_req *req,
			   struct opp_batch_op *op)
{
	struct opp_host_batch *batch = &req->batch;
	struct opp_wait *wait = &req->transfer.wait;
	uint64_t now_ns = opp_host_now_ns();

	if (!batch->timing) {
		batch->due_ns += op->ns;
		batch->due_real_ns += op->ns;
		op->at_ns = batch->due_ns - batch->began_ns;
	}
	batch->timing = true;
	plan(port, batch);
	wait->poll = now_ns + NAP_NS >= batch->due_real_ns;
	wait->until_us = (batch->due_real_ns - (wait->poll ? 0 : NAP_NS)) / NS_PER_US;
	if (now_ns + SPIN_NS < batch->due_real_ns)
		return OPP_STEP_WAIT;
	while (now_ns < batch->due_real_ns)
		now_ns = opp_host_now_ns();
	return OPP_STEP_DONE;
}

/*
 * Looks at the status lines. Returns OPP_STEP_DONE when they are as they shall be,
 * OPP_STEP_WAIT when they may still become so, else OPP_STEP_AGAIN.
 */
static enum opp_step wait_for_line(struct opp_host_port *port, struct opp_host_req *req,
				   struct opp_batch_op *op)
{
	struct opp_host_batch *batch = &req->batch;
	struct opp_wait *wait = &req->transfer.wait;
	const uint64_t until_ns = batch->due_ns + op->ns;
	uint64_t left_ns;

	if (!batch->timing)
		plan(port, batch);
	batch->timing = true;
	op->seen = opp_host_hw(port)->ops->raw_read_status(opp_host_hw(port));
	if (((op->seen ^ op->value) & op->mask) == 0) {
		note(port, batch, op);
		return OPP_STEP_DONE;
	}
	if (clock_ns(port) >= until_ns)
		return OPP_STEP_AGAIN;
	left_ns = until_ns - clock_ns(port);
	wait->poll = true;
	wait->until_us = (opp_host_now_ns() + (left_ns < LOOK_NS ? left_ns : LOOK_NS)) / NS_PER_US;
	return OPP_STEP_WAIT;
}

/* ---- one after the other ------------------------------------------------------------------------ */

static enum opp_step finish(struct opp_host_port *port, struct opp_host_req *req,
			    enum opp_status status)
{
	opp_back_end_unplan(&port->below);
	req->transfer.status = status;
	return OPP_STEP_DONE;
}

/* What is left is left out, but for what puts the data lines back. */
static enum opp_step break_off(struct opp_host_port *port, struct opp_host_req *req,
			       enum opp_status status)
{
	struct opp_host_batch *batch = &req->batch;
	size_t i;

	batch->due_ns = clock_ns(port);
	for (i = batch->next; batch->begun && i < req->count; i++) {
		if (req->ops[i].what == OPP_BATCH_DATA_AS_WAS)
			operate(port, batch, &req->ops[i]);
	}
	return finish(port, req, status);
}

static enum opp_step do_next(struct opp_host_port *port, struct opp_host_req *req)
{
	struct opp_batch_op *op = &req->ops[req->batch.next];
	enum opp_step step = OPP_STEP_DONE;

	if (op->what == OPP_BATCH_DELAY)
		step = delay(port, req, op);
	else if (op->what == OPP_BATCH_WAIT_STATUS)
		step = wait_for_line(port, req, op);
	else
		operate(port, &req->batch, op);
	if (step == OPP_STEP_DONE) {
		req->batch.timing = false;
		req->batch.next++;
	}
	return step;
}

enum opp_step opp_batch_step(struct opp_host_port *port, struct opp_host_req *req,
			     uint32_t budget_ns)
{
	uint32_t budget = budget_ns / OPP_BACKEND_SIM_ACCESS_NS;
	enum opp_status ended;
	enum opp_step step;

	for (; budget; budget--) {
		ended = (enum opp_status)atomic_load(&req->transfer.ended_by);
		if (ended != OPP_SUCCESS)
			return break_off(port, req, ended);
		if (!req->batch.begun)
			begin(port, req);
		if (req->batch.next == req->count)
			return finish(port, req, OPP_SUCCESS);
		step = do_next(port, req);
		if (step == OPP_STEP_WAIT)
			return step;
		if (step == OPP_STEP_AGAIN)
			return break_off(port, req, OPP_TIMEOUT);
	}
	return OPP_STEP_AGAIN;
}
