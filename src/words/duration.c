/* SPDX-License-Identifier: MIT */
/* See <openparport/duration.h>. */
#include <openparport/duration.h>

#define TENTHS_IN_S   10u
#define TENTHS_IN_MIN (60u * TENTHS_IN_S)
#define TENTHS_IN_H   (60u * TENTHS_IN_MIN)

static char *put_number(char *to, uint32_t number)
{
	uint32_t power = 1;

	while (number / power >= 10)
		power *= 10;
	for (; power; power /= 10)
		*to++ = (char)('0' + number / power % 10);
	return to;
}

static void put_unit(char *to, const char *unit)
{
	*to++ = ' ';
	while (*unit)
		*to++ = *unit++;
	*to = '\0';
}

void opp_duration_text(uint32_t tenths, char text[OPP_DURATION_BYTES])
{
	char *to;

	if (tenths < 10 * TENTHS_IN_S) {
		to = put_number(text, tenths / TENTHS_IN_S);
		*to++ = '.';
		put_unit(put_number(to, tenths % TENTHS_IN_S), "s");
	} else if (tenths < 3 * TENTHS_IN_MIN) {
		put_unit(put_number(text, tenths / TENTHS_IN_S), "s");
	} else if (tenths < 3 * TENTHS_IN_H) {
		put_unit(put_number(text, tenths / TENTHS_IN_MIN), "min");
	} else {
		put_unit(put_number(text, tenths / TENTHS_IN_H), "h");
	}
}
