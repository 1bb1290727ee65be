/* SPDX-License-Identifier: MIT */
/*
 * What the IEEE 1284 device has to say: its device id where that was requested,
 * else one item of the owner's, asked for ahead.
 * Source: IEEE1284 6.1.
 */
#include "periph_1284.h"

#define ID_REQUESTED 0x04u
#define LENGTH_BYTES 2u

uint32_t opp_1284_id_bytes(const struct opp_1284_options *options)
{
	uint32_t bytes = LENGTH_BYTES;

	if (options->raw_device_id)
		return options->raw_device_id_bytes;
	if (!options->device_id)
		return 0;
	while (options->device_id[bytes - LENGTH_BYTES])
		bytes++;
	return bytes;
}

static bool is_reading_id(const struct opp_1284 *device)
{
	return device->accepted && (device->request & ID_REQUESTED);
}

bool opp_1284_has_more(const struct opp_1284 *device)
{
	if (is_reading_id(device))
		return device->id_at < device->id_bytes;
	return device->has_next && (device->request || (device->options.modes & OPP_1284_NIBBLE));
}

static uint8_t id_byte(const struct opp_1284 *device, uint32_t at)
{
	if (device->options.raw_device_id)
		return device->options.raw_device_id[at];
	if (at < LENGTH_BYTES)
		return (uint8_t)(at ? device->id_bytes : device->id_bytes >> 8);
	return (uint8_t)device->options.device_id[at - LENGTH_BYTES];
}

struct opp_1284_item opp_1284_next_item(const struct opp_1284 *device)
{
	if (is_reading_id(device))
		return (struct opp_1284_item){ .byte = id_byte(device, device->id_at) };
	return device->next;
}

void opp_1284_item_is_gone(struct opp_1284 *device)
{
	if (is_reading_id(device))
		device->id_at++;
	else
		device->has_next = false;
}

void opp_1284_fetch(struct opp_1284 *device)
{
	const struct opp_1284_options *options = &device->options;

	if (opp_1284_states[device->state].handshakes && !device->has_next && options->reverse)
		device->has_next = options->reverse(options->context, &device->next);
}
