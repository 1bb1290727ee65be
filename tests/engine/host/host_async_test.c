/* SPDX-License-Identifier: MIT */
/* Calls on a port inside this process that no thread waits for. */
#include "handle_cases.h"

int main(void)
{
	struct handle_names names = {
		"sim:name=async,busy_every_bytes=10,busy_extra_us=60000000",
		"sim:name=async",
	};

	return run_async_cases("asynchronous calls in this process", &names);
}
