/* SPDX-License-Identifier: MIT */
/*
 * The ppdev back end on a made-up Linux: how it gets the port without what makes Linux's
 * users hang, and what it makes of the port when it has it.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/parport.h>

#include <openparport/wire.h>

#include "backend_ppdev.h"
#include "fake_linux.h"

#define LIMIT_MS 20000

static struct opp_backend_ppdev backend;
static struct opp_hw *const hw = &backend.hw;
static _Atomic uint32_t interrupts, woken;
static bool shares;

/* ---- helpers --------------------------------------------------------------------------- */

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
	interrupts++;
}

static void on_woken(void *context)
{
	(void)context;
	woken++;
}

static void nap(long ms)
{
	const struct timespec rest = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&rest, NULL);
}

static enum opp_status open_it(int *failed)
{
	enum opp_status status =
		opp_backend_ppdev_open(&backend, FAKE_PATH, shares, &env, on_woken, NULL, failed);

	hw->interrupt = on_interrupt;
	return status;
}

static int start_with(const char *irq)
{
	int failed;

	interrupts = woken = 0;
	fake_start(irq);
	fake.modes = PARPORT_MODE_PCSPP | PARPORT_MODE_TRISTATE | PARPORT_MODE_EPP;
	return open_it(&failed) == OPP_SUCCESS ? 0 : -1;
}

static int start(void **state)
{
	(void)state;
	return start_with("-1");
}

static int start_with_irq(void **state)
{
	(void)state;
	return start_with("7");
}

static int start_shared(void **state)
{
	int failed;

	(void)state;
	shares = true;
	failed = start_with("7");
	shares = false;
	return failed;
}

static int start_nothing(void **state)
{
	(void)state;
	fake_start("-1");
	return 0;
}

static int stop(void **state)
{
	opp_backend_ppdev_close(&backend);
	assert_int_equal(fake_open_files(), 0);
	assert_int_equal(fake.slept_behind_program, 0);
	assert_int_equal(fake.slept_with_irq, 0);
	assert_int_equal(fake.claimed_twice, 0);
	assert_int_equal(fake.born_hearing, 0);
	assert_int_equal(fake.write_blocks, 0);
	assert_int_equal(fake.write_heard_signals, 0);
	fake_end();
	(void)state;
	return 0;
}

static int stop_nothing(void **state)
{
	(void)state;
	fake_end();
	return 0;
}

/* As the engine asks: again and again. */
static enum opp_status claim_until(enum opp_status wanted)
{
	enum opp_status status = hw->ops->claim(hw);

	for (int i = 0; status != wanted && i < LIMIT_MS; i++) {
		nap(1);
		status = hw->ops->claim(hw);
	}
	return status;
}

static void claim(void)
{
	assert_int_equal(claim_until(OPP_SUCCESS), OPP_SUCCESS);
	assert_true(fake_is_ours());
}

static void wait_for(bool (*condition)(void))
{
	for (int i = 0; !condition() && i < LIMIT_MS; i++)
		nap(1);
	assert_true(condition());
}

static bool is_given_back(void)
{
	return !fake_is_ours() && fake_open_files() == 0;
}

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
	return backend.lost && woken;
}

/* ---- claims ---------------------------------------------------------------------------------- */

static void test_claim(void **state)
{
	(void)state;
	fake.control = 0xff;
	fake.reverse = 1;
	claim();
	assert_int_equal(fake.control, PARPORT_CONTROL_INIT | PARPORT_CONTROL_SELECT);
	assert_int_equal(fake.reverse, 0);
	assert_int_equal(hw->ops->read_control(hw), OPP_CONTROL_IDLE);
	assert_false(fake.is_exclusive);
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	assert_int_equal(fake.releases, 0);
	claim();
	assert_int_equal(fake.claims, 2);
}

/* However soon the next turn comes: the system had its own in between. */
static void test_turns(void **state)
{
	(void)state;
	for (uint32_t turns = 1; turns <= 50; turns++) {
		assert_int_equal(claim_until(OPP_SUCCESS), OPP_SUCCESS);
		assert_int_equal(fake.claims, turns);
		hw->ops->unclaim(hw);
	}
	wait_for(is_given_back);
	assert_int_equal(fake.opened, fake.closed);
}

static void test_program(void **state)
{
	(void)state;
	fake_give("ppdev0");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	nap(100);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	assert_int_equal(fake.claims, 0);
	assert_string_equal(hw->lent_to, "ppdev0");
	fake_give("none");
	claim();
}

static void test_driver(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_interrupted_often);
	assert_true(hw->ops->claim(hw) == OPP_PENDING);
	assert_string_equal(hw->lent_to, "lp");
	fake_give("none");
	claim();
	/* each on a file of its own: an interrupted one stays in line */
	assert_true(fake.opened >= fake.claims);
}

static void test_driver_gives(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	for (int i = 0; !fake_is_ours() && i < LIMIT_MS; i++) {
		wait_for(sleeps);
		fake_give("none");
	}
	claim();
}

static void test_driver_with_irq(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	nap(100);
	assert_int_equal(fake.claims, 0);
	fake_give("none");
	claim();
}

static void test_excluded(void **state)
{
	(void)state;
	fake.excluded = true;
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_refused_often);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	fake.excluded = false;
	claim();
}

/* From now on the only reason to ask is a port that has become free. */
static void pause_for_ever(void)
{
	pthread_mutex_lock(&backend.lock);
	while (backend.asking) {
		pthread_mutex_unlock(&backend.lock);
		nap(1);
		pthread_mutex_lock(&backend.lock);
	}
	backend.ask_at_ns = UINT64_MAX;
	pthread_mutex_unlock(&backend.lock);
}

static void test_becomes_free(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_interrupted);
	pause_for_ever();
	fake_give("none");
	claim();
}

static void test_comes_anew(void **state)
{
	uint32_t claims;

	(void)state;
	fake.excluded = true;
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_refused_often);
	pause_for_ever();
	claims = fake.claims;
	nap(50);
	assert_int_equal(fake.claims, claims);
	hw->ops->unclaim(hw);
	fake.excluded = false;
	claim();
}

static void test_driver_is_left_in_peace(void **state)
{
	uint32_t claims;

	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_interrupted);
	pause_for_ever();
	claims = fake.claims;
	hw->ops->unclaim(hw);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	nap(50);
	assert_int_equal(fake.claims, claims);
}

static void test_alone_with_irq(void **state)
{
	(void)state;
	claim();
	assert_true(fake.is_exclusive);
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	fake_register(1);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	nap(50);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	assert_string_equal(hw->lent_to, "lp");
	assert_int_equal(fake.claims, 1);
	fake_unregister();
	claim();
}

static void test_shared_with_irq(void **state)
{
	(void)state;
	fake_register(1);
	claim();
	assert_false(fake.is_exclusive);
}

static void test_given_up(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_interrupted);
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	fake_give("none");
	nap(50);
	assert_false(fake_is_ours());
	claim();
}

/* A served file: the claim stands in line until it is not wanted any more. */
static void test_served(void **state)
{
	int failed;

	(void)state;
	opp_backend_ppdev_close(&backend);
	fake.is_linux = false;
	assert_int_equal(open_it(&failed), OPP_SUCCESS);
	fake_give("another");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(sleeps);
	nap(100);
	assert_int_equal(fake.interrupted, 0);
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	assert_int_equal(fake.interrupted, 1);
	fake_give("none");
	claim();
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	assert_int_equal(fake.releases, 1);
}

static void test_gone(void **state)
{
	(void)state;
	claim();
	nap(50); /* the thread sleeps */
	fake_unplug();
	wait_for(is_missed);
	fake.status = 0;
	assert_int_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
	hw->ops->unclaim(hw);
	assert_int_equal(hw->ops->claim(hw), OPP_NO_SUCH_DEVICE);
}

/* It is ours, but before that is known it goes. */
static void test_gone_before_the_answer(void **state)
{
	(void)state;
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	for (int i = 0; !fake_is_ours() && i < LIMIT_MS; i++) {
		wait_for(sleeps);
		fake_give("none");
	}
	fake_unplug();
	wait_for(is_missed);
	assert_int_equal(hw->ops->claim(hw), OPP_NO_SUCH_DEVICE);
	wait_for(is_given_back);
}

static void test_not_to_be_seen(void **state)
{
	(void)state;
	claim();
	fake.stat_fails = EACCES;
	nap(600); /* it has been looked at since */
	assert_false(backend.lost);
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	fake.open_fails = EMFILE;
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	nap(50);
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	fake.open_fails = 0;
	claim();
	fake.stat_fails = ENOENT;
	wait_for(is_missed);
}

/* The path leads to somebody else's file now. */
static void test_led_elsewhere(void **state)
{
	(void)state;
	fake.is_linux = false;
	assert_int_equal(claim_until(OPP_NO_SUCH_DEVICE), OPP_NO_SUCH_DEVICE);
	assert_int_equal(fake.claims, 0);
}

static void test_missed_while_free(void **state)
{
	(void)state;
	fake_unplug();
	wait_for(is_missed);
	assert_int_equal(hw->ops->claim(hw), OPP_NO_SUCH_DEVICE);
}

static void test_gone_while_free(void **state)
{
	(void)state;
	fake_unplug();
	assert_int_equal(claim_until(OPP_NO_SUCH_DEVICE), OPP_NO_SUCH_DEVICE);
}

/* The file fails, the port is there: only this hold is lost. */
static void test_put_out(void **state)
{
	(void)state;
	claim();
	fake.ioctl_fails = EIO;
	hw->ops->write_data(hw, 1);
	assert_int_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
	fake.ioctl_fails = 0;
	assert_int_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
	hw->ops->unclaim(hw);
	wait_for(is_given_back);
	assert_false(backend.lost);
	claim();
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
	assert_int_equal(open_it(&failed), OPP_SUCCESS);
	assert_ptr_equal(handler_of(SIGRTMAX), not_called);
	assert_ptr_not_equal(handler_of(SIGRTMAX - 1), SIG_DFL);
	assert_ptr_equal(handler_of(SIGRTMAX - 2), SIG_DFL);
	fake_give("lp");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(was_interrupted);
	opp_backend_ppdev_close(&backend);
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
		assert_int_equal(open_it(&failed), OPP_SUCCESS);
		set_handler(SIGRTMAX, not_called);
		assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
		nap(50);
		assert_int_equal(fake.claims, 0);
		opp_backend_ppdev_close(&backend);
		assert_ptr_equal(handler_of(SIGRTMAX), not_called);
		set_handler(SIGRTMAX, SIG_DFL);
	}
}

static void test_signal_taken_meanwhile(void **state)
{
	int failed;

	(void)state;
	fake.is_linux = false;
	assert_int_equal(open_it(&failed), OPP_SUCCESS);
	fake_give("another");
	assert_int_equal(hw->ops->claim(hw), OPP_PENDING);
	wait_for(sleeps);
	set_handler(SIGRTMAX, not_called);
	(void)alarm(LIMIT_MS / 1000); /* a close that hangs ends the test */
	opp_backend_ppdev_close(&backend);
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
		assert_int_equal(open_it(&failed), ways[i].status);
		assert_int_equal(failed, ways[i].failed);
	}
	fake.open_fails = 0;
	fake.is_linux = false;
	fake.ioctl_fails = ENOTTY;
	assert_int_equal(open_it(&failed), OPP_INVALID_PARAMETER);
	assert_int_equal(failed, ENOTTY);
	assert_int_equal(fake_open_files(), 0);
}

static void test_hidden(void **state)
{
	int failed;

	(void)state;
	fake_hide();
	assert_int_equal(open_it(&failed), OPP_ACCESS_DENIED);
	assert_int_equal(failed, 0);
	assert_int_equal(fake_open_files(), 0);
}

static void test_abilities(void **state)
{
	(void)state;
	assert_int_equal(hw->capabilities, OPP_HW_CAN_COMPAT | OPP_HW_CAN_REVERSE | OPP_HW_CAN_EPP |
						   OPP_HW_CAN_BULK | OPP_HW_IS_LENT);
	claim();
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_SPP), OPP_SUCCESS);
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_ECP), OPP_NO_SUCH_DEVICE);
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_EPP), OPP_NO_SUCH_DEVICE);
}

/* ---- the wire ------------------------------------------------------------------------------------ */

static void test_lines(void **state)
{
	(void)state;
	claim();
	fake.status = PARPORT_STATUS_BUSY | PARPORT_STATUS_PAPEROUT | 0x07;
	assert_int_equal(hw->ops->read_status(hw), OPP_LINE_PERROR);
	assert_int_equal(hw->ops->raw_read_status(hw), fake.status);
	hw->ops->write_control(hw, OPP_LINE_NSTROBE | OPP_LINE_NINIT, 0);
	assert_int_equal(fake.control, PARPORT_CONTROL_STROBE | PARPORT_CONTROL_SELECT);
	assert_int_equal(hw->ops->read_control(hw), OPP_LINE_NAUTOFD);
	hw->ops->raw_write_control(hw, PARPORT_CONTROL_AUTOFD);
	assert_int_equal(fake.control, PARPORT_CONTROL_AUTOFD);
	assert_int_equal(hw->ops->raw_read_control(hw), PARPORT_CONTROL_AUTOFD);
	hw->ops->write_data(hw, 0xa5);
	assert_int_equal(hw->ops->read_data(hw), 0xa5);
	hw->ops->set_reverse(hw, true);
	assert_true(hw->ops->is_reverse(hw) && fake.reverse);
}

static void test_epp(void **state)
{
	uint8_t bytes[20];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	claim();
	hw->ops->epp_start(hw, false);
	assert_int_equal(hw->ops->read_control(hw), OPP_CONTROL_LINES);
	assert_int_equal(hw->ops->epp_write(hw, OPP_EPP_ADDRESS, bytes, 1, 1), 1);
	assert_int_equal(fake.mode, IEEE1284_MODE_EPP | IEEE1284_ADDR);
	assert_int_equal(hw->ops->epp_write(hw, OPP_EPP_DATA, bytes, 20, 1), 20);
	assert_int_equal(fake.mode, IEEE1284_MODE_EPP);
	fake.takes = 7;
	assert_int_equal(hw->ops->epp_write(hw, OPP_EPP_DATA, bytes, 20, 1), 7);
	hw->ops->epp_stop(hw);
	assert_int_equal(fake.mode, IEEE1284_MODE_COMPAT);
	hw->ops->epp_start(hw, true);
	assert_int_equal(fake.reverse, 1);
	assert_int_equal(hw->ops->epp_read(hw, OPP_EPP_DATA, bytes, 20, 1), 7);
	assert_int_equal(bytes[6], 0x5a);
	fake.takes = 0; /* EAGAIN, which is no trouble */
	assert_int_equal(hw->ops->epp_read(hw, OPP_EPP_DATA, bytes, 20, 1), 0);
	hw->ops->epp_stop(hw);
	assert_int_equal(fake.reverse, 0);
	assert_int_not_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
}

static size_t bulk(const uint8_t *bytes, size_t length)
{
	return hw->ops->bulk_write(hw, bytes, length);
}

static void test_bulk(void **state)
{
	uint8_t page[1000];
	uint32_t writes;
	size_t sent = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)i;
	claim();
	while (sent < sizeof(page))
		sent += bulk(page + sent, sizeof(page) - sent);
	assert_int_equal(fake.printed, sizeof(page));
	assert_memory_equal(fake.paper, page, sizeof(page));
	assert_in_range(fake.longest_write, 2, 8);
	fake.takes = 0;
	writes = fake.writes;
	assert_int_equal(bulk(page, sizeof(page)), 0);
	assert_int_equal(fake.writes, writes + 1);
}

static void test_bulk_slow(void **state)
{
	const uint8_t page[100] = { 0 };

	(void)state;
	claim();
	(void)bulk(page, sizeof(page));
	fake.byte_ms = 12;
	fake.longest_write = 0;
	(void)bulk(page, sizeof(page));
	assert_in_range(fake.longest_write * fake.byte_ms, 12, 100);
	fake.longest_write = 0;
	for (int i = 0; i < 5; i++)
		assert_int_equal(bulk(page, sizeof(page)), 1);
	assert_int_equal(fake.longest_write, 1);
}

/* The printer is found ready each time, for whoever wrote has waited for it. */
static void test_bulk_waited_for(void **state)
{
	const uint8_t byte = 0;

	(void)state;
	claim();
	for (int i = 0; i < 10; i++) {
		nap(3);
		assert_int_equal(bulk(&byte, 1), 1);
		assert_int_equal(backend.bulk_bytes, 1);
	}
}

static void test_bulk_not_alone(void **state)
{
	const uint8_t page[100] = { 0 };
	uint32_t writes;

	(void)state;
	claim();
	assert_int_not_equal(bulk(page, sizeof(page)), 0);
	assert_int_not_equal(bulk(page, sizeof(page)), 0);
	writes = fake.writes;
	fake_register(1);
	assert_int_equal(bulk(page, sizeof(page)), 0);
	assert_int_equal(fake.writes, writes);
}

static bool two_came(void)
{
	return interrupts == 2 && woken;
}

static void test_interrupts(void **state)
{
	(void)state;
	assert_true(hw->capabilities & OPP_HW_CAN_INTERRUPT);
	assert_int_equal(backend.irq, 7);
	claim();
	woken = 0;
	nap(50);
	assert_int_equal(interrupts, 0);
	fake_interrupt(2);
	wait_for(two_came);
	hw->ops->enable_interrupt(hw, false);
	nap(20);
	fake_interrupt(1);
	nap(50);
	assert_int_equal(interrupts, 2);
}

static bool any_came(void)
{
	return interrupts != 0;
}

/* A service that serves a file may count as it likes. */
static void test_interrupts_made_up(void **state)
{
	int failed;

	(void)state;
	opp_backend_ppdev_close(&backend);
	fake.is_linux = false;
	fake.rises = INT_MAX;
	assert_int_equal(open_it(&failed), OPP_SUCCESS);
	claim();
	fake_interrupt(1);
	wait_for(any_came);
	nap(50);
	assert_in_range(interrupts, 1, 1000);
}

#define CASE(name, function, setup)                                                                \
	{                                                                                          \
		name, function, setup, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("ppdev: a free port is claimed, its lines are at rest, a close gives it back",
		     test_claim, start),
		CASE("ppdev: between any two turns the port is given back", test_turns, start),
		CASE("ppdev: what another program has is looked at, and nobody is made to hang",
		     test_program, start),
		CASE("ppdev: a driver hears that somebody waits, by claims that are cut short",
		     test_driver, start),
		CASE("ppdev: a driver that gives the port in such a moment gives it to us",
		     test_driver_gives, start),
		CASE("ppdev: with an interrupt nobody waits for a driver", test_driver_with_irq,
		     start_with_irq),
		CASE("ppdev: a program that wants the port for itself alone is waited for",
		     test_excluded, start),
		CASE("ppdev: a port that becomes free is asked for at once, whatever pause there is",
		     test_becomes_free, start),
		CASE("ppdev: who comes anew finds a free port, whatever was refused to others",
		     test_comes_anew, start),
		CASE("ppdev: a driver is not asked sooner because one comes after the other",
		     test_driver_is_left_in_peace, start),
		CASE("ppdev: a port with an interrupt is had alone or not at all",
		     test_alone_with_irq, start_with_irq),
		CASE("ppdev: it is shared all the same where that is wanted", test_shared_with_irq,
		     start_shared),
		CASE("ppdev: a claim that is given up leaves no file behind", test_given_up, start),
		CASE("ppdev: a served file is waited for in line, and released", test_served,
		     start),
		CASE("ppdev: a port that goes while it is ours is missed", test_gone, start),
		CASE("ppdev: a port that goes before its claim is known leaves no file behind",
		     test_gone_before_the_answer, start),
		CASE("ppdev: a port that cannot be looked at for a while has not gone",
		     test_not_to_be_seen, start),
		CASE("ppdev: a path that leads to another kind of file is not claimed",
		     test_led_elsewhere, start),
		CASE("ppdev: a port that goes while nobody wants it is missed, too",
		     test_missed_while_free, start),
		CASE("ppdev: a port that went before is not there for a claim",
		     test_gone_while_free, start),
		CASE("ppdev: a file that fails says nothing, and the next claim mends it",
		     test_put_out, start),
		{ "ppdev: the signal is one that nobody uses, and only as long", test_signal,
		  start_nothing, stop_nothing, NULL },
		{ "ppdev: a signal that the program takes for itself is left to it",
		  test_signal_taken, start_nothing, stop_nothing, NULL },
		{ "ppdev: a signal that is taken while a claim stands in line keeps no close waiting",
		  test_signal_taken_meanwhile, start_nothing, stop_nothing, NULL },
		{ "ppdev: what cannot be opened is told by its errno", test_refused, start_nothing,
		  stop_nothing, NULL },
		{ "ppdev: a port whose users cannot be seen is left alone", test_hidden,
		  start_nothing, stop_nothing, NULL },
		CASE("ppdev: abilities are those of its system, chip modes none", test_abilities,
		     start),
		CASE("ppdev: lines", test_lines, start),
		CASE("ppdev: EPP by the file's own cycles, with exact counts", test_epp, start),
		CASE("ppdev: bytes in chunks, without a way to lose the port", test_bulk, start),
		CASE("ppdev: chunks of a slow printer are short", test_bulk_slow, start),
		CASE("ppdev: a printer that is waited for gets a byte at a time",
		     test_bulk_waited_for, start),
		CASE("ppdev: with another driver on the port bytes are left to the lines",
		     test_bulk_not_alone, start),
		CASE("ppdev: interrupts are counted while they are wanted", test_interrupts,
		     start_with_irq),
		CASE("ppdev: of interrupts that are made up a thousand count",
		     test_interrupts_made_up, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
