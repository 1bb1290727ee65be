/* SPDX-License-Identifier: MIT */
/*
 * The service's own ioctls that every file answers, at once and without the
 * port: facts, kick, ending what waits on the same file, and the simulation.
 * OPP_IOC_ALLOCATE is the business of parport<m>, see ppdev_ioctl.c.
 */
#include "own_ioctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "glance.h"
#include "job.h"
#include "lost.h"
#include "ppdev.h"

static void reply_waiters(struct opp_file *file, fuse_req_t request, const void *in)
{
	uint32_t waiters = opp_host_waiters(file->port->host);

	(void)in;
	fuse_reply_ioctl(request, 0, &waiters, sizeof(waiters));
}

static void reply_status(struct opp_file *file, fuse_req_t request, const void *in)
{
	struct opp_ioc_status status;

	(void)in;
	opp_port_status(file->port, file->device, &status);
	fuse_reply_ioctl(request, 0, &status, sizeof(status));
}

static void reply_info(struct opp_file *file, fuse_req_t request, const void *in)
{
	(void)in;
	fuse_reply_ioctl(request, 0, &file->port->info, sizeof(file->port->info));
}

static void reply_pins(struct opp_call *call, const struct opp_glance *glance)
{
	opp_call_end_ioctl(call, &glance->pins, sizeof(glance->pins));
}

static void show_pins(struct opp_file *file, fuse_req_t request, const void *in)
{
	(void)in;
	opp_glance(file, request, opp_glance_at_pins, reply_pins);
}

/* Returns false when the client of number @client neither holds the port nor is printed. */
static bool put_out(struct opp_served_port *port, uint64_t client)
{
	bool held = opp_host_kick(port->host, client) == OPP_SUCCESS;

	opp_port_put_out_holder(port);
	return opp_port_put_out_job(port, client) || held;
}

/* Root, or the user the service runs as. */
static bool is_ruler(fuse_req_t request)
{
	uid_t user = fuse_req_ctx(request)->uid;

	return user == 0 || user == geteuid();
}

static void kick(struct opp_file *file, fuse_req_t request, const void *in)
{
	struct opp_ioc_kick wish;

	memcpy(&wish, in, sizeof(wish));
	if (!is_ruler(request))
		fuse_reply_err(request, EPERM);
	else if (!put_out(file->port, wish.client))
		fuse_reply_err(request, ENODATA);
	else
		fuse_reply_ioctl(request, 0, NULL, 0);
}

/* ---- the simulation ---------------------------------------------------------------- */

static void change_sim(struct opp_file *file, fuse_req_t request, struct opp_ioc_sim_set *wish)
{
	const struct opp_ioctl again = { .code = OPP_IOC_SIM_SET,
					 .in = wish,
					 .in_bytes = sizeof(*wish) };
	struct opp_served_port *port = file->port;
	struct opp_error error = { .text = "" };

	wish->status = opp_host_sim_set(port->host, wish->key, wish->value, &error);
	if (wish->status == OPP_DEVICE_BUSY && opp_served_devices_are_looked_for(port)) {
		opp_served_devices_try_behind(file, request, &again);
		return;
	}
	snprintf(wish->why, sizeof(wish->why), "%s", error.text);
	opp_port_ask_info(port);
	opp_lost_heed(port);
	if (wish->status == OPP_SUCCESS && port->config.scan &&
	    opp_host_sim_changes_devices(wish->key))
		opp_served_devices_scan(port);
	fuse_reply_ioctl(request, 0, wish, sizeof(*wish));
}

/* Returns false when @request has its answer: it may not, or is no wish. */
static bool read_wish(fuse_req_t request, const void *in, struct opp_ioc_sim_set *wish)
{
	int error = 0;

	memcpy(wish, in, sizeof(*wish));
	if (!is_ruler(request))
		error = EPERM;
	else if (!memchr(wish->key, '\0', sizeof(wish->key)) ||
		 !memchr(wish->value, '\0', sizeof(wish->value)))
		error = EINVAL;
	if (error)
		fuse_reply_err(request, error);
	return !error;
}

static void sim_set(struct opp_file *file, fuse_req_t request, const void *in)
{
	static struct opp_ioc_sim_set wish;

	if (read_wish(request, in, &wish))
		change_sim(file, request, &wish);
}

void opp_own_set_gone(struct opp_served_port *port, fuse_req_t request, const void *in)
{
	static struct opp_ioc_sim_set wish;

	if (!read_wish(request, in, &wish))
		return;
	if (strcmp(wish.key, "gone") != 0 ||
	    (strcmp(wish.value, "no") != 0 && strcmp(wish.value, "false") != 0) ||
	    opp_host_config_is_real(&port->config.host)) {
		fuse_reply_err(request, ENODEV);
		return;
	}
	wish.status = opp_port_return(port) ? OPP_SUCCESS : OPP_INSUFFICIENT_RESOURCES;
	snprintf(wish.why, sizeof(wish.why), "%s",
		 wish.status == OPP_SUCCESS ? "" : "the port cannot be opened again");
	fuse_reply_ioctl(request, 0, &wish, sizeof(wish));
}

static void sim_show(struct opp_file *file, fuse_req_t request, const void *in)
{
	static struct opp_ioc_sim_show answer;

	(void)in;
	memset(&answer, 0, sizeof(answer));
	answer.length =
		(uint32_t)opp_host_sim_show(file->port->host, answer.text, sizeof(answer.text));
	fuse_reply_ioctl(request, 0, &answer, sizeof(answer));
}

static void count_accesses(struct opp_glance *glance)
{
	glance->accesses = opp_host_sim_accesses(glance->host);
}

static void reply_accesses(struct opp_call *call, const struct opp_glance *glance)
{
	opp_call_end_ioctl(call, &glance->accesses, sizeof(glance->accesses));
}

static void sim_accesses(struct opp_file *file, fuse_req_t request, const void *in)
{
	(void)in;
	opp_glance(file, request, count_accesses, reply_accesses);
}

static void rescan(struct opp_file *file, fuse_req_t request, const void *in)
{
	(void)in;
	opp_served_devices_scan_for(file, request);
}

/* ---- the file's own ---------------------------------------------------------------- */

static void cancel(struct opp_file *file, fuse_req_t request, const void *in)
{
	(void)in;
	file->ops->cancel(file);
	fuse_reply_ioctl(request, 0, NULL, 0);
}

static void reply_last_write(struct opp_file *file, fuse_req_t request, const void *in)
{
	uint32_t status = file->last_write;

	(void)in;
	fuse_reply_ioctl(request, 0, &status, sizeof(status));
}

static void nothing(struct opp_file *file, fuse_req_t request, const void *in)
{
	(void)file;
	(void)in;
	fuse_reply_ioctl(request, 0, NULL, 0);
}

bool opp_own_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	static const struct {
		unsigned code;
		void (*answer)(struct opp_file *file, fuse_req_t request, const void *in);
	} codes[] = {
		{ OPP_IOC_NOTHING, nothing },
		{ OPP_IOC_WAITERS, reply_waiters },
		{ OPP_IOC_STATUS, reply_status },
		{ OPP_IOC_INFO, reply_info },
		{ OPP_IOC_PINS, show_pins },
		{ OPP_IOC_KICK, kick },
		{ OPP_IOC_CANCEL, cancel },
		{ OPP_IOC_LAST_WRITE, reply_last_write },
		{ OPP_IOC_SIM_SET, sim_set },
		{ OPP_IOC_SIM_SHOW, sim_show },
		{ OPP_IOC_SIM_ACCESSES, sim_accesses },
		{ OPP_IOC_RESCAN, rescan },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (ioctl->code != codes[i].code)
			continue;
		codes[i].answer(file, request, ioctl->in);
		return true;
	}
	return false;
}
