/* SPDX-License-Identifier: MIT */
/*
 * See chain_hw.h: the chip driver over a simulated chip and simulated adapters.
 */
#include "chain_hw.h"

#define ACCESS_NS 1000

static void pass(struct chain_hw *chain, uint32_t ns)
{
	if (chain->watch.touched)
		chain->watch.touched(chain->watch.context, ns);
	opp_sim_advance_to(&chain->model.sim, chain->model.sim.now_ns + ns);
}

static uint8_t read8(void *context, uint32_t offset)
{
	struct chain_hw *chain = context;

	pass(chain, ACCESS_NS);
	return model_read(&chain->model, offset);
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	struct chain_hw *chain = context;

	pass(chain, ACCESS_NS);
	model_write(&chain->model, offset, value);
}

static void busy_wait_ns(void *context, uint32_t ns)
{
	pass(context, ns);
}

static void broken(void *context, const char *what)
{
	const struct chain_hw *chain = context;

	chain->watch.broken(chain->watch.context, what);
}

static enum opp_sim_chip chip_with(uint32_t capabilities)
{
	const bool epp = capabilities & OPP_HW_CAN_EPP;

	if (capabilities & OPP_HW_CAN_FIFO)
		return epp ? OPP_SIM_ECP_EPP : OPP_SIM_ECP;
	return epp ? OPP_SIM_EPP : OPP_SIM_SPP;
}

void chain_pass_us(struct chain_hw *chain, uint64_t us)
{
	opp_sim_advance_to(&chain->model.sim, chain->model.sim.now_ns + us * 1000);
}

void chain_hw_init(struct chain_hw *chain, uint32_t capabilities, uint32_t adapters,
		   const struct chain_watch *watch)
{
	*chain = (struct chain_hw){
		.env = { .context = chain, .busy_wait_ns = busy_wait_ns, .broken = broken },
		.io = { .context = chain,
			.ranges = OPP_IOPORT_HAS_EPP | OPP_IOPORT_HAS_ECP,
			.read8 = read8,
			.write8 = write8,
			.access_ns = ACCESS_NS },
	};
	model_init(&chain->model, &(struct opp_sim_options){ .chip = chip_with(capabilities) },
		   adapters);
	CHECK_EQUAL(opp_chip_open(&chain->chip, &chain->io, &chain->env, OPP_PROBE_FULL, false),
		    OPP_SUCCESS);
	/* As poor as the other one. */
	chain->chip.hw.capabilities &= capabilities | OPP_HW_CAN_COMPAT;
	chain->chip.hw.accesses = 0;
	chain->watch = *watch;
}

struct opp_hw *chain_port(struct chain_hw *chain)
{
	return &chain->chip.hw;
}

void chain_change(struct chain_hw *chain, uint32_t adapters, enum chain_health health)
{
	model_change(&chain->model, adapters, health);
}

void chain_forget(struct chain_hw *chain)
{
	model_forget(&chain->model);
}

void chain_power(struct chain_hw *chain, bool on)
{
	model_power(&chain->model, on);
}

uint8_t chain_selected(const struct chain_hw *chain)
{
	return model_selected(&chain->model);
}

uint8_t chain_mode(const struct chain_hw *chain)
{
	return model_mode(&chain->model);
}

bool chain_is_at_rest(const struct chain_hw *chain)
{
	return model_is_at_rest(&chain->model);
}

bool chain_is_confused(const struct chain_hw *chain)
{
	return model_is_confused(&chain->model);
}
