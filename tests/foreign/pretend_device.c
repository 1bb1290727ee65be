/* SPDX-License-Identifier: MIT */
/*
 * For a program that refuses a file because it is not a character device, as
 * FUSE files never are: preloaded, it makes stat() and fstat() call a file named
 * parport* one. All else the program does reaches the file unchanged.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "parport"

static void pretend(const char *path, struct stat64 *about)
{
	const char *slash = strrchr(path, '/');

	if (slash && strncmp(slash + 1, PREFIX, strlen(PREFIX)) == 0)
		about->st_mode = (about->st_mode & ~(mode_t)S_IFMT) | S_IFCHR;
}

int stat64(const char *restrict path, struct stat64 *restrict about)
{
	int result = fstatat64(AT_FDCWD, path, about, 0);

	if (result == 0)
		pretend(path, about);
	return result;
}

int fstat64(int fd, struct stat64 *about)
{
	int result = fstatat64(fd, "", about, AT_EMPTY_PATH);
	char link[40], path[4096];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (result == 0 && length > 0) {
		path[length] = '\0';
		pretend(path, about);
	}
	return result;
}
