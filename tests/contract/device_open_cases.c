/* SPDX-License-Identifier: MIT */
/*
 * Devices that come and go, and who has them open.
 */
#include <string.h>

#include "device_case.h"

static int32_t open_at(struct rig *rig, uint8_t place, int file)
{
	return ask_device_major(rig, place, file, IRP_MJ_CREATE);
}

static int32_t open_as_directory(struct rig *rig, uint8_t place)
{
	struct call call = { .major = IRP_MJ_CREATE, .file = 0, .as_directory = true };

	return finish_at(rig, &call, place);
}

/* ---- open and close ---------------------------------------------------------------------- */

static void exclusive(struct rig *rig)
{
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), SUCCESS);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 1), ACCESS_DENIED);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), ACCESS_DENIED);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, NO_FILE), INVALID_PARAMETER);
}

static void opens_again(struct rig *rig)
{
	open_device(rig, RAW_DEVICE, 0);
	close_device(rig, RAW_DEVICE, 1);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 1), ACCESS_DENIED);
	close_device(rig, RAW_DEVICE, 0);
	open_device(rig, RAW_DEVICE, 1);
	close_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), ACCESS_DENIED);
}

static void as_directory(struct rig *rig)
{
	CHECK_EQUAL(open_as_directory(rig, RAW_DEVICE), NOT_A_DIRECTORY);
	CHECK_EQUAL(open_as_directory(rig, 3), NOT_A_DIRECTORY);
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(open_as_directory(rig, RAW_DEVICE), NOT_A_DIRECTORY);
	rig_remove(rig, true);
	CHECK_EQUAL(open_as_directory(rig, RAW_DEVICE), DELETE_PENDING);
}

static void no_hardware(struct rig *rig)
{
	CHECK_EQUAL(open_at(rig, 2, 0), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(open_at(rig, 1, 0), SUCCESS);
	close_device(rig, 1, 0);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_look(rig);
	CHECK_EQUAL(open_at(rig, 1, 0), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(open_at(rig, 0, 0), SUCCESS);
}

static void open_after_removal(struct rig *rig)
{
	rig_remove(rig, true);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), DELETE_PENDING);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, NO_FILE), DELETE_PENDING);
	CHECK_EQUAL(open_at(rig, 3, 0), INVALID_DEVICE_REQUEST);
	rig_remove(rig, false);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), DEVICE_REMOVED);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, NO_FILE), DEVICE_REMOVED);
}

static void side_by_side(struct rig *rig)
{
	static const uint8_t places[] = { RAW_DEVICE, 0, END_DEVICE, 1 };

	for (size_t i = 0; i < sizeof(places); i++)
		open_device(rig, places[i], 0);
	for (size_t i = 0; i < sizeof(places); i++)
		CHECK_EQUAL(open_at(rig, places[i], 1), ACCESS_DENIED);
	CHECK(!is_held(rig));
}

static void close_ends_lock(struct rig *rig)
{
	struct call next = { 0 };

	open_files(rig, 1);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	queue_allocate(rig, &next, 0);
	CHECK_EQUAL(ask_device_major(rig, 1, 0, IRP_MJ_CLEANUP), SUCCESS);
	check_ended(&next, SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
}

/* What the file had set is as if it had not been there. */
static void close_forgets(struct rig *rig)
{
	struct SERIAL_TIMEOUTS timeouts = { 1, 2, 3, 4, 5 };
	struct SERIAL_TIMEOUTS found;
	uint16_t exclude = ECP_HW | EPP_HW;
	uint8_t address = 9;
	struct call set = { .buffer = &timeouts, .input_bytes = sizeof(timeouts) };
	struct call get = { .buffer = &found, .output_bytes = sizeof(found) };
	struct call caps = { .buffer = &exclude, .input_bytes = 2, .output_bytes = 2 };
	struct call tell = { .buffer = &address, .input_bytes = 1 };
	struct call told = { .buffer = &address, .output_bytes = 1 };

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(control(rig, &set, END_DEVICE, IOCTL_SERIAL_SET_TIMEOUTS), SUCCESS);
	CHECK_EQUAL(control(rig, &caps, END_DEVICE, IOCTL_PAR_GET_DEVICE_CAPS), SUCCESS);
	CHECK_EQUAL(control(rig, &tell, END_DEVICE, IOCTL_PAR_SET_WRITE_ADDRESS), SUCCESS);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ANY_PROTOCOL, ANY_PROTOCOL), SUCCESS);
	close_device(rig, END_DEVICE, 0);
	open_device(rig, END_DEVICE, 1);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK_EQUAL(control(rig, &get, END_DEVICE, IOCTL_SERIAL_GET_TIMEOUTS), SUCCESS);
	CHECK_EQUAL(found.ReadIntervalTimeout + found.ReadTotalTimeoutMultiplier, 0);
	CHECK_EQUAL(found.ReadTotalTimeoutConstant, 60000);
	CHECK_EQUAL(found.WriteTotalTimeoutConstant, 60000);
	CHECK_EQUAL(control(rig, &told, END_DEVICE, IOCTL_PAR_GET_WRITE_ADDRESS), SUCCESS);
	CHECK_EQUAL(address, 0);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ANY_PROTOCOL, ANY_PROTOCOL), SUCCESS);
	check_mode(rig, END_DEVICE, ECP_HW, ECP_HW);
}

static void close_ends_requests(struct rig *rig)
{
	struct call writes[2] = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 1);
	queue_write(rig, &writes[0], END_DEVICE, "abc", 3);
	queue_write(rig, &writes[1], END_DEVICE, "def", 3);
	rig_settle(rig);
	CHECK(!writes[0].done && !writes[1].done);
	close_device(rig, END_DEVICE, 0);
	rig_settle(rig);
	CHECK_EQUAL(writes[0].status, CANCELLED);
	check_ended(&writes[1], CANCELLED);
	CHECK(!is_held(rig));
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	open_device(rig, END_DEVICE, 1);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "x", 1), SUCCESS);
}

/* What comes after CLEANUP has nobody to end it. */
static void nothing_after_cleanup(struct rig *rig)
{
	struct call write = { .major = IRP_MJ_WRITE, .buffer = (char[]){ "x" }, .input_bytes = 1 };

	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), INVALID_DEVICE_REQUEST);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_device_major(rig, END_DEVICE, 0, IRP_MJ_CLEANUP), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(finish_at(rig, &write, END_DEVICE), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(ask_device_major(rig, END_DEVICE, 0, IRP_MJ_CLOSE), SUCCESS);
	CHECK(!is_held(rig));
	check_heard(rig, END_DEVICE, "", 0);
}

/* ---- QUERY_INFORMATION, SET_INFORMATION ----------------------------------------------------- */

static void query(struct rig *rig, struct call *call, uint32_t class, uint32_t bytes)
{
	static uint8_t buffer[64];

	memset(buffer, 0xee, sizeof(buffer));
	*call = (struct call){ .major = IRP_MJ_QUERY_INFORMATION,
			       .information_class = class,
			       .buffer = buffer,
			       .output_bytes = bytes };
	send_to(rig, call, RAW_DEVICE);
}

static void standard_information(struct rig *rig)
{
	const struct FILE_STANDARD_INFORMATION *info;
	struct call call;

	open_device(rig, RAW_DEVICE, 0);
	query(rig, &call, 5, 24);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, 24);
	info = call.buffer;
	CHECK_EQUAL(info->AllocationSize, 0);
	CHECK_EQUAL(info->EndOfFile, 0);
	CHECK_EQUAL(info->NumberOfLinks, 0);
	CHECK_EQUAL(info->DeletePending, 0);
	CHECK_EQUAL(info->Directory, 0);
	query(rig, &call, 5, 64);
	CHECK_EQUAL(call.information, 24);
}

static void position_information(struct rig *rig)
{
	const struct FILE_POSITION_INFORMATION *info;
	struct call call;

	open_device(rig, RAW_DEVICE, 0);
	query(rig, &call, 14, 8);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, 8);
	info = call.buffer;
	CHECK_EQUAL(info->CurrentByteOffset, 0);
}

static void wrong_information(struct rig *rig)
{
	struct call call;

	open_device(rig, RAW_DEVICE, 0);
	query(rig, &call, 5, 23);
	CHECK_EQUAL(call.returned, BUFFER_TOO_SMALL);
	query(rig, &call, 14, 7);
	CHECK_EQUAL(call.returned, BUFFER_TOO_SMALL);
	for (uint32_t class = 0; class < 64; class ++) {
		if (class == 5 || class == 14)
			continue;
		query(rig, &call, class, 64);
		CHECK_EQUAL(call.returned, INVALID_PARAMETER);
	}
	for (uint32_t class = 0; class < 64; class ++) {
		call = (struct call){ .major = IRP_MJ_SET_INFORMATION, .information_class = class };
		send_to(rig, &call, RAW_DEVICE);
		CHECK_EQUAL(call.returned, class == 20 ? SUCCESS : INVALID_PARAMETER);
	}
}

/* ---- devices come and go --------------------------------------------------------------------- */

static uint32_t chain_devices(struct rig *rig)
{
	uint32_t count = 0;

	while (count < END_DEVICE && rig_is_there(rig, (uint8_t)count, NULL))
		count++;
	for (uint8_t place = (uint8_t)count; place < END_DEVICE; place++)
		CHECK(!rig_is_there(rig, place, NULL));
	return count;
}

static void ids_ascend(struct rig *rig)
{
	static const char *const wanted[] = {
		"MFG:Acme;MDL:Zip;CLS:MEDIA;",  "MFG:Acme;MDL:Scanner;",
		"MFG:Bolt;MDL:Plotter;",        "MFG:Bolt;MDL:Camera;",
		"MFG:End;MDL:Printer;CMD:PCL;",
	};
	char id[4096];

	for (uint8_t place = 0; place <= END_DEVICE; place++) {
		CHECK(rig_is_there(rig, place, id));
		CHECK(strcmp(id, wanted[place]) == 0);
	}
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, 4);
}

static void two_at_most(struct rig *rig)
{
	for (uint32_t attached = 0; attached <= 4; attached++) {
		rig_change_chain(rig, attached, CHAIN_SOUND);
		rig_look(rig);
		CHECK_EQUAL(chain_devices(rig), attached < 2 ? attached : 2);
		CHECK(rig_is_there(rig, RAW_DEVICE, NULL));
	}
	CHECK(!is_held(rig));
}

static void counted(struct rig *rig)
{
	uint32_t changes = rig_changes(rig);

	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(chain_devices(rig), 2);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	CHECK_EQUAL(chain_devices(rig), 1);
	CHECK(rig_is_there(rig, END_DEVICE, NULL));
	CHECK(rig_changes(rig) > changes);
	changes = rig_changes(rig);
	rig_look(rig);
	CHECK(rig_changes(rig) > changes);
}

/* An id is that of who was there at the last look. */
static void ids_follow(struct rig *rig)
{
	char id[4096];

	rig_plug(rig, 1, DEVICE_SILENT);
	rig_look(rig);
	CHECK(rig_is_there(rig, 1, id));
	CHECK_EQUAL(id[0], 0);
	rig_plug(rig, 1, DEVICE_NIBBLE);
	rig_look(rig);
	CHECK(rig_is_there(rig, 1, id));
	CHECK(id[0]);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_look(rig);
	CHECK(!rig_is_there(rig, 1, id));
	CHECK_EQUAL(id[0], 0);
}

/* A count gives addresses anew: who has which has not been asked. */
static void count_forgets_ids(struct rig *rig)
{
	char id[4096];

	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	for (uint8_t place = 0; place < 2; place++) {
		CHECK(rig_is_there(rig, place, id));
		CHECK_EQUAL(id[0], 0);
	}
	CHECK(rig_is_there(rig, END_DEVICE, id));
	CHECK(id[0]);
}

/* Whoever is asked by a client is not looked at: what the port told of it stays. */
static void query_tells_nobody(struct rig *rig)
{
	char known[4096], told[64];
	struct call query = { .buffer = told, .output_bytes = sizeof(told) };

	open_device(rig, 1, 0);
	rig_plug(rig, 1, DEVICE_PLAIN);
	rig_look(rig);
	CHECK(rig_is_there(rig, 1, known));
	rig_plug(rig, 1, DEVICE_NIBBLE);
	CHECK_EQUAL(control(rig, &query, 1, IOCTL_PAR_QUERY_DEVICE_ID), SUCCESS);
	CHECK(strcmp(told, "MFG:Acme;MDL:Scanner;") == 0);
	CHECK(rig_is_there(rig, 1, known));
	CHECK_EQUAL(known[0], 0);
}

static void look_after_removal(struct rig *rig)
{
	uint32_t changes;

	rig_remove(rig, true);
	rig_settle(rig);
	changes = rig_changes(rig);
	rig_look(rig);
	CHECK_EQUAL(rig_changes(rig), changes + 1);
}

/* Only who answered with an id is an end-of-chain device. */
static void end_needs_id(struct rig *rig)
{
	static const enum device_kind without[] = { DEVICE_PLAIN, DEVICE_SILENT, DEVICE_BAD_ID };
	char id[4096];

	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		rig_plug(rig, END_DEVICE, without[i]);
		rig_look(rig);
		CHECK(!rig_is_there(rig, END_DEVICE, id));
		CHECK_EQUAL(id[0], 0);
		CHECK(rig_is_there(rig, RAW_DEVICE, NULL));
		CHECK_EQUAL(open_at(rig, END_DEVICE, 0), INVALID_DEVICE_REQUEST);
		rig_plug(rig, END_DEVICE, DEVICE_NIBBLE);
		rig_look(rig);
		CHECK(rig_is_there(rig, END_DEVICE, id));
		CHECK(strncmp(id, "MFG:End;", 8) == 0);
	}
}

static void look_waits_its_turn(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	rig_change_chain(rig, 0, CHAIN_SOUND);
	rig_look(rig);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(chain_devices(rig), 2);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(chain_devices(rig), 0);
	CHECK(!is_held(rig));
}

/* The one that has gone is removed as long as its file is open, and comes back afterwards. */
static void open_device_vanishes(struct rig *rig)
{
	struct call write = { 0 };

	open_files(rig, 1);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &write, 1, "abc", 3);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, 0, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	rig_settle(rig);
	check_ended(&write, DELETE_PENDING);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), DELETE_PENDING);
	CHECK_EQUAL(open_at(rig, 1, 1), DELETE_PENDING);
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, 0, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	CHECK(!rig_is_there(rig, 1, NULL));
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), DELETE_PENDING);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	close_device(rig, 1, 0);
	CHECK(rig_is_there(rig, 1, NULL));
	open_device(rig, 1, 1);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
}

static void vanished_for_good(struct rig *rig)
{
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
	rig_change_chain(rig, 0, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	rig_settle(rig);
	CHECK(!is_held(rig));
	CHECK_EQUAL(open_at(rig, 0, 1), DELETE_PENDING);
	close_device(rig, 0, 0);
	CHECK_EQUAL(open_at(rig, 0, 0), INVALID_DEVICE_REQUEST);
}

static const struct contract_case cases[] = {
	{ "C-111 the first open succeeds, the second: ACCESS_DENIED", exclusive, 0 },
	{ "C-112 after close the device opens again", opens_again, 0 },
	{ "C-113 open as a directory: NOT_A_DIRECTORY", as_directory, ON_POOR_CHIP },
	{ "C-114 open with no hardware: INVALID_DEVICE_REQUEST", no_hardware, ON_POOR_CHIP },
	{ "C-115 open after surprise removal, after removal", open_after_removal, 0 },
	{ "C-116 LPT1, LPT1.0, LPT1.4 do not exclude each other", side_by_side, ON_POOR_CHIP },
	{ "C-117 close with the lock held releases the port", close_ends_lock, ON_POOR_CHIP },
	{ "C-117 close restores what its file had set", close_forgets, ON_RICH_CHIP },
	{ "C-117 close ends what its file had asked for", close_ends_requests, ON_POOR_CHIP },
	{ "C-117 nothing is asked of a device that nobody has open", nothing_after_cleanup,
	  ON_POOR_CHIP },
	{ "C-118 FileStandardInformation: five zeros, Information 24", standard_information, 0 },
	{ "C-119 FilePositionInformation: offset 0, Information 8", position_information, 0 },
	{ "C-120 short length: BUFFER_TOO_SMALL, other class: INVALID_PARAMETER", wrong_information,
	  0 },
	{ "C-009 IDs ascend from the device nearest the port", ids_ascend,
	  ON_POOR_CHIP | NEEDS_FOUR },
	{ "C-010 two daisy devices at most by default", two_at_most, ON_POOR_CHIP },
	{ "C-006 a count says which daisy devices there are", counted, ON_POOR_CHIP },
	{ "C-007 an end-of-chain device is one that answered with an id", end_needs_id,
	  ON_POOR_CHIP },
	{ "the port looks who is there in its turn", look_waits_its_turn, ON_POOR_CHIP },
	{ "C-114 an open device that vanishes: DELETE_PENDING until closed", open_device_vanishes,
	  ON_POOR_CHIP },
	{ "C-114 a locked device that vanishes gives the port back", vanished_for_good,
	  ON_POOR_CHIP },
	{ "an id is that of who was there at the last look", ids_follow, ON_POOR_CHIP },
	{ "INIT_1284_3_BUS leaves no id of who stood there before", count_forgets_ids,
	  ON_POOR_CHIP },
	{ "QUERY_DEVICE_ID changes nothing in the list of devices", query_tells_nobody,
	  ON_POOR_CHIP },
	{ "a look at a removed port ends, too", look_after_removal, ON_POOR_CHIP },
};

CASE_TABLE(device_open_cases, cases);
