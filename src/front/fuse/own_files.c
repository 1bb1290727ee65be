/* SPDX-License-Identifier: MIT */
#include "own_files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOPS_MOST 8

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

bool opp_is_own_file(const char *path, const char *mount)
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
