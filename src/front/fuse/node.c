/* SPDX-License-Identifier: MIT */
#include "node.h"

#include <stdio.h>

#define FIRST_OF_PORTS (OPP_NODE_EVENT_FILE + 1)

/* Of each port, in this order. */
enum {
	THE_PPDEV,
	THE_RAW,
	FIRST_DEVICE,
	FIRST_LINK = FIRST_DEVICE + OPP_SCAN_PLACES,
	NODES_A_PORT = FIRST_LINK + OPP_SCAN_PLACES,
};

uint64_t opp_node_count(const struct opp_service *service)
{
	return OPP_NODE_EVENT_FILE + (uint64_t)service->port_end * NODES_A_PORT;
}

static struct opp_node of_no_port(struct opp_service *service, uint64_t number)
{
	struct opp_node node = { .kind = OPP_NODE_DIRECTORY,
				 .service = service,
				 .parent = OPP_NODE_ROOT,
				 .present = true };

	if (number == OPP_NODE_BY_ID) {
		snprintf(node.name, sizeof(node.name), "by-id");
	} else if (number == OPP_NODE_EVENT_FILE) {
		node.kind = OPP_NODE_EVENTS;
		snprintf(node.name, sizeof(node.name), "events");
	}
	return node;
}

static void be_link(struct opp_node *node, struct opp_served_device *device)
{
	node->kind = OPP_NODE_LINK;
	node->parent = OPP_NODE_BY_ID;
	node->device = device;
	node->present &= device->present && device->link[0];
	snprintf(node->name, sizeof(node->name), "%s", device->link);
}

static void be_device(struct opp_node *node, struct opp_served_device *device, bool raw)
{
	node->kind = OPP_NODE_LPT;
	node->device = device;
	node->raw = raw;
	node->present &= raw || device->present;
	opp_device_name(device, raw, node->name);
}

struct opp_node opp_node_of(struct opp_service *service, uint64_t number)
{
	const uint64_t at = number - FIRST_OF_PORTS;
	const uint32_t which = at % NODES_A_PORT;
	struct opp_node node = {
		.kind = OPP_NODE_PPDEV, .service = service, .parent = OPP_NODE_ROOT, .present = true
	};
	struct opp_served_port *port;

	if (number < FIRST_OF_PORTS)
		return of_no_port(service, number);
	port = service->ports[at / NODES_A_PORT];
	node.port = port;
	node.present = port && port->listed;
	if (!port)
		return node;
	if (which >= FIRST_LINK) {
		be_link(&node, &port->devices[which - FIRST_LINK]);
	} else if (which >= FIRST_DEVICE) {
		be_device(&node, &port->devices[which - FIRST_DEVICE], false);
	} else if (which == THE_RAW) {
		be_device(&node, &port->devices[OPP_PLACE_END_OF_CHAIN], true);
	} else {
		snprintf(node.name, sizeof(node.name), "%s", port->config.name);
	}
	return node;
}
