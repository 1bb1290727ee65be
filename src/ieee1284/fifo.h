/* SPDX-License-Identifier: MIT */
/* What bytes through a chip's FIFO have in common, whichever mode they belong to. */
#ifndef OPP_IEEE1284_FIFO_H
#define OPP_IEEE1284_FIFO_H

#include "machine.h"

static inline size_t fifo_bytes(const struct opp_hw *hw)
{
	return (size_t)hw->fifo.depth_words * hw->fifo.word_bytes;
}

/*
 * fifo_is_early - whether the pace says not to look yet; transfer->wait is then
 *	set.
 * fifo_pace - a look moved @moved bytes: when to look next. A look that finds
 *	less than the whole FIFO to do came too early.
 * fifo_stall - a look moved nothing and transfer->wait says how long to wait:
 *	an interrupt may shorten that.
 * All return from the step.
 */
bool fifo_is_early(struct opp_run *run);
enum opp_flow fifo_pace(struct opp_run *run, size_t moved);
enum opp_flow fifo_stall(struct opp_run *run);

#endif
