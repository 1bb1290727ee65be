/* SPDX-License-Identifier: MIT */
/*
 * Bytes of nibble mode: two nibbles on the status lines, the low one first.
 *
 *	boundary --7--> low --9,10--> between --11,12--> high --9,10--> end
 *	    ^                                                          13,11
 *	    '-----------------------------------------------------------'
 *
 * Eight register accesses a byte: each nibble's look sees event 9 and the
 * nibble, and the byte's last look sees event 11 and whether more waits. With
 * OPP_PROTOCOL_SETTLE each of them is made twice.
 *
 * The peripheral forgets a byte at the second event 10: that is where it counts.
 */
#include "handshake.h"
#include "reverse.h"

enum {
	AT_BOUNDARY = OPP_BYTE_BOUNDARY,
	AT_LOW = OPP_BYTE_ASKED_FOR,
	AT_BETWEEN,
	AT_HIGH,
	AT_END,
};

/* Owed: a byte is finished, or times out, before a transfer ends. */
static const struct opp_move awaited[] = {
	[AT_LOW] = OPP_OWED(9, OPP_LINE_NACK, 0),
	[AT_BETWEEN] = OPP_OWED(11, OPP_LINE_NACK, OPP_LINE_NACK),
	[AT_HIGH] = OPP_OWED(9, OPP_LINE_NACK, 0),
	[AT_END] = OPP_OWED(11, OPP_LINE_NACK, OPP_LINE_NACK),
};

/* nFault, Select, PError, Busy are bits 0 to 3; nAck sits in between (IEEE1284 5.1). */
static uint8_t nibble_of(uint8_t status)
{
	return (uint8_t)((status >> 3 & 7) | (status >> 4 & 8));
}

static void host_busy(struct opp_run *run, uint8_t level)
{
	run->hw->ops->write_control(run->hw, OPP_LINE_NAUTOFD, level);
}

static enum opp_flow go_on(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	const uint64_t limit_us = opp_answer_us(run);
	uint8_t *at = opp_at(run);
	enum opp_answer answer;

	for (;; *at = *at == AT_END ? AT_BOUNDARY : (uint8_t)(*at + 1)) {
		if (*at != AT_BOUNDARY) {
			answer = opp_await(run, &awaited[*at], limit_us);
			if (answer != OPP_ANSWER_CAME)
				return opp_reverse_broke_off(run, answer);
		}
		switch (*at) {
		case AT_BOUNDARY:
			if (!opp_reverse_has_more(run))
				return opp_return(run, OPP_SUCCESS);
			if (opp_is_spent(run))
				return OPP_FLOW_AGAIN;
			host_busy(run, 0); /* ev 7 */
			break;
		case AT_LOW: /* ev 8, 9 */
			transfer->byte = nibble_of(transfer->seen);
			host_busy(run, OPP_LINE_NAUTOFD); /* ev 10 */
			break;
		case AT_BETWEEN:           /* ev 11 */
			host_busy(run, 0); /* ev 12 */
			break;
		case AT_HIGH: /* ev 8, 9 */
			transfer->byte |= (uint8_t)(nibble_of(transfer->seen) << 4);
			host_busy(run, OPP_LINE_NAUTOFD); /* ev 10 */
			transfer->read.bytes[transfer->moved++] = transfer->byte;
			break;
		default: /* ev 13, 11 */ opp_reverse_place(run); break;
		}
	}
}

const struct opp_stage opp_nibble_bytes = { .go_on = go_on, .is_part = true };

static enum opp_flow enter(struct opp_run *run)
{
	opp_reverse_place(run); /* ev 5, 6 */
	return opp_return(run, OPP_SUCCESS);
}

static const struct opp_stage entry = { .go_on = enter, .is_part = true };

const struct opp_mode_row opp_mode_nibble = {
	.enter = &entry,
	.read = &opp_reverse_read,
	.leave = &opp_leave_by_handshake,
};
