/* SPDX-License-Identifier: MIT */
/*
 * A service that was killed leaves a mount that answers ENOTCONN. The next one
 * unmounts it, as root by itself, else through fusermount3.
 */
#include "mount.h"

#include <dirent.h>
#include <errno.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 1000

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
	char *path = realpath(directory, NULL);
	bool well;

	fprintf(stderr, "parportd: %s: unmounting what a killed service left\n", directory);
	if (geteuid() == 0)
		well = path && umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
	else
		well = run_fusermount(directory);
	free(path);
	return well || say(directory, "cannot unmount it; unmount it by hand");
}

/* Is a parportd mounted on @directory, living or killed? */
static bool is_mounted(const char *directory)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	char *path = realpath(directory, NULL);
	const struct mntent *mount;
	bool mounted = false;

	while (mounts && path && !mounted && (mount = getmntent(mounts)))
		mounted = strcmp(mount->mnt_dir, path) == 0 &&
			  strcmp(mount->mnt_type, "fuse.parportd") == 0;
	if (mounts)
		endmntent(mounts);
	free(path);
	return mounted;
}

/* One that lives may hang, and who asks it with it: so that is a child, which is not awaited. */
static bool is_stale(const char *directory)
{
	const pid_t child = fork();
	struct pollfd end = { .fd = -1, .events = POLLIN };
	struct stat about;
	int status = 0;

	if (child == 0)
		_exit(stat(directory, &about) != 0 && errno == ENOTCONN);
	if (child < 0)
		return false;
	end.fd = pidfd_open(child, 0);
	if (poll(&end, 1, ANSWER_MS) == 1)
		waitpid(child, &status, 0);
	else
		kill(child, SIGKILL);
	if (end.fd >= 0)
		close(end.fd);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/*
 * A name that was mistyped, perhaps; or somebody printed to a file here while nobody served,
 * and that does not keep the next service from starting.
 */
static void tell_hidden(const char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	bool empty = true;

	while (stream && empty && (entry = readdir(stream)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (stream)
		closedir(stream);
	if (!empty)
		say(directory, "not empty: what is in there is hidden until the service ends");
}

static bool make_ready(const char *directory, bool *made)
{
	struct stat about;

	*made = false;
	while (is_mounted(directory)) {
		if (!is_stale(directory))
			return say(directory, "already served; end that service first");
		if (!unmount_stale(directory))
			return false;
	}
	if (stat(directory, &about) == 0) {
		if (!S_ISDIR(about.st_mode))
			return say(directory, "not a directory");
		tell_hidden(directory);
		return true;
	}
	if (errno != ENOENT || mkdir(directory, 0755) < 0)
		return say(directory, strerror(errno));
	*made = true;
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
