/* SPDX-License-Identifier: MIT */
/*
 * parportctl modes and negotiate: the protocols that a device and its port agree on.
 */
#include <stdio.h>
#include <string.h>

#include <openparport/device.h>

#include "winctl.h"

static const struct {
	const char *name;
	uint16_t mask;
} protocols[] = {
	{ "bounded-ecp", OPP_PROTO_BOUNDED_ECP },
	{ "ecp-hw", OPP_PROTO_ECP_HW_NOIRQ },
	{ "ecp-irq", OPP_PROTO_ECP_HW_IRQ },
	{ "epp-hw", OPP_PROTO_EPP_HW },
	{ "epp-sw", OPP_PROTO_EPP_SW },
	{ "ecp-sw", OPP_PROTO_ECP_SW },
	{ "byte", OPP_PROTO_BYTE },
	{ "channel-nibble", OPP_PROTO_CHANNEL_NIBBLE },
	{ "nibble", OPP_PROTO_NIBBLE },
	{ "compat", OPP_PROTO_COMPATIBILITY },
	{ "centronics", OPP_PROTO_CENTRONICS },
};

#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

/* Several at once; "-" leaves a direction as it is. */
static const struct {
	const char *name;
	uint16_t mask;
} groups[] = {
	{ "any", 0xffff },
	{ "ecp", OPP_PROTO_BOUNDED_ECP | OPP_PROTO_ECP_HW_NOIRQ | OPP_PROTO_ECP_HW_IRQ |
			 OPP_PROTO_ECP_SW },
	{ "epp", OPP_PROTO_EPP_HW | OPP_PROTO_EPP_SW },
	{ "-", 0 },
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static bool parse_mask(const char *text, uint16_t *mask)
{
	for (size_t i = 0; i < PROTOCOLS; i++) {
		*mask = protocols[i].mask;
		if (strcmp(text, protocols[i].name) == 0)
			return true;
	}
	for (size_t i = 0; i < GROUPS; i++) {
		*mask = groups[i].mask;
		if (strcmp(text, groups[i].name) == 0)
			return true;
	}
	return false;
}

/* The fastest ones first; "none". */
static const char *mask_text(uint16_t mask, char text[WIN_TEXT_BYTES])
{
	size_t used = 0;

	snprintf(text, WIN_TEXT_BYTES, "none");
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (mask & protocols[i].mask)
			used += (size_t)snprintf(text + used, WIN_TEXT_BYTES - used, "%s%s",
						 used ? " " : "", protocols[i].name);
	}
	return text;
}

static void mask_json(const char *key, uint16_t mask)
{
	win_json_open(key, '[');
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (mask & protocols[i].mask)
			win_json_text(NULL, protocols[i].name);
	}
	win_json_close(']');
}

/* ---- negotiate ----------------------------------------------------------------------- */

static void tell_negotiated(const struct win_device *device, bool as_json,
			    const struct PARCLASS_NEGOTIATION_MASK *mask)
{
	char read[WIN_TEXT_BYTES], write[WIN_TEXT_BYTES];

	(void)mask_text(mask->usReadMask, read);
	(void)mask_text(mask->usWriteMask, write);
	if (!as_json) {
		printf("%s: reads by %s, writes by %s\n", device->name.text, read, write);
		return;
	}
	win_json_open(NULL, '{');
	win_json_text("device", device->name.text);
	win_json_text("read", read);
	win_json_text("write", write);
	win_json_close('}');
}

static int negotiate(struct win_device *device, bool as_json,
		     struct PARCLASS_NEGOTIATION_MASK wanted)
{
	struct PARCLASS_NEGOTIATION_MASK mask = wanted;
	uint32_t moved;
	const enum opp_status status = win_control(device, IOCTL_IEEE1284_NEGOTIATE, &wanted,
						   sizeof(wanted), &mask, sizeof(mask), &moved);

	if (status == OPP_UNSUCCESSFUL)
		return win_fail(status,
				"%s: device and port have none of these protocols in common: "
				"'parportctl modes %s' shows what they have",
				device->name.text, device->name.text);
	if (status != OPP_SUCCESS)
		return win_fail_request(device, status, "cannot negotiate");
	tell_negotiated(device, as_json, &mask);
	return 0;
}

int win_negotiate(const struct win_words *words)
{
	struct PARCLASS_NEGOTIATION_MASK wanted;
	struct win_device device;
	uint16_t *masks[] = { &wanted.usReadMask, &wanted.usWriteMask };
	int code;

	for (int i = 0; i < 2; i++) {
		const char *text = words->count > i + 1 ? words->text[i + 1] : "any";

		if (!parse_mask(text, masks[i]))
			return win_fail(OPP_INVALID_PARAMETER,
					"'%s' is no protocol: write any, ecp, epp, byte, nibble, "
					"compat, centronics, or - for as it is",
					text);
	}
	code = win_open_named(&device, words->text[0]);
	if (code)
		return code;
	code = negotiate(&device, words->json, wanted);
	win_close(&device);
	return code;
}

/* ---- modes -------------------------------------------------------------------------------- */

static int modes(struct win_device *device, bool as_json)
{
	struct PARCLASS_NEGOTIATION_MASK usual;
	char read[WIN_TEXT_BYTES], write[WIN_TEXT_BYTES], both[WIN_TEXT_BYTES];
	uint16_t known;
	enum opp_status status =
		win_ask(device, IOCTL_PAR_GET_DEFAULT_MODES, &usual, sizeof(usual));

	if (status == OPP_SUCCESS)
		status = win_ask(device, IOCTL_PAR_GET_DEVICE_CAPS, &known, sizeof(known));
	if (status != OPP_SUCCESS)
		return win_fail_request(device, status, "cannot ask for its protocols");
	if (as_json) {
		win_json_open(NULL, '{');
		win_json_text("device", device->name.text);
		mask_json("known", known);
		mask_json("read", usual.usReadMask);
		mask_json("write", usual.usWriteMask);
		win_json_close('}');
	} else {
		printf("%s: device and port know %s\n"
		       "  without negotiation it reads by %s and writes by %s\n",
		       device->name.text, mask_text(known, both), mask_text(usual.usReadMask, read),
		       mask_text(usual.usWriteMask, write));
	}
	return 0;
}

int win_modes(const struct win_words *words)
{
	struct win_device device;
	int code = win_open_named(&device, words->text[0]);

	if (code)
		return code;
	code = modes(&device, words->json);
	win_close(&device);
	return code;
}
