/* SPDX-License-Identifier: MIT */
/*
 * Ownership of a port: who has it, who is next, and the step from one to the
 * other. The states and their order stand in <openparport/port.h>.
 *
 * The ownership word holds a state and five flags:
 *
 *	AT_INTERRUPT	taken without the lock; counters and holder not set yet
 *	FREE_ASKED	its holder asked for a release without the lock
 *	IN_VAIN		somebody without the lock found the port taken
 *	GONE		the port is being removed: the pair below finds it taken
 *	LENT		its system lends it: from FREE nobody has it at once, so the
 *			pair below finds it taken then, too
 *
 * Without the lock only three changes are made, each by compare-and-swap:
 * FREE -> HELD|AT_INTERRUPT, HELD -> HELD|FREE_ASKED, and IN_VAIN where it is
 * not FREE. With the lock every function first settles the first two flags,
 * decides on the settled word and leaves FREE by compare-and-swap only. Once
 * HELD and settled, nothing but FREE_ASKED and IN_VAIN can still appear, so
 * leaving HELD is a plain exchange: a release that is asked for twice is one.
 *
 * This file does not touch the wire, the clock or a client.
 */
#include "core.h"

#define STATE_MASK   0x03u
#define AT_INTERRUPT 0x04u
#define FREE_ASKED   0x08u
#define IN_VAIN      0x10u
#define GONE         0x20u
#define LENT         0x40u

static struct opp_req *request_of(struct opp_link *link)
{
	return link ? OPP_NODE(link, struct opp_req, queue_link) : NULL;
}

static enum opp_port_state state_of(uint32_t word)
{
	return (enum opp_port_state)(word & STATE_MASK);
}

static void set_state(struct opp_port *port, enum opp_port_state state)
{
	uint32_t old = atomic_exchange(&port->ownership, (uint32_t)state | port->standing);

	if (old & IN_VAIN)
		opp_deferred_tried_in_vain_locked(port);
}

static bool leave_free(struct opp_port *port, enum opp_port_state state)
{
	uint32_t expected = OPP_PORT_FREE;

	return atomic_compare_exchange_strong(&port->ownership, &expected, (uint32_t)state);
}

static void require(const struct opp_port *port, bool invariant, const char *what)
{
	if (!invariant)
		port->env->broken(port->env->context, what);
}

void opp_port_init(struct opp_port *port, const struct opp_port_ops *ops, void *context,
		   const struct opp_env *env)
{
	*port = (struct opp_port){ .ops = ops, .context = context, .env = env };
	opp_queue_init(&port->waiters);
	opp_queue_init(&port->finished);
	opp_queue_init(&port->deferred);
}

void opp_port_lend(struct opp_port *port)
{
	port->standing = LENT;
	atomic_store(&port->ownership, OPP_PORT_FREE | LENT);
}

/* ---- a request's end ------------------------------------------------------ */

static void finish_locked(struct opp_port *port, struct opp_req *req, enum opp_status status)
{
	require(port, req->state != OPP_REQ_FINISHED, "a request ends once");
	if (req->client)
		opp_queue_remove(&req->client->requests, &req->client_link);
	req->state = OPP_REQ_FINISHED;
	req->status = status;
	opp_queue_append(&port->finished, &req->queue_link);
}

static bool is_devices(const struct opp_req *req)
{
	return req->client && req->client->is_device;
}

/* Takes @req out of the line; false when the front end's cancel has it. */
static bool take_locked(struct opp_port *port, struct opp_req *req)
{
	opp_queue_remove(&port->waiters, &req->queue_link);
	if (is_devices(req) || !port->ops || !port->ops->take ||
	    port->ops->take(port->context, req))
		return true;
	req->state = OPP_REQ_DROPPED;
	return false;
}

static void finish_waiter_locked(struct opp_port *port, struct opp_req *req, enum opp_status status)
{
	if (take_locked(port, req))
		finish_locked(port, req, status);
}

/* ---- hand-over --------------------------------------------------------------- */

static void begin_hold_locked(struct opp_port *port, struct opp_client *client, uint64_t now_us)
{
	port->holder = client;
	port->held_since_us = now_us;
	port->counters.allocates++;
}

static void grant_locked(struct opp_port *port, struct opp_req *req, uint64_t now_us)
{
	uint64_t waited_us = now_us - req->arrived_us;

	if (waited_us > port->counters.longest_wait_us)
		port->counters.longest_wait_us = waited_us;
	if (req->needs_wire) {
		begin_hold_locked(port, NULL, now_us);
		req->state = OPP_REQ_GRANTING;
		port->granting = req;
		set_state(port, OPP_PORT_GRANTING);
		return;
	}
	begin_hold_locked(port, req->client, now_us);
	set_state(port, OPP_PORT_HELD);
	finish_locked(port, req, OPP_SUCCESS);
}

bool opp_port_is_ours_locked(const struct opp_port *port)
{
	return !(port->standing & LENT) || (port->undo & OPP_UNDO_CLAIM);
}

/* Somebody waits: the worker asks the system for the port. */
static void want_claim_locked(struct opp_port *port)
{
	port->undo |= OPP_UNDO_ELSEWHERE;
	set_state(port, OPP_PORT_RELEASING);
}

/* The port is nobody's and the wire at rest: the next in line, or FREE. */
static void serve_next_locked(struct opp_port *port, uint64_t now_us)
{
	struct opp_req *req;

	while ((req = request_of(opp_queue_first(&port->waiters)))) {
		if (!opp_port_is_ours_locked(port)) {
			want_claim_locked(port);
			return;
		}
		if (take_locked(port, req)) {
			grant_locked(port, req, now_us);
			return;
		}
	}
	if (port->undo) { /* claimed for somebody who has gone meanwhile */
		set_state(port, OPP_PORT_RELEASING);
		return;
	}
	set_state(port, OPP_PORT_FREE);
	if (port->presence == OPP_PORT_PRESENT)
		opp_deferred_start_round_locked(port);
}

static void release_locked(struct opp_port *port, uint64_t now_us)
{
	uint64_t held_us = now_us - port->held_since_us;

	if (held_us > port->counters.longest_hold_us)
		port->counters.longest_hold_us = held_us;
	port->holder = NULL;
	port->counters.frees++;
	if (port->undo)
		set_state(port, OPP_PORT_RELEASING);
	else
		serve_next_locked(port, now_us);
}

/* ---- the interrupt-level pair -------------------------------------------------- */

bool opp_port_try_allocate_at_interrupt(struct opp_port *port)
{
	uint32_t word = OPP_PORT_FREE;
	uint32_t wanted = OPP_PORT_HELD | AT_INTERRUPT;

	while (!atomic_compare_exchange_strong(&port->ownership, &word, wanted)) {
		if ((word & (GONE | IN_VAIN)) || word == (OPP_PORT_FREE | LENT))
			return false;
		wanted = word == OPP_PORT_FREE ? OPP_PORT_HELD | AT_INTERRUPT : word | IN_VAIN;
	}
	return word == OPP_PORT_FREE;
}

bool opp_port_free_at_interrupt(struct opp_port *port)
{
	uint32_t word = atomic_load(&port->ownership);

	do {
		if (state_of(word) != OPP_PORT_HELD || (word & FREE_ASKED))
			return false;
	} while (!atomic_compare_exchange_weak(&port->ownership, &word, word | FREE_ASKED));
	return true;
}

static bool is_guarded(const struct opp_port *port)
{
	return port->holder && port->holder->guard != OPP_GUARD_NONE;
}

void opp_port_settle_locked(struct opp_port *port, uint64_t now_us)
{
	uint32_t word = atomic_load(&port->ownership);

	if (word & AT_INTERRUPT) {
		begin_hold_locked(port, NULL, now_us);
		word = atomic_fetch_and(&port->ownership, ~AT_INTERRUPT);
	}
	if (!(word & FREE_ASKED))
		return;
	if (is_guarded(port))
		(void)atomic_fetch_and(&port->ownership, ~FREE_ASKED);
	else
		release_locked(port, now_us);
}

/* The word with neither flag set. Only FREE can change after this, and only to HELD. */
static uint32_t settled_word_locked(struct opp_port *port, uint64_t now_us)
{
	uint32_t word = atomic_load(&port->ownership);

	while (word & (AT_INTERRUPT | FREE_ASKED)) {
		opp_port_settle_locked(port, now_us);
		word = atomic_load(&port->ownership);
	}
	return word;
}

enum opp_port_state opp_port_state_locked(struct opp_port *port, uint64_t now_us)
{
	return state_of(settled_word_locked(port, now_us));
}

/* ---- allocate and free ------------------------------------------------------------ */

static enum opp_status refuse(struct opp_req *req, enum opp_status status)
{
	req->state = OPP_REQ_FINISHED;
	req->status = status;
	return status;
}

enum opp_status opp_port_submit_locked(struct opp_port *port, struct opp_req *req, uint64_t now_us)
{
	uint32_t word;

	if (port->presence != OPP_PORT_PRESENT)
		return refuse(req, OPP_DELETE_PENDING);
	if (req->client && req->client->kicked)
		return refuse(req, OPP_KICKED);
	req->arrived_us = now_us;
	word = settled_word_locked(port, now_us);
	if (!req->needs_wire && word == OPP_PORT_FREE && leave_free(port, OPP_PORT_HELD)) {
		begin_hold_locked(port, req->client, now_us);
		req->state = OPP_REQ_FINISHED;
		req->status = OPP_SUCCESS;
		return OPP_SUCCESS;
	}
	if (req->client)
		opp_queue_append(&req->client->requests, &req->client_link);
	if (word == OPP_PORT_FREE && req->needs_wire && leave_free(port, OPP_PORT_GRANTING)) {
		grant_locked(port, req, now_us);
		return OPP_PENDING;
	}
	req->state = OPP_REQ_QUEUED;
	opp_queue_append(&port->waiters, &req->queue_link);
	if (word == (OPP_PORT_FREE | LENT))
		want_claim_locked(port);
	return OPP_PENDING;
}

bool opp_port_try_allocate_locked(struct opp_port *port, struct opp_client *client, uint64_t now_us)
{
	bool allowed = port->presence == OPP_PORT_PRESENT && !(client && client->kicked);

	if (allowed && settled_word_locked(port, now_us) == OPP_PORT_FREE &&
	    leave_free(port, OPP_PORT_HELD)) {
		begin_hold_locked(port, client, now_us);
		return true;
	}
	opp_deferred_tried_in_vain_locked(port);
	return false;
}

bool opp_port_may_use_locked(struct opp_port *port, const struct opp_client *client,
			     uint64_t now_us)
{
	if (state_of(settled_word_locked(port, now_us)) != OPP_PORT_HELD)
		return false;
	if (client && client->kicked)
		return false;
	if (!client)
		return !port->holder || port->holder->guard != OPP_GUARD_ALL;
	return port->holder == client || !port->holder;
}

bool opp_port_may_free_locked(struct opp_port *port, const struct opp_client *client,
			      uint64_t now_us)
{
	return opp_port_may_use_locked(port, client, now_us) && (client || !is_guarded(port));
}

enum opp_status opp_port_free_locked(struct opp_port *port, struct opp_client *client,
				     uint64_t now_us)
{
	bool may = opp_port_may_free_locked(port, client, now_us);

	if (may)
		release_locked(port, now_us);
	if (port->presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	return may ? OPP_SUCCESS : OPP_INVALID_DEVICE_STATE;
}

uint32_t opp_port_waiters_locked(const struct opp_port *port)
{
	return port->waiters.count;
}

bool opp_port_cancel_locked(struct opp_port *port, struct opp_req *req)
{
	if (req->state == OPP_REQ_QUEUED)
		opp_queue_remove(&port->waiters, &req->queue_link);
	else if (req->state != OPP_REQ_DROPPED)
		return false;
	finish_locked(port, req, OPP_CANCELLED);
	return true;
}

bool opp_port_expire_locked(struct opp_port *port, struct opp_req *req)
{
	if (req->state != OPP_REQ_QUEUED)
		return false;
	finish_waiter_locked(port, req, OPP_DEVICE_BUSY);
	return req->state == OPP_REQ_FINISHED;
}

/* ---- files ---------------------------------------------------------------------------- */

static void finish_waiters_of_locked(struct opp_port *port, struct opp_client *client,
				     enum opp_status status)
{
	struct opp_link *link = opp_queue_first(&client->requests);

	while (link) {
		struct opp_req *req = OPP_NODE(link, struct opp_req, client_link);

		link = opp_queue_next(&client->requests, link);
		if (req->state == OPP_REQ_QUEUED)
			finish_waiter_locked(port, req, status);
	}
}

enum opp_status opp_port_open_locked(struct opp_port *port, struct opp_client *client)
{
	if (port->presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	*client = (struct opp_client){ .kicked = false };
	opp_queue_init(&client->requests);
	port->clients++;
	return OPP_SUCCESS;
}

void opp_port_drop_client_locked(struct opp_port *port, struct opp_client *client, bool dead,
				 uint64_t now_us)
{
	uint32_t word = settled_word_locked(port, now_us);

	finish_waiters_of_locked(port, client, OPP_CANCELLED);
	if (port->granting && port->granting->client == client)
		port->granting_dropped = true;
	if (state_of(word) != OPP_PORT_HELD || port->holder != client)
		return;
	if (dead)
		port->undo |= OPP_UNDO_LINES;
	release_locked(port, now_us);
}

void opp_port_close_locked(struct opp_port *port, struct opp_client *client, bool dead,
			   uint64_t now_us)
{
	opp_port_drop_client_locked(port, client, dead, now_us);
	require(port, port->clients > 0, "a file closes once");
	port->clients--;
	if (port->clients > 0)
		return;
	if (opp_port_may_free_locked(port, NULL, now_us))
		release_locked(port, now_us);
	else if (port->granting && !port->granting->client)
		port->granting_dropped = true;
}

enum opp_status opp_port_kick_locked(struct opp_port *port, uint64_t now_us)
{
	if (opp_port_state_locked(port, now_us) != OPP_PORT_HELD)
		return OPP_INVALID_DEVICE_STATE;
	if (port->holder) {
		port->holder->kicked = true;
		finish_waiters_of_locked(port, port->holder, OPP_KICKED);
	}
	port->undo |= OPP_UNDO_LINES;
	release_locked(port, now_us);
	return OPP_SUCCESS;
}

void opp_port_remove_locked(struct opp_port *port, enum opp_port_presence presence, uint64_t now_us)
{
	struct opp_req *req;

	opp_port_settle_locked(port, now_us);
	if (port->presence != OPP_PORT_SURPRISE_REMOVED)
		port->presence = presence;
	port->standing |= GONE;
	(void)atomic_fetch_or(&port->ownership, GONE);
	while ((req = request_of(opp_queue_first(&port->waiters))))
		finish_waiter_locked(port, req, OPP_DELETE_PENDING);
}

/* ---- the wire --------------------------------------------------------------------------- */

void opp_port_left_locked(struct opp_port *port, uint32_t undo)
{
	port->undo |= undo;
}

void opp_port_put_back_locked(struct opp_port *port, uint32_t undo)
{
	port->undo &= ~undo;
}

void opp_port_suspend_locked(struct opp_port *port, uint64_t now_us)
{
	uint32_t word;

	port->undo |= OPP_UNDO_POWER;
	word = settled_word_locked(port, now_us);
	if (word == OPP_PORT_FREE)
		(void)leave_free(port, OPP_PORT_RELEASING); /* or it has been taken: HELD */
	else if (word == (OPP_PORT_FREE | LENT))
		set_state(port, OPP_PORT_RELEASING);
}

bool opp_port_wants_wire_locked(const struct opp_port *port)
{
	enum opp_port_state state = state_of(atomic_load(&port->ownership));

	return state == OPP_PORT_GRANTING || state == OPP_PORT_RELEASING;
}

static void granted_locked(struct opp_port *port, enum opp_status status, uint64_t now_us)
{
	struct opp_req *req = port->granting;

	if (port->presence != OPP_PORT_PRESENT)
		status = OPP_DELETE_PENDING;
	else if (port->granting_dropped)
		status = OPP_CANCELLED;
	port->granting = NULL;
	port->granting_dropped = false;
	if (status == OPP_SUCCESS) {
		port->holder = req->client;
		port->held_since_us = now_us;
		set_state(port, OPP_PORT_HELD);
	}
	finish_locked(port, req, status);
	if (status != OPP_SUCCESS)
		release_locked(port, now_us);
}

void opp_port_wire_done_locked(struct opp_port *port, enum opp_status status, uint64_t now_us)
{
	require(port, opp_port_wants_wire_locked(port), "wire work ends once");
	if (port->granting) {
		granted_locked(port, status, now_us);
	} else {
		port->undo &= OPP_UNDO_CLAIM;
		serve_next_locked(port, now_us);
	}
}

/* ---- events -------------------------------------------------------------------------------- */

bool opp_port_begin_events_locked(struct opp_port *port)
{
	if (port->telling || (!port->finished.count && !port->deferred_next))
		return false;
	port->telling = true;
	return true;
}

bool opp_port_next_event_locked(struct opp_port *port, struct opp_event *event, uint64_t now_us)
{
	bool is_free = (settled_word_locked(port, now_us) & ~LENT) == OPP_PORT_FREE;
	struct opp_link *link = opp_queue_first(&port->finished);

	*event = (struct opp_event){ .kind = OPP_EVENT_NONE };
	if (opp_deferred_returned_locked(port, event))
		return true;
	if (link) {
		opp_queue_remove(&port->finished, link);
		event->kind = OPP_EVENT_FINISHED;
		event->req = request_of(link);
		return true;
	}
	port->telling = opp_deferred_next_locked(port, is_free, event);
	return port->telling;
}
