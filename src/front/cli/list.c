/* SPDX-License-Identifier: MIT */
/*
 * parport list: one line a port.
 */
#include <stdio.h>

#include "facts.h"

static void text(const struct cli_port *port)
{
	const struct opp_ioc_info *info = &port->info;

	printf("%-7s %-9s %-8s %-6s %-11s %s\n", port->device, info->name, info->back_end,
	       info->chip, info->peripheral, cli_state_text(port->status.state));
}

static void json(const struct cli_port *port, struct json_object *object)
{
	cli_json_text(object, "back_end", port->info.back_end);
	cli_json_text(object, "chip", port->info.chip);
	cli_json_text(object, "peripheral", port->info.peripheral);
	cli_json_text(object, "state", cli_state_text(port->status.state));
}

int cli_list(int argc, char **argv)
{
	static const struct cli_facts list = {
		.doc = "List the ports that parportd serves.",
		.arguments = "[PORT...]",
		.heading = "DEVICE  PORT      BACK END CHIP   PERIPHERAL  STATE\n",
		.ask = cli_ask_status,
		.text = text,
		.json = json,
	};

	return cli_facts_run(&list, argc, argv);
}
