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

#include "cli.h"
#include "doctor.h"

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

/* ---- the page ------------------------------------------------------------------------------------ */

/* Below the line of a port. */
static void print_found(const struct doctor_found *found)
{
	if (found->capabilities) {
		printf("            it can:");
		cli_print_capabilities(found->capabilities);
	}
	for (size_t place = 0; place < DOCTOR_PLACES; place++) {
		if (!found->ids[place][0])
			continue;
		if (place == DOCTOR_END)
			printf("            device: %s\n", found->ids[place]);
		else
			printf("            device %zu of the daisy chain: %s\n", place,
			       found->ids[place]);
	}
}

static void print_back_end(const char *back_end)
{
	if (back_end[0])
		printf("            in parport.conf: back_end = \"%s\"\n", back_end);
}

static void print_ports(const struct doctor_facts *facts)
{
	puts("Ports that the kernel drives");
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];
		char back_end[DOCTOR_NAME];

		printf("  %-9s 0x%x", port->name, port->base);
		if (port->ecp_base)
			printf(" (ECP 0x%x)", port->ecp_base);
		if (port->irq >= 0)
			printf(", interrupt %d", port->irq);
		printf(", %s%s%s%s%s%s%s\n", port->modes, port->active[0] ? ", claimed by " : "",
		       port->active, port->device[0] ? ", on it: " : "", port->device,
		       port->found.said[0] ? "; " : "", port->found.said);
		print_found(&port->found);
		doctor_port_back_end(port, back_end);
		print_back_end(back_end);
	}
	if (!facts->port_count)
		puts("  none");
}

static void print_cards(const struct doctor_facts *facts)
{
	puts("Ports on the board and on cards");
	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];
		char back_end[DOCTOR_NAME];

		printf("  %-12s", card->where);
		if (card->is_pci)
			printf(" %04x:%04x", card->ids.vendor, card->ids.device);
		if (card->base)
			printf(" 0x%x (%u)", card->base, card->base);
		if (card->ecp_base)
			printf(", ECP 0x%x", card->ecp_base);
		printf(", driver %s%s%s\n", card->driver[0] ? card->driver : "none",
		       card->found.said[0] ? "; " : "", card->found.said);
		print_found(&card->found);
		doctor_back_end(card, back_end);
		if (!card->driver[0])
			print_back_end(back_end);
	}
	if (!facts->card_count)
		puts("  none");
}

static void print_nodes(const struct doctor_facts *facts)
{
	if (facts->is_elsewhere)
		puts("Files");
	else
		printf("Files, and %s, who is %sin group lp\n", facts->caller.name,
		       facts->caller.in_lp ? "" : "not ");
	for (size_t i = 0; i < facts->node_count; i++) {
		const struct doctor_node *node = &facts->nodes[i];

		printf("  %-13s mode %04o, group %u", node->path, (unsigned int)node->mode,
		       (unsigned int)node->group);
		if (!facts->is_elsewhere)
			printf(": %s%s", facts->caller.name,
			       node->may_use ? " may use it" : " may not use it");
		putchar('\n');
	}
	if (!facts->node_count)
		puts("  none");
}

static const char *state_of(const struct doctor_served *served)
{
	if (served->is_gone)
		return "removed";
	return served->holder[0] ? served->holder : "free";
}

static void print_served(const struct doctor_facts *facts)
{
	printf("Ports that parportd serves at %s\n", facts->mount);
	for (size_t i = 0; i < facts->served_count; i++) {
		const struct doctor_served *served = &facts->served[i];

		if (served->back_end[0])
			printf("  %-9s %s, %s chip, %s%s%s\n", served->name, served->back_end,
			       served->chip, state_of(served),
			       served->devices[0] ? "; devices: " : "", served->devices);
		else
			printf("  %-9s %s\n", served->name,
			       served->may_use ? "does not answer" : "may not be used");
		print_found(&served->found);
	}
	if (!facts->served_count)
		puts("  none");
}

/* What mends several findings in a row is told once, below them. */
static void print_findings(const struct doctor_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct doctor_finding *finding = &findings->finding[i];

		printf("%s %s: %s.\n", finding->problem ? "PROBLEM" : "note", finding->id,
		       finding->text);
		if (finding->fix[0] &&
		    (i + 1 == findings->count || strcmp(finding[1].fix, finding->fix) != 0))
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
		code = doctor_ask_service(facts, request->probe);
	if (code)
		return code;
	if (request->probe)
		doctor_probe_idle(facts);
	doctor_find(facts, findings);
	if (findings->no_memory)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no memory for all that was found");
	if (request->json)
		doctor_print_json(facts, findings);
	else
		print_page(facts, findings, request);
	return exit_code(findings);
}

int cli_doctor(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", KEY_JSON, NULL, 0, "Print JSON: one object", 0 },
		{ "probe", KEY_PROBE, NULL, 0,
		  "Ask ports that nobody uses what they are, and who is connected: moves their lines",
		  0 },
		{ "root", KEY_ROOT, "DIR", 0,
		  "Look at /proc, /sys and /dev below DIR, a copy of another machine's", 0 },
		{ 0 },
	};
	static const struct argp verb = {
		.options = options,
		.parser = parse,
		.doc = "Say what this machine has of parallel ports, what is wrong, and what mends it.",
	};
	struct doctor_findings findings = { 0 };
	struct doctor_facts *facts = calloc(1, sizeof(*facts));
	struct request request = { 0 };
	int code;

	argp_parse(&verb, argc, argv, 0, NULL, &request);
	if (!facts)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no memory");
	code = examine(&request, facts, &findings);
	free(findings.finding);
	free(facts->served);
	free(facts);
	return code;
}
