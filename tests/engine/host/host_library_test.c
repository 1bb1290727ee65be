/* SPDX-License-Identifier: MIT */
/*
 * libopenparport on ports inside this process: names, waiting with a deadline,
 * and ending a call from another thread.
 */
#include "host_rig.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHARED  "sim:name=library-test,busy_every_bytes=10,busy_extra_us=60000000"
#define SOON_US 20000u

static struct opp_handle *first, *second;

static int start(void **state)
{
	(void)state;
	assert_int_equal(opp_open(SHARED, &first, NULL), OPP_SUCCESS);
	assert_int_equal(opp_open("sim:name=library-test", &second, NULL), OPP_SUCCESS);
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

	(void)state;
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	begin(&writing, write_for_ever, first);
	wait_for_written(10);
	assert_int_equal(opp_kick(second), OPP_SUCCESS);
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

/* ---- names ---------------------------------------------------------------------------------- */

static void assert_rejected(const char *name, enum opp_status status, const char *because)
{
	struct opp_error error = { .status = OPP_SUCCESS };
	struct opp_handle *handle;

	assert_int_equal(opp_open(name, &handle, &error), status);
	assert_int_equal(error.status, status);
	assert_non_null(strstr(error.text, because));
	assert_null(strchr(error.text, '\n'));
	assert_int_equal(opp_open(name, &handle, NULL), status);
}

static void bad_names(void **state)
{
	(void)state;
	assert_rejected("", OPP_INVALID_PARAMETER, "expected");
	assert_rejected("lpt", OPP_INVALID_PARAMETER, "lpt");
	assert_rejected("lpt0", OPP_INVALID_PARAMETER, "lpt0");
	assert_rejected("lpt-1", OPP_INVALID_PARAMETER, "lpt-1");
	assert_rejected("parport99999999999999999999", OPP_INVALID_PARAMETER, "parport9");
	assert_rejected("sim:nonsense", OPP_INVALID_PARAMETER, "KEY=VALUE");
	assert_rejected("sim:colour=red", OPP_INVALID_PARAMETER, "colour");
	assert_rejected("sim:chip=ecp", OPP_INVALID_PARAMETER, "spp or ps2");
	assert_rejected("sim:output=/nonexistent/page", OPP_INVALID_PARAMETER, "/nonexistent/page");
	assert_rejected("/nonexistent/parport0", OPP_NO_SUCH_DEVICE, "parportd");
	assert_rejected("/dev/null", OPP_NO_SUCH_DEVICE, "/dev/null");
}

static void served_names_lie_below_the_mount(void **state)
{
	(void)state;
	assert_int_equal(setenv("OPENPARPORT_MOUNT", "/nonexistent", 1), 0);
	assert_rejected("lpt3", OPP_NO_SUCH_DEVICE, "/nonexistent/parport2");
	assert_rejected("parport2", OPP_NO_SUCH_DEVICE, "/nonexistent/parport2");
	assert_int_equal(unsetenv("OPENPARPORT_MOUNT"), 0);
}

static void a_name_is_shared_while_it_is_used(void **state)
{
	struct opp_handle *third;
	struct opp_ioc_info info;

	(void)state;
	assert_int_equal(opp_open(SHARED, &third, NULL), OPP_SUCCESS);
	assert_int_equal(opp_allocate(third, 0), OPP_SUCCESS);
	assert_int_equal(opp_allocate(first, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_get_info(third, &info), OPP_SUCCESS);
	assert_string_equal(info.name, "library-test");
	opp_close(third);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_rejected("sim:name=library-test,chip=spp", OPP_INVALID_PARAMETER, "other keys");
}

static void without_a_name_each_has_its_own(void **state)
{
	struct opp_handle *one, *other;

	(void)state;
	assert_int_equal(opp_open("sim:", &one, NULL), OPP_SUCCESS);
	assert_int_equal(opp_open("sim:", &other, NULL), OPP_SUCCESS);
	assert_int_equal(opp_allocate(one, 0), OPP_SUCCESS);
	assert_int_equal(opp_allocate(other, 0), OPP_SUCCESS);
	opp_close(one);
	opp_close(other);
	opp_close(NULL);
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

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("a time-out of 0 asks once", now_or_never),
		CASE("an allocate ends at its deadline", deadline),
		CASE("a free hands the port to the handle that waits", handed_on),
		CASE("an allocate that waits is cancelled", allocate_is_cancelled),
		CASE("P-055 a cancelled write tells what was sent", write_is_cancelled),
		CASE("a kick ends the holder's write", kick_ends_a_write),
		CASE("a register access waits for the handle's own write",
		     register_waits_for_the_own_write),
		CASE("P-055 a write that times out tells what was sent", write_tells_how_much),
		CASE("bad names are explained", bad_names),
		CASE("served names lie below the mount", served_names_lie_below_the_mount),
		CASE("a name is shared while it is used", a_name_is_shared_while_it_is_used),
		CASE("C-039 without a name each handle has its own port",
		     without_a_name_each_has_its_own),
		CASE("registers and pins through handles", registers),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
