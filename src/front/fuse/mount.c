/* SPDX-License-Identifier: MIT */
/*
 * A service that was killed leaves a mount that answers ENOTCONN. The next one
 * unmounts it, as root by itself, else through fusermount3.
 */
#include "mount.h"

#include <errno.h>
#include <mntent.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool say(const char *directory, const char *what)
{
	fprintf(stderr, "parportd: %s: %s\n", directory, what);
	return false;
}

static bool run_fusermount(const char *directory)
{
	char program[] = "fusermount3", lazily[] = "-uz", end[] = "--";
	char *path = strdup(directory);
	char *arguments[] = { program, lazily, end, path, NULL };
	pid_t child;
	int status;

	if (posix_spawnp(&child, program, NULL, NULL, arguments, environ) != 0)
		child = -1;
	free(path);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool unmount_stale(const char *directory)
{
	fprintf(stderr, "parportd: %s: unmounting what a killed service left\n", directory);
	if (geteuid() == 0 ? umount2(directory, MNT_DETACH) == 0 : run_fusermount(directory))
		return true;
	return say(directory, "cannot unmount it; unmount it by hand");
}

/* Is a living parportd mounted on @directory? */
static bool is_served(const char *directory)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	char *path = realpath(directory, NULL);
	const struct mntent *mount;
	bool served = false;

	while (mounts && path && !served && (mount = getmntent(mounts)))
		served = strcmp(mount->mnt_dir, path) == 0 &&
			 strcmp(mount->mnt_type, "fuse.parportd") == 0;
	if (mounts)
		endmntent(mounts);
	free(path);
	return served;
}

static bool make_ready(const char *directory, bool *made)
{
	struct stat about;

	*made = false;
	while (stat(directory, &about) < 0) {
		if (errno == ENOTCONN && unmount_stale(directory))
			continue;
		if (errno != ENOENT || *made)
			return say(directory, strerror(errno));
		if (mkdir(directory, 0755) < 0)
			return say(directory, strerror(errno));
		*made = true;
	}
	if (!S_ISDIR(about.st_mode))
		return say(directory, "not a directory");
	if (is_served(directory))
		return say(directory, "already served; end that service first");
	return true;
}

char *opp_mount_options(void)
{
	static char for_all[] =
		"-ofsname=parportd,subtype=parportd,default_permissions,allow_other";
	static char for_me[] = "-ofsname=parportd,subtype=parportd,default_permissions";

	return geteuid() == 0 ? for_all : for_me;
}

bool opp_mount(struct fuse_session *session, const char *directory, bool *made)
{
	if (!make_ready(directory, made))
		return false;
	if (fuse_session_mount(session, directory) == 0)
		return true;
	if (*made)
		rmdir(directory);
	return say(directory, "cannot mount; is /dev/fuse there, and open to you?");
}

bool opp_is_unmounted(struct fuse_session *session)
{
	struct pollfd kernel = { .fd = fuse_session_fd(session) };

	return poll(&kernel, 1, 0) == 1 && (kernel.revents & POLLERR);
}

void opp_unmount(struct fuse_session *session, const char *directory, bool made)
{
	fuse_session_unmount(session);
	if (made)
		rmdir(directory);
}
