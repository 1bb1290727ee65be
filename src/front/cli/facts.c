/* SPDX-License-Identifier: MIT */
/*
 * The verbs that print facts differ in what they ask and how they say it;
 * which ports, in which form and how often is decided here.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openparport/ieee1284.h>

#include "facts.h"

#define WATCH_PERIOD_S 1
#define CLEAR_SCREEN   "\033[H\033[J"

enum {
	KEY_JSON = 'j',
	KEY_WATCH = 'w',
};

struct request {
	const struct cli_facts *facts;
	bool json;
	bool watch;
	char **names; /* inside argv */
	size_t count;
};

/* A verb that cannot be watched leaves out the first. */
static const struct argp_option options[] = {
	{ "watch", KEY_WATCH, NULL, 0, "Refresh every second until Ctrl-C", 0 },
	{ "json", KEY_JSON, NULL, 0, "Print JSON: an array with one object a port", 0 },
	{ 0 },
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	(void)argument;
	switch (key) {
	case KEY_WATCH: request->watch = true; return 0;
	case KEY_JSON: request->json = true; return 0;
	case ARGP_KEY_ARGS:
		request->names = state->argv + state->next;
		request->count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (request->facts->one_port && request->count != 1)
			argp_error(state, "name one port, for example lpt1");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void parse_arguments(struct request *request, int argc, char **argv)
{
	const struct argp argp = {
		.options = request->facts->can_watch ? options : options + 1,
		.parser = parse,
		.args_doc = request->facts->arguments,
		.doc = request->facts->doc,
	};

	argp_parse(&argp, argc, argv, 0, NULL, request);
}

static struct json_object *object_of(const struct cli_facts *facts, const struct cli_port *port)
{
	struct json_object *object = json_object_new_object();

	cli_json_text(object, "port", port->info.name);
	cli_json_text(object, "device", port->device);
	facts->json(port, object);
	return object;
}

/* Where the facts of a port go, unless they are printed as text at once. */
struct page {
	struct json_object *array; /* NULL: this is for people */
	struct cli_table table;
};

/* No heading without a port below it. */
static void add_rows(const struct cli_facts *facts, const struct cli_port *port,
		     struct cli_table *table)
{
	if (!table->count)
		cli_table_add(table, facts->heading);
	facts->rows(port, table);
}

static int show_port(const struct cli_facts *facts, const char *name, struct page *page)
{
	enum opp_status status = OPP_SUCCESS;
	struct cli_port port;
	int code = cli_port_open(&port, name);

	if (code)
		return code;
	if (facts->ask)
		status = facts->ask(&port);
	if (status != OPP_SUCCESS)
		code = cli_fail(status, "cannot ask %s: %s", port.device, opp_status_text(status));
	else if (page->array)
		json_object_array_add(page->array, object_of(facts, &port));
	else if (facts->rows)
		add_rows(facts, &port, &page->table);
	else
		facts->text(&port);
	cli_port_close(&port);
	return code;
}

static void print_page(struct page *page, int how)
{
	cli_table_print(&page->table);
	if (page->array)
		cli_json_print(page->array, how);
}

/* A port that does not answer is reported and does not hide the others. */
static int show_ports(const struct request *request, char **names, size_t count)
{
	struct page page = { .array = request->json ? json_object_new_array() : NULL };
	int first_failure = 0;

	for (size_t i = 0; i < count; i++) {
		int code = show_port(request->facts, names[i], &page);

		if (!first_failure)
			first_failure = code;
	}
	print_page(&page, request->watch ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_PRETTY);
	return first_failure;
}

static int show(const struct request *request)
{
	char **names;
	size_t count;
	int code;

	if (request->count)
		return show_ports(request, request->names, request->count);
	code = cli_ports_of_mount(&names, &count);
	if (code)
		return code;
	code = show_ports(request, names, count);
	cli_names_free(names, count);
	return code;
}

static int watch(const struct request *request)
{
	const struct timespec period = { .tv_sec = WATCH_PERIOD_S };
	bool screen = isatty(STDOUT_FILENO) && !request->json;
	sigset_t stop;
	int code;

	cli_stop_signals(&stop);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	do {
		if (screen)
			fputs(CLEAR_SCREEN, stdout);
		code = show(request);
		if (code == 0 && fflush(stdout) != 0)
			break;
	} while (code == 0 && sigtimedwait(&stop, NULL, &period) < 0 &&
		 (errno == EAGAIN || errno == EINTR));
	return code;
}

int cli_facts_run(const struct cli_facts *facts, int argc, char **argv)
{
	struct request request = { .facts = facts };

	parse_arguments(&request, argc, argv);
	return request.watch ? watch(&request) : show(&request);
}

void cli_json_fault(struct json_object *object, const struct opp_ioc_fault *fault)
{
	cli_json_text(object, "what", opp_status_text((enum opp_status)fault->status));
	cli_json_text(object, "phase", cli_phase_text(fault->phase));
	if (fault->event == OPP_NO_EVENT)
		json_object_object_add(object, "event", NULL);
	else
		cli_json_number(object, "event", fault->event);
	cli_json_number(object, "status_lines", fault->status_lines);
	cli_json_number(object, "control_lines", fault->control_lines);
}

void cli_json_print(struct json_object *all, int how)
{
	puts(json_object_to_json_string_ext(all, how | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}

void cli_json_text(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

void cli_json_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

void cli_json_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

const char *cli_state_text(uint32_t state)
{
	static const char *const names[] = {
		[OPP_IOC_STATE_FREE] = "free",       [OPP_IOC_STATE_GRANTING] = "granting",
		[OPP_IOC_STATE_HELD] = "held",       [OPP_IOC_STATE_RELEASING] = "releasing",
		[OPP_IOC_STATE_REMOVED] = "removed", [OPP_IOC_STATE_ELSEWHERE] = "in use",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}
