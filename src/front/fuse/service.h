/* SPDX-License-Identifier: MIT */
/*
 * The running service: its ports, its open files, the kernel's connections.
 *
 *	start ports -> look what is on them -> mount, make device nodes -> run the loop
 *	-> (SIGTERM, unmounted from outside)
 *	-> remove ports: every request ends -> answer what is left -> unmount
 *	-> write out what is printed
 */
#ifndef OPENPARPORT_FUSE_SERVICE_H
#define OPENPARPORT_FUSE_SERVICE_H

#include <stdbool.h>
#include <sys/queue.h>
#include <time.h>

#include "channel.h"
#include "config.h"
#include "device.h"
#include "host_port.h"
#include "lookup.h"
#include "loop.h"
#include "monitor.h"

struct opp_cuse_node;
struct opp_gap_waiter;
struct opp_log;
struct opp_ppdev;

TAILQ_HEAD(opp_file_list, opp_file);
TAILQ_HEAD(opp_gap_list, opp_gap_waiter);

/* One port with the files that stand for it. */
struct opp_served_port {
	struct opp_service *service;
	const struct opp_port_config *config;
	struct opp_host_port *host;
	pthread_t destroyer; /* ends @host */
	bool destroyed_aside;
	struct opp_ioc_info info;

	/* parport<m> */
	struct opp_ppdev *holder; /* the file that has claimed the port */
	unsigned registered;      /* files that have claimed it once and are still open */
	bool registered_exclusively;
	struct opp_gap_list gap_waiters;
	struct event *hold_timer; /* max_hold of the claim of this client: */
	uint64_t limited;
	bool listening; /* interrupts of the port are posted here */
	struct opp_post interrupt;
	atomic_bool interrupt_posted;

	/* lpt<m+1>, lpt<m+1>.<x> */
	struct opp_scanner scanner;
	struct opp_served_device devices[OPP_SCAN_PLACES];
};

struct opp_service {
	struct opp_loop loop;
	const struct opp_config *config;
	struct opp_log *log;
	struct opp_monitor monitor;
	struct opp_channel mount;
	struct opp_cuse_node *nodes;
	size_t node_count;
	struct opp_served_port *ports;
	size_t port_count;
	struct opp_file_list files;
	struct opp_call_list calls; /* all that wait for an answer */
	struct opp_call_list interrupted;
	struct opp_lookups lookups;
	uint64_t found; /* how many lookups have found a file */
	struct timespec started;
	struct timespec changed; /* a device has arrived or departed */
	size_t first_scans;      /* that have not ended: the mount waits for them */
	bool ending;             /* the ports are gone: nothing is asked of them any more */
	void (*ready)(void *context);
	void *ready_context;
	int keeper; /* see keeper.h; OPP_NO_KEEPER: none */
	struct event *heard;
	struct event *pulse; /* see notify.h */
};

/* Fills in port->info, anew when the simulation has changed. */
void opp_port_ask_info(struct opp_served_port *port);

/*
 * opp_service_run - serve @config until told to end.
 * @ready: called once, when the files are there; may be NULL.
 * @keeper: who does what only root may; OPP_NO_KEEPER: nobody.
 * Returns the exit code of the program, after telling what went wrong.
 */
int opp_service_run(const struct opp_config *config, void (*ready)(void *context), void *context,
		    int keeper);

#endif
