/* SPDX-License-Identifier: MIT */
/*
 * The devices on a port, as files: who is there is found out by a scan, and what
 * differs from what was known arrives or departs.
 *
 *	      opp_served_devices_scan                       the scan has ended
 *	RESTING ------------> SCANNING (in line, then on the wire) ---> LEAVING ---> RESTING
 *	                         ^                                         |
 *	                         '---- asked for once more meanwhile ------'
 *
 * The device at the end of the chain and the raw one (lpt<m+1>) are the same wire,
 * so they share a line of jobs; each device of the chain has its own.
 */
#ifndef OPENPARPORT_FUSE_DEVICE_H
#define OPENPARPORT_FUSE_DEVICE_H

#include <stdbool.h>
#include <sys/queue.h>

#include <openparport/names.h>
#include <openparport/scan.h>

#include "fuse_api.h"
#include "host_port.h"
#include "loop.h"

struct opp_call;
struct opp_file;
struct opp_ioctl;
struct opp_job;
struct opp_served_port;
struct opp_service;

TAILQ_HEAD(opp_call_list, opp_call);
TAILQ_HEAD(opp_job_list, opp_job);

#define OPP_LINK_BYTES 72

struct opp_served_device {
	struct opp_served_port *port;
	uint8_t place; /* 0 .. 3 in the daisy chain, OPP_PLACE_END_OF_CHAIN */
	bool present;  /* lpt<m+1>.<place> is there */
	char id[OPP_DEVICE_ID_MOST];
	char link[OPP_LINK_BYTES]; /* its name in by-id; "": none */
	uint32_t lp_flags;         /* LP_ABORT, LP_ABORTOPEN, LP_CAREFUL of <linux/lp.h> */
	struct opp_job_list jobs;  /* in the order of their first byte; the first one runs */
};

/* Who scans: a client of the port like any other, a new one for each scan. */
struct opp_scanner {
	struct opp_loop *loop;
	bool under_way; /* from SCANNING to the end of LEAVING */
	bool again;
	struct opp_host_client client;
	struct opp_host_req request;
	struct opp_scan scan;
	enum opp_status status;
	struct opp_post ended;
	struct opp_post left;
	struct event *limit;          /* for a peripheral that is slow on purpose */
	bool was_holding;             /* at the last look */
	struct opp_call_list waiting; /* to be told; done is 1 when the scan is theirs */
	struct opp_call_list behind;  /* to be tried again */
	void (*rested)(struct opp_served_port *port); /* NULL: nobody asks */
};

/* "lpt1.4", or of the raw device "lpt1". */
void opp_device_name(const struct opp_served_device *device, bool raw, char name[OPP_NAME_BYTES]);

/* No device yet. @port->service and config are set. False: memory is short. */
bool opp_served_devices_init(struct opp_served_port *port);
void opp_served_devices_release(struct opp_served_port *port);

/*
 * opp_served_devices_scan - finds out soon who is there; once more when a scan is under way.
 * It stands in line for the port like any client.
 */
void opp_served_devices_scan(struct opp_served_port *port);

/* The same, and answers @request, an OPP_IOC_RESCAN, when it is done. */
void opp_served_devices_scan_for(struct opp_file *file, fuse_req_t request);

/* The port goes, and all its devices with it. */
void opp_served_devices_depart(struct opp_served_port *port);

/* What is in the mount's directory is not what it was. */
void opp_directory_changed(struct opp_service *service);

/* Is a scan on the wire now, or its last step to come? */
bool opp_served_devices_are_looked_for(const struct opp_served_port *port);

/* Has opp_own_ioctl try @ioctl again when the scan that is under way has ended. */
void opp_served_devices_try_behind(struct opp_file *file, fuse_req_t request,
				   const struct opp_ioctl *ioctl);

#endif
