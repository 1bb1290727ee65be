/* SPDX-License-Identifier: MIT */
/*
 * Back to compatibility mode, from everywhere.
 *
 *	ECP reverse --47..49--> ECP forward --.
 *	nibble, byte -------------------------+--22..28--> compatibility
 *	EPP ------------------68, 69---------------------> compatibility
 *	anything, in the middle of a byte ---nSelectIn---> compatibility
 *
 * Whatever the peripheral does meanwhile, the lines end at compatibility idle,
 * and nSelectIn low is compatibility mode.
 */
#include "handshake.h"

/* Least width of ev 68 is 50 us. */
#define RESET_NS 55000u

/* After an immediate termination the peripheral lets go of the data lines within 1 us. */
#define RELEASE_NS 2000u

/* Events 22 to 28 (IEEE1284 4.5). From a negotiation that was refused, too. */
static const struct opp_move handshake[] = {
	/* ev 22: nSelectIn low and nAutoFd high in the same instant */
	OPP_DRIVE(22, OPP_CONTROL_LINES, OPP_CONTROL_IDLE),
	/* ev 23: Busy, nFault high; ev 24: XFlag inverted, then nAck low */
	OPP_EXPECT(24, OPP_LINE_NACK, 0),
	/*
	 * With nFault low that may have been ev 18, of a peripheral that has not
	 * seen ev 22 yet: it has as long for ev 24 as any other.
	 */
	OPP_FAVOUR(24, OPP_LINE_NACK | OPP_LINE_NFAULT, OPP_LINE_NFAULT),
	/* ev 25 */
	OPP_DRIVE(25, OPP_LINE_NAUTOFD, 0),
	/* ev 26: compatibility's lines; ev 27: nAck high */
	OPP_EXPECT(27, OPP_LINE_NACK, OPP_LINE_NACK),
	/* ev 28 */
	OPP_DRIVE(28, OPP_LINE_NAUTOFD, OPP_LINE_NAUTOFD),
	OPP_FORWARD,
	OPP_END,
};

/* EPP's nSelectIn strobes addresses, so nInit has to do it (IEEE1284 4.5, P-081). */
static const struct opp_move epp[] = {
	/* ev 68 */
	OPP_DRIVE(68, OPP_CONTROL_LINES, OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN),
	OPP_HOLD(RESET_NS),
	/* ev 69 */
	OPP_DRIVE(69, OPP_LINE_NINIT | OPP_LINE_NSELECTIN, OPP_LINE_NINIT),
	OPP_FORWARD,
	OPP_END,
};

/*
 * With nAutoFd low nSelectIn falling is no event 22, and nobody answers it. In
 * one write: nAutoFd alone would be event 7, and a byte on the data lines.
 */
static const struct opp_move at_once[] = {
	OPP_DRIVE(OPP_NO_EVENT, OPP_CONTROL_LINES, OPP_LINE_NSTROBE | OPP_LINE_NINIT),
	OPP_HOLD(RELEASE_NS),
	OPP_DRIVE(OPP_NO_EVENT, OPP_LINE_NAUTOFD, OPP_LINE_NAUTOFD),
	OPP_FORWARD,
	OPP_END,
};

enum {
	AT_START,
	AT_END,
};

static enum opp_flow leave_by_handshake(struct opp_run *run)
{
	if (*opp_at(run) == AT_END)
		return opp_return(run, OPP_SUCCESS);
	return opp_shake(run, AT_END,
			 run->protocol->position == OPP_AT_BROKEN_OFF ? at_once : handshake);
}

const struct opp_stage opp_leave_by_handshake = { .go_on = leave_by_handshake, .is_part = true };

static enum opp_flow leave_epp(struct opp_run *run)
{
	if (*opp_at(run) == AT_END)
		return opp_return(run, OPP_SUCCESS);
	return opp_shake(run, AT_END, epp);
}

const struct opp_stage opp_leave_epp = { .go_on = leave_epp, .is_part = true };

/* Costs no access where the lines are as they shall be. */
static enum opp_flow come_home(struct opp_run *run)
{
	struct opp_hw *hw = run->hw;

	opp_protocol_init(run->protocol, run->protocol->options);
	if (hw->ops->read_control(hw) != OPP_CONTROL_IDLE || hw->ops->is_reverse(hw))
		opp_drive_idle(run);
	return opp_return(run, OPP_SUCCESS);
}

static enum opp_flow terminate(struct opp_run *run)
{
	const enum opp_mode mode = run->protocol->mode;

	if (*opp_at(run) == AT_END || mode == OPP_MODE_COMPAT)
		return come_home(run);
	return opp_call(run, AT_END, opp_mode_row(mode)->leave);
}

static enum opp_flow abort_mode(struct opp_run *run)
{
	const enum opp_mode mode = run->protocol->mode;

	if (*opp_at(run) == AT_END || mode == OPP_MODE_COMPAT)
		return come_home(run);
	return opp_shake(run, AT_END, mode == OPP_MODE_EPP ? epp : at_once);
}

const struct opp_stage opp_termination = { .go_on = terminate, .phase = OPP_PHASE_TERMINATION };
static const struct opp_stage abortion = { .go_on = abort_mode, .phase = OPP_PHASE_TERMINATION };

void opp_terminate_begin(struct opp_transfer *transfer, struct opp_protocol *protocol)
{
	opp_transfer_prepare(transfer, protocol, &opp_termination);
}

void opp_abort_begin(struct opp_transfer *transfer, struct opp_protocol *protocol)
{
	opp_transfer_prepare(transfer, protocol, &abortion);
}
