/* SPDX-License-Identifier: MIT */
/*
 * The inside of a host port, shared by port.c, contract.c, worker.c, request.c,
 * batch.c, observe.c, wire.c, errand.c and facts.c. Order of locks: turn, then wire, then
 * lock; with the lock in hand the wire is only tried.
 *
 * The port itself is a struct opp_contract_port: documented requests go to the
 * contract, the host's own ones to the engine in it, under one lock, and one loop
 * tells the ends of both.
 */
#ifndef OPP_HOST_H
#define OPP_HOST_H

#include <pthread.h>
#include <semaphore.h>

#include <openparport/contract.h>
#include <openparport/names.h>

#include "back_end.h"
#include "host_port.h"
#include "lock.h"
#include "process.h"

/* Who has the port, and by which of its grants. */
struct opp_hold {
	struct opp_client *client;
	uint32_t grant;
};

/* A device among those who want the port. */
struct opp_turn {
	struct opp_host_client opener; /* as it was then; it may be gone */
	uint64_t request;              /* number of what it waits for in line; 0: nothing */
};

struct opp_host_port {
	/* constant after create */
	char name[OPP_IOC_NAME_BYTES];
	pthread_t worker;
	uint16_t lpt[OPP_NAME_BYTES]; /* what the contract calls it */
	struct opp_port_description description;
	bool lent; /* by its system, where an access may take as long as others like */

	bool removing;           /* guarded by: */
	pthread_mutex_t setting; /* one change of the configuration at a time; taken first */

	/* First what an undisputed allocate and free touch. */
	struct opp_lock lock;    /* guards from here to the next lock */
	uint64_t hold;           /* number of the request by which the port is held, or 0 */
	uint64_t requests;       /* numbers given away so far */
	_Atomic uint64_t now_us; /* the port's clock while it ticks, else 0; see worker.c */
	bool clock_used;         /* since the last tick */
	_Atomic bool step_asked; /* the contract has something for the worker */
	opp_host_observer observe;
	void *observe_context;
	struct opp_queue work;             /* requests of the holder, the first one runs */
	struct opp_contract_port contract; /* work and protocol: see there */

	uint64_t used_at_ns; /* the worker's: when it last found the clock used */
	struct opp_host_config config;
	uint64_t step_due_ns; /* the contract has something by then, monotonic; the worker's */
	struct opp_hold seen; /* when the contract took the lock */
	struct opp_turn turns[OPP_CONTRACT_DEVICES];
	uint64_t clients;
	uint64_t events;
	uint64_t waits, faults;
	struct opp_fault fault;          /* the first one of the last request that had one */
	uint64_t claiming_since_us;      /* the system has been asked for the port in vain; 0: no */
	char lent_to[OPP_HW_USER_BYTES]; /* ... by whom it is used then; empty: unknown */
	struct opp_queue errands;        /* of callers that must not wait for the wire */
	void (*_Atomic notify)(
		void *context); /* written under the lock, read under the wire, too */
	void *notify_context;
	_Atomic uint64_t told; /* interrupts notify() was called for; written under the lock */
	_Atomic bool errand_waits;
	bool stopping;
	bool worker_over;
	enum opp_status worker_status;
	sem_t entered;        /* the worker has, or may not: worker_status */
	struct opp_bell bell; /* wakes the worker */

	struct opp_lock turn; /* guards nothing, see opp_wire_wait_turn */
	struct opp_lock wire; /* guards from here to the end */
	struct opp_back_end below;
	uint64_t wake_ns; /* virtual time at which the worker lets time pass */

	_Atomic uint64_t interrupts;    /* written under wire, or by the back end's thread */
	_Atomic uint64_t bytes_written; /* written by the worker ... */
	_Atomic uint64_t bytes_read;    /* ... and this, too */
};

uint64_t opp_worker_start_clock_locked(struct opp_host_port *port);

/*
 * The time by which the arbitration counts: monotonic and some milliseconds
 * coarse. The kernel's own coarse clock costs more than all else that an
 * uncontended free does.
 */
static inline uint64_t opp_host_now_locked(struct opp_host_port *port)
{
	const uint64_t now_us = atomic_load_explicit(&port->now_us, memory_order_relaxed);

	port->clock_used = true;
	return now_us ? now_us : opp_worker_start_clock_locked(port);
}

static inline struct opp_hw *opp_host_hw(struct opp_host_port *port)
{
	return opp_back_end_hw(&port->below);
}

/* The hardware may be touched. Context: who has the wire. */
static inline bool opp_host_wire_is_ours(struct opp_host_port *port)
{
	return !port->lent || port->contract.work.claim == OPP_CLAIM_OURS;
}

static inline struct opp_contract_device *opp_host_device_of(struct opp_client *client)
{
	return OPP_NODE(OPP_NODE(client, struct opp_device, client), struct opp_contract_device,
			device);
}

static inline struct opp_turn *opp_host_turn_of(struct opp_host_port *port,
						struct opp_client *client)
{
	return &port->turns[opp_host_device_of(client) - port->contract.devices];
}

/* Who holds the port or wants it; for a device its opener, or what is left of that one. */
static inline struct opp_host_client *opp_host_client_of(struct opp_host_port *port,
							 struct opp_client *client)
{
	if (client->is_device)
		return &opp_host_turn_of(port, client)->opener;
	return OPP_NODE(client, struct opp_host_client, engine);
}

static inline struct opp_host_req *opp_host_req_of(struct opp_req *req)
{
	return OPP_NODE(req, struct opp_host_req, contract.req);
}

/* ---- port.c ------------------------------------------------------------------- */

/*
 * Every change of the arbitration is made so:
 *
 *	opp_host_enter(port);	locks
 *	... one opp_port_..._locked call ...
 *	opp_host_leave(port);	notes what it finished, unlocks, tells the clients
 *
 * The usual case, in which nothing was finished, is kept short: it is what an
 * uncontended allocate and free cost.
 */
static inline void opp_host_enter(struct opp_host_port *port)
{
	opp_lock_take(&port->lock);
}

void opp_host_tell_and_unlock(struct opp_host_port *port);

/* A host port has no deferred routines: finished requests are all there is to tell. */
static inline void opp_host_leave(struct opp_host_port *port)
{
	const struct opp_port *engine = &port->contract.port;

	/* No wire is wanted where there is nothing to undo and nobody to select a device for. */
	if (engine->undo || engine->granting || engine->finished.count)
		opp_host_tell_and_unlock(port);
	else
		opp_lock_give(&port->lock);
}

/* What has finished, in order; each once. */
void opp_host_note_finished_locked(struct opp_host_port *port);

static inline bool opp_host_is_holder_locked(const struct opp_host_port *port,
					     const struct opp_host_client *client)
{
	return port->contract.port.holder == &client->engine;
}

/* @req was answered PENDING: its complete() follows. */
static inline void opp_host_pend_locked(struct opp_host_req *req)
{
	req->active = true;
	req->client->unfinished++;
}

/*
 * The end of a request that was PENDING, which the engine says. A job whose turn has
 * come goes to the worker instead, unless it lost the port on the way here.
 */
void opp_host_tell_locked(struct opp_host_port *port, struct opp_host_req *req);

/* Something that @client wanted has been told: when it was the last of a closed one, that is gone. */
void opp_host_let_go_locked(struct opp_host_port *port, struct opp_host_client *client);

/* Unlocks, calls complete() for a request that was PENDING, locks. */
void opp_host_complete_locked(struct opp_host_port *port, struct opp_host_req *req,
			      enum opp_status status);

/* ---- contract.c ---------------------------------------------------------------- */

/* After the back end has been opened. INVALID_PARAMETER: no port may have that number. */
enum opp_status opp_host_contract_init(struct opp_host_port *port);

/* Takes the device back that @client has open, if it has one. */
void opp_host_close_device(struct opp_host_port *port, struct opp_host_client *client);

/* A request of kind OPP_HOST_DOCUMENTED; answers as opp_host_submit. */
enum opp_status opp_host_submit_control(struct opp_host_port *port, struct opp_host_req *req);

/* ---- worker.c ------------------------------------------------------------------ */

/* @context: the port. Returns when the port is stopping and no work is left. */
void *opp_worker_main(void *context);
void opp_worker_nudge_locked(struct opp_host_port *port);
/* @req belongs to the worker until it completes it. */
void opp_worker_start_locked(struct opp_host_port *port, struct opp_host_req *req);
void opp_worker_stop_some_locked(struct opp_host_port *port, enum opp_status reason);

/* Every request of the holder ends with @reason before its next byte. */
static inline void opp_worker_stop_all_locked(struct opp_host_port *port, enum opp_status reason)
{
	if (port->work.count)
		opp_worker_stop_some_locked(port, reason);
}

/* ---- request.c ------------------------------------------------------------------ */

/*
 * What the worker does with a request whose turn has come: begin, step its
 * transfer until that is done, and, as long as it goes on, again; then finish.
 */
void opp_request_begin_locked(struct opp_host_port *port, struct opp_host_req *req);
/* The wire is the caller's, the lock is not. */
enum opp_step opp_request_step(struct opp_host_port *port, struct opp_host_req *req,
			       uint64_t now_us, uint32_t budget_ns);
bool opp_request_goes_on_locked(struct opp_host_port *port, struct opp_host_req *req);
void opp_request_finish_locked(struct opp_host_port *port, struct opp_host_req *req);
/* It stops with @reason as soon as it can, also if it has not begun. The first reason wins. */
void opp_request_end_locked(struct opp_host_req *req, enum opp_status reason);

/* ---- batch.c -------------------------------------------------------------------- */

/* As the functions of <openparport/ieee1284.h>: prepares req->transfer, then steps it. */
void opp_batch_begin(struct opp_host_req *req);
enum opp_step opp_batch_step(struct opp_host_port *port, struct opp_host_req *req,
			     uint32_t budget_ns);

/* ---- errand.c ------------------------------------------------------------------- */

/* Has the first errand run. Context: the worker; unlocks and locks. */
void opp_errand_run_locked(struct opp_host_port *port);

/* ---- observe.c ------------------------------------------------------------------ */

/* What @event says of itself is its kind, request, bytes and status; the rest is filled in. */
void opp_observe_locked(struct opp_host_port *port, const struct opp_host_event *event,
			const struct opp_host_client *client);

/* The same for an event that is no more than this; nothing where nobody listens. */
static inline void opp_observe_request_locked(struct opp_host_port *port,
					      enum opp_host_event_kind kind, uint64_t request,
					      const struct opp_host_client *client,
					      enum opp_status status)
{
	if (port->observe)
		opp_observe_locked(port,
				   &(struct opp_host_event){
					   .kind = kind, .request = request, .status = status },
				   client);
}

/* The hold of @client has ended as @kind says. Every hold ends here, once. */
static inline void opp_host_hold_ended_locked(struct opp_host_port *port,
					      enum opp_host_event_kind kind,
					      const struct opp_host_client *client,
					      enum opp_status status)
{
	const uint64_t hold = port->hold;

	port->hold = 0;
	opp_observe_request_locked(port, kind, hold, client, status);
}

/* ---- wire.c --------------------------------------------------------------------- */

/*
 * opp_wire_wait_turn - without the lock: the worker, who wants the wire again and again,
 *	lets others through between two steps.
 * opp_wire_give - settles peripherals, gives the wire back and tells about interrupts. No lock may
 *	be held.
 * opp_wire_catch_up - lets the peripheral do what is due, without the lock.
 *	Returns when to do so again by the monotonic clock, UINT64_MAX: when told
 *	to. For a transfer that waits, that is when the peripheral acts next.
 */
void opp_wire_wait_turn(struct opp_host_port *port);
void opp_wire_give(struct opp_host_port *port);
uint64_t opp_wire_catch_up(struct opp_host_port *port, bool for_a_transfer);

/* For opp_back_end_open; @context: the port. */
void opp_wire_output_changed(void *context);
void opp_wire_woken(void *context);

/* What the printer has taken goes to the output, if that takes it soon. */
void opp_wire_print_out(struct opp_host_port *port);

/* For struct opp_hw.interrupt; @context: the port. */
void opp_wire_interrupt(void *context);

#endif
