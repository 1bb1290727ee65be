/* SPDX-License-Identifier: MIT */
/* The programmable chips that can be simulated by name. */
#ifndef OPP_PARTS_H
#define OPP_PARTS_H

#include <openparport/sim_spi.h>

struct opp_avr_part {
	uint8_t signature[3];
	uint32_t flash_bytes;
	uint32_t page_bytes; /* 0: every byte alone */
	uint32_t eeprom_bytes;
	uint32_t write_us, erase_us;
	bool without_poll;
};

struct opp_flash_part {
	uint8_t id[3];
	uint32_t bytes;
};

/* NULL-terminated, in the order of the parts. */
extern const char *const opp_avr_part_names[];
extern const struct opp_avr_part opp_avr_parts[];
extern const char *const opp_flash_part_names[];
extern const struct opp_flash_part opp_flash_parts[];

#endif
