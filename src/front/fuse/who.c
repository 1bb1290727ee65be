/* SPDX-License-Identifier: MIT */
/*
 * A request carries the id of the thread that made it (0 from a pid namespace
 * the service cannot see). People know programs by process and name.
 */
#include "who.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PROC_PATH_BYTES 48
#define PROC_LINE_BYTES 256

static pid_t ask_group(pid_t thread)
{
	char path[PROC_PATH_BYTES], line[PROC_LINE_BYTES];
	int group = thread;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	file = fopen(path, "re");
	if (!file)
		return thread;
	while (fgets(line, sizeof(line), file) && sscanf(line, "Tgid: %d", &group) != 1)
		;
	fclose(file);
	return group;
}

static void ask_name(pid_t group, char *name, size_t name_bytes)
{
	char path[PROC_PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)group);
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(name, (int)name_bytes, file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
}

pid_t opp_who_ask(pid_t thread, char *name, size_t name_bytes)
{
	pid_t group = ask_group(thread);

	name[0] = '\0';
	ask_name(group, name, name_bytes);
	for (char *c = name; *c; c++)
		if (!isascii(*c) || !isprint(*c) || *c == '"' || *c == '\\')
			*c = '?';
	return group;
}
