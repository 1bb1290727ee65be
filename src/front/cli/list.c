/* SPDX-License-Identifier: MIT */
/*
 * parport list: one line a port, and one for each device on it that is known.
 */
#include <stdio.h>

#include "facts.h"

static void text(const struct cli_port *port)
{
	const struct opp_ioc_info *info = &port->info;
	struct cli_device devices[CLI_DEVICES_MOST];
	const size_t count = cli_devices_of(port, devices);

	printf("%-7s %-9s %-8s %-6s %-11s %s\n", port->device, info->name, info->back_end,
	       info->chip, info->peripheral, cli_state_text(port->status.state));
	for (size_t i = 0; i < count; i++)
		printf("%-7s %s\n", devices[i].name, devices[i].link[0] ? devices[i].link : "-");
}

static struct json_object *array_of_devices(const struct cli_port *port)
{
	struct cli_device devices[CLI_DEVICES_MOST];
	const size_t count = cli_devices_of(port, devices);
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *object = json_object_new_object();

		cli_json_text(object, "device", devices[i].name);
		if (devices[i].link[0])
			cli_json_text(object, "link", devices[i].link);
		else
			json_object_object_add(object, "link", NULL);
		json_object_array_add(array, object);
	}
	return array;
}

static void json(const struct cli_port *port, struct json_object *object)
{
	cli_json_text(object, "back_end", port->info.back_end);
	cli_json_text(object, "chip", port->info.chip);
	cli_json_text(object, "peripheral", port->info.peripheral);
	cli_json_text(object, "state", cli_state_text(port->status.state));
	json_object_object_add(object, "devices", array_of_devices(port));
}

int cli_list(int argc, char **argv)
{
	static const struct cli_facts list = {
		.doc = "List the ports that parportd serves, and the devices on them.",
		.arguments = "[PORT...]",
		.heading = "DEVICE  PORT      BACK END CHIP   PERIPHERAL  STATE\n",
		.ask = cli_ask_status,
		.text = text,
		.json = json,
	};

	return cli_facts_run(&list, argc, argv);
}
