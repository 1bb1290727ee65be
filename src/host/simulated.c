/* SPDX-License-Identifier: MIT */
/* Builds a chip and a printer as configured, and gives them time and paper. */
#include "simulated.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- paper -------------------------------------------------------------------------- */

static bool print(void *context, uint8_t byte)
{
	struct opp_simulated *simulated = context;

	return !simulated->output || opp_output_put(simulated->output, byte);
}

void opp_simulated_heed_output(struct opp_simulated *simulated)
{
	const uint32_t jammed = opp_output_fails(simulated->output) ? OPP_CENTRONICS_ERROR : 0;

	(void)opp_backend_sim_catch_up(&simulated->backend);
	opp_centronics_set_conditions(&simulated->printer, simulated->conditions | jammed);
	opp_centronics_resume(&simulated->printer);
}

bool opp_simulated_print_out(struct opp_simulated *simulated)
{
	struct opp_sim *sim = &simulated->sim;

	while (opp_sim_next_edge_ns(sim) != OPP_SIM_NEVER)
		opp_sim_advance_to(sim, opp_sim_next_edge_ns(sim));
	opp_centronics_resume(&simulated->printer);
	return opp_sim_next_edge_ns(sim) != OPP_SIM_NEVER;
}

bool opp_simulated_is_written(const struct opp_simulated *simulated)
{
	return !simulated->output || opp_output_idle(simulated->output);
}

/* ---- its life ------------------------------------------------------------------------- */

static uint32_t conditions_of(const struct opp_host_config *config)
{
	return (config->paper_out ? OPP_CENTRONICS_PAPER_OUT : 0) |
	       (config->off_line ? OPP_CENTRONICS_OFF_LINE : 0) |
	       (config->error ? OPP_CENTRONICS_ERROR : 0) |
	       (config->powered_off ? OPP_CENTRONICS_POWERED_OFF : 0);
}

static enum opp_sim_ack_order order_of(enum opp_ack_order order)
{
	switch (order) {
	case OPP_ACK_AFTER_BUSY: return OPP_SIM_ACK_AFTER_BUSY;
	case OPP_ACK_WHILE_BUSY: return OPP_SIM_ACK_WHILE_BUSY;
	case OPP_ACK_IN_BUSY: break;
	}
	return OPP_SIM_ACK_IN_BUSY;
}

static enum opp_status open_paper(struct opp_simulated *simulated,
				  const struct opp_host_config *config,
				  void (*output_changed)(void *context), void *context,
				  struct opp_error *error)
{
	if (config->buffer_bytes) {
		simulated->buffer = malloc(config->buffer_bytes);
		if (!simulated->buffer)
			return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
					     "no memory for a printer buffer of %u bytes",
					     config->buffer_bytes);
	}
	if (!config->output)
		return OPP_SUCCESS;
	return opp_output_open(&simulated->output, config->output, output_changed, context, error);
}

static void attach_printer(struct opp_simulated *simulated, const struct opp_host_config *config)
{
	const struct opp_centronics_options options = {
		.ack_order = order_of(config->ack_order),
		.ack_ns = config->ack_ns,
		.characters_per_second = config->characters_per_second,
		.busy_every_bytes = config->busy_every_bytes,
		.busy_extra_us = config->busy_extra_us,
		.buffer = simulated->buffer,
		.buffer_bytes = config->buffer_bytes,
		.context = simulated,
		.print = print,
	};

	simulated->conditions = conditions_of(config);
	opp_centronics_init(&simulated->printer, &options);
	opp_centronics_set_conditions(&simulated->printer, simulated->conditions);
	opp_sim_attach(&simulated->sim, &simulated->printer.peripheral);
}

enum opp_status opp_simulated_open(struct opp_simulated *simulated,
				   const struct opp_host_config *config,
				   void (*output_changed)(void *context), void *context,
				   struct opp_error *error)
{
	const struct opp_sim_options options = {
		.chip = strcmp(config->chip, "spp") == 0 ? OPP_SIM_SPP : OPP_SIM_PS2,
		.context = &simulated->backend,
		.interrupt = opp_backend_sim_interrupt,
	};
	enum opp_status status;

	*simulated = (struct opp_simulated){ 0 };
	status = open_paper(simulated, config, output_changed, context, error);
	if (status == OPP_SUCCESS) {
		opp_sim_init(&simulated->sim, &options);
		if (strcmp(config->peripheral, "printer") == 0)
			attach_printer(simulated, config);
		status = opp_backend_sim_open(&simulated->backend, &simulated->sim, &opp_host_env,
					      clock_ns, simulated);
		if (status != OPP_SUCCESS)
			opp_error_set(error, status, "the simulated chip does not answer");
	}
	if (status != OPP_SUCCESS)
		opp_simulated_close(simulated);
	return status;
}

void opp_simulated_close(struct opp_simulated *simulated)
{
	opp_output_close(simulated->output);
	free(simulated->buffer);
}
