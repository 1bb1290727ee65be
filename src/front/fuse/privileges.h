/* SPDX-License-Identifier: MIT */
/*
 * Rights that the service gives up when it is started as root with --user, in two steps:
 *
 *	root --confine--> root, and no program it starts can gain a right
 *	     --drop-----> the user; of root's capabilities CAP_SYS_RAWIO at most
 *
 * Between the two it opens files as the user, who has to open them again later.
 */
#ifndef OPENPARPORT_FUSE_PRIVILEGES_H
#define OPENPARPORT_FUSE_PRIVILEGES_H

#include <stdbool.h>

struct opp_config;

/*
 * opp_privileges_confine - no way back to what is given up from now on, for this thread and
 *	those it starts. False after telling why.
 */
bool opp_privileges_confine(void);

/*
 * opp_privileges_lower - open files as the user of @config->run_as, with his groups and that of
 *	the ports. Both for the whole process, and false after telling why.
 * opp_privileges_raise - and as root again.
 */
bool opp_privileges_lower(const struct opp_config *config);
bool opp_privileges_raise(void);

/*
 * opp_privileges_drop - be the user of @config->run_as, with his groups and that of the ports.
 * Every thread loses root's capabilities. @rawio: the caller keeps CAP_SYS_RAWIO, for itself
 * and for threads that it starts; threads that use registers already go on without.
 * Context: ports, mount and nodes are there.
 * Returns false after telling why; then nobody must be served. Tells what was given up.
 */
bool opp_privileges_drop(const struct opp_config *config, bool rawio);

/* Of what stays root beside the service: all but unmounting. False after telling why. */
bool opp_privileges_of_keeper(void);

#endif
