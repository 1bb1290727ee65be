/* SPDX-License-Identifier: MIT */
/*
 * One connection to the kernel, over which requests arrive: that of the mount, or
 * that of one device node. All of them are read on the service's loop.
 */
#ifndef OPENPARPORT_FUSE_CHANNEL_H
#define OPENPARPORT_FUSE_CHANNEL_H

#include <stdbool.h>

#include "fuse_api.h"

struct event;
struct opp_service;

struct opp_channel {
	struct opp_service *service;
	struct fuse_session *session;
	struct fuse_buf buffer; /* the request being read */
	struct event *readable;
};

/*
 * opp_channel_serve_one - reads one request and has it carried out.
 * Returns false when the kernel has ended the connection. True too when there was
 * no request after all.
 */
bool opp_channel_serve_one(struct opp_channel *channel);

/*
 * From now on the loop serves what arrives, and stops when the connection ends.
 * False: memory or a descriptor is short.
 */
bool opp_channel_watch(struct opp_channel *channel);

/* The loop looks at it no more; the session is still there. */
void opp_channel_unwatch(struct opp_channel *channel);

#endif
