/* SPDX-License-Identifier: MIT */
#include "node.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_OF_PORTS (OPP_NODE_BY_ID + 1)

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
	return OPP_NODE_BY_ID + (uint64_t)service->port_count * NODES_A_PORT;
}

static struct opp_node directory(uint64_t number)
{
	struct opp_node node = { .kind = OPP_NODE_DIRECTORY,
				 .parent = OPP_NODE_ROOT,
				 .present = true };

	if (number == OPP_NODE_BY_ID)
		snprintf(node.name, sizeof(node.name), "by-id");
	return node;
}

static void be_link(struct opp_node *node, struct opp_served_device *device)
{
	node->kind = OPP_NODE_LINK;
	node->parent = OPP_NODE_BY_ID;
	node->device = device;
	node->present = device->present && device->link[0];
	snprintf(node->name, sizeof(node->name), "%s", device->link);
}

static void be_device(struct opp_node *node, struct opp_served_device *device, uint32_t number)
{
	node->kind = OPP_NODE_LPT;
	node->device = device;
	node->present = device->present;
	snprintf(node->name, sizeof(node->name), "lpt%" PRIu32 ".%u", number + 1, device->place);
}

struct opp_node opp_node_of(const struct opp_service *service, uint64_t number)
{
	const uint64_t at = number - FIRST_OF_PORTS;
	const uint32_t which = at % NODES_A_PORT;
	struct opp_node node = { .kind = OPP_NODE_PPDEV, .parent = OPP_NODE_ROOT, .present = true };
	struct opp_served_port *port;
	uint32_t m;

	if (number < FIRST_OF_PORTS)
		return directory(number);
	port = &service->ports[at / NODES_A_PORT];
	m = port->config->host.number;
	node.port = port;
	if (which >= FIRST_LINK) {
		be_link(&node, &port->devices[which - FIRST_LINK]);
	} else if (which >= FIRST_DEVICE) {
		be_device(&node, &port->devices[which - FIRST_DEVICE], m);
	} else if (which == THE_RAW) {
		node.kind = OPP_NODE_LPT;
		node.device = &port->devices[OPP_PLACE_END_OF_CHAIN];
		node.raw = true;
		snprintf(node.name, sizeof(node.name), "lpt%" PRIu32, m + 1);
	} else {
		snprintf(node.name, sizeof(node.name), "parport%" PRIu32, m);
	}
	return node;
}
