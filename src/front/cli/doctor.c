/* SPDX-License-Identifier: MIT */
/*
 * parport doctor: one page about the parallel ports of this machine. Nothing is touched but
 * with --probe.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "facts.h"

#define EXIT_PROBLEMS 1

enum {
	KEY_JSON = 'j',
	KEY_PROBE = 'p',
	KEY_ROOT = 'r',
};

struct request {
	bool json;
	bool probe;
	const char *root; /* NULL: this machine */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case KEY_JSON: request->json = true; return 0;
	case KEY_PROBE: request->probe = true; return 0;
	case KEY_ROOT: request->root = argument; return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "it looks at the whole machine: name nothing");
		return EINVAL;
	case ARGP_KEY_END:
		if (request->probe && request->root)
			argp_error(state, "--probe asks this machine's chips, and --root looks at "
					  "another machine");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* ---- what the chips say ------------------------------------------------------------------------ */

static void probe(struct doctor_card *card)
{
	struct opp_handle *handle;
	struct opp_ioc_info info;
	struct opp_error error;
	char name[DOCTOR_NAME];

	doctor_back_end(card, name);
	if (opp_open(name, &handle, &error) != OPP_SUCCESS) {
		(void)snprintf(card->said, sizeof(card->said), "%s", error.text);
		return;
	}
	if (opp_get_info(handle, &info) == OPP_SUCCESS)
		(void)snprintf(card->said, sizeof(card->said), "%s chip", info.chip);
	opp_close(handle);
}

static void probe_idle(struct doctor_facts *facts)
{
	for (size_t i = 0; i < facts->card_count; i++) {
		if (doctor_is_idle(facts, &facts->cards[i]))
			probe(&facts->cards[i]);
	}
}

/* ---- the page ------------------------------------------------------------------------------------ */

static void print_ports(const struct doctor_facts *facts)
{
	puts("Ports that the kernel drives");
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];

		printf("  %-9s 0x%x", port->name, port->base);
		if (port->ecp_base)
			printf(" (ECP 0x%x)", port->ecp_base);
		if (port->irq >= 0)
			printf(", interrupt %d", port->irq);
		printf(", %s%s%s%s%s\n", port->modes, port->active[0] ? ", claimed by " : "",
		       port->active, port->device[0] ? ", on it: " : "", port->device);
	}
	if (!facts->port_count)
		puts("  none");
}

static void print_cards(const struct doctor_facts *facts)
{
	puts("Ports on the board and on cards");
	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];

		printf("  %-12s", card->where);
		if (card->is_pci)
			printf(" %04x:%04x", card->ids.vendor, card->ids.device);
		if (card->base)
			printf(" 0x%x (%u)", card->base, card->base);
		if (card->ecp_base)
			printf(", ECP 0x%x", card->ecp_base);
		printf(", driver %s%s%s\n", card->driver[0] ? card->driver : "none",
		       card->said[0] ? "; " : "", card->said);
	}
	if (!facts->card_count)
		puts("  none");
}

static void print_nodes(const struct doctor_facts *facts)
{
	puts("Files");
	for (size_t i = 0; i < facts->node_count; i++) {
		const struct doctor_node *node = &facts->nodes[i];

		printf("  %-13s mode %04o, group %u", node->path, (unsigned int)node->mode,
		       (unsigned int)node->group);
		if (!facts->is_elsewhere)
			printf(": %s%s", facts->user,
			       node->may_use ? " may use it" : " may not use it");
		putchar('\n');
	}
	if (!facts->node_count)
		puts("  none");
}

static void print_served(const struct doctor_facts *facts)
{
	printf("Ports that parportd serves at %s\n", facts->mount);
	for (size_t i = 0; i < facts->served_count; i++) {
		const struct doctor_served *served = &facts->served[i];

		printf("  %-9s %s, %s chip, %s%s%s\n", served->name, served->back_end, served->chip,
		       served->holder[0] ? served->holder : "free",
		       served->devices[0] ? "; devices: " : "", served->devices);
	}
	if (!facts->served_count)
		puts("  none");
}

static void print_findings(const struct doctor_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct doctor_finding *finding = &findings->finding[i];

		printf("%s %s: %s.\n", finding->problem ? "PROBLEM" : "note", finding->id,
		       finding->text);
		if (finding->fix[0])
			printf("        %s\n", finding->fix);
	}
}

static void print_page(const struct doctor_facts *facts, const struct doctor_findings *findings,
		       const struct request *request)
{
	print_ports(facts);
	print_cards(facts);
	print_nodes(facts);
	if (!request->root)
		print_served(facts);
	print_findings(findings);
}

/* ---- the same as JSON -------------------------------------------------------------------------------- */

static struct json_object *add_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	json_object_array_add(array, object);
	return object;
}

static struct json_object *ports_json(const struct doctor_facts *facts)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];
		struct json_object *object = add_object(array);

		cli_json_text(object, "port", port->name);
		cli_json_number(object, "base", port->base);
		cli_json_number(object, "ecp_base", port->ecp_base);
		json_object_object_add(object, "irq", json_object_new_int(port->irq));
		cli_json_text(object, "modes", port->modes);
		cli_json_text(object, "active", port->active);
		cli_json_text(object, "device", port->device);
	}
	return array;
}

static struct json_object *cards_json(const struct doctor_facts *facts)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];
		struct json_object *object = add_object(array);
		char back_end[DOCTOR_NAME];

		cli_json_text(object, "where", card->where);
		cli_json_text(object, "bus", card->is_pci ? "pci" : "pnp");
		cli_json_number(object, "vendor", card->ids.vendor);
		cli_json_number(object, "device", card->ids.device);
		cli_json_bool(object, "enabled", card->enabled);
		cli_json_number(object, "base", card->base);
		cli_json_number(object, "ecp_base", card->ecp_base);
		cli_json_text(object, "driver", card->driver);
		doctor_back_end(card, back_end);
		cli_json_text(object, "back_end", back_end);
		if (card->said[0])
			cli_json_text(object, "probe", card->said);
	}
	return array;
}

static struct json_object *nodes_json(const struct doctor_facts *facts)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->node_count; i++) {
		const struct doctor_node *node = &facts->nodes[i];
		struct json_object *object = add_object(array);

		cli_json_text(object, "path", node->path);
		cli_json_number(object, "mode", node->mode);
		cli_json_number(object, "user", node->user);
		cli_json_number(object, "group", node->group);
		if (!facts->is_elsewhere)
			cli_json_bool(object, "may_use", node->may_use);
	}
	return array;
}

static struct json_object *served_json(const struct doctor_facts *facts)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->served_count; i++) {
		const struct doctor_served *served = &facts->served[i];
		struct json_object *object = add_object(array);

		cli_json_text(object, "port", served->name);
		cli_json_text(object, "back_end", served->back_end);
		cli_json_text(object, "chip", served->chip);
		cli_json_text(object, "holder", served->holder);
		cli_json_text(object, "devices", served->devices);
		cli_json_bool(object, "may_use", served->may_use);
	}
	return array;
}

static struct json_object *findings_json(const struct doctor_findings *findings)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct doctor_finding *finding = &findings->finding[i];
		struct json_object *object = add_object(array);

		cli_json_text(object, "id", finding->id);
		cli_json_bool(object, "problem", finding->problem);
		cli_json_text(object, "text", finding->text);
		cli_json_text(object, "fix", finding->fix);
	}
	return array;
}

static void print_json(const struct doctor_facts *facts, const struct doctor_findings *findings)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "ports", ports_json(facts));
	json_object_object_add(all, "cards", cards_json(facts));
	json_object_object_add(all, "files", nodes_json(facts));
	json_object_object_add(all, "served", served_json(facts));
	json_object_object_add(all, "findings", findings_json(findings));
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}

/* ---- the verb ------------------------------------------------------------------------------------------ */

static int exit_code(const struct doctor_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->finding[i].problem)
			return EXIT_PROBLEMS;
	}
	return 0;
}

static int examine(const struct request *request, struct doctor_facts *facts,
		   struct doctor_findings *findings)
{
	const char *root = request->root ? request->root : "/";
	int code = 0;

	if (!doctor_read_tree(facts, root))
		return cli_fail(OPP_INVALID_PARAMETER, "%s is no directory to look at: %s", root,
				strerror(errno));
	facts->is_elsewhere = request->root;
	if (request->root)
		facts->service = DOCTOR_SERVICE;
	else
		code = doctor_ask_service(facts);
	if (code)
		return code;
	if (request->probe)
		probe_idle(facts);
	doctor_find(facts, findings);
	if (request->json)
		print_json(facts, findings);
	else
		print_page(facts, findings, request);
	return exit_code(findings);
}

int cli_doctor(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", KEY_JSON, NULL, 0, "Print JSON: one object", 0 },
		{ "probe", KEY_PROBE, NULL, 0,
		  "Ask the chips that no driver has what they are: moves nAutoFd for a moment", 0 },
		{ "root", KEY_ROOT, "DIR", 0,
		  "Look at /proc, /sys and /dev below DIR, a copy of another machine's", 0 },
		{ 0 },
	};
	static const struct argp verb = {
		.options = options,
		.parser = parse,
		.doc = "Say what this machine has of parallel ports, what is wrong, and what mends it.",
	};
	struct doctor_findings *findings = calloc(1, sizeof(*findings));
	struct doctor_facts *facts = calloc(1, sizeof(*facts));
	struct request request = { 0 };
	int code;

	argp_parse(&verb, argc, argv, 0, NULL, &request);
	if (facts && findings)
		code = examine(&request, facts, findings);
	else
		code = cli_fail(OPP_INSUFFICIENT_RESOURCES, "no memory");
	free(findings);
	free(facts);
	return code;
}
