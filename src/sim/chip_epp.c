/* SPDX-License-Identifier: MIT */
/*
 * EPP: one access to +3 .. +7 is one cycle on the wires, and lasts as long.
 *
 *	nWait low --> nWrite, data --> strobe low --> nWait high --> strobe high
 *	    (1.9)                                                        |
 *	    nWrite high <------------------------------ nWait low (1.9) -'
 *
 * A cycle that nobody answers ends by itself and sets the time-out bit. The
 * byte counts once the strobe is high again: a peripheral that is late with the
 * last edge only delays the next cycle.
 *
 * In a cycle that reads, the lines are inputs, even in ECR mode 000, where CTL.5
 * alone would not make them so.
 *
 * Source: IEEE1284 2.6, 2.7, 5.4.
 */
#include "chip_model.h"

#define TIMEOUT_NS 11000u /* of a whole cycle; 10 .. 12 us */
#define SETUP_NS   60u    /* nWrite and data before the strobe */

#define OWNED         (SIM_CTL_STROBE | SIM_CTL_AUTOFD | SIM_CTL_SELECT)
#define CYCLE_BITS    (OWNED | SIM_CTL_INIT | SIM_CTL_INPUT)
#define WRITE_CONTROL SIM_CTL_INIT
#define READ_CONTROL  (SIM_CTL_INIT | SIM_CTL_INPUT)

bool sim_epp_answers(const struct opp_sim *sim)
{
	if (sim->options.chip == OPP_SIM_EPP || sim_mode(sim) == SIM_MODE_EPP)
		return sim->has_epp;
	return sim->has_epp && sim->options.epp_in_ps2_modes && sim_mode(sim) <= SIM_MODE_PS2;
}

/* ---- a cycle --------------------------------------------------------------------- */

static bool waits(const struct opp_sim *sim)
{
	return sim->options.epp_version == OPP_SIM_EPP_1_9;
}

/* Lets time pass until the peripheral drives nWait to @level. */
static bool await_wait(struct opp_sim *sim, bool level, uint64_t until_ns)
{
	while (sim_is_high(sim, OPP_LINE_BUSY) != level) {
		const uint64_t edge_ns = opp_sim_next_edge_ns(sim);

		if (edge_ns > until_ns) {
			opp_sim_advance_to(sim, until_ns);
			return false;
		}
		opp_sim_advance_to(sim, edge_ns);
	}
	return true;
}

static void drive(struct opp_sim *sim, uint32_t bits)
{
	sim->owned_control = OWNED;
	sim->hardware_control = (uint8_t)bits;
	sim_settle(sim);
}

static void time_out(struct opp_sim *sim)
{
	sim->timed_out = true;
	sim->timeout_reads = sim->options.timeout_clear == OPP_SIM_CLEAR_READ_TWICE ? 2 : 1;
}

/*
 * @latch: what the host drives from the start of the cycle, where it writes.
 * Returns what the data lines showed at the end of the strobe.
 */
static uint8_t cycle(struct opp_sim *sim, uint32_t direction, uint32_t strobe, uint8_t latch)
{
	const uint64_t until_ns = sim->now_ns + TIMEOUT_NS;
	uint8_t data = SIM_FLOATING_BUS;
	bool answered;

	sim_mover_finish(sim);
	answered = !waits(sim) || await_wait(sim, false, until_ns);
	sim->epp_reads = !(direction & SIM_CTL_STROBE);
	sim->data_latch = latch;
	drive(sim, direction);
	if (answered) {
		opp_sim_advance_to(sim, sim->now_ns + SETUP_NS);
		drive(sim, direction | strobe);             /* ev 56, 62, 64, 67 */
		answered = await_wait(sim, true, until_ns); /* ev 58 */
	}
	if (answered)
		data = sim->connector.wires.data;
	else
		time_out(sim);
	drive(sim, direction); /* ev 59, 63 */
	if (answered && waits(sim))
		(void)await_wait(sim, false, until_ns); /* ev 60 */
	sim->owned_control = 0;
	sim->epp_reads = false;
	sim_settle(sim); /* ev 61 */
	return data;
}

static bool control_is(const struct opp_sim *sim, uint32_t bits)
{
	return sim_epp_answers(sim) && (sim->control_latch & CYCLE_BITS) == bits;
}

uint8_t sim_epp_read(struct opp_sim *sim, uint32_t strobe)
{
	if (!control_is(sim, READ_CONTROL))
		return SIM_FLOATING_BUS;
	return cycle(sim, 0, strobe, sim->data_latch);
}

void sim_epp_write(struct opp_sim *sim, uint32_t strobe, uint8_t value)
{
	if (!control_is(sim, WRITE_CONTROL))
		return;
	(void)cycle(sim, SIM_CTL_STROBE, strobe, value);
}

/* ---- the time-out bit --------------------------------------------------------------- */

static bool bit0_is_timeout(const struct opp_sim *sim)
{
	return sim->options.bit0 == OPP_SIM_BIT0_CLEARABLE || sim_epp_answers(sim);
}

static bool read_timeout(struct opp_sim *sim)
{
	const enum opp_sim_timeout_clear clear = sim->options.timeout_clear;
	const bool timed_out = sim->timed_out;

	if (clear != OPP_SIM_CLEAR_READ && clear != OPP_SIM_CLEAR_READ_TWICE)
		return timed_out;
	if (timed_out && --sim->timeout_reads == 0)
		sim->timed_out = false;
	return timed_out;
}

bool sim_epp_read_bit0(struct opp_sim *sim)
{
	if (bit0_is_timeout(sim))
		return read_timeout(sim);
	if (sim->options.bit0 == OPP_SIM_BIT0_USUAL)
		return !sim->has_epp;
	return sim->options.bit0 == OPP_SIM_BIT0_HIGH;
}

void sim_epp_write_bit0(struct opp_sim *sim, bool value)
{
	const enum opp_sim_timeout_clear clear = sim->options.timeout_clear;
	const bool clears = value ? clear == OPP_SIM_CLEAR_WRITE_1 : clear == OPP_SIM_CLEAR_WRITE_0;

	if (clears && bit0_is_timeout(sim))
		sim->timed_out = false;
}
