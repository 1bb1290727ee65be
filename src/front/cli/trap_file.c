/* SPDX-License-Identifier: MIT */
/*
 * See trap_file.h.
 */
#include "trap_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define PORTS      0x10000
#define PATH_BYTES 64
#define LINE_BYTES 128

/* What names.c has bound there is a mount, and an empty file below it; a device has no length. */
int cli_trap_file_make(void)
{
	int file;

	(void)umount2(CLI_PORT_FILE, MNT_DETACH);
	file = open(CLI_PORT_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (file >= 0 && ftruncate(file, PORTS) == 0 && fchmod(file, 0666) == 0) {
		close(file);
		return 0;
	}
	return cli_fail(OPP_UNSUCCESSFUL, "cannot make %s: %s", CLI_PORT_FILE, strerror(errno));
}

void cli_trap_file_mend(void)
{
	if (truncate(CLI_PORT_FILE, PORTS) != 0)
		cli_say("%s may end too early: %s", CLI_PORT_FILE, strerror(errno));
}

static bool is_of_this_file(pid_t id, int fd)
{
	char path[PATH_BYTES], target[sizeof(CLI_PORT_FILE)];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", id, fd);
	length = readlink(path, target, sizeof(target));
	return length == sizeof(CLI_PORT_FILE) - 1 &&
	       memcmp(target, CLI_PORT_FILE, (size_t)length) == 0;
}

static int64_t position_of(pid_t id, int fd)
{
	char path[PATH_BYTES], line[LINE_BYTES];
	int64_t position = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", id, fd);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (position < 0 && fgets(line, sizeof(line), file))
		(void)sscanf(line, "pos: %" SCNd64, &position);
	fclose(file);
	return position;
}

int64_t cli_trap_file_position(pid_t id, const struct cli_moved *moved)
{
	int64_t end;

	if (!is_of_this_file(id, moved->fd))
		return -1;
	if (moved->position >= 0)
		return moved->position;
	end = position_of(id, moved->fd);
	return end < (int64_t)moved->count ? -1 : end - (int64_t)moved->count;
}
