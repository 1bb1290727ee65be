/* SPDX-License-Identifier: MIT */
/*
 * An open file lpt<m+1>: a print job, from its first write() to its close().
 * Jobs of a port are printed in the order of their first write and never mix.
 */
#ifndef OPENPARPORT_FUSE_JOB_H
#define OPENPARPORT_FUSE_JOB_H

#include "call.h"
#include "file.h"

struct opp_job {
	struct opp_file file;
	TAILQ_ENTRY(opp_job) line;	/* port->jobs */
	bool in_line;
	struct opp_call_list calls;	/* write() and fsync() in their order; the first runs */
	bool writing;			/* the first call's @write is submitted */
	struct opp_host_req write;
	enum opp_status write_status;
	struct opp_post write_ended;
	int fault;			/* ended a write that had moved bytes; the next one tells */
};

#endif
