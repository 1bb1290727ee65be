/* SPDX-License-Identifier: MIT */
/*
 * The three information requests.
 */
#include <string.h>

#include "case.h"

static const struct {
	uint32_t code;
	uint32_t bytes;
} requests[] = {
	{ IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, sizeof(struct PARALLEL_PORT_INFORMATION) },
	{ IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO,
	  sizeof(struct MORE_PARALLEL_PORT_INFORMATION) },
	{ IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, sizeof(struct PARALLEL_PNP_INFORMATION) },
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

static void fill_port_info(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info;
	struct call call = { .buffer = &info, .output_bytes = sizeof(info) };

	memset(&info, 0xee, sizeof(info));
	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO);
	CHECK_EQUAL(call.status, OPP_NT_SUCCESS);
	CHECK_EQUAL(call.information, sizeof(void *) == 8 ? 56 : 32);
	CHECK_EQUAL(info.OriginalController, 0x378);
	CHECK_EQUAL((uintptr_t)info.Controller, 0x10378);
	CHECK_EQUAL(info.SpanOfController, 8);
	CHECK(info.TryAllocatePort && info.FreePort && info.QueryNumWaiters);
	CHECK(info.Context);
}

static void one_byte_short(struct rig *rig)
{
	uint8_t buffer[128];

	for (size_t i = 0; i < REQUESTS; i++) {
		struct call call = { .buffer = buffer,
				     .input_bytes = sizeof(buffer),
				     .output_bytes = requests[i].bytes - 1 };

		memset(buffer, 0xee, sizeof(buffer));
		submit(rig, &call, NO_FILE, requests[i].code);
		CHECK_EQUAL(call.returned, OPP_NT_BUFFER_TOO_SMALL);
		CHECK_EQUAL(call.information, 0);
		for (size_t k = 0; k < sizeof(buffer); k++)
			CHECK_EQUAL(buffer[k], 0xee);
	}
}

static void fill_more_info(struct rig *rig)
{
	struct MORE_PARALLEL_PORT_INFORMATION info;
	struct call call = { .buffer = &info, .output_bytes = sizeof(info) };

	memset(&info, 0xee, sizeof(info));
	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO);
	CHECK_EQUAL(call.status, OPP_NT_SUCCESS);
	CHECK_EQUAL(call.information, sizeof(void *) == 8 ? 32 : 24);
	CHECK_EQUAL(info.InterfaceType, 1);
	CHECK_EQUAL(info.BusNumber, 2);
	CHECK_EQUAL(info.InterruptLevel, 7);
	CHECK_EQUAL(info.InterruptVector, 0x37);
	CHECK_EQUAL(info.InterruptAffinity, 3);
	CHECK_EQUAL(info.InterruptMode, 1);
}

static void no_interrupt_no_numbers(struct rig *rig)
{
	struct MORE_PARALLEL_PORT_INFORMATION info;
	struct call call = { .buffer = &info, .output_bytes = sizeof(info) };

	memset(&info, 0xee, sizeof(info));
	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO);
	CHECK_EQUAL(info.InterfaceType, 1);
	CHECK_EQUAL(info.InterruptLevel, 0);
	CHECK_EQUAL(info.InterruptVector, 0);
	CHECK_EQUAL(info.InterruptAffinity, 0);
	CHECK_EQUAL(info.InterruptMode, 0);
}

static void fill_pnp_info(struct rig *rig)
{
	static const uint16_t name[] = { 'L', 'P', 'T', '1', 0 };
	struct PARALLEL_PNP_INFORMATION info;
	struct call call = { .buffer = &info, .output_bytes = sizeof(info) };

	memset(&info, 0xee, sizeof(info));
	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO);
	CHECK_EQUAL(call.status, OPP_NT_SUCCESS);
	CHECK_EQUAL(call.information, sizeof(void *) == 8 ? 112 : 80);
	CHECK_EQUAL(info.HardwareCapabilities, PPT_EPP_PRESENT | rig_spare_capabilities(rig));
	CHECK(info.TrySetChipMode && info.ClearChipMode);
	CHECK(info.TrySelectDevice && info.DeselectDevice);
	CHECK(info.Context);
	CHECK(memcmp(info.PortName, name, sizeof(name)) == 0);
}

static void fifo_size(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION info = pnp_info(rig);

	CHECK_EQUAL(info.FifoDepth, 16);
	CHECK_EQUAL(info.FifoWidth, 8);
	CHECK_EQUAL(info.HardwareCapabilities, PPT_ECP_PRESENT | PPT_BYTE_PRESENT);
}

/* Everything of the answer is 0, apart from the members given. */
static void check_zero_but(const void *answer, size_t bytes, const size_t members[][2],
			   size_t count)
{
	uint8_t copy[128];

	memcpy(copy, answer, bytes);
	for (size_t i = 0; i < count; i++)
		memset(copy + members[i][0], 0, members[i][1]);
	for (size_t i = 0; i < bytes; i++)
		CHECK_EQUAL(copy[i], 0);
}

#define MEMBER(type, member)                                                                       \
	{                                                                                          \
		offsetof(struct type, member), sizeof(((struct type *)NULL)->member)               \
	}

static void unused_pnp_fields(struct rig *rig)
{
	static const size_t used[][2] = {
		MEMBER(PARALLEL_PNP_INFORMATION, TrySetChipMode),
		MEMBER(PARALLEL_PNP_INFORMATION, ClearChipMode),
		MEMBER(PARALLEL_PNP_INFORMATION, TrySelectDevice),
		MEMBER(PARALLEL_PNP_INFORMATION, DeselectDevice),
		MEMBER(PARALLEL_PNP_INFORMATION, Context),
		MEMBER(PARALLEL_PNP_INFORMATION, PortName),
	};
	uint8_t answer[sizeof(struct PARALLEL_PNP_INFORMATION)];
	struct call call = { .buffer = answer, .output_bytes = sizeof(answer) };

	memset(answer, 0xee, sizeof(answer));
	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO);
	CHECK_EQUAL(call.information, sizeof(answer));
	check_zero_but(answer, sizeof(answer), used, sizeof(used) / sizeof(used[0]));
}

static void padding_is_zero(struct rig *rig)
{
	static const size_t used[][2] = {
		MEMBER(PARALLEL_PORT_INFORMATION, OriginalController),
		MEMBER(PARALLEL_PORT_INFORMATION, Controller),
		MEMBER(PARALLEL_PORT_INFORMATION, SpanOfController),
		MEMBER(PARALLEL_PORT_INFORMATION, TryAllocatePort),
		MEMBER(PARALLEL_PORT_INFORMATION, FreePort),
		MEMBER(PARALLEL_PORT_INFORMATION, QueryNumWaiters),
		MEMBER(PARALLEL_PORT_INFORMATION, Context),
	};
	uint8_t answer[sizeof(struct PARALLEL_PORT_INFORMATION)];
	struct call call = { .buffer = answer, .output_bytes = sizeof(answer) };

	memset(answer, 0xee, sizeof(answer));
	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO);
	CHECK_EQUAL(call.information, sizeof(answer));
	check_zero_but(answer, sizeof(answer), used, sizeof(used) / sizeof(used[0]));
}

static void ask_all(struct rig *rig, int file)
{
	uint8_t buffer[128];

	for (size_t i = 0; i < REQUESTS; i++) {
		struct call call = { .buffer = buffer, .output_bytes = requests[i].bytes };

		submit(rig, &call, file, requests[i].code);
		CHECK_EQUAL(call.returned, OPP_NT_SUCCESS);
		CHECK_EQUAL(call.information, requests[i].bytes);
	}
}

static void held_or_not(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 3);
	ask_all(rig, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	ask_all(rig, 0);
	ask_all(rig, 1);
	ask_all(rig, 2);
	CHECK(!waiting.done);
}

static void release_info(struct rig *rig)
{
	struct call call = { 0 };

	submit(rig, &call, NO_FILE, IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO);
	CHECK_EQUAL(call.returned, OPP_NT_SUCCESS);
	CHECK_EQUAL(call.information, 0);
}

static const struct contract_case cases[] = {
	{ "C-088 GET_PARALLEL_PORT_INFO fills all, Information = size", fill_port_info, 0 },
	{ "C-089 one byte short: BUFFER_TOO_SMALL, buffer untouched", one_byte_short, 0 },
	{ "C-090 GET_MORE tells the start resources, Information = size", fill_more_info,
	  NEEDS_CONNECT },
	{ "GET_MORE of a port without an interrupt", no_interrupt_no_numbers, NEEDS_NO_INTERRUPT },
	{ "C-091 GET_PNP Information = size", fill_pnp_info, NEEDS_EPP },
	{ "C-093 FifoDepth in words, FifoWidth in bits", fifo_size, NEEDS_ECP },
	{ "C-094 unused fields of GET_PNP are 0", unused_pnp_fields, 0 },
	{ "C-094 padding is 0", padding_is_zero, 0 },
	{ "C-095 all three succeed whoever holds the port", held_or_not, 0 },
	{ "C-096 RELEASE_PARALLEL_PORT_INFO: SUCCESS, Information 0", release_info, 0 },
};

CASE_TABLE(info_cases, cases);
