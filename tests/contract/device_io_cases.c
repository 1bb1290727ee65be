/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing.
 */
#include <string.h>

#include "device_case.h"

#define PAGE_BYTES 500

static uint8_t page[PAGE_BYTES];

static void fill_page(void)
{
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7 + i / 256);
}

static void set_timeouts(struct rig *rig, uint8_t place, struct SERIAL_TIMEOUTS timeouts)
{
	struct call call = { .buffer = &timeouts, .input_bytes = sizeof(timeouts) };

	CHECK_EQUAL(control(rig, &call, place, IOCTL_SERIAL_SET_TIMEOUTS), SUCCESS);
	CHECK_EQUAL(call.information, 0);
}

/* ---- WRITE ---------------------------------------------------------------------------- */

static void write_arrives(struct rig *rig)
{
	static const uint8_t places[] = { 0, 1, END_DEVICE, RAW_DEVICE };

	fill_page();
	for (size_t i = 0; i < sizeof(places); i++) {
		struct call write = { 0 };

		open_device(rig, places[i], 0);
		queue_write(rig, &write, places[i], page, sizeof(page));
		CHECK(!write.done);
		rig_settle(rig);
		CHECK_EQUAL(write.status, SUCCESS);
		CHECK_EQUAL(write.information, sizeof(page));
		check_heard(rig, places[i] < END_DEVICE ? places[i] : END_DEVICE, page,
			    sizeof(page));
	}
}

static void write_by_each_protocol(struct rig *rig)
{
	static const uint16_t protocols[] = { CENTRONICS, COMPATIBILITY, EPP_HW,
					      EPP_SW,     ECP_HW,        ECP_SW };

	fill_page();
	open_device(rig, END_DEVICE, 0);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		CHECK_EQUAL(negotiate(rig, END_DEVICE, 0, protocols[i]), SUCCESS);
		check_mode(rig, END_DEVICE, NIBBLE, protocols[i]);
		CHECK_EQUAL(write_to(rig, END_DEVICE, page, sizeof(page)), SUCCESS);
		check_heard(rig, END_DEVICE, page, sizeof(page));
		CHECK(!is_held(rig));
	}
}

static void offset_is_refused(struct rig *rig)
{
	static const int64_t offsets[] = { 1, -1, INT64_MIN, INT64_C(0x100000000) };
	char bytes[4] = "abc";

	open_device(rig, RAW_DEVICE, 0);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct call read = { .major = IRP_MJ_READ,
				     .byte_offset = offsets[i],
				     .buffer = bytes,
				     .output_bytes = 4 };
		struct call write = { .major = IRP_MJ_WRITE,
				      .byte_offset = offsets[i],
				      .buffer = bytes,
				      .input_bytes = 4 };

		send_to(rig, &read, RAW_DEVICE);
		CHECK_EQUAL(read.returned, INVALID_PARAMETER);
		send_to(rig, &write, RAW_DEVICE);
		CHECK_EQUAL(write.returned, INVALID_PARAMETER);
		CHECK_EQUAL(read.information + write.information, 0);
	}
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
}

static void locks_by_itself(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;
	struct call write = { 0 };

	open_files(rig, 1);
	open_device(rig, 1, 0);
	counts = rig_counters(rig);
	CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
	CHECK_EQUAL(rig_counters(rig).PortAllocates - counts.PortAllocates, 1);
	CHECK_EQUAL(rig_counters(rig).PortFrees - counts.PortFrees, 1);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &write, 1, "def", 3);
	rig_settle(rig);
	CHECK(!write.done);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(write.status, SUCCESS);
	check_heard(rig, 1, "abcdef", 6);
	CHECK(!is_held(rig));
}

static void busy_port(struct rig *rig)
{
	struct call write = { 0 };
	struct call read = { 0 };
	char bytes[4];

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	queue_read(rig, &read, 0, bytes, sizeof(bytes));
	rig_pass_ms(rig, LOCK_MS - 100);
	CHECK(!write.done && !read.done);
	rig_pass_ms(rig, 200);
	check_ended(&write, DEVICE_BUSY);
	check_ended(&read, DEVICE_BUSY);
	CHECK_EQUAL(waiters(rig), 0);
	check_heard(rig, END_DEVICE, "", 0);
}

/* ---- READ -------------------------------------------------------------------------------- */

static void read_by_protocol(struct rig *rig)
{
	static const uint16_t protocols[] = { NIBBLE, BYTE_MODE, ECP_HW, ECP_SW, EPP_HW, EPP_SW };
	char bytes[8];
	uint32_t moved;

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	rig_say(rig, END_DEVICE, "nibbles", 7);
	CHECK_EQUAL(read_from(rig, END_DEVICE, bytes, 7, &moved), SUCCESS);
	CHECK_EQUAL(moved, 7);
	CHECK(memcmp(bytes, "nibbles", 7) == 0);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_NIBBLE_OR_BYTE);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		CHECK_EQUAL(negotiate(rig, END_DEVICE, protocols[i], 0), SUCCESS);
		check_mode(rig, END_DEVICE, protocols[i], CENTRONICS);
		rig_say(rig, END_DEVICE, "byebyes", 7);
		CHECK_EQUAL(read_from(rig, END_DEVICE, bytes, 7, &moved), SUCCESS);
		CHECK_EQUAL(moved, 7);
		CHECK(memcmp(bytes, "byebyes", 7) == 0);
		CHECK_EQUAL(rig_mode(rig, END_DEVICE) == IN_ECP,
			    protocols[i] == ECP_HW || protocols[i] == ECP_SW);
		CHECK_EQUAL(rig_mode(rig, END_DEVICE) == IN_EPP,
			    protocols[i] == EPP_HW || protocols[i] == EPP_SW);
	}
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
}

static void reads_what_there_is(struct rig *rig)
{
	char bytes[16] = "untouched";
	uint32_t moved;

	open_device(rig, 0, 0);
	set_timeouts(rig, 0, (struct SERIAL_TIMEOUTS){ .ReadTotalTimeoutConstant = 300 });
	rig_say(rig, 0, "abc", 3);
	CHECK_EQUAL(read_from(rig, 0, bytes, sizeof(bytes), &moved), SUCCESS);
	CHECK_EQUAL(moved, 3);
	CHECK(memcmp(bytes, "abcouched", 9) == 0);
	CHECK_EQUAL(read_from(rig, 0, bytes, sizeof(bytes), &moved), SUCCESS);
	CHECK_EQUAL(moved, 0);
	CHECK(!is_held(rig));
}

static void silent_reader(struct rig *rig)
{
	struct call read = { 0 };
	char bytes[4];

	open_device(rig, RAW_DEVICE, 0);
	queue_read(rig, &read, RAW_DEVICE, bytes, sizeof(bytes));
	rig_settle(rig);
	CHECK(!read.done);
	rig_cancel(rig, &read);
	rig_settle(rig);
	check_ended(&read, CANCELLED);
	CHECK(!is_held(rig));
}

/* ---- the line ------------------------------------------------------------------------------- */

static void queued_cancelled(struct rig *rig)
{
	struct call calls[3] = { 0 };
	char bytes[4];

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &calls[0], END_DEVICE, "abc", 3);
	queue_read(rig, &calls[1], END_DEVICE, bytes, sizeof(bytes));
	queue_write(rig, &calls[2], END_DEVICE, "def", 3);
	rig_cancel(rig, &calls[1]);
	check_ended(&calls[1], CANCELLED);
	rig_cancel(rig, &calls[0]);
	check_ended(&calls[0], CANCELLED);
	CHECK(!calls[2].done);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(calls[2].status, SUCCESS);
	check_heard(rig, END_DEVICE, "def", 3);
}

static void cancelled_before(struct rig *rig)
{
	struct call write = { .major = IRP_MJ_WRITE,
			      .buffer = (char[]){ "abc" },
			      .input_bytes = 3,
			      .cancelled = true };

	open_device(rig, END_DEVICE, 0);
	send_to(rig, &write, END_DEVICE);
	CHECK_EQUAL(write.returned, CANCELLED);
	rig_settle(rig);
	check_heard(rig, END_DEVICE, "", 0);
}

static void running_cancelled(struct rig *rig)
{
	struct call write = { 0 };
	uint8_t heard[PAGE_BYTES];
	uint32_t count;

	fill_page();
	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 40);
	queue_write(rig, &write, END_DEVICE, page, 100);
	rig_settle(rig);
	CHECK(!write.done);
	rig_cancel(rig, &write);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, CANCELLED);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	rig_settle(rig);
	count = rig_heard(rig, END_DEVICE, heard, sizeof(heard));
	CHECK(count >= 40);
	CHECK_EQUAL(write.information, count);
	CHECK(memcmp(heard, page, count) == 0);
	CHECK(!is_held(rig));
	CHECK_EQUAL(write_to(rig, END_DEVICE, "xyz", 3), SUCCESS);
	check_heard(rig, END_DEVICE, "xyz", 3);
}

static void running_read_cancelled(struct rig *rig)
{
	struct call read = { 0 };
	char bytes[8] = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig_say(rig, END_DEVICE, "abc", 3);
	queue_read(rig, &read, END_DEVICE, bytes, sizeof(bytes));
	rig_settle(rig);
	CHECK(!read.done);
	rig_cancel(rig, &read);
	rig_settle(rig);
	CHECK_EQUAL(read.status, CANCELLED);
	CHECK_EQUAL(read.information, 3);
	CHECK(memcmp(bytes, "abc", 3) == 0);
	CHECK(!is_held(rig));
}

static void arrival_order(struct rig *rig)
{
	struct call calls[5] = { 0 };
	char bytes[2];
	uint8_t address = 5;
	struct call told = { .major = IRP_MJ_DEVICE_CONTROL,
			     .code = IOCTL_PAR_GET_WRITE_ADDRESS,
			     .buffer = &address,
			     .output_bytes = 1 };
	struct call set = { .major = IRP_MJ_DEVICE_CONTROL,
			    .code = IOCTL_PAR_SET_WRITE_ADDRESS,
			    .buffer = &address,
			    .input_bytes = 1 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	rig_say(rig, 0, "hi", 2);
	queue_write(rig, &calls[0], 0, "abc", 3);
	send_to(rig, &told, 0);
	send_to(rig, &set, 0);
	queue_read(rig, &calls[1], 0, bytes, sizeof(bytes));
	queue_write(rig, &calls[2], 0, "def", 3);
	CHECK(!told.done && !set.done);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(calls[1].status, SUCCESS);
	CHECK(memcmp(bytes, "hi", 2) == 0);
	CHECK(calls[0].order < told.order && told.order < set.order);
	CHECK(set.order < calls[1].order && calls[1].order < calls[2].order);
	CHECK_EQUAL(address, 0);
	check_heard(rig, 0, "abcdef", 6);
}

/* Several devices of one port: as the port's own line says. */
static void devices_in_turn(struct rig *rig)
{
	struct call calls[3] = { 0 };
	struct call next = { 0 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &calls[0], END_DEVICE, "end", 3);
	queue_write(rig, &calls[1], 1, "one", 3);
	queue_allocate(rig, &next, 0);
	queue_write(rig, &calls[2], 0, "zero", 4);
	CHECK_EQUAL(waiters(rig), 4);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK(calls[0].order < calls[1].order && calls[1].order < next.order);
	CHECK(!calls[2].done);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(calls[2].status, SUCCESS);
	check_heard(rig, 0, "zero", 4);
	check_heard(rig, 1, "one", 3);
	check_heard(rig, END_DEVICE, "end", 3);
}

static void no_bytes(struct rig *rig)
{
	struct call read = { .major = IRP_MJ_READ };
	struct call write = { .major = IRP_MJ_WRITE, .buffer = (char[]){ "" }, .input_bytes = 0 };
	struct call bufferless = { .major = IRP_MJ_WRITE, .input_bytes = 50 };
	uint64_t accesses;

	open_device(rig, END_DEVICE, 0);
	accesses = rig_accesses(rig);
	CHECK_EQUAL(finish_at(rig, &read, END_DEVICE), SUCCESS);
	CHECK_EQUAL(finish_at(rig, &write, END_DEVICE), SUCCESS);
	CHECK_EQUAL(finish_at(rig, &bufferless, END_DEVICE), SUCCESS);
	CHECK_EQUAL(read.information + write.information + bufferless.information, 0);
	CHECK_EQUAL(rig_accesses(rig), accesses);
}

/* ---- callbacks ---------------------------------------------------------------------------------- */

static void callbacks_move(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	uint32_t moved = 77;
	char bytes[8] = { 0 };

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, (char[]){ "abc" }, 3, &moved, 0),
		    SUCCESS);
	CHECK_EQUAL(moved, 3);
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, (char[]){ "de" }, 2, &moved, 200),
		    SUCCESS);
	CHECK_EQUAL(moved, 2);
	check_heard(rig, END_DEVICE, "abcde", 5);
	set_timeouts(rig, END_DEVICE, (struct SERIAL_TIMEOUTS){ .ReadTotalTimeoutConstant = 100 });
	rig_say(rig, END_DEVICE, "xyz", 3);
	CHECK_EQUAL(info.ParallelRead(info.ParclassContext, bytes, 8, &moved, 77), SUCCESS);
	CHECK_EQUAL(moved, 3);
	CHECK(memcmp(bytes, "xyz", 4) == 0);
	moved = 77;
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, NULL, 0, &moved, 0), SUCCESS);
	CHECK_EQUAL(moved, 0);
	CHECK(is_held(rig));
}

static void callback_counts_on_error(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	uint32_t moved = 77;

	fill_page();
	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	set_timeouts(rig, END_DEVICE, (struct SERIAL_TIMEOUTS){ .WriteTotalTimeoutConstant = 100 });
	rig_room(rig, END_DEVICE, 10);
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, page, 100, &moved, 0), TIMEOUT);
	CHECK(moved >= 10 && moved < 100);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	check_heard(rig, END_DEVICE, page, moved);
}

/* ---- time-outs -------------------------------------------------------------------------------------- */

static void timeouts_round_trip(struct rig *rig)
{
	const struct SERIAL_TIMEOUTS wanted = { 11, 22, 33, 44, 55 };
	struct SERIAL_TIMEOUTS refused = { UINT32_MAX, 0, UINT32_MAX, 0, 0 };
	struct SERIAL_TIMEOUTS found;
	struct call get = { .buffer = &found, .output_bytes = sizeof(found) };
	struct call bad = { .buffer = &refused, .input_bytes = sizeof(refused) };

	open_device(rig, RAW_DEVICE, 0);
	set_timeouts(rig, RAW_DEVICE, wanted);
	CHECK_EQUAL(control(rig, &bad, RAW_DEVICE, IOCTL_SERIAL_SET_TIMEOUTS), INVALID_PARAMETER);
	CHECK_EQUAL(control(rig, &get, RAW_DEVICE, IOCTL_SERIAL_GET_TIMEOUTS), SUCCESS);
	CHECK_EQUAL(get.information, 20);
	CHECK(memcmp(&found, &wanted, sizeof(found)) == 0);
	refused.ReadTotalTimeoutConstant = 5;
	set_timeouts(rig, RAW_DEVICE, refused);
}

/* A device that takes @room bytes and no more, or has @trouble, within 100 ms. */
static void write_in_vain(struct rig *rig, enum device_trouble trouble, int32_t status)
{
	struct call write = { 0 };
	uint8_t heard[PAGE_BYTES];
	uint32_t count;

	fill_page();
	rig_room(rig, END_DEVICE, 20);
	queue_write(rig, &write, END_DEVICE, page, sizeof(page));
	rig_trouble(rig, END_DEVICE, trouble);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, status);
	rig_trouble(rig, END_DEVICE, TROUBLE_NONE);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	rig_settle(rig);
	count = rig_heard(rig, END_DEVICE, heard, sizeof(heard));
	CHECK_EQUAL(write.information, count);
	CHECK(memcmp(heard, page, count) == 0);
	CHECK(!is_held(rig));
}

static void write_times_out(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, END_DEVICE, 0);
	set_timeouts(rig, END_DEVICE, (struct SERIAL_TIMEOUTS){ .WriteTotalTimeoutConstant = 100 });
	write_in_vain(rig, TROUBLE_NONE, TIMEOUT);
	write_in_vain(rig, TROUBLE_PAPER, PAPER_EMPTY);
	write_in_vain(rig, TROUBLE_OFF_LINE, OFF_LINE);
	write_in_vain(rig, TROUBLE_ERROR, OFF_LINE);
	write_in_vain(rig, TROUBLE_POWER, POWERED_OFF);
	rig_unplug(rig, END_DEVICE);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_settle(rig);
	check_ended(&write, NOT_CONNECTED);
}

/* By default a device that is dead holds up the line for a minute. */
static void default_timeout(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 0);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_pass_ms(rig, 59000);
	CHECK(!write.done);
	rig_pass_ms(rig, 2000);
	CHECK(write.done);
	CHECK_EQUAL(write.status, TIMEOUT);
}

static const struct contract_case cases[] = {
	{ "C-150 WRITE pends, then tells the bytes that arrived in order", write_arrives,
	  ON_POOR_CHIP },
	{ "C-150 C-138 WRITE goes by the negotiated protocol", write_by_each_protocol,
	  ON_RICH_CHIP },
	{ "C-151 READ goes by nibble mode, then by the negotiated protocol", read_by_protocol,
	  ON_RICH_CHIP },
	{ "C-151 READ ends with what there is when its time is over", reads_what_there_is,
	  ON_POOR_CHIP },
	{ "C-152 ByteOffset other than 0: INVALID_PARAMETER", offset_is_refused, 0 },
	{ "C-153 an unlocked transfer takes and frees the port", locks_by_itself, ON_POOR_CHIP },
	{ "C-154 a port that stays busy: DEVICE_BUSY", busy_port, ON_POOR_CHIP },
	{ "C-155 cancelled in line: CANCELLED, the hardware not touched", queued_cancelled,
	  ON_POOR_CHIP },
	{ "C-155 cancelled before it came: CANCELLED", cancelled_before, ON_POOR_CHIP },
	{ "C-156 a running WRITE is cancelled: exact count, device usable", running_cancelled,
	  ON_POOR_CHIP },
	{ "C-156 a running READ is cancelled: exact count", running_read_cancelled, ON_POOR_CHIP },
	{ "C-156 a READ that nobody answers is cancelled", silent_reader, ON_POOR_CHIP },
	{ "C-157 requests of one device run in arrival order", arrival_order, ON_POOR_CHIP },
	{ "C-157 devices of one port take their turns", devices_in_turn, ON_POOR_CHIP },
	{ "C-158 length 0: SUCCESS, Information 0, nothing touched", no_bytes, ON_POOR_CHIP },
	{ "C-159 ParallelRead, ParallelWrite tell counts, ignore Channel", callbacks_move,
	  ON_POOR_CHIP },
	{ "C-159 ParallelWrite tells the count on error, too", callback_counts_on_error,
	  ON_POOR_CHIP },
	{ "C-160 time-outs come back; both MAXULONG: INVALID_PARAMETER", timeouts_round_trip, 0 },
	{ "C-161 a WRITE out of time: TIMEOUT or the line fault, exact count", write_times_out,
	  ON_POOR_CHIP },
	{ "C-161 by default a WRITE has a minute", default_timeout, ON_POOR_CHIP },
};

CASE_TABLE(device_io_cases, cases);
