/* SPDX-License-Identifier: MIT */
/*
 * parportctl id: what a device says of itself.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>

#include "winctl.h"

/* As it came, the two bytes of the length first. */
static int tell_raw(struct win_device *device)
{
	char id[OPP_DEVICE_ID_MOST];
	uint32_t bytes;
	const enum opp_status status =
		win_ask_id(device, IOCTL_PAR_QUERY_RAW_DEVICE_ID, id, &bytes);

	if (status != OPP_SUCCESS)
		return win_fail_request(device, status, "no device id");
	(void)_setmode(_fileno(stdout), _O_BINARY);
	/* Without the NUL, which is the driver's. */
	(void)fwrite(id, 1, bytes - 1, stdout);
	return 0;
}

static void tell_json(const struct win_device *device, enum opp_status status, const char *id)
{
	char hardware_id[OPP_PNP_ID_BYTES];

	win_json_open(NULL, '{');
	win_json_text("device", device->name.text);
	win_json_text("id", status == OPP_SUCCESS ? id : NULL);
	win_json_text("why", status == OPP_SUCCESS ? NULL : opp_status_text(status));
	win_json_text("hardware_id", opp_device_id_pnp(id, hardware_id) ? hardware_id : NULL);
	win_json_close('}');
}

static int tell_text(struct win_device *device, bool as_json)
{
	char id[OPP_DEVICE_ID_MOST] = "";
	uint32_t bytes;
	const enum opp_status status = win_ask_id(device, IOCTL_PAR_QUERY_DEVICE_ID, id, &bytes);

	if (as_json)
		tell_json(device, status, id);
	else if (status == OPP_SUCCESS)
		puts(id);
	if (status != OPP_SUCCESS)
		return win_fail_request(device, status, "no device id");
	return 0;
}

int win_id(const struct win_words *words)
{
	struct win_device device;
	int code = win_open_named(&device, words->text[0]);

	if (code)
		return code;
	code = words->raw ? tell_raw(&device) : tell_text(&device, words->json);
	win_close(&device);
	return code;
}
