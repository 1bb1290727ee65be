/* SPDX-License-Identifier: MIT */
/*
 * What a handle of libopenparport does, whichever kind of port is behind it:
 * waiting with a deadline, ending a call from another thread, registers.
 */
#include <time.h>
#include <unistd.h>

#include "handle_rig.h"

/* ---- calls for another thread ----------------------------------------------------------- */

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

static struct CMUnitTest cases[] = {
	HANDLE_CASE("a time-out of 0 asks once", now_or_never),
	HANDLE_CASE("an allocate ends at its deadline", deadline),
	HANDLE_CASE("a free hands the port to the handle that waits", handed_on),
	HANDLE_CASE("a close frees what the handle holds", close_frees),
	HANDLE_CASE("an allocate that waits is cancelled", allocate_is_cancelled),
	HANDLE_CASE("P-055 a cancelled write tells what was sent", write_is_cancelled),
	HANDLE_CASE("P-055 a write that times out tells what was sent", write_tells_how_much),
	HANDLE_CASE("a kick ends the holder's write", kick_ends_a_write),
	HANDLE_CASE("a register access waits for the handle's own write",
		    register_waits_for_the_own_write),
	HANDLE_CASE("registers and pins", registers),
	HANDLE_CASE("facts", facts),
};

int run_handle_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
