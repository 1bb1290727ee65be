/* SPDX-License-Identifier: MIT */
/* One chip of each kind the simulator knows, with each of its quirks. */
#ifndef OPP_TEST_CHIP_QUIRKS_H
#define OPP_TEST_CHIP_QUIRKS_H

#include <openparport/sim.h>

extern const struct opp_sim_options chip_quirks[];
extern const uint32_t chip_quirk_count;

#endif
