/* SPDX-License-Identifier: MIT */
/* The contents of a simulated memory chip, or what a peripheral has to say: a file, held in memory. */
#ifndef OPP_MEMORY_H
#define OPP_MEMORY_H

#include "host_port.h"

struct opp_memory {
	char *path;     /* NULL: no file */
	uint8_t *bytes; /* whoever drives the wire changes them */
	uint32_t count;
	uint8_t *loaded; /* as the file was */
};

/*
 * opp_memory_open - a memory of @count bytes with the contents of @path; those
 * that the file does not have, or all for NULL, are 0xff.
 * @key: the name of the key, for @error.
 * Errors: INVALID_PARAMETER (the file cannot be read, is larger),
 *	INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_memory_open(struct opp_memory **memory, const char *key, const char *path,
				uint32_t count, struct opp_error *error);

/*
 * opp_memory_load - the same of just the file's size, at most @most.
 */
enum opp_status opp_memory_load(struct opp_memory **memory, const char *key, const char *path,
				uint32_t most, struct opp_error *error);

/* Writes what was changed back to the file; a failure is told on stderr. NULL is closed already. */
void opp_memory_close(struct opp_memory *memory);

#endif
