/* SPDX-License-Identifier: MIT */
/*
 * What there is in the mount, by number: one for each name that may be there.
 *
 *	parport<m>, lpt<m+1>		while the port is served, or known to be gone
 *	lpt<m+1>.<x>, lpt<m+1>.4	while the device is there
 *	events				always
 *	by-id/<name>			links to those, while the device has such a name
 */
#ifndef OPENPARPORT_FUSE_NODE_H
#define OPENPARPORT_FUSE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fuse_api.h"
#include "service.h"

enum opp_node_kind {
	OPP_NODE_DIRECTORY,
	OPP_NODE_PPDEV,
	OPP_NODE_LPT, /* the raw device, and those of the chain */
	OPP_NODE_LINK,
	OPP_NODE_EVENTS,
};

#define OPP_NODE_NAME_BYTES OPP_LINK_BYTES

/* Numbers; from the fourth on those of parport0, parport1, ... whether they are served or not */
#define OPP_NODE_ROOT       FUSE_ROOT_ID
#define OPP_NODE_BY_ID      (FUSE_ROOT_ID + 1)
#define OPP_NODE_EVENT_FILE (FUSE_ROOT_ID + 2)

struct opp_node {
	enum opp_node_kind kind;
	struct opp_service *service;
	uint64_t parent;
	bool present;                      /* else there is no such name now */
	struct opp_served_port *port;      /* NULL where there has never been one */
	struct opp_served_device *device;  /* of an LPT or a LINK */
	bool raw;                          /* lpt<m+1> */
	const struct opp_channel *channel; /* of a device node; NULL: the mount's */
	char name[OPP_NODE_NAME_BYTES];
};

/* How many numbers there are, from 1 on. */
uint64_t opp_node_count(const struct opp_service *service);

/* What @number, 1 .. opp_node_count, stands for. */
struct opp_node opp_node_of(struct opp_service *service, uint64_t number);

#endif
