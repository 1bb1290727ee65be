/* SPDX-License-Identifier: MIT */
#include "lent_back_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "back_end.h"

struct lent lent;

static struct opp_hw_ops ops;
static struct opp_ioport below; /* the registers themselves */

static void check(bool is_right)
{
	if (!is_right)
		lent.misdeeds++;
}

/* As long as somebody else likes. */
static void hang(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	lent.hanging++;
	while (lent.hangs)
		nanosleep(&pause, NULL);
	lent.hanging--;
}

static uint8_t read8(void *context, uint32_t offset)
{
	check(lent.ours);
	hang();
	return below.read8(context, offset);
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	check(lent.ours);
	hang();
	below.write8(context, offset, value);
}

static enum opp_status claim(struct opp_hw *hw)
{
	const bool in_vain = ++lent.questions % 3 == 0 || lent.other;

	check(!lent.ours);
	lent.asked = in_vain && !lent.gone;
	memset(hw->lent_to, 0, sizeof(hw->lent_to));
	if (lent.gone)
		return OPP_NO_SUCH_DEVICE;
	if (lent.other)
		memcpy(hw->lent_to, LENT_TO, sizeof(LENT_TO));
	if (in_vain)
		return OPP_PENDING;
	lent.ours = true;
	lent.claims++;
	hw->ops->write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_IDLE);
	hw->ops->enable_interrupt(hw, true);
	return OPP_SUCCESS;
}

static void unclaim(struct opp_hw *hw)
{
	(void)hw;
	check(lent.asked || lent.ours);
	lent.asked = false;
	lent.ours = false;
}

void lent_begin(void)
{
	lent.other = false;
	lent.gone = false;
	lent.hangs = false;
	lent.questions = 0;
	lent.claims = 0;
	lent.misdeeds = 0;
}

/* ---- calls taken over ---------------------------------------------------------------------- */

__typeof__(opp_back_end_open) __real_opp_back_end_open, __wrap_opp_back_end_open;
void __real_opp_back_end_close(struct opp_back_end *end);
void __wrap_opp_back_end_close(struct opp_back_end *end);

enum opp_status __wrap_opp_back_end_open(struct opp_back_end *end,
					 const struct opp_host_config *config,
					 const struct opp_back_end_calls *calls,
					 struct opp_error *error)
{
	const enum opp_status status = __real_opp_back_end_open(end, config, calls, error);
	struct opp_backend_sim *simulated;
	struct opp_hw *hw;

	if (status != OPP_SUCCESS)
		return status;
	simulated = &opp_back_end_simulated(end)->backend;
	below = simulated->io;
	simulated->io.read8 = read8;
	simulated->io.write8 = write8;
	hw = opp_back_end_hw(end);
	ops = *hw->ops;
	ops.claim = claim;
	ops.unclaim = unclaim;
	hw->ops = &ops;
	hw->capabilities |= OPP_HW_IS_LENT;
	return OPP_SUCCESS;
}

void __wrap_opp_back_end_close(struct opp_back_end *end)
{
	__real_opp_back_end_close(end);
	assert_int_equal(lent.misdeeds, 0);
	assert_false(lent.ours);
	assert_false(lent.asked);
}
