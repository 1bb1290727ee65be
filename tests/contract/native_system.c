/* SPDX-License-Identifier: MIT */
/*
 * The native rig's system, which lends the port:
 *
 *	         claim: in vain             claim
 *	 its own ---------------> asked for -------> ours
 *	  ^  ^                     |                  |
 *	  |  '------- unclaim -----'                  |
 *	  '--------------------- unclaim -------------'
 *
 * Somebody else may come in between at each question, too.
 */
#include "native.h"

/* Questions */
#define A_WHILE 7

static struct rig *rig_of(const struct opp_hw *hw)
{
	const struct chain_hw *chain = hw->env->context;

	return chain->watch.context;
}

static enum opp_status claim(struct opp_hw *hw)
{
	struct rig *rig = rig_of(hw);
	struct system *system = &rig->system;

	CHECK(!rig->is_off);
	CHECK(!system->ours);
	system->questions++;
	rig_disturb(rig);
	system->asked = !system->gone && (system->other || system->vain);
	if (system->gone)
		return OPP_NO_SUCH_DEVICE;
	if (system->asked) {
		system->vain -= system->vain > 0;
		return OPP_PENDING;
	}
	system->ours = true;
	system->claims++;
	hw->ops->write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	return OPP_SUCCESS;
}

static void unclaim(struct opp_hw *hw)
{
	struct rig *rig = rig_of(hw);
	struct system *system = &rig->system;

	CHECK(system->asked || system->ours);
	if (system->ours && !rig->is_gone && !rig->port.asleep)
		rig_check_rest(rig);
	rig_disturb(rig);
	system->asked = false;
	system->ours = false;
}

void rig_lend(struct rig *rig)
{
	struct opp_hw *hw = chain_port(&rig->chain);
	struct system *system = &rig->system;

	system->ops = *hw->ops;
	system->ops.claim = claim;
	system->ops.unclaim = unclaim;
	system->lends = true;
	hw->ops = &system->ops;
	hw->capabilities |= OPP_HW_IS_LENT;
}

void rig_lend_elsewhere(struct rig *rig)
{
	rig->system.vain = A_WHILE;
}

void rig_check_claim(struct rig *rig, enum opp_port_state state)
{
	const struct system *system = &rig->system;

	if (!system->lends)
		return;
	if (state == OPP_PORT_HELD || state == OPP_PORT_GRANTING)
		CHECK(system->ours);
	if (state == OPP_PORT_FREE)
		CHECK(!system->ours && !system->asked);
}
