/* SPDX-License-Identifier: MIT */
/* Signatures, sizes and times as the chips' data sheets give them. */
#include "parts.h"

#include <stddef.h>

const char *const opp_avr_part_names[] = { "at90s8515", "atmega8", "atmega32", "atmega128", NULL };

const struct opp_avr_part opp_avr_parts[] = {
	{ { 0x1e, 0x93, 0x01 }, 8192, 0, 512, 4000, 16000, true },
	{ { 0x1e, 0x93, 0x07 }, 8192, 64, 512, 4500, 9000, true },
	{ { 0x1e, 0x95, 0x02 }, 32768, 128, 1024, 4500, 9000, true },
	{ { 0x1e, 0x97, 0x02 }, 131072, 256, 4096, 4500, 9000, true },
};

const char *const opp_flash_part_names[] = { "w25q80", "w25q16", "w25q32", "w25q64", NULL };

const struct opp_flash_part opp_flash_parts[] = {
	{ { 0xef, 0x40, 0x14 }, 1 << 20 },
	{ { 0xef, 0x40, 0x15 }, 2 << 20 },
	{ { 0xef, 0x40, 0x16 }, 4 << 20 },
	{ { 0xef, 0x40, 0x17 }, 8 << 20 },
};
