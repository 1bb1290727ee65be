/* SPDX-License-Identifier: MIT */
/*
 * Device ids of anybody. Demanded: a text fits, prints and ends with ';'; going
 * through it ends and stays inside; a key that is found has its first value; a
 * name for Windows is no longer than they are.
 */
#include <stdbool.h>
#include <string.h>

#include <openparport/device_id.h>

#include "fuzz.h"

#define MOST  512u
#define GUARD 0x5a

static bool is_inside(const char *text, struct opp_device_id_part part)
{
	return part.start >= text && part.start + part.length <= text + strlen(text);
}

static void check_keys(const char *text)
{
	struct opp_device_id_part key, value, found;
	size_t at = 0;
	size_t rounds = 0;

	while (opp_device_id_next(text, &at, &key, &value)) {
		char name[MOST + 1];

		DEMAND(rounds++ <= strlen(text));
		DEMAND(at <= strlen(text));
		DEMAND(is_inside(text, key) && is_inside(text, value));
		DEMAND(!memchr(key.start, ':', key.length));
		DEMAND(!memchr(value.start, ';', value.length));
		memcpy(name, key.start, key.length);
		name[key.length] = '\0';
		DEMAND(opp_device_id_find(text, name, &found));
		DEMAND(is_inside(text, found) && found.start <= value.start);
	}
	DEMAND(!text[at]);
}

static void check_pnp(const char *text)
{
	struct {
		char name[OPP_PNP_ID_BYTES];
		char guard;
	} pnp = { .guard = GUARD };
	const size_t length = opp_device_id_pnp(text, pnp.name);

	DEMAND(pnp.guard == GUARD);
	DEMAND(length < OPP_PNP_ID_BYTES && strlen(pnp.name) == length);
	DEMAND(!length || length >= sizeof("LPTENUM\\0000") - 1);
}

static void check_text(const uint8_t *raw, size_t bytes, size_t capacity)
{
	char text[MOST + 2];
	size_t length;

	memset(text, GUARD, sizeof(text));
	length = opp_device_id_text(raw, bytes, text, capacity);
	DEMAND(text[capacity] == GUARD);
	DEMAND(!capacity || strlen(text) == length);
	if (!length)
		return;
	DEMAND(length < capacity && length <= bytes);
	DEMAND(text[length - 1] == ';');
	for (size_t i = 0; i < length; i++)
		DEMAND((uint8_t)text[i] >= ' ' && text[i] != 0x7f);
	check_keys(text);
	check_pnp(text);
}

/* A text that did not come through opp_device_id_text. */
static void check_any_text(const uint8_t *data, size_t size)
{
	char text[MOST + 1];

	memcpy(text, data, size);
	text[size] = '\0';
	check_keys(text);
	check_pnp(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *raw;
	size_t expected;

	if (size < OPP_DEVICE_ID_PREFIX || size > MOST)
		return 0;
	raw = malloc(size); /* exactly as long: what is read beyond it is seen */
	DEMAND(raw);
	memcpy(raw, data, size);
	expected = opp_device_id_expected(raw);
	DEMAND(!expected || (expected >= OPP_DEVICE_ID_LEAST && expected <= OPP_DEVICE_ID_MOST));
	DEMAND(!opp_device_id_is_exact(raw, size) || expected == size ||
	       size < OPP_DEVICE_ID_LEAST);
	check_text(raw, size, size + 1);
	check_text(raw, size, data[0] % (size + 2));
	check_any_text(data, size);
	free(raw);
	return 0;
}
