/* SPDX-License-Identifier: MIT */
/*
 * See chain_hw.h: the chip driver over a simulated chip and simulated adapters.
 */
#include "chain_hw.h"

#define ACCESS_NS 1000

#define CONTROL_IDLE 0x0c
#define MODE_FIELD   0xe0

#define CONTROL_REGISTER 2
#define CONTROL_NINIT    0x04

static void pass(struct chain_hw *chain, uint32_t ns)
{
	if (chain->watch.touched)
		chain->watch.touched(chain->watch.context, ns);
	opp_sim_advance_to(&chain->sim, chain->sim.now_ns + ns);
}

static uint8_t read8(void *context, uint32_t offset)
{
	struct chain_hw *chain = context;

	pass(chain, ACCESS_NS);
	return opp_sim_read(&chain->sim, offset);
}

static void watch_init(struct chain_hw *chain, uint8_t control)
{
	const bool is_low = !(control & CONTROL_NINIT);

	chain->resets += is_low && !chain->init_is_low;
	chain->init_is_low = is_low;
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	struct chain_hw *chain = context;

	pass(chain, ACCESS_NS);
	if (offset == CONTROL_REGISTER)
		watch_init(chain, value);
	opp_sim_write(&chain->sim, offset, value);
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

static struct opp_sim_connector *socket_of(struct chain_hw *chain, uint8_t place)
{
	if (place < chain->plugged)
		return &chain->adapters[place].device;
	return chain->plugged ? &chain->adapters[chain->plugged - 1].through
			      : &chain->sim.connector;
}

static void plug_one(struct chain_hw *chain, uint8_t place)
{
	struct peripheral *peripheral = &chain->peripherals[place];

	if (chain->is_out[place])
		return;
	peripheral_init(peripheral, place, chain->kinds[place]);
	if (place < chain->plugged && peripheral->kind != DEVICE_PLAIN)
		opp_daisy_plug_1284(&chain->adapters[place], &peripheral->ieee1284);
	else
		opp_sim_plug(socket_of(chain, place), peripheral_plug(peripheral));
}

static void plug_in(struct chain_hw *chain, uint32_t adapters)
{
	struct opp_sim_connector *next = &chain->sim.connector;

	chain->plugged = adapters;
	for (uint8_t i = 0; i < adapters; i++) {
		opp_daisy_init(&chain->adapters[i]);
		opp_sim_plug(next, &chain->adapters[i].peripheral);
		next = &chain->adapters[i].through;
		plug_one(chain, i);
	}
	plug_one(chain, CHAIN_ADAPTERS);
}

void chain_unplug(struct chain_hw *chain, uint8_t place)
{
	if (!chain->is_out[place])
		opp_sim_unplug(socket_of(chain, place));
	chain->is_out[place] = true;
}

void chain_plug(struct chain_hw *chain, uint8_t place, enum device_kind kind)
{
	chain_unplug(chain, place);
	chain->is_out[place] = false;
	chain->kinds[place] = kind;
	plug_one(chain, place);
}

void chain_pass_us(struct chain_hw *chain, uint64_t us)
{
	opp_sim_advance_to(&chain->sim, chain->sim.now_ns + us * 1000);
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
	opp_sim_init(&chain->sim, &(struct opp_sim_options){ .chip = chip_with(capabilities) });
	plug_in(chain, adapters);
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
	static const enum opp_daisy_flaw flaws[] = {
		[CHAIN_SOUND] = OPP_DAISY_SOUND,
		[CHAIN_REFUSES] = OPP_DAISY_REFUSES,
		[CHAIN_GONE] = OPP_DAISY_GONE,
	};

	if (adapters != chain->plugged) {
		opp_sim_detach(&chain->sim);
		plug_in(chain, adapters);
	}
	for (uint32_t i = 0; i < adapters; i++)
		opp_daisy_break(&chain->adapters[i], flaws[health]);
}

void chain_forget(struct chain_hw *chain)
{
	for (uint32_t i = 0; i < chain->plugged; i++)
		chain->adapters[i].address = OPP_DAISY_NO_ADDRESS;
}

uint8_t chain_selected(const struct chain_hw *chain)
{
	for (uint32_t i = 0; i < chain->plugged; i++) {
		if (chain->adapters[i].mode != OPP_DAISY_UNSELECTED)
			return chain->adapters[i].address;
	}
	return END_OF_CHAIN;
}

static bool has_ecr(const struct chain_hw *chain)
{
	return chain->sim.options.chip == OPP_SIM_ECP || chain->sim.options.chip == OPP_SIM_ECP_EPP;
}

uint8_t chain_mode(const struct chain_hw *chain)
{
	return has_ecr(chain) ? chain->sim.ecr & MODE_FIELD : OPP_CHIP_SPP;
}

bool chain_is_at_rest(const struct chain_hw *chain)
{
	return chain_selected(chain) == END_OF_CHAIN && chain_mode(chain) <= OPP_CHIP_BYTE &&
	       chain->sim.control_latch == CONTROL_IDLE;
}

bool chain_is_confused(const struct chain_hw *chain)
{
	uint32_t selected = 0;

	for (uint32_t i = 0; i < chain->plugged; i++)
		selected += chain->adapters[i].mode != OPP_DAISY_UNSELECTED;
	return selected > 1;
}
