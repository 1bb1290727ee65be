/* SPDX-License-Identifier: MIT */
/*
 * Who has a host port and who is next: the engine's rules seen through the
 * runtime, its completions and its events.
 */
#include "host_rig.h"

#include <stdio.h>
#include <string.h>

#include <openparport/codes.h>
#include <openparport/wire.h>

#define CROWD 1000

static struct rig rig;
static struct asker a, b, c, d;

static int start(void **state)
{
	(void)state;
	rig_start(&rig, "");
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	asker_open(&rig, &c, "carla");
	asker_open(&rig, &d, "dora");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static void a_holds_b_c_d_wait(void)
{
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &c), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &d), OPP_PENDING);
}

static void assert_holder(const struct asker *asker)
{
	assert_int_equal(rig_holder(&rig), asker ? asker->client.number : 0);
}

/* ---- taking turns ------------------------------------------------------------------- */

static void grants_at_once(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_holder(&a);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_holder(NULL);
	assert_int_equal(asker_completions(&a), 0);
}

static void grants_in_order_of_arrival(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	assert_int_equal(opp_host_waiters(rig.port), 3);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_holder(&b);
	assert_int_equal(asker_completions(&c), 0);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
	assert_holder(&c);
	assert_int_equal(opp_host_free(rig.port, &c.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&d, 1), OPP_SUCCESS);
	assert_holder(&d);
	assert_int_equal(opp_host_waiters(rig.port), 0);
}

static void only_the_holder_frees(void **state)
{
	(void)state;
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_INVALID_DEVICE_STATE);
	assert_holder(&a);
}

static void trying_never_queues(void **state)
{
	(void)state;
	assert_int_equal(opp_host_try_allocate(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_DEVICE_BUSY);
	assert_int_equal(opp_host_waiters(rig.port), 0);
	assert_holder(&a);
}

static void cancel_from_the_middle(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	assert_true(opp_host_cancel(rig.port, &c.req));
	assert_int_equal(asker_wait(&c, 1), OPP_CANCELLED);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&d, 1), OPP_SUCCESS);
	assert_int_equal(asker_completions(&c), 1);
}

static void cancel_after_the_grant(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_false(opp_host_cancel(rig.port, &b.req));
	assert_false(opp_host_expire(rig.port, &b.req));
	assert_holder(&b);
	assert_int_equal(asker_completions(&b), 1);
}

static void deadline(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	assert_true(opp_host_expire(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_DEVICE_BUSY);
	assert_int_equal(opp_host_waiters(rig.port), 2);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
}

/* ---- those who leave ------------------------------------------------------------------ */

static void holder_dies(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	asker_close(&rig, &a, true);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_holder(&b);
}

static void waiter_dies(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	asker_close(&rig, &b, true);
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	assert_holder(&a);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
}

static void kicked_until_it_opens_again(void **state)
{
	uint8_t value;

	(void)state;
	a_holds_b_c_d_wait();
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_KICKED);
	assert_int_equal(asker_allocate(&rig, &a), OPP_KICKED);
	assert_int_equal(opp_host_try_allocate(rig.port, &a.client), OPP_KICKED);
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &value), OPP_KICKED);
	asker_close(&rig, &a, false);
	asker_open(&rig, &a, "anna");
	assert_int_equal(asker_allocate(&rig, &a), OPP_PENDING);
}

static void nobody_to_kick(void **state)
{
	(void)state;
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_INVALID_DEVICE_STATE);
}

static void removal(void **state)
{
	(void)state;
	a_holds_b_c_d_wait();
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	assert_int_equal(asker_wait(&c, 1), OPP_DELETE_PENDING);
	assert_int_equal(asker_wait(&d, 1), OPP_DELETE_PENDING);
}

/* A's line ends before b's turn comes: as b's job is granted, the port is removed. */
static void remove_port(struct asker *asker, enum opp_status status)
{
	(void)asker;
	assert_int_equal(status, OPP_CANCELLED);
	opp_host_port_remove(rig.port);
}

static void a_is_removed_as_it_leaves(struct opp_host_req *wanted)
{
	assert_int_equal(opp_host_try_allocate(rig.port, &a.client), OPP_SUCCESS);
	a.then = remove_port;
	assert_int_equal(asker_allocate(&rig, &a), OPP_PENDING);
	assert_int_equal(asker_ask(&rig, &b, wanted), OPP_PENDING);
	asker_close(&rig, &a, false);
}

static void granted_while_removed(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED, OPP_HOST_QUEUED,  OPP_HOST_QUEUED,  OPP_HOST_DROPPED,
		OPP_HOST_DROPPED, OPP_HOST_GRANTED, OPP_HOST_DROPPED,
	};

	(void)state;
	a_is_removed_as_it_leaves(&(struct opp_host_req){
		.kind = OPP_HOST_WRITE, .job = true, .bytes = (const uint8_t *)"job", .count = 3 });
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	assert_int_equal(b.req.done, 0);
	assert_holder(NULL);
	asker_close(&rig, &b, false);
	rig_assert_events(&rig, expected, sizeof(expected) / sizeof(expected[0]));
}

static void held_once_over_once(void **state)
{
	static const enum opp_host_event_kind expected[] = { OPP_HOST_GRANTED, OPP_HOST_DROPPED };

	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	opp_host_port_remove(rig.port);
	asker_close(&rig, &a, false);
	rig_assert_events(&rig, expected, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(rig.events[1].request, rig.events[0].request);
	assert_int_equal(rig.events[1].status, OPP_DELETE_PENDING);
}

static void allocation_is_no_job(void **state)
{
	(void)state;
	assert_int_equal(
		asker_ask(&rig, &a,
			  &(struct opp_host_req){ .kind = OPP_HOST_ALLOCATE, .job = true }),
		OPP_INVALID_PARAMETER);
	assert_holder(NULL);
}

/* ---- what the last holder left on the lines --------------------------------------------- */

static uint8_t control_after_death_of_a(const char *keys)
{
	struct opp_ioc_pins pins;

	stop(NULL);
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, 0x00),
			 OPP_SUCCESS);
	asker_close(&rig, &a, true);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	opp_host_pins(rig.port, &pins);
	return pins.control;
}

static void a_leaves_lines_and_is_removed(const char *keys, uint8_t expected)
{
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;

	stop(NULL);
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, 0x00),
			 OPP_SUCCESS);
	opp_host_port_remove(rig.port);
	opp_host_pins(rig.port, &pins);
	assert_int_equal(pins.control, expected);
	asker_close(&rig, &a, true);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.frees, 1);
}

static void removed_lines(void **state)
{
	(void)state;
	a_leaves_lines_and_is_removed("on_death=idle", OPP_CONTROL_IDLE);
	a_leaves_lines_and_is_removed("on_death=keep",
				      OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN);
}

static void lines_go_idle(void **state)
{
	(void)state;
	assert_int_equal(control_after_death_of_a("on_death=idle"), OPP_CONTROL_IDLE);
}

static void lines_are_kept(void **state)
{
	(void)state;
	/* CTL 0x00: nInit low, the three inverted lines high */
	assert_int_equal(control_after_death_of_a("on_death=keep"),
			 OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN);
}

/* ---- completions that call back ------------------------------------------------------------ */

static struct asker crowd[CROWD];
static uintptr_t highest, lowest;

static void free_at_once(struct asker *asker, enum opp_status status)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	if (here > highest)
		highest = here;
	if (here < lowest)
		lowest = here;
	if (status == OPP_SUCCESS)
		(void)opp_host_free(rig.port, &asker->client);
}

static void crowd_of_frees(void **state)
{
	size_t i;

	(void)state;
	highest = 0;
	lowest = UINTPTR_MAX;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	for (i = 0; i < CROWD; i++) {
		asker_open(&rig, &crowd[i], "crowd");
		crowd[i].then = free_at_once;
		assert_int_equal(asker_allocate(&rig, &crowd[i]), OPP_PENDING);
	}
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	for (i = 0; i < CROWD; i++)
		assert_int_equal(asker_wait(&crowd[i], 1), OPP_SUCCESS);
	assert_int_equal(highest, lowest);
	assert_holder(NULL);
}

static void submit_again(struct asker *asker, enum opp_status status)
{
	struct asker *other = asker->context;

	assert_int_equal(status, OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, other), OPP_PENDING);
	assert_int_equal(opp_host_free(rig.port, &asker->client), OPP_SUCCESS);
}

static void submit_within_a_completion(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	b.then = submit_again;
	b.context = &c;
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
	assert_holder(&c);
}

/* ---- what is told about it -------------------------------------------------------------------- */

static void events_in_order(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED,  OPP_HOST_QUEUED,    OPP_HOST_QUEUED,
		OPP_HOST_QUEUED,   OPP_HOST_CANCELLED, OPP_HOST_EXPIRED,
		OPP_HOST_RELEASED, OPP_HOST_GRANTED,   OPP_HOST_KICKED,
	};

	(void)state;
	a_holds_b_c_d_wait();
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_true(opp_host_expire(rig.port, &c.req));
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	rig_assert_events(&rig, expected, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(rig.events[0].request, rig.events[6].request);
	assert_int_equal(rig.events[3].request, rig.events[7].request);
	assert_int_equal(rig.events[7].request, rig.events[8].request);
	assert_int_equal(rig.events[8].client, d.client.number);
	assert_string_equal(rig.events[8].name, "dora");
	assert_int_equal(rig.events[3].waiters, 3);
	assert_int_equal(rig.events[7].waiters, 0);
}

static void death_is_told(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED, OPP_HOST_QUEUED,  OPP_HOST_QUEUED,  OPP_HOST_QUEUED,
		OPP_HOST_DROPPED, OPP_HOST_DROPPED, OPP_HOST_GRANTED,
	};

	(void)state;
	a_holds_b_c_d_wait();
	asker_close(&rig, &b, true);
	asker_close(&rig, &a, true);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
	rig_assert_events(&rig, expected, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(rig.events[4].client, b.client.number);
	assert_int_equal(rig.events[5].client, a.client.number);
	assert_int_equal(rig.events[6].client, c.client.number);
}

static void status_names_everybody(void **state)
{
	struct opp_ioc_status status;

	(void)state;
	a_holds_b_c_d_wait();
	opp_host_status(rig.port, &status);
	assert_int_equal(status.state, OPP_IOC_STATE_HELD);
	assert_int_equal(status.waiters, 3);
	assert_int_equal(status.listed, 3);
	assert_int_equal(status.allocates, 1);
	assert_int_equal(status.frees, 0);
	assert_string_equal(status.holder.name, "anna");
	assert_int_equal(status.holder.kind, OPP_IOC_WHO_LIBRARY);
	assert_string_equal(status.waiter[0].name, "berta");
	assert_string_equal(status.waiter[2].name, "dora");
}

static void info_says_what_it_is(void **state)
{
	struct opp_ioc_info info;

	(void)state;
	opp_host_info(rig.port, &info);
	assert_string_equal(info.name, "parport0");
	assert_string_equal(info.back_end, "sim");
	assert_string_equal(info.chip, "ps2");
	assert_string_equal(info.peripheral, "printer");
	assert_int_equal(info.interrupt, 1);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

/* ---- documented requests ----------------------------------------------------------------- */

static enum opp_status ask_by_code(struct asker *asker, uint8_t major, uint32_t code)
{
	return asker_ask(&rig, asker,
			 &(struct opp_host_req){ .kind = OPP_HOST_DOCUMENTED,
						 .contract = { .major = major, .code = code } });
}

static enum opp_status allocate_by_code(struct asker *asker)
{
	return ask_by_code(asker, IRP_MJ_INTERNAL_DEVICE_CONTROL,
			   IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE);
}

static enum opp_status free_by_code(struct asker *asker)
{
	return ask_by_code(asker, IRP_MJ_INTERNAL_DEVICE_CONTROL,
			   IOCTL_INTERNAL_PARALLEL_PORT_FREE);
}

static enum opp_status ask_for(struct asker *asker, uint32_t code, void *answer, uint32_t bytes)
{
	return asker_ask(
		&rig, asker,
		&(struct opp_host_req){ .kind = OPP_HOST_DOCUMENTED,
					.contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
						      .code = code,
						      .output_bytes = bytes,
						      .buffer = answer } });
}

/* Documented and own requests stand in one line and are told of in one order. */
static void one_line_for_both(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED,  OPP_HOST_QUEUED,  OPP_HOST_QUEUED,   OPP_HOST_QUEUED,
		OPP_HOST_RELEASED, OPP_HOST_GRANTED, OPP_HOST_RELEASED, OPP_HOST_GRANTED,
		OPP_HOST_RELEASED, OPP_HOST_GRANTED,
	};

	(void)state;
	assert_int_equal(allocate_by_code(&a), OPP_SUCCESS);
	assert_int_equal(allocate_by_code(&b), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &c), OPP_PENDING);
	assert_int_equal(allocate_by_code(&d), OPP_PENDING);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_true(opp_host_holds(rig.port, &b.client));
	assert_int_equal(free_by_code(&b), OPP_SUCCESS);
	assert_false(opp_host_holds(rig.port, &b.client));
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
	assert_int_equal(free_by_code(&c), OPP_SUCCESS);
	assert_int_equal(asker_wait(&d, 1), OPP_SUCCESS);
	rig_assert_events(&rig, expected, 10);
	for (uint32_t i = 4; i < 10; i += 2) {
		assert_int_equal(rig.events[i + 1].request, rig.events[i / 2 - 1].request);
		assert_int_equal(rig.events[i].client, rig.events[i / 2 - 2].client);
		assert_int_equal(rig.events[i].request, rig.events[i / 2 - 2].request);
	}
}

static void cancelled_by_code(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED,
		OPP_HOST_QUEUED,
		OPP_HOST_CANCELLED,
	};

	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(allocate_by_code(&b), OPP_PENDING);
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	assert_false(opp_host_cancel(rig.port, &b.req));
	rig_assert_events(&rig, expected, 3);
}

/* A page for a printer that has stopped shall not keep the port from the next one. */
static void free_ends_a_write(void **state)
{
	static const uint8_t page[100];

	(void)state;
	assert_int_equal(opp_host_sim_set(rig.port, "busy_every_bytes", "10", NULL), OPP_SUCCESS);
	assert_int_equal(opp_host_sim_set(rig.port, "busy_extra_us", "60000000", NULL),
			 OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), RIG_FOREVER_US),
			 OPP_PENDING);
	rig_wait_written(&rig, 10);
	assert_int_equal(allocate_by_code(&b), OPP_PENDING);
	assert_int_equal(
		ask_by_code(&c, IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_INIT_1284_3_BUS),
		OPP_INVALID_DEVICE_STATE);
	a.then = NULL;
	assert_int_equal(
		opp_host_submit(
			rig.port,
			&(struct opp_host_req){
				.kind = OPP_HOST_DOCUMENTED,
				.client = &a.client,
				.contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
					      .code = IOCTL_INTERNAL_PARALLEL_PORT_FREE } }),
		OPP_SUCCESS);
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
}

/* A file is opened and closed by the host, not by who has it. */
static void files_are_the_hosts(void **state)
{
	(void)state;
	assert_int_equal(ask_by_code(&a, IRP_MJ_CREATE, 0), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(ask_by_code(&a, IRP_MJ_CLEANUP, 0), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(ask_by_code(&a, IRP_MJ_CLOSE, 0), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(allocate_by_code(&a), OPP_SUCCESS);
	assert_int_equal(
		asker_ask(&rig, &b,
			  &(struct opp_host_req){ .kind = OPP_HOST_DOCUMENTED, .job = true }),
		OPP_INVALID_PARAMETER);
}

static void no_address_leaves(void **state)
{
	struct PARALLEL_PORT_INFORMATION port;
	struct PARALLEL_PNP_INFORMATION pnp;

	(void)state;
	assert_int_equal(ask_for(&a, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, &port, sizeof(port)),
			 OPP_SUCCESS);
	assert_null(port.Controller);
	assert_null(port.TryAllocatePort);
	assert_null(port.FreePort);
	assert_null(port.QueryNumWaiters);
	assert_null(port.Context);
	assert_int_equal(ask_for(&a, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, &pnp, sizeof(pnp)),
			 OPP_SUCCESS);
	assert_null(pnp.EcpController);
	assert_null(pnp.TrySetChipMode);
	assert_null(pnp.ClearChipMode);
	assert_null(pnp.TrySelectDevice);
	assert_null(pnp.DeselectDevice);
	assert_null(pnp.Context);
	assert_null(pnp.PortName);
}

static void refused_on_a_removed_port(void **state)
{
	(void)state;
	assert_int_equal(allocate_by_code(&a), OPP_SUCCESS);
	assert_int_equal(allocate_by_code(&b), OPP_PENDING);
	opp_host_port_remove(rig.port);
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	assert_int_equal(allocate_by_code(&c), OPP_DELETE_PENDING);
	assert_int_equal(free_by_code(&a), OPP_DELETE_PENDING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-019 C-022 the host grants a free port at once", grants_at_once),
		CASE("C-021 C-034 C-036 the host grants in order of arrival, one a free",
		     grants_in_order_of_arrival),
		CASE("C-025 C-027 only the holder frees", only_the_holder_frees),
		CASE("C-050 C-051 trying never queues", trying_never_queues),
		CASE("C-043 C-045 cancel from the middle of the line", cancel_from_the_middle),
		CASE("C-046 cancel and deadline after the grant change nothing",
		     cancel_after_the_grant),
		CASE("a deadline ends one waiter with DEVICE_BUSY", deadline),
		CASE("a dead holder's port goes to the next in line", holder_dies),
		CASE("a dead waiter leaves the line", waiter_dies),
		CASE("a kicked holder is refused until it opens again",
		     kicked_until_it_opens_again),
		CASE("nobody to kick", nobody_to_kick),
		CASE("C-175 removal ends every waiter once", removal),
		CASE("a job granted as the port is removed ends", granted_while_removed),
		CASE("a hold ends once: removal, then close", held_once_over_once),
		CASE("an allocation is no job", allocation_is_no_job),
		CASE("removal puts the lines of a holder to rest", removed_lines),
		CASE("documented and own requests stand in one line", one_line_for_both),
		CASE("a documented request is cancelled in line", cancelled_by_code),
		CASE("C-023 a documented FREE ends what the holder has under way",
		     free_ends_a_write),
		CASE("no documented request opens or closes a file", files_are_the_hosts),
		CASE("an answer names no address of the process", no_address_leaves),
		CASE("C-175 C-176 removal ends and refuses documented requests",
		     refused_on_a_removed_port),
		CASE("on_death = idle: the lines of a dead holder go idle", lines_go_idle),
		CASE("on_death = keep: the lines of a dead holder stay", lines_are_kept),
		CASE("C-041 a thousand completions that free at once, at one depth",
		     crowd_of_frees),
		CASE("C-042 a completion may submit and free", submit_within_a_completion),
		CASE("events tell what happened, in order and without a gap", events_in_order),
		CASE("events tell who died", death_is_told),
		CASE("the status names the holder and those in line", status_names_everybody),
		CASE("the info says what the port is", info_says_what_it_is),
	};

	return cmocka_run_group_tests_name("host port", tests, NULL, NULL);
}
