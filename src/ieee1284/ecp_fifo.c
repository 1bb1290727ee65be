/* SPDX-License-Identifier: MIT */
/*
 * ECP by the chip's FIFO: one access a byte, and now and then a look.
 *
 *	forward: FEED --all is in--> DRAIN --empty--> LAST --ev 32--> done
 *	           '------ out of time ------'----'---> the chip tells what never left,
 *	                                                ev 72..75 take back what hangs,
 *	                                                the rest by software
 *	reverse: FETCH ---> QUIETEN --47--> CLOSING --49--> EMPTY --50--> forward,
 *	                                                    or the rest by software
 *
 * In reverse the chip takes bytes nobody has asked for yet, and they have left
 * the peripheral. So it is only let run while the buffer has room for all the
 * FIFO can hold; the last bytes of a read come by software. No byte is lost then,
 * and none is told to have moved that did not.
 *
 * The chip undoes runs by itself and shows no channel addresses in reverse.
 */
#include "ecp.h"
#include "fifo.h"
#include "handshake.h"

/* How far a transfer is: in both directions, forward, reverse. */
enum {
	BEGIN,
	TURNED,
	FEED,
	DRAIN,
	LAST,
	REST,
	FORWARD,
	FETCH,
	QUIETEN,
	CLOSING,
	EMPTY,
	CLOSED,
};

/* ---- forward ------------------------------------------------------------------------- */

/* Once a byte was not worth a byte, the worth of all that follow is noted. */
static bool is_noted(const struct opp_run *run)
{
	return run->transfer->entered > 0 || !ecp_is_plain(run);
}

/* What each byte in the FIFO was worth, in case it never leaves. */
static void note_worth(struct opp_transfer *transfer, uint8_t copies)
{
	transfer->worth[transfer->entered++ % OPP_FIFO_LOG] = copies;
}

/* Bytes as they are: as many at once as there is room for. */
static size_t feed_plain(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	const uint8_t *bytes = (const uint8_t *)transfer->write.bytes + transfer->moved;
	size_t length = transfer->write.length - transfer->moved;

	if (length > fifo_bytes(run->hw))
		length = fifo_bytes(run->hw);
	length = run->hw->ops->fifo_write(run->hw, bytes, length, false);
	transfer->moved += length;
	return length;
}

static size_t feed_items(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct ecp_item item;
	size_t moved = 0;

	while (transfer->moved < transfer->write.length && moved < fifo_bytes(run->hw)) {
		item = ecp_next(run);
		if (run->hw->ops->fifo_write(run->hw, &item.byte, 1, item.command) == 0)
			break;
		note_worth(transfer, item.copies);
		ecp_took(run, item);
		moved++;
	}
	return moved;
}

/* @unsent bytes never left the FIFO: the caller still has what they stood for. */
static void take_back(struct opp_run *run, size_t unsent)
{
	struct opp_transfer *transfer = run->transfer;

	if (!is_noted(run)) {
		transfer->moved -= unsent;
		return;
	}
	transfer->counted = 0;
	while (unsent-- > 0 && transfer->entered > 0)
		transfer->moved -= transfer->worth[--transfer->entered % OPP_FIFO_LOG];
	run->protocol->stray_count = transfer->entered > 0 &&
				     transfer->worth[(transfer->entered - 1) % OPP_FIFO_LOG] == 0;
}

/* A peripheral that is busy has taken what was offered; one that is not may be about to. */
static enum opp_flow give_up(struct opp_run *run, enum opp_status status)
{
	take_back(run, run->hw->ops->fifo_stop(run->hw));
	if (opp_sees(run, PERIPH_ACK, PERIPH_ACK))
		return opp_return(run, status);
	run->transfer->verdict = status;
	return opp_become(run, &ecp_recovery);
}

/* What has not left the FIFO goes by software, and so does what hangs on the wire. */
static enum opp_flow hand_over(struct opp_run *run)
{
	const size_t unsent = run->hw->ops->fifo_stop(run->hw);

	take_back(run, unsent);
	opp_moved_on(run);
	if (unsent == 0 || opp_sees(run, PERIPH_ACK, PERIPH_ACK))
		return opp_become(run, &ecp_software_write);
	return opp_call(run, REST, &ecp_recovery);
}

/*
 * The FIFO takes nothing. Bytes that it has when the transfer is ended may leave
 * it still, for a moment: in the middle of a byte nobody could tell whose it is.
 * Whether one byte takes too long, or each of many a little, software finds out.
 */
static enum opp_flow wait_or_give_up(struct opp_run *run)
{
	const enum opp_status ended = opp_ended(run);

	if (!opp_is_late(run, ended ? opp_answer_us(run) : run->transfer->write.inactivity_us))
		return fifo_stall(run);
	return ended ? give_up(run, ended) : hand_over(run);
}

static enum opp_flow feed(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	size_t moved;

	if (opp_ended(run)) {
		*opp_at(run) = DRAIN;
		return OPP_FLOW_ON;
	}
	moved = is_noted(run) ? feed_items(run) : feed_plain(run);
	if (moved == 0)
		return wait_or_give_up(run);
	opp_moved_on(run);
	if (transfer->moved == transfer->write.length)
		*opp_at(run) = DRAIN;
	return fifo_pace(run, moved);
}

/* An empty FIFO may have one byte on the wire: ev 32 is the end of that. */
static enum opp_flow wait_for_last(struct opp_run *run)
{
	static const struct opp_move ready = OPP_AWAIT(32, PERIPH_ACK, 0);

	switch (opp_await_or(run, &ready, run->transfer->write.inactivity_us, OPP_TIMEOUT)) {
	case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
	case OPP_ANSWER_LOST: return give_up(run, run->transfer->result);
	case OPP_ANSWER_CAME: break;
	}
	return hand_over(run);
}

static enum opp_flow write_bytes(struct opp_run *run)
{
	uint8_t *at = opp_at(run);

	switch (*at) {
	case BEGIN: return opp_call(run, TURNED, &ecp_turn_forward);
	case TURNED:
		if (run->transfer->result != OPP_SUCCESS)
			return opp_return(run, run->transfer->result);
		run->hw->ops->fifo_start(run->hw, OPP_FIFO_ECP_FORWARD);
		*at = FEED;
		break;
	case REST:
		if (run->protocol->position == OPP_AT_BROKEN_OFF)
			return opp_return(run, OPP_DEVICE_PROTOCOL_ERROR);
		return opp_become(run, &ecp_software_write);
	}
	if (*at == LAST)
		return wait_for_last(run);
	if (fifo_is_early(run))
		return OPP_FLOW_WAIT;
	if (*at == FEED)
		return feed(run);
	if (!run->hw->ops->fifo_is_empty(run->hw))
		return wait_or_give_up(run);
	opp_moved_on(run);
	*at = LAST;
	return OPP_FLOW_ON;
}

const struct opp_stage ecp_fifo_write = { .go_on = write_bytes, .phase = OPP_PHASE_WRITE };

/* ---- reverse -------------------------------------------------------------------------- */

/* Room for one look's bytes, and for all that the chip takes by itself meanwhile. */
static bool has_room(const struct opp_run *run)
{
	return run->transfer->read.capacity - run->transfer->moved >= 2 * fifo_bytes(run->hw);
}

/* What the chip shows no difference of: channel addresses, and whose count it has not seen. */
static bool is_for_software(const struct opp_run *run)
{
	const struct opp_protocol *protocol = run->protocol;
	const bool counted = protocol->held.copies && !protocol->held.held;

	return run->transfer->read.address || protocol->channel_waits || counted || !has_room(run);
}

static enum opp_flow fetch(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	size_t moved;

	transfer->verdict = opp_ended(run);
	if (transfer->verdict == OPP_SUCCESS) {
		moved = hw->ops->fifo_read(hw, transfer->read.bytes + transfer->moved,
					   fifo_bytes(hw));
		transfer->moved += moved;
		if (moved > 0)
			opp_moved_on(run);
		if (moved > 0 && has_room(run))
			return fifo_pace(run, moved);
		if (moved == 0 && !opp_is_late(run, transfer->moved ? transfer->read.silence_us
								    : transfer->read.first_us))
			return fifo_stall(run);
		transfer->verdict = moved > 0 ? OPP_PENDING : OPP_SUCCESS;
	}
	opp_moved_on(run);
	*opp_at(run) = QUIETEN;
	return OPP_FLOW_ON;
}

/* Out of the FIFO and on, or to be held. Returns whether there is room for it anywhere. */
static bool keep(struct opp_run *run, uint8_t byte)
{
	if (run->transfer->entered++ == fifo_bytes(run->hw) + RLE_LONGEST_RUN)
		return false;
	if (!rle_keep(&run->protocol->held, byte))
		return false;
	ecp_pass_on(run);
	return true;
}

/*
 * What the FIFO still has. It has room, but for a run that the chip is still
 * undoing: those are copies of one byte. A chip that never ends has broken down.
 */
static enum opp_flow empty(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	uint8_t byte;

	while (hw->ops->fifo_read(hw, &byte, 1)) {
		if (!keep(run, byte)) {
			opp_note_fault(run, OPP_DEVICE_PROTOCOL_ERROR, 49);
			transfer->verdict = OPP_DEVICE_PROTOCOL_ERROR;
			break;
		}
		if (opp_is_spent(run))
			return OPP_FLOW_AGAIN;
	}
	(void)hw->ops->fifo_stop(hw);
	if (run->protocol->position == OPP_AT_BROKEN_OFF)
		return opp_return(run, transfer->verdict);
	return opp_call(run, CLOSED, &ecp_turn_forward);
}

/*
 * Before ev 47 no byte may be half way: between ev 44 and 45 it has left the
 * peripheral, but the chip has not got it. A full FIFO begins no other byte; if
 * it does not get full, the peripheral has nothing to say.
 */
static bool is_quiet(struct opp_run *run, uint64_t silence_us)
{
	if (run->hw->ops->fifo_is_full(run->hw))
		return true;
	return opp_is_late(run, silence_us) && opp_sees(run, PERIPH_CLK, PERIPH_CLK);
}

/*
 * How long the peripheral must have said nothing. Who waits for its bytes for hours
 * has done so in vain, or was ended and waits no more.
 */
static uint64_t quiet_us(const struct opp_transfer *transfer)
{
	const uint64_t silence_us = transfer->read.silence_us;

	if (transfer->verdict == OPP_SUCCESS)
		return 0;
	return silence_us < OPP_SILENCE_US ? silence_us : OPP_SILENCE_US;
}

/*
 * A byte that stays half way is not taken: ev 48 would look like its ev 45. Nor
 * is it known whose it is.
 */
static enum opp_flow quieten(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	const uint64_t silence_us = quiet_us(transfer);

	if (is_quiet(run, silence_us)) {
		opp_moved_on(run);
		run->hw->ops->write_control(run->hw, NREVERSE, NREVERSE); /* ev 47 */
		*opp_at(run) = CLOSING;
		return OPP_FLOW_ON;
	}
	if (!opp_is_late(run, opp_later_us(silence_us, opp_answer_us(run))))
		return fifo_stall(run);
	opp_moved_on(run);
	opp_note_fault(run, OPP_DEVICE_PROTOCOL_ERROR, 45);
	transfer->verdict = OPP_DEVICE_PROTOCOL_ERROR;
	run->protocol->position = OPP_AT_BROKEN_OFF;
	*opp_at(run) = EMPTY;
	return OPP_FLOW_ON;
}

/* What came before ev 49 is taken. */
static enum opp_flow close(struct opp_run *run)
{
	static const struct opp_move released = OPP_EXPECT(49, NACK_REVERSE, NACK_REVERSE);

	if (opp_await(run, &released, opp_answer_us(run)) == OPP_ANSWER_WAIT)
		return OPP_FLOW_WAIT;
	*opp_at(run) = EMPTY;
	return OPP_FLOW_ON;
}

static enum opp_flow read_bytes(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	switch (*opp_at(run)) {
	case BEGIN:
		ecp_pass_on(run);
		if (is_for_software(run))
			return opp_become(run, &ecp_software_read);
		return opp_call(run, FORWARD, &ecp_turn_forward);
	case FORWARD:
		if (transfer->result != OPP_SUCCESS)
			return opp_return(run, transfer->result);
		return opp_call(run, TURNED, &ecp_turn_reverse_held);
	case TURNED:
		if (transfer->result != OPP_SUCCESS)
			return opp_return(run, transfer->result);
		run->hw->ops->fifo_start(run->hw, OPP_FIFO_ECP_REVERSE);
		*opp_at(run) = FETCH;
		return OPP_FLOW_ON;
	case FETCH: return fifo_is_early(run) ? OPP_FLOW_WAIT : fetch(run);
	case QUIETEN: return fifo_is_early(run) ? OPP_FLOW_WAIT : quieten(run);
	case CLOSING: return close(run);
	case EMPTY: return empty(run);
	default:
		if (transfer->result != OPP_SUCCESS)
			return opp_return(run, transfer->result);
		if (transfer->verdict != OPP_PENDING)
			return opp_return(run, transfer->verdict);
		return opp_become(run, &ecp_software_read);
	}
}

const struct opp_stage ecp_fifo_read = { .go_on = read_bytes, .phase = OPP_PHASE_READ };
