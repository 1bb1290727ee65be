/* SPDX-License-Identifier: MIT */
/*
 * Every mode of IEEE 1284 disturbed at its first access, its second, ... until
 * one run sees no disturbance. Whatever happens: it ends in bounded time, counts
 * exactly, leaves the lines at an idle that the protocol knows, and goes as ever
 * when the disturbance is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "jobs.h"

#define DELAY_NS UINT64_C(30000000) /* longer than any pulse, shorter than any patience */

static const struct job *job; /* for whoever reads why a case failed */
static uint32_t disturb_at;   /* the access before which it happens */
static uint32_t mend_at;      /* the access before which it is over */
static bool disturbed;

/* One run of the job. Returns false once none was disturbed. */
static bool run(void (*disturb)(struct rig *rig), uint32_t at, uint32_t for_accesses)
{
	job_begin(job);
	disturbed = false;
	disturb_at = at;
	mend_at = at + for_accesses;
	stream.rig.disturb = disturb;
	(void)stream_run(&stream);
	stream.rig.disturb = NULL;
	stream.rig.bus_dead = false;
	return disturbed;
}

static int tell_where(void **state)
{
	(void)state;
	if (disturbed)
		print_message("# the last run: %s, access %u\n", job->name, disturb_at);
	return 0;
}

static void at_every_access(void (*disturb)(struct rig *rig), uint32_t for_accesses,
			    void (*check)(void))
{
	for (job = jobs; job < jobs + job_count; job++) {
		for (uint32_t at = 1; run(disturb, at, for_accesses); at++)
			check();
		job_assert_done(job);
	}
}

static void unplug(struct rig *rig)
{
	if (rig->accesses == disturb_at) {
		disturbed = true;
		opp_sim_detach(&rig->sim);
	}
	if (mend_at > disturb_at && rig->accesses == mend_at)
		opp_sim_attach(&rig->sim, &stream.device.peripheral);
}

/* High lines say that a byte was taken, or has come, once. */
static void check_unplugged(void)
{
	job_assert_sound(job, 1);
	job_assert_works_again(job);
}

static void test_unplugged(void **state)
{
	(void)state;
	at_every_access(unplug, 0, check_unplugged);
}

static void check_loose_contact(void)
{
	job_assert_sound(job, 2);
	job_assert_works_again(job);
}

static void test_loose_contact(void **state)
{
	(void)state;
	at_every_access(unplug, 3, check_loose_contact);
}

static void delay(struct rig *rig)
{
	if (rig->accesses != disturb_at)
		return;
	disturbed = true;
	rig_pass_ns(rig, DELAY_NS);
}

static void check_delayed(void)
{
	job_assert_done(job);
	/* the one thing a host cannot mend: it was kept from ending the strobe */
	stream.rig.host_errors[OPP_SIM_LONG_STROBE] = 0;
	stream_assert_polite(&stream);
}

static void test_delayed(void **state)
{
	(void)state;
	at_every_access(delay, 0, check_delayed);
}

static void end_transfer(struct rig *rig)
{
	if (rig->accesses != disturb_at)
		return;
	disturbed = true;
	opp_transfer_end(&stream.transfer, OPP_DELETE_PENDING);
}

static void check_ended(void)
{
	if (stream.transfer.status != OPP_SUCCESS)
		assert_int_equal(stream.transfer.status, OPP_DELETE_PENDING);
	else
		assert_int_equal(stream.transfer.moved, job->bytes);
	assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
	job_assert_sound(job, 0);
	stream_assert_polite(&stream);
	job_assert_works_again(job);
}

static void test_ended(void **state)
{
	(void)state;
	at_every_access(end_transfer, 0, check_ended);
}

static void lose_bus(struct rig *rig)
{
	if (rig->accesses == disturb_at)
		disturbed = rig->bus_dead = true;
}

/* A card that is pulled reads 0xff: what comes of it is chance, but it comes. */
static void check_bus_lost(void)
{
	assert_int_not_equal(stream.transfer.status, OPP_PENDING);
	if (job->kind != JOB_ID)
		assert_true(stream.transfer.moved <= job->bytes);
}

static void test_bus_lost(void **state)
{
	(void)state;
	at_every_access(lose_bus, 0, check_bus_lost);
}

static struct opp_1284_item said = { .byte = 'x' };

static void say_something(struct rig *rig)
{
	if (rig->accesses != disturb_at)
		return;
	disturbed = true;
	stream_say(&stream, &said, 1);
}

/* Event 18 pulls nAck low, too: it must not pass for event 24, however long that takes. */
static void end_while_data_arrives(uint16_t event_24_us)
{
	uint8_t byte;

	for (uint32_t at = 1;; at++) {
		stream_start(&stream, STREAM_PS2, 0);
		opp_1284_set_response_us(&stream.device, 24, event_24_us);
		stream_enter(&stream, OPP_REQUEST_NIBBLE);
		(void)stream_read_what(&stream,
				       &(struct opp_read){ .bytes = &byte, .capacity = 1 });
		assert_int_equal(stream.protocol.position, OPP_AT_REVERSE_IDLE);
		rig_forget_accesses(&stream.rig);
		disturbed = false;
		disturb_at = at;
		stream.rig.disturb = say_something;
		assert_int_equal(stream_terminate(&stream), OPP_SUCCESS);
		stream.rig.disturb = NULL;
		assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
		rig_pass_ns(&stream.rig, 10000);
		assert_int_equal(stream.device.state, OPP_1284_COMPAT);
		stream_assert_polite(&stream);
		if (!disturbed)
			break;
	}
}

static void test_data_arrives(void **state)
{
	(void)state;
	end_while_data_arrives(2);
	end_while_data_arrives(30000);
}

/* Waiting for the byte that arrives. Returns false once it did not arrive any more. */
static bool read_as_data_arrives(uint8_t request, uint8_t letter, uint16_t answer_us, uint32_t at)
{
	uint8_t byte = (uint8_t)~letter;

	said.byte = letter;
	stream_start(&stream, STREAM_PS2, 0);
	opp_1284_set_response_us(&stream.device, OPP_1284_EVERY_EVENT, answer_us);
	stream_enter(&stream, request);
	disturbed = false;
	disturb_at = at;
	stream.rig.disturb = say_something;
	assert_int_equal(stream_read_what(&stream, &(struct opp_read){ .bytes = &byte,
								       .capacity = 1,
								       .first_us = 100 }),
			 OPP_SUCCESS);
	stream.rig.disturb = NULL;
	assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
	if (stream.transfer.moved)
		assert_int_equal(byte, letter);
	else if (disturbed)
		assert_int_equal(stream_read(&stream, &byte, 1), OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, disturbed);
	stream_assert_leaves(&stream);
	assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
	return disturbed;
}

/* Event 7 may lead to reverse idle, or ask for a byte that came just before it. */
static void test_data_arrives_for_reader(void **state)
{
	static const uint16_t answers_us[] = { 0, 2, 40 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(answers_us) / sizeof(answers_us[0]); i++) {
		for (uint32_t letter = 0; letter < 16; letter++) {
			uint32_t at = 1;

			while (read_as_data_arrives(OPP_REQUEST_NIBBLE, (uint8_t)(letter * 17),
						    answers_us[i], at))
				at++;
			assert_true(at > 5);
			for (at = 1; read_as_data_arrives(OPP_REQUEST_BYTE, (uint8_t)(letter * 17),
							  answers_us[i], at);)
				at++;
			assert_true(at > 5);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-011 P-055 every mode unplugged at any access, and used again", test_unplugged,
		  NULL, tell_where, NULL },
		{ "every mode with a loose contact at any access, and used again",
		  test_loose_contact, NULL, tell_where, NULL },
		{ "every mode delayed at any access loses nothing", test_delayed, NULL, tell_where,
		  NULL },
		{ "P-011 P-055 every mode ended at any access: exact counts, and used again",
		  test_ended, NULL, tell_where, NULL },
		{ "P-079 data that arrives at any access of a termination", test_data_arrives, NULL,
		  NULL, NULL },
		{ "P-087 data that arrives at any access of a read is read, once",
		  test_data_arrives_for_reader, NULL, NULL, NULL },
		{ "every mode ends in bounded time when the bus is lost at any access",
		  test_bus_lost, NULL, tell_where, NULL },
	};

	return cmocka_run_group_tests_name("ieee1284_fault", tests, NULL, NULL);
}
