/* SPDX-License-Identifier: MIT */
#include "handle_rig.h"

#include <time.h>

struct opp_handle *first, *second;

void open_or_fail(const char *name, struct opp_handle **handle)
{
	struct opp_error error;

	if (opp_open(name, handle, &error) != OPP_SUCCESS)
		fail_msg("%s", error.text);
}

int start_handles(void **state)
{
	const struct handle_names *names = *state;

	open_or_fail(names->first, &first);
	open_or_fail(names->second, &second);
	return 0;
}

int stop_handles(void **state)
{
	(void)state;
	opp_close(first);
	opp_close(second);
	return 0;
}

/* ---- a call in another thread ------------------------------------------------------- */

void begin(struct call *call, void *(*function)(void *), struct opp_handle *handle)
{
	call->handle = handle;
	assert_int_equal(pthread_create(&call->thread, NULL, function, call), 0);
}

enum opp_status end(struct call *call)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	assert_int_equal(pthread_timedjoin_np(call->thread, NULL, &until), 0);
	return call->status;
}

void look_again(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	nanosleep(&pause, NULL);
}

void wait_for_waiters(uint32_t expected)
{
	const time_t until = time(NULL) + 20;
	uint32_t waiters = UINT32_MAX;

	while (waiters != expected && time(NULL) < until) {
		assert_int_equal(opp_waiters(first, &waiters), OPP_SUCCESS);
		look_again();
	}
	assert_int_equal(waiters, expected);
}

void wait_for_written(uint64_t expected)
{
	const time_t until = time(NULL) + 20;
	struct opp_ioc_status status = { .bytes_written = 0 };

	while (status.bytes_written < expected && time(NULL) < until) {
		assert_int_equal(opp_get_status(first, &status), OPP_SUCCESS);
		look_again();
	}
	assert_int_equal(status.bytes_written, expected);
}

/* A cancel ends calls that wait already; asks until that has been so. */
enum opp_status cancel_until_ended(struct call *call)
{
	const time_t until = time(NULL) + 20;

	do {
		assert_int_equal(opp_cancel(call->handle), OPP_SUCCESS);
		look_again();
	} while (pthread_tryjoin_np(call->thread, NULL) != 0 && time(NULL) < until);
	return call->status;
}

int run_cases(const char *title, struct CMUnitTest *cases, size_t count, struct handle_names *names)
{
	size_t i;

	for (i = 0; i < count; i++)
		cases[i].initial_state = names;
	return _cmocka_run_group_tests(title, cases, count, NULL, NULL);
}
