/* SPDX-License-Identifier: MIT */
/*
 * The ioctls of <linux/lp.h> on an lpt file. Most have no size in their code: those
 * that take a number get it in place of a pointer, and those that return one cannot
 * through FUSE, but through CUSE.
 */
#ifndef OPENPARPORT_FUSE_LP_IOCTL_H
#define OPENPARPORT_FUSE_LP_IOCTL_H

#include "file.h"

struct opp_ioctl_sizes {
	size_t in_bytes;
	size_t out_bytes;
};

/*
 * How many bytes @code moves each way, by what it says itself or by <linux/lp.h>.
 * @compat: a 32-bit program asks.
 */
struct opp_ioctl_sizes opp_ioctl_sizes(unsigned code, bool compat);

/* Answers @request: with EINVAL what is no ioctl of lp's. */
void opp_lp_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl);

/*
 * What LPABORTOPEN has to say to an open() without O_NONBLOCK: an errno, or 0.
 */
int opp_lp_open_error(const struct opp_served_device *device);

#endif
