/* SPDX-License-Identifier: MIT */
/* A function of a card as sysfs shows it; see pci_card.h. */
#include "pci_card.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES  1024
#define RESOURCE_IO 0x100u /* IORESOURCE_IO of the kernel's list */

static bool read_file(int folder, const char *name, char text[FILE_BYTES])
{
	const int file =
		openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat about;
	ssize_t length = -1;

	if (file < 0)
		return false;
	if (fstat(file, &about) == 0 && S_ISREG(about.st_mode))
		length = read(file, text, FILE_BYTES - 1);
	(void)close(file);
	if (length >= 0)
		text[length] = '\0';
	return length >= 0;
}

static bool read_number(int folder, const char *name, uint32_t *number)
{
	char text[FILE_BYTES];

	if (!read_file(folder, name, text))
		return false;
	*number = (uint32_t)strtoul(text, NULL, 0);
	return true;
}

static uint16_t id_of(int folder, const char *name)
{
	uint32_t id = 0;

	(void)read_number(folder, name, &id);
	return (uint16_t)id;
}

static bool is_io(unsigned long long first, unsigned long long last, unsigned long long flags)
{
	return (flags & RESOURCE_IO) && first && first <= last && last <= UINT16_MAX;
}

/* A line a resource: first and last address, flags. */
static void read_ranges(int folder, struct opp_pci_range ranges[OPP_PCI_RANGES])
{
	unsigned long long first, last, flags;
	char text[FILE_BYTES];
	const char *line = text;

	if (!read_file(folder, "resource", text))
		return;
	for (int i = 0; line && i < OPP_PCI_RANGES; i++) {
		if (sscanf(line, "%llx %llx %llx", &first, &last, &flags) == 3 &&
		    is_io(first, last, flags)) {
			ranges[i].first = (uint16_t)first;
			ranges[i].count = (uint16_t)(last - first + 1);
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

/* The last part of what the link points to. */
static void read_driver(int folder, char driver[OPP_PCI_DRIVER_MOST])
{
	char target[PATH_MAX];
	const ssize_t length = readlinkat(folder, "driver", target, sizeof(target) - 1);
	const char *last;

	if (length < 0)
		return;
	target[length] = '\0';
	last = strrchr(target, '/');
	(void)snprintf(driver, OPP_PCI_DRIVER_MOST, "%.*s", OPP_PCI_DRIVER_MOST - 1,
		       last ? last + 1 : target);
}

bool opp_pci_read(int folder, struct opp_pci_function *function)
{
	uint32_t enabled = 0;

	*function = (struct opp_pci_function){
		.ids = { id_of(folder, "vendor"), id_of(folder, "device"),
			 id_of(folder, "subsystem_vendor"), id_of(folder, "subsystem_device") },
	};
	if (!read_number(folder, "class", &function->class))
		return false;
	(void)read_number(folder, "enable", &enabled);
	function->is_enabled = enabled != 0;
	read_ranges(folder, function->ranges);
	read_driver(folder, function->driver);
	return true;
}
