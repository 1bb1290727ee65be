/* SPDX-License-Identifier: MIT */
/* Documented requests to a port inside this process. */
#include "handle_cases.h"

int main(void)
{
	struct handle_names names = { "sim:name=controls,chip=ecp,daisy=4", "sim:name=controls" };

	return run_control_cases("documented requests in this process", &names);
}
