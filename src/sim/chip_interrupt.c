/* SPDX-License-Identifier: MIT */
/*
 * What interrupts: a rising nAck, a falling nFault, the FIFO's need of service.
 * Source: IEEE1284 2.3, 2.10.
 */
#include "chip_model.h"

void sim_interrupt(struct opp_sim *sim)
{
	if (sim->options.interrupt)
		sim->options.interrupt(sim->options.context);
}

void sim_fault_interrupt(struct opp_sim *sim)
{
	if (sim_mode(sim) == SIM_MODE_ECP && !sim_is_high(sim, OPP_LINE_NFAULT))
		sim_interrupt(sim);
}

void sim_status_interrupt(struct opp_sim *sim, uint8_t before, uint8_t now)
{
	const uint32_t risen = now & ~(uint32_t)before;
	const uint32_t fallen = before & ~(uint32_t)now;

	if ((risen & OPP_LINE_NACK) && (sim->control_latch & SIM_CTL_ACK_INTERRUPT))
		sim_interrupt(sim);
	if ((fallen & OPP_LINE_NFAULT) && !(sim->ecr & SIM_ECR_NO_FAULT_INTR))
		sim_fault_interrupt(sim);
}

static bool wants_service(const struct opp_sim *sim)
{
	const struct opp_sim_fifo *fifo = &sim->fifo;
	const uint32_t most = fifo->depth - fifo->threshold;

	if (!sim_moves(sim) && sim_mode(sim) != SIM_MODE_TEST)
		return false;
	if (sim->ecr & SIM_ECR_DMA)
		return false;
	return sim_is_input(sim) ? fifo->count >= most : fifo->depth - fifo->count >= most;
}

void sim_service_interrupt(struct opp_sim *sim)
{
	if ((sim->ecr & SIM_ECR_SERVICED) || !wants_service(sim))
		return;
	sim->ecr |= SIM_ECR_SERVICED;
	sim_interrupt(sim);
}

void opp_sim_terminal_count(struct opp_sim *sim)
{
	if ((sim->ecr & (SIM_ECR_DMA | SIM_ECR_SERVICED)) != SIM_ECR_DMA)
		return;
	sim->ecr |= SIM_ECR_SERVICED;
	sim_interrupt(sim);
}
