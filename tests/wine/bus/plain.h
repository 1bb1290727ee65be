/* SPDX-License-Identifier: MIT */
/*
 * What the files that know the processor (traps.c, modules.c) and those that know the
 * kernel have in common: their system headers exclude each other.
 */
#ifndef OPENPARPORT_TESTS_BUS_PLAIN_H
#define OPENPARPORT_TESTS_BUS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function that a driver imports, and what it gets instead. */
struct replacement {
	const char *name;
	void *function;
};

/* ---- modules.c ------------------------------------------------------------------------ */

/* Where the module of that file name lies; NULL: not loaded. ASCII, any case. */
uint8_t *module_find(const char *name);

/* An export of it; NULL: none. */
void *module_export(const uint8_t *module, const char *name);

/* Makes @module call the replacements of what it imports. Returns how many it imports. */
unsigned module_replace(uint8_t *module, const struct replacement *replacements, size_t count);

/* ---- traps.c -------------------------------------------------------------------------- */

/* From now on port instructions reach port_read and port_write. */
void traps_begin(void);
void traps_end(void);

/* ---- for traps.c ------------------------------------------------------------------------ */

uint32_t port_read(uint16_t address, unsigned bytes);
void port_write(uint16_t address, unsigned bytes, uint32_t value);

/* The IRQL of the calling thread, as a driver sees it. */
uint8_t irql_get(void);
void irql_set(uint8_t irql);

/* One line into the log; digits of @number behind it, hexadecimal. */
void note(const char *text, uint64_t number);

#endif
