/* SPDX-License-Identifier: MIT */
/*
 * Writing in compatibility mode: the classic strobe, by software.
 *
 *	          Busy high or nFault low           out of time
 *	READY ------------------------------> STALLED ---------> done
 *	 ^  |  <------------------------------
 *	 |  |     Busy low and nFault high
 *	 |  v
 *	one byte: DATA, nStrobe low, nStrobe high
 *
 * Four register accesses a byte and nothing else, since on real hardware they
 * are what the time is spent on. nAck is not looked at: printers disagree on
 * when it comes, and all agree on Busy.
 *
 * Events of IEEE 1284 do not apply here; this neither negotiates nor resets.
 */
#include <openparport/ieee1284.h>

/* Data setup, strobe width and hold the host owes (IEEE1284 3.1). */
#define PULSE_NS 750u

#define ACCESSES_A_BYTE 4u
#define STALLS_A_BYTE   3u

/* Most printers are ready again sooner than a sleep would take. */
#define POLL_US 500u

/* After that, a look each quarter of the time waited costs little and is late by little. */
#define NAP_LEAST_US 500u
#define NAP_MOST_US  100000u

static uint64_t later_us(uint64_t time_us, uint64_t by_us)
{
	return by_us > UINT64_MAX - time_us ? UINT64_MAX : time_us + by_us;
}

static uint64_t earlier_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void opp_compat_write_begin(struct opp_transfer *transfer, const void *bytes, size_t length,
			    uint64_t inactivity_us, uint64_t fault_us)
{
	*transfer = (struct opp_transfer){
		.bytes = bytes,
		.length = length,
		.inactivity_us = inactivity_us,
		.fault_us = fault_us,
		.status = length ? OPP_PENDING : OPP_SUCCESS,
	};
}

/* Costs no access where the lines are so already, as after every byte. */
static void make_idle(struct opp_hw *hw)
{
	if (hw->ops->read_control(hw) != OPP_CONTROL_IDLE)
		hw->ops->write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	hw->ops->set_reverse(hw, false);
}

static enum opp_step succeed(struct opp_transfer *transfer)
{
	transfer->status = OPP_SUCCESS;
	return OPP_STEP_DONE;
}

/* Where something went wrong a write may have been lost too: be sure of the lines. */
static enum opp_step fail(struct opp_transfer *transfer, struct opp_hw *hw, enum opp_status status)
{
	hw->ops->write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	transfer->status = status;
	return OPP_STEP_DONE;
}

static void note_fault(struct opp_transfer *transfer, struct opp_hw *hw, enum opp_status what,
		       uint8_t status_lines, uint64_t now_us)
{
	if (transfer->fault.status != OPP_SUCCESS)
		return;
	transfer->fault = (struct opp_fault){
		.status = what,
		.phase = OPP_PHASE_COMPAT_READY,
		.event = OPP_NO_EVENT,
		.status_lines = status_lines,
		.control_lines = hw->ops->read_control(hw),
		.time_us = now_us,
	};
}

/* A fault is waited for once in a stall, so that flickering lines cannot hold us for ever. */
static uint64_t give_up_at_us(const struct opp_transfer *transfer, bool fault_shows)
{
	uint64_t fault_over_us;

	if (!transfer->faulted)
		return later_us(transfer->stalled_at_us, transfer->inactivity_us);
	fault_over_us = later_us(transfer->fault_at_us, transfer->fault_us);
	return fault_shows ? fault_over_us : later_us(fault_over_us, transfer->inactivity_us);
}

static struct opp_wait wait_before(const struct opp_transfer *transfer, bool fault_shows,
				   uint64_t now_us, uint64_t give_up_us)
{
	uint64_t waited_us = now_us - transfer->stalled_at_us;
	uint64_t nap_us = waited_us >> 2;
	struct opp_wait wait = { .poll = !fault_shows && waited_us < POLL_US };

	if (nap_us < NAP_LEAST_US)
		nap_us = NAP_LEAST_US;
	if (nap_us > NAP_MOST_US)
		nap_us = NAP_MOST_US;
	wait.until_us =
		wait.poll ? later_us(transfer->stalled_at_us, POLL_US) : later_us(now_us, nap_us);
	wait.until_us = earlier_of(wait.until_us, give_up_us);
	return wait;
}

static enum opp_step refused(struct opp_transfer *transfer, struct opp_hw *hw, uint8_t status_lines,
			     uint64_t now_us)
{
	enum opp_status fault = opp_line_fault(status_lines);
	bool fault_shows = fault != OPP_SUCCESS;
	uint64_t give_up_us;

	if (!transfer->stalled) {
		transfer->stalled = true;
		transfer->faulted = false;
		transfer->stalled_at_us = now_us;
	}
	if (fault_shows && !transfer->faulted) {
		transfer->faulted = true;
		transfer->fault_at_us = now_us;
		note_fault(transfer, hw, fault, status_lines, now_us);
	}
	give_up_us = give_up_at_us(transfer, fault_shows);
	if (now_us < give_up_us) {
		transfer->wait = wait_before(transfer, fault_shows, now_us, give_up_us);
		return OPP_STEP_WAIT;
	}
	if (!fault_shows)
		fault = OPP_TIMEOUT;
	note_fault(transfer, hw, fault, status_lines, now_us);
	return fail(transfer, hw, fault);
}

static void stall(struct opp_hw *hw, uint32_t ns)
{
	if (ns)
		hw->env->busy_wait_ns(hw->env->context, ns);
}

static void send_byte(struct opp_hw *hw, uint8_t byte, uint32_t stall_ns)
{
	hw->ops->write_data(hw, byte);
	stall(hw, stall_ns);
	hw->ops->write_control(hw, OPP_LINE_NSTROBE, 0);
	stall(hw, stall_ns);
	hw->ops->write_control(hw, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE);
	stall(hw, stall_ns);
}

enum opp_step opp_compat_write_step(struct opp_transfer *transfer, struct opp_hw *hw,
				    uint64_t now_us, uint32_t budget_ns)
{
	/* An access that is slow enough is the pulse; a faster one is stretched. */
	const uint32_t stall_ns = hw->access_ns < PULSE_NS ? PULSE_NS - hw->access_ns : 0;
	const uint32_t byte_ns = ACCESSES_A_BYTE * hw->access_ns + STALLS_A_BYTE * stall_ns;
	const uint32_t most = budget_ns / byte_ns;
	uint32_t sent = 0;
	uint32_t ended_by;
	uint8_t status;

	if (transfer->status != OPP_PENDING)
		return OPP_STEP_DONE;
	make_idle(hw);
	do {
		ended_by = atomic_load_explicit(&transfer->ended_by, memory_order_acquire);
		if (ended_by)
			return fail(transfer, hw, (enum opp_status)ended_by);
		status = hw->ops->read_status(hw);
		if ((status & (OPP_LINE_BUSY | OPP_LINE_NFAULT)) != OPP_LINE_NFAULT)
			return refused(transfer, hw, status, now_us);
		transfer->stalled = false;
		send_byte(hw, transfer->bytes[transfer->moved], stall_ns);
		if (++transfer->moved == transfer->length)
			return succeed(transfer);
	} while (++sent < most);
	return OPP_STEP_AGAIN;
}
