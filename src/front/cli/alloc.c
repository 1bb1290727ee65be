/* SPDX-License-Identifier: MIT */
/*
 * parport alloc: runs a command while it holds a port, as flock(1) does with a file.
 *
 *	open -> wait in line -> run the command, hand it signals -> free
 *	         (a signal here ends us; the service then forgets our request)
 */
#include "command.h"

/* Ctrl-Z and fg end the wait CANCELLED: then we go to the end of the line. */
static enum opp_status stay_in_line(struct cli_port *port, uint64_t timeout_us)
{
	uint64_t begun_us = cli_now_us();
	uint64_t waited_us = 0;
	enum opp_status status;

	do {
		status = opp_allocate(port->handle, timeout_us == OPP_FOREVER_US
							    ? timeout_us
							    : timeout_us - waited_us);
		waited_us = cli_now_us() - begun_us;
	} while (status == OPP_CANCELLED && waited_us < timeout_us);
	return status;
}

static enum opp_status wait_in_line(struct cli_port *port, uint64_t timeout_us)
{
	struct cli_line line = { .port = port };
	struct cli_ticker ticker;
	enum opp_status status = opp_allocate(port->handle, 0);

	if (status != OPP_DEVICE_BUSY || timeout_us == 0)
		return status;
	if (!cli_ticker_start(&ticker, CLI_TELL_PERIOD_MS, cli_line_tell, &line))
		return OPP_INSUFFICIENT_RESOURCES;
	status = stay_in_line(port, timeout_us);
	cli_ticker_stop(&ticker);
	return status;
}

static int explain(struct cli_port *port, enum opp_status status, const struct cli_command *command)
{
	char who[CLI_TEXT_BYTES], time[CLI_TEXT_BYTES];

	/* The port is there, we have it open: this is what PPEXCL of another file leads to. */
	if (status == OPP_NO_SUCH_DEVICE)
		return cli_fail(OPP_DEVICE_BUSY,
				"another program has %s for itself alone (PPEXCL): end it, or set "
				"exclusive = \"wait\" in parport.conf",
				port->device);
	if (status == OPP_DEVICE_BUSY && cli_ask_status(port) == OPP_SUCCESS &&
	    cli_is_elsewhere(port))
		return cli_fail(
			status,
			"%s was not free within %s: %s has it; wait longer, or end that one",
			port->device, cli_duration_text(command->timeout_us, time),
			cli_keeper_text(port, who));
	if (status == OPP_DEVICE_BUSY && cli_ask_status(port) == OPP_SUCCESS)
		return cli_fail(status,
				"%s was not free within %s: %s holds it; wait longer, end that "
				"program, or put it out with 'parport kick %s'",
				port->device, cli_duration_text(command->timeout_us, time),
				cli_who_text(&port->status.holder, who), port->device);
	if (status == OPP_DELETE_PENDING || status == OPP_DEVICE_REMOVED)
		return cli_fail(
			status,
			"cannot hold %s: %s; its hardware has gone, or parportd has ended or "
			"was started anew: 'parport doctor' says which, then ask again",
			port->device, opp_status_text(status));
	return cli_fail(status, "cannot hold %s: %s", port->device, opp_status_text(status));
}

int cli_alloc(int argc, char **argv)
{
	static const struct argp_option options[] = {
		CLI_COMMAND_OPTION_TIMEOUT,
		{ 0 },
	};
	static const struct argp verb = {
		.options = options,
		.args_doc = "PORT [--] COMMAND...",
		.doc = "Run COMMAND while holding PORT, and exit as it does.",
	};
	struct cli_command command;
	enum opp_status status;
	struct cli_port port;
	int code;

	cli_command_parse(&command, &verb, argc, argv);
	cli_command_block_signals(&command);
	code = cli_port_open(&port, command.name);
	if (code)
		return code;

	cli_command_let_signals_end_us(&command);
	status = wait_in_line(&port, command.timeout_us);
	cli_command_keep_signals(&command);
	if (status == OPP_SUCCESS) {
		code = cli_command_run(&command);
		code = cli_command_released(port.device, opp_free(port.handle), code);
	} else {
		code = explain(&port, status, &command);
	}
	cli_port_close(&port);
	return code;
}
