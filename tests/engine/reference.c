/* SPDX-License-Identifier: MIT */
/*
 * The reference of reference.h. Everything is looked up, nothing is linked.
 */
#include "reference.h"

static void append(struct ref_list *list, int number)
{
	list->of[list->count++] = number;
}

static void take_out(struct ref_list *list, int number)
{
	int kept = 0;

	for (int i = 0; i < list->count; i++) {
		if (list->of[i] != number)
			list->of[kept++] = list->of[i];
	}
	list->count = kept;
}

void ref_init(struct reference *ref)
{
	*ref = (struct reference){
		.holder = REF_NONE,
		.granting = REF_NONE,
		.running = REF_NONE,
	};
}

/* ---- requests --------------------------------------------------------------- */

static void end(struct reference *ref, int request, enum opp_status status)
{
	ref->requests[request].state = OPP_REQ_FINISHED;
	ref->requests[request].status = status;
	append(&ref->ended, request);
}

/* The request leaves the line; false: a cancel has it. */
static bool take(struct reference *ref, int request)
{
	take_out(&ref->line, request);
	if (ref->at_take)
		ref->at_take(ref->context);
	if (!ref->requests[request].cancel_under_way)
		return true;
	ref->requests[request].state = OPP_REQ_DROPPED;
	return false;
}

static void hold(struct reference *ref, int file, uint64_t now_us)
{
	ref->state = OPP_PORT_HELD;
	ref->holder = file;
	ref->held_since_us = now_us;
	ref->counters.allocates++;
}

static void start_granting(struct reference *ref, int request, uint64_t now_us)
{
	hold(ref, REF_NONE, now_us);
	ref->state = OPP_PORT_GRANTING;
	ref->granting = request;
	ref->requests[request].state = OPP_REQ_GRANTING;
}

/* ---- hand-over ------------------------------------------------------------------ */

static bool round_is_under_way(const struct reference *ref)
{
	return ref->running != REF_NONE || ref->to_call.count > 0;
}

/* The port leaves its holder: nothing asked at interrupt level outlives that. */
static void forget_interrupt_level(struct reference *ref)
{
	if (ref->tried_in_vain && round_is_under_way(ref))
		ref->again = true;
	ref->tried_in_vain = false;
	ref->free_asked = false;
}

static void become_free(struct reference *ref)
{
	forget_interrupt_level(ref);
	ref->state = OPP_PORT_FREE;
	if (ref->presence != OPP_PORT_PRESENT)
		return;
	if (!round_is_under_way(ref) || ref->again) {
		ref->again = false;
		ref->to_call = ref->connected;
	}
}

static void grant(struct reference *ref, int request, uint64_t now_us)
{
	uint64_t waited_us = now_us - ref->requests[request].arrived_us;

	forget_interrupt_level(ref);
	if (waited_us > ref->counters.longest_wait_us)
		ref->counters.longest_wait_us = waited_us;
	if (ref->requests[request].wire) {
		start_granting(ref, request, now_us);
	} else {
		hold(ref, ref->requests[request].file, now_us);
		end(ref, request, OPP_SUCCESS);
	}
}

static void serve_next(struct reference *ref, uint64_t now_us)
{
	while (ref->line.count > 0) {
		int request = ref->line.of[0];

		if (take(ref, request)) {
			grant(ref, request, now_us);
			return;
		}
	}
	become_free(ref);
}

static void release(struct reference *ref, uint64_t now_us)
{
	uint64_t held_us = now_us - ref->held_since_us;

	if (held_us > ref->counters.longest_hold_us)
		ref->counters.longest_hold_us = held_us;
	ref->holder = REF_NONE;
	ref->counters.frees++;
	if (ref->undo) {
		forget_interrupt_level(ref);
		ref->state = OPP_PORT_RELEASING;
	} else {
		serve_next(ref, now_us);
	}
}

/* ---- interrupt level ----------------------------------------------------------------- */

bool ref_try_at_interrupt(struct reference *ref)
{
	if (ref->presence != OPP_PORT_PRESENT)
		return false;
	if (ref->state != OPP_PORT_FREE) {
		ref->tried_in_vain = true;
		return false;
	}
	ref->state = OPP_PORT_HELD;
	ref->taken_at_interrupt = true;
	return true;
}

bool ref_free_at_interrupt(struct reference *ref)
{
	if (ref->state != OPP_PORT_HELD || ref->free_asked)
		return false;
	ref->free_asked = true;
	return true;
}

void ref_settle(struct reference *ref, uint64_t now_us)
{
	if (ref->taken_at_interrupt)
		hold(ref, REF_ANON, now_us);
	ref->taken_at_interrupt = false;
	if (ref->free_asked)
		release(ref, now_us);
}

/* ---- allocate and free ------------------------------------------------------------------ */

static bool is_kicked(const struct reference *ref, int file)
{
	return file != REF_ANON && ref->files[file].kicked;
}

enum opp_status ref_submit(struct reference *ref, int request, int file, bool wire, uint64_t now_us)
{
	struct ref_request *its = &ref->requests[request];

	*its = (struct ref_request){ .state = OPP_REQ_FINISHED, .file = file, .wire = wire };
	if (ref->presence != OPP_PORT_PRESENT)
		return its->status = OPP_DELETE_PENDING;
	if (is_kicked(ref, file))
		return its->status = OPP_KICKED;
	its->arrived_us = now_us;
	ref_settle(ref, now_us);
	if (ref->state == OPP_PORT_FREE && !wire) {
		hold(ref, file, now_us);
		return its->status = OPP_SUCCESS;
	}
	if (ref->state == OPP_PORT_FREE) {
		start_granting(ref, request, now_us);
		return OPP_PENDING;
	}
	its->state = OPP_REQ_QUEUED;
	append(&ref->line, request);
	return OPP_PENDING;
}

bool ref_try_allocate(struct reference *ref, int file, uint64_t now_us)
{
	if (ref->presence == OPP_PORT_PRESENT && !is_kicked(ref, file)) {
		ref_settle(ref, now_us);
		if (ref->state == OPP_PORT_FREE) {
			hold(ref, file, now_us);
			return true;
		}
	}
	if (round_is_under_way(ref))
		ref->again = true;
	return false;
}

bool ref_may_use(struct reference *ref, int file, uint64_t now_us)
{
	ref_settle(ref, now_us);
	if (ref->state != OPP_PORT_HELD || is_kicked(ref, file))
		return false;
	return ref->holder == file || ref->holder == REF_ANON || file == REF_ANON;
}

enum opp_status ref_free(struct reference *ref, int file, uint64_t now_us)
{
	bool may = ref_may_use(ref, file, now_us);

	if (may)
		release(ref, now_us);
	if (ref->presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	return may ? OPP_SUCCESS : OPP_INVALID_DEVICE_STATE;
}

bool ref_cancel(struct reference *ref, int request)
{
	enum opp_req_state state = ref->requests[request].state;

	if (state != OPP_REQ_QUEUED && state != OPP_REQ_DROPPED)
		return false;
	take_out(&ref->line, request);
	end(ref, request, OPP_CANCELLED);
	return true;
}

bool ref_expire(struct reference *ref, int request)
{
	if (ref->requests[request].state != OPP_REQ_QUEUED || !take(ref, request))
		return false;
	end(ref, request, OPP_DEVICE_BUSY);
	return true;
}

/* ---- files and the port itself --------------------------------------------------------------- */

static void end_waiting(struct reference *ref, int file, enum opp_status status)
{
	struct ref_list line = ref->line;

	for (int i = 0; i < line.count; i++) {
		if (ref->requests[line.of[i]].file == file && take(ref, line.of[i]))
			end(ref, line.of[i], status);
	}
}

enum opp_status ref_open(struct reference *ref, int file)
{
	if (ref->presence != OPP_PORT_PRESENT)
		return OPP_DELETE_PENDING;
	ref->files[file].kicked = false;
	ref->files_open++;
	return OPP_SUCCESS;
}

void ref_drop(struct reference *ref, int file, bool dead, uint64_t now_us)
{
	ref_settle(ref, now_us);
	end_waiting(ref, file, OPP_CANCELLED);
	if (ref->granting != REF_NONE && ref->requests[ref->granting].file == file)
		ref->granting_dropped = true;
	if (ref->state != OPP_PORT_HELD || ref->holder != file)
		return;
	if (dead)
		ref->undo |= OPP_UNDO_LINES;
	release(ref, now_us);
}

void ref_close(struct reference *ref, int file, bool dead, uint64_t now_us)
{
	ref_drop(ref, file, dead, now_us);
	ref->files_open--;
	if (ref->files_open > 0)
		return;
	ref_settle(ref, now_us);
	if (ref->granting != REF_NONE && ref->requests[ref->granting].file == REF_ANON)
		ref->granting_dropped = true;
	if (ref->state == OPP_PORT_HELD)
		release(ref, now_us);
}

enum opp_status ref_kick(struct reference *ref, uint64_t now_us)
{
	ref_settle(ref, now_us);
	if (ref->state != OPP_PORT_HELD)
		return OPP_INVALID_DEVICE_STATE;
	if (ref->holder != REF_ANON) {
		ref->files[ref->holder].kicked = true;
		end_waiting(ref, ref->holder, OPP_KICKED);
	}
	ref->undo |= OPP_UNDO_LINES;
	release(ref, now_us);
	return OPP_SUCCESS;
}

void ref_remove(struct reference *ref, enum opp_port_presence presence, uint64_t now_us)
{
	ref_settle(ref, now_us);
	if (ref->presence != OPP_PORT_SURPRISE_REMOVED)
		ref->presence = presence;
	while (ref->line.count > 0) {
		int request = ref->line.of[0];

		if (take(ref, request))
			end(ref, request, OPP_DELETE_PENDING);
	}
}

void ref_suspend(struct reference *ref, uint64_t now_us)
{
	ref->undo |= OPP_UNDO_POWER;
	ref_settle(ref, now_us);
	if (ref->state == OPP_PORT_FREE && ref->presence == OPP_PORT_PRESENT)
		ref->state = OPP_PORT_RELEASING;
}

void ref_wire_done(struct reference *ref, enum opp_status status, uint64_t now_us)
{
	int request = ref->granting;

	if (ref->state == OPP_PORT_RELEASING) {
		ref->undo = 0;
		serve_next(ref, now_us);
		return;
	}
	if (ref->granting_dropped)
		status = OPP_CANCELLED;
	if (ref->presence != OPP_PORT_PRESENT)
		status = OPP_DELETE_PENDING;
	ref->granting = REF_NONE;
	ref->granting_dropped = false;
	end(ref, request, status);
	if (status != OPP_SUCCESS) {
		release(ref, now_us);
		return;
	}
	forget_interrupt_level(ref);
	ref->state = OPP_PORT_HELD;
	ref->holder = ref->requests[request].file;
	ref->held_since_us = now_us;
}

/* ---- deferred routines and events ------------------------------------------------------------ */

void ref_connect(struct reference *ref, int routine)
{
	append(&ref->connected, routine);
	if (ref->to_call.count > 0)
		append(&ref->to_call, routine);
}

enum opp_status ref_disconnect(struct reference *ref, int routine)
{
	take_out(&ref->connected, routine);
	take_out(&ref->to_call, routine);
	if (ref->running != routine)
		return OPP_SUCCESS;
	ref->running_leaves = true;
	return OPP_PENDING;
}

bool ref_begin_events(struct reference *ref)
{
	if (ref->telling || (ref->ended.count == 0 && ref->to_call.count == 0))
		return false;
	ref->telling = true;
	return true;
}

bool ref_next_event(struct reference *ref, enum opp_event_kind *kind, int *which, uint64_t now_us)
{
	int returned = ref->running;
	bool left = ref->running_leaves;

	ref_settle(ref, now_us);
	ref->running = REF_NONE;
	ref->running_leaves = false;
	if (left) {
		*kind = OPP_EVENT_DEFERRED_GONE;
		*which = returned;
	} else if (ref->ended.count > 0) {
		*kind = OPP_EVENT_FINISHED;
		*which = ref->ended.of[0];
		take_out(&ref->ended, *which);
	} else if (ref->to_call.count > 0 && ref->state == OPP_PORT_FREE &&
		   ref->presence == OPP_PORT_PRESENT) {
		*kind = OPP_EVENT_DEFERRED;
		*which = ref->running = ref->to_call.of[0];
		take_out(&ref->to_call, *which);
	} else {
		*kind = OPP_EVENT_NONE;
		ref->to_call.count = 0;
		ref->telling = false;
	}
	return *kind != OPP_EVENT_NONE;
}
