/* SPDX-License-Identifier: MIT */
/* The cases of a handle on a port inside this process. */
#include "handle_cases.h"

int main(void)
{
	struct handle_names names = {
		"sim:name=handles,busy_every_bytes=10,busy_extra_us=60000000",
		"sim:name=handles",
	};

	return run_handle_cases("handles of this process", &names);
}
