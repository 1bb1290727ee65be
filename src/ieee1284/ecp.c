/* SPDX-License-Identifier: MIT */
/*
 * ECP: the way in, the two directions and the ways between them, the way out.
 *
 *	ev 6 --30, 31--> FORWARD --38, 39, 40--> REVERSE
 *	                  |   ^  <--47, 48, 49, 50--'
 *	          22..28 <'   '--72, 73, 74, 75 takes back a byte that is not taken
 *
 * nAckReverse says whose the data lines are: the host drives them until ev 38
 * and from ev 49 on, never in between.
 *
 * Bytes move in ecp_software.c and ecp_fifo.c. Bounded ECP (IEEE1284 5.6) is
 * ECP by software whose reverse direction the peripheral asks for.
 */
#include "ecp.h"
#include "fifo.h"
#include "handshake.h"

bool ecp_is_bounded(const struct opp_protocol *protocol)
{
	return (protocol->request & ~OPP_REQUEST_LINK) == OPP_REQUEST_BECP;
}

static bool may_count(const struct opp_protocol *protocol)
{
	return (protocol->request & OPP_REQUEST_ECP_RLE) == OPP_REQUEST_ECP_RLE;
}

/* ---- what comes next -------------------------------------------------------------- */

bool ecp_is_plain(const struct opp_run *run)
{
	return !run->transfer->write.address && !run->protocol->stray_count &&
	       !(run->transfer->write.compress && may_count(run->protocol));
}

struct ecp_item ecp_next(const struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;
	const struct opp_write *what = &transfer->write;
	const uint8_t *bytes = (const uint8_t *)what->bytes + transfer->moved;
	uint32_t copies = 1;

	if (what->address)
		return (struct ecp_item){ (uint8_t)(ECP_COMMAND_ADDRESS | bytes[0]), true, 1 };
	if (transfer->counted)
		return (struct ecp_item){ bytes[0], false, transfer->counted };
	if (what->compress && may_count(run->protocol))
		copies = rle_run(bytes, what->length - transfer->moved);
	/* A count whose byte never came would be taken for the next byte's: count that anew. */
	if (rle_pays(copies) || run->protocol->stray_count)
		return (struct ecp_item){ (uint8_t)(copies - 1), true, 0 };
	return (struct ecp_item){ bytes[0], false, 1 };
}

void ecp_took(struct opp_run *run, struct ecp_item item)
{
	const bool count = item.copies == 0;

	run->transfer->moved += item.copies;
	if (run->transfer->write.address)
		return;
	run->transfer->counted = count ? (uint8_t)rle_copies(item.byte) : 0;
	run->protocol->stray_count = count;
}

size_t ecp_pass_on(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	transfer->moved += rle_expand(&run->protocol->held, transfer->read.bytes + transfer->moved,
				      transfer->read.capacity - transfer->moved);
	return transfer->read.capacity - transfer->moved;
}

/* ---- the two directions ------------------------------------------------------------- */

static const struct opp_move towards_host[] = {
	OPP_REVERSE,
	OPP_DRIVE(38, HOST_ACK, 0),
	OPP_HOLD(OPP_PULSE_NS),
	OPP_DRIVE(39, NREVERSE, 0),
	OPP_EXPECT(40, NACK_REVERSE, 0),
	OPP_END,
};

static const struct opp_move towards_host_held[] = {
	OPP_REVERSE,
	OPP_DRIVE(38, HOST_ACK, 0),
	OPP_HOLD(OPP_PULSE_NS),
	OPP_DRIVE(39, NREVERSE | HOST_ACK, HOST_ACK),
	OPP_EXPECT(40, NACK_REVERSE, 0),
	OPP_END,
};

static const struct opp_move towards_peripheral[] = {
	OPP_DRIVE(47, NREVERSE | HOST_ACK, NREVERSE),
	OPP_EXPECT(49, NACK_REVERSE, NACK_REVERSE),
	OPP_END,
};

static const struct opp_move driven_again[] = {
	OPP_DRIVE(OPP_NO_EVENT, HOST_ACK, HOST_ACK),
	OPP_FORWARD, /* ev 50 */
	OPP_END,
};

enum {
	BEGIN,
	ANSWERED,
	BACK,
};

/* Who is busy with what it was sent cannot turn: that may take as long as a first byte. */
static enum opp_flow begin_to_turn(struct opp_run *run, const struct opp_move *table)
{
	static const struct opp_move ready = OPP_AWAIT(32, PERIPH_ACK, 0);

	switch (opp_await_or(run, &ready, run->transfer->read.first_us, OPP_TIMEOUT)) {
	case OPP_ANSWER_CAME: return opp_shake(run, ANSWERED, table);
	case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
	case OPP_ANSWER_LOST: break;
	}
	return opp_return(run, run->transfer->result);
}

static enum opp_flow turn_reverse(struct opp_run *run, const struct opp_move *table)
{
	switch (*opp_at(run)) {
	case BEGIN:
		if (run->protocol->position == OPP_AT_ECP_REVERSE)
			return opp_return(run, OPP_SUCCESS);
		return begin_to_turn(run, table);
	case ANSWERED:
		run->protocol->position = OPP_AT_ECP_REVERSE;
		/* It may turn late, and has the data lines then until ev 49. */
		if (run->transfer->seen & NACK_REVERSE)
			return opp_call(run, BACK, &ecp_turn_forward);
		return opp_return(run, OPP_SUCCESS);
	default: return opp_return(run, OPP_DEVICE_PROTOCOL_ERROR);
	}
}

static enum opp_flow turn_reverse_to_begin(struct opp_run *run)
{
	return turn_reverse(run, towards_host);
}

static enum opp_flow turn_reverse_held(struct opp_run *run)
{
	return turn_reverse(run, towards_host_held);
}

/* A peripheral that keeps the data lines keeps them: the bus stays reversed. */
static enum opp_flow turn_forward(struct opp_run *run)
{
	switch (*opp_at(run)) {
	case BEGIN:
		if (run->protocol->position == OPP_AT_ECP_FORWARD)
			return opp_return(run, OPP_SUCCESS);
		return opp_shake(run, ANSWERED, towards_peripheral);
	case ANSWERED:
		if (!(run->transfer->seen & NACK_REVERSE)) {
			run->protocol->position = OPP_AT_BROKEN_OFF;
			return opp_return(run, OPP_DEVICE_PROTOCOL_ERROR);
		}
		run->protocol->position = OPP_AT_ECP_FORWARD;
		return opp_shake(run, BACK, driven_again);
	default: return opp_return(run, OPP_SUCCESS);
	}
}

const struct opp_stage ecp_turn_reverse = { .go_on = turn_reverse_to_begin, .is_part = true };
const struct opp_stage ecp_turn_reverse_held = { .go_on = turn_reverse_held, .is_part = true };
const struct opp_stage ecp_turn_forward = { .go_on = turn_forward, .is_part = true };

/* HostClk rises while the bus is the peripheral's, where it means nothing. */
static const struct opp_move taken_back[] = {
	OPP_REVERSE,
	OPP_DRIVE(72, NREVERSE | HOST_ACK, HOST_ACK),
	OPP_EXPECT(73, NACK_REVERSE, 0),
	OPP_DRIVE(OPP_NO_EVENT, HOST_CLK, HOST_CLK),
	OPP_HOLD(OPP_PULSE_NS),
	OPP_DRIVE(74, NREVERSE, NREVERSE),
	OPP_EXPECT(75, NACK_REVERSE, NACK_REVERSE),
	OPP_END,
};

/* A port that cannot let go of the data lines must not have the peripheral drive them. */
static enum opp_flow begin_to_recover(struct opp_run *run)
{
	if (run->hw->capabilities & OPP_HW_CAN_REVERSE)
		return opp_shake(run, ANSWERED, taken_back);
	run->hw->ops->write_control(run->hw, HOST_CLK, HOST_CLK);
	run->protocol->position = OPP_AT_BROKEN_OFF;
	return opp_return(run, run->transfer->verdict);
}

static enum opp_flow recover(struct opp_run *run)
{
	switch (*opp_at(run)) {
	case BEGIN: return begin_to_recover(run);
	case ANSWERED:
		if (run->transfer->seen & NACK_REVERSE)
			return opp_shake(run, BACK, driven_again);
		run->protocol->position = OPP_AT_BROKEN_OFF;
	}
	return opp_return(run, run->transfer->verdict);
}

const struct opp_stage ecp_recovery = { .go_on = recover, .is_part = true };

/* ---- in and out ------------------------------------------------------------------------ */

static enum opp_flow enter(struct opp_run *run)
{
	static const struct opp_move setup[] = {
		OPP_DRIVE(30, HOST_ACK, 0),
		OPP_OWED(31, NACK_REVERSE, NACK_REVERSE),
		OPP_DRIVE(34, HOST_ACK, HOST_ACK),
		OPP_END,
	};

	if (*opp_at(run) == BEGIN) {
		run->protocol->held = (struct opp_rle){ 0 };
		run->protocol->stray_count = false;
		run->protocol->channel_waits = false;
		run->protocol->position = OPP_AT_ECP_FORWARD;
		return opp_shake(run, ANSWERED, setup);
	}
	return opp_return(run, run->transfer->result);
}

static enum opp_flow leave(struct opp_run *run)
{
	if (*opp_at(run) == BEGIN && run->protocol->position != OPP_AT_BROKEN_OFF)
		return opp_call(run, ANSWERED, &ecp_turn_forward);
	return opp_become(run, &opp_leave_by_handshake);
}

/* ---- by software or by the chip ---------------------------------------------------------- */

bool ecp_has_fifo(const struct opp_run *run)
{
	return (run->hw->capabilities & OPP_HW_CAN_FIFO) && !ecp_is_bounded(run->protocol) &&
	       !(run->protocol->options & OPP_PROTOCOL_SOFTWARE_ECP);
}

static bool are_channels(const struct opp_write *what)
{
	const uint8_t *bytes = what->bytes;
	size_t i;

	for (i = 0; i < what->length; i++)
		if (bytes[i] > ECP_COMMAND_VALUE)
			return false;
	return true;
}

/*
 * Whether, of a write that ends early, it can be told what was taken: of a chip
 * that does not count the byte on the wire not that one, of a FIFO as long as
 * the log not all that is in it.
 */
static bool fifo_tells_all(const struct opp_run *run)
{
	return ecp_has_fifo(run) && run->hw->fifo.counts_all &&
	       (ecp_is_plain(run) || fifo_bytes(run->hw) < OPP_FIFO_LOG);
}

static enum opp_flow write_bytes(struct opp_run *run)
{
	const struct opp_write *what = &run->transfer->write;

	if (what->address && !are_channels(what))
		return opp_return(run, OPP_INVALID_PARAMETER);
	return opp_become(run, fifo_tells_all(run) ? &ecp_fifo_write : &ecp_software_write);
}

static enum opp_flow read_bytes(struct opp_run *run)
{
	if (!(run->hw->capabilities & OPP_HW_CAN_REVERSE))
		return opp_return(run, OPP_INVALID_DEVICE_REQUEST);
	return opp_become(run, ecp_has_fifo(run) ? &ecp_fifo_read : &ecp_software_read);
}

static const struct opp_stage entering = { .go_on = enter, .phase = OPP_PHASE_NEGOTIATION };
static const struct opp_stage writing = { .go_on = write_bytes, .phase = OPP_PHASE_WRITE };
static const struct opp_stage reading = { .go_on = read_bytes, .phase = OPP_PHASE_READ };
static const struct opp_stage leaving = { .go_on = leave, .phase = OPP_PHASE_TERMINATION };

const struct opp_mode_row opp_mode_ecp = {
	.enter = &entering,
	.write = &writing,
	.read = &reading,
	.leave = &leaving,
};
