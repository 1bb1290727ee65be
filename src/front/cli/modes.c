/* SPDX-License-Identifier: MIT */
/*
 * parport negotiate, probe and caps: which modes host and peripheral agree on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <openparport/hw.h>

#include "facts.h"
#include "served.h"

static const char *const probed[] = { "nibble", "byte", "ecp", "ecp-rle", "epp" };

#define PROBED (sizeof(probed) / sizeof(probed[0]))

struct answer {
	enum opp_status status;
	struct opp_ioc_fault fault;
};

static struct answer ask(struct cli_served *served, const struct cli_mode *mode)
{
	struct opp_ioc_wire wire = { .request = mode->request };
	struct answer answer = { .status = cli_wire(served, OPP_IOC_NEGOTIATE, &wire) };

	answer.fault = wire.fault;
	return answer;
}

static void add_answer(struct json_object *object, const char *mode, const struct answer *answer)
{
	cli_json_text(object, "mode", mode);
	cli_json_bool(object, "accepted", answer->status == OPP_SUCCESS);
	if (answer->status == OPP_SUCCESS)
		json_object_object_add(object, "why", NULL);
	else
		cli_json_text(object, "why", cli_wire_text(answer->status));
	json_object_object_add(object, "fault", cli_wire_fault_object(&answer->fault));
}

/* ---- negotiate -------------------------------------------------------------------- */

static int negotiate(struct cli_served *served, const struct cli_wish *wish,
		     const struct cli_mode *mode)
{
	struct answer answer = ask(served, mode);
	char what[CLI_TEXT_BYTES];
	struct json_object *object;

	if (wish->json) {
		object = cli_served_object(served);
		add_answer(object, mode->name, &answer);
		cli_print_object(object);
	} else if (answer.status == OPP_SUCCESS) {
		printf("%s: the peripheral accepts %s mode\n", served->port.device, mode->name);
	}
	snprintf(what, sizeof(what), "no %s mode", mode->name);
	return answer.status == OPP_SUCCESS
		       ? 0
		       : cli_wire_fail(answer.status, &answer.fault, what, served);
}

int cli_negotiate(int argc, char **argv)
{
	static const struct argp_option options[] = { CLI_OPTION_TIMEOUT, CLI_OPTION_JSON, { 0 } };
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT MODE",
		.doc = "Ask the peripheral for MODE (nibble, byte, ecp, ecp-rle, epp), and leave "
		       "it again.",
		.least = 1,
		.most = 1,
	};
	const struct cli_mode *mode;
	struct cli_served served;
	struct cli_wish wish;
	int code;

	cli_wish_parse(&wish, &verb, argc, argv);
	mode = cli_find_mode(wish.words[0], CLI_MODES_NEGOTIATED);
	if (!mode)
		return opp_status_exit_code(OPP_INVALID_PARAMETER);
	code = cli_served_hold(&served, &wish, O_RDWR);
	if (code)
		return code;
	code = negotiate(&served, &wish, mode);
	cli_served_close(&served);
	return code;
}

/* ---- probe ------------------------------------------------------------------------ */

static void print_answers(const struct cli_served *served, const struct answer *answers)
{
	char where[CLI_TEXT_BYTES];

	printf("%s (%s): chip %s, peripheral %s\n", served->port.device, served->port.info.name,
	       served->port.info.chip, served->port.info.peripheral);
	for (size_t i = 0; i < PROBED; i++) {
		bool accepted = answers[i].status == OPP_SUCCESS;

		printf("  %-8s %s%s\n", probed[i],
		       accepted ? "accepted" : cli_wire_text(answers[i].status),
		       accepted ? "" : cli_where_text(&answers[i].fault, where));
	}
}

static void print_answers_json(const struct cli_served *served, const struct answer *answers)
{
	struct json_object *object = cli_served_object(served);
	struct json_object *modes = json_object_new_array();

	cli_json_text(object, "chip", served->port.info.chip);
	cli_json_text(object, "peripheral", served->port.info.peripheral);
	cli_json_capabilities(object, served->port.info.capabilities);
	for (size_t i = 0; i < PROBED; i++) {
		struct json_object *mode = json_object_new_object();

		add_answer(mode, probed[i], &answers[i]);
		json_object_array_add(modes, mode);
	}
	json_object_object_add(object, "modes", modes);
	cli_print_object(object);
}

static int probe(struct cli_served *served, const struct cli_wish *wish)
{
	struct answer answers[PROBED];
	int code = 0;

	for (size_t i = 0; i < PROBED; i++) {
		answers[i] = ask(served, cli_find_mode(probed[i], CLI_MODES_NEGOTIATED));
		if (answers[i].status == OPP_KICKED || answers[i].status == OPP_DEVICE_REMOVED)
			code = cli_wire_fail(answers[i].status, &answers[i].fault, probed[i],
					     served);
	}
	if (!code && wish->json)
		print_answers_json(served, answers);
	else if (!code)
		print_answers(served, answers);
	return code;
}

int cli_probe(int argc, char **argv)
{
	static const struct argp_option options[] = { CLI_OPTION_TIMEOUT, CLI_OPTION_JSON, { 0 } };
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT",
		.doc = "Show the chip and which modes the peripheral accepts, by asking for each.",
	};

	return cli_while_held(&verb, argc, argv, probe);
}

/* ---- caps ------------------------------------------------------------------------- */

static const char *const fastest_first[] = { "ecp-rle", "ecp", "epp", "byte", "nibble" };

#define CAPABLE (sizeof(fastest_first) / sizeof(fastest_first[0]))

/* Those that the peripheral accepts; compatibility mode goes without asking. */
struct known {
	const struct cli_mode *modes[CAPABLE];
	size_t count;
};

static void print_direction(const char *label, const struct known *known, enum cli_modes which)
{
	printf("  %-8s", label);
	for (size_t i = 0; i < known->count; i++)
		if (known->modes[i]->is & which)
			printf(" %s", known->modes[i]->name);
	if (which == CLI_MODES_FORWARD)
		puts(" compat");
	else
		puts(known->count ? "" : " none");
}

static struct json_object *direction(const struct known *known, enum cli_modes which)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < known->count; i++)
		if (known->modes[i]->is & which)
			json_object_array_add(array, json_object_new_string(known->modes[i]->name));
	if (which == CLI_MODES_FORWARD)
		json_object_array_add(array, json_object_new_string("compat"));
	return array;
}

static int caps(struct cli_served *served, const struct cli_wish *wish)
{
	struct known known = { .count = 0 };

	for (size_t i = 0; i < CAPABLE; i++) {
		const struct cli_mode *mode = cli_find_mode(fastest_first[i], CLI_MODES_NEGOTIATED);
		const struct answer answer = ask(served, mode);

		if (answer.status == OPP_SUCCESS)
			known.modes[known.count++] = mode;
		if (answer.status == OPP_KICKED || answer.status == OPP_DEVICE_REMOVED)
			return cli_wire_fail(answer.status, &answer.fault, mode->name, served);
	}
	if (wish->json) {
		struct json_object *object = cli_served_object(served);

		json_object_object_add(object, "forward", direction(&known, CLI_MODES_FORWARD));
		json_object_object_add(object, "reverse", direction(&known, CLI_MODES_NEGOTIATED));
		cli_print_object(object);
	} else {
		printf("%s\n", served->port.device);
		print_direction("forward", &known, CLI_MODES_FORWARD);
		print_direction("reverse", &known, CLI_MODES_NEGOTIATED);
	}
	return 0;
}

int cli_caps(int argc, char **argv)
{
	static const struct argp_option options[] = { CLI_OPTION_TIMEOUT, CLI_OPTION_JSON, { 0 } };
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT",
		.doc = "Show the modes of either direction that port and peripheral both know, the "
		       "fastest ones first.",
	};

	return cli_while_held(&verb, argc, argv, caps);
}
