/* SPDX-License-Identifier: MIT */
/*
 * Nibble and byte mode between two bytes.
 *
 *	       nFault low at event 5, 13             bytes
 *	HBDA <--------------------------- event 11 <------- HBDA
 *	 ^                                   | nFault high
 *	 | events 19, 20, 21                 v            event 7
 *	 '---------------- event 18 <--- REVERSE IDLE <--------- HBDNA
 *
 * A read leaves HBDNA for reverse idle only when it wants a byte that is not
 * there. It waits there by looking at nFault and nAck; an interrupt (event 19
 * raises nAck) only makes the next look come sooner.
 *
 * When the byte comes between the last look and event 7, there is no reverse
 * idle: event 7 has asked for the byte, and events 8 and 9 follow.
 */
#include "handshake.h"
#include "reverse.h"

static const struct opp_move data_came[] = {
	/* ev 20 */
	OPP_DRIVE(20, OPP_LINE_NAUTOFD, OPP_LINE_NAUTOFD),
	/* ev 21: host busy, data available */
	OPP_OWED(21, OPP_LINE_PERROR, 0),
	OPP_END,
};

bool opp_reverse_has_more(const struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;

	return run->protocol->position == OPP_AT_HBDA &&
	       transfer->moved < transfer->read.capacity && !opp_ended(run);
}

void opp_reverse_place(struct opp_run *run)
{
	run->protocol->position =
		run->transfer->seen & OPP_LINE_NFAULT ? OPP_AT_HBDNA : OPP_AT_HBDA;
}

enum opp_flow opp_reverse_broke_off(struct opp_run *run, enum opp_answer answer)
{
	if (answer == OPP_ANSWER_WAIT)
		return OPP_FLOW_WAIT;
	run->hw->ops->write_control(run->hw, OPP_LINE_NAUTOFD, OPP_LINE_NAUTOFD);
	run->protocol->position = OPP_AT_BROKEN_OFF;
	return opp_return(run, run->transfer->result);
}

enum {
	AT_BOUNDARY,
	AT_BYTES_END,
	AT_REVERSE_IDLE,
	AT_DOUBT,
	AT_CALLED,
	AT_DATA_CAME,
};

/* Of reverse idle: event 18, and event 9, lower one of them at least. */
#define QUIET (OPP_LINE_NFAULT | OPP_LINE_NACK)

/* Nothing waits, as far as we know. */
static enum opp_flow go_idle(struct opp_run *run)
{
	if (run->protocol->position == OPP_AT_HBDNA) {
		if (opp_sees(run, OPP_LINE_NFAULT, 0)) {
			run->protocol->position = OPP_AT_HBDA;
			return OPP_FLOW_ON;
		}
		run->hw->ops->write_control(run->hw, OPP_LINE_NAUTOFD, 0); /* ev 7 */
		run->protocol->position = OPP_AT_REVERSE_IDLE;
		if (!opp_sees(run, QUIET, QUIET)) {
			*opp_at(run) = AT_DOUBT;
			return OPP_FLOW_ON;
		}
	}
	*opp_at(run) = AT_REVERSE_IDLE;
	return OPP_FLOW_ON;
}

static enum opp_flow fetch(struct opp_run *run, uint8_t from)
{
	(void)opp_call(run, AT_BYTES_END,
		       run->protocol->mode == OPP_MODE_BYTE ? &opp_byte_bytes : &opp_nibble_bytes);
	*opp_at(run) = from;
	return OPP_FLOW_ON;
}

static enum opp_flow next_byte(struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;

	if (transfer->moved == transfer->read.capacity)
		return opp_return(run, OPP_SUCCESS);
	if (opp_ended(run))
		return opp_return(run, opp_ended(run));
	if (run->protocol->position != OPP_AT_HBDA)
		return go_idle(run);
	return fetch(run, OPP_BYTE_BOUNDARY);
}

static enum opp_flow wait_for_data(struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;
	const struct opp_read *what = &transfer->read;

	while (opp_sees(run, QUIET, QUIET)) {
		if (opp_ended(run) ||
		    opp_is_late(run, transfer->moved ? what->silence_us : what->first_us)) {
			opp_moved_on(run);
			return opp_return(run, opp_ended(run));
		}
		if (!transfer->wait.poll || opp_is_spent(run))
			return OPP_FLOW_WAIT;
	}
	opp_moved_on(run);
	opp_hold(run, OPP_PULSE_NS); /* of two lines that move, one may be seen first */
	*opp_at(run) = AT_CALLED;
	return OPP_FLOW_ON;
}

static enum opp_flow was_asked_for(struct opp_run *run)
{
	run->protocol->position = OPP_AT_HBDA;
	return fetch(run, OPP_BYTE_ASKED_FOR);
}

/* In byte mode status lines are no data, and PError is low where a byte waits. */
static enum opp_flow was_not_released(struct opp_run *run)
{
	if (run->protocol->mode == OPP_MODE_NIBBLE || !(run->transfer->seen & OPP_LINE_PERROR))
		return was_asked_for(run);
	opp_note_fault(run, OPP_DEVICE_PROTOCOL_ERROR, 19);
	run->transfer->result = OPP_DEVICE_PROTOCOL_ERROR;
	return opp_reverse_broke_off(run, OPP_ANSWER_LOST);
}

/*
 * Event 18 or 9? A nibble can look like event 18, so nAck decides: event 19
 * raises it, and after event 9 it stays low.
 */
static enum opp_flow find_out(struct opp_run *run)
{
	static const struct opp_move over = OPP_FAVOUR(19, OPP_LINE_NACK, OPP_LINE_NACK);

	switch (opp_await_or(run, &over, opp_answer_us(run), OPP_SUCCESS)) {
	case OPP_ANSWER_CAME: break;
	case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
	case OPP_ANSWER_LOST: return was_not_released(run);
	}
	if (run->transfer->seen & OPP_LINE_NFAULT) {
		*opp_at(run) = AT_REVERSE_IDLE;
		return OPP_FLOW_AGAIN;
	}
	return opp_shake(run, AT_DATA_CAME, data_came);
}

/*
 * Right after event 7 the lines are not quiet. With nAck high a nibble may be on
 * them, between events 8 and 9; PError low was low before event 7.
 */
static enum opp_flow doubt(struct opp_run *run)
{
	static const struct opp_move offered = OPP_FAVOUR(9, OPP_LINE_NACK, 0);

	if ((run->transfer->seen & (OPP_LINE_NACK | OPP_LINE_PERROR)) == OPP_LINE_NACK)
		return was_asked_for(run);
	if (opp_await_or(run, &offered, opp_answer_us(run), OPP_SUCCESS) == OPP_ANSWER_WAIT)
		return OPP_FLOW_WAIT;
	*opp_at(run) = AT_CALLED;
	return OPP_FLOW_ON;
}

static enum opp_flow go_on(struct opp_run *run)
{
	const bool failed = run->transfer->result != OPP_SUCCESS;

	switch (*opp_at(run)) {
	case AT_BOUNDARY: return next_byte(run);
	case AT_BYTES_END: return failed ? opp_return(run, run->transfer->result) : next_byte(run);
	case AT_REVERSE_IDLE: return wait_for_data(run);
	case AT_DOUBT: return doubt(run);
	case AT_CALLED: return find_out(run);
	default:
		if (failed)
			return opp_reverse_broke_off(run, OPP_ANSWER_LOST);
		run->protocol->position = OPP_AT_HBDA;
		return next_byte(run);
	}
}

const struct opp_stage opp_reverse_read = { .go_on = go_on, .phase = OPP_PHASE_READ };
