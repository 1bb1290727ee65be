/* SPDX-License-Identifier: MIT */
/*
 * How the files of this folder make a transfer out of stages.
 *
 *	opp_transfer_step --> top stage --> opp_call, opp_shake  another one on top
 *	       ^                  |-------> opp_return           back to the one below
 *	       '------------------'-------> OPP_FLOW_AGAIN, OPP_FLOW_WAIT: the step ends
 *
 * A stage is a function that reads from top to bottom as a switch over how far
 * it is. It is entered with 0, leaves by one of the ways above and is entered
 * again with the number it gave: when the stage it called has returned, with
 * transfer->result, or when the next step begins. It keeps nothing on the C
 * stack. A stage that yields must be fit to run again from the same number.
 *
 * A mode is a struct opp_mode_row, one file and one line in transfer.c.
 */
#ifndef OPP_IEEE1284_MACHINE_H
#define OPP_IEEE1284_MACHINE_H

#include <openparport/ieee1284.h>

/* One step of one transfer. */
struct opp_run {
	struct opp_transfer *transfer;
	struct opp_protocol *protocol;
	struct opp_hw *hw;
	uint64_t now_us; /* when the step began */
	uint32_t budget_ns;
	uint64_t accesses_before;
	uint64_t stalled_ns;
};

enum opp_flow {
	OPP_FLOW_ON,    /* whoever is on top now goes on in the same step */
	OPP_FLOW_AGAIN, /* the step ends as OPP_STEP_AGAIN */
	OPP_FLOW_WAIT,  /* the step ends as OPP_STEP_WAIT; transfer->wait is set */
};

struct opp_stage {
	enum opp_flow (*go_on)(struct opp_run *run);
	enum opp_phase phase; /* for the fault record */
	bool is_part;         /* of the stage below: the phase is that one's */
};

/* What a mode is made of. NULL where it has no such thing. */
struct opp_mode_row {
	uint32_t needs; /* OPP_HW_CAN_*: without them the mode is not negotiated */

	/*
	 * After event 6, with protocol->mode and request set: makes the mode
	 * ready and sets protocol->position. transfer->seen: lines at event 6.
	 */
	const struct opp_stage *enter;

	/*
	 * They move transfer->write or transfer->read, count in transfer->moved
	 * and end at the mode's idle.
	 */
	const struct opp_stage *write;
	const struct opp_stage *read;

	/* To where the lines are compatibility mode's. Must not heed opp_ended(). */
	const struct opp_stage *leave;
};

/* Each in its mode's file. */
extern const struct opp_mode_row opp_mode_compat;
extern const struct opp_mode_row opp_mode_nibble;
extern const struct opp_mode_row opp_mode_byte;
extern const struct opp_mode_row opp_mode_ecp;
extern const struct opp_mode_row opp_mode_epp;

const struct opp_mode_row *opp_mode_row(enum opp_mode mode);

/* ---- the stack ------------------------------------------------------------------- */

/* A fresh transfer whose only stage is @stage; one that is done, without any. */
void opp_transfer_prepare(struct opp_transfer *transfer, struct opp_protocol *protocol,
			  const struct opp_stage *stage);
void opp_transfer_settle(struct opp_transfer *transfer, struct opp_protocol *protocol,
			 enum opp_status status);

/* How far the top stage is: the way to write `switch (*opp_at(run))`, and to set it. */
static inline uint8_t *opp_at(struct opp_run *run)
{
	return &run->transfer->frames[run->transfer->depth - 1].at;
}

/* @stage goes on top; this one is entered with @at when it has returned. */
enum opp_flow opp_call(struct opp_run *run, uint8_t at, const struct opp_stage *stage);

/* @stage takes the place of this one. */
enum opp_flow opp_become(struct opp_run *run, const struct opp_stage *stage);

enum opp_flow opp_return(struct opp_run *run, enum opp_status result);

/* Compatibility mode from wherever the protocol is (terminate.c). Always succeeds. */
extern const struct opp_stage opp_termination;

/* What rows have in leave: by events 22 to 28, by events 68 and 69 (terminate.c). */
extern const struct opp_stage opp_leave_by_handshake;
extern const struct opp_stage opp_leave_epp;

/* To the mode of transfer->request (negotiate.c). */
extern const struct opp_stage opp_negotiation;

/* ---- waiting and time ----------------------------------------------------------------- */

enum opp_answer {
	OPP_ANSWER_CAME,
	OPP_ANSWER_WAIT, /* not yet: return OPP_FLOW_WAIT and ask again */
	OPP_ANSWER_LOST, /* not in time, or the transfer was ended; transfer->result says which */
};

/* Why the transfer shall stop, or OPP_SUCCESS. */
static inline enum opp_status opp_ended(const struct opp_run *run)
{
	return (enum opp_status)atomic_load_explicit(&run->transfer->ended_by,
						     memory_order_acquire);
}

/* Looks at the status lines once: transfer->seen. Returns whether they are as asked. */
static inline bool opp_sees(struct opp_run *run, uint8_t mask, uint8_t levels)
{
	struct opp_hw *hw = run->hw;

	run->transfer->seen = hw->ops->read_status(hw);
	if ((run->transfer->seen & mask) == levels &&
	    (run->protocol->options & OPP_PROTOCOL_SETTLE))
		run->transfer->seen = hw->ops->read_status(hw);
	return (run->transfer->seen & mask) == levels;
}

/*
 * opp_await - waits for what @move, an OPP_AWAIT, OPP_OWED, OPP_EXPECT or OPP_FAVOUR, says.
 * @limit_us: from the first look that did not see it, usually opp_answer_us();
 *	OPP_FOREVER: no limit.
 * Returns OPP_ANSWER_LOST with transfer->result DEVICE_PROTOCOL_ERROR (and the
 * fault noted, unless one was before) or the reason given to opp_transfer_end.
 */
enum opp_answer opp_await(struct opp_run *run, const struct opp_move *move, uint64_t limit_us);

/* opp_await with another status, and fault, for a late peripheral; OPP_SUCCESS: no fault. */
enum opp_answer opp_await_or(struct opp_run *run, const struct opp_move *move, uint64_t limit_us,
			     enum opp_status late);

#define OPP_FOREVER UINT64_MAX

/* How long a peripheral may take for an event without a limit of its own (IEEE1284 4.1). */
uint64_t opp_answer_us(const struct opp_run *run);

/*
 * opp_is_late - the lines are not as wanted: is it time to give up?
 * When not: transfer->wait is set, return OPP_FLOW_WAIT (or, with wait.poll and
 * not opp_is_spent(), look again). opp_await is made of it; use it where
 * running out of time is no fault.
 */
bool opp_is_late(struct opp_run *run, uint64_t limit_us);

/* Sets transfer->wait, in a wait that ends at @give_up_us; sparingly unless @poll. */
void opp_nap(struct opp_run *run, uint64_t give_up_us, bool poll);

/* The peripheral has moved: the next wait starts anew. */
static inline void opp_moved_on(struct opp_run *run)
{
	run->transfer->waiting = false;
}

/* Whether the step has used up its budget; never before its first access. */
bool opp_is_spent(const struct opp_run *run);

/* The lines stay as they are for @ns at least, what the next access takes included. */
void opp_hold(struct opp_run *run, uint32_t ns);

/* Least width of a pulse and set-up of data outside compatibility mode (IEEE1284 4.1: 500). */
#define OPP_PULSE_NS 1000u

/* ---- ends ----------------------------------------------------------------------------- */

/* Keeps the first one. */
void opp_note_fault(struct opp_run *run, enum opp_status status, uint8_t event);

/* OPP_CONTROL_IDLE, whatever the lines were, and the data lines driven. */
void opp_drive_idle(struct opp_run *run);

#endif
