/* SPDX-License-Identifier: MIT */
/*
 * The running service: its ports, its open files, the kernel's connections.
 *
 *	start ports -> mount, make device nodes -> become the user -> open ports that others
 *	lend -> look what is on them -> run the loop
 *	(SIGHUP: reload.c changes the ports)
 *	-> (SIGTERM, unmounted from outside)
 *	-> remove ports: every request ends -> answer what is left -> unmount
 *	-> write out what is printed
 */
#ifndef OPENPARPORT_FUSE_SERVICE_H
#define OPENPARPORT_FUSE_SERVICE_H

#include <stdbool.h>
#include <sys/queue.h>
#include <time.h>

#include "aside.h"
#include "channel.h"
#include "config.h"
#include "device.h"
#include "errand.h"
#include "host_port.h"
#include "lookup.h"
#include "loop.h"
#include "monitor.h"
#include "ports.h"

struct opp_cuse_node;
struct opp_gap_waiter;
struct opp_log;
struct opp_metrics;
struct opp_opening;
struct opp_ppdev;
struct opp_service;
struct opp_sleep;

TAILQ_HEAD(opp_cuse_list, opp_cuse_node);
TAILQ_HEAD(opp_file_list, opp_file);
TAILQ_HEAD(opp_gap_list, opp_gap_waiter);

/* How the holder left the lines before the machine went to sleep. */
struct opp_kept_lines {
	bool valid;
	uint64_t client;
	struct opp_errand errand; /* looks at them: */
	bool under_way;
	enum opp_status status;
	struct opp_host_access access[2]; /* CONTROL, DATA */
};

/* See power.h. */
struct opp_power {
	bool asleep;
	void (*calm)(struct opp_service *service); /* NULL: it has been told */
	unsigned looks;                            /* so far, whether all is calm */
	struct event *timer;
};

/*
 * One port with the files that stand for it. What stands for parport<m> stays in memory
 * until the service ends; the port itself may go, and come back, see ports.h.
 */
struct opp_served_port {
	struct opp_service *service;
	struct opp_port_config config; /* the name never changes: other threads read it */
	struct opp_host_port *host;    /* NULL: there is none */
	enum opp_port_phase phase;
	bool listed;                 /* its files are in the directory */
	bool leaving;                /* nothing is asked of @host (any more) */
	bool returns;                /* the one that has gone is there again */
	struct opp_aside aside;      /* removes or ends @host */
	struct opp_opening *opening; /* NULL: none */
	bool looks;                  /* that is to find out whether it is there again */
	unsigned missed_s;           /* for how long it has been gone, or is being opened */
	bool has_next;               /* another one follows: */
	struct opp_port_config next;
	struct opp_ioc_info info;

	/* parport<m> */
	struct opp_ppdev *holder; /* the file that has claimed the port */
	unsigned registered;      /* files that have claimed it once and are still open */
	bool registered_exclusively;
	bool asleep;                 /* what its files are asked for waits; see power.h */
	struct opp_kept_lines lines; /* then: those of the holder */
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

/* What the program brings; the functions get @context. */
struct opp_service_hooks {
	/* Reads the configuration as at the start; tells what is wrong with it, and returns false. */
	bool (*load)(void *context, struct opp_config *config);
	/*
	 * When the files are there, NULL: nothing to do. detach: in every process of the service;
	 * ready: after that, in one of them.
	 */
	void (*detach)(void *context);
	void (*ready)(void *context);
	void *context;
};

struct opp_service {
	struct opp_loop loop;
	const struct opp_service_hooks *hooks;
	struct opp_config *config; /* but for the ports, which have theirs */
	struct opp_log *log;
	struct opp_monitor monitor;
	struct opp_channel mount;
	struct opp_cuse_list nodes;
	struct opp_served_port *ports[OPP_PORT_NAME_MOST]; /* by m; NULL: never served */
	size_t port_end;                                   /* all from here on are NULL */
	struct opp_file_list files;
	struct opp_call_list calls; /* all that wait for an answer */
	struct opp_call_list interrupted;
	struct opp_lookups lookups;
	uint64_t found; /* how many lookups have found a file */
	struct timespec started;
	struct timespec changed; /* a device has arrived or departed */
	bool opens_files;        /* of ports: it is the user who uses them */
	size_t awaited;          /* openings and scans for which the start waits */
	bool refused;            /* one of them has failed */
	bool scans;              /* ports that come are looked at for devices */
	bool serving;            /* the files are there */
	bool ends;               /* a signal says so */
	bool reload_due;         /* a signal said so before it served */
	bool ending;             /* no port follows one that goes */
	int keeper;              /* see keeper.h; OPP_NO_KEEPER: none */
	bool deserted;           /* there was one */
	struct event *heard;
	struct event *lost_watch; /* see lost.h */
	struct opp_power power;
	struct opp_sleep *sleep;
	struct event *pulse; /* see notify.h */
	struct opp_metrics *metrics;
};

/*
 * opp_service_run - serve @config until told to end.
 * @config: changed by a reload; what is in it stays the caller's to release.
 * @keeper: who does what only root may; OPP_NO_KEEPER: nobody.
 * Returns the exit code of the program, after telling what went wrong.
 */
int opp_service_run(struct opp_config *config, const struct opp_service_hooks *hooks, int keeper);

/* One thing less to wait for at the start, or nothing. @well: else it does not start. */
void opp_service_arrived(struct opp_service *service, bool well);

/* The files are there: calls detach, then ready. */
void opp_service_started(const struct opp_service_hooks *hooks);

#endif
