/* SPDX-License-Identifier: MIT */
/* Batches and pulses by a handle, whichever kind of port is behind it. */
#include <time.h>

#include "handle_rig.h"

#define US        UINT64_C(1000)
#define MS        UINT64_C(1000000)
#define FOR_LONG  (UINT64_C(9000) * MS)
#define STROBE    0x01 /* of the control register */
#define NOT_BUSY  0x80 /* of the status register */
#define SELECTED  0x10
#define PAPER_OUT 0x20

static struct opp_batch batch_of(struct opp_batch_op *ops, uint32_t count)
{
	return (struct opp_batch){ .ops = ops, .count = count, .done = UINT32_MAX };
}

static uint8_t data_now(void)
{
	struct opp_ioc_pins pins;

	assert_int_equal(opp_get_pins(second, &pins), OPP_SUCCESS);
	return pins.data;
}

static void wait_for_data(uint8_t expected)
{
	const time_t until = time(NULL) + 20;

	while (data_now() != expected && time(NULL) < until)
		look_again();
	assert_int_equal(data_now(), expected);
}

/* ---- what it does ------------------------------------------------------------------------ */

static void in_order_with_times(void **state)
{
	struct opp_batch_op ops[] = {
		{ .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0x5a },
		{ .what = OPP_BATCH_READ_DATA },
		{ .what = OPP_BATCH_DELAY, .ns = 30 * US },
		{ .what = OPP_BATCH_DATA, .mask = 0x0f, .value = 0xf5 },
		{ .what = OPP_BATCH_DELAY, .ns = 2 * MS },
		{ .what = OPP_BATCH_DELAY, .ns = 500 * US },
		{ .what = OPP_BATCH_READ_DATA },
		{ .what = OPP_BATCH_READ_STATUS },
	};
	struct opp_batch batch = batch_of(ops, 8);

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_batch(first, &batch), OPP_SUCCESS);
	assert_int_equal(batch.done, 8);
	assert_int_equal(ops[1].seen, 0x5a);
	assert_int_equal(ops[6].seen, 0x55);
	assert_int_equal(ops[7].seen & (SELECTED | PAPER_OUT), SELECTED);
	assert_true(ops[0].at_ns < ops[1].at_ns);
	assert_int_equal(ops[3].at_ns - ops[1].at_ns, 30 * US);
	assert_int_equal(ops[6].at_ns - ops[3].at_ns, 2 * MS + 500 * US);
	assert_int_equal(ops[5].at_ns, ops[6].at_ns);
}

static void control_by_mask(void **state)
{
	struct opp_batch_op ops[] = {
		{ .what = OPP_BATCH_CONTROL, .mask = 0x0f, .value = 0x0c },
		{ .what = OPP_BATCH_CONTROL, .mask = 0x02, .value = 0xff },
	};
	struct opp_batch batch = batch_of(ops, 2);
	uint8_t control = 0;

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_batch(first, &batch), OPP_SUCCESS);
	assert_int_equal(opp_read_control(first, &control), OPP_SUCCESS);
	assert_int_equal(control & 0x0f, 0x0e);
}

/* A byte is handed to the printer, which says when it has it. */
static void waits_for_a_line(void **state)
{
	struct opp_batch_op ops[] = {
		{ .what = OPP_BATCH_DATA, .mask = 0xff, .value = 'A' },
		{ .what = OPP_BATCH_CONTROL, .mask = STROBE, .value = STROBE },
		{ .what = OPP_BATCH_READ_STATUS },
		{ .what = OPP_BATCH_CONTROL, .mask = STROBE, .value = 0 },
		{ .what = OPP_BATCH_WAIT_STATUS,
		  .mask = NOT_BUSY,
		  .value = NOT_BUSY,
		  .ns = 5000 * MS },
	};
	struct opp_batch batch = batch_of(ops, 5);
	struct opp_ioc_status status;

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_batch(first, &batch), OPP_SUCCESS);
	assert_int_equal(ops[2].seen & NOT_BUSY, 0);
	assert_int_equal(ops[4].seen & NOT_BUSY, NOT_BUSY);
	assert_true(ops[4].at_ns > ops[3].at_ns);
	assert_int_equal(opp_get_status(first, &status), OPP_SUCCESS);
	assert_int_equal(status.fault.status, OPP_SUCCESS);
}

static void waits_too_long(void **state)
{
	struct opp_batch_op ops[] = {
		{ .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0x11 },
		{ .what = OPP_BATCH_WAIT_STATUS, .mask = PAPER_OUT, .value = 0xff, .ns = 3 * MS },
		{ .what = OPP_BATCH_DATA, .mask = 0xf0, .value = 0x20 },
		{ .what = OPP_BATCH_DATA_AS_WAS, .mask = 0x0f },
	};
	struct opp_batch batch = batch_of(ops, 4);

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 0xcc), OPP_SUCCESS);
	assert_int_equal(opp_batch(first, &batch), OPP_TIMEOUT);
	assert_int_equal(batch.done, 1);
	assert_int_equal(ops[1].seen & PAPER_OUT, 0);
	assert_int_equal(data_now(), 0x1c);
}

/* ---- whose port ---------------------------------------------------------------------------- */

static void allocates_when_asked(void **state)
{
	struct opp_batch_op op = { .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0x33 };
	struct opp_batch batch = batch_of(&op, 1);

	(void)state;
	assert_int_equal(opp_batch(first, &batch), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(batch.done, 0);
	batch.allocate = 1;
	assert_int_equal(opp_batch(first, &batch), OPP_SUCCESS);
	assert_int_equal(data_now(), 0x33);
	assert_int_equal(opp_allocate(second, 0), OPP_SUCCESS);
	assert_int_equal(opp_batch(first, &batch), OPP_DEVICE_BUSY);
	assert_int_equal(batch.done, 0);
	batch.timeout_us = SOON_US;
	assert_int_equal(opp_batch(first, &batch), OPP_DEVICE_BUSY);
	assert_int_equal(opp_batch(second, &batch), OPP_SUCCESS);
	assert_int_equal(opp_free(second), OPP_SUCCESS);
}

static void *do_batch(void *context)
{
	struct call *call = context;

	call->status = opp_batch(call->handle, call->context);
	return NULL;
}

static void stands_in_line(void **state)
{
	struct opp_batch_op op = { .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0x44 };
	struct opp_batch batch = batch_of(&op, 1);
	struct call waiting = { .context = &batch };

	(void)state;
	batch.allocate = 1;
	batch.timeout_us = OPP_FOREVER_US;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	begin(&waiting, do_batch, second);
	wait_for_waiters(1);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(batch.done, 1);
	assert_int_equal(data_now(), 0x44);
}

/* ---- ending it ------------------------------------------------------------------------------- */

/* D0 is up, for longer than the test. */
static void begin_long_pulse(struct call *call, struct opp_batch *batch, struct opp_batch_op *ops)
{
	ops[0] = (struct opp_batch_op){ .what = OPP_BATCH_DATA, .mask = 0x01, .value = 0x01 };
	ops[1] = (struct opp_batch_op){ .what = OPP_BATCH_DELAY, .ns = FOR_LONG };
	ops[2] = (struct opp_batch_op){ .what = OPP_BATCH_DATA_AS_WAS, .mask = 0x01 };
	*batch = batch_of(ops, 3);
	call->context = batch;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 0xf0), OPP_SUCCESS);
	begin(call, do_batch, first);
	wait_for_data(0xf1);
}

static void cancelled_in_a_delay(void **state)
{
	struct opp_batch_op ops[3];
	struct opp_batch batch;
	struct call pulse;

	(void)state;
	begin_long_pulse(&pulse, &batch, ops);
	assert_int_equal(cancel_until_ended(&pulse), OPP_CANCELLED);
	assert_int_equal(batch.done, 1);
	assert_int_equal(data_now(), 0xf0);
	assert_true(ops[2].at_ns < FOR_LONG);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
}

static void kicked_in_a_delay(void **state)
{
	struct opp_batch_op ops[3];
	struct opp_batch batch;
	struct call pulse;

	(void)state;
	begin_long_pulse(&pulse, &batch, ops);
	assert_int_equal(opp_kick(second, NULL), OPP_SUCCESS);
	assert_int_equal(end(&pulse), OPP_KICKED);
	assert_int_equal(opp_allocate(second, OPP_FOREVER_US), OPP_SUCCESS);
	assert_int_equal(data_now(), 0xf0);
}

static void blocks_nobody(void **state)
{
	struct opp_batch_op ops[3];
	struct opp_ioc_status status;
	struct opp_batch batch;
	struct call pulse;
	uint32_t waiters;

	(void)state;
	begin_long_pulse(&pulse, &batch, ops);
	assert_int_equal(opp_allocate(second, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_waiters(second, &waiters), OPP_SUCCESS);
	assert_int_equal(opp_get_status(second, &status), OPP_SUCCESS);
	assert_int_equal(status.state, OPP_IOC_STATE_HELD);
	assert_int_equal(opp_allocate(second, SOON_US), OPP_DEVICE_BUSY);
	assert_int_equal(data_now(), 0xf1);
	assert_int_equal(cancel_until_ended(&pulse), OPP_CANCELLED);
}

/* ---- a batch that is none -------------------------------------------------------------------- */

static void assert_refused(struct opp_batch_op *ops, uint32_t count)
{
	struct opp_batch batch = batch_of(ops, count);

	assert_int_equal(opp_batch(first, &batch), OPP_INVALID_PARAMETER);
	assert_int_equal(batch.done, 0);
}

static void misuse(void **state)
{
	static struct opp_batch_op many[OPP_BATCH_OPS_MOST + 1];
	struct opp_batch_op unknown[] = {
		{ .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0xee },
		{ .what = OPP_BATCH_DATA_AS_WAS + 1 },
	};
	struct opp_batch_op slow[] = {
		{ .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0xee },
		{ .what = OPP_BATCH_DELAY, .ns = OPP_BATCH_NS_MOST },
		{ .what = OPP_BATCH_WAIT_STATUS, .ns = 1 },
	};
	uint64_t width_ns = 1;
	size_t i;

	(void)state;
	for (i = 0; i <= OPP_BATCH_OPS_MOST; i++)
		many[i].what = OPP_BATCH_READ_STATUS;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 0x99), OPP_SUCCESS);
	assert_refused(many, 0);
	assert_refused(many, OPP_BATCH_OPS_MOST + 1);
	assert_refused(unknown, 2);
	assert_refused(slow, 3);
	slow[1].ns = UINT64_MAX;
	assert_refused(slow, 3);
	assert_int_equal(opp_pulse(first, 1, 1, OPP_BATCH_NS_MOST + 1, &width_ns),
			 OPP_INVALID_PARAMETER);
	assert_int_equal(width_ns, 0);
	assert_int_equal(data_now(), 0x99);
}

/* ---- pulses ---------------------------------------------------------------------------------------- */

static void pulse_is_as_long_as_asked(void **state)
{
	static const uint64_t widths_ns[] = { US, 5 * US, 49 * US, 51 * US, 700 * US, 12 * MS };
	uint64_t width_ns = 0;
	size_t i;

	(void)state;
	assert_int_equal(opp_pulse(first, 0x01, 0x01, US, &width_ns), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(width_ns, 0);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	assert_int_equal(opp_write_data(first, 0xa0), OPP_SUCCESS);
	for (i = 0; i < sizeof(widths_ns) / sizeof(widths_ns[0]); i++) {
		assert_int_equal(opp_pulse(first, 0x81, 0x01, widths_ns[i], &width_ns),
				 OPP_SUCCESS);
		assert_int_equal(width_ns, widths_ns[i]);
		assert_int_equal(data_now(), 0xa0);
	}
	assert_int_equal(opp_pulse(first, 0x01, 0x01, 10, NULL), OPP_SUCCESS);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
}

static struct CMUnitTest cases[] = {
	HANDLE_CASE("a batch does one after the other and tells when", in_order_with_times),
	HANDLE_CASE("a batch writes some bits of the control register", control_by_mask),
	HANDLE_CASE("a batch waits for a line", waits_for_a_line),
	HANDLE_CASE("a batch that waits too long leaves out the rest", waits_too_long),
	HANDLE_CASE("a batch allocates the port when it is asked to", allocates_when_asked),
	HANDLE_CASE("a batch stands in line for the port", stands_in_line),
	HANDLE_CASE("a batch is cancelled in a delay", cancelled_in_a_delay),
	HANDLE_CASE("a kick ends a batch in a delay", kicked_in_a_delay),
	HANDLE_CASE("a batch in a delay blocks nobody", blocks_nobody),
	HANDLE_CASE("a batch that is none is refused", misuse),
	HANDLE_CASE("a pulse is as long as it was asked for", pulse_is_as_long_as_asked),
};

int run_batch_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
