/* SPDX-License-Identifier: MIT */
/*
 * Verbs that do something on the wire of a served port: they hold it, through its
 * file parport<m>, and let it go when they end.
 */
#ifndef OPENPARPORT_CLI_SERVED_H
#define OPENPARPORT_CLI_SERVED_H

#include <argp.h>
#include <json-c/json.h>

#include <openparport/ieee1284.h>

#include "cli.h"

/* ---- what is asked for ---------------------------------------------------------- */

/* Keys of the options that such verbs have; each verb lists those it takes. */
enum {
	CLI_KEY_JSON = 'j',
	CLI_KEY_TIMEOUT = 't',
	CLI_KEY_MODE = 'm',
	CLI_KEY_ADDRESS = 'a',
	CLI_KEY_COUNT = 'n',
	CLI_KEY_WAIT = 'w',
	CLI_KEY_SLOT = 's',
	CLI_KEY_RESCAN = 'r',
};

#define CLI_OPTION_TIMEOUT                                                                         \
	{                                                                                          \
		"timeout", CLI_KEY_TIMEOUT, "T", 0, "Wait at most T for the port (500ms, 2s, 1m)", \
			0                                                                          \
	}
#define CLI_OPTION_JSON                                                                            \
	{                                                                                          \
		"json", CLI_KEY_JSON, NULL, 0, "Print JSON: an array with one object a port", 0    \
	}

struct cli_wish {
	const char *port;
	char **words; /* after the port, inside argv */
	size_t count;
	bool json;
	bool address;
	bool rescan;
	const char *mode; /* NULL: not said */
	uint64_t timeout_us, wait_us;
	uint64_t most; /* bytes */
	uint8_t slot;
};

struct cli_verb {
	const struct argp_option *options;
	const char *arguments, *doc;
	size_t least, most; /* words after the port */
};

/* Ends the command when it is not what @verb takes. */
void cli_wish_parse(struct cli_wish *wish, const struct cli_verb *verb, int argc, char **argv);

/* ---- the port's file ------------------------------------------------------------ */

struct cli_served {
	struct cli_port port;
	struct cli_name name;
	int fd;
};

/* Opens the port's file without claiming it. Says what went wrong. Returns 0, or an exit code. */
int cli_served_open(struct cli_served *served, const char *name, int flags);
/* The same, stands in line for as long as @wish says, and connects the device that is named. */
int cli_served_hold(struct cli_served *served, const struct cli_wish *wish, int flags);
void cli_served_close(struct cli_served *served);

/*
 * A verb that does no more than @act while it holds the port: parses the
 * command line, stands in line, acts, lets go. Returns an exit code.
 */
int cli_while_held(const struct cli_verb *verb, int argc, char **argv,
		   int (*act)(struct cli_served *served, const struct cli_wish *wish));

/* ---- the wire ------------------------------------------------------------------- */

/* An OPP_IOC_* of a struct opp_ioc_wire, or one that begins with it; how it went. */
enum opp_status cli_wire(struct cli_served *served, unsigned long code, struct opp_ioc_wire *wire);

/* "the peripheral refused", and the exit code that says so. */
const char *cli_wire_text(enum opp_status status);
int cli_wire_exit_code(enum opp_status status);
int cli_wire_fail(enum opp_status status, const struct opp_ioc_fault *fault, const char *what,
		  const struct cli_served *served);

/* " (negotiation, event 2)", or nothing; returns @text. */
const char *cli_where_text(const struct opp_ioc_fault *fault, char text[CLI_TEXT_BYTES]);

/* NULL when there was no fault. */
struct json_object *cli_wire_fault_object(const struct opp_ioc_fault *fault);

/* An object with "port" and "device"; the second prints it as the one of an array, and frees it. */
struct json_object *cli_served_object(const struct cli_served *served);
void cli_print_object(struct json_object *object);

struct cli_mode {
	const char *name;
	uint8_t request;    /* OPP_REQUEST_* */
	enum opp_mode mode; /* that it leads to */
	unsigned int is;    /* enum cli_modes */
};

/* What a mode is for: bytes to the peripheral; what is asked of it, and brings bytes back. */
enum cli_modes { CLI_MODES_FORWARD = 1, CLI_MODES_NEGOTIATED = 2 };

/* "nibble", "ecp-rle", ... NULL: it is none of @which, which is said. */
const struct cli_mode *cli_find_mode(const char *name, enum cli_modes which);

#endif
