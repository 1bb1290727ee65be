/* SPDX-License-Identifier: MIT */
/* Events of a port by a handle, whichever kind of port is behind it. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "handle_rig.h"

#define PATIENCE_MS 20000

static char read_so_far[65536];
static size_t length;

static void read_more(int events)
{
	struct pollfd polled = { .fd = events, .events = POLLIN };
	ssize_t got;

	assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
	assert_true(length < sizeof(read_so_far) - 1);
	got = read(events, read_so_far + length, sizeof(read_so_far) - 1 - length);
	assert_true(got > 0);
	length += (size_t)got;
	read_so_far[length] = '\0';
}

static void forget_all_but(size_t last)
{
	memmove(read_so_far, read_so_far + length - last, last + 1);
	length = last;
}

/* Reads until @text has come, and forgets what was before its end. */
static void expect(int events, const char *text)
{
	char *found;

	while (!(found = strstr(read_so_far, text)))
		read_more(events);
	forget_all_but(length - (size_t)(found - read_so_far) - strlen(text));
}

static int listen_to(struct opp_handle *handle)
{
	const int events = opp_events(handle);

	assert_true(events >= 0);
	length = 0;
	read_so_far[0] = '\0';
	return events;
}

static void *allocate_for_ever(void *context)
{
	struct call *call = context;

	call->status = opp_allocate(call->handle, OPP_FOREVER_US);
	return NULL;
}

static void told_in_order(void **state)
{
	const int events = listen_to(first);
	struct call waiting;

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	expect(events, "\"event\":\"granted\"");
	begin(&waiting, allocate_for_ever, second);
	expect(events, "\"event\":\"queued\"");
	assert_int_equal(opp_write(first, "four", 4, PATIENCE_MS * 1000, NULL), OPP_SUCCESS);
	expect(events, "\"event\":\"transferred\"");
	expect(events, "\"bytes\":4");
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	expect(events, "\"event\":\"released\"");
	expect(events, "\"event\":\"granted\"");
	assert_int_equal(end(&waiting), OPP_SUCCESS);
	assert_int_equal(opp_kick(first, NULL), OPP_SUCCESS);
	expect(events, "\"event\":\"kicked\"");
	expect(events, "}\n");
	close(events);
}

static void each_reads_all(void **state)
{
	const int events[] = { listen_to(first), listen_to(second) };
	size_t i;

	(void)state;
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
	for (i = 0; i < 2; i++) {
		expect(events[i], "\"event\":\"granted\"");
		expect(events[i], "}\n");
		assert_int_equal(length, 0);
	}
	/* Who does not read any more does no harm, and what was before somebody came is not told. */
	close(events[0]);
	assert_int_equal(opp_free(first), OPP_SUCCESS);
	expect(events[1], "\"event\":\"released\"");
	expect(events[1], "}\n");
	close(events[1]);
	assert_int_equal(opp_allocate(first, 0), OPP_SUCCESS);
}

static void come_and_go(unsigned int times)
{
	unsigned int i;

	for (i = 0; i < times; i++) {
		assert_int_equal(opp_allocate(first, OPP_FOREVER_US), OPP_SUCCESS);
		assert_int_equal(opp_free(first), OPP_SUCCESS);
	}
}

static void lost_for_who_does_not_read(void **state)
{
	static const char lost[] = "{\"event\":\"lost\",\"count\":";
	const int events = listen_to(first);

	(void)state;
	come_and_go(2000);
	while (!strstr(read_so_far, lost)) {
		if (length > sizeof(lost))
			forget_all_but(sizeof(lost));
		come_and_go(1);
		read_more(events);
	}
	expect(events, lost);
	assert_true(read_so_far[0] >= '1' && read_so_far[0] <= '9');
	close(events);
}

static struct CMUnitTest cases[] = {
	HANDLE_CASE("events are told in order", told_in_order),
	HANDLE_CASE("each who listens reads all events", each_reads_all),
	HANDLE_CASE("who does not read loses events, and is told", lost_for_who_does_not_read),
};

int run_event_cases(const char *title, struct handle_names *names)
{
	return run_cases(title, cases, sizeof(cases) / sizeof(cases[0]), names);
}
