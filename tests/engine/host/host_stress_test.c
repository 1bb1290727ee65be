/* SPDX-License-Identifier: MIT */
/*
 * Many threads on one host port, each with a will of its own: allocate, wait,
 * cancel, expire, write, free, die; one more looks around and kicks. What
 * happened is then told again from the observer's events, which must show one
 * holder at a time, grants in order of arrival, and one end for each request.
 *
 * The schedule is the machine's; the decisions come from a seed that is
 * printed and may be given as OPP_TEST_SEED.
 */
#include "host_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS    4
#define ROUNDS     400
#define MEDDLES    300
#define EVENTS     (THREADS * ROUNDS * 8)
#define REQUESTS   (THREADS * ROUNDS * 3)
#define LIMIT_US   1000000u
#define AN_HOUR_US 3600000000u

static struct rig rig;
static struct opp_host_event *log_of_events;
static uint32_t logged;

static void observe(void *context, const struct opp_host_event *event)
{
	(void)context;
	assert_true(logged < EVENTS);
	log_of_events[logged++] = *event;
}

/* ---- the crowd ------------------------------------------------------------------------ */

struct worker {
	pthread_t thread;
	unsigned int seed;
	struct asker asker;
	uint32_t pending; /* submits that were answered PENDING, of the present client */
};

static uint32_t any_of(struct worker *worker, uint32_t choices)
{
	return (uint32_t)rand_r(&worker->seed) % choices;
}

static void dawdle(struct worker *worker)
{
	const struct timespec pause = { .tv_nsec = (long)any_of(worker, 20) * 1000 };

	if (any_of(worker, 2))
		nanosleep(&pause, NULL);
}

static void be_born(struct worker *worker)
{
	asker_open(&rig, &worker->asker, "worker");
	worker->pending = 0;
}

static void die(struct worker *worker, bool dead)
{
	asker_close(&rig, &worker->asker, dead);
	assert_int_equal(asker_completions(&worker->asker), worker->pending);
	be_born(worker);
}

static enum opp_status wait_for(struct worker *worker, enum opp_status status)
{
	if (status != OPP_PENDING)
		return status;
	worker->pending++;
	dawdle(worker);
	switch (any_of(worker, 8)) {
	case 0: (void)opp_host_cancel(rig.port, &worker->asker.req); break;
	case 1: (void)opp_host_expire(rig.port, &worker->asker.req); break;
	default: break;
	}
	return asker_wait(&worker->asker, worker->pending);
}

static void print_something(struct worker *worker, bool job)
{
	static const uint8_t bytes[64];

	(void)wait_for(worker, asker_write(&rig, &worker->asker, job, bytes,
					   any_of(worker, sizeof(bytes)), LIMIT_US));
}

static void use_the_port(struct worker *worker)
{
	struct opp_host_client *client = &worker->asker.client;
	uint8_t value;

	switch (any_of(worker, 4)) {
	case 0:
		(void)opp_host_write_register(rig.port, client, OPP_HOST_DATA, 0x55);
		(void)opp_host_read(rig.port, client, OPP_HOST_STATUS, &value);
		break;
	case 1: print_something(worker, false); break;
	default: dawdle(worker); break;
	}
}

static void live(struct worker *worker)
{
	enum opp_status status;

	if (any_of(worker, 10) == 0) {
		print_something(worker, true);
		return;
	}
	status = wait_for(worker, asker_allocate(&rig, &worker->asker));
	if (status == OPP_SUCCESS)
		use_the_port(worker);
	if (any_of(worker, 16) == 0)
		die(worker, true);
	else if (status == OPP_SUCCESS)
		status = opp_host_free(rig.port, &worker->asker.client);
	if (status == OPP_KICKED || worker->asker.status == OPP_KICKED)
		die(worker, false);
}

static void *live_long(void *context)
{
	struct worker *worker = context;
	uint32_t round;

	be_born(worker);
	for (round = 0; round < ROUNDS; round++)
		live(worker);
	die(worker, false);
	return NULL;
}

static bool an_age_was_wrong;

static void check_ages(const struct opp_ioc_status *status)
{
	uint64_t oldest = status->holder.age_us;
	uint32_t i;

	for (i = 0; i < status->listed; i++)
		oldest = status->waiter[i].age_us > oldest ? status->waiter[i].age_us : oldest;
	if (oldest > AN_HOUR_US || status->longest_wait_us > AN_HOUR_US ||
	    status->longest_hold_us > AN_HOUR_US)
		an_age_was_wrong = true;
}

static void *meddle(void *context)
{
	struct worker *worker = context;
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;
	uint32_t i;

	for (i = 0; i < MEDDLES; i++) {
		opp_host_status(rig.port, &status);
		check_ages(&status);
		opp_host_pins(rig.port, &pins);
		if (any_of(worker, 10) == 0)
			(void)opp_host_kick(rig.port, 0);
		dawdle(worker);
	}
	return NULL;
}

/* ---- the tale told again ------------------------------------------------------------------ */

enum fate {
	FATE_UNKNOWN,
	FATE_QUEUED,
	FATE_HOLDING,
	FATE_ENDED,
};

static enum fate fates[REQUESTS];
static uint64_t line[REQUESTS]; /* numbers of requests in order of arrival */
static uint32_t line_head, line_tail;
static uint64_t holder; /* 0: nobody */

static void skip_those_who_left(void)
{
	while (line_head < line_tail && fates[line[line_head]] != FATE_QUEUED)
		line_head++;
}

static void check_grant(uint64_t request)
{
	assert_int_equal(holder, 0);
	skip_those_who_left();
	if (fates[request] == FATE_QUEUED)
		assert_int_equal(line[line_head], request);
	else
		assert_int_equal(line_head, line_tail);
	fates[request] = FATE_HOLDING;
	holder = request;
}

static void check_end(uint64_t request)
{
	assert_in_range(fates[request], FATE_QUEUED, FATE_HOLDING);
	if (fates[request] == FATE_HOLDING) {
		assert_int_equal(holder, request);
		holder = 0;
	}
	fates[request] = FATE_ENDED;
}

static void check_event(const struct opp_host_event *event, uint32_t index)
{
	const uint64_t request = event->request;

	assert_int_equal(event->sequence, index + 1);
	assert_in_range(request, 1, REQUESTS - 1);
	switch (event->kind) {
	case OPP_HOST_QUEUED:
		assert_int_equal(fates[request], FATE_UNKNOWN);
		fates[request] = FATE_QUEUED;
		line[line_tail++] = request;
		break;
	case OPP_HOST_GRANTED: check_grant(request); break;
	case OPP_HOST_RELEASED:
		assert_int_equal(fates[request], FATE_HOLDING);
		check_end(request);
		break;
	case OPP_HOST_CANCELLED:
	case OPP_HOST_EXPIRED:
		assert_int_equal(fates[request], FATE_QUEUED);
		check_end(request);
		break;
	case OPP_HOST_DROPPED:
	case OPP_HOST_KICKED: check_end(request); break;
	case OPP_HOST_TRANSFERRED: break;
	}
}

static void check_tale(void)
{
	uint32_t i;

	memset(fates, 0, sizeof(fates));
	line_head = 0;
	line_tail = 0;
	holder = 0;
	for (i = 0; i < logged; i++)
		check_event(&log_of_events[i], i);
	skip_those_who_left();
	assert_int_equal(line_head, line_tail);
	assert_int_equal(holder, 0);
}

static void crowd(void **state)
{
	const char *given = getenv("OPP_TEST_SEED");
	const unsigned int seed =
		given ? (unsigned int)strtoul(given, NULL, 0) : (unsigned int)time(NULL);
	static struct worker workers[THREADS + 1];
	struct opp_error error;
	uint32_t i;

	(void)state;
	printf("# seed %u\n", seed);
	log_of_events = calloc(EVENTS, sizeof(*log_of_events));
	assert_non_null(log_of_events);
	opp_host_config_defaults(&rig.config, 0);
	assert_int_equal(opp_host_port_create(&rig.config, observe, NULL, &rig.port, &error),
			 OPP_SUCCESS);
	for (i = 0; i <= THREADS; i++) {
		workers[i].seed = seed + i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
						i < THREADS ? live_long : meddle, &workers[i]),
				 0);
	}
	for (i = 0; i <= THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	opp_host_port_destroy(rig.port);
	assert_true(logged > THREADS * ROUNDS);
	check_tale();
	assert_false(an_age_was_wrong);
	free(log_of_events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-034 C-047 a crowd of threads: one holder, in order, each request ends once",
		  crowd, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("host stress", tests, NULL, NULL);
}
