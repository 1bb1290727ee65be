/* SPDX-License-Identifier: MIT */
/*
 * The registers of a simulated PC parallel port without EPP or ECP.
 * Source: IEEE1284 sections 1 and 2.
 */
#include "wires.h"

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u
#define ECR     0x402u
#define NOWHERE 3u

#define STS_UPSIDE_DOWN 0x80u /* Busy */
#define STS_LOW_BITS    0x07u
#define CTL_HIGH_BITS   0xc0u
#define CTL_AFTER_BIOS  0x0cu
#define FLOATING_BUS    0xffu

void opp_sim_init(struct opp_sim *sim, const struct opp_sim_options *options)
{
	*sim = (struct opp_sim){
		.options = *options,
		.connector = { .driven = opp_sim_driven },
		.control_latch = CTL_AFTER_BIOS,
	};
	opp_sim_power(&sim->connector, sim);
	opp_sim_settle(sim);
}

static uint32_t decode(const struct opp_sim *sim, uint32_t offset)
{
	if (sim->options.chip == OPP_SIM_NO_PORT)
		return NOWHERE;
	if (offset == ECR && sim->options.extended_is_control)
		return CONTROL;
	return offset <= CONTROL ? offset : NOWHERE;
}

uint8_t opp_sim_read(struct opp_sim *sim, uint32_t offset)
{
	const struct opp_sim_options *options = &sim->options;
	const uint32_t which = decode(sim, offset);

	if (which == NOWHERE) {
		sim->counts.elsewhere++;
		return FLOATING_BUS;
	}
	sim->counts.reads[which]++;
	if (which == DATA)
		return sim->connector.wires.data;
	if (which == STATUS)
		return (uint8_t)((sim->connector.wires.status ^ STS_UPSIDE_DOWN) |
				 (options->status_low_bits & STS_LOW_BITS));
	if (options->control_unreadable)
		return FLOATING_BUS;
	return (uint8_t)(sim->control_latch | (options->control_high_bits & CTL_HIGH_BITS));
}

static uint8_t control_bits(const struct opp_sim *sim)
{
	const uint32_t everywhere = SIM_CTL_LINES | SIM_CTL_ACK_INTERRUPT;

	return (uint8_t)(sim->options.chip == OPP_SIM_PS2 ? everywhere | SIM_CTL_INPUT
							  : everywhere);
}

void opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value)
{
	const uint32_t which = decode(sim, offset);

	if (which == NOWHERE) {
		sim->counts.elsewhere++;
		return;
	}
	sim->counts.writes[which]++;
	if (which == DATA)
		sim->data_latch = value;
	if (which == CONTROL)
		sim->control_latch = value & control_bits(sim);
	opp_sim_settle(sim);
}
