/* SPDX-License-Identifier: MIT */
/*
 * The simulator's price: one register access with a printer attached, as bytes
 * are sent, against one reading of the clock; and how many accesses a byte takes
 * in compatibility mode.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openparport/ieee1284.h>
#include <openparport/sim_centronics.h>

#include "backend_sim.h"
#include "measure.h"

#define PAGE_BYTES 65536u
#define BUDGET_NS  50000u
#define TURNS      5000u
#define LIMIT_US   UINT64_MAX

struct bench {
	struct opp_sim sim;
	struct opp_centronics printer;
	struct opp_backend_sim backend;
	struct opp_hw *hw;
};

static void plug_in(struct bench *bench, const struct opp_env *env)
{
	const struct opp_sim_options chip = { .chip = OPP_SIM_PS2 };
	const struct opp_centronics_options printer = { .ack_ns = 500 };

	opp_sim_init(&bench->sim, &chip);
	opp_centronics_init(&bench->printer, &printer);
	opp_sim_attach(&bench->sim, &bench->printer.peripheral);
	if (opp_backend_sim_open(&bench->backend, &bench->sim, env, clock_ns, NULL) != OPP_SUCCESS)
		abort();
	bench->hw = &bench->backend.chip.hw;
}

/* TURNS accesses in the mix of a byte: status, data, nStrobe low, nStrobe high. */
static uint64_t access_registers(void *context)
{
	struct opp_hw *hw = ((struct bench *)context)->hw;
	const uint64_t start_ns = now_ns();
	uint32_t i;

	for (i = 0; i < TURNS / 4; i++) {
		(void)hw->ops->read_status(hw);
		hw->ops->write_data(hw, (uint8_t)i);
		hw->ops->write_control(hw, OPP_LINE_NSTROBE, 0);
		hw->ops->write_control(hw, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE);
	}
	return now_ns() - start_ns;
}

static uint64_t read_clock(void *context)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	(void)context;
	for (i = 0; i < TURNS; i++)
		(void)now_ns();
	return now_ns() - start_ns;
}

static double accesses_per_byte(struct bench *bench)
{
	static const uint8_t page[PAGE_BYTES];
	const uint64_t before = bench->hw->accesses;
	struct opp_protocol protocol;
	struct opp_transfer transfer;

	opp_protocol_init(&protocol, 0);
	opp_write_begin(&transfer, &protocol,
			&(struct opp_write){ .bytes = page,
					     .length = sizeof(page),
					     .inactivity_us = LIMIT_US,
					     .fault_us = LIMIT_US });
	while (opp_transfer_step(&transfer, bench->hw, now_ns() / 1000, BUDGET_NS) != OPP_STEP_DONE)
		;
	if (transfer.moved != sizeof(page))
		abort();
	return (double)(bench->hw->accesses - before) / sizeof(page);
}

int main(void)
{
	const struct opp_env env = { .busy_wait_ns = busy_wait_ns, .broken = broken };
	static struct bench bench;

	plug_in(&bench, &env);
	report("sim_access_vs_clock_read", median_ratio(access_registers, read_clock, &bench));
	report("compat_accesses_per_byte", accesses_per_byte(&bench));
	return 0;
}
