/* SPDX-License-Identifier: MIT */
/*
 * See trap_tasks.h.
 */
#include "trap_tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_BYTES 64
#define LINE_BYTES 128

struct cli_task *cli_tasks_find(const struct cli_tasks *tasks, pid_t id)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].id == id)
			return &tasks->list[i];
	return NULL;
}

static const struct cli_task *find_of_process(const struct cli_tasks *tasks, pid_t process)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].process == process)
			return &tasks->list[i];
	return NULL;
}

/* ---- new ones ------------------------------------------------------------------------ */

struct about {
	pid_t process;
	pid_t parent;
	pid_t tracer;
};

static bool ask(pid_t id, struct about *about)
{
	char path[PATH_BYTES], line[LINE_BYTES];
	FILE *file;

	*about = (struct about){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/status", id);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &about->process) != 1 &&
		    sscanf(line, "PPid: %d", &about->parent) != 1)
			(void)sscanf(line, "TracerPid: %d", &about->tracer);
	fclose(file);
	return about->tracer == getpid();
}

static struct cli_task *add(struct cli_tasks *tasks)
{
	if (tasks->count == tasks->room) {
		const size_t room = tasks->room * 2 + 16;
		struct cli_task *list = realloc(tasks->list, room * sizeof(*list));

		if (!list) {
			cli_say("no memory for another thread: the program is ended");
			_exit(EXIT_FAILURE);
		}
		tasks->list = list;
		tasks->room = room;
	}
	return &tasks->list[tasks->count++];
}

struct cli_task *cli_tasks_adopt(struct cli_tasks *tasks, pid_t id, pid_t parent)
{
	struct cli_task *task = cli_tasks_find(tasks, id);
	const struct cli_task *giver;
	struct cli_task made;
	struct about about;

	if (task || !ask(id, &about))
		return task;
	giver = find_of_process(tasks, parent ? parent : about.process);
	if (!giver)
		giver = find_of_process(tasks, about.parent);
	made = giver ? *giver : (struct cli_task){ 0 };
	made.id = id;
	made.process = about.process;
	made.waits = false;
	task = add(tasks);
	*task = made;
	return task;
}

/* ---- what they have ------------------------------------------------------------------------ */

void cli_tasks_forget(struct cli_tasks *tasks, pid_t id)
{
	struct cli_task *task = cli_tasks_find(tasks, id);

	if (task)
		*task = tasks->list[--tasks->count];
}

void cli_tasks_grant(struct cli_tasks *tasks, pid_t process, cli_port_set set)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].process == process)
			tasks->list[i].ports |= set;
}

cli_port_set cli_tasks_ports(const struct cli_tasks *tasks)
{
	cli_port_set set = 0;

	for (size_t i = 0; i < tasks->count; i++)
		set |= tasks->list[i].ports;
	return set;
}

bool cli_tasks_any_waits(const struct cli_tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].waits)
			return true;
	return false;
}
