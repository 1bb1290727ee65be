/* SPDX-License-Identifier: MIT */
/* Who asks: the process behind a FUSE request, as /proc tells. */
#ifndef OPENPARPORT_FUSE_WHO_H
#define OPENPARPORT_FUSE_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * opp_who_ask - the process of thread @thread.
 * @name: receives its name, printable ASCII without quotes and backslashes, so
 *	that it can stand in a terminal and in a log line as it is; "" when unknown.
 * Returns the thread group's id, or @thread when /proc does not tell.
 */
pid_t opp_who_ask(pid_t thread, char *name, size_t name_bytes);

/*
 * opp_who_has_rawio - has @thread CAP_SYS_RAWIO? It waits for its answer, so that it is
 * still the same one. The root of a user namespace of its own counts, too, although the
 * kernel will refuse it.
 * Returns: false also where /proc does not tell.
 */
bool opp_who_has_rawio(pid_t thread);

#endif
