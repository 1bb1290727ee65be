/* SPDX-License-Identifier: MIT */
/*
 * What an access costs a program that runs below parport run --trap-io, beside the bare
 * stop that it is made of: a breakpoint, of which the tracer is told and makes nothing.
 *
 *	trap_io PARPORT PORT PROCESSOR	the command, a port of a service on that processor
 *	trap_io				what runs below: prints the nanoseconds of TURNS accesses
 */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define TURNS         500u
#define STATUS        0x379
#define COMMAND_BYTES 4096

static uint64_t *stops_ns; /* shared with the child that takes it */

static int access_often(void)
{
	uint64_t start_ns;

	if (ioperm(STATUS, 1, 1) != 0)
		give_up("ioperm");
	start_ns = now_ns();
	for (unsigned int i = 0; i < TURNS; i++)
		(void)inb(STATUS);
	printf("%" PRIu64 "\n", now_ns() - start_ns);
	return 0;
}

static uint64_t accesses(void *command)
{
	FILE *below = popen(command, "r");
	uint64_t took_ns = 0;

	if (!below || fscanf(below, "%" SCNu64, &took_ns) != 1 || pclose(below) != 0)
		give_up("parport run --trap-io");
	return took_ns;
}

static _Noreturn void stop_often(void)
{
	uint64_t start_ns;

	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	start_ns = now_ns();
	for (unsigned int i = 0; i < TURNS; i++)
		__asm__ volatile("int3");
	*stops_ns = now_ns() - start_ns;
	_exit(0);
}

static uint64_t stops(void *context)
{
	const pid_t child = fork();
	int status;

	(void)context;
	if (child == 0)
		stop_often();
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, child, NULL, NULL);
	return *stops_ns;
}

static void measure(char *command)
{
	double ns[REPETITIONS], ratios[REPETITIONS];

	for (size_t i = 0; i < REPETITIONS; i++) {
		const double took_ns = (double)accesses(command);

		ns[i] = took_ns / TURNS;
		ratios[i] = took_ns / (double)stops(NULL);
	}
	report("trap_io_access_ns", median(ns, REPETITIONS));
	report("trap_io_access_vs_ptrace_stop", median(ratios, REPETITIONS));
}

int main(int argc, char **argv)
{
	char command[COMMAND_BYTES];
	cpu_set_t one;

	if (argc != 4)
		return access_often();
	CPU_ZERO(&one);
	CPU_SET((unsigned int)atoi(argv[3]), &one);
	stops_ns = mmap(NULL, sizeof(*stops_ns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (stops_ns == MAP_FAILED || sched_setaffinity(0, sizeof(one), &one) != 0)
		give_up("setting up");
	(void)snprintf(command, sizeof(command), "'%s' run --trap-io --port '%s' -- '%s'", argv[1],
		       argv[2], argv[0]);
	measure(command);
	return 0;
}
