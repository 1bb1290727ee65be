/* SPDX-License-Identifier: MIT */
/*
 * The ppdev back end on a made-up Linux: how it gets the port without what makes Linux's
 * users hang.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/parport.h>

#include <openparport/wire.h>

#include "fake_linux.h"
#include "lent_rig.h"

#define TURNS_MOST 1000
#define PATIENCE_S 20

static struct opp_hw *const hw = &lent.hw;

static bool was_interrupted(void)
{
	return fake.interrupted > 0;
}

static bool sleeps(void)
{
	return fake.sleeper >= 0;
}

static bool was_interrupted_often(void)
{
	return fake.interrupted >= 3;
}

static bool was_refused_often(void)
{
	return fake.claims >= 3;
}

static bool is_missed(void)
{
	return lent.lost && lent_woken;
}

/* ---- claims ---------------------------------------------------------------------------------- */

static void test_claim(void **state)
{
	(void)state;
	fake.control = 0xff;
	fake.reverse = 1;
	lent_claim();
	assert_int_equal(fake.control, PARPORT_CONTROL_INIT | PARPORT_CONTROL_SELECT);
	assert_int_equal(fake.reverse, 0);
	assert_int_equal(hw->ops->read_control(hw), OPP_CONTROL_IDLE);
	assert_false(fake.is_exclusive);
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	assert_int_equal(fake.releases, 0);
	lent_claim();
	assert_int_equal(fake.claims, 2);
}

/* However soon the next turn comes: the system had its own in between. */
static void test_turns(void **state)
{
	(void)state;
	for (uint32_t turns = 1; turns <= 50; turns++) {
		assert_int_equal(lent_claim_until(OPP_SUCCESS), OPP_SUCCESS);
		assert_int_equal(fake.claims, turns);
		hw->ops->unclaim(hw);
	}
	lent_wait_for(lent_is_given_back);
	assert_int_equal(fake.opened, fake.closed);
}

static void test_program(void **state)
{
	(void)state;
	fake_give("ppdev0");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_nap(100);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	assert_int_equal(fake.claims, 0);
	assert_string_equal(hw->lent_to, "ppdev0");
	fake_give("none");
	lent_claim();
}

static void test_driver(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_interrupted_often);
	assert_true(hw->ops->claim(hw) == OPP_PENDING);
	assert_string_equal(hw->lent_to, "lp");
	fake_give("none");
	lent_claim();
	/* each on a file of its own: an interrupted one stays in line */
	assert_true(fake.opened >= fake.claims);
}

/* lp gives it away, and it is ours before the back end has said so. */
static void come_behind_lp(void)
{
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	for (int i = 0; !fake_is_ours() && i < TURNS_MOST; i++) {
		lent_wait_for(sleeps);
		fake_give("none");
	}
}

static void test_driver_gives(void **state)
{
	(void)state;
	come_behind_lp();
	lent_claim();
}

static void test_driver_with_irq(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_nap(100);
	assert_int_equal(fake.claims, 0);
	fake_give("none");
	lent_claim();
}

static void test_excluded(void **state)
{
	(void)state;
	fake.excluded = true;
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_refused_often);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	fake.excluded = false;
	lent_claim();
}

/* From now on the only reason to ask is a port that has become free. */
static void pause_for_ever(void)
{
	pthread_mutex_lock(&lent.lock);
	while (lent.asking) {
		pthread_mutex_unlock(&lent.lock);
		lent_nap(1);
		pthread_mutex_lock(&lent.lock);
	}
	lent.ask_at_ns = UINT64_MAX;
	pthread_mutex_unlock(&lent.lock);
}

static void test_becomes_free(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_interrupted);
	pause_for_ever();
	fake_give("none");
	lent_claim();
}

static void test_comes_anew(void **state)
{
	uint32_t claims;

	(void)state;
	fake.excluded = true;
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_refused_often);
	pause_for_ever();
	claims = fake.claims;
	lent_nap(50);
	assert_int_equal(fake.claims, claims);
	hw->ops->unclaim(hw);
	fake.excluded = false;
	lent_claim();
}

static void test_driver_is_left_in_peace(void **state)
{
	uint32_t claims;

	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_interrupted);
	pause_for_ever();
	claims = fake.claims;
	hw->ops->unclaim(hw);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_nap(50);
	assert_int_equal(fake.claims, claims);
}

static void test_alone_with_irq(void **state)
{
	(void)state;
	lent_claim();
	assert_true(fake.is_exclusive);
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	fake_register(1);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_nap(50);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	assert_string_equal(hw->lent_to, "lp");
	assert_int_equal(fake.claims, 1);
	fake_unregister();
	lent_claim();
}

static void test_shared_with_irq(void **state)
{
	(void)state;
	fake_register(1);
	lent_claim();
	assert_false(fake.is_exclusive);
}

static void test_given_up(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_interrupted);
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	fake_give("none");
	lent_nap(50);
	assert_false(fake_is_ours());
	lent_claim();
}

/* A served file: the claim stands in line until it is not wanted any more. */
static void test_served(void **state)
{
	int failed;

	(void)state;
	opp_backend_ppdev_close(&lent);
	fake.is_linux = false;
	assert_int_equal(lent_open(&failed), OPP_SUCCESS);
	fake_give("another");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(sleeps);
	lent_nap(100);
	assert_int_equal(fake.interrupted, 0);
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	assert_int_equal(fake.interrupted, 1);
	fake_give("none");
	lent_claim();
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	assert_int_equal(fake.releases, 1);
}

static void test_gone(void **state)
{
	(void)state;
	lent_claim();
	lent_nap(50); /* the thread sleeps */
	fake_unplug();
	lent_wait_for(is_missed);
	fake.status = 0;
	assert_int_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
	hw->ops->unclaim(hw);
	assert_int_equal(hw->ops->claim(hw), OPP_NO_SUCH_DEVICE);
}

/* It is ours, but before that is known it goes. */
static void test_gone_before_the_answer(void **state)
{
	(void)state;
	come_behind_lp();
	fake_unplug();
	lent_wait_for(is_missed);
	assert_int_equal(hw->ops->claim(hw), OPP_NO_SUCH_DEVICE);
	lent_wait_for(lent_is_given_back);
}

static void test_not_to_be_seen(void **state)
{
	(void)state;
	lent_claim();
	fake.stat_fails = EACCES;
	lent_nap(600); /* it has been looked at since */
	assert_false(lent.lost);
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	fake.open_fails = EMFILE;
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_nap(50);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	fake.open_fails = 0;
	lent_claim();
	fake.stat_fails = ENOENT;
	lent_wait_for(is_missed);
}

/* The path leads to somebody else's file now. */
static void test_led_elsewhere(void **state)
{
	(void)state;
	fake.is_linux = false;
	assert_int_equal(lent_claim_until(OPP_NO_SUCH_DEVICE), OPP_NO_SUCH_DEVICE);
	assert_int_equal(fake.claims, 0);
}

static void test_missed_while_free(void **state)
{
	(void)state;
	fake_unplug();
	lent_wait_for(is_missed);
	assert_int_equal(hw->ops->claim(hw), OPP_NO_SUCH_DEVICE);
}

static void test_gone_while_free(void **state)
{
	(void)state;
	fake_unplug();
	assert_int_equal(lent_claim_until(OPP_NO_SUCH_DEVICE), OPP_NO_SUCH_DEVICE);
}

/* The file fails, the port is there: only this hold is lost. */
static void test_put_out(void **state)
{
	(void)state;
	lent_claim();
	fake.ioctl_fails = EIO;
	hw->ops->write_data(hw, 1);
	assert_int_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
	fake.ioctl_fails = 0;
	assert_int_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
	hw->ops->unclaim(hw);
	lent_wait_for(lent_is_given_back);
	assert_false(lent.lost);
	lent_claim();
	assert_int_equal(hw->ops->read_status(hw),
			 OPP_LINE_NACK | OPP_LINE_SELECT | OPP_LINE_NFAULT);
}

/* ---- the signal ------------------------------------------------------------------------------- */

static void not_called(int number)
{
	(void)number;
	abort();
}

static void (*handler_of(int number))(int number)
{
	struct sigaction now;

	assert_int_equal(sigaction(number, NULL, &now), 0);
	return now.sa_handler;
}

static void set_handler(int number, void (*handler)(int number))
{
	const struct sigaction action = { .sa_handler = handler };

	assert_int_equal(sigaction(number, &action, NULL), 0);
}

static void test_signal(void **state)
{
	int failed;

	(void)state;
	set_handler(SIGRTMAX, not_called);
	assert_int_equal(lent_open(&failed), OPP_SUCCESS);
	assert_ptr_equal(handler_of(SIGRTMAX), not_called);
	assert_ptr_not_equal(handler_of(SIGRTMAX - 1), SIG_DFL);
	assert_ptr_equal(handler_of(SIGRTMAX - 2), SIG_DFL);
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(was_interrupted);
	opp_backend_ppdev_close(&lent);
	assert_ptr_equal(handler_of(SIGRTMAX - 1), SIG_DFL);
	assert_ptr_equal(handler_of(SIGRTMAX), not_called);
	set_handler(SIGRTMAX, SIG_DFL);
}

static void test_signal_taken(void **state)
{
	int failed;

	(void)state;
	for (int is_linux = 0; is_linux < 2; is_linux++) {
		fake.is_linux = is_linux;
		assert_int_equal(lent_open(&failed), OPP_SUCCESS);
		set_handler(SIGRTMAX, not_called);
		assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
		lent_nap(50);
		assert_int_equal(fake.claims, 0);
		opp_backend_ppdev_close(&lent);
		assert_ptr_equal(handler_of(SIGRTMAX), not_called);
		set_handler(SIGRTMAX, SIG_DFL);
	}
}

static void test_signal_taken_meanwhile(void **state)
{
	int failed;

	(void)state;
	fake.is_linux = false;
	assert_int_equal(lent_open(&failed), OPP_SUCCESS);
	fake_give("another");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	lent_wait_for(sleeps);
	set_handler(SIGRTMAX, not_called);
	(void)alarm(PATIENCE_S); /* a close that hangs ends the test */
	opp_backend_ppdev_close(&lent);
	(void)alarm(0);
	assert_int_equal(fake.cancelled, 1);
	assert_int_equal(fake.interrupted, 0);
	assert_int_equal(fake_open_files(), 0);
	set_handler(SIGRTMAX, SIG_DFL);
}

/* ---- opening ----------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
	static const struct {
		int failed;
		enum opp_status status;
	} ways[] = {
		{ ENOENT, OPP_NO_SUCH_DEVICE },    { EACCES, OPP_ACCESS_DENIED },
		{ ENXIO, OPP_NO_SUCH_DEVICE },     { EBUSY, OPP_DEVICE_BUSY },
		{ EISDIR, OPP_INVALID_PARAMETER },
	};
	int failed;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fake.open_fails = ways[i].failed;
		assert_int_equal(lent_open(&failed), ways[i].status);
		assert_int_equal(failed, ways[i].failed);
	}
	fake.open_fails = 0;
	fake.is_linux = false;
	fake.ioctl_fails = ENOTTY;
	assert_int_equal(lent_open(&failed), OPP_INVALID_PARAMETER);
	assert_int_equal(failed, ENOTTY);
	assert_int_equal(fake_open_files(), 0);
}

static void test_hidden(void **state)
{
	int failed;

	(void)state;
	fake_hide();
	assert_int_equal(lent_open(&failed), OPP_ACCESS_DENIED);
	assert_int_equal(failed, 0);
	assert_int_equal(fake_open_files(), 0);
}

#define CASE(name, function, setup)                                                                \
	{                                                                                          \
		name, function, setup, lent_stop, NULL                                             \
	}

static const struct CMUnitTest tests[] = {
	CASE("ppdev: a free port is claimed, its lines are at rest, a close gives it back",
	     test_claim, lent_start),
	CASE("ppdev: between any two turns the port is given back", test_turns, lent_start),
	CASE("ppdev: what another program has is looked at, and nobody is made to hang",
	     test_program, lent_start),
	CASE("ppdev: a driver hears that somebody waits, by claims that are cut short", test_driver,
	     lent_start),
	CASE("ppdev: a driver that gives the port in such a moment gives it to us",
	     test_driver_gives, lent_start),
	CASE("ppdev: with an interrupt nobody waits for a driver", test_driver_with_irq,
	     lent_start_with_irq),
	CASE("ppdev: a program that wants the port for itself alone is waited for", test_excluded,
	     lent_start),
	CASE("ppdev: a port that becomes free is asked for at once, whatever pause there is",
	     test_becomes_free, lent_start),
	CASE("ppdev: who comes anew finds a free port, whatever was refused to others",
	     test_comes_anew, lent_start),
	CASE("ppdev: a driver is not asked sooner because one comes after the other",
	     test_driver_is_left_in_peace, lent_start),
	CASE("ppdev: a port with an interrupt is had alone or not at all", test_alone_with_irq,
	     lent_start_with_irq),
	CASE("ppdev: it is shared all the same where that is wanted", test_shared_with_irq,
	     lent_start_shared),
	CASE("ppdev: a claim that is given up leaves no file behind", test_given_up, lent_start),
	CASE("ppdev: a served file is waited for in line, and released", test_served, lent_start),
	CASE("ppdev: a port that goes while it is ours is missed", test_gone, lent_start),
	CASE("ppdev: a port that goes before its claim is known leaves no file behind",
	     test_gone_before_the_answer, lent_start),
	CASE("ppdev: a port that cannot be looked at for a while has not gone", test_not_to_be_seen,
	     lent_start),
	CASE("ppdev: a path that leads to another kind of file is not claimed", test_led_elsewhere,
	     lent_start),
	CASE("ppdev: a port that goes while nobody wants it is missed, too", test_missed_while_free,
	     lent_start),
	CASE("ppdev: a port that went before is not there for a claim", test_gone_while_free,
	     lent_start),
	CASE("ppdev: a file that fails says nothing, and the next claim mends it", test_put_out,
	     lent_start),
	{ "ppdev: the signal is one that nobody uses, and only as long", test_signal,
	  lent_start_nothing, lent_stop_nothing, NULL },
	{ "ppdev: a signal that the program takes for itself is left to it", test_signal_taken,
	  lent_start_nothing, lent_stop_nothing, NULL },
	{ "ppdev: a signal that is taken while a claim stands in line keeps no close waiting",
	  test_signal_taken_meanwhile, lent_start_nothing, lent_stop_nothing, NULL },
	{ "ppdev: what cannot be opened is told by its errno", test_refused, lent_start_nothing,
	  lent_stop_nothing, NULL },
	{ "ppdev: a port whose users cannot be seen is left alone", test_hidden, lent_start_nothing,
	  lent_stop_nothing, NULL },
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
