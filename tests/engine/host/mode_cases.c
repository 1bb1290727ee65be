/* SPDX-License-Identifier: MIT */
/* Modes of IEEE 1284, ids and daisy chains by a handle, whichever kind of port is behind it. */
#include <poll.h>
#include <string.h>

#include <openparport/modes.h>

#include "handle_rig.h"

#define LONG_US UINT64_C(10000000)

static uint8_t bytes[MODE_INPUT_BYTES + 100];

static int start_held(void **state)
{
	(void)start_handles(state);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	return 0;
}

static void assert_mode(uint8_t request, enum opp_status expected, enum opp_mode mode)
{
	struct opp_ioc_wire how = { .mode = UINT8_MAX };

	assert_int_equal(opp_negotiate(first, request, &how), expected);
	assert_int_equal(how.status, expected);
	assert_int_equal(how.mode, mode);
}

/* ---- modes ---------------------------------------------------------------------------- */

static void there_and_back(void **state)
{
	size_t got = 1;

	(void)state;
	assert_mode(OPP_REQUEST_NIBBLE, OPP_SUCCESS, OPP_MODE_NIBBLE);
	assert_mode(OPP_REQUEST_BYTE, OPP_SUCCESS, OPP_MODE_BYTE);
	assert_mode(OPP_REQUEST_EPP, OPP_UNSUCCESSFUL, OPP_MODE_COMPAT);
	assert_mode(OPP_REQUEST_ECP, OPP_SUCCESS, OPP_MODE_ECP);
	assert_mode(OPP_REQUEST_CHANNEL_NIBBLE, OPP_INVALID_PARAMETER, OPP_MODE_ECP);
	assert_int_equal(opp_terminate(first), OPP_SUCCESS);
	assert_int_equal(opp_negotiate(first, OPP_REQUEST_NIBBLE, NULL), OPP_SUCCESS);
	assert_int_equal(opp_terminate(first), OPP_SUCCESS);
	assert_int_equal(opp_terminate(first), OPP_SUCCESS);
	assert_int_equal(opp_read(first, bytes, 1, 0, &got), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(got, 0);
}

static void left_with_the_hold(void **state)
{
	size_t got;

	(void)state;
	assert_mode(OPP_REQUEST_NIBBLE, OPP_SUCCESS, OPP_MODE_NIBBLE);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(opp_allocate(second, OPP_FOREVER_US), OPP_SUCCESS);
	assert_int_equal(opp_read(second, bytes, 1, 0, &got), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_free(second), OPP_SUCCESS);
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	assert_mode(OPP_REQUEST_NIBBLE, OPP_SUCCESS, OPP_MODE_NIBBLE);
}

static void not_held(void **state)
{
	struct opp_ioc_wire how;
	uint32_t devices;
	size_t got = 1;
	char id[16];

	(void)state;
	assert_int_equal(opp_negotiate(second, OPP_REQUEST_NIBBLE, &how), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_terminate(second), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_read(second, bytes, 1, 0, &got), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(got, 0);
	assert_int_equal(opp_device_id(second, id, sizeof(id)), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_chain(second, &devices), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_select(second, 0, OPP_MODE_COMPAT), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_select(second, OPP_IOC_END_OF_CHAIN, OPP_MODE_COMPAT),
			 OPP_INVALID_DEVICE_STATE);
}

/* ---- bytes ---------------------------------------------------------------------------- */

static void read_to_the_end(void **state)
{
	size_t got = 0;
	size_t i;

	(void)state;
	assert_mode(OPP_REQUEST_BYTE, OPP_SUCCESS, OPP_MODE_BYTE);
	assert_int_equal(opp_read(first, bytes, 0, 0, NULL), OPP_SUCCESS);
	assert_int_equal(opp_read(first, bytes, 10, LONG_US, &got), OPP_SUCCESS);
	assert_int_equal(got, 10);
	assert_int_equal(opp_read(first, bytes + 10, sizeof(bytes) - 10, LONG_US, &got),
			 OPP_SUCCESS);
	assert_int_equal(got, MODE_INPUT_BYTES - 10);
	for (i = 0; i < MODE_INPUT_BYTES; i++)
		assert_int_equal(bytes[i], mode_input(i));
	assert_int_equal(opp_read(first, bytes, sizeof(bytes), SOON_US, &got), OPP_SUCCESS);
	assert_int_equal(got, 0);
	assert_int_equal(opp_write(first, bytes, 5, LONG_US, &got), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(got, 0);
}

/* More than one call of a service can carry; the device takes it all. */
static void write_in_a_mode(void **state)
{
	struct opp_ioc_status status;
	size_t sent = 0;

	(void)state;
	assert_mode(OPP_REQUEST_ECP, OPP_SUCCESS, OPP_MODE_ECP);
	assert_int_equal(opp_write(first, bytes, sizeof(bytes), LONG_US, &sent), OPP_SUCCESS);
	assert_int_equal(sent, sizeof(bytes));
	assert_int_equal(opp_get_status(first, &status), OPP_SUCCESS);
	assert_int_equal(status.bytes_written, sizeof(bytes));
}

static void read_is_submitted(void **state)
{
	struct opp_async read = {
		.kind = OPP_ASYNC_READ, .buffer = bytes, .count = 100, .timeout_us = LONG_US
	};
	struct pollfd polled = { .fd = opp_fd(first), .events = POLLIN };
	size_t i;

	(void)state;
	assert_mode(OPP_REQUEST_BYTE, OPP_SUCCESS, OPP_MODE_BYTE);
	memset(bytes, 0xaa, sizeof(bytes));
	assert_int_equal(opp_submit(first, &read), OPP_SUCCESS);
	assert_int_equal(poll(&polled, 1, 20000), 1);
	assert_ptr_equal(opp_reap(first), &read);
	assert_int_equal(read.status, OPP_SUCCESS);
	assert_int_equal(read.done, 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(bytes[i], mode_input(i));
	assert_int_equal(bytes[100], 0xaa);
}

static void *read_for_ever(void *context)
{
	struct call *call = context;

	do {
		call->status =
			opp_read(call->handle, bytes, sizeof(bytes), OPP_FOREVER_US, &call->sent);
	} while (call->status == OPP_SUCCESS);
	return NULL;
}

static void read_is_cancelled(void **state)
{
	struct call reading = { .status = OPP_PENDING };

	(void)state;
	assert_mode(OPP_REQUEST_NIBBLE, OPP_SUCCESS, OPP_MODE_NIBBLE);
	begin(&reading, read_for_ever, first);
	assert_int_equal(cancel_until_ended(&reading), OPP_CANCELLED);
	assert_int_equal(opp_terminate(first), OPP_SUCCESS);
}

static void kick_ends_a_read(void **state)
{
	struct call reading = { .status = OPP_PENDING };

	(void)state;
	assert_mode(OPP_REQUEST_NIBBLE, OPP_SUCCESS, OPP_MODE_NIBBLE);
	begin(&reading, read_for_ever, first);
	look_again();
	assert_int_equal(opp_kick(second, NULL), OPP_SUCCESS);
	assert_int_equal(end(&reading), OPP_KICKED);
	assert_int_equal(opp_negotiate(first, OPP_REQUEST_NIBBLE, NULL), OPP_KICKED);
}

/* ---- who is there ----------------------------------------------------------------------- */

static void id_as_a_text(void **state)
{
	char id[OPP_IOC_DEVICE_ID_BYTES];

	(void)state;
	assert_int_equal(opp_device_id(first, id, sizeof(id)), OPP_SUCCESS);
	assert_non_null(strstr(id, "OpenParport"));
	assert_int_equal(id[strlen(id) - 1], ';');
	assert_int_equal(opp_device_id(first, id, strlen(id)), OPP_BUFFER_TOO_SMALL);
	assert_int_equal(opp_device_id(first, id, strlen(id) + 1), OPP_BUFFER_TOO_SMALL);
	assert_int_equal(opp_read(first, bytes, 1, 0, NULL), OPP_INVALID_DEVICE_REQUEST);
}

static void chain_of_two(void **state)
{
	char id[OPP_IOC_DEVICE_ID_BYTES];
	uint32_t devices = 0;

	(void)state;
	assert_int_equal(opp_chain(first, &devices), OPP_SUCCESS);
	assert_int_equal(devices, 2);
	assert_int_equal(opp_select(first, 1, OPP_MODE_NIBBLE), OPP_SUCCESS);
	assert_int_equal(opp_device_id(first, id, sizeof(id)), OPP_SUCCESS);
	assert_non_null(strstr(id, "Second"));
	assert_int_equal(opp_select(first, OPP_IOC_END_OF_CHAIN, OPP_MODE_COMPAT), OPP_SUCCESS);
	assert_int_equal(opp_device_id(first, id, sizeof(id)), OPP_SUCCESS);
	assert_null(strstr(id, "Second"));
	assert_int_equal(opp_select(first, 3, OPP_MODE_COMPAT), OPP_UNSUCCESSFUL);
	assert_int_equal(opp_select(first, 4, OPP_MODE_COMPAT), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_select(first, 0, (enum opp_mode)(OPP_MODE_EPP + 1)),
			 OPP_INVALID_PARAMETER);
}

#define HELD_CASE(name, function)                                                                  \
	{                                                                                          \
		name, function, start_held, stop_handles, NULL                                     \
	}

static struct CMUnitTest cases[] = {
	HELD_CASE("a handle goes to a mode and back", there_and_back),
	HELD_CASE("a mode is left with the hold", left_with_the_hold),
	HELD_CASE("modes are the holder's", not_held),
	HELD_CASE("a handle reads all there is", read_to_the_end),
	HELD_CASE("a handle writes in a mode", write_in_a_mode),
	HELD_CASE("a read is submitted", read_is_submitted),
	HELD_CASE("a read that waits is cancelled", read_is_cancelled),
	HELD_CASE("a kick ends the holder's read", kick_ends_a_read),
	HELD_CASE("a device id is a text", id_as_a_text),
	HELD_CASE("a handle selects a device of a daisy chain", chain_of_two),
};

int run_mode_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
