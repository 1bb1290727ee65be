/* SPDX-License-Identifier: MIT */
/*
 * A command that runs while a verb holds something for it.
 */
#ifndef OPENPARPORT_CLI_COMMAND_H
#define OPENPARPORT_CLI_COMMAND_H

#include <argp.h>

#include "cli.h"

/* How often the one in the way is asked about. */
#define CLI_TELL_PERIOD_MS 1000

#define CLI_COMMAND_OPTION_TIMEOUT                                                                 \
	{                                                                                          \
		"timeout", 't', "T", 0,                                                            \
			"Wait at most T (500ms, 2s, 1m; 0: not at all), then fail", 0              \
	}

struct cli_command {
	const char *name;    /* what to hold */
	uint64_t timeout_us; /* OPP_FOREVER_US: no limit */
	bool no_select;      /* option 'n' */
	char **argv;         /* of the command, inside that of the verb */
	sigset_t signals, mask;
};

/* @verb: its options, args_doc and doc. Ends the process when the words are not what it takes. */
void cli_command_parse(struct cli_command *command, const struct argp *verb, int argc, char **argv);

/* Before the port is opened; then the wait may be ended by signals, and later again not. */
void cli_command_block_signals(struct cli_command *command);
void cli_command_let_signals_end_us(const struct cli_command *command);
void cli_command_keep_signals(const struct cli_command *command);

/* Runs it to its end. Returns the exit code. */
int cli_command_run(const struct cli_command *command);

/* What to exit with: @code of the command, when giving @device back was @status. */
int cli_command_released(const char *device, enum opp_status status, int code);

#endif
