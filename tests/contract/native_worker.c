/* SPDX-License-Identifier: MIT */
/*
 * The native rig's worker and its time: they go on only when a case lets them.
 */
#include "native.h"

#define STEP_BUDGET_NS 50000
#define ONE_US         1
#define US_PER_MS      1000

/* How long the worker's work is waited for. */
#define SETTLE_US UINT64_C(2000000)

bool rig_step(struct rig *rig)
{
	enum opp_step step;

	if (!rig->step_asked && !(rig->worker_waits && rig->now_us >= rig->wake_us))
		return false;
	rig->step_asked = false;
	rig->worker_waits = false;
	step = opp_contract_step(&rig->port, STEP_BUDGET_NS);
	rig->step_asked |= step == OPP_STEP_AGAIN;
	rig->worker_waits = step == OPP_STEP_WAIT;
	rig->wake_us = rig->port.wait.until_us;
	rig_check(rig);
	return true;
}

/* Until the worker wakes up, @end_us at the latest. */
static void sleep_until(struct rig *rig, uint64_t end_us)
{
	uint64_t until_us = rig->worker_waits && rig->wake_us < end_us ? rig->wake_us : end_us;

	if (until_us <= rig->now_us)
		until_us = rig->now_us + ONE_US;
	chain_pass_us(&rig->chain, until_us - rig->now_us);
	rig->now_us = until_us;
}

void rig_pass_ms(struct rig *rig, uint32_t ms)
{
	const uint64_t end_us = rig->now_us + (uint64_t)ms * US_PER_MS;

	do {
		while (rig_step(rig))
			;
		sleep_until(rig, end_us);
	} while (rig->now_us < end_us);
	while (rig_step(rig))
		;
}

void rig_settle(struct rig *rig)
{
	uint64_t end_us;

	if (rig->settle_asked) {
		rig->settle_asked = false;
		opp_contract_settle(&rig->port);
		rig_check(rig);
	}
	while (rig_step(rig))
		;
	for (end_us = rig->now_us + SETTLE_US; rig_has_work(rig) && rig->now_us < end_us;) {
		sleep_until(rig, end_us);
		while (rig_step(rig))
			;
	}
}
