/* SPDX-License-Identifier: MIT */
/*
 * A trigger: D0 goes up for a given time, as experiments mark their events.
 *
 *	trigger [PORT [MICROSECONDS]]
 *
 * PORT is lpt1, parport0 or a simulated port such as
 * sim:peripheral=recorder,output=changes.log, whose recorder writes down when each
 * line changed. The port is shared: others wait for as long as the pulse takes.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openparport/hosted/openparport.h>

#define WAIT_US UINT64_C(1000000)

static int fail(const char *what, enum opp_status status)
{
	(void)fprintf(stderr, "trigger: %s: %s\n", what, opp_status_text(status));
	return opp_status_exit_code(status);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "sim:peripheral=recorder";
	const uint64_t ns = (argc > 2 ? strtoull(argv[2], NULL, 10) : 5000) * 1000;
	struct opp_handle *port;
	struct opp_error error;
	enum opp_status status;
	uint64_t width_ns;

	if (opp_open(name, &port, &error) != OPP_SUCCESS) {
		(void)fprintf(stderr, "trigger: %s\n", error.text);
		return opp_status_exit_code(error.status);
	}
	status = opp_allocate(port, WAIT_US);
	if (status == OPP_SUCCESS)
		status = opp_pulse(port, 0x01, 0x01, ns, &width_ns);
	opp_close(port);
	if (status != OPP_SUCCESS)
		return fail(name, status);
	printf("D0 was up for %llu ns\n", (unsigned long long)width_ns);
	return 0;
}
