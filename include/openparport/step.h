/* SPDX-License-Identifier: MIT */
/*
 * Work on a port's wire that is not a client's bytes: what the last holder left
 * is undone, a device of the daisy chain selected, the chip's mode set, all of it
 * brought back after a loss of power or a holder that drove the registers itself; a
 * port that is lent is claimed and given back.
 *
 *	opp_wire_work_hand_over_locked   (GRANTING, RELEASING), or
 *	opp_wire_work_begin              (a holder's own)
 *	        |
 *	        v
 *	opp_wire_work_step --> OPP_STEP_DONE --> opp_wire_work_done_locked (hand-over)
 *	  ^        |
 *	  '--------' OPP_STEP_AGAIN, OPP_STEP_WAIT: work->transfer.wait
 *
 * One context steps, without the port's lock; it may be the port's worker or, for
 * a holder's own work, its caller. Functions named _locked want the port's lock.
 */
#ifndef OPENPARPORT_STEP_H
#define OPENPARPORT_STEP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openparport/chain.h>
#include <openparport/hw.h>
#include <openparport/ieee1284.h>
#include <openparport/port.h>

/* What can be done, in the order in which it is. What undoes something has its bit. */
enum opp_task {
	OPP_TASK_TERMINATE = OPP_UNDO_MODE,      /* to compatibility mode; this alone may wait */
	OPP_TASK_CHIP_MODE = OPP_UNDO_CHIP_MODE, /* the chip goes to work->mode */
	OPP_TASK_LINES = OPP_UNDO_LINES,         /* control lines at idle, data lines driven */
	OPP_TASK_DESELECT = OPP_UNDO_SELECTION,
	/* Before all others: port and protocol, from nothing that is known of them. */
	OPP_TASK_RESTORE = OPP_UNDO_POWER | OPP_UNDO_REGISTERS,
	OPP_TASK_CLAIM = OPP_UNDO_ELSEWHERE, /* first of all; waits until the system lends it */
	OPP_TASK_ASSIGN = 1 << 9,            /* count the chain's devices: work->transfer.moved */
	OPP_TASK_SELECT = 1 << 10,           /* the device at work->address, and no other */
	OPP_TASK_RESUME = 1 << 11,           /* the chip goes to work->resumed_mode */
	OPP_TASK_UNCLAIM = OPP_UNDO_CLAIM,   /* after all others */
};

/* Of a port that is lent, as the system was told last. */
enum opp_claim {
	OPP_CLAIM_NONE,
	OPP_CLAIM_ASKED, /* somebody else has it */
	OPP_CLAIM_OURS,
};

struct opp_wire_work {
	uint32_t tasks; /* enum opp_task, those to come */
	enum opp_chip_mode mode;
	enum opp_chip_mode resumed_mode;
	uint8_t address;
	uint8_t most_devices;

	/*
	 * SELECT: this many have addresses, or had before somebody reset the port, which
	 * makes them forget (IEEE1284 8.4): when nobody answers to one they are given
	 * anew, and only if as many take one the device is selected after all. 0: not.
	 */
	uint8_t devices;

	enum opp_claim claim;    /* what begin leaves as it is; zero at first */
	uint64_t claim_pause_us; /* until the system is asked again */

	enum opp_status status; /* SUCCESS, or why the first task that failed did */
	struct opp_transfer transfer;
	bool in_transfer; /* of the task that was begun last */
	bool selecting;   /* which is SELECT, or was */
	bool reminded;    /* they were given anew */
	_Atomic bool ended;
};

/*
 * opp_wire_work_begin - prepares @tasks; their operands are set afterwards, the
 * chip's mode is OPP_CHIP_SPP. @work is zeroed before its first one.
 */
void opp_wire_work_begin(struct opp_wire_work *work, uint32_t tasks);

/*
 * opp_wire_work_hand_over_locked - prepares what a port in GRANTING or RELEASING
 * asks for (opp_port_wants_wire_locked); OPP_UNDO_TRANSFER, which ends before, is
 * no task. Where the hardware is gone (SURPRISE_REMOVED) its claim is given up,
 * and nothing else is left to do.
 */
void opp_wire_work_hand_over_locked(struct opp_wire_work *work, const struct opp_port *port);

/*
 * opp_wire_work_step - goes on.
 * Context: who drives the wire; does not wait.
 * Returns as opp_transfer_step; after OPP_STEP_DONE the status is final.
 */
enum opp_step opp_wire_work_step(struct opp_wire_work *work, struct opp_hw *hw,
				 struct opp_protocol *protocol, uint64_t now_us,
				 uint32_t budget_ns);

/*
 * opp_wire_work_give_up_locked - nobody waits any more for what a CLAIM asks for: what was
 * asked is taken back in the next step. Without effect on other work. Context: between two
 * steps.
 */
void opp_wire_work_give_up_locked(struct opp_wire_work *work);

/* The port is told whether it is ours by now; done does so itself. */
void opp_wire_work_claimed_locked(const struct opp_wire_work *work, struct opp_port *port);

/*
 * opp_wire_work_end - makes it stop soon, because the hardware has gone. Its status
 * is then DELETE_PENDING, unless it was done. Context: any, while @work lives.
 */
void opp_wire_work_end(struct opp_wire_work *work);

/* opp_wire_work_done_locked - after the last step: the hand-over goes on. */
void opp_wire_work_done_locked(struct opp_wire_work *work, struct opp_port *port, uint64_t now_us);

#endif
