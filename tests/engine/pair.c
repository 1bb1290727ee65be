/* SPDX-License-Identifier: MIT */
/*
 * Engine and reference side by side. See pair.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pair.h"

#define STATE_MASK   0x03u
#define AT_INTERRUPT 0x04u
#define POISON       0xa5

/* A comparison that names itself when it fails. */
#define SAME(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			differ(pair, #condition, __LINE__);                                        \
	} while (0)

static void differ(struct pair *pair, const char *what, int line)
{
	uint64_t first = pair->steps > PAIR_HISTORY ? pair->steps - PAIR_HISTORY : 0;

	print_error("%s: step %llu, line %d: %s\n", pair->scene, (unsigned long long)pair->steps,
		    line, what);
	for (uint64_t step = first; step < pair->steps; step++)
		print_error("  %llu %s\n", (unsigned long long)step + 1,
			    pair->history[step % PAIR_HISTORY]);
	fail_msg("engine and reference differ: %s", what);
}

__attribute__((format(printf, 2, 3))) static void step(struct pair *pair, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(pair->history[pair->steps++ % PAIR_HISTORY], sizeof(pair->history[0]), format,
		  arguments);
	va_end(arguments);
	pair->intrusions = 0;
	pair->repeated = 0;
}

/* ---- the world of the engine ---------------------------------------------------- */

static void broken(void *context, const char *what)
{
	differ(context, what, 0);
}

static const struct opp_env env_of_tests = { .broken = broken };

static bool take(void *context, struct opp_req *req)
{
	struct pair *pair = context;
	enum pair_intrusion intrusion = pair->intrusion;
	int nth = pair->intrusions++;

	pair->intrusion = PAIR_NOTHING;
	pair->intruded[nth] = intrusion;
	if (intrusion == PAIR_TRY)
		pair->intrusion_answers[nth] = opp_port_try_allocate_at_interrupt(&pair->port);
	else if (intrusion == PAIR_FREE)
		pair->intrusion_answers[nth] = opp_port_free_at_interrupt(&pair->port);
	return !pair->ref.requests[req - pair->requests].cancel_under_way;
}

/* The same intrusion at the same take, now of the reference. */
static void repeat_intrusion(void *context)
{
	struct pair *pair = context;
	int nth = pair->repeated++;

	SAME(nth < pair->intrusions);
	if (pair->intruded[nth] == PAIR_TRY)
		SAME(ref_try_at_interrupt(&pair->ref) == pair->intrusion_answers[nth]);
	else if (pair->intruded[nth] == PAIR_FREE)
		SAME(ref_free_at_interrupt(&pair->ref) == pair->intrusion_answers[nth]);
}

static const struct opp_port_ops ops_of_tests = { .take = take };

static struct opp_client *client_of(struct pair *pair, int file)
{
	return file == REF_ANON ? NULL : &pair->files[file];
}

/* ---- comparison --------------------------------------------------------------------- */

static int number_of(const struct pair *pair, struct opp_link *link)
{
	return (int)(OPP_NODE(link, struct opp_req, queue_link) - pair->requests);
}

static void compare_line(struct pair *pair, struct opp_queue *queue, const struct ref_list *list)
{
	struct opp_link *link = &queue->ends;

	SAME(queue->count == (uint32_t)list->count);
	for (int i = 0; i < list->count; i++) {
		SAME(link->next->previous == link);
		link = link->next;
		SAME(number_of(pair, link) == list->of[i]);
	}
	SAME(link->next == &queue->ends && queue->ends.previous == link);
}

static void compare_routines(struct pair *pair)
{
	const struct opp_link *link = opp_queue_first(&pair->port.deferred);
	const struct ref_list *list = &pair->ref.connected;

	SAME(pair->port.deferred.count == (uint32_t)list->count);
	for (int i = 0; i < list->count; i++) {
		SAME(link == &pair->routines[list->of[i]].link);
		link = opp_queue_next(&pair->port.deferred, link);
	}
	SAME(pair->port.telling == pair->ref.telling);
}

static void compare_requests(struct pair *pair)
{
	uint32_t unfinished[REF_FILES] = { 0 };

	for (int i = 0; i < REF_REQUESTS; i++) {
		const struct opp_req *req = &pair->requests[i];
		const struct ref_request *its = &pair->ref.requests[i];

		if (!pair->request_used[i])
			continue;
		SAME(req->state == its->state);
		if (its->state == OPP_REQ_FINISHED)
			SAME(req->status == its->status);
		else if (its->file != REF_ANON)
			unfinished[its->file]++;
	}
	for (int i = 0; i < REF_FILES; i++) {
		if (!pair->file_open[i] && unfinished[i] == 0)
			continue;
		SAME(pair->files[i].requests.count == unfinished[i]);
		SAME(pair->files[i].kicked == pair->ref.files[i].kicked);
	}
}

static void compare_ownership(struct pair *pair)
{
	const struct opp_port *port = &pair->port;
	const struct reference *ref = &pair->ref;
	uint32_t word = atomic_load(&pair->port.ownership);
	enum opp_port_state state = word & STATE_MASK;
	bool settled = !(word & AT_INTERRUPT);

	SAME(state == ref->state);
	SAME(settled == !ref->taken_at_interrupt);
	SAME(opp_port_wants_wire_locked(port) ==
	     (state == OPP_PORT_GRANTING || state == OPP_PORT_RELEASING));
	if (state == OPP_PORT_HELD && settled)
		SAME(port->holder == client_of(pair, ref->holder));
	else
		SAME(port->holder == NULL);
	SAME(port->granting == (ref->granting == REF_NONE ? NULL : &pair->requests[ref->granting]));
	SAME((state == OPP_PORT_GRANTING) == (port->granting != NULL));
	SAME(port->granting_dropped == ref->granting_dropped);
	SAME(state != OPP_PORT_FREE || port->waiters.count == 0);
	if (settled)
		SAME(port->counters.allocates - port->counters.frees ==
		     (state == OPP_PORT_HELD || state == OPP_PORT_GRANTING ? 1 : 0));
}

static void compare(struct pair *pair)
{
	struct opp_port *port = &pair->port;
	const struct reference *ref = &pair->ref;

	SAME(pair->repeated == pair->intrusions);
	compare_ownership(pair);
	SAME(port->presence == ref->presence);
	SAME(port->undo == ref->undo);
	SAME(port->clients == ref->files_open);
	SAME(port->counters.allocates == ref->counters.allocates);
	SAME(port->counters.frees == ref->counters.frees);
	SAME(port->counters.longest_wait_us == ref->counters.longest_wait_us);
	SAME(port->counters.longest_hold_us == ref->counters.longest_hold_us);
	SAME(opp_port_waiters_locked(port) == (uint32_t)ref->line.count);
	compare_line(pair, &port->waiters, &ref->line);
	compare_line(pair, &port->finished, &ref->ended);
	compare_requests(pair);
	compare_routines(pair);
}

/* ---- storage: poisoned while the engine has no business in it ------------------------- */

static void poison(void *storage, size_t bytes)
{
	memset(storage, POISON, bytes);
}

static bool is_poisoned(const void *storage, size_t bytes)
{
	const unsigned char *byte = storage;

	return byte[0] == POISON && memcmp(byte, byte + 1, bytes - 1) == 0;
}

static void retire_file(struct pair *pair, int file)
{
	if (pair_file_is_idle(pair, file))
		poison(&pair->files[file], sizeof(pair->files[file]));
}

static void retire_request(struct pair *pair, int request)
{
	int file = pair->ref.requests[request].file;

	pair->request_used[request] = false;
	pair->ref.requests[request].cancel_under_way = false;
	poison(&pair->requests[request], sizeof(pair->requests[request]));
	if (file != REF_ANON)
		retire_file(pair, file);
}

void pair_init(struct pair *pair, const char *scene)
{
	*pair = (struct pair){ .scene = scene, .now_us = 1000 };
	opp_port_init(&pair->port, &ops_of_tests, pair, &env_of_tests);
	ref_init(&pair->ref);
	pair->ref.at_take = repeat_intrusion;
	pair->ref.context = pair;
	poison(pair->files, sizeof(pair->files));
	poison(pair->requests, sizeof(pair->requests));
	poison(pair->routines, sizeof(pair->routines));
	compare(pair);
}

bool pair_file_is_idle(const struct pair *pair, int file)
{
	for (int i = 0; i < REF_REQUESTS; i++) {
		if (pair->request_used[i] && pair->ref.requests[i].file == file)
			return false;
	}
	return !pair->file_open[file];
}

/* ---- files ------------------------------------------------------------------------------ */

enum opp_status pair_open(struct pair *pair, int file)
{
	enum opp_status status;

	step(pair, "open %d", file);
	SAME(is_poisoned(&pair->files[file], sizeof(pair->files[file])));
	memset(&pair->files[file], 0, sizeof(pair->files[file]));
	status = opp_port_open_locked(&pair->port, &pair->files[file]);
	SAME(status == ref_open(&pair->ref, file));
	pair->file_open[file] = status == OPP_SUCCESS;
	retire_file(pair, file);
	compare(pair);
	return status;
}

void pair_drop(struct pair *pair, int file, bool dead)
{
	step(pair, "drop %d%s", file, dead ? " dead" : "");
	opp_port_drop_client_locked(&pair->port, &pair->files[file], dead, pair->now_us);
	ref_drop(&pair->ref, file, dead, pair->now_us);
	compare(pair);
}

void pair_close(struct pair *pair, int file, bool dead)
{
	step(pair, "close %d%s", file, dead ? " dead" : "");
	opp_port_close_locked(&pair->port, &pair->files[file], dead, pair->now_us);
	ref_close(&pair->ref, file, dead, pair->now_us);
	compare(pair);
	pair->file_open[file] = false;
	retire_file(pair, file);
}

/* ---- requests ------------------------------------------------------------------------------ */

enum opp_status pair_submit(struct pair *pair, int request, int file, bool wire)
{
	struct opp_req *req = &pair->requests[request];
	enum opp_status status;

	step(pair, "submit %d of %d%s", request, file, wire ? " with wire work" : "");
	SAME(!pair->request_used[request] && is_poisoned(req, sizeof(*req)));
	*req = (struct opp_req){
		.client = client_of(pair, file),
		.kind = wire ? OPP_REQ_SELECT : OPP_REQ_ALLOCATE,
		.needs_wire = wire,
	};
	pair->request_used[request] = true;
	pair->told[request] = 0;
	status = opp_port_submit_locked(&pair->port, req, pair->now_us);
	SAME(status == ref_submit(&pair->ref, request, file, wire, pair->now_us));
	compare(pair);
	if (status != OPP_PENDING)
		retire_request(pair, request);
	return status;
}

bool pair_try_allocate(struct pair *pair, int file)
{
	bool got;

	step(pair, "try %d", file);
	got = opp_port_try_allocate_locked(&pair->port, client_of(pair, file), pair->now_us);
	SAME(got == ref_try_allocate(&pair->ref, file, pair->now_us));
	compare(pair);
	return got;
}

enum opp_status pair_free(struct pair *pair, int file)
{
	enum opp_status status;

	step(pair, "free %d", file);
	status = opp_port_free_locked(&pair->port, client_of(pair, file), pair->now_us);
	SAME(status == ref_free(&pair->ref, file, pair->now_us));
	compare(pair);
	return status;
}

bool pair_may_use(struct pair *pair, int file)
{
	bool may;

	step(pair, "may use %d", file);
	may = opp_port_may_use_locked(&pair->port, client_of(pair, file), pair->now_us);
	SAME(may == ref_may_use(&pair->ref, file, pair->now_us));
	SAME(opp_port_state_locked(&pair->port, pair->now_us) == pair->ref.state);
	compare(pair);
	return may;
}

bool pair_cancel(struct pair *pair, int request)
{
	bool won;

	step(pair, "cancel %d", request);
	won = opp_port_cancel_locked(&pair->port, &pair->requests[request]);
	SAME(won == ref_cancel(&pair->ref, request));
	compare(pair);
	return won;
}

void pair_begin_cancel(struct pair *pair, int request)
{
	step(pair, "cancel of %d begins", request);
	pair->ref.requests[request].cancel_under_way = true;
}

bool pair_expire(struct pair *pair, int request)
{
	bool won;

	step(pair, "deadline of %d", request);
	won = opp_port_expire_locked(&pair->port, &pair->requests[request]);
	SAME(won == ref_expire(&pair->ref, request));
	compare(pair);
	return won;
}

enum opp_status pair_kick(struct pair *pair)
{
	enum opp_status status;

	step(pair, "kick");
	status = opp_port_kick_locked(&pair->port, pair->now_us);
	SAME(status == ref_kick(&pair->ref, pair->now_us));
	compare(pair);
	return status;
}

void pair_remove(struct pair *pair, enum opp_port_presence presence)
{
	step(pair, "remove %d", (int)presence);
	opp_port_remove_locked(&pair->port, presence, pair->now_us);
	ref_remove(&pair->ref, presence, pair->now_us);
	compare(pair);
}

/* ---- wire and interrupt level ------------------------------------------------------------------ */

void pair_suspend(struct pair *pair)
{
	step(pair, "suspend");
	opp_port_suspend_locked(&pair->port, pair->now_us);
	ref_suspend(&pair->ref, pair->now_us);
	compare(pair);
}

void pair_left(struct pair *pair, uint32_t undo)
{
	step(pair, "left %u", undo);
	opp_port_left_locked(&pair->port, undo);
	pair->ref.undo |= undo;
	compare(pair);
}

void pair_put_back(struct pair *pair, uint32_t undo)
{
	step(pair, "put back %u", undo);
	opp_port_put_back_locked(&pair->port, undo);
	pair->ref.undo &= ~undo;
	compare(pair);
}

void pair_wire_done(struct pair *pair, enum opp_status status)
{
	step(pair, "wire done %d", (int)status);
	opp_port_wire_done_locked(&pair->port, status, pair->now_us);
	ref_wire_done(&pair->ref, status, pair->now_us);
	compare(pair);
}

bool pair_try_at_interrupt(struct pair *pair)
{
	bool got;

	step(pair, "interrupt: try");
	got = opp_port_try_allocate_at_interrupt(&pair->port);
	SAME(got == ref_try_at_interrupt(&pair->ref));
	compare(pair);
	return got;
}

bool pair_free_at_interrupt(struct pair *pair)
{
	bool owed;

	step(pair, "interrupt: free");
	owed = opp_port_free_at_interrupt(&pair->port);
	SAME(owed == ref_free_at_interrupt(&pair->ref));
	compare(pair);
	return owed;
}

void pair_settle(struct pair *pair)
{
	step(pair, "settle");
	opp_port_settle_locked(&pair->port, pair->now_us);
	ref_settle(&pair->ref, pair->now_us);
	compare(pair);
}

/* ---- routines and events ---------------------------------------------------------------------------- */

static void routine_of_tests(void *context)
{
	(void)context;
}

void pair_connect(struct pair *pair, int routine)
{
	struct opp_deferred *deferred = &pair->routines[routine];

	step(pair, "connect %d", routine);
	SAME(!pair->routine_used[routine] && is_poisoned(deferred, sizeof(*deferred)));
	*deferred = (struct opp_deferred){
		.routine = routine_of_tests,
		.context = pair,
		.leaving = true, /* of an earlier use */
	};
	pair->routine_used[routine] = true;
	opp_port_connect_deferred_locked(&pair->port, deferred);
	ref_connect(&pair->ref, routine);
	compare(pair);
}

static void retire_routine(struct pair *pair, int routine)
{
	pair->routine_used[routine] = false;
	poison(&pair->routines[routine], sizeof(pair->routines[routine]));
}

enum opp_status pair_disconnect(struct pair *pair, int routine)
{
	enum opp_status status;

	step(pair, "disconnect %d", routine);
	status = opp_port_disconnect_deferred_locked(&pair->port, &pair->routines[routine]);
	SAME(status == ref_disconnect(&pair->ref, routine));
	if (status == OPP_SUCCESS)
		retire_routine(pair, routine);
	compare(pair);
	return status;
}

bool pair_begin_events(struct pair *pair)
{
	bool first;

	step(pair, "begin events");
	first = opp_port_begin_events_locked(&pair->port);
	SAME(first == ref_begin_events(&pair->ref));
	compare(pair);
	return first;
}

/* What the engine told must be what the reference says, request or routine. */
static void identify(struct pair *pair, const struct opp_event *event, struct pair_event *told)
{
	if (told->kind == OPP_EVENT_FINISHED) {
		SAME(event->req == &pair->requests[told->which]);
		told->status = event->req->status;
		SAME(++pair->told[told->which] == 1);
		retire_request(pair, told->which);
	} else if (told->kind != OPP_EVENT_NONE) {
		SAME(event->deferred == &pair->routines[told->which]);
		if (told->kind == OPP_EVENT_DEFERRED_GONE)
			retire_routine(pair, told->which);
	}
}

bool pair_next_event(struct pair *pair, struct pair_event *event)
{
	struct opp_event real;
	bool more;

	step(pair, "next event");
	more = opp_port_next_event_locked(&pair->port, &real, pair->now_us);
	SAME(more == ref_next_event(&pair->ref, &event->kind, &event->which, pair->now_us));
	SAME(real.kind == event->kind);
	compare(pair);
	identify(pair, &real, event);
	return more;
}

int pair_drain(struct pair *pair)
{
	struct pair_event event;
	int count = 0;

	if (!pair->ref.telling && !pair_begin_events(pair))
		return 0;
	while (pair_next_event(pair, &event))
		count++;
	return count;
}

void pair_wind_up(struct pair *pair)
{
	pair_settle(pair);
	for (int i = 0; i < REF_REQUESTS; i++) {
		if (pair->request_used[i])
			pair_cancel(pair, i);
	}
	for (int i = 0; i < REF_FILES; i++) {
		if (pair->file_open[i])
			pair_close(pair, i, false);
	}
	while (pair->ref.state != OPP_PORT_FREE) {
		if (pair->ref.state == OPP_PORT_HELD)
			pair_free(pair, REF_ANON);
		else
			pair_wire_done(pair, OPP_SUCCESS);
	}
	pair_drain(pair);
	for (int i = 0; i < REF_ROUTINES; i++) {
		if (pair->routine_used[i])
			pair_disconnect(pair, i);
	}
	pair_drain(pair);
	for (int i = 0; i < REF_REQUESTS; i++)
		SAME(is_poisoned(&pair->requests[i], sizeof(pair->requests[i])));
	for (int i = 0; i < REF_FILES; i++)
		SAME(is_poisoned(&pair->files[i], sizeof(pair->files[i])));
	for (int i = 0; i < REF_ROUTINES; i++)
		SAME(is_poisoned(&pair->routines[i], sizeof(pair->routines[i])));
}
