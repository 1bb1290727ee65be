/* SPDX-License-Identifier: MIT */
/*
 * A simulated PC parallel port: which register an access reaches, and the three
 * that every port has. Source: IEEE1284 sections 1 and 2.
 */
#include "chip_model.h"

#define ECP_BASE     0x400u
#define ECP_SLOT     8u /* of the decoder, after those of +0 .. +7 */
#define NOWHERE_SLOT 11u

#define BASE_WITHOUT_EPP 0x3bcu /* +4 and up are the video card's */

#define STS_UPSIDE_DOWN 0x80u /* Busy */
#define STS_LOW_BITS    0x06u
#define CTL_HIGH_BITS   0xc0u
#define CTL_AFTER_BIOS  0x0cu
#define ECR_AFTER_RESET 0x15u

/* ---- what answers where ------------------------------------------------------------- */

static bool has_ecr(enum opp_sim_chip chip)
{
	return chip == OPP_SIM_ECP || chip == OPP_SIM_ECP_EPP;
}

static bool has_epp(const struct opp_sim_options *options)
{
	return (options->chip == OPP_SIM_EPP || options->chip == OPP_SIM_ECP_EPP) &&
	       options->base != BASE_WITHOUT_EPP;
}

static void wire_decoder(struct opp_sim *sim)
{
	const struct opp_sim_options *options = &sim->options;
	uint8_t *decoder = sim->decoder;

	for (uint32_t i = 0; i <= NOWHERE_SLOT; i++)
		decoder[i] = OPP_SIM_NOWHERE;
	if (options->chip == OPP_SIM_NO_PORT)
		return;
	decoder[0] = OPP_SIM_DATA;
	decoder[1] = OPP_SIM_STATUS;
	decoder[2] = OPP_SIM_CONTROL;
	if (sim->has_epp) {
		decoder[3] = OPP_SIM_EPP_ADDRESS;
		for (uint32_t i = 4; i < ECP_SLOT; i++)
			decoder[i] = OPP_SIM_EPP_DATA;
	}
	if (has_ecr(options->chip)) {
		decoder[ECP_SLOT] = OPP_SIM_FIFO;
		decoder[ECP_SLOT + 1] = OPP_SIM_CONFIG_B;
		decoder[ECP_SLOT + 2] = OPP_SIM_ECR;
	} else if (options->extended_is_control) {
		decoder[ECP_SLOT + 2] = OPP_SIM_CONTROL;
	}
}

static enum opp_sim_register decode(const struct opp_sim *sim, uint32_t offset)
{
	uint32_t slot = NOWHERE_SLOT;

	if (offset < ECP_SLOT)
		slot = offset;
	else if (offset - ECP_BASE < NOWHERE_SLOT - ECP_SLOT)
		slot = offset - ECP_BASE + ECP_SLOT;
	return (enum opp_sim_register)sim->decoder[slot];
}

/* ---- the three registers ------------------------------------------------------------ */

static uint8_t read_status(struct opp_sim *sim)
{
	const uint32_t lines = sim->connector.wires.status ^ STS_UPSIDE_DOWN;

	return (uint8_t)(lines | (sim->options.status_low_bits & STS_LOW_BITS) |
			 sim_epp_read_bit0(sim));
}

static uint8_t read_control(const struct opp_sim *sim)
{
	if (sim->options.control_unreadable)
		return SIM_FLOATING_BUS;
	return (uint8_t)(sim->control_latch | (sim->options.control_high_bits & CTL_HIGH_BITS));
}

static bool is_blocked(const struct opp_sim *sim)
{
	return sim->timed_out && sim->options.timeout_blocks;
}

static void write_data(struct opp_sim *sim, uint8_t value)
{
	const uint32_t mode = sim_mode(sim);

	if (mode == SIM_MODE_ECP)
		sim_write_command(sim, value);
	if (is_blocked(sim) || (mode > SIM_MODE_PS2 && mode != SIM_MODE_EPP))
		return;
	sim->data_latch = value;
	sim_settle(sim);
}

/* While bytes move, CTL.5 turns them round, and nInit may be what they waited for. */
static void write_control_moving(struct opp_sim *sim, uint8_t latch)
{
	const bool turns = (latch ^ sim->control_latch) & SIM_CTL_INPUT;
	const bool restarts = turns && sim_mode(sim) == SIM_MODE_ECP;

	if (turns)
		opp_sim_report(sim, OPP_SIM_TURN_IN_FIFO_MODE);
	if (restarts)
		sim_mover_end(sim);
	sim->control_latch = latch;
	if (restarts)
		sim_mover_begin(sim);
	sim_settle(sim);
	sim_mover_go(sim);
}

static void write_control(struct opp_sim *sim, uint8_t value)
{
	const uint32_t everywhere = SIM_CTL_LINES | SIM_CTL_ACK_INTERRUPT;
	const uint32_t bits =
		sim->options.chip == OPP_SIM_SPP ? everywhere : everywhere | SIM_CTL_INPUT;
	const uint8_t latch = value & (uint8_t)bits;

	if (is_blocked(sim))
		return;
	if (sim_moves(sim)) {
		write_control_moving(sim, latch);
		return;
	}
	sim->control_latch = latch;
	sim_settle(sim);
}

/* ---- one access ------------------------------------------------------------------------ */

static uint8_t fetch(struct opp_sim *sim, enum opp_sim_register which)
{
	switch (which) {
	case OPP_SIM_DATA: return sim->connector.wires.data;
	case OPP_SIM_STATUS: return read_status(sim);
	case OPP_SIM_CONTROL: return read_control(sim);
	case OPP_SIM_EPP_ADDRESS: return sim_epp_read(sim, SIM_CTL_SELECT);
	case OPP_SIM_EPP_DATA: return sim_epp_read(sim, SIM_CTL_AUTOFD);
	case OPP_SIM_FIFO: return (uint8_t)sim_read_fifo_register(sim);
	case OPP_SIM_CONFIG_B: return sim_read_config_b(sim);
	case OPP_SIM_ECR: return sim_read_ecr(sim);
	case OPP_SIM_NOWHERE: break;
	}
	return SIM_FLOATING_BUS;
}

static void write_status(struct opp_sim *sim, uint8_t value)
{
	sim_epp_write_bit0(sim, value & 1);
}

static void write_epp_address(struct opp_sim *sim, uint8_t value)
{
	sim_epp_write(sim, SIM_CTL_SELECT, value);
}

static void write_epp_data(struct opp_sim *sim, uint8_t value)
{
	sim_epp_write(sim, SIM_CTL_AUTOFD, value);
}

static void write_fifo(struct opp_sim *sim, uint8_t value)
{
	sim_write_fifo_register(sim, value, 1);
}

static void write_nothing(struct opp_sim *sim, uint8_t value)
{
	(void)sim;
	(void)value;
}

/* Every emulated OUT comes this way: a table is the shortest one. */
static void store(struct opp_sim *sim, enum opp_sim_register which, uint8_t value)
{
	static void (*const write[])(struct opp_sim *, uint8_t) = {
		[OPP_SIM_DATA] = write_data,         [OPP_SIM_STATUS] = write_status,
		[OPP_SIM_CONTROL] = write_control,   [OPP_SIM_EPP_ADDRESS] = write_epp_address,
		[OPP_SIM_EPP_DATA] = write_epp_data, [OPP_SIM_FIFO] = write_fifo,
		[OPP_SIM_CONFIG_B] = write_nothing,  [OPP_SIM_ECR] = sim_write_ecr,
		[OPP_SIM_NOWHERE] = write_nothing,
	};

	write[which](sim, value);
}

uint8_t opp_sim_read(struct opp_sim *sim, uint32_t offset)
{
	const enum opp_sim_register which = decode(sim, offset);

	sim->counts.reads[which]++;
	return fetch(sim, which);
}

void opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value)
{
	const enum opp_sim_register which = decode(sim, offset);

	sim->counts.writes[which]++;
	store(sim, which, value);
}

uint64_t opp_sim_accesses(const struct opp_sim *sim)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < OPP_SIM_REGISTERS; i++)
		sum += sim->counts.reads[i] + sim->counts.writes[i];
	return sum;
}

/* ---- wider accesses ---------------------------------------------------------------------- */

static uint32_t read_wide(struct opp_sim *sim, uint32_t offset, uint32_t bytes)
{
	const enum opp_sim_register which = decode(sim, offset);
	uint32_t value = 0;

	sim->counts.reads[which]++;
	if (which == OPP_SIM_FIFO && sim->fifo.word_bytes >= bytes)
		return sim_read_fifo_register(sim);
	for (uint32_t i = 0; i < bytes; i++)
		value |= (uint32_t)fetch(sim, decode(sim, offset + i)) << 8 * i;
	return value;
}

static void write_wide(struct opp_sim *sim, uint32_t offset, uint32_t value, uint32_t bytes)
{
	const enum opp_sim_register which = decode(sim, offset);

	sim->counts.writes[which]++;
	if (which == OPP_SIM_FIFO && sim->fifo.word_bytes >= bytes) {
		sim_write_fifo_register(sim, value, bytes);
		return;
	}
	for (uint32_t i = 0; i < bytes; i++)
		store(sim, decode(sim, offset + i), (uint8_t)(value >> 8 * i));
}

uint16_t opp_sim_read16(struct opp_sim *sim, uint32_t offset)
{
	return (uint16_t)read_wide(sim, offset, 2);
}

uint32_t opp_sim_read32(struct opp_sim *sim, uint32_t offset)
{
	return read_wide(sim, offset, 4);
}

void opp_sim_write16(struct opp_sim *sim, uint32_t offset, uint16_t value)
{
	write_wide(sim, offset, value, 2);
}

void opp_sim_write32(struct opp_sim *sim, uint32_t offset, uint32_t value)
{
	write_wide(sim, offset, value, 4);
}

/* ---- its life -------------------------------------------------------------------------- */

/* The mode that a chip without an ECR is always in. */
static uint8_t fixed_mode(enum opp_sim_chip chip)
{
	return chip == OPP_SIM_SPP ? SIM_MODE_SPP << SIM_ECR_MODE_SHIFT
				   : SIM_MODE_PS2 << SIM_ECR_MODE_SHIFT;
}

static void set_registers(struct opp_sim *sim, uint8_t control)
{
	const enum opp_sim_chip chip = sim->options.chip;

	sim_mover_reset(sim);
	sim_fifo_init(sim);
	sim->data_latch = 0;
	sim->control_latch = control;
	sim->ecr = has_ecr(chip) ? ECR_AFTER_RESET & (uint8_t)~SIM_ECR_EMPTY : fixed_mode(chip);
	sim->unfinished_bytes = 0;
	sim->timed_out = false;
	sim_settle(sim);
}

void opp_sim_init(struct opp_sim *sim, const struct opp_sim_options *options)
{
	*sim = (struct opp_sim){
		.options = *options,
		.connector = { .driven = sim_driven },
		.has_epp = has_epp(options),
	};
	wire_decoder(sim);
	opp_sim_power(&sim->connector, sim);
	set_registers(sim, options->after_reset ? 0 : CTL_AFTER_BIOS);
}

void opp_sim_reset(struct opp_sim *sim)
{
	set_registers(sim, 0);
}
