/* SPDX-License-Identifier: MIT */
/*
 * Resetting a peripheral in compatibility mode, as a printer port does it: nInit low for
 * a while.
 *
 *	any mode --> compatibility --> pulse --> Busy low, or not in time --> end
 *
 * What becomes of a daisy chain is not known here: its adapters may forget their
 * addresses.
 */
#include "handshake.h"

/* Least width is 50 us (IEEE1284 3.1). */
#define RESET_NS 55000u

/* A printer that still moves its head is not waited for longer. */
#define READY_US UINT64_C(1000000)

static const struct opp_move pulse[] = {
	OPP_DRIVE(OPP_NO_EVENT, OPP_CONTROL_LINES, OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD),
	OPP_HOLD(RESET_NS),
	OPP_DRIVE(OPP_NO_EVENT, OPP_LINE_NINIT, OPP_LINE_NINIT),
	OPP_END,
};

enum {
	AT_START,
	AT_HOME,
	AT_PULSED,
};

static enum opp_flow look(struct opp_run *run)
{
	static const struct opp_move ready = OPP_AWAIT(OPP_NO_EVENT, OPP_LINE_BUSY, 0);
	enum opp_status fault;

	if (opp_await_or(run, &ready, READY_US, OPP_SUCCESS) == OPP_ANSWER_WAIT)
		return OPP_FLOW_WAIT;
	if (opp_ended(run))
		return opp_return(run, opp_ended(run));
	fault = opp_line_condition(run->transfer->seen);
	if (fault != OPP_SUCCESS)
		opp_note_fault(run, fault, OPP_NO_EVENT);
	return opp_return(run, fault);
}

static enum opp_flow go_on(struct opp_run *run)
{
	switch (*opp_at(run)) {
	case AT_START: return opp_call(run, AT_HOME, &opp_termination);
	case AT_HOME:
		if (opp_ended(run))
			return opp_return(run, opp_ended(run));
		return opp_shake(run, AT_PULSED, pulse);
	default: return look(run);
	}
}

static const struct opp_stage resetting = { .go_on = go_on, .phase = OPP_PHASE_COMPAT_READY };

void opp_reset_begin(struct opp_transfer *transfer, struct opp_protocol *protocol)
{
	opp_transfer_prepare(transfer, protocol, &resetting);
}
