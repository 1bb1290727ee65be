/* SPDX-License-Identifier: MIT */
/* Paths that this service itself answers for: whoever waits there for an answer waits for himself. */
#ifndef OPENPARPORT_FUSE_OWN_FILES_H
#define OPENPARPORT_FUSE_OWN_FILES_H

#include <stdbool.h>

/*
 * opp_leads_to_own_file - does @path lead into @mount, by itself, through links, or because the
 * service that has it has its port from there? Of a chain of services that does not end it is
 * said, too. What is in the mount is not looked at.
 * @path: from the root.
 * Context: waits for other services.
 */
bool opp_leads_to_own_file(const char *path, const char *mount);

#endif
