/* SPDX-License-Identifier: MIT */
/*
 * Handles of ports that parportd serves: each call is one on the file parport<m>.
 *
 * A call that waits, waits in the kernel. Another thread ends it by asking the
 * service (OPP_IOC_CANCEL), not by a signal, which would be the program's
 * business. A call that has begun here may not have reached the service yet, so
 * who cancels asks again until the calls begun before have ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ppdev.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <openparport/hw.h>

#include "error.h"
#include "handle.h"
#include "process.h"

#define ASK_AGAIN_NS UINT64_C(5000000)

/* One write(2): short enough that a cancel between two of them is seen soon. */
#define PIECE_BYTES 65536u

/* The service is another program, perhaps a 64-bit one where this one is not. */
_Static_assert(sizeof(struct opp_ioc_who) == 72, "layout of opp_ioc_who");
_Static_assert(offsetof(struct opp_ioc_status, fault) == 48, "layout of opp_ioc_status");
_Static_assert(offsetof(struct opp_ioc_status, holder) == 64, "layout of opp_ioc_status");
_Static_assert(sizeof(struct opp_ioc_status) == 64 + 72 * (2 + OPP_IOC_WAITERS_MAX),
	       "layout of opp_ioc_status");
_Static_assert(sizeof(struct opp_ioc_status) < 1 << _IOC_SIZEBITS, "a code names its size");
_Static_assert(sizeof(struct opp_ioc_info) == 264, "layout of opp_ioc_info");
_Static_assert(sizeof(struct opp_batch_op) == 24, "layout of opp_batch_op");
_Static_assert(sizeof(struct opp_ioc_batch) == 24 + 24 * OPP_BATCH_OPS_MOST,
	       "layout of opp_ioc_batch");

struct served_handle {
	struct opp_handle handle;
	int file;
	uint32_t capabilities; /* OPP_HW_CAN_* */
	pthread_mutex_t lock;  /* guards from here to the end */
	pthread_cond_t ended;  /* a call that waits has ended */
	struct opp_queue calls;
};

/* A call that waits, on its thread's stack. */
struct call {
	struct opp_link link;
	bool cancelled;
};

static struct served_handle *served_of(struct opp_handle *handle)
{
	return OPP_NODE(handle, struct served_handle, handle);
}

/* What a call on a served file means when it failed; writes have OPP_IOC_LAST_WRITE. */
static enum opp_status status_of_errno(int error)
{
	switch (error) {
	case EBUSY:
	case EAGAIN: return OPP_DEVICE_BUSY;
	case EINTR:
	case ECANCELED: return OPP_CANCELLED;
	case ENODEV: return OPP_DELETE_PENDING;
	case EIO: return OPP_KICKED;
	case EINVAL:
	case ENODATA: return OPP_INVALID_DEVICE_STATE;
	case EPERM:
	case EACCES: return OPP_ACCESS_DENIED;
	case ENOTCONN:
	case ECONNABORTED: return OPP_DEVICE_REMOVED;
	case ENOENT:
	case ENXIO:
	case ENOTTY: return OPP_NO_SUCH_DEVICE;
	case EOPNOTSUPP: return OPP_INVALID_DEVICE_REQUEST;
	case ENOMEM:
	case EMFILE:
	case ENFILE: return OPP_INSUFFICIENT_RESOURCES;
	default: return OPP_UNSUCCESSFUL;
	}
}

/* What the service says of how a call went: a newer one may know more ways. */
static enum opp_status known(uint32_t status)
{
	if (status == OPP_PENDING || status > OPP_KICKED)
		return OPP_UNSUCCESSFUL;
	return (enum opp_status)status;
}

static enum opp_status ask(struct opp_handle *handle, unsigned long code, void *argument)
{
	if (ioctl(served_of(handle)->file, code, argument) == 0)
		return OPP_SUCCESS;
	return status_of_errno(errno);
}

/* ---- calls that wait, and ending them ---------------------------------------------- */

static void begin_call(struct served_handle *served, struct call *call)
{
	pthread_mutex_lock(&served->lock);
	opp_queue_append(&served->calls, &call->link);
	pthread_mutex_unlock(&served->lock);
}

static bool call_is_cancelled(struct served_handle *served, const struct call *call)
{
	bool cancelled;

	pthread_mutex_lock(&served->lock);
	cancelled = call->cancelled;
	pthread_mutex_unlock(&served->lock);
	return cancelled;
}

static void end_call(struct served_handle *served, struct call *call)
{
	pthread_mutex_lock(&served->lock);
	opp_queue_remove(&served->calls, &call->link);
	pthread_cond_broadcast(&served->ended);
	pthread_mutex_unlock(&served->lock);
}

static bool any_cancelled_locked(const struct served_handle *served)
{
	struct opp_link *link = opp_queue_first(&served->calls);

	while (link && !OPP_NODE(link, struct call, link)->cancelled)
		link = opp_queue_next(&served->calls, link);
	return link != NULL;
}

static enum opp_status served_cancel(struct opp_handle *handle)
{
	struct served_handle *served = served_of(handle);
	enum opp_status status = OPP_SUCCESS;
	struct timespec until;
	struct opp_link *link;

	pthread_mutex_lock(&served->lock);
	for (link = opp_queue_first(&served->calls); link;
	     link = opp_queue_next(&served->calls, link))
		OPP_NODE(link, struct call, link)->cancelled = true;
	while (status == OPP_SUCCESS && any_cancelled_locked(served)) {
		pthread_mutex_unlock(&served->lock);
		status = ask(handle, OPP_IOC_CANCEL, NULL);
		until = opp_host_timespec(opp_host_now_ns() + ASK_AGAIN_NS);
		pthread_mutex_lock(&served->lock);
		if (any_cancelled_locked(served))
			(void)pthread_cond_clockwait(&served->ended, &served->lock, CLOCK_MONOTONIC,
						     &until);
	}
	pthread_mutex_unlock(&served->lock);
	return status;
}

static enum opp_status served_allocate(struct opp_handle *handle, uint64_t timeout_us)
{
	struct served_handle *served = served_of(handle);
	struct opp_ioc_allocate allocate = { .timeout_us = timeout_us };
	struct call call = { .cancelled = false };
	enum opp_status status;

	begin_call(served, &call);
	status = ask(handle, OPP_IOC_ALLOCATE, &allocate);
	end_call(served, &call);
	return status;
}

static enum opp_status served_batch(struct opp_handle *handle, struct opp_batch *batch)
{
	struct served_handle *served = served_of(handle);
	struct opp_ioc_batch wish = {
		.count = batch->count,
		.allocate = batch->allocate != 0,
		.timeout_us = batch->timeout_us,
	};
	const size_t bytes = batch->count * sizeof(wish.op[0]);
	struct call call = { .cancelled = false };
	enum opp_status status;

	memcpy(wish.op, batch->ops, bytes);
	begin_call(served, &call);
	status = ask(handle, OPP_IOC_BATCH, &wish);
	end_call(served, &call);
	if (status != OPP_SUCCESS)
		return status;
	memcpy(batch->ops, wish.op, bytes);
	batch->done = wish.done;
	return known(wish.status);
}

static enum opp_status set_time_limit(struct opp_handle *handle, uint64_t timeout_us)
{
	const uint64_t seconds = timeout_us / 1000000;
	struct timeval limit = {
		.tv_sec = seconds < INT32_MAX ? (time_t)seconds : INT32_MAX,
		.tv_usec = (suseconds_t)(timeout_us % 1000000),
	};

	if (timeout_us == 0)
		limit.tv_usec = 1;
	return ask(handle, PPSETTIME, &limit);
}

static enum opp_status why_write_ended(struct opp_handle *handle)
{
	uint32_t why;
	enum opp_status status = ask(handle, OPP_IOC_LAST_WRITE, &why);

	if (status != OPP_SUCCESS)
		return status;
	/* A write that was cut short has not succeeded. */
	return why == OPP_SUCCESS ? OPP_UNSUCCESSFUL : known(why);
}

static enum opp_status write_piece(struct opp_handle *handle, const uint8_t *bytes, size_t count,
				   uint64_t timeout_us, size_t *sent)
{
	enum opp_status status = set_time_limit(handle, timeout_us);
	ssize_t wrote;

	if (status != OPP_SUCCESS)
		return status;
	wrote = write(served_of(handle)->file, bytes, count);
	if (wrote < 0)
		return errno == EINTR ? OPP_CANCELLED : why_write_ended(handle);
	*sent += (size_t)wrote;
	return (size_t)wrote == count ? OPP_SUCCESS : why_write_ended(handle);
}

static enum opp_status served_write(struct opp_handle *handle, const void *bytes, size_t count,
				    uint64_t timeout_us, size_t *sent)
{
	struct served_handle *served = served_of(handle);
	struct call call = { .cancelled = false };
	enum opp_status status = OPP_SUCCESS;

	*sent = 0;
	begin_call(served, &call);
	while (*sent < count && status == OPP_SUCCESS) {
		const size_t left = count - *sent;

		if (call_is_cancelled(served, &call))
			status = OPP_CANCELLED;
		else
			status = write_piece(handle, (const uint8_t *)bytes + *sent,
					     left < PIECE_BYTES ? left : PIECE_BYTES, timeout_us,
					     sent);
	}
	end_call(served, &call);
	return status;
}

/* ---- calls that are answered at once ---------------------------------------------------- */

static enum opp_status served_free(struct opp_handle *handle)
{
	return ask(handle, PPRELEASE, NULL);
}

static enum opp_status served_read_register(struct opp_handle *handle, enum opp_host_register which,
					    uint8_t *value)
{
	switch (which) {
	case OPP_HOST_DATA: return ask(handle, PPRDATA, value);
	case OPP_HOST_STATUS: return ask(handle, PPRSTATUS, value);
	case OPP_HOST_CONTROL: return ask(handle, PPRCONTROL, value);
	case OPP_HOST_DIRECTION: break;
	}
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status served_write_register(struct opp_handle *handle,
					     enum opp_host_register which, uint8_t value)
{
	int reverse = value;

	switch (which) {
	case OPP_HOST_DATA: return ask(handle, PPWDATA, &value);
	case OPP_HOST_CONTROL: return ask(handle, PPWCONTROL, &value);
	case OPP_HOST_DIRECTION:
		/* ppdev itself says yes and does nothing. */
		if (reverse && !(served_of(handle)->capabilities & OPP_HW_CAN_REVERSE))
			break;
		return ask(handle, PPDATADIR, &reverse);
	case OPP_HOST_STATUS: break;
	}
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status served_waiters(struct opp_handle *handle, uint32_t *count)
{
	return ask(handle, OPP_IOC_WAITERS, count);
}

static enum opp_status served_get_status(struct opp_handle *handle, struct opp_ioc_status *status)
{
	return ask(handle, OPP_IOC_STATUS, status);
}

static enum opp_status served_get_info(struct opp_handle *handle, struct opp_ioc_info *info)
{
	return ask(handle, OPP_IOC_INFO, info);
}

static enum opp_status served_get_pins(struct opp_handle *handle, struct opp_ioc_pins *pins)
{
	return ask(handle, OPP_IOC_PINS, pins);
}

static enum opp_status served_kick(struct opp_handle *handle, uint64_t client)
{
	struct opp_ioc_kick kick = { .client = client };

	return ask(handle, OPP_IOC_KICK, &kick);
}

/* ---- handles -------------------------------------------------------------------------------- */

static void served_close(struct opp_handle *handle)
{
	struct served_handle *served = served_of(handle);

	close(served->file);
	pthread_cond_destroy(&served->ended);
	pthread_mutex_destroy(&served->lock);
	free(served);
}

static const struct opp_handle_ops served_ops = {
	.close = served_close,
	.allocate = served_allocate,
	.free = served_free,
	.cancel = served_cancel,
	.waiters = served_waiters,
	.read_register = served_read_register,
	.write_register = served_write_register,
	.write = served_write,
	.get_status = served_get_status,
	.get_info = served_get_info,
	.get_pins = served_get_pins,
	.kick = served_kick,
	.batch = served_batch,
};

static enum opp_status open_failed(const char *path, int error, struct opp_error *detail)
{
	const enum opp_status status = status_of_errno(error);
	const char *advice = "";

	if (error == ENOENT)
		advice = "; is parportd running, and does it serve this port?";
	else if (error == ENOTCONN)
		advice = "; parportd has died, start it again";
	else if (error == EACCES)
		advice = "; a member of the group of that file may use it (often lp)";
	return opp_error_set(detail, status, "%.160s: %s%s", path, strerror(error), advice);
}

enum opp_status opp_served_open(const char *path, struct opp_handle **handle,
				struct opp_error *error)
{
	struct served_handle *served;
	struct opp_ioc_info info;
	int file = open(path, O_RDWR | O_CLOEXEC);

	if (file < 0)
		return open_failed(path, errno, error);
	if (ioctl(file, OPP_IOC_INFO, &info) != 0) {
		close(file);
		return opp_error_set(error, OPP_NO_SUCH_DEVICE,
				     "%.160s: not a port that parportd serves", path);
	}
	served = calloc(1, sizeof(*served));
	if (!served) {
		close(file);
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a handle");
	}
	served->handle.ops = &served_ops;
	served->file = file;
	served->capabilities = info.capabilities;
	pthread_mutex_init(&served->lock, NULL);
	pthread_cond_init(&served->ended, NULL);
	opp_queue_init(&served->calls);
	*handle = &served->handle;
	return OPP_SUCCESS;
}
