/* SPDX-License-Identifier: MIT */
/* See <openparport/duration.h>. */
#include <openparport/decimal.h>
#include <openparport/duration.h>

#define TENTHS_IN_S   10u
#define TENTHS_IN_MIN (60u * TENTHS_IN_S)
#define TENTHS_IN_H   (60u * TENTHS_IN_MIN)

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
		to = opp_put_decimal(text, tenths / TENTHS_IN_S);
		*to++ = '.';
		put_unit(opp_put_decimal(to, tenths % TENTHS_IN_S), "s");
	} else if (tenths < 3 * TENTHS_IN_MIN) {
		put_unit(opp_put_decimal(text, tenths / TENTHS_IN_S), "s");
	} else if (tenths < 3 * TENTHS_IN_H) {
		put_unit(opp_put_decimal(text, tenths / TENTHS_IN_MIN), "min");
	} else {
		put_unit(opp_put_decimal(text, tenths / TENTHS_IN_H), "h");
	}
}
