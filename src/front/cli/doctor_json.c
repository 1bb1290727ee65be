/* SPDX-License-Identifier: MIT */
/* The page of parport doctor for programs; see doctor.h. */
#include "doctor.h"
#include "facts.h"

static struct json_object *add_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	json_object_array_add(array, object);
	return object;
}

static void add_device(struct json_object *array, size_t place, const char *id)
{
	struct json_object *object = add_object(array);

	json_object_object_add(object, "slot",
			       place == DOCTOR_END ? NULL : json_object_new_uint64(place));
	cli_json_text(object, "id", id);
}

static void add_found(struct json_object *object, const struct doctor_found *found)
{
	struct json_object *ids = json_object_new_array();

	for (size_t place = 0; place < DOCTOR_PLACES; place++) {
		if (found->ids[place][0])
			add_device(ids, place, found->ids[place]);
	}
	json_object_object_add(object, "ids", ids);
	if (found->said[0])
		cli_json_text(object, "probe", found->said);
	if (found->capabilities)
		cli_json_capabilities(object, found->capabilities);
}

static struct json_object *ports_json(const struct doctor_facts *facts)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];
		struct json_object *object = add_object(array);
		char back_end[DOCTOR_NAME];

		cli_json_text(object, "port", port->name);
		cli_json_number(object, "base", port->base);
		cli_json_number(object, "ecp_base", port->ecp_base);
		json_object_object_add(object, "irq", json_object_new_int(port->irq));
		cli_json_text(object, "modes", port->modes);
		cli_json_text(object, "active", port->active);
		cli_json_text(object, "device", port->device);
		cli_json_number(object, "users", port->users);
		doctor_port_back_end(port, back_end);
		cli_json_text(object, "back_end", back_end);
		add_found(object, &port->found);
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
		add_found(object, &card->found);
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
		cli_json_bool(object, "removed", served->is_gone);
		add_found(object, &served->found);
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

static struct json_object *caller_json(const struct doctor_caller *caller)
{
	struct json_object *object = json_object_new_object();

	cli_json_text(object, "name", caller->name);
	cli_json_bool(object, "in_group_lp", caller->in_lp);
	return object;
}

void doctor_print_json(const struct doctor_facts *facts, const struct doctor_findings *findings)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "ports", ports_json(facts));
	json_object_object_add(all, "cards", cards_json(facts));
	json_object_object_add(all, "files", nodes_json(facts));
	json_object_object_add(all, "served", served_json(facts));
	if (!facts->is_elsewhere)
		json_object_object_add(all, "caller", caller_json(&facts->caller));
	json_object_object_add(all, "findings", findings_json(findings));
	cli_json_print(all, JSON_C_TO_STRING_PRETTY);
}
