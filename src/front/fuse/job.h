/* SPDX-License-Identifier: MIT */
/* An open file lpt<m+1>, and the line of jobs of a port. */
#ifndef OPENPARPORT_FUSE_JOB_H
#define OPENPARPORT_FUSE_JOB_H

#include "file.h"

/* A new file, zeroed but for its ops. NULL when memory is short. */
struct opp_file *opp_job_new(void);

/*
 * Puts the job that is printed out of the line of jobs: when it has been kicked
 * out of the port, or when it is the client of number @client. False: it is not.
 */
bool opp_port_put_out_job(struct opp_served_port *port, uint64_t client);

/* Fills in the job that is printed and how many wait behind it. */
void opp_port_describe_jobs(const struct opp_served_port *port, struct opp_ioc_status *status);

#endif
