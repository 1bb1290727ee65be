/* SPDX-License-Identifier: MIT */
/*
 * A port and those who want it: owner, queue, hand-over.
 *
 *              submit, try_allocate
 *	 FREE ---------------------------> HELD <-----------.
 *	  ^  \                            /   \              | wire_done(SUCCESS)
 *	  |   `--- submit (wire work) ---/-----\-------> GRANTING
 *	  |                             / free  \ free       | wire_done(other)
 *	  | nobody waits               /         \ (undo)    v
 *	  +---------------------------'           `---> RELEASING
 *	  '--------------------- wire_done ------------------'
 *
 * A port without power is nobody's, too: suspend takes a FREE one to RELEASING, and a
 * free of one that is HELD leads there. It stays until somebody has woken it (wire_done).
 *
 * A port that its system lends (opp_port_lend) is ours while somebody of ours holds it,
 * or is being granted it, and no longer: who wants a FREE one waits in line while the
 * worker claims it (RELEASING), and every free gives it back before the next one is
 * served. So others of the system have their turn between any two of ours, and nothing
 * takes a port like that at once: try_allocate and the interrupt-level pair find it taken.
 *
 * A free with waiters goes from HELD to HELD (or GRANTING) in one step: the
 * port is never seen FREE between two holders.
 *
 * Two kinds of state. Arbitration (all of struct opp_port) is touched only
 * under the port's one lock, which the caller owns: every function named
 * _locked wants it held, none waits, none calls a client. What happened
 * meanwhile is fetched as events (opp_port_next_event_locked) and told to the
 * clients by the caller with the lock dropped. The wire belongs to the holder
 * and is not touched here: <openparport/step.h> does what is due between two.
 *
 * The ownership word alone is atomic, because the interrupt-level pair changes
 * it without the lock; every locked function first settles what that pair did.
 *
 * Times are microseconds of one monotonic clock, passed in by the caller, who
 * reads it under the lock: a time that goes back makes a wait or hold endless.
 *
 * Source of the rules: [Sync], [Port IRPs], [PPARALLEL_*] of docs/sources.md;
 * statements C-015..C-056, C-103..C-109, C-175..C-178.
 */
#ifndef OPENPARPORT_PORT_H
#define OPENPARPORT_PORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openparport/env.h>
#include <openparport/queue.h>
#include <openparport/status.h>

struct opp_port;

enum opp_port_state {
	OPP_PORT_FREE,
	OPP_PORT_GRANTING, /* taken for a request whose wire work is not done yet */
	OPP_PORT_HELD,
	OPP_PORT_RELEASING, /* nobody's: the last holder's traces are undone; no power; a claim */
};

enum opp_port_presence {
	OPP_PORT_PRESENT,
	OPP_PORT_SURPRISE_REMOVED, /* the hardware is gone, for good; files may still be open */
	OPP_PORT_REMOVED,
};

/* What others may do while this client holds the port. */
enum opp_guard {
	OPP_GUARD_NONE, /* as rule H says */
	OPP_GUARD_FREE, /* ANON uses it, but does not free it */
	OPP_GUARD_ALL,  /* nobody else does either */
};

/*
 * A file: somebody who can be recognised again. NULL stands for a caller
 * without a file (a callback, a kernel request): ANON in the documents.
 * Storage is the front end's, zeroed before open, valid until the client is
 * closed and each of its requests has finished.
 */
struct opp_client {
	struct opp_queue requests; /* its unfinished requests; port lock */
	bool kicked;               /* put out of the port; port lock */
	bool is_device;            /* its requests end without asking take */
	enum opp_guard guard;      /* port lock */
};

enum opp_req_kind {
	OPP_REQ_ALLOCATE,
	OPP_REQ_SELECT,
};

enum opp_req_state {
	OPP_REQ_IDLE,
	OPP_REQ_QUEUED,
	OPP_REQ_GRANTING, /* owns the port, its wire work runs; too late to cancel */
	OPP_REQ_DROPPED,  /* the front end's cancel has it; opp_port_cancel_locked ends it */
	OPP_REQ_FINISHED,
};

/*
 * One request for the port. Storage is the front end's, from submit until its
 * FINISHED event (or an immediate answer of submit). Guarded by the port lock.
 */
struct opp_req {
	struct opp_link queue_link; /* port queue, later the finished queue */
	struct opp_link client_link;
	struct opp_client *client; /* NULL: ANON */
	enum opp_req_kind kind;
	enum opp_req_state state;
	enum opp_status status; /* valid once FINISHED */
	bool needs_wire;        /* selecting takes wire work: granted through GRANTING */
	uint8_t address;        /* of that device in the daisy chain */
	uint64_t arrived_us;
	bool noted; /* not used here: its end stands in an account of the front end's */
};

/* A routine called when the port has become free and nobody waits. */
struct opp_deferred {
	struct opp_link link;
	void (*routine)(void *context);
	void *context;
	bool leaving; /* taken out while it runs */
};

/* What the last holder left on the wire, to be undone before the next grant. */
enum opp_undo {
	OPP_UNDO_TRANSFER = 1 << 0, /* a transfer still runs; it stops at its next byte */
	OPP_UNDO_LINES = 1 << 1,    /* the holder died or was kicked: on_death applies */
	OPP_UNDO_MODE = 1 << 2,     /* an IEEE 1284 mode is, or may be, in force */
	OPP_UNDO_CHIP_MODE = 1 << 3,
	OPP_UNDO_SELECTION = 1 << 4, /* a device of the daisy chain is, or may be, selected */
	OPP_UNDO_POWER = 1 << 5,     /* power goes or was gone: nothing is on the wire as it was */
	OPP_UNDO_CLAIM = 1 << 6,     /* its system has lent it to us */
	OPP_UNDO_ELSEWHERE = 1 << 7, /* ... has not, and somebody of ours waits for it */
	OPP_UNDO_REGISTERS = 1 << 8, /* the holder drives them itself; to the end of its hold */
};

struct opp_port_counters {
	uint32_t allocates;       /* grants by any path; wraps */
	uint32_t frees;           /* releases by any path, counted when asked for; wraps */
	uint64_t longest_wait_us; /* of a granted request */
	uint64_t longest_hold_us;
};

struct opp_port_ops {
	/*
	 * take - may the engine finish this queued request now?
	 * Returns false when a cancel is already under way for it: the engine
	 * then forgets the request (DROPPED) and the front end's cancel ends it
	 * with opp_port_cancel_locked. NULL means: always.
	 * Context: port lock held; must not call the engine.
	 */
	bool (*take)(void *context, struct opp_req *req);
};

enum opp_event_kind {
	OPP_EVENT_NONE,
	OPP_EVENT_FINISHED,      /* tell the client: req->status is its answer */
	OPP_EVENT_DEFERRED,      /* call deferred->routine(deferred->context) */
	OPP_EVENT_DEFERRED_GONE, /* a routine taken out while it ran has returned */
};

struct opp_event {
	enum opp_event_kind kind;
	struct opp_req *req;
	struct opp_deferred *deferred;
};

struct opp_port {
	_Atomic uint32_t ownership; /* OPP_PORT_* and flags of port.c ... */
	uint32_t standing;          /* ... of which these are set in every state */
	enum opp_port_presence presence;
	struct opp_client *holder; /* NULL: ANON, or not HELD */
	struct opp_req *granting;  /* the request of GRANTING */
	bool granting_dropped;     /* its client went away meanwhile */
	uint64_t held_since_us;
	uint32_t undo;    /* enum opp_undo */
	uint32_t clients; /* open files */
	struct opp_queue waiters;
	struct opp_queue finished;
	struct opp_port_counters counters;

	struct opp_queue deferred;          /* in connect order */
	struct opp_deferred *deferred_next; /* of the running round */
	struct opp_deferred *deferred_running;
	bool round_again; /* somebody found the port taken during the round */
	bool telling;     /* someone is in the event loop */

	const struct opp_port_ops *ops;
	void *context; /* of ops */
	const struct opp_env *env;
};

/* opp_port_init - a free port. @ops, @context and @env outlive the port. */
void opp_port_init(struct opp_port *port, const struct opp_port_ops *ops, void *context,
		   const struct opp_env *env);

/*
 * opp_port_lend - its system lends it, to one user at a time.
 * Context: after init, before anybody uses it; no lock.
 */
void opp_port_lend(struct opp_port *port);

/* ---- files ---------------------------------------------------------------- */

/*
 * opp_port_open_locked - one more file.
 * Returns SUCCESS, or DELETE_PENDING on a port that is being removed.
 */
enum opp_status opp_port_open_locked(struct opp_port *port, struct opp_client *client);

/*
 * opp_port_drop_client_locked - everything @client holds or wants ends.
 * Its queued requests finish CANCELLED; the port, if it holds it, is released
 * and the next in line served. Idempotent. A GRANTING request ends when its
 * wire work does. With @dead the port's on_death is applied (OPP_UNDO_LINES).
 */
void opp_port_drop_client_locked(struct opp_port *port, struct opp_client *client, bool dead,
				 uint64_t now_us);

/*
 * opp_port_close_locked - the file is gone: drop_client, and the last file to
 * go releases an allocation made without a file, which nobody may legally own;
 * one that is GRANTING ends when its wire work does.
 */
void opp_port_close_locked(struct opp_port *port, struct opp_client *client, bool dead,
			   uint64_t now_us);

/* ---- allocate and free ---------------------------------------------------- */

/*
 * opp_port_submit_locked - ask for the port.
 * @req: kind, client, needs_wire and address set by the caller, the rest zero.
 * Returns SUCCESS: granted at once, @req is finished and yields no event.
 *         PENDING: queued (or GRANTING); a FINISHED event follows exactly once. A
 *		port that is lent is granted in no other way.
 *         DELETE_PENDING, KICKED: refused, finished, no event.
 */
enum opp_status opp_port_submit_locked(struct opp_port *port, struct opp_req *req, uint64_t now_us);

/*
 * Takes a FREE port for @client (NULL: ANON) or returns false. Never queues, and never
 * waits for a system to lend the port: false on one that is lent.
 */
bool opp_port_try_allocate_locked(struct opp_port *port, struct opp_client *client,
				  uint64_t now_us);

/*
 * opp_port_free_locked - release, and serve the next in line in the same step.
 * Returns SUCCESS;
 *         INVALID_DEVICE_STATE: not held, or held by another file or a guarded one;
 *         DELETE_PENDING: removed port; the allocation is dropped all the same.
 */
enum opp_status opp_port_free_locked(struct opp_port *port, struct opp_client *client,
				     uint64_t now_us);

/*
 * Rule H: may @client act as the holder? True when the port is HELD and the
 * holder is @client, or either of them is ANON and the other not under
 * OPP_GUARD_ALL. A kicked client never may.
 */
bool opp_port_may_use_locked(struct opp_port *port, const struct opp_client *client,
			     uint64_t now_us);

/*
 * May @client release the port? As rule H, but that ANON does not release what a
 * guarded client holds.
 */
bool opp_port_may_free_locked(struct opp_port *port, const struct opp_client *client,
			      uint64_t now_us);

/* Requests that wait; the holder is not counted. 0 on a removed port. */
uint32_t opp_port_waiters_locked(const struct opp_port *port);

enum opp_port_state opp_port_state_locked(struct opp_port *port, uint64_t now_us);

/*
 * opp_port_cancel_locked - the front end's cancel of one request.
 * Returns true: @req finishes CANCELLED (its event follows).
 *         false: too late; it is granted, being granted or finished.
 */
bool opp_port_cancel_locked(struct opp_port *port, struct opp_req *req);

/*
 * opp_port_expire_locked - the front end's deadline of one request has passed.
 * As cancel, but asks take first and the status is DEVICE_BUSY.
 */
bool opp_port_expire_locked(struct opp_port *port, struct opp_req *req);

/*
 * opp_port_kick_locked - put the holder out of the port.
 * A holder with a file is marked kicked: what it has in line finishes KICKED,
 * and so does all it submits until it opens again. on_death is applied.
 * Returns SUCCESS, or INVALID_DEVICE_STATE when nobody holds the port.
 */
enum opp_status opp_port_kick_locked(struct opp_port *port, uint64_t now_us);

/*
 * opp_port_remove_locked - the port goes away (@presence says how far).
 * Every queued request finishes DELETE_PENDING. A holder may still free. May come
 * again; SURPRISE_REMOVED stays, for the wire must not be touched any more.
 */
void opp_port_remove_locked(struct opp_port *port, enum opp_port_presence presence,
			    uint64_t now_us);

/* ---- the wire ------------------------------------------------------------- */

/*
 * The holder left something on the wire that must be undone before the next
 * grant (enum opp_undo, or-ed), or put it back itself.
 */
void opp_port_left_locked(struct opp_port *port, uint32_t undo);
void opp_port_put_back_locked(struct opp_port *port, uint32_t undo);

/*
 * opp_port_suspend_locked - the port has no power from now on: it is granted to nobody
 * until OPP_UNDO_POWER is put back, and then its wire work done. Who holds it, holds it.
 */
void opp_port_suspend_locked(struct opp_port *port, uint64_t now_us);

/* Nothing is to be begun on the wire without. */
static inline bool opp_port_has_power_locked(const struct opp_port *port)
{
	return !(port->undo & OPP_UNDO_POWER);
}

/* The wire may be touched: nobody lends the port, or it is claimed. */
bool opp_port_is_ours_locked(const struct opp_port *port);

/* True in GRANTING and RELEASING: the caller's worker has wire work to do. */
bool opp_port_wants_wire_locked(const struct opp_port *port);

/*
 * opp_port_wire_done_locked - the wire work of GRANTING or RELEASING ended.
 * @status: of a selection; SUCCESS after undoing.
 * What a selection has left on the wire, whatever its status, was told with
 * opp_port_left_locked before: its client may be gone, and the next one must
 * not inherit it.
 */
void opp_port_wire_done_locked(struct opp_port *port, enum opp_status status, uint64_t now_us);

/* ---- the interrupt-level pair ---------------------------------------------- */

/*
 * Takes a FREE port for ANON without the lock. Never queues, never waits; in vain on one
 * that is lent.
 * Context: any, DIRQL included.
 * Source: [PPARALLEL_TRY_ALLOCATE_ROUTINE], S-44.
 */
bool opp_port_try_allocate_at_interrupt(struct opp_port *port);

/*
 * Asks for a release without the lock. The port stays HELD until the caller's
 * deferred work calls opp_port_settle_locked and drains the events.
 * Returns true when that deferred work is owed.
 * Context: any, DIRQL included.
 */
bool opp_port_free_at_interrupt(struct opp_port *port);

/* Carries out what the pair above left. Every locked function does so itself. */
void opp_port_settle_locked(struct opp_port *port, uint64_t now_us);

/* ---- deferred routines ----------------------------------------------------- */

/* Adds @deferred behind the others. Storage is the caller's until taken out. */
void opp_port_connect_deferred_locked(struct opp_port *port, struct opp_deferred *deferred);

/*
 * opp_port_disconnect_deferred_locked - never call @deferred again.
 * Returns SUCCESS, or PENDING while it runs: a DEFERRED_GONE event follows and
 * the storage is the caller's from then on.
 */
enum opp_status opp_port_disconnect_deferred_locked(struct opp_port *port,
						    struct opp_deferred *deferred);

/* ---- events ----------------------------------------------------------------- */

/*
 * The loop that tells clients, at constant depth however many frees a
 * completion does:
 *
 *	if (opp_port_begin_events_locked(port))
 *		while (opp_port_next_event_locked(port, &event, now)) {
 *			unlock; tell; lock;
 *		}
 *	unlock
 *
 * begin returns false when there is nothing to tell, or when another caller
 * (perhaps further down this very stack) is in the loop: it will tell what
 * this one caused.
 */
bool opp_port_begin_events_locked(struct opp_port *port);
bool opp_port_next_event_locked(struct opp_port *port, struct opp_event *event, uint64_t now_us);

#endif
