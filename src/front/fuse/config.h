/* SPDX-License-Identifier: MIT */
/* What parport.conf(5) says, read and checked. */
#ifndef OPENPARPORT_FUSE_CONFIG_H
#define OPENPARPORT_FUSE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host_port.h"

#define OPP_CONFIG_FILE "/etc/openparport/parport.conf"

struct opp_port_config {
	struct opp_host_config host; /* host.number is m of parport<m> */
	char name[OPP_IOC_NAME_BYTES];
	bool exclusive_waits; /* exclusive = "wait" */
	uint64_t max_hold_us; /* 0: no limit */
	uint64_t fault_timeout_us;
	bool scan_given;
	bool scan; /* at start, and when the simulation plugs something else in */
};

struct opp_config {
	char *mount;
	char *log;     /* NULL: no event log */
	char *devices; /* where device nodes are made; NULL: nowhere */
	char *metrics; /* socket that tells the counters; NULL: none */
	bool link_dev; /* links in /dev to the files */
	char *run_as;  /* the user that the service becomes ... */
	uid_t run_uid; /* ... and his numbers; NULL: it stays who it is */
	gid_t run_gid;
	uid_t user;
	gid_t group;
	mode_t mode;
	struct opp_port_config *ports; /* at least one */
	size_t port_count;
};

/*
 * opp_config_load - read @path; NULL means OPP_CONFIG_FILE, or one simulated
 *	port with a printer when that does not exist.
 * @by_root: who started the service, whose defaults hold also when it is another user by now.
 * Returns false after telling every mistake as FILE:LINE: TEXT, see say.h.
 */
bool opp_config_load(struct opp_config *config, const char *path, bool by_root);

/*
 * opp_config_set_devices - device nodes shall be made in @directory.
 * Returns what was expected of it; NULL: it is well.
 */
const char *opp_config_set_devices(struct opp_config *config, const char *directory);

/* The service shall become @user. Returns what was expected; NULL: it is well. */
const char *opp_config_set_run_as(struct opp_config *config, const char *user);

void opp_config_release(struct opp_config *config);

#endif
