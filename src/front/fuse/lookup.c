/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <event2/event.h>

#include "service.h"

/* An open follows its lookup after some hundred microseconds. */
#define TURN_US 1000

/* Who is in more has no turn if the one that counts is behind them. */
#define GROUPS_MOST 64

struct opp_lookup {
	TAILQ_ENTRY(opp_lookup) link;
	fuse_req_t request;
	uint64_t number;
	void (*answer)(fuse_req_t request, uint64_t number);
};

void opp_lookups_init(struct opp_lookups *lookups)
{
	*lookups = (struct opp_lookups){ 0 };
	TAILQ_INIT(&lookups->line);
}

/* As the kernel checks it when the file is opened. */
static bool may_open(const struct opp_config *config, fuse_req_t request)
{
	const struct fuse_ctx *who = fuse_req_ctx(request);
	gid_t groups[GROUPS_MOST];
	int count;

	if (who->uid == 0 || who->uid == config->user || who->gid == config->group ||
	    config->mode & (S_IROTH | S_IWOTH))
		return true;
	count = fuse_req_getgroups(request, GROUPS_MOST, groups);
	for (int i = 0; i < count && i < GROUPS_MOST; i++)
		if (groups[i] == config->group)
			return true;
	return false;
}

static void begin_turn(struct opp_lookups *lookups, pid_t thread, uint64_t number)
{
	lookups->turn = thread;
	lookups->number = number;
	lookups->over_us = opp_now_us() + TURN_US;
}

/* Frees @lookup. False: its client was killed meanwhile, and has no use for a turn. */
static bool answer(struct opp_lookups *lookups, struct opp_lookup *lookup)
{
	const pid_t thread = fuse_req_ctx(lookup->request)->pid;
	const bool wanted = !fuse_req_interrupted(lookup->request);

	if (wanted) {
		begin_turn(lookups, thread, lookup->number);
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

	if (TAILQ_EMPTY(&lookups->line))
		evtimer_del(lookups->timer);
	else
		evtimer_add(lookups->timer, &turn);
}

/* The one that keeps the client waiting whose turn was for nothing; NULL: none. */
static struct opp_lookup *newest_of_that_name(struct opp_lookups *lookups)
{
	struct opp_lookup *lookup;

	TAILQ_FOREACH_REVERSE(lookup, &lookups->line, opp_lookup_line, link)
	if (lookup->number == lookups->number)
		return lookup;
	return NULL;
}

static void next_turn(struct opp_lookups *lookups, bool used)
{
	struct opp_lookup *next = NULL;
	bool begun = false;

	if (!used && !lookups->jumped)
		next = newest_of_that_name(lookups);
	lookups->jumped = next;
	lookups->turn = 0;
	while (!begun && (next || (next = TAILQ_FIRST(&lookups->line)))) {
		TAILQ_REMOVE(&lookups->line, next, link);
		begun = answer(lookups, next);
		next = NULL;
	}
	if (lookups->timer)
		arm(lookups);
}

static void on_turn_over(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	next_turn(context, false);
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
	TAILQ_INSERT_TAIL(&lookups->line, lookup, link);
	if (TAILQ_FIRST(&lookups->line) == lookup)
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

	if (!may_open(service->config, request)) {
		answer_it(request, number);
		return;
	}
	if (lookups->turn && lookups->turn != thread && opp_now_us() < lookups->over_us &&
	    stand_in_line(service, &wanted))
		return;
	begin_turn(lookups, thread, number);
	answer_it(request, number);
}

void opp_lookup_used(struct opp_service *service, pid_t thread)
{
	if (service->lookups.turn == thread)
		next_turn(&service->lookups, true);
}

void opp_lookups_end(struct opp_lookups *lookups)
{
	struct opp_lookup *first;

	while ((first = TAILQ_FIRST(&lookups->line))) {
		TAILQ_REMOVE(&lookups->line, first, link);
		fuse_reply_err(first->request, ENODEV);
		free(first);
	}
	if (lookups->timer)
		event_free(lookups->timer);
}
