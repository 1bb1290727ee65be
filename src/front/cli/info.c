/* SPDX-License-Identifier: MIT */
/*
 * parport info: what a port is, apart from what happens on it.
 */
#include <stdio.h>

#include <openparport/hw.h>

#include "facts.h"

static const struct {
	uint32_t bit;
	const char *name;
} capabilities[] = {
	{ OPP_HW_CAN_COMPAT, "compatibility" }, { OPP_HW_CAN_REVERSE, "reverse" },
	{ OPP_HW_CAN_INTERRUPT, "interrupt" },  { OPP_HW_CAN_EPP, "epp" },
	{ OPP_HW_CAN_EPP_WIDE, "epp-wide" },    { OPP_HW_CAN_FIFO, "fifo" },
};

#define CAPABILITY_COUNT (sizeof(capabilities) / sizeof(capabilities[0]))

void cli_print_capabilities(uint32_t can)
{
	for (size_t i = 0; i < CAPABILITY_COUNT; i++)
		if (can & capabilities[i].bit)
			printf(" %s", capabilities[i].name);
	putchar('\n');
}

static void text(const struct cli_port *port)
{
	const struct opp_ioc_info *info = &port->info;
	char duration[CLI_TEXT_BYTES];

	printf("%s (%s)\n", port->device, info->name);
	printf("  back end      %s\n", info->back_end);
	printf("  chip          %s\n", info->chip);
	printf("  peripheral    %s\n", info->peripheral);
	printf("  capabilities ");
	cli_print_capabilities(info->capabilities);
	printf("  interrupts    %s\n", info->interrupt ? "reach clients" : "do not reach clients");
	/* A port inside this process has no other program to refuse. */
	if (info->exclusive[0])
		printf("  exclusive     %s\n", info->exclusive);
	printf("  longest hold  %s\n",
	       info->max_hold_us ? cli_duration_text(info->max_hold_us, duration) : "no limit");
}

void cli_json_capabilities(struct json_object *object, uint32_t can)
{
	struct json_object *names = json_object_new_array();

	for (size_t i = 0; i < CAPABILITY_COUNT; i++)
		if (can & capabilities[i].bit)
			json_object_array_add(names, json_object_new_string(capabilities[i].name));
	json_object_object_add(object, "capabilities", names);
}

static void json(const struct cli_port *port, struct json_object *object)
{
	const struct opp_ioc_info *info = &port->info;

	cli_json_number(object, "number", info->number);
	cli_json_text(object, "back_end", info->back_end);
	cli_json_text(object, "chip", info->chip);
	cli_json_text(object, "peripheral", info->peripheral);
	cli_json_capabilities(object, info->capabilities);
	cli_json_bool(object, "interrupt", info->interrupt);
	cli_json_text(object, "exclusive", info->exclusive);
	cli_json_number(object, "max_hold_us", info->max_hold_us);
}

int cli_info(int argc, char **argv)
{
	static const struct cli_facts facts = {
		.doc = "Show what a port is: its chip, its peripheral, what they can do.",
		.arguments = "[PORT...]",
		.text = text,
		.json = json,
	};

	return cli_facts_run(&facts, argc, argv);
}
