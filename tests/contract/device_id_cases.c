/* SPDX-License-Identifier: MIT */
/*
 * What a device says of itself, its lines, its addresses.
 */
#include <string.h>

#include "device_case.h"

#define END_ID       "MFG:End;MDL:Printer;CMD:PCL;"
#define END_ID_BYTES sizeof(END_ID)

/* ---- device ids --------------------------------------------------------------------------- */

static void id_size(struct rig *rig)
{
	static const struct {
		uint8_t place;
		uint32_t bytes;
	} all[] = {
		{ END_DEVICE, END_ID_BYTES },
		{ RAW_DEVICE, END_ID_BYTES },
		{ 0, sizeof("MFG:Acme;MDL:Zip;CLS:MEDIA;") },
		{ 1, sizeof("MFG:Acme;MDL:Scanner;") },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct PAR_DEVICE_ID_SIZE_INFORMATION size = { 0 };
		struct call call = { .buffer = &size, .output_bytes = sizeof(size) };

		open_device(rig, all[i].place, 0);
		CHECK_EQUAL(control(rig, &call, all[i].place, IOCTL_PAR_QUERY_DEVICE_ID_SIZE),
			    SUCCESS);
		CHECK_EQUAL(call.information, 4);
		CHECK_EQUAL(size.DeviceIdSize, all[i].bytes);
		CHECK(!is_held(rig));
	}
}

static void id_text(struct rig *rig)
{
	char id[200];
	struct call exact = { .buffer = id, .output_bytes = END_ID_BYTES };
	struct call longer = { .buffer = id, .output_bytes = sizeof(id) };

	open_device(rig, END_DEVICE, 0);
	memset(id, 0xee, sizeof(id));
	CHECK_EQUAL(control(rig, &exact, END_DEVICE, IOCTL_PAR_QUERY_DEVICE_ID), SUCCESS);
	CHECK_EQUAL(exact.information, END_ID_BYTES);
	CHECK(memcmp(id, END_ID, END_ID_BYTES) == 0);
	CHECK_EQUAL(control(rig, &longer, END_DEVICE, IOCTL_PAR_QUERY_DEVICE_ID), SUCCESS);
	CHECK_EQUAL(longer.information, END_ID_BYTES);
}

static void id_too_short(struct rig *rig)
{
	static const uint32_t codes[] = { IOCTL_PAR_QUERY_DEVICE_ID,
					  IOCTL_PAR_QUERY_RAW_DEVICE_ID };
	static const uint32_t needed[] = { END_ID_BYTES, END_ID_BYTES + 2 };
	char id[200] = { 0 };

	open_device(rig, END_DEVICE, 0);
	for (int i = 0; i < 2; i++) {
		for (uint32_t bytes = 0; bytes <= needed[i]; bytes++) {
			struct call call = { .buffer = id, .output_bytes = bytes };

			(void)control(rig, &call, END_DEVICE, codes[i]);
			CHECK_EQUAL(call.status, bytes < needed[i] ? BUFFER_TOO_SMALL : SUCCESS);
			CHECK_EQUAL(call.information, bytes < needed[i] ? 0 : bytes);
		}
	}
}

static void raw_id(struct rig *rig)
{
	uint8_t id[200];
	struct call call = { .buffer = id, .output_bytes = sizeof(id) };

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(control(rig, &call, END_DEVICE, IOCTL_PAR_QUERY_RAW_DEVICE_ID), SUCCESS);
	CHECK_EQUAL(call.information, END_ID_BYTES + 2);
	CHECK_EQUAL(id[0], 0);
	CHECK_EQUAL(id[1], END_ID_BYTES - 1 + 2);
	CHECK(memcmp(id + 2, END_ID, END_ID_BYTES) == 0);
}

static void no_id(struct rig *rig)
{
	static const enum device_kind kinds[] = { DEVICE_PLAIN, DEVICE_SILENT, DEVICE_BAD_ID };
	static const uint32_t codes[] = { IOCTL_PAR_QUERY_DEVICE_ID, IOCTL_PAR_QUERY_RAW_DEVICE_ID,
					  IOCTL_PAR_QUERY_DEVICE_ID_SIZE };
	char id[200] = { 0 };

	open_device(rig, RAW_DEVICE, 0);
	for (int kind = 0; kind < 3; kind++) {
		rig_plug(rig, END_DEVICE, kinds[kind]);
		for (int i = 0; i < 3; i++) {
			struct call call = { .buffer = id, .output_bytes = sizeof(id) };

			CHECK_EQUAL(control(rig, &call, RAW_DEVICE, codes[i]), IO_DEVICE_ERROR);
			CHECK_EQUAL(call.information, 0);
			CHECK(!is_held(rig));
		}
	}
}

/* Two of them in line: each is answered with what was found for it. */
static void ids_in_line(struct rig *rig)
{
	char first[100] = "";
	char second[100] = "";
	struct call calls[2] = {
		{ .buffer = first, .output_bytes = sizeof(first) },
		{ .buffer = second, .output_bytes = sizeof(second) },
	};

	open_files(rig, 1);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	for (int i = 0; i < 2; i++) {
		calls[i].major = IRP_MJ_DEVICE_CONTROL;
		calls[i].code = IOCTL_PAR_QUERY_DEVICE_ID;
		send_to(rig, &calls[i], 0);
	}
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK(calls[0].done && calls[1].done);
	CHECK(strcmp(first, "MFG:Acme;MDL:Zip;CLS:MEDIA;") == 0);
	CHECK(strcmp(second, first) == 0);
}

static void location(struct rig *rig)
{
	static const struct {
		uint8_t place;
		const char *name;
	} all[] = {
		{ RAW_DEVICE, "LPT1" },
		{ 0, "LPT1.0" },
		{ 1, "LPT1.1" },
		{ END_DEVICE, "LPT1.4" },
	};

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char name[32] = "";
		uint32_t bytes = (uint32_t)strlen(all[i].name) + 1;

		open_device(rig, all[i].place, 0);
		for (uint32_t room = 0; room <= sizeof(name); room++) {
			struct call call = { .major = IRP_MJ_DEVICE_CONTROL,
					     .code = IOCTL_PAR_QUERY_LOCATION,
					     .buffer = name,
					     .output_bytes = room };

			send_to(rig, &call, all[i].place);
			CHECK_EQUAL(call.returned, room < bytes ? BUFFER_TOO_SMALL : SUCCESS);
			CHECK_EQUAL(call.information, room < bytes ? 0 : bytes);
		}
		CHECK(strcmp(name, all[i].name) == 0);
	}
}

/* ---- lines ------------------------------------------------------------------------------------ */

static uint8_t status_of(struct rig *rig, uint8_t place)
{
	struct PAR_QUERY_INFORMATION info = { .Status = 0xee };
	struct call call = { .buffer = &info, .output_bytes = 1 };

	CHECK_EQUAL(control(rig, &call, place, IOCTL_PAR_QUERY_INFORMATION), SUCCESS);
	CHECK_EQUAL(call.information, 1);
	return info.Status;
}

static void lines(struct rig *rig)
{
	struct call short_one = { .output_bytes = 1 };
	uint8_t status;

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(status_of(rig, END_DEVICE), 0x80);
	rig_trouble(rig, END_DEVICE, TROUBLE_PAPER);
	status = status_of(rig, END_DEVICE);
	CHECK_EQUAL(status & 0x04, 0x04);
	CHECK_EQUAL(status & 0x33, 0);
	rig_trouble(rig, END_DEVICE, TROUBLE_OFF_LINE);
	status = status_of(rig, END_DEVICE);
	CHECK_EQUAL(status & 0x08, 0x08);
	CHECK_EQUAL(status & 0xb7, 0);
	rig_trouble(rig, END_DEVICE, TROUBLE_ERROR);
	CHECK_EQUAL(status_of(rig, END_DEVICE) & 0x88, 0x88);
	rig_trouble(rig, END_DEVICE, TROUBLE_POWER);
	CHECK_EQUAL(status_of(rig, END_DEVICE), 0x10);
	rig_unplug(rig, END_DEVICE);
	CHECK_EQUAL(status_of(rig, END_DEVICE), 0x20);
	CHECK_EQUAL(control(rig, &short_one, END_DEVICE, IOCTL_PAR_QUERY_INFORMATION),
		    BUFFER_TOO_SMALL);
	CHECK(!is_held(rig));
}

/* Each device's own lines, read while it is selected. */
static void lines_of_the_chain(struct rig *rig)
{
	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	open_device(rig, RAW_DEVICE, 0);
	rig_trouble(rig, 1, TROUBLE_PAPER);
	CHECK_EQUAL(status_of(rig, 0), 0x80);
	CHECK_EQUAL(status_of(rig, 1) & 0x04, 0x04);
	CHECK_EQUAL(status_of(rig, RAW_DEVICE), 0x80);
}

static void busy_line(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	rig_room(rig, END_DEVICE, 0);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_settle(rig);
	rig_cancel(rig, &write);
	rig_settle(rig);
	CHECK_EQUAL(write.status, CANCELLED);
	CHECK_EQUAL(status_of(rig, END_DEVICE), 0xc0);
}

/* ---- reset --------------------------------------------------------------------------------------- */

static int32_t reset(struct rig *rig, uint8_t place, uint8_t init)
{
	struct PAR_SET_INFORMATION info = { .Init = init };
	struct call call = { .buffer = &info, .input_bytes = 1 };

	(void)control(rig, &call, place, IOCTL_PAR_SET_INFORMATION);
	CHECK_EQUAL(call.information, 0);
	return call.status;
}

static void resets_device(struct rig *rig)
{
	uint32_t resets;

	open_device(rig, END_DEVICE, 0);
	open_device(rig, 1, 0);
	resets = rig_resets(rig);
	CHECK_EQUAL(reset(rig, END_DEVICE, 0x01), SUCCESS);
	CHECK_EQUAL(rig_resets(rig) - resets, 1);
	CHECK_EQUAL(reset(rig, 1, 0x01), SUCCESS);
	CHECK_EQUAL(rig_resets(rig) - resets, 2);
	CHECK(!is_held(rig));
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abc", 3), SUCCESS);
}

static void reset_tells_fault(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	rig_trouble(rig, END_DEVICE, TROUBLE_PAPER);
	CHECK_EQUAL(reset(rig, END_DEVICE, 0x01), PAPER_EMPTY);
	rig_trouble(rig, END_DEVICE, TROUBLE_OFF_LINE);
	CHECK_EQUAL(reset(rig, END_DEVICE, 0x01), OFF_LINE);
	rig_trouble(rig, END_DEVICE, TROUBLE_ERROR);
	CHECK_EQUAL(reset(rig, END_DEVICE, 0x01), OFF_LINE);
	rig_trouble(rig, END_DEVICE, TROUBLE_POWER);
	CHECK_EQUAL(reset(rig, END_DEVICE, 0x01), POWERED_OFF);
	rig_unplug(rig, END_DEVICE);
	CHECK_EQUAL(reset(rig, END_DEVICE, 0x01), NOT_CONNECTED);
	CHECK(!is_held(rig));
}

static void wrong_init(struct rig *rig)
{
	uint32_t resets;

	open_device(rig, RAW_DEVICE, 0);
	resets = rig_resets(rig);
	CHECK_EQUAL(reset(rig, RAW_DEVICE, 0x00), INVALID_PARAMETER);
	CHECK_EQUAL(reset(rig, RAW_DEVICE, 0x02), INVALID_PARAMETER);
	CHECK_EQUAL(reset(rig, RAW_DEVICE, 0x81), INVALID_PARAMETER);
	CHECK_EQUAL(rig_resets(rig), resets);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
}

/* ---- addresses -------------------------------------------------------------------------------------- */

static int32_t set_address(struct rig *rig, uint32_t code, uint8_t address, uint32_t bytes)
{
	struct call call = { .buffer = &address, .input_bytes = bytes };

	(void)control(rig, &call, END_DEVICE, code);
	CHECK_EQUAL(call.information, 0);
	return call.status;
}

static uint8_t get_address(struct rig *rig, uint32_t code)
{
	uint8_t address = 0xee;
	struct call call = { .buffer = &address, .output_bytes = 1 };

	CHECK_EQUAL(control(rig, &call, END_DEVICE, code), SUCCESS);
	CHECK_EQUAL(call.information, 1);
	return address;
}

static void addresses(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(get_address(rig, IOCTL_PAR_GET_READ_ADDRESS), 0);
	CHECK_EQUAL(get_address(rig, IOCTL_PAR_GET_WRITE_ADDRESS), 0);
	CHECK_EQUAL(set_address(rig, IOCTL_PAR_SET_READ_ADDRESS, 255, 1), SUCCESS);
	CHECK_EQUAL(set_address(rig, IOCTL_PAR_SET_WRITE_ADDRESS, 21, 1), SUCCESS);
	CHECK_EQUAL(set_address(rig, IOCTL_PAR_SET_READ_ADDRESS, 9, 0), INVALID_PARAMETER);
	CHECK_EQUAL(set_address(rig, IOCTL_PAR_SET_WRITE_ADDRESS, 9, 0), INVALID_PARAMETER);
	CHECK_EQUAL(get_address(rig, IOCTL_PAR_GET_READ_ADDRESS), 255);
	CHECK_EQUAL(get_address(rig, IOCTL_PAR_GET_WRITE_ADDRESS), 21);
}

static void addresses_are_sent(struct rig *rig)
{
	char bytes[4];
	uint32_t moved;

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, EPP_HW, ECP_HW), SUCCESS);
	CHECK_EQUAL(set_address(rig, IOCTL_PAR_SET_WRITE_ADDRESS, 21, 1), SUCCESS);
	CHECK_EQUAL(set_address(rig, IOCTL_PAR_SET_READ_ADDRESS, 200, 1), SUCCESS);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abc", 3), SUCCESS);
	CHECK_EQUAL(rig_address(rig, END_DEVICE), 21);
	rig_say(rig, END_DEVICE, "hi", 2);
	CHECK_EQUAL(read_from(rig, END_DEVICE, bytes, 2, &moved), SUCCESS);
	CHECK_EQUAL(rig_address(rig, END_DEVICE), 200);
	check_heard(rig, END_DEVICE, "abc", 3);
}

static const struct contract_case cases[] = {
	{ "C-162 QUERY_DEVICE_ID_SIZE: length and NUL, Information 4", id_size, ON_POOR_CHIP },
	{ "C-163 QUERY_DEVICE_ID with exactly that size", id_text, ON_POOR_CHIP },
	{ "C-164 one byte less: BUFFER_TOO_SMALL, nothing written", id_too_short, ON_POOR_CHIP },
	{ "C-165 QUERY_RAW_DEVICE_ID: the prefix as sent, the id, NUL", raw_id, ON_POOR_CHIP },
	{ "C-166 a device that does not answer: IO_DEVICE_ERROR", no_id, ON_POOR_CHIP },
	{ "C-163 ids asked for in line are each answered", ids_in_line, ON_POOR_CHIP },
	{ "C-167 QUERY_LOCATION, whoever holds the port", location, ON_POOR_CHIP },
	{ "C-169 QUERY_INFORMATION: the documented bits of the lines", lines, ON_POOR_CHIP },
	{ "C-169 QUERY_INFORMATION is of the device selected", lines_of_the_chain, ON_POOR_CHIP },
	{ "C-169 QUERY_INFORMATION tells busy", busy_line, ON_POOR_CHIP },
	{ "C-170 SET_INFORMATION with 0x01 resets the device", resets_device, ON_POOR_CHIP },
	{ "C-171 after the reset each fault has its status", reset_tells_fault, ON_POOR_CHIP },
	{ "C-172 Init other than 0x01: INVALID_PARAMETER", wrong_init, 0 },
	{ "C-173 addresses: 1 byte is taken, 0 bytes: INVALID_PARAMETER", addresses, ON_POOR_CHIP },
	{ "C-173 addresses are sent in ECP and EPP", addresses_are_sent, ON_RICH_CHIP },
};

CASE_TABLE(device_id_cases, cases);
