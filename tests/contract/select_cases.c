/* SPDX-License-Identifier: MIT */
/*
 * Select and deselect on a port without daisy devices.
 */
#include "case.h"

static void select_free_port(struct rig *rig)
{
	open_files(rig, 2);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC, 0), OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void select_held_port(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_select(rig, &waiting, 1);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 1, DESELECT, EOC | KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 1, DESELECT, EOC, 0), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void select_kept_port(struct rig *rig)
{
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC | KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, NO_FILE, SELECT, EOC | KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 1, SELECT, EOC | KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 1);
	CHECK(is_held(rig));
}

static void keep_without_port(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC | KEEP };

	open_files(rig, 1);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC | KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, EOC | KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &command), OPP_NT_INVALID_DEVICE_STATE);
	CHECK(!is_held(rig));
}

static void absent_device(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);

	open_files(rig, 1);
	for (uint32_t id = pnp.Ieee1284_3DeviceCount; id < 256; id++) {
		struct PARALLEL_1284_COMMAND command = { .ID = (uint8_t)id };

		CHECK_EQUAL(ask_command(rig, 0, SELECT, 0, (uint8_t)id), OPP_NT_INVALID_PARAMETER);
		CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, (uint8_t)id),
			    OPP_NT_INVALID_PARAMETER);
		CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &command), OPP_NT_INVALID_PARAMETER);
	}
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
}

static void end_of_chain_any_id(struct rig *rig)
{
	open_files(rig, 1);
	for (uint32_t id = 0; id < 256; id++) {
		CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC, (uint8_t)id), OPP_NT_SUCCESS);
		CHECK_EQUAL(ask_command(rig, 0, DESELECT, EOC, (uint8_t)~id), OPP_NT_SUCCESS);
	}
	CHECK_EQUAL(rig_counters(rig).PortFrees, 256);
}

static void deselect_frees(struct rig *rig)
{
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC, 0), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, EOC, 0), OPP_NT_SUCCESS);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, EOC, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_command(rig, 1, DESELECT, EOC, 0), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void deselect_keeps(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC | KEEP };
	struct call waiting = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, EOC, 0), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, EOC | KEEP, 0), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &command), OPP_NT_SUCCESS);
	CHECK(!waiting.done);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void deselect_free_port(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };

	open_files(rig, 1);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, EOC, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &command), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 0);
}

static void deselect_bad_id(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 4), OPP_NT_INVALID_PARAMETER);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, KEEP, 255), OPP_NT_INVALID_PARAMETER);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void try_select(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };
	struct call waiting = { 0 };

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 0);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &command), OPP_NT_PENDING);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(waiters(rig), 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 2);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &command), OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &command), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void flags_and_port_member(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .Port = 0x5a, .CommandFlags = EOC };

	open_files(rig, 1);
	CHECK_EQUAL(ask_with(rig, 0, SELECT, &command, sizeof(command)), OPP_NT_SUCCESS);
	for (uint32_t bit = 2; bit < 32; bit++) {
		struct PARALLEL_1284_COMMAND unknown = { .CommandFlags = EOC | UINT32_C(1) << bit };

		CHECK_EQUAL(ask_command(rig, 0, SELECT, unknown.CommandFlags | KEEP, 0),
			    OPP_NT_INVALID_PARAMETER);
		CHECK_EQUAL(ask_command(rig, 0, SELECT, unknown.CommandFlags, 0),
			    OPP_NT_INVALID_PARAMETER);
		CHECK_EQUAL(ask_command(rig, 0, DESELECT, unknown.CommandFlags, 0),
			    OPP_NT_INVALID_PARAMETER);
		CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &unknown), OPP_NT_INVALID_PARAMETER);
		CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &unknown), OPP_NT_INVALID_PARAMETER);
	}
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_with(rig, 0, DESELECT, &command, sizeof(command)), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
}

static void short_command(struct rig *rig)
{
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };

	for (uint32_t bytes = 0; bytes < sizeof(command); bytes++) {
		CHECK_EQUAL(ask_with(rig, NO_FILE, SELECT, &command, bytes),
			    OPP_NT_BUFFER_TOO_SMALL);
		CHECK_EQUAL(ask_with(rig, NO_FILE, DESELECT, &command, bytes),
			    OPP_NT_BUFFER_TOO_SMALL);
	}
	CHECK(!is_held(rig));
}

static void init_bus(struct rig *rig)
{
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_NT_SUCCESS);
	CHECK(!is_held(rig));
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_NT_SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 1, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(waiters(rig), 0);
}

static const struct contract_case cases[] = {
	{ "C-058 SELECT on a free port allocates it", select_free_port, 0 },
	{ "C-059 SELECT on a held port queues", select_held_port, 0 },
	{ "C-060 SELECT with KEEP_PORT neither allocates nor queues", select_kept_port, 0 },
	{ "C-061 SELECT with KEEP_PORT, not held: INVALID_DEVICE_STATE", keep_without_port, 0 },
	{ "C-062 SELECT of an absent device: INVALID_PARAMETER", absent_device, 0 },
	{ "C-063 with the end-of-chain flag any ID is accepted", end_of_chain_any_id, 0 },
	{ "C-066 DESELECT frees the port and grants the next", deselect_frees, 0 },
	{ "C-067 DESELECT with KEEP_PORT keeps it", deselect_keeps, 0 },
	{ "C-068 DESELECT on a free port: INVALID_DEVICE_STATE", deselect_free_port, 0 },
	{ "C-069 DESELECT with a bad ID: INVALID_PARAMETER, still held", deselect_bad_id, 0 },
	{ "C-071 TrySelectDevice on a busy port: PENDING, nothing queued", try_select, 0 },
	{ "C-073 unknown flags: INVALID_PARAMETER; Port is ignored", flags_and_port_member, 0 },
	{ "a short PARALLEL_1284_COMMAND: BUFFER_TOO_SMALL", short_command, 0 },
	{ "INIT_1284_3_BUS by nobody's leave, the holder's, another's", init_bus, 0 },
};

CASE_TABLE(select_cases, cases);
