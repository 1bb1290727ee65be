/* SPDX-License-Identifier: MIT */
/*
 * The names by which programs insist on parallel ports, in a mount namespace of this
 * process' own: what it becomes afterwards sees them, and nobody else does.
 *
 *	/dev/parport<n>  /dev/lp<n>      links to files of the service
 *	/proc/sys/dev/parport/parport<n> what Linux says of such a port there
 *	/proc/parport/<n>                the same, of older kernels; where there is one
 *
 * The rest of these directories stays as it is.
 */
#ifndef OPENPARPORT_CLI_NAMES_H
#define OPENPARPORT_CLI_NAMES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Addresses of old, which the first ports are said to have: programs want to see some, and
 * those that use them get what trap_ports.h gives them.
 */
#define CLI_ADDRESSES 3
extern const uint16_t cli_addresses[CLI_ADDRESSES];

/* One port; it is called by its place in the list. */
struct cli_named {
	char parport[PATH_MAX]; /* of the service, absolute */
	char lp[PATH_MAX];
	bool has_ecp;
	char modes[64]; /* as Linux names them, comma between two */
};

/*
 * cli_names_make - enters a new namespace and makes the names there; needs no right where
 * the kernel gives user namespaces to everybody. CAP_SYS_RAWIO is given up for good, and
 * the working directory is entered again by its name.
 * Says what went wrong. Returns 0, or an exit code: the process is then to end, it is in
 * between. Context: before any thread.
 */
int cli_names_make(const struct cli_named *named, size_t count);

#endif
