/* SPDX-License-Identifier: MIT */
/* Events of a port inside this process. */
#include "handle_cases.h"

int main(void)
{
	struct handle_names names = { "sim:name=events", "sim:name=events" };

	return run_event_cases("events in this process", &names);
}
