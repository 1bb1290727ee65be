/* SPDX-License-Identifier: MIT */
/*
 * See peripherals.h.
 */
#include "peripherals.h"

#define CHANNEL_MASK 0x7f

static const char *const ids[] = {
	"MFG:Acme;MDL:Zip;CLS:MEDIA;", "MFG:Acme;MDL:Scanner;",        "MFG:Bolt;MDL:Plotter;",
	"MFG:Bolt;MDL:Camera;",        "MFG:End;MDL:Printer;CMD:PCL;",
};

static void hear(struct peripheral *peripheral, uint8_t byte)
{
	CHECK(peripheral->heard_bytes < PERIPHERAL_BYTES);
	peripheral->heard[peripheral->heard_bytes++] = byte;
}

static bool print(void *context, uint8_t byte)
{
	struct peripheral *peripheral = context;

	if (!peripheral->room)
		return false;
	peripheral->room -= peripheral->room != ROOM_FOR_ALL;
	hear(peripheral, byte);
	return true;
}

static void forward(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	struct peripheral *peripheral = context;

	(void)channel;
	switch (kind) {
	case OPP_1284_ECP_DATA:
	case OPP_1284_EPP_DATA: hear(peripheral, byte); break;
	case OPP_1284_ECP_COMMAND: peripheral->address = byte & CHANNEL_MASK; break;
	case OPP_1284_EPP_ADDRESS: peripheral->address = byte; break;
	}
}

static bool reverse(void *context, struct opp_1284_item *next)
{
	struct peripheral *peripheral = context;

	if (peripheral->said == peripheral->says_bytes)
		return false;
	*next = (struct opp_1284_item){ .byte = peripheral->says[peripheral->said++] };
	return true;
}

static uint8_t epp_read(void *context, bool address)
{
	struct peripheral *peripheral = context;

	if (address)
		return peripheral->address;
	CHECK(peripheral->said_epp < peripheral->says_bytes);
	return peripheral->says[peripheral->said_epp++];
}

static uint32_t modes_of(enum device_kind kind)
{
	const uint32_t nibble = OPP_1284_NIBBLE | OPP_1284_ID_NIBBLE;

	switch (kind) {
	case DEVICE_FULL: return nibble | OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_EPP;
	case DEVICE_NIBBLE:
	case DEVICE_BAD_ID: return nibble;
	case DEVICE_SILENT: return OPP_1284_NIBBLE;
	case DEVICE_PLAIN: break;
	}
	return 0;
}

void peripheral_init(struct peripheral *peripheral, uint8_t place, enum device_kind kind)
{
	static const uint8_t too_long[] = { 0xff, 0xff, 'M' };
	struct opp_1284_options options = {
		.modes = modes_of(kind),
		.printer = { .context = peripheral, .print = print },
		.device_id = ids[place],
		.context = peripheral,
		.forward = forward,
		.reverse = reverse,
		.epp_read = epp_read,
	};

	*peripheral = (struct peripheral){ .kind = kind, .room = ROOM_FOR_ALL };
	if (kind == DEVICE_BAD_ID) {
		options.raw_device_id = too_long;
		options.raw_device_id_bytes = sizeof(too_long);
	}
	opp_1284_init(&peripheral->ieee1284, &options);
	if (kind == DEVICE_PLAIN)
		opp_centronics_init(&peripheral->plain, &options.printer);
}

struct opp_sim_peripheral *peripheral_plug(struct peripheral *peripheral)
{
	if (peripheral->kind == DEVICE_PLAIN)
		return &peripheral->plain.peripheral;
	return &peripheral->ieee1284.peripheral;
}

void peripheral_trouble(struct peripheral *peripheral, enum device_trouble trouble)
{
	static const uint32_t conditions[] = {
		[TROUBLE_PAPER] = OPP_CENTRONICS_PAPER_OUT,
		[TROUBLE_OFF_LINE] = OPP_CENTRONICS_OFF_LINE,
		[TROUBLE_ERROR] = OPP_CENTRONICS_ERROR,
		[TROUBLE_POWER] = OPP_CENTRONICS_POWERED_OFF,
	};

	opp_1284_set_conditions(&peripheral->ieee1284, conditions[trouble]);
	opp_centronics_set_conditions(&peripheral->plain, conditions[trouble]);
}

void peripheral_room(struct peripheral *peripheral, uint32_t bytes)
{
	peripheral->room = bytes;
	opp_1284_set_full(&peripheral->ieee1284, !bytes);
	opp_centronics_resume(&peripheral->ieee1284.printer);
	opp_centronics_resume(&peripheral->plain);
}

enum device_mode peripheral_mode(const struct peripheral *peripheral)
{
	switch (peripheral->ieee1284.state) {
	case OPP_1284_COMPAT:
	case OPP_1284_DESELECTED:
	case OPP_1284_GONE: return IN_COMPATIBILITY;
	case OPP_1284_HBDA:
	case OPP_1284_HBDNA:
	case OPP_1284_REVERSE_IDLE: return IN_NIBBLE_OR_BYTE;
	case OPP_1284_ECP_FORWARD:
	case OPP_1284_ECP_REVERSE: return IN_ECP;
	case OPP_1284_EPP_IDLE: return IN_EPP;
	default: return IN_BETWEEN;
	}
}

void peripheral_say(struct peripheral *peripheral, const void *bytes, uint32_t count)
{
	peripheral->says = bytes;
	peripheral->says_bytes = count;
	peripheral->said = 0;
	peripheral->said_epp = 0;
	opp_1284_data_arrives(&peripheral->ieee1284);
}
