/* SPDX-License-Identifier: MIT */
/*
 * Pulses as what hangs on the port sees them: a recorder's log, a line a change,
 * "TIME DATA CONTROL" with the time in nanoseconds.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <openparport/hosted/openparport.h>

#define ROUNDS 20

static char log_path[] = "/tmp/openparport-pulse-XXXXXX";
static struct opp_handle *port;

static int start(void **state)
{
	char name[128];
	int file;

	(void)state;
	(void)snprintf(log_path, sizeof(log_path), "/tmp/openparport-pulse-XXXXXX");
	file = mkstemp(log_path);
	if (file < 0)
		return -1;
	close(file);
	(void)snprintf(name, sizeof(name), "sim:name=pulses,peripheral=recorder,output=%s",
		       log_path);
	assert_int_equal(opp_open(name, &port, NULL), OPP_SUCCESS);
	assert_int_equal(opp_allocate(port, 0), OPP_SUCCESS);
	assert_int_equal(opp_write_data(port, 0x00), OPP_SUCCESS);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	opp_close(port);
	return unlink(log_path);
}

/* Closing the port writes the log out; it is opened anew. */
static FILE *log_of_closed_port(void)
{
	FILE *file;

	opp_close(port);
	port = NULL;
	file = fopen(log_path, "r");
	assert_non_null(file);
	return file;
}

/* When D0 next becomes @level. */
static uint64_t next_edge_ns(FILE *file, unsigned int level)
{
	unsigned long long at_ns;
	unsigned int data, control;

	while (fscanf(file, "%llu %x %x", &at_ns, &data, &control) == 3) {
		if ((data & 1) == level)
			return at_ns;
	}
	fail_msg("the recorder has seen no such edge");
	return 0;
}

static const uint64_t widths_ns[] = { 1000, 1001, 33333, 50001, 199999, 600000, 4000001 };

#define WIDTHS (sizeof(widths_ns) / sizeof(widths_ns[0]))

static void make_pulses(void)
{
	size_t i;

	for (i = 0; i < ROUNDS * WIDTHS; i++)
		assert_int_equal(opp_pulse(port, 1, 1, widths_ns[i % WIDTHS], NULL), OPP_SUCCESS);
}

static void assert_recorded(void)
{
	FILE *file = log_of_closed_port();
	size_t i;

	for (i = 0; i < ROUNDS * WIDTHS; i++) {
		const uint64_t up_ns = next_edge_ns(file, 1);

		assert_int_equal(next_edge_ns(file, 0) - up_ns, widths_ns[i % WIDTHS]);
	}
	(void)fclose(file);
}

static void recorder_sees_the_width(void **state)
{
	(void)state;
	make_pulses();
	assert_recorded();
}

static void *look_on(void *stop_it)
{
	struct opp_handle *other;
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;

	assert_int_equal(opp_open("sim:name=pulses", &other, NULL), OPP_SUCCESS);
	while (!*(atomic_bool *)stop_it) {
		assert_int_equal(opp_get_pins(other, &pins), OPP_SUCCESS);
		assert_int_equal(opp_get_status(other, &status), OPP_SUCCESS);
	}
	opp_close(other);
	return NULL;
}

static void onlookers_change_nothing(void **state)
{
	atomic_bool stop_it = false;
	pthread_t onlooker;

	(void)state;
	assert_int_equal(pthread_create(&onlooker, NULL, look_on, &stop_it), 0);
	make_pulses();
	stop_it = true;
	assert_int_equal(pthread_join(onlooker, NULL), 0);
	assert_recorded();
}

/* A pulse in real time is no shorter than it was asked for. */
static void pulse_takes_its_time(void **state)
{
	struct timespec before, after;
	int64_t took_ns;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(opp_pulse(port, 1, 1, 20000000, NULL), OPP_SUCCESS);
	clock_gettime(CLOCK_MONOTONIC, &after);
	took_ns = (after.tv_sec - before.tv_sec) * INT64_C(1000000000) + after.tv_nsec -
		  before.tv_nsec;
	assert_true(took_ns >= 20000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a recorder sees a pulse to the nanosecond", recorder_sees_the_width, start, stop,
		  NULL },
		{ "who looks on changes no pulse", onlookers_change_nothing, start, stop, NULL },
		{ "a pulse takes its time", pulse_takes_its_time, start, stop, NULL },
	};

	return cmocka_run_group_tests_name("pulses", tests, NULL, NULL);
}
