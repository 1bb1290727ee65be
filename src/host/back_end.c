/* SPDX-License-Identifier: MIT */
/* One of three kinds, as configured. */
#include "back_end.h"

#include <string.h>

#include "process.h"

#define SIMULATED "sim"

bool opp_back_end_good(const char *text)
{
	char name[OPP_DIRECT_NAME_BYTES];

	return strcmp(text, SIMULATED) == 0 || opp_lent_path(text) || opp_direct_name(text, name);
}

bool opp_host_config_is_real(const struct opp_host_config *config)
{
	return config->back_end && strcmp(config->back_end, SIMULATED) != 0;
}

const char *opp_host_config_file(const struct opp_host_config *config)
{
	return config->back_end ? opp_lent_path(config->back_end) : NULL;
}

bool opp_host_config_overlaps(const struct opp_host_config *one,
			      const struct opp_host_config *other)
{
	if (!opp_host_config_is_real(one) || !opp_host_config_is_real(other))
		return false;
	if (opp_lent_path(one->back_end))
		return strcmp(one->back_end, other->back_end) == 0;
	return opp_direct_overlap(one->back_end, other->back_end);
}

enum opp_status opp_back_end_open(struct opp_back_end *below, const struct opp_host_config *config,
				  const struct opp_back_end_calls *calls, struct opp_error *error)
{
	if (!opp_host_config_is_real(config)) {
		below->kind = OPP_BACK_END_SIMULATED;
		return opp_simulated_open(&below->simulated, config, calls->output_changed,
					  calls->context, error);
	}
	if (opp_lent_path(config->back_end)) {
		below->kind = OPP_BACK_END_LENT;
		return opp_lent_open(&below->lent, config, calls->woken, calls->context, error);
	}
	below->kind = OPP_BACK_END_DIRECT;
	return opp_direct_open(&below->direct, config, error);
}

void opp_back_end_close(struct opp_back_end *below)
{
	switch (below->kind) {
	case OPP_BACK_END_SIMULATED: opp_simulated_close(&below->simulated); break;
	case OPP_BACK_END_DIRECT: opp_direct_close(&below->direct); break;
	case OPP_BACK_END_LENT: opp_backend_ppdev_close(&below->lent); break;
	}
}

enum opp_status opp_back_end_enter(const struct opp_back_end *below)
{
	if (below->kind != OPP_BACK_END_DIRECT)
		return OPP_SUCCESS;
	return opp_backend_x86io_enter(&below->direct.port.range) == 0 ? OPP_SUCCESS
								       : OPP_ACCESS_DENIED;
}

bool opp_back_end_is_lost(const struct opp_back_end *below)
{
	switch (below->kind) {
	case OPP_BACK_END_SIMULATED: break;
	case OPP_BACK_END_DIRECT: return opp_direct_is_lost(&below->direct);
	case OPP_BACK_END_LENT: return below->lent.lost;
	}
	return false;
}

struct opp_ioc_registers opp_back_end_registers(const struct opp_back_end *below)
{
	if (below->kind == OPP_BACK_END_DIRECT)
		return opp_direct_registers(&below->direct);
	return (struct opp_ioc_registers){ 0 };
}

struct opp_simulated *opp_back_end_simulated(struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_SIMULATED ? &below->simulated : NULL;
}

struct opp_hw *opp_back_end_hw(struct opp_back_end *below)
{
	switch (below->kind) {
	case OPP_BACK_END_SIMULATED: break;
	case OPP_BACK_END_DIRECT: return &below->direct.port.chip.hw;
	case OPP_BACK_END_LENT: return &below->lent.hw;
	}
	return &below->simulated.backend.chip.hw;
}

struct opp_chip_facts opp_back_end_facts(const struct opp_back_end *below)
{
	switch (below->kind) {
	case OPP_BACK_END_SIMULATED: break;
	case OPP_BACK_END_DIRECT: return below->direct.port.chip.facts;
	case OPP_BACK_END_LENT:
		return (struct opp_chip_facts){
			.irq = (uint8_t)(below->lent.irq > 0 ? below->lent.irq : 0)
		};
	}
	return below->simulated.backend.chip.facts;
}

const char *opp_back_end_name(const struct opp_back_end *below)
{
	switch (below->kind) {
	case OPP_BACK_END_SIMULATED: break;
	case OPP_BACK_END_DIRECT: return "io";
	case OPP_BACK_END_LENT: return "ppdev";
	}
	return SIMULATED;
}

const char *opp_back_end_advice(const struct opp_back_end *below)
{
	return below->kind == OPP_BACK_END_LENT ? opp_lent_advice(&below->lent) : NULL;
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
