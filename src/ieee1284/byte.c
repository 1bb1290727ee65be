/* SPDX-License-Identifier: MIT */
/*
 * Bytes of byte mode: the peripheral drives the data lines.
 *
 *	boundary --7--> offered --9,10--> end --11,16,17--.
 *	    ^                                             |
 *	    '---------------------------------------------'
 *
 * Seven register accesses a byte. It counts at event 10, by which the host says
 * that it has it. The data lines are let go of at event 14, before the first
 * event 7, and driven again when the mode is left, after event 27.
 */
#include "handshake.h"
#include "reverse.h"

enum {
	AT_BOUNDARY = OPP_BYTE_BOUNDARY,
	AT_OFFERED = OPP_BYTE_ASKED_FOR,
	AT_END,
};

/* Owed: a byte is finished, or times out, before a transfer ends. */
static const struct opp_move awaited[] = {
	[AT_OFFERED] = OPP_OWED(9, OPP_LINE_NACK, 0),
	[AT_END] = OPP_OWED(11, OPP_LINE_NACK, OPP_LINE_NACK),
};

static void acknowledge(struct opp_run *run)
{
	struct opp_hw *hw = run->hw;

	hw->ops->write_control(hw, OPP_LINE_NSTROBE, 0); /* ev 16 */
	opp_hold(run, OPP_PULSE_NS);
	hw->ops->write_control(hw, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE); /* ev 17 */
}

static enum opp_flow go_on(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	uint8_t *at = opp_at(run);
	enum opp_answer answer;

	for (;; *at = *at == AT_END ? AT_BOUNDARY : (uint8_t)(*at + 1)) {
		if (*at != AT_BOUNDARY) {
			answer = opp_await(run, &awaited[*at], opp_answer_us(run));
			if (answer != OPP_ANSWER_CAME)
				return opp_reverse_broke_off(run, answer);
		}
		switch (*at) {
		case AT_BOUNDARY:
			if (!opp_reverse_has_more(run))
				return opp_return(run, OPP_SUCCESS);
			if (opp_is_spent(run))
				return OPP_FLOW_AGAIN;
			hw->ops->write_control(hw, OPP_LINE_NAUTOFD, 0); /* ev 7 */
			break;
		case AT_OFFERED: /* ev 15, 9 */
			transfer->read.bytes[transfer->moved] = hw->ops->read_data(hw);
			hw->ops->write_control(hw, OPP_LINE_NAUTOFD, OPP_LINE_NAUTOFD); /* ev 10 */
			transfer->moved++;
			break;
		default: /* ev 13, 11 */
			opp_reverse_place(run);
			acknowledge(run);
			break;
		}
	}
}

const struct opp_stage opp_byte_bytes = { .go_on = go_on, .is_part = true };

static enum opp_flow enter(struct opp_run *run)
{
	opp_reverse_place(run);                   /* ev 5, 6 */
	run->hw->ops->set_reverse(run->hw, true); /* ev 14 */
	return opp_return(run, OPP_SUCCESS);
}

static const struct opp_stage entry = { .go_on = enter, .is_part = true };

const struct opp_mode_row opp_mode_byte = {
	.needs = OPP_HW_CAN_REVERSE,
	.enter = &entry,
	.read = &opp_reverse_read,
	.leave = &opp_leave_by_handshake,
};
