/* SPDX-License-Identifier: MIT */
/*
 * Writing in compatibility mode by the chip's FIFO, which strobes by itself.
 *
 *	FEED --all is in--> DRAIN --empty--> LAST --Busy low--> done
 *	  '----------- compat_refused() -------'---> the chip tells what never left;
 *	                                             when late, the rest by software
 *
 * The chip heeds Busy and nothing else. The fault lines are looked at before
 * each burst, so a fault is told as the software way tells it, but the burst
 * that was under way goes on where Busy lets it. How many bytes never left the
 * chip knows; one that cannot count the byte under way is one out when a printer
 * becomes busy by itself just before that byte's strobe.
 */
#include "compat.h"
#include "fifo.h"

enum {
	BEGIN,
	FEED,
	DRAIN,
	LAST,
};

static enum opp_flow give_up(struct opp_run *run, enum opp_status status)
{
	run->transfer->moved -= run->hw->ops->fifo_stop(run->hw);
	return compat_fail(run, status);
}

/* Whether one byte takes too long, or each of many a little, software finds out. */
static enum opp_flow hand_over(struct opp_run *run)
{
	run->transfer->moved -= run->hw->ops->fifo_stop(run->hw);
	opp_moved_on(run);
	if (run->transfer->moved == run->transfer->write.length)
		return compat_fail(run, OPP_TIMEOUT);
	return opp_become(run, &compat_software_write);
}

/* Bytes that the FIFO has when the transfer is ended may leave it still, for a moment. */
static enum opp_flow wait_or_give_up(struct opp_run *run)
{
	enum opp_status why = opp_ended(run);

	if (why == OPP_SUCCESS)
		why = compat_refused(run);
	else if (!opp_is_late(run, opp_answer_us(run)))
		why = OPP_PENDING;
	if (why == OPP_PENDING)
		return fifo_stall(run);
	return why == OPP_TIMEOUT ? hand_over(run) : give_up(run, why);
}

static enum opp_flow feed(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	const uint8_t *bytes = (const uint8_t *)transfer->write.bytes + transfer->moved;
	const size_t left = transfer->write.length - transfer->moved;
	const size_t whole = fifo_bytes(run->hw);
	size_t moved = 0;

	if (opp_ended(run)) {
		*opp_at(run) = DRAIN;
		return OPP_FLOW_ON;
	}
	if (transfer->seen & OPP_LINE_NFAULT)
		moved = run->hw->ops->fifo_write(run->hw, bytes, left < whole ? left : whole,
						 false);
	if (moved == 0)
		return wait_or_give_up(run);
	opp_moved_on(run);
	transfer->moved += moved;
	if (moved == left)
		*opp_at(run) = DRAIN;
	return fifo_pace(run, moved);
}

static enum opp_flow drain(struct opp_run *run)
{
	if (!run->hw->ops->fifo_is_empty(run->hw))
		return wait_or_give_up(run);
	opp_moved_on(run);
	*opp_at(run) = LAST;
	return OPP_FLOW_ON;
}

/*
 * An empty FIFO may have one byte on the wire: Busy low again is the end of that.
 * A byte the chip has kept, the printer being busy just then, is sent again.
 */
static enum opp_flow wait_for_last(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	if (transfer->seen & OPP_LINE_BUSY)
		return wait_or_give_up(run);
	transfer->moved -= run->hw->ops->fifo_stop(run->hw);
	if (transfer->moved == transfer->write.length)
		return opp_return(run, OPP_SUCCESS);
	if (opp_ended(run))
		return opp_return(run, opp_ended(run));
	*opp_at(run) = BEGIN;
	return OPP_FLOW_ON;
}

static enum opp_flow write_bytes(struct opp_run *run)
{
	uint8_t *at = opp_at(run);

	if (*at == BEGIN) {
		compat_make_idle(run->hw);
		run->hw->ops->fifo_start(run->hw, OPP_FIFO_COMPAT);
		*at = FEED;
	}
	if (fifo_is_early(run))
		return OPP_FLOW_WAIT;
	run->transfer->seen = run->hw->ops->read_status(run->hw);
	switch (*at) {
	case FEED: return feed(run);
	case DRAIN: return drain(run);
	default: return wait_for_last(run);
	}
}

const struct opp_stage compat_fifo_write = { .go_on = write_bytes,
					     .phase = OPP_PHASE_COMPAT_READY };
