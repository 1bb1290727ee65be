/* SPDX-License-Identifier: MIT */
/*
 * What a port must do, written as plainly as possible: arrays and numbers, no
 * links, no atomics. The engine is compared with it after every step.
 *
 * A file, a request and a routine are numbers; the names of states, statuses
 * and events are the engine's, so that they can be compared.
 */
#ifndef OPP_TEST_REFERENCE_H
#define OPP_TEST_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/port.h>

#define REF_FILES    6
#define REF_REQUESTS 24
#define REF_ROUTINES 4

#define REF_ANON (-1)
#define REF_NONE (-2)

struct ref_list {
	int of[REF_REQUESTS];
	int count;
};

struct ref_request {
	enum opp_req_state state;
	enum opp_status status;
	int file;
	bool wire;
	bool cancel_under_way; /* take answers no */
	uint64_t arrived_us;
};

struct ref_file {
	bool kicked;
};

struct reference {
	enum opp_port_state state;
	enum opp_port_presence presence;
	int holder;
	int granting;
	bool granting_dropped;
	uint32_t undo;
	uint32_t files_open;
	uint64_t held_since_us;
	struct opp_port_counters counters;

	/* what the interrupt level did and nobody has looked at */
	bool taken_at_interrupt;
	bool free_asked;
	bool tried_in_vain;

	struct ref_list line;
	struct ref_list ended; /* to be told */
	struct ref_request requests[REF_REQUESTS];
	struct ref_file files[REF_FILES];

	struct ref_list connected;
	struct ref_list to_call; /* of the round under way */
	int running;             /* routine or REF_NONE */
	bool running_leaves;
	bool again;
	bool telling;

	/* What happens while take is asked; NULL: nothing. */
	void (*at_take)(void *context);
	void *context;
};

void ref_init(struct reference *ref);

enum opp_status ref_open(struct reference *ref, int file);
void ref_drop(struct reference *ref, int file, bool dead, uint64_t now_us);
void ref_close(struct reference *ref, int file, bool dead, uint64_t now_us);

enum opp_status ref_submit(struct reference *ref, int request, int file, bool wire,
			   uint64_t now_us);
bool ref_try_allocate(struct reference *ref, int file, uint64_t now_us);
enum opp_status ref_free(struct reference *ref, int file, uint64_t now_us);
bool ref_may_use(struct reference *ref, int file, uint64_t now_us);
bool ref_cancel(struct reference *ref, int request);
bool ref_expire(struct reference *ref, int request);
enum opp_status ref_kick(struct reference *ref, uint64_t now_us);
void ref_remove(struct reference *ref, enum opp_port_presence presence, uint64_t now_us);
void ref_suspend(struct reference *ref, uint64_t now_us);
void ref_wire_done(struct reference *ref, enum opp_status status, uint64_t now_us);

bool ref_try_at_interrupt(struct reference *ref);
bool ref_free_at_interrupt(struct reference *ref);
void ref_settle(struct reference *ref, uint64_t now_us);

void ref_connect(struct reference *ref, int routine);
enum opp_status ref_disconnect(struct reference *ref, int routine);

bool ref_begin_events(struct reference *ref);
/* *which: the request or the routine. */
bool ref_next_event(struct reference *ref, enum opp_event_kind *kind, int *which, uint64_t now_us);

#endif
