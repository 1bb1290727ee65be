/* SPDX-License-Identifier: MIT */
/* Calls that are submitted and reaped, whichever kind of port is behind the handle. */
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <openparport/codes.h>

#include "handle_rig.h"

#define PATIENCE_MS 20000
#define LONG_US     UINT64_C(20000000)

static const uint8_t page[OPP_ASYNC_BYTES + 1];

static bool is_readable(struct opp_handle *handle, int wait_ms)
{
	struct pollfd polled = { .fd = opp_fd(handle), .events = POLLIN };

	assert_true(polled.fd >= 0);
	return poll(&polled, 1, wait_ms) == 1 && polled.revents & POLLIN;
}

static struct opp_async *reap_soon(struct opp_handle *handle)
{
	const time_t until = time(NULL) + PATIENCE_MS / 1000;
	struct opp_async *async = NULL;

	while (!async && time(NULL) < until && is_readable(handle, PATIENCE_MS))
		async = opp_reap(handle);
	assert_non_null(async);
	return async;
}

/* It is the next to be reaped. Returns its status. */
static enum opp_status end_of(struct opp_handle *handle, struct opp_async *async)
{
	assert_ptr_equal(reap_soon(handle), async);
	return async->status;
}

static void submit(struct opp_handle *handle, struct opp_async *async)
{
	assert_int_equal(opp_submit(handle, async), OPP_SUCCESS);
}

static struct opp_async allocate(uint64_t timeout_us)
{
	return (struct opp_async){ .kind = OPP_ASYNC_ALLOCATE, .timeout_us = timeout_us };
}

static struct opp_async write_page(size_t count, uint64_t timeout_us)
{
	return (struct opp_async){
		.kind = OPP_ASYNC_WRITE, .bytes = page, .count = count, .timeout_us = timeout_us
	};
}

static void hold_first(void)
{
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
}

/* ---- the port ---------------------------------------------------------------------------- */

static void granted_later(void **state)
{
	struct opp_async wait = allocate(OPP_FOREVER_US);
	int mark;

	(void)state;
	wait.context = &mark;
	assert_null(opp_reap(second));
	assert_false(is_readable(second, 0));
	hold_first();
	submit(second, &wait);
	wait_for_waiters(1);
	assert_false(is_readable(second, 0));
	assert_null(opp_reap(second));
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(end_of(second, &wait), OPP_SUCCESS);
	assert_ptr_equal(wait.context, &mark);
	assert_false(is_readable(second, 0));
	assert_null(opp_reap(second));
	assert_int_equal(opp_free(second), OPP_SUCCESS);
}

static void granted_at_once(void **state)
{
	struct opp_async wait = allocate(0);

	(void)state;
	submit(first, &wait);
	assert_int_equal(end_of(first, &wait), OPP_SUCCESS);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
}

static void deadline(void **state)
{
	struct opp_async late = allocate(SOON_US), now_or_never = allocate(0);

	(void)state;
	hold_first();
	submit(second, &late);
	assert_int_equal(end_of(second, &late), OPP_DEVICE_BUSY);
	submit(second, &now_or_never);
	assert_int_equal(end_of(second, &now_or_never), OPP_DEVICE_BUSY);
	wait_for_waiters(0);
}

static void batch_allocates(void **state)
{
	struct opp_batch_op op = { .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0x77 };
	struct opp_batch batch = { .ops = &op, .count = 1, .allocate = 1, .timeout_us = SOON_US };
	struct opp_async async = { .kind = OPP_ASYNC_BATCH, .batch = &batch };
	struct opp_ioc_pins pins;

	(void)state;
	hold_first();
	submit(second, &async);
	assert_int_equal(end_of(second, &async), OPP_DEVICE_BUSY);
	assert_int_equal(batch.done, 0);
	batch.timeout_us = OPP_FOREVER_US;
	submit(second, &async);
	wait_for_waiters(1);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(end_of(second, &async), OPP_SUCCESS);
	assert_int_equal(batch.done, 1);
	assert_int_equal(async.done, 1);
	assert_int_equal(opp_get_pins(first, &pins), OPP_SUCCESS);
	assert_int_equal(pins.data, 0x77);
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
}

/* ---- the wire ------------------------------------------------------------------------------ */

static void writes_in_order(void **state)
{
	struct opp_batch_op op = { .what = OPP_BATCH_READ_STATUS };
	struct opp_batch batch = { .ops = &op, .count = 1 };
	struct opp_async write = write_page(5, LONG_US);
	struct opp_async look = { .kind = OPP_ASYNC_BATCH, .batch = &batch };
	struct opp_async more = write_page(100, SOON_US);

	(void)state;
	hold_first();
	submit(first, &write);
	submit(first, &look);
	submit(first, &more);
	assert_int_equal(end_of(first, &write), OPP_SUCCESS);
	assert_int_equal(write.done, 5);
	assert_int_equal(end_of(first, &look), OPP_SUCCESS);
	assert_int_equal(batch.done, 1);
	assert_true(op.seen != 0);
	assert_int_equal(end_of(first, &more), OPP_TIMEOUT);
	assert_int_equal(more.done, 5);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
}

static void needs_the_port(void **state)
{
	struct opp_async write = write_page(1, LONG_US);
	uint8_t byte;
	struct opp_async read = { .kind = OPP_ASYNC_READ, .buffer = &byte, .count = 1 };

	(void)state;
	submit(first, &write);
	assert_int_equal(end_of(first, &write), OPP_INVALID_DEVICE_STATE);
	hold_first();
	submit(first, &read);
	assert_int_equal(end_of(first, &read), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(read.done, 0);
}

static void *read_status(void *context)
{
	struct call *call = context;

	call->status = opp_read_status(call->handle, &call->value);
	return NULL;
}

static void register_waits(void **state)
{
	struct opp_async write = write_page(100, OPP_FOREVER_US);
	struct call reading = { .status = OPP_PENDING };
	int i;

	(void)state;
	hold_first();
	submit(first, &write);
	wait_for_written(10);
	begin(&reading, read_status, first);
	/* Time enough to ask, and to be told to wait. */
	for (i = 0; i < 50; i++)
		look_again();
	assert_int_not_equal(pthread_tryjoin_np(reading.thread, NULL), 0);
	assert_int_equal(opp_cancel_async(first, &write), OPP_SUCCESS);
	assert_int_equal(end(&reading), OPP_SUCCESS);
	assert_int_equal(end_of(first, &write), OPP_CANCELLED);
	assert_int_equal(write.done, 10);
}

/* ---- documented requests -------------------------------------------------------------------- */

static void documented(void **state)
{
	struct PARALLEL_PORT_INFORMATION info = { 0 };
	struct opp_async_control control = {
		.major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
		.code = IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE,
	};
	struct opp_async async = { .kind = OPP_ASYNC_CONTROL, .control = &control };

	(void)state;
	hold_first();
	submit(second, &async);
	wait_for_waiters(1);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	assert_int_equal(end_of(second, &async), OPP_SUCCESS);
	control.code = IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO;
	control.output = &info;
	control.output_bytes = sizeof(info);
	submit(second, &async);
	assert_int_equal(end_of(second, &async), OPP_SUCCESS);
	assert_int_equal(control.information, sizeof(info));
	assert_ptr_equal(info.Context, second);
	assert_int_equal(info.QueryNumWaiters(info.Context), 0);
	info.FreePort(info.Context);
	assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
	control.code = IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE;
	control.output_bytes = 0;
	submit(second, &async);
	wait_for_waiters(1);
	assert_int_equal(opp_cancel_async(second, &async), OPP_SUCCESS);
	assert_int_equal(end_of(second, &async), OPP_CANCELLED);
	control.output_bytes = OPP_CONTROL_BYTES + 1;
	assert_int_equal(opp_submit(second, &async), OPP_INVALID_PARAMETER);
}

/* ---- ending it ------------------------------------------------------------------------------- */

static void cancelled(void **state)
{
	struct opp_async one = allocate(OPP_FOREVER_US), other = allocate(OPP_FOREVER_US);

	(void)state;
	hold_first();
	submit(second, &one);
	submit(second, &other);
	assert_int_equal(opp_cancel_async(second, &other), OPP_SUCCESS);
	assert_int_equal(end_of(second, &other), OPP_CANCELLED);
	assert_int_equal(opp_cancel_async(second, &other), OPP_INVALID_DEVICE_STATE);
	assert_null(opp_reap(second));
	assert_int_equal(opp_cancel(second), OPP_SUCCESS);
	assert_int_equal(end_of(second, &one), OPP_CANCELLED);
	wait_for_waiters(0);
}

static void kicked(void **state)
{
	struct opp_async write = write_page(100, OPP_FOREVER_US), again = allocate(0);

	(void)state;
	hold_first();
	submit(first, &write);
	assert_int_equal(opp_kick(second, NULL), OPP_SUCCESS);
	assert_int_equal(end_of(first, &write), OPP_KICKED);
	submit(first, &again);
	assert_int_equal(end_of(first, &again), OPP_KICKED);
	assert_int_equal(opp_allocate(second, OPP_FOREVER_US), OPP_SUCCESS);
}

static void closed(void **state)
{
	const struct handle_names *names = *state;
	struct opp_async write = write_page(100, OPP_FOREVER_US);
	struct opp_async wait = allocate(OPP_FOREVER_US), ended = allocate(0);

	hold_first();
	submit(second, &ended);
	submit(second, &wait);
	submit(first, &write);
	wait_for_waiters(1);
	opp_close(second);
	wait_for_waiters(0);
	assert_int_equal(wait.status, OPP_PENDING);
	open_or_fail(names->second, &second);
	opp_close(first);
	assert_int_equal(opp_allocate(second, OPP_FOREVER_US), OPP_SUCCESS);
	open_or_fail(names->first, &first);
}

/* ---- misuse ---------------------------------------------------------------------------------- */

static void misuse(void **state)
{
	struct opp_batch batch = { .count = 0 };
	struct opp_async too_long = write_page(sizeof(page), 0);
	struct opp_async unknown = { .kind = (enum opp_async_kind)99 };
	struct opp_async empty = { .kind = OPP_ASYNC_BATCH, .batch = &batch };

	(void)state;
	assert_int_equal(opp_submit(first, &too_long), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_submit(first, &unknown), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_submit(first, &empty), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_cancel_async(first, &empty), OPP_INVALID_DEVICE_STATE);
	assert_null(opp_reap(first));
}

static void too_many(void **state)
{
	static struct opp_async many[OPP_ASYNC_MOST + 1];
	unsigned int i;

	(void)state;
	hold_first();
	for (i = 0; i <= OPP_ASYNC_MOST; i++)
		many[i] = allocate(OPP_FOREVER_US);
	for (i = 0; i < OPP_ASYNC_MOST; i++)
		submit(second, &many[i]);
	assert_int_equal(opp_submit(second, &many[i]), OPP_INSUFFICIENT_RESOURCES);
	assert_int_equal(opp_cancel(second), OPP_SUCCESS);
	for (i = 0; i < OPP_ASYNC_MOST; i++)
		assert_int_equal(reap_soon(second)->status, OPP_CANCELLED);
	assert_null(opp_reap(second));
	for (i = 0; i < OPP_ASYNC_MOST; i++)
		assert_int_equal(many[i].status, OPP_CANCELLED);
	submit(second, &many[0]);
	assert_int_equal(opp_cancel_async(second, &many[0]), OPP_SUCCESS);
	assert_int_equal(end_of(second, &many[0]), OPP_CANCELLED);
}

/* ---- many threads ----------------------------------------------------------------------------- */

#define THREADS 4
#define EACH    25

/* One of them for every handle and thread; what a thread submits another one may reap. */
struct round {
	struct opp_batch_op op;
	struct opp_batch batch;
	struct opp_async async;
	_Atomic uint32_t reaped;
};

static struct round rounds[THREADS][EACH];
static _Atomic uint32_t reaped_in_all;

static void reap_any(struct opp_handle *handle)
{
	struct opp_async *async = opp_reap(handle);

	if (!async)
		return;
	((struct round *)async->context)->reaped++;
	reaped_in_all++;
}

static void *submit_and_reap(void *context)
{
	struct call *call = context;
	struct round *round = call->context;
	uint32_t i;

	for (i = 0; i < EACH; i++) {
		while (opp_submit(call->handle, &round[i].async) != OPP_SUCCESS)
			reap_any(call->handle);
		if (i % 5 == 4)
			(void)opp_cancel_async(call->handle, &round[i].async);
		reap_any(call->handle);
	}
	call->status = OPP_SUCCESS;
	return NULL;
}

static void each_is_reaped_once(void **state)
{
	const time_t until = time(NULL) + PATIENCE_MS / 1000;
	struct call calls[THREADS];
	uint32_t i;

	(void)state;
	reaped_in_all = 0;
	for (i = 0; i < THREADS * EACH; i++) {
		struct round *round = &rounds[i / EACH][i % EACH];

		memset(round, 0, sizeof(*round));
		round->op.what = OPP_BATCH_READ_STATUS;
		round->batch = (struct opp_batch){
			.ops = &round->op, .count = 1, .allocate = 1, .timeout_us = LONG_US
		};
		round->async = (struct opp_async){ .kind = OPP_ASYNC_BATCH,
						   .batch = &round->batch,
						   .context = round };
	}
	for (i = 0; i < THREADS; i++) {
		calls[i].context = rounds[i];
		begin(&calls[i], submit_and_reap, i % 2 ? first : second);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(end(&calls[i]), OPP_SUCCESS);
	while (reaped_in_all < THREADS * EACH && time(NULL) < until) {
		reap_any(first);
		reap_any(second);
	}
	for (i = 0; i < THREADS * EACH; i++)
		assert_int_equal(rounds[i / EACH][i % EACH].reaped, 1);
	assert_null(opp_reap(first));
	assert_null(opp_reap(second));
}

static struct CMUnitTest cases[] = {
	HANDLE_CASE("what is submitted is granted later", granted_later),
	HANDLE_CASE("what is submitted is granted at once", granted_at_once),
	HANDLE_CASE("what is submitted ends at its deadline", deadline),
	HANDLE_CASE("a batch that is submitted allocates the port", batch_allocates),
	HANDLE_CASE("what is submitted is done in order", writes_in_order),
	HANDLE_CASE("what is submitted without the port is refused", needs_the_port),
	HANDLE_CASE("a register access waits for what was submitted", register_waits),
	HANDLE_CASE("a documented request is submitted", documented),
	HANDLE_CASE("what is submitted is cancelled", cancelled),
	HANDLE_CASE("a kick ends what was submitted", kicked),
	HANDLE_CASE("a close ends what was submitted", closed),
	HANDLE_CASE("what cannot be submitted", misuse),
	HANDLE_CASE("no more is submitted than may be", too_many),
	HANDLE_CASE("each is reaped once", each_is_reaped_once),
};

int run_async_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
