/* SPDX-License-Identifier: MIT */
/* libfuse's low-level interfaces, of one version for all files here. */
#ifndef OPENPARPORT_FUSE_FUSE_API_H
#define OPENPARPORT_FUSE_FUSE_API_H

#define FUSE_USE_VERSION 314
#include <cuse_lowlevel.h>
#include <fuse_lowlevel.h>

#endif
