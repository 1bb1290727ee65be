/* SPDX-License-Identifier: MIT */
/*
 * Threads of one program that meet at moments that are hard to hit: the calls
 * that the library makes there are taken over by the linker.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openparport/codes.h>
#include <openparport/wire.h>

#include "host_rig.h"

#define PATIENCE_S  20
#define MOST_STEPS  200
#define PATIENCE_US (PATIENCE_S * UINT64_C(1000000))

static struct opp_handle *first, *second;

static void open_or_fail(const char *name, struct opp_handle **handle)
{
	struct opp_error error;

	if (opp_open(name, handle, &error) != OPP_SUCCESS)
		fail_msg("%s", error.text);
}

static bool soon(bool (*true_yet)(void))
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + PATIENCE_S;

	while (!true_yet() && time(NULL) < until)
		nanosleep(&pause, NULL);
	return true_yet();
}

/* ---- calls taken over ------------------------------------------------------------------ */

static struct opp_handle *cancel_at_once; /* when its next request is in line */
static pthread_t *join_at_pending;        /* before a register access hears PENDING */
static _Atomic uint32_t opening;          /* ports with an output that were begun */
static _Atomic bool opens_hang;           /* such a port is not made while this is so */

enum opp_status __real_opp_host_submit(struct opp_host_port *port, struct opp_host_req *req);
enum opp_status __wrap_opp_host_submit(struct opp_host_port *port, struct opp_host_req *req);

enum opp_status __wrap_opp_host_submit(struct opp_host_port *port, struct opp_host_req *req)
{
	const enum opp_status status = __real_opp_host_submit(port, req);

	if (cancel_at_once)
		(void)opp_cancel(cancel_at_once);
	return status;
}

enum opp_status __real_opp_host_read(struct opp_host_port *port, struct opp_host_client *client,
				     enum opp_host_register which, uint8_t *value);
enum opp_status __wrap_opp_host_read(struct opp_host_port *port, struct opp_host_client *client,
				     enum opp_host_register which, uint8_t *value);

enum opp_status __wrap_opp_host_read(struct opp_host_port *port, struct opp_host_client *client,
				     enum opp_host_register which, uint8_t *value)
{
	const enum opp_status status = __real_opp_host_read(port, client, which, value);

	if (status == OPP_PENDING && join_at_pending) {
		pthread_join(*join_at_pending, NULL);
		join_at_pending = NULL;
	}
	return status;
}

enum opp_status __real_opp_host_port_create(const struct opp_host_config *config,
					    opp_host_observer observe, void *observe_context,
					    struct opp_host_port **port, struct opp_error *error);
enum opp_status __wrap_opp_host_port_create(const struct opp_host_config *config,
					    opp_host_observer observe, void *observe_context,
					    struct opp_host_port **port, struct opp_error *error);

enum opp_status __wrap_opp_host_port_create(const struct opp_host_config *config,
					    opp_host_observer observe, void *observe_context,
					    struct opp_host_port **port, struct opp_error *error)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + PATIENCE_S;

	if (config->output) {
		opening++;
		while (opens_hang && time(NULL) < until)
			nanosleep(&pause, NULL);
		if (time(NULL) >= until)
			opens_hang = false;
	}
	return __real_opp_host_port_create(config, observe, observe_context, port, error);
}

static struct asker *cancel_after; /* a step of what comes before the bytes of its write ... */
static uint32_t steps_until_then;  /* ... this one */

static pthread_t caller;
static struct asker *comes_in; /* as soon as a step of a documented request has been made */

void __real_opp_wire_give(struct opp_host_port *port);
void __wrap_opp_wire_give(struct opp_host_port *port);

/* The holder's other thread finds the wire in use. */
static void come_in(struct opp_host_port *port)
{
	struct opp_host_req write = { .kind = OPP_HOST_WRITE,
				      .client = &comes_in->client,
				      .bytes = (const uint8_t *)"x",
				      .count = 1 };
	uint8_t value;

	comes_in = NULL;
	assert_int_equal(opp_host_submit(port, &write), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_host_read(port, write.client, OPP_HOST_STATUS, &value), OPP_PENDING);
}

void __wrap_opp_wire_give(struct opp_host_port *port)
{
	struct asker *asker = cancel_after;

	__real_opp_wire_give(port);
	if (comes_in && pthread_equal(pthread_self(), caller))
		come_in(port);
	if (asker && asker->req.stage == OPP_HOST_FIRST && steps_until_then-- == 0) {
		cancel_after = NULL;
		assert_true(opp_host_cancel(port, &asker->req));
	}
}

/* ---- cancel ------------------------------------------------------------------------------- */

static void cancel_as_soon_as_in_line(void **state)
{
	(void)state;
	open_or_fail("sim:name=race", &first);
	open_or_fail("sim:name=race", &second);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	cancel_at_once = second;
	assert_int_equal(opp_allocate(second, PATIENCE_US), OPP_CANCELLED);
	cancel_at_once = NULL;
	opp_close(first);
	opp_close(second);
}

/* Returns whether the negotiation took so many steps. */
static bool cancelled_after_step(uint32_t step)
{
	static struct rig rig;
	static struct asker asker;
	struct opp_host_req wanted = {
		.kind = OPP_HOST_WRITE,
		.first = OPP_HOST_NEGOTIATE_FIRST,
		.request = OPP_REQUEST_ECP,
		.bytes = (const uint8_t *)"never",
		.count = 5,
		.inactivity_us = PATIENCE_US,
		.fault_us = PATIENCE_US,
	};
	enum opp_status status;
	bool cancelled;

	rig_start(&rig, "chip=ecp,modes=nibble ecp,response_us=20");
	asker_open(&rig, &asker, "anna");
	assert_int_equal(asker_allocate(&rig, &asker), OPP_SUCCESS);
	steps_until_then = step;
	cancel_after = &asker;
	assert_int_equal(asker_ask(&rig, &asker, &wanted), OPP_PENDING);
	status = asker_wait(&asker, 1);
	cancelled = !cancel_after;
	cancel_after = NULL;
	assert_int_equal(status, cancelled ? OPP_CANCELLED : OPP_SUCCESS);
	assert_int_equal(asker.req.done, cancelled ? 0 : wanted.count);
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	rig_wait_output(&rig, wanted.bytes, cancelled ? 0 : wanted.count);
	rig_stop(&rig);
	return cancelled;
}

static void cancelled_while_it_negotiates(void **state)
{
	uint32_t step = 0;

	(void)state;
	while (step < MOST_STEPS && cancelled_after_step(step))
		step++;
	/* How many steps it takes the machine decides, but not that there is one before the bytes. */
	assert_in_range(step, 1, MOST_STEPS - 1);
}

/* ---- a register access behind a write ------------------------------------------------------- */

static bool has_a_waiter(void)
{
	uint32_t waiters = 0;

	return opp_waiters(first, &waiters) == OPP_SUCCESS && waiters == 1;
}

static bool has_begun(void)
{
	struct opp_ioc_status status;

	return opp_get_status(first, &status) == OPP_SUCCESS && status.bytes_written == 10;
}

static void *allocate(void *context)
{
	(void)context;
	(void)opp_allocate(first, OPP_FOREVER_US);
	return NULL;
}

static void *write_page(void *context)
{
	static const uint8_t page[20];
	size_t sent;

	(void)context;
	(void)opp_write(first, page, sizeof(page), PATIENCE_US, &sent);
	return NULL;
}

static _Atomic bool has_read;

static void *read_status(void *context)
{
	uint8_t value;

	has_read = opp_read_status(first, &value) == OPP_SUCCESS;
	return context;
}

static bool was_read(void)
{
	return has_read;
}

static void access_outlasts_the_write(void **state)
{
	pthread_t allocating, writing, reading;

	(void)state;
	open_or_fail("sim:busy_every_bytes=10,busy_extra_us=500000", &first);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	pthread_create(&allocating, NULL, allocate, NULL);
	assert_true(soon(has_a_waiter));
	join_at_pending = &writing;
	pthread_create(&writing, NULL, write_page, NULL);
	assert_true(soon(has_begun));
	pthread_create(&reading, NULL, read_status, NULL);
	assert_true(soon(was_read));
	assert_true(has_a_waiter());
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	pthread_join(allocating, NULL);
	pthread_join(reading, NULL);
	if (join_at_pending)
		pthread_join(writing, NULL);
	join_at_pending = NULL;
	opp_close(first);
}

/* ---- a file that takes long to open ------------------------------------------------------------ */

static struct opp_handle *made[2];

static void *open_with_output(void *context)
{
	struct opp_handle **handle = context;

	open_or_fail("sim:name=slow,output=/dev/null", handle);
	return NULL;
}

static bool one_opens(void)
{
	return opening == 1;
}

static void nobody_else_waits_for_an_open(void **state)
{
	pthread_t threads[2];
	uint32_t i;

	(void)state;
	opens_hang = true;
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, open_with_output, &made[i]);
	assert_true(soon(one_opens));
	open_or_fail("sim:name=race", &first);
	open_or_fail("sim:", &second);
	opp_close(first);
	opp_close(second);
	assert_true(opens_hang);
	opens_hang = false;
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(opening, 1);
	assert_int_equal(opp_allocate(made[0], 0), OPP_SUCCESS);
	assert_int_equal(opp_allocate(made[1], 0), OPP_DEVICE_BUSY);
	opp_close(made[0]);
	opp_close(made[1]);
}

static void documented_request_on_the_wire(void **state)
{
	static struct rig rig;
	static struct asker a;

	(void)state;
	rig_start(&rig, "daisy=2");
	asker_open(&rig, &a, "anna");
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	caller = pthread_self();
	comes_in = &a;
	assert_int_equal(
		asker_ask(&rig, &a,
			  &(struct opp_host_req){
				  .kind = OPP_HOST_DOCUMENTED,
				  .contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
						.code = IOCTL_INTERNAL_INIT_1284_3_BUS } }),
		OPP_SUCCESS);
	assert_null(comes_in);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-043 a cancel that comes as soon as the call is in line ends it",
		  cancel_as_soon_as_in_line, NULL, NULL, NULL },
		{ "a register access outlasts a write, not the handle's other calls",
		  access_outlasts_the_write, NULL, NULL, NULL },
		{ "only who wants the same port waits for its file to be opened",
		  nobody_else_waits_for_an_open, NULL, NULL, NULL },
		{ "a documented request has the wire alone", documented_request_on_the_wire, NULL,
		  NULL, NULL },
		{ "no byte moves when the negotiation before it is cancelled",
		  cancelled_while_it_negotiates, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("races of the library", tests, NULL, NULL);
}
