/* SPDX-License-Identifier: MIT */
/*
 * Who is there? Asks the device on a port for its IEEE 1284 id, a line for each piece.
 *
 *	device_id [PORT]
 *
 * PORT is lpt1, parport0 or a simulated port; without it, a simulated printer's.
 */
#include <stdio.h>
#include <string.h>

#include <openparport/hosted/openparport.h>

#define WAIT_US UINT64_C(1000000)

static int fail(const char *text, enum opp_status status)
{
	(void)fprintf(stderr, "device_id: %s\n", text);
	return opp_status_exit_code(status);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "sim:modes=nibble";
	char id[OPP_IOC_DEVICE_ID_BYTES];
	struct opp_handle *port;
	struct opp_error error;
	enum opp_status status;
	char *piece;

	if (opp_open(name, &port, &error) != OPP_SUCCESS)
		return fail(error.text, error.status);
	status = opp_allocate(port, WAIT_US);
	if (status == OPP_SUCCESS)
		status = opp_device_id(port, id, sizeof(id));
	/* The port is free again before anything else is done. */
	opp_close(port);
	if (status != OPP_SUCCESS)
		return fail(opp_status_text(status), status);
	for (piece = strtok(id, ";"); piece; piece = strtok(NULL, ";"))
		puts(piece);
	return 0;
}
