/* SPDX-License-Identifier: MIT */
/*
 * The native rig's devices: what stands at the places of the chain, and what became of it.
 */
#include <string.h>

#include "native.h"

/* A printer has the last byte before it has printed it. */
#define PRINTING_US 1000

void rig_plug(struct rig *rig, uint8_t place, enum device_kind kind)
{
	model_plug(&rig->chain.model, place, kind);
}

void rig_unplug(struct rig *rig, uint8_t place)
{
	model_unplug(&rig->chain.model, place);
}

void rig_trouble(struct rig *rig, uint8_t place, enum device_trouble trouble)
{
	peripheral_trouble(&rig->chain.model.peripherals[place], trouble);
}

void rig_room(struct rig *rig, uint8_t place, uint32_t bytes)
{
	peripheral_room(&rig->chain.model.peripherals[place], bytes);
}

enum device_mode rig_mode(struct rig *rig, uint8_t place)
{
	return peripheral_mode(&rig->chain.model.peripherals[place]);
}

uint64_t rig_accesses(struct rig *rig)
{
	return chain_port(&rig->chain)->accesses;
}

void rig_say(struct rig *rig, uint8_t place, const void *bytes, uint32_t count)
{
	peripheral_say(&rig->chain.model.peripherals[place], bytes, count);
}

uint32_t rig_heard(struct rig *rig, uint8_t place, void *bytes, uint32_t room)
{
	struct peripheral *peripheral = &rig->chain.model.peripherals[place];
	uint32_t count;

	chain_pass_us(&rig->chain, PRINTING_US);
	count = peripheral->heard_bytes;
	CHECK(count <= room);
	memcpy(bytes, peripheral->heard, count);
	peripheral->heard_bytes = 0;
	return count;
}

uint8_t rig_address(struct rig *rig, uint8_t place)
{
	return rig->chain.model.peripherals[place].address;
}

uint32_t rig_resets(struct rig *rig)
{
	return rig->chain.model.resets;
}

void rig_look(struct rig *rig)
{
	opp_contract_look(&rig->port);
	rig_check(rig);
	rig_settle(rig);
}

bool rig_is_there(struct rig *rig, uint8_t place, char *id)
{
	return opp_contract_device_is_there(opp_contract_device(&rig->port, place), id);
}

uint32_t rig_changes(struct rig *rig)
{
	return rig->changes;
}

void rig_begin_devices(struct rig *rig)
{
	for (uint8_t place = 0; place < rig->chain.model.plugged; place++)
		rig_plug(rig, place, DEVICE_FULL);
	rig_plug(rig, END_DEVICE, DEVICE_FULL);
	rig_look(rig);
}
