/* SPDX-License-Identifier: MIT */
/*
 * Connecting to a device, and locking its port for it.
 */
#include <string.h>

#include "device_case.h"

/* ---- PARCLASS_CONNECT, PARCLASS_DISCONNECT --------------------------------------------- */

static void connect_fills_all(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK((uintptr_t)info.Controller == 0x10378);
	CHECK((uintptr_t)info.EcrController == 0x10778);
	CHECK_EQUAL(info.SpanOfController, 8);
	CHECK(info.DetermineIeeeModes && info.NegotiateIeeeMode && info.TerminateIeeeMode);
	CHECK(info.IeeeFwdToRevMode && info.IeeeRevToFwdMode);
	CHECK(info.ParallelRead && info.ParallelWrite && info.ParclassContext);
	CHECK(info.ParallelTryselect && info.ParallelDeSelect);
	CHECK_EQUAL(info.HardwareCapabilities, PPT_ECP_PRESENT | PPT_EPP_PRESENT |
						       PPT_BYTE_PRESENT | PPT_1284_3_PRESENT |
						       rig_spare_capabilities(rig));
	CHECK_EQUAL(info.FifoDepth, pnp_info(rig).FifoDepth);
	CHECK_EQUAL(info.FifoWidth, 8);
}

static void contexts_differ(struct rig *rig)
{
	open_device(rig, RAW_DEVICE, 0);
	open_device(rig, 0, 0);
	CHECK(connect_to(rig, RAW_DEVICE).ParclassContext != connect_to(rig, 0).ParclassContext);
}

static void connect_too_short(struct rig *rig)
{
	uint8_t buffer[sizeof(struct PARCLASS_INFORMATION)] = { 0 };
	struct call call = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
			     .code = IOCTL_INTERNAL_PARCLASS_CONNECT,
			     .buffer = buffer,
			     .output_bytes = sizeof(buffer) - 1 };

	open_device(rig, RAW_DEVICE, 0);
	send_to(rig, &call, RAW_DEVICE);
	CHECK_EQUAL(call.returned, BUFFER_TOO_SMALL);
	CHECK_EQUAL(call.information, 0);
}

static void disconnect_leaves_lock(struct rig *rig)
{
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, IOCTL_INTERNAL_PARCLASS_DISCONNECT), SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, UNLOCK), SUCCESS);
	CHECK(!is_held(rig));
}

/* ---- LOCK, UNLOCK ------------------------------------------------------------------------ */

static void lock_selects(struct rig *rig)
{
	static const uint8_t places[] = { 0, 1, END_DEVICE, RAW_DEVICE };

	for (size_t i = 0; i < sizeof(places); i++) {
		open_device(rig, places[i], 0);
		CHECK_EQUAL(ask_internal(rig, places[i], LOCK), SUCCESS);
		CHECK(is_held(rig));
		CHECK_EQUAL(rig_selected(rig), places[i] < END_DEVICE ? places[i] : END_OF_CHAIN);
		CHECK_EQUAL(ask_internal(rig, places[i], UNLOCK), SUCCESS);
		CHECK(!is_held(rig));
		CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	}
}

static void lock_without_select(struct rig *rig)
{
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK_NO_SELECT), SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
	CHECK(!is_held(rig));
}

static void unlock_grants_next(struct rig *rig)
{
	struct call next = { 0 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
	queue_allocate(rig, &next, 0);
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK), SUCCESS);
	check_ended(&next, SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
}

static void unlock_without_deselect(struct rig *rig)
{
	uint64_t accesses;

	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK_NO_SELECT), SUCCESS);
	accesses = rig_accesses(rig);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK_NO_DESELECT), SUCCESS);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_accesses(rig), accesses);
}

static void locks_selection_is_not_inherited(struct rig *rig)
{
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK_NO_DESELECT), SUCCESS);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void lock_times_out(struct rig *rig)
{
	struct call lock = { 0 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_internal(rig, &lock, 0, LOCK);
	rig_pass_ms(rig, LOCK_MS - 100);
	CHECK(!lock.done);
	CHECK_EQUAL(waiters(rig), 1);
	rig_pass_ms(rig, 200);
	check_ended(&lock, DEVICE_BUSY);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
}

static void lock_cancelled(struct rig *rig)
{
	struct call lock = { 0 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_internal(rig, &lock, 0, LOCK);
	rig_cancel(rig, &lock);
	rig_settle(rig);
	check_ended(&lock, CANCELLED);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	CHECK(!is_held(rig));
}

static void lock_state(struct rig *rig)
{
	static const uint32_t locks[] = { LOCK, LOCK_NO_SELECT };
	static const uint32_t unlocks[] = { UNLOCK, UNLOCK_NO_DESELECT };

	open_device(rig, RAW_DEVICE, 0);
	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, unlocks[i]), INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, locks[i]), SUCCESS);
		CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, locks[0]), INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, locks[1]), INVALID_DEVICE_STATE);
		CHECK(is_held(rig));
		CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, unlocks[1 - i]), SUCCESS);
		CHECK(!is_held(rig));
	}
}

static void one_lock_a_port(struct rig *rig)
{
	struct call second = { 0 };

	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
	queue_internal(rig, &second, 1, LOCK);
	rig_pass_ms(rig, LOCK_MS + 100);
	check_ended(&second, DEVICE_BUSY);
	second = (struct call){ 0 };
	queue_internal(rig, &second, 1, LOCK);
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK), SUCCESS);
	check_ended(&second, SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
}

static void lock_not_selectable(struct rig *rig)
{
	open_device(rig, 0, 0);
	rig_change_chain(rig, 2, CHAIN_REFUSES);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), UNSUCCESSFUL);
	CHECK(!is_held(rig));
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
}

static void transfers_under_lock(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;

	open_device(rig, 0, 0);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), SUCCESS);
	counts = rig_counters(rig);
	CHECK_EQUAL(write_to(rig, 0, "abc", 3), SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(negotiate(rig, 0, NIBBLE, COMPATIBILITY), SUCCESS);
	CHECK_EQUAL(write_to(rig, 0, "de", 2), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, counts.PortAllocates);
	CHECK_EQUAL(rig_counters(rig).PortFrees, counts.PortFrees);
	check_heard(rig, 0, "abcde", 5);
	CHECK_EQUAL(ask_internal(rig, 0, UNLOCK), SUCCESS);
}

/* ---- whose port it is ------------------------------------------------------------------------ */

/* Nothing that a client of the port does takes it away from a device. */
static void check_not_freed(struct rig *rig)
{
	const struct PARPORT_WMI_ALLOC_FREE_COUNTS counts = rig_counters(rig);
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };

	for (int file = NO_FILE; file < 1; file++) {
		CHECK_EQUAL(ask(rig, file, FREE), INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_command(rig, file, DESELECT, EOC, 0), INVALID_DEVICE_STATE);
	}
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &command), INVALID_DEVICE_STATE);
	free_port(rig);
	CHECK_EQUAL(rig_counters(rig).PortFrees, counts.PortFrees);
	CHECK(is_held(rig));
}

static void lock_is_not_freed(struct rig *rig)
{
	open_files(rig, 1);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
	check_not_freed(rig);
	CHECK_EQUAL(rig_selected(rig), 1);
	close_file(rig, 0);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_internal(rig, 1, UNLOCK), SUCCESS);
}

static void transfer_is_not_freed(struct rig *rig)
{
	struct call write = { 0 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 0);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_settle(rig);
	CHECK(!write.done);
	check_not_freed(rig);
	CHECK_EQUAL(ask_command(rig, NO_FILE, SELECT, KEEP, 0), INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), INVALID_DEVICE_STATE);
	close_file(rig, 0);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	rig_settle(rig);
	CHECK_EQUAL(write.status, SUCCESS);
	check_heard(rig, END_DEVICE, "abc", 3);
	CHECK(!is_held(rig));
}

/* What LOCK_PORT_NO_SELECT is for: the client selects by the port's own means. */
static void selects_under_lock(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = 0x60 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK_NO_SELECT), SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_command(rig, NO_FILE, SELECT, KEEP, 1), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(ask_command(rig, NO_FILE, DESELECT, KEEP, 1), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask_with(rig, NO_FILE, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, 2),
		    SUCCESS);
	CHECK_EQUAL(rig_chip_mode(rig), 0x60);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abc", 3), INVALID_DEVICE_STATE);
	CHECK_EQUAL(rig_chip_mode(rig), 0x60);
	check_heard(rig, END_DEVICE, "", 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
	CHECK(chip_rests(rig));
}

static void callbacks_select(struct rig *rig)
{
	struct PARALLEL_1284_COMMAND command = { .ID = 1 };
	struct PARCLASS_INFORMATION info;

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(info.ParallelTryselect(info.ParclassContext, command), INVALID_DEVICE_STATE);
	CHECK_EQUAL(info.ParallelDeSelect(info.ParclassContext, command), INVALID_DEVICE_STATE);
	CHECK(!is_held(rig));
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(info.ParallelTryselect(info.ParclassContext, command), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(info.ParallelDeSelect(info.ParclassContext, command), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK(is_held(rig));
	command.ID = 2;
	CHECK_EQUAL(info.ParallelTryselect(info.ParclassContext, command), INVALID_PARAMETER);
	CHECK_EQUAL(info.ParallelTryselect(NULL, command), INVALID_PARAMETER);
	CHECK_EQUAL(info.ParallelDeSelect(NULL, command), INVALID_PARAMETER);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
}

static void callbacks_without_lock(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	uint64_t accesses;
	uint32_t moved = 77;
	void *context;
	char byte = 'a';

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	context = info.ParclassContext;
	accesses = rig_accesses(rig);
	CHECK_EQUAL(info.NegotiateIeeeMode(context, CENTRONICS, NIBBLE, SAFE_MODE, 1),
		    INVALID_DEVICE_STATE);
	CHECK_EQUAL(info.TerminateIeeeMode(context), INVALID_DEVICE_STATE);
	CHECK_EQUAL(info.IeeeFwdToRevMode(context), INVALID_DEVICE_STATE);
	CHECK_EQUAL(info.IeeeRevToFwdMode(context), INVALID_DEVICE_STATE);
	CHECK_EQUAL(info.ParallelWrite(context, &byte, 1, &moved, 0), INVALID_DEVICE_STATE);
	CHECK_EQUAL(moved, 0);
	moved = 77;
	CHECK_EQUAL(info.ParallelRead(context, &byte, 1, &moved, 0), INVALID_DEVICE_STATE);
	CHECK_EQUAL(moved, 0);
	CHECK_EQUAL(info.DetermineIeeeModes(context), 0);
	CHECK_EQUAL(rig_accesses(rig), accesses);
	CHECK(!is_held(rig));
}

/* Not even while nobody in particular holds the port, whom everybody may act for. */
static void no_select_without_lock(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	struct PARALLEL_1284_COMMAND command = { .ID = 1 };

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK(try_allocate(rig));
	CHECK_EQUAL(info.ParallelTryselect(info.ParclassContext, command), INVALID_DEVICE_STATE);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	free_port(rig);
}

/* What is wrong with a call is told of a device that is there. */
static void callbacks_after_removal(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	uint32_t moved = 77;

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(
		info.NegotiateIeeeMode(info.ParclassContext, CENTRONICS, NIBBLE, UNSAFE_MODE, 1),
		INVALID_PARAMETER);
	rig_remove(rig, true);
	CHECK_EQUAL(
		info.NegotiateIeeeMode(info.ParclassContext, CENTRONICS, NIBBLE, UNSAFE_MODE, 1),
		DELETE_PENDING);
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, NULL, 1, &moved, 0), DELETE_PENDING);
	CHECK_EQUAL(moved, 0);
	CHECK_EQUAL(info.ParallelRead(info.ParclassContext, NULL, 1, NULL, 0), DELETE_PENDING);
}

/* Whose turn comes before DetermineIeeeModes' excludes something: it stays so. */
static void determine_leaves_exclusion(struct rig *rig)
{
	uint16_t mask = ECP_HW | ECP_SW;
	struct call caps = { .major = IRP_MJ_DEVICE_CONTROL,
			     .code = IOCTL_PAR_GET_DEVICE_CAPS,
			     .buffer = &mask,
			     .input_bytes = 2,
			     .output_bytes = 2 };
	struct PARCLASS_INFORMATION info;

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	send_to(rig, &caps, END_DEVICE);
	CHECK_EQUAL(caps.returned, PENDING);
	CHECK_EQUAL(info.DetermineIeeeModes(info.ParclassContext) & (ECP_HW | ECP_SW), 0);
	CHECK_EQUAL(caps.status, SUCCESS);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ECP_HW, ECP_HW), UNSUCCESSFUL);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
}

static void callbacks_without_context(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	uint32_t moved = 77;
	char byte = 'a';

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(info.DetermineIeeeModes(NULL), 0);
	CHECK_EQUAL(info.NegotiateIeeeMode(NULL, 1, 4, SAFE_MODE, 1), INVALID_PARAMETER);
	CHECK_EQUAL(info.TerminateIeeeMode(NULL), INVALID_PARAMETER);
	CHECK_EQUAL(info.IeeeFwdToRevMode(NULL), INVALID_PARAMETER);
	CHECK_EQUAL(info.IeeeRevToFwdMode(NULL), INVALID_PARAMETER);
	CHECK_EQUAL(info.ParallelWrite(NULL, &byte, 1, &moved, 0), INVALID_PARAMETER);
	CHECK_EQUAL(moved, 0);
	CHECK_EQUAL(info.ParallelRead(NULL, &byte, 1, NULL, 0), INVALID_PARAMETER);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, NULL, 1, &moved, 0),
		    INVALID_PARAMETER);
	CHECK_EQUAL(info.ParallelRead(info.ParclassContext, &byte, 1, NULL, 0), INVALID_PARAMETER);
}

/* ---- IS_PORT_FREE -------------------------------------------------------------------------------- */

static void port_is_free(struct rig *rig)
{
	struct call write = { 0 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	open_device(rig, RAW_DEVICE, 0);
	CHECK(is_port_free(rig, END_DEVICE));
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK(!is_port_free(rig, END_DEVICE));
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	CHECK(!is_port_free(rig, END_DEVICE));
	rig_room(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK(!write.done);
	CHECK(!is_port_free(rig, END_DEVICE));
	CHECK(!is_port_free(rig, RAW_DEVICE));
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	rig_settle(rig);
	CHECK(is_port_free(rig, END_DEVICE));
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK(!is_port_free(rig, END_DEVICE));
}

static const struct contract_case cases[] = {
	{ "C-121 PARCLASS_CONNECT fills every member", connect_fills_all, ON_RICH_CHIP },
	{ "C-121 each device has its own context", contexts_differ, ON_POOR_CHIP },
	{ "C-122 PARCLASS_CONNECT one byte short: BUFFER_TOO_SMALL", connect_too_short, 0 },
	{ "C-123 PARCLASS_DISCONNECT leaves the lock alone", disconnect_leaves_lock, 0 },
	{ "C-124 LOCK_PORT allocates the port and selects the device", lock_selects, ON_POOR_CHIP },
	{ "C-125 LOCK_PORT_NO_SELECT allocates without selecting", lock_without_select,
	  ON_POOR_CHIP },
	{ "C-126 UNLOCK_PORT deselects, frees, grants the next", unlock_grants_next, ON_POOR_CHIP },
	{ "C-127 UNLOCK_PORT_NO_DESELECT frees without deselecting", unlock_without_deselect,
	  ON_POOR_CHIP },
	{ "C-030 C-127 what a LOCK selected is not inherited from UNLOCK_PORT_NO_DESELECT",
	  locks_selection_is_not_inherited, ON_POOR_CHIP },
	{ "C-128 LOCK on a port that stays busy: DEVICE_BUSY, out of line", lock_times_out,
	  ON_POOR_CHIP },
	{ "C-129 a pending LOCK is cancelled", lock_cancelled, ON_POOR_CHIP },
	{ "C-130 LOCK while locked, UNLOCK while not: INVALID_DEVICE_STATE", lock_state, 0 },
	{ "C-131 two devices of a port cannot both be locked", one_lock_a_port, ON_POOR_CHIP },
	{ "C-124 LOCK of a device that cannot be selected: UNSUCCESSFUL", lock_not_selectable,
	  ON_POOR_CHIP },
	{ "C-132 transfers under a lock leave the port held", transfers_under_lock, ON_POOR_CHIP },
	{ "C-033 nobody frees a port that is locked for a device", lock_is_not_freed,
	  ON_POOR_CHIP },
	{ "C-033 nobody frees a port while a device transfers", transfer_is_not_freed,
	  ON_POOR_CHIP },
	{ "C-125 under a lock ANON selects and sets the chip's mode", selects_under_lock,
	  ON_RICH_CHIP },
	{ "C-133 ParallelTryselect and ParallelDeSelect keep the lock", callbacks_select,
	  ON_POOR_CHIP },
	{ "C-133 callbacks without a lock: INVALID_DEVICE_STATE, count 0", callbacks_without_lock,
	  ON_POOR_CHIP },
	{ "C-133 ParallelTryselect without a lock selects nothing", no_select_without_lock,
	  ON_POOR_CHIP },
	{ "callbacks tell a removal first", callbacks_after_removal, ON_POOR_CHIP },
	{ "C-148 DetermineIeeeModes leaves what is excluded", determine_leaves_exclusion,
	  ON_RICH_CHIP },
	{ "callbacks without a context: INVALID_PARAMETER", callbacks_without_context,
	  ON_POOR_CHIP },
	{ "C-174 IS_PORT_FREE tells the truth while the device is at work", port_is_free,
	  ON_POOR_CHIP },
};

CASE_TABLE(device_lock_cases, cases);
