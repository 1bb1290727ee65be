/* SPDX-License-Identifier: MIT */
/*
 * What Linux tells of a port in /proc and /sys, and what the mere name of a file tells.
 *
 * Nothing here is an ioctl: those of ppdev wait for each other in all of the system.
 */
#include "system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/major.h>
#include <linux/parport.h>

#define PROC  "/proc/sys/dev/parport/parport%u"
#define SYSFS "/sys/bus/parport/devices/parport%u"

#define PATH_BYTES 96

static struct opp_lent_place place_of(const char *path, const struct stat *about)
{
	const bool is_linux = S_ISCHR(about->st_mode) && major(about->st_rdev) == PP_MAJOR;

	return (struct opp_lent_place){
		.path = path,
		.folder = -1,
		.is_linux = is_linux,
		.number = is_linux ? minor(about->st_rdev) : 0,
	};
}

struct opp_lent_place opp_lent_locate(const char *path, int file)
{
	struct stat about = { 0 };

	(void)fstat(file, &about);
	return place_of(path, &about);
}

static bool is_one(const struct opp_lent_place *place, const struct opp_lent_place *other)
{
	return place->is_linux == other->is_linux && place->number == other->number;
}

bool opp_lent_is_same(const struct opp_lent_place *place, int file)
{
	const struct opp_lent_place other = opp_lent_locate(place->path, file);

	return is_one(place, &other);
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

int opp_lent_modes(const struct opp_lent_place *place)
{
	static const struct {
		const char *word;
		int mode;
	} known[] = {
		{ "PCSPP", PARPORT_MODE_PCSPP },   { "TRISTATE", PARPORT_MODE_TRISTATE },
		{ "EPP", PARPORT_MODE_EPP },       { "ECP", PARPORT_MODE_ECP },
		{ "COMPAT", PARPORT_MODE_COMPAT }, { "DMA", PARPORT_MODE_DMA },
	};
	char line[64];
	char *rest = line;
	const char *word;
	int modes = 0;

	if (!read_line(place, "modes", line, sizeof(line)))
		return 0;
	while ((word = strsep(&rest, ",")))
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strcmp(word, known[i].word) == 0)
				modes |= known[i].mode;
	return modes;
}

int32_t opp_lent_irq(const struct opp_lent_place *place)
{
	char line[16];

	return read_line(place, "irq", line, sizeof(line)) ? (int32_t)strtol(line, NULL, 10) : 0;
}

/* Nothing has come or gone since nobody else was there: a folder has a link for each in it. */
static bool is_as_it_was(const struct opp_lent_place *place)
{
	struct stat now;

	return place->folder >= 0 && fstat(place->folder, &now) == 0 &&
	       now.st_nlink == place->links;
}

static DIR *open_users(const struct opp_lent_place *place)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), SYSFS, place->number);
	return opendir(path);
}

/* Users of a port are folders of their own below it: lp.0, ppdev0.3. */
static bool is_user(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strchr(entry->d_name, '.') != NULL;
}

bool opp_lent_is_unused(const struct opp_lent_place *place, char *user)
{
	DIR *folder = open_users(place);
	struct dirent *entry;

	if (!folder)
		return false;
	while ((entry = readdir(folder)) && !is_user(entry))
		;
	if (entry)
		(void)snprintf(user, OPP_LENT_USER_BYTES, "%.*s", (int)strcspn(entry->d_name, "."),
			       entry->d_name);
	(void)closedir(folder);
	return !entry;
}

/*
 * The port's folder stays open: each file that is closed makes the kernel busy, and while
 * it is its driver naps for 10 ms over a byte that is not taken at once.
 */
bool opp_lent_is_alone(struct opp_lent_place *place)
{
	struct dirent *entry;
	uint32_t users = 0;
	DIR *folder;

	if (!place->is_linux || is_as_it_was(place))
		return true;
	opp_lent_forget(place);
	folder = open_users(place);
	if (!folder)
		return false;
	while ((entry = readdir(folder))) {
		place->links += entry->d_type == DT_DIR; /* "." and ".." are two of them */
		users += is_user(entry);
	}
	if (users == 1)
		place->folder = fcntl(dirfd(folder), F_DUPFD_CLOEXEC, 0);
	(void)closedir(folder);
	return users == 1;
}

void opp_lent_forget(struct opp_lent_place *place)
{
	if (place->folder >= 0)
		(void)close(place->folder);
	place->folder = -1;
	place->links = 0;
}

/* Anything else keeps us from seeing it now, and may be over soon. */
static bool says_gone(int failed)
{
	return failed == ENOENT || failed == ENOTDIR || failed == ENXIO || failed == ENODEV ||
	       failed == ENOTCONN; /* who served it has ended */
}

/* The kernel's folder stays for as long as somebody has the file open, the file itself does not. */
bool opp_lent_is_there(const struct opp_lent_place *place)
{
	struct opp_lent_place now;
	char path[PATH_BYTES];
	struct stat node;

	if (stat(place->path, &node) != 0)
		return !says_gone(errno);
	now = place_of(place->path, &node);
	if (!is_one(place, &now))
		return false;
	(void)snprintf(path, sizeof(path), PROC, place->number);
	return !place->is_linux || access(path, F_OK) == 0 || !says_gone(errno);
}
