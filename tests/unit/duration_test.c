/* SPDX-License-Identifier: MIT */
/* Durations for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openparport/duration.h>

struct duration {
	uint32_t tenths;
	const char *text;
};

static void expect(const struct duration *durations, size_t count)
{
	char text[OPP_DURATION_BYTES];

	for (size_t i = 0; i < count; i++) {
		opp_duration_text(durations[i].tenths, text);
		assert_string_equal(text, durations[i].text);
	}
}

static void units(void **state)
{
	static const struct duration durations[] = {
		{ 0, "0.0 s" },     { 5, "0.5 s" },         { 99, "9.9 s" },
		{ 100, "10 s" },    { 109, "10 s" },        { 1799, "179 s" },
		{ 1800, "3 min" },  { 107999, "179 min" },  { 108000, "3 h" },
		{ 719999, "19 h" }, { 36000000, "1000 h" },
	};

	(void)state;
	expect(durations, sizeof(durations) / sizeof(durations[0]));
}

static void longest(void **state)
{
	static const struct duration durations[] = { { UINT32_MAX, "119304 h" } };

	(void)state;
	expect(durations, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "a duration is in tenths, seconds, minutes or hours, rounded down", units, NULL,
		  NULL, NULL },
		{ "the longest duration has room in its text", longest, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
