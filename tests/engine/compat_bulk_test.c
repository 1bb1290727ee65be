/* SPDX-License-Identifier: MIT */
/*
 * Writing by a system's own driver: a made-up one in front of a made-up printer, both
 * seen byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/ieee1284.h>

#define ACCESS_NS    1000u
#define BUDGET_NS    50000u
#define BYTES        100u
#define CHUNK        16u
#define MOST_STEPS   100000u
#define BYTES_A_STEP (BUDGET_NS / (4 * ACCESS_NS)) /* by lines */
#define READY        (OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_NACK)

/* The printer, and the driver that knows it. */
static struct {
	struct opp_hw hw;
	uint8_t control, data;
	uint8_t paper[2 * BYTES];
	size_t printed, by_driver;
	uint32_t calls;      /* of the driver */
	size_t driver_takes; /* at once; 0: it is not to be trusted now */
	size_t stops_at;     /* from this byte on the lines say @stopped_lines ... */
	uint8_t stopped_lines;
	uint64_t until_us;    /* ... until then */
	size_t sly_at;        /* and of this byte on they say so only to the driver; 0: never ... */
	uint32_t sly_calls;   /* ... so many times */
	bool busy_after_each; /* at the first look after a byte by lines */
	bool is_busy;
	bool broke_idle; /* the driver was called with other lines than idle */
} rig;

static struct opp_protocol protocol;
static struct opp_transfer transfer;
static uint8_t text[BYTES];
static uint64_t now_us;

static bool is_stopped(void)
{
	return rig.printed >= rig.stops_at && now_us < rig.until_us;
}

static uint8_t read_status(struct opp_hw *hw)
{
	const bool busy = rig.is_busy;

	hw->accesses++;
	rig.is_busy = false;
	if (is_stopped())
		return rig.stopped_lines;
	return busy ? READY | OPP_LINE_BUSY : READY;
}

static bool is_sly(void)
{
	return rig.sly_calls && rig.printed >= rig.sly_at;
}

static void write_data(struct opp_hw *hw, uint8_t byte)
{
	hw->accesses++;
	rig.data = byte;
}

static uint8_t read_control(struct opp_hw *hw)
{
	(void)hw;
	return rig.control;
}

static void take(uint8_t byte)
{
	assert_true(rig.printed < sizeof(rig.paper));
	rig.paper[rig.printed++] = byte;
}

static void write_control(struct opp_hw *hw, uint8_t mask, uint8_t levels)
{
	const uint8_t before = rig.control;

	hw->accesses++;
	rig.control = (uint8_t)((before & ~mask) | (levels & mask));
	if (!(before & ~rig.control & OPP_LINE_NSTROBE))
		return;
	take(rig.data);
	rig.is_busy = rig.busy_after_each;
}

static void set_reverse(struct opp_hw *hw, bool reverse)
{
	(void)hw;
	assert_false(reverse);
}

static bool is_reverse(struct opp_hw *hw)
{
	(void)hw;
	return false;
}

static size_t bulk_write(struct opp_hw *hw, const uint8_t *bytes, size_t length)
{
	size_t taken = 0;

	hw->accesses++;
	rig.calls++;
	rig.broke_idle |= rig.control != OPP_CONTROL_IDLE;
	while (taken < length && taken < rig.driver_takes && !is_stopped() && !is_sly())
		take(bytes[taken++]);
	if (is_sly())
		rig.sly_calls--;
	rig.by_driver += taken;
	return taken;
}

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

static const struct opp_hw_ops ops = {
	.read_status = read_status,
	.write_data = write_data,
	.read_control = read_control,
	.write_control = write_control,
	.set_reverse = set_reverse,
	.is_reverse = is_reverse,
	.bulk_write = bulk_write,
};

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + 1);
	memset(&rig, 0, sizeof(rig));
	rig.hw = (struct opp_hw){
		.ops = &ops,
		.env = &env,
		.capabilities = OPP_HW_CAN_COMPAT | OPP_HW_CAN_BULK,
		.access_ns = ACCESS_NS,
	};
	rig.control = OPP_CONTROL_IDLE;
	rig.driver_takes = CHUNK;
	rig.stops_at = SIZE_MAX;
	now_us = 0;
	return 0;
}

/* Ends it with @reason once @after bytes have moved. */
static enum opp_status write_text_until(size_t after, enum opp_status reason)
{
	enum opp_step step = OPP_STEP_AGAIN;

	opp_protocol_init(&protocol, 0);
	opp_write_begin(&transfer, &protocol,
			&(struct opp_write){ .bytes = text,
					     .length = sizeof(text),
					     .inactivity_us = 100000,
					     .fault_us = 200000 });
	for (uint32_t steps = 0; step != OPP_STEP_DONE; steps++) {
		assert_true(steps < MOST_STEPS);
		if (transfer.moved >= after)
			opp_transfer_end(&transfer, reason);
		step = opp_transfer_step(&transfer, &rig.hw, now_us, BUDGET_NS);
		now_us += 50;
		if (step == OPP_STEP_WAIT && !transfer.wait.poll)
			now_us = transfer.wait.until_us;
	}
	assert_int_equal(rig.control, OPP_CONTROL_IDLE);
	assert_false(rig.broke_idle);
	assert_int_equal(transfer.moved, rig.printed);
	assert_memory_equal(rig.paper, text, rig.printed);
	return transfer.status;
}

static enum opp_status write_text(void)
{
	return write_text_until(SIZE_MAX, OPP_CANCELLED);
}

static void test_chunks(void **state)
{
	(void)state;
	rig.control = OPP_CONTROL_LINES;
	assert_int_equal(write_text(), OPP_SUCCESS);
	assert_int_equal(rig.printed, BYTES);
	assert_int_equal(rig.by_driver, BYTES);
	assert_int_equal(rig.calls, (BYTES + CHUNK - 1) / CHUNK);
}

static void test_waits(void **state)
{
	(void)state;
	for (size_t at = 0; at < BYTES; at += 5) {
		start(NULL);
		rig.stops_at = at;
		rig.stopped_lines = READY | OPP_LINE_BUSY;
		rig.until_us = 90000;
		assert_int_equal(write_text(), OPP_SUCCESS);
		assert_int_equal(rig.by_driver, BYTES);
		assert_int_equal(transfer.fault.status, OPP_SUCCESS);
	}
}

static void test_busy_for_ever(void **state)
{
	(void)state;
	rig.stops_at = 40;
	rig.stopped_lines = READY | OPP_LINE_BUSY;
	rig.until_us = UINT64_MAX;
	assert_int_equal(write_text(), OPP_TIMEOUT);
	assert_int_equal(rig.printed, 40);
	assert_int_equal(transfer.fault.status, OPP_TIMEOUT);
}

static const struct {
	uint8_t lines;
	enum opp_status status;
} faults[] = {
	{ OPP_LINE_SELECT | OPP_LINE_PERROR, OPP_DEVICE_PAPER_EMPTY },
	{ OPP_LINE_NACK | OPP_LINE_BUSY, OPP_DEVICE_OFF_LINE },
	{ OPP_LINE_SELECT | OPP_LINE_BUSY, OPP_IO_DEVICE_ERROR },
	{ OPP_STATUS_LINES, OPP_DEVICE_NOT_CONNECTED },
	{ 0, OPP_DEVICE_POWERED_OFF },
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		start(NULL);
		rig.stops_at = 25;
		rig.stopped_lines = faults[i].lines;
		rig.until_us = UINT64_MAX;
		assert_int_equal(write_text(), faults[i].status);
		assert_int_equal(rig.printed, 25);
		assert_int_equal(transfer.fault.status, faults[i].status);
		assert_int_equal(transfer.fault.status_lines, faults[i].lines);
	}
}

static void test_fault_mends(void **state)
{
	(void)state;
	rig.stops_at = 25;
	rig.stopped_lines = OPP_LINE_SELECT | OPP_LINE_PERROR;
	rig.until_us = 150000;
	assert_int_equal(write_text(), OPP_SUCCESS);
	assert_int_equal(rig.printed, BYTES);
	assert_int_equal(transfer.fault.status, OPP_DEVICE_PAPER_EMPTY);
}

static void test_ends(void **state)
{
	static const enum opp_status reasons[] = { OPP_CANCELLED, OPP_DELETE_PENDING, OPP_KICKED };

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		start(NULL);
		assert_int_equal(write_text_until(2 * CHUNK, reasons[i]), reasons[i]);
		assert_int_equal(rig.printed, 2 * CHUNK);
		assert_int_equal(rig.calls, 2);
	}
}

static void test_ends_while_it_waits(void **state)
{
	(void)state;
	rig.stops_at = 2 * CHUNK;
	rig.stopped_lines = READY | OPP_LINE_BUSY;
	rig.until_us = UINT64_MAX;
	assert_int_equal(write_text_until(2 * CHUNK, OPP_KICKED), OPP_KICKED);
	assert_int_equal(rig.printed, 2 * CHUNK);
}

static void test_not_trusted(void **state)
{
	(void)state;
	rig.driver_takes = 0;
	assert_int_equal(write_text(), OPP_SUCCESS);
	assert_int_equal(rig.printed, BYTES);
	assert_int_equal(rig.by_driver, 0);
	assert_in_range(rig.calls, 1, BYTES / BYTES_A_STEP + 1);
}

/* Ready whenever we look, and not when the driver does: bytes go by lines, none twice. */
static void test_driver_stops(void **state)
{
	(void)state;
	rig.sly_at = 21;
	rig.sly_calls = UINT32_MAX;
	assert_int_equal(write_text(), OPP_SUCCESS);
	assert_int_equal(rig.printed, BYTES);
	assert_int_equal(rig.by_driver, 21);
}

/* A moment later the driver is as quick as it was. */
static void test_driver_goes_on(void **state)
{
	(void)state;
	rig.sly_at = 21;
	rig.sly_calls = 2; /* the end of one chunk, and all of the next */
	assert_int_equal(write_text(), OPP_SUCCESS);
	assert_int_equal(rig.printed, BYTES);
	assert_int_equal(rig.by_driver, BYTES - BYTES_A_STEP);
}

/* It is busy for a moment after each byte: one by lines is enough to try the driver again. */
static void test_busy_after_each_byte(void **state)
{
	(void)state;
	rig.sly_at = 21;
	rig.sly_calls = 2;
	rig.busy_after_each = true;
	assert_int_equal(write_text(), OPP_SUCCESS);
	assert_int_equal(rig.printed, BYTES);
	assert_int_equal(rig.by_driver, BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "bulk: chunk by chunk, from lines at idle", test_chunks, start, NULL, NULL },
		{ "bulk: a printer that is busy at any byte is waited for", test_waits, start, NULL,
		  NULL },
		{ "P-055 bulk: one that stays busy is a time-out, with an exact count",
		  test_busy_for_ever, start, NULL, NULL },
		{ "P-054 bulk: faults have the names that they have by lines", test_faults, start,
		  NULL, NULL },
		{ "bulk: a fault that mends is noted, and nothing is lost", test_fault_mends, start,
		  NULL, NULL },
		{ "bulk: cancel, kick and removal end it before the next chunk", test_ends, start,
		  NULL, NULL },
		{ "bulk: ... and while it waits", test_ends_while_it_waits, start, NULL, NULL },
		{ "bulk: what the driver is not trusted with goes by lines", test_not_trusted,
		  start, NULL, NULL },
		{ "bulk: what the driver does not take goes by lines, and no byte twice",
		  test_driver_stops, start, NULL, NULL },
		{ "bulk: ... and it has the rest of the page again", test_driver_goes_on, start,
		  NULL, NULL },
		{ "bulk: ... after one byte of a printer that is busy after each",
		  test_busy_after_each_byte, start, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
