/* SPDX-License-Identifier: MIT */
/*
 * The keys of a port, one table for parport.conf and "sim:KEY=VALUE,...".
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "host_port.h"

enum value_kind {
	VALUE_WORD,    /* one of words[], kept as that word */
	VALUE_ORDINAL, /* one of words[], kept as its place there */
	VALUE_NUMBER,  /* least .. most */
	VALUE_YES_NO,
	VALUE_PATH, /* any text but none, kept as a copy */
};

struct key {
	const char *name;
	enum value_kind kind;
	size_t offset;            /* in struct opp_host_config */
	const char *const *words; /* NULL-terminated */
	uint32_t least, most;
};

static const char *const chips[] = { "spp", "ps2", NULL };
static const char *const peripherals[] = { "printer", "none", NULL };
/* In the order of enum opp_on_death and enum opp_ack_order. */
static const char *const on_deaths[] = { "idle", "keep", NULL };
static const char *const ack_orders[] = { "in-busy", "after-busy", "while-busy", NULL };

#define AT(field) offsetof(struct opp_host_config, field)

static const struct key keys[] = {
	{ "chip", VALUE_WORD, AT(chip), chips, 0, 0 },
	{ "peripheral", VALUE_WORD, AT(peripheral), peripherals, 0, 0 },
	{ "on_death", VALUE_ORDINAL, AT(on_death), on_deaths, 0, 0 },
	{ "output", VALUE_PATH, AT(output), NULL, 0, 0 },
	{ "characters_per_second", VALUE_NUMBER, AT(characters_per_second), NULL, 0, 10000000 },
	{ "buffer_bytes", VALUE_NUMBER, AT(buffer_bytes), NULL, 0, 16 << 20 },
	{ "busy_every_bytes", VALUE_NUMBER, AT(busy_every_bytes), NULL, 0, 1000000000 },
	{ "busy_extra_us", VALUE_NUMBER, AT(busy_extra_us), NULL, 0, 60000000 },
	{ "ack_ns", VALUE_NUMBER, AT(ack_ns), NULL, 500, 10000 },
	{ "ack_order", VALUE_ORDINAL, AT(ack_order), ack_orders, 0, 0 },
	{ "paper_out", VALUE_YES_NO, AT(paper_out), NULL, 0, 0 },
	{ "off_line", VALUE_YES_NO, AT(off_line), NULL, 0, 0 },
	{ "error", VALUE_YES_NO, AT(error), NULL, 0, 0 },
	{ "powered_off", VALUE_YES_NO, AT(powered_off), NULL, 0, 0 },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

_Static_assert(sizeof(enum opp_on_death) == sizeof(uint32_t) &&
		       sizeof(enum opp_ack_order) == sizeof(uint32_t),
	       "an ordinal is stored as 32 bits");

void opp_host_config_defaults(struct opp_host_config *config, uint32_t number)
{
	*config = (struct opp_host_config){
		.number = number,
		.chip = "ps2",
		.peripheral = "printer",
		.on_death = OPP_ON_DEATH_IDLE,
		.ack_ns = 500,
		.ack_order = OPP_ACK_IN_BUSY,
	};
}

void opp_host_config_release(struct opp_host_config *config)
{
	free(config->output);
	config->output = NULL;
}

/* The words, or every key for NULL, as "a, b or c" in @list. */
static void list_words(char *list, size_t bytes, const char *const *words)
{
	const size_t count = words ? 0 : KEYS;
	size_t at = 0;
	size_t i;

	list[0] = '\0';
	for (i = 0; at < bytes && (words ? words[i] != NULL : i < count); i++) {
		const bool last = words ? words[i + 1] == NULL : i + 1 == count;
		const char *separator = i == 0 ? "" : last ? " or " : ", ";

		at += (size_t)snprintf(list + at, bytes - at, "%s%s", separator,
				       words ? words[i] : keys[i].name);
	}
}

static enum opp_status refuse(struct opp_error *error, const struct key *key, const char *value)
{
	static const char *const yes_no[] = { "yes", "no", "true", "false", NULL };
	char expected[OPP_ERROR_BYTES / 2] = "a file's path";

	if (key->kind == VALUE_NUMBER)
		(void)snprintf(expected, sizeof(expected), "a whole number from %u to %u",
			       key->least, key->most);
	else if (key->kind != VALUE_PATH)
		list_words(expected, sizeof(expected),
			   key->kind == VALUE_YES_NO ? yes_no : key->words);
	return opp_error_set(error, OPP_INVALID_PARAMETER, "%s = \"%.64s\": expected %s", key->name,
			     value, expected);
}

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

static bool find_word(const char *const *words, const char *text, uint32_t *place)
{
	uint32_t i;

	for (i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*place = i;
			return true;
		}
	}
	return false;
}

static bool parse_yes_no(const char *text, bool *yes)
{
	const bool is_yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;

	if (!is_yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
		return false;
	*yes = is_yes;
	return true;
}

static enum opp_status set_path(char **path, const char *text, struct opp_error *error)
{
	char *copy = strdup(text);

	if (!copy)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a path");
	free(*path);
	*path = copy;
	return OPP_SUCCESS;
}

static enum opp_status set(struct opp_host_config *config, const struct key *key, const char *value,
			   struct opp_error *error)
{
	void *field = (char *)config + key->offset;
	uint32_t number = 0;
	bool good = false;

	switch (key->kind) {
	case VALUE_WORD:
		good = find_word(key->words, value, &number);
		if (good)
			*(const char **)field = key->words[number];
		break;
	case VALUE_ORDINAL:
		good = find_word(key->words, value, &number);
		if (good)
			memcpy(field, &number, sizeof(number));
		break;
	case VALUE_NUMBER: good = parse_number(value, key->least, key->most, field); break;
	case VALUE_YES_NO: good = parse_yes_no(value, field); break;
	case VALUE_PATH:
		if (value[0] != '\0')
			return set_path(field, value, error);
		break;
	}
	return good ? OPP_SUCCESS : refuse(error, key, value);
}

enum opp_status opp_host_config_set(struct opp_host_config *config, const char *name,
				    const char *value, struct opp_error *error)
{
	char expected[OPP_ERROR_BYTES - 80];
	size_t i;

	for (i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return set(config, &keys[i], value, error);
	}
	list_words(expected, sizeof(expected), NULL);
	return opp_error_set(error, OPP_INVALID_PARAMETER, "unknown key \"%.32s\": expected %s",
			     name, expected);
}
