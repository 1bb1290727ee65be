/* SPDX-License-Identifier: MIT */
/* ECP by software and by the FIFO, both ways, with every chip that can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stream.h"

#define BLOCK 4096u

static struct stream stream;
static uint8_t text[BLOCK];
static uint8_t got[BLOCK];
static struct opp_1284_item items[BLOCK];

static void test_forward(void **state)
{
	(void)state;
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start(&stream, chip, 0);
		stream_enter(&stream, OPP_REQUEST_ECP);
		assert_int_equal(stream_write(&stream, text, BLOCK), OPP_SUCCESS);
		assert_int_equal(stream.transfer.moved, BLOCK);
		print_message("chip %u: %f\n", chip, stream.rig.hw->accesses / (double)BLOCK);
		stream_assert_heard(&stream, OPP_1284_ECP_DATA, text, BLOCK);
		stream_assert_polite(&stream);
		stream_assert_leaves(&stream);
	}
}

static void test_reverse(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BLOCK; i++)
		items[i] = (struct opp_1284_item){ .byte = text[i] };
	for (uint32_t chip = 0; chip < STREAM_CHIPS; chip++) {
		stream_start(&stream, chip, 0);
		stream_enter(&stream, OPP_REQUEST_ECP);
		stream_say(&stream, items, BLOCK);
		memset(got, 0, BLOCK);
		assert_int_equal(stream_read(&stream, got, BLOCK), OPP_SUCCESS);
		print_message("chip %u: %zu %f\n", chip, stream.transfer.moved,
			      stream.rig.hw->accesses / (double)BLOCK);
		assert_int_equal(stream.transfer.moved, BLOCK);
		assert_memory_equal(got, text, BLOCK);
		stream_assert_polite(&stream);
		stream_assert_leaves(&stream);
	}
}

static int fill(void **state)
{
	(void)state;
	rig_fill(text, BLOCK);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "forward", test_forward, NULL, NULL, NULL },
		{ "reverse", test_reverse, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("ecp", tests, fill, NULL);
}
