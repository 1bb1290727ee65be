/* SPDX-License-Identifier: MIT */
/*
 * Bytes and registers of a host port: writes, jobs, faults, and that nobody
 * waits for a page that does not come to an end.
 */
#include "host_rig.h"

#include <stdatomic.h>
#include <time.h>

#include <openparport/hw.h>
#include <openparport/wire.h>

#define PAGE       20000
#define LIMIT_US   10000000u
#define NO_WAIT_US 0u
#define AN_HOUR_US 3600000000u

static struct rig rig;
static struct asker a, b, c;
static uint8_t page[PAGE], paper[1];

static void start_as(const char *keys)
{
	size_t i;

	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	asker_open(&rig, &c, "carla");
	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7 + (i >> 8));
}

static int start(void **state)
{
	(void)state;
	start_as("");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static int start_out_of_paper(void **state)
{
	(void)state;
	start_as("paper_out=yes");
	return 0;
}

static int start_with_spp(void **state)
{
	(void)state;
	start_as("chip=spp");
	return 0;
}

/* A printer that takes a few bytes and then is busy for a minute. */
static int start_hanging(void **state)
{
	(void)state;
	start_as("busy_every_bytes=10,busy_extra_us=60000000");
	return 0;
}

static void a_holds(void)
{
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
}

static enum opp_status write_as(struct asker *asker, bool job, uint64_t limit_us)
{
	return asker_write(&rig, asker, job, page, sizeof(page), limit_us);
}

/* ---- bytes -------------------------------------------------------------------------- */

static void page_is_printed(void **state)
{
	(void)state;
	a_holds();
	assert_int_equal(write_as(&a, false, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(a.req.done, sizeof(page));
	rig_wait_output(&rig, page, sizeof(page));
	assert_int_equal(rig_holder(&rig), a.client.number);
}

static void only_the_holder_writes(void **state)
{
	(void)state;
	assert_int_equal(write_as(&b, false, LIMIT_US), OPP_INVALID_DEVICE_STATE);
	a_holds();
	assert_int_equal(write_as(&b, false, LIMIT_US), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(rig_read_output(&rig, paper, sizeof(paper)), 0);
}

static void jobs_take_turns(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED,     OPP_HOST_QUEUED,      OPP_HOST_QUEUED,   OPP_HOST_RELEASED,
		OPP_HOST_GRANTED,     OPP_HOST_TRANSFERRED, OPP_HOST_RELEASED, OPP_HOST_GRANTED,
		OPP_HOST_TRANSFERRED, OPP_HOST_RELEASED,
	};

	(void)state;
	a_holds();
	assert_int_equal(asker_write(&rig, &b, true, "one ", 4, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_write(&rig, &c, true, "two", 3, LIMIT_US), OPP_PENDING);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
	rig_wait_output(&rig, "one two", 7);
	rig_assert_events(&rig, expected, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(rig.events[5].bytes, 4);
}

static void job_on_a_free_port(void **state)
{
	(void)state;
	assert_int_equal(asker_write(&rig, &b, true, "job", 3, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_int_equal(b.req.done, 3);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
}

static void cancelled_job_never_prints(void **state)
{
	(void)state;
	a_holds();
	assert_int_equal(write_as(&b, true, LIMIT_US), OPP_PENDING);
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(rig_read_output(&rig, paper, sizeof(paper)), 0);
	assert_int_equal(b.req.done, 0);
}

/* ---- faults ---------------------------------------------------------------------------- */

static void assert_refused(const char *keys, enum opp_status expected)
{
	start_as(keys);
	a_holds();
	assert_int_equal(write_as(&a, false, NO_WAIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), expected);
	assert_int_equal(a.req.done, 0);
	rig_stop(&rig);
}

static void faults_are_told_apart(void **state)
{
	(void)state;
	assert_refused("paper_out=yes", OPP_DEVICE_PAPER_EMPTY);
	assert_refused("off_line=yes", OPP_DEVICE_OFF_LINE);
	assert_refused("error=yes", OPP_IO_DEVICE_ERROR);
	assert_refused("powered_off=yes", OPP_DEVICE_POWERED_OFF);
	assert_refused("peripheral=none", OPP_DEVICE_NOT_CONNECTED);
}

static void time_out_counts_exactly(void **state)
{
	(void)state;
	a_holds();
	assert_int_equal(write_as(&a, false, 1000), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_TIMEOUT);
	assert_int_equal(a.req.done, 10);
}

static void cancel_counts_exactly(void **state)
{
	(void)state;
	a_holds();
	assert_int_equal(write_as(&a, false, RIG_FOREVER_US), OPP_PENDING);
	rig_wait_written(&rig, 10);
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	assert_int_equal(a.req.done, 10);
	assert_int_equal(rig_holder(&rig), a.client.number);
}

static void fault_is_kept(void **state)
{
	const struct opp_fault *told;
	struct opp_ioc_status status;

	(void)state;
	opp_host_status(rig.port, &status);
	assert_int_equal(status.fault.status, OPP_SUCCESS);
	assert_int_equal(write_as(&a, true, NO_WAIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_DEVICE_PAPER_EMPTY);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.fault.status, OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(status.fault.event, OPP_NO_EVENT);
	assert_true(status.fault.status_lines & OPP_LINE_PERROR);
	assert_int_equal(status.fault.control_lines, OPP_CONTROL_IDLE);
	assert_true(status.fault.age_us < AN_HOUR_US);
	told = &rig.events[1].fault;
	assert_int_equal(rig.events[1].kind, OPP_HOST_TRANSFERRED);
	assert_int_equal(told->status, OPP_DEVICE_PAPER_EMPTY);
	assert_int_equal(told->status_lines, status.fault.status_lines);
}

/* ---- a page that never ends -------------------------------------------------------------- */

static void nobody_waits_for_a_page(void **state)
{
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;
	struct opp_ioc_info info;
	uint8_t value;

	(void)state;
	a_holds();
	assert_int_equal(write_as(&a, false, RIG_FOREVER_US), OPP_PENDING);
	rig_wait_written(&rig, 10);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &c), OPP_PENDING);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.waiters, 2);
	opp_host_info(rig.port, &info);
	opp_host_pins(rig.port, &pins);
	assert_true(pins.status & OPP_LINE_BUSY);
	assert_false(opp_host_peripheral_idle(rig.port));
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_DEVICE_BUSY);
	assert_int_equal(opp_host_free(rig.port, &b.client), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &value), OPP_PENDING);
	assert_int_equal(opp_host_read(rig.port, &b.client, OPP_HOST_STATUS, &value),
			 OPP_INVALID_DEVICE_STATE);
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	assert_int_equal(asker_completions(&a), 0);
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	assert_int_equal(asker_wait(&a, 1), OPP_KICKED);
	assert_int_equal(asker_wait(&c, 1), OPP_SUCCESS);
}

static void kicked_job_makes_room(void **state)
{
	(void)state;
	assert_int_equal(write_as(&a, true, RIG_FOREVER_US), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	rig_wait_written(&rig, 10);
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	assert_int_equal(asker_wait(&a, 1), OPP_KICKED);
	assert_int_equal(a.req.done, 10);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
}

static void free_ends_the_page(void **state)
{
	(void)state;
	a_holds();
	assert_int_equal(write_as(&a, false, RIG_FOREVER_US), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	rig_wait_written(&rig, 10);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
}

/* A's second write still has the wire when a frees the port: b's turn comes after it. */
static void free_ends_both_writes(void **state)
{
	static const enum opp_host_event_kind expected[] = {
		OPP_HOST_GRANTED,  OPP_HOST_QUEUED,      OPP_HOST_TRANSFERRED,
		OPP_HOST_RELEASED, OPP_HOST_TRANSFERRED, OPP_HOST_GRANTED,
	};

	(void)state;
	a_holds();
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(asker_write(&rig, &a, false, page, 5, RIG_FOREVER_US), OPP_PENDING);
	assert_int_equal(asker_ask(&rig, &c,
				   &(struct opp_host_req){ .kind = OPP_HOST_WRITE,
							   .client = &a.client,
							   .bytes = page,
							   .count = sizeof(page),
							   .inactivity_us = RIG_FOREVER_US,
							   .fault_us = RIG_FOREVER_US }),
			 OPP_PENDING);
	rig_wait_written(&rig, 10);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&c, 1), OPP_CANCELLED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	rig_assert_events(&rig, expected, sizeof(expected) / sizeof(expected[0]));
}

static void death_ends_the_page(void **state)
{
	(void)state;
	a_holds();
	assert_int_equal(write_as(&a, false, RIG_FOREVER_US), OPP_PENDING);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	rig_wait_written(&rig, 10);
	asker_close(&rig, &a, true);
	assert_int_equal(asker_completions(&a), 1);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
}

static void removal_ends_the_page(void **state)
{
	(void)state;
	assert_int_equal(write_as(&a, true, RIG_FOREVER_US), OPP_PENDING);
	rig_wait_written(&rig, 10);
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	assert_int_equal(asker_wait(&a, 1), OPP_DELETE_PENDING);
	assert_int_equal(a.req.done, 10);
}

/* ---- registers ------------------------------------------------------------------------------ */

static void assert_reads(enum opp_host_register which, uint8_t expected)
{
	uint8_t value = 0;

	assert_int_equal(opp_host_read(rig.port, &a.client, which, &value), OPP_SUCCESS);
	assert_int_equal(value, expected);
}

static void write_register(enum opp_host_register which, uint8_t value)
{
	assert_int_equal(opp_host_write_register(rig.port, &a.client, which, value), OPP_SUCCESS);
}

static void registers_as_a_pc_shows_them(void **state)
{
	(void)state;
	a_holds();
	write_register(OPP_HOST_DATA, 0xa5);
	assert_reads(OPP_HOST_DATA, 0xa5);
	write_register(OPP_HOST_CONTROL, 0xfe);
	assert_reads(OPP_HOST_CONTROL, 0x0e);
	assert_reads(OPP_HOST_DIRECTION, 0);
	write_register(OPP_HOST_DIRECTION, 1);
	assert_reads(OPP_HOST_DIRECTION, 1);
	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_STATUS, 0),
			 OPP_INVALID_DEVICE_REQUEST);
}

static void registers_are_the_holders(void **state)
{
	uint8_t value;

	(void)state;
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_DATA, &value),
			 OPP_INVALID_DEVICE_STATE);
	a_holds();
	assert_int_equal(opp_host_write_register(rig.port, &b.client, OPP_HOST_DATA, 0),
			 OPP_INVALID_DEVICE_STATE);
}

static void spp_cannot_turn_its_lines(void **state)
{
	struct opp_ioc_info info;

	(void)state;
	a_holds();
	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_DIRECTION, 1),
			 OPP_INVALID_DEVICE_REQUEST);
	write_register(OPP_HOST_DIRECTION, 0);
	opp_host_info(rig.port, &info);
	assert_false(info.capabilities & OPP_HW_CAN_REVERSE);
}

static void status_shows_the_paper_is_out(void **state)
{
	uint8_t value = 0;

	(void)state;
	a_holds();
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &value), OPP_SUCCESS);
	/* Busy high reads 0, PError high 1, nFault low 0 */
	assert_int_equal(value & 0xa8, 0x20);
}

/* ---- time passes by itself -------------------------------------------------------------------- */

static _Atomic uint32_t notified;

static void count(void *context)
{
	(void)context;
	notified++;
}

static void wait_for_interrupts(uint64_t expected)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + 20;

	while ((opp_host_interrupts(rig.port) < expected || !notified) && time(NULL) < until)
		nanosleep(&pause, NULL);
	assert_int_equal(opp_host_interrupts(rig.port), expected);
	assert_in_range(notified, 1, expected);
}

static void interrupt_without_an_access(void **state)
{
	(void)state;
	notified = 0;
	opp_host_on_interrupt(rig.port, count, NULL);
	a_holds();
	write_register(OPP_HOST_DATA, 'x');
	write_register(OPP_HOST_CONTROL, 0x0d);
	write_register(OPP_HOST_CONTROL, 0x0c);
	wait_for_interrupts(1);
}

static void stored_bytes_get_printed(void **state)
{
	(void)state;
	start_as("buffer_bytes=1000,characters_per_second=1000");
	assert_int_equal(asker_write(&rig, &a, true, page, 200, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	rig_wait_output(&rig, page, 200);
	rig_stop(&rig);
}

static void slow_printer_after_a_burst(void **state)
{
	(void)state;
	/* A burst puts virtual time far ahead of the clock; the printer must go on all the same. */
	start_as("buffer_bytes=19900,characters_per_second=2000");
	a_holds();
	assert_int_equal(write_as(&a, false, 1000000), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	assert_int_equal(a.req.done, sizeof(page));
	rig_stop(&rig);
}

#define CASE(name, function, setup)                                                                \
	{                                                                                          \
		name, function, setup, stop, NULL                                                  \
	}

/* ---- several accesses, and errands ---------------------------------------------------------- */

static void accesses_in_order(void **state)
{
	struct opp_host_access accesses[] = {
		{ .which = OPP_HOST_CONTROL, .write = true, .value = 0x0e },
		{ .which = OPP_HOST_CONTROL, .write = true, .keep = 0x0a, .value = 0x09 },
		{ .which = OPP_HOST_CONTROL },
		{ .which = OPP_HOST_STATUS, .write = true },
		{ .which = OPP_HOST_CONTROL, .write = true, .value = 0x0c },
	};
	uint8_t control;

	(void)state;
	a_holds();
	assert_int_equal(opp_host_access(rig.port, &a.client, accesses, 5),
			 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(accesses[2].value & OPP_CONTROL_LINES, 0x03);
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_CONTROL, &control),
			 OPP_SUCCESS);
	assert_int_equal(control & OPP_CONTROL_LINES, 0x03);
}

static pthread_t ran_on;

static void note_thread(struct opp_host_errand *errand)
{
	(void)errand;
	ran_on = pthread_self();
}

static void errand_at_once(void **state)
{
	struct opp_host_errand errand = { .run = note_thread, .client = &a.client };

	(void)state;
	assert_true(opp_host_errand(rig.port, &errand));
	assert_true(pthread_equal(ran_on, pthread_self()));
	assert_false(opp_host_recall(rig.port, &errand));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("a page arrives byte for byte", page_is_printed, start),
		CASE("only the holder writes", only_the_holder_writes, start),
		CASE("C-034 jobs take turns with a holder, in order", jobs_take_turns, start),
		CASE("a job on a free port takes it and gives it back", job_on_a_free_port, start),
		CASE("a cancelled job never prints", cancelled_job_never_prints, start),
		{ "P-054 paper out, off-line, error, no power and no cable are told apart",
		  faults_are_told_apart, NULL, NULL, NULL },
		CASE("the first fault of a write is kept and told", fault_is_kept,
		     start_out_of_paper),
		CASE("a time-out counts the bytes exactly", time_out_counts_exactly, start_hanging),
		CASE("a cancelled write counts the bytes exactly", cancel_counts_exactly,
		     start_hanging),
		CASE("C-038 nobody waits for a page that never ends", nobody_waits_for_a_page,
		     start_hanging),
		CASE("a kicked job makes room for the next in line", kicked_job_makes_room,
		     start_hanging),
		CASE("a free ends the holder's own page first", free_ends_the_page, start_hanging),
		CASE("a free waits for the last of the holder's writes", free_ends_both_writes,
		     start_hanging),
		CASE("a holder's death ends its page", death_ends_the_page, start_hanging),
		CASE("removal ends the page of a job", removal_ends_the_page, start_hanging),
		CASE("registers read as a PC shows them", registers_as_a_pc_shows_them, start),
		CASE("accesses in order: some lines are kept, and the first that fails is the last",
		     accesses_in_order, start),
		CASE("an errand on a port whose registers are ours is run at once, by who sends it",
		     errand_at_once, start),
		CASE("registers are the holder's alone", registers_are_the_holders, start),
		CASE("an SPP chip cannot turn its data lines", spp_cannot_turn_its_lines,
		     start_with_spp),
		CASE("the status register shows that paper is out", status_shows_the_paper_is_out,
		     start_out_of_paper),
		CASE("an interrupt comes without a further access", interrupt_without_an_access,
		     start),
		{ "bytes the printer stored get printed without an access",
		  stored_bytes_get_printed, NULL, NULL, NULL },
		{ "a slow printer goes on after a burst", slow_printer_after_a_burst, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("host wire", tests, NULL, NULL);
}
