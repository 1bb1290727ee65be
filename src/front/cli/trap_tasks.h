/* SPDX-License-Identifier: MIT */
/*
 * The threads whose accesses are trapped, and which ports they have.
 *
 * A port is had by a process: all its threads, and whatever it starts from then on, which
 * is how Linux hands on such rights, too.
 */
#ifndef OPENPARPORT_CLI_TRAP_TASKS_H
#define OPENPARPORT_CLI_TRAP_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "trap_ports.h"

struct cli_task {
	pid_t id;
	pid_t process;
	cli_port_set ports;
	bool waits;     /* stopped, until its ports are granted */
	bool uses_file; /* has opened /dev/port */
};

struct cli_tasks {
	struct cli_task *list;
	size_t count;
	size_t room;
};

/* NULL: not known. A pointer into the list holds until the next cli_tasks_adopt or _forget. */
struct cli_task *cli_tasks_find(const struct cli_tasks *tasks, pid_t id);

/*
 * cli_tasks_adopt - a thread that is traced, known or not; a new one has what the process
 * @parent has, or where that is 0 what its own process, or else its parent, has.
 * Returns NULL: nobody traces it any more.
 */
struct cli_task *cli_tasks_adopt(struct cli_tasks *tasks, pid_t id, pid_t parent);

void cli_tasks_forget(struct cli_tasks *tasks, pid_t id);

/* Its whole process has them. */
void cli_tasks_grant(struct cli_tasks *tasks, pid_t process, cli_port_set set);

/* What any of them has. */
cli_port_set cli_tasks_ports(const struct cli_tasks *tasks);

bool cli_tasks_any_waits(const struct cli_tasks *tasks);

#endif
