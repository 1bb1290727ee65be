/* SPDX-License-Identifier: MIT */
/*
 * Accesses that sleep, as those of a port that its system lends may: whom they keep, and how
 * those who must not be kept have them made by the port's worker.
 */
#include "host_rig.h"

#include <stdatomic.h>
#include <time.h>

#include <openparport/wire.h>

#include "lent_back_end.h"

#define LOOKS 20000

static struct rig rig;
static struct asker a, b;

static int begin(void **state)
{
	(void)state;
	lent_begin();
	rig_start(&rig, "");
	asker_open(&rig, &a, "a");
	asker_open(&rig, &b, "b");
	assert_int_equal(asker_allocate(&rig, &a), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	return 0;
}

static int end(void **state)
{
	(void)state;
	lent.hangs = false;
	asker_close(&rig, &a, false);
	asker_close(&rig, &b, false);
	rig_stop(&rig);
	return 0;
}

static void pause_ms(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	nanosleep(&pause, NULL);
}

static void wait_hanging(void)
{
	for (int looks = 0; lent.hanging == 0; looks++) {
		assert_true(looks < LOOKS);
		pause_ms();
	}
}

/* ---- a thread that does it itself -------------------------------------------------------- */

struct accessor {
	pthread_t thread;
	uint8_t value;
	enum opp_status status;
	atomic_bool done;
};

static void *access_data(void *context)
{
	struct accessor *accessor = context;

	accessor->status = opp_host_read(rig.port, &a.client, OPP_HOST_DATA, &accessor->value);
	accessor->done = true;
	return NULL;
}

static void start(struct accessor *accessor)
{
	accessor->done = false;
	assert_int_equal(pthread_create(&accessor->thread, NULL, access_data, accessor), 0);
}

static enum opp_status finish(struct accessor *accessor)
{
	assert_int_equal(pthread_join(accessor->thread, NULL), 0);
	return accessor->status;
}

/* One has the wire and sleeps, the other one has come for it. */
static void start_both(struct accessor *first, struct accessor *second)
{
	lent.hangs = true;
	start(first);
	wait_hanging();
	start(second);
	for (int i = 0; i < 20; i++)
		pause_ms();
	assert_false(first->done);
	assert_false(second->done);
}

static void on_interrupt(void *context)
{
	(void)context;
}

static void test_keeps_nobody(void **state)
{
	struct accessor first, second;
	struct opp_ioc_status status;
	struct opp_host_chip chip;
	struct opp_ioc_info info;

	(void)state;
	start_both(&first, &second);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.holder.client, a.client.number);
	opp_host_info(rig.port, &info);
	opp_host_chip_facts(rig.port, &chip);
	opp_host_on_interrupt(rig.port, on_interrupt, NULL);
	opp_host_on_interrupt(rig.port, NULL, NULL);
	assert_false(opp_host_is_lost(rig.port));
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(opp_host_waiters(rig.port), 1);
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	lent.hangs = false;
	assert_int_equal(finish(&first), OPP_SUCCESS);
	assert_int_equal(finish(&second), OPP_SUCCESS);
}

static void test_lost_while_waiting_for_the_wire(void **state)
{
	struct accessor first, second;

	(void)state;
	start_both(&first, &second);
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	lent.hangs = false;
	assert_int_equal(finish(&first), OPP_SUCCESS);
	assert_int_equal(finish(&second), OPP_KICKED);
}

/* ---- errands ------------------------------------------------------------------------------- */

struct job {
	struct opp_host_errand errand;
	struct opp_host_access access[2];
	pthread_t thread;
	enum opp_status status;
	uint32_t place; /* as the how manieth it ran */
	atomic_bool told;
};

static atomic_uint ran;

static void run(struct opp_host_errand *errand)
{
	struct job *job = OPP_NODE(errand, struct job, errand);

	job->place = ++ran;
	job->thread = pthread_self();
	job->status = opp_host_access(rig.port, errand->client, job->access, 2);
}

static void tell(struct opp_host_errand *errand)
{
	OPP_NODE(errand, struct job, errand)->told = true;
}

/* Writes @value to DATA and reads it. */
static bool send(struct job *job, struct asker *asker, uint8_t value)
{
	*job = (struct job){
		.errand = { .run = run, .told = tell, .client = &asker->client },
		.access = { { .which = OPP_HOST_DATA, .write = true, .value = value },
			    { .which = OPP_HOST_DATA } },
	};
	return opp_host_errand(rig.port, &job->errand);
}

static void wait_told(struct job *job)
{
	for (int looks = 0; !job->told; looks++) {
		assert_true(looks < LOOKS);
		pause_ms();
	}
}

static void test_in_order(void **state)
{
	struct job jobs[3];

	(void)state;
	ran = 0;
	lent.hangs = true;
	for (uint8_t i = 0; i < 3; i++)
		assert_false(send(&jobs[i], &a, i));
	wait_hanging();
	assert_false(jobs[0].told);
	lent.hangs = false;
	for (uint8_t i = 0; i < 3; i++) {
		wait_told(&jobs[i]);
		assert_int_equal(jobs[i].place, i + 1);
		assert_int_equal(jobs[i].status, OPP_SUCCESS);
		assert_int_equal(jobs[i].access[1].value, i);
		assert_false(pthread_equal(jobs[i].thread, pthread_self()));
	}
}

static void test_recalled(void **state)
{
	struct job first, second, third;

	(void)state;
	ran = 0;
	lent.hangs = true;
	assert_false(send(&first, &a, 1));
	wait_hanging();
	assert_false(send(&second, &a, 2));
	assert_false(send(&third, &a, 3));
	assert_false(opp_host_recall(rig.port, &first.errand));
	assert_true(opp_host_recall(rig.port, &second.errand));
	assert_false(opp_host_recall(rig.port, &second.errand));
	lent.hangs = false;
	wait_told(&first);
	wait_told(&third);
	assert_false(second.told);
	assert_int_equal(third.place, 2);
}

static void note_gone(struct opp_host_client *client)
{
	OPP_NODE(client, struct asker, client)->gone = true;
}

static bool is_gone(struct asker *asker)
{
	return *(volatile bool *)&asker->gone;
}

/* ---- what a job that is under way means to others ------------------------------------------ */

static void test_closed(void **state)
{
	static struct asker c;
	struct job job, never;

	(void)state;
	asker_open(&rig, &c, "c");
	lent.hangs = true;
	assert_false(send(&job, &a, 0));
	wait_hanging();
	assert_false(send(&never, &c, 0));
	opp_host_close(rig.port, &c.client, true, note_gone);
	assert_false(is_gone(&c));
	assert_true(opp_host_recall(rig.port, &never.errand));
	assert_true(is_gone(&c));
	lent.hangs = false;
	wait_told(&job);
}

static struct opp_host_req asked;
static enum opp_status answered;

static void ask_for_the_port(struct opp_host_errand *errand)
{
	asked = (struct opp_host_req){ .kind = OPP_HOST_ALLOCATE, .client = errand->client };
	answered = opp_host_submit(rig.port, &asked);
}

static void test_closed_asks(void **state)
{
	static struct asker c;
	struct job job, late;

	(void)state;
	asker_open(&rig, &c, "c");
	lent.hangs = true;
	assert_false(send(&job, &a, 0));
	wait_hanging();
	late = (struct job){ .errand = {
				     .run = ask_for_the_port, .told = tell, .client = &c.client } };
	assert_false(opp_host_errand(rig.port, &late.errand));
	opp_host_close(rig.port, &c.client, true, note_gone);
	lent.hangs = false;
	wait_told(&late);
	assert_int_equal(answered, OPP_KICKED);
	assert_int_equal(opp_host_waiters(rig.port), 0);
}

static void test_not_the_holders(void **state)
{
	struct job job;

	(void)state;
	assert_false(send(&job, &b, 0));
	wait_told(&job);
	assert_int_equal(job.status, OPP_INVALID_DEVICE_STATE);
}

/* The worker comes to them in the middle of a page that does not end. */
static void test_beside_a_page(void **state)
{
	struct opp_ioc_pins pins;
	static uint8_t page[20000];
	struct job job;

	(void)state;
	opp_host_sim_set(rig.port, "paper_out", "yes", &(struct opp_error){ .text = "" });
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), RIG_FOREVER_US),
			 OPP_PENDING);
	assert_false(send(&job, &a, 0));
	wait_told(&job);
	assert_int_equal(job.status, OPP_PENDING);
	assert_int_equal(opp_host_pins(rig.port, &pins), OPP_SUCCESS);
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 2), OPP_CANCELLED);
}

static atomic_bool enough;

static void tell_and_send_anew(struct opp_host_errand *errand)
{
	if (enough)
		tell(errand);
	else
		assert_false(opp_host_errand(rig.port, errand));
}

/* There is always one more of them. */
static void test_no_end_of_them(void **state)
{
	static uint8_t page[2000];
	struct job jobs[2];

	(void)state;
	enough = false;
	for (int i = 0; i < 2; i++) {
		jobs[i] = (struct job){
			.errand = { .run = run, .told = tell_and_send_anew, .client = &b.client }
		};
		assert_false(opp_host_errand(rig.port, &jobs[i].errand));
	}
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), RIG_FOREVER_US),
			 OPP_PENDING);
	assert_int_equal(asker_wait(&a, 2), OPP_SUCCESS);
	enough = true;
	for (int i = 0; i < 2; i++)
		wait_told(&jobs[i]);
}

static void *remove_port(void *unused)
{
	(void)unused;
	opp_host_port_remove(rig.port);
	return NULL;
}

static void test_removed(void **state)
{
	struct opp_ioc_status status;
	struct job first, second, late;
	pthread_t remover;

	(void)state;
	lent.hangs = true;
	assert_false(send(&first, &a, 1));
	wait_hanging();
	assert_false(send(&second, &a, 2));
	assert_int_equal(pthread_create(&remover, NULL, remove_port, NULL), 0);
	do {
		pause_ms();
		opp_host_status(rig.port, &status);
	} while (status.state != OPP_IOC_STATE_REMOVED);
	lent.hangs = false;
	assert_int_equal(pthread_join(remover, NULL), 0);
	assert_true(first.told);
	assert_true(second.told);
	assert_int_equal(second.status, OPP_DELETE_PENDING);
	/* There is no worker any more, and nothing to be waited for. */
	assert_true(send(&late, &a, 3));
	assert_int_equal(late.status, OPP_DELETE_PENDING);
	assert_false(late.told);
}

#define CASE(name, test)                                                                           \
	{                                                                                          \
		(name), (test), begin, end, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("an access that sleeps keeps nobody who only wants to know or to wait",
		     test_keeps_nobody),
		CASE("who lost the port while it waited for the wire touches nothing",
		     test_lost_while_waiting_for_the_wire),
		CASE("errands on a lent port run on its worker, in their order", test_in_order),
		CASE("an errand that has not begun is recalled, another one is not", test_recalled),
		CASE("a client is not gone before its last errand is", test_closed),
		CASE("an errand of a client that has closed gets it nothing", test_closed_asks),
		CASE("an errand gives no right to the registers", test_not_the_holders),
		CASE("an errand need not wait for the end of a page", test_beside_a_page),
		CASE("errands without an end keep no page", test_no_end_of_them),
		CASE("a port that is removed has run its errands", test_removed),
	};

	return cmocka_run_group_tests_name("host errand", tests, NULL, NULL);
}
