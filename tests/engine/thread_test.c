/* SPDX-License-Identifier: MIT */
/*
 * Real threads on the bare engine: clients that take turns, give up, die and
 * are kicked under one mutex, and an "interrupt" thread that uses its pair
 * without it. Bounded in turns, not in time.
 *
 * Exclusion is checked by what the holders do to a plain variable, which
 * ThreadSanitizer watches too: between grant and free nobody else may write it.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include <openparport/port.h>

#define CLIENTS    4
#define TURNS      40000
#define INTERRUPTS 40000
#define PATIENCE_S 60

enum turn {
	TURN_PLAIN,
	TURN_CANCEL,
	TURN_EXPIRE,
	TURN_DROP,
	TURN_AT_INTERRUPT, /* takes its turn, is freed at interrupt level */
	TURN_WIRE,
	TURN_KINDS,
};

struct client {
	struct opp_client file;
	struct opp_req request;
	pthread_cond_t told_now;
	bool told;    /* port lock */
	bool dropped; /* what it was granted went with it */
	uint64_t noise;
	uint64_t ends, asked;
};

static struct opp_port port;
static pthread_mutex_t port_lock = PTHREAD_MUTEX_INITIALIZER;
static struct client clients[CLIENTS];

static int holder_writes;      /* no lock: only the holder */
static _Atomic int owed;       /* deferred calls the interrupt thread asked for */
static _Atomic int inside;     /* holders at this moment */
static _Atomic uint64_t turns; /* holds of any kind */
static _Atomic int broken_rules;
static _Atomic bool give_up;

static void broken(void *context, const char *what)
{
	(void)context;
	(void)what;
	atomic_fetch_add(&broken_rules, 1);
}

static const struct opp_env env = { .broken = broken };

static uint32_t chance(uint64_t *noise, uint32_t below)
{
	*noise ^= *noise >> 12;
	*noise ^= *noise << 25;
	*noise ^= *noise >> 27;
	return (uint32_t)((*noise * 0x2545f4914f6cdd1dull) >> 33) % below;
}

static void lock(void)
{
	pthread_mutex_lock(&port_lock);
}

/* Does the wire's work, tells what there is to tell, and unlocks. */
static void tell_and_unlock(void)
{
	struct opp_event event;

	while (opp_port_wants_wire_locked(&port))
		opp_port_wire_done_locked(&port, OPP_SUCCESS, 0);
	if (opp_port_begin_events_locked(&port)) {
		while (opp_port_next_event_locked(&port, &event, 0)) {
			struct client *client = OPP_NODE(event.req, struct client, request);

			pthread_mutex_unlock(&port_lock);
			pthread_mutex_lock(&port_lock);
			client->told = true;
			client->ends++;
			pthread_cond_signal(&client->told_now);
		}
	}
	while (opp_port_wants_wire_locked(&port))
		opp_port_wire_done_locked(&port, OPP_SUCCESS, 0);
	pthread_mutex_unlock(&port_lock);
}

static void use_port(void)
{
	if (atomic_fetch_add(&inside, 1) != 0)
		atomic_fetch_add(&broken_rules, 1);
	holder_writes++;
	if (holder_writes % 4 == 0)
		sched_yield();
	atomic_fetch_add(&turns, 1);
	atomic_fetch_sub(&inside, 1);
}

/* ---- clients ----------------------------------------------------------------- */

/* The lock is held; false when nobody told the client within its patience. */
static bool wait_until_told(struct client *client)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	while (!client->told) {
		if (pthread_cond_timedwait(&client->told_now, &port_lock, &until) != 0) {
			atomic_store(&give_up, true);
			return false;
		}
	}
	return true;
}

static void end_early(struct client *client, enum turn turn)
{
	if (turn == TURN_CANCEL)
		opp_port_cancel_locked(&port, &client->request);
	else if (turn == TURN_EXPIRE)
		opp_port_expire_locked(&port, &client->request);
	else if (turn == TURN_DROP)
		client->dropped = true;
	if (client->dropped)
		opp_port_drop_client_locked(&port, &client->file, false, 0);
}

static enum opp_status ask(struct client *client, enum turn turn)
{
	enum opp_status status;

	lock();
	client->told = false;
	client->dropped = false;
	client->request = (struct opp_req){ .client = &client->file };
	client->request.needs_wire = turn == TURN_WIRE;
	status = opp_port_submit_locked(&port, &client->request, 0);
	tell_and_unlock();
	if (status != OPP_PENDING)
		return status;
	client->asked++;
	lock();
	if (!client->told)
		end_early(client, turn);
	tell_and_unlock();
	lock();
	status = wait_until_told(client) ? client->request.status : OPP_TIMEOUT;
	pthread_mutex_unlock(&port_lock);
	return status;
}

static void hand_back(struct client *client, enum turn turn)
{
	if (turn == TURN_AT_INTERRUPT) {
		if (!opp_port_free_at_interrupt(&port))
			atomic_fetch_add(&broken_rules, 1);
		atomic_fetch_add(&owed, 1);
		return;
	}
	lock();
	if (opp_port_free_locked(&port, &client->file, 0) != OPP_SUCCESS)
		atomic_fetch_add(&broken_rules, 1);
	tell_and_unlock();
}

static void *client_thread(void *argument)
{
	struct client *client = argument;

	for (int i = 0; i < TURNS && !atomic_load(&give_up); i++) {
		enum turn turn = chance(&client->noise, TURN_KINDS);
		enum opp_status status = ask(client, turn);

		if (status != OPP_SUCCESS || client->dropped)
			continue;
		use_port();
		hand_back(client, turn);
	}
	return NULL;
}

/* ---- interrupt level and its deferred call ---------------------------------------- */

static void *interrupt_thread(void *argument)
{
	(void)argument;
	for (int i = 0; i < INTERRUPTS && !atomic_load(&give_up); i++) {
		if (!opp_port_try_allocate_at_interrupt(&port)) {
			sched_yield();
			continue;
		}
		use_port();
		if (!opp_port_free_at_interrupt(&port))
			atomic_fetch_add(&broken_rules, 1);
		atomic_fetch_add(&owed, 1);
	}
	return NULL;
}

static _Atomic bool all_done;

static void *deferred_thread(void *argument)
{
	(void)argument;
	while (!atomic_load(&all_done) || atomic_load(&owed) > 0) {
		if (atomic_load(&owed) == 0) {
			sched_yield();
			continue;
		}
		atomic_fetch_sub(&owed, 1);
		lock();
		opp_port_settle_locked(&port, 0);
		tell_and_unlock();
	}
	return NULL;
}

static void start(struct client *client, int number)
{
	*client = (struct client){ .noise = (uint64_t)number * 77 + 1 };
	pthread_cond_init(&client->told_now, NULL);
	assert_int_equal(opp_port_open_locked(&port, &client->file), OPP_SUCCESS);
}

static void test_stress(void **state)
{
	pthread_t threads[CLIENTS], interrupt, deferred;

	(void)state;
	opp_port_init(&port, NULL, NULL, &env);
	for (int i = 0; i < CLIENTS; i++)
		start(&clients[i], i);
	pthread_create(&deferred, NULL, deferred_thread, NULL);
	pthread_create(&interrupt, NULL, interrupt_thread, NULL);
	for (int i = 0; i < CLIENTS; i++)
		pthread_create(&threads[i], NULL, client_thread, &clients[i]);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(interrupt, NULL);
	atomic_store(&all_done, true);
	pthread_join(deferred, NULL);

	assert_false(atomic_load(&give_up));
	assert_int_equal(atomic_load(&broken_rules), 0);
	assert_int_equal(holder_writes, atomic_load(&turns));
	assert_int_equal(opp_port_state_locked(&port, 0), OPP_PORT_FREE);
	assert_int_equal(opp_port_waiters_locked(&port), 0);
	assert_int_equal(port.counters.allocates, port.counters.frees);
	for (int i = 0; i < CLIENTS; i++) {
		assert_int_equal(clients[i].ends, clients[i].asked);
		assert_int_equal(clients[i].file.requests.count, 0);
	}
	print_message("# %llu turns\n", (unsigned long long)atomic_load(&turns));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-047 C-107 threads and an interrupt: one holder, each request ends once",
		  test_stress, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
