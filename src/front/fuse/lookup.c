/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <event2/event.h>

#include "service.h"

/* An open follows its lookup after some hundred microseconds. */
#define TURN_US 1000

struct opp_lookup {
	SLIST_ENTRY(opp_lookup) link;
	fuse_req_t request;
	uint64_t number;
	void (*answer)(fuse_req_t request, uint64_t number);
};

void opp_lookups_init(struct opp_lookups *lookups)
{
	*lookups = (struct opp_lookups){ 0 };
	SLIST_INIT(&lookups->line);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void begin_turn(struct opp_lookups *lookups, pid_t thread)
{
	lookups->turn = thread;
	lookups->over_us = now_us() + TURN_US;
}

/* Frees @lookup. False: its client was killed meanwhile, and has no use for a turn. */
static bool answer(struct opp_lookups *lookups, struct opp_lookup *lookup)
{
	const pid_t thread = fuse_req_ctx(lookup->request)->pid;
	const bool wanted = !fuse_req_interrupted(lookup->request);

	if (wanted) {
		begin_turn(lookups, thread);
		lookup->answer(lookup->request, lookup->number);
	} else {
		fuse_reply_err(lookup->request, EINTR);
	}
	free(lookup);
	return wanted;
}

static void arm(struct opp_lookups *lookups)
{
	const struct timeval turn = { .tv_usec = TURN_US };

	if (SLIST_EMPTY(&lookups->line))
		evtimer_del(lookups->timer);
	else
		evtimer_add(lookups->timer, &turn);
}

static void next_turn(struct opp_lookups *lookups)
{
	struct opp_lookup *first;

	lookups->turn = 0;
	while ((first = SLIST_FIRST(&lookups->line))) {
		SLIST_REMOVE_HEAD(&lookups->line, link);
		if (answer(lookups, first))
			break;
	}
	if (lookups->timer)
		arm(lookups);
}

static void on_turn_over(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	next_turn(context);
}

/* False: there is no memory to wait with. */
static bool stand_in_line(struct opp_service *service, const struct opp_lookup *wanted)
{
	struct opp_lookups *lookups = &service->lookups;
	struct opp_lookup *lookup = malloc(sizeof(*lookup));

	if (!lookups->timer)
		lookups->timer = evtimer_new(service->loop.base, on_turn_over, lookups);
	if (!lookup || !lookups->timer) {
		free(lookup);
		return false;
	}
	*lookup = *wanted;
	SLIST_INSERT_HEAD(&lookups->line, lookup, link);
	if (!SLIST_NEXT(lookup, link))
		arm(lookups);
	return true;
}

void opp_lookup(struct opp_service *service, fuse_req_t request, uint64_t number,
		void (*answer_it)(fuse_req_t request, uint64_t number))
{
	struct opp_lookups *lookups = &service->lookups;
	const pid_t thread = fuse_req_ctx(request)->pid;
	const struct opp_lookup wanted = { .request = request,
					   .number = number,
					   .answer = answer_it };

	if (lookups->turn && lookups->turn != thread && now_us() < lookups->over_us &&
	    stand_in_line(service, &wanted))
		return;
	begin_turn(lookups, thread);
	answer_it(request, number);
}

void opp_lookup_used(struct opp_service *service, pid_t thread)
{
	if (service->lookups.turn == thread)
		next_turn(&service->lookups);
}

void opp_lookups_end(struct opp_lookups *lookups)
{
	struct opp_lookup *first;

	while ((first = SLIST_FIRST(&lookups->line))) {
		SLIST_REMOVE_HEAD(&lookups->line, link);
		fuse_reply_err(first->request, ENODEV);
		free(first);
	}
	if (lookups->timer)
		event_free(lookups->timer);
}
