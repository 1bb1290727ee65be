/* SPDX-License-Identifier: MIT */
/*
 * An open file lpt<m+1> or lpt<m+1>.<x> is a job, from its first write() or read() to
 * its close(). One that opens its device by a documented request is in the line from
 * then on; it may when nobody else is.
 *
 *	open -- first byte --> in line -- the jobs before it close --> its turn -- close()
 *
 * The first job of a device's line has its turn: its calls, one at a time and in
 * pieces of some KiB, take the port (a device of a daisy chain: are selected), move
 * their bytes and give the port back, so that users of parport<m> and of other devices
 * get turns within a job and other jobs of the device never. Who wants the port alone
 * waits for jobs, too (gap.h). Nothing is buffered here:
 * write() says how many bytes the device has taken. A fault that ends a write after
 * some bytes is told by the next one.
 *
 *	job.c		the file; the line
 *	job_work.c	what its calls do on the wire
 */
#ifndef OPENPARPORT_FUSE_JOB_H
#define OPENPARPORT_FUSE_JOB_H

#include "call.h"
#include "errand.h"
#include "file.h"

struct event;

/* What a call is, in its code; else it is an ioctl. */
#define OPP_CALL_JOB_WRITE 0u
#define OPP_CALL_JOB_FSYNC 1u
#define OPP_CALL_JOB_READ  2u

struct opp_job {
	struct opp_file file;

	/* the line */
	TAILQ_ENTRY(opp_job) line; /* device->jobs */
	bool in_line;
	uint64_t first_since_us;  /* monotonic, when it is the first of them */
	uint64_t moved;           /* bytes, both ways */
	struct event *hold_timer; /* max_hold of documented requests; NULL: none so far */

	/* what its client asks for */
	struct opp_call_list calls; /* all but read(), in their order */
	struct opp_call_list reads; /* a write() need not wait until a device has an answer */
	uint64_t patience_us;       /* LPSETTIMEOUT; 0: the port's fault_timeout */
	uint8_t forward;            /* OPP_REQUEST_* of write() ... */
	bool forward_negotiated;    /* ... else it is in compatibility mode */
	uint8_t reverse;            /* OPP_REQUEST_* of read() */
	int fault;                  /* ended a write that had moved bytes; the next one tells */

	/* at work on the wire; one thing at a time */
	bool working;
	struct opp_call *at_work; /* NULL: a look whether there is something to read */
	struct opp_host_req work;
	enum opp_status work_status;
	struct opp_post work_ended;
	struct opp_errand idle_look; /* fsync's: sees idle */
	struct event *idle_timer;    /* it looks at Busy again */
	struct event *look_timer;    /* a read() tries again, poll() looks again ... */
	uint64_t look_us;            /* ... after that; 0: soon */
	bool idle;
	bool awaited;  /* somebody waits in poll() for something to read */
	bool readable; /* there was something at the last look */
	bool closed;   /* a look may still be under way */
	bool mute;     /* it does not know the mode: poll() asks no more */
};

/* A new file, zeroed but for its ops. NULL when memory is short. */
struct opp_file *opp_job_new(void);

/*
 * Puts the job that has its turn on a device of @port out of the line: when it has been
 * kicked out of the port, or when it is the client of number @client. False: none is.
 */
bool opp_port_put_out_job(struct opp_served_port *port, uint64_t client);

/* Fills in the job that has its turn on @device and how many wait behind it. */
void opp_device_describe_jobs(const struct opp_served_device *device,
			      struct opp_ioc_status *status);

/* ---- job.c, for job_work.c --------------------------------------------------------- */

bool opp_job_has_turn(const struct opp_job *job);

/* Why nothing works on this file any more, as errno; 0: it does. */
int opp_job_error(const struct opp_job *job);

/* ---- job_work.c, for job.c ---------------------------------------------------------- */

void opp_job_work_init(struct opp_job *job);
void opp_job_work_release(struct opp_job *job);

/* Does what the job waits for, as far as that is possible now. */
void opp_job_serve(struct opp_job *job);

/* For opp_call_park. */
void opp_job_give_up(struct opp_call *call);

/* poll() asks for something to read: is there? Looks soon, and tells the poll, if not. */
bool opp_job_is_readable(struct opp_job *job);

#endif
