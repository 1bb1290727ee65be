/* SPDX-License-Identifier: MIT */
/*
 * A port that stops, starts, sleeps, goes and comes back, with what its clients are doing
 * meanwhile.
 */
#include "device_case.h"
#include "rig.h"

#define END_NAME L"\\Device\\Parallel0.4"

static struct kernel_node *child_at(struct rig *rig, PCWSTR name)
{
	struct kernel_node *child = kernel_child_named(rig->node, name);

	CHECK(child);
	return child;
}

/* ---- stop, start ----------------------------------------------------------------------------- */

static void stop_and_start(struct rig *rig)
{
	struct kernel_resources elsewhere = rig_resources(1, 0);

	CHECK_EQUAL(kernel_stop(rig->node), STATUS_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), INVALID_DEVICE_REQUEST);
	rig->spp.first = TRANSLATED(elsewhere.port);
	rig->ecp.first = TRANSLATED(elsewhere.ecp_port);
	CHECK_EQUAL(kernel_start(rig->node, &elsewhere), STATUS_SUCCESS);
	rig_settle(rig);
	CHECK_EQUAL(port_info(rig).OriginalController, 0x278);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	for (uint32_t i = 0; i < 4; i++)
		CHECK_EQUAL(kernel_start_child(kernel_child(rig->node, i)), STATUS_SUCCESS);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abc", 3), SUCCESS);
	check_heard(rig, END_DEVICE, "abc", 3);
}

static void stop_refused(struct rig *rig)
{
	open_device(rig, RAW_DEVICE, 0);
	CHECK(!NT_SUCCESS(kernel_stop(rig->node)));
	CHECK_EQUAL(write_to(rig, RAW_DEVICE, "abc", 3), SUCCESS);
	close_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(kernel_stop(rig->node), STATUS_SUCCESS);
}

static void remove_refused(struct rig *rig)
{
	open_files(rig, 1);
	CHECK(!NT_SUCCESS(kernel_query_remove(rig->node)));
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	close_file(rig, 0);
	open_device(rig, END_DEVICE, 0);
	CHECK(!NT_SUCCESS(kernel_query_remove(rig->node)));
	CHECK(!NT_SUCCESS(kernel_query_remove(child_at(rig, END_NAME))));
	close_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(kernel_query_remove(rig->node), STATUS_SUCCESS);
	rig->node = NULL;
}

/* Between the query and its end nobody may open. */
static void asked_then_not(struct rig *rig)
{
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_QUERY_REMOVE_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), DELETE_PENDING);
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_CANCEL_REMOVE_DEVICE), STATUS_SUCCESS);
	open_files(rig, 1);
	close_file(rig, 0);
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_QUERY_STOP_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_CANCEL_STOP_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_CANCEL_STOP_DEVICE), STATUS_SUCCESS);
	open_files(rig, 1);
}

/* ---- gone, with work under way -------------------------------------------------------- */

static void full_queues(struct rig *rig)
{
	struct call writes[3] = { 0 };
	struct call allocates[3] = { 0 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	open_device(rig, RAW_DEVICE, 0);
	rig_room(rig, END_DEVICE, 1);
	for (int i = 0; i < 3; i++)
		queue_write(rig, &writes[i], i == 2 ? RAW_DEVICE : END_DEVICE, "abc", 3);
	kernel_let_others_run();
	for (int i = 0; i < 3; i++)
		queue_allocate(rig, &allocates[i], 0);
	rig_remove(rig, true);
	rig_settle(rig);
	for (int i = 0; i < 3; i++) {
		CHECK_EQUAL(writes[i].status, DELETE_PENDING);
		check_ended(&allocates[i], DELETE_PENDING);
	}
	rig_remove(rig, false);
}

/* A port goes while it looks who is there. */
static void removed_while_looking(struct rig *rig)
{
	opp_contract_look(&rig->port->contract);
	kernel_remove(rig->node);
	rig->node = NULL;
}

static void added_again(struct rig *rig)
{
	rig_remove(rig, false);
	rig_end(rig);
	rig_begin(rig, 0, NEEDS_CHAIN | NEEDS_DEVICES);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abc", 3), SUCCESS);
}

/* ---- power -------------------------------------------------------------------------------- */

static void sleep_well(struct rig *rig)
{
	CHECK_EQUAL(kernel_system_power(rig->node, IRP_MN_QUERY_POWER, PowerSystemSleeping3),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_power_state(rig->node), PowerDeviceD0);
	CHECK_EQUAL(kernel_system_power(rig->node, IRP_MN_SET_POWER, PowerSystemSleeping3),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_power_state(rig->node), PowerDeviceD3);
	model_power(&rig->model, false);
	rig->is_off = true;
}

static void wake(struct rig *rig)
{
	model_power(&rig->model, true);
	rig->is_off = false;
	CHECK_EQUAL(kernel_system_power(rig->node, IRP_MN_SET_POWER, PowerSystemWorking),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_power_state(rig->node), PowerDeviceD0);
	rig_settle(rig);
}

/* Who prints while the system goes to sleep is told, and the wire is quiet. */
static void sleeps_while_printing(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig_room(rig, END_DEVICE, 1);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	kernel_let_others_run();
	sleep_well(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, POWERED_OFF);
	rig_settle(rig);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	wake(rig);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "def", 3), SUCCESS);
}

static void removed_asleep(struct rig *rig)
{
	struct call allocate = { 0 };

	open_files(rig, 1);
	sleep_well(rig);
	queue_allocate(rig, &allocate, 0);
	rig_remove(rig, true);
	check_ended(&allocate, DELETE_PENDING);
	CHECK_EQUAL(kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD3),
		    STATUS_SUCCESS);
	rig_remove(rig, false);
}

static void stopped_asleep(struct rig *rig)
{
	const struct kernel_resources resources = rig_resources(0, 0);

	sleep_well(rig);
	CHECK_EQUAL(kernel_stop(rig->node), STATUS_SUCCESS);
	model_power(&rig->model, true);
	rig->is_off = false;
	CHECK_EQUAL(kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD0),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_start(rig->node, &resources), STATUS_SUCCESS);
	rig_settle(rig);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
}

static void stopped_unasked(struct rig *rig)
{
	const struct kernel_resources resources = rig_resources(0, 0);

	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_STOP_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_start(rig->node, &resources), STATUS_SUCCESS);
	rig_settle(rig);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
}

static const struct contract_case cases[] = {
	{ "stopped and started elsewhere", stop_and_start, ON_POOR_CHIP },
	{ "a stop is refused while a device is open", stop_refused, ON_POOR_CHIP },
	{ "a removal is refused while a file is open", remove_refused, ON_POOR_CHIP },
	{ "asked whether it may go, and told that it need not", asked_then_not, ON_POOR_CHIP },
	{ "C-175 C-177 a surprise with full queues", full_queues, ON_POOR_CHIP },
	{ "a port goes while it looks who is there", removed_while_looking, ON_POOR_CHIP },
	{ "a port goes and comes back", added_again, ON_POOR_CHIP },
	{ "the system sleeps in mid-page: the WRITE ends", sleeps_while_printing, ON_POOR_CHIP },
	{ "a port goes while it sleeps", removed_asleep, ON_POOR_CHIP },
	{ "a port is stopped while it sleeps, and started", stopped_asleep, ON_POOR_CHIP },
	{ "a port is stopped that was not asked, and started", stopped_unasked, ON_POOR_CHIP },
};

CASE_TABLE(life_cases, cases);
