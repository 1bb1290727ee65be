/* SPDX-License-Identifier: MIT */
/*
 * Protocols: what is negotiated, stored and connected.
 */
#include "device_case.h"

static uint16_t caps(struct rig *rig, uint8_t place, uint16_t exclude)
{
	uint16_t mask = exclude;
	struct call call = { .buffer = &mask,
			     .input_bytes = sizeof(mask),
			     .output_bytes = sizeof(mask) };

	CHECK_EQUAL(control(rig, &call, place, IOCTL_PAR_GET_DEVICE_CAPS), SUCCESS);
	CHECK_EQUAL(call.information, 2);
	return mask;
}

/* ---- GET_MODE, GET_DEFAULT_MODES --------------------------------------------------------- */

static void mode_at_first(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	open_device(rig, RAW_DEVICE, 0);
	check_mode(rig, RAW_DEVICE, NIBBLE, CENTRONICS);
}

static void mode_while_held(struct rig *rig)
{
	struct call write = { 0 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK(!write.done);
}

static void check_default_modes(struct rig *rig)
{
	struct PARCLASS_NEGOTIATION_MASK mask = { 0 };
	struct call call = { .major = IRP_MJ_DEVICE_CONTROL,
			     .code = IOCTL_PAR_GET_DEFAULT_MODES,
			     .buffer = &mask,
			     .output_bytes = sizeof(mask) };

	send_to(rig, &call, END_DEVICE);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, 4);
	CHECK_EQUAL(mask.usReadMask, NIBBLE);
	CHECK_EQUAL(mask.usWriteMask, CENTRONICS);
}

static void default_modes(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	check_default_modes(rig);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ANY_PROTOCOL, ANY_PROTOCOL), SUCCESS);
	check_default_modes(rig);
}

/* ---- NEGOTIATE ------------------------------------------------------------------------------ */

/* The documented order of speed, and ours for its end (S-67). */
static void fastest_common(struct rig *rig)
{
	static const struct {
		uint16_t masks[2];    /* read, write */
		uint16_t in_force[2]; /* the same */
	} all[] = {
		{ { ANY_PROTOCOL, ANY_PROTOCOL }, { ECP_HW, ECP_HW } },
		{ { ECP_HW | EPP_HW, ECP_SW | EPP_HW }, { ECP_HW, EPP_HW } },
		{ { EPP_HW | EPP_SW, EPP_SW | ECP_SW }, { EPP_HW, EPP_SW } },
		{ { EPP_SW | ECP_SW, ECP_SW | COMPATIBILITY }, { EPP_SW, ECP_SW } },
		{ { ECP_SW | BYTE_MODE, COMPATIBILITY | CENTRONICS }, { ECP_SW, COMPATIBILITY } },
		{ { BYTE_MODE | NIBBLE, CENTRONICS }, { BYTE_MODE, CENTRONICS } },
		{ { NIBBLE | CENTRONICS, CENTRONICS | NIBBLE }, { NIBBLE, CENTRONICS } },
		{ { 0, EPP_HW }, { NIBBLE, EPP_HW } },
		{ { BYTE_MODE, 0 }, { BYTE_MODE, EPP_HW } },
		{ { 0, 0 }, { BYTE_MODE, EPP_HW } },
	};

	open_device(rig, END_DEVICE, 0);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		CHECK_EQUAL(negotiate(rig, END_DEVICE, all[i].masks[0], all[i].masks[1]), SUCCESS);
		check_mode(rig, END_DEVICE, all[i].in_force[0], all[i].in_force[1]);
	}
}

static void modes_are_a_devices_own(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	open_device(rig, 0, 0);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE, ECP_SW), SUCCESS);
	check_mode(rig, END_DEVICE, BYTE_MODE, ECP_SW);
	check_mode(rig, 0, NIBBLE, CENTRONICS);
}

static void negotiate_too_short(struct rig *rig)
{
	uint8_t buffer[8] = { 0xff, 0xff, 0xff, 0xff };
	struct call call;

	open_device(rig, END_DEVICE, 0);
	for (uint32_t bytes = 0; bytes < 4; bytes++) {
		call = (struct call){ .buffer = buffer, .input_bytes = bytes, .output_bytes = 8 };
		CHECK_EQUAL(control(rig, &call, END_DEVICE, IOCTL_IEEE1284_NEGOTIATE),
			    INVALID_PARAMETER);
		call = (struct call){ .buffer = buffer, .input_bytes = 8, .output_bytes = bytes };
		CHECK_EQUAL(control(rig, &call, END_DEVICE, IOCTL_IEEE1284_NEGOTIATE),
			    BUFFER_TOO_SMALL);
	}
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
}

static void nothing_in_common(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	rig_plug(rig, END_DEVICE, DEVICE_NIBBLE);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE | ECP_HW, CENTRONICS), UNSUCCESSFUL);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, NIBBLE, EPP_HW | ECP_SW), UNSUCCESSFUL);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, CENTRONICS, COMPATIBILITY), UNSUCCESSFUL);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK(!is_held(rig));
}

static void negotiate_locks_itself(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;
	struct call waiting = { 0 };
	struct PARCLASS_NEGOTIATION_MASK mask = { .usReadMask = BYTE_MODE };

	open_files(rig, 1);
	open_device(rig, 1, 0);
	counts = rig_counters(rig);
	CHECK_EQUAL(negotiate(rig, 1, BYTE_MODE, ECP_HW), SUCCESS);
	CHECK_EQUAL(rig_counters(rig).PortAllocates - counts.PortAllocates, 1);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_mode(rig, 1), IN_COMPATIBILITY);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	waiting = (struct call){ .major = IRP_MJ_DEVICE_CONTROL,
				 .code = IOCTL_IEEE1284_NEGOTIATE,
				 .buffer = &mask,
				 .input_bytes = 4,
				 .output_bytes = 4 };
	send_to(rig, &waiting, 1);
	rig_pass_ms(rig, LOCK_MS + 100);
	check_ended(&waiting, DEVICE_BUSY);
}

static void negotiate_under_lock(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE, ECP_HW), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_ECP);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE, EPP_HW), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_EPP);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
	check_mode(rig, END_DEVICE, BYTE_MODE, EPP_HW);
}

static void host_lacks_it(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ANY_PROTOCOL, ANY_PROTOCOL), SUCCESS);
	check_mode(rig, END_DEVICE, NIBBLE, EPP_SW);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE | ECP_HW | ECP_SW | EPP_HW | EPP_SW, 0),
		    UNSUCCESSFUL);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, 0, ECP_HW | EPP_HW), UNSUCCESSFUL);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, NIBBLE, ECP_SW), SUCCESS);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abc", 3), SUCCESS);
	check_heard(rig, END_DEVICE, "abc", 3);
	CHECK_EQUAL(caps(rig, END_DEVICE, 0),
		    CENTRONICS | COMPATIBILITY | NIBBLE | EPP_SW | ECP_SW);
}

/* ---- DISCONNECT_IDLE -------------------------------------------------------------------------- */

static void disconnect_idle(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE, ECP_HW), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_ECP);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, IOCTL_INTERNAL_DISCONNECT_IDLE), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
	CHECK(is_held(rig));
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
}

static void disconnect_idle_unlocked(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE, ECP_HW), SUCCESS);
	counts = rig_counters(rig);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, IOCTL_INTERNAL_DISCONNECT_IDLE), SUCCESS);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, counts.PortAllocates);
}

/* ---- GET_DEVICE_CAPS ----------------------------------------------------------------------------- */

static void caps_exclude(struct rig *rig)
{
	const uint16_t all =
		CENTRONICS | COMPATIBILITY | NIBBLE | BYTE_MODE | EPP_HW | EPP_SW | ECP_HW | ECP_SW;
	uint16_t found = 0;
	struct call no_input = { .buffer = &found, .output_bytes = 2 };

	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(control(rig, &no_input, END_DEVICE, IOCTL_PAR_GET_DEVICE_CAPS), SUCCESS);
	CHECK_EQUAL(no_input.information, 2);
	CHECK_EQUAL(found, all);
	CHECK_EQUAL(caps(rig, END_DEVICE, ECP_HW | ECP_SW), all & ~(ECP_HW | ECP_SW));
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ANY_PROTOCOL, ANY_PROTOCOL), SUCCESS);
	check_mode(rig, END_DEVICE, EPP_HW, EPP_HW);
	CHECK_EQUAL(caps(rig, END_DEVICE, EPP_HW | EPP_SW), all & ~(EPP_HW | EPP_SW));
	CHECK_EQUAL(negotiate(rig, END_DEVICE, ANY_PROTOCOL, ANY_PROTOCOL), SUCCESS);
	check_mode(rig, END_DEVICE, ECP_HW, ECP_HW);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, EPP_HW, CENTRONICS), UNSUCCESSFUL);
}

static void caps_too_short(struct rig *rig)
{
	uint8_t buffer[8] = { 0 };
	struct call call;

	open_device(rig, END_DEVICE, 0);
	for (uint32_t bytes = 0; bytes < 2; bytes++) {
		call = (struct call){ .buffer = buffer, .output_bytes = bytes };
		CHECK_EQUAL(control(rig, &call, END_DEVICE, IOCTL_PAR_GET_DEVICE_CAPS),
			    BUFFER_TOO_SMALL);
	}
	call = (struct call){ .buffer = buffer, .input_bytes = 1, .output_bytes = 8 };
	CHECK_EQUAL(control(rig, &call, END_DEVICE, IOCTL_PAR_GET_DEVICE_CAPS), BUFFER_TOO_SMALL);
}

static void caps_of_a_plain_printer(struct rig *rig)
{
	rig_plug(rig, END_DEVICE, DEVICE_PLAIN);
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(caps(rig, RAW_DEVICE, 0) & (NIBBLE | BYTE_MODE | EPP_HW | ECP_HW), 0);
	CHECK_EQUAL(caps(rig, RAW_DEVICE, 0) & CENTRONICS, CENTRONICS);
}

/* ---- callbacks -------------------------------------------------------------------------------------- */

static struct PARCLASS_INFORMATION lock_and_connect(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	return connect_to(rig, END_DEVICE);
}

static void connected_already(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = lock_and_connect(rig);
	void *context = info.ParclassContext;

	CHECK_EQUAL(info.NegotiateIeeeMode(context, ECP_HW, NIBBLE, SAFE_MODE, 1), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_ECP);
	CHECK_EQUAL(info.NegotiateIeeeMode(context, EPP_HW, NIBBLE, SAFE_MODE, 1), PROTOCOL_ERROR);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_ECP);
	check_mode(rig, END_DEVICE, NIBBLE, ECP_HW);
	CHECK_EQUAL(info.TerminateIeeeMode(context), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
	CHECK_EQUAL(info.NegotiateIeeeMode(context, EPP_HW, NIBBLE, SAFE_MODE, 1), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_EPP);
	CHECK_EQUAL(info.TerminateIeeeMode(context), SUCCESS);
	CHECK_EQUAL(info.NegotiateIeeeMode(context, NIBBLE, CENTRONICS, SAFE_MODE, 1),
		    UNSUCCESSFUL);
}

static void forward_or_reverse(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = lock_and_connect(rig);
	void *context = info.ParclassContext;

	CHECK_EQUAL(info.NegotiateIeeeMode(context, EPP_HW, BYTE_MODE, SAFE_MODE, 1), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_EPP);
	CHECK_EQUAL(info.TerminateIeeeMode(context), SUCCESS);
	CHECK_EQUAL(info.NegotiateIeeeMode(context, EPP_HW, BYTE_MODE, SAFE_MODE, 0), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_NIBBLE_OR_BYTE);
	check_mode(rig, END_DEVICE, BYTE_MODE, EPP_HW);
}

static void unsafe(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = lock_and_connect(rig);
	void *context = info.ParclassContext;

	CHECK_EQUAL(info.NegotiateIeeeMode(context, ECP_HW, NIBBLE, UNSAFE_MODE, 1),
		    INVALID_PARAMETER);
	CHECK_EQUAL(info.NegotiateIeeeMode(context, ECP_HW, NIBBLE, (enum PARALLEL_SAFETY)7, 1),
		    INVALID_PARAMETER);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
	check_mode(rig, END_DEVICE, NIBBLE, CENTRONICS);
}

static void terminate_idle(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = lock_and_connect(rig);

	CHECK_EQUAL(info.TerminateIeeeMode(info.ParclassContext), SUCCESS);
	CHECK_EQUAL(info.TerminateIeeeMode(info.ParclassContext), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
	CHECK(is_held(rig));
}

/* There already: no line moves, no register is touched. */
static void turning(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = lock_and_connect(rig);
	void *context = info.ParclassContext;
	uint64_t accesses;

	CHECK_EQUAL(info.IeeeFwdToRevMode(context), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_NIBBLE_OR_BYTE);
	accesses = rig_accesses(rig);
	CHECK_EQUAL(info.IeeeFwdToRevMode(context), SUCCESS);
	CHECK_EQUAL(rig_accesses(rig), accesses);
	CHECK_EQUAL(info.IeeeRevToFwdMode(context), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_COMPATIBILITY);
	accesses = rig_accesses(rig);
	CHECK_EQUAL(info.IeeeRevToFwdMode(context), SUCCESS);
	CHECK_EQUAL(rig_accesses(rig), accesses);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, BYTE_MODE, EPP_HW), SUCCESS);
	CHECK_EQUAL(info.IeeeFwdToRevMode(context), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_NIBBLE_OR_BYTE);
	CHECK_EQUAL(info.IeeeRevToFwdMode(context), SUCCESS);
	CHECK_EQUAL(rig_mode(rig, END_DEVICE), IN_EPP);
	accesses = rig_accesses(rig);
	CHECK_EQUAL(info.IeeeRevToFwdMode(context), SUCCESS);
	CHECK_EQUAL(rig_accesses(rig), accesses);
}

static void determine_modes(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = lock_and_connect(rig);
	void *context = info.ParclassContext;
	uint16_t found;

	found = info.DetermineIeeeModes(context);
	CHECK_EQUAL(found, CENTRONICS | COMPATIBILITY | NIBBLE | BYTE_MODE | EPP_HW | EPP_SW |
				   ECP_HW | ECP_SW);
	CHECK_EQUAL(caps(rig, END_DEVICE, EPP_HW), found & ~EPP_HW);
	CHECK_EQUAL(info.DetermineIeeeModes(context), found & ~EPP_HW);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
	CHECK_EQUAL(info.DetermineIeeeModes(context), found & ~EPP_HW);
	CHECK_EQUAL(negotiate(rig, END_DEVICE, 0, EPP_HW), UNSUCCESSFUL);
}

static const struct contract_case cases[] = {
	{ "C-134 GET_MODE at first: NIBBLE, CENTRONICS", mode_at_first, ON_POOR_CHIP },
	{ "C-135 GET_MODE while another client holds the port", mode_while_held, ON_POOR_CHIP },
	{ "C-136 GET_DEFAULT_MODES: always CENTRONICS, NIBBLE", default_modes, ON_RICH_CHIP },
	{ "C-137 C-138 NEGOTIATE: the fastest common protocol each way", fastest_common,
	  ON_RICH_CHIP },
	{ "C-138 what is negotiated is the device's own", modes_are_a_devices_own, ON_RICH_CHIP },
	{ "C-139 NEGOTIATE with less than 4 bytes: INVALID_PARAMETER", negotiate_too_short,
	  ON_POOR_CHIP },
	{ "C-140 nothing in common: UNSUCCESSFUL, protocols unchanged", nothing_in_common,
	  ON_RICH_CHIP },
	{ "C-141 NEGOTIATE without a lock leaves the port free", negotiate_locks_itself,
	  ON_RICH_CHIP },
	{ "C-141 NEGOTIATE under a lock stays connected", negotiate_under_lock, ON_RICH_CHIP },
	{ "C-142 DISCONNECT_IDLE: compatibility mode, default protocols", disconnect_idle,
	  ON_RICH_CHIP },
	{ "C-142 DISCONNECT_IDLE without a lock", disconnect_idle_unlocked, ON_RICH_CHIP },
	{ "C-143 NegotiateIeeeMode with a mode connected: DEVICE_PROTOCOL_ERROR", connected_already,
	  ON_RICH_CHIP },
	{ "C-144 IsForward chooses what is connected", forward_or_reverse, ON_RICH_CHIP },
	{ "C-145 ModeSafety other than SAFE_MODE: INVALID_PARAMETER", unsafe, ON_RICH_CHIP },
	{ "C-146 TerminateIeeeMode with no mode connected: SUCCESS", terminate_idle, ON_POOR_CHIP },
	{ "C-147 turning to where it is costs nothing", turning, ON_RICH_CHIP },
	{ "C-148 GET_DEVICE_CAPS: what is supported, excluded ones never used", caps_exclude,
	  ON_RICH_CHIP },
	{ "C-148 GET_DEVICE_CAPS too short: BUFFER_TOO_SMALL", caps_too_short, ON_POOR_CHIP },
	{ "C-148 GET_DEVICE_CAPS of a printer without IEEE 1284", caps_of_a_plain_printer,
	  ON_RICH_CHIP },
	{ "C-149 a protocol the host lacks is never chosen", host_lacks_it, ON_POOR_CHIP },
	{ "C-148 DetermineIeeeModes: asked under a lock, else remembered", determine_modes,
	  ON_RICH_CHIP },
};

CASE_TABLE(device_mode_cases, cases);
