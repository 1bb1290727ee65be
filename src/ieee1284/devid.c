/* SPDX-License-Identifier: MIT */
/*
 * Fetching a device id.
 *
 *	any mode --> request 0x04 --accepted--> length --> text --> 2 more? --> full? --> end
 *	                 | refused, or has none             as long as it says,
 *	                 v                                  or until silence
 *	            request 0x05 --> ...
 *	                 v
 *	            request 0x14 --> ... --> OPP_UNSUCCESSFUL
 *
 * Peripherals get their length wrong in every way there is: it does not count
 * itself, has its bytes swapped, is nothing or anything. So it is a hint, and
 * nFault high (or silence) is the end. What came is kept as it came; making
 * sense of it is for <openparport/device_id.h>.
 */
#include <openparport/device_id.h>

#include "handshake.h"

enum {
	AT_START,
	AT_NEGOTIATED,
	AT_PREFIX,
	AT_TEXT,
	AT_REST,
	AT_FULL,
	AT_TERMINATED,
};

static enum opp_flow read_up_to(struct opp_run *run, uint8_t at, size_t bytes)
{
	struct opp_transfer *transfer = run->transfer;

	transfer->read.capacity = bytes < transfer->room ? bytes : transfer->room;
	return opp_call(run, at, opp_mode_row(run->protocol->mode)->read);
}

/* Even if more waits: a peripheral in device id mode must be taken out of it. */
static enum opp_flow finish(struct opp_run *run, enum opp_status verdict)
{
	run->transfer->verdict = verdict;
	return opp_call(run, AT_TERMINATED, &opp_termination);
}

static enum opp_flow read_text(struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;
	size_t expected;

	if (transfer->result != OPP_SUCCESS)
		return finish(run, transfer->result);
	if (transfer->moved < OPP_DEVICE_ID_PREFIX)
		return finish(run, OPP_UNSUCCESSFUL);
	expected = opp_device_id_expected(transfer->read.bytes);
	return read_up_to(run, AT_TEXT, expected ? expected : OPP_DEVICE_ID_MOST);
}

/* A known length is believed where a ';' ends it. */
static bool is_whole(const struct opp_transfer *transfer)
{
	return opp_device_id_expected(transfer->read.bytes) &&
	       transfer->read.bytes[transfer->moved - 1] == ';';
}

static enum opp_flow read_rest(struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;

	if (transfer->result != OPP_SUCCESS)
		return finish(run, transfer->result);
	if (transfer->room < opp_device_id_expected(transfer->read.bytes))
		return finish(run, OPP_BUFFER_TOO_SMALL);
	/* a length that does not count itself; in ECP only silence says that no more waits */
	if (transfer->read.bytes[transfer->moved - 1] != ';' &&
	    (run->protocol->position == OPP_AT_HBDA || run->protocol->mode == OPP_MODE_ECP))
		return read_up_to(run, AT_REST, transfer->moved + OPP_DEVICE_ID_PREFIX);
	*opp_at(run) = AT_REST;
	return OPP_FLOW_ON;
}

static enum opp_flow end_text(struct opp_run *run)
{
	const struct opp_transfer *transfer = run->transfer;

	if (transfer->result != OPP_SUCCESS || is_whole(transfer) ||
	    transfer->moved < transfer->room || transfer->room >= OPP_DEVICE_ID_MOST)
		return finish(run, transfer->result);
	*opp_at(run) = AT_FULL;
	return OPP_FLOW_ON;
}

/* The id may be over just where the room is; if it is not, the caller shall know. */
static enum opp_flow look_for_more(struct opp_run *run)
{
	static const struct opp_move offered = OPP_FAVOUR(43, OPP_LINE_NACK, 0);
	const bool waits = run->protocol->position == OPP_AT_HBDA;

	if (run->protocol->mode != OPP_MODE_ECP)
		return finish(run, waits ? OPP_BUFFER_TOO_SMALL : OPP_SUCCESS);
	switch (opp_await_or(run, &offered, opp_answer_us(run), OPP_SUCCESS)) {
	case OPP_ANSWER_CAME: return finish(run, OPP_BUFFER_TOO_SMALL);
	case OPP_ANSWER_WAIT: return OPP_FLOW_WAIT;
	default: return finish(run, OPP_SUCCESS);
	}
}

static enum opp_flow request(struct opp_run *run, uint8_t way)
{
	run->transfer->request = way | OPP_REQUEST_DEVICE_ID;
	run->transfer->moved = 0;
	return opp_call(run, AT_NEGOTIATED, &opp_negotiation);
}

static enum opp_flow next_way(struct opp_run *run)
{
	switch (run->transfer->request) {
	case OPP_REQUEST_NIBBLE | OPP_REQUEST_DEVICE_ID: return request(run, OPP_REQUEST_BYTE);
	case OPP_REQUEST_BYTE | OPP_REQUEST_DEVICE_ID: return request(run, OPP_REQUEST_ECP);
	default: return opp_return(run, OPP_UNSUCCESSFUL);
	}
}

static enum opp_flow negotiated(struct opp_run *run)
{
	switch (run->transfer->result) {
	case OPP_SUCCESS: return read_up_to(run, AT_PREFIX, OPP_DEVICE_ID_PREFIX);
	case OPP_UNSUCCESSFUL:
	case OPP_INVALID_PARAMETER: return next_way(run);
	default: return opp_return(run, run->transfer->result);
	}
}

static enum opp_flow go_on(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	switch (*opp_at(run)) {
	case AT_START:
		transfer->read.first_us = opp_answer_us(run);
		transfer->read.silence_us = opp_answer_us(run);
		return request(run, OPP_REQUEST_NIBBLE);
	case AT_NEGOTIATED: return negotiated(run);
	case AT_PREFIX: return read_text(run);
	case AT_TEXT: return read_rest(run);
	case AT_REST: return end_text(run);
	case AT_FULL: return look_for_more(run);
	default:
		if (transfer->verdict == OPP_UNSUCCESSFUL)
			return next_way(run);
		return opp_return(run, transfer->verdict);
	}
}

static const struct opp_stage reading = { .go_on = go_on, .phase = OPP_PHASE_READ };

void opp_device_id_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			 uint8_t *buffer, size_t capacity)
{
	if (capacity >= OPP_DEVICE_ID_PREFIX)
		opp_transfer_prepare(transfer, protocol, &reading);
	else
		opp_transfer_settle(transfer, protocol, OPP_BUFFER_TOO_SMALL);
	transfer->read.bytes = buffer;
	transfer->room = capacity;
}
