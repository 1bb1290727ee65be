/* SPDX-License-Identifier: MIT */
/*
 * The FIFO of an ECP chip: words of 1, 2 or 4 bytes with a tag, and the register
 * through which the host reaches them.
 * Source: IEEE1284 2.2, 2.5, 2.8.
 */
#include "chip_model.h"

#define WORDS_USUALLY 16u

/* cnfgA */
#define CFGA_IMPLEMENTATION_SHIFT 4u
#define CFGA_FULL_COUNTS_ALL      0x04u

void sim_fifo_init(struct opp_sim *sim)
{
	static const uint8_t word_bytes[] = {
		[OPP_SIM_PWORD_1] = 1,
		[OPP_SIM_PWORD_2] = 2,
		[OPP_SIM_PWORD_4] = 4,
		[OPP_SIM_PWORD_RESERVED] = 1,
	};
	struct opp_sim_options *options = &sim->options;
	struct opp_sim_fifo *fifo = &sim->fifo;

	*fifo = (struct opp_sim_fifo){ 0 };
	fifo->depth = options->fifo_words ? options->fifo_words : WORDS_USUALLY;
	if (fifo->depth > OPP_SIM_FIFO_MOST_WORDS)
		fifo->depth = OPP_SIM_FIFO_MOST_WORDS;
	fifo->threshold = options->fifo_threshold ? options->fifo_threshold : fifo->depth / 2;
	if (fifo->threshold >= fifo->depth)
		fifo->threshold = fifo->depth - 1;
	if (options->pword > OPP_SIM_PWORD_RESERVED)
		options->pword = OPP_SIM_PWORD_RESERVED;
	fifo->word_bytes = word_bytes[options->pword];
}

bool sim_fifo_is_full(const struct opp_sim *sim)
{
	const bool one_under_way =
		sim->options.full_counts_transmitter && sim_mover_sends(sim) && sim->mover.bytes;

	return sim->fifo.count + one_under_way >= sim->fifo.depth;
}

/* Both indices are below the depth. */
static uint32_t slot(const struct opp_sim_fifo *fifo, uint32_t from, uint32_t distance)
{
	const uint32_t at = from + distance;

	return at < fifo->depth ? at : at - fifo->depth;
}

void sim_fifo_put(struct opp_sim_fifo *fifo, uint32_t word, bool command)
{
	const uint32_t tail = slot(fifo, fifo->head, fifo->count);

	fifo->words[tail] = word;
	fifo->commands[tail] = command;
	fifo->count++;
}

void sim_fifo_put_back(struct opp_sim_fifo *fifo, uint32_t word, bool command)
{
	fifo->head = slot(fifo, fifo->head, fifo->depth - 1);
	fifo->words[fifo->head] = word;
	fifo->commands[fifo->head] = command;
	fifo->count++;
}

uint32_t sim_fifo_take(struct opp_sim_fifo *fifo, bool *command)
{
	*command = false;
	if (!fifo->count)
		return fifo->last_read;
	*command = fifo->commands[fifo->head];
	fifo->last_read = fifo->words[fifo->head];
	fifo->head = slot(fifo, fifo->head, 1);
	fifo->count--;
	return fifo->last_read;
}

/* ---- the register ------------------------------------------------------------------ */

static uint8_t config_a(const struct opp_sim *sim)
{
	static const uint8_t implementations[] = {
		[OPP_SIM_PWORD_1] = 1,
		[OPP_SIM_PWORD_2] = 0,
		[OPP_SIM_PWORD_4] = 2,
		[OPP_SIM_PWORD_RESERVED] = 3,
	};
	const uint32_t implementation = implementations[sim->options.pword];

	return (uint8_t)(implementation << CFGA_IMPLEMENTATION_SHIFT |
			 (sim->options.full_counts_transmitter ? CFGA_FULL_COUNTS_ALL : 0) |
			 sim->unfinished_bytes);
}

/* The host has moved a word in or out. */
static void host_moved(struct opp_sim *sim)
{
	sim_service_interrupt(sim);
	if (sim_moves(sim))
		sim_mover_go(sim);
}

static uint32_t read_word(struct opp_sim *sim)
{
	bool command;
	uint32_t word;

	if (!sim->fifo.count && sim_moves(sim))
		opp_sim_report(sim, OPP_SIM_FIFO_UNDERRUN);
	word = sim_fifo_take(&sim->fifo, &command);
	host_moved(sim);
	return word;
}

uint32_t sim_read_fifo_register(struct opp_sim *sim)
{
	const uint32_t mode = sim_mode(sim);

	if (mode == SIM_MODE_CONFIG)
		return config_a(sim);
	if (mode == SIM_MODE_TEST || (mode == SIM_MODE_ECP && sim_is_input(sim)))
		return read_word(sim);
	return UINT32_MAX;
}

static void write_word(struct opp_sim *sim, uint32_t word, bool command)
{
	if (!sim_fifo_is_full(sim)) {
		sim_fifo_put(&sim->fifo, word, command);
		host_moved(sim);
	} else if (sim_moves(sim)) {
		opp_sim_report(sim, OPP_SIM_FIFO_OVERRUN);
	}
}

void sim_write_fifo_register(struct opp_sim *sim, uint32_t value, uint32_t bytes)
{
	const uint32_t floating = bytes < sizeof(value) ? UINT32_MAX << 8 * bytes : 0;
	const uint32_t mode = sim_mode(sim);

	if (mode == SIM_MODE_FIFO || mode == SIM_MODE_TEST ||
	    (mode == SIM_MODE_ECP && !sim_is_input(sim)))
		write_word(sim, value | floating, false);
}

void sim_write_command(struct opp_sim *sim, uint8_t value)
{
	if (!sim_is_input(sim))
		write_word(sim, value, true);
}
