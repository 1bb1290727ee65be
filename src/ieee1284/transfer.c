/* SPDX-License-Identifier: MIT */
/*
 * What transfers of every kind share: the stack of their stages, budgets, waits,
 * the first fault, being told to stop, and which modes there are.
 *
 * No event of IEEE 1284 happens here.
 */
#include "machine.h"

/* Most peripherals have moved sooner than a sleep would take. */
#define POLL_US 500u

/* After that, a look each quarter of the time waited costs little and is late by little. */
#define NAP_LEAST_US 500u
#define NAP_MOST_US  100000u

/* What an access is taken for where nothing is known of it: steps must end. */
#define ACCESS_LEAST_NS 100u

static const struct opp_mode_row *const modes[OPP_MODE_EPP + 1] = {
	[OPP_MODE_COMPAT] = &opp_mode_compat, [OPP_MODE_NIBBLE] = &opp_mode_nibble,
	[OPP_MODE_BYTE] = &opp_mode_byte,     [OPP_MODE_ECP] = &opp_mode_ecp,
	[OPP_MODE_EPP] = &opp_mode_epp,
};

const struct opp_mode_row *opp_mode_row(enum opp_mode mode)
{
	return modes[mode];
}

void opp_protocol_init(struct opp_protocol *protocol, uint32_t options)
{
	*protocol = (struct opp_protocol){ .options = options };
}

/* ---- the stack ------------------------------------------------------------------- */

void opp_transfer_settle(struct opp_transfer *transfer, struct opp_protocol *protocol,
			 enum opp_status status)
{
	*transfer = (struct opp_transfer){
		.protocol = protocol,
		.status = status,
		.channel = OPP_NO_CHANNEL,
	};
}

void opp_transfer_prepare(struct opp_transfer *transfer, struct opp_protocol *protocol,
			  const struct opp_stage *stage)
{
	opp_transfer_settle(transfer, protocol, OPP_PENDING);
	transfer->frames[0].stage = stage;
	transfer->depth = 1;
}

enum opp_flow opp_call(struct opp_run *run, uint8_t at, const struct opp_stage *stage)
{
	struct opp_transfer *transfer = run->transfer;

	*opp_at(run) = at;
	if (transfer->depth == OPP_TRANSFER_DEPTH) {
		run->hw->env->broken(run->hw->env->context, "a transfer's stack is deep enough");
		transfer->result = OPP_UNSUCCESSFUL;
		return OPP_FLOW_ON;
	}
	transfer->frames[transfer->depth++] = (struct opp_frame){ .stage = stage };
	return OPP_FLOW_ON;
}

enum opp_flow opp_become(struct opp_run *run, const struct opp_stage *stage)
{
	run->transfer->frames[run->transfer->depth - 1] = (struct opp_frame){ .stage = stage };
	return OPP_FLOW_ON;
}

enum opp_flow opp_return(struct opp_run *run, enum opp_status result)
{
	run->transfer->depth--;
	run->transfer->result = result;
	return OPP_FLOW_ON;
}

enum opp_step opp_transfer_step(struct opp_transfer *transfer, struct opp_hw *hw, uint64_t now_us,
				uint32_t budget_ns)
{
	struct opp_run run = {
		.transfer = transfer,
		.protocol = transfer->protocol,
		.hw = hw,
		.now_us = now_us,
		.budget_ns = budget_ns,
		.accesses_before = hw->accesses,
	};

	while (transfer->depth) {
		switch (transfer->frames[transfer->depth - 1].stage->go_on(&run)) {
		case OPP_FLOW_ON: break;
		case OPP_FLOW_AGAIN: return OPP_STEP_AGAIN;
		case OPP_FLOW_WAIT: return OPP_STEP_WAIT;
		}
		if (!transfer->depth)
			transfer->status = transfer->result;
	}
	return OPP_STEP_DONE;
}

/* ---- waiting and time ----------------------------------------------------------------- */

static uint64_t spent_ns(const struct opp_run *run, uint32_t access_ns)
{
	return (run->hw->accesses - run->accesses_before) * access_ns + run->stalled_ns;
}

bool opp_is_spent(const struct opp_run *run)
{
	const uint32_t access_ns = run->hw->access_ns;

	return run->hw->accesses != run->accesses_before &&
	       spent_ns(run, access_ns < ACCESS_LEAST_NS ? ACCESS_LEAST_NS : access_ns) >=
		       run->budget_ns;
}

void opp_hold(struct opp_run *run, uint32_t ns)
{
	/* An access that is slow enough is the pulse; a faster one is stretched. */
	if (ns <= run->hw->access_ns)
		return;
	ns -= run->hw->access_ns;
	run->stalled_ns += ns;
	run->hw->env->busy_wait_ns(run->hw->env->context, ns);
}

void opp_nap(struct opp_run *run, uint64_t give_up_us, bool poll)
{
	struct opp_transfer *transfer = run->transfer;
	const uint64_t since_us = transfer->waiting_since_us;
	const uint64_t waited_us = run->now_us > since_us ? run->now_us - since_us : 0;
	uint64_t nap_us = waited_us >> 2;
	uint64_t until_us;

	if (nap_us < NAP_LEAST_US)
		nap_us = NAP_LEAST_US;
	if (nap_us > NAP_MOST_US)
		nap_us = NAP_MOST_US;
	poll = poll && waited_us < POLL_US;
	until_us = poll ? opp_later_us(since_us, POLL_US) : opp_later_us(run->now_us, nap_us);
	transfer->wait = (struct opp_wait){
		.until_us = until_us < give_up_us ? until_us : give_up_us,
		.poll = poll,
	};
}

bool opp_is_late(struct opp_run *run, uint64_t limit_us)
{
	struct opp_transfer *transfer = run->transfer;
	uint64_t give_up_us;

	if (!transfer->waiting) {
		transfer->waiting = true;
		transfer->waiting_since_us = opp_later_us(
			run->now_us, (uint32_t)spent_ns(run, run->hw->access_ns) / 1000 + 1);
	}
	give_up_us = opp_later_us(transfer->waiting_since_us, limit_us);
	opp_nap(run, give_up_us, true);
	return !limit_us || run->now_us >= give_up_us;
}

/* ---- ends ----------------------------------------------------------------------------- */

/* A handshake's phase is that of the stage that shakes. */
static enum opp_phase phase_of(const struct opp_transfer *transfer)
{
	uint8_t top = (uint8_t)(transfer->depth - 1);

	while (top && transfer->frames[top].stage->is_part)
		top--;
	return transfer->frames[top].stage->phase;
}

void opp_note_fault(struct opp_run *run, enum opp_status status, uint8_t event)
{
	struct opp_transfer *transfer = run->transfer;

	if (transfer->fault.status != OPP_SUCCESS)
		return;
	transfer->fault = (struct opp_fault){
		.status = status,
		.phase = phase_of(transfer),
		.event = event,
		.status_lines = transfer->seen,
		.control_lines = run->hw->ops->read_control(run->hw),
		.time_us = run->now_us,
	};
}

void opp_drive_idle(struct opp_run *run)
{
	run->hw->ops->write_control(run->hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	run->hw->ops->set_reverse(run->hw, false);
}

void opp_transfer_end(struct opp_transfer *transfer, enum opp_status reason)
{
	uint32_t nobody = OPP_SUCCESS;

	atomic_compare_exchange_strong(&transfer->ended_by, &nobody, (uint32_t)reason);
}

/* ---- reading and writing ----------------------------------------------------------------- */

static enum opp_flow move_bytes(struct opp_run *run, const struct opp_stage *how)
{
	if (!how)
		return opp_return(run, OPP_INVALID_DEVICE_REQUEST);
	if (run->protocol->position == OPP_AT_BROKEN_OFF)
		return opp_return(run, OPP_INVALID_DEVICE_STATE);
	return opp_become(run, how);
}

static enum opp_flow write_in_mode(struct opp_run *run)
{
	return move_bytes(run, opp_mode_row(run->protocol->mode)->write);
}

static enum opp_flow read_in_mode(struct opp_run *run)
{
	return move_bytes(run, opp_mode_row(run->protocol->mode)->read);
}

static const struct opp_stage reading = { .go_on = read_in_mode, .phase = OPP_PHASE_READ };
static const struct opp_stage writing = { .go_on = write_in_mode, .phase = OPP_PHASE_WRITE };

void opp_write_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
		     const struct opp_write *what)
{
	if (what->length)
		opp_transfer_prepare(transfer, protocol, &writing);
	else
		opp_transfer_settle(transfer, protocol, OPP_SUCCESS);
	transfer->write = *what;
}

void opp_read_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
		    const struct opp_read *what)
{
	if (what->capacity)
		opp_transfer_prepare(transfer, protocol, &reading);
	else
		opp_transfer_settle(transfer, protocol, OPP_SUCCESS);
	transfer->read = *what;
}
