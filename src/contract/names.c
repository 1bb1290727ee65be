/* SPDX-License-Identifier: MIT */
/*
 * See <openparport/names.h>.
 */
#include <openparport/decimal.h>
#include <openparport/device.h>
#include <openparport/names.h>

/* {97F76EF0-F883-11D0-AF1F-0000F800845C} */
const struct opp_guid opp_port_interface = {
	0x97f76ef0, 0xf883, 0x11d0, { 0xaf, 0x1f, 0x00, 0x00, 0xf8, 0x00, 0x84, 0x5c }
};

/* {811FC6A5-F728-11D0-A537-0000F8753ED1} */
static const struct opp_guid raw_interface = {
	0x811fc6a5, 0xf728, 0x11d0, { 0xa5, 0x37, 0x00, 0x00, 0xf8, 0x75, 0x3e, 0xd1 }
};

const struct opp_guid *opp_device_interface(uint8_t place)
{
	return place == OPP_PLACE_RAW ? &raw_interface : NULL;
}

/* ---- a port's number ----------------------------------------------------------------- */

static bool is_letter(uint16_t character, char upper)
{
	return character == (uint16_t)upper || character == (uint16_t)(upper - 'A' + 'a');
}

bool opp_port_number(const uint16_t *port_name, uint32_t *number)
{
	uint32_t n = 0;

	if (!port_name)
		return false;
	for (const char *letter = "LPT"; *letter; letter++) {
		if (!is_letter(*port_name++, *letter))
			return false;
	}
	if (*port_name == '0')
		return false;
	while (*port_name >= '0' && *port_name <= '9' && n <= OPP_PORT_NAME_MOST)
		n = n * 10 + (*port_name++ - (uint32_t)'0');
	if (*port_name || n == 0 || n > OPP_PORT_NAME_MOST)
		return false;
	*number = n - 1;
	return true;
}

/* ---- names -------------------------------------------------------------------------------- */

static char *put_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	return to;
}

static size_t put_end(char *end, const char *name)
{
	*end = '\0';
	return (size_t)(end - name);
}

static size_t put_name(char *name, const char *base, uint32_t number, uint8_t place)
{
	char *end = opp_put_decimal(put_text(name, base), number);

	if (place != OPP_PLACE_RAW)
		end = opp_put_decimal(put_text(end, "."), place);
	return put_end(end, name);
}

size_t opp_port_object_name(uint32_t number, char name[OPP_NAME_BYTES])
{
	return put_end(opp_put_decimal(put_text(name, "\\Device\\ParallelPort"), number), name);
}

size_t opp_device_object_name(uint32_t number, uint8_t place, char name[OPP_NAME_BYTES])
{
	return put_name(name, "\\Device\\Parallel", number, place);
}

size_t opp_device_location(uint32_t number, uint8_t place, char name[OPP_NAME_BYTES])
{
	return put_name(name, "LPT", number + 1, place);
}

/* The raw device is no device that could say something: it is named as one that did. */
size_t opp_device_hardware_id(uint8_t place, const char *id, char name[OPP_PNP_ID_BYTES])
{
	return opp_device_id_pnp(place == OPP_PLACE_RAW ? "MFG:Microsoft;MDL:RawPort;" : id, name);
}
