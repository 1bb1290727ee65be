/* SPDX-License-Identifier: MIT */
/*
 * parport id and chain: what peripherals say of themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <openparport/device_id.h>

#include "facts.h"
#include "served.h"

struct id {
	enum opp_status status;
	struct opp_ioc_fault fault;
	char text[OPP_IOC_DEVICE_ID_BYTES + 1]; /* without the length; printable */
};

static enum opp_status connect_slot(struct cli_served *served, uint8_t slot,
				    struct opp_ioc_fault *fault)
{
	struct opp_ioc_wire wire = { .slot = slot, .mode = OPP_MODE_NIBBLE };
	enum opp_status status = cli_wire(served, OPP_IOC_SELECT, &wire);

	*fault = wire.fault;
	return status;
}

/* The two bytes of the length are the transport's; a peripheral may send anything. */
static void keep_text(struct id *id, const struct opp_ioc_device_id *answer)
{
	size_t used = 0;

	for (uint32_t i = 2; i < answer->wire.count && i < sizeof(answer->bytes); i++) {
		uint8_t byte = answer->bytes[i];

		id->text[used++] = (char)(byte >= ' ' && byte < 0x7f ? byte : '?');
	}
	id->text[used] = '\0';
}

static void ask_id(struct cli_served *served, struct id *id)
{
	static struct opp_ioc_device_id answer;

	answer.wire.count = 0;
	id->status = cli_wire(served, OPP_IOC_DEVICE_ID, &answer.wire);
	id->fault = answer.wire.fault;
	keep_text(id, &answer);
}

static void add_id(struct json_object *object, const struct id *id)
{
	if (id->status == OPP_SUCCESS) {
		cli_json_text(object, "id", id->text);
		json_object_object_add(object, "why", NULL);
	} else {
		json_object_object_add(object, "id", NULL);
		cli_json_text(object, "why", cli_wire_text(id->status));
	}
	json_object_object_add(object, "fault", cli_wire_fault_object(&id->fault));
}

/* The name under which Windows enumerates the device. */
static void add_hardware_id(struct json_object *object, const struct id *id)
{
	char name[OPP_PNP_ID_BYTES];

	if (id->status == OPP_SUCCESS && opp_device_id_pnp(id->text, name))
		cli_json_text(object, "hardware_id", name);
	else
		json_object_object_add(object, "hardware_id", NULL);
}

/* ---- id --------------------------------------------------------------------------- */

static int tell_id(struct cli_served *served, const struct cli_wish *wish)
{
	static struct id id;
	struct json_object *object;
	enum opp_status status = OPP_SUCCESS;

	if (wish->slot != OPP_IOC_END_OF_CHAIN)
		status = connect_slot(served, wish->slot, &id.fault);
	if (status != OPP_SUCCESS)
		return cli_wire_fail(status, &id.fault, "no such device in a daisy chain", served);
	ask_id(served, &id);
	if (wish->json) {
		object = cli_served_object(served);
		add_id(object, &id);
		add_hardware_id(object, &id);
		cli_print_object(object);
	} else if (id.status == OPP_SUCCESS) {
		puts(id.text);
	}
	if (id.status == OPP_SUCCESS)
		return 0;
	return cli_wire_fail(id.status, &id.fault, "no device id", served);
}

int cli_id(int argc, char **argv)
{
	static const struct argp_option options[] = {
		CLI_OPTION_TIMEOUT,
		CLI_OPTION_JSON,
		{ "slot", CLI_KEY_SLOT, "N", 0, "Of device N (0 to 3) of a daisy chain", 0 },
		{ 0 },
	};
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT",
		.doc = "Print the IEEE 1284 device id.",
	};

	return cli_while_held(&verb, argc, argv, tell_id);
}

/* ---- chain ------------------------------------------------------------------------ */

static void tell_device(struct cli_served *served, uint8_t slot, struct json_object *array)
{
	static struct id id;
	struct json_object *object;
	char where[CLI_TEXT_BYTES];

	id.status = connect_slot(served, slot, &id.fault);
	/* Where there are no adapters the device at the end is connected anyhow. */
	if (id.status == OPP_SUCCESS || slot == OPP_IOC_END_OF_CHAIN)
		ask_id(served, &id);
	if (array) {
		object = json_object_new_object();
		if (slot == OPP_IOC_END_OF_CHAIN)
			json_object_object_add(object, "slot", NULL);
		else
			cli_json_number(object, "slot", slot);
		add_id(object, &id);
		json_object_array_add(array, object);
		return;
	}
	if (slot == OPP_IOC_END_OF_CHAIN)
		printf("  end  ");
	else
		printf("  %3u  ", slot);
	if (id.status == OPP_SUCCESS)
		puts(id.text);
	else
		printf("%s%s\n", cli_wire_text(id.status), cli_where_text(&id.fault, where));
}

static int tell_chain(struct cli_served *served, const struct cli_wish *wish)
{
	struct opp_ioc_wire wire = { 0 };
	enum opp_status status = cli_wire(served, OPP_IOC_CHAIN, &wire);
	struct json_object *array = wish->json ? json_object_new_array() : NULL;
	struct json_object *object;

	if (status != OPP_SUCCESS) {
		json_object_put(array);
		return cli_wire_fail(status, &wire.fault, "cannot count the devices", served);
	}
	if (!array)
		printf("%s: devices with an address: %u\n", served->port.device, wire.count);
	for (uint32_t slot = 0; slot < wire.count; slot++)
		tell_device(served, (uint8_t)slot, array);
	tell_device(served, OPP_IOC_END_OF_CHAIN, array);
	if (array) {
		object = cli_served_object(served);
		cli_json_number(object, "count", wire.count);
		json_object_object_add(object, "devices", array);
		cli_print_object(object);
	}
	return 0;
}

/* The service looks; who is there has files then. */
static int rescan(const char *name, bool as_json)
{
	struct cli_served served;
	struct json_object *object;
	struct opp_ioc_scan scan;
	int code = cli_served_open(&served, name, O_RDONLY);

	if (code)
		return code;
	if (ioctl(served.fd, OPP_IOC_RESCAN, &scan) < 0) {
		code = cli_fail(errno == EINTR ? OPP_CANCELLED : OPP_DEVICE_REMOVED,
				"%s: cannot look for devices: %s", served.port.device,
				strerror(errno));
	} else if (as_json) {
		object = cli_served_object(&served);
		cli_json_number(object, "count", scan.devices);
		cli_json_bool(object, "end", scan.end);
		cli_print_object(object);
	} else {
		printf("%s: devices in the daisy chain: %u; the one at its end %s\n",
		       served.port.device, scan.devices,
		       scan.end ? "says who it is" : "does not say who it is");
	}
	cli_served_close(&served);
	return code;
}

int cli_chain(int argc, char **argv)
{
	static const struct argp_option options[] = {
		CLI_OPTION_TIMEOUT,
		CLI_OPTION_JSON,
		{ "rescan", CLI_KEY_RESCAN, NULL, 0,
		  "Have parportd look anew what devices there are, and show their files", 0 },
		{ 0 },
	};
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT",
		.doc = "Give the devices of a daisy chain their addresses, and print their ids.",
	};
	struct cli_served served;
	struct cli_wish wish;
	int code;

	cli_wish_parse(&wish, &verb, argc, argv);
	if (wish.rescan)
		return rescan(wish.port, wish.json);
	code = cli_served_hold(&served, &wish, O_RDWR);
	if (code)
		return code;
	code = tell_chain(&served, &wish);
	cli_served_close(&served);
	return code;
}
