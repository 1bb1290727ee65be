/* SPDX-License-Identifier: MIT */
/*
 * parport kick: takes a port away from a holder that hangs.
 */
#include <argp.h>
#include <stdio.h>

#include "cli.h"

static error_t parse(int key, char *argument, struct argp_state *state)
{
	const char **name = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*name)
			return ARGP_ERR_UNKNOWN;
		*name = argument;
		return 0;
	case ARGP_KEY_NO_ARGS: argp_error(state, "name the port, for example lpt1"); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* Who is in the way: the holder, or a print job that keeps the others waiting. */
static const struct opp_ioc_who *in_the_way(const struct opp_ioc_status *status)
{
	return status->holder.kind != OPP_IOC_WHO_NOBODY ? &status->holder : &status->job;
}

/* Puts out whom port->status names, and nobody who came since. */
static enum opp_status put_out(struct cli_port *port)
{
	enum opp_status status = cli_ask_status(port);
	const struct opp_ioc_who *who = in_the_way(&port->status);

	if (status != OPP_SUCCESS)
		return status;
	if (who->kind == OPP_IOC_WHO_NOBODY)
		return OPP_INVALID_DEVICE_STATE;
	return opp_kick(port->handle, who);
}

static int explain(const struct cli_port *port, enum opp_status status)
{
	if (port->status.holder.kind == OPP_IOC_WHO_SYSTEM)
		return cli_fail(status,
				"%s is in use by another program of the system: end that one, "
				"nobody else can put it out",
				port->device);
	if (status == OPP_ACCESS_DENIED)
		return cli_fail(
			status,
			"may not put anybody out of %s: only root and the user parportd runs as "
			"may; try sudo",
			port->device);
	if (status == OPP_INVALID_DEVICE_STATE)
		return cli_fail(status,
				"nobody holds %s, nobody prints to it: there is nobody to put out",
				port->device);
	return cli_fail(status, "cannot put out who holds %s: %s", port->device,
			opp_status_text(status));
}

int cli_kick(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "PORT",
		.doc = "Put out the program that holds PORT, or the print job that keeps others "
		       "waiting. Its calls fail until it opens the port again, and the next in "
		       "line is served.",
	};
	const struct opp_ioc_who *out;
	char who[CLI_TEXT_BYTES];
	const char *name = NULL;
	struct cli_port port;
	enum opp_status status;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &name);
	code = cli_port_open(&port, name);
	if (code)
		return code;
	status = put_out(&port);
	out = in_the_way(&port.status);
	if (status == OPP_SUCCESS)
		printf("%s: put out %s%s\n", port.device,
		       out->kind == OPP_IOC_WHO_JOB ? "the print job of " : "",
		       cli_who_text(out, who));
	else
		code = explain(&port, status);
	cli_port_close(&port);
	return code;
}
