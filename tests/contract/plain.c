/* SPDX-License-Identifier: MIT */
/*
 * A runner that needs nothing but a C library, for targets that cmocka is not
 * packaged for. Prints TAP.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "native.h"

static jmp_buf failed;

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	printf("# %s:%d: %s: got %lld, wanted %lld\n", file, line, what, got, wanted);
	longjmp(failed, 1);
}

static bool passes(const struct contract_case *contract_case)
{
	if (setjmp(failed))
		return false;
	rig_run_case(contract_case);
	return true;
}

int main(void)
{
	int count = 0;
	int failures = 0;

	for (size_t t = 0; t < all_case_table_count; t++) {
		for (size_t i = 0; i < all_case_tables[t]->count; i++) {
			const struct contract_case *contract_case = &all_case_tables[t]->cases[i];
			bool passed = passes(contract_case);

			failures += !passed;
			printf("%s %d - %s\n", passed ? "ok" : "not ok", ++count,
			       contract_case->name);
		}
	}
	printf("1..%d\n", count);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
