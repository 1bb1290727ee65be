/* SPDX-License-Identifier: MIT */
/*
 * The devices of the native rig's chain: one behind each adapter, one at the end. Each
 * keeps what it is told and says what it was given to say.
 */
#ifndef OPENPARPORT_TESTS_PERIPHERALS_H
#define OPENPARPORT_TESTS_PERIPHERALS_H

#include <openparport/sim_1284.h>

#include "case.h"

#define PERIPHERAL_BYTES 2048

struct peripheral {
	enum device_kind kind;
	struct opp_1284 ieee1284;
	struct opp_centronics plain; /* of DEVICE_PLAIN, in its stead */
	uint8_t heard[PERIPHERAL_BYTES];
	uint32_t heard_bytes;
	uint8_t address; /* ECP channel or EPP address told last */
	uint32_t room;   /* bytes it still takes, or ROOM_FOR_ALL */
	const uint8_t *says;
	uint32_t says_bytes;
	uint32_t said;     /* in nibble, byte and ECP mode: asked for one ahead */
	uint32_t said_epp; /* of the same bytes */
};

/* @place: it says so in its id. */
void peripheral_init(struct peripheral *peripheral, uint8_t place, enum device_kind kind);

/* What opp_sim_plug takes. */
struct opp_sim_peripheral *peripheral_plug(struct peripheral *peripheral);

void peripheral_trouble(struct peripheral *peripheral, enum device_trouble trouble);
void peripheral_room(struct peripheral *peripheral, uint32_t bytes);
enum device_mode peripheral_mode(const struct peripheral *peripheral);
void peripheral_say(struct peripheral *peripheral, const void *bytes, uint32_t count);

#endif
