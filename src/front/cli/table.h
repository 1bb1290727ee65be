/* SPDX-License-Identifier: MIT */
/* Lines of words for people, one below the other: each column as wide as its widest word. */
#ifndef OPENPARPORT_CLI_TABLE_H
#define OPENPARPORT_CLI_TABLE_H

#include <stddef.h>

#define CLI_COLUMNS 6

struct cli_row;

/* Zeroed: empty. */
struct cli_table {
	struct cli_row *rows;
	size_t count;
};

/*
 * cli_table_add - adds a line of @words, which are copied; NULL ends them where there are
 * fewer than CLI_COLUMNS. The last one takes what room it needs. What there is no memory
 * for is left out, which is said.
 */
void cli_table_add(struct cli_table *table, const char *const words[CLI_COLUMNS]);

/* Prints it to standard output, and empties it. */
void cli_table_print(struct cli_table *table);

#endif
