/* SPDX-License-Identifier: MIT */
/*
 * A command that a verb runs, where signals cut the system's calls short: what cannot be
 * begun is told so all the same.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"

#define NOT_FOUND 127

static char said[OPP_ERROR_BYTES];
static uint32_t cut_reads, cut_waits; /* so many calls from now on are cut short */

uint64_t cli_duration_of(struct argp_state *state, const char *text)
{
	(void)state;
	(void)text;
	return 0;
}

void cli_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(said, sizeof(said), format, arguments);
	va_end(arguments);
}

static int reset(void **state)
{
	(void)state;
	cut_reads = 0;
	cut_waits = 0;
	return 0;
}

static bool is_cut_short(uint32_t *left)
{
	if (!*left)
		return false;
	(*left)--;
	errno = EINTR;
	return true;
}

__typeof__(read) __real_read, __wrap_read;
__typeof__(waitpid) __real_waitpid, __wrap_waitpid;

ssize_t __wrap_read(int file, void *bytes, size_t count)
{
	return is_cut_short(&cut_reads) ? -1 : __real_read(file, bytes, count);
}

pid_t __wrap_waitpid(pid_t child, int *status, int options)
{
	return is_cut_short(&cut_waits) ? -1 : __real_waitpid(child, status, options);
}

static int run(const char *name)
{
	char argument[64];
	char *argv[] = { argument, NULL };
	struct cli_command command = { .argv = argv };
	int code;

	(void)snprintf(argument, sizeof(argument), "%s", name);
	said[0] = '\0';
	cli_command_block_signals(&command);
	code = cli_command_run(&command);
	cli_command_let_signals_end_us(&command);
	return code;
}

static void not_there(void **state)
{
	(void)state;
	for (uint32_t signals = 0; signals < 3; signals++) {
		cut_reads = signals;
		cut_waits = signals;
		assert_int_equal(run("/nowhere/at/all"), NOT_FOUND);
		assert_non_null(strstr(said, "/nowhere/at/all"));
		assert_int_equal(cut_reads + cut_waits, 0);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void its_exit_code(void **state)
{
	(void)state;
	assert_int_equal(run("true"), 0);
	assert_int_equal(run("false"), 1);
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a command that is not there is told of, whatever signals come meanwhile",
		  not_there, reset, NULL, NULL },
		{ "a command's exit code is that of the verb", its_exit_code, reset, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
