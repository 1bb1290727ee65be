/* SPDX-License-Identifier: MIT */
/*
 * Runs cases, each in a process with a kernel of its own, and prints TAP. What a process that
 * fails has said stands behind its line.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "cases.h"

/* A case that takes longer hangs; it takes milliseconds, of which a sanitizer makes more. */
#define CASE_SECONDS 60

static void run_here(const struct nt_case *which, int freely)
{
	alarm(CASE_SECONDS);
	kernel_begin(freely);
	which->run(which->argument);
	kernel_end();
	fflush(stdout);
}

/* Its output is @out, its status 0 if it passed. */
static pid_t begin(const struct nt_case *which, int freely, int *out)
{
	int ends[2];
	pid_t pid;

	MUST(pipe(ends) == 0);
	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		run_here(which, freely);
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
	*out = ends[0];
	return pid;
}

static void print_said(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
}

static bool ended_well(const struct nt_case *which, int status, const char *said)
{
	if (!which->dies_of)
		return status == 0;
	return status != 0 && strstr(said, which->dies_of);
}

static bool passes(const struct nt_case *which, int freely, unsigned number)
{
	static char said[16384];
	size_t length = 0;
	ssize_t got;
	int status;
	int out;
	pid_t pid = begin(which, freely, &out);
	bool passed;

	while ((got = read(out, said + length, sizeof(said) - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = 0;
	close(out);
	MUST(waitpid(pid, &status, 0) == pid);
	passed = ended_well(which, status, said);
	printf("%s %u - %s\n", passed ? "ok" : "not ok", number, which->name);
	if (passed)
		return true;
	print_said(said);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	return false;
}

int run_cases(const struct nt_case *cases, unsigned count, const char *only, int freely)
{
	int failed = 0;

	for (unsigned i = 0; i < count; i++) {
		if (only && strstr(cases[i].name, only)) {
			run_here(&cases[i], freely);
			return 0;
		}
		if (!only)
			failed += !passes(&cases[i], freely, i + 1);
	}
	if (!only)
		printf("1..%u\n", count);
	return failed;
}
