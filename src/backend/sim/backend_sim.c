/* SPDX-License-Identifier: MIT */
/* Register access to a simulated chip, and the clock that it lives by. */
#include "backend_sim.h"

#define BASE_WITHOUT_EPP 0x3bcu /* P-012 */

static uint64_t later(uint64_t one_ns, uint64_t other_ns)
{
	return one_ns > other_ns ? one_ns : other_ns;
}

static void access_starts(struct opp_backend_sim *backend, bool looks)
{
	struct opp_sim *sim = backend->sim;
	const bool looks_again = looks && backend->looked && backend->clock_ns;
	uint64_t now_ns = sim->now_ns + (looks_again ? 0 : OPP_BACKEND_SIM_ACCESS_NS);

	backend->looked = looks;
	if (backend->planned)
		now_ns = later(now_ns, backend->planned_ns);
	else if (backend->clock_ns)
		now_ns = later(now_ns, backend->clock_ns(backend->clock_context));
	backend->planned = false;
	opp_sim_advance_to(sim, now_ns);
}

/* An EPP cycle moves a byte, and so does a read of the FIFO: that is work. */
static bool only_looks(uint32_t offset)
{
	return offset < OPP_IOPORT_EPP_ADDRESS || offset > OPP_IOPORT_FIFO;
}

static uint8_t read8(void *context, uint32_t offset)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, only_looks(offset));
	return opp_sim_read(backend->sim, offset);
}

static uint16_t read16(void *context, uint32_t offset)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, false);
	return opp_sim_read16(backend->sim, offset);
}

static uint32_t read32(void *context, uint32_t offset)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, false);
	return opp_sim_read32(backend->sim, offset);
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, false);
	opp_sim_write(backend->sim, offset, value);
}

static void write16(void *context, uint32_t offset, uint16_t value)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, false);
	opp_sim_write16(backend->sim, offset, value);
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
	struct opp_backend_sim *backend = context;

	access_starts(backend, false);
	opp_sim_write32(backend->sim, offset, value);
}

static uint64_t virtual_ns(void *context)
{
	return ((const struct opp_backend_sim *)context)->sim->now_ns;
}

/* An access that is planned must not find time to be later already. */
static uint64_t no_later_than_planned(const struct opp_backend_sim *backend, uint64_t now_ns)
{
	const uint64_t begins_ns = backend->planned_ns - OPP_BACKEND_SIM_ACCESS_NS;

	if (!backend->planned || backend->planned_ns < OPP_BACKEND_SIM_ACCESS_NS)
		return now_ns;
	return now_ns < begins_ns ? now_ns : begins_ns;
}

uint64_t opp_backend_sim_catch_up(struct opp_backend_sim *backend)
{
	if (backend->clock_ns)
		opp_sim_advance_to(
			backend->sim,
			no_later_than_planned(backend, backend->clock_ns(backend->clock_context)));
	return opp_sim_next_edge_ns(backend->sim);
}

void opp_backend_sim_plan(struct opp_backend_sim *backend, uint64_t at_ns)
{
	backend->planned = true;
	backend->planned_ns = at_ns;
}

void opp_backend_sim_unplan(struct opp_backend_sim *backend)
{
	backend->planned = false;
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
			.ranges = OPP_IOPORT_HAS_ECP |
				  (sim->options.base == BASE_WITHOUT_EPP ? 0 : OPP_IOPORT_HAS_EPP),
			.read8 = read8,
			.write8 = write8,
			.read16 = read16,
			.write16 = write16,
			.read32 = read32,
			.write32 = write32,
			.clock_ns = virtual_ns,
			.access_ns = OPP_BACKEND_SIM_ACCESS_NS,
		},
		.sim = sim,
		.clock_ns = clock_ns,
		.clock_context = clock_context,
	};
	return opp_chip_open(&backend->chip, &backend->io, env, OPP_PROBE_FULL, true);
}
