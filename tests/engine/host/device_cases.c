/* SPDX-License-Identifier: MIT */
/*
 * Handles of devices, on a port of any kind: the first name is the port's, the second is
 * what comes before the place of a device in its name, "lpt1" or "sim".
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openparport/codes.h>
#include <openparport/wire.h>

#include "handle_rig.h"

#define CONTROL  IRP_MJ_DEVICE_CONTROL
#define INTERNAL IRP_MJ_INTERNAL_DEVICE_CONTROL
#define LOCK     IOCTL_INTERNAL_LOCK_PORT
#define UNLOCK   IOCTL_INTERNAL_UNLOCK_PORT

static struct opp_handle *port, *device;
static const char *stem;

static enum opp_status open_device(const char *place, struct opp_handle **handle)
{
	struct opp_error error;
	char name[200];

	(void)snprintf(name, sizeof(name), "%s%s%s", stem, place,
		       strcmp(stem, "sim") == 0 ? ":name=devices" : "");
	return opp_open_device(name, handle, &error);
}

static int start(void **state)
{
	const struct handle_names *names = *state;

	stem = names->second;
	open_or_fail(names->first, &port);
	first = port;
	assert_int_equal(open_device("", &device), OPP_SUCCESS);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	opp_close(device);
	opp_close(port);
	return 0;
}

static enum opp_status tell(struct opp_handle *handle, uint32_t code)
{
	return opp_control(handle, INTERNAL, code, NULL, 0, NULL, 0, NULL);
}

static void *allocate(void *context)
{
	struct call *call = context;

	call->status = opp_allocate(call->handle, OPP_FOREVER_US);
	return NULL;
}

static void *lock(void *context)
{
	struct call *call = context;

	call->status = tell(call->handle, LOCK);
	return NULL;
}

static void *write_page(void *context)
{
	static const uint8_t page[100];
	struct call *call = context;
	uint32_t moved = 0;

	call->status =
		opp_control(call->handle, IRP_MJ_WRITE, 0, page, sizeof(page), NULL, 0, &moved);
	call->sent = moved;
	return NULL;
}

static void wait_for_held(void)
{
	const time_t until = time(NULL) + 20;
	struct opp_ioc_status status = { .state = OPP_IOC_STATE_FREE };
	struct opp_ioc_pins pins = { .status = 0 };

	/* Busy for a minute: the printer has taken what it takes. */
	while ((status.state != OPP_IOC_STATE_HELD || !(pins.status & OPP_LINE_BUSY)) &&
	       time(NULL) < until) {
		look_again();
		assert_int_equal(opp_get_status(port, &status), OPP_SUCCESS);
		assert_int_equal(opp_get_pins(port, &pins), OPP_SUCCESS);
	}
	assert_int_equal(status.state, OPP_IOC_STATE_HELD);
}

static void for_one_alone(void **state)
{
	struct opp_handle *other = NULL;

	(void)state;
	assert_int_equal(open_device("", &other), OPP_ACCESS_DENIED);
	assert_int_equal(open_device(".1", &other), OPP_SUCCESS);
	opp_close(other);
	assert_int_not_equal(open_device(".3", &other), OPP_SUCCESS);
	assert_int_equal(open_device(".9", &other), OPP_INVALID_PARAMETER);
	opp_close(device);
	assert_int_equal(open_device("", &device), OPP_SUCCESS);
}

static void locked(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_unlock(device), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_lock(port), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_lock(device), OPP_SUCCESS);
	assert_int_equal(opp_lock(device), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_allocate(port, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_free(port), OPP_INVALID_DEVICE_STATE);
	begin(&waiting, allocate, port);
	wait_for_waiters(1);
	assert_int_equal(tell(device, UNLOCK), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	begin(&waiting, lock, device);
	wait_for_waiters(1);
	assert_int_equal(opp_free(port), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
}

/* Addresses of registers are not handed out. */
static void who_holds_it(void **state)
{
	struct OPENPARPORT_STATUS status = { .OriginalController = 1 };
	uint32_t moved = 0;

	(void)state;
	assert_int_equal(opp_lock(device), OPP_SUCCESS);
	assert_int_equal(opp_control(device, CONTROL, IOCTL_OPENPARPORT_QUERY_STATUS, NULL, 0,
				     &status, sizeof(status), &moved),
			 OPP_SUCCESS);
	assert_int_equal(moved, sizeof(status));
	assert_int_equal(status.HolderKind, OPENPARPORT_HOLDER_DEVICE);
	assert_int_equal(status.HolderPlace, OPENPARPORT_RAW);
	assert_int_equal(status.HolderProcess, getpid());
	assert_int_equal(status.OriginalController, 0);
	assert_int_equal(opp_unlock(device), OPP_SUCCESS);
}

static void cancelled_in_line(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_allocate(port, 0), OPP_SUCCESS);
	begin(&waiting, lock, device);
	wait_for_waiters(1);
	assert_int_equal(cancel_until_ended(&waiting), OPP_CANCELLED);
	wait_for_waiters(0);
}

/* The printer takes ten bytes and is busy for a minute then. */
static void cancelled_at_work(void **state)
{
	struct call writing = { .status = OPP_PENDING };

	(void)state;
	begin(&writing, write_page, device);
	wait_for_held();
	assert_int_equal(cancel_until_ended(&writing), OPP_CANCELLED);
	assert_int_equal(writing.sent, 10);
	assert_int_equal(opp_allocate(port, OPP_FOREVER_US), OPP_SUCCESS);
}

static void kicked(void **state)
{
	struct call writing = { .status = OPP_PENDING };
	struct FILE_POSITION_INFORMATION position;

	(void)state;
	begin(&writing, write_page, device);
	wait_for_held();
	assert_int_equal(opp_kick(port, NULL), OPP_SUCCESS);
	assert_int_equal(end(&writing), OPP_KICKED);
	assert_int_equal(tell(device, LOCK), OPP_KICKED);
	assert_int_equal(opp_control(device, IRP_MJ_QUERY_INFORMATION,
				     OPP_FILE_POSITION_INFORMATION, NULL, 0, &position,
				     sizeof(position), NULL),
			 OPP_KICKED);
	assert_int_equal(opp_allocate(port, OPP_FOREVER_US), OPP_SUCCESS);
}

static void bytes_with_a_limit(void **state)
{
	static const uint8_t page[100];
	uint8_t answer[10];
	size_t moved = 1;

	(void)state;
	assert_int_equal(opp_write(device, page, 9, 1000000, &moved), OPP_SUCCESS);
	assert_int_equal(moved, 9);
	assert_int_equal(opp_write(device, page, sizeof(page), SOON_US, &moved), OPP_TIMEOUT);
	assert_int_equal(moved, 1);
	assert_int_equal(opp_read(device, answer, sizeof(answer), SOON_US, &moved), OPP_SUCCESS);
	assert_int_equal(moved, 0);
}

static void ids_and_places(void **state)
{
	struct opp_handle *in_chain;
	char text[100] = "";
	uint32_t bytes = 0;

	(void)state;
	assert_int_equal(open_device(".0", &in_chain), OPP_SUCCESS);
	assert_int_equal(opp_control(in_chain, CONTROL, IOCTL_PAR_QUERY_DEVICE_ID, NULL, 0, text,
				     sizeof(text), &bytes),
			 OPP_SUCCESS);
	assert_memory_equal(text, "MFG:First;MDL:Zero;", strlen("MFG:First;MDL:Zero;"));
	assert_int_equal(opp_control(in_chain, CONTROL, IOCTL_PAR_QUERY_LOCATION, NULL, 0, text,
				     sizeof(text), &bytes),
			 OPP_SUCCESS);
	assert_string_equal(text, "LPT1.0");
	assert_int_equal(bytes, sizeof("LPT1.0"));
	opp_close(in_chain);
}

static void codes_of_devices(void **state)
{
	struct PARCLASS_NEGOTIATION_MASK mask = { .usReadMask = 0 };
	struct PARCLASS_INFORMATION info;
	uint32_t bytes = 0;
	uint8_t is_free = 0;

	(void)state;
	assert_int_equal(opp_control(device, CONTROL, IOCTL_IEEE1284_GET_MODE, NULL, 0, &mask,
				     sizeof(mask), &bytes),
			 OPP_SUCCESS);
	assert_int_equal(bytes, sizeof(mask));
	assert_int_equal(
		opp_control(device, CONTROL, IOCTL_PAR_IS_PORT_FREE, NULL, 0, &is_free, 1, NULL),
		OPP_SUCCESS);
	assert_int_equal(is_free, 1);
	assert_int_equal(tell(device, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE),
			 OPP_INVALID_PARAMETER);
	assert_int_equal(
		opp_control(device, CONTROL, IOCTL_IEEE1284_GET_MODE, NULL, 0, &mask, 3, NULL),
		OPP_BUFFER_TOO_SMALL);
	assert_int_equal(opp_control(device, INTERNAL, IOCTL_INTERNAL_PARCLASS_CONNECT, NULL, 0,
				     &info, sizeof(info), NULL),
			 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_control(device, IRP_MJ_QUERY_INFORMATION,
				     OPP_FILE_POSITION_INFORMATION, NULL, 0, &info,
				     sizeof(struct FILE_POSITION_INFORMATION), &bytes),
			 OPP_SUCCESS);
	assert_int_equal(bytes, sizeof(struct FILE_POSITION_INFORMATION));
}

static void no_port(void **state)
{
	struct opp_async allocate = { .kind = OPP_ASYNC_ALLOCATE };
	uint8_t value;

	(void)state;
	assert_int_equal(opp_allocate(device, 0), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_free(device), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_read_data(device, &value), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_write_data(device, 1), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_pulse(device, 1, 1, 1000, NULL), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_negotiate(device, OPP_REQUEST_NIBBLE, NULL),
			 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_select(device, OPP_IOC_END_OF_CHAIN, OPP_MODE_COMPAT),
			 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_submit(device, &allocate), OPP_INVALID_DEVICE_REQUEST);
	assert_null(opp_reap(device));
}

#define DEVICE_CASE(name, function)                                                                \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

static struct CMUnitTest cases[] = {
	DEVICE_CASE("C-111 a device is for one handle alone", for_one_alone),
	DEVICE_CASE("C-124 C-126 C-130 a LOCK keeps the port until its UNLOCK", locked),
	DEVICE_CASE("a device says who holds its port", who_holds_it),
	DEVICE_CASE("C-129 a LOCK in line is cancelled", cancelled_in_line),
	DEVICE_CASE("C-156 a WRITE at work is cancelled, with an exact count", cancelled_at_work),
	DEVICE_CASE("who is put out of the port has no device either", kicked),
	DEVICE_CASE("C-153 C-161 bytes of a device have their limit", bytes_with_a_limit),
	DEVICE_CASE("C-163 C-167 a device says its id and place", ids_and_places),
	DEVICE_CASE("C-181 C-182 a device knows its own codes", codes_of_devices),
	DEVICE_CASE("a device's handle holds no port", no_port),
};

int run_device_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
