/* SPDX-License-Identifier: MIT */
/*
 * parport run --trap-io on another processor than x86-64.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli.h"
#include "trap.h"

static enum opp_status failed;
static char said[OPP_ERROR_BYTES];

int cli_fail(enum opp_status status, const char *format, ...)
{
	va_list arguments;

	failed = status;
	va_start(arguments, format);
	(void)vsnprintf(said, sizeof(said), format, arguments);
	va_end(arguments);
	return 1;
}

static void refused(void **state)
{
	(void)state;
	assert_int_equal(cli_trap_start(NULL, 0), 1);
	assert_int_equal(failed, OPP_INVALID_DEVICE_REQUEST);
	assert_non_null(strstr(said, "x86-64"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "--trap-io is refused on other processors, and says why", refused, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
