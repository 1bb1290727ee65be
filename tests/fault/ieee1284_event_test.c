/* SPDX-License-Identifier: MIT */
/*
 * Every mode of IEEE 1284 with a peripheral that goes wrong at one event, for
 * every event and every way to go wrong: the same demands as for disturbed
 * accesses, and the fault record names the event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "jobs.h"

#define LATE_US   60000u /* later than IEEE 1284 allows, sooner than we give up */
#define GLITCH_US 20u

static const struct job *job; /* for whoever reads why a case failed */
static uint8_t event;

static int tell_where(void **state)
{
	(void)state;
	if (job < jobs + job_count)
		print_message("# the last run: %s, event %u\n", job->name, event);
	return 0;
}

static void at_every_event(void (*check)(void))
{
	for (job = jobs; job < jobs + job_count; job++)
		for (event = 1; event < OPP_1284_EVENTS; event++)
			check();
}

static void run(enum opp_1284_misdeed what, uint32_t us, uint8_t mask)
{
	const struct opp_1284_rudeness rude = {
		.event = event, .what = what, .us = us, .mask = mask
	};

	job_begin(job);
	assert_true(opp_1284_be_rude(&stream.device, &rude));
	(void)stream_run(&stream);
}

/* Events that the engine waits for, and can miss: a chip does not say why its cycle timed out. */
static bool is_awaited(void)
{
	static const uint8_t awaited[] = { 2, 6, 9, 11, 24, 27, 31, 36, 40, 49, 52, 55, 58 };

	for (size_t i = 0; i < sizeof(awaited); i++)
		if (awaited[i] == event)
			return true;
	return event == 60 && (job->options & OPP_PROTOCOL_SOFTWARE_EPP);
}

/*
 * A byte that nobody can tell whose it is: EPP's that was taken in a cycle that
 * does not end, and what a reverse FIFO has acknowledged but never latched.
 */
static uint32_t slack(void)
{
	return event == 44 || event == 45 || event == 59 || event == 60 || event == 63;
}

static void check_never(void)
{
	run(OPP_1284_NEVER, 0, 0);
	job_assert_sound(job, slack());
	if (is_awaited() && stream.transfer.fault.status != OPP_SUCCESS)
		assert_int_equal(stream.transfer.fault.event, event);
	job_assert_works_again(job);
}

static void test_never(void **state)
{
	(void)state;
	at_every_event(check_never);
}

static void check_late(void)
{
	run(OPP_1284_LATE, LATE_US, 0);
	if (stream.transfer.status == OPP_SUCCESS)
		job_assert_done(job);
	else
		job_assert_sound(job, 0);
	job_assert_works_again(job);
}

static void test_late(void **state)
{
	(void)state;
	at_every_event(check_late);
}

/* What the lines of an empty or dead socket say, once, may be taken for a byte's answer. */
static void check_gone(void)
{
	run(OPP_1284_VANISH, 0, 0);
	job_assert_sound(job, 1);
	job_assert_works_again(job);
	run(OPP_1284_DIE, 0, 0);
	job_assert_sound(job, 1);
	job_assert_works_again(job);
}

static void test_gone(void **state)
{
	(void)state;
	at_every_event(check_gone);
}

static void check_wrong_lines(void)
{
	for (uint32_t line = OPP_LINE_NFAULT; line <= OPP_LINE_BUSY; line <<= 1) {
		run(OPP_1284_GLITCH, GLITCH_US, (uint8_t)line);
		job_assert_ended();
		job_assert_works_again(job);
		run(OPP_1284_WRONG, 0, (uint8_t)line);
		job_assert_ended();
		job_assert_works_again(job);
	}
}

static void test_wrong_lines(void **state)
{
	(void)state;
	at_every_event(check_wrong_lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-068 P-076 every mode when any event never comes, and used again", test_never,
		  NULL, tell_where, NULL },
		{ "P-063 every mode when any event is late loses nothing", test_late, NULL,
		  tell_where, NULL },
		{ "every mode with a peripheral gone at any event, and used again", test_gone, NULL,
		  tell_where, NULL },
		{ "every mode with any line wrong at any event, and used again", test_wrong_lines,
		  NULL, tell_where, NULL },
	};

	return cmocka_run_group_tests_name("ieee1284_event", tests, NULL, NULL);
}
