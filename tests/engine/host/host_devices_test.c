/* SPDX-License-Identifier: MIT */
/* Handles of devices on a port inside this process. */
#include "handle_cases.h"

int main(void)
{
	struct handle_names names = {
		"sim:name=devices,modes=nibble,daisy=2,daisy0_id=MFG:First;MDL:Zero;,"
		"busy_every_bytes=10,busy_extra_us=60000000",
		"sim",
	};

	return run_device_cases("devices in this process", &names);
}
