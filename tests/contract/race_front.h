/* SPDX-License-Identifier: MIT */
/*
 * A front end for the contract under real threads: a mutex for the port's lock,
 * another for its interrupt, request packets whose cancel can race, a chain of two
 * devices.
 */
#ifndef OPENPARPORT_TESTS_RACE_FRONT_H
#define OPENPARPORT_TESTS_RACE_FRONT_H

#include <pthread.h>
#include <stdatomic.h>

#include <openparport/contract.h>

#include "chain_hw.h"

struct packet {
	struct opp_request request;
	atomic_bool cancelable; /* its cancel routine is set */
	atomic_uint completions;
	enum opp_status status;
};

struct scene {
	struct opp_contract_port port;
	struct opp_port_description description;
	struct chain_hw chain;
	struct opp_client clients[3];
	struct packet packets[2]; /* of files 1 and 2 */
	pthread_mutex_t lock;
	pthread_cond_t work; /* with lock: step_asked */
	pthread_cond_t ends; /* with lock: of requests that are awaited */
	bool step_asked;
	pthread_mutex_t interrupt;
	pthread_barrier_t start;
	pthread_barrier_t end;
	atomic_uint stolen;     /* grants by TryAllocatePort */
	atomic_uint collisions; /* two drove the wire at once */
	atomic_bool on_wire;
	atomic_bool off; /* the hardware has no power: a touch is a collision */
	atomic_bool over;
};

#define INTERNAL IRP_MJ_INTERNAL_DEVICE_CONTROL

enum opp_status race_submit(struct scene *scene, struct opp_request *request, uint8_t major,
			    uint32_t code, int file);

/* The same where nobody looks at the request afterwards; it must not wait. */
enum opp_status race_ask(struct scene *scene, uint8_t major, uint32_t code, int file);

/* Whoever is telling clients at that moment tells this one too. */
void race_wait_for(struct packet *packet);

/* The worker's thread, until scene->over; race_end_work waits for its end. */
void *race_work(void *scene);
void race_end_work(struct scene *scene, pthread_t worker);

/* race_devices.c, race_power.c: a case each. */
void race_devices(void **state);
void race_power(void **state);

/* All files open; @threads meet at the barriers. */
void race_begin(struct scene *scene, unsigned threads);
void race_end(struct scene *scene);

#endif
