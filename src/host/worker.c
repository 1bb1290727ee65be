/* SPDX-License-Identifier: MIT */
/*
 * The worker of a host port: one thread that owns the wire while bytes move,
 * steps what the contract has to do (between two holders, for a device that holds
 * the port, and when somebody's patience in line ends), lets the simulator's time pass
 * while somebody waits for what it brings, runs errands (errand.c), and keeps the port's
 * clock while the port is in use.
 *
 *	        work                      no byte moves for a while
 *	IDLE ----------> stepping -----------------------------------> napping
 *	 ^  \               | done             ^                          |
 *	 |   '-- GRANTING,  |                  '--------------------------'
 *	 |       RELEASING  |                    the step's time, or a nudge
 *	 '------------------'
 *
 * It ends when the port is removed and its wire at rest.
 *
 * While the holder has work here the wire is the worker's: register accesses
 * are answered PENDING. Cancel, kick and removal reach a transfer as a flag.
 */
#include <string.h>

#include "host.h"

#define STEP_BUDGET_NS 50000u

/* Stepping again at once beats sleeping for at most this long without a byte. */
#define POLL_NS UINT64_C(500000)

#define NS_PER_US UINT64_C(1000)

/* The port's clock ticks so often, and stops when it was not asked for so long. */
#define TICK_NS  UINT64_C(4000000)
#define QUIET_NS UINT64_C(1000000000)

void opp_worker_nudge_locked(struct opp_host_port *port)
{
	opp_bell_ring_locked(&port->bell);
}

void opp_worker_start_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	opp_queue_append(&port->work, &req->work_link);
	opp_port_left_locked(&port->contract.port, OPP_UNDO_TRANSFER);
	opp_worker_nudge_locked(port);
}

void opp_worker_stop_some_locked(struct opp_host_port *port, enum opp_status reason)
{
	struct opp_link *link = opp_queue_first(&port->work);

	for (; link; link = opp_queue_next(&port->work, link))
		opp_request_end_locked(OPP_NODE(link, struct opp_host_req, work_link), reason);
	opp_worker_nudge_locked(port);
}

/* ---- the port's clock, and sleeping by it ----------------------------------------------- */

uint64_t opp_worker_start_clock_locked(struct opp_host_port *port)
{
	port->now_us = opp_host_now_ns() / NS_PER_US;
	opp_worker_nudge_locked(port);
	return port->now_us;
}

/* Also without the lock: nobody else changes a clock that ticks. */
static void tick(struct opp_host_port *port, uint64_t now_ns)
{
	const uint64_t before_us = port->now_us;

	if (before_us && now_ns / NS_PER_US > before_us)
		port->now_us = now_ns / NS_PER_US;
}

/* Returns when the clock must tick again: never once nobody has asked it for a while. */
static uint64_t next_tick_locked(struct opp_host_port *port)
{
	const uint64_t now_ns = opp_host_now_ns();

	if (port->clock_used)
		port->used_at_ns = now_ns;
	port->clock_used = false;
	if (now_ns - port->used_at_ns > QUIET_NS)
		port->now_us = 0;
	tick(port, now_ns);
	return port->now_us ? now_ns + TICK_NS : UINT64_MAX;
}

static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* Sleeps until @until_ns at the latest, or until somebody nudges or nudged after @heard. */
static void nap_locked(struct opp_host_port *port, uint32_t heard, uint64_t until_ns)
{
	if (port->errand_waits)
		return;
	until_ns = earlier(until_ns, next_tick_locked(port));
	opp_bell_sleep_locked(&port->bell, &port->lock, heard,
			      earlier(until_ns, port->step_due_ns));
}

/* ---- transfers ----------------------------------------------------------------------- */

static bool step_is_due(const struct opp_host_port *port, uint64_t now_ns)
{
	return port->step_asked || now_ns >= port->step_due_ns;
}

static bool is_wanted_elsewhere(const struct opp_host_port *port, uint64_t now_ns)
{
	return port->errand_waits || step_is_due(port, now_ns);
}

/* Steps until the end, until a sleep is worth it, or until others want something. */
static enum opp_step step_on(struct opp_host_port *port, struct opp_host_req *req)
{
	struct opp_transfer *transfer = &req->transfer;
	uint64_t moved_at_ns = opp_host_now_ns();
	uint64_t now_ns = moved_at_ns;
	enum opp_step step;
	size_t before;

	do {
		before = transfer->moved;
		opp_wire_wait_turn(port);
		step = opp_request_step(port, req, now_ns / NS_PER_US, STEP_BUDGET_NS);
		opp_wire_give(port);
		now_ns = opp_host_now_ns();
		tick(port, now_ns);
		if (transfer->moved != before) {
			if (req->kind == OPP_HOST_WRITE)
				port->bytes_written += transfer->moved - before;
			if (req->kind == OPP_HOST_READ)
				port->bytes_read += transfer->moved - before;
			moved_at_ns = now_ns;
		}
	} while (!is_wanted_elsewhere(port, now_ns) &&
		 (step == OPP_STEP_AGAIN || (step == OPP_STEP_WAIT && transfer->wait.poll &&
					     now_ns - moved_at_ns < POLL_NS)));
	return step;
}

static void finish_transfer_locked(struct opp_host_port *port, struct opp_host_req *req)
{
	opp_queue_remove(&port->work, &req->work_link);
	if (!port->work.count)
		opp_port_put_back_locked(&port->contract.port, OPP_UNDO_TRANSFER);
	opp_request_finish_locked(port, req);
	if (port->hold == req->number) {
		(void)opp_port_free_locked(&port->contract.port, &req->client->engine,
					   opp_host_now_locked(port));
		opp_host_hold_ended_locked(port, OPP_HOST_RELEASED, req->client, OPP_SUCCESS);
	}
	opp_host_complete_locked(port, req, req->transfer.status);
	opp_host_tell_and_unlock(port);
	opp_host_enter(port);
}

/* Also lets the peripheral do what is due. */
static uint64_t end_of_nap_ns(struct opp_host_port *port, const struct opp_wait *wait)
{
	const uint64_t until_ns = wait->until_us * NS_PER_US;
	const uint64_t edge_ns = opp_wire_catch_up(port, true);

	return earlier(edge_ns, until_ns);
}

static void run_locked(struct opp_host_port *port, struct opp_host_req *req, uint32_t heard)
{
	uint64_t until_ns;
	enum opp_step step;

	if (req->stage == OPP_HOST_NOT_BEGUN)
		opp_request_begin_locked(port, req);
	opp_lock_give(&port->lock);
	step = step_on(port, req);
	until_ns = step == OPP_STEP_WAIT ? end_of_nap_ns(port, &req->transfer.wait) : 0;
	opp_host_enter(port);
	if (step == OPP_STEP_WAIT)
		nap_locked(port, heard, until_ns);
	else if (step == OPP_STEP_DONE && !opp_request_goes_on_locked(port, req))
		finish_transfer_locked(port, req);
}

/* ---- between two holders -------------------------------------------------------------- */

/* Who waits may want to know for whom. */
static void note_claim_locked(struct opp_host_port *port)
{
	if (port->contract.work.claim != OPP_CLAIM_ASKED) {
		port->claiming_since_us = 0;
		return;
	}
	if (!port->claiming_since_us)
		port->claiming_since_us = opp_host_now_ns() / NS_PER_US;
	memcpy(port->lent_to, opp_host_hw(port)->lent_to, sizeof(port->lent_to));
}

/* The contract does it; here is when, and how long it is worth stepping on without a sleep. */
static void step_locked(struct opp_host_port *port)
{
	const uint64_t began_ns = opp_host_now_ns();
	const struct opp_wait *wait = &port->contract.wait;
	const bool on_wire = !port->work.count; /* else it is a transfer that catches up */
	uint64_t due_ns = UINT64_MAX;
	uint64_t now_ns = began_ns;
	enum opp_step step;

	port->step_asked = false;
	opp_lock_give(&port->lock);
	do {
		tick(port, now_ns);
		step = opp_contract_step(&port->contract, STEP_BUDGET_NS);
		now_ns = opp_host_now_ns();
	} while (step == OPP_STEP_WAIT && wait->poll && now_ns - began_ns < POLL_NS);
	if (step == OPP_STEP_WAIT)
		due_ns = on_wire ? end_of_nap_ns(port, wait) : wait->until_us * NS_PER_US;
	opp_host_enter(port);
	note_claim_locked(port);
	port->step_due_ns = due_ns;
	port->step_asked |= step == OPP_STEP_AGAIN;
}

/* ---- nothing to do but to let time pass ------------------------------------------------- */

static void idle_locked(struct opp_host_port *port, uint32_t heard)
{
	uint64_t until_ns;

	opp_lock_give(&port->lock);
	until_ns = opp_wire_catch_up(port, false);
	opp_host_enter(port);
	nap_locked(port, heard, until_ns);
}

void *opp_worker_main(void *context)
{
	struct opp_host_port *port = context;
	struct opp_link *first;
	uint32_t heard;

	port->worker_status = opp_back_end_enter(&port->below);
	(void)sem_post(&port->entered);
	if (port->worker_status != OPP_SUCCESS)
		return NULL;
	opp_host_enter(port);
	for (;;) {
		heard = port->bell.rings;
		/* One a turn: who has more and more of them keeps nobody else's work. */
		if (port->errand_waits)
			opp_errand_run_locked(port);
		first = opp_queue_first(&port->work);
		if (step_is_due(port, opp_host_now_ns()))
			step_locked(port);
		else if (first)
			run_locked(port, OPP_NODE(first, struct opp_host_req, work_link), heard);
		else if (port->stopping && !port->errand_waits && port->step_due_ns == UINT64_MAX)
			break;
		else
			idle_locked(port, heard);
	}
	port->worker_over = true;
	opp_lock_give(&port->lock);
	return NULL;
}
