/* SPDX-License-Identifier: MIT */
/*
 * Handles of ports inside this process, and blocking calls made of
 * the host port's requests: the calling thread sleeps until complete() wakes it.
 *
 * Who cancels marks the sleepers; each then takes its own request back. So no
 * lock of a handle is held while the host port is called.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "local.h"
#include "lpt.h"
#include "process.h"

static struct opp_host_port *host_of(struct opp_handle *handle)
{
	return opp_local_of(handle)->port->host;
}

/* ---- blocking ------------------------------------------------------------------ */

static void wake(struct opp_host_req *req, enum opp_status status)
{
	struct opp_local_wait *wait = OPP_NODE(req, struct opp_local_wait, req);
	struct opp_local *local = wait->owner;

	pthread_mutex_lock(&local->lock);
	wait->status = status;
	wait->done = true;
	pthread_cond_broadcast(&local->changed);
	pthread_mutex_unlock(&local->lock);
}

/* Returns false when @until_ns has come. */
static bool sleep_locked(struct opp_local *local, uint64_t until_ns)
{
	const struct timespec until = opp_host_timespec(until_ns);

	if (until_ns == UINT64_MAX)
		return pthread_cond_wait(&local->changed, &local->lock) == 0;
	return pthread_cond_clockwait(&local->changed, &local->lock, CLOCK_MONOTONIC, &until) !=
	       ETIMEDOUT;
}

static void take_back(struct opp_local_wait *wait,
		      bool (*back)(struct opp_host_port *port, struct opp_host_req *req))
{
	pthread_mutex_unlock(&wait->owner->lock);
	(void)back(wait->owner->port->host, &wait->req);
	pthread_mutex_lock(&wait->owner->lock);
}

/* Sleeps until @wait has ended; takes its request back when cancelled or @until_ns has come. */
static void wait_for_locked(struct opp_local_wait *wait, uint64_t until_ns)
{
	bool cancelled = false;

	while (!wait->done) {
		if (wait->cancelled && !cancelled) {
			cancelled = true;
			take_back(wait, opp_host_cancel);
		} else if (!sleep_locked(wait->owner, until_ns)) {
			until_ns = UINT64_MAX;
			take_back(wait, opp_host_expire);
		}
	}
}

/*
 * A cancel finds the wait before the host port has the request: who sees a waiter
 * in line can also end it.
 */
enum opp_status opp_local_run(struct opp_local_wait *wait, uint64_t until_ns)
{
	struct opp_local *local = wait->owner;
	enum opp_status status;

	pthread_mutex_lock(&local->lock);
	opp_queue_append(&local->waits, &wait->link);
	pthread_mutex_unlock(&local->lock);
	status = opp_host_submit(local->port->host, &wait->req);
	pthread_mutex_lock(&local->lock);
	if (status == OPP_PENDING) {
		wait_for_locked(wait, until_ns);
		status = wait->status;
	}
	opp_queue_remove(&local->waits, &wait->link);
	if (wait->req.kind != OPP_HOST_ALLOCATE) {
		local->work_ended++;
		pthread_cond_broadcast(&local->changed);
	}
	pthread_mutex_unlock(&local->lock);
	return status;
}

uint64_t opp_local_deadline_ns(uint64_t timeout_us)
{
	const uint64_t now_ns = opp_host_now_ns();

	return timeout_us < (UINT64_MAX - now_ns) / 1000 ? now_ns + timeout_us * 1000 : UINT64_MAX;
}

void opp_local_prepare(struct opp_local_wait *wait, struct opp_local *local,
		       enum opp_host_req_kind kind)
{
	*wait = (struct opp_local_wait){
		.req.kind = kind,
		.req.client = &local->client,
		.req.complete = wake,
		.owner = local,
	};
}

static enum opp_status local_allocate(struct opp_handle *handle, uint64_t timeout_us)
{
	struct opp_local *local = opp_local_of(handle);
	struct opp_local_wait wait;
	enum opp_status status = opp_host_try_allocate(local->port->host, &local->client);

	if (status == OPP_PENDING && timeout_us == 0)
		timeout_us = OPP_HOST_TRY_US;
	else if (status != OPP_PENDING && (status != OPP_DEVICE_BUSY || timeout_us == 0))
		return status;
	opp_local_prepare(&wait, local, OPP_HOST_ALLOCATE);
	return opp_local_run(&wait, opp_local_deadline_ns(timeout_us));
}

static enum opp_status local_cancel(struct opp_handle *handle)
{
	struct opp_local *local = opp_local_of(handle);
	struct opp_link *link;

	pthread_mutex_lock(&local->lock);
	for (link = opp_queue_first(&local->waits); link;
	     link = opp_queue_next(&local->waits, link))
		OPP_NODE(link, struct opp_local_wait, link)->cancelled = true;
	pthread_cond_broadcast(&local->changed);
	pthread_mutex_unlock(&local->lock);
	opp_local_cancel_submitted(local);
	return OPP_SUCCESS;
}

/*
 * A register access that was answered PENDING came while another thread used the
 * wire by this handle: sleeps until that has ended since @ended were counted, which
 * was before the access.
 */
static void wait_for_own_work(struct opp_local *local, uint32_t ended)
{
	pthread_mutex_lock(&local->lock);
	while (local->work_ended == ended)
		pthread_cond_wait(&local->changed, &local->lock);
	pthread_mutex_unlock(&local->lock);
}

/* ---- calls that need no more than the host port ------------------------------------ */

static enum opp_status local_free(struct opp_handle *handle)
{
	return opp_host_free(host_of(handle), &opp_local_of(handle)->client);
}

static enum opp_status local_read_register(struct opp_handle *handle, enum opp_host_register which,
					   uint8_t *value)
{
	struct opp_local *local = opp_local_of(handle);
	enum opp_status status;
	uint32_t ended;

	for (;;) {
		ended = local->work_ended;
		status = opp_host_read(local->port->host, &local->client, which, value);
		if (status != OPP_PENDING)
			return status;
		wait_for_own_work(local, ended);
	}
}

static enum opp_status local_write_register(struct opp_handle *handle, enum opp_host_register which,
					    uint8_t value)
{
	struct opp_local *local = opp_local_of(handle);
	enum opp_status status;
	uint32_t ended;

	for (;;) {
		ended = local->work_ended;
		status = opp_host_write_register(local->port->host, &local->client, which, value);
		if (status != OPP_PENDING)
			return status;
		wait_for_own_work(local, ended);
	}
}

static enum opp_status local_registers(struct opp_handle *handle,
				       struct opp_ioc_registers *registers)
{
	struct opp_local *local = opp_local_of(handle);
	enum opp_status status;
	uint32_t ended;

	for (;;) {
		ended = local->work_ended;
		status = opp_host_registers(local->port->host, &local->client, registers);
		if (status != OPP_PENDING)
			return status;
		wait_for_own_work(local, ended);
	}
}

static enum opp_status local_waiters(struct opp_handle *handle, uint32_t *count)
{
	*count = opp_host_waiters(host_of(handle));
	return OPP_SUCCESS;
}

static enum opp_status local_get_status(struct opp_handle *handle, struct opp_ioc_status *status)
{
	opp_host_status(host_of(handle), status);
	return OPP_SUCCESS;
}

static enum opp_status local_get_info(struct opp_handle *handle, struct opp_ioc_info *info)
{
	opp_host_info(host_of(handle), info);
	return OPP_SUCCESS;
}

static enum opp_status local_get_pins(struct opp_handle *handle, struct opp_ioc_pins *pins)
{
	return opp_host_pins(host_of(handle), pins);
}

static enum opp_status local_kick(struct opp_handle *handle, uint64_t client)
{
	return opp_host_kick(host_of(handle), client);
}

/* ---- handles ------------------------------------------------------------------------ */

static void client_gone(struct opp_host_client *client)
{
	struct opp_local *local = OPP_NODE(client, struct opp_local, client);

	pthread_mutex_lock(&local->lock);
	local->gone = true;
	pthread_cond_broadcast(&local->changed);
	pthread_mutex_unlock(&local->lock);
}

static void local_close(struct opp_handle *handle)
{
	struct opp_local *local = opp_local_of(handle);

	opp_host_close(local->port->host, &local->client, false, client_gone);
	pthread_mutex_lock(&local->lock);
	while (!local->gone)
		pthread_cond_wait(&local->changed, &local->lock);
	pthread_mutex_unlock(&local->lock);
	opp_local_async_release(local);
	opp_local_port_leave(local->port);
	pthread_cond_destroy(&local->changed);
	pthread_mutex_destroy(&local->lock);
	free(local);
}

static const struct opp_handle_ops local_ops = {
	.close = local_close,
	.allocate = local_allocate,
	.free = local_free,
	.cancel = local_cancel,
	.waiters = local_waiters,
	.read_register = local_read_register,
	.write_register = local_write_register,
	.registers = local_registers,
	.write = opp_local_write,
	.read = opp_local_read,
	.wire = opp_local_wire,
	.device_id = opp_local_device_id,
	.get_status = local_get_status,
	.get_info = local_get_info,
	.get_pins = local_get_pins,
	.kick = local_kick,
	.events = opp_local_events,
	.batch = opp_local_batch,
	.submit = opp_local_submit,
	.fd = opp_local_fd,
	.reap = opp_local_reap,
	.cancel_async = opp_local_cancel_async,
	.control = opp_local_control,
};

enum opp_status opp_local_open(enum opp_local_kind kind, const char *keys,
			       struct opp_handle **handle, struct opp_error *error)
{
	struct opp_local *local = calloc(1, sizeof(*local));
	enum opp_status status;

	if (!local)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a handle");
	status = opp_local_port_enter(kind, keys, &local->port, error);
	if (status != OPP_SUCCESS) {
		free(local);
		return status;
	}
	local->handle.ops = &local_ops;
	opp_lpt_name(local->port->config.number, local->handle.lpt);
	pthread_mutex_init(&local->lock, NULL);
	pthread_cond_init(&local->changed, NULL);
	opp_queue_init(&local->waits);
	opp_local_async_init(local);
	local->client.pid = getpid();
	local->client.kind = OPP_IOC_WHO_LIBRARY;
	local->client.sees_registers = true;
	strncpy(local->client.name, program_invocation_short_name, sizeof(local->client.name) - 1);
	/* Nobody removes a port that a handle has entered. */
	(void)opp_host_open(local->port->host, &local->client);
	*handle = &local->handle;
	return OPP_SUCCESS;
}
