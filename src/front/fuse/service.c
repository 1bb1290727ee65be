/* SPDX-License-Identifier: MIT */
/*
 * The service's life: ports up, mount, loop, and down again so that every
 * request that waits gets an answer before the mount goes.
 */
#include "service.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "call.h"
#include "cuse.h"
#include "file.h"
#include "fuse_api.h"
#include "keeper.h"
#include "lost.h"
#include "log.h"
#include "metrics.h"
#include "mount.h"
#include "notify.h"
#include "power.h"
#include "privileges.h"
#include "reload.h"
#include "sleep.h"
#include "say.h"
#include "tree.h"

/* How long the start waits for ports that others lend, and then for what is on them. */
#define PATIENCE_S 3

/* ---- ports ---------------------------------------------------------------------- */

/* Those of this machine, or the simulated ones. What is reached by a file is opened later. */
static bool start_ports(struct opp_service *service, bool real)
{
	struct opp_config *config = service->config;

	for (size_t i = 0; i < config->port_count; i++)
		if (opp_host_config_is_real(&config->ports[i].host) == real &&
		    !opp_ports_serve(service, &config->ports[i]))
			return false;
	return true;
}

void opp_service_arrived(struct opp_service *service, bool well)
{
	if (!service->awaited)
		return;
	service->refused |= !well;
	if (--service->awaited == 0 || !well)
		opp_loop_stop(&service->loop);
}

static void first_scan_ended(struct opp_served_port *port)
{
	port->scanner.rested = NULL;
	opp_service_arrived(port->service, true);
}

static void scan_ports(struct opp_service *service)
{
	struct opp_served_port *port;

	service->scans = true;
	OPP_PORTS_FOREACH(port, service) {
		if (port->phase != OPP_SERVED || !port->config.scan)
			continue;
		service->awaited++;
		port->scanner.rested = first_scan_ended;
		opp_served_devices_scan(port);
	}
}

/* Until there is nothing to wait for. False: the service shall end, or a port is a mistake. */
static bool await_arrivals(struct opp_service *service)
{
	while (opp_loop_drain(&service->loop))
		;
	if (service->awaited && !service->ends && !service->refused)
		opp_loop_run(&service->loop);
	service->awaited = 0;
	return !service->ends && !service->refused;
}

static void tell_late(struct opp_service *service)
{
	struct opp_served_port *port;

	OPP_PORTS_FOREACH(port, service)
		opp_port_is_late(port);
}

static void on_impatience(evutil_socket_t unused, short what, void *context)
{
	struct opp_service *service = context;

	(void)unused;
	(void)what;
	opp_loop_stop(&service->loop);
}

/*
 * Nobody is served before it is known what there is to serve; but for those whom another
 * service keeps waiting.
 */
static bool settle(struct opp_service *service)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct event *impatience = NULL;

	service->opens_files = true;
	opp_ports_go_on(service);
	if (service->awaited)
		impatience = event_new(service->loop.base, -1, EV_PERSIST, on_impatience, service);
	if (impatience)
		event_add(impatience, &patience);
	if (await_arrivals(service)) {
		tell_late(service);
		scan_ports(service);
		(void)await_arrivals(service);
	}
	if (impatience)
		event_free(impatience);
	return !service->refused;
}

/* ---- events --------------------------------------------------------------------- */

static void on_end(evutil_socket_t signal_number, short what, void *context)
{
	struct opp_service *service = context;

	(void)signal_number;
	(void)what;
	service->ends = true;
	opp_loop_stop(&service->loop);
}

/* What the keeper would have cleared away is left, but for what this user may. */
static void end_deserted(struct opp_service *service)
{
	opp_say(OPP_SAID_REFUSED, NULL,
		"its keeper was killed, so the service ends; start parportd again, which takes over "
		"%s and links in /dev, or 'umount -l %s'",
		service->config->mount, service->config->mount);
	service->keeper = OPP_NO_KEEPER;
	service->deserted = true;
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
		end_deserted(service);
}

static bool listen_to_keeper(struct opp_service *service)
{
	if (service->keeper == OPP_NO_KEEPER)
		return true;
	service->heard = event_new(service->loop.base, service->keeper, EV_READ | EV_PERSIST,
				   on_keeper, service);
	return service->heard && event_add(service->heard, NULL) == 0;
}

static bool open_metrics(struct opp_service *service)
{
	const char *path = service->config->metrics;

	if (!path)
		return true;
	service->metrics = opp_metrics_open(service, path);
	if (!service->metrics)
		opp_say(OPP_SAID_REFUSED, NULL, "metrics: %s: %s; %s", path, strerror(errno),
			errno == EADDRINUSE ? "what has that name stays: name another socket"
					    : "may the service's user write there?");
	return service->metrics;
}

static void detach(const struct opp_service_hooks *hooks)
{
	if (hooks->detach)
		hooks->detach(hooks->context);
}

void opp_service_started(const struct opp_service_hooks *hooks)
{
	detach(hooks);
	if (hooks->ready)
		hooks->ready(hooks->context);
}

static void tell_ready(struct opp_service *service)
{
	struct opp_served_port *port;

	OPP_PORTS_FOREACH(port, service)
		opp_port_tell_keeper(port);
	opp_notify_ready(service);
	if (service->keeper == OPP_NO_KEEPER) {
		opp_service_started(service->hooks);
	} else {
		detach(service->hooks);
		opp_keeper_tell(service->keeper, OPP_KEEPER_READY, 0);
	}
}

static void reload(struct opp_service *service)
{
	opp_service_reload(service);
	opp_calls_settle(service);
}

static void on_reload(evutil_socket_t signal_number, short what, void *context)
{
	struct opp_service *service = context;

	(void)signal_number;
	(void)what;
	service->reload_due = !service->serving;
	if (!service->reload_due)
		reload(service);
}

static const struct {
	int number;
	event_callback_fn heed;
} heeded_signals[] = {
	{ SIGTERM, on_end },
	{ SIGINT, on_end },
	{ SIGHUP, on_reload },
};

#define SIGNALS (sizeof(heeded_signals) / sizeof(heeded_signals[0]))

static bool heed_signals(struct opp_service *service, struct event *signals[SIGNALS])
{
	bool well = true;

	for (size_t i = 0; i < SIGNALS; i++) {
		const int number = heeded_signals[i].number;

		/* What is restored when the loop has ended: more of them must not cut that short. */
		signal(number, SIG_IGN);
		signals[i] =
			evsignal_new(service->loop.base, number, heeded_signals[i].heed, service);
		well = well && signals[i] && event_add(signals[i], NULL) == 0;
	}
	return well;
}

static void unheed_signals(struct event *signals[SIGNALS])
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i])
			event_free(signals[i]);
}

static bool watch(struct opp_service *service)
{
	if (opp_channel_watch(&service->mount) && opp_cuse_watch(service) &&
	    listen_to_keeper(service))
		return open_metrics(service);
	fprintf(stderr, "parportd: cannot watch %s: %s\n", service->config->mount, strerror(errno));
	return false;
}

/* Serves what is there until a signal, or the end of one of its connections. */
static bool serve(struct opp_service *service)
{
	const bool well = settle(service) && watch(service);

	service->serving = well && !service->ends;
	if (service->serving) {
		opp_lost_watch(service);
		service->sleep = opp_sleep_watch(service);
		tell_ready(service);
		if (service->reload_due)
			reload(service);
		opp_loop_run(&service->loop);
	}
	opp_notify_ending(service);
	opp_metrics_close(service->metrics);
	service->metrics = NULL;
	opp_lost_unwatch(service);
	opp_sleep_unwatch(service->sleep);
	opp_power_release(service);
	if (service->heard)
		event_free(service->heard);
	opp_channel_unwatch(&service->mount);
	opp_cuse_unwatch(service);
	return well && !service->deserted;
}

/* ---- life -------------------------------------------------------------------------- */

/* After this nothing waits: what the ports did not answer hears that they are gone. */
static bool end_requests(struct opp_service *service)
{
	struct opp_call *call;

	if (!opp_ports_remove(service))
		return false;
	while ((call = TAILQ_FIRST(&service->calls)))
		opp_call_give_up(call, ENODEV);
	opp_lookups_end(&service->lookups);
	return true;
}

/*
 * A thread that hangs in the kernel ends with the process alone, and may still use all that is.
 * It may keep the process, and with it what is open: nobody shall wait for that meanwhile.
 */
static void end_at_once(bool well)
{
	opp_say(OPP_SAID_REFUSED, NULL,
		"ends without waiting for what hangs: a file of another service, or an output");
	(void)close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	_exit(well ? EXIT_SUCCESS : EXIT_FAILURE);
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

static bool uses_registers(const struct opp_service *service)
{
	const struct opp_served_port *port;
	bool uses = false;

	OPP_PORTS_FOREACH(port, service)
		uses |= opp_host_config_is_real(&port->config.host) &&
			!opp_host_config_file(&port->config.host);
	return uses;
}

static bool give_up_rights(struct opp_service *service)
{
	return !service->config->run_as ||
	       opp_privileges_drop(service->config, uses_registers(service));
}

static void unmount(struct opp_service *service, bool made)
{
	struct fuse_session *session = service->mount.session;

	if (service->keeper != OPP_NO_KEEPER)
		opp_keeper_tell(service->keeper, OPP_KEEPER_UNMOUNT, opp_is_unmounted(session));
	else if (!service->deserted || geteuid() == 0)
		opp_unmount(session, service->config->mount, made);
}

/* What can be opened now by who serves later can be opened then, too, and the other way round. */
static bool open_files(struct opp_service *service)
{
	const struct opp_config *config = service->config;
	bool well;

	if (config->run_as && !opp_privileges_lower(config))
		return false;
	well = open_log(service) && start_ports(service, false);
	return (!config->run_as || opp_privileges_raise()) && well;
}

static bool mount_and_serve(struct opp_service *service)
{
	char program[] = "parportd";
	char *arguments[] = { program, opp_mount_options() };
	struct fuse_args args = FUSE_ARGS_INIT(2, arguments);
	struct event *signals[SIGNALS];
	struct fuse_session *session;
	bool made, well, ended;

	session = fuse_session_new(&args, &opp_tree_ops, sizeof(opp_tree_ops), service);
	fuse_opt_free_args(&args);
	if (!session)
		return false;
	service->mount = (struct opp_channel){ .service = service, .session = session };
	/* From here on something is left behind by who is just killed. */
	well = heed_signals(service, signals) && opp_mount(session, service->config->mount, &made);
	if (well) {
		opp_keeper_tell(service->keeper, OPP_KEEPER_MOUNTED, made);
		well = opp_cuse_start(service) && give_up_rights(service) && serve(service);
	} else {
		made = false;
	}
	unheed_signals(signals);
	ended = end_requests(service);
	unmount(service, made);
	if (!ended) {
		(void)opp_log_end(service->log);
		end_at_once(well);
	}
	free_files(service);
	opp_cuse_end(service);
	fuse_session_destroy(session);
	return well;
}

int opp_service_run(struct opp_config *config, const struct opp_service_hooks *hooks, int keeper)
{
	struct opp_service service = { .config = config, .hooks = hooks, .keeper = keeper };
	bool well, ended;

	TAILQ_INIT(&service.nodes);
	TAILQ_INIT(&service.files);
	TAILQ_INIT(&service.calls);
	TAILQ_INIT(&service.interrupted);
	opp_lookups_init(&service.lookups);
	clock_gettime(CLOCK_REALTIME, &service.started);
	service.changed = service.started;
	well = opp_loop_init(&service.loop) && opp_monitor_init(&service.monitor, &service.loop) &&
	       open_files(&service) && start_ports(&service, true);
	well = well && mount_and_serve(&service);
	ended = opp_ports_release(&service);
	if (service.log)
		ended &= opp_log_end(service.log);
	if (!ended)
		end_at_once(well);
	if (service.log)
		opp_log_release(service.log);
	opp_monitor_release(&service.monitor);
	opp_loop_release(&service.loop);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
