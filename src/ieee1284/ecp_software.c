/* SPDX-License-Identifier: MIT */
/*
 * ECP by software: five accesses a byte, either way.
 *
 *	forward                               reverse
 *	READY --ev 34, 35--> OFFERED          IDLE --ev 43, 44--> TOLD
 *	  ^                     |               ^                   |
 *	  '------ev 36, 37------'               '-----ev 45, 46-----'
 *	ev 32 from READY on; a byte that      a byte that cannot be stored, or is
 *	ends in OFFERED is taken back         no data, stays before ev 44
 *
 * Only the caller's patience limits ev 32, 36 and 43: a peripheral may stall
 * for as long as it likes (P-107).
 */
#include "ecp.h"
#include "handshake.h"

/* ---- forward ------------------------------------------------------------------------- */

/* How far a transfer is: in both directions, forward, reverse. */
enum {
	BEGIN,
	TURNED,
	READY,
	OFFER,
	OFFERED,
	IDLE,
	TOLD,
	OVER,
};

static void offer(struct opp_run *run)
{
	const struct ecp_item item = ecp_next(run);
	const uint8_t ack = item.command ? 0 : HOST_ACK;
	struct opp_hw *hw = run->hw;

	hw->ops->write_data(hw, item.byte);
	if ((hw->ops->read_control(hw) & HOST_ACK) != ack)
		hw->ops->write_control(hw, HOST_ACK, ack); /* ev 34 */
	hw->ops->write_control(hw, HOST_CLK, 0);           /* ev 35 */
}

static enum opp_flow rest(struct opp_run *run, enum opp_status status)
{
	struct opp_hw *hw = run->hw;

	if (!(hw->ops->read_control(hw) & HOST_ACK))
		hw->ops->write_control(hw, HOST_ACK, HOST_ACK);
	return opp_return(run, status);
}

static enum opp_answer await_peripheral(struct opp_run *run)
{
	static const struct opp_move ready = OPP_AWAIT(32, PERIPH_ACK, 0);
	static const struct opp_move taken = OPP_AWAIT(36, PERIPH_ACK, PERIPH_ACK);
	const uint64_t inactivity_us = run->transfer->write.inactivity_us;

	switch (*opp_at(run)) {
	case READY: return opp_await_or(run, &ready, inactivity_us, OPP_TIMEOUT);
	case OFFERED: return opp_await_or(run, &taken, inactivity_us, OPP_TIMEOUT);
	default: return OPP_ANSWER_CAME;
	}
}

static enum opp_flow give_up(struct opp_run *run)
{
	if (*opp_at(run) != OFFERED)
		return rest(run, run->transfer->result);
	run->transfer->verdict = run->transfer->result;
	return opp_become(run, &ecp_recovery);
}

static enum opp_flow go_forward(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	uint8_t *at = opp_at(run);

	for (;;) {
		switch (await_peripheral(run)) {
		case OPP_ANSWER_CAME: break;
		case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
		case OPP_ANSWER_LOST: return give_up(run);
		}
		switch (*at) {
		case READY:
			if (transfer->moved == transfer->write.length)
				return rest(run, OPP_SUCCESS);
			*at = OFFER;
			if (opp_is_spent(run))
				return OPP_FLOW_AGAIN;
			break;
		case OFFER:
			/* A count and its byte are not parted by choice. */
			if (opp_ended(run) && !transfer->counted)
				return rest(run, opp_ended(run));
			offer(run);
			*at = OFFERED;
			break;
		default:
			hw->ops->write_control(hw, HOST_CLK, HOST_CLK); /* ev 37 */
			ecp_took(run, ecp_next(run));
			*at = READY;
		}
	}
}

static enum opp_flow write_bytes(struct opp_run *run)
{
	switch (*opp_at(run)) {
	case BEGIN: return opp_call(run, TURNED, &ecp_turn_forward);
	case TURNED:
		if (run->transfer->result != OPP_SUCCESS)
			return opp_return(run, run->transfer->result);
		*opp_at(run) = READY;
	}
	return go_forward(run);
}

const struct opp_stage ecp_software_write = { .go_on = write_bytes, .phase = OPP_PHASE_WRITE };

/* ---- reverse -------------------------------------------------------------------------- */

/*
 * Whether the byte is what this read is about and has room. A run that does not
 * fit behind other bytes waits for the next read; one that no buffer of this
 * size can hold is taken, and what is left of it kept.
 */
static bool is_welcome(struct opp_transfer *transfer, uint8_t byte, bool command)
{
	const bool address = command && (byte & ECP_COMMAND_ADDRESS);

	if (address)
		transfer->channel = byte & ECP_COMMAND_VALUE;
	transfer->protocol->channel_waits = address;
	if (address || transfer->read.address)
		return address && transfer->read.address;
	return !command || transfer->moved == 0 ||
	       rle_copies(byte) <= transfer->read.capacity - transfer->moved;
}

static void keep(struct opp_run *run, uint8_t byte, bool command)
{
	struct opp_transfer *transfer = run->transfer;

	if (transfer->read.address) {
		run->protocol->channel_waits = false;
		transfer->read.bytes[transfer->moved++] = byte & ECP_COMMAND_VALUE;
		return;
	}
	if (command)
		rle_count(&run->protocol->held, byte);
	else
		rle_byte(&run->protocol->held, byte);
	ecp_pass_on(run);
}

/*
 * Waits for a status line to go low, without a fault when it does not: the
 * peripheral has nothing to say. Lost with transfer->result.
 */
static enum opp_answer await_word(struct opp_run *run, uint8_t line)
{
	struct opp_transfer *transfer = run->transfer;
	const struct opp_read *what = &transfer->read;
	const bool may_withdraw = line == PERIPH_CLK && ecp_is_bounded(run->protocol);

	do {
		transfer->result = opp_ended(run);
		if (transfer->result != OPP_SUCCESS)
			break;
		if (opp_sees(run, line, 0)) {
			opp_moved_on(run);
			return OPP_ANSWER_CAME;
		}
		if (may_withdraw && (transfer->seen & NPERIPH_REQ))
			break;
		if (opp_is_late(run, transfer->moved ? what->silence_us : what->first_us))
			break;
		if (!transfer->wait.poll || opp_is_spent(run))
			return OPP_ANSWER_WAIT;
	} while (true);
	opp_moved_on(run);
	return OPP_ANSWER_LOST;
}

/* Bounded ECP goes forward as soon as the peripheral no longer asks for reverse. */
static enum opp_flow end_reverse(struct opp_run *run, enum opp_status status)
{
	struct opp_transfer *transfer = run->transfer;

	if (!ecp_is_bounded(run->protocol) || !(transfer->seen & NPERIPH_REQ))
		return opp_return(run, status);
	transfer->verdict = status;
	return opp_call(run, OVER, &ecp_turn_forward);
}

/*
 * ev 44 to 46; HostAck stays high until the peripheral has seen it. Without ev 45
 * it is unknown whose the byte is, and a PeriphClk that is low says nothing new.
 */
static enum opp_answer finish_byte(struct opp_run *run)
{
	static const struct opp_move seen = OPP_EXPECT(45, PERIPH_CLK, PERIPH_CLK);
	const enum opp_answer answer = opp_await(run, &seen, opp_answer_us(run));

	if (answer == OPP_ANSWER_CAME)
		run->hw->ops->write_control(run->hw, HOST_ACK, 0); /* ev 46 */
	if (answer == OPP_ANSWER_LOST)
		run->protocol->position = OPP_AT_BROKEN_OFF;
	return answer;
}

static enum opp_flow go_reverse(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	struct opp_hw *hw = run->hw;
	uint8_t *at = opp_at(run);
	uint8_t byte;

	for (;;) {
		if (*at == IDLE) {
			switch (await_word(run, PERIPH_CLK)) { /* ev 43 */
			case OPP_ANSWER_CAME: break;
			case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
			case OPP_ANSWER_LOST: return end_reverse(run, transfer->result);
			}
			byte = hw->ops->read_data(hw);
			if (!is_welcome(transfer, byte, !(transfer->seen & PERIPH_ACK)))
				return end_reverse(run, OPP_SUCCESS);
			keep(run, byte, !(transfer->seen & PERIPH_ACK));
			hw->ops->write_control(hw, HOST_ACK, HOST_ACK); /* ev 44 */
			*at = TOLD;
		}
		switch (finish_byte(run)) {
		case OPP_ANSWER_CAME: break;
		case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
		case OPP_ANSWER_LOST: return opp_return(run, transfer->result);
		}
		*at = IDLE;
		if (transfer->moved == transfer->read.capacity)
			return end_reverse(run, OPP_SUCCESS);
		if (opp_is_spent(run))
			return OPP_FLOW_AGAIN;
	}
}

/* What an earlier read left of a run comes before anything the peripheral says now. */
static enum opp_flow begin_reverse(struct opp_run *run)
{
	if (run->transfer->read.address && run->protocol->held.held)
		return opp_return(run, OPP_SUCCESS);
	if (!ecp_pass_on(run))
		return opp_return(run, OPP_SUCCESS);
	if (ecp_is_bounded(run->protocol)) {
		switch (await_word(run, NPERIPH_REQ)) {
		case OPP_ANSWER_CAME: break;
		case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
		case OPP_ANSWER_LOST: return end_reverse(run, run->transfer->result);
		}
	}
	return opp_call(run, TURNED, &ecp_turn_reverse);
}

static enum opp_flow read_bytes(struct opp_run *run)
{
	switch (*opp_at(run)) {
	case BEGIN: return begin_reverse(run);
	case OVER: return opp_return(run, run->transfer->verdict);
	case TURNED:
		if (run->transfer->result != OPP_SUCCESS)
			return opp_return(run, run->transfer->result);
		*opp_at(run) = IDLE;
	}
	return go_reverse(run);
}

const struct opp_stage ecp_software_read = { .go_on = read_bytes, .phase = OPP_PHASE_READ };
