/* SPDX-License-Identifier: MIT */
/* Builds a chip as configured, plugs in what hangs on it, and gives both time. */
#include "simulated.h"

#include "error.h"
#include "process.h"

/*
 * A burst of accesses runs ahead of the monotonic clock. Time then passes at half
 * its speed until the clock has caught up: a slow printer neither stands still in
 * between, nor is it fast for longer than the burst.
 */
static uint64_t clock_ns(void *context)
{
	struct opp_simulated *simulated = context;
	const uint64_t now_ns = opp_host_now_ns();
	const uint64_t slow_ns = simulated->sim.now_ns + (now_ns - simulated->looked_ns) / 2;

	simulated->looked_ns = now_ns;
	return slow_ns > now_ns ? slow_ns : now_ns;
}

uint64_t opp_simulated_real_ns(const struct opp_simulated *simulated, uint64_t virtual_ns)
{
	const uint64_t from_ns = simulated->sim.now_ns;
	uint64_t slow_ns;

	if (virtual_ns == OPP_SIM_NEVER)
		return virtual_ns;
	slow_ns = simulated->looked_ns + (virtual_ns > from_ns ? 2 * (virtual_ns - from_ns) : 0);
	return slow_ns < virtual_ns ? slow_ns : virtual_ns;
}

/* ---- the printer --------------------------------------------------------------------- */

static struct opp_printer *printer_of(struct opp_simulated *simulated)
{
	struct opp_peripherals *set = simulated->peripherals;

	return set->has_printer ? &set->printer : NULL;
}

void opp_simulated_heed_output(struct opp_simulated *simulated)
{
	struct opp_printer *printer = printer_of(simulated);

	(void)opp_backend_sim_catch_up(&simulated->backend);
	if (printer && printer->output)
		opp_printer_heed(printer, opp_output_fails(printer->output));
}

void opp_simulated_set_faults(struct opp_simulated *simulated, const struct opp_host_config *config)
{
	struct opp_printer *printer = printer_of(simulated);

	if (printer)
		opp_printer_set_faults(printer, config);
	opp_simulated_heed_output(simulated);
}

void opp_simulated_set_misdeeds(struct opp_simulated *simulated,
				const struct opp_host_config *config)
{
	struct opp_printer *printer = printer_of(simulated);

	if (printer)
		opp_printer_set_misdeeds(printer, config);
}

bool opp_simulated_print_out(struct opp_simulated *simulated)
{
	struct opp_printer *printer = printer_of(simulated);
	struct opp_sim *sim = &simulated->sim;

	if (!printer)
		return false;
	while (opp_sim_next_edge_ns(sim) != OPP_SIM_NEVER)
		opp_sim_advance_to(sim, opp_sim_next_edge_ns(sim));
	opp_printer_resume(printer);
	return opp_sim_next_edge_ns(sim) != OPP_SIM_NEVER;
}

bool opp_simulated_is_written(const struct opp_simulated *simulated)
{
	const struct opp_peripherals *set = simulated->peripherals;

	return !set->output || opp_output_idle(set->output);
}

/* ---- its life ------------------------------------------------------------------------- */

static void plug_in(struct opp_simulated *simulated)
{
	if (simulated->peripherals->plug)
		opp_sim_attach(&simulated->sim, simulated->peripherals->plug);
}

/* Virtual time goes on where it was. */
static enum opp_status open_chip(struct opp_simulated *simulated,
				 const struct opp_sim_options *wanted)
{
	struct opp_sim_options options = *wanted;
	const uint64_t now_ns = simulated->sim.now_ns;

	options.context = &simulated->backend;
	options.interrupt = opp_backend_sim_interrupt;
	opp_sim_init(&simulated->sim, &options);
	opp_sim_advance_to(&simulated->sim, now_ns);
	return opp_backend_sim_open(&simulated->backend, &simulated->sim, &opp_host_env, clock_ns,
				    simulated);
}

enum opp_status opp_simulated_change_chip(struct opp_simulated *simulated,
					  const struct opp_sim_options *options)
{
	const struct opp_sim_options before = simulated->sim.options;
	const struct opp_hw hw = simulated->backend.chip.hw;
	enum opp_status status;

	opp_sim_detach(&simulated->sim);
	status = open_chip(simulated, options);
	if (status != OPP_SUCCESS)
		(void)open_chip(simulated, &before);
	simulated->backend.chip.hw.interrupt = hw.interrupt;
	simulated->backend.chip.hw.interrupt_context = hw.interrupt_context;
	plug_in(simulated);
	return status;
}

struct opp_peripherals *opp_simulated_exchange(struct opp_simulated *simulated,
					       struct opp_peripherals *next)
{
	struct opp_peripherals *before = simulated->peripherals;

	opp_sim_detach(&simulated->sim);
	simulated->peripherals = next;
	plug_in(simulated);
	opp_simulated_heed_output(simulated);
	return before;
}

enum opp_status opp_simulated_open(struct opp_simulated *simulated,
				   const struct opp_host_config *config,
				   void (*output_changed)(void *context), void *context,
				   struct opp_error *error)
{
	enum opp_status status;

	*simulated = (struct opp_simulated){ 0 };
	status = opp_peripherals_new(&simulated->peripherals, config, NULL, output_changed, context,
				     error);
	if (status != OPP_SUCCESS)
		return status;
	status = open_chip(simulated, &config->chip);
	if (status == OPP_SUCCESS) {
		plug_in(simulated);
		return status;
	}
	opp_simulated_close(simulated);
	return opp_error_set(error, status, "the simulated chip does not answer");
}

void opp_simulated_close(struct opp_simulated *simulated)
{
	opp_peripherals_free(simulated->peripherals, NULL);
}
