/* SPDX-License-Identifier: MIT */
/*
 * IOCTL_OPENPARPORT_QUERY_STATUS: who has the port, and what it is, from a device's file.
 */
#include <string.h>

#include "device_case.h"

#define HELD_MS 20

struct OPENPARPORT_STATUS query_status(struct rig *rig, uint8_t place)
{
	struct OPENPARPORT_STATUS status;
	struct call call = { .major = IRP_MJ_DEVICE_CONTROL,
			     .code = IOCTL_OPENPARPORT_QUERY_STATUS,
			     .buffer = &status,
			     .output_bytes = sizeof(status) };

	memset(&status, 0xee, sizeof(status));
	send_to(rig, &call, place);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, 176);
	return status;
}

/* ---- the port as it is ------------------------------------------------------------------ */

static void free_port_status(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;
	struct OPENPARPORT_STATUS status;

	open_device(rig, END_DEVICE, 0);
	counts = rig_counters(rig);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.State, OPENPARPORT_FREE);
	CHECK_EQUAL(status.Waiters, 0);
	CHECK_EQUAL(status.HeldMicroseconds, 0);
	CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_NOBODY);
	CHECK_EQUAL(status.HolderPlace, 0);
	CHECK_EQUAL(status.HolderProcess, 0);
	CHECK_EQUAL(status.Allocates, counts.PortAllocates);
	CHECK_EQUAL(status.Frees, counts.PortFrees);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "a", 1), SUCCESS);
	CHECK_EQUAL(query_status(rig, END_DEVICE).Allocates, counts.PortAllocates + 1);
	CHECK_EQUAL(query_status(rig, END_DEVICE).Frees, counts.PortFrees + 1);
}

static void hardware_status(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION port = port_info(rig);
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct OPENPARPORT_STATUS status;

	open_device(rig, RAW_DEVICE, 0);
	status = query_status(rig, RAW_DEVICE);
	CHECK_EQUAL(status.OriginalController, port.OriginalController);
	CHECK_EQUAL(status.SpanOfController, port.SpanOfController);
	CHECK_EQUAL(status.OriginalEcpController, pnp.OriginalEcpController);
	CHECK_EQUAL(status.SpanOfEcpController, pnp.SpanOfEcpController);
	CHECK_EQUAL(status.HardwareCapabilities, pnp.HardwareCapabilities);
	CHECK(status.HardwareCapabilities & PPT_ECP_PRESENT);
	CHECK_EQUAL(status.FifoDepth, pnp.FifoDepth);
	CHECK_EQUAL(status.FifoWidth, pnp.FifoWidth);
	CHECK_EQUAL(status.Ieee1284_3DeviceCount, 2);
	CHECK_EQUAL(status.ChipMode, INITIAL_MODE);
	CHECK_EQUAL(status.Place, OPENPARPORT_RAW);
}

static void chip_mode_status(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = 0x60 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK_EQUAL(ask_with(rig, 0, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, sizeof(mode)),
		    SUCCESS);
	CHECK_EQUAL(query_status(rig, END_DEVICE).ChipMode, 0x60);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
}

/* ---- devices ------------------------------------------------------------------------------ */

static void devices_status(struct rig *rig)
{
	const uint32_t open = OPENPARPORT_DEVICE_PRESENT | OPENPARPORT_DEVICE_OPEN;
	struct OPENPARPORT_STATUS status;

	open_device(rig, RAW_DEVICE, 0);
	open_device(rig, 1, 1);
	status = query_status(rig, RAW_DEVICE);
	CHECK_EQUAL(status.Devices[0].Flags, OPENPARPORT_DEVICE_PRESENT);
	CHECK_EQUAL(status.Devices[1].Flags, open);
	CHECK_EQUAL(status.Devices[2].Flags, 0);
	CHECK_EQUAL(status.Devices[3].Flags, 0);
	CHECK_EQUAL(status.Devices[OPENPARPORT_END_OF_CHAIN].Flags, OPENPARPORT_DEVICE_PRESENT);
	CHECK_EQUAL(status.Devices[OPENPARPORT_RAW].Flags, open);
	CHECK_EQUAL(status.Devices[OPENPARPORT_END_OF_CHAIN].Process, 0);
	CHECK_EQUAL(negotiate(rig, RAW_DEVICE, BYTE_MODE, CENTRONICS), SUCCESS);
	status = query_status(rig, RAW_DEVICE);
	CHECK_EQUAL(status.Devices[OPENPARPORT_RAW].ReadProtocol, BYTE_MODE);
	CHECK_EQUAL(status.Devices[OPENPARPORT_RAW].WriteProtocol, CENTRONICS);
	CHECK_EQUAL(status.Devices[1].ReadProtocol, NIBBLE);
	close_device(rig, 1, 1);
	CHECK_EQUAL(query_status(rig, RAW_DEVICE).Devices[1].Flags, OPENPARPORT_DEVICE_PRESENT);
}

/* ---- who holds it ---------------------------------------------------------------------------- */

static void held_by_file(struct rig *rig)
{
	struct OPENPARPORT_STATUS status;
	struct call waiting = { 0 };

	open_files(rig, 2);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_allocate(rig, &waiting, 1);
	rig_pass_ms(rig, HELD_MS);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.State, OPENPARPORT_HELD);
	CHECK_EQUAL(status.Waiters, 1);
	CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_FILE);
	CHECK(status.HeldMicroseconds >= HELD_MS * 1000);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.State, OPENPARPORT_HELD);
	CHECK_EQUAL(status.Waiters, 0);
	CHECK(status.HeldMicroseconds < HELD_MS * 1000);
	CHECK(status.LongestWaitMicroseconds >= HELD_MS * 1000);
	CHECK(status.LongestHoldMicroseconds >= HELD_MS * 1000);
	CHECK_EQUAL(ask(rig, 1, FREE), SUCCESS);
}

static void held_by_nobody_known(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK(try_allocate(rig));
	CHECK_EQUAL(query_status(rig, END_DEVICE).HolderKind, OPENPARPORT_HOLDER_UNKNOWN);
	free_port(rig);
	CHECK_EQUAL(query_status(rig, END_DEVICE).HolderKind, OPENPARPORT_HOLDER_NOBODY);
}

/* Asked for at another device, and at the very one, whose line does not move. */
static void held_by_device(struct rig *rig)
{
	const uint8_t places[] = { END_DEVICE, RAW_DEVICE };
	struct call write = { 0 };

	open_device(rig, RAW_DEVICE, 0);
	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 0);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_settle(rig);
	CHECK(!write.done);
	for (size_t i = 0; i < sizeof(places); i++) {
		const struct OPENPARPORT_STATUS status = query_status(rig, places[i]);

		CHECK_EQUAL(status.State, OPENPARPORT_HELD);
		CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_DEVICE);
		CHECK_EQUAL(status.HolderPlace, OPENPARPORT_END_OF_CHAIN);
		CHECK(!(status.Devices[OPENPARPORT_END_OF_CHAIN].Flags &
			OPENPARPORT_DEVICE_LOCKED));
	}
	CHECK(!write.done);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	rig_settle(rig);
	CHECK_EQUAL(write.status, SUCCESS);
}

static void held_by_lock(struct rig *rig)
{
	struct OPENPARPORT_STATUS status;

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, IOCTL_INTERNAL_LOCK_PORT), SUCCESS);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_DEVICE);
	CHECK(status.Devices[OPENPARPORT_END_OF_CHAIN].Flags & OPENPARPORT_DEVICE_LOCKED);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, IOCTL_INTERNAL_UNLOCK_PORT), SUCCESS);
	CHECK(!(query_status(rig, END_DEVICE).Devices[OPENPARPORT_END_OF_CHAIN].Flags &
		OPENPARPORT_DEVICE_LOCKED));
}

static const struct contract_case cases[] = {
	{ "status: a free port, its counters", free_port_status, ON_POOR_CHIP },
	{ "status: what the port is made of", hardware_status, ON_RICH_CHIP },
	{ "status: the chip mode that the holder has set", chip_mode_status, ON_RICH_CHIP },
	{ "status: which devices are there, open, in which protocols", devices_status,
	  ON_RICH_CHIP },
	{ "status: held by a file, for how long, who waits", held_by_file, ON_POOR_CHIP },
	{ "status: held by who has no file", held_by_nobody_known, ON_POOR_CHIP },
	{ "status: held by a device at work, told at once", held_by_device, ON_POOR_CHIP },
	{ "status: held by a device's lock", held_by_lock, ON_POOR_CHIP },
};

CASE_TABLE(device_status_cases, cases);
