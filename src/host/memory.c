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

static struct opp_memory *allocate(const char *path, uint32_t count)
{
	struct opp_memory *memory = calloc(1, sizeof(*memory));
	const size_t room = count ? count : 1;

	if (!memory)
		return NULL;
	memory->count = count;
	memory->bytes = malloc(room);
	memory->loaded = malloc(room);
	memory->path = path ? strdup(path) : NULL;
	if (memory->bytes && memory->loaded && (memory->path || !path)) {
		memset(memory->bytes, 0xff, room);
		return memory;
	}
	release(memory);
	return NULL;
}

/* @file: open, or -1. */
static enum opp_status make(struct opp_memory **memory, const char *key, const char *path,
			    uint32_t count, int file, struct opp_error *error)
{
	struct opp_memory *made = allocate(path, count);

	if (!made)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
				     "%s: no memory for %u bytes", key, count);
	if (file >= 0 && read_all(file, made->bytes, count) < 0) {
		opp_error_set(error, OPP_INVALID_PARAMETER, "%s = \"%s\": %s", key, path,
			      strerror(errno));
		release(made);
		return OPP_INVALID_PARAMETER;
	}
	memcpy(made->loaded, made->bytes, count);
	*memory = made;
	return OPP_SUCCESS;
}

/* Opens a file of at most @most bytes; @count: how many there are. */
static enum opp_status open_file(const char *key, const char *path, uint32_t most, int *file,
				 uint32_t *count, struct opp_error *error)
{
	struct stat about;

	*file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*file < 0)
		return opp_error_set(error, OPP_INVALID_PARAMETER, "%s = \"%s\": %s", key, path,
				     strerror(errno));
	if (fstat(*file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= most) {
		*count = (uint32_t)about.st_size;
		return OPP_SUCCESS;
	}
	close(*file);
	*file = -1;
	return opp_error_set(error, OPP_INVALID_PARAMETER,
			     "%s = \"%s\": expected a file of at most %u bytes", key, path, most);
}

enum opp_status opp_memory_open(struct opp_memory **memory, const char *key, const char *path,
				uint32_t count, struct opp_error *error)
{
	enum opp_status status = OPP_SUCCESS;
	uint32_t there = 0;
	int file = -1;

	if (path && (access(path, F_OK) == 0 || errno != ENOENT))
		status = open_file(key, path, count, &file, &there, error);
	if (status != OPP_SUCCESS)
		return status;
	status = make(memory, key, path, count, file, error);
	if (file >= 0)
		close(file);
	return status;
}

enum opp_status opp_memory_load(struct opp_memory **memory, const char *key, const char *path,
				uint32_t most, struct opp_error *error)
{
	enum opp_status status;
	uint32_t count = 0;
	int file;

	status = open_file(key, path, most, &file, &count, error);
	if (status != OPP_SUCCESS)
		return status;
	status = make(memory, key, path, count, file, error);
	close(file);
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
