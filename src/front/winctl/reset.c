/* SPDX-License-Identifier: MIT */
/*
 * parportctl reset: the device's nInit line goes low, then what it complains about is told.
 */
#include <stdio.h>

#include "winctl.h"

int win_reset(const struct win_words *words)
{
	const struct PAR_SET_INFORMATION wanted = { .Init = PARALLEL_INIT };
	struct win_device device;
	enum opp_status status;
	uint32_t moved;
	int code = win_open_named(&device, words->text[0]);

	if (code)
		return code;
	status = win_control(&device, IOCTL_PAR_SET_INFORMATION, &wanted, sizeof(wanted), NULL, 0,
			     &moved);
	if (status == OPP_SUCCESS)
		printf("%s: reset\n", device.name.text);
	else
		code = win_fail_request(&device, status, "reset");
	win_close(&device);
	return code;
}
