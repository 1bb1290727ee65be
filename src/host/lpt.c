/* SPDX-License-Identifier: MIT */
/* See lpt.h. */
#include "lpt.h"

#include <openparport/device.h>

void opp_lpt_name(uint32_t number, uint16_t lpt[OPP_NAME_BYTES])
{
	char name[OPP_NAME_BYTES];
	size_t length = opp_device_location(number, OPP_PLACE_RAW, name);

	for (size_t i = 0; i <= length; i++)
		lpt[i] = (uint16_t)name[i];
}
