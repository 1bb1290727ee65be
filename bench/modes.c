/* SPDX-License-Identifier: MIT */
/*
 * Register accesses a byte in each mode of IEEE 1284: a block of 4 KiB between
 * the engine and a simulated device that answers at once, through the chip
 * driver and a chip with EPP and a FIFO of 16 that counts the byte under way. Counted
 * in virtual time, not measured.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openparport/ieee1284.h>
#include <openparport/sim_1284.h>

#include "backend_sim.h"
#include "measure.h"

#define BLOCK_BYTES 4096u
#define BUDGET_NS   50000u
#define LIMIT_US    1000000u
#define PAUSE_NS    2000u

struct bench {
	struct opp_sim sim;
	struct opp_1284 device;
	struct opp_backend_sim backend;
	struct opp_protocol protocol;
	struct opp_transfer transfer;
	uint8_t block[BLOCK_BYTES];
};

struct figure {
	const char *name;
	uint8_t request;
	uint32_t options; /* OPP_PROTOCOL_* */
	bool reads;
};

static const struct figure figures[] = {
	{ "nibble_accesses_per_byte", OPP_REQUEST_NIBBLE, 0, true },
	{ "byte_accesses_per_byte", OPP_REQUEST_BYTE, 0, true },
	{ "epp_accesses_per_byte", OPP_REQUEST_EPP, 0, false },
	{ "epp_wide_accesses_per_byte", OPP_REQUEST_EPP, OPP_PROTOCOL_EPP_WIDE, false },
	{ "ecp_fifo_accesses_per_byte", OPP_REQUEST_ECP, 0, false },
	{ "ecp_fifo_reverse_accesses_per_byte", OPP_REQUEST_ECP, 0, true },
};

static void pass(void *context, uint32_t ns)
{
	struct bench *bench = context;

	opp_sim_advance_to(&bench->sim, bench->sim.now_ns + ns);
}

static bool next_byte(void *context, struct opp_1284_item *next)
{
	(void)context;
	*next = (struct opp_1284_item){ .byte = 0x5a };
	return true;
}

static void plug_in(struct bench *bench, const struct opp_env *env)
{
	const struct opp_sim_options chip = {
		.chip = OPP_SIM_ECP_EPP,
		.base = 0x378,
		.full_counts_transmitter = true,
	};
	const struct opp_1284_options device = {
		.modes = OPP_1284_NIBBLE | OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_EPP,
		.reverse = next_byte,
	};

	opp_sim_init(&bench->sim, &chip);
	opp_1284_init(&bench->device, &device);
	opp_1284_set_response_us(&bench->device, OPP_1284_EVERY_EVENT, 0);
	opp_sim_attach(&bench->sim, &bench->device.peripheral);
	if (opp_backend_sim_open(&bench->backend, &bench->sim, env, NULL, NULL) != OPP_SUCCESS)
		abort();
}

static void run(struct bench *bench)
{
	enum opp_step step;

	do {
		step = opp_transfer_step(&bench->transfer, &bench->backend.chip.hw,
					 bench->sim.now_ns / 1000, BUDGET_NS);
		if (step == OPP_STEP_WAIT)
			pass(bench, PAUSE_NS);
	} while (step != OPP_STEP_DONE);
	if (bench->transfer.status != OPP_SUCCESS)
		abort();
}

static void move_block(struct bench *bench, bool reads)
{
	const struct opp_read read = { .bytes = bench->block,
				       .capacity = BLOCK_BYTES,
				       .first_us = LIMIT_US };
	const struct opp_write write = { .bytes = bench->block,
					 .length = BLOCK_BYTES,
					 .inactivity_us = LIMIT_US };

	if (reads)
		opp_read_begin(&bench->transfer, &bench->protocol, &read);
	else
		opp_write_begin(&bench->transfer, &bench->protocol, &write);
	run(bench);
	if (bench->transfer.moved != BLOCK_BYTES)
		abort();
}

static double accesses_per_byte(struct bench *bench, const struct figure *figure)
{
	uint64_t before;

	opp_protocol_init(&bench->protocol, figure->options);
	opp_negotiate_begin(&bench->transfer, &bench->protocol, figure->request);
	run(bench);
	before = bench->backend.chip.hw.accesses;
	move_block(bench, figure->reads);
	before = bench->backend.chip.hw.accesses - before;
	opp_terminate_begin(&bench->transfer, &bench->protocol);
	run(bench);
	return (double)before / BLOCK_BYTES;
}

int main(void)
{
	static struct bench bench;
	const struct opp_env env = { .context = &bench, .busy_wait_ns = pass, .broken = broken };

	plug_in(&bench, &env);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		report(figures[i].name, accesses_per_byte(&bench, &figures[i]));
	return 0;
}
