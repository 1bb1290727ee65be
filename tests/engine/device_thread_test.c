/* SPDX-License-Identifier: MIT */
/*
 * Real threads at one device: some write and call off, one steps the wire without the lock.
 * What the writes say they moved is what was printed, and ThreadSanitizer has no complaint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include <openparport/device.h>

#include "rig.h"

#define WRITERS 3u
#define WRITES  200u
#define BYTES   5u

static struct rig rig; /* the worker's */
static struct opp_protocol protocol;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all from here */
static struct opp_port port;
static struct opp_device device;
static uint64_t now_us;
static uint32_t writers;

static struct writer {
	pthread_t thread;
	struct opp_device_req req;
	bool told;
	size_t moved; /* in all */
	bool failed;  /* an end that cannot be */
} crew[WRITERS];

static uint8_t text[BYTES];

static void tell_locked(void)
{
	struct opp_device_req *req;
	struct opp_event event;

	if (opp_port_begin_events_locked(&port))
		while (opp_port_next_event_locked(&port, &event, now_us))
			opp_device_granted_locked(&device, now_us);
	while ((req = opp_device_next_finished_locked(&device)))
		OPP_NODE(req, struct writer, req)->told = true;
}

static enum opp_step step(void)
{
	enum opp_step step = opp_device_step(&device, rig.hw, &protocol, rig.sim.now_ns / 1000, 1);

	if (step == OPP_STEP_WAIT)
		rig_pass_ns(&rig, 1000);
	return step;
}

/* Nothing is left to be undone in compatibility mode: the port never asks for the wire. */
static void *work(void *context)
{
	enum opp_step how;

	pthread_mutex_lock(&lock);
	while (writers) {
		now_us = rig.sim.now_ns / 1000;
		tell_locked();
		if (device.state != OPP_DEVICE_WORKING) {
			pthread_mutex_unlock(&lock);
			sched_yield();
			pthread_mutex_lock(&lock);
			continue;
		}
		pthread_mutex_unlock(&lock);
		how = step();
		pthread_mutex_lock(&lock);
		if (how == OPP_STEP_DONE)
			opp_device_stepped_locked(&device, now_us);
	}
	pthread_mutex_unlock(&lock);
	return context;
}

static void await_end(struct writer *writer, bool calls_off)
{
	bool told = false;

	while (!told) {
		sched_yield();
		pthread_mutex_lock(&lock);
		if (calls_off)
			(void)opp_device_cancel_locked(&device, &writer->req);
		calls_off = false;
		told = writer->told;
		pthread_mutex_unlock(&lock);
	}
}

static void *write_all(void *context)
{
	struct writer *writer = context;
	const size_t index = (size_t)(writer - crew);

	for (uint32_t i = 0; i < WRITES; i++) {
		const bool calls_off = (i + index) % 3 == 0;

		pthread_mutex_lock(&lock);
		writer->req = (struct opp_device_req){ .op = OPP_DO_WRITE,
						       .bytes = text,
						       .length = BYTES };
		writer->told = false;
		(void)opp_device_submit_locked(&device, &writer->req, now_us);
		pthread_mutex_unlock(&lock);
		await_end(writer, calls_off);
		writer->moved += writer->req.moved;
		if (writer->req.status != OPP_SUCCESS && !calls_off)
			writer->failed = true;
	}
	pthread_mutex_lock(&lock);
	writers--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void test_threads(void **state)
{
	size_t moved = 0;
	pthread_t worker;

	(void)state;
	rig_start_printing(&rig, NULL, 1000);
	opp_protocol_init(&protocol, 0);
	opp_port_init(&port, NULL, NULL, &rig.env);
	opp_device_init(&device, &port, OPP_PLACE_RAW, NULL, NULL);
	assert_int_equal(opp_device_open_locked(&device, false), OPP_SUCCESS);
	device.lock_timeout_us = UINT64_MAX;
	writers = WRITERS;
	assert_int_equal(pthread_create(&worker, NULL, work, NULL), 0);
	for (uint32_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&crew[i].thread, NULL, write_all, &crew[i]), 0);
	for (uint32_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(crew[i].thread, NULL), 0);
	assert_int_equal(pthread_join(worker, NULL), 0);
	rig_pass_ns(&rig, 1000000);
	for (uint32_t i = 0; i < WRITERS; i++) {
		assert_false(crew[i].failed);
		moved += crew[i].moved;
	}
	assert_int_equal(rig.printed, moved);
	assert_true(moved >= (size_t)WRITERS * WRITES * BYTES / 2);
	assert_int_equal(opp_port_state_locked(&port, now_us), OPP_PORT_FREE);
	assert_int_equal(rig_host_errors(&rig), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "writers of a device and its worker in threads of their own", test_threads, NULL,
		  NULL, NULL },
	};

	return cmocka_run_group_tests_name("device_threads", tests, NULL, NULL);
}
