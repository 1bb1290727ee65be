/* SPDX-License-Identifier: MIT */
/* Where the files appear: making the directory ready and giving it back. */
#ifndef OPENPARPORT_FUSE_MOUNT_H
#define OPENPARPORT_FUSE_MOUNT_H

#include <stdbool.h>

#include "fuse_api.h"

/*
 * opp_mount - mount @session on @directory, which is made when it is missing
 *	and freed from what a killed service left there.
 * @made: set when the directory is new.
 * Returns false after saying why.
 */
bool opp_mount(struct fuse_session *session, const char *directory, bool *made);

/* @made: removes the directory too. */
void opp_unmount(struct fuse_session *session, const char *directory, bool made);

/* The mount options this process may use. */
char *opp_mount_options(void);

/* Has somebody else unmounted it, so that the kernel has ended the connection? */
bool opp_is_unmounted(struct fuse_session *session);

#endif
