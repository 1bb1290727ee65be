/* SPDX-License-Identifier: MIT */
/*
 * parport reset: nInit low for a while, and what the peripheral says of itself then.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/parport.h>
#include <linux/ppdev.h>

#include "served.h"

#define INIT_NS UINT64_C(100000) /* 50 us at least (IEEE1284 3.1) */

/* A peripheral may be busy with its reset for some seconds. */
#define LOOK_NS 10000000
#define LOOKS   500

#define BUSY_LOW 0x80 /* the register shows Busy upside down */

static bool set_init(const struct cli_served *served, bool high)
{
	const struct ppdev_frob_struct init = {
		.mask = PARPORT_CONTROL_INIT,
		.val = high ? PARPORT_CONTROL_INIT : 0,
	};

	return ioctl(served->fd, PPFCONTROL, &init) == 0;
}

static bool wait_until_idle(const struct cli_served *served)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	unsigned char status;

	for (int i = 0; i < LOOKS; i++) {
		if (ioctl(served->fd, PPRSTATUS, &status) < 0 || (status & BUSY_LOW))
			break;
		nanosleep(&look, NULL);
	}
	return ioctl(served->fd, PPRSTATUS, &status) == 0;
}

/* The lines are those of the device that is selected. */
static int reset(struct cli_served *served, const struct cli_wish *wish)
{
	const struct timespec width = { .tv_nsec = INIT_NS };
	enum opp_status fault;

	(void)wish;
	if (!set_init(served, false))
		return cli_fail(OPP_DEVICE_REMOVED, "%s: %s", served->port.device, strerror(errno));
	nanosleep(&width, NULL);
	if (!set_init(served, true) || !wait_until_idle(served) ||
	    opp_get_pins(served->port.handle, &served->port.pins) != OPP_SUCCESS)
		return cli_fail(OPP_DEVICE_REMOVED, "%s: %s", served->port.device, strerror(errno));
	fault = opp_line_fault(served->port.pins.status);
	if (fault == OPP_SUCCESS)
		return 0;
	return cli_fail(fault, "%s: %s after the reset", served->port.device,
			opp_status_text(fault));
}

int cli_reset(int argc, char **argv)
{
	static const struct argp_option options[] = { CLI_OPTION_TIMEOUT, { 0 } };
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT",
		.doc = "Reset the peripheral by a pulse of nInit. What it had not printed is lost.",
	};

	return cli_while_held(&verb, argc, argv, reset);
}
