/* SPDX-License-Identifier: MIT */
#include "reload.h"

#include <string.h>

#include "cuse.h"
#include "log.h"
#include "lost.h"
#include "metrics.h"
#include "notify.h"
#include "ppdev.h"
#include "say.h"
#include "service.h"

/* ---- the service ------------------------------------------------------------------------- */

static bool differ(const char *one, const char *other)
{
	return one != other && (!one || !other || strcmp(one, other) != 0);
}

/* What has been made with it, often as root, cannot be made anew. */
static void tell_kept(const struct opp_config *config, const struct opp_config *next)
{
	const struct {
		const char *key;
		bool differs;
	} kept[] = {
		{ "mount", differ(config->mount, next->mount) },
		{ "devices", differ(config->devices, next->devices) },
		{ "metrics", differ(config->metrics, next->metrics) },
		{ "link_dev", config->link_dev != next->link_dev },
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (kept[i].differs)
			opp_say(OPP_SAID_REFUSED, NULL,
				"%s changes only when parportd is started again", kept[i].key);
}

static void change_service(struct opp_service *service, const struct opp_config *next)
{
	struct opp_config *config = service->config;

	tell_kept(config, next);
	/* Also where its name is the same: it may have been moved away. */
	opp_log_reopen(service->log, next->log);
	config->user = next->user;
	config->group = next->group;
	config->mode = next->mode;
	opp_cuse_give_to_users(service);
	opp_metrics_give_to_users(service->metrics);
}

/* ---- its ports ---------------------------------------------------------------------------- */

static struct opp_port_config *find(struct opp_config *config, uint32_t number)
{
	for (size_t i = 0; i < config->port_count; i++)
		if (config->ports[i].host.number == number)
			return &config->ports[i];
	return NULL;
}

/* What cannot be changed now is as the file said before, and the next reload tries again. */
static bool change_host(struct opp_served_port *port, struct opp_port_config *next)
{
	const struct opp_host_config before = port->config.host;
	struct opp_error error;

	if (opp_host_port_change(port->host, &before, &next->host, &error) != OPP_SUCCESS) {
		opp_say(OPP_SAID_REFUSED, port->config.name, "%s", error.text);
		return false;
	}
	port->config.host = next->host;
	next->host = before;
	return true;
}

static bool change_port(struct opp_served_port *port, struct opp_port_config *next)
{
	const bool scans =
		next->scan && (!port->config.scan ||
			       opp_host_config_changes_devices(&port->config.host, &next->host));
	const bool limits = next->max_hold_us != port->config.max_hold_us;
	const bool well = change_host(port, next);

	port->config.exclusive_waits = next->exclusive_waits;
	port->config.max_hold_us = next->max_hold_us;
	port->config.fault_timeout_us = next->fault_timeout_us;
	port->config.scan = next->scan;
	if (limits)
		opp_port_limit_hold(port);
	opp_port_ask_info(port);
	if (well && scans)
		opp_served_devices_scan(port);
	return well;
}

static bool has_gone(const struct opp_served_port *port)
{
	return port->listed && port->leaving;
}

/* Is it still there, as the one that @next describes? One that has gone keeps its names. */
static bool stays(const struct opp_served_port *port, const struct opp_port_config *next)
{
	if (!next || has_gone(port))
		return next;
	return port->phase == OPP_SERVED && !port->has_next &&
	       !opp_host_config_is_another(&port->config.host, &next->host);
}

static void change_ports(struct opp_service *service, struct opp_config *next)
{
	struct opp_served_port *port;

	/* First those that go: others may want their registers. */
	OPP_PORTS_FOREACH(port, service) {
		if (stays(port, find(next, port->config.host.number)))
			continue;
		opp_port_forget_next(port);
		opp_port_withdraw(port);
	}
	for (size_t i = 0; i < next->port_count; i++) {
		struct opp_port_config *wanted = &next->ports[i];

		port = service->ports[wanted->host.number];
		if (port && port->phase == OPP_SERVED)
			(void)change_port(port, wanted);
		else
			(void)opp_ports_serve(service, wanted);
	}
}

void opp_service_reload(struct opp_service *service)
{
	struct opp_config next;

	opp_notify_reloading();
	if (service->hooks->load(service->hooks->context, &next)) {
		change_service(service, &next);
		change_ports(service, &next);
		opp_lost_watch(service);
		opp_say(OPP_SAID_RELOADED, NULL, "reload: the configuration has been read");
	} else {
		opp_say(OPP_SAID_REFUSED, NULL,
			"reload: the configuration has mistakes; all stays as it was");
	}
	opp_config_release(&next);
	opp_notify_ready(service);
}
