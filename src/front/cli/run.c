/* SPDX-License-Identifier: MIT */
/*
 * parport run: becomes a program that insists on fixed names of ports, and finds ports of
 * the service there.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <openparport/hw.h>

#include "cli.h"
#include "names.h"
#include "trap.h"

#define PORTS_MOST 16

#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127

struct request {
	char *ports[PORTS_MOST]; /* inside argv */
	size_t count;
	bool trap_io;
	char **argv; /* of the program; NULL-terminated */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'p':
		if (request->count == PORTS_MOST)
			argp_error(state, "name %d ports at most", PORTS_MOST);
		request->ports[request->count++] = argument;
		return 0;
	case 't': request->trap_io = true; return 0;
	case ARGP_KEY_ARG:
		request->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!request->argv)
			argp_error(state, "name a program, for example sane-find-scanner -p");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the ports ---------------------------------------------------------------------- */

static void name_modes(uint32_t capabilities, char *text, size_t bytes)
{
	snprintf(text, bytes, "PCSPP%s%s%s", capabilities & OPP_HW_CAN_REVERSE ? ",TRISTATE" : "",
		 capabilities & OPP_HW_CAN_EPP ? ",EPP" : "",
		 capabilities & OPP_HW_CAN_FIFO ? ",ECP" : "");
}

static int describe(const struct cli_port *port, const char *name, struct cli_named *named)
{
	char folder[PATH_MAX];

	if (!realpath(port->folder, folder))
		return cli_fail(OPP_NO_SUCH_DEVICE, "%s: %s", port->folder, strerror(errno));
	named->has_ecp = port->info.capabilities & OPP_HW_CAN_FIFO;
	name_modes(port->info.capabilities, named->modes, sizeof(named->modes));
	if (snprintf(named->parport, PATH_MAX, "%s/parport%u", folder, port->info.number) >=
		    PATH_MAX ||
	    snprintf(named->lp, PATH_MAX, "%s/%s", folder, port->device) >= PATH_MAX)
		return cli_fail(OPP_INVALID_PARAMETER, "%s: its path is too long", name);
	return 0;
}

static int find(const char *name, struct cli_named *named)
{
	struct cli_port port;
	int code = cli_must_be_served(name);

	if (!code)
		code = cli_port_open(&port, name);
	if (code)
		return code;
	code = describe(&port, name, named);
	cli_port_close(&port);
	return code;
}

static int find_each(char *const *names, size_t count, struct cli_named *named)
{
	int code = 0;

	for (size_t i = 0; !code && i < count; i++)
		code = find(names[i], &named[i]);
	return code;
}

/* Those that were named, or all that there are, up to PORTS_MOST. */
static int find_ports(const struct request *request, struct cli_named *named, size_t *count)
{
	char **names;
	int code;

	*count = request->count;
	if (request->count)
		return find_each(request->ports, request->count, named);
	code = cli_ports_of_mount(&names, count);
	if (code)
		return code;
	if (*count > PORTS_MOST) {
		cli_say("only the first %d ports are shown: name others with --port", PORTS_MOST);
		code = find_each(names, PORTS_MOST, named);
	} else {
		code = find_each(names, *count, named);
	}
	cli_names_free(names, *count);
	if (*count > PORTS_MOST)
		*count = PORTS_MOST;
	return code;
}

/* ---- the program -------------------------------------------------------------------------- */

static int become(char **argv)
{
	int failed;

	execvp(argv[0], argv);
	failed = errno;
	cli_say("cannot run %s: %s", argv[0], strerror(failed));
	return failed == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int refuse_set_id(void)
{
	if (!getauxval(AT_SECURE))
		return 0;
	return cli_fail(OPP_ACCESS_DENIED, "it must not be set-user-id: who calls it would choose "
					   "what its owner's programs see");
}

int cli_run(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "port", 'p', "PORT", 0,
		  "The next of /dev/parport0, /dev/parport1, ... (all ports, in order)", 0 },
		{ "trap-io", 't', NULL, 0,
		  "Ports are at 0x378, 0x278, 0x3bc, too, for programs with port instructions", 0 },
		{ 0 },
	};
	static const struct argp verb = {
		.options = options,
		.parser = parse,
		.args_doc = "[--] PROGRAM...",
		.doc = "Run PROGRAM where /dev/parport0, /dev/lp0 and /proc/sys/dev/parport are "
		       "ports of parportd. Nobody else sees them.",
	};
	struct request request = { 0 };
	struct cli_named *named = calloc(PORTS_MOST, sizeof(*named));
	size_t count = 0;
	int code;

	argp_parse(&verb, argc, argv, ARGP_IN_ORDER, NULL, &request);
	if (!named)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no memory");
	code = refuse_set_id();
	if (!code)
		code = find_ports(&request, named, &count);
	if (!code)
		code = cli_names_make(named, count);
	if (!code && request.trap_io)
		code = cli_trap_start(named, count);
	free(named);
	return code ? code : become(request.argv);
}
