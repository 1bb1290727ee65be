/* SPDX-License-Identifier: MIT */
/*
 * A port below D0, and back: its files and its line. Its devices: device_power_cases.c.
 */
#include "interrupt_client.h"

#define INIT_BUS IOCTL_INTERNAL_INIT_1284_3_BUS
#define SET_MODE IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE
#define ECP_MODE 0x60
#define EPP_MODE 0x80

static int32_t set_mode(struct rig *rig, int file, uint8_t flags)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = flags };

	return ask_with(rig, file, SET_MODE, &mode, sizeof(mode));
}

static void wake_up(struct rig *rig)
{
	rig_resume(rig);
	rig_settle(rig);
}

/* ---- asleep ----------------------------------------------------------------------------- */

static void allocate_waits(struct rig *rig)
{
	struct call first = { 0 };
	struct call second = { 0 };

	open_files(rig, 2);
	rig_suspend(rig);
	queue_allocate(rig, &first, 0);
	queue_allocate(rig, &second, NO_FILE);
	rig_settle(rig);
	CHECK(!first.done && !second.done);
	CHECK_EQUAL(waiters(rig), 2);
	wake_up(rig);
	check_ended(&first, OPP_NT_SUCCESS);
	CHECK(!second.done);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&second, OPP_NT_SUCCESS);
}

static void select_waits(struct rig *rig)
{
	struct call calls[3] = { 0 };

	open_files(rig, 1);
	rig_suspend(rig);
	queue_device(rig, &calls[0], 0, 1);
	queue_select(rig, &calls[1], 0);
	queue_device(rig, &calls[2], 0, 0);
	rig_settle(rig);
	CHECK_EQUAL(waiters(rig), 3);
	wake_up(rig);
	for (int i = 0; i < 3; i++) {
		check_ended(&calls[i], OPP_NT_SUCCESS);
		CHECK_EQUAL(rig_selected(rig), i == 1 ? END_OF_CHAIN : 1 - i / 2);
		CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
		rig_settle(rig);
	}
}

static void cannot_be_had(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND end = { .CommandFlags = EOC };
	const struct PARPORT_WMI_ALLOC_FREE_COUNTS before = rig_counters(rig);

	open_files(rig, 1);
	rig_suspend(rig);
	CHECK(!try_allocate(rig));
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &end), OPP_NT_PENDING);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
	free_port(rig);
	CHECK(!is_held(rig));
	wake_up(rig);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, before.PortAllocates);
	CHECK_EQUAL(rig_counters(rig).PortFrees, before.PortFrees);
	CHECK(try_allocate(rig));
}

static void cancelled_asleep(struct rig *rig)
{
	struct call calls[3] = { 0 };

	open_files(rig, 2);
	rig_suspend(rig);
	queue_allocate(rig, &calls[0], 0);
	queue_select(rig, &calls[1], 0);
	queue_allocate(rig, &calls[2], 1);
	rig_cancel(rig, &calls[1]);
	check_ended(&calls[1], OPP_NT_CANCELLED);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	check_ended(&calls[0], OPP_NT_CANCELLED);
	wake_up(rig);
	check_ended(&calls[2], OPP_NT_SUCCESS);
}

static void removed_asleep(struct rig *rig)
{
	struct call calls[2] = { 0 };
	struct call late = { 0 };

	open_files(rig, 2);
	rig_suspend(rig);
	queue_allocate(rig, &calls[0], 0);
	queue_device(rig, &calls[1], 0, 1);
	rig_remove(rig, true);
	check_ended(&calls[0], OPP_NT_DELETE_PENDING);
	check_ended(&calls[1], OPP_NT_DELETE_PENDING);
	submit(rig, &late, 1, ALLOCATE);
	CHECK_EQUAL(late.returned, OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK(!is_held(rig));
}

static void holder_of_removed(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_suspend(rig);
	rig_remove(rig, true);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK(!is_held(rig));
}

static void interrupt_connects(struct rig *rig)
{
	struct client client = { .rig = rig, .isr_letter = 'a', .handles = 1 };

	begin_journal();
	rig_suspend(rig);
	connect_client(rig, &client);
	wake_up(rig);
	CHECK(rig_interrupt(rig));
	expect_journal("a");
	CHECK_EQUAL(disconnect_client(rig, &client), OPP_NT_SUCCESS);
}

/* ---- the interrupt-level pair -------------------------------------------------------------- */

static void pair_finds_it_taken(struct rig *rig)
{
	struct client client = { .rig = rig, .deferred_letter = 'd' };

	begin_journal();
	connect_client(rig, &client);
	rig_suspend(rig);
	CHECK(!try_at_interrupt(&client));
	rig_settle(rig);
	expect_journal("");
	wake_up(rig);
	expect_journal("d");
	CHECK(try_at_interrupt(&client));
	free_in_isr(&client);
	rig_settle(rig);
	CHECK(!is_held(rig));
}

static void pair_holds_it(struct rig *rig)
{
	struct client client = { .rig = rig, .isr_letter = 'a' };
	struct call waiting = { 0 };

	open_files(rig, 1);
	connect_client(rig, &client);
	CHECK(try_at_interrupt(&client));
	rig_suspend(rig);
	queue_allocate(rig, &waiting, 0);
	CHECK(is_held(rig));
	free_in_isr(&client);
	rig_settle(rig);
	CHECK(!is_held(rig));
	CHECK(!waiting.done);
	CHECK(!try_at_interrupt(&client));
	wake_up(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
}

/* ---- a holder --------------------------------------------------------------------------------- */

static void holder_keeps_it(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	rig_suspend(rig);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(set_mode(rig, 0, ECP_MODE), OPP_NT_INVALID_DEVICE_STATE);
	wake_up(rig);
	CHECK(is_held(rig));
	CHECK(!waiting.done);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
}

static void holder_frees_asleep(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_suspend(rig);
	queue_device(rig, &waiting, 1, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	rig_settle(rig);
	CHECK(!is_held(rig) && !waiting.done);
	wake_up(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
}

static void loses_mode(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(set_mode(rig, 0, ECP_MODE), OPP_NT_SUCCESS);
	rig_suspend(rig);
	wake_up(rig);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK_EQUAL(rig_chip_mode(rig), 0);
	CHECK_EQUAL(set_mode(rig, 0, EPP_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_chip_mode(rig), EPP_MODE);
}

static void loses_selection(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	rig_suspend(rig);
	wake_up(rig);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 0);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 0), OPP_NT_SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

/* ---- the way back ------------------------------------------------------------------------------ */

static void chain_has_addresses(struct rig *rig)
{
	open_files(rig, 1);
	rig_suspend(rig);
	wake_up(rig);
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, 2);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
}

static void chain_is_another(struct rig *rig)
{
	open_files(rig, 1);
	rig_suspend(rig);
	rig_resume(rig);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_settle(rig);
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, 1);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, 0, 1), OPP_NT_INVALID_PARAMETER);
}

static void twice_down(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 1);
	rig_suspend(rig);
	rig_suspend(rig);
	queue_allocate(rig, &waiting, 0);
	wake_up(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_suspend(rig);
	rig_resume(rig);
	rig_suspend(rig);
	wake_up(rig);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
}

static void up_without_down(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	wake_up(rig);
	CHECK(is_held(rig));
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK_EQUAL(set_mode(rig, 0, ECP_MODE), OPP_NT_SUCCESS);
	wake_up(rig);
	CHECK_EQUAL(rig_chip_mode(rig), ECP_MODE);
}

static void removed_then_down(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	rig_remove(rig, true);
	rig_suspend(rig);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	wake_up(rig);
	CHECK(!is_held(rig));
}

static const struct contract_case cases[] = {
	{ "below D0 an ALLOCATE waits, back in D0 the line goes on", allocate_waits, 0 },
	{ "below D0 a SELECT waits, then selects", select_waits, NEEDS_CHAIN },
	{ "below D0 nobody gets the port at once, and nothing is counted", cannot_be_had,
	  NEEDS_CHAIN },
	{ "C-016 C-044 cancelled below D0", cancelled_asleep, 0 },
	{ "C-175 C-176 removed below D0: DELETE_PENDING, and no wire", removed_asleep,
	  NEEDS_CHAIN },
	{ "C-178 removed below D0: the holder's FREE drops the port", holder_of_removed,
	  NEEDS_CHAIN },
	{ "interrupt routines are connected below D0", interrupt_connects, NEEDS_CONNECT },
	{ "C-103 C-107 below D0 the interrupt-level pair finds the port taken, and is called back",
	  pair_finds_it_taken, NEEDS_CONNECT },
	{ "C-108 a port that an interrupt took is freed below D0", pair_holds_it, NEEDS_CONNECT },
	{ "a holder keeps the port below D0, and has no wire", holder_keeps_it,
	  NEEDS_CHAIN | NEEDS_ECP },
	{ "freed below D0: the next one's selection is made in D0", holder_frees_asleep,
	  NEEDS_CHAIN },
	{ "back in D0 no chip mode is set, and one can be", loses_mode, NEEDS_ECP | NEEDS_EPP },
	{ "back in D0 no device is selected, and one can be", loses_selection, NEEDS_CHAIN },
	{ "back in D0 the devices of the chain have their IDs", chain_has_addresses, NEEDS_CHAIN },
	{ "a chain that comes back shorter is counted anew", chain_is_another, NEEDS_CHAIN },
	{ "down twice, up twice", twice_down, NEEDS_CHAIN },
	{ "D0 in D0 takes nothing away", up_without_down, NEEDS_CHAIN | NEEDS_ECP },
	{ "a removed port goes down and up without effect", removed_then_down, 0 },
};

CASE_TABLE(power_cases, cases);
