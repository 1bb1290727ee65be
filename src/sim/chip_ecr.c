/* SPDX-License-Identifier: MIT */
/*
 * The ECR: the modes of an ECP chip and what a change of mode does.
 *
 *	000 SPP, 001 PS/2 <--> 010 FIFO, 011 ECP, 100 EPP, 110 test, 111 configuration
 *
 * Every other change is a mistake of the host and reported, but it happens. One
 * is allowed all the same: from a FIFO to its test, to count what is stuck.
 *
 * Source: IEEE1284 2.3, 2.4, 2.9.
 */
#include "chip_model.h"

#define ECR_WRITABLE 0xfcu
#define CFGB_NEVER   0x80u /* compress: no chip of ours can */

uint8_t sim_read_ecr(const struct opp_sim *sim)
{
	const bool never = sim->options.fifo_never_fills && sim_mode(sim) == SIM_MODE_TEST;
	const bool full = sim_fifo_is_full(sim) && !never;

	return (uint8_t)(sim->ecr | (full ? SIM_ECR_FULL : 0) |
			 (sim->fifo.count ? 0 : SIM_ECR_EMPTY));
}

uint8_t sim_read_config_b(const struct opp_sim *sim)
{
	if (sim_mode(sim) != SIM_MODE_CONFIG)
		return SIM_FLOATING_BUS;
	return sim->options.config_b & (uint8_t)~CFGB_NEVER;
}

static bool may_change(uint32_t from, uint32_t to)
{
	const bool from_fifo = from == SIM_MODE_FIFO || from == SIM_MODE_ECP;

	return from <= SIM_MODE_PS2 || to <= SIM_MODE_PS2 || (from_fifo && to == SIM_MODE_TEST);
}

static void change_mode(struct opp_sim *sim, uint8_t ecr)
{
	const uint32_t to = (uint32_t)ecr >> SIM_ECR_MODE_SHIFT;

	if (!may_change(sim_mode(sim), to))
		opp_sim_report(sim, OPP_SIM_MODE_JUMP);
	if (sim_moves(sim))
		sim_mover_end(sim);
	sim->ecr = ecr;
	if (to <= SIM_MODE_PS2)
		sim->fifo.count = 0;
	if (sim_moves(sim))
		sim_mover_begin(sim);
	sim_settle(sim);
}

void sim_write_ecr(struct opp_sim *sim, uint8_t value)
{
	const uint8_t ecr = value & ECR_WRITABLE;
	const uint8_t before = sim->ecr;

	if ((before ^ ecr) >> SIM_ECR_MODE_SHIFT)
		change_mode(sim, ecr);
	else
		sim->ecr = ecr;
	if (before & ~ecr & SIM_ECR_NO_FAULT_INTR)
		sim_fault_interrupt(sim);
	sim_service_interrupt(sim);
}
