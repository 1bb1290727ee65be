/* SPDX-License-Identifier: MIT */
/*
 * The driver's answers as the published headers of the interface read them (those of
 * mingw-w64). Their macros and ours exclude each other, so this is between the files.
 */
#ifndef OPENPARPORT_TESTS_WINE_PUBLISHED_H
#define OPENPARPORT_TESTS_WINE_PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum published_structure {
	PUBLISHED_PORT,
	PUBLISHED_MORE,
	PUBLISHED_PNP,
	PUBLISHED_PARCLASS,
};

uint32_t published_bytes(enum published_structure which);

/* The members of each answer are what a port of the bus has; the first uses the callbacks. */
bool published_port(const void *answer);
bool published_more(const void *answer);
bool published_pnp(const void *answer);

/* Writes @bytes by the callback of the answer to PARCLASS_CONNECT; how many it moved. */
uint32_t published_write(const void *answer, const void *bytes, uint32_t count);

#endif
