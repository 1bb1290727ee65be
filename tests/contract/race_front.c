/* SPDX-License-Identifier: MIT */
/*
 * See race_front.h.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "race_front.h"

#define STEP_BUDGET_NS 50000

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	print_error("%s:%d: %s: got %lld, wanted %lld\n", file, line, what, got, wanted);
	abort();
}

static struct packet *packet_of(struct opp_request *request)
{
	return OPP_NODE(request, struct packet, request);
}

/* ---- the front end ------------------------------------------------------------------------- */

static void op_lock(void *context)
{
	struct scene *scene = context;

	pthread_mutex_lock(&scene->lock);
}

static void op_unlock(void *context)
{
	struct scene *scene = context;

	pthread_mutex_unlock(&scene->lock);
}

static uint64_t op_now_us(void *context)
{
	(void)context;
	return 1;
}

static bool op_pend(void *context, struct opp_request *request, bool cancelable)
{
	(void)context;
	atomic_store(&packet_of(request)->cancelable, cancelable);
	return true;
}

static bool op_take(void *context, struct opp_request *request)
{
	(void)context;
	return atomic_exchange(&packet_of(request)->cancelable, false);
}

static void end_awaited(struct scene *scene, struct opp_request *request)
{
	pthread_mutex_lock(&scene->lock);
	request->ended = true;
	pthread_cond_broadcast(&scene->ends);
	pthread_mutex_unlock(&scene->lock);
}

static void op_complete(void *context, struct opp_request *request)
{
	struct packet *packet = packet_of(request);

	if (request->awaited) {
		end_awaited(context, request);
		return;
	}
	packet->status = request->status;
	atomic_fetch_add(&packet->completions, 1);
}

static void op_settle_later(void *context)
{
	(void)context;
}

static void op_step_later(void *context)
{
	struct scene *scene = context;

	scene->step_asked = true;
	pthread_cond_signal(&scene->work);
}

static void op_synchronize(void *context, void (*change)(void *argument), void *argument)
{
	struct scene *scene = context;

	pthread_mutex_lock(&scene->interrupt);
	change(argument);
	pthread_mutex_unlock(&scene->interrupt);
}

static bool op_connect_enabled(void *context)
{
	(void)context;
	return true;
}

static void op_await(void *context, struct opp_request *request)
{
	struct scene *scene = context;

	pthread_mutex_lock(&scene->lock);
	while (!request->ended)
		pthread_cond_wait(&scene->ends, &scene->lock);
	pthread_mutex_unlock(&scene->lock);
}

static void op_devices_changed(void *context)
{
	(void)context;
}

static const struct opp_contract_ops ops = {
	.lock = op_lock,
	.unlock = op_unlock,
	.now_us = op_now_us,
	.pend = op_pend,
	.take = op_take,
	.complete = op_complete,
	.await = op_await,
	.devices_changed = op_devices_changed,
	.settle_later = op_settle_later,
	.step_later = op_step_later,
	.synchronize = op_synchronize,
	.connect_enabled = op_connect_enabled,
};

/* Long enough for others to come in between. */
static void wire_touched(void *context, uint32_t ns)
{
	struct scene *scene = context;

	(void)ns;
	if (atomic_exchange(&scene->on_wire, true) || atomic_load(&scene->off))
		atomic_fetch_add(&scene->collisions, 1);
	sched_yield();
	atomic_store(&scene->on_wire, false);
}

static void op_broken(void *context, const char *what)
{
	(void)context;
	print_error("%s\n", what);
	abort();
}

enum opp_status race_submit(struct scene *scene, struct opp_request *request, uint8_t major,
			    uint32_t code, int file)
{
	*request = (struct opp_request){ .major = major,
					 .code = code,
					 .client = &scene->clients[file] };
	return opp_contract_submit(&scene->port, request);
}

enum opp_status race_ask(struct scene *scene, uint8_t major, uint32_t code, int file)
{
	struct opp_request request;

	return race_submit(scene, &request, major, code, file);
}

void race_begin(struct scene *scene, unsigned threads)
{
	static const uint16_t port_name[] = { 'L', 'P', 'T', '1', 0 };
	const struct chain_watch watch = { wire_touched, op_broken, scene };

	scene->description.port_name = port_name;
	scene->description.interrupt_object = scene;
	chain_hw_init(&scene->chain, OPP_HW_CAN_FIFO, 2, &watch);
	scene->description.most_devices = 2;
	pthread_mutex_init(&scene->lock, NULL);
	pthread_cond_init(&scene->work, NULL);
	pthread_cond_init(&scene->ends, NULL);
	pthread_mutex_init(&scene->interrupt, NULL);
	pthread_barrier_init(&scene->start, NULL, threads);
	pthread_barrier_init(&scene->end, NULL, threads);
	assert_int_equal(opp_contract_init(&scene->port, &scene->description,
					   chain_port(&scene->chain), &ops, scene),
			 OPP_SUCCESS);
	for (int file = 0; file < 3; file++)
		assert_int_equal(race_ask(scene, IRP_MJ_CREATE, 0, file), OPP_SUCCESS);
}

void race_end(struct scene *scene)
{
	for (int file = 0; file < 3; file++) {
		assert_int_equal(race_ask(scene, IRP_MJ_CLEANUP, 0, file), OPP_SUCCESS);
		assert_int_equal(race_ask(scene, IRP_MJ_CLOSE, 0, file), OPP_SUCCESS);
	}
	pthread_barrier_destroy(&scene->start);
	pthread_barrier_destroy(&scene->end);
	pthread_cond_destroy(&scene->work);
	pthread_cond_destroy(&scene->ends);
	pthread_mutex_destroy(&scene->lock);
	pthread_mutex_destroy(&scene->interrupt);
}

/* Whoever is telling clients at that moment tells this one too. */
void race_wait_for(struct packet *packet)
{
	while (!atomic_load(&packet->completions))
		sched_yield();
}

/* The clock stands, so nobody's patience ends: who waits in line is served when it is asked for. */
void *race_work(void *argument)
{
	struct scene *scene = argument;

	pthread_mutex_lock(&scene->lock);
	while (!atomic_load(&scene->over) || scene->step_asked) {
		if (!scene->step_asked) {
			pthread_cond_wait(&scene->work, &scene->lock);
			continue;
		}
		scene->step_asked = false;
		pthread_mutex_unlock(&scene->lock);
		while (opp_contract_step(&scene->port, STEP_BUDGET_NS) == OPP_STEP_AGAIN)
			;
		pthread_mutex_lock(&scene->lock);
	}
	pthread_mutex_unlock(&scene->lock);
	return NULL;
}

void race_end_work(struct scene *scene, pthread_t worker)
{
	pthread_mutex_lock(&scene->lock);
	pthread_cond_signal(&scene->work);
	pthread_mutex_unlock(&scene->lock);
	pthread_join(worker, NULL);
}
