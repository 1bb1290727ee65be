/* SPDX-License-Identifier: MIT */
/*
 * Select, deselect and count on a port with two daisy devices and one at the end
 * of the chain.
 */
#include "case.h"

#define INIT_BUS IOCTL_INTERNAL_INIT_1284_3_BUS

static int32_t try_select(struct rig *rig, uint32_t flags, uint8_t id)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .ID = id, .CommandFlags = flags };

	return pnp.TrySelectDevice(pnp.Context, &command);
}

static int32_t try_deselect(struct rig *rig, uint32_t flags, uint8_t id)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .ID = id, .CommandFlags = flags };

	return pnp.DeselectDevice(pnp.Context, &command);
}

static void select_each(struct rig *rig)
{
	open_files(rig, 2);
	for (uint8_t id = 0; id < 2; id++) {
		CHECK_EQUAL(ask_device(rig, id, id), OPP_NT_SUCCESS);
		CHECK_EQUAL(rig_selected(rig), id);
		CHECK_EQUAL(ask(rig, 1 - id, FREE), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_command(rig, id, DESELECT, 0, id), OPP_NT_SUCCESS);
		CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
		CHECK(!is_held(rig));
	}
	CHECK_EQUAL(ask_command(rig, 0, SELECT, 0, 2), OPP_NT_INVALID_PARAMETER);
}

/* The wire after the hold of @file, which selected a device, has ended somehow. */
static void select_and_end(struct rig *rig, void (*end)(struct rig *rig))
{
	struct call next = { 0 };

	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	queue_allocate(rig, &next, 1);
	end(rig);
	CHECK(!next.done);
	rig_settle(rig);
	check_ended(&next, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
}

static void end_by_request(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void end_by_cleanup(struct rig *rig)
{
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
}

static void end_by_deselecting_another(struct rig *rig)
{
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 0), OPP_NT_SUCCESS);
}

static void next_finds_end(struct rig *rig)
{
	open_files(rig, 2);
	select_and_end(rig, end_by_request);
	select_and_end(rig, free_port);
	select_and_end(rig, end_by_deselecting_another);
	select_and_end(rig, end_by_cleanup);
	CHECK(!is_held(rig));
	CHECK(try_allocate(rig));
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	free_port(rig);
}

static void not_visible(struct rig *rig)
{
	open_files(rig, 2);
	CHECK(try_allocate(rig));
	CHECK_EQUAL(try_select(rig, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
	free_port(rig);
	CHECK(!try_allocate(rig));
	rig_settle(rig);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void fails_on_free_port(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts = rig_counters(rig);

	open_files(rig, 1);
	rig_change_chain(rig, 2, CHAIN_REFUSES);
	CHECK_EQUAL(ask_device(rig, 0, 0), OPP_NT_UNSUCCESSFUL);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_counters(rig).PortAllocates - counts.PortAllocates, 1);
	CHECK_EQUAL(try_select(rig, 0, 1), OPP_NT_UNSUCCESSFUL);
	rig_settle(rig);
	CHECK(!is_held(rig));
	rig_change_chain(rig, 2, CHAIN_GONE);
	CHECK_EQUAL(ask_device(rig, 0, 0), OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(try_select(rig, 0, 1), OPP_NT_UNSUCCESSFUL);
	rig_settle(rig);
	CHECK(!is_held(rig));
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_device(rig, 0, 0), OPP_NT_SUCCESS);
}

static void fails_on_kept_port(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	rig_change_chain(rig, 2, CHAIN_REFUSES);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(try_select(rig, KEEP, 0), OPP_NT_UNSUCCESSFUL);
	rig_settle(rig);
	CHECK(!waiting.done);
	CHECK_EQUAL(ask_command(rig, 1, SELECT, KEEP, 1), OPP_NT_INVALID_DEVICE_STATE);
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
}

static void fails_in_line(struct rig *rig)
{
	struct call calls[4] = { 0 };

	open_files(rig, 4);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_device(rig, &calls[0], 1, 0);
	queue_device(rig, &calls[1], 2, 1);
	queue_allocate(rig, &calls[2], 3);
	queue_select(rig, &calls[3], 0);
	rig_change_chain(rig, 2, CHAIN_REFUSES);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!calls[0].done);
	CHECK_EQUAL(waiters(rig), 3);
	rig_settle(rig);
	check_ended(&calls[0], OPP_NT_UNSUCCESSFUL);
	check_ended(&calls[1], OPP_NT_UNSUCCESSFUL);
	check_ended(&calls[2], OPP_NT_SUCCESS);
	CHECK(!calls[3].done);
	CHECK(calls[0].order < calls[1].order && calls[1].order < calls[2].order);
	CHECK_EQUAL(ask(rig, 3, FREE), OPP_NT_SUCCESS);
	check_ended(&calls[3], OPP_NT_SUCCESS);
}

/* A reset makes the adapters forget; a chain that is not what it was selects nobody. */
static void forgotten_addresses(struct rig *rig)
{
	open_files(rig, 1);
	rig_forget_addresses(rig);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	rig_forget_addresses(rig);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_forget_addresses(rig);
	CHECK_EQUAL(ask_device(rig, 0, 0), OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK(!is_held(rig));
}

static void deselect_unselected(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(try_deselect(rig, EOC | KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 0), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void fails_to_deselect(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_change_chain(rig, 2, CHAIN_GONE);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 1), OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(try_deselect(rig, KEEP, 1), OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC | KEEP, 0), OPP_NT_UNSUCCESSFUL);
	rig_settle(rig);
	CHECK(is_held(rig));
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 1), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void callbacks_select(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	rig_raise(rig);
	CHECK_EQUAL(try_select(rig, 0, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK(is_held(rig));
	CHECK_EQUAL(try_select(rig, 0, 0), OPP_NT_PENDING);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(try_select(rig, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
	CHECK_EQUAL(try_select(rig, EOC | KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(try_select(rig, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(try_select(rig, KEEP, 2), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(rig_selected(rig), 1);
	queue_allocate(rig, &waiting, 0);
	CHECK_EQUAL(try_deselect(rig, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK(!waiting.done);
	CHECK_EQUAL(try_select(rig, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(try_deselect(rig, 0, 0), OPP_NT_SUCCESS);
	rig_lower(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void select_waits_its_turn(struct rig *rig)
{
	struct call first = { 0 };
	struct call second = { 0 };

	open_files(rig, 3);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_device(rig, &first, 1, 1);
	queue_device(rig, &second, 2, 0);
	CHECK_EQUAL(waiters(rig), 2);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	check_ended(&first, OPP_NT_SUCCESS);
	CHECK(!second.done);
	CHECK_EQUAL(rig_selected(rig), 1);
	rig_cancel(rig, &second);
	check_ended(&second, OPP_NT_CANCELLED);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	CHECK(!is_held(rig));
}

static void with_chip_mode(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = 0x61 };

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_with(rig, 0, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &mode, sizeof(mode)),
		    OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_chip_mode(rig), 0x60);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, 2);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, 0x61);
	CHECK_EQUAL(rig_chip_mode(rig), 0x60);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 0), OPP_NT_SUCCESS);
	rig_settle(rig);
	CHECK(chip_rests(rig));
	CHECK(!is_held(rig));
}

/* ---- count -------------------------------------------------------------------------------- */

static uint32_t devices(struct rig *rig)
{
	return pnp_info(rig).Ieee1284_3DeviceCount;
}

static void count_on_free_port(struct rig *rig)
{
	open_files(rig, 1);
	for (uint32_t attached = 0; attached <= 4; attached++) {
		rig_change_chain(rig, attached, CHAIN_SOUND);
		CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_SUCCESS);
		CHECK_EQUAL(devices(rig), attached < 2 ? attached : 2);
		CHECK(!is_held(rig));
	}
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void count_on_anothers_port(struct rig *rig)
{
	open_files(rig, 2);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 1, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(waiters(rig), 0);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, 1, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(devices(rig), 2);
}

static void count_shows(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION info = pnp_info(rig);

	CHECK_EQUAL(info.Ieee1284_3DeviceCount, 2);
	CHECK_EQUAL(info.HardwareCapabilities, PPT_1284_3_PRESENT);
	rig_change_chain(rig, 0, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, INIT_BUS), OPP_NT_SUCCESS);
	CHECK_EQUAL(devices(rig), 0);
	CHECK_EQUAL(pnp_info(rig).HardwareCapabilities, PPT_NO_HARDWARE_PRESENT);
}

static const struct contract_case cases[] = {
	{ "C-058 SELECT of a daisy device allocates and selects", select_each, NEEDS_CHAIN },
	{ "C-059 SELECT of a daisy device waits its turn", select_waits_its_turn, NEEDS_CHAIN },
	{ "C-030 the next holder finds the end-of-chain device", next_finds_end, NEEDS_CHAIN },
	{ "C-040 a SELECT that fails in line: UNSUCCESSFUL, the next is served", fails_in_line,
	  NEEDS_CHAIN },
	{ "C-064 a SELECT that fails: UNSUCCESSFUL, port released", fails_on_free_port,
	  NEEDS_CHAIN },
	{ "C-065 a SELECT with KEEP_PORT that fails: UNSUCCESSFUL, port held", fails_on_kept_port,
	  NEEDS_CHAIN },
	{ "C-058 SELECT after a reset of the chain gives the IDs anew", forgotten_addresses,
	  NEEDS_CHAIN },
	{ "C-070 DESELECT of an unselected device: SUCCESS", deselect_unselected, NEEDS_CHAIN },
	{ "a DESELECT that fails: UNSUCCESSFUL, port held", fails_to_deselect, NEEDS_CHAIN },
	{ "C-072 TrySelectDevice selects, DeselectDevice deselects", callbacks_select,
	  NEEDS_CHAIN },
	{ "C-072 C-077 a chip mode that is set outlives a selection", with_chip_mode,
	  NEEDS_CHAIN | NEEDS_ECP },
	{ "C-074 a device left selected is not visible to the next", not_visible, NEEDS_CHAIN },
	{ "C-075 INIT_1284_3_BUS counts anew and leaves the port free", count_on_free_port,
	  NEEDS_CHAIN },
	{ "C-076 INIT_1284_3_BUS on another's port: INVALID_DEVICE_STATE", count_on_anothers_port,
	  NEEDS_CHAIN },
	{ "C-092 GET_PNP tells the attached devices", count_shows, NEEDS_CHAIN },
};

CASE_TABLE(chain_cases, cases);
