/* SPDX-License-Identifier: MIT */
/*
 * A request carries the id of the thread that made it (0 from a pid namespace
 * the service cannot see). People know programs by process and name.
 */
#include "who.h"

#include <ctype.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROC_PATH_BYTES 48
#define PROC_LINE_BYTES 256

/* The number, of this base, behind @key in @thread's status; @none where there is none. */
static unsigned long long ask_status(pid_t thread, const char *key, int base,
				     unsigned long long none)
{
	char path[PROC_PATH_BYTES], line[PROC_LINE_BYTES];
	const size_t length = strlen(key);
	unsigned long long value = none;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	file = fopen(path, "re");
	if (!file)
		return none;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, length) == 0)
			value = strtoull(line + length, NULL, base);
	}
	fclose(file);
	return value;
}

static pid_t ask_group(pid_t thread)
{
	return (pid_t)ask_status(thread, "Tgid:", 10, (unsigned long long)thread);
}

bool opp_who_has_rawio(pid_t thread)
{
	return ask_status(thread, "CapEff:", 16, 0) >> CAP_SYS_RAWIO & 1;
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
