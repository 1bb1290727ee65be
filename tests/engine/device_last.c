/* SPDX-License-Identifier: MIT */
/* See device_last.h. */
#include <stdlib.h>
#include <string.h>

#include "device_last.h"

uint8_t got[WORLD_BYTES];

struct opp_1284 *last_unit(void)
{
	return &world.units[LAST].device;
}

struct opp_sim_connector *end_of_chain(void)
{
	return &world.chain.adapters[SECOND].through;
}

void unplug_last(void)
{
	opp_sim_unplug(end_of_chain());
}

void lock_last(void)
{
	assert_int_equal(world_does(LAST, OPP_DO_LOCK), OPP_SUCCESS);
}

void unlock_last(void)
{
	assert_int_equal(world_does(LAST, OPP_DO_UNLOCK), OPP_SUCCESS);
	expect_rest();
}

struct ask *negotiation(uint16_t read, uint16_t write)
{
	struct ask *ask = world_ask(LAST, OPP_DO_NEGOTIATE);

	ask->req.read = read;
	ask->req.write = write;
	return ask;
}

void negotiate(uint16_t read, uint16_t write)
{
	assert_int_equal(world_do(negotiation(read, write)), OPP_SUCCESS);
}

enum opp_status write_text(const char *text)
{
	return world_do(
		world_ask_bytes(LAST, OPP_DO_WRITE, (uint8_t *)(uintptr_t)text, strlen(text)));
}

struct ask *read_bytes(size_t length, enum opp_status status)
{
	struct ask *ask = world_ask_bytes(LAST, OPP_DO_READ, got, length);

	assert_int_equal(world_do(ask), status);
	return ask;
}

void plug_old_printer(void)
{
	unplug_last();
	opp_sim_plug(end_of_chain(), &world.chain.printers[CHAIN_END].centronics.peripheral);
}
