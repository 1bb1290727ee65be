/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scan_rig.h"

#define MOST_STEPS 1000000u

static const char *const ids[OPP_SCAN_PLACES] = {
	"MFG:Acme;MDL:Zip;CLS:MEDIA;",
	"MFG:Acme;MDL:Scanner;",
	"MFG:Bolt;MDL:Plotter;",
	"MFG:Bolt;MDL:Camera;",
	"MFG:End;MDL:Printer;CLS:PRINTER;",
};

const char *scan_id_of(uint32_t place)
{
	return ids[place];
}

void scan_plug(struct scan_rig *rig, uint32_t place, const struct opp_1284_options *options)
{
	struct chain_rig *chain = &rig->chain;
	struct opp_sim_connector *socket = &chain->rig.sim.connector;

	if (place < OPP_CHAIN_DEVICES)
		socket = &chain->adapters[place].device;
	else if (rig->count > 0)
		socket = &chain->adapters[rig->count - 1].through;
	opp_sim_unplug(socket);
	opp_1284_init(&rig->devices[place], options);
	opp_sim_plug(socket, &rig->devices[place].peripheral);
}

void scan_start(struct scan_rig *rig, uint32_t count)
{
	chain_start(&rig->chain, OPP_SIM_ECP, count);
	rig->count = count;
	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++) {
		const struct opp_1284_options options = {
			.modes = OPP_1284_NIBBLE | OPP_1284_ID_NIBBLE,
			.device_id = scan_id_of(place),
		};

		if (place < count || place == OPP_PLACE_END_OF_CHAIN)
			scan_plug(rig, place, &options);
	}
}

enum opp_step scan_step(struct scan_rig *rig, uint32_t budget_ns)
{
	struct rig *port = &rig->chain.rig;

	return opp_scan_step(&rig->scan, port->hw, port->sim.now_ns / 1000, budget_ns);
}

enum opp_status scan_run_on(struct scan_rig *rig, uint32_t budget_ns)
{
	const struct opp_wait *wait = &rig->scan.transfer.wait;

	for (uint32_t i = 0; i < MOST_STEPS; i++) {
		switch (scan_step(rig, budget_ns)) {
		case OPP_STEP_DONE: return rig->scan.status;
		case OPP_STEP_AGAIN: break;
		case OPP_STEP_WAIT:
			if (!wait->poll)
				opp_sim_advance_to(&rig->chain.rig.sim, wait->until_us * 1000);
			break;
		}
	}
	fail_msg("the scan does not end");
	return OPP_PENDING;
}

enum opp_status scan_run(struct scan_rig *rig, uint8_t most)
{
	opp_scan_begin(&rig->scan, &rig->chain.protocol, most);
	return scan_run_on(rig, RIG_BUDGET_NS);
}

void scan_assert_found(const struct scan_rig *rig, uint8_t devices)
{
	assert_int_equal(rig->scan.devices, devices);
	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++) {
		const bool found = place < devices || place == OPP_PLACE_END_OF_CHAIN;

		assert_string_equal(rig->scan.id[place], found ? scan_id_of(place) : "");
	}
}

void scan_assert_rests(const struct scan_rig *rig)
{
	assert_true(rig_is_idle(&rig->chain.rig));
	assert_int_equal(rig->chain.protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(rig->chain.protocol.position, OPP_AT_COMPAT_IDLE);
	assert_false(rig->scan.still_selected);
	for (uint32_t i = 0; i < rig->count; i++)
		assert_int_equal(rig->chain.adapters[i].mode, OPP_DAISY_UNSELECTED);
}
