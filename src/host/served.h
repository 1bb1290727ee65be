/* SPDX-License-Identifier: MIT */
/*
 * The inside of a handle on a served port, shared by the files served*.c: served.c
 * opens, closes, waits and cancels, served_wire.c asks for what is done on the wire,
 * served_async.c for what nobody waits for.
 */
#ifndef OPP_SERVED_H
#define OPP_SERVED_H

#include <limits.h>
#include <pthread.h>

#include "handle.h"

struct opp_served {
	struct opp_handle handle;
	int file;
	uint32_t capabilities; /* OPP_HW_CAN_* */
	char event_file[PATH_MAX];
	pthread_mutex_t lock; /* guards from here to the end */
	pthread_cond_t ended; /* a call that waits has ended */
	struct opp_queue calls;
	int events;                 /* an epoll descriptor; -1: none yet */
	struct opp_queue submitted; /* and not reaped */
	uint64_t tags;              /* given away so far */
};

/* A call that waits, on its thread's stack. */
struct opp_served_call {
	struct opp_link link;
	bool cancelled;
};

static inline struct opp_served *opp_served_of(struct opp_handle *handle)
{
	return OPP_NODE(handle, struct opp_served, handle);
}

/* What an errno of a served file means, and what a number that the service gives as status. */
enum opp_status opp_served_error(int error);
enum opp_status opp_served_status(uint32_t status);

/* One ioctl; _wait: of those that another thread can end by opp_cancel(). */
enum opp_status opp_served_ask(struct opp_handle *handle, unsigned long code, void *argument);
enum opp_status opp_served_wait(struct opp_handle *handle, unsigned long code, void *argument);

/* The same for calls that are several ioctls. */
void opp_served_begin(struct opp_served *served, struct opp_served_call *call);
bool opp_served_is_cancelled(struct opp_served *served, const struct opp_served_call *call);
void opp_served_end(struct opp_served *served, struct opp_served_call *call);

/* ---- served_wire.c ------------------------------------------------------------------ */

enum opp_status opp_served_write(struct opp_handle *handle, const void *bytes, size_t count,
				 uint64_t timeout_us, size_t *sent);
enum opp_status opp_served_read(struct opp_handle *handle, void *bytes, size_t room,
				uint64_t timeout_us, size_t *got);
enum opp_status opp_served_wire(struct opp_handle *handle, enum opp_host_req_kind kind,
				struct opp_ioc_wire *wire);
enum opp_status opp_served_device_id(struct opp_handle *handle, struct opp_ioc_device_id *id);
/* A batch as the service gets it, and what comes of it. */
void opp_served_fill_batch(struct opp_ioc_batch *wish, const struct opp_batch *batch);
void opp_served_heed_batch(const struct opp_ioc_batch *answer, struct opp_batch *batch);
enum opp_status opp_served_batch(struct opp_handle *handle, struct opp_batch *batch);
enum opp_status opp_served_control(struct opp_handle *handle, struct opp_ioc_control *control);

/* ---- served_async.c ------------------------------------------------------------------ */

void opp_served_async_release(struct opp_served *served);
enum opp_status opp_served_submit(struct opp_handle *handle, struct opp_async *async);
int opp_served_fd(struct opp_handle *handle);
struct opp_async *opp_served_reap(struct opp_handle *handle);
enum opp_status opp_served_cancel_async(struct opp_handle *handle, const struct opp_async *async);

#endif
