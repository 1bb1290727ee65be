/* SPDX-License-Identifier: MIT */
/*
 * The mount's directories: lookup, attributes, listing, links. What there is stands
 * in node.c; what happens in an open file is the business of file.c.
 *
 * Every lookup answers with an inode of its own for the same file, so that two
 * clients never share the kernel's inode lock: with one inode, opening for
 * writing with O_TRUNC (a shell's "> lpt1") sleeps in the kernel, deaf to
 * signals, while somebody else's write() waits for the printer. st_ino is the
 * same for all of them. Nothing is kept for an inode, so forgetting is nothing.
 * What that costs when many look up at once is the business of lookup.c.
 *
 * The kernel keeps no name and no attribute (their times are 0), so that a file is
 * gone for everybody in the moment in which its device is. Telling the kernel of it
 * would wait for the directory's lock, which a client's lookup may hold that waits
 * for this thread.
 */
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node.h"
#include "open.h"

#define NODE_BITS 20 /* below: which node; above: which lookup */
#define NODE_MASK ((UINT64_C(1) << NODE_BITS) - 1)
/*
 * Larger than any write, or the kernel would take it for one that extends the
 * file; small enough for 32-bit programs to open it.
 */
#define FILE_BYTES (1 << 30)

static struct opp_service *service_of(fuse_req_t request)
{
	return fuse_req_userdata(request);
}

static struct opp_node node_of(fuse_req_t request, fuse_ino_t inode)
{
	return opp_node_of(service_of(request), inode & NODE_MASK);
}

/* Where a link leads to, from its directory. */
static void link_target(const struct opp_node *node, char target[OPP_NODE_NAME_BYTES])
{
	char name[OPP_NAME_BYTES];

	opp_device_name(node->device, false, name);
	snprintf(target, OPP_NODE_NAME_BYTES, "../%s", name);
}

/* A name that is gone is still a file for who has it open; nobody else finds it. */
static void attributes(fuse_req_t request, uint64_t number, struct stat *about)
{
	struct opp_service *service = service_of(request);
	const struct opp_node node = opp_node_of(service, number);

	memset(about, 0, sizeof(*about));
	about->st_ino = number;
	about->st_uid = service->config->user;
	about->st_gid = service->config->group;
	about->st_atim = about->st_mtim = about->st_ctim = service->started;
	about->st_nlink = node.present;
	switch (node.kind) {
	case OPP_NODE_DIRECTORY:
		about->st_mode = S_IFDIR | 0755;
		about->st_nlink = 2;
		about->st_mtim = about->st_ctim = service->changed;
		break;
	case OPP_NODE_EVENTS: about->st_mode = S_IFREG | (service->config->mode & 0444); break;
	case OPP_NODE_LINK: about->st_mode = S_IFLNK | 0777; break;
	case OPP_NODE_PPDEV:
	case OPP_NODE_LPT:
		about->st_mode = S_IFREG | service->config->mode;
		about->st_size = FILE_BYTES;
		break;
	}
}

static pid_t thread_of(fuse_req_t request)
{
	return fuse_req_ctx(request)->pid;
}

static void answer_look_up(fuse_req_t request, uint64_t number)
{
	struct opp_service *service = service_of(request);
	struct fuse_entry_param entry = { .ino = ++service->found << NODE_BITS | number };

	attributes(request, number, &entry.attr);
	/* It may have gone while others had their turn. */
	if (opp_node_of(service, number).present)
		fuse_reply_entry(request, &entry);
	else
		fuse_reply_err(request, ENOENT);
}

static void look_up(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct opp_service *service = service_of(request);

	for (uint64_t number = OPP_NODE_BY_ID; number <= opp_node_count(service); number++) {
		const struct opp_node node = opp_node_of(service, number);

		if (!node.present || node.parent != (parent & NODE_MASK) ||
		    strcmp(name, node.name) != 0)
			continue;
		opp_lookup(service, request, number, answer_look_up);
		return;
	}
	fuse_reply_err(request, ENOENT);
}

static void get_attributes(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct opp_service *service = service_of(request);
	const pid_t thread = thread_of(request);
	struct stat about;

	(void)info;
	attributes(request, inode & NODE_MASK, &about);
	fuse_reply_attr(request, &about, 0);
	opp_lookup_used(service, thread);
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

static void read_link(fuse_req_t request, fuse_ino_t inode)
{
	const struct opp_node node = node_of(request, inode);
	char target[OPP_NODE_NAME_BYTES];

	if (!node.present) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	link_target(&node, target);
	fuse_reply_readlink(request, target);
}

/*
 * Entries 0 and 1 are "." and "..", those behind them are nodes by their number.
 * Returns false for one that is not in @directory now.
 */
static bool nth_entry(fuse_req_t request, uint64_t directory, uint64_t n,
		      char name[OPP_NODE_NAME_BYTES], struct stat *about)
{
	struct opp_node node;

	if (n < 2) {
		snprintf(name, OPP_NODE_NAME_BYTES, "%s", n == 0 ? "." : "..");
		attributes(request, n == 0 ? directory : OPP_NODE_ROOT, about);
		return true;
	}
	node = opp_node_of(service_of(request), n);
	if (!node.present || node.parent != directory)
		return false;
	memcpy(name, node.name, OPP_NODE_NAME_BYTES);
	attributes(request, n, about);
	return true;
}

static void read_directory(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
			   struct fuse_file_info *info)
{
	const uint64_t last = opp_node_count(service_of(request));
	char *listing = malloc(size);
	char name[OPP_NODE_NAME_BYTES];
	struct stat about;
	size_t used = 0;

	(void)info;
	if (!listing) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	for (uint64_t n = (uint64_t)offset; n <= last; n++) {
		size_t length;

		if (!nth_entry(request, inode & NODE_MASK, n, name, &about))
			continue;
		length = fuse_add_direntry(request, listing + used, size - used, name, &about,
					   (off_t)(n + 1));
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
	const struct opp_node node = node_of(request, inode);
	const pid_t thread = thread_of(request);

	if (node.present)
		opp_open_file(&node, request, info->flags);
	else
		fuse_reply_err(request, ENODEV);
	opp_lookup_used(node.service, thread);
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
	.readlink = read_link,
	.create = create,
	.open = open_file,
	.read = opp_open_read,
	.write = opp_open_write,
	.ioctl = opp_open_ioctl,
	.fsync = opp_open_fsync,
	.poll = opp_open_poll,
	.release = opp_open_release,
};
