/* SPDX-License-Identifier: MIT */
/*
 * A host port that its system lends, with real threads: who waits, who looks, who tries,
 * and what becomes of them when the port goes.
 */
#include "host_rig.h"

#include <poll.h>
#include <string.h>

#include <openparport/codes.h>

#include "lent_back_end.h"

#define LIMIT_US  UINT64_C(20000000)
#define SHORT_US  UINT64_C(50000)
#define PAGE      "a page"
#define PAGE_SIZE (sizeof(PAGE) - 1)

static struct rig rig;
static struct asker a, b;

static int begin(void **state)
{
	(void)state;
	lent_begin();
	rig_start(&rig, "");
	asker_open(&rig, &a, "a");
	asker_open(&rig, &b, "b");
	return 0;
}

static int end(void **state)
{
	(void)state;
	lent.other = false;
	asker_close(&rig, &a, false);
	asker_close(&rig, &b, false);
	rig_stop(&rig);
	return 0;
}

static void take(struct asker *asker)
{
	const uint32_t before = asker_completions(asker);

	assert_int_equal(asker_allocate(&rig, asker), OPP_PENDING);
	assert_int_equal(asker_wait(asker, before + 1), OPP_SUCCESS);
}

static void begin_waiting(struct asker *asker)
{
	lent.other = true;
	assert_int_equal(asker_allocate(&rig, asker), OPP_PENDING);
	rig_wait_state(&rig, OPP_IOC_STATE_ELSEWHERE);
}

/* ---- its turns ------------------------------------------------------------------------------ */

static void test_turns(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(asker_write(&rig, &a, false, PAGE, PAGE_SIZE, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 2), OPP_SUCCESS);
	assert_int_equal(lent.claims, 1);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(lent.claims, 2);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_false(lent.ours);
	rig_wait_output(&rig, PAGE, PAGE_SIZE);
}

static void test_job(void **state)
{
	(void)state;
	assert_int_equal(asker_write(&rig, &a, true, PAGE, PAGE_SIZE, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	rig_wait_output(&rig, PAGE, PAGE_SIZE);
}

static void test_holder_dies(void **state)
{
	(void)state;
	take(&a);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	asker_close(&rig, &a, true);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(lent.claims, 2);
	asker_open(&rig, &a, "a");
}

static void test_kicked(void **state)
{
	(void)state;
	take(&a);
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_false(lent.ours);
	begin_waiting(&b);
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_host_kick(rig.port, OPP_IOC_CLIENT_OF_SYSTEM),
			 OPP_INVALID_DEVICE_STATE);
}

/* ---- who has it ------------------------------------------------------------------------------- */

static void test_told_who_has_it(void **state)
{
	struct opp_ioc_status status;

	(void)state;
	begin_waiting(&a);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.holder.kind, OPP_IOC_WHO_SYSTEM);
	assert_string_equal(status.holder.name, LENT_TO);
	assert_int_equal(status.waiters, 1);
	assert_int_equal(status.waiter[0].client, a.client.number);
	lent.other = false;
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.state, OPP_IOC_STATE_HELD);
	assert_int_equal(status.holder.client, a.client.number);
}

static void test_given_up(void **state)
{
	(void)state;
	begin_waiting(&a);
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_false(lent.asked);
	begin_waiting(&a);
	assert_true(opp_host_expire(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 2), OPP_DEVICE_BUSY);
	begin_waiting(&a);
	asker_close(&rig, &a, true);
	assert_int_equal(a.status, OPP_CANCELLED);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	asker_open(&rig, &a, "a");
}

static void test_looked_at(void **state)
{
	struct opp_ioc_pins pins;
	uint8_t value;

	(void)state;
	assert_int_equal(opp_host_pins(rig.port, &pins), OPP_DEVICE_BUSY);
	assert_true(opp_host_peripheral_idle(rig.port));
	begin_waiting(&a);
	assert_int_equal(opp_host_pins(rig.port, &pins), OPP_DEVICE_BUSY);
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &value),
			 OPP_INVALID_DEVICE_STATE);
	lent.other = false;
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(opp_host_pins(rig.port, &pins), OPP_SUCCESS);
	assert_int_equal(pins.control, OPP_CONTROL_IDLE);
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &value), OPP_SUCCESS);
}

/* ---- who only tries ---------------------------------------------------------------------------- */

static void test_try(void **state)
{
	(void)state;
	assert_int_equal(opp_host_try_allocate(rig.port, &a.client), OPP_PENDING);
	take(&a);
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_DEVICE_BUSY);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	/* What is left of the last claim is no reason to refuse. */
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_PENDING);
	begin_waiting(&a);
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_DEVICE_BUSY);
}

static struct opp_async *reap(struct opp_handle *handle)
{
	struct pollfd ended = { .fd = opp_fd(handle), .events = POLLIN };
	struct opp_async *async;

	/* A deadline that has come ends the wait, and then that is reaped. */
	while (!(async = opp_reap(handle)))
		assert_int_equal(poll(&ended, 1, LIMIT_US / 1000), 1);
	return async;
}

static void test_handle_tries(void **state)
{
	struct opp_async allocate = { .kind = OPP_ASYNC_ALLOCATE };
	struct opp_handle *handle;
	struct opp_error error;

	(void)state;
	lent_begin();
	assert_int_equal(opp_open("sim:", &handle, &error), OPP_SUCCESS);
	assert_int_equal(opp_allocate(handle, 0), OPP_SUCCESS);
	assert_int_equal(opp_free(handle), OPP_SUCCESS);
	assert_int_equal(opp_submit(handle, &allocate), OPP_SUCCESS);
	assert_int_equal(reap(handle)->status, OPP_SUCCESS);
	assert_int_equal(opp_free(handle), OPP_SUCCESS);
	lent.other = true;
	assert_int_equal(opp_allocate(handle, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_allocate(handle, SHORT_US), OPP_DEVICE_BUSY);
	assert_int_equal(opp_submit(handle, &allocate), OPP_SUCCESS);
	assert_int_equal(reap(handle)->status, OPP_DEVICE_BUSY);
	lent.other = false;
	assert_int_equal(opp_allocate(handle, LIMIT_US), OPP_SUCCESS);
	opp_close(handle);
}

/* ---- documented requests ------------------------------------------------------------------------- */

static enum opp_status document(struct asker *asker, uint32_t code)
{
	return asker_ask(
		&rig, asker,
		&(struct opp_host_req){
			.kind = OPP_HOST_DOCUMENTED,
			.contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL, .code = code },
		});
}

static void test_documented(void **state)
{
	(void)state;
	assert_int_equal(document(&a, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(document(&a, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(document(&a, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_SUCCESS);
	assert_int_equal(document(&a, IOCTL_INTERNAL_PARALLEL_PORT_FREE), OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_false(lent.ours);
}

/* ---- the port goes --------------------------------------------------------------------------------- */

static void test_removed_while_waiting(void **state)
{
	(void)state;
	begin_waiting(&a);
	opp_host_port_remove(rig.port);
	assert_int_equal(asker_wait(&a, 1), OPP_DELETE_PENDING);
	assert_false(lent.asked);
}

static void test_removed_while_held(void **state)
{
	(void)state;
	take(&a);
	opp_host_port_remove(rig.port);
	assert_false(lent.ours);
	assert_int_equal(asker_allocate(&rig, &b), OPP_DELETE_PENDING);
}

static void test_gone(void **state)
{
	(void)state;
	begin_waiting(&a);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	lent.gone = true;
	assert_int_equal(asker_wait(&a, 1), OPP_DELETE_PENDING);
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	rig_wait_state(&rig, OPP_IOC_STATE_REMOVED);
}

#define CASE(name, test)                                                                           \
	{                                                                                          \
		(name), (test), begin, end, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("each hold of a lent port has a claim of its own", test_turns),
		CASE("a job claims a lent port, and gives it back", test_job),
		CASE("the claim of a holder that dies is given back", test_holder_dies),
		CASE("a kick gives the claim back; the system's user cannot be kicked",
		     test_kicked),
		CASE("who waits is told who has the port", test_told_who_has_it),
		CASE("cancel, deadline and death of who waits for the system", test_given_up),
		CASE("a lent port is looked at while it is held", test_looked_at),
		CASE("who tries is told to ask a lent port for a moment", test_try),
		{ "handles that try wait for a moment", test_handle_tries, NULL, NULL, NULL },
		CASE("documented requests to a lent port", test_documented),
		CASE("a lent port is removed while its system has it", test_removed_while_waiting),
		CASE("a lent port is removed from its holder", test_removed_while_held),
		CASE("a lent port that is gone is removed", test_gone),
	};

	return cmocka_run_group_tests_name("host lent", tests, NULL, NULL);
}
