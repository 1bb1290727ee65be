/* SPDX-License-Identifier: MIT */
/*
 * The cases of a handle on a port that parportd serves, and what only a service
 * can do to it, for tests/system/test_library.py: served_library CASE, with the
 * service's mount in $OPENPARPORT_MOUNT and its process in $OPP_TEST_SERVICE.
 * One case a run, since each needs a service that has done nothing yet.
 */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <openparport/hosted/openparport.h>

#include "handle_cases.h"

#define PATIENCE_S 20

static struct opp_handle *holder, *waiter;

static int start(void **state)
{
	(void)state;
	assert_int_equal(opp_open("parport0", &holder, NULL), OPP_SUCCESS);
	assert_int_equal(opp_open("lpt1", &waiter, NULL), OPP_SUCCESS);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	opp_close(holder);
	opp_close(waiter);
	return 0;
}

static void *allocate(void *status)
{
	*(enum opp_status *)status = opp_allocate(waiter, OPP_FOREVER_US);
	return NULL;
}

static void wait_for_waiter(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + PATIENCE_S;
	uint32_t waiters = 0;

	while (waiters == 0 && time(NULL) < until) {
		assert_int_equal(opp_waiters(holder, &waiters), OPP_SUCCESS);
		nanosleep(&pause, NULL);
	}
	assert_int_equal(waiters, 1);
}

static void join(pthread_t thread)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	assert_int_equal(pthread_timedjoin_np(thread, NULL, &until), 0);
}

static void ignore(int number)
{
	(void)number;
}

static void signal_ends_an_allocate(void **state)
{
	const struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	enum opp_status status = OPP_PENDING;
	pthread_t thread;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(opp_allocate(holder, 0), OPP_SUCCESS);
	assert_int_equal(pthread_create(&thread, NULL, allocate, &status), 0);
	wait_for_waiter();
	assert_int_equal(pthread_kill(thread, SIGUSR1), 0);
	join(thread);
	assert_int_equal(status, OPP_CANCELLED);
}

static void end_service(int number)
{
	const char *process = getenv("OPP_TEST_SERVICE");

	assert_non_null(process);
	assert_int_equal(kill((pid_t)strtol(process, NULL, 10), number), 0);
}

static void service_stops(void **state)
{
	enum opp_status status = OPP_PENDING;
	pthread_t thread;

	(void)state;
	assert_int_equal(opp_allocate(holder, 0), OPP_SUCCESS);
	assert_int_equal(pthread_create(&thread, NULL, allocate, &status), 0);
	wait_for_waiter();
	end_service(SIGTERM);
	join(thread);
	assert_int_equal(status, OPP_DELETE_PENDING);
}

static void service_dies(void **state)
{
	enum opp_status status = OPP_PENDING;
	pthread_t thread;
	uint32_t waiters;

	(void)state;
	assert_int_equal(opp_allocate(holder, 0), OPP_SUCCESS);
	assert_int_equal(pthread_create(&thread, NULL, allocate, &status), 0);
	wait_for_waiter();
	end_service(SIGKILL);
	join(thread);
	assert_int_equal(status, OPP_DEVICE_REMOVED);
	assert_int_equal(opp_waiters(holder, &waiters), OPP_DEVICE_REMOVED);
	assert_int_equal(opp_free(holder), OPP_DEVICE_REMOVED);
}

static void service_dies_under_what_was_submitted(void **state)
{
	struct opp_async one = { .kind = OPP_ASYNC_ALLOCATE, .timeout_us = OPP_FOREVER_US };
	struct opp_async other = one;
	struct pollfd polled = { .fd = opp_fd(waiter), .events = POLLIN };

	(void)state;
	assert_int_equal(opp_allocate(holder, 0), OPP_SUCCESS);
	assert_int_equal(opp_submit(waiter, &one), OPP_SUCCESS);
	assert_int_equal(opp_submit(waiter, &other), OPP_SUCCESS);
	end_service(SIGKILL);
	assert_int_equal(poll(&polled, 1, PATIENCE_S * 1000), 1);
	assert_ptr_equal(opp_reap(waiter), &one);
	assert_int_equal(one.status, OPP_DEVICE_REMOVED);
	assert_ptr_equal(opp_reap(waiter), &other);
	assert_int_equal(other.status, OPP_DEVICE_REMOVED);
	assert_null(opp_reap(waiter));
	assert_int_equal(opp_submit(waiter, &one), OPP_DEVICE_REMOVED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "a signal ends an allocate that waits", signal_ends_an_allocate, start, stop,
		  NULL },
		{ "a service that stops ends an allocate that waits", service_stops, start, stop,
		  NULL },
		{ "a service that dies ends every call", service_dies, start, stop, NULL },
		{ "a service that dies ends what was submitted",
		  service_dies_under_what_was_submitted, start, stop, NULL },
	};
	struct handle_names names = { "parport0", "lpt1" };

	if (argc != 2) {
		(void)fprintf(stderr, "usage: served_library CASE\n");
		return 2;
	}
	cmocka_set_test_filter(argv[1]);
	return run_handle_cases("handles of a served port", &names) +
	       run_async_cases("asynchronous calls on a served port", &names) +
	       run_batch_cases("batches on a served port", &names) +
	       run_event_cases("events of a served port", &names) +
	       run_mode_cases("modes on a served port", &names) +
	       run_device_cases("devices of a served port", &names) +
	       run_control_cases("documented requests to a served port", &names) +
	       cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
