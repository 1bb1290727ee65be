/* SPDX-License-Identifier: MIT */
/*
 * Files of a peripheral that are there as a whole. They are read before the
 * peripheral is plugged in and written after it was unplugged: the wire never
 * waits for them. A file is written beside the old one, which it then replaces.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

static void release(struct opp_memory *memory)
{
	free(memory->path);
	free(memory->bytes);
	free(memory->loaded);
	free(memory);
}

/* Returns the bytes read, or -1. */
static ssize_t read_all(int file, uint8_t *bytes, size_t count)
{
	size_t at = 0;
	ssize_t got = 1;

	while (at < count && got > 0) {
		got = read(file, bytes + at, count - at);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			at += (size_t)got;
	}
	return got < 0 ? -1 : (ssize_t)at;
}

static enum opp_status allocate(struct opp_memory **memory, const char *path, uint32_t count,
				struct opp_error *error)
{
	struct opp_memory *made = calloc(1, sizeof(*made));
	const size_t room = count ? count : 1;

	if (made) {
		made->count = count;
		made->bytes = malloc(room);
		made->loaded = malloc(room);
		made->path = path ? strdup(path) : NULL;
	}
	if (!made || !made->bytes || !made->loaded || (path && !made->path)) {
		if (made)
			release(made);
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
				     "no memory for %u bytes of a chip", count);
	}
	memset(made->bytes, 0xff, room);
	*memory = made;
	return OPP_SUCCESS;
}

static enum opp_status fill(struct opp_memory *memory, int file, const char *key,
			    struct opp_error *error)
{
	if (file >= 0 && read_all(file, memory->bytes, memory->count) < 0)
		return opp_error_set(error, OPP_INVALID_PARAMETER, "%s = \"%s\": %s", key,
				     memory->path, strerror(errno));
	memcpy(memory->loaded, memory->bytes, memory->count);
	return OPP_SUCCESS;
}

/* Opens a file of at most @most bytes. Without O_CREAT a missing one is -1 and SUCCESS. */
static enum opp_status open_file(const char *key, const char *path, uint32_t most, int *file,
				 struct stat *about, struct opp_error *error)
{
	*file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*file < 0)
		return opp_error_set(error, OPP_INVALID_PARAMETER, "%s = \"%s\": %s", key, path,
				     strerror(errno));
	if (fstat(*file, about) == 0 && S_ISREG(about->st_mode) && about->st_size <= most)
		return OPP_SUCCESS;
	close(*file);
	*file = -1;
	return opp_error_set(error, OPP_INVALID_PARAMETER,
			     "%s = \"%s\": expected a file of at most %u bytes", key, path, most);
}

enum opp_status opp_memory_open(struct opp_memory **memory, const char *key, const char *path,
				uint32_t count, struct opp_error *error)
{
	enum opp_status status = OPP_SUCCESS;
	struct opp_memory *made = NULL;
	struct stat about;
	int file = -1;

	if (path && (access(path, F_OK) == 0 || errno != ENOENT))
		status = open_file(key, path, count, &file, &about, error);
	if (status == OPP_SUCCESS)
		status = allocate(&made, path, count, error);
	if (status == OPP_SUCCESS)
		status = fill(made, file, key, error);
	if (file >= 0)
		close(file);
	if (status == OPP_SUCCESS)
		*memory = made;
	else if (made)
		release(made);
	return status;
}

enum opp_status opp_memory_load(struct opp_memory **memory, const char *key, const char *path,
				uint32_t most, struct opp_error *error)
{
	struct opp_memory *made = NULL;
	enum opp_status status;
	struct stat about;
	int file;

	status = open_file(key, path, most, &file, &about, error);
	if (status != OPP_SUCCESS)
		return status;
	status = allocate(&made, path, (uint32_t)about.st_size, error);
	if (status == OPP_SUCCESS)
		status = fill(made, file, key, error);
	close(file);
	if (status == OPP_SUCCESS)
		*memory = made;
	else if (made)
		release(made);
	return status;
}

/* ---- writing back -------------------------------------------------------------------- */

static bool write_all(int file, const uint8_t *bytes, size_t count)
{
	while (count) {
		const ssize_t wrote = write(file, bytes, count);

		if (wrote < 0 && errno != EINTR)
			return false;
		if (wrote > 0) {
			bytes += wrote;
			count -= (size_t)wrote;
		}
	}
	return true;
}

static bool replace(const struct opp_memory *memory)
{
	char beside[PATH_MAX];
	bool written;
	int file;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", memory->path) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return false;
	}
	file = mkostemp(beside, O_CLOEXEC);
	if (file < 0)
		return false;
	written = write_all(file, memory->bytes, memory->count) && fchmod(file, 0644) == 0;
	if (close(file) != 0 || !written || rename(beside, memory->path) != 0) {
		const int error = errno;

		unlink(beside);
		errno = error;
		return false;
	}
	return true;
}

void opp_memory_close(struct opp_memory *memory)
{
	if (!memory)
		return;
	if (memory->path && memcmp(memory->bytes, memory->loaded, memory->count) != 0 &&
	    !replace(memory))
		(void)fprintf(stderr, "openparport: %s: the chip's contents were not written: %s\n",
			      memory->path, strerror(errno));
	release(memory);
}
