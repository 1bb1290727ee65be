/* SPDX-License-Identifier: MIT */
/*
 * Devices of a host port, opened by its clients: what they are asked for is done by
 * the port's worker, in turn with everybody else's requests.
 */
#include <string.h>

#include <openparport/codes.h>

#include "host_rig.h"

#define STOPPED  "busy_every_bytes=10,busy_extra_us=60000000"
#define IN_CHAIN "modes=nibble,daisy=2,daisy0_id=MFG:First;MDL:Zero;"

static struct rig rig;
static struct asker a, b, c;
static uint8_t page[100];

static void start(const char *keys)
{
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	asker_open(&rig, &c, "carla");
}

static enum opp_status open_device(struct asker *asker, uint8_t place)
{
	return opp_host_open_device(rig.port, &asker->client, place);
}

static enum opp_status ask(struct asker *asker, uint8_t major, uint32_t code, void *buffer,
			   uint32_t input_bytes, uint32_t output_bytes)
{
	return asker_ask(&rig, asker,
			 &(struct opp_host_req){ .kind = OPP_HOST_DOCUMENTED,
						 .contract = { .major = major,
							       .code = code,
							       .buffer = buffer,
							       .input_bytes = input_bytes,
							       .output_bytes = output_bytes } });
}

static enum opp_status write_page(struct asker *asker, uint32_t bytes)
{
	return ask(asker, IRP_MJ_WRITE, 0, page, bytes, 0);
}

static enum opp_status tell(struct asker *asker, uint32_t code)
{
	return ask(asker, IRP_MJ_INTERNAL_DEVICE_CONTROL, code, NULL, 0, 0);
}

/* Returns how it ended, the @nth one of @asker. */
static enum opp_status ended(struct asker *asker, uint32_t nth, enum opp_status submitted)
{
	return submitted == OPP_PENDING ? asker_wait(asker, nth) : submitted;
}

static void prints(void **state)
{
	static const char text[] = "by a documented WRITE";

	(void)state;
	start("");
	assert_int_equal(open_device(&a, OPP_PLACE_RAW), OPP_SUCCESS);
	assert_int_equal(open_device(&b, OPP_PLACE_RAW), OPP_ACCESS_DENIED);
	memcpy(page, text, sizeof(text));
	assert_int_equal(ended(&a, 1, write_page(&a, sizeof(text))), OPP_SUCCESS);
	assert_int_equal(a.req.contract.information, sizeof(text));
	rig_wait_output(&rig, text, sizeof(text));
	rig_wait_written(&rig, sizeof(text));
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	asker_close(&rig, &a, false);
	assert_int_equal(open_device(&b, OPP_PLACE_RAW), OPP_SUCCESS);
	rig_stop(&rig);
}

static void takes_its_turn(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED, OPP_HOST_QUEUED,   OPP_HOST_QUEUED,  OPP_HOST_RELEASED,
		OPP_HOST_GRANTED, OPP_HOST_RELEASED, OPP_HOST_GRANTED,
	};

	(void)state;
	start("");
	assert_int_equal(open_device(&a, OPP_PLACE_RAW), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &b), OPP_SUCCESS);
	assert_int_equal(tell(&a, IOCTL_INTERNAL_LOCK_PORT), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &c), OPP_PENDING);
	assert_int_equal(opp_host_waiters(rig.port), 2);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(rig_holder(&rig), a.client.number);
	assert_int_equal(ended(&a, 2, tell(&a, IOCTL_INTERNAL_UNLOCK_PORT)), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
	rig_assert_events(&rig, expected, 7);
	assert_int_equal(rig.events[1].client, a.client.number);
	assert_int_equal(rig.events[4].client, a.client.number);
	assert_int_equal(rig.events[4].request, rig.events[1].request);
	assert_int_equal(rig.events[5].client, a.client.number);
	assert_int_equal(rig.events[5].request, rig.events[1].request);
	assert_int_equal(rig.events[6].client, c.client.number);
	rig_stop(&rig);
}

/* A printer that has stopped: the page is under way, and somebody waits for the port. */
static void a_prints_b_waits(void)
{
	start(STOPPED);
	assert_int_equal(open_device(&a, OPP_PLACE_RAW), OPP_SUCCESS);
	assert_int_equal(write_page(&a, sizeof(page)), OPP_PENDING);
	/* After some bytes the printer is busy for a minute. */
	while (opp_host_peripheral_idle(rig.port))
		;
	assert_int_equal(rig_holder(&rig), a.client.number);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
}

static void cancelled_at_work(void **state)
{
	(void)state;
	a_prints_b_waits();
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	assert_int_equal(a.req.contract.information, 10);
	assert_false(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	rig_stop(&rig);
}

static void closed_at_work(void **state)
{
	(void)state;
	a_prints_b_waits();
	asker_close(&rig, &a, true);
	assert_int_equal(asker_completions(&a), 1);
	assert_int_equal(a.status, OPP_CANCELLED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	rig_stop(&rig);
}

static void kicked_at_work(void **state)
{
	(void)state;
	a_prints_b_waits();
	assert_int_equal(opp_host_kick(rig.port, b.client.number), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_host_kick(rig.port, a.client.number), OPP_SUCCESS);
	assert_int_equal(asker_wait(&a, 1), OPP_KICKED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(tell(&a, IOCTL_INTERNAL_LOCK_PORT), OPP_KICKED);
	rig_stop(&rig);
}

static void removed_at_work(void **state)
{
	(void)state;
	a_prints_b_waits();
	opp_host_port_remove(rig.port);
	assert_int_equal(asker_wait(&a, 1), OPP_DELETE_PENDING);
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	assert_int_equal(tell(&a, IOCTL_INTERNAL_LOCK_PORT), OPP_DEVICE_REMOVED);
	rig_stop(&rig);
}

static void cancelled_in_line(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED,
		OPP_HOST_QUEUED,
		OPP_HOST_CANCELLED,
	};

	(void)state;
	start("");
	assert_int_equal(open_device(&a, OPP_PLACE_RAW), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &b), OPP_SUCCESS);
	assert_int_equal(write_page(&a, 10), OPP_PENDING);
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	assert_int_equal(a.req.contract.information, 0);
	assert_int_equal(opp_host_waiters(rig.port), 0);
	rig_assert_events(&rig, expected, 3);
	assert_int_equal(rig.events[2].request, rig.events[1].request);
	rig_stop(&rig);
}

/* A file of the chain's device, once somebody has looked who is there. */
static void of_the_chain(void **state)
{
	static struct opp_scan scan;
	char id[100];

	(void)state;
	start(IN_CHAIN);
	assert_int_equal(open_device(&a, 0), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(open_device(&a, 9), OPP_NO_SUCH_DEVICE);
	assert_int_equal(asker_ask(&rig, &b,
				   &(struct opp_host_req){ .kind = OPP_HOST_SCAN,
							   .job = true,
							   .scan = &scan,
							   .most_devices = OPP_CHAIN_DEVICES }),
			 OPP_PENDING);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(open_device(&a, 2), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(open_device(&a, 0), OPP_SUCCESS);
	assert_int_equal(
		ended(&a, 1,
		      ask(&a, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_QUERY_DEVICE_ID, id, 0, sizeof(id))),
		OPP_SUCCESS);
	assert_memory_equal(id, "MFG:First;MDL:Zero;", a.req.contract.information - 1);
	assert_int_equal(
		ask(&a, IRP_MJ_DEVICE_CONTROL, IOCTL_PAR_QUERY_LOCATION, id, 0, sizeof(id)),
		OPP_SUCCESS);
	assert_string_equal(id, "LPT1.0");
	rig_stop(&rig);
}

static void routines_stay_here(void **state)
{
	struct PARCLASS_INFORMATION info;

	(void)state;
	start("");
	assert_int_equal(open_device(&a, OPP_PLACE_RAW), OPP_SUCCESS);
	assert_int_equal(ask(&a, IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_PARCLASS_CONNECT,
			     &info, 0, sizeof(info)),
			 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(ask(&a, IRP_MJ_CLOSE, 0, NULL, 0, 0), OPP_INVALID_DEVICE_REQUEST);
	rig_stop(&rig);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, NULL, NULL, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-111 a client opens a device and prints", prints),
		CASE("a device's LOCK takes its turn among the port's clients", takes_its_turn),
		CASE("a WRITE that runs is cancelled", cancelled_at_work),
		CASE("a close ends a WRITE that runs", closed_at_work),
		CASE("a kick ends a WRITE that runs", kicked_at_work),
		CASE("removal ends a WRITE that runs", removed_at_work),
		CASE("a WRITE in line is cancelled", cancelled_in_line),
		CASE("a device of the daisy chain is there once it was found", of_the_chain),
		CASE("a device's routines are not handed out", routines_stay_here),
	};

	return cmocka_run_group_tests_name("devices of a host port", tests, NULL, NULL);
}
