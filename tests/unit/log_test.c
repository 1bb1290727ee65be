/* SPDX-License-Identifier: MIT */
/* The event log where its file stands still, and which faults administrators are told. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "say.h"

#define EVENTS    300000
#define MINUTE_US UINT64_C(60000000)

/* ---- in place of say.c ------------------------------------------------------------------- */

static unsigned said, events_said;

void opp_say(enum opp_said what, const char *port, const char *format, ...)
{
	(void)what;
	(void)port;
	(void)format;
	said++;
}

bool opp_is_said(const struct opp_host_event *event)
{
	return event->kind == OPP_HOST_KICKED || event->kind == OPP_HOST_TRANSFERRED;
}

void opp_say_event(const char *port, const struct opp_host_event *event)
{
	(void)port;
	(void)event;
	events_said++;
}

static void close_log(struct opp_log *log)
{
	assert_true(opp_log_end(log));
	opp_log_release(log);
}

static int nothing_said(void **state)
{
	(void)state;
	said = events_said = 0;
	return 0;
}

/* ---- a file that stands still --------------------------------------------------------------- */

struct reader {
	int fd;
	uint64_t events, lost;
	unsigned gaps; /* the writer may take a list that is full already, before it stands */
	bool in_order;
};

static void *read_all(void *context)
{
	struct reader *reader = context;
	FILE *file = fdopen(reader->fd, "r");
	unsigned long long number;
	char line[1024];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "{\"sequence\":%llu,", &number) == 1) {
			reader->events++;
			reader->in_order &= number == reader->events + reader->lost;
		} else if (sscanf(line, "{\"event\":\"lost\",\"count\":%llu}", &number) == 1) {
			reader->lost += number;
			reader->gaps++;
		}
	}
	fclose(file);
	return NULL;
}

static void test_stands(void **state)
{
	struct opp_host_event event = { .kind = OPP_HOST_GRANTED, .name = "a program" };
	char directory[] = "/tmp/openparport-log-XXXXXX";
	struct reader reader = { .in_order = true };
	struct opp_log *log;
	char path[64];
	pthread_t thread;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/log", directory);
	assert_return_code(mkfifo(path, 0600), 0);
	reader.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_return_code(reader.fd, 0);
	log = opp_log_open(path);
	assert_non_null(log);
	while (event.sequence < EVENTS) {
		event.sequence++;
		opp_log_event(log, "parport0", &event);
	}
	assert_return_code(fcntl(reader.fd, F_SETFL, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
	close_log(log);
	pthread_join(thread, NULL);
	unlink(path);
	rmdir(directory);
	assert_true(reader.in_order);
	assert_true(reader.lost > 0 && reader.events > 0);
	assert_int_equal(reader.events + reader.lost, EVENTS);
	assert_int_equal(said, reader.gaps);
}

/* ---- what is told ------------------------------------------------------------------------- */

static void test_repeated(void **state)
{
	struct opp_host_event event = {
		.kind = OPP_HOST_TRANSFERRED,
		.status = OPP_DEVICE_PAPER_EMPTY,
		.time_us = MINUTE_US / 2,
	};
	struct opp_log *log = opp_log_open(NULL);

	(void)state;
	assert_non_null(log);
	for (unsigned i = 0; i < 100; i++) {
		event.client++;
		event.pid++;
		snprintf(event.name, sizeof(event.name), "program %u", i % 2);
		opp_log_event(log, i % 3 ? "parport0" : "parport1", &event);
	}
	event.status = OPP_DEVICE_OFF_LINE;
	opp_log_event(log, "parport0", &event);
	event.time_us += MINUTE_US;
	opp_log_event(log, "parport0", &event);
	opp_log_event(log, "parport0", &event);
	close_log(log);
	assert_int_equal(events_said, 4);
}

static void test_kicked(void **state)
{
	struct opp_host_event event = { .kind = OPP_HOST_KICKED };
	struct opp_log *log = opp_log_open(NULL);

	(void)state;
	assert_non_null(log);
	for (event.client = 1; event.client <= 3; event.client++)
		opp_log_event(log, "parport0", &event);
	close_log(log);
	assert_int_equal(events_said, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "a log that is not taken makes nobody wait; what is lost is counted in its place",
		  test_stands, nothing_said, NULL, NULL },
		{ "a fault is told once a minute for each port and kind, whichever programs meet it",
		  test_repeated, nothing_said, NULL, NULL },
		{ "each program that is put out is told", test_kicked, nothing_said, NULL, NULL },
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
