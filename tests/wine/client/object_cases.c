/* SPDX-License-Identifier: MIT */
/*
 * Device objects: what cases of tests/contract ask of places that never had a device, for
 * which there is no object here, and by majors that a kernel keeps for itself.
 */
#include "device_case.h"
#include "rig.h"

#define INIT_BUS IOCTL_INTERNAL_INIT_1284_3_BUS

static int32_t create(struct rig *rig, uint8_t place, bool as_directory)
{
	struct call call = { .major = IRP_MJ_CREATE, .file = 1, .as_directory = as_directory };

	send_to(rig, &call, place);
	CHECK(call.done);
	CHECK_EQUAL(call.information, 0);
	return call.returned;
}

static void as_directory(struct rig *rig)
{
	CHECK_EQUAL(create(rig, RAW_DEVICE, true), NOT_A_DIRECTORY);
	CHECK_EQUAL(create(rig, 1, true), NOT_A_DIRECTORY);
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(create(rig, RAW_DEVICE, true), NOT_A_DIRECTORY);
	rig_remove(rig, true);
	CHECK_EQUAL(create(rig, RAW_DEVICE, true), DELETE_PENDING);
}

/* The object of a device that has gone stays until Plug and Play has heard of it. */
static void no_hardware(struct rig *rig)
{
	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, INIT_BUS), SUCCESS);
	CHECK_EQUAL(create(rig, 1, false), INVALID_DEVICE_REQUEST);
	CHECK(!rig_is_there(rig, 1, NULL));
	open_device(rig, 0, 0);
}

static void end_needs_id(struct rig *rig)
{
	static const enum device_kind without[] = { DEVICE_PLAIN, DEVICE_SILENT, DEVICE_BAD_ID };

	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		rig_plug(rig, END_DEVICE, without[i]);
		rig_look(rig);
		CHECK(!rig_is_there(rig, END_DEVICE, NULL));
		CHECK(rig_is_there(rig, RAW_DEVICE, NULL));
		rig_plug(rig, END_DEVICE, DEVICE_NIBBLE);
		rig_look(rig);
		CHECK(rig_is_there(rig, END_DEVICE, NULL));
		open_device(rig, END_DEVICE, 0);
		close_device(rig, END_DEVICE, 0);
	}
}

static void after_removal(struct rig *rig)
{
	rig_remove(rig, true);
	CHECK_EQUAL(create(rig, RAW_DEVICE, false), DELETE_PENDING);
	rig_remove(rig, false);
	CHECK_EQUAL(create(rig, RAW_DEVICE, false), DEVICE_REMOVED);
}

static bool is_the_kernels(uint8_t major)
{
	return major == IRP_MJ_PNP || major == IRP_MJ_POWER || major == IRP_MJ_SYSTEM_CONTROL;
}

static bool is_a_devices(uint8_t major)
{
	return major <= IRP_MJ_SET_INFORMATION || major == IRP_MJ_DEVICE_CONTROL ||
	       major == IRP_MJ_INTERNAL_DEVICE_CONTROL || major == IRP_MJ_CLEANUP;
}

static void other_majors(struct rig *rig)
{
	open_device(rig, RAW_DEVICE, 0);
	for (uint8_t major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++) {
		struct call call = { .major = major };

		if (is_the_kernels(major) || is_a_devices(major))
			continue;
		send_to(rig, &call, RAW_DEVICE);
		CHECK_EQUAL(call.returned, INVALID_DEVICE_REQUEST);
		CHECK_EQUAL(call.information, 0);
	}
	CHECK(!is_held(rig));
}

static const struct contract_case cases[] = {
	{ "C-007 only who answered with an id is an end-of-chain device", end_needs_id,
	  ON_POOR_CHIP },
	{ "C-113 a device is no directory, whoever has it open", as_directory, ON_POOR_CHIP },
	{ "C-114 a device that has gone: INVALID_DEVICE_REQUEST", no_hardware, ON_POOR_CHIP },
	{ "C-115 DELETE_PENDING after surprise removal, then DEVICE_REMOVED", after_removal, 0 },
	{ "C-182 majors that a device does not know: INVALID_DEVICE_REQUEST", other_majors, 0 },
};

CASE_TABLE(object_cases, cases);
