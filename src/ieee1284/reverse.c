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
 * there. It waits there by looking at nFault; an interrupt (event 19 raises
 * nAck) only makes the next look come sooner.
 */
#include "handshake.h"
#include "reverse.h"

static const struct opp_move data_came[] = {
	/* ev 19: nAck high again */
	OPP_OWED(19, OPP_LINE_NACK, OPP_LINE_NACK),
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
	AT_DATA_CAME,
};

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
	}
	*opp_at(run) = AT_REVERSE_IDLE;
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
	return opp_call(run, AT_BYTES_END,
			run->protocol->mode == OPP_MODE_BYTE ? &opp_byte_bytes : &opp_nibble_bytes);
}

static enum opp_flow wait_for_data(struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;
	const struct opp_read *what = &transfer->read;

	/* ev 18: nFault low, and nAck until event 19 */
	while (!opp_sees(run, OPP_LINE_NFAULT, 0)) {
		if (opp_ended(run) ||
		    opp_is_late(run, transfer->moved ? what->silence_us : what->first_us)) {
			opp_moved_on(run);
			return opp_return(run, opp_ended(run));
		}
		if (!transfer->wait.poll || opp_is_spent(run))
			return OPP_FLOW_WAIT;
	}
	opp_moved_on(run);
	return opp_shake(run, AT_DATA_CAME, data_came);
}

static enum opp_flow go_on(struct opp_run *run)
{
	const bool failed = run->transfer->result != OPP_SUCCESS;

	switch (*opp_at(run)) {
	case AT_BOUNDARY: return next_byte(run);
	case AT_BYTES_END: return failed ? opp_return(run, run->transfer->result) : next_byte(run);
	case AT_REVERSE_IDLE: return wait_for_data(run);
	default:
		if (failed)
			return opp_reverse_broke_off(run, OPP_ANSWER_LOST);
		run->protocol->position = OPP_AT_HBDA;
		return next_byte(run);
	}
}

const struct opp_stage opp_reverse_read = { .go_on = go_on, .phase = OPP_PHASE_READ };
