/* SPDX-License-Identifier: MIT */
/* See cases.h. */
#include "cases.h"

struct pair pair;

int open_all(void **state)
{
	(void)state;
	pair_init(&pair, "case");
	for (int i = 0; i < REF_FILES; i++)
		pair_open(&pair, i);
	return 0;
}

int wind_up(void **state)
{
	(void)state;
	pair_wind_up(&pair);
	return 0;
}

static struct pair_event next_event(void)
{
	struct pair_event event = { .kind = OPP_EVENT_NONE };

	if (pair.ref.telling || pair_begin_events(&pair))
		pair_next_event(&pair, &event);
	return event;
}

void expect_end(int request, enum opp_status status)
{
	struct pair_event event = next_event();

	assert_int_equal(event.kind, OPP_EVENT_FINISHED);
	assert_int_equal(event.which, request);
	assert_int_equal(event.status, status);
}

void expect_routine(enum opp_event_kind kind, int routine)
{
	struct pair_event event = next_event();

	assert_int_equal(event.kind, kind);
	assert_int_equal(event.which, routine);
}

void expect_silence(void)
{
	assert_int_equal(next_event().kind, OPP_EVENT_NONE);
}

void expect_holder(int file)
{
	assert_true(pair_may_use(&pair, REF_ANON));
	assert_ptr_equal(pair.port.holder, file == REF_ANON ? NULL : &pair.files[file]);
}
