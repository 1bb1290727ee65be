/* SPDX-License-Identifier: MIT */
/* Values that are lists: misdeeds of an IEEE 1284 device, chips of a JTAG chain. */
#ifndef OPP_LISTS_H
#define OPP_LISTS_H

#include <stdbool.h>

#include <openparport/sim_1284.h>
#include <openparport/sim_jtag.h>

struct opp_misdeeds {
	uint32_t count;
	struct opp_1284_rudeness misdeed[OPP_1284_RUDENESS_MOST];
};

struct opp_taps {
	uint32_t count;
	struct opp_jtag_tap tap[OPP_JTAG_MOST_TAPS];
};

/* Parts of a list stand apart by blanks. False: it is not such a list, or too long. */
bool opp_misdeeds_parse(const char *text, struct opp_misdeeds *list);
bool opp_misdeeds_good(const char *text);
bool opp_taps_parse(const char *text, struct opp_taps *list);
bool opp_taps_good(const char *text);

#endif
