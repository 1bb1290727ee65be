/* SPDX-License-Identifier: MIT */
/*
 * Writing in compatibility mode: the classic strobe, by software.
 *
 *	          Busy high or nFault low           out of time
 *	READY ------------------------------> WAITING ---------> done
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
#include "compat.h"

/* Data setup, strobe width and hold the host owes (IEEE1284 3.1). */
#define PULSE_NS 750u

#define ACCESSES_A_BYTE 4u
#define STALLS_A_BYTE   3u

enum opp_status opp_line_condition(uint8_t status)
{
	/* nAck means nothing outside a pulse: a dead printer may leave it anywhere. */
	const uint32_t steady = status & (OPP_STATUS_LINES & ~OPP_LINE_NACK);

	if (steady == (OPP_STATUS_LINES & ~OPP_LINE_NACK))
		return OPP_DEVICE_NOT_CONNECTED;
	if (steady == 0)
		return OPP_DEVICE_POWERED_OFF;
	if (status & OPP_LINE_PERROR)
		return OPP_DEVICE_PAPER_EMPTY;
	if (!(status & OPP_LINE_SELECT))
		return OPP_DEVICE_OFF_LINE;
	return status & OPP_LINE_NFAULT ? OPP_SUCCESS : OPP_IO_DEVICE_ERROR;
}

enum opp_status opp_line_fault(uint8_t status)
{
	const enum opp_status condition = opp_line_condition(status);
	const bool calls = !(status & OPP_LINE_NFAULT) || condition == OPP_DEVICE_NOT_CONNECTED;

	return calls ? condition : OPP_SUCCESS;
}

/* Costs no access where the lines are so already, as after every byte. */
void compat_make_idle(struct opp_hw *hw)
{
	if (hw->ops->read_control(hw) != OPP_CONTROL_IDLE)
		hw->ops->write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	hw->ops->set_reverse(hw, false);
}

/* Where something went wrong a write may have been lost too: be sure of the lines. */
enum opp_flow compat_fail(struct opp_run *run, enum opp_status status)
{
	if (status == OPP_TIMEOUT)
		opp_note_fault(run, status, OPP_NO_EVENT);
	opp_drive_idle(run);
	return opp_return(run, status);
}

/* A fault is waited for once in a stall, so that flickering lines cannot hold us for ever. */
static uint64_t give_up_at_us(const struct opp_transfer *transfer, bool fault_shows)
{
	const struct opp_write *what = &transfer->write;
	uint64_t fault_over_us;

	if (!transfer->faulted)
		return opp_later_us(transfer->waiting_since_us, what->inactivity_us);
	fault_over_us = opp_later_us(transfer->fault_at_us, what->fault_us);
	return fault_shows ? fault_over_us : opp_later_us(fault_over_us, what->inactivity_us);
}

enum opp_status compat_refused(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	enum opp_status fault = opp_line_fault(transfer->seen);
	const bool fault_shows = fault != OPP_SUCCESS;
	uint64_t give_up_us;

	if (!transfer->waiting) {
		transfer->waiting = true;
		transfer->faulted = false;
		transfer->waiting_since_us = run->now_us;
	}
	if (fault_shows && !transfer->faulted) {
		transfer->faulted = true;
		transfer->fault_at_us = run->now_us;
		opp_note_fault(run, fault, OPP_NO_EVENT);
	}
	give_up_us = give_up_at_us(transfer, fault_shows);
	if (run->now_us < give_up_us) {
		opp_nap(run, give_up_us, !fault_shows);
		return OPP_PENDING;
	}
	return fault_shows ? fault : OPP_TIMEOUT;
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

static enum opp_flow write_bytes(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	const uint8_t *bytes = transfer->write.bytes;
	/* An access that is slow enough is the pulse; a faster one is stretched. */
	const uint32_t stall_ns = hw->access_ns < PULSE_NS ? PULSE_NS - hw->access_ns : 0;
	const uint32_t byte_ns = ACCESSES_A_BYTE * hw->access_ns + STALLS_A_BYTE * stall_ns;
	const uint32_t most = run->budget_ns / byte_ns;
	uint32_t sent = 0;
	enum opp_status why;

	compat_make_idle(hw);
	do {
		if (opp_ended(run))
			return compat_fail(run, opp_ended(run));
		transfer->seen = hw->ops->read_status(hw);
		if (compat_is_refused(transfer->seen)) {
			why = compat_refused(run);
			return why == OPP_PENDING ? OPP_FLOW_WAIT : compat_fail(run, why);
		}
		opp_moved_on(run);
		send_byte(hw, bytes[transfer->moved], stall_ns);
		if (++transfer->moved == transfer->write.length)
			return opp_return(run, OPP_SUCCESS);
	} while (++sent < most);
	return OPP_FLOW_AGAIN;
}

const struct opp_stage compat_software_write = { .go_on = write_bytes,
						 .phase = OPP_PHASE_COMPAT_READY };

static enum opp_flow write_somehow(struct opp_run *run)
{
	if ((run->protocol->options & OPP_PROTOCOL_COMPAT_FIFO) &&
	    (run->hw->capabilities & OPP_HW_CAN_FIFO))
		return opp_become(run, &compat_fifo_write);
	if (run->hw->capabilities & OPP_HW_CAN_BULK)
		return opp_become(run, &compat_bulk_write);
	return opp_become(run, &compat_software_write);
}

static const struct opp_stage writing = { .go_on = write_somehow, .phase = OPP_PHASE_WRITE };

const struct opp_mode_row opp_mode_compat = { .write = &writing };
