/* SPDX-License-Identifier: MIT */
/*
 * What a handle of libopenparport does, whichever kind of port is behind it:
 * waiting with a deadline, ending a call from another thread, registers.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <openparport/hosted/openparport.h>

#include "handle_cases.h"

#define SOON_US 20000u

static struct opp_handle *first, *second;

static void open_or_fail(const char *name, struct opp_handle **handle)
{
	struct opp_error error;

	if (opp_open(name, handle, &error) != OPP_SUCCESS)
		fail_msg("%s", error.text);
}

static int start(void **state)
{
	const struct handle_names *names = *state;

	open_or_fail(names->first, &first);
	open_or_fail(names->second, &second);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	opp_close(first);
	opp_close(second);
	return 0;
}

/* ---- a call in another thread ------------------------------------------------------- */

struct call {
	pthread_t thread;
	struct opp_handle *handle;
	enum opp_status status;
	size_t sent;
	uint8_t value;
};

static void *allocate_for_ever(void *context)
{
	struct call *call = context;

	call->status = opp_allocate(call->handle, OPP_FOREVER_US);
	return NULL;
}

static void *write_for_ever(void *context)
{
	static const uint8_t page[100];
	struct call *call = context;

	call->status = opp_write(call->handle, page, sizeof(page), OPP_FOREVER_US, &call->sent);
	return NULL;
}

static void *read_status(void *context)
{
	struct call *call = context;

	call->status = opp_read_status(call->handle, &call->value);
	return NULL;
}

static void begin(struct call *call, void *(*function)(void *), struct opp_handle *handle)
{
	call->handle = handle;
	assert_int_equal(pthread_create(&call->thread, NULL, function, call), 0);
}

static enum opp_status end(struct call *call)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	assert_int_equal(pthread_timedjoin_np(call->thread, NULL, &until), 0);
	return call->status;
}

static void look_again(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	nanosleep(&pause, NULL);
}

static void wait_for_waiters(uint32_t expected)
{
	const time_t until = time(NULL) + 20;
	uint32_t waiters = UINT32_MAX;

	while (waiters != expected && time(NULL) < until) {
		assert_int_equal(opp_waiters(first, &waiters), OPP_SUCCESS);
		look_again();
	}
	assert_int_equal(waiters, expected);
}

static void wait_for_written(uint64_t expected)
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
static enum opp_status cancel_until_ended(struct call *call)
{
	const time_t until = time(NULL) + 20;

	do {
		assert_int_equal(opp_cancel(call->handle), OPP_SUCCESS);
		look_again();
	} while (pthread_tryjoin_np(call->thread, NULL) != 0 && time(NULL) < until);
	return call->status;
}

/* ---- waiting ----------------------------------------------------------------------------- */

static void now_or_never(void **state)
{
	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_allocate(second, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(opp_allocate(second, 0), OPP_SUCCESS);
}

static void deadline(void **state)
{
	uint32_t waiters;

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	assert_int_equal(opp_allocate(second, SOON_US), OPP_DEVICE_BUSY);
	assert_int_equal(opp_waiters(first, &waiters), OPP_SUCCESS);
	assert_int_equal(waiters, 0);
	assert_int_equal(opp_free(second), OPP_INVALID_DEVICE_STATE);
}

static void handed_on(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	begin(&waiting, allocate_for_ever, second);
	wait_for_waiters(1);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(opp_free(second), OPP_SUCCESS);
}

static void allocate_is_cancelled(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	begin(&waiting, allocate_for_ever, second);
	wait_for_waiters(1);
	assert_int_equal(cancel_until_ended(&waiting), OPP_CANCELLED);
	wait_for_waiters(0);
}

static void write_is_cancelled(void **state)
{
	struct call writing = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	begin(&writing, write_for_ever, first);
	wait_for_written(10);
	assert_int_equal(cancel_until_ended(&writing), OPP_CANCELLED);
	assert_int_equal(writing.sent, 10);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
}

static void kick_ends_a_write(void **state)
{
	struct call writing = { .status = OPP_PENDING };
	struct opp_ioc_status status;
	struct opp_ioc_who holder;

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	begin(&writing, write_for_ever, first);
	wait_for_written(10);
	assert_int_equal(opp_get_status(second, &status), OPP_SUCCESS);
	holder = status.holder;
	status.holder.client++;
	assert_int_equal(opp_kick(second, &status.holder), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_kick(second, &holder), OPP_SUCCESS);
	assert_int_equal(end(&writing), OPP_KICKED);
	assert_int_equal(opp_free(first), OPP_KICKED);
	assert_int_equal(opp_allocate(second, OPP_FOREVER_US), OPP_SUCCESS);
}

static void register_waits_for_the_own_write(void **state)
{
	struct call writing = { .status = OPP_PENDING };
	struct call reading = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	begin(&writing, write_for_ever, first);
	wait_for_written(10);
	begin(&reading, read_status, first);
	look_again();
	assert_int_not_equal(pthread_tryjoin_np(reading.thread, NULL), 0);
	assert_int_equal(cancel_until_ended(&writing), OPP_CANCELLED);
	assert_int_equal(end(&reading), OPP_SUCCESS);
}

static void write_tells_how_much(void **state)
{
	static const uint8_t page[100];
	size_t sent = 0;

	(void)state;
	assert_int_equal(opp_write(first, page, sizeof(page), SOON_US, &sent),
			 OPP_INVALID_DEVICE_STATE);
	assert_int_equal(sent, 0);
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	assert_int_equal(opp_write(first, page, 5, SOON_US, NULL), OPP_SUCCESS);
	assert_int_equal(opp_write(first, page, sizeof(page), SOON_US, &sent), OPP_TIMEOUT);
	assert_int_equal(sent, 5);
}

static void registers(void **state)
{
	struct opp_ioc_pins pins;
	uint8_t value = 0;

	(void)state;
	assert_int_equal(opp_write_data(first, 1), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 0x5a), OPP_SUCCESS);
	assert_int_equal(opp_read_data(first, &value), OPP_SUCCESS);
	assert_int_equal(value, 0x5a);
	assert_int_equal(opp_write_control(first, 0x04), OPP_SUCCESS);
	assert_int_equal(opp_read_control(first, &value), OPP_SUCCESS);
	assert_int_equal(value, 0x04);
	assert_int_equal(opp_set_direction(first, 1), OPP_SUCCESS);
	assert_int_equal(opp_get_pins(second, &pins), OPP_SUCCESS);
	assert_int_equal(pins.reverse, 1);
	assert_int_equal(opp_set_direction(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_get_pins(second, &pins), OPP_SUCCESS);
	assert_int_equal(pins.data, 0x5a);
}

static void facts(void **state)
{
	struct opp_ioc_status status;
	struct opp_ioc_info info;

	(void)state;
	assert_int_equal(opp_get_info(first, &info), OPP_SUCCESS);
	assert_int_equal(info.version, OPP_IOC_VERSION_NUMBER);
	assert_string_equal(info.chip, "ps2");
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_get_status(second, &status), OPP_SUCCESS);
	assert_int_equal(status.state, OPP_IOC_STATE_HELD);
	assert_int_equal(status.holder.pid, getpid());
	assert_int_equal(status.waiters, 0);
}

static void close_frees(void **state)
{
	const struct handle_names *names = *state;
	struct call waiting = { .status = OPP_PENDING };

	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	begin(&waiting, allocate_for_ever, second);
	wait_for_waiters(1);
	opp_close(first);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	open_or_fail(names->first, &first);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

static struct CMUnitTest cases[] = {
	CASE("a time-out of 0 asks once", now_or_never),
	CASE("an allocate ends at its deadline", deadline),
	CASE("a free hands the port to the handle that waits", handed_on),
	CASE("a close frees what the handle holds", close_frees),
	CASE("an allocate that waits is cancelled", allocate_is_cancelled),
	CASE("P-055 a cancelled write tells what was sent", write_is_cancelled),
	CASE("P-055 a write that times out tells what was sent", write_tells_how_much),
	CASE("a kick ends the holder's write", kick_ends_a_write),
	CASE("a register access waits for the handle's own write",
	     register_waits_for_the_own_write),
	CASE("registers and pins", registers),
	CASE("facts", facts),
};

int run_handle_cases(const char *title, struct handle_names *names)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cases[i].initial_state = names;
	return cmocka_run_group_tests_name(title, cases, NULL, NULL);
}
