/* SPDX-License-Identifier: MIT */
/*
 * A driver without manners: any chip, anything plugged in, any access to any
 * register at any time.
 *
 * Demanded: time goes forward and every alarm rings in bounded number; the levels
 * are those of lines that exist; an ECR never shows full and empty at once;
 * nobody drives a data line into a host that drives it, unless the host was
 * told so; and whatever happened, a reset and a while later a printer prints.
 */
#include <stdbool.h>

#include <openparport/sim_1284.h>
#include <openparport/sim_daisy.h>

#include "fuzz.h"

#define MS UINT64_C(1000000)

#define STATUS  1u
#define CONTROL 2u
#define ECR     0x402u
#define AT_REST 0x0cu

struct scene {
	struct opp_sim sim;
	struct opp_1284 device;
	struct opp_daisy adapters[2];
	uint64_t printed;
	uint8_t last_printed;
	uint32_t fights;
	struct input *input;
};

static struct scene scene;

static bool on_print(void *context, uint8_t byte)
{
	(void)context;
	scene.last_printed = byte;
	scene.printed++;
	return true;
}

static bool on_reverse(void *context, struct opp_1284_item *next)
{
	(void)context;
	if (!scene.input->left)
		return false;
	next->byte = take(scene.input);
	next->command = take(scene.input) & 1;
	return true;
}

static uint8_t on_epp_read(void *context, bool address)
{
	(void)context;
	return address ? 0xa5 : 0x5a;
}

static void on_host_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)context;
	DEMAND(now_ns == scene.sim.now_ns);
	DEMAND(opp_sim_host_error_text(error));
	if (error == OPP_SIM_BUS_FIGHT)
		scene.fights++;
}

static void start_chip(struct input *input)
{
	const struct opp_sim_options options = {
		.chip = take_upto(input, OPP_SIM_NO_PORT),
		.base = take(input) & 1 ? 0x3bc : 0x378,
		.after_reset = take(input) & 1,
		.control_high_bits = take(input) & 0xc0,
		.status_low_bits = take(input) & 0x06,
		.control_unreadable = take(input) & 1,
		.extended_is_control = take(input) & 1,
		.data_overpowered = take(input) & 1,
		.epp_version = take_upto(input, OPP_SIM_EPP_1_7),
		.timeout_clear = take_upto(input, OPP_SIM_CLEAR_READ_TWICE),
		.bit0 = take_upto(input, OPP_SIM_BIT0_CLEARABLE),
		.timeout_blocks = take(input) & 1,
		.epp_in_ps2_modes = take(input) & 1,
		.fifo_words = (uint8_t)take_upto(input, OPP_SIM_FIFO_MOST_WORDS),
		.fifo_threshold = (uint8_t)take_upto(input, OPP_SIM_FIFO_MOST_WORDS),
		.pword = take_upto(input, OPP_SIM_PWORD_RESERVED),
		.full_counts_transmitter = take(input) & 1,
		.fifo_never_fills = take(input) & 1,
		.config_b = take(input),
		.host_error = on_host_error,
	};

	opp_sim_init(&scene.sim, &options);
}

static void start_device(struct input *input)
{
	const struct opp_1284_options options = {
		.modes = take16(input),
		.strict = take(input) & 1,
		.device_id = "MFG:Acme;MDL:L;",
		.event_1_us = take(input),
		.printer = { .ack_order = take_upto(input, OPP_SIM_ACK_WHILE_BUSY),
			     .print = on_print },
		.reverse = on_reverse,
		.epp_read = on_epp_read,
	};

	opp_1284_init(&scene.device, &options);
	opp_1284_set_response_us(&scene.device, OPP_1284_EVERY_EVENT, (uint16_t)take(input));
}

/* 0, 1 or 2 adapters before the device, or before nothing. */
static void plug_in(struct input *input)
{
	const uint32_t adapters = take_upto(input, 2);
	struct opp_sim_connector *connector = &scene.sim.connector;

	for (uint32_t i = 0; i < adapters; i++) {
		opp_daisy_init(&scene.adapters[i]);
		opp_sim_plug(connector, &scene.adapters[i].peripheral);
		connector = &scene.adapters[i].through;
	}
	if (adapters && take(input) & 1)
		connector = &scene.adapters[0].device;
	opp_sim_plug(connector, &scene.device.peripheral);
}

static void access_register(struct input *input)
{
	static const uint16_t offsets[16] = { 0,     1,     2,     3,     4, 0, 1, 2,
					      0x400, 0x401, 0x402, 0x402, 5, 7, 8, 0x403 };
	const uint8_t what = take(input);
	const uint32_t offset = offsets[what & 15];
	struct opp_sim *sim = &scene.sim;

	switch (what >> 5) {
	case 0: opp_sim_read(sim, offset); break;
	case 1: opp_sim_read16(sim, offset); break;
	case 2: opp_sim_read32(sim, offset); break;
	case 3: opp_sim_write16(sim, offset, (uint16_t)take16(input)); break;
	case 4: opp_sim_write32(sim, offset, take16(input) * 0x10001u); break;
	default: opp_sim_write(sim, offset, take(input)); break;
	}
}

static void pass(uint64_t ns)
{
	const uint64_t until_ns = scene.sim.now_ns + ns;

	opp_sim_advance_to(&scene.sim, until_ns);
	DEMAND(scene.sim.now_ns == until_ns);
}

static void do_something(struct input *input)
{
	const uint8_t what = take(input);

	switch (what & 15) {
	case 0: pass(UINT64_C(1) << (what >> 4) * 2); break;
	case 1: pass((what >> 4) * 100 * MS); break;
	case 2: pass((what >> 4) * UINT64_C(1000)); break;
	case 3: opp_sim_terminal_count(&scene.sim); break;
	case 4: opp_1284_data_arrives(&scene.device); break;
	case 5: opp_1284_set_full(&scene.device, what & 16); break;
	case 6: opp_1284_interrupt(&scene.device); break;
	case 7: opp_1284_set_conditions(&scene.device, what >> 4); break;
	default: access_register(input); break;
	}
}

static void check_levels(void)
{
	const struct opp_sim *sim = &scene.sim;
	const struct opp_wires *wires = &sim->connector.wires;

	DEMAND(!(wires->status & ~OPP_STATUS_LINES));
	DEMAND(!(wires->control & ~OPP_CONTROL_LINES));
	DEMAND(sim->fifo.count <= sim->fifo.depth);
	DEMAND(opp_sim_next_edge_ns(sim) >= sim->now_ns);
}

static void check_ecr(void)
{
	const struct opp_sim_options *options = &scene.sim.options;

	if ((options->chip == OPP_SIM_ECP || options->chip == OPP_SIM_ECP_EPP) &&
	    !options->extended_is_control && !options->full_counts_transmitter)
		DEMAND((opp_sim_read(&scene.sim, ECR) & 3) != 3);
}

/* Of whatever chip, in the mode in which it happens (IEEE1284 2.6). */
static void clear_timeout(void)
{
	struct opp_sim *sim = &scene.sim;
	uint8_t status;

	opp_sim_read(sim, STATUS);
	opp_sim_read(sim, STATUS);
	status = opp_sim_read(sim, STATUS);
	opp_sim_write(sim, STATUS, status | 1);
	opp_sim_write(sim, STATUS, status & 0xfe);
}

/* Somebody presses the reset button, the host clears up and prints. */
static void check_recovers(void)
{
	struct opp_sim *sim = &scene.sim;
	const uint64_t before = scene.printed;

	opp_1284_set_conditions(&scene.device, 0);
	opp_1284_set_full(&scene.device, false);
	opp_sim_detach(sim);
	opp_sim_attach(sim, &scene.device.peripheral);
	opp_sim_write(sim, ECR, 0x14);
	opp_sim_write(sim, ECR, 0x94);
	clear_timeout();
	opp_sim_write(sim, ECR, 0x14);
	opp_sim_write(sim, CONTROL, AT_REST);
	pass(2000 * MS);
	opp_sim_write(sim, CONTROL, 0x08);
	pass(MS);
	opp_sim_write(sim, CONTROL, AT_REST);
	pass(2000 * MS);
	if (sim->options.chip == OPP_SIM_NO_PORT)
		return;
	DEMAND((sim->connector.wires.status & ~OPP_LINE_SELECT) ==
	       (OPP_LINE_NACK | OPP_LINE_NFAULT));
	opp_sim_write(sim, 0, 0x42);
	pass(MS);
	opp_sim_write(sim, CONTROL, 0x0d);
	pass(1000);
	opp_sim_write(sim, CONTROL, AT_REST);
	pass(100 * MS);
	DEMAND(scene.printed > before && scene.last_printed == 0x42);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint64_t now_ns = 0;

	scene = (struct scene){ .input = &input };
	start_chip(&input);
	start_device(&input);
	plug_in(&input);
	while (input.left) {
		do_something(&input);
		DEMAND(scene.sim.now_ns >= now_ns);
		now_ns = scene.sim.now_ns;
		check_levels();
		check_ecr();
	}
	check_recovers();
	return 0;
}
