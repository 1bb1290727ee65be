/* SPDX-License-Identifier: MIT */
/* The service's own ioctls that every file answers. */
#ifndef OPENPARPORT_FUSE_OWN_IOCTL_H
#define OPENPARPORT_FUSE_OWN_IOCTL_H

#include "file.h"

/* Returns false, with nothing done, when @ioctl is not one of them. */
bool opp_own_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl);

/* OPP_IOC_SIM_SET where the port has gone: that it is there again can be set, and nothing else. */
void opp_own_set_gone(struct opp_served_port *port, fuse_req_t request, const void *in);

#endif
