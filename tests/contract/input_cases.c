/* SPDX-License-Identifier: MIT */
/*
 * Requests that make no sense to a port.
 */
#include "case.h"

static const uint32_t port_codes[] = {
	ALLOCATE,
	FREE,
	SELECT,
	DESELECT,
	IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO,
	IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO,
	IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO,
	IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO,
	IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT,
	IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT,
	IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE,
	IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE,
	IOCTL_INTERNAL_INIT_1284_3_BUS,
};

/* With an internal twin of the same number, and without. */
static const uint32_t device_codes[] = {
	IOCTL_PAR_QUERY_INFORMATION,
	IOCTL_PAR_SET_INFORMATION,
	IOCTL_PAR_QUERY_DEVICE_ID,
	IOCTL_PAR_QUERY_DEVICE_ID_SIZE,
	IOCTL_IEEE1284_GET_MODE,
	IOCTL_IEEE1284_NEGOTIATE,
	IOCTL_PAR_SET_WRITE_ADDRESS,
	IOCTL_PAR_SET_READ_ADDRESS,
	IOCTL_PAR_GET_DEVICE_CAPS,
	IOCTL_PAR_GET_DEFAULT_MODES,
	IOCTL_PAR_PING,
	IOCTL_PAR_QUERY_RAW_DEVICE_ID,
	IOCTL_PAR_ECP_HOST_RECOVERY,
	IOCTL_PAR_GET_READ_ADDRESS,
	IOCTL_PAR_GET_WRITE_ADDRESS,
	IOCTL_PAR_TEST,
	IOCTL_PAR_IS_PORT_FREE,
	IOCTL_PAR_QUERY_LOCATION,
	IOCTL_SERIAL_SET_TIMEOUTS,
	IOCTL_SERIAL_GET_TIMEOUTS,
	IOCTL_OPENPARPORT_QUERY_STATUS,
};

static const uint32_t internal_device_codes[] = {
	IOCTL_INTERNAL_GET_PARPORT_FDO,     IOCTL_INTERNAL_PARCLASS_CONNECT,
	IOCTL_INTERNAL_PARCLASS_DISCONNECT, IOCTL_INTERNAL_DISCONNECT_IDLE,
	IOCTL_INTERNAL_LOCK_PORT,           IOCTL_INTERNAL_UNLOCK_PORT,
	IOCTL_INTERNAL_LOCK_PORT_NO_SELECT, IOCTL_INTERNAL_UNLOCK_PORT_NO_DESELECT,
};

static const uint32_t undocumented_codes[] = {
	IOCTL_INTERNAL_PARCHIP_CONNECT,
	IOCTL_INTERNAL_PARDOT3_CONNECT,
	IOCTL_INTERNAL_PARDOT3_DISCONNECT,
	IOCTL_INTERNAL_PARDOT3_RESET,
	IOCTL_INTERNAL_PARDOT3_SIGNAL,
	IOCTL_INTERNAL_REGISTER_FOR_REMOVAL_RELATIONS,
	IOCTL_INTERNAL_UNREGISTER_FOR_REMOVAL_RELATIONS,
	IOCTL_INTERNAL_DISABLE_END_OF_CHAIN_BUS_RESCAN,
	IOCTL_INTERNAL_ENABLE_END_OF_CHAIN_BUS_RESCAN,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A buffer long enough for every structure. */
static void expect(struct rig *rig, uint8_t major, uint32_t code, int32_t status)
{
	uint8_t buffer[128] = { 0 };
	struct call call = { .major = major,
			     .code = code,
			     .file = NO_FILE,
			     .buffer = buffer,
			     .input_bytes = sizeof(buffer),
			     .output_bytes = sizeof(buffer) };

	rig_submit(rig, &call);
	CHECK_EQUAL(call.returned, status);
	CHECK_EQUAL(call.information, 0);
}

static void expect_all(struct rig *rig, uint8_t major, const uint32_t *codes, size_t count,
		       int32_t status)
{
	for (size_t i = 0; i < count; i++)
		expect(rig, major, codes[i], status);
}

static void unknown_codes(struct rig *rig)
{
	static const uint32_t near[] = { 1, 2, 3, 0x4000, 0x8000, 0x10000, 0x80000000 };

	expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, 0, OPP_NT_INVALID_PARAMETER);
	expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, UINT32_MAX, OPP_NT_INVALID_PARAMETER);
	for (uint32_t function = 56; function < 4096; function++)
		expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, OPP_PARALLEL_CODE(function),
		       OPP_NT_INVALID_PARAMETER);
	for (size_t i = 0; i < COUNT(near); i++)
		expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, ALLOCATE ^ near[i],
		       OPP_NT_INVALID_PARAMETER);
	CHECK(!is_held(rig));
}

/* The eight numbers that mean one thing to a port and another to a device. */
static void collisions(struct rig *rig)
{
	static const struct {
		uint32_t code;
		uint32_t twin;
	} pairs[] = {
		{ ALLOCATE, IOCTL_PAR_PING },
		{ IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, IOCTL_PAR_QUERY_RAW_DEVICE_ID },
		{ IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT, IOCTL_PAR_ECP_HOST_RECOVERY },
		{ IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT, IOCTL_PAR_GET_READ_ADDRESS },
		{ IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO, IOCTL_PAR_GET_WRITE_ADDRESS },
		{ IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE, IOCTL_PAR_TEST },
		{ IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, IOCTL_PAR_IS_PORT_FREE },
		{ IOCTL_INTERNAL_INIT_1284_3_BUS, IOCTL_PAR_QUERY_LOCATION },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		CHECK_EQUAL(pairs[i].code, pairs[i].twin);
		expect(rig, IRP_MJ_DEVICE_CONTROL, pairs[i].twin, OPP_NT_INVALID_PARAMETER);
	}
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
	port_info(rig);
	pnp_info(rig);
	CHECK_EQUAL(ask(rig, NO_FILE, ALLOCATE), OPP_NT_SUCCESS);
	expect(rig, IRP_MJ_DEVICE_CONTROL, FREE, OPP_NT_INVALID_PARAMETER);
	CHECK(is_held(rig));
	free_port(rig);
}

static void strangers(struct rig *rig)
{
	expect_all(rig, IRP_MJ_DEVICE_CONTROL, port_codes, COUNT(port_codes),
		   OPP_NT_INVALID_PARAMETER);
	expect_all(rig, IRP_MJ_DEVICE_CONTROL, device_codes, COUNT(device_codes),
		   OPP_NT_INVALID_PARAMETER);
	expect_all(rig, IRP_MJ_DEVICE_CONTROL, internal_device_codes, COUNT(internal_device_codes),
		   OPP_NT_INVALID_PARAMETER);
	expect_all(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, internal_device_codes,
		   COUNT(internal_device_codes), OPP_NT_INVALID_PARAMETER);
	expect_all(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, device_codes, 10, OPP_NT_INVALID_PARAMETER);
	expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_SERIAL_SET_TIMEOUTS,
	       OPP_NT_INVALID_PARAMETER);
	expect(rig, IRP_MJ_READ, 0, OPP_NT_INVALID_DEVICE_REQUEST);
	expect(rig, IRP_MJ_WRITE, 0, OPP_NT_INVALID_DEVICE_REQUEST);
	expect(rig, IRP_MJ_QUERY_INFORMATION, 0, OPP_NT_INVALID_DEVICE_REQUEST);
	expect(rig, IRP_MJ_READ, ALLOCATE, OPP_NT_INVALID_DEVICE_REQUEST);
	CHECK(!is_held(rig));
}

static void empty_requests(struct rig *rig)
{
	open_files(rig, 1);
	for (size_t i = 0; i < COUNT(port_codes); i++) {
		int32_t status = ask(rig, 0, port_codes[i]);

		if (port_codes[i] == ALLOCATE || port_codes[i] == FREE ||
		    port_codes[i] == IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO ||
		    port_codes[i] == IOCTL_INTERNAL_INIT_1284_3_BUS)
			CHECK_EQUAL(status, OPP_NT_SUCCESS);
		else if (port_codes[i] == IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT)
			CHECK_EQUAL(status, OPP_NT_UNSUCCESSFUL);
		else
			CHECK_EQUAL(status, OPP_NT_BUFFER_TOO_SMALL);
	}
	for (size_t i = 0; i < COUNT(undocumented_codes); i++)
		CHECK_EQUAL(ask(rig, 0, undocumented_codes[i]), OPP_NT_INVALID_PARAMETER);
}

/* Lengths that promise what is not there. */
static void no_buffer(struct rig *rig)
{
	struct call info = { .output_bytes = 128 };

	submit(rig, &info, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO);
	CHECK_EQUAL(info.returned, OPP_NT_BUFFER_TOO_SMALL);
	CHECK_EQUAL(ask_with(rig, NO_FILE, SELECT, NULL, 128), OPP_NT_BUFFER_TOO_SMALL);
	CHECK_EQUAL(ask_with(rig, NO_FILE, ALLOCATE, NULL, 128), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_with(rig, NO_FILE, FREE, NULL, 128), OPP_NT_SUCCESS);
}

static void long_buffers(struct rig *rig)
{
	uint8_t buffer[128] = { 0 };
	struct call info = { .buffer = buffer, .input_bytes = 99, .output_bytes = 128 };

	submit(rig, &info, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO);
	CHECK_EQUAL(info.returned, OPP_NT_SUCCESS);
	CHECK_EQUAL(info.information, sizeof(struct PARALLEL_PORT_INFORMATION));
	info = (struct call){ .buffer = buffer, .output_bytes = 128 };
	submit(rig, &info, NO_FILE, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO);
	CHECK_EQUAL(info.information, sizeof(struct MORE_PARALLEL_PORT_INFORMATION));
	info = (struct call){ .buffer = buffer, .output_bytes = 128 };
	submit(rig, &info, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO);
	CHECK_EQUAL(info.information, sizeof(struct PARALLEL_PNP_INFORMATION));
	CHECK_EQUAL(ask_with(rig, NO_FILE, ALLOCATE, buffer, 128), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_with(rig, NO_FILE, FREE, buffer, 128), OPP_NT_SUCCESS);
}

static void long_commands(struct rig *rig)
{
	struct PARALLEL_1284_COMMAND commands[2] = { { .CommandFlags = EOC },
						     { .CommandFlags = 0xffffffff } };

	CHECK_EQUAL(ask_with(rig, NO_FILE, SELECT, commands, sizeof(commands)), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_with(rig, NO_FILE, DESELECT, commands, sizeof(commands)), OPP_NT_SUCCESS);
}

static void undocumented(struct rig *rig)
{
	expect_all(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, undocumented_codes,
		   COUNT(undocumented_codes), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(ask(rig, NO_FILE, ALLOCATE), OPP_NT_SUCCESS);
	expect_all(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, undocumented_codes,
		   COUNT(undocumented_codes), OPP_NT_INVALID_PARAMETER);
	free_port(rig);
}

/* Every request that can fail does, by file 2; nothing of what is under way notices. */
static void failures_change_nothing(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = 0x80 };
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE none = { 0 };
	struct PARPORT_WMI_ALLOC_FREE_COUNTS before;
	struct call waiting[2] = { 0 };

	open_files(rig, 3);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_with(rig, 0, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, 2),
		    OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting[0], 1);
	queue_select(rig, &waiting[1], 1);
	before = rig_counters(rig);
	for (size_t i = 0; i < COUNT(port_codes); i++) {
		if (port_codes[i] != ALLOCATE &&
		    port_codes[i] != IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO)
			CHECK(ask(rig, 2, port_codes[i]) < 0);
	}
	CHECK(ask_command(rig, 2, SELECT, KEEP | EOC, 0) < 0);
	CHECK(ask_command(rig, 2, SELECT, 4, 0) < 0);
	CHECK(ask_command(rig, 2, DESELECT, EOC, 0) < 0);
	CHECK(ask_with(rig, 2, IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE, &mode, 2) < 0);
	CHECK(ask_with(rig, 2, IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT, &none, sizeof(none)) <
	      0);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, before.PortAllocates);
	CHECK_EQUAL(rig_counters(rig).PortFrees, before.PortFrees);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, 0x80);
	CHECK_EQUAL(waiters(rig), 2);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	check_ended(&waiting[0], OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
	check_ended(&waiting[1], OPP_NT_SUCCESS);
}

static const struct contract_case cases[] = {
	{ "C-179 an unknown internal code: INVALID_PARAMETER", unknown_codes, 0 },
	{ "C-181 colliding numbers are told apart by major function", collisions, 0 },
	{ "C-182 codes of devices, other majors: refused by a port", strangers, 0 },
	{ "C-183 length 0 and no buffer: a status, no crash", empty_requests, 0 },
	{ "C-183 no buffer whatever the lengths say", no_buffer, 0 },
	{ "C-184 over-long output: the structure's size is reported", long_buffers, 0 },
	{ "C-184 over-long input: the structure counts", long_commands, 0 },
	{ "C-185 undocumented codes: INVALID_PARAMETER", undocumented, 0 },
	{ "C-186 a failed request changes nothing", failures_change_nothing, NEEDS_EPP },
};

CASE_TABLE(input_cases, cases);
