/* SPDX-License-Identifier: MIT */
/*
 * A port that loses its power and gets it back again and again, under real threads: one
 * selects, one sets chip modes, one writes to a device, one takes the port at interrupt
 * level.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "race_front.h"

#define ROUNDS 150

static struct scene scene;
static struct opp_client device_file; /* of device 1 */
static atomic_bool enough;            /* the users stop, then the worker */
static atomic_uint cut;               /* writes that the power has ended */

/* To its end. */
static enum opp_status send(struct packet *packet)
{
	atomic_store(&packet->completions, 0);
	if (opp_contract_submit(&scene.port, &packet->request) != OPP_PENDING)
		return packet->request.status;
	race_wait_for(packet);
	assert_int_equal(atomic_load(&packet->completions), 1);
	return packet->status;
}

static struct packet to_port(uint32_t code, int file, void *buffer, uint32_t bytes)
{
	return (struct packet){ .request = { .major = INTERNAL,
					     .code = code,
					     .client = &scene.clients[file],
					     .buffer = buffer,
					     .input_bytes = bytes } };
}

static void *select_and_free(void *unused)
{
	(void)unused;
	while (!atomic_load(&enough)) {
		struct PARALLEL_1284_COMMAND device = { .ID = 1 };
		struct packet packet =
			to_port(IOCTL_INTERNAL_SELECT_DEVICE, 0, &device, sizeof(device));

		assert_int_equal(send(&packet), OPP_SUCCESS);
		assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 0),
				 OPP_SUCCESS);
	}
	return NULL;
}

/* The holder is refused its wire while there is no power. */
static void *set_mode_and_free(void *unused)
{
	(void)unused;
	while (!atomic_load(&enough)) {
		struct PARALLEL_CHIP_MODE mode = { .ModeFlags = OPP_CHIP_ECP };
		struct packet packet = to_port(IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, 1, NULL, 0);
		enum opp_status status;

		assert_int_equal(send(&packet), OPP_SUCCESS);
		packet = to_port(IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, 1, &mode, sizeof(mode));
		status = send(&packet);
		assert_true(status == OPP_SUCCESS || status == OPP_INVALID_DEVICE_STATE);
		assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_PARALLEL_PORT_FREE, 1),
				 OPP_SUCCESS);
	}
	return NULL;
}

static struct packet to_device(uint8_t major)
{
	return (struct packet){ .request = { .object = OPP_OBJECT_DEVICE,
					     .device = opp_contract_device(&scene.port, 1),
					     .client = &device_file,
					     .major = major } };
}

static void *write_on_and_on(void *unused)
{
	static char bytes[] = "some more bytes";

	(void)unused;
	while (!atomic_load(&enough)) {
		struct packet packet = to_device(IRP_MJ_WRITE);
		enum opp_status status;

		packet.request.buffer = bytes;
		packet.request.input_bytes = sizeof(bytes);
		status = send(&packet);
		assert_true(status == OPP_SUCCESS || status == OPP_DEVICE_POWERED_OFF);
		assert_true(packet.request.information <= sizeof(bytes));
		assert_true(status != OPP_SUCCESS || packet.request.information == sizeof(bytes));
		atomic_fetch_add(&cut, status == OPP_DEVICE_POWERED_OFF);
	}
	return NULL;
}

static void *take_at_interrupt(void *unused)
{
	struct opp_contract_port *port = &scene.port;

	(void)unused;
	while (!atomic_load(&enough)) {
		if (opp_port_try_allocate_at_interrupt(&port->port)) {
			sched_yield();
			assert_true(opp_port_free_at_interrupt(&port->port));
			opp_contract_settle(port);
		}
		sched_yield();
	}
	return NULL;
}

/* Quiet is quiet: from here on nobody is on the wire, whose state can be thrown away. */
static void lose_power(void)
{
	while (!opp_contract_suspend(&scene.port))
		sched_yield();
	atomic_store(&scene.off, true);
	for (int i = 0; i < 20; i++)
		sched_yield();
	chain_power(&scene.chain, false);
	chain_power(&scene.chain, true);
	atomic_store(&scene.off, false);
	opp_contract_resume(&scene.port);
}

void race_power(void **state)
{
	static void *(*const users[])(void *unused) = { select_and_free, set_mode_and_free,
							write_on_and_on, take_at_interrupt };
	pthread_t threads[4];
	struct packet packet;
	pthread_t worker;

	(void)state;
	race_begin(&scene, 1);
	assert_int_equal(race_ask(&scene, INTERNAL, IOCTL_INTERNAL_INIT_1284_3_BUS, 0),
			 OPP_SUCCESS);
	packet = to_device(IRP_MJ_CREATE);
	assert_int_equal(send(&packet), OPP_SUCCESS);
	assert_int_equal(pthread_create(&worker, NULL, race_work, &scene), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, users[i], NULL), 0);
	for (int i = 0; i < ROUNDS || !atomic_load(&cut); i++) {
		lose_power();
		for (int k = 0; k < 20 * (i % 10); k++)
			sched_yield();
	}
	atomic_store(&enough, true);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&scene.over, true);
	race_end_work(&scene, worker);
	packet = to_device(IRP_MJ_CLOSE);
	assert_int_equal(send(&packet), OPP_SUCCESS);
	assert_int_equal(atomic_load(&scene.collisions), 0);
	assert_false(scene.chain.confused);
	assert_int_equal(scene.chain.selected, END_OF_CHAIN);
	assert_int_equal(scene.chain.mode, OPP_CHIP_SPP);
	assert_int_equal(scene.port.port.counters.allocates, scene.port.port.counters.frees);
	race_end(&scene);
}
