/* SPDX-License-Identifier: MIT */
/*
 * See trap.h: of processors other than x86-64.
 */
#include "cli.h"
#include "trap.h"

int cli_trap_start(const struct cli_named *named, size_t count)
{
	(void)named;
	(void)count;
	return cli_fail(OPP_INVALID_DEVICE_REQUEST,
			"--trap-io knows the port instructions of x86-64, and this machine has "
			"another processor");
}
