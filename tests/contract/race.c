/* SPDX-License-Identifier: MIT */
/*
 * The contract under real threads: a free against a cancel, a disconnect against
 * the deferred routine it takes out, callers against the worker on the wire. Run
 * under ThreadSanitizer too.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "race_front.h"

#define ROUNDS      20000
#define WIRE_ROUNDS 100

/* ---- free against cancel ---------------------------------------------------------------------- */

static void *cancel_each_round(void *argument)
{
	struct scene *scene = argument;
	struct packet *packet = &scene->packets[0];

	for (;;) {
		pthread_barrier_wait(&scene->start);
		if (atomic_load(&scene->over))
			return NULL;
		if (atomic_exchange(&packet->cancelable, false))
			opp_contract_cancel(&scene->port, &packet->request);
		pthread_barrier_wait(&scene->end);
	}
}

/* Somebody always holds the port in this scene, so that a try must never succeed. */
static void *steal(void *argument)
{
	struct scene *scene = argument;
	struct PARALLEL_PORT_INFORMATION info;
	struct opp_request request = { .major = INTERNAL,
				       .code = IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO,
				       .buffer = &info,
				       .output_bytes = sizeof(info) };

	opp_contract_submit(&scene->port, &request);
	while (!atomic_load(&scene->over)) {
		if (info.TryAllocatePort(info.Context))
			atomic_fetch_add(&scene->stolen, 1);
	}
	return NULL;
}

static const struct opp_client *holder_of(struct scene *scene)
{
	const struct opp_client *holder;

	pthread_mutex_lock(&scene->lock);
	holder = scene->port.port.holder;
	pthread_mutex_unlock(&scene->lock);
	return holder;
}

static void one_round(struct scene *scene)
{
	struct packet *packets = scene->packets;

	for (int i = 0; i < 2; i++) {
		atomic_store(&packets[i].completions, 0);
		assert_int_equal(race_submit(scene, &packets[i].request, INTERNAL,
					     IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, i + 1),
				 OPP_PENDING);
	}
	pthread_barrier_wait(&scene->start);
	assert_int_equal(race_ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 0),
			 OPP_SUCCESS);
	pthread_barrier_wait(&scene->end);
	race_wait_for(&packets[0]);
	if (packets[0].status == OPP_SUCCESS) {
		assert_ptr_equal(holder_of(scene), &scene->clients[1]);
		assert_int_equal(atomic_load(&packets[1].completions), 0);
	} else {
		assert_int_equal(packets[0].status, OPP_CANCELLED);
		race_wait_for(&packets[1]);
		assert_ptr_equal(holder_of(scene), &scene->clients[2]);
		assert_int_equal(packets[1].status, OPP_SUCCESS);
	}
}

/* Back to file 0 as the holder, handed over, so that the port is never free. */
static void hand_back(struct scene *scene)
{
	struct packet back = { .completions = 0 };

	assert_int_equal(race_submit(scene, &back.request, INTERNAL,
				     IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 0),
			 OPP_PENDING);
	if (scene->packets[0].status == OPP_SUCCESS)
		assert_int_equal(race_ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 1),
				 OPP_SUCCESS);
	assert_int_equal(race_ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 2),
			 OPP_SUCCESS);
	race_wait_for(&back);
	assert_int_equal(back.status, OPP_SUCCESS);
	for (int i = 0; i < 2; i++)
		assert_int_equal(atomic_load(&scene->packets[i].completions), 1);
}

static void free_against_cancel(void **state)
{
	static struct scene scene;
	pthread_t canceller;
	pthread_t thief;

	(void)state;
	race_begin(&scene, 2);
	assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 0),
			 OPP_SUCCESS);
	assert_int_equal(pthread_create(&canceller, NULL, cancel_each_round, &scene), 0);
	assert_int_equal(pthread_create(&thief, NULL, steal, &scene), 0);
	for (int i = 0; i < ROUNDS; i++) {
		one_round(&scene);
		hand_back(&scene);
	}
	atomic_store(&scene.over, true);
	pthread_barrier_wait(&scene.start);
	pthread_join(canceller, NULL);
	pthread_join(thief, NULL);
	assert_int_equal(atomic_load(&scene.stolen), 0);
	race_end(&scene);
}

/* ---- disconnect against a running deferred routine ------------------------------------------------ */

struct client {
	atomic_bool connected;
	atomic_uint calls;
	atomic_uint calls_too_late;
};

static void OPP_NTAPI deferred(void *context)
{
	struct client *client = context;

	atomic_fetch_add(&client->calls, 1);
	if (!atomic_load(&client->connected))
		atomic_fetch_add(&client->calls_too_late, 1);
	sched_yield();
	if (!atomic_load(&client->connected))
		atomic_fetch_add(&client->calls_too_late, 1);
}

static void *allocate_and_free(void *argument)
{
	struct scene *scene = argument;

	while (!atomic_load(&scene->over)) {
		race_ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 0);
		race_ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 0);
	}
	return NULL;
}

static void connect_and_disconnect(struct scene *scene, struct client *client)
{
	const struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routines = {
		.DeferredPortCheckRoutine = deferred,
		.DeferredPortCheckContext = client,
	};
	union {
		struct PARALLEL_INTERRUPT_SERVICE_ROUTINE in;
		struct PARALLEL_INTERRUPT_INFORMATION out;
	} buffer = { .in = routines };
	struct packet packet = { .request = { .major = INTERNAL,
					      .code = IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT,
					      .buffer = &buffer,
					      .input_bytes = sizeof(buffer.in),
					      .output_bytes = sizeof(buffer.out) } };

	atomic_store(&client->connected, true);
	assert_int_equal(opp_contract_submit(&scene->port, &packet.request), OPP_SUCCESS);
	sched_yield();
	buffer.in = routines;
	packet.request.code = IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT;
	if (opp_contract_submit(&scene->port, &packet.request) == OPP_PENDING) {
		race_wait_for(&packet);
		assert_int_equal(packet.status, OPP_SUCCESS);
	}
	atomic_store(&client->connected, false);
}

static void disconnect_against_routine(void **state)
{
	static struct scene scene;
	struct client client = { .calls = 0 };
	pthread_t user;

	(void)state;
	race_begin(&scene, 1);
	assert_int_equal(pthread_create(&user, NULL, allocate_and_free, &scene), 0);
	for (int i = 0; i < ROUNDS || atomic_load(&client.calls) == 0; i++)
		connect_and_disconnect(&scene, &client);
	atomic_store(&scene.over, true);
	pthread_join(user, NULL);
	assert_int_equal(atomic_load(&client.calls_too_late), 0);
	race_end(&scene);
}

/* ---- callers and the worker on the wire ------------------------------------------------------------ */

static enum opp_status command(struct scene *scene, struct packet *packet, uint32_t code, int file,
			       uint32_t flags, uint8_t id)
{
	struct PARALLEL_1284_COMMAND buffer = { .ID = id, .CommandFlags = flags };
	enum opp_status status;

	packet->request = (struct opp_request){ .major = INTERNAL,
						.code = code,
						.client = &scene->clients[file],
						.buffer = &buffer,
						.input_bytes = sizeof(buffer) };
	atomic_store(&packet->completions, 0);
	status = opp_contract_submit(&scene->port, &packet->request);
	if (status != OPP_PENDING)
		return status;
	race_wait_for(packet);
	return packet->status;
}

static enum opp_status allocate(struct scene *scene, struct packet *packet, int file)
{
	enum opp_status status;

	atomic_store(&packet->completions, 0);
	status = race_submit(scene, &packet->request, INTERNAL,
			     IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, file);
	if (status != OPP_PENDING)
		return status;
	race_wait_for(packet);
	return packet->status;
}

static enum opp_status give_back(struct scene *scene, int file)
{
	return race_ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, file);
}

/* File 0: a device by the worker. */
static void *select_and_free(void *argument)
{
	struct scene *scene = argument;
	struct packet packet;

	for (int i = 0; i < WIRE_ROUNDS; i++) {
		const uint8_t id = i & 1;

		assert_int_equal(command(scene, &packet, IOCTL_INTERNAL_SELECT_DEVICE, 0, 0, id),
				 OPP_SUCCESS);
		assert_int_equal(scene->chain.selected, id);
		assert_int_equal(give_back(scene, 0), OPP_SUCCESS);
	}
	return NULL;
}

/* File 1: its own threads disagree, so that it is freed while it selects. */
static void *select_as_holder(void *argument)
{
	struct scene *scene = argument;
	struct packet packet;

	for (int i = 0; i < WIRE_ROUNDS; i++) {
		assert_int_equal(allocate(scene, &packet, 1), OPP_SUCCESS);
		(void)command(scene, &packet, IOCTL_INTERNAL_SELECT_DEVICE, 1,
			      PAR_HAVE_PORT_KEEP_PORT, 1);
		(void)give_back(scene, 1);
	}
	return NULL;
}

static void *free_now_and_then(void *argument)
{
	struct scene *scene = argument;

	while (!atomic_load(&scene->over)) {
		(void)give_back(scene, 1);
		sched_yield();
	}
	return NULL;
}

/* File 2: the port as it should be found; a chip mode left set. */
static void *allocate_and_look(void *argument)
{
	struct scene *scene = argument;
	struct packet packet;
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = OPP_CHIP_ECP };

	for (int i = 0; i < WIRE_ROUNDS; i++) {
		struct opp_request set = { .major = INTERNAL,
					   .code = IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE,
					   .client = &scene->clients[2],
					   .buffer = &mode,
					   .input_bytes = sizeof(mode) };

		assert_int_equal(allocate(scene, &packet, 2), OPP_SUCCESS);
		assert_int_equal(scene->chain.selected, END_OF_CHAIN);
		assert_int_equal(scene->chain.mode, OPP_CHIP_SPP);
		assert_int_equal(opp_contract_submit(&scene->port, &set), OPP_SUCCESS);
		assert_int_equal(scene->chain.mode, OPP_CHIP_ECP);
		assert_int_equal(give_back(scene, 2), OPP_SUCCESS);
	}
	return NULL;
}

static void one_drives(void **state)
{
	static void *(*const users[])(void *argument) = { select_and_free, select_as_holder,
							  allocate_and_look };
	static struct scene scene;
	pthread_t threads[3];
	pthread_t worker;
	pthread_t spoiler;

	(void)state;
	race_begin(&scene, 1);
	assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_INIT_1284_3_BUS, 0),
			 OPP_SUCCESS);
	assert_int_equal(pthread_create(&worker, NULL, race_work, &scene), 0);
	assert_int_equal(pthread_create(&spoiler, NULL, free_now_and_then, &scene), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, users[i], &scene), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&scene.over, true);
	pthread_join(spoiler, NULL);
	race_end_work(&scene, worker);
	assert_int_equal(atomic_load(&scene.collisions), 0);
	assert_false(scene.chain.confused);
	assert_int_equal(scene.chain.selected, END_OF_CHAIN);
	assert_int_equal(scene.chain.mode, OPP_CHIP_SPP);
	assert_int_equal(scene.port.port.counters.allocates, scene.port.port.counters.frees);
	race_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-047 C-037 a free races with a cancel", free_against_cancel, NULL, NULL, NULL },
		{ "C-105 a disconnect races with the routine it takes out",
		  disconnect_against_routine, NULL, NULL, NULL },
		{ "C-030 C-084 callers and the worker take turns on the wire", one_drives, NULL,
		  NULL, NULL },
		{ "C-156 C-159 devices, their callbacks and cancels under threads", race_devices,
		  NULL, NULL, NULL },
		{ "the power goes and comes back under threads", race_power, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
