/* SPDX-License-Identifier: MIT */
/* Calls that look at a port's wire, whoever has the port: parked until somebody has looked. */
#ifndef OPENPARPORT_FUSE_GLANCE_H
#define OPENPARPORT_FUSE_GLANCE_H

#include <openparport/hosted/parportd_ioctl.h>

#include "call.h"
#include "errand.h"

struct opp_glance {
	struct opp_host_port *host;
	struct opp_errand errand;
	struct opp_call *call; /* NULL: it has given up */
	void (*see)(struct opp_glance *glance);
	void (*reply)(struct opp_call *call, const struct opp_glance *glance);
	/* what see() fills in; other than SUCCESS: why the call fails */
	enum opp_status status;
	struct opp_ioc_pins pins;
	uint64_t accesses;
};

/*
 * opp_glance - a call of @file.
 * @see: called where the wire may be waited for; on any thread.
 * @reply: ends the call; on the loop.
 */
void opp_glance(struct opp_file *file, fuse_req_t request, void (*see)(struct opp_glance *glance),
		void (*reply)(struct opp_call *call, const struct opp_glance *glance));

/* Sees the pins. */
void opp_glance_at_pins(struct opp_glance *glance);

#endif
