/* SPDX-License-Identifier: MIT */
/* See table.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "table.h"

struct cli_row {
	char *words[CLI_COLUMNS];
	size_t count;
};

static void free_row(struct cli_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		free(row->words[i]);
}

static bool copy_row(struct cli_row *row, const char *const words[CLI_COLUMNS])
{
	row->count = 0;
	while (row->count < CLI_COLUMNS && words[row->count]) {
		row->words[row->count] = strdup(words[row->count]);
		if (!row->words[row->count]) {
			free_row(row);
			return false;
		}
		row->count++;
	}
	return true;
}

void cli_table_add(struct cli_table *table, const char *const words[CLI_COLUMNS])
{
	struct cli_row *rows = reallocarray(table->rows, table->count + 1, sizeof(*rows));

	if (rows)
		table->rows = rows;
	if (rows && copy_row(&rows[table->count], words))
		table->count++;
	else
		(void)cli_fail(OPP_INSUFFICIENT_RESOURCES, "no memory for %s", words[0]);
}

static size_t width_of(const struct cli_table *table, size_t column)
{
	size_t widest = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct cli_row *row = &table->rows[i];

		if (column + 1 < row->count && strlen(row->words[column]) > widest)
			widest = strlen(row->words[column]);
	}
	return widest;
}

static void print_row(const struct cli_row *row, const size_t *widths)
{
	for (size_t i = 0; i + 1 < row->count; i++)
		printf("%-*s  ", (int)widths[i], row->words[i]);
	puts(row->words[row->count - 1]);
}

void cli_table_print(struct cli_table *table)
{
	size_t widths[CLI_COLUMNS];

	for (size_t i = 0; i < CLI_COLUMNS; i++)
		widths[i] = width_of(table, i);
	for (size_t i = 0; i < table->count; i++) {
		print_row(&table->rows[i], widths);
		free_row(&table->rows[i]);
	}
	free(table->rows);
	*table = (struct cli_table){ 0 };
}
