/* SPDX-License-Identifier: MIT */
/*
 * An open file whose port has gone: every call fails with ENODEV, poll() tells POLLERR and
 * POLLHUP, and it stays so when a port of that number comes again: half of a page must not
 * go to whoever is there next. What a client had submitted can still be fetched. Of a port
 * that is listed although it is gone, it tells that it is.
 */
#ifndef OPENPARPORT_FUSE_GONE_H
#define OPENPARPORT_FUSE_GONE_H

#include "file.h"

/* Opened when the port was gone already. NULL: no memory. */
struct opp_file *opp_gone_new(void);

/*
 * opp_files_be_gone - all open files of @port become such files; what still waits on one
 *	fails with ENODEV.
 * Context: @port's host has been removed, and what it had to answer is answered.
 */
void opp_files_be_gone(struct opp_served_port *port);

#endif
