/* SPDX-License-Identifier: MIT */
/*
 * One directory with two files a port, parport<m> and lpt<m+1>: lookup,
 * attributes, listing. What happens in an open file is the business of file.c.
 *
 * Every lookup answers with an inode of its own for the same file, so that two
 * clients never share the kernel's inode lock: with one inode, opening for
 * writing with O_TRUNC (a shell's "> lpt1") sleeps in the kernel, deaf to
 * signals, while somebody else's write() waits for the printer. st_ino is the
 * same for all of them. Nothing is kept for an inode, so forgetting is nothing.
 */
#include "tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "open.h"
#include "service.h"

#define FILES_A_PORT    2
#define FIRST_NODE      (FUSE_ROOT_ID + 1)
#define NODE_BITS       20 /* below: which file; above: which lookup */
#define NODE_MASK       ((UINT64_C(1) << NODE_BITS) - 1)
#define FILE_NAME_BYTES 32
/*
 * Larger than any write, or the kernel would take it for one that extends the
 * file; small enough for 32-bit programs to open it.
 */
#define FILE_BYTES (1 << 30)

/* Which file an inode stands for: 0 and 1 are the first port's, and so on. */
static size_t file_of(fuse_ino_t inode)
{
	return (size_t)(inode & NODE_MASK) - FIRST_NODE;
}

static struct opp_service *service_of(fuse_req_t request)
{
	return fuse_req_userdata(request);
}

static void file_name(const struct opp_service *service, size_t file, char name[FILE_NAME_BYTES])
{
	const struct opp_served_port *port = &service->ports[file / FILES_A_PORT];
	uint32_t number = port->config->host.number;

	if (file % FILES_A_PORT == 0)
		snprintf(name, FILE_NAME_BYTES, "parport%" PRIu32, number);
	else
		snprintf(name, FILE_NAME_BYTES, "lpt%" PRIu32, number + 1);
}

static void attributes(const struct opp_service *service, fuse_ino_t inode, struct stat *about)
{
	memset(about, 0, sizeof(*about));
	about->st_ino = inode & NODE_MASK;
	about->st_uid = service->config->user;
	about->st_gid = service->config->group;
	about->st_atim = about->st_mtim = about->st_ctim = service->started;
	if (inode == FUSE_ROOT_ID) {
		about->st_mode = S_IFDIR | 0755;
		about->st_nlink = 2;
	} else {
		about->st_mode = S_IFREG | service->config->mode;
		about->st_nlink = 1;
		about->st_size = FILE_BYTES;
	}
}

static void look_up(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct opp_service *service = service_of(request);
	struct fuse_entry_param entry = { 0 };
	char known[FILE_NAME_BYTES];

	(void)parent;
	for (size_t file = 0; file < service->port_count * FILES_A_PORT; file++) {
		file_name(service, file, known);
		if (strcmp(name, known) != 0)
			continue;
		entry.ino = ++service->lookups << NODE_BITS | (FIRST_NODE + file);
		attributes(service, entry.ino, &entry.attr);
		fuse_reply_entry(request, &entry);
		return;
	}
	fuse_reply_err(request, ENOENT);
}

static void get_attributes(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct stat about;

	(void)info;
	attributes(service_of(request), inode, &about);
	fuse_reply_attr(request, &about, 0);
}

/* Opening with O_TRUNC and setting times change nothing; the rest is the configuration's. */
static void set_attributes(fuse_req_t request, fuse_ino_t inode, struct stat *wanted, int which,
			   struct fuse_file_info *info)
{
	(void)wanted;
	if (which & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		fuse_reply_err(request, EPERM);
	else if (info && (which & FUSE_SET_ATTR_SIZE))
		fuse_reply_err(request, EINVAL);
	else
		get_attributes(request, inode, info);
}

/* Entry 0 and 1 are "." and "..". Returns false behind the last. */
static bool nth_entry(const struct opp_service *service, size_t n, char name[FILE_NAME_BYTES],
		      struct stat *about)
{
	if (n < 2) {
		snprintf(name, FILE_NAME_BYTES, "%s", n == 0 ? "." : "..");
		attributes(service, FUSE_ROOT_ID, about);
		return true;
	}
	n -= 2;
	if (n >= service->port_count * FILES_A_PORT)
		return false;
	file_name(service, n, name);
	attributes(service, FIRST_NODE + n, about);
	return true;
}

static void read_directory(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
			   struct fuse_file_info *info)
{
	char *listing = malloc(size);
	char name[FILE_NAME_BYTES];
	struct stat about;
	size_t used = 0;

	(void)inode;
	(void)info;
	if (!listing) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	for (size_t n = (size_t)offset; nth_entry(service_of(request), n, name, &about); n++) {
		size_t length = fuse_add_direntry(request, listing + used, size - used, name,
						  &about, (off_t)(n + 1));

		if (length > size - used)
			break;
		used += length;
	}
	fuse_reply_buf(request, listing, used);
	free(listing);
}

static void create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
		   struct fuse_file_info *info)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)info;
	fuse_reply_err(request, EPERM);
}

static void open_file(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct opp_service *service = service_of(request);
	size_t file = file_of(inode);

	opp_open_file(&service->ports[file / FILES_A_PORT], file % FILES_A_PORT == 0, request,
		      info->flags);
}

static void begin(void *context, struct fuse_conn_info *connection)
{
	(void)context;
	/* Else opening with O_TRUNC sets the size to 0, and FILE_BYTES is for nothing. */
	connection->want &= ~(unsigned)FUSE_CAP_ATOMIC_O_TRUNC;
	connection->max_write = OPP_WRITE_BYTES;
}

const struct fuse_lowlevel_ops opp_tree_ops = {
	.init = begin,
	.lookup = look_up,
	.getattr = get_attributes,
	.setattr = set_attributes,
	.readdir = read_directory,
	.create = create,
	.open = open_file,
	.read = opp_open_read,
	.write = opp_open_write,
	.ioctl = opp_open_ioctl,
	.fsync = opp_open_fsync,
	.poll = opp_open_poll,
	.flush = opp_open_flush,
	.release = opp_open_release,
};
