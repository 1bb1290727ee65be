/* SPDX-License-Identifier: MIT */
/*
 * The cases of a handle on a port that parportd serves, for
 * tests/system/test_library.py: served_library CASE, with the service's mount
 * in $OPENPARPORT_MOUNT. One case a run, since each needs a printer that has
 * taken nothing yet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "handle_cases.h"

int main(int argc, char **argv)
{
	struct handle_names names = { "parport0", "lpt1" };

	if (argc != 2) {
		(void)fprintf(stderr, "usage: served_library CASE\n");
		return 2;
	}
	cmocka_set_test_filter(argv[1]);
	return run_handle_cases("handles of a served port", &names);
}
