/* SPDX-License-Identifier: MIT */
/*
 * link_dev = true: /dev/parport<m> and /dev/lp<m> as links to the mount's files, for programs
 * that insist on such names.
 *
 * A name that is taken stays as it is; a link that an earlier service left is ours, and goes
 * also where its port is not one of ours. Only a link that still leads to our file is taken
 * away.
 */
#ifndef OPENPARPORT_FUSE_LINK_DEV_H
#define OPENPARPORT_FUSE_LINK_DEV_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/names.h>

struct opp_links {
	const char *mount;
	bool made[OPP_PORT_NAME_MOST];
};

void opp_links_init(struct opp_links *links, const char *mount);

/*
 * opp_links_take_over - takes away what a service whose keeper was killed has left.
 * Context: no other service has the mount.
 * Returns how many.
 */
unsigned opp_links_take_over(const struct opp_links *links);

/* Both of port @m; what is in their place is told. A number that no port has: nothing. */
void opp_links_make(struct opp_links *links, uint32_t m);
void opp_links_remove(struct opp_links *links, uint32_t m);
void opp_links_remove_all(struct opp_links *links);

#endif
