/* SPDX-License-Identifier: MIT */
/* See lent_rig.h. */
#include "lent_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include <linux/parport.h>

#include "fake_linux.h"

#define LIMIT_MS 20000

struct opp_backend_ppdev lent;
_Atomic uint32_t lent_interrupts, lent_woken;

static struct opp_hw *const hw = &lent.hw;
static bool shares;

static void busy_wait(void *context, uint32_t ns)
{
	(void)context;
	(void)ns;
}

static void broken(void *context, const char *what)
{
	(void)context;
	fail_msg("%s", what);
}

static const struct opp_env env = { NULL, busy_wait, broken };

static void on_interrupt(void *context)
{
	(void)context;
	lent_interrupts++;
}

static void on_woken(void *context)
{
	(void)context;
	lent_woken++;
}

void lent_nap(long ms)
{
	const struct timespec rest = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&rest, NULL);
}

enum opp_status lent_open(int *failed)
{
	enum opp_status status =
		opp_backend_ppdev_open(&lent, FAKE_PATH, shares, &env, on_woken, NULL, failed);

	hw->interrupt = on_interrupt;
	return status;
}

static int start_with(const char *irq)
{
	int failed;

	lent_interrupts = lent_woken = 0;
	fake_start(irq);
	fake.modes = PARPORT_MODE_PCSPP | PARPORT_MODE_TRISTATE | PARPORT_MODE_EPP;
	return lent_open(&failed) == OPP_SUCCESS ? 0 : -1;
}

int lent_start(void **state)
{
	(void)state;
	return start_with("-1");
}

int lent_start_with_irq(void **state)
{
	(void)state;
	return start_with("7");
}

int lent_start_shared(void **state)
{
	int failed;

	(void)state;
	shares = true;
	failed = start_with("7");
	shares = false;
	return failed;
}

int lent_start_nothing(void **state)
{
	(void)state;
	fake_start("-1");
	return 0;
}

int lent_stop(void **state)
{
	opp_backend_ppdev_close(&lent);
	assert_int_equal(fake_open_files(), 0);
	assert_int_equal(fake.slept_behind_program, 0);
	assert_int_equal(fake.slept_with_irq, 0);
	assert_int_equal(fake.claimed_twice, 0);
	assert_int_equal(fake.excluded_in_vain, 0);
	assert_int_equal(fake.born_hearing, 0);
	assert_int_equal(fake.write_blocks, 0);
	assert_int_equal(fake.write_heard_signals, 0);
	fake_end();
	(void)state;
	return 0;
}

int lent_stop_nothing(void **state)
{
	(void)state;
	fake_end();
	return 0;
}

/* As the engine asks: again and again. */
enum opp_status lent_claim_until(enum opp_status wanted)
{
	enum opp_status status = hw->ops->claim(hw);

	for (int i = 0; status != wanted && i < LIMIT_MS; i++) {
		lent_nap(1);
		status = hw->ops->claim(hw);
	}
	return status;
}

void lent_claim(void)
{
	assert_int_equal(lent_claim_until(OPP_SUCCESS), OPP_SUCCESS);
	assert_true(fake_is_ours());
}

void lent_wait_for(bool (*condition)(void))
{
	for (int i = 0; !condition() && i < LIMIT_MS; i++)
		lent_nap(1);
	assert_true(condition());
}

bool lent_is_given_back(void)
{
	return !fake_is_ours() && fake_open_files() == 0;
}
