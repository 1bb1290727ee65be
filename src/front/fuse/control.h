/* SPDX-License-Identifier: MIT */
/* OPP_IOC_CONTROL: documented requests, of files of every kind. */
#ifndef OPENPARPORT_FUSE_CONTROL_H
#define OPENPARPORT_FUSE_CONTROL_H

#include "call.h"
#include "file.h"

/* Is that OPP_IOC_CONTROL, whatever the length of its buffer? */
bool opp_control_is(unsigned code);

/*
 * opp_control_begin - carries one out; answers @asker, now or when it has ended.
 * @ended: called before that, on the loop; what the file is from now on is its
 *	business. Not called for a request that was malformed.
 */
void opp_control_begin(struct opp_file *file, struct opp_asker asker, const struct opp_ioctl *ioctl,
		       void (*ended)(struct opp_file *file, const struct opp_request *what));

/* Ends all that wait on this file, as another thread of its client asks. */
void opp_control_cancel(struct opp_file *file);

#endif
