/* SPDX-License-Identifier: MIT */
/*
 * What devices there are by a host port's request, and jobs on one of them: the
 * device alone has the bytes, and nothing is left for the next client.
 */
#include "host_rig.h"

#include <string.h>

#define LIMIT_US 10000000u

static struct rig rig;
static struct asker a, b;
static struct opp_scan scan;
static uint8_t buffer[OPP_DEVICE_ID_MOST];

static void start_as(const char *keys)
{
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	memset(&scan, 0xa5, sizeof(scan));
}

static int start(void **state)
{
	(void)state;
	start_as("modes=nibble byte,daisy=2");
	return 0;
}

static int start_without_chain(void **state)
{
	(void)state;
	start_as("modes=nibble");
	return 0;
}

static int start_slow(void **state)
{
	(void)state;
	start_as("modes=nibble,response_us=20000");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static enum opp_status ask(struct asker *asker, const struct opp_host_req *wanted)
{
	const uint32_t before = asker_completions(asker);
	const enum opp_status status = asker_ask(&rig, asker, wanted);

	return status == OPP_PENDING ? asker_wait(asker, before + 1) : status;
}

static enum opp_status scans(struct asker *asker, bool job)
{
	return ask(asker, &(struct opp_host_req){ .kind = OPP_HOST_SCAN,
						  .job = job,
						  .scan = &scan,
						  .most_devices = OPP_CHAIN_DEVICES });
}

static void contains(uint8_t place, const char *text)
{
	assert_non_null(strstr(scan.id[place], text));
}

static void assert_all_found(void)
{
	assert_int_equal(scan.devices, 2);
	assert_int_equal(a.req.done, 2);
	contains(0, "Simulated device 0;");
	contains(1, "Simulated device 1;");
	contains(OPP_PLACE_END_OF_CHAIN, "Simulated printer;");
}

static void test_job(void **state)
{
	(void)state;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	assert_all_found();
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
}

static void test_holder(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(scans(&a, false), OPP_SUCCESS);
	assert_all_found();
	assert_int_equal(rig_holder(&rig), a.client.number);
	assert_int_equal(scans(&b, false), OPP_INVALID_DEVICE_STATE);
}

static void test_no_chain(void **state)
{
	(void)state;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	assert_int_equal(scan.devices, 0);
	contains(OPP_PLACE_END_OF_CHAIN, "Simulated printer;");
}

/* It stands in line like everybody. */
static void test_cancelled(void **state)
{
	const struct opp_host_req wanted = {
		.kind = OPP_HOST_SCAN, .job = true, .scan = &scan, .most_devices = OPP_CHAIN_DEVICES
	};

	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(asker_ask(&rig, &b, &wanted), OPP_PENDING);
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	assert_all_found();
}

/* A device that is slow over every half byte of its id. */
static void test_cancelled_on_the_wire(void **state)
{
	const struct opp_host_req wanted = { .kind = OPP_HOST_SCAN, .job = true, .scan = &scan };

	(void)state;
	assert_int_equal(asker_ask(&rig, &a, &wanted), OPP_PENDING);
	rig_wait_state(&rig, OPP_IOC_STATE_HELD);
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
}

static enum opp_status write_to(struct asker *asker, uint8_t slot, const char *text)
{
	return ask(asker, &(struct opp_host_req){
				  .kind = OPP_HOST_WRITE,
				  .job = true,
				  .on_device = true,
				  .slot = slot,
				  .bytes = (const uint8_t *)text,
				  .count = strlen(text),
				  .inactivity_us = LIMIT_US,
				  .fault_us = LIMIT_US,
			  });
}

static void print_at_end(const char *text)
{
	const uint32_t before = asker_completions(&b);

	assert_int_equal(asker_write(&rig, &b, true, text, strlen(text), LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&b, before + 1), OPP_SUCCESS);
}

static void test_jobs_on_devices(void **state)
{
	(void)state;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	assert_int_equal(write_to(&a, 0, "for the first"), OPP_SUCCESS);
	assert_int_equal(a.req.done, strlen("for the first"));
	print_at_end("end");
	assert_int_equal(write_to(&a, 1, "for the second"), OPP_SUCCESS);
	print_at_end("!");
	rig_wait_output(&rig, "end!", 4);
}

static void test_id_of_device(void **state)
{
	(void)state;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	for (uint8_t slot = 0; slot < 2; slot++) {
		char text[OPP_DEVICE_ID_MOST + 1];

		assert_int_equal(ask(&a, &(struct opp_host_req){ .kind = OPP_HOST_DEVICE_ID,
								 .job = true,
								 .on_device = true,
								 .slot = slot,
								 .buffer = buffer,
								 .count = sizeof(buffer) }),
				 OPP_SUCCESS);
		(void)opp_device_id_text(buffer, a.req.done, text, sizeof(text));
		assert_string_equal(text, scan.id[slot]);
	}
}

/* What the printer at the end has to say is not heard as the device's. */
static void test_read_of_device(void **state)
{
	const struct opp_host_req read = {
		.kind = OPP_HOST_READ,
		.job = true,
		.first = OPP_HOST_NEGOTIATE_FIRST,
		.request = OPP_REQUEST_NIBBLE,
		.buffer = buffer,
		.count = sizeof(buffer),
	};
	struct opp_host_req of_device = read;

	(void)state;
	of_device.on_device = true;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	assert_int_equal(ask(&a, &of_device), OPP_SUCCESS);
	assert_int_equal(a.req.done, 0);
	assert_int_equal(ask(&a, &read), OPP_SUCCESS);
	assert_int_equal(a.req.done, strlen(RIG_INPUT));
	assert_memory_equal(buffer, RIG_INPUT, strlen(RIG_INPUT));
}

static void test_nobody_there(void **state)
{
	(void)state;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	assert_int_equal(write_to(&a, 2, "x"), OPP_UNSUCCESSFUL);
	assert_int_equal(a.req.done, 0);
	assert_int_equal(write_to(&a, OPP_CHAIN_DEVICES, "x"), OPP_INVALID_PARAMETER);
	print_at_end("end");
	rig_wait_output(&rig, "end", 3);
}

/* Until its device is selected a job is in line, for who counts those. */
static void test_told(void **state)
{
	const uint32_t before = 3; /* those of the scan */
	const struct opp_host_event *told = rig.events + before;

	(void)state;
	assert_int_equal(scans(&a, true), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_int_equal(write_to(&a, 0, "x"), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_int_equal(rig.event_count, before + 4);
	assert_int_equal(told[0].kind, OPP_HOST_QUEUED);
	assert_int_equal(told[0].waiters, 1);
	assert_int_equal(told[1].kind, OPP_HOST_GRANTED);
	assert_int_equal(told[1].waiters, 0);
	assert_int_equal(told[2].kind, OPP_HOST_TRANSFERRED);
	assert_int_equal(told[3].kind, OPP_HOST_RELEASED);
	assert_int_equal(told[0].request, told[3].request);
}

static void test_keys(void **state)
{
	(void)state;
	assert_true(opp_host_sim_changes_devices("peripheral"));
	assert_true(opp_host_sim_changes_devices("daisy"));
	assert_true(opp_host_sim_changes_devices("id"));
	assert_false(opp_host_sim_changes_devices("paper_out"));
	assert_false(opp_host_sim_changes_devices("rude"));
	assert_false(opp_host_sim_changes_devices("nothing of ours"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a scan as a job finds every device", test_job, start, stop, NULL },
		{ "a scan of the holder keeps the port", test_holder, start, stop, NULL },
		{ "a scan without a daisy chain", test_no_chain, start_without_chain, stop, NULL },
		{ "a scan in line is cancelled like anything else", test_cancelled, start, stop,
		  NULL },
		{ "a scan on the wire is cancelled at the next answer", test_cancelled_on_the_wire,
		  start_slow, stop, NULL },
		{ "jobs on devices of a chain reach them alone", test_jobs_on_devices, start, stop,
		  NULL },
		{ "the device id of each device", test_id_of_device, start, stop, NULL },
		{ "a read of a device does not hear another one", test_read_of_device, start, stop,
		  NULL },
		{ "a job on a device that is not there moves nothing", test_nobody_there, start,
		  stop, NULL },
		{ "a job on a device is told of like any other", test_told, start, stop, NULL },
		{ "which keys of the simulation change what devices there are", test_keys, NULL,
		  NULL, NULL },
	};

	return cmocka_run_group_tests_name("host_scan", tests, NULL, NULL);
}
