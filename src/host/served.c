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
#include <unistd.h>

#include <openparport/hw.h>

#include "error.h"
#include "lpt.h"
#include "process.h"
#include "served.h"

#define ASK_AGAIN_NS UINT64_C(5000000)

/* The service is another program, perhaps a 64-bit one where this one is not. */
_Static_assert(sizeof(struct opp_ioc_who) == 72, "layout of opp_ioc_who");
_Static_assert(offsetof(struct opp_ioc_status, fault) == 80, "layout of opp_ioc_status");
_Static_assert(offsetof(struct opp_ioc_status, holder) == 96, "layout of opp_ioc_status");
_Static_assert(sizeof(struct opp_ioc_status) == 96 + 72 * (2 + OPP_IOC_WAITERS_MAX),
	       "layout of opp_ioc_status");
_Static_assert(sizeof(struct opp_ioc_status) < 1 << _IOC_SIZEBITS, "a code names its size");
_Static_assert(sizeof(struct opp_ioc_info) == 264, "layout of opp_ioc_info");
_Static_assert(sizeof(struct opp_ioc_control) == 24, "layout of opp_ioc_control");
_Static_assert(sizeof(struct opp_batch_op) == 24, "layout of opp_batch_op");
_Static_assert(sizeof(struct opp_ioc_batch) == 24 + 24 * OPP_BATCH_OPS_MOST,
	       "layout of opp_ioc_batch");
_Static_assert(sizeof(struct opp_ioc_transfer) <= OPP_IOC_SUBMIT_BYTES &&
		       sizeof(struct opp_ioc_batch) <= OPP_IOC_SUBMIT_BYTES &&
		       _IOC_SIZE(OPP_IOC_CONTROL(OPP_CONTROL_BYTES)) <= OPP_IOC_SUBMIT_BYTES,
	       "what can be submitted");
_Static_assert(sizeof(struct opp_ioc_submit) < 1 << _IOC_SIZEBITS, "a code names its size");
_Static_assert(sizeof(struct opp_ioc_registers) == 8, "layout of opp_ioc_registers");
_Static_assert(sizeof(struct opp_ioc_wire) == 32, "layout of opp_ioc_wire");
_Static_assert(offsetof(struct opp_ioc_transfer, bytes) == 48, "layout of opp_ioc_transfer");

enum opp_status opp_served_error(int error)
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

/* A newer service may know more ways. */
enum opp_status opp_served_status(uint32_t status)
{
	if (status == OPP_PENDING || status > OPP_KICKED)
		return OPP_UNSUCCESSFUL;
	return (enum opp_status)status;
}

enum opp_status opp_served_ask(struct opp_handle *handle, unsigned long code, void *argument)
{
	if (ioctl(opp_served_of(handle)->file, code, argument) == 0)
		return OPP_SUCCESS;
	return opp_served_error(errno);
}

/* ---- calls that wait, and ending them ---------------------------------------------- */

void opp_served_begin(struct opp_served *served, struct opp_served_call *call)
{
	call->cancelled = false;
	pthread_mutex_lock(&served->lock);
	opp_queue_append(&served->calls, &call->link);
	pthread_mutex_unlock(&served->lock);
}

bool opp_served_is_cancelled(struct opp_served *served, const struct opp_served_call *call)
{
	bool cancelled;

	pthread_mutex_lock(&served->lock);
	cancelled = call->cancelled;
	pthread_mutex_unlock(&served->lock);
	return cancelled;
}

void opp_served_end(struct opp_served *served, struct opp_served_call *call)
{
	pthread_mutex_lock(&served->lock);
	opp_queue_remove(&served->calls, &call->link);
	pthread_cond_broadcast(&served->ended);
	pthread_mutex_unlock(&served->lock);
}

enum opp_status opp_served_wait(struct opp_handle *handle, unsigned long code, void *argument)
{
	struct opp_served *served = opp_served_of(handle);
	struct opp_served_call call;
	enum opp_status status;

	opp_served_begin(served, &call);
	status = opp_served_ask(handle, code, argument);
	opp_served_end(served, &call);
	return status;
}

static bool any_cancelled_locked(const struct opp_served *served)
{
	struct opp_link *link = opp_queue_first(&served->calls);

	while (link && !OPP_NODE(link, struct opp_served_call, link)->cancelled)
		link = opp_queue_next(&served->calls, link);
	return link != NULL;
}

static bool await_end_locked(struct opp_served *served)
{
	const struct timespec until = opp_host_timespec(opp_host_now_ns() + ASK_AGAIN_NS);

	if (any_cancelled_locked(served))
		(void)pthread_cond_clockwait(&served->ended, &served->lock, CLOCK_MONOTONIC,
					     &until);
	return any_cancelled_locked(served);
}

static enum opp_status served_cancel(struct opp_handle *handle)
{
	struct opp_served *served = opp_served_of(handle);
	enum opp_status status = OPP_SUCCESS;
	struct opp_link *link;
	bool more;

	pthread_mutex_lock(&served->lock);
	for (link = opp_queue_first(&served->calls); link;
	     link = opp_queue_next(&served->calls, link))
		OPP_NODE(link, struct opp_served_call, link)->cancelled = true;
	more = any_cancelled_locked(served) || served->submitted.count;
	while (status == OPP_SUCCESS && more) {
		pthread_mutex_unlock(&served->lock);
		status = opp_served_ask(handle, OPP_IOC_CANCEL, NULL);
		pthread_mutex_lock(&served->lock);
		more = await_end_locked(served);
	}
	pthread_mutex_unlock(&served->lock);
	return status;
}

static enum opp_status served_allocate(struct opp_handle *handle, uint64_t timeout_us)
{
	struct opp_ioc_allocate allocate = { .timeout_us = timeout_us };

	return opp_served_wait(handle, OPP_IOC_ALLOCATE, &allocate);
}

/* ---- calls that are answered at once ---------------------------------------------------- */

static enum opp_status served_free(struct opp_handle *handle)
{
	return opp_served_ask(handle, PPRELEASE, NULL);
}

static enum opp_status served_read_register(struct opp_handle *handle, enum opp_host_register which,
					    uint8_t *value)
{
	switch (which) {
	case OPP_HOST_DATA: return opp_served_ask(handle, PPRDATA, value);
	case OPP_HOST_STATUS: return opp_served_ask(handle, PPRSTATUS, value);
	case OPP_HOST_CONTROL: return opp_served_ask(handle, PPRCONTROL, value);
	case OPP_HOST_DIRECTION: break;
	}
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status served_write_register(struct opp_handle *handle,
					     enum opp_host_register which, uint8_t value)
{
	int reverse = value;

	switch (which) {
	case OPP_HOST_DATA: return opp_served_ask(handle, PPWDATA, &value);
	case OPP_HOST_CONTROL: return opp_served_ask(handle, PPWCONTROL, &value);
	case OPP_HOST_DIRECTION:
		/* ppdev itself says yes and does nothing. */
		if (reverse && !(opp_served_of(handle)->capabilities & OPP_HW_CAN_REVERSE))
			break;
		return opp_served_ask(handle, PPDATADIR, &reverse);
	case OPP_HOST_STATUS: break;
	}
	return OPP_INVALID_DEVICE_REQUEST;
}

static enum opp_status served_registers(struct opp_handle *handle,
					struct opp_ioc_registers *registers)
{
	return opp_served_ask(handle, OPP_IOC_REGISTERS, registers);
}

static enum opp_status served_waiters(struct opp_handle *handle, uint32_t *count)
{
	return opp_served_ask(handle, OPP_IOC_WAITERS, count);
}

static enum opp_status served_get_status(struct opp_handle *handle, struct opp_ioc_status *status)
{
	const enum opp_status asked = opp_served_ask(handle, OPP_IOC_STATUS, status);

	/* Who reads it goes by this. */
	if (asked == OPP_SUCCESS && status->listed > OPP_IOC_WAITERS_MAX)
		status->listed = OPP_IOC_WAITERS_MAX;
	return asked;
}

static enum opp_status served_get_info(struct opp_handle *handle, struct opp_ioc_info *info)
{
	return opp_served_ask(handle, OPP_IOC_INFO, info);
}

static enum opp_status served_get_pins(struct opp_handle *handle, struct opp_ioc_pins *pins)
{
	return opp_served_ask(handle, OPP_IOC_PINS, pins);
}

static enum opp_status served_kick(struct opp_handle *handle, uint64_t client)
{
	struct opp_ioc_kick kick = { .client = client };

	return opp_served_ask(handle, OPP_IOC_KICK, &kick);
}

/* The file of events lies beside the port's. */
static int served_events(struct opp_handle *handle)
{
	return open(opp_served_of(handle)->event_file, O_RDONLY | O_CLOEXEC);
}

/* ---- handles -------------------------------------------------------------------------------- */

static void served_close(struct opp_handle *handle)
{
	struct opp_served *served = opp_served_of(handle);

	opp_served_async_release(served);
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
	.registers = served_registers,
	.write = opp_served_write,
	.read = opp_served_read,
	.wire = opp_served_wire,
	.device_id = opp_served_device_id,
	.get_status = served_get_status,
	.get_info = served_get_info,
	.get_pins = served_get_pins,
	.kick = served_kick,
	.events = served_events,
	.batch = opp_served_batch,
	.control = opp_served_control,
	.submit = opp_served_submit,
	.fd = opp_served_fd,
	.reap = opp_served_reap,
	.cancel_async = opp_served_cancel_async,
};

static enum opp_status open_failed(const char *path, int error, struct opp_error *detail)
{
	const enum opp_status status = opp_served_error(error);
	const char *advice = "";

	if (error == ENOENT)
		advice = "; is parportd running, and does it serve this port?";
	else if (error == ENOTCONN)
		advice = "; parportd has died, start it again";
	else if (error == EACCES)
		advice = "; a member of the group of that file may use it (often lp)";
	return opp_error_set(detail, status, "%.160s: %s%s", path, strerror(error), advice);
}

/* By way of links, if @path is one. */
static void find_event_file(const char *path, char *event_file)
{
	char *name;

	if (!realpath(path, event_file))
		event_file[0] = '\0';
	name = strrchr(event_file, '/');
	if (name && (size_t)(name - event_file) + sizeof("/events") <= PATH_MAX)
		memcpy(name, "/events", sizeof("/events"));
}

enum opp_status opp_served_open(const char *path, struct opp_handle **handle,
				struct opp_error *error)
{
	struct opp_served *served;
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
	find_event_file(path, served->event_file);
	opp_lpt_name(info.number, served->handle.lpt);
	pthread_mutex_init(&served->lock, NULL);
	pthread_cond_init(&served->ended, NULL);
	opp_queue_init(&served->calls);
	served->events = -1;
	opp_queue_init(&served->submitted);
	*handle = &served->handle;
	return OPP_SUCCESS;
}
