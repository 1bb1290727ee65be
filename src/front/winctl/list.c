/* SPDX-License-Identifier: MIT */
/*
 * parportctl list: one line a port, and one for each device on it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "winctl.h"

#define HEADING "DEVICE   WAITING  GRANTED RELEASED  CAPABILITIES              STATE\n"

struct id {
	enum opp_status status;
	char text[OPP_DEVICE_ID_MOST];
};

/* Whoever holds the port would have the list wait for it. */
static bool may_ask(const struct win_facts *facts)
{
	if (facts->opened != OPP_SUCCESS)
		return false;
	return facts->is_ours ? facts->status.State == OPENPARPORT_FREE : facts->is_free;
}

static void ask_id(const struct win_facts *facts, const struct win_name *name, struct id *id)
{
	struct win_device device;
	uint32_t bytes;

	id->text[0] = '\0';
	id->status = may_ask(facts) ? win_open(&device, name) : OPP_DEVICE_BUSY;
	if (id->status != OPP_SUCCESS)
		return;
	id->status = win_ask_id(&device, IOCTL_PAR_QUERY_DEVICE_ID, id->text, &bytes);
	win_close(&device);
}

/* "LPT1.4   Hewlett-Packard LaserJet"; an id without the two is shown whole. */
static void print_device(const struct win_name *name, const struct id *id)
{
	struct opp_device_id_part maker, model;

	if (id->status != OPP_SUCCESS)
		printf("%-8s (%s)\n", name->text,
		       id->status == OPP_ACCESS_DENIED ? "in use by another program, or forbidden"
						       : opp_status_text(id->status));
	else if (opp_device_id_find(id->text, "MFG", &maker) &&
		 opp_device_id_find(id->text, "MDL", &model))
		printf("%-8s %.*s %.*s\n", name->text, (int)maker.length, maker.start,
		       (int)model.length, model.start);
	else
		printf("%-8s %s\n", name->text, id->text);
}

static void print_port(const struct win_facts *facts)
{
	char state[WIN_TEXT_BYTES], capabilities[WIN_TEXT_BYTES];
	struct win_name name;

	win_name_make(&name, facts->port, OPENPARPORT_RAW);
	if (facts->is_ours)
		printf("%-8s %7" PRIu32 " %8" PRIu32 " %8" PRIu32 "  %-25s %s\n", name.text,
		       facts->status.Waiters, facts->status.Allocates, facts->status.Frees,
		       win_capabilities_text(facts, capabilities), win_state_text(facts, state));
	else
		printf("%-8s %7s %8s %8s  %-25s %s\n", name.text, "-", "-", "-", "-",
		       win_state_text(facts, state));
}

static void print_device_json(const struct win_facts *facts, const struct win_name *name,
			      const struct id *id)
{
	const struct OPENPARPORT_DEVICE *device = &facts->status.Devices[name->place];
	char hardware_id[OPP_PNP_ID_BYTES];

	win_json_open(NULL, '{');
	win_json_text("device", name->text);
	if (facts->is_ours) {
		win_json_bool("present", device->Flags & OPENPARPORT_DEVICE_PRESENT);
		win_json_bool("open", device->Flags & OPENPARPORT_DEVICE_OPEN);
		win_json_bool("locked", device->Flags & OPENPARPORT_DEVICE_LOCKED);
		win_json_number("pid", device->Process);
	}
	if (name->place != OPENPARPORT_RAW) {
		win_json_text("id", id->status == OPP_SUCCESS ? id->text : NULL);
		win_json_text("why",
			      id->status == OPP_SUCCESS ? NULL : opp_status_text(id->status));
		win_json_text("hardware_id",
			      opp_device_id_pnp(id->text, hardware_id) ? hardware_id : NULL);
	}
	win_json_close('}');
}

/* The raw device is asked for no id: it has none of its own, and old printers know no answer. */
static void list_port(const struct win_words *words, const struct win_found *found, uint32_t port)
{
	static struct id id;
	struct win_facts facts;

	win_facts_collect(&facts, port);
	if (words->json) {
		win_json_open(NULL, '{');
		win_facts_json(&facts);
		win_json_open("devices", '[');
	} else {
		print_port(&facts);
	}
	for (uint32_t i = 0; i < found->count; i++) {
		const struct win_name *name = &found->names[i];

		if (name->port != port)
			continue;
		if (name->place != OPENPARPORT_RAW)
			ask_id(&facts, name, &id);
		if (words->json)
			print_device_json(&facts, name, &id);
		else if (name->place != OPENPARPORT_RAW)
			print_device(name, &id);
	}
	if (words->json) {
		win_json_close(']');
		win_json_close('}');
	}
}

int win_list(const struct win_words *words)
{
	static struct win_found found;
	uint32_t port = 0;
	const int code = win_find(&found);

	if (code && !words->json)
		return code;
	if (words->json)
		win_json_open(NULL, '[');
	else
		fputs(HEADING, stdout);
	for (uint32_t i = 0; i < found.count; i++) {
		if (found.names[i].port == port)
			continue;
		port = found.names[i].port;
		list_port(words, &found, port);
	}
	if (words->json)
		win_json_close(']');
	return code;
}
