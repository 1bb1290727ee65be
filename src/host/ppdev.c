/* SPDX-License-Identifier: MIT */
/* Opens a file of ppdev, and says of each way in which that fails what is to be done. */
#include "ppdev.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "error.h"
#include "process.h"

#define PREFIX "ppdev:"

const char *opp_lent_path(const char *text)
{
	const size_t length = strlen(PREFIX);

	return strncmp(text, PREFIX, length) == 0 && text[length] == '/' ? text + length : NULL;
}

/* 0: the file is there, but not who uses the port. */
static const char *advice(int failed)
{
	switch (failed) {
	case 0:
		return "who uses the port is not to be seen (/proc/sys/dev/parport): without that "
		       "Linux's own program files would be made to hang";
	case ENOENT:
		return "there is no such file: 'modprobe ppdev' makes those of the kernel's ports, "
		       "'modprobe parport_pc' finds the ports";
	case EACCES:
	case EPERM: return "no right to open it: its group is to have us as a member, usually lp";
	case ENXIO:
	case ENODEV:
		return "no port is behind it: 'modprobe parport_pc' finds those of the board, "
		       "'parport doctor' tells what has the others";
	case EBUSY: return "another program keeps it to itself: end that one";
	case ENOTCONN:
	case ECONNABORTED: return "the parportd that served it has ended: start that one first";
	case EINVAL:
	case EISDIR:
	case ENOTTY:
		return "it is no file of ppdev: expected /dev/parport0 or a parport0 of parportd";
	default: return strerror(failed);
	}
}

enum opp_status opp_lent_open(struct opp_backend_ppdev *port, const struct opp_host_config *config,
			      void (*woken)(void *context), void *context, struct opp_error *error)
{
	const char *path = opp_lent_path(config->back_end);
	enum opp_status status;
	int failed;

	if (!path)
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "\"%.64s\": expected ppdev:/dev/parport0", config->back_end);
	status = opp_backend_ppdev_open(port, path, config->force, &opp_host_env, woken, context,
					&failed);
	if (status == OPP_SUCCESS)
		return status;
	return opp_error_set(error, status, "%.120s: %s", config->back_end, advice(failed));
}

const char *opp_lent_advice(const struct opp_backend_ppdev *port)
{
	if (port->irq <= 0)
		return NULL;
	return port->alone ? "Linux's port has an interrupt, and Linux locks up when it hands such "
			     "a port to a program in line: so it is only used while no driver "
			     "(rmmod lp) and no program has it open, and then they are refused; "
			     "better load parport_pc with irq=none"
			   : "Linux's port has an interrupt, and Linux locks up when it hands such "
			     "a port to a program in line, which force = true allows: better load "
			     "parport_pc with irq=none";
}
