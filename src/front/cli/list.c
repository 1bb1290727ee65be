/* SPDX-License-Identifier: MIT */
/*
 * parport list: one line a port, and one for each device on it that is known.
 */
#include "facts.h"

static void rows(const struct cli_port *port, struct cli_table *table)
{
	const struct opp_ioc_info *info = &port->info;
	const char *const words[CLI_COLUMNS] = {
		port->device, info->name,       info->back_end,
		info->chip,   info->peripheral, cli_state_text(port->status.state),
	};
	struct cli_device devices[CLI_DEVICES_MOST];
	const size_t count = cli_devices_of(port, devices);

	cli_table_add(table, words);
	for (size_t i = 0; i < count; i++) {
		const char *const device[CLI_COLUMNS] = { devices[i].name, devices[i].link[0]
										   ? devices[i].link
										   : "-" };

		cli_table_add(table, device);
	}
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
	static const char *const heading[CLI_COLUMNS] = {
		"DEVICE", "PORT", "BACK END", "CHIP", "PERIPHERAL", "STATE",
	};
	static const struct cli_facts list = {
		.doc = "List the ports that parportd serves, and the devices on them.",
		.arguments = "[PORT...]",
		.heading = heading,
		.ask = cli_ask_status,
		.rows = rows,
		.json = json,
	};

	return cli_facts_run(&list, argc, argv);
}
