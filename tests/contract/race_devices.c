/* SPDX-License-Identifier: MIT */
/*
 * Devices of one port under real threads: one locks and calls back, one writes and is
 * cancelled, one asks what is always answered, and a client of the port is in between.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "race_front.h"

#define ROUNDS 200

static struct scene scene;
static struct opp_client files[2]; /* of devices 0 and 1 */
static struct packet writing;      /* of device 1 */
static atomic_uint cancelled;

static struct opp_request to_device(uint8_t place, uint8_t major, uint32_t code)
{
	return (struct opp_request){
		.object = OPP_OBJECT_DEVICE,
		.device = opp_contract_device(&scene.port, place),
		.client = &files[place],
		.major = major,
		.code = code,
	};
}

/* To its end. */
static enum opp_status send(struct packet *packet, struct opp_request request)
{
	packet->request = request;
	atomic_store(&packet->completions, 0);
	if (opp_contract_submit(&scene.port, &packet->request) != OPP_PENDING)
		return packet->request.status;
	race_wait_for(packet);
	assert_int_equal(atomic_load(&packet->completions), 1);
	return packet->status;
}

static void connect_to(uint8_t place, struct PARCLASS_INFORMATION *info)
{
	struct packet packet;
	struct opp_request request = to_device(place, INTERNAL, IOCTL_INTERNAL_PARCLASS_CONNECT);

	request.buffer = info;
	request.output_bytes = sizeof(*info);
	assert_int_equal(send(&packet, request), OPP_SUCCESS);
}

static void *lock_and_call(void *unused)
{
	struct PARCLASS_INFORMATION info;
	char bytes[] = "abc";

	(void)unused;
	connect_to(0, &info);
	for (int i = 0; i < ROUNDS; i++) {
		struct packet packet;
		uint32_t moved = 0;

		assert_int_equal(send(&packet, to_device(0, INTERNAL, IOCTL_INTERNAL_LOCK_PORT)),
				 OPP_SUCCESS);
		assert_int_equal(scene.chain.selected, 0);
		assert_int_equal(info.ParallelWrite(info.ParclassContext, bytes, 3, &moved, 0), 0);
		assert_int_equal(moved, 3);
		assert_int_equal(scene.chain.selected, 0);
		assert_int_equal(send(&packet, to_device(0, INTERNAL, IOCTL_INTERNAL_UNLOCK_PORT)),
				 OPP_SUCCESS);
	}
	return NULL;
}

static void *write_on_and_on(void *unused)
{
	static char bytes[] = "some more bytes";

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		struct opp_request request = to_device(1, IRP_MJ_WRITE, 0);
		enum opp_status status;

		request.buffer = bytes;
		request.input_bytes = sizeof(bytes);
		status = send(&writing, request);
		assert_true(status == OPP_SUCCESS || status == OPP_CANCELLED);
		atomic_fetch_add(&cancelled, status == OPP_CANCELLED);
		if (status == OPP_SUCCESS)
			assert_int_equal(writing.request.information, sizeof(bytes));
	}
	return NULL;
}

/* Ends with the others: its request may be gone as soon as it has ended. */
static void *cancel_now_and_then(void *unused)
{
	(void)unused;
	while (!atomic_load(&scene.over)) {
		if (atomic_exchange(&writing.cancelable, false))
			opp_contract_cancel(&scene.port, &writing.request);
		sched_yield();
	}
	return NULL;
}

static void *allocate_in_between(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		struct packet packet;
		struct opp_request request = { .major = INTERNAL,
					       .code = IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE,
					       .client = &scene.clients[0] };

		assert_int_equal(send(&packet, request), OPP_SUCCESS);
		assert_int_equal(scene.chain.selected, END_OF_CHAIN);
		assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 0),
				 OPP_SUCCESS);
	}
	return NULL;
}

static void ask_now(uint32_t code, void *answer, uint32_t bytes)
{
	struct opp_request request = to_device(0, IRP_MJ_DEVICE_CONTROL, code);

	request.buffer = answer;
	request.output_bytes = bytes;
	assert_int_equal(opp_contract_submit(&scene.port, &request), OPP_SUCCESS);
	assert_int_equal(request.information, bytes);
}

static void *ask_for_the_port(void *unused)
{
	(void)unused;
	while (!atomic_load(&scene.over)) {
		struct OPENPARPORT_STATUS status;
		uint8_t is_free;

		ask_now(IOCTL_PAR_IS_PORT_FREE, &is_free, sizeof(is_free));
		ask_now(IOCTL_OPENPARPORT_QUERY_STATUS, &status, sizeof(status));
		assert_int_equal(status.State == OPENPARPORT_HELD ||
					 status.State == OPENPARPORT_GRANTING,
				 status.HolderKind != OPENPARPORT_HOLDER_NOBODY);
		assert_int_equal(status.Allocates - status.Frees,
				 status.State == OPENPARPORT_HELD ||
					 status.State == OPENPARPORT_GRANTING);
		sched_yield();
	}
	return NULL;
}

static void open_and_close(uint8_t major)
{
	for (uint8_t place = 0; place < 2; place++) {
		struct packet packet;

		assert_int_equal(send(&packet, to_device(place, major, 0)), OPP_SUCCESS);
	}
}

void race_devices(void **state)
{
	static void *(*const users[])(void *unused) = { lock_and_call, write_on_and_on,
							allocate_in_between };
	static void *(*const spoilers[])(void *unused) = { cancel_now_and_then, ask_for_the_port };
	pthread_t threads[3];
	pthread_t others[2];
	pthread_t worker;

	(void)state;
	race_begin(&scene, 1);
	assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_INIT_1284_3_BUS, 0),
			 OPP_SUCCESS);
	open_and_close(IRP_MJ_CREATE);
	assert_int_equal(pthread_create(&worker, NULL, race_work, &scene), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&others[i], NULL, spoilers[i], NULL), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, users[i], NULL), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&scene.over, true);
	for (int i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	race_end_work(&scene, worker);
	open_and_close(IRP_MJ_CLOSE);
	assert_true(atomic_load(&cancelled) > 0);
	assert_int_equal(atomic_load(&scene.collisions), 0);
	assert_false(scene.chain.confused);
	assert_int_equal(scene.chain.selected, END_OF_CHAIN);
	assert_int_equal(scene.port.port.counters.allocates, scene.port.port.counters.frees);
	race_end(&scene);
}
