/* SPDX-License-Identifier: MIT */
/*
 * A verb that prints facts of ports, as text or as JSON.
 *
 * Text is for people and may change; the JSON is an array with one object a
 * port, whose fields parport(1) lists and which only grow.
 */
#ifndef OPENPARPORT_CLI_FACTS_H
#define OPENPARPORT_CLI_FACTS_H

#include <json-c/json.h>

#include "cli.h"
#include "table.h"

struct cli_facts {
	const char *doc;
	const char *arguments; /* "[PORT...]" */
	bool one_port;         /* exactly one, not all of the mount by default */
	bool can_watch;
	const char *const *heading; /* of a table, which rows() fills in place of text(); or NULL */
	/* Asks what text() and json() tell beside port->info; NULL: nothing. */
	enum opp_status (*ask)(struct cli_port *port);
	void (*text)(const struct cli_port *port);
	void (*rows)(const struct cli_port *port, struct cli_table *table);
	/* Adds fields to @object, which has "port" and "device" already. */
	void (*json)(const struct cli_port *port, struct json_object *object);
};

int cli_facts_run(const struct cli_facts *facts, int argc, char **argv);

/* Fields of an object, so that a table of facts reads as one. */
void cli_json_text(struct json_object *object, const char *key, const char *value);
void cli_json_number(struct json_object *object, const char *key, uint64_t value);
void cli_json_bool(struct json_object *object, const char *key, bool value);

/* What, phase, event (null: none) and lines of @fault. */
void cli_json_fault(struct json_object *object, const struct opp_ioc_fault *fault);
/* "capabilities": an array of names. */
void cli_json_capabilities(struct json_object *object, uint32_t can);

/* Prints @all, which is freed. @how: JSON_C_TO_STRING_PRETTY, or _PLAIN for one line. */
void cli_json_print(struct json_object *all, int how);

/* "free", "held", ... of OPP_IOC_STATE_*. */
const char *cli_state_text(uint32_t state);

#endif
