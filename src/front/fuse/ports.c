/* SPDX-License-Identifier: MIT */
#include "ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "cuse.h"
#include "device.h"
#include "gap.h"
#include "gone.h"
#include "job.h"
#include "keeper.h"
#include "log.h"
#include "own_files.h"
#include "ppdev.h"
#include "say.h"
#include "service.h"

/* ---- a port's host ------------------------------------------------------------------- */

static void on_event(void *context, const struct opp_host_event *event)
{
	const struct opp_served_port *port = context;

	opp_log_event(port->service->log, port->config.name, event);
	opp_monitor_event(&port->service->monitor, port->config.name, event);
}

static void add_info(struct opp_served_port *port)
{
	snprintf(port->info.exclusive, sizeof(port->info.exclusive), "%s",
		 port->config.exclusive_waits ? "wait" : "refuse");
	port->info.max_hold_us = port->config.max_hold_us;
}

void opp_port_ask_info(struct opp_served_port *port)
{
	opp_host_info(port->host, &port->info);
	add_info(port);
}

/* But for the name, which is the same and read by other threads. */
static void take_config(struct opp_served_port *port, struct opp_port_config *config)
{
	opp_host_config_release(&port->config.host);
	port->config.host = config->host;
	port->config.exclusive_waits = config->exclusive_waits;
	port->config.max_hold_us = config->max_hold_us;
	port->config.fault_timeout_us = config->fault_timeout_us;
	port->config.scan = config->scan;
	memset(&config->host, 0, sizeof(config->host));
}

void opp_port_forget_next(struct opp_served_port *port)
{
	if (port->has_next)
		opp_host_config_release(&port->next.host);
	port->has_next = false;
}

/* ---- how one comes --------------------------------------------------------------------- */

static bool goes(const struct opp_served_port *port)
{
	return port->phase == OPP_SERVED_REMOVING || port->phase == OPP_SERVED_ENDING;
}

/* For the one before it, or for one that still has its registers. */
static bool next_waits(const struct opp_served_port *port)
{
	const struct opp_service *service = port->service;

	if (port->phase != OPP_SERVED_NONE)
		return true;
	for (size_t i = 0; i < service->port_end; i++) {
		const struct opp_served_port *other = service->ports[i];

		if (other && goes(other) &&
		    opp_host_config_overlaps(&other->config.host, &port->next.host))
			return true;
	}
	return false;
}

void opp_port_status(const struct opp_served_port *port, const struct opp_served_device *device,
		     struct opp_ioc_status *status)
{
	opp_host_status(port->host, status);
	opp_gap_describe(port, status);
	opp_device_describe_jobs(device ? device : &port->devices[OPP_PLACE_END_OF_CHAIN], status);
}

size_t opp_ports_count(const struct opp_service *service)
{
	size_t count = 0;

	for (size_t i = 0; i < service->port_end; i++)
		count += service->ports[i] && service->ports[i]->phase == OPP_SERVED;
	return count;
}

void opp_port_tell_keeper(const struct opp_served_port *port)
{
	const struct opp_service *service = port->service;

	if (service->config->link_dev)
		opp_keeper_tell(service->keeper, port->listed ? OPP_KEEPER_LINK : OPP_KEEPER_UNLINK,
				port->config.host.number);
}

static void give_advice(const struct opp_served_port *port)
{
	const char *advice = opp_host_advice(port->host);

	if (advice)
		opp_say(OPP_SAID_ADVICE, port->config.name, "%s", advice);
}

/* A file that we would have to open and to answer for at once. Looked for each time: links change. */
static bool is_its_own(const struct opp_served_port *port, struct opp_error *error)
{
	const char *path = opp_host_config_file(&port->config.host);

	if (!path || !opp_is_own_file(path, port->service->config->mount))
		return false;
	snprintf(error->text, sizeof(error->text),
		 "back_end = \"ppdev:%.64s\" is a file of this service itself; name a port that "
		 "Linux or another service has",
		 path);
	error->status = OPP_INVALID_PARAMETER;
	return true;
}

static enum opp_status create(struct opp_served_port *port, struct opp_error *error)
{
	if (is_its_own(port, error))
		return error->status;
	return opp_host_port_create(&port->config.host, on_event, port, &port->host, error);
}

static enum opp_status begin(struct opp_served_port *port, struct opp_error *error)
{
	struct opp_service *service = port->service;
	const enum opp_status status = create(port, error);

	if (status != OPP_SUCCESS)
		return status;
	opp_port_ask_info(port);
	give_advice(port);
	port->phase = OPP_SERVED;
	port->leaving = false;
	port->listed = true;
	opp_directory_changed(service);
	if (!service->serving)
		return OPP_SUCCESS;
	opp_port_tell_keeper(port);
	if (port->config.scan)
		opp_served_devices_scan(port);
	opp_cuse_add(port);
	return OPP_SUCCESS;
}

static void tell_back(struct opp_served_port *port)
{
	opp_say(OPP_SAID_BACK, port->config.name, "it is there again, and served");
	opp_monitor_port(port, "back");
}

/* It is listed as gone, and looked for; see lost.h. */
static void miss(struct opp_served_port *port)
{
	const bool is_news = !port->listed;

	opp_host_config_info(&port->config.host, &port->info);
	add_info(port);
	port->leaving = port->listed = true;
	port->missed_s = 0;
	if (!is_news)
		return;
	opp_directory_changed(port->service);
	if (!port->service->serving)
		return;
	opp_port_tell_keeper(port);
	opp_cuse_add(port);
}

/* A port of this machine that has gone may still be away, or in other hands by now. */
static bool may_come(const struct opp_served_port *port, enum opp_status status)
{
	return opp_host_config_is_real(&port->config.host) &&
	       (port->listed || status == OPP_NO_SUCH_DEVICE);
}

static bool serve_next(struct opp_served_port *port)
{
	const bool was_gone = port->listed;
	struct opp_error error;
	enum opp_status status;

	if (!port->has_next || next_waits(port))
		return true;
	take_config(port, &port->next);
	port->has_next = port->returns = false;
	status = begin(port, &error);
	if (status == OPP_SUCCESS) {
		if (was_gone && !port->config.host.gone)
			tell_back(port);
		return true;
	}
	if (may_come(port, status)) {
		opp_say(OPP_SAID_GONE, port->config.name,
			"it is not served before it can be opened: %s", error.text);
		miss(port);
		return true;
	}
	opp_say(OPP_SAID_REFUSED, port->config.name, "%s", error.text);
	if (was_gone)
		opp_port_withdraw(port);
	return false;
}

/* Whoever looks again and again whether it is there is not told every time that it is not. */
static bool serve_again(struct opp_served_port *port)
{
	struct opp_error error;

	if (port->has_next)
		return true;
	port->returns = port->config.host.gone = false;
	if (begin(port, &error) != OPP_SUCCESS)
		return false;
	tell_back(port);
	return true;
}

bool opp_port_return(struct opp_served_port *port)
{
	if (port->phase == OPP_SERVED || !port->listed)
		return port->listed;
	port->returns = true;
	return port->phase != OPP_SERVED_NONE || serve_again(port);
}

static void on_removed(struct opp_post *post);
static void on_ended(struct opp_post *post);

static void release(struct opp_served_port *port)
{
	opp_port_forget_next(port);
	opp_port_ppdev_release(port);
	opp_served_devices_release(port);
	opp_host_config_release(&port->config.host);
	free(port);
}

/* What stands for the port that @config describes. NULL: no memory. */
static struct opp_served_port *port_of(struct opp_service *service,
				       const struct opp_port_config *config)
{
	const uint32_t number = config->host.number;
	struct opp_served_port *port = service->ports[number];

	if (port)
		return port;
	port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	port->service = service;
	port->config.host.number = number;
	memcpy(port->config.name, config->name, sizeof(port->config.name));
	port->removed.run = on_removed;
	port->ended.run = on_ended;
	if (!opp_port_ppdev_init(port) || !opp_served_devices_init(port)) {
		release(port);
		return NULL;
	}
	service->ports[number] = port;
	if (number >= service->port_end)
		service->port_end = number + 1;
	return port;
}

bool opp_ports_serve(struct opp_service *service, struct opp_port_config *config)
{
	struct opp_served_port *port = port_of(service, config);

	if (!port) {
		opp_say(OPP_SAID_REFUSED, config->name, "no memory");
		return false;
	}
	opp_port_forget_next(port);
	port->next = *config;
	port->has_next = true;
	memset(&config->host, 0, sizeof(config->host));
	return serve_next(port);
}

/* ---- and goes -------------------------------------------------------------------------- */

/* Where there is no thread for it, the others wait. */
static void run_aside(struct opp_served_port *port, void *(*function)(void *))
{
	port->aside_runs = pthread_create(&port->aside, NULL, function, port) == 0;
	if (!port->aside_runs)
		(void)function(port);
}

static void join_aside(struct opp_served_port *port)
{
	if (port->aside_runs)
		pthread_join(port->aside, NULL);
	port->aside_runs = false;
}

static void *remove_aside(void *context)
{
	struct opp_served_port *port = context;

	opp_host_port_remove(port->host);
	opp_post(&port->service->loop, &port->removed);
	return NULL;
}

static void *end_aside(void *context)
{
	struct opp_served_port *port = context;

	opp_host_port_destroy(port->host);
	opp_post(&port->service->loop, &port->ended);
	return NULL;
}

static void leave(struct opp_served_port *port)
{
	port->leaving = true;
	port->phase = OPP_SERVED_REMOVING;
	run_aside(port, remove_aside);
}

/* All that the port itself was asked for has been answered: posts come in their order. */
static void on_removed(struct opp_post *post)
{
	struct opp_served_port *port = OPP_NODE(post, struct opp_served_port, removed);

	if (port->scanner.under_way) {
		opp_post(&port->service->loop, post);
		return;
	}
	join_aside(port);
	opp_files_be_gone(port);
	port->phase = OPP_SERVED_ENDING;
	run_aside(port, end_aside);
}

static void on_ended(struct opp_post *post)
{
	struct opp_served_port *port = OPP_NODE(post, struct opp_served_port, ended);
	struct opp_service *service = port->service;

	join_aside(port);
	port->host = NULL;
	port->phase = OPP_SERVED_NONE;
	if (service->ending)
		return;
	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i])
			(void)serve_next(service->ports[i]);
	if (port->returns)
		(void)serve_again(port);
	if (!port->listed)
		opp_cuse_remove(port);
}

void opp_port_withdraw(struct opp_served_port *port)
{
	port->listed = port->returns = false;
	opp_directory_changed(port->service);
	opp_port_tell_keeper(port);
	if (port->phase == OPP_SERVED_NONE)
		opp_cuse_remove(port);
	if (port->phase != OPP_SERVED)
		return;
	opp_served_devices_depart(port);
	leave(port);
}

void opp_port_lose(struct opp_served_port *port)
{
	opp_say(OPP_SAID_GONE, port->config.name,
		"its hardware is gone: who uses it hears ENODEV; it is served again when it is back");
	opp_monitor_port(port, "gone");
	port->missed_s = 0;
	opp_host_port_gone(port->host);
	opp_served_devices_depart(port);
	leave(port);
}

/* ---- the end of the service -------------------------------------------------------------- */

void opp_ports_remove(struct opp_service *service)
{
	service->ending = true;
	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i] && service->ports[i]->phase == OPP_SERVED)
			leave(service->ports[i]);
	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i] && service->ports[i]->phase == OPP_SERVED_REMOVING)
			join_aside(service->ports[i]);
	while (opp_loop_drain(&service->loop))
		;
}

void opp_ports_release(struct opp_service *service)
{
	opp_ports_remove(service);
	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i])
			join_aside(service->ports[i]);
	/* What they have posted is part of them. */
	while (opp_loop_drain(&service->loop))
		;
	for (size_t i = 0; i < service->port_end; i++)
		if (service->ports[i])
			release(service->ports[i]);
}
