/* SPDX-License-Identifier: MIT */
/*
 * The inside of a handle on a port of this process, shared by the files local*.c:
 * local.c opens, closes and waits, local_wire.c asks for what is done on the wire,
 * local_async.c for what nobody waits for. Order of locks: async_turn, then lock.
 */
#ifndef OPP_LOCAL_H
#define OPP_LOCAL_H

#include <pthread.h>

#include "handle.h"
#include "local_port.h"

struct opp_local {
	struct opp_handle handle;
	struct opp_local_port *port;
	struct opp_host_client client;
	pthread_mutex_t lock;   /* guards from here to the end */
	pthread_cond_t changed; /* a wait has ended or shall end, or the client is gone */
	struct opp_queue waits;
	_Atomic uint32_t work_ended; /* on the wire; grows under the lock, read without */
	bool gone;
	int async_fd; /* a timer, due when there is something to reap or to expire; -1: none yet */
	struct opp_queue under_way;
	struct opp_queue completed;
	/* what is submitted is made, cancelled, expired and freed in this lock */
	pthread_mutex_t async_turn;
};

/* One blocked call, on its thread's stack. */
struct opp_local_wait {
	struct opp_host_req req;
	struct opp_link link;
	struct opp_local *owner;
	enum opp_status status;
	bool done;
	bool cancelled;
};

static inline struct opp_local *opp_local_of(struct opp_handle *handle)
{
	return OPP_NODE(handle, struct opp_local, handle);
}

/*
 * A blocked call: prepared, its request told more, then made and seen through.
 * @until_ns: when it leaves the port's line, by the monotonic clock.
 */
void opp_local_prepare(struct opp_local_wait *wait, struct opp_local *local,
		       enum opp_host_req_kind kind);
enum opp_status opp_local_run(struct opp_local_wait *wait, uint64_t until_ns);
uint64_t opp_local_deadline_ns(uint64_t timeout_us);

/* ---- local_wire.c ----------------------------------------------------------------- */

enum opp_status opp_local_write(struct opp_handle *handle, const void *bytes, size_t count,
				uint64_t timeout_us, size_t *sent);
enum opp_status opp_local_read(struct opp_handle *handle, void *bytes, size_t room,
			       uint64_t timeout_us, size_t *got);
enum opp_status opp_local_wire(struct opp_handle *handle, enum opp_host_req_kind kind,
			       struct opp_ioc_wire *wire);
enum opp_status opp_local_device_id(struct opp_handle *handle, struct opp_ioc_device_id *id);
enum opp_status opp_local_batch(struct opp_handle *handle, struct opp_batch *batch);
enum opp_status opp_local_control(struct opp_handle *handle, struct opp_ioc_control *control);

/* @req is for what @control describes. */
void opp_local_document(struct opp_host_req *req, struct opp_ioc_control *control);

/* ---- local_events.c --------------------------------------------------------------- */

int opp_local_events(struct opp_handle *handle);

/* ---- local_async.c ---------------------------------------------------------------- */

void opp_local_async_init(struct opp_local *local);
/* Nothing is under way any more. */
void opp_local_async_release(struct opp_local *local);

/* opp_cancel() for what was submitted. */
void opp_local_cancel_submitted(struct opp_local *local);

enum opp_status opp_local_submit(struct opp_handle *handle, struct opp_async *async);
int opp_local_fd(struct opp_handle *handle);
struct opp_async *opp_local_reap(struct opp_handle *handle);
enum opp_status opp_local_cancel_async(struct opp_handle *handle, const struct opp_async *async);

#endif
