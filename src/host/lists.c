/* SPDX-License-Identifier: MIT */
/*
 * EVENT:WHAT, EVENT:WHAT:NUMBER, EVENT:WHAT:NUMBER:NUMBER   ("+" behind EVENT: always)
 * BITS:IDCODE, BITS:IDCODE:INSTRUCTION
 *
 * Numbers are decimal, or hexadecimal with 0x.
 */
#include "lists.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A number from 0 to @most at *@text, which moves behind it. */
static bool take_number(const char **text, uint32_t most, uint32_t *number)
{
	unsigned long long value;
	char *end;

	/* strtoull alone would take a sign and blanks. */
	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	value = strtoull(*text, &end, **text == '0' && (*text)[1] == 'x' ? 16 : 10);
	*text = end;
	*number = (uint32_t)value;
	return !errno && value <= most;
}

static bool take_char(const char **text, char wanted)
{
	if (**text != wanted)
		return false;
	++*text;
	return true;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

/* ---- misdeeds ---------------------------------------------------------------------- */

/* Which numbers follow, in this order. */
static const struct {
	const char *name;
	enum opp_1284_misdeed what;
	bool us, levels, mask;
} misdeeds[] = {
	{ "never", OPP_1284_NEVER, false, false, false },
	{ "late", OPP_1284_LATE, true, false, false },
	{ "wrong", OPP_1284_WRONG, false, true, false },
	{ "glitch", OPP_1284_GLITCH, true, false, true },
	{ "vanish", OPP_1284_VANISH, false, false, false },
	{ "die", OPP_1284_DIE, false, false, false },
};

#define MOST_US UINT32_C(60000000)

static bool take_what(const char **text, struct opp_1284_rudeness *misdeed)
{
	const size_t length = strcspn(*text, ": ");
	uint32_t levels = 0, mask = OPP_STATUS_LINES;
	size_t i = 0;

	while (i < sizeof(misdeeds) / sizeof(misdeeds[0]) &&
	       (strlen(misdeeds[i].name) != length ||
		strncmp(misdeeds[i].name, *text, length) != 0))
		i++;
	if (i == sizeof(misdeeds) / sizeof(misdeeds[0]))
		return false;
	*text += length;
	misdeed->what = misdeeds[i].what;
	if (misdeeds[i].us && !(take_char(text, ':') && take_number(text, MOST_US, &misdeed->us)))
		return false;
	if (misdeeds[i].levels &&
	    !(take_char(text, ':') && take_number(text, OPP_STATUS_LINES, &levels)))
		return false;
	if (misdeeds[i].mask &&
	    !(take_char(text, ':') && take_number(text, OPP_STATUS_LINES, &mask)))
		return false;
	misdeed->levels = (uint8_t)levels;
	misdeed->mask = (uint8_t)mask;
	return **text == ' ' || **text == '\0';
}

bool opp_misdeeds_parse(const char *text, struct opp_misdeeds *list)
{
	list->count = 0;
	for (text = skip_blanks(text); *text; text = skip_blanks(text)) {
		struct opp_1284_rudeness misdeed = { .always = false };
		uint32_t event;

		if (list->count == OPP_1284_RUDENESS_MOST ||
		    !take_number(&text, OPP_1284_EVENTS - 1, &event) || event == 0)
			return false;
		misdeed.event = (uint8_t)event;
		misdeed.always = take_char(&text, '+');
		if (!take_char(&text, ':') || !take_what(&text, &misdeed))
			return false;
		list->misdeed[list->count++] = misdeed;
	}
	return list->count > 0;
}

bool opp_misdeeds_good(const char *text)
{
	struct opp_misdeeds list;

	return opp_misdeeds_parse(text, &list);
}

/* ---- JTAG chips ------------------------------------------------------------------------ */

static uint32_t all_ones(uint32_t bits)
{
	return UINT32_MAX >> (32 - bits);
}

static bool take_tap(const char **text, struct opp_jtag_tap *tap)
{
	uint32_t bits = 0;

	if (!take_number(text, 32, &bits) || bits < 2 || !take_char(text, ':') ||
	    !take_number(text, UINT32_MAX, &tap->idcode))
		return false;
	tap->ir_bits = (uint8_t)bits;
	tap->ir_capture = 1;
	tap->idcode_instruction = all_ones(bits) - 1;
	if (take_char(text, ':') && !take_number(text, all_ones(bits), &tap->idcode_instruction))
		return false;
	return **text == ' ' || **text == '\0';
}

bool opp_taps_parse(const char *text, struct opp_taps *list)
{
	list->count = 0;
	for (text = skip_blanks(text); *text; text = skip_blanks(text)) {
		struct opp_jtag_tap tap = { .idcode = 0 };

		if (list->count == OPP_JTAG_MOST_TAPS || !take_tap(&text, &tap))
			return false;
		list->tap[list->count++] = tap;
	}
	return list->count > 0;
}

bool opp_taps_good(const char *text)
{
	struct opp_taps list;

	return opp_taps_parse(text, &list);
}
