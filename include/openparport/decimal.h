/* SPDX-License-Identifier: MIT */
/* A number as text, where there is no C library. */
#ifndef OPENPARPORT_DECIMAL_H
#define OPENPARPORT_DECIMAL_H

#include <stdint.h>

/*
 * opp_put_decimal - the digits of @number, 10 at most; no end of a text follows.
 * Returns where the next character goes. Context: any.
 */
static inline char *opp_put_decimal(char *to, uint32_t number)
{
	uint32_t power = 1;

	while (number / power >= 10)
		power *= 10;
	for (; power; power /= 10)
		*to++ = (char)('0' + number / power % 10);
	return to;
}

#endif
