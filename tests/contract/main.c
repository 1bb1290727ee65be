/* SPDX-License-Identifier: MIT */
/*
 * The native runner: every table of cases, as cmocka tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "native.h"

#define MOST_CASES 512

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	print_error("%s: got %lld (%#llx), wanted %lld (%#llx)\n", what, got,
		    (unsigned long long)got, wanted, (unsigned long long)wanted);
	_fail(file, line);
	abort();
}

static void run(void **state)
{
	rig_run_case(*state);
}

int main(void)
{
	static struct CMUnitTest tests[MOST_CASES];
	static struct contract_case cases[MOST_CASES];
	size_t count = 0;

	for (size_t t = 0; t < all_case_table_count; t++) {
		for (size_t i = 0; i < all_case_tables[t]->count; i++) {
			if (count == MOST_CASES)
				return EXIT_FAILURE;
			cases[count] = all_case_tables[t]->cases[i];
			tests[count] = (struct CMUnitTest){ .name = cases[count].name,
							    .test_func = run,
							    .initial_state = &cases[count] };
			count++;
		}
	}
	return _cmocka_run_group_tests("contract", tests, count, NULL, NULL);
}
