/* SPDX-License-Identifier: MIT */
/*
 * The event log's two halves: a list that observers fill under a short lock,
 * and a thread that swaps the list for an empty one, formats and writes.
 *
 * The writer lets events gather for some milliseconds, so that a port that is
 * claimed and released in a loop wakes it a hundred times a second, not a
 * hundred thousand. Where it stands, as its file or stderr does, the list grows to its bound;
 * what comes then is counted, and the count written in its place.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "event_text.h"
#include "say.h"

#define GATHER_NS      (10 * 1000 * 1000)
#define FIRST_CAPACITY 256
#define EVENTS_MOST    65536
#define AGAIN_US       UINT64_C(60000000)
#define FAULTS_MOST    64
#define STANDS_S       3 /* without an event written: the file does not move any more */

struct entry {
	char port[OPP_IOC_NAME_BYTES]; /* its last events are written when it is gone */
	struct opp_host_event event;
};

struct batch {
	struct entry *entries;
	size_t count;
	size_t capacity;
	uint64_t lost; /* after the last of them */
};

/* One that administrators have been told of. */
struct told {
	char port[OPP_IOC_NAME_BYTES]; /* "": none yet */
	enum opp_status status;
	uint64_t time_us;
};

struct opp_log {
	FILE *file;                      /* NULL: none, or it could not be written any more */
	struct told faults[FAULTS_MOST]; /* the oldest makes room */
	size_t next_fault;
	atomic_bool keeps_all; /* there is, or was, a file */
	pthread_t writer;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct batch batch; /* lock */
	bool changes;       /* lock; what follows is written to: */
	char *next;         /* lock; NULL: nowhere */
	bool closing;       /* lock */
	pthread_cond_t ended;
	bool has_ended;      /* lock */
	atomic_uint written; /* events, to see whether it moves */
};

/*
 * A fault is the device's, whoever meets it: a shell's loop is another program each time, and
 * has nothing new to tell.
 */
static bool is_repeated(struct opp_log *log, const struct entry *entry)
{
	const struct opp_host_event *event = &entry->event;
	struct told *told;

	if (event->kind != OPP_HOST_TRANSFERRED)
		return false;
	for (size_t i = 0; i < FAULTS_MOST; i++) {
		told = &log->faults[i];
		if (told->status == event->status && strcmp(told->port, entry->port) == 0 &&
		    event->time_us - told->time_us < AGAIN_US)
			return true;
	}
	told = &log->faults[log->next_fault++ % FAULTS_MOST];
	*told = (struct told){ .status = event->status, .time_us = event->time_us };
	memcpy(told->port, entry->port, sizeof(told->port));
	return false;
}

static void say(struct opp_log *log, const struct entry *entry)
{
	if (!opp_is_said(&entry->event) || is_repeated(log, entry))
		return;
	opp_say_event(entry->port, &entry->event);
}

static void write_entry(struct opp_log *log, const struct entry *entry)
{
	char text[OPP_EVENT_TEXT_BYTES];

	(void)opp_event_text(text, entry->port, &entry->event);
	fputs(text, log->file);
}

static void write_lost(struct opp_log *log, uint64_t count)
{
	opp_say(OPP_SAID_REFUSED, NULL,
		"%" PRIu64 " events are missing from the log: what it is written to was too slow",
		count);
	if (log->file)
		fprintf(log->file, "{\"event\":\"lost\",\"count\":%" PRIu64 "}\n", count);
}

static void write_batch(struct opp_log *log, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		say(log, &batch->entries[i]);
		if (log->file)
			write_entry(log, &batch->entries[i]);
		log->written++;
	}
	if (batch->lost)
		write_lost(log, batch->lost);
	if (!log->file || fflush(log->file) == 0)
		return;
	opp_say(OPP_SAID_REFUSED, NULL, "the event log ends here: %s", strerror(errno));
	fclose(log->file);
	log->file = NULL;
}

static void close_file(FILE *file)
{
	if (file)
		fclose(file);
}

static FILE *open_file(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	return fd < 0 ? NULL : fdopen(fd, "a");
}

static void go_on_in(struct opp_log *log, const char *path)
{
	FILE *file = path ? open_file(path) : NULL;

	if (path && !file) {
		opp_say(OPP_SAID_REFUSED, NULL, "%s: %s", path, strerror(errno));
		return;
	}
	close_file(log->file);
	log->file = file;
}

/* Takes what there is; false: it is the last. */
static bool write_some(struct opp_log *log, struct batch *batch)
{
	bool changes, closing;
	struct batch full;
	char *next;

	batch->count = 0;
	batch->lost = 0;
	pthread_mutex_lock(&log->lock);
	full = log->batch;
	log->batch = *batch;
	closing = log->closing;
	changes = log->changes;
	next = log->next;
	log->changes = false;
	log->next = NULL;
	pthread_mutex_unlock(&log->lock);
	*batch = full;
	if (changes)
		go_on_in(log, next);
	free(next);
	write_batch(log, batch);
	return !closing;
}

static void await_events(struct opp_log *log)
{
	const struct timespec gather = { .tv_nsec = GATHER_NS };
	bool closing;

	pthread_mutex_lock(&log->lock);
	while (log->batch.count + log->batch.lost == 0 && !log->changes && !log->closing)
		pthread_cond_wait(&log->filled, &log->lock);
	closing = log->closing;
	pthread_mutex_unlock(&log->lock);
	if (!closing)
		nanosleep(&gather, NULL);
}

static void *write_events(void *context)
{
	struct opp_log *log = context;
	struct batch batch = { 0 };

	do
		await_events(log);
	while (write_some(log, &batch));
	free(batch.entries);
	close_file(log->file);
	pthread_mutex_lock(&log->lock);
	log->has_ended = true;
	pthread_cond_signal(&log->ended);
	pthread_mutex_unlock(&log->lock);
	return NULL;
}

struct opp_log *opp_log_open(const char *path)
{
	struct opp_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->file = path ? open_file(path) : NULL;
	log->keeps_all = path;
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->filled, NULL);
	pthread_cond_init(&log->ended, NULL);
	if ((path && !log->file) ||
	    (errno = pthread_create(&log->writer, NULL, write_events, log)) != 0) {
		close_file(log->file);
		free(log);
		return NULL;
	}
	return log;
}

/* False: it stands. */
static bool await_end_locked(struct opp_log *log)
{
	struct timespec until;
	unsigned before;

	while (!log->has_ended) {
		before = log->written;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += STANDS_S;
		if (pthread_cond_clockwait(&log->ended, &log->lock, CLOCK_MONOTONIC, &until) ==
			    ETIMEDOUT &&
		    !log->has_ended && log->written == before)
			return false;
	}
	return true;
}

bool opp_log_end(struct opp_log *log)
{
	bool ended;

	pthread_mutex_lock(&log->lock);
	log->closing = true;
	pthread_cond_signal(&log->filled);
	ended = await_end_locked(log);
	pthread_mutex_unlock(&log->lock);
	if (ended)
		pthread_join(log->writer, NULL);
	return ended;
}

void opp_log_release(struct opp_log *log)
{
	free(log->batch.entries);
	free(log);
}

void opp_log_reopen(struct opp_log *log, const char *path)
{
	char *copy = path ? strdup(path) : NULL;

	if (path && !copy) {
		opp_say(OPP_SAID_REFUSED, NULL, "%s: no memory", path);
		return;
	}
	log->keeps_all = path;
	pthread_mutex_lock(&log->lock);
	free(log->next);
	log->next = copy;
	log->changes = true;
	pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
}

/* The place for one more; NULL: there is none. */
static struct entry *add_entry(struct batch *batch)
{
	size_t capacity = batch->capacity ? 2 * batch->capacity : FIRST_CAPACITY;
	struct entry *entries;

	/* Behind a gap nothing follows: the count stands at its end. */
	if (batch->lost)
		return NULL;
	if (batch->count == batch->capacity) {
		if (capacity > EVENTS_MOST)
			return NULL;
		entries = reallocarray(batch->entries, capacity, sizeof(*entries));
		if (!entries)
			return NULL;
		batch->entries = entries;
		batch->capacity = capacity;
	}
	return &batch->entries[batch->count++];
}

void opp_log_event(struct opp_log *log, const char *port, const struct opp_host_event *event)
{
	struct entry *entry;

	if (!log->keeps_all && !opp_is_said(event))
		return;
	pthread_mutex_lock(&log->lock);
	entry = add_entry(&log->batch);
	if (entry) {
		snprintf(entry->port, sizeof(entry->port), "%s", port);
		entry->event = *event;
	} else {
		log->batch.lost++;
	}
	if (log->batch.count + log->batch.lost == 1)
		pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
}
