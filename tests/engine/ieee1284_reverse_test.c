/* SPDX-License-Identifier: MIT */
/* Nibble and byte mode: bytes, ends, waits and what goes wrong within a byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"

#define DATA        0u
#define STATUS      1u
#define CONTROL     2u
#define ALL         256u
#define STATUS_NACK 0x40

static struct talk talk;
static uint8_t sent[ALL];
static uint8_t got[2 * ALL];

static const uint8_t requests[] = { OPP_REQUEST_NIBBLE, OPP_REQUEST_BYTE };

/* In the mode, with @count bytes waiting. */
static void start_at(uint8_t request, size_t count, uint32_t access_ns)
{
	talk_start(&talk, &(struct opp_1284_options){ .modes = OPP_1284_NIBBLE | OPP_1284_BYTE },
		   access_ns);
	talk_say(&talk, sent, count);
	memset(got, 0xa5, sizeof(got));
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
}

static void start_in(uint8_t request, size_t count)
{
	start_at(request, count, TALK_ISA_NS);
}

static int fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALL; i++)
		sent[i] = (uint8_t)(i * 167 + 60);
	return 0;
}

/* Exactly @count bytes came, and nothing was written beyond them. */
static void assert_got(size_t count)
{
	assert_int_equal(talk.transfer.moved, count);
	assert_memory_equal(got, sent, count);
	assert_int_equal(got[count], 0xa5);
	assert_int_equal(rig_host_errors(&talk.rig), 0);
}

static uint8_t control_lines(void)
{
	return talk.rig.sim.control_latch & 0x3f;
}

/* ---- bytes ------------------------------------------------------------------------------ */

static void test_all_values(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(requests); i++) {
		start_in(requests[i], ALL);
		assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
		assert_got(ALL);
		assert_int_equal(talk.protocol.position, OPP_AT_HBDNA);
		assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
		talk_assert_fault(&talk, OPP_SUCCESS, 0);
		talk_assert_prints(&talk);
	}
}

static void test_accesses(void **state)
{
	static const uint32_t most[] = { 9, 8 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(requests); i++) {
		start_in(requests[i], ALL);
		opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 0);
		assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
		assert_got(ALL);
		assert_in_range(talk.rig.hw->accesses, ALL, most[i] * ALL);
	}
}

/* Wrong lines on the way to event 9, and again from event 11 on: in between they are right. */
static void test_nibble_sampled(void **state)
{
	const uint8_t all_but_nack = OPP_STATUS_LINES & ~OPP_LINE_NACK;
	const struct opp_1284_rudeness early = {
		.event = 8, .what = OPP_1284_GLITCH, .always = true, .us = 60, .mask = all_but_nack
	};
	const struct opp_1284_rudeness late = {
		.event = 11, .what = OPP_1284_WRONG, .always = true, .mask = all_but_nack
	};

	(void)state;
	start_in(OPP_REQUEST_NIBBLE, 1);
	opp_1284_set_response_us(&talk.device, 9, 100);
	assert_true(opp_1284_be_rude(&talk.device, &early));
	assert_true(opp_1284_be_rude(&talk.device, &late));
	assert_int_equal(talk_read(&talk, got, 1), OPP_SUCCESS);
	assert_got(1);
}

/* A device whose lines are right only some time after nAck: the second look sees it. */
static void test_settle(void **state)
{
	(void)state;
	start_in(OPP_REQUEST_NIBBLE, ALL);
	talk.protocol.options = OPP_PROTOCOL_SETTLE;
	opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 0);
	assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
	assert_got(ALL);
	assert_in_range(talk.rig.hw->accesses, 12 * ALL, 13 * ALL);
}

/* Within a byte nFault is data, and says the contrary of the truth until event 13. */
static void test_more(void **state)
{
	static const uint8_t ones[] = { 0x11, 0x11, 0x11, 0x00 };

	(void)state;
	start_in(OPP_REQUEST_NIBBLE, 0);
	talk_say(&talk, ones, sizeof(ones));
	opp_1284_set_response_us(&talk.device, 13, 100);
	assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
	assert_int_equal(talk.transfer.moved, sizeof(ones));
	assert_memory_equal(got, ones, sizeof(ones));
}

static void test_byte_order(void **state)
{
	const struct rig_access *log = talk.rig.log;
	const struct rig_access *pulse;

	(void)state;
	talk_start(&talk, &(struct opp_1284_options){ .modes = OPP_1284_BYTE }, 50);
	talk_say(&talk, sent, 1);
	memset(got, 0xa5, sizeof(got));
	opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 0);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	assert_int_equal(control_lines(), CTL_EVENT_4 | CTL_REVERSED); /* ev 14 */
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_read(&talk, got, 1), OPP_SUCCESS);
	assert_got(1);
	assert_controls(&talk, CTL_EVENT_1 | CTL_REVERSED, CTL_EVENT_4 | CTL_REVERSED,
			0x05 | CTL_REVERSED, CTL_EVENT_4 | CTL_REVERSED);
	while (log->offset != DATA)
		log++;
	assert_false(log->write);
	assert_true(log[-1].offset == STATUS && !(log[-1].value & STATUS_NACK));   /* ev 9 */
	assert_true(log[1].write && log[1].value == (CTL_EVENT_4 | CTL_REVERSED)); /* ev 10 */
	for (pulse = log; pulse->value != (0x05 | CTL_REVERSED); pulse++)
		;
	assert_true(pulse[1].at_ns - pulse->at_ns >= 500);
}

/* ---- ends and waits ---------------------------------------------------------------------- */

static void test_past_the_end(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(requests); i++) {
		start_in(requests[i], 10);
		assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
		assert_got(10);
		assert_int_equal(talk.protocol.position, OPP_AT_REVERSE_IDLE);
		assert_int_equal(control_lines() & ~CTL_REVERSED, CTL_EVENT_1);
		talk_assert_fault(&talk, OPP_SUCCESS, 0);
		assert_int_equal(talk_read(&talk, got + 10, ALL), OPP_SUCCESS);
		assert_int_equal(talk.transfer.moved, 0);
		assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
		talk_assert_fault(&talk, OPP_SUCCESS, 0);
		talk_assert_prints(&talk);
	}
}

static void test_nothing_wanted(void **state)
{
	(void)state;
	start_in(OPP_REQUEST_NIBBLE, 10);
	assert_int_equal(talk_read(&talk, got, 0), OPP_SUCCESS);
	assert_int_equal(talk.rig.accesses, 0);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_read(&talk, got, 1), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(talk.rig.accesses, 0);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	opp_write_begin(&talk.transfer, &talk.protocol,
			&(struct opp_write){ .bytes = sent, .length = 1 });
	assert_int_equal(rig_run(&talk.rig, &talk.transfer, 0), OPP_INVALID_DEVICE_REQUEST);
}

/* Data comes while the engine waits: told by time alone, or by the interrupt of event 19. */
static void wait_for_data(uint8_t request, bool interrupts)
{
	enum opp_step step;

	start_in(request, 0);
	talk.rig.hw->ops->enable_interrupt(talk.rig.hw, interrupts);
	talk_begin_read(&talk, got, ALL, 10000000, 20000);
	do
		step = opp_transfer_step(&talk.transfer, talk.rig.hw, talk.rig.sim.now_ns / 1000,
					 RIG_BUDGET_NS);
	while (step == OPP_STEP_WAIT && talk.transfer.wait.poll);
	assert_int_equal(step, OPP_STEP_WAIT);
	assert_int_equal(talk.protocol.position, OPP_AT_REVERSE_IDLE);
	rig_pass_ns(&talk.rig, 300000000);
	assert_int_equal(talk.rig.interrupts, 0);
	talk_say(&talk, sent, 7);
	rig_pass_ns(&talk.rig, 10000);
	assert_int_equal(talk.rig.interrupts, interrupts ? 1 : 0);
	assert_int_equal(rig_run(&talk.rig, &talk.transfer, RIG_BUDGET_NS), OPP_SUCCESS);
	assert_got(7);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	assert_int_equal(talk.protocol.position, OPP_AT_REVERSE_IDLE);
}

static void test_data_comes(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(requests); i++) {
		wait_for_data(requests[i], false);
		wait_for_data(requests[i], true);
	}
}

/* Data that came between two reads, before the host went to reverse idle. */
static void test_data_came_in_between(void **state)
{
	(void)state;
	start_in(OPP_REQUEST_NIBBLE, 1);
	assert_int_equal(talk_read(&talk, got, 1), OPP_SUCCESS);
	assert_int_equal(talk.protocol.position, OPP_AT_HBDNA);
	talk_say(&talk, sent, 5);
	rig_pass_ns(&talk.rig, 100000);
	assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
	assert_got(5);
}

static void test_times(void **state)
{
	uint64_t before_ns;

	(void)state;
	start_in(OPP_REQUEST_NIBBLE, 0);
	before_ns = talk.rig.sim.now_ns;
	assert_int_equal(talk_read_for(&talk, got, ALL, 700000, 100), OPP_SUCCESS);
	assert_int_equal(talk.transfer.moved, 0);
	assert_in_range(talk.rig.sim.now_ns - before_ns, 700000000, 701000000);
	talk_say(&talk, sent, 3);
	before_ns = talk.rig.sim.now_ns;
	assert_int_equal(talk_read_for(&talk, got, ALL, 100, 40000), OPP_SUCCESS);
	assert_got(3);
	assert_in_range(talk.rig.sim.now_ns - before_ns, 40000000, 41000000);
}

/* ---- what goes wrong ---------------------------------------------------------------------- */

/* Bytes 0 and 1 are well; in byte 2, once the device is at @from, @event never comes. */
static void break_at(uint8_t request, enum opp_1284_state from, uint8_t event, size_t moved)
{
	start_in(request, 10);
	assert_int_equal(talk_read(&talk, got, 2), OPP_SUCCESS);
	opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 50);
	talk_begin_read(&talk, got + 2, 8, 0, 0);
	while (talk.device.state != from)
		(void)opp_transfer_step(&talk.transfer, talk.rig.hw, talk.rig.sim.now_ns / 1000, 0);
	talk_be_rude(&talk, event, OPP_1284_NEVER, 0, 0, 0);
	assert_int_equal(rig_run(&talk.rig, &talk.transfer, RIG_BUDGET_NS),
			 OPP_DEVICE_PROTOCOL_ERROR);
	assert_int_equal(talk.transfer.moved, moved);
	assert_memory_equal(got, sent, 2 + moved);
	talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, event);
	assert_int_equal(talk.transfer.fault.phase, OPP_PHASE_READ);
	assert_int_equal(control_lines() & ~CTL_REVERSED, CTL_EVENT_4);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_read(&talk, got, 1), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(talk.rig.accesses, 0);
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	talk_assert_prints(&talk);
}

static void test_breaks(void **state)
{
	(void)state;
	break_at(OPP_REQUEST_NIBBLE, OPP_1284_HBDA, 9, 0);
	break_at(OPP_REQUEST_NIBBLE, OPP_1284_LOW_NIBBLE, 11, 0);
	break_at(OPP_REQUEST_NIBBLE, OPP_1284_BETWEEN_NIBBLES, 9, 0);
	break_at(OPP_REQUEST_NIBBLE, OPP_1284_HIGH_NIBBLE, 11, 1);
	break_at(OPP_REQUEST_BYTE, OPP_1284_HBDA, 9, 0);
	break_at(OPP_REQUEST_BYTE, OPP_1284_BYTE_OFFERED, 11, 1);
}

static void test_interrupt_breaks(void **state)
{
	/* in nibble mode nAck that stays low is event 9 of a nibble, which breaks off at event 11 */
	static const struct {
		uint8_t request;
		uint8_t never;
		uint8_t missed;
	} breaks[] = {
		{ OPP_REQUEST_NIBBLE, 19, 11 },
		{ OPP_REQUEST_NIBBLE, 21, 21 },
		{ OPP_REQUEST_BYTE, 19, 19 },
		{ OPP_REQUEST_BYTE, 21, 21 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		start_in(breaks[i].request, 0);
		assert_int_equal(talk_read(&talk, got, ALL), OPP_SUCCESS);
		talk_be_rude(&talk, breaks[i].never, OPP_1284_NEVER, 0, 0, 0);
		talk_say(&talk, sent, 3);
		assert_int_equal(talk_read_for(&talk, got, ALL, 100000, 0),
				 OPP_DEVICE_PROTOCOL_ERROR);
		talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, breaks[i].missed);
		assert_got(0);
		assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
		talk_assert_prints(&talk);
	}
}

/* Told to stop anywhere: what came and what comes next time is the whole, once. */
static void end_after(uint8_t request, uint32_t steps, bool *done)
{
	size_t first;

	start_in(request, 20);
	opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 20);
	talk_begin_read(&talk, got, 20, 0, 0);
	for (uint32_t i = 0; i < steps; i++)
		(void)opp_transfer_step(&talk.transfer, talk.rig.hw, talk.rig.sim.now_ns / 1000, 0);
	opp_transfer_end(&talk.transfer, OPP_CANCELLED);
	*done = rig_run(&talk.rig, &talk.transfer, 0) == OPP_SUCCESS;
	first = talk.transfer.moved;
	if (!*done)
		assert_int_equal(talk.transfer.status, OPP_CANCELLED);
	assert_got(first);
	assert_int_equal(control_lines() & ~CTL_REVERSED, CTL_EVENT_4);
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	assert_int_equal(talk_read(&talk, got + first, ALL), OPP_SUCCESS);
	assert_int_equal(talk.transfer.moved + first, 20);
	assert_memory_equal(got, sent, 20);
}

static void test_ended_anywhere(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(requests); i++) {
		bool done = false;
		uint32_t steps = 0;

		for (; !done; steps++)
			end_after(requests[i], steps, &done);
		assert_true(steps > 100);
	}
}

static void test_ended_while_idle(void **state)
{
	(void)state;
	start_in(OPP_REQUEST_NIBBLE, 0);
	talk_begin_read(&talk, got, ALL, OPP_SIM_NEVER, 0);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(opp_transfer_step(&talk.transfer, talk.rig.hw,
						   talk.rig.sim.now_ns / 1000, RIG_BUDGET_NS),
				 OPP_STEP_WAIT);
	opp_transfer_end(&talk.transfer, OPP_DELETE_PENDING);
	assert_int_equal(opp_transfer_step(&talk.transfer, talk.rig.hw, talk.rig.sim.now_ns / 1000,
					   RIG_BUDGET_NS),
			 OPP_STEP_DONE);
	assert_int_equal(talk.transfer.status, OPP_DELETE_PENDING);
	assert_int_equal(control_lines(), CTL_EVENT_1);
	assert_int_equal(talk.protocol.position, OPP_AT_REVERSE_IDLE);
}

static void test_budget(void **state)
{
	static const uint32_t budgets[] = { 0, 1, 9000, 50000 };

	(void)state;
	for (uint32_t i = 0; i < 4 * sizeof(budgets) / sizeof(budgets[0]); i++) {
		enum opp_step step = OPP_STEP_AGAIN;

		start_in(requests[i % 2], 100);
		opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, i / 2 % 2 ? 2 : 0);
		talk_begin_read(&talk, got, 100, 0, 0);
		while (step != OPP_STEP_DONE) {
			const uint32_t before = talk.rig.accesses;

			step = opp_transfer_step(&talk.transfer, talk.rig.hw,
						 talk.rig.sim.now_ns / 1000, budgets[i / 4]);
			/* a byte more than the budget, and the look that finds no answer */
			assert_in_range(talk.rig.accesses - before, 1, budgets[i / 4] / 1000 + 9);
			assert_true(talk.rig.sim.connector.wires.control & OPP_LINE_NSTROBE);
		}
		assert_int_equal(talk.transfer.status, OPP_SUCCESS);
		assert_got(100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-082 all 256 byte values pass in nibble and in byte mode", test_all_values,
		  fill, NULL, NULL },
		{ "at most 9 accesses a byte in nibble mode and 8 in byte mode", test_accesses,
		  NULL, NULL, NULL },
		{ "P-083 a nibble is looked at between nAck low and nAutoFd high",
		  test_nibble_sampled, NULL, NULL, NULL },
		{ "lines that settle late are looked at twice", test_settle, NULL, NULL, NULL },
		{ "P-084 nFault means more only after the second nibble, with nAck high", test_more,
		  NULL, NULL, NULL },
		{ "P-089 byte mode: bus released before 7, DATA read between 9 and 10, 16-17 wide",
		  test_byte_order, NULL, NULL, NULL },
		{ "P-086 a read past the end is short and leaves reverse idle", test_past_the_end,
		  NULL, NULL, NULL },
		{ "what a mode cannot do touches no wire", test_nothing_wanted, NULL, NULL, NULL },
		{ "P-087 data ends reverse idle by 18 to 21, with and without the interrupt",
		  test_data_comes, NULL, NULL, NULL },
		{ "data that came between two reads is read at once", test_data_came_in_between,
		  NULL, NULL, NULL },
		{ "the first byte and a silence have their own times", test_times, NULL, NULL,
		  NULL },
		{ "P-011 P-088 without event 9 or 11 nAutoFd is high and the count exact",
		  test_breaks, NULL, NULL, NULL },
		{ "an interrupt that breaks off gives no byte and names the event",
		  test_interrupt_breaks, NULL, NULL, NULL },
		{ "a read told to stop anywhere loses no byte and doubles none",
		  test_ended_anywhere, NULL, NULL, NULL },
		{ "a read told to stop in reverse idle stops at once", test_ended_while_idle, NULL,
		  NULL, NULL },
		{ "a step keeps its budget and ends outside the pulse", test_budget, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
