/* SPDX-License-Identifier: MIT */
#include "by_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openparport/device_id.h>

#include "service.h"

/* Of the manufacturer, and of the model. */
#define PART_MOST 31

static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.";

/* One '_' stands for any number of bytes that are not kept, and for a dot in front. */
static size_t clean(struct opp_device_id_part part, char text[PART_MOST + 1])
{
	size_t length = 0;

	for (size_t i = 0; i < part.length && length < PART_MOST; i++) {
		const char c = part.start[i];
		const bool keeps = memchr(kept, c, sizeof(kept) - 1) && !(length == 0 && c == '.');

		if (keeps)
			text[length++] = c;
		else if (length == 0 || text[length - 1] != '_')
			text[length++] = '_';
	}
	text[length] = '\0';
	return length;
}

static bool is_taken(const struct opp_service *service, const char *link)
{
	const struct opp_served_port *port;

	OPP_PORTS_FOREACH(port, service)
		for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++) {
			const struct opp_served_device *device = &port->devices[place];

			if (device->present && strcmp(device->link, link) == 0)
				return true;
		}
	return false;
}

void opp_by_id_choose(struct opp_served_device *device)
{
	char manufacturer[PART_MOST + 1], model[PART_MOST + 1];
	struct opp_device_id_part made_by, is_a;
	char link[OPP_LINK_BYTES];

	device->link[0] = '\0';
	if (!opp_device_id_find(device->id, "MFG", &made_by) ||
	    !opp_device_id_find(device->id, "MDL", &is_a) || !clean(made_by, manufacturer) ||
	    !clean(is_a, model))
		return;
	snprintf(link, sizeof(link), "%s_%s", manufacturer, model);
	for (uint32_t n = 2; is_taken(device->port->service, link); n++)
		snprintf(link, sizeof(link), "%s_%s_%" PRIu32, manufacturer, model, n);
	memcpy(device->link, link, sizeof(link));
}
