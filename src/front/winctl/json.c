/* SPDX-License-Identifier: MIT */
/*
 * JSON, written as it comes: two blanks a level, one member a line.
 */
#include <inttypes.h>
#include <stdio.h>

#include "winctl.h"

static int depth;
static bool is_first = true;

/* A comma behind what came before, the place of a new member, its key. */
static void begin(const char *key)
{
	if (depth)
		printf("%s\n%*s", is_first ? "" : ",", 2 * depth, "");
	if (key)
		printf("\"%s\": ", key);
	is_first = false;
}

void win_json_open(const char *key, char bracket)
{
	begin(key);
	putchar(bracket);
	depth++;
	is_first = true;
}

void win_json_close(char bracket)
{
	depth--;
	if (!is_first)
		printf("\n%*s", 2 * depth, "");
	putchar(bracket);
	is_first = false;
	if (!depth)
		putchar('\n');
}

void win_json_text(const char *key, const char *value)
{
	if (!value) {
		win_json_null(key);
		return;
	}
	begin(key);
	putchar('"');
	for (; *value; value++) {
		const unsigned char character = (unsigned char)*value;

		if (character == '"' || character == '\\')
			printf("\\%c", character);
		else if (character < ' ' || character > '~')
			printf("\\u%04x", character);
		else
			putchar(character);
	}
	putchar('"');
}

void win_json_number(const char *key, uint64_t value)
{
	begin(key);
	printf("%" PRIu64, value);
}

void win_json_bool(const char *key, bool value)
{
	begin(key);
	fputs(value ? "true" : "false", stdout);
}

void win_json_null(const char *key)
{
	begin(key);
	fputs("null", stdout);
}
