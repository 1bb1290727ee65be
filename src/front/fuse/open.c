/* SPDX-License-Identifier: MIT */
/*
 * Open files between the kernel and their kind, which is chosen here and
 * nowhere else. A client is known by its open file (fi->fh), never by a
 * process: a request carries the id of a thread, or none at all.
 */
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <linux/fuse.h>

#include "file.h"
#include "gone.h"
#include "job.h"
#include "lost.h"
#include "lp_ioctl.h"
#include "monitor.h"
#include "own_ioctl.h"
#include "ppdev.h"

static struct opp_file *file_of(const struct fuse_file_info *info)
{
	return (struct opp_file *)(uintptr_t)info->fh;
}

/* ---- open and close ----------------------------------------------------------- */

static struct opp_file *new_of_kind(const struct opp_node *node)
{
	if (node->port && node->port->leaving)
		return opp_gone_new();
	switch (node->kind) {
	case OPP_NODE_PPDEV: return opp_ppdev_new();
	case OPP_NODE_LPT: return opp_job_new();
	case OPP_NODE_EVENTS: return opp_watch_new(&node->service->monitor);
	default: return NULL;
	}
}

static struct opp_file *new_file(const struct opp_node *node, int flags)
{
	struct opp_file *file = new_of_kind(node);

	if (!file)
		return NULL;
	file->service = node->service;
	file->port = node->port;
	file->device = node->device;
	file->raw = node->raw;
	file->channel = node->channel ? node->channel : &node->service->mount;
	TAILQ_INIT(&file->controls);
	file->nonblock = flags & O_NONBLOCK;
	file->write_only = (flags & O_ACCMODE) == O_WRONLY;
	opp_submissions_init(&file->submissions);
	file->client.kind = node->kind == OPP_NODE_PPDEV ? OPP_IOC_WHO_PPDEV : OPP_IOC_WHO_JOB;
	if (file->port && !file->orphan &&
	    opp_host_open(file->port->host, &file->client) != OPP_SUCCESS) {
		free(file);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&node->service->files, file, link);
	return file;
}

/* Why it must not be opened now, as errno; 0: it may. */
static int refusal(const struct opp_node *node, int flags)
{
	const struct opp_served_port *port = node->port;

	if (!port || node->kind != OPP_NODE_LPT || flags & O_NONBLOCK || port->leaving)
		return 0;
	return opp_lp_open_error(node->device);
}

void opp_open_file(const struct opp_node *node, fuse_req_t request, int flags)
{
	/*
	 * libfuse has no name for some of the flags, so the answer is laid out here. A close asks
	 * nothing of us: else a program could not even be killed while we do not answer.
	 */
	struct fuse_open_out answer = {
		.open_flags = FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE | FOPEN_STREAM |
			      FOPEN_PARALLEL_DIRECT_WRITES | FOPEN_NOFLUSH,
	};
	struct opp_file *file = NULL;
	int error;

	if (node->port)
		opp_lost_heed(node->port);
	error = refusal(node, flags);
	if (!error)
		file = new_file(node, flags);
	answer.fh = (uintptr_t)file;
	if (!file) {
		fuse_reply_err(request, error ? error : ENOMEM);
		return;
	}
	/* When the kernel no longer wants the answer, no release will follow. */
	if (fuse_reply_buf(request, (const char *)&answer, sizeof(answer)) != 0)
		opp_file_close(file);
}

void opp_open_release(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	(void)inode;
	opp_file_close(file_of(info));
	fuse_reply_err(request, 0);
}

/* ---- the rest, handed to the kind of file ------------------------------------- */

void opp_open_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
		   struct fuse_file_info *info)
{
	struct opp_file *file = file_of(info);

	(void)inode;
	(void)offset;
	file->ops->read(file, request, size, info->flags & O_NONBLOCK);
}

void opp_open_write(fuse_req_t request, fuse_ino_t inode, const char *bytes, size_t count,
		    off_t offset, struct fuse_file_info *info)
{
	struct opp_file *file = file_of(info);

	(void)inode;
	(void)offset;
	file->ops->write(file, request, bytes, count, info->flags & O_NONBLOCK);
}

void opp_open_ioctl(fuse_req_t request, fuse_ino_t inode, unsigned code, void *argument,
		    struct fuse_file_info *info, unsigned flags, const void *in, size_t in_bytes,
		    size_t out_bytes)
{
	const struct opp_ioctl ioctl = {
		.code = code,
		.in = in,
		.in_bytes = in_bytes,
		.out_bytes = out_bytes,
		.argument = (uintptr_t)argument,
	};
	struct opp_file *file = file_of(info);

	(void)inode;
	if (flags & FUSE_IOCTL_DIR)
		fuse_reply_err(request, ENOTTY);
	else if (!file->port || file->orphan || !opp_own_ioctl(file, request, &ioctl))
		file->ops->ioctl(file, request, &ioctl);
}

bool opp_open_refuses(const struct fuse_file_info *info, unsigned code)
{
	struct opp_file *file = file_of(info);

	return file->ops->refuses && file->ops->refuses(file, code);
}

void opp_open_fsync(fuse_req_t request, fuse_ino_t inode, int data_only,
		    struct fuse_file_info *info)
{
	struct opp_file *file = file_of(info);

	(void)inode;
	(void)data_only;
	file->ops->fsync(file, request);
}

void opp_open_poll(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info,
		   struct fuse_pollhandle *handle)
{
	struct opp_file *file = file_of(info);

	(void)inode;
	if (handle) {
		if (file->poll)
			fuse_pollhandle_destroy(file->poll);
		file->poll = handle;
	}
	fuse_reply_poll(request, (unsigned)file->ops->events(file, (short)info->poll_events));
}
