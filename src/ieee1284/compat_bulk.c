/* SPDX-License-Identifier: MIT */
/*
 * Writing in compatibility mode by the system's own driver, a chunk at a time.
 *
 *	LOOK --ready--> CHUNK --taken--> LOOK ... done
 *	  '- compat_refused()  '--none--> the rest by software
 *
 * Before each chunk the lines are looked at as the software way looks at them before each
 * byte, so a fault and a stall are told, waited for and timed as there; what stops the
 * driver in the middle of a chunk is seen by the next look.
 *
 * How long a chunk is, and whether the driver is to be trusted now, is the back end's
 * business.
 */
#include "compat.h"

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
	return moved ? OPP_FLOW_AGAIN : opp_become(run, &compat_software_write);
}

const struct opp_stage compat_bulk_write = { .go_on = write_chunk,
					     .phase = OPP_PHASE_COMPAT_READY };
