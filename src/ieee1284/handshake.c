/* SPDX-License-Identifier: MIT */
/*
 * Runs tables of moves, and waits for what they wait for.
 *
 *	        OPP_ACT_AWAIT: seen
 *	moves <----------------- waiting ---> not in time, or the transfer was ended
 *	  |  `------------------->
 *	  '--> OPP_ACT_END
 *
 * What the moves mean for host and peripheral is the business of who wrote the
 * table.
 */
#include "handshake.h"

/* Peripherals owe an answer in 35 ms; slow firmware is given more (IEEE1284 4.1). */
#define ANSWER_US        100000u
#define ANSWER_STRICT_US 35000u

uint64_t opp_answer_us(const struct opp_run *run)
{
	return run->protocol->options & OPP_PROTOCOL_STRICT ? ANSWER_STRICT_US : ANSWER_US;
}

enum opp_answer opp_await(struct opp_run *run, const struct opp_move *move, uint64_t limit_us)
{
	return opp_await_or(run, move, limit_us, OPP_DEVICE_PROTOCOL_ERROR);
}

enum opp_answer opp_await_or(struct opp_run *run, const struct opp_move *move, uint64_t limit_us,
			     enum opp_status late)
{
	struct opp_transfer *transfer = run->transfer;

	while (!opp_sees(run, move->mask, move->levels)) {
		if (move->act == OPP_ACT_AWAIT && opp_ended(run)) {
			opp_moved_on(run);
			transfer->result = opp_ended(run);
			return OPP_ANSWER_LOST;
		}
		if (opp_is_late(run, limit_us)) {
			opp_moved_on(run);
			if (late != OPP_SUCCESS)
				opp_note_fault(run, late, move->event);
			transfer->result = late;
			return OPP_ANSWER_LOST;
		}
		if (!transfer->wait.poll || opp_is_spent(run))
			return OPP_ANSWER_WAIT;
	}
	opp_moved_on(run);
	return OPP_ANSWER_CAME;
}

static bool waits(const struct opp_move *move)
{
	return move->act == OPP_ACT_AWAIT || move->act == OPP_ACT_OWED ||
	       move->act == OPP_ACT_EXPECT || move->act == OPP_ACT_FAVOUR;
}

static bool is_needed(const struct opp_move *move)
{
	return move->act == OPP_ACT_AWAIT || move->act == OPP_ACT_OWED;
}

/* A move that is over at once. */
static void make(struct opp_run *run, const struct opp_move *move)
{
	struct opp_hw *hw = run->hw;

	switch ((enum opp_act)move->act) {
	case OPP_ACT_DRIVE: hw->ops->write_control(hw, move->mask, move->levels); break;
	case OPP_ACT_HOLD: opp_hold(run, move->ns); break;
	case OPP_ACT_DATA: hw->ops->write_data(hw, run->transfer->byte); break;
	case OPP_ACT_REVERSE: hw->ops->set_reverse(hw, true); break;
	case OPP_ACT_FORWARD: hw->ops->set_reverse(hw, false); break;
	case OPP_ACT_AWAIT:
	case OPP_ACT_OWED:
	case OPP_ACT_EXPECT:
	case OPP_ACT_FAVOUR:
	case OPP_ACT_END: break;
	}
}

static enum opp_flow go_on(struct opp_run *run)
{
	const struct opp_move *table = run->transfer->moves;
	const struct opp_move *move = &table[*opp_at(run)];
	enum opp_answer answer;

	for (; move->act != OPP_ACT_END; move++) {
		if (!waits(move)) {
			make(run, move);
			continue;
		}
		*opp_at(run) = (uint8_t)(move - table);
		answer = opp_await_or(run, move, opp_answer_us(run),
				      move->act == OPP_ACT_FAVOUR ? OPP_SUCCESS
								  : OPP_DEVICE_PROTOCOL_ERROR);
		if (answer == OPP_ANSWER_WAIT)
			return OPP_FLOW_WAIT;
		if (answer == OPP_ANSWER_LOST && is_needed(move))
			return opp_return(run, run->transfer->result);
	}
	return opp_return(run, OPP_SUCCESS);
}

static const struct opp_stage handshake = { .go_on = go_on, .is_part = true };

enum opp_flow opp_shake(struct opp_run *run, uint8_t at, const struct opp_move *table)
{
	run->transfer->moves = table;
	return opp_call(run, at, &handshake);
}
