/* SPDX-License-Identifier: MIT */
/* Two handles of one port of any kind, and calls on them by other threads. */
#ifndef OPP_TEST_HANDLE_RIG_H
#define OPP_TEST_HANDLE_RIG_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openparport/hosted/openparport.h>

#include "handle_cases.h"

#define SOON_US 20000u

extern struct opp_handle *first, *second;

void open_or_fail(const char *name, struct opp_handle **handle);

/* Set-up and tear-down of every case; *state: its struct handle_names. */
int start_handles(void **state);
int stop_handles(void **state);

#define HANDLE_CASE(name, function)                                                                \
	{                                                                                          \
		name, function, start_handles, stop_handles, NULL                                  \
	}

struct call {
	pthread_t thread;
	struct opp_handle *handle;
	enum opp_status status;
	size_t sent;
	uint8_t value;
	void *context;
};

void begin(struct call *call, void *(*function)(void *), struct opp_handle *handle);
/* Joins it, or fails the test. */
enum opp_status end(struct call *call);
/* A cancel ends calls that wait already; asks until that has been so. */
enum opp_status cancel_until_ended(struct call *call);

/* A pause between two looks at something. */
void look_again(void);
void wait_for_waiters(uint32_t expected);
void wait_for_written(uint64_t expected);

/* Returns the number of cases that failed. */
int run_cases(const char *title, struct CMUnitTest *cases, size_t count,
	      struct handle_names *names);

#endif
