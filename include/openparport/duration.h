/* SPDX-License-Identifier: MIT */
/* A duration for people, the same on every system. */
#ifndef OPENPARPORT_DURATION_H
#define OPENPARPORT_DURATION_H

#include <stdint.h>

#define OPP_DURATION_BYTES 16

/*
 * opp_duration_text - "0.5 s", "75 s", "4 min", "3 h", rounded down.
 * @tenths: of a second.
 * Context: any.
 */
void opp_duration_text(uint32_t tenths, char text[OPP_DURATION_BYTES]);

#endif
