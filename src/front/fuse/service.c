/* SPDX-License-Identifier: MIT */
/*
 * The service's life: ports up, mount, loop, and down again so that every
 * request that waits gets an answer before the mount goes.
 */
#include "service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "call.h"
#include "cuse.h"
#include "fuse_api.h"
#include "keeper.h"
#include "log.h"
#include "mount.h"
#include "notify.h"
#include "ppdev.h"
#include "privileges.h"
#include "tree.h"

/* ---- ports ---------------------------------------------------------------------- */

static void on_event(void *context, const struct opp_host_event *event)
{
	const struct opp_served_port *port = context;

	opp_log_event(port->service->log, port->config->name, event);
	opp_monitor_event(&port->service->monitor, port->config->name, event);
}

void opp_port_ask_info(struct opp_served_port *port)
{
	opp_host_info(port->host, &port->info);
	snprintf(port->info.exclusive, sizeof(port->info.exclusive), "%s",
		 port->config->exclusive_waits ? "wait" : "refuse");
	port->info.max_hold_us = port->config->max_hold_us;
}

static bool start_port(struct opp_service *service, struct opp_served_port *port,
		       const struct opp_port_config *config)
{
	struct opp_error error;

	port->service = service;
	port->config = config;
	if (!opp_port_ppdev_init(port) || !opp_served_devices_init(port)) {
		fprintf(stderr, "parportd: no memory\n");
		return false;
	}
	if (opp_host_port_create(&config->host, on_event, port, &port->host, &error) !=
	    OPP_SUCCESS) {
		fprintf(stderr, "parportd: %s: %s\n", config->name, error.text);
		return false;
	}
	opp_port_ask_info(port);
	return true;
}

static bool start_ports(struct opp_service *service)
{
	const struct opp_config *config = service->config;

	service->ports = calloc(config->port_count, sizeof(*service->ports));
	if (!service->ports)
		return false;
	for (size_t i = 0; i < config->port_count; i++) {
		service->port_count = i + 1;
		if (!start_port(service, &service->ports[i], &config->ports[i]))
			return false;
	}
	return true;
}

static void first_scan_ended(struct opp_served_port *port)
{
	struct opp_service *service = port->service;

	port->scanner.rested = NULL;
	if (--service->first_scans == 0)
		opp_loop_stop(&service->loop);
}

/* Nobody is served before it is known what there is to serve. */
static void scan_ports(struct opp_service *service)
{
	for (size_t i = 0; i < service->port_count; i++) {
		struct opp_served_port *port = &service->ports[i];

		if (!port->config->scan)
			continue;
		service->first_scans++;
		port->scanner.rested = first_scan_ended;
		opp_served_devices_scan(port);
	}
	if (service->first_scans)
		opp_loop_run(&service->loop);
}

/* Every request of every port ends; the answers follow when the loop is drained. */
static void remove_ports(struct opp_service *service)
{
	service->ending = true;
	for (size_t i = 0; i < service->port_count; i++)
		opp_host_port_remove(service->ports[i].host);
}

static void *destroy_port(void *context)
{
	struct opp_served_port *port = context;

	opp_host_port_destroy(port->host);
	return NULL;
}

/* At the same time: each may take seconds to write out what its printer has. */
static void release_ports(struct opp_service *service)
{
	for (size_t i = 0; i < service->port_count; i++) {
		struct opp_served_port *port = &service->ports[i];

		port->destroyed_aside = port->host && pthread_create(&port->destroyer, NULL,
								     destroy_port, port) == 0;
		if (port->host && !port->destroyed_aside)
			destroy_port(port);
	}
	for (size_t i = 0; i < service->port_count; i++) {
		if (service->ports[i].destroyed_aside)
			pthread_join(service->ports[i].destroyer, NULL);
		opp_port_ppdev_release(&service->ports[i]);
		opp_served_devices_release(&service->ports[i]);
	}
	free(service->ports);
}

/* ---- events --------------------------------------------------------------------- */

static void on_signal(evutil_socket_t signal_number, short what, void *context)
{
	struct opp_service *service = context;

	(void)signal_number;
	(void)what;
	opp_loop_stop(&service->loop);
}

static void on_keeper(evutil_socket_t keeper, short what, void *context)
{
	struct opp_service *service = context;
	const int signal_number = opp_keeper_hear(keeper);

	(void)what;
	if (signal_number > 0)
		raise(signal_number);
	else if (signal_number < 0)
		opp_loop_stop(&service->loop);
}

static bool listen_to_keeper(struct opp_service *service)
{
	if (service->keeper == OPP_NO_KEEPER)
		return true;
	service->heard = event_new(service->loop.base, service->keeper, EV_READ | EV_PERSIST,
				   on_keeper, service);
	return service->heard && event_add(service->heard, NULL) == 0;
}

static void tell_ready(struct opp_service *service)
{
	for (size_t i = 0; service->config->link_dev && i < service->port_count; i++)
		opp_keeper_tell(service->keeper, OPP_KEEPER_LINK,
				service->ports[i].config->host.number);
	opp_keeper_tell(service->keeper, OPP_KEEPER_READY, 0);
	opp_notify_ready(service);
	if (service->ready)
		service->ready(service->ready_context);
}

/* Serves what is there until a signal, or the end of one of its connections. */
static bool serve(struct opp_service *service)
{
	static const int ending_signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct event *signals[3] = { NULL };
	bool well = opp_channel_watch(&service->mount) && opp_cuse_watch(service) &&
		    listen_to_keeper(service);

	for (int i = 0; i < 3; i++) {
		/* What is restored when the loop has ended: more of them must not cut that short. */
		signal(ending_signals[i], SIG_IGN);
		signals[i] =
			evsignal_new(service->loop.base, ending_signals[i], on_signal, service);
		well = well && signals[i] && event_add(signals[i], NULL) == 0;
	}
	if (well) {
		tell_ready(service);
		opp_loop_run(&service->loop);
	} else {
		fprintf(stderr, "parportd: cannot watch %s: %s\n", service->config->mount,
			strerror(errno));
	}
	for (int i = 0; i < 3; i++)
		if (signals[i])
			event_free(signals[i]);
	opp_notify_ending(service);
	if (service->heard)
		event_free(service->heard);
	opp_channel_unwatch(&service->mount);
	opp_cuse_unwatch(service);
	return well;
}

/* ---- life -------------------------------------------------------------------------- */

/* After this nothing waits: what the ports did not answer hears that they are gone. */
static void end_requests(struct opp_service *service)
{
	struct opp_call *call;

	remove_ports(service);
	while (opp_loop_drain(&service->loop))
		;
	while ((call = TAILQ_FIRST(&service->calls)))
		opp_call_give_up(call, ENODEV);
	opp_lookups_end(&service->lookups);
}

static void free_files(struct opp_service *service)
{
	struct opp_file *file;

	while ((file = TAILQ_FIRST(&service->files)))
		opp_file_discard(file);
}

static bool open_log(struct opp_service *service)
{
	const char *path = service->config->log;

	service->log = opp_log_open(path);
	if (!service->log)
		fprintf(stderr, "parportd: %s: %s\n", path ? path : "log", strerror(errno));
	return service->log;
}

static bool give_up_rights(struct opp_service *service)
{
	return !service->config->run_as || opp_privileges_drop(service->config);
}

static bool mount_and_serve(struct opp_service *service)
{
	char program[] = "parportd";
	char *arguments[] = { program, opp_mount_options() };
	struct fuse_args args = FUSE_ARGS_INIT(2, arguments);
	struct fuse_session *session;
	bool made, well;

	session = fuse_session_new(&args, &opp_tree_ops, sizeof(opp_tree_ops), service);
	fuse_opt_free_args(&args);
	if (!session)
		return false;
	service->mount = (struct opp_channel){ .service = service, .session = session };
	well = opp_mount(session, service->config->mount, &made);
	if (well) {
		opp_keeper_tell(service->keeper, OPP_KEEPER_MOUNTED, made);
		well = opp_cuse_start(service) && give_up_rights(service) && serve(service);
	} else {
		made = false;
	}
	end_requests(service);
	if (service->keeper == OPP_NO_KEEPER)
		opp_unmount(session, service->config->mount, made);
	else
		opp_keeper_tell(service->keeper, OPP_KEEPER_UNMOUNT, opp_is_unmounted(session));
	free_files(service);
	opp_cuse_end(service);
	fuse_session_destroy(session);
	return well;
}

int opp_service_run(const struct opp_config *config, void (*ready)(void *context), void *context,
		    int keeper)
{
	struct opp_service service = {
		.config = config,
		.ready = ready,
		.ready_context = context,
		.keeper = keeper,
	};
	bool well;

	TAILQ_INIT(&service.files);
	TAILQ_INIT(&service.calls);
	TAILQ_INIT(&service.interrupted);
	opp_lookups_init(&service.lookups);
	clock_gettime(CLOCK_REALTIME, &service.started);
	service.changed = service.started;
	/* Writes then fail with EPIPE and EFBIG, which is told. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	well = opp_loop_init(&service.loop) && opp_monitor_init(&service.monitor, &service.loop) &&
	       open_log(&service) && start_ports(&service);
	if (well) {
		scan_ports(&service);
		well = mount_and_serve(&service);
	}
	release_ports(&service);
	opp_log_close(service.log);
	opp_monitor_release(&service.monitor);
	opp_loop_release(&service.loop);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
