/* SPDX-License-Identifier: MIT */
/*
 * The devices of a served port, by the files and links that parportd shows for
 * them: looking takes nobody's turn and nothing goes over the wire.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* The link of by-id that leads to @device. */
static void find_link(const char *by_id, struct cli_device *device)
{
	char target[PATH_MAX];
	DIR *folder = opendir(by_id);
	const struct dirent *entry;

	while (folder && !device->link[0] && (entry = readdir(folder))) {
		ssize_t length;

		length = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (strncmp(target, "../", 3) == 0 && strcmp(target + 3, device->name) == 0)
			snprintf(device->link, sizeof(device->link), "%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
}

size_t cli_devices_of(const struct cli_port *port, struct cli_device devices[CLI_DEVICES_MOST])
{
	char path[2 * PATH_MAX], by_id[2 * PATH_MAX];
	size_t count = 0;

	snprintf(by_id, sizeof(by_id), "%s/by-id", port->folder);
	for (unsigned int place = 0; port->folder[0] && place < CLI_DEVICES_MOST; place++) {
		struct cli_device *device = &devices[count];

		*device = (struct cli_device){ .link = "" };
		snprintf(device->name, sizeof(device->name), "lpt%u.%u", port->info.number + 1,
			 place);
		snprintf(path, sizeof(path), "%s/%s", port->folder, device->name);
		if (access(path, F_OK) != 0)
			continue;
		find_link(by_id, device);
		count++;
	}
	return count;
}
