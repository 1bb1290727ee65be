/* SPDX-License-Identifier: MIT */
/* Builds a chip and a printer as configured, and carries the printed bytes away. */
#include "simulated.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "process.h"

/*
 * A burst of accesses runs ahead of the monotonic clock. Virtual time goes on from
 * where it got, or a slow printer would stand still until the clock has caught up.
 */
static uint64_t clock_ns(void *context)
{
	struct opp_simulated *simulated = context;
	const uint64_t now_ns = opp_host_now_ns() + simulated->lead_ns;
	const uint64_t virtual_ns = simulated->sim.now_ns;

	if (now_ns >= virtual_ns)
		return now_ns;
	simulated->lead_ns += virtual_ns - now_ns;
	return virtual_ns;
}

uint64_t opp_simulated_real_ns(const struct opp_simulated *simulated, uint64_t virtual_ns)
{
	return virtual_ns == OPP_SIM_NEVER ? virtual_ns : virtual_ns - simulated->lead_ns;
}

static void write_out(struct opp_simulated *simulated)
{
	size_t at = 0;

	while (simulated->output >= 0 && at < simulated->printed_bytes) {
		ssize_t wrote = write(simulated->output, simulated->printed + at,
				      simulated->printed_bytes - at);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			simulated->output_failed = true;
			break;
		}
		at += (size_t)wrote;
	}
	simulated->printed_bytes = 0;
}

static void print(void *context, uint8_t byte)
{
	struct opp_simulated *simulated = context;

	if (simulated->printed_bytes == sizeof(simulated->printed))
		write_out(simulated);
	simulated->printed[simulated->printed_bytes++] = byte;
}

void opp_simulated_flush(struct opp_simulated *simulated)
{
	if (!simulated->printed_bytes)
		return;
	write_out(simulated);
	if (simulated->output_failed && !(simulated->conditions & OPP_CENTRONICS_ERROR)) {
		simulated->conditions |= OPP_CENTRONICS_ERROR;
		opp_centronics_set_conditions(&simulated->printer, simulated->conditions);
	}
}

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

static enum opp_status open_files(struct opp_simulated *simulated,
				  const struct opp_host_config *config, struct opp_error *error)
{
	if (config->buffer_bytes) {
		simulated->buffer = malloc(config->buffer_bytes);
		if (!simulated->buffer)
			return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
					     "no memory for a printer buffer of %u bytes",
					     config->buffer_bytes);
	}
	if (config->output) {
		/* A FIFO without a reader is a mistake to report, not to wait for. */
		simulated->output = open(
			config->output,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
		if (simulated->output < 0)
			return opp_error_set(error, OPP_INVALID_PARAMETER,
					     "output = \"%s\": cannot be opened for writing: %s",
					     config->output, strerror(errno));
	}
	return OPP_SUCCESS;
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
				   const struct opp_host_config *config, struct opp_error *error)
{
	const struct opp_sim_options options = {
		.chip = strcmp(config->chip, "spp") == 0 ? OPP_SIM_SPP : OPP_SIM_PS2,
		.context = &simulated->backend,
		.interrupt = opp_backend_sim_interrupt,
	};
	enum opp_status status;

	*simulated = (struct opp_simulated){ .output = -1 };
	status = open_files(simulated, config, error);
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
	opp_simulated_flush(simulated);
	if (simulated->output >= 0)
		close(simulated->output);
	free(simulated->buffer);
}
