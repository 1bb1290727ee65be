/* SPDX-License-Identifier: MIT */
/*
 * The engine and its reference, moved together: each call below goes to both,
 * compares the answers, and then everything the engine keeps.
 *
 * A mismatch fails the test and prints the steps that led to it.
 */
#ifndef OPP_TEST_PAIR_H
#define OPP_TEST_PAIR_H

#include "reference.h"

#define PAIR_HISTORY 40

/* What another processor does at interrupt level while take is asked. */
enum pair_intrusion {
	PAIR_NOTHING,
	PAIR_TRY,
	PAIR_FREE,
};

struct pair {
	struct opp_port port;
	struct opp_client files[REF_FILES];
	struct opp_req requests[REF_REQUESTS];
	struct opp_deferred routines[REF_ROUTINES];
	struct reference ref;
	uint64_t now_us;

	bool file_open[REF_FILES];
	bool request_used[REF_REQUESTS]; /* from submit until it was told */
	bool routine_used[REF_ROUTINES]; /* from connect until it is out */
	uint32_t told[REF_REQUESTS];     /* how often this use of the request ended */

	enum pair_intrusion intrusion; /* at the next take */
	enum pair_intrusion intruded[REF_REQUESTS];
	bool intrusion_answers[REF_REQUESTS];
	int intrusions;
	int repeated;

	const char *scene; /* for the report */
	uint64_t steps;
	char history[PAIR_HISTORY][96];
};

/* An event as both sides tell it; @which is a request or a routine. */
struct pair_event {
	enum opp_event_kind kind;
	int which;
	enum opp_status status; /* of a request */
};

void pair_init(struct pair *pair, const char *scene);

enum opp_status pair_open(struct pair *pair, int file);
void pair_drop(struct pair *pair, int file, bool dead);
void pair_close(struct pair *pair, int file, bool dead);

/* Uses a request whose last use has ended. */
enum opp_status pair_submit(struct pair *pair, int request, int file, bool wire);
bool pair_try_allocate(struct pair *pair, int file);
enum opp_status pair_free(struct pair *pair, int file);
bool pair_may_use(struct pair *pair, int file);
bool pair_cancel(struct pair *pair, int request);
/* From now on take answers no; pair_cancel ends the request. */
void pair_begin_cancel(struct pair *pair, int request);
bool pair_expire(struct pair *pair, int request);
enum opp_status pair_kick(struct pair *pair);
void pair_remove(struct pair *pair, enum opp_port_presence presence);

void pair_left(struct pair *pair, uint32_t undo);
void pair_put_back(struct pair *pair, uint32_t undo);
void pair_suspend(struct pair *pair);
void pair_wire_done(struct pair *pair, enum opp_status status);

bool pair_try_at_interrupt(struct pair *pair);
bool pair_free_at_interrupt(struct pair *pair);
void pair_settle(struct pair *pair);

void pair_connect(struct pair *pair, int routine);
enum opp_status pair_disconnect(struct pair *pair, int routine);

bool pair_begin_events(struct pair *pair);
bool pair_next_event(struct pair *pair, struct pair_event *event);
/* Tells all there is; routines and clients do nothing. Returns the number of events. */
int pair_drain(struct pair *pair);

/* Ends all there is, by the shortest legal way, and looks for what was left over. */
void pair_wind_up(struct pair *pair);

/* A file with nothing that still points at it. */
bool pair_file_is_idle(const struct pair *pair, int file);

#endif
