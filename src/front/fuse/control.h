/* SPDX-License-Identifier: MIT */
/* OPP_IOC_CONTROL: documented requests, of files of every kind. */
#ifndef OPENPARPORT_FUSE_CONTROL_H
#define OPENPARPORT_FUSE_CONTROL_H

#include "call.h"
#include "file.h"

/* Is that OPP_IOC_CONTROL, whatever the length of its buffer, and all of it there? */
bool opp_control_is(const struct opp_ioctl *ioctl);

/*
 * opp_control_begin - carries one out; answers @asker, now or when it has ended.
 * @ended: called before that, on the loop; what the file is from now on is its
 *	business. Not called for a request that was malformed.
 */
void opp_control_begin(struct opp_file *file, struct opp_asker asker, const struct opp_ioctl *ioctl,
		       void (*ended)(struct opp_file *file, const struct opp_request *what));

/*
 * opp_control_open - has @file's device opened for it, as CREATE of the documents does,
 * unless that has been done. Returns 0 or an errno: EACCES where another one has it.
 */
int opp_control_open(struct opp_file *file);

/* The documented READ and WRITE of a device that has been opened; @ended as above. */
void opp_control_read(struct opp_file *file, fuse_req_t request, size_t count,
		      void (*ended)(struct opp_file *file, const struct opp_request *what));
void opp_control_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		       void (*ended)(struct opp_file *file, const struct opp_request *what));

/* Ends all that wait or run on this file; @error is the answer of those that moved nothing. */
void opp_control_give_up(struct opp_file *file, int error);

#endif
