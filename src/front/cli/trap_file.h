/* SPDX-License-Identifier: MIT */
/*
 * /dev/port, whose byte n is port n: a file of its own in the program's /dev, as large as
 * there are ports. The kernel does what a program does with it; when a call returns, what
 * was read is put right, and what was written done.
 */
#ifndef OPENPARPORT_CLI_TRAP_FILE_H
#define OPENPARPORT_CLI_TRAP_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CLI_PORT_FILE "/dev/port"

/*
 * cli_trap_file_make - makes it, in the namespace of cli_names_make; a real one is hidden.
 * Says what went wrong. Returns 0, or an exit code.
 */
int cli_trap_file_make(void);

/* Programs may have cut it off, which nobody can do to a device. */
void cli_trap_file_mend(void);

/* A call that has moved bytes between a descriptor and memory. */
struct cli_moved {
	bool is_write;
	int fd;
	uint64_t memory;
	uint64_t count;
	int64_t position; /* where it says so itself; else -1: where the file's position was */
};

/* Where it began, if it was in this file; else -1. */
int64_t cli_trap_file_position(pid_t id, const struct cli_moved *moved);

#endif
