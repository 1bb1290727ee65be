/* SPDX-License-Identifier: MIT */
/* One of two kinds, as configured. */
#include "back_end.h"

#include <string.h>

#include "process.h"

#define SIMULATED "sim"

bool opp_back_end_good(const char *text)
{
	char name[OPP_DIRECT_NAME_BYTES];

	return strcmp(text, SIMULATED) == 0 || opp_direct_name(text, name);
}

bool opp_host_config_is_real(const struct opp_host_config *config)
{
	return config->back_end && strcmp(config->back_end, SIMULATED) != 0;
}

bool opp_host_config_overlaps(const struct opp_host_config *one,
			      const struct opp_host_config *other)
{
	return opp_host_config_is_real(one) && opp_host_config_is_real(other) &&
	       opp_direct_overlap(one->back_end, other->back_end);
}

enum opp_status opp_back_end_open(struct opp_back_end *below, const struct opp_host_config *config,
				  void (*output_changed)(void *context), void *context,
				  struct opp_error *error)
{
	if (opp_host_config_is_real(config)) {
		below->kind = OPP_BACK_END_DIRECT;
		return opp_direct_open(&below->direct, config, error);
	}
	below->kind = OPP_BACK_END_SIMULATED;
	return opp_simulated_open(&below->simulated, config, output_changed, context, error);
}

void opp_back_end_close(struct opp_back_end *below)
{
	if (below->kind == OPP_BACK_END_SIMULATED)
		opp_simulated_close(&below->simulated);
	else
		opp_direct_close(&below->direct);
}

enum opp_status opp_back_end_enter(const struct opp_back_end *below)
{
	if (below->kind == OPP_BACK_END_SIMULATED)
		return OPP_SUCCESS;
	return opp_backend_x86io_enter(&below->direct.port.range) == 0 ? OPP_SUCCESS
								       : OPP_ACCESS_DENIED;
}

bool opp_back_end_is_lost(const struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_DIRECT && opp_direct_is_lost(&below->direct);
}

struct opp_simulated *opp_back_end_simulated(struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? &below->simulated : NULL;
}

static const struct opp_chip *chip_of(const struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? &below->simulated.backend.chip
						     : &below->direct.port.chip;
}

struct opp_hw *opp_back_end_hw(struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? &below->simulated.backend.chip.hw
						     : &below->direct.port.chip.hw;
}

const struct opp_chip_facts *opp_back_end_facts(const struct opp_back_end *below)
{
	return &chip_of(below)->facts;
}

const char *opp_back_end_name(const struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? SIMULATED : "io";
}

/* ---- its time ------------------------------------------------------------------------------ */

uint64_t opp_back_end_clock_ns(const struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? below->simulated.sim.now_ns
						     : opp_host_now_ns();
}

void opp_back_end_plan(struct opp_back_end *below, uint64_t at_ns)
{
	if (below->kind == OPP_BACK_END_SIMULATED)
		opp_backend_sim_plan(&below->simulated.backend, at_ns);
}

void opp_back_end_unplan(struct opp_back_end *below)
{
	if (below->kind == OPP_BACK_END_SIMULATED)
		opp_backend_sim_unplan(&below->simulated.backend);
}

uint64_t opp_back_end_catch_up(struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED
		       ? opp_backend_sim_catch_up(&below->simulated.backend)
		       : OPP_SIM_NEVER;
}

uint64_t opp_back_end_next_edge_ns(const struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? opp_sim_next_edge_ns(&below->simulated.sim)
						     : OPP_SIM_NEVER;
}

uint64_t opp_back_end_real_ns(const struct opp_back_end *below, uint64_t at_ns)
{
	return below->kind == OPP_BACK_END_SIMULATED
		       ? opp_simulated_real_ns(&below->simulated, at_ns)
		       : at_ns;
}

void opp_back_end_settle(struct opp_back_end *below)
{
	if (below->kind == OPP_BACK_END_SIMULATED)
		opp_peripherals_settle(below->simulated.peripherals);
}

/* ---- its lines ------------------------------------------------------------------------------ */

void opp_back_end_look(struct opp_back_end *below, struct opp_ioc_pins *pins)
{
	struct opp_hw *hw = opp_back_end_hw(below);
	struct opp_simulated *simulated = opp_back_end_simulated(below);
	struct opp_wires wires = { 0 };

	if (simulated) {
		(void)opp_back_end_catch_up(below);
		wires = simulated->sim.connector.wires;
	} else {
		wires.status = hw->ops->read_status(hw);
		wires.data = hw->ops->read_data(hw);
		wires.control = hw->ops->read_control(hw);
	}
	*pins = (struct opp_ioc_pins){
		.data = wires.data,
		.status = wires.status,
		.control = wires.control,
		.reverse = hw->ops->is_reverse(hw),
	};
}

bool opp_back_end_is_idle(struct opp_back_end *below)
{
	struct opp_hw *hw = opp_back_end_hw(below);
	struct opp_simulated *simulated = opp_back_end_simulated(below);
	uint8_t status;

	if (!simulated)
		return !(hw->ops->read_status(hw) & OPP_LINE_BUSY);
	(void)opp_back_end_catch_up(below);
	status = simulated->sim.connector.wires.status;
	return !(status & OPP_LINE_BUSY) && opp_simulated_is_written(simulated);
}
