/* SPDX-License-Identifier: MIT */
/* Paths that this service itself answers for: whoever waits there for an answer waits for himself. */
#ifndef OPENPARPORT_FUSE_OWN_FILES_H
#define OPENPARPORT_FUSE_OWN_FILES_H

#include <stdbool.h>

/*
 * opp_is_own_file - does @path lead into @mount, by itself or through links? What is in the
 * mount is not looked at. @path: from the root. Context: any.
 */
bool opp_is_own_file(const char *path, const char *mount);

#endif
