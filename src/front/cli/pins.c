/* SPDX-License-Identifier: MIT */
/*
 * parport pins: the connector, pin by pin, as electrical levels.
 *
 * Looking disturbs nobody and needs no allocation; the levels are those of one
 * instant.
 * Source: IEEE1284 1.1 (DB-25 column).
 */
#include <stdio.h>

#include <openparport/wire.h>

#include "facts.h"

enum group {
	GROUP_DATA,
	GROUP_STATUS,
	GROUP_CONTROL,
	GROUP_GROUND,
};

static const struct pin {
	unsigned int number;
	const char *line;
	enum group group;
	uint8_t bit;
} pins[] = {
	{ 1, "nStrobe", GROUP_CONTROL, OPP_LINE_NSTROBE },
	{ 2, "Data1", GROUP_DATA, 0x01 },
	{ 3, "Data2", GROUP_DATA, 0x02 },
	{ 4, "Data3", GROUP_DATA, 0x04 },
	{ 5, "Data4", GROUP_DATA, 0x08 },
	{ 6, "Data5", GROUP_DATA, 0x10 },
	{ 7, "Data6", GROUP_DATA, 0x20 },
	{ 8, "Data7", GROUP_DATA, 0x40 },
	{ 9, "Data8", GROUP_DATA, 0x80 },
	{ 10, "nAck", GROUP_STATUS, OPP_LINE_NACK },
	{ 11, "Busy", GROUP_STATUS, OPP_LINE_BUSY },
	{ 12, "PError", GROUP_STATUS, OPP_LINE_PERROR },
	{ 13, "Select", GROUP_STATUS, OPP_LINE_SELECT },
	{ 14, "nAutoFd", GROUP_CONTROL, OPP_LINE_NAUTOFD },
	{ 15, "nFault", GROUP_STATUS, OPP_LINE_NFAULT },
	{ 16, "nInit", GROUP_CONTROL, OPP_LINE_NINIT },
	{ 17, "nSelectIn", GROUP_CONTROL, OPP_LINE_NSELECTIN },
	{ 18, "ground", GROUP_GROUND, 0 },
	{ 19, "ground", GROUP_GROUND, 0 },
	{ 20, "ground", GROUP_GROUND, 0 },
	{ 21, "ground", GROUP_GROUND, 0 },
	{ 22, "ground", GROUP_GROUND, 0 },
	{ 23, "ground", GROUP_GROUND, 0 },
	{ 24, "ground", GROUP_GROUND, 0 },
	{ 25, "ground", GROUP_GROUND, 0 },
};

#define PIN_COUNT (sizeof(pins) / sizeof(pins[0]))

static const char *level_of(const struct pin *pin, const struct opp_ioc_pins *levels)
{
	const uint8_t of_group[] = {
		[GROUP_DATA] = levels->data,
		[GROUP_STATUS] = levels->status,
		[GROUP_CONTROL] = levels->control,
		[GROUP_GROUND] = 0,
	};

	return of_group[pin->group] & pin->bit ? "high" : "low";
}

static const char *driver_of(const struct pin *pin, const struct opp_ioc_pins *levels)
{
	const char *const of_group[] = {
		[GROUP_DATA] = levels->reverse ? "peripheral" : "host",
		[GROUP_STATUS] = "peripheral",
		[GROUP_CONTROL] = "host",
		[GROUP_GROUND] = "none",
	};

	return of_group[pin->group];
}

static enum opp_status ask(struct cli_port *port)
{
	const enum opp_status status = opp_get_pins(port->handle, &port->pins);

	if (status == OPP_DEVICE_BUSY)
		cli_say("the system lends %s: its lines can be seen while somebody holds it",
			port->device);
	return status;
}

static void text(const struct cli_port *port)
{
	printf("%s (%s), DB-25\n", port->device, port->info.name);
	printf("PIN  LINE       LEVEL  DRIVEN BY\n");
	for (size_t i = 0; i < PIN_COUNT; i++)
		printf("%3u  %-9s  %-5s  %s\n", pins[i].number, pins[i].line,
		       level_of(&pins[i], &port->pins), driver_of(&pins[i], &port->pins));
}

static void json(const struct cli_port *port, struct json_object *object)
{
	struct json_object *array = json_object_new_array();

	cli_json_bool(object, "reverse", port->pins.reverse);
	for (size_t i = 0; i < PIN_COUNT; i++) {
		struct json_object *pin = json_object_new_object();

		cli_json_number(pin, "pin", pins[i].number);
		cli_json_text(pin, "line", pins[i].line);
		cli_json_text(pin, "level", level_of(&pins[i], &port->pins));
		cli_json_text(pin, "driven_by", driver_of(&pins[i], &port->pins));
		json_object_array_add(array, pin);
	}
	json_object_object_add(object, "pins", array);
}

int cli_pins(int argc, char **argv)
{
	static const struct cli_facts facts = {
		.doc = "Show the electrical level of every line of the connector.",
		.arguments = "PORT",
		.one_port = true,
		.ask = ask,
		.text = text,
		.json = json,
	};

	return cli_facts_run(&facts, argc, argv);
}
