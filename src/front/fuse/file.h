/* SPDX-License-Identifier: MIT */
/*
 * An open file of the mount. There are four kinds, parport<m> (ppdev.c), lpt<m+1>
 * and lpt<m+1>.<x> (job.c), events (monitor.c), and what the first two become when their
 * port goes (gone.c); what differs stands in a table of functions.
 *
 * Every function that takes a request answers it, now or later.
 */
#ifndef OPENPARPORT_FUSE_FILE_H
#define OPENPARPORT_FUSE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "fuse_api.h"
#include "host_port.h"
#include "loop.h"
#include "service.h"
#include "submit.h"

struct opp_ioctl {
	unsigned code;
	const void *in; /* as many bytes as the code says, when it says "write" */
	size_t in_bytes;
	size_t out_bytes;  /* room for the answer */
	uint64_t argument; /* what was passed in place of a pointer */
};

struct opp_file_ops {
	void (*read)(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock);
	void (*write)(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		      bool nonblock);
	void (*ioctl)(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl);
	/* Is @code refused, whatever it brings? NULL: none is. */
	bool (*refuses)(struct opp_file *file, unsigned code);
	void (*fsync)(struct opp_file *file, fuse_req_t request);
	/* poll's answer now; what it does not ask for need not be in it. */
	short (*events)(struct opp_file *file, short wanted);
	/* Ends what waits on this file: another thread of its client asks. */
	void (*cancel)(struct opp_file *file);
	/* Its port is awake again: what waited for that goes on. NULL: nothing does. */
	void (*wake)(struct opp_file *file);
	/* It has departed. NULL where a file is of no device. */
	void (*depart)(struct opp_file *file);
	/* The last descriptor is closed. Returns true when its client left without saying so. */
	bool (*release)(struct opp_file *file);
};

TAILQ_HEAD(opp_control_list, opp_control);

struct opp_file {
	TAILQ_ENTRY(opp_file) link;
	const struct opp_file_ops *ops;
	struct opp_service *service;
	struct opp_served_port *port;      /* NULL: the file of events */
	struct opp_served_device *device;  /* of an lpt file */
	bool raw;                          /* lpt<m+1>, which is there whatever the device is */
	const struct opp_channel *channel; /* over which its requests come */
	struct opp_host_client client;
	struct opp_post gone;
	struct opp_submissions submissions;
	struct opp_control_list controls; /* documented requests that have not ended */
	struct fuse_pollhandle *poll;     /* somebody waits in poll() */
	pid_t asked_thread;               /* client.pid and name are this one's */
	enum opp_status last_write;
	bool nonblock;   /* O_NONBLOCK at open */
	bool write_only; /* O_WRONLY */
	bool put_out;    /* kicked while it did not hold the port */
	bool departed;   /* its device is gone */
	bool orphan;     /* its port has gone: see gone.h */
};

/* Puts the pid and name of @request's process into the client. */
void opp_file_name_client(struct opp_file *file, fuse_req_t request);

/* Notes whether @request's thread may use registers itself; NULL: nobody knows, so no. */
void opp_file_ask_right(struct opp_file *file, fuse_req_t request);

/* Who its client is, which has waited, held or been printed since then (monotonic). */
void opp_file_describe(const struct opp_file *file, uint64_t since_us, struct opp_ioc_who *who);

/* Was this file put out of the port? Then nothing works until it is opened again. */
bool opp_file_kicked(const struct opp_file *file);

/* Wakes who waits in poll(). */
void opp_file_poll_changed(struct opp_file *file);

/* The last descriptor is closed: the client leaves its port, and the file is freed. */
void opp_file_close(struct opp_file *file);

/* Frees a file whose port is gone. */
void opp_file_discard(struct opp_file *file);

#endif
