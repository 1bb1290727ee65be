/* SPDX-License-Identifier: MIT */
/*
 * A plain passthrough file by libfuse: what is written to "file" in the directory
 * argv[1] goes to a file in memory. One thread; nothing is cached, as with a device.
 * It ends on SIGTERM, or when it is unmounted.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "measure.h"

#define NAME       "file"
#define FILE_INODE 2u
#define FILE_BYTES (1 << 30)

static int below;

static void attributes(fuse_ino_t inode, struct stat *about)
{
	const bool file = inode == FILE_INODE;

	memset(about, 0, sizeof(*about));
	about->st_ino = inode;
	about->st_uid = getuid();
	about->st_mode = file ? S_IFREG | 0600 : S_IFDIR | 0700;
	about->st_nlink = file ? 1 : 2;
	about->st_size = file ? FILE_BYTES : 0;
}

static void look_up(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .ino = FILE_INODE };

	if (parent != FUSE_ROOT_ID || strcmp(name, NAME) != 0) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	attributes(FILE_INODE, &entry.attr);
	fuse_reply_entry(request, &entry);
}

static void get_attributes(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct stat about;

	(void)info;
	attributes(inode, &about);
	fuse_reply_attr(request, &about, 0);
}

static void open_file(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	(void)inode;
	info->direct_io = 1;
	fuse_reply_open(request, info);
}

static void write_file(fuse_req_t request, fuse_ino_t inode, const char *bytes, size_t count,
		       off_t offset, struct fuse_file_info *info)
{
	const ssize_t wrote = pwrite(below, bytes, count, offset);

	(void)inode;
	(void)info;
	if (wrote < 0)
		fuse_reply_err(request, errno);
	else
		fuse_reply_write(request, (size_t)wrote);
}

static const struct fuse_lowlevel_ops ops = {
	.lookup = look_up,
	.getattr = get_attributes,
	.open = open_file,
	.write = write_file,
};

int main(int argc, char **argv)
{
	char *arguments[] = { argv[0], NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, arguments);
	struct fuse_session *session;
	int ended;

	if (argc != 2)
		give_up("usage: fuse_file DIRECTORY");
	below = memfd_create("below", MFD_CLOEXEC);
	if (below < 0)
		give_up("a file in memory");
	session = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	if (!session || fuse_set_signal_handlers(session) != 0 ||
	    fuse_session_mount(session, argv[1]) != 0)
		give_up(argv[1]);
	ended = fuse_session_loop(session);
	fuse_session_unmount(session);
	fuse_remove_signal_handlers(session);
	fuse_session_destroy(session);
	return ended < 0;
}
