/* SPDX-License-Identifier: MIT */
/*
 * Writing in compatibility mode by the system's own driver, a chunk at a time.
 *
 *	LOOK --ready--> CHUNK --taken--> LOOK ... done
 *	 ^ '- compat_refused() '--none--> BY_LINES
 *	 '------------- moved ----------------'
 *
 * Before each chunk the lines are looked at as the software way looks at them before each
 * byte, so a fault and a stall are told, waited for and timed as there; what stops the
 * driver in the middle of a chunk is seen by the next look.
 *
 * How long a chunk is, and whether the driver is to be trusted now, is the back end's
 * business.
 */
#include "compat.h"

enum {
	CHUNK,
	BY_LINES,
};

/* A step's worth at most, or what goes until the printer is busy. */
static enum opp_flow write_by_lines(struct opp_run *run)
{
	const size_t before = run->transfer->moved;
	const enum opp_flow flow = compat_software_write.go_on(run);
	const bool is_done = flow == OPP_FLOW_ON;

	if (!is_done && run->transfer->moved > before)
		*opp_at(run) = CHUNK;
	return flow;
}

static enum opp_flow write_chunk(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	const uint8_t *bytes = (const uint8_t *)transfer->write.bytes + transfer->moved;
	enum opp_status why = opp_ended(run);
	size_t moved;

	compat_make_idle(hw);
	if (why != OPP_SUCCESS)
		return compat_fail(run, why);
	transfer->seen = hw->ops->read_status(hw);
	if (compat_is_refused(transfer->seen)) {
		why = compat_refused(run);
		return why == OPP_PENDING ? OPP_FLOW_WAIT : compat_fail(run, why);
	}
	opp_moved_on(run);
	moved = hw->ops->bulk_write(hw, bytes, transfer->write.length - transfer->moved);
	transfer->moved += moved;
	if (transfer->moved == transfer->write.length)
		return opp_return(run, OPP_SUCCESS);
	if (!moved)
		*opp_at(run) = BY_LINES;
	return OPP_FLOW_AGAIN;
}

static enum opp_flow write_bytes(struct opp_run *run)
{
	return *opp_at(run) == CHUNK ? write_chunk(run) : write_by_lines(run);
}

const struct opp_stage compat_bulk_write = { .go_on = write_bytes,
					     .phase = OPP_PHASE_COMPAT_READY };
