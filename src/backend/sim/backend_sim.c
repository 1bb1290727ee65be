/* SPDX-License-Identifier: MIT */
/* Register access to a simulated chip, and the clock that it lives by. */
#include "backend_sim.h"

static void access_starts(struct opp_backend_sim *backend, bool looks)
{
	struct opp_sim *sim = backend->sim;
	const bool looks_again = looks && backend->looked && backend->clock_ns;
	uint64_t now_ns = sim->now_ns + (looks_again ? 0 : OPP_BACKEND_SIM_ACCESS_NS);

	backend->looked = looks;
	if (backend->clock_ns) {
		const uint64_t clock_ns = backend->clock_ns(backend->clock_context);

		if (clock_ns > now_ns)
			now_ns = clock_ns;
	}
	opp_sim_advance_to(sim, now_ns);
}

static uint8_t read8(void *context, uint32_t offset)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, true);
	return opp_sim_read(backend->sim, offset);
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, false);
	opp_sim_write(backend->sim, offset, value);
}

uint64_t opp_backend_sim_catch_up(struct opp_backend_sim *backend)
{
	if (backend->clock_ns)
		opp_sim_advance_to(backend->sim, backend->clock_ns(backend->clock_context));
	return opp_sim_next_edge_ns(backend->sim);
}

void opp_backend_sim_interrupt(void *context)
{
	const struct opp_hw *hw = &((const struct opp_backend_sim *)context)->chip.hw;

	if (hw->interrupt)
		hw->interrupt(hw->interrupt_context);
}

enum opp_status opp_backend_sim_open(struct opp_backend_sim *backend, struct opp_sim *sim,
				     const struct opp_env *env, uint64_t (*clock_ns)(void *context),
				     void *clock_context)
{
	*backend = (struct opp_backend_sim){
		.io = {
			.context = backend,
			.read8 = read8,
			.write8 = write8,
			.access_ns = OPP_BACKEND_SIM_ACCESS_NS,
		},
		.sim = sim,
		.clock_ns = clock_ns,
		.clock_context = clock_context,
	};
	return opp_chip_open(&backend->chip, &backend->io, env, OPP_PROBE_FULL, true);
}
