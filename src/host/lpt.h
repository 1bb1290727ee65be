/* SPDX-License-Identifier: MIT */
/* The documented name of a port by its number. */
#ifndef OPP_LPT_H
#define OPP_LPT_H

#include <stdint.h>

#include <openparport/names.h>

/* "LPT1" for number 0, in UTF-16. */
void opp_lpt_name(uint32_t number, uint16_t lpt[OPP_NAME_BYTES]);

#endif
