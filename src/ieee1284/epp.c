/* SPDX-License-Identifier: MIT */
/*
 * EPP: one byte a cycle, data or address, either way.
 *
 *	        strobe low            ev 58             ev 60
 *	REST -------------> STROBED --------> TAKEN ----------> BYTE or done
 *	     ev 62, 56, 67, 64       strobe high       a byte more
 *	                             ev 63, 59
 *
 * In a read the data lines are the peripheral's until event 60: the host does
 * not drive them before (BACK), and where event 60 is missing not at all.
 *
 * The chip makes the cycles where it can; by lines they have the same order.
 * A cycle that is not answered may or may not have been noticed: it is not
 * counted, and nothing is tried twice.
 *
 * EPP has no "nothing to say": a read asks for as many bytes as its buffer holds.
 */
#include "handshake.h"

/* The lines by their names in EPP. */
#define NWRITE OPP_LINE_NSTROBE
#define NDSTRB OPP_LINE_NAUTOFD
#define NASTRB OPP_LINE_NSELECTIN
#define NWAIT  OPP_LINE_BUSY

#define IDLE OPP_CONTROL_LINES /* all high */

#define WIDE_BYTES 4u

/* A peripheral may hold up the chip's cycle so long, and the processor with it. */
#define CYCLE_MOST_NS 12000u

/* EPP 1.7, by lines: nWait need not fall, but when it does it does so within 10 us. */
#define FALL_LOOKS 16u
#define LOOK_NS    1000u

/* How far a transfer is. */
enum {
	REST,
	BYTE,
	STROBED,
	TAKEN,
	CYCLES,
	BACK,
};

/* What a write or read moves, in one shape. */
struct errand {
	bool reading;
	bool address;
	size_t length;
	uint64_t rest_us; /* how long the peripheral may keep the first cycle from starting */
};

static struct errand errand_of(const struct opp_transfer *transfer, bool reading)
{
	if (reading)
		return (struct errand){
			.reading = true,
			.address = transfer->read.address,
			.length = transfer->read.capacity,
			.rest_us = transfer->read.first_us,
		};
	return (struct errand){
		.address = transfer->write.address,
		.length = transfer->write.length,
		.rest_us = transfer->write.inactivity_us,
	};
}

static const uint8_t *to_send(const struct opp_transfer *transfer)
{
	return (const uint8_t *)transfer->write.bytes + transfer->moved;
}

/* EPP 1.7: a cycle starts whatever nWait is, and nWait need not fall after it. */
static bool minds_rest(const struct opp_run *run)
{
	return !(run->protocol->options & OPP_PROTOCOL_EPP_17);
}

/* A cycle is not ended in the middle: whose the byte is would be anybody's guess. */
static enum opp_answer await_end(struct opp_run *run)
{
	static const struct opp_move over = OPP_EXPECT(60, NWAIT, 0);

	if (minds_rest(run))
		return opp_await_or(run, &over, opp_answer_us(run), OPP_TIMEOUT);
	for (uint32_t looks = FALL_LOOKS; looks && !opp_sees(run, NWAIT, 0); looks--)
		opp_hold(run, LOOK_NS);
	return OPP_ANSWER_CAME;
}

/* ---- the end of a read ------------------------------------------------------------------ */

static bool has_cycles(const struct opp_run *run)
{
	return (run->hw->capabilities & OPP_HW_CAN_EPP) &&
	       !(run->protocol->options & OPP_PROTOCOL_SOFTWARE_EPP);
}

/* The bus is the peripheral's until it is reset: event 68. */
static enum opp_flow keep_away(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	if (has_cycles(run))
		(void)run->hw->ops->set_chip_mode(run->hw, OPP_CHIP_BYTE);
	run->protocol->position = OPP_AT_BROKEN_OFF;
	return opp_return(run, transfer->verdict == OPP_SUCCESS ? OPP_TIMEOUT : transfer->verdict);
}

static enum opp_flow come_back(struct opp_run *run)
{
	switch (await_end(run)) {
	case OPP_ANSWER_CAME: break;
	case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
	case OPP_ANSWER_LOST: return keep_away(run);
	}
	if (has_cycles(run))
		run->hw->ops->epp_stop(run->hw);
	else
		run->hw->ops->set_reverse(run->hw, false);
	return opp_return(run, run->transfer->verdict);
}

/* No strobe is low. */
static enum opp_flow go_back(struct opp_run *run, enum opp_status verdict)
{
	run->transfer->verdict = verdict;
	*opp_at(run) = BACK;
	return come_back(run);
}

/* ---- by hardware ----------------------------------------------------------------------- */

/* Of a system that sleeps while its driver makes cycles: at the slowest 12 ms. */
#define BULK_BYTES 1000u

/* Bytes of the next block: what the budget allows at the slowest, whole accesses of *@width. */
static size_t next_block(const struct opp_run *run, const struct errand *errand, uint32_t *width)
{
	const size_t left = errand->length - run->transfer->moved;
	const bool wide = !errand->address && left >= WIDE_BYTES &&
			  (run->protocol->options & OPP_PROTOCOL_EPP_WIDE) &&
			  (run->hw->capabilities & OPP_HW_CAN_EPP_WIDE);
	size_t block = run->hw->capabilities & OPP_HW_CAN_BULK ? BULK_BYTES
							       : run->budget_ns / CYCLE_MOST_NS;

	*width = wide ? WIDE_BYTES : 1;
	if (block < *width)
		block = *width;
	if (block > left)
		block = left;
	return block - block % *width;
}

static size_t make_cycles(struct opp_run *run, const struct errand *errand, size_t block,
			  uint32_t width)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	const enum opp_epp_cycle cycle = errand->address ? OPP_EPP_ADDRESS : OPP_EPP_DATA;

	if (errand->reading)
		return hw->ops->epp_read(hw, cycle, transfer->read.bytes + transfer->moved, block,
					 width);
	return hw->ops->epp_write(hw, cycle, to_send(transfer), block, width);
}

static enum opp_flow stop_cycles(struct opp_run *run, const struct errand *errand,
				 enum opp_status status)
{
	if (errand->reading)
		return go_back(run, status);
	run->hw->ops->epp_stop(run->hw);
	return opp_return(run, status);
}

static enum opp_flow time_out(struct opp_run *run, const struct errand *errand)
{
	(void)opp_sees(run, 0, 0);
	opp_note_fault(run, OPP_TIMEOUT, 58);
	return stop_cycles(run, errand, OPP_TIMEOUT);
}

static enum opp_flow go_by_cycles(struct opp_run *run, const struct errand *errand)
{
	struct opp_transfer *transfer = run->transfer;
	uint32_t width;
	size_t block;
	size_t done;

	do {
		if (opp_ended(run))
			return stop_cycles(run, errand, opp_ended(run));
		block = next_block(run, errand, &width);
		done = make_cycles(run, errand, block, width);
		transfer->moved += done;
		run->stalled_ns += (uint64_t)block * CYCLE_MOST_NS;
		if (done < block)
			return time_out(run, errand);
		if (transfer->moved == errand->length)
			return stop_cycles(run, errand, OPP_SUCCESS);
	} while (!opp_is_spent(run));
	return OPP_FLOW_AGAIN;
}

/* ---- by lines ---------------------------------------------------------------------------- */

static void drive_idle(struct opp_run *run)
{
	struct opp_hw *hw = run->hw;

	if (hw->ops->read_control(hw) != IDLE)
		hw->ops->write_control(hw, OPP_CONTROL_LINES, IDLE); /* ev 61 */
}

/* After event 60, or a write. */
static enum opp_flow rest(struct opp_run *run, enum opp_status status)
{
	drive_idle(run);
	run->hw->ops->set_reverse(run->hw, false);
	return opp_return(run, status);
}

static enum opp_flow break_off(struct opp_run *run, const struct errand *errand)
{
	if (!errand->reading)
		return rest(run, run->transfer->result);
	drive_idle(run); /* ev 63, 59 */
	return go_back(run, run->transfer->result);
}

static uint8_t strobe_of(const struct errand *errand)
{
	return errand->address ? NASTRB : NDSTRB;
}

static void strobe(struct opp_run *run, const struct errand *errand)
{
	struct opp_hw *hw = run->hw;

	if (errand->reading) {
		hw->ops->write_control(hw, strobe_of(errand), 0); /* ev 67, 64 */
		return;
	}
	hw->ops->write_data(hw, *to_send(run->transfer));
	hw->ops->write_control(hw, NWRITE | strobe_of(errand), 0); /* ev 62, 56 */
}

static void release(struct opp_run *run, const struct errand *errand)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;

	if (errand->reading)
		transfer->read.bytes[transfer->moved] = hw->ops->read_data(hw);
	hw->ops->write_control(hw, strobe_of(errand), strobe_of(errand)); /* ev 63, 59 */
}

static enum opp_answer await_cycle(struct opp_run *run)
{
	static const struct opp_move taken = OPP_EXPECT(58, NWAIT, NWAIT);

	switch (*opp_at(run)) {
	case STROBED: return opp_await_or(run, &taken, opp_answer_us(run), OPP_TIMEOUT);
	case TAKEN: return await_end(run);
	default: return OPP_ANSWER_CAME;
	}
}

static enum opp_flow go_by_lines(struct opp_run *run, const struct errand *errand)
{
	struct opp_transfer *transfer = run->transfer;
	uint8_t *at = opp_at(run);

	for (;;) {
		switch (await_cycle(run)) {
		case OPP_ANSWER_CAME: break;
		case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
		case OPP_ANSWER_LOST: return break_off(run, errand);
		}
		switch (*at) {
		case STROBED:
			release(run, errand);
			*at = TAKEN;
			break;
		case TAKEN:
			*at = BYTE;
			if (++transfer->moved == errand->length)
				return rest(run, OPP_SUCCESS);
			if (opp_is_spent(run))
				return OPP_FLOW_AGAIN;
			break;
		default:
			if (opp_ended(run))
				return rest(run, opp_ended(run));
			strobe(run, errand);
			*at = STROBED;
		}
	}
}

/* ---- both ---------------------------------------------------------------------------------- */

static void start(struct opp_run *run, const struct errand *errand)
{
	if (has_cycles(run)) {
		run->hw->ops->epp_start(run->hw, errand->reading);
		*opp_at(run) = CYCLES;
		return;
	}
	run->hw->ops->set_reverse(run->hw, errand->reading);
	*opp_at(run) = BYTE;
}

/* Only the first cycle is waited for here: the chip and ev 60 see to the others. */
static enum opp_flow move_bytes(struct opp_run *run, bool reading)
{
	static const struct opp_move at_rest = OPP_AWAIT(60, NWAIT, 0);
	const struct errand errand = errand_of(run->transfer, reading);

	if (*opp_at(run) == REST) {
		switch (minds_rest(run) ? opp_await_or(run, &at_rest, errand.rest_us, OPP_TIMEOUT)
					: OPP_ANSWER_CAME) {
		case OPP_ANSWER_CAME: break;
		case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
		case OPP_ANSWER_LOST: return opp_return(run, run->transfer->result);
		}
		start(run, &errand);
	}
	switch (*opp_at(run)) {
	case CYCLES: return go_by_cycles(run, &errand);
	case BACK: return come_back(run);
	default: return go_by_lines(run, &errand);
	}
}

static enum opp_flow write_bytes(struct opp_run *run)
{
	return move_bytes(run, false);
}

static enum opp_flow read_bytes(struct opp_run *run)
{
	if (!(run->hw->capabilities & OPP_HW_CAN_REVERSE))
		return opp_return(run, OPP_INVALID_DEVICE_REQUEST);
	return move_bytes(run, true);
}

/* ---- in and out ------------------------------------------------------------------------------ */

static enum opp_flow enter(struct opp_run *run)
{
	run->hw->ops->write_control(run->hw, OPP_CONTROL_LINES, IDLE);
	run->protocol->position = OPP_AT_EPP_IDLE;
	return opp_return(run, OPP_SUCCESS);
}

/* Compatibility mode is not gone through: who drives registers may have negotiated by them. */
static enum opp_flow enter_unasked(struct opp_run *run)
{
	if (run->protocol->mode != OPP_MODE_COMPAT)
		return opp_call(run, 0, &opp_termination);
	run->protocol->mode = OPP_MODE_EPP;
	run->protocol->request = OPP_REQUEST_EPP;
	return enter(run);
}

static const struct opp_stage entering = { .go_on = enter, .phase = OPP_PHASE_NEGOTIATION };
static const struct opp_stage entering_unasked = { .go_on = enter_unasked,
						   .phase = OPP_PHASE_NEGOTIATION };
static const struct opp_stage writing = { .go_on = write_bytes, .phase = OPP_PHASE_WRITE };
static const struct opp_stage reading = { .go_on = read_bytes, .phase = OPP_PHASE_READ };

const struct opp_mode_row opp_mode_epp = {
	.enter = &entering,
	.write = &writing,
	.read = &reading,
	.leave = &opp_leave_epp,
};

void opp_epp_begin(struct opp_transfer *transfer, struct opp_protocol *protocol)
{
	opp_transfer_prepare(transfer, protocol, &entering_unasked);
}
