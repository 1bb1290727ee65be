/* SPDX-License-Identifier: MIT */
/*
 * A printer's time in a host port: it keeps its speed, goes on by itself, and is
 * looked at when it acts. That cannot be too slow here, only too fast. The
 * simulator's clock and the worker's sleep are taken over by the linker.
 */
#include "host_rig.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include <openparport/sim_centronics.h>

#include "lock.h"
#include "process.h"

#define LIMIT_US   10000000u
#define PATIENCE_S 20

/* 300 bytes at 1000 a second, less a byte that is not waited for and what bursts gain. */
#define LEAST_NS UINT64_C(280000000)

static struct rig rig;
static struct asker a;
static const uint8_t page[300];

/* ---- calls taken over -------------------------------------------------------------------- */

static _Atomic uint64_t printed;      /* by the printer, as of the last time it was given time */
static const struct opp_sim *watched; /* the worker's, while a write runs */
static _Atomic bool watching;
static _Atomic uint32_t naps, naps_too_long;

void __real_opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns);
void __wrap_opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns);

void __wrap_opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns)
{
	__real_opp_sim_advance_to(sim, now_ns);
	if (sim->connector.peripheral)
		printed = ((const struct opp_centronics *)sim->connector.peripheral)->printed;
	if (watching)
		watched = sim;
}

void __real_opp_bell_sleep_locked(struct opp_bell *bell, struct opp_lock *lock, uint32_t heard,
				  uint64_t until_ns);
void __wrap_opp_bell_sleep_locked(struct opp_bell *bell, struct opp_lock *lock, uint32_t heard,
				  uint64_t until_ns);

void __wrap_opp_bell_sleep_locked(struct opp_bell *bell, struct opp_lock *lock, uint32_t heard,
				  uint64_t until_ns)
{
	if (watching && watched) {
		naps++;
		/* Virtual time is never behind the clock. */
		if (until_ns > opp_sim_next_edge_ns(watched))
			naps_too_long++;
	}
	__real_opp_bell_sleep_locked(bell, lock, heard, until_ns);
}

/* ---- speed ---------------------------------------------------------------------------------- */

static void start_with(const char *keys)
{
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static void print_page(void)
{
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
}

static void strobe(uint8_t byte)
{
	const time_t until = time(NULL) + PATIENCE_S;
	uint8_t status = 0;

	while (!(status & 0x80) && time(NULL) < until)
		assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &status),
				 OPP_SUCCESS);
	opp_host_write_register(rig.port, &a.client, OPP_HOST_DATA, byte);
	opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, 0x0d);
	opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, 0x0c);
}

static void slow_printer_is_slow(void **state)
{
	uint64_t from_ns;

	(void)state;
	start_with("characters_per_second=1000");
	from_ns = opp_host_now_ns();
	print_page();
	assert_true(opp_host_now_ns() - from_ns >= LEAST_NS);
}

static void slow_printer_is_slow_with_a_buffer(void **state)
{
	uint64_t from_ns;

	(void)state;
	start_with("characters_per_second=1000,buffer_bytes=1000");
	from_ns = opp_host_now_ns();
	print_page();
	rig_wait_output(&rig, page, sizeof(page));
	assert_true(opp_host_now_ns() - from_ns >= LEAST_NS);
}

static void slow_printer_is_slow_when_asked_again_and_again(void **state)
{
	uint64_t from_ns;
	size_t i;

	(void)state;
	start_with("characters_per_second=1000");
	from_ns = opp_host_now_ns();
	for (i = 0; i < sizeof(page); i++)
		strobe(page[i]);
	assert_true(opp_host_now_ns() - from_ns >= LEAST_NS);
}

/* ---- by itself --------------------------------------------------------------------------------- */

static void dropped_bytes_are_printed_by_themselves(void **state)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + PATIENCE_S;
	struct opp_host_config config;

	(void)state;
	/* Longer than the port's clock goes on ticking after the last call. */
	start_with("characters_per_second=150,buffer_bytes=1000");
	opp_host_port_destroy(rig.port);
	printed = 0;
	config = rig.config;
	config.output = NULL;
	assert_int_equal(opp_host_port_create(&config, NULL, NULL, &rig.port, NULL), OPP_SUCCESS);
	asker_open(&rig, &a, "anna");
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	print_page();
	while (printed < sizeof(page) && time(NULL) < until)
		nanosleep(&pause, NULL);
	assert_int_equal(printed, sizeof(page));
}

static void watch_no_more(struct asker *asker, enum opp_status status)
{
	(void)asker;
	(void)status;
	watching = false;
}

static void worker_sleeps_no_longer_than_its_printer(void **state)
{
	(void)state;
	start_with("busy_every_bytes=1,busy_extra_us=50000");
	watched = NULL;
	watching = true;
	a.then = watch_no_more;
	assert_int_equal(asker_write(&rig, &a, false, page, 5, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_true(naps);
	assert_int_equal(naps_too_long, 0);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, NULL, stop, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("a slow printer is as slow as it says", slow_printer_is_slow),
		CASE("a slow printer that stores is as slow as it says",
		     slow_printer_is_slow_with_a_buffer),
		CASE("a slow printer is not faster for who asks again and again",
		     slow_printer_is_slow_when_asked_again_and_again),
		CASE("a printer whose bytes are dropped prints though nobody looks",
		     dropped_bytes_are_printed_by_themselves),
		CASE("a write that waits sleeps no longer than its printer",
		     worker_sleeps_no_longer_than_its_printer),
	};

	return cmocka_run_group_tests_name("time of a host port", tests, NULL, NULL);
}
