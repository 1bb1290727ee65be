/* SPDX-License-Identifier: MIT */
/*
 * Runs of equal bytes, pure: what a writer makes of bytes and what a reader makes
 * of counts, whatever a peripheral sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rle.h"

#define ROOM 512u

static uint8_t out[ROOM];

static void test_counts(void **state)
{
	(void)state;
	for (uint32_t n = 0; n <= 127; n++) {
		struct opp_rle run = { 0 };

		rle_count(&run, (uint8_t)n);
		assert_int_equal(rle_expand(&run, out, ROOM), 0);
		rle_byte(&run, (uint8_t)(n * 3));
		assert_int_equal(rle_expand(&run, out, ROOM), n + 1);
		for (uint32_t i = 0; i <= n; i++)
			assert_int_equal(out[i], (uint8_t)(n * 3));
		assert_int_equal(rle_expand(&run, out, ROOM), 0);
	}
}

static void test_pieces(void **state)
{
	struct opp_rle run = { 0 };
	size_t all = 0;

	(void)state;
	rle_count(&run, 127);
	rle_byte(&run, 0x5a);
	for (size_t room = 0; room < 20; room++)
		all += rle_expand(&run, out + all, room);
	assert_int_equal(all, 128);
	for (size_t i = 0; i < all; i++)
		assert_int_equal(out[i], 0x5a);
	rle_byte(&run, 0xa5);
	assert_int_equal(rle_expand(&run, out, ROOM), 1);
	assert_int_equal(out[0], 0xa5);
}

/* The last count is the one that holds; its upper bit is not part of it. */
static void test_hostile_counts(void **state)
{
	struct opp_rle run = { 0 };

	(void)state;
	rle_count(&run, 100);
	rle_count(&run, 2);
	rle_byte(&run, 7);
	assert_int_equal(rle_expand(&run, out, ROOM), 3);
	rle_count(&run, 0xff);
	rle_byte(&run, 8);
	assert_int_equal(rle_expand(&run, out, ROOM), 128);
	rle_byte(&run, 9);
	rle_count(&run, 1);
	assert_int_equal(rle_expand(&run, out, ROOM), 0);
}

static void test_kept(void **state)
{
	struct opp_rle run = { 0 };

	(void)state;
	for (uint32_t i = 0; i < UINT8_MAX; i++)
		assert_true(rle_keep(&run, 0x33));
	assert_false(rle_keep(&run, 0x33));
	assert_int_equal(rle_expand(&run, out, ROOM), UINT8_MAX);
	assert_true(rle_keep(&run, 0x44));
	assert_false(rle_keep(&run, 0x45));
	assert_int_equal(rle_expand(&run, out, ROOM), 1);
	assert_int_equal(out[0], 0x44);
}

static void test_runs_found(void **state)
{
	uint8_t bytes[300];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(rle_run(bytes, 1), 1);
	assert_int_equal(rle_run(bytes, 127), 127);
	assert_int_equal(rle_run(bytes, 128), 128);
	assert_int_equal(rle_run(bytes, sizeof(bytes)), 128);
	bytes[5] = 1;
	assert_int_equal(rle_run(bytes, sizeof(bytes)), 5);
	assert_int_equal(rle_run(bytes + 5, sizeof(bytes) - 5), 1);
	assert_false(rle_pays(1));
	assert_false(rle_pays(2));
	assert_true(rle_pays(3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-106 count n and a byte are n + 1 copies, for n = 0 to 127", test_counts, NULL,
		  NULL, NULL },
		{ "P-106 a run is passed on in as many pieces as it takes", test_pieces, NULL, NULL,
		  NULL },
		{ "a count is seven bits and the last one holds", test_hostile_counts, NULL, NULL,
		  NULL },
		{ "what a chip has decoded is kept while it is one run", test_kept, NULL, NULL,
		  NULL },
		{ "runs are found up to 128 and never past the end", test_runs_found, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("rle", tests, NULL, NULL);
}
