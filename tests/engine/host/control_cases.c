/* SPDX-License-Identifier: MIT */
/*
 * Documented requests by a handle of libopenparport, whichever kind of port is behind
 * it. What the requests do is proved in tests/contract; here it is that they arrive,
 * with their buffers, their waiting and the routines that belong to the handle.
 */
#include <string.h>

#include <openparport/codes.h>

#include "handle_rig.h"

#define INTERNAL IRP_MJ_INTERNAL_DEVICE_CONTROL
#define ALLOCATE IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE
#define FREE     IOCTL_INTERNAL_PARALLEL_PORT_FREE
#define SELECT   IOCTL_INTERNAL_SELECT_DEVICE
#define DESELECT IOCTL_INTERNAL_DESELECT_DEVICE
#define ECP_MODE 0x60

static enum opp_status tell(struct opp_handle *handle, uint32_t code)
{
	return opp_control(handle, INTERNAL, code, NULL, 0, NULL, 0, NULL);
}

static enum opp_status command(struct opp_handle *handle, uint32_t code, uint32_t flags, uint8_t id)
{
	const struct PARALLEL_1284_COMMAND input = { .ID = id, .CommandFlags = flags };

	return opp_control(handle, INTERNAL, code, &input, sizeof(input), NULL, 0, NULL);
}

static struct PARALLEL_PNP_INFORMATION pnp_of(struct opp_handle *handle)
{
	struct PARALLEL_PNP_INFORMATION pnp;
	uint32_t information = 0;

	assert_int_equal(opp_control(handle, INTERNAL, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, NULL,
				     0, &pnp, sizeof(pnp), &information),
			 OPP_SUCCESS);
	assert_int_equal(information, sizeof(pnp));
	return pnp;
}

static struct PARALLEL_PORT_INFORMATION port_of(struct opp_handle *handle)
{
	struct PARALLEL_PORT_INFORMATION port;
	uint32_t information = 0;

	assert_int_equal(opp_control(handle, INTERNAL, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, NULL,
				     0, &port, sizeof(port), &information),
			 OPP_SUCCESS);
	assert_int_equal(information, sizeof(port));
	return port;
}

static void *allocate_by_code(void *context)
{
	struct call *call = context;

	call->status = tell(call->handle, ALLOCATE);
	return NULL;
}

static void *select_by_code(void *context)
{
	struct call *call = context;

	call->status = command(call->handle, SELECT, 0, 1);
	return NULL;
}

/* ---- turns at the port -------------------------------------------------------------------- */

static void allocate_and_free(void **state)
{
	uint8_t value;

	(void)state;
	assert_int_equal(tell(first, FREE), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(tell(first, ALLOCATE), OPP_SUCCESS);
	assert_int_equal(opp_read_status(first, &value), OPP_SUCCESS);
	assert_int_equal(opp_allocate(second, 0), OPP_DEVICE_BUSY);
	assert_int_equal(tell(second, FREE), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(tell(first, FREE), OPP_SUCCESS);
	assert_int_equal(opp_read_status(first, &value), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_allocate(second, 0), OPP_SUCCESS);
	assert_int_equal(tell(second, FREE), OPP_SUCCESS);
	assert_int_equal(tell(second, ALLOCATE), OPP_SUCCESS);
	assert_int_equal(opp_free(second), OPP_SUCCESS);
}

static void handed_over(void **state)
{
	struct call waiting = { .status = OPP_PENDING };
	uint8_t value;

	(void)state;
	assert_int_equal(tell(first, ALLOCATE), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 0x5a), OPP_SUCCESS);
	begin(&waiting, allocate_by_code, second);
	wait_for_waiters(1);
	assert_int_equal(tell(first, FREE), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(opp_read_data(second, &value), OPP_SUCCESS);
	assert_int_equal(value, 0x5a);
	assert_int_equal(opp_read_data(first, &value), OPP_INVALID_DEVICE_STATE);
}

/* The document's file is the handle: who holds the port stands in line like anybody else. */
static void second_allocate(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(tell(first, ALLOCATE), OPP_SUCCESS);
	begin(&waiting, allocate_by_code, first);
	wait_for_waiters(1);
	assert_int_equal(tell(first, FREE), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 1), OPP_SUCCESS);
	assert_int_equal(opp_allocate(second, 0), OPP_DEVICE_BUSY);
}

static void cancelled(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	begin(&waiting, allocate_by_code, second);
	wait_for_waiters(1);
	assert_int_equal(cancel_until_ended(&waiting), OPP_CANCELLED);
	wait_for_waiters(0);
	assert_int_equal(tell(first, FREE), OPP_SUCCESS);
	assert_int_equal(tell(second, ALLOCATE), OPP_SUCCESS);
}

static void kicked(void **state)
{
	(void)state;
	assert_int_equal(tell(first, ALLOCATE), OPP_SUCCESS);
	assert_int_equal(opp_kick(second, NULL), OPP_SUCCESS);
	assert_int_equal(tell(first, ALLOCATE), OPP_KICKED);
	assert_int_equal(tell(first, FREE), OPP_KICKED);
	assert_int_equal(tell(second, ALLOCATE), OPP_SUCCESS);
}

static void closed(void **state)
{
	struct call waiting = { .status = OPP_PENDING };
	const struct handle_names *names = *state;

	assert_int_equal(tell(first, ALLOCATE), OPP_SUCCESS);
	begin(&waiting, allocate_by_code, second);
	wait_for_waiters(1);
	opp_close(first);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	open_or_fail(names->first, &first);
}

/* ---- codes and buffers ---------------------------------------------------------------------- */

static void codes_and_majors(void **state)
{
	static const uint8_t others[] = { IRP_MJ_CREATE, IRP_MJ_CLOSE, IRP_MJ_CLEANUP, 0x1b };
	struct opp_ioc_status status;
	size_t i;

	(void)state;
	assert_int_equal(
		opp_control(first, IRP_MJ_DEVICE_CONTROL, ALLOCATE, NULL, 0, NULL, 0, NULL),
		OPP_INVALID_PARAMETER);
	assert_int_equal(tell(first, IOCTL_INTERNAL_PARCHIP_CONNECT), OPP_INVALID_PARAMETER);
	assert_int_equal(tell(first, IOCTL_INTERNAL_LOCK_PORT), OPP_INVALID_PARAMETER);
	assert_int_equal(tell(first, 0), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_control(first, IRP_MJ_READ, 0, NULL, 0, NULL, 0, NULL),
			 OPP_INVALID_DEVICE_REQUEST);
	for (i = 0; i < sizeof(others); i++)
		assert_int_equal(opp_control(first, others[i], 0, NULL, 0, NULL, 0, NULL),
				 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(opp_get_status(first, &status), OPP_SUCCESS);
	assert_int_equal(status.state, OPP_IOC_STATE_FREE);
	assert_int_equal(opp_status_ntstatus(OPP_INVALID_DEVICE_STATE),
			 OPP_NT_INVALID_DEVICE_STATE);
}

static void short_buffers(void **state)
{
	struct PARALLEL_PORT_INFORMATION info;
	uint8_t untouched[sizeof(info)];
	uint32_t information = 1;

	(void)state;
	memset(&info, 0xa5, sizeof(info));
	memset(untouched, 0xa5, sizeof(untouched));
	assert_int_equal(opp_control(first, INTERNAL, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, NULL,
				     0, &info, sizeof(info) - 1, &information),
			 OPP_BUFFER_TOO_SMALL);
	assert_int_equal(information, 0);
	assert_memory_equal(&info, untouched, sizeof(untouched));
	assert_int_equal(tell(first, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO), OPP_BUFFER_TOO_SMALL);
	assert_int_equal(tell(first, SELECT), OPP_BUFFER_TOO_SMALL);
}

static void long_buffers(void **state)
{
	static uint8_t output[OPP_CONTROL_BYTES + 1];
	const size_t answer = sizeof(struct MORE_PARALLEL_PORT_INFORMATION);
	uint32_t information = 0;
	size_t i;

	(void)state;
	memset(output, 0xa5, sizeof(output));
	assert_int_equal(opp_control(first, INTERNAL, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO,
				     NULL, 0, output, OPP_CONTROL_BYTES, &information),
			 OPP_SUCCESS);
	assert_int_equal(information, answer);
	for (i = 0; i < answer; i++)
		assert_int_equal(output[i], 0);
	for (; i < sizeof(output); i++)
		assert_int_equal(output[i], 0xa5);
	assert_int_equal(opp_control(first, INTERNAL, ALLOCATE, output, OPP_CONTROL_BYTES + 1, NULL,
				     0, NULL),
			 OPP_INVALID_PARAMETER);
	assert_int_equal(opp_control(first, INTERNAL, ALLOCATE, NULL, 1, NULL, 0, NULL),
			 OPP_INVALID_PARAMETER);
	assert_int_equal(opp_control(first, INTERNAL, ALLOCATE, NULL, 0, NULL, 1, NULL),
			 OPP_INVALID_PARAMETER);
}

static void interrupts_stay_disabled(void **state)
{
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routine = { .InterruptServiceContext = NULL };
	struct PARALLEL_INTERRUPT_INFORMATION info;

	(void)state;
	assert_int_equal(opp_control(first, INTERNAL, IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT,
				     &routine, sizeof(routine), &info, sizeof(info), NULL),
			 OPP_UNSUCCESSFUL);
}

/* ---- routines ------------------------------------------------------------------------------ */

static void port_routines(void **state)
{
	const struct PARALLEL_PORT_INFORMATION mine = port_of(first), yours = port_of(second);
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_null(mine.Controller);
	assert_int_equal(mine.SpanOfController, 0);
	assert_true(mine.TryAllocatePort(mine.Context));
	assert_int_equal(opp_write_data(first, 1), OPP_SUCCESS);
	assert_false(yours.TryAllocatePort(yours.Context));
	yours.FreePort(yours.Context);
	begin(&waiting, allocate_by_code, second);
	wait_for_waiters(1);
	assert_int_equal(yours.QueryNumWaiters(yours.Context), 1);
	mine.FreePort(mine.Context);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(mine.QueryNumWaiters(mine.Context), 0);
	assert_false(mine.TryAllocatePort(NULL));
	assert_int_equal(mine.QueryNumWaiters(NULL), 0);
	mine.FreePort(NULL);
	assert_int_equal(opp_free(second), OPP_SUCCESS);
}

static void names_and_chip_modes(void **state)
{
	static const uint16_t lpt1[] = { 'L', 'P', 'T', '1', 0 };
	const struct PARALLEL_PNP_INFORMATION pnp = pnp_of(first);

	(void)state;
	assert_memory_equal(pnp.PortName, lpt1, sizeof(lpt1));
	assert_null(pnp.EcpController);
	/* The service has counted the chain's devices by now, a port in here has not. */
	assert_int_equal(pnp.HardwareCapabilities & ~PPT_1284_3_PRESENT,
			 PPT_BYTE_PRESENT | PPT_ECP_PRESENT);
	assert_int_equal(pnp.TrySetChipMode(pnp.Context, ECP_MODE), OPP_NT_INVALID_DEVICE_STATE);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(pnp.TrySetChipMode(pnp.Context, ECP_MODE), OPP_NT_SUCCESS);
	assert_int_equal(pnp_of(second).CurrentMode, ECP_MODE);
	assert_int_equal(pnp.ClearChipMode(pnp.Context, ECP_MODE), OPP_NT_SUCCESS);
	assert_int_equal(pnp_of(second).CurrentMode, INITIAL_MODE);
	assert_int_equal(pnp.TrySetChipMode(NULL, ECP_MODE), OPP_NT_INVALID_PARAMETER);
	assert_int_equal(pnp.ClearChipMode(NULL, ECP_MODE), OPP_NT_INVALID_PARAMETER);
}

static void select_routines(void **state)
{
	struct PARALLEL_1284_COMMAND wish = { .ID = 1 }, absent = { .ID = 2 };
	struct PARALLEL_PNP_INFORMATION pnp;

	(void)state;
	assert_int_equal(tell(first, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_SUCCESS);
	pnp = pnp_of(first);
	assert_int_equal(pnp.Ieee1284_3DeviceCount, 2);
	assert_int_equal(opp_allocate(second, 0), OPP_SUCCESS);
	assert_int_equal(pnp.TrySelectDevice(pnp.Context, &absent), OPP_NT_INVALID_PARAMETER);
	assert_int_equal(pnp.TrySelectDevice(pnp.Context, &wish), OPP_NT_PENDING);
	wait_for_waiters(0);
	assert_int_equal(opp_free(second), OPP_SUCCESS);
	assert_int_equal(pnp.TrySelectDevice(pnp.Context, &wish), OPP_NT_SUCCESS);
	assert_int_equal(opp_allocate(second, 0), OPP_DEVICE_BUSY);
	assert_int_equal(pnp.DeselectDevice(pnp.Context, &wish), OPP_NT_SUCCESS);
	assert_int_equal(pnp.DeselectDevice(pnp.Context, &wish), OPP_NT_INVALID_DEVICE_STATE);
	assert_int_equal(pnp.TrySelectDevice(NULL, &wish), OPP_NT_INVALID_PARAMETER);
	assert_int_equal(pnp.TrySelectDevice(pnp.Context, NULL), OPP_NT_INVALID_PARAMETER);
	assert_int_equal(pnp.DeselectDevice(pnp.Context, NULL), OPP_NT_INVALID_PARAMETER);
	wish.CommandFlags = PAR_HAVE_PORT_KEEP_PORT;
	assert_int_equal(pnp.TrySelectDevice(pnp.Context, &wish), OPP_NT_INVALID_DEVICE_STATE);
	assert_int_equal(opp_allocate(second, 0), OPP_SUCCESS);
}

static void selected_in_line(void **state)
{
	struct call waiting = { .status = OPP_PENDING };

	(void)state;
	assert_int_equal(tell(first, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_SUCCESS);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	begin(&waiting, select_by_code, second);
	wait_for_waiters(1);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(opp_write_data(second, 1), OPP_SUCCESS);
	assert_int_equal(command(second, DESELECT, PAR_HAVE_PORT_KEEP_PORT, 1), OPP_SUCCESS);
	assert_int_equal(opp_write_data(second, 2), OPP_SUCCESS);
	assert_int_equal(command(second, DESELECT, 0, 1), OPP_SUCCESS);
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
}

static struct CMUnitTest cases[] = {
	HANDLE_CASE("C-019 C-025 C-027 a code allocates the port, a code frees it",
		    allocate_and_free),
	HANDLE_CASE("C-020 C-023 a code that allocates waits, a code that frees hands over",
		    handed_over),
	HANDLE_CASE("C-028 C-029 a second ALLOCATE of the handle waits for its own FREE",
		    second_allocate),
	HANDLE_CASE("C-043 an ALLOCATE that waits is cancelled", cancelled),
	HANDLE_CASE("what who was kicked asks for is refused, also what needs no port", kicked),
	HANDLE_CASE("C-015 a close frees what a code has allocated", closed),
	HANDLE_CASE("C-179 C-181 C-182 codes nobody knows, and of other majors", codes_and_majors),
	HANDLE_CASE("C-089 C-100 C-183 buffers that are too short", short_buffers),
	HANDLE_CASE("C-090 C-184 longer buffers, and those that are too long", long_buffers),
	HANDLE_CASE("C-098 interrupts cannot be connected", interrupts_stay_disabled),
	HANDLE_CASE("C-050 C-051 C-052 the port's routines are the handle's", port_routines),
	HANDLE_CASE("C-077 C-080 C-083 the chip's mode by a handle's routines",
		    names_and_chip_modes),
	HANDLE_CASE("C-071 C-072 C-075 devices are selected by a handle's routines",
		    select_routines),
	HANDLE_CASE("C-059 C-066 C-067 a SELECT waits its turn", selected_in_line),
};

int run_control_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
