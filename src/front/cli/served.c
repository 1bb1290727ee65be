/* SPDX-License-Identifier: MIT */
/*
 * What the verbs share that work on the wire of a served port.
 */
#include "served.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "facts.h"

/* ---- what is asked for ---------------------------------------------------------- */

struct parsing {
	struct cli_wish *wish;
	const struct cli_verb *verb;
};

static uint64_t number(struct argp_state *state, const char *text, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || value > most)
		argp_error(state, "'%s' is no number from 0 to %ju", text, (uintmax_t)most);
	return value;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	const struct parsing *parsing = state->input;
	struct cli_wish *wish = parsing->wish;

	switch (key) {
	case CLI_KEY_JSON: wish->json = true; return 0;
	case CLI_KEY_ADDRESS: wish->address = true; return 0;
	case CLI_KEY_MODE: wish->mode = argument; return 0;
	case CLI_KEY_TIMEOUT: wish->timeout_us = cli_duration_of(state, argument); return 0;
	case CLI_KEY_WAIT: wish->wait_us = cli_duration_of(state, argument); return 0;
	case CLI_KEY_COUNT: wish->most = number(state, argument, UINT64_MAX - 1); return 0;
	case CLI_KEY_RESCAN: wish->rescan = true; return 0;
	case CLI_KEY_SLOT: wish->slot = (uint8_t)number(state, argument, 3); return 0;
	case ARGP_KEY_ARGS:
		wish->port = state->argv[state->next];
		wish->words = state->argv + state->next + 1;
		wish->count = (size_t)(state->argc - state->next - 1);
		return 0;
	case ARGP_KEY_END:
		if (!wish->port)
			argp_error(state, "name the port, for example lpt1");
		else if (wish->count < parsing->verb->least || wish->count > parsing->verb->most)
			argp_error(state, "wanted: %s", parsing->verb->arguments);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

void cli_wish_parse(struct cli_wish *wish, const struct cli_verb *verb, int argc, char **argv)
{
	struct parsing parsing = { wish, verb };
	const struct argp argp = {
		.options = verb->options,
		.parser = parse,
		.args_doc = verb->arguments,
		.doc = verb->doc,
	};

	*wish = (struct cli_wish){
		.timeout_us = OPP_FOREVER_US,
		.wait_us = 1000000,
		.most = UINT64_MAX,
		.slot = OPP_IOC_END_OF_CHAIN,
	};
	argp_parse(&argp, argc, argv, 0, NULL, &parsing);
}

/* ---- the port's file ------------------------------------------------------------ */

/* Of a path of lpt<n> the one beside it; another path is what it is. */
static void port_file(const struct cli_served *served, char path[PATH_MAX])
{
	const char *name = served->name.port;
	const char *slash = strrchr(name, '/');

	if (!slash)
		snprintf(path, PATH_MAX, "%s/%s", cli_mount(), served->port.info.name);
	else if (strncmp(slash, "/lpt", 4) == 0)
		snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - name), name,
			 served->port.info.name);
	else
		snprintf(path, PATH_MAX, "%s", name);
}

int cli_served_open(struct cli_served *served, const char *name, int flags)
{
	char path[PATH_MAX];
	int code = cli_must_be_served(name);

	*served = (struct cli_served){ .fd = -1 };
	if (code)
		return code;
	cli_name_parse(&served->name, name);
	code = cli_name_open(&served->port, &served->name);
	if (code)
		return code;
	port_file(served, path);
	served->fd = open(path, flags | O_CLOEXEC);
	if (served->fd >= 0)
		return 0;
	code = cli_fail(errno == EACCES ? OPP_ACCESS_DENIED : OPP_NO_SUCH_DEVICE,
			"cannot open %s: %s", path, strerror(errno));
	cli_port_close(&served->port);
	return code;
}

void cli_served_close(struct cli_served *served)
{
	close(served->fd);
	cli_port_close(&served->port);
}

static int explain_claim(struct cli_served *served, int error)
{
	char who[CLI_TEXT_BYTES];

	if (error == ENXIO)
		return cli_fail(OPP_DEVICE_BUSY, "another program has %s for itself alone (PPEXCL)",
				served->port.device);
	if (error == EBUSY && cli_ask_status(&served->port) == OPP_SUCCESS)
		return cli_fail(OPP_DEVICE_BUSY, "%s was not free in time: %s holds it",
				served->port.device, cli_keeper_text(&served->port, who));
	return cli_fail(error == EIO ? OPP_KICKED : OPP_DEVICE_REMOVED, "cannot hold %s: %s",
			served->port.device, strerror(error));
}

static int claim(struct cli_served *served, const struct cli_wish *wish, int flags)
{
	const struct opp_ioc_allocate now = { .timeout_us = 0 };
	const struct opp_ioc_allocate later = { .timeout_us = wish->timeout_us };
	struct cli_line line = { .port = &served->port };
	int code = cli_served_open(served, wish->port, flags);
	struct cli_ticker ticker;
	int error;

	if (code || ioctl(served->fd, OPP_IOC_ALLOCATE, &now) == 0)
		return code;
	error = errno;
	if (error == EBUSY && wish->timeout_us &&
	    cli_ticker_start(&ticker, CLI_TELL_PERIOD_MS, cli_line_tell, &line)) {
		error = ioctl(served->fd, OPP_IOC_ALLOCATE, &later) == 0 ? 0 : errno;
		cli_ticker_stop(&ticker);
	}
	if (error == 0)
		return 0;
	code = explain_claim(served, error);
	cli_served_close(served);
	return code;
}

/* From there the way into any mode is by negotiation. A reset makes devices forget their places. */
static int connect(struct cli_served *served)
{
	struct opp_ioc_wire wire = { .slot = served->name.place, .mode = OPP_MODE_NIBBLE };
	enum opp_status status = cli_wire(served, OPP_IOC_SELECT, &wire);

	if (status == OPP_UNSUCCESSFUL) {
		struct opp_ioc_wire chain = { 0 };

		status = cli_wire(served, OPP_IOC_CHAIN, &chain);
		if (status == OPP_SUCCESS)
			status = cli_wire(served, OPP_IOC_SELECT, &wire);
	}
	if (status == OPP_SUCCESS)
		return 0;
	return cli_wire_fail(status, &wire.fault, "no such device in a daisy chain", served);
}

int cli_served_hold(struct cli_served *served, const struct cli_wish *wish, int flags)
{
	int code = claim(served, wish, flags);

	if (code || served->name.place == OPP_IOC_END_OF_CHAIN)
		return code;
	code = connect(served);
	if (code)
		cli_served_close(served);
	return code;
}

int cli_while_held(const struct cli_verb *verb, int argc, char **argv,
		   int (*act)(struct cli_served *served, const struct cli_wish *wish))
{
	struct cli_served served;
	struct cli_wish wish;
	int code;

	cli_wish_parse(&wish, verb, argc, argv);
	code = cli_served_hold(&served, &wish, O_RDWR);
	if (code)
		return code;
	code = act(&served, &wish);
	cli_served_close(&served);
	return code;
}

/* ---- the wire ------------------------------------------------------------------- */

enum opp_status cli_wire(struct cli_served *served, unsigned long code, struct opp_ioc_wire *wire)
{
	if (ioctl(served->fd, code, wire) == 0)
		return (enum opp_status)wire->status;
	wire->fault.status = OPP_SUCCESS;
	switch (errno) {
	case EIO: return OPP_KICKED;
	case EINTR:
	case ECANCELED: return OPP_CANCELLED;
	case EINVAL: return OPP_INVALID_PARAMETER;
	default: return OPP_DEVICE_REMOVED;
	}
}

const char *cli_wire_text(enum opp_status status)
{
	switch (status) {
	case OPP_NO_SUCH_DEVICE: return "nobody there answers as IEEE 1284 wants it";
	case OPP_UNSUCCESSFUL: return "the peripheral refuses";
	case OPP_INVALID_PARAMETER: return "this port cannot do that";
	case OPP_DEVICE_PROTOCOL_ERROR: return "the peripheral fell silent";
	default: return opp_status_text(status);
	}
}

int cli_wire_exit_code(enum opp_status status)
{
	switch (status) {
	case OPP_NO_SUCH_DEVICE: return opp_status_exit_code(OPP_TIMEOUT);
	case OPP_INVALID_PARAMETER: return opp_status_exit_code(OPP_INVALID_DEVICE_REQUEST);
	default: return opp_status_exit_code(status);
	}
}

int cli_wire_fail(enum opp_status status, const struct opp_ioc_fault *fault, const char *what,
		  const struct cli_served *served)
{
	char where[CLI_TEXT_BYTES];

	cli_say("%s: %s: %s%s", served->port.device, what, cli_wire_text(status),
		cli_where_text(fault, where));
	return cli_wire_exit_code(status);
}

const char *cli_where_text(const struct opp_ioc_fault *fault, char text[CLI_TEXT_BYTES])
{
	text[0] = '\0';
	if (fault->status != OPP_SUCCESS && fault->event != OPP_NO_EVENT)
		snprintf(text, CLI_TEXT_BYTES, " (%s, event %u)", cli_phase_text(fault->phase),
			 fault->event);
	else if (fault->status != OPP_SUCCESS)
		snprintf(text, CLI_TEXT_BYTES, " (%s)", cli_phase_text(fault->phase));
	return text;
}

struct json_object *cli_wire_fault_object(const struct opp_ioc_fault *fault)
{
	struct json_object *object;

	if (fault->status == OPP_SUCCESS)
		return NULL;
	object = json_object_new_object();
	cli_json_fault(object, fault);
	return object;
}

struct json_object *cli_served_object(const struct cli_served *served)
{
	struct json_object *object = json_object_new_object();

	cli_json_text(object, "port", served->port.info.name);
	cli_json_text(object, "device", served->port.device);
	return object;
}

void cli_print_object(struct json_object *object)
{
	struct json_object *array = json_object_new_array();

	json_object_array_add(array, object);
	cli_json_print(array, JSON_C_TO_STRING_PRETTY);
}

const struct cli_mode *cli_find_mode(const char *name, enum cli_modes which)
{
	enum { BOTH = CLI_MODES_FORWARD | CLI_MODES_NEGOTIATED };
	static const struct cli_mode modes[] = {
		{ "compat", 0, OPP_MODE_COMPAT, CLI_MODES_FORWARD },
		{ "nibble", OPP_REQUEST_NIBBLE, OPP_MODE_NIBBLE, CLI_MODES_NEGOTIATED },
		{ "byte", OPP_REQUEST_BYTE, OPP_MODE_BYTE, CLI_MODES_NEGOTIATED },
		{ "ecp", OPP_REQUEST_ECP, OPP_MODE_ECP, BOTH },
		{ "ecp-rle", OPP_REQUEST_ECP_RLE, OPP_MODE_ECP, BOTH },
		{ "epp", OPP_REQUEST_EPP, OPP_MODE_EPP, BOTH },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (modes[i].is & which && strcmp(modes[i].name, name) == 0)
			return &modes[i];
	cli_say("'%s' is no mode for this: say %s, ecp, ecp-rle or epp", name,
		which == CLI_MODES_FORWARD ? "compat" : "nibble, byte");
	return NULL;
}
