/* SPDX-License-Identifier: MIT */
#include "link_dev.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

#define LINK_BYTES 32

struct one {
	char path[LINK_BYTES];
	char target[PATH_MAX];
};

static struct one ppdev_of(const struct opp_links *links, uint32_t m)
{
	struct one one;

	snprintf(one.path, sizeof(one.path), "/dev/parport%" PRIu32, m);
	snprintf(one.target, sizeof(one.target), "%s/parport%" PRIu32, links->mount, m);
	return one;
}

static struct one lp_of(const struct opp_links *links, uint32_t m)
{
	struct one one;

	snprintf(one.path, sizeof(one.path), "/dev/lp%" PRIu32, m);
	snprintf(one.target, sizeof(one.target), "%s/lpt%" PRIu32, links->mount, m + 1);
	return one;
}

static bool is_ours(const struct one *one)
{
	char target[PATH_MAX];
	const ssize_t length = readlink(one->path, target, sizeof(target) - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	return strcmp(target, one->target) == 0;
}

static void make(const struct one *one, const char *port)
{
	const int failed = symlink(one->target, one->path) == 0 ? 0 : errno;

	if (failed == 0 || (failed == EEXIST && is_ours(one)))
		return;
	if (failed == EEXIST)
		opp_say(OPP_SAID_LINK, port,
			"%s is there already, of a driver of the kernel or by somebody's hand, and "
			"stays; use %s, or give the port another number",
			one->path, one->target);
	else
		opp_say(OPP_SAID_LINK, port, "%s: %s; use %s", one->path, strerror(failed),
			one->target);
}

static bool take_away(const struct one *one)
{
	return is_ours(one) && unlink(one->path) == 0;
}

void opp_links_init(struct opp_links *links, const char *mount)
{
	*links = (struct opp_links){ .mount = mount };
}

unsigned opp_links_take_over(const struct opp_links *links)
{
	unsigned count = 0;
	struct one one;

	for (uint32_t m = 0; m < OPP_PORT_NAME_MOST; m++) {
		one = ppdev_of(links, m);
		count += take_away(&one);
		one = lp_of(links, m);
		count += take_away(&one);
	}
	return count;
}

void opp_links_make(struct opp_links *links, uint32_t m)
{
	char port[LINK_BYTES];
	struct one one;

	if (m >= OPP_PORT_NAME_MOST)
		return;
	snprintf(port, sizeof(port), "parport%" PRIu32, m);
	one = ppdev_of(links, m);
	make(&one, port);
	one = lp_of(links, m);
	make(&one, port);
	links->made[m] = true;
}

void opp_links_remove(struct opp_links *links, uint32_t m)
{
	struct one one;

	if (m >= OPP_PORT_NAME_MOST || !links->made[m])
		return;
	one = ppdev_of(links, m);
	(void)take_away(&one);
	one = lp_of(links, m);
	(void)take_away(&one);
	links->made[m] = false;
}

void opp_links_remove_all(struct opp_links *links)
{
	for (uint32_t m = 0; m < OPP_PORT_NAME_MOST; m++)
		opp_links_remove(links, m);
}
