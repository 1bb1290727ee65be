/* SPDX-License-Identifier: MIT */
/*
 * Chip modes on ports with and without an ECR.
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

/* ---- an ECP chip ------------------------------------------------------------------------------- */

static void set_supported(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (uint32_t mode = 0x20; mode <= 0x9f; mode++) {
		CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_SUCCESS);
		CHECK_EQUAL(pnp_info(rig).CurrentMode, mode);
		CHECK_EQUAL(rig_chip_mode(rig), mode & 0xe0);
		CHECK_EQUAL(pnp.ClearChipMode(pnp.Context, (uint8_t)mode), OPP_NT_SUCCESS);
		CHECK(chip_rests(rig));
	}
}

static void set_twice(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x60), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x60), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x20), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, SET, INITIAL_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, 0x60);
	CHECK_EQUAL(rig_chip_mode(rig), 0x60);
}

static void clear_current(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x42), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, 0x42), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK(chip_rests(rig));
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, 0x42), OPP_NT_INVALID_DEVICE_STATE);
}

static void clear_another(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x43), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, 0x40), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, 0x63), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 0, CLEAR, INITIAL_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, 0x43);
	CHECK_EQUAL(rig_chip_mode(rig), 0x40);
}

/* Each question goes to the request and to the callback, from the same state. */
static void check_both(struct rig *rig, uint8_t mode, bool set, int32_t wanted)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	const uint32_t before = pnp.CurrentMode;
	int32_t by_request;
	int32_t by_callback;
	uint8_t chip;

	by_request = mode_request(rig, 0, set ? SET : CLEAR, mode);
	chip = rig_chip_mode(rig);
	if (by_request == OPP_NT_SUCCESS && mode)
		CHECK_EQUAL(mode_request(rig, 0, set ? CLEAR : SET, mode), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, before);
	by_callback =
		set ? pnp.TrySetChipMode(pnp.Context, mode) : pnp.ClearChipMode(pnp.Context, mode);
	CHECK_EQUAL(by_request, wanted);
	CHECK_EQUAL(by_callback, wanted);
	CHECK_EQUAL(rig_chip_mode(rig), chip);
}

static void callbacks_as_requests(struct rig *rig)
{
	open_files(rig, 1);
	check_both(rig, 0x60, true, OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	check_both(rig, 0x80, true, OPP_NT_NO_SUCH_DEVICE);
	check_both(rig, 0xc0, true, OPP_NT_NO_SUCH_DEVICE);
	check_both(rig, INITIAL_MODE, true, OPP_NT_SUCCESS);
	check_both(rig, INITIAL_MODE, false, OPP_NT_SUCCESS);
	check_both(rig, 0x61, true, OPP_NT_SUCCESS);
	check_both(rig, 0x61, true, OPP_NT_INVALID_DEVICE_STATE);
	check_both(rig, 0x60, false, OPP_NT_INVALID_DEVICE_STATE);
	check_both(rig, 0x61, false, OPP_NT_SUCCESS);
}

static void invalid_mode_while_set(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (uint32_t mode = 0xa0; mode < 256; mode += 0x20)
		CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_NO_SUCH_DEVICE);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x20), OPP_NT_SUCCESS);
	for (uint32_t mode = 0; mode < 256; mode++)
		CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_INVALID_DEVICE_STATE);
}

static void missing_abilities(struct rig *rig)
{
	const bool has_ecp = pnp_info(rig).HardwareCapabilities & PPT_ECP_PRESENT;

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (uint32_t mode = 0x20; mode <= 0x7f; mode++) {
		if (!has_ecp)
			CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_NO_SUCH_DEVICE);
	}
	for (uint32_t mode = 0x80; mode <= 0x9f; mode++) {
		if (has_ecp)
			CHECK_EQUAL(mode_request(rig, 0, SET, mode), OPP_NT_NO_SUCH_DEVICE);
	}
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK(chip_rests(rig));
}

static void release_clears(struct rig *rig)
{
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(mode_request(rig, 0, SET, 0x60), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
	CHECK(!is_held(rig));
	CHECK(chip_rests(rig));
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK(try_allocate(rig));
	CHECK_EQUAL(mode_request(rig, NO_FILE, SET, 0x20), OPP_NT_SUCCESS);
	free_port(rig);
	rig_settle(rig);
	CHECK(chip_rests(rig));
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
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
	rig_settle(rig);
	check_ended(&next, OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK(chip_rests(rig));
	CHECK_EQUAL(mode_request(rig, 1, CLEAR, EPP_MODE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(mode_request(rig, 1, SET, EPP_MODE), OPP_NT_SUCCESS);
	close_file(rig, 1);
	rig_settle(rig);
	CHECK_EQUAL(pnp_info(rig).CurrentMode, INITIAL_MODE);
	CHECK(chip_rests(rig));
	CHECK(!is_held(rig));
}

static const struct contract_case cases[] = {
	{ "C-079 SET of an unsupported mode: NO_SUCH_DEVICE, still cleared", unsupported_modes, 0 },
	{ "C-082 SET or CLEAR on a free port: INVALID_DEVICE_STATE", modes_on_free_port, 0 },
	{ "C-087 a buffer of 1 byte: BUFFER_TOO_SMALL", short_mode, 0 },
	{ "C-077 SET of a supported mode: SUCCESS, CurrentMode shows it", set_supported,
	  NEEDS_ECP | NEEDS_EPP },
	{ "C-078 SET while a mode is set: INVALID_DEVICE_STATE, unchanged", set_twice, NEEDS_ECP },
	{ "C-080 CLEAR with the current mode: compatibility", clear_current, NEEDS_ECP },
	{ "C-081 CLEAR with another mode: INVALID_DEVICE_STATE, unchanged", clear_another,
	  NEEDS_ECP },
	{ "C-083 the callbacks give the same results as the requests", callbacks_as_requests,
	  NEEDS_ECP },
	{ "C-084 a release with a mode set clears it", release_clears, NEEDS_ECP },
	{ "C-085 EPP mode without EPP: NO_SUCH_DEVICE", missing_abilities, NEEDS_ECP },
	{ "C-085 ECP modes without ECP: NO_SUCH_DEVICE", missing_abilities, NEEDS_EPP },
	{ "C-086 an invalid mode while one is set: INVALID_DEVICE_STATE", invalid_mode_while_set,
	  NEEDS_ECP },
	{ "a mode is set once and cleared by its own value", set_and_clear, NEEDS_EPP },
	{ "a mode ends with the hold it was set in", mode_ends_with_hold, NEEDS_EPP },
};

CASE_TABLE(chip_mode_cases, cases);
