/* SPDX-License-Identifier: MIT */
/* The mount's directory and the FUSE operations on its files. */
#ifndef OPENPARPORT_FUSE_TREE_H
#define OPENPARPORT_FUSE_TREE_H

#include "fuse_api.h"

/* The operations of a session whose user data is a struct opp_service. */
extern const struct fuse_lowlevel_ops opp_tree_ops;

#endif
