/* SPDX-License-Identifier: MIT */
/*
 * Into a mode: events 0 to 6, and 51 to 55 of an extensibility link.
 *
 *	any mode --> compatibility --> called --> asked --> (linked) --> entered
 *	                   ^   event 2   |          |           |           |
 *	                   |   missing   |          | refused, or event 6, 52, 55
 *	                   '-------------'          v missing, or not entered
 *	                   '------------------- termination
 *
 * What a mode still needs after event 6 is its own business (opp_mode_row.enter).
 */
#include "handshake.h"

/* Events 1 and 2: is there somebody who knows IEEE 1284? (IEEE1284 4.2) */
static const struct opp_move call[] = {
	OPP_FORWARD,
	OPP_DRIVE(OPP_NO_EVENT, OPP_CONTROL_LINES, OPP_CONTROL_IDLE),
	/* ev 0: the extensibility byte */
	OPP_DATA(0),
	OPP_HOLD(OPP_PULSE_NS),
	/* ev 1: nSelectIn high and nAutoFd low in the same instant */
	OPP_DRIVE(1, OPP_LINE_NSELECTIN | OPP_LINE_NAUTOFD, OPP_LINE_NSELECTIN),
	/* ev 2: PError, Select, nFault high, then nAck low */
	OPP_AWAIT(2, OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT | OPP_LINE_NACK,
		  OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT),
	OPP_END,
};

/* Events 3 to 6: does it know the mode? */
static const struct opp_move ask[] = {
	/* ev 3: the byte is taken */
	OPP_DRIVE(3, OPP_LINE_NSTROBE, 0),
	OPP_HOLD(OPP_PULSE_NS),
	/* ev 4: nStrobe and nAutoFd high in the same instant */
	OPP_DRIVE(4, OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD, OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD),
	/* ev 5: XFlag and nFault are the answer; ev 6: they are valid */
	OPP_OWED(6, OPP_LINE_NACK, OPP_LINE_NACK),
	OPP_END,
};

/* Events 51 to 55: the second byte of a link (IEEE1284 4.3). */
static const struct opp_move link[] = {
	OPP_DATA(OPP_NO_EVENT),
	OPP_HOLD(OPP_PULSE_NS),
	/* ev 51: the second byte is taken */
	OPP_DRIVE(51, OPP_LINE_NSTROBE, 0),
	/* ev 52 */
	OPP_OWED(52, OPP_LINE_NACK, 0),
	/* ev 53 */
	OPP_DRIVE(53, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE),
	/* ev 54: XFlag is the answer; ev 55: it is valid */
	OPP_OWED(55, OPP_LINE_NACK, OPP_LINE_NACK),
	OPP_END,
};

/* Returns whether there is such a request, and the mode it leads to (IEEE1284 4.3). */
static bool mode_of(uint8_t request, enum opp_mode *mode)
{
	switch (request) {
	case OPP_REQUEST_NIBBLE:
	case OPP_REQUEST_NIBBLE | OPP_REQUEST_DEVICE_ID: *mode = OPP_MODE_NIBBLE; return true;
	case OPP_REQUEST_BYTE:
	case OPP_REQUEST_BYTE | OPP_REQUEST_DEVICE_ID: *mode = OPP_MODE_BYTE; return true;
	case OPP_REQUEST_ECP:
	case OPP_REQUEST_ECP | OPP_REQUEST_DEVICE_ID:
	case OPP_REQUEST_ECP_RLE:
	case OPP_REQUEST_ECP_RLE | OPP_REQUEST_DEVICE_ID:
	case OPP_REQUEST_BECP: *mode = OPP_MODE_ECP; return true;
	case OPP_REQUEST_EPP: *mode = OPP_MODE_EPP; return true;
	default: return false;
	}
}

static uint8_t named_by(uint8_t request)
{
	return (uint8_t)(request & ~OPP_REQUEST_LINK);
}

static bool can_be_made(const struct opp_run *run, enum opp_mode *mode)
{
	const uint8_t request = named_by(run->transfer->request);
	uint32_t needs;

	if (!mode_of(request, mode))
		return false;
	if (request == OPP_REQUEST_BECP && !(run->protocol->options & OPP_PROTOCOL_BOUNDED_ECP))
		return false;
	needs = opp_mode_row(*mode)->needs;
	/* A mode that moves bytes forward without it tells its id in reverse all the same. */
	if (*mode == OPP_MODE_ECP && (request & OPP_REQUEST_DEVICE_ID))
		needs |= OPP_HW_CAN_REVERSE;
	return (run->hw->capabilities & needs) == needs;
}

bool opp_request_in_force(const struct opp_protocol *protocol, uint8_t request)
{
	return protocol->mode != OPP_MODE_COMPAT && protocol->position != OPP_AT_BROKEN_OFF &&
	       protocol->request == request &&
	       !(named_by(protocol->request) & OPP_REQUEST_DEVICE_ID);
}

/* XFlag high is yes, but to the plain nibble request, which cannot be refused. */
static bool is_accepted(struct opp_run *run)
{
	const bool xflag = run->transfer->seen & OPP_LINE_SELECT;

	if (run->transfer->request != OPP_REQUEST_NIBBLE)
		return xflag;
	if (xflag)
		opp_note_fault(run, OPP_DEVICE_PROTOCOL_ERROR, 5);
	return true;
}

enum {
	AT_START,
	AT_COMPATIBILITY,
	AT_CALLED,
	AT_ASKED,
	AT_LINKED,
	AT_ENTERED,
	AT_TIDIED,
};

/* The peripheral is in no mode now, but waits for event 22 if it waits at all. */
static enum opp_flow give_up(struct opp_run *run, enum opp_status verdict)
{
	run->transfer->verdict = verdict;
	return opp_call(run, AT_TIDIED, &opp_leave_by_handshake);
}

static enum opp_flow entered(struct opp_run *run)
{
	run->transfer->verdict = run->transfer->result;
	if (run->transfer->result == OPP_SUCCESS)
		return opp_return(run, OPP_SUCCESS);
	return opp_call(run, AT_TIDIED, &opp_termination);
}

/* Event 2 is missing: no handshake follows, nobody would take part. */
static enum opp_flow hang_up(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	opp_drive_idle(run);
	if (transfer->result != OPP_DEVICE_PROTOCOL_ERROR)
		return opp_return(run, transfer->result);
	if (transfer->fault.event == 2)
		transfer->fault.status = OPP_NO_SUCH_DEVICE;
	return opp_return(run, OPP_NO_SUCH_DEVICE);
}

static enum opp_flow enter(struct opp_run *run, enum opp_mode mode)
{
	struct opp_protocol *protocol = run->protocol;

	protocol->mode = mode;
	protocol->request = run->transfer->request;
	return opp_call(run, AT_ENTERED, opp_mode_row(mode)->enter);
}

static enum opp_flow start_calling(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	if (opp_ended(run))
		return opp_return(run, opp_ended(run));
	transfer->byte =
		transfer->request & OPP_REQUEST_LINK ? OPP_REQUEST_LINK : transfer->request;
	return opp_shake(run, AT_CALLED, call);
}

static enum opp_flow start(struct opp_run *run)
{
	if (opp_request_in_force(run->protocol, run->transfer->request))
		return opp_return(run, OPP_SUCCESS);
	if (run->protocol->mode != OPP_MODE_COMPAT)
		return opp_call(run, AT_COMPATIBILITY, &opp_termination);
	return start_calling(run);
}

static enum opp_flow go_on(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	const bool links = transfer->request & OPP_REQUEST_LINK;
	const bool failed = transfer->result != OPP_SUCCESS;
	enum opp_mode mode;

	if (!can_be_made(run, &mode))
		return opp_return(run, OPP_INVALID_PARAMETER);
	switch (*opp_at(run)) {
	case AT_START: return start(run);
	case AT_COMPATIBILITY: return start_calling(run);
	case AT_CALLED: return failed ? hang_up(run) : opp_shake(run, AT_ASKED, ask);
	case AT_ASKED:
	case AT_LINKED:
		if (failed)
			return give_up(run, transfer->result);
		if (!is_accepted(run))
			return give_up(run, OPP_UNSUCCESSFUL);
		if (!links || *opp_at(run) == AT_LINKED)
			return enter(run, mode);
		transfer->byte = named_by(transfer->request);
		return opp_shake(run, AT_LINKED, link);
	case AT_ENTERED: return entered(run);
	default: return opp_return(run, transfer->verdict);
	}
}

const struct opp_stage opp_negotiation = { .go_on = go_on, .phase = OPP_PHASE_NEGOTIATION };

void opp_negotiate_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			 uint8_t request)
{
	opp_transfer_prepare(transfer, protocol, &opp_negotiation);
	transfer->request = request;
}
