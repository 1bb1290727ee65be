/* SPDX-License-Identifier: MIT */
/*
 * The keys of a port, one table (config_keys.c) for parport.conf, for
 * "sim:KEY=VALUE,..." and for changes while the port runs.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#define NONE "none"

const struct opp_key *opp_key_find(const char *name)
{
	uint32_t i;

	for (i = 0; i < opp_key_count; i++) {
		if (strcmp(opp_keys[i].name, name) == 0)
			return &opp_keys[i];
	}
	return NULL;
}

bool opp_host_config_is_of_simulation(const char *name)
{
	const struct opp_key *key = opp_key_find(name);

	return key && key->area != OPP_AREA_START && key->area != OPP_AREA_PORT;
}

static bool has_string(const struct opp_key *key)
{
	return key->kind == OPP_VALUE_PATH || key->kind == OPP_VALUE_TEXT;
}

static char **string_of(struct opp_host_config *config, const struct opp_key *key)
{
	return (char **)((char *)config + key->offset);
}

/* ---- the whole -------------------------------------------------------------------- */

void opp_host_config_release(struct opp_host_config *config)
{
	uint32_t i;

	for (i = 0; i < opp_key_count; i++) {
		if (has_string(&opp_keys[i])) {
			free(*string_of(config, &opp_keys[i]));
			*string_of(config, &opp_keys[i]) = NULL;
		}
	}
}

enum opp_status opp_host_config_copy(struct opp_host_config *copy,
				     const struct opp_host_config *config)
{
	bool whole = true;
	uint32_t i;

	*copy = *config;
	for (i = 0; i < opp_key_count; i++) {
		char **string;

		if (!has_string(&opp_keys[i]))
			continue;
		string = string_of(copy, &opp_keys[i]);
		if (!*string)
			continue;
		*string = strdup(*string);
		whole = whole && *string;
	}
	if (whole)
		return OPP_SUCCESS;
	opp_host_config_release(copy);
	return OPP_INSUFFICIENT_RESOURCES;
}

/* ---- explanations ------------------------------------------------------------------ */

/* "a, b or c" in @list. */
static void list_words(char *list, size_t bytes, const char *const *words)
{
	size_t at = 0;
	size_t i;

	list[0] = '\0';
	for (i = 0; at < bytes && words[i]; i++) {
		const char *separator = i == 0 ? "" : words[i + 1] ? ", " : " or ";

		at += (size_t)snprintf(list + at, bytes - at, "%s%s", separator, words[i]);
	}
}

static void explain(const struct opp_key *key, char *expected, size_t bytes)
{
	static const char *const yes_no[] = { "yes", "no", "true", "false", NULL };
	char words[OPP_ERROR_BYTES / 2] = "";

	switch (key->kind) {
	case OPP_VALUE_NUMBER:
	case OPP_VALUE_BYTE:
		(void)snprintf(expected, bytes, "a whole number from %u to %u", key->least,
			       key->most);
		break;
	case OPP_VALUE_PATH:
	case OPP_VALUE_TEXT: (void)snprintf(expected, bytes, "%s", key->expected); break;
	case OPP_VALUE_YES_NO: list_words(expected, bytes, yes_no); break;
	case OPP_VALUE_WORD: list_words(expected, bytes, key->words); break;
	case OPP_VALUE_SET:
		list_words(words, sizeof(words), key->words);
		(void)snprintf(expected, bytes, "none or some of %s", words);
		break;
	}
}

static enum opp_status refuse(struct opp_error *error, const struct opp_key *key, const char *value)
{
	char expected[OPP_ERROR_BYTES - 100];

	explain(key, expected, sizeof(expected));
	return opp_error_set(error, OPP_INVALID_PARAMETER, "%s = \"%.64s\": expected %s", key->name,
			     value, expected);
}

/* ---- values -------------------------------------------------------------------------- */

/* Digits only: strtoull alone would take a sign, blanks in front and text behind. */
static bool parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
	unsigned long long value;

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno == ERANGE || value < least || value > most)
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool find_word(const char *const *words, const char *text, size_t length, uint32_t *place)
{
	uint32_t i;

	for (i = 0; words[i]; i++) {
		if (strlen(words[i]) == length && strncmp(words[i], text, length) == 0) {
			*place = i;
			return true;
		}
	}
	return false;
}

/* Blanks or commas stand between the words. */
static bool parse_set(const char *const *words, const char *text, uint32_t *set)
{
	static const char between[] = " ,";
	uint32_t bits = 0;
	uint32_t place;

	if (strcmp(text, NONE) == 0) {
		*set = 0;
		return true;
	}
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		const size_t length = strcspn(text, between);

		if (!find_word(words, text, length, &place))
			return false;
		bits |= UINT32_C(1) << place;
		text += length;
	}
	*set = bits;
	return bits != 0;
}

static bool parse_yes_no(const char *text, bool *yes)
{
	const bool is_yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;

	if (!is_yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
		return false;
	*yes = is_yes;
	return true;
}

static enum opp_status set_string(char **string, const struct opp_key *key, const char *text,
				  struct opp_error *error)
{
	const bool is_none = strcmp(text, NONE) == 0;
	char *copy = NULL;

	if (!is_none && (text[0] == '\0' || (key->good && !key->good(text))))
		return refuse(error, key, text);
	if (!is_none) {
		copy = strdup(text);
		if (!copy)
			return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
					     "no memory for a text");
	}
	free(*string);
	*string = copy;
	return OPP_SUCCESS;
}

static enum opp_status set(struct opp_host_config *config, const struct opp_key *key,
			   const char *value, struct opp_error *error)
{
	void *field = (char *)config + key->offset;
	uint32_t number = 0;
	bool good = false;

	switch (key->kind) {
	case OPP_VALUE_WORD: good = find_word(key->words, value, strlen(value), &number); break;
	case OPP_VALUE_SET: good = parse_set(key->words, value, &number); break;
	case OPP_VALUE_NUMBER:
	case OPP_VALUE_BYTE: good = parse_number(value, key->least, key->most, &number); break;
	case OPP_VALUE_YES_NO:
		return parse_yes_no(value, field) ? OPP_SUCCESS : refuse(error, key, value);
	case OPP_VALUE_PATH:
	case OPP_VALUE_TEXT: return set_string(field, key, value, error);
	}
	if (!good)
		return refuse(error, key, value);
	if (key->kind == OPP_VALUE_BYTE)
		*(uint8_t *)field = (uint8_t)number;
	else
		memcpy(field, &number, sizeof(number));
	return OPP_SUCCESS;
}

enum opp_status opp_host_config_set(struct opp_host_config *config, const char *name,
				    const char *value, struct opp_error *error)
{
	const struct opp_key *key = opp_key_find(name);

	if (key)
		return set(config, key, value, error);
	return opp_error_set(error, OPP_INVALID_PARAMETER,
			     "unknown key \"%.64s\": expected one that parport.conf(5) names",
			     name);
}

/* ---- as text -------------------------------------------------------------------------- */

static int set_text(const char *const *words, uint32_t set, char *text, size_t bytes)
{
	size_t at = 0;
	uint32_t i;

	if (!set)
		return snprintf(text, bytes, NONE);
	for (i = 0; words[i]; i++) {
		if (set >> i & 1)
			at += (size_t)snprintf(at < bytes ? text + at : NULL,
					       at < bytes ? bytes - at : 0, "%s%s", at ? " " : "",
					       words[i]);
	}
	return (int)at;
}

int opp_config_text(const struct opp_host_config *config, const struct opp_key *key, char *text,
		    size_t bytes)
{
	const void *field = (const char *)config + key->offset;
	const char *string;
	uint32_t number = 0;

	switch (key->kind) {
	case OPP_VALUE_WORD:
		memcpy(&number, field, sizeof(number));
		return snprintf(text, bytes, "%s", key->words[number]);
	case OPP_VALUE_SET:
		memcpy(&number, field, sizeof(number));
		return set_text(key->words, number, text, bytes);
	case OPP_VALUE_NUMBER:
		memcpy(&number, field, sizeof(number));
		return snprintf(text, bytes, "%u", number);
	case OPP_VALUE_BYTE: return snprintf(text, bytes, "%u", *(const uint8_t *)field);
	case OPP_VALUE_YES_NO:
		return snprintf(text, bytes, "%s", *(const bool *)field ? "yes" : "no");
	case OPP_VALUE_PATH:
	case OPP_VALUE_TEXT: break;
	}
	string = *(const char *const *)field;
	return snprintf(text, bytes, "%s", string ? string : NONE);
}
