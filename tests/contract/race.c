/* SPDX-License-Identifier: MIT */
/*
 * The contract under real threads: a free against a cancel, and a disconnect
 * against the deferred routine it takes out. Run under ThreadSanitizer too.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openparport/contract.h>

#define ROUNDS 20000

struct packet {
	struct opp_request request;
	atomic_bool cancelable; /* its cancel routine is set */
	atomic_uint completions;
	enum opp_status status;
};

struct scene {
	struct opp_contract_port port;
	struct opp_port_description description;
	struct opp_env env;
	struct opp_hw hw;
	struct opp_client clients[3];
	struct packet packets[2]; /* of files 1 and 2 */
	pthread_mutex_t lock;
	pthread_mutex_t interrupt;
	pthread_barrier_t start;
	pthread_barrier_t end;
	atomic_uint stolen; /* grants by TryAllocatePort */
	atomic_bool over;
};

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

static void op_complete(void *context, struct opp_request *request)
{
	struct packet *packet = packet_of(request);

	(void)context;
	packet->status = request->status;
	atomic_fetch_add(&packet->completions, 1);
}

static void op_settle_later(void *context)
{
	(void)context;
}

static void op_step_later(void *context)
{
	(void)context;
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

static const struct opp_contract_ops ops = {
	.lock = op_lock,
	.unlock = op_unlock,
	.now_us = op_now_us,
	.pend = op_pend,
	.take = op_take,
	.complete = op_complete,
	.settle_later = op_settle_later,
	.step_later = op_step_later,
	.synchronize = op_synchronize,
	.connect_enabled = op_connect_enabled,
};

static void op_broken(void *context, const char *what)
{
	(void)context;
	print_error("%s\n", what);
	abort();
}

static enum opp_status submit(struct scene *scene, struct opp_request *request, uint8_t major,
			      uint32_t code, int file)
{
	*request = (struct opp_request){ .major = major,
					 .code = code,
					 .client = &scene->clients[file] };
	return opp_contract_submit(&scene->port, request);
}

static enum opp_status ask(struct scene *scene, uint8_t major, uint32_t code, int file)
{
	struct opp_request request;

	return submit(scene, &request, major, code, file);
}

#define INTERNAL IRP_MJ_INTERNAL_DEVICE_CONTROL

static void begin(struct scene *scene, unsigned threads)
{
	scene->description.interrupt_object = scene;
	scene->env.broken = op_broken;
	scene->hw.env = &scene->env;
	pthread_mutex_init(&scene->lock, NULL);
	pthread_mutex_init(&scene->interrupt, NULL);
	pthread_barrier_init(&scene->start, NULL, threads);
	pthread_barrier_init(&scene->end, NULL, threads);
	opp_contract_init(&scene->port, &scene->description, &scene->hw, &ops, scene);
	for (int file = 0; file < 3; file++)
		assert_int_equal(ask(scene, IRP_MJ_CREATE, 0, file), OPP_SUCCESS);
}

static void end(struct scene *scene)
{
	for (int file = 0; file < 3; file++) {
		assert_int_equal(ask(scene, IRP_MJ_CLEANUP, 0, file), OPP_SUCCESS);
		assert_int_equal(ask(scene, IRP_MJ_CLOSE, 0, file), OPP_SUCCESS);
	}
	pthread_barrier_destroy(&scene->start);
	pthread_barrier_destroy(&scene->end);
	pthread_mutex_destroy(&scene->lock);
	pthread_mutex_destroy(&scene->interrupt);
}

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

/* Whoever is telling clients at that moment tells this one too. */
static void wait_for(struct packet *packet)
{
	while (!atomic_load(&packet->completions))
		sched_yield();
}

static const struct opp_client *holder_of(struct scene *scene)
{
	const struct opp_client *holder;

	op_lock(scene);
	holder = scene->port.port.holder;
	op_unlock(scene);
	return holder;
}

static void one_round(struct scene *scene)
{
	struct packet *packets = scene->packets;

	for (int i = 0; i < 2; i++) {
		atomic_store(&packets[i].completions, 0);
		assert_int_equal(submit(scene, &packets[i].request, INTERNAL,
					IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, i + 1),
				 OPP_PENDING);
	}
	pthread_barrier_wait(&scene->start);
	assert_int_equal(ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 0), OPP_SUCCESS);
	pthread_barrier_wait(&scene->end);
	wait_for(&packets[0]);
	if (packets[0].status == OPP_SUCCESS) {
		assert_ptr_equal(holder_of(scene), &scene->clients[1]);
		assert_int_equal(atomic_load(&packets[1].completions), 0);
	} else {
		assert_int_equal(packets[0].status, OPP_CANCELLED);
		wait_for(&packets[1]);
		assert_ptr_equal(holder_of(scene), &scene->clients[2]);
		assert_int_equal(packets[1].status, OPP_SUCCESS);
	}
}

/* Back to file 0 as the holder, handed over, so that the port is never free. */
static void hand_back(struct scene *scene)
{
	struct packet back = { .completions = 0 };

	assert_int_equal(
		submit(scene, &back.request, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 0),
		OPP_PENDING);
	if (scene->packets[0].status == OPP_SUCCESS)
		assert_int_equal(ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 1),
				 OPP_SUCCESS);
	assert_int_equal(ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 2), OPP_SUCCESS);
	wait_for(&back);
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
	begin(&scene, 2);
	assert_int_equal(ask(&scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 0),
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
	end(&scene);
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
		ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 0);
		ask(scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 0);
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
		wait_for(&packet);
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
	begin(&scene, 1);
	assert_int_equal(pthread_create(&user, NULL, allocate_and_free, &scene), 0);
	for (int i = 0; i < ROUNDS || atomic_load(&client.calls) == 0; i++)
		connect_and_disconnect(&scene, &client);
	atomic_store(&scene.over, true);
	pthread_join(user, NULL);
	assert_int_equal(atomic_load(&client.calls_too_late), 0);
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-047 C-037 a free races with a cancel", free_against_cancel, NULL, NULL, NULL },
		{ "C-105 a disconnect races with the routine it takes out",
		  disconnect_against_routine, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
