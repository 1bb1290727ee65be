/* SPDX-License-Identifier: MIT */
/*
 * When to look at a FIFO.
 *
 * A look costs an access, and one that comes while the FIFO is half done moves
 * little. So the time between looks is fitted to the peripheral: a little longer
 * after each look that came too early, a little shorter after each that found
 * the whole FIFO to do. No clock is read for it, and nothing is remembered from
 * one transfer to the next.
 *
 *	pace of looks ---nothing moved for long---> naps, cut short by an interrupt
 *
 * This moves no bytes.
 */
#include "fifo.h"

/* A FIFO's worth of a peripheral slower than this takes less than that away from it. */
#define PACE_MOST_US 250u

bool fifo_is_early(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	if (run->now_us >= transfer->look_at_us)
		return false;
	transfer->wait = (struct opp_wait){ .until_us = transfer->look_at_us, .poll = true };
	return true;
}

enum opp_flow fifo_pace(struct opp_run *run, size_t moved)
{
	struct opp_transfer *transfer = run->transfer;

	/* one place may be that of the byte under way */
	if (moved > 0 && moved + 1 >= fifo_bytes(run->hw))
		transfer->pace_us -= (transfer->pace_us + 15) / 16;
	else if (transfer->pace_us < PACE_MOST_US)
		transfer->pace_us += transfer->pace_us / 4 + 1;
	transfer->look_at_us = opp_later_us(run->now_us, transfer->pace_us);
	return fifo_is_early(run) ? OPP_FLOW_WAIT : OPP_FLOW_AGAIN;
}

enum opp_flow fifo_stall(struct opp_run *run)
{
	if (run->transfer->wait.poll)
		return fifo_pace(run, 0);
	run->hw->ops->fifo_arm(run->hw);
	return OPP_FLOW_WAIT;
}
