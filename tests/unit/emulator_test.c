/* SPDX-License-Identifier: MIT */
/* The example for emulator authors prints its page. Takes the path of the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *program;

static void test_page(void **state)
{
	char page[256];
	size_t length;
	FILE *output;

	(void)state;
	output = popen(program, "r");
	assert_non_null(output);
	length = fread(page, 1, sizeof(page) - 1, output);
	page[length] = '\0';
	assert_int_equal(pclose(output), 0);
	/* 38 characters at 100 a second */
	assert_string_equal(page, "Hello from an emulated parallel port.\n"
				  "38 interrupts in 380 ms\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "the example for emulator authors prints its page", test_page, NULL, NULL, NULL },
	};

	if (argc != 2)
		return 2;
	program = argv[1];
	return cmocka_run_group_tests_name("emulator", tests, NULL, NULL);
}
