/* SPDX-License-Identifier: MIT */
/* The FUSE operations on open files; the session's user data is a struct opp_service. */
#ifndef OPENPARPORT_FUSE_OPEN_H
#define OPENPARPORT_FUSE_OPEN_H

#include "fuse_api.h"
#include "node.h"

/*
 * The most one write request carries. The kernel lets an ioctl have as many
 * pages, and the largest size a code can name must fit.
 */
#define OPP_WRITE_BYTES 16384

/* @node is a file. */
void opp_open_file(const struct opp_node *node, fuse_req_t request, int flags);
void opp_open_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
		   struct fuse_file_info *info);
void opp_open_write(fuse_req_t request, fuse_ino_t inode, const char *bytes, size_t count,
		    off_t offset, struct fuse_file_info *info);
void opp_open_ioctl(fuse_req_t request, fuse_ino_t inode, unsigned code, void *argument,
		    struct fuse_file_info *info, unsigned flags, const void *in, size_t in_bytes,
		    size_t out_bytes);
/* Would opp_open_ioctl refuse @code, whatever it brings? */
bool opp_open_refuses(const struct fuse_file_info *info, unsigned code);
void opp_open_fsync(fuse_req_t request, fuse_ino_t inode, int data_only,
		    struct fuse_file_info *info);
void opp_open_poll(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info,
		   struct fuse_pollhandle *handle);
void opp_open_release(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info);

#endif
