/* SPDX-License-Identifier: MIT */
/*
 * What the cases of the engine share: a port with all files open, and what a
 * teller is expected to be told.
 */
#ifndef OPP_TEST_CASES_H
#define OPP_TEST_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pair.h"

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, open_all, wind_up, NULL                                            \
	}

extern struct pair pair;

int open_all(void **state);
int wind_up(void **state);

/* The next event is the end of @request with @status. */
void expect_end(int request, enum opp_status status);
/* The next event is @kind about @routine. */
void expect_routine(enum opp_event_kind kind, int routine);
void expect_silence(void);
void expect_holder(int file);

#endif
