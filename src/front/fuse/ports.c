/* SPDX-License-Identifier: MIT */
#include "ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuse.h"
#include "device.h"
#include "gap.h"
#include "gone.h"
#include "job.h"
#include "keeper.h"
#include "log.h"
#include "opening.h"
#include "ppdev.h"
#include "say.h"
#include "service.h"

/* At the end: for requests, and then for slow outputs, which a port waits for 2 s by itself. */
#define REQUESTS_PATIENCE_US UINT64_C(3000000)
#define OUTPUTS_PATIENCE_US  UINT64_C(5000000)

struct opp_served_port *opp_ports_next(const struct opp_service *service,
				       const struct opp_served_port *port)
{
	size_t number = port ? port->config.host.number + 1 : 0;

	while (number < service->port_end && !service->ports[number])
		number++;
	return number < service->port_end ? service->ports[number] : NULL;
}

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

/* For the one before it, for one that still has its registers, for who shall open its file. */
static bool next_waits(const struct opp_served_port *port)
{
	const struct opp_served_port *other;

	if (port->phase != OPP_SERVED_NONE ||
	    (opp_host_config_file(&port->next.host) && !port->service->opens_files))
		return true;
	OPP_PORTS_FOREACH(other, port->service)
		if (goes(other) && opp_host_config_overlaps(&other->config.host, &port->next.host))
			return true;
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
	const struct opp_served_port *port;
	size_t count = 0;

	OPP_PORTS_FOREACH(port, service)
		count += port->phase == OPP_SERVED;
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

static void begin(struct opp_served_port *port, struct opp_host_port *host)
{
	struct opp_service *service = port->service;

	port->host = host;
	opp_port_ask_info(port);
	give_advice(port);
	port->phase = OPP_SERVED;
	port->leaving = false;
	port->listed = true;
	opp_directory_changed(service);
	if (service->scans && port->config.scan)
		opp_served_devices_scan(port);
	if (!service->serving)
		return;
	opp_port_tell_keeper(port);
	opp_cuse_add(port);
}

/* It is listed as gone, and looked for; see lost.h. */
static void miss(struct opp_served_port *port)
{
	const bool is_news = !port->listed;

	opp_host_config_info(&port->config.host, &port->info);
	add_info(port);
	port->listed = true;
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
static bool may_come(const struct opp_served_port *port, const struct opp_opened *opened)
{
	return opp_host_config_is_real(&port->config.host) && !opened->leads_back &&
	       (port->listed || opened->status == OPP_NO_SUCH_DEVICE);
}

/* Whoever looks again and again whether it is there is not told every time that it is not. */
static bool has_failed(struct opp_served_port *port, const struct opp_opened *opened)
{
	if (port->looks && !opened->leads_back)
		return false;
	if (may_come(port, opened)) {
		opp_say(OPP_SAID_GONE, port->config.name,
			"it is not served before it can be opened: %s", opened->error.text);
		miss(port);
		return true;
	}
	opp_say(OPP_SAID_REFUSED, port->config.name, "%s", opened->error.text);
	if (port->listed)
		opp_port_withdraw(port);
	return false;
}

/* Returns whether it is served, or listed as gone. */
static bool has_opened(struct opp_served_port *port, const struct opp_opened *opened)
{
	const bool was_gone = port->listed;

	if (opened->status != OPP_SUCCESS)
		return has_failed(port, opened);
	begin(port, opened->host);
	if (was_gone && !port->config.host.gone) {
		opp_say(OPP_SAID_BACK, port->config.name, "it is there again, and served");
		opp_monitor_port(port, "back");
	}
	return true;
}

static void on_opened(struct opp_served_port *port, const struct opp_opened *opened)
{
	const bool was_late = port->listed;
	bool well;

	port->opening = NULL;
	well = has_opened(port, opened);
	if (!was_late)
		opp_service_arrived(port->service, well);
}

static void forget_opening(struct opp_served_port *port)
{
	if (port->opening)
		opp_opening_forget(port->opening);
	port->opening = NULL;
}

/* @looks: see struct opp_served_port. Returns what is known of it by now. */
static bool open_port(struct opp_served_port *port, bool looks)
{
	struct opp_opened opened = { .status = OPP_INSUFFICIENT_RESOURCES,
				     .error.text = "no memory" };

	forget_opening(port);
	port->looks = looks;
	if (!opp_host_config_file(&port->config.host)) {
		opened.status = opp_host_port_create(&port->config.host, on_event, port,
						     &opened.host, &opened.error);
		return has_opened(port, &opened);
	}
	port->opening = opp_opening_begin(port, on_event, on_opened);
	if (!port->opening)
		return has_opened(port, &opened);
	port->missed_s = 0;
	if (!port->service->serving)
		port->service->awaited++;
	return true;
}

void opp_port_is_late(struct opp_served_port *port)
{
	if (!port->opening || port->listed)
		return;
	opp_say(OPP_SAID_GONE, port->config.name,
		"%s does not answer; it is served as soon as it does", port->config.host.back_end);
	miss(port);
}

static bool serve_next(struct opp_served_port *port)
{
	if (!port->has_next || next_waits(port))
		return true;
	take_config(port, &port->next);
	port->has_next = port->returns = false;
	return open_port(port, false);
}

void opp_ports_go_on(struct opp_service *service)
{
	struct opp_served_port *port;

	OPP_PORTS_FOREACH(port, service)
		(void)serve_next(port);
}

static bool serve_again(struct opp_served_port *port)
{
	if (port->has_next)
		return true;
	port->returns = port->config.host.gone = false;
	return open_port(port, true);
}

bool opp_port_return(struct opp_served_port *port)
{
	if (port->phase == OPP_SERVED || !port->listed)
		return port->listed;
	port->returns = true;
	return port->opening || port->phase != OPP_SERVED_NONE || serve_again(port);
}

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
	port->leaving = true;
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

static struct opp_served_port *port_aside(struct opp_aside *aside)
{
	return OPP_NODE(aside, struct opp_served_port, aside);
}

static void remove_aside(struct opp_aside *aside)
{
	opp_host_port_remove(port_aside(aside)->host);
}

static void end_aside(struct opp_aside *aside)
{
	opp_host_port_destroy(port_aside(aside)->host);
}

static void on_ended(struct opp_aside *aside)
{
	struct opp_served_port *port = port_aside(aside);
	struct opp_service *service = port->service;

	port->host = NULL;
	port->phase = OPP_SERVED_NONE;
	if (service->ending)
		return;
	opp_ports_go_on(service);
	if (port->returns)
		(void)serve_again(port);
	if (!port->listed)
		opp_cuse_remove(port);
}

/* All that the port itself was asked for has been answered: posts come in their order. */
static void on_removed(struct opp_aside *aside)
{
	struct opp_served_port *port = port_aside(aside);

	if (port->scanner.under_way) {
		opp_aside_end_later(aside);
		return;
	}
	opp_files_be_gone(port);
	port->phase = OPP_SERVED_ENDING;
	opp_aside_begin(aside, aside->loop, end_aside, on_ended);
}

static void leave(struct opp_served_port *port)
{
	port->leaving = true;
	port->phase = OPP_SERVED_REMOVING;
	opp_aside_begin(&port->aside, &port->service->loop, remove_aside, on_removed);
}

void opp_port_withdraw(struct opp_served_port *port)
{
	port->listed = port->returns = false;
	forget_opening(port);
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

static bool are_removed(const void *context)
{
	const struct opp_service *service = context;
	const struct opp_served_port *port;
	bool removed = true;

	OPP_PORTS_FOREACH(port, service)
		removed = removed && port->phase != OPP_SERVED_REMOVING;
	return removed;
}

bool opp_ports_remove(struct opp_service *service)
{
	struct opp_served_port *port;

	service->ending = true;
	OPP_PORTS_FOREACH(port, service) {
		forget_opening(port);
		if (port->phase == OPP_SERVED)
			leave(port);
	}
	return opp_loop_await(&service->loop, are_removed, service, REQUESTS_PATIENCE_US);
}

bool opp_ports_release(struct opp_service *service)
{
	if (!opp_ports_remove(service) || !opp_asides_await(&service->loop, OUTPUTS_PATIENCE_US))
		return false;
	for (size_t number = 0; number < service->port_end; number++)
		if (service->ports[number])
			release(service->ports[number]);
	return true;
}
