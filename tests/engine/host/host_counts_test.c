/* SPDX-License-Identifier: MIT */
/* What a port counts for those who look on. */
#include <string.h>

#include "host_rig.h"

#define SHORT_US 20000
#define LONG_US  20000000

static struct rig rig;
static struct asker a, b;
static uint32_t ends[2]; /* of their requests */

static struct opp_ioc_status counts(void)
{
	struct opp_ioc_status status;

	opp_host_status(rig.port, &status);
	return status;
}

static int start(void **state)
{
	(void)state;
	memset(ends, 0, sizeof(ends));
	rig_start(&rig, "modes=nibble byte");
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "bert");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	asker_close(&rig, &a, false);
	asker_close(&rig, &b, false);
	rig_stop(&rig);
	return 0;
}

/* How the request ended that @asked is the answer to. */
static enum opp_status end_of(struct asker *asker, enum opp_status asked)
{
	if (asked != OPP_PENDING)
		return asked;
	ends[asker == &b]++;
	return asker_wait(asker, ends[asker == &b]);
}

static void print(uint64_t limit_us, enum opp_status expected)
{
	assert_int_equal(end_of(&a, asker_write(&rig, &a, true, "page", 4, limit_us)), expected);
}

static void only_who_stands_in_line(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_DEVICE_BUSY);
	assert_int_equal(counts().waits, 0);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(counts().waits, 1);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(end_of(&b, OPP_PENDING), OPP_SUCCESS);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_SUCCESS);
	assert_int_equal(counts().waits, 1);
}

static void bytes_each_way(void **state)
{
	uint8_t bytes[5];
	const struct opp_host_req negotiate = { .kind = OPP_HOST_NEGOTIATE,
						.request = OPP_REQUEST_BYTE };
	const struct opp_host_req read = {
		.kind = OPP_HOST_READ, .buffer = bytes, .count = sizeof(bytes), .first_us = LONG_US
	};

	(void)state;
	print(LONG_US, OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(end_of(&a, asker_ask(&rig, &a, &negotiate)), OPP_SUCCESS);
	assert_int_equal(end_of(&a, asker_ask(&rig, &a, &read)), OPP_SUCCESS);
	assert_memory_equal(bytes, RIG_INPUT, sizeof(bytes));
	assert_int_equal(counts().bytes_read, 5);
	assert_int_equal(counts().bytes_written, 4);
	assert_int_equal(counts().faults, 0);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
}

static void faults_and_no_more(void **state)
{
	struct opp_error error;

	(void)state;
	print(LONG_US, OPP_SUCCESS);
	assert_int_equal(counts().faults, 0);
	assert_int_equal(opp_host_sim_set(rig.port, "paper_out", "yes", &error), OPP_SUCCESS);
	print(SHORT_US, OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(counts().faults, 1);
	assert_int_equal(opp_host_sim_set(rig.port, "paper_out", "no", &error), OPP_SUCCESS);
	print(LONG_US, OPP_SUCCESS);
	assert_int_equal(counts().faults, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "who stands in line is counted once; who has the port at once, or tries, is not",
		  only_who_stands_in_line, start, stop, NULL },
		{ "bytes are counted by the way they went", bytes_each_way, start, stop, NULL },
		{ "a transfer that meets a fault is counted, none other", faults_and_no_more, start,
		  stop, NULL },
	};

	return cmocka_run_group_tests_name("host_counts", tests, NULL, NULL);
}
