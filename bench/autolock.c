/* SPDX-License-Identifier: MIT */
/*
 * The price of the automatic lock: WRITE requests of 64 bytes to the raw device of a
 * port, each of which takes the port and frees it, against the same under one explicit
 * lock. Both go through the documented contract, on a simulated port with a printer
 * that takes all at once; this thread is client and worker.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <openparport/contract.h>
#include <openparport/sim_centronics.h>

#include "backend_sim.h"
#include "measure.h"

#define TURNS       500u
#define WRITE_BYTES 64u
#define BUDGET_NS   50000u

struct bench {
	pthread_mutex_t lock;
	struct opp_sim sim;
	struct opp_centronics printer;
	struct opp_backend_sim backend;
	struct opp_contract_port port;
	struct opp_client file;
	bool step_asked;
};

/* ---- what a front end supplies --------------------------------------------------------- */

static void lock(void *context)
{
	pthread_mutex_lock(&((struct bench *)context)->lock);
}

static void unlock(void *context)
{
	pthread_mutex_unlock(&((struct bench *)context)->lock);
}

static uint64_t now_us(void *context)
{
	(void)context;
	return now_ns() / 1000;
}

static bool pend(void *context, struct opp_request *request, bool cancelable)
{
	(void)context;
	(void)request;
	(void)cancelable;
	return true;
}

static bool take(void *context, struct opp_request *request)
{
	(void)context;
	(void)request;
	return true;
}

static void complete(void *context, struct opp_request *request)
{
	(void)context;
	request->ended = true;
}

static void settle_later(void *context)
{
	(void)context;
}

static void step_later(void *context)
{
	((struct bench *)context)->step_asked = true;
}

static void synchronize(void *context, void (*change)(void *argument), void *argument)
{
	(void)context;
	change(argument);
}

static bool connect_enabled(void *context)
{
	(void)context;
	return false;
}

static void set_up(struct bench *bench)
{
	static const uint16_t name[] = { 'L', 'P', 'T', '1', 0 };
	static const struct opp_port_description description = { .port_name = name };
	static const struct opp_env env = { .broken = broken };
	static const struct opp_contract_ops ops = {
		.lock = lock,
		.unlock = unlock,
		.now_us = now_us,
		.pend = pend,
		.take = take,
		.complete = complete,
		.settle_later = settle_later,
		.step_later = step_later,
		.synchronize = synchronize,
		.connect_enabled = connect_enabled,
	};
	const struct opp_sim_options chip = { .chip = OPP_SIM_PS2 };
	const struct opp_centronics_options printer = { .ack_ns = 500 };

	pthread_mutex_init(&bench->lock, NULL);
	opp_sim_init(&bench->sim, &chip);
	opp_centronics_init(&bench->printer, &printer);
	opp_sim_attach(&bench->sim, &bench->printer.peripheral);
	if (opp_backend_sim_open(&bench->backend, &bench->sim, &env, clock_ns, NULL) !=
		    OPP_SUCCESS ||
	    opp_contract_init(&bench->port, &description, &bench->backend.chip.hw, &ops, bench) !=
		    OPP_SUCCESS)
		abort();
}

/* ---- requests ----------------------------------------------------------------------------- */

static void work_off(struct bench *bench)
{
	enum opp_step step;

	while (bench->step_asked) {
		bench->step_asked = false;
		do {
			step = opp_contract_step(&bench->port, BUDGET_NS);
		} while (step == OPP_STEP_AGAIN);
		bench->step_asked |= step == OPP_STEP_WAIT;
	}
}

static void ask(struct bench *bench, uint8_t major, uint32_t code)
{
	static uint8_t bytes[WRITE_BYTES];
	struct opp_request request = {
		.object = OPP_OBJECT_DEVICE,
		.device = opp_contract_device(&bench->port, OPP_PLACE_RAW),
		.client = &bench->file,
		.major = major,
		.code = code,
		.buffer = bytes,
		.input_bytes = major == IRP_MJ_WRITE ? WRITE_BYTES : 0,
	};

	if (opp_contract_submit(&bench->port, &request) == OPP_PENDING)
		while (!request.ended)
			work_off(bench);
	if (request.status != OPP_SUCCESS || request.information != request.input_bytes)
		abort();
}

static uint64_t write_blocks(struct bench *bench)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	for (i = 0; i < TURNS; i++)
		ask(bench, IRP_MJ_WRITE, 0);
	return now_ns() - start_ns;
}

static uint64_t write_unlocked(void *context)
{
	return write_blocks(context);
}

static uint64_t write_locked(void *context)
{
	uint64_t took_ns;

	ask(context, IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_LOCK_PORT);
	took_ns = write_blocks(context);
	ask(context, IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_UNLOCK_PORT);
	return took_ns;
}

int main(void)
{
	static struct bench bench;

	set_up(&bench);
	ask(&bench, IRP_MJ_CREATE, 0);
	report("autolock_vs_locked_write", median_ratio(write_unlocked, write_locked, &bench));
	return 0;
}
