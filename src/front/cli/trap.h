/* SPDX-License-Identifier: MIT */
/*
 * parport run --trap-io: this process, and whatever it becomes and starts, reaches ports of
 * the service by the instructions and system calls of one that uses the chip itself.
 */
#ifndef OPENPARPORT_CLI_TRAP_H
#define OPENPARPORT_CLI_TRAP_H

#include "names.h"

/*
 * cli_trap_start - starts a tracer of this process, outside of its family: it is nobody's
 * child that somebody could wait for. If the tracer is killed, all that it traces is, too.
 * Says what went wrong. Returns 0, or an exit code: the process is then to end.
 * Context: before any thread; in the namespace of cli_names_make, where one may set a
 * filter of system calls.
 */
int cli_trap_start(const struct cli_named *named, size_t count);

#endif
