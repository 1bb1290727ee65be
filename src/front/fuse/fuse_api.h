/* SPDX-License-Identifier: MIT */
/* libfuse's low-level interface, of one version for all files here. */
#ifndef OPENPARPORT_FUSE_FUSE_API_H
#define OPENPARPORT_FUSE_FUSE_API_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#endif
