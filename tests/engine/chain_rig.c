/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chain_rig.h"

static bool print(void *context, uint8_t byte)
{
	(void)byte;
	((struct chain_printer *)context)->bytes++;
	return true;
}

static struct opp_sim_peripheral *new_printer(struct chain_printer *printer)
{
	const struct opp_centronics_options options = { .context = printer, .print = print };

	*printer = (struct chain_printer){ .bytes = 0 };
	opp_centronics_init(&printer->centronics, &options);
	return &printer->centronics.peripheral;
}

void chain_start(struct chain_rig *chain, enum opp_sim_chip chip, uint32_t count)
{
	chain_start_on(chain, &(struct opp_sim_options){ .chip = chip }, count);
}

void chain_start_on(struct chain_rig *chain, const struct opp_sim_options *chip, uint32_t count)
{
	struct opp_sim_connector *next = &chain->rig.sim.connector;

	rig_start(&chain->rig, chip, NULL, 1000);
	for (uint32_t i = 0; i < count; i++) {
		struct opp_daisy *adapter = &chain->adapters[i];

		opp_daisy_init(adapter);
		opp_sim_plug(next, &adapter->peripheral);
		opp_sim_plug(&adapter->device, new_printer(&chain->printers[i]));
		next = &adapter->through;
	}
	opp_sim_plug(next, new_printer(&chain->printers[CHAIN_END]));
	assert_int_equal(rig_open(&chain->rig, OPP_PROBE_FULL), OPP_SUCCESS);
	opp_protocol_init(&chain->protocol, 0);
	rig_forget_accesses(&chain->rig);
}

enum opp_status chain_run(struct chain_rig *chain)
{
	return rig_run(&chain->rig, &chain->transfer, RIG_BUDGET_NS);
}

size_t chain_assign(struct chain_rig *chain, uint8_t most)
{
	opp_chain_assign_begin(&chain->transfer, &chain->protocol, most);
	assert_int_equal(chain_run(chain), OPP_SUCCESS);
	return chain->transfer.moved;
}

enum opp_status chain_select(struct chain_rig *chain, uint8_t address, enum opp_mode mode)
{
	opp_chain_select_begin(&chain->transfer, &chain->protocol, address, mode);
	return chain_run(chain);
}

enum opp_status chain_deselect(struct chain_rig *chain)
{
	opp_chain_deselect_begin(&chain->transfer, &chain->protocol);
	return chain_run(chain);
}

uint32_t chain_reached(struct chain_rig *chain)
{
	const struct opp_write one = { .bytes = "x", .length = 1, .inactivity_us = 1000 };
	size_t before[OPP_CHAIN_DEVICES + 1];
	uint32_t reached = UINT32_MAX;

	for (uint32_t i = 0; i <= CHAIN_END; i++)
		before[i] = chain->printers[i].bytes;
	opp_write_begin(&chain->transfer, &chain->protocol, &one);
	assert_int_equal(chain_run(chain), OPP_SUCCESS);
	rig_pass_ns(&chain->rig, 1000000);
	for (uint32_t i = 0; i <= CHAIN_END; i++) {
		if (chain->printers[i].bytes == before[i])
			continue;
		assert_int_equal(reached, UINT32_MAX);
		assert_int_equal(chain->printers[i].bytes, before[i] + 1);
		reached = i;
	}
	return reached;
}

size_t chain_writes(const struct chain_rig *chain, uint32_t offset, uint8_t *values, size_t most)
{
	size_t count = 0;

	assert_true(chain->rig.accesses <= RIG_LOG);
	for (uint32_t i = 0; i < chain->rig.accesses; i++) {
		const struct rig_access *access = &chain->rig.log[i];

		if (!access->write || access->offset != offset)
			continue;
		assert_true(count < most);
		values[count++] = access->value;
	}
	return count;
}
