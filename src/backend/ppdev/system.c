/* SPDX-License-Identifier: MIT */
/*
 * What Linux tells of a port in /proc and /sys, and what the mere name of a file tells.
 *
 * Nothing here is an ioctl: those of ppdev wait for each other in all of the system.
 */
#include "system.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/major.h>

#define PROC  "/proc/sys/dev/parport/parport%u"
#define SYSFS "/sys/bus/parport/devices/parport%u"

#define PATH_BYTES 96

struct opp_lent_place opp_lent_locate(const char *path, int file)
{
	struct opp_lent_place place = { .path = path };
	struct stat stat;

	if (fstat(file, &stat) != 0 || !S_ISCHR(stat.st_mode) || major(stat.st_rdev) != PP_MAJOR)
		return place;
	place.is_linux = true;
	place.number = minor(stat.st_rdev);
	return place;
}

/* The first line of a file of the port's folder. Returns false when it cannot be read. */
static bool read_line(const struct opp_lent_place *place, const char *name, char *line,
		      size_t bytes)
{
	char path[PATH_BYTES];
	ssize_t length;
	int file;

	(void)snprintf(path, sizeof(path), PROC "/%s", place->number, name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	length = read(file, line, bytes - 1);
	(void)close(file);
	if (length <= 0)
		return false;
	line[length] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return true;
}

enum opp_lent_use opp_lent_use(const struct opp_lent_place *place, char *user)
{
	if (!read_line(place, "devices/active", user, OPP_LENT_USER_BYTES)) {
		user[0] = '\0';
		return OPP_LENT_HIDDEN;
	}
	if (strcmp(user, "none") == 0) {
		user[0] = '\0';
		return OPP_LENT_FREE;
	}
	return strncmp(user, "ppdev", strlen("ppdev")) == 0 ? OPP_LENT_BY_PROGRAM
							    : OPP_LENT_BY_DRIVER;
}

int32_t opp_lent_irq(const struct opp_lent_place *place)
{
	char line[16];

	return read_line(place, "irq", line, sizeof(line)) ? (int32_t)strtol(line, NULL, 10) : 0;
}

/* Users of a port are folders of their own below it: lp.0, ppdev0.3. */
bool opp_lent_is_alone(const struct opp_lent_place *place)
{
	char path[PATH_BYTES];
	struct dirent *entry;
	uint32_t users = 0;
	DIR *folder;

	if (!place->is_linux)
		return true;
	(void)snprintf(path, sizeof(path), SYSFS, place->number);
	folder = opendir(path);
	if (!folder)
		return false;
	while ((entry = readdir(folder)))
		users += entry->d_name[0] != '.' && strchr(entry->d_name, '.') != NULL;
	(void)closedir(folder);
	return users == 1;
}

bool opp_lent_is_there(const struct opp_lent_place *place)
{
	char path[PATH_BYTES];

	if (!place->is_linux)
		return access(place->path, F_OK) == 0;
	(void)snprintf(path, sizeof(path), PROC, place->number);
	return access(path, F_OK) == 0;
}
