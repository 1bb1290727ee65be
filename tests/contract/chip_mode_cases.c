/* SPDX-License-Identifier: MIT */
/*
 * Chip modes on a port without an ECR.
 */
#include "case.h"

#define SET      IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE
#define CLEAR    IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE
#define EPP_MODE 0x80

static int32_t mode_request(struct rig *rig, int file, uint32_t code, uint32_t mode)
{
	struct PARALLEL_CHIP_MODE buffer = { .ModeFlags = (uint8_t)mode, .success = 0x77 };

	return ask_with(rig, file, code, &buffer, sizeof(buffer));
}

static void unsupported_modes(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (uint32_t mode = 1; mode < 256; mode++) {
		CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_NO_SUCH_DEVICE);
		CHECK_EQUAL(pnp.TrySetChipMode(pnp.Context, (uint8_t)mode), OPP_NT_NO_SUCH_DEVICE);
		CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	}
	CHECK_EQUAL(mode_request(rig, 0, SET, INITIAL_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, INITIAL_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, EPP_MODE), OPP_NT_INVALID_DEVICE_STATE);
}

static void modes_on_free_port(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);

	open_files(rig, 2);
	for (uint32_t mode = 0; mode < 256; mode++) {
		CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(mode_request(rig, 0, CLEAR, mode), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(pnp.TrySetChipMode(pnp.Context, (uint8_t)mode),
			    OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(pnp.ClearChipMode(pnp.Context, (uint8_t)mode),
			    OPP_NT_INVALID_DEVICE_STATE);
	}
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 1, SET, INITIAL_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, NO_FILE, SET, INITIAL_MODE), OPP_NT_SUCCESS);
}

static void short_mode(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE buffer = { 0 };

	CHECK(try_allocate(rig));
	CHECK_EQUAL(ask_with(rig, NO_FILE, SET, &buffer, 1), OPP_NT_BUFFER_TOO_SMALL);
	CHECK_EQUAL(ask_with(rig, NO_FILE, CLEAR, &buffer, 1), OPP_NT_BUFFER_TOO_SMALL);
	CHECK_EQUAL(ask_with(rig, NO_FILE, SET, &buffer, 2), OPP_NT_SUCCESS);
	free_port(rig);
}

/* ---- an EPP chip without an ECR ------------------------------------------------------------ */

static void set_and_clear(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 1, SET, EPP_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, SET, EPP_MODE | 3), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, EPP_MODE | 3);
	CHECK_EQUAL(mode_request(rig, 0, SET, EPP_MODE | 3), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0xa0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, SET, INITIAL_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, EPP_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(pnp.ClearChipMode(pnp.Context, INITIAL_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, EPP_MODE | 3);
	CHECK_EQUAL(pnp.ClearChipMode(pnp.Context, EPP_MODE | 3), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK_EQUAL(pnp.TrySetChipMode(pnp.Context, EPP_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, EPP_MODE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x20), OPP_NT_NO_SUCH_DEVICE);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x60), OPP_NT_NO_SUCH_DEVICE);
}

static void mode_ends_with_hold(struct rig *rig)
{
	struct call next = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, EPP_MODE), OPP_NT_SUCCESS);
	queue_allocate(rig, &next, 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK_EQUAL(mode_request(rig, 1, CLEAR, EPP_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 1, SET, EPP_MODE), OPP_NT_SUCCESS);
	close_file(rig, 1);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
}

static const struct contract_case cases[] = {
	{ "C-079 SET of an unsupported mode: NO_SUCH_DEVICE, still cleared", unsupported_modes, 0 },
	{ "C-082 SET or CLEAR on a free port: INVALID_DEVICE_STATE", modes_on_free_port, 0 },
	{ "C-087 a buffer of 1 byte: BUFFER_TOO_SMALL", short_mode, 0 },
	{ "a mode is set once and cleared by its own value", set_and_clear, NEEDS_EPP },
	{ "a mode ends with the hold it was set in", mode_ends_with_hold, NEEDS_EPP },
};

CASE_TABLE(chip_mode_cases, cases);
