/* SPDX-License-Identifier: MIT */
/*
 * Who has a device open.
 */
#include "device_case.h"

static int32_t open_at(struct rig *rig, uint8_t place, int file)
{
	return ask_device_major(rig, place, file, IRP_MJ_CREATE);
}

static void exclusive(struct rig *rig)
{
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), 0);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 1), (int32_t)0xc0000022);
	CHECK_EQUAL(open_at(rig, RAW_DEVICE, 0), (int32_t)0xc0000022);
}

static const struct contract_case cases[] = {
	{ "C-111 the first open succeeds, the second: ACCESS_DENIED", exclusive, 0 },
};

CASE_TABLE(device_open_cases, cases);
