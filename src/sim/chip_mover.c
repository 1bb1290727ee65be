/* SPDX-License-Identifier: MIT */
/*
 * The hardware handshakes of an ECP chip, in virtual time.
 *
 * Mode 010, nStrobe against Busy:
 *
 *	RESTS --data--> SETUP --nStrobe low--> STROBES --nStrobe high--> HOLDS --> RESTS
 *
 * Mode 011 forward, HostClk against PeriphAck (events 34 to 37):
 *
 *	RESTS --data, HostAck, HostClk low--> ASKS --PeriphAck high: HostClk high--> RESTS
 *
 * Mode 011 reverse, HostAck against PeriphClk (events 43 to 46):
 *
 *	RESTS --PeriphClk low: HostAck high--> TAKES --PeriphClk high--> STORES
 *	  ^------------------- all of it is in the FIFO: HostAck low --------'
 *
 * A byte is taken from the FIFO when the peripheral is ready for it, not before.
 * A strobe that has begun in mode 010 is a whole one, even if the mode is left.
 *
 * The mover acts when the host accesses the FIFO, and when its alarm rings; what
 * the peripheral does sets the alarm. A peripheral that answers within the same
 * instant is answered in it, too.
 *
 * Events 34 and 35 are one instant, as they may be where a chip does them. It does
 * not compress. Source: IEEE1284 2.4, 2.5, 5.5; P-043.
 */
#include "chip_model.h"
#include "container.h"

#define SETUP_NS  600u
#define STROBE_NS 600u
#define HOLD_NS   450u
#define REACT_NS  180u /* from an edge of the peripheral to the next one of ours */

#define RLE_IS_CHANNEL 0x80u

static bool is_busy(const struct opp_sim *sim)
{
	return sim_is_high(sim, OPP_LINE_BUSY);
}

static bool is_clock_low(const struct opp_sim *sim)
{
	return !sim_is_high(sim, OPP_LINE_NACK);
}

bool sim_mover_sends(const struct opp_sim *sim)
{
	return sim_moves(sim) && !sim_is_input(sim);
}

static bool has_bytes(const struct opp_sim *sim)
{
	return sim->mover.bytes || sim->fifo.count;
}

/* Of the word under way, before any of it was sent. */
static uint32_t loaded_bytes(const struct opp_sim *sim)
{
	return sim->mover.command ? 1 : sim->fifo.word_bytes;
}

/* Makes the next byte the lowest one of mover.word. */
static void load(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	if (mover->bytes)
		return;
	mover->word = sim_fifo_take(&sim->fifo, &mover->command);
	mover->bytes = loaded_bytes(sim);
	sim_service_interrupt(sim);
}

static void sent(struct opp_sim *sim)
{
	sim->mover.word >>= 8;
	sim->mover.bytes--;
}

static void drive(struct opp_sim *sim, uint32_t control)
{
	sim->hardware_control = (uint8_t)control;
	sim_settle(sim);
}

static void enter_for(struct opp_sim *sim, enum opp_sim_handshake state, uint32_t for_ns)
{
	sim->mover.state = state;
	opp_sim_set_alarm(sim, &sim->mover.alarm, sim->now_ns + for_ns);
}

/* ---- mode 010 --------------------------------------------------------------------- */

static void step_strobe(struct opp_sim *sim)
{
	switch (sim->mover.state) {
	case OPP_SIM_RESTS:
		load(sim);
		sim->data_latch = (uint8_t)sim->mover.word;
		drive(sim, 0);
		enter_for(sim, OPP_SIM_SETUP, SETUP_NS);
		break;
	case OPP_SIM_SETUP:
		drive(sim, SIM_CTL_STROBE);
		enter_for(sim, OPP_SIM_STROBES, STROBE_NS);
		break;
	case OPP_SIM_STROBES:
		drive(sim, 0);
		sent(sim);
		enter_for(sim, OPP_SIM_HOLDS, HOLD_NS);
		break;
	default: sim->mover.state = OPP_SIM_RESTS; break;
	}
}

/* ---- mode 011, forward -------------------------------------------------------------- */

static void step_forward(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	if (mover->state == OPP_SIM_RESTS) {
		load(sim);
		sim->data_latch = (uint8_t)mover->word;
		mover->state = OPP_SIM_ASKS;
		drive(sim, SIM_CTL_STROBE | (mover->command ? SIM_CTL_AUTOFD : 0)); /* ev 34, 35 */
	}
	if (is_busy(sim)) { /* ev 36 */
		mover->state = OPP_SIM_RESTS;
		sent(sim);
		drive(sim, sim->hardware_control & ~SIM_CTL_STROBE); /* ev 37 */
	}
}

/* ---- mode 011, reverse -------------------------------------------------------------- */

static void take(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	mover->state = OPP_SIM_STORES;
	mover->byte = sim->connector.wires.data;
	mover->copies = mover->run_length + 1u;
	if (mover->command) {
		const bool is_channel = mover->byte & RLE_IS_CHANNEL;

		mover->run_length = is_channel ? 0 : mover->byte;
		mover->copies = is_channel;
	} else {
		mover->run_length = 0;
	}
}

/* A word goes into the FIFO when it is whole. */
static void store_byte(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	mover->word |= (uint32_t)mover->byte << 8 * mover->bytes;
	mover->copies--;
	if (++mover->bytes < sim->fifo.word_bytes)
		return;
	sim_fifo_put(&sim->fifo, mover->word, false);
	mover->word = 0;
	mover->bytes = 0;
	sim_service_interrupt(sim);
}

static bool has_room(const struct opp_sim *sim)
{
	return sim->fifo.count < sim->fifo.depth;
}

static void step_reverse(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	if (mover->state == OPP_SIM_RESTS) {
		mover->state = OPP_SIM_TAKES;
		mover->command = !is_busy(sim);
		drive(sim, 0); /* ev 44 */
	}
	if (mover->state != OPP_SIM_STORES) /* ev 45 */
		return;
	while (mover->copies && has_room(sim))
		store_byte(sim);
	if (mover->copies)
		return;
	mover->state = OPP_SIM_RESTS;
	drive(sim, SIM_CTL_AUTOFD); /* ev 46 */
}

/* ---- when ------------------------------------------------------------------------------ */

static bool sender_is_due(const struct opp_sim *sim)
{
	switch (sim->mover.state) {
	case OPP_SIM_RESTS: return has_bytes(sim) && !is_busy(sim);
	case OPP_SIM_SETUP: return !is_busy(sim);
	case OPP_SIM_ASKS: return is_busy(sim);
	default: return true; /* its time has come when the alarm rings */
	}
}

/* The bus is the peripheral's, and the byte on it is ours to take, while nInit is low. */
static bool receiver_is_due(const struct opp_sim *sim)
{
	if (sim->mover.state == OPP_SIM_RESTS)
		return is_clock_low(sim) && !(sim->control_latch & SIM_CTL_INIT) && has_room(sim);
	return sim->mover.state == OPP_SIM_STORES && (has_room(sim) || !sim->mover.copies);
}

static bool is_due(const struct opp_sim *sim)
{
	return sim_is_input(sim) ? receiver_is_due(sim) : sender_is_due(sim);
}

void sim_mover_look(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	if (mover->state == OPP_SIM_TAKES && !is_clock_low(sim))
		take(sim);
	if (!mover->stepping && !mover->alarm.set && is_due(sim))
		opp_sim_set_alarm(sim, &mover->alarm, sim->now_ns + REACT_NS);
}

static void step(struct opp_sim *sim)
{
	if (!is_due(sim))
		return;
	sim->mover.stepping = true;
	if (sim_is_input(sim))
		step_reverse(sim);
	else if (sim_mode(sim) == SIM_MODE_ECP)
		step_forward(sim);
	else
		step_strobe(sim);
	sim->mover.stepping = false;
	sim_mover_look(sim);
}

void sim_mover_go(struct opp_sim *sim)
{
	if (!sim->mover.alarm.set)
		step(sim);
}

/* The rest of a strobe that had begun when its mode was left. */
static void end_strobe(struct opp_sim *sim)
{
	sim->owned_control = 0;
	sim_settle(sim);
}

void sim_mover_finish(struct opp_sim *sim)
{
	if (sim->mover.alarm.set)
		opp_sim_advance_to(sim, sim->mover.alarm.at_ns);
}

static void ring(struct opp_sim_alarm *alarm)
{
	struct opp_sim *sim = SIM_CONTAINER_OF(alarm, struct opp_sim, mover.alarm);

	if (sim_moves(sim))
		step(sim);
	else
		end_strobe(sim);
}

/* ---- its life ------------------------------------------------------------------------- */

void sim_mover_reset(struct opp_sim *sim)
{
	opp_sim_set_alarm(sim, &sim->mover.alarm, OPP_SIM_NEVER);
	sim->mover = (struct opp_sim_mover){ .alarm = { .ring = ring } };
	sim->owned_control = 0;
}

void sim_mover_begin(struct opp_sim *sim)
{
	const bool ecp = sim_mode(sim) == SIM_MODE_ECP;

	sim_mover_reset(sim);
	sim->owned_control = ecp ? SIM_CTL_STROBE | SIM_CTL_AUTOFD : SIM_CTL_STROBE;
	sim->hardware_control = ecp && sim_is_input(sim) ? SIM_CTL_AUTOFD : 0;
	sim_settle(sim);
	sim_mover_go(sim);
}

/* The peripheral has the byte under way, or takes it when HostClk rises now. */
static bool is_given(const struct opp_sim *sim)
{
	return sim->mover.state == OPP_SIM_STROBES ||
	       (sim->mover.state == OPP_SIM_ASKS && is_busy(sim));
}

/* A word of which nothing was sent goes back to the FIFO, where that counts it. */
static void put_back(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	if (mover->bytes != loaded_bytes(sim))
		return;
	mover->bytes = 0;
	if (sim->options.full_counts_transmitter)
		sim_fifo_put_back(&sim->fifo, mover->word, mover->command);
}

void sim_mover_end(struct opp_sim *sim)
{
	struct opp_sim_mover *mover = &sim->mover;

	if (is_given(sim))
		sent(sim);
	if (sim_mover_sends(sim))
		put_back(sim);
	sim->unfinished_bytes = (uint8_t)mover->bytes;
	if (mover->state == OPP_SIM_STROBES)
		return;
	opp_sim_set_alarm(sim, &mover->alarm, OPP_SIM_NEVER);
	sim->owned_control = 0;
}
