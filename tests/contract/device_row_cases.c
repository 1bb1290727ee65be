/* SPDX-License-Identifier: MIT */
/*
 * Every request to a device that the documents know: how it succeeds, is too short,
 * finds the port held, is cancelled, meets a removal.
 */
#include <string.h>

#include "device_case.h"

#define BUFFER_BYTES 256

enum path {
	NOW,     /* answered at once, whatever the device does */
	TURN,    /* waits for its turn in the device's line */
	WIRE,    /* the same, and for the port */
	UNLOCKS, /* as TURN; succeeds under a lock only */
};

struct row {
	const char *name;
	uint8_t major;
	uint32_t code; /* of QUERY_INFORMATION and SET_INFORMATION: the class */
	enum path path;
	uint32_t input;
	uint32_t output;
	uint32_t information; /* on success */
	int32_t too_short;    /* what short input gives; 0: BUFFER_TOO_SMALL */
	uint8_t first;        /* byte of input */
};

#define CONTROL(code)  #code, IRP_MJ_DEVICE_CONTROL, code
#define INTERNAL(code) #code, IRP_MJ_INTERNAL_DEVICE_CONTROL, code

#define ID_BYTES sizeof("MFG:End;MDL:Printer;CMD:PCL;")

static const struct row rows[] = {
	{ "READ", IRP_MJ_READ, 0, WIRE, 0, 4, 4, 0, 0 },
	{ "WRITE", IRP_MJ_WRITE, 0, WIRE, 4, 0, 4, 0, 0 },
	{ "FileStandardInformation", IRP_MJ_QUERY_INFORMATION, 5, NOW, 0, 24, 24, 0, 0 },
	{ "FilePositionInformation", IRP_MJ_QUERY_INFORMATION, 14, NOW, 0, 8, 8, 0, 0 },
	{ "FileEndOfFileInformation", IRP_MJ_SET_INFORMATION, 20, NOW, 0, 0, 0, 0, 0 },
	{ CONTROL(IOCTL_PAR_QUERY_INFORMATION), WIRE, 0, 1, 1, 0, 0 },
	{ CONTROL(IOCTL_PAR_SET_INFORMATION), WIRE, 1, 0, 0, 0, 1 },
	{ CONTROL(IOCTL_PAR_QUERY_DEVICE_ID), WIRE, 0, ID_BYTES, ID_BYTES, 0, 0 },
	{ CONTROL(IOCTL_PAR_QUERY_RAW_DEVICE_ID), WIRE, 0, ID_BYTES + 2, ID_BYTES + 2, 0, 0 },
	{ CONTROL(IOCTL_PAR_QUERY_DEVICE_ID_SIZE), WIRE, 0, 4, 4, 0, 0 },
	{ CONTROL(IOCTL_IEEE1284_GET_MODE), NOW, 0, 4, 4, 0, 0 },
	{ CONTROL(IOCTL_IEEE1284_NEGOTIATE), WIRE, 4, 4, 4, INVALID_PARAMETER, NIBBLE },
	{ CONTROL(IOCTL_PAR_SET_WRITE_ADDRESS), TURN, 1, 0, 0, INVALID_PARAMETER, 7 },
	{ CONTROL(IOCTL_PAR_SET_READ_ADDRESS), TURN, 1, 0, 0, INVALID_PARAMETER, 7 },
	{ CONTROL(IOCTL_PAR_GET_WRITE_ADDRESS), TURN, 0, 1, 1, 0, 0 },
	{ CONTROL(IOCTL_PAR_GET_READ_ADDRESS), TURN, 0, 1, 1, 0, 0 },
	{ CONTROL(IOCTL_PAR_GET_DEVICE_CAPS), WIRE, 0, 2, 2, 0, 0 },
	{ CONTROL(IOCTL_PAR_GET_DEFAULT_MODES), NOW, 0, 4, 4, 0, 0 },
	{ CONTROL(IOCTL_PAR_IS_PORT_FREE), NOW, 0, 1, 1, 0, 0 },
	{ CONTROL(IOCTL_PAR_QUERY_LOCATION), NOW, 0, 7, 7, 0, 0 },
	{ CONTROL(IOCTL_SERIAL_SET_TIMEOUTS), NOW, 20, 0, 0, 0, 1 },
	{ CONTROL(IOCTL_SERIAL_GET_TIMEOUTS), NOW, 0, 20, 20, 0, 0 },
	{ CONTROL(IOCTL_OPENPARPORT_QUERY_STATUS), NOW, 0, 176, 176, 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_PARCLASS_CONNECT), NOW, 0, sizeof(struct PARCLASS_INFORMATION),
	  sizeof(struct PARCLASS_INFORMATION), 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_PARCLASS_DISCONNECT), NOW, 0, 0, 0, 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_DISCONNECT_IDLE), TURN, 0, 0, 0, 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_LOCK_PORT), WIRE, 0, 0, 0, 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_LOCK_PORT_NO_SELECT), WIRE, 0, 0, 0, 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_UNLOCK_PORT), UNLOCKS, 0, 0, 0, 0, 0 },
	{ INTERNAL(IOCTL_INTERNAL_UNLOCK_PORT_NO_DESELECT), UNLOCKS, 0, 0, 0, 0, 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What one request needs, alive until it has ended. */
struct asked {
	struct call call;
	uint8_t buffer[BUFFER_BYTES];
};

static void send_row(struct rig *rig, struct asked *asked, const struct row *row, uint32_t input,
		     uint32_t output)
{
	*asked = (struct asked){ .call = { .major = row->major,
					   .code = row->code,
					   .information_class = row->code,
					   .input_bytes = input,
					   .output_bytes = output } };
	asked->call.buffer = input || output ? asked->buffer : NULL;
	asked->buffer[0] = row->first;
	send_to(rig, &asked->call, END_DEVICE);
}

static void send_whole(struct rig *rig, struct asked *asked, const struct row *row)
{
	send_row(rig, asked, row, row->input, row->output);
}

/* ---- success -------------------------------------------------------------------------- */

static void check_success(struct rig *rig, const struct row *row, uint32_t more)
{
	struct asked asked;

	open_device(rig, END_DEVICE, 0);
	rig_say(rig, END_DEVICE, "data", 4);
	if (row->path == UNLOCKS)
		CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	send_row(rig, &asked, row, row->input ? row->input + more : 0,
		 row->output ? row->output + more : 0);
	if (row->path == NOW)
		CHECK(asked.call.returned != PENDING);
	if (row->path == WIRE)
		CHECK_EQUAL(asked.call.returned, PENDING);
	rig_settle(rig);
	CHECK(asked.call.done);
	CHECK_EQUAL(asked.call.status, SUCCESS);
	CHECK_EQUAL(asked.call.information, row->information);
	close_device(rig, END_DEVICE, 0);
	rig_settle(rig);
	CHECK(!is_held(rig));
}

static void success(struct rig *rig)
{
	for (size_t i = 0; i < ROWS; i++)
		check_success(rig, &rows[i], 0);
}

/* Structures are told, not rooms. What moves bytes moves them all. */
static void too_long(struct rig *rig)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].major != IRP_MJ_READ && rows[i].major != IRP_MJ_WRITE)
			check_success(rig, &rows[i], 50);
	}
}

/* ---- too short ---------------------------------------------------------------------------- */

static int32_t status_of_short_input(const struct row *row)
{
	return row->too_short ? row->too_short : BUFFER_TOO_SMALL;
}

static void check_refused(struct rig *rig, const struct row *row, uint32_t input, uint32_t output,
			  int32_t status)
{
	struct asked asked;

	send_row(rig, &asked, row, input, output);
	rig_settle(rig);
	CHECK(asked.call.done);
	CHECK_EQUAL(asked.call.status, status);
	CHECK_EQUAL(asked.call.information, 0);
}

static void too_short(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;

	open_device(rig, END_DEVICE, 0);
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];

		if (row->major == IRP_MJ_READ || row->major == IRP_MJ_WRITE)
			continue;
		for (uint32_t bytes = 0; bytes < row->input; bytes++)
			check_refused(rig, row, bytes, row->output, status_of_short_input(row));
		for (uint32_t bytes = 0; bytes < row->output; bytes++)
			check_refused(rig, row, row->input, bytes, BUFFER_TOO_SMALL);
	}
	counts = rig_counters(rig);
	CHECK_EQUAL(counts.PortAllocates, counts.PortFrees);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
}

/* No buffer at all, whatever the lengths say: a status. */
static void no_buffer(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct call call = { .major = row->major,
				     .code = row->code,
				     .information_class = row->code,
				     .input_bytes = row->input,
				     .output_bytes = row->output };

		if (!row->input && !row->output)
			continue;
		(void)finish_at(rig, &call, END_DEVICE);
		CHECK_EQUAL(call.information, 0);
		if (row->major == IRP_MJ_READ || row->major == IRP_MJ_WRITE)
			CHECK_EQUAL(call.status, SUCCESS);
		else if (row->input)
			CHECK_EQUAL(call.status, status_of_short_input(row));
		else
			CHECK_EQUAL(call.status, BUFFER_TOO_SMALL);
	}
}

/* ---- somebody else holds the port ----------------------------------------------------------- */

static int32_t status_on_busy_port(const struct row *row)
{
	switch (row->path) {
	case WIRE: return DEVICE_BUSY;
	case UNLOCKS: return INVALID_DEVICE_STATE;
	case NOW:
	case TURN: break;
	}
	return SUCCESS;
}

static void busy_port(struct rig *rig)
{
	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	for (size_t i = 0; i < ROWS; i++) {
		struct asked asked;

		send_whole(rig, &asked, &rows[i]);
		CHECK_EQUAL(asked.call.done, rows[i].path != WIRE);
		rig_pass_ms(rig, LOCK_MS + 10);
		CHECK(asked.call.done);
		CHECK_EQUAL(asked.call.status, status_on_busy_port(&rows[i]));
		CHECK_EQUAL(waiters(rig), 0);
	}
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
}

/* ---- behind another request -------------------------------------------------------------------- */

/* The device's line does not move: the port is held, and a WRITE waits for it. */
static void block_line(struct rig *rig, struct call *write)
{
	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, write, END_DEVICE, "abc", 3);
}

static void cancelled(struct rig *rig)
{
	struct call write = { 0 };

	block_line(rig, &write);
	for (size_t i = 0; i < ROWS; i++) {
		struct asked asked;

		send_whole(rig, &asked, &rows[i]);
		CHECK_EQUAL(asked.call.done, rows[i].path == NOW);
		if (asked.call.done)
			continue;
		CHECK_EQUAL(asked.call.returned, PENDING);
		rig_cancel(rig, &asked.call);
		check_ended(&asked.call, CANCELLED);
	}
	CHECK(!write.done);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(write.status, SUCCESS);
	CHECK(is_port_free(rig, END_DEVICE));
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
}

static void cancelled_before_it_came(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	for (size_t i = 0; i < ROWS; i++) {
		struct asked asked = { .call = { .cancelled = true,
						 .major = rows[i].major,
						 .code = rows[i].code,
						 .information_class = rows[i].code,
						 .input_bytes = rows[i].input,
						 .output_bytes = rows[i].output } };

		asked.call.buffer = rows[i].input || rows[i].output ? asked.buffer : NULL;
		asked.buffer[0] = rows[i].first;
		send_to(rig, &asked.call, END_DEVICE);
		CHECK_EQUAL(asked.call.returned, rows[i].path == NOW ? SUCCESS : CANCELLED);
	}
	CHECK_EQUAL(rig_counters(rig).PortAllocates, rig_counters(rig).PortFrees);
}

/* ---- removal ------------------------------------------------------------------------------------- */

static bool serves_until_gone(const struct row *row)
{
	return row->major == IRP_MJ_QUERY_INFORMATION || row->major == IRP_MJ_SET_INFORMATION;
}

static void check_all_refused(struct rig *rig, int32_t status, int32_t of_file_information)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct asked asked;

		send_whole(rig, &asked, &rows[i]);
		CHECK_EQUAL(asked.call.returned,
			    serves_until_gone(&rows[i]) ? of_file_information : status);
		send_row(rig, &asked, &rows[i], 0, 0);
		if (!serves_until_gone(&rows[i]))
			CHECK_EQUAL(asked.call.returned, status);
	}
}

static void removed_in_line(struct rig *rig)
{
	static struct asked asked[ROWS];
	struct call write = { 0 };

	block_line(rig, &write);
	for (size_t i = 0; i < ROWS; i++)
		send_whole(rig, &asked[i], &rows[i]);
	rig_remove(rig, true);
	rig_settle(rig);
	check_ended(&write, DELETE_PENDING);
	for (size_t i = 0; i < ROWS; i++) {
		CHECK(asked[i].call.done);
		if (rows[i].path != NOW)
			check_ended(&asked[i].call, DELETE_PENDING);
	}
	check_all_refused(rig, DELETE_PENDING, SUCCESS);
	rig_remove(rig, false);
	check_all_refused(rig, DEVICE_REMOVED, DEVICE_REMOVED);
	close_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_device_major(rig, END_DEVICE, 0, IRP_MJ_CREATE), DEVICE_REMOVED);
}

static void removed_in_order(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 5);
	queue_write(rig, &write, END_DEVICE, "abcdefghijkl", 12);
	rig_settle(rig);
	CHECK(!write.done);
	rig_remove(rig, false);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, DELETE_PENDING);
	CHECK(write.information >= 5 && write.information < 12);
	check_all_refused(rig, DEVICE_REMOVED, DEVICE_REMOVED);
	CHECK(!is_held(rig));
}

static void removed_while_it_runs(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	struct call write = { 0 };
	uint32_t moved = 77;
	char byte = 'x';

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	rig_room(rig, END_DEVICE, 0);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_settle(rig);
	rig_remove(rig, true);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, DELETE_PENDING);
	CHECK(!is_held(rig));
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, &byte, 1, &moved, 0), DELETE_PENDING);
	CHECK_EQUAL(moved, 0);
	CHECK_EQUAL(info.TerminateIeeeMode(info.ParclassContext), DELETE_PENDING);
	rig_remove(rig, false);
	CHECK_EQUAL(info.IeeeFwdToRevMode(info.ParclassContext), DEVICE_REMOVED);
	CHECK_EQUAL(
		info.ParallelTryselect(info.ParclassContext, (struct PARALLEL_1284_COMMAND){ 0 }),
		DEVICE_REMOVED);
}

/* ---- what no device knows --------------------------------------------------------------------------- */

static bool is_known(uint8_t major, uint32_t code)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].major == major && rows[i].code == code)
			return true;
	}
	return false;
}

static void expect(struct rig *rig, uint8_t major, uint32_t code, int32_t status)
{
	uint8_t buffer[BUFFER_BYTES] = { 0 };
	struct call call = { .major = major,
			     .code = code,
			     .buffer = buffer,
			     .input_bytes = sizeof(buffer),
			     .output_bytes = sizeof(buffer) };

	send_to(rig, &call, END_DEVICE);
	CHECK_EQUAL(call.returned, status);
	CHECK_EQUAL(call.information, 0);
}

static void unknown_codes(struct rig *rig)
{
	static const uint8_t majors[] = { IRP_MJ_DEVICE_CONTROL, IRP_MJ_INTERNAL_DEVICE_CONTROL };

	open_device(rig, END_DEVICE, 0);
	for (int i = 0; i < 2; i++) {
		expect(rig, majors[i], 0, INVALID_PARAMETER);
		expect(rig, majors[i], UINT32_MAX, INVALID_PARAMETER);
		for (uint32_t function = 0; function < 4096; function++) {
			uint32_t codes[] = { OPP_PARALLEL_CODE(function),
					     OPP_PARALLEL_CODE(function) | 1,
					     OPP_OWN_CODE(function), OPP_SERIAL_CODE(function) };

			for (int k = 0; k < 4; k++) {
				if (!is_known(majors[i], codes[k]))
					expect(rig, majors[i], codes[k], INVALID_PARAMETER);
			}
		}
	}
	CHECK(!is_held(rig));
}

/* The numbers that mean something else to a port, or to a device as another major function. */
static void collisions(struct rig *rig)
{
	static const uint32_t of_ports[] = {
		0x16002c, 0x160030, 0x160034, 0x160038, 0x16003c, 0x160050, 0x160054, 0x160058,
	};
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;
	uint8_t buffer[BUFFER_BYTES];
	struct call raw_id = { .buffer = buffer, .output_bytes = sizeof(buffer) };
	struct call location = { .buffer = buffer, .output_bytes = sizeof(buffer) };

	open_device(rig, END_DEVICE, 0);
	counts = rig_counters(rig);
	for (size_t i = 0; i < sizeof(of_ports) / sizeof(of_ports[0]); i++)
		expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, of_ports[i], INVALID_PARAMETER);
	expect(rig, IRP_MJ_DEVICE_CONTROL, 0x16002c, INVALID_PARAMETER);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, counts.PortAllocates);
	CHECK(!is_held(rig));
	CHECK_EQUAL(control(rig, &raw_id, END_DEVICE, 0x160030), SUCCESS);
	CHECK_EQUAL(raw_id.information, ID_BYTES + 2);
	CHECK_EQUAL(control(rig, &location, END_DEVICE, 0x160058), SUCCESS);
	CHECK_EQUAL(location.information, 7);
	CHECK(is_port_free(rig, END_DEVICE));
}

static void other_majors(struct rig *rig)
{
	static const uint32_t of_ports[] = {
		ALLOCATE,
		FREE,
		SELECT,
		DESELECT,
		IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO,
		IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO,
		IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE,
	};

	open_device(rig, END_DEVICE, 0);
	for (size_t i = 0; i < sizeof(of_ports) / sizeof(of_ports[0]); i++)
		expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, of_ports[i], INVALID_PARAMETER);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].major == IRP_MJ_DEVICE_CONTROL)
			expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, rows[i].code,
			       INVALID_PARAMETER);
		if (rows[i].major == IRP_MJ_INTERNAL_DEVICE_CONTROL)
			expect(rig, IRP_MJ_DEVICE_CONTROL, rows[i].code, INVALID_PARAMETER);
	}
	for (uint8_t major = 0; major < 0x1c; major++) {
		if (major > IRP_MJ_SET_INFORMATION && major != IRP_MJ_DEVICE_CONTROL &&
		    major != IRP_MJ_INTERNAL_DEVICE_CONTROL && major != IRP_MJ_CLEANUP)
			expect(rig, major, 0, INVALID_DEVICE_REQUEST);
	}
	expect(rig, 0x01, 0, INVALID_DEVICE_REQUEST);
	CHECK(!is_held(rig));
}

static void undocumented(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	expect(rig, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_PING, INVALID_PARAMETER);
	expect(rig, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_ECP_HOST_RECOVERY, INVALID_PARAMETER);
	expect(rig, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_TEST, INVALID_PARAMETER);
	expect(rig, IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_GET_PARPORT_FDO,
	       INVALID_PARAMETER);
	CHECK(!is_held(rig));
}

/* Under way: a holder with a chip mode, a waiter. All that device requests can fail with. */
static void failures_change_nothing(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = 0x60 };
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;
	struct call waiting = { 0 };

	open_files(rig, 2);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK_EQUAL(ask_with(rig, 0, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, 2), SUCCESS);
	queue_allocate(rig, &waiting, 1);
	counts = rig_counters(rig);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), INVALID_DEVICE_STATE);
	expect(rig, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_PING, INVALID_PARAMETER);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].output)
			check_refused(rig, &rows[i], rows[i].input, 0,
				      rows[i].major == IRP_MJ_READ ? SUCCESS : BUFFER_TOO_SMALL);
	}
	CHECK_EQUAL(rig_counters(rig).PortAllocates, counts.PortAllocates);
	CHECK_EQUAL(rig_counters(rig).PortFrees, counts.PortFrees);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, 0x60);
	CHECK_EQUAL(rig_chip_mode(rig), 0x60);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	check_ended(&waiting, SUCCESS);
	CHECK_EQUAL(ask(rig, 1, FREE), SUCCESS);
}

static const struct contract_case cases[] = {
	{ "every request to a device succeeds, Information as documented", success, ON_RICH_CHIP },
	{ "C-183 too short: each its documented status, nothing done", too_short, ON_POOR_CHIP },
	{ "C-183 no buffer whatever the lengths say: a status", no_buffer, ON_POOR_CHIP },
	{ "C-184 over-long buffers succeed and tell the structure", too_long, ON_RICH_CHIP },
	{ "on a port that another holds: DEVICE_BUSY, or answered at once", busy_port,
	  ON_POOR_CHIP },
	{ "C-129 C-155 every queued request can be cancelled", cancelled, ON_POOR_CHIP },
	{ "cancelled before it came: CANCELLED", cancelled_before_it_came, ON_POOR_CHIP },
	{ "C-177 surprise removal: DELETE_PENDING, then DEVICE_REMOVED", removed_in_line,
	  ON_POOR_CHIP },
	{ "C-177 orderly removal ends what runs, with an exact count", removed_in_order,
	  ON_POOR_CHIP },
	{ "C-177 surprise removal ends what runs, and the lock", removed_while_it_runs,
	  ON_POOR_CHIP },
	{ "C-180 an unknown code, either control major: INVALID_PARAMETER", unknown_codes,
	  ON_POOR_CHIP },
	{ "C-181 colliding numbers are told apart by major function", collisions, ON_POOR_CHIP },
	{ "C-182 codes of ports, other majors: refused by a device", other_majors, ON_POOR_CHIP },
	{ "C-185 undocumented codes of devices: INVALID_PARAMETER", undocumented, ON_POOR_CHIP },
	{ "C-186 a failed request to a device changes nothing", failures_change_nothing,
	  ON_RICH_CHIP },
};

CASE_TABLE(device_row_cases, cases);
