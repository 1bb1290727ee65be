/* SPDX-License-Identifier: MIT */
#include "own_files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "host_port.h"

#define HOPS_MOST     8
#define SERVICES_MOST 8

static bool is_below(const char *path, const char *folder)
{
	const size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

/* The folder of @path without links; as it stands where that is not to be found. */
static void folder_of(const char *path, char folder[static PATH_MAX])
{
	const char *name = strrchr(path, '/') + 1;
	char text[PATH_MAX];

	snprintf(text, sizeof(text), "%.*s", (int)(name - path), path);
	if (!realpath(text, folder))
		snprintf(folder, PATH_MAX, "%s", text);
}

/* One link further. False: @path is none, or leads nowhere. */
static bool follow(char path[static PATH_MAX], const char *folder)
{
	char target[PATH_MAX];
	const ssize_t length = readlink(path, target, sizeof(target) - 1);
	const bool is_whole = length > 0 && target[0] == '/';

	if (length < 0)
		return false;
	target[length] = '\0';
	return snprintf(path, PATH_MAX, "%s%s%s", is_whole ? "" : folder, is_whole ? "" : "/",
			target) < PATH_MAX;
}

static bool is_own_file(const char *path, const char *mount)
{
	char at[PATH_MAX], folder[PATH_MAX], ours[PATH_MAX];

	if (!realpath(mount, ours))
		snprintf(ours, sizeof(ours), "%s", mount);
	snprintf(at, sizeof(at), "%s", path);
	for (int hops = 0; hops < HOPS_MOST; hops++) {
		if (is_below(at, ours) || is_below(at, mount))
			return true;
		folder_of(at, folder);
		if (is_below(folder, ours))
			return true;
		if (!follow(at, folder))
			return false;
	}
	return false;
}

/*
 * The file by which the service of @path reaches its port. False: by none, or by one whose name
 * is too long to be told. Linux's own is not asked: its calls wait for each other.
 */
static bool ask_for_next(const char *path, char next[static OPP_IOC_NAME_BYTES])
{
	struct opp_ioc_info info = { 0 };
	const struct opp_host_config config = { .back_end = info.back_end };
	struct stat about;
	const char *named;
	bool told;
	int file;

	if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
		return false;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	told = ioctl(file, OPP_IOC_INFO, &info) == 0;
	close(file);
	named = told ? opp_host_config_file(&config) : NULL;
	if (!named || strlen(info.back_end) == sizeof(info.back_end) - 1)
		return false;
	snprintf(next, OPP_IOC_NAME_BYTES, "%s", named);
	return true;
}

bool opp_leads_to_own_file(const char *path, const char *mount)
{
	char next[OPP_IOC_NAME_BYTES];

	for (int services = 0; services < SERVICES_MOST; services++) {
		if (is_own_file(path, mount))
			return true;
		if (!ask_for_next(path, next))
			return false;
		path = next;
	}
	return true;
}
