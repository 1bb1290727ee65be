/* SPDX-License-Identifier: MIT */
/* The IEEE 1284 device misbehaves: what it does instead of an event, or besides. */
#include "periph_1284.h"

#define US     UINT64_C(1000)
#define ALWAYS 0x80u

bool opp_1284_be_rude(struct opp_1284 *device, const struct opp_1284_rudeness *rudeness)
{
	if (device->rude_count == OPP_1284_RUDENESS_MOST)
		return false;
	device->rude[device->rude_count++] = *rudeness;
	return true;
}

struct opp_1284_rudeness opp_1284_rudeness_from(const uint8_t *bytes)
{
	return (struct opp_1284_rudeness){
		.event = bytes[0] % OPP_1284_EVENTS,
		.what = (enum opp_1284_misdeed)((bytes[1] & ~ALWAYS) % (OPP_1284_DIE + 1u)),
		.always = bytes[1] & ALWAYS,
		.us = bytes[2] | (uint32_t)bytes[3] << 8,
		.mask = bytes[4] & OPP_STATUS_LINES,
		.levels = bytes[5] & OPP_STATUS_LINES,
	};
}

/* Once is enough for most: such a one is forgotten as it is done. */
static struct opp_1284_rudeness use_up(struct opp_1284 *device, uint32_t at)
{
	const struct opp_1284_rudeness used = device->rude[at];

	if (!used.always)
		device->rude[at] = device->rude[--device->rude_count];
	return used;
}

static void do_one(struct opp_1284 *device, const struct opp_1284_rudeness *rudeness)
{
	switch (rudeness->what) {
	case OPP_1284_WRONG:
		device->wrong_mask = rudeness->mask;
		device->wrong_levels = rudeness->levels;
		break;
	case OPP_1284_GLITCH: opp_1284_pulse(device, rudeness->mask, rudeness->us * US); break;
	case OPP_1284_VANISH: opp_1284_go(device, OPP_STATUS_LINES); break;
	case OPP_1284_DIE: opp_1284_go(device, 0); break;
	case OPP_1284_NEVER:
	case OPP_1284_LATE: break;
	}
}

static bool is_about_time(const struct opp_1284_rudeness *rudeness)
{
	return rudeness->what == OPP_1284_NEVER || rudeness->what == OPP_1284_LATE;
}

void opp_1284_do_rudely(struct opp_1284 *device, uint8_t event)
{
	if (event == NO_EVENT)
		return;
	device->wrong_mask = 0;
	for (uint32_t i = device->rude_count; i-- > 0 && device->state != OPP_1284_GONE;) {
		struct opp_1284_rudeness rudeness = device->rude[i];

		if (rudeness.event != event || is_about_time(&rudeness))
			continue;
		rudeness = use_up(device, i);
		do_one(device, &rudeness);
	}
}

uint64_t opp_1284_rude_delay_ns(struct opp_1284 *device, uint8_t event)
{
	uint64_t sum_ns = 0;

	for (uint32_t i = device->rude_count; i-- > 0 && event != NO_EVENT;) {
		struct opp_1284_rudeness rudeness = device->rude[i];

		if (rudeness.event != event || !is_about_time(&rudeness))
			continue;
		rudeness = use_up(device, i);
		if (rudeness.what == OPP_1284_NEVER)
			sum_ns = OPP_SIM_NEVER;
		else if (sum_ns != OPP_SIM_NEVER)
			sum_ns += rudeness.us * US;
	}
	return sum_ns;
}
