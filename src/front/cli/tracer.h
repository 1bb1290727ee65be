/* SPDX-License-Identifier: MIT */
/*
 * The tracer: does the port accesses of the processes that it traces, on ports of the
 * service, and grants them the right to it. They run on as without it otherwise.
 */
#ifndef OPENPARPORT_CLI_TRACER_H
#define OPENPARPORT_CLI_TRACER_H

#include "trap_ports.h"

/* Why the filter of system calls stops a thread: what PTRACE_GETEVENTMSG says. */
enum cli_trap {
	CLI_TRAP_IOPERM = 1,
	CLI_TRAP_IOPL,
	CLI_TRAP_OPEN,       /* the path is the first argument */
	CLI_TRAP_OPENAT,     /* the second */
	CLI_TRAP_I386 = 0x10 /* flag: arguments where 32-bit code has them */
};

/* Options to seize a process with. */
long cli_tracer_options(void);

/*
 * cli_tracer_run - until all that is traced has ended; @first has been seized, and starts
 * the others. SIGCHLD is blocked, and has a handler.
 */
void cli_tracer_run(struct cli_ports *ports, pid_t first);

#endif
