/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "say.h"
#include "service.h"

#define STATUS_EVERY_S 10
#define TEXT_BYTES     160

/* "2 ports, 1 in use, 3 programs waiting" */
static void describe(const struct opp_service *service, char text[TEXT_BYTES])
{
	const size_t ports = opp_ports_count(service);
	const struct opp_served_port *port;
	uint32_t used = 0, waiting = 0;

	OPP_PORTS_FOREACH(port, service) {
		struct opp_ioc_status status;

		if (port->phase != OPP_SERVED)
			continue;
		opp_host_status(port->host, &status);
		used += status.holder.kind != OPP_IOC_WHO_NOBODY;
		waiting += status.waiters;
	}
	snprintf(text, TEXT_BYTES, "%zu port%s, %" PRIu32 " in use, %" PRIu32 " program%s waiting",
		 ports, ports == 1 ? "" : "s", used, waiting, waiting == 1 ? "" : "s");
}

static void tell_status(evutil_socket_t unused, short what, void *context)
{
	const struct opp_service *service = context;
	char text[TEXT_BYTES];

	(void)unused;
	(void)what;
	describe(service, text);
	sd_notifyf(0, "WATCHDOG=1\nSTATUS=%s", text);
}

/* As the keeper is the process that systemd started, WATCHDOG_PID names it and not us. */
static struct timeval period(void)
{
	const char *watchdog = getenv("WATCHDOG_USEC");
	const uint64_t us = watchdog ? strtoull(watchdog, NULL, 10) / 2 : 0;

	if (us == 0 || us > STATUS_EVERY_S * UINT64_C(1000000))
		return (struct timeval){ .tv_sec = STATUS_EVERY_S };
	return (struct timeval){ .tv_sec = (time_t)(us / 1000000),
				 .tv_usec = (suseconds_t)(us % 1000000) };
}

static void start_pulse(struct opp_service *service)
{
	const struct timeval every = period();

	if (service->pulse || !getenv("NOTIFY_SOCKET"))
		return;
	service->pulse = event_new(service->loop.base, -1, EV_PERSIST, tell_status, service);
	if (service->pulse)
		event_add(service->pulse, &every);
}

void opp_notify_ready(struct opp_service *service)
{
	const size_t ports = opp_ports_count(service);
	char text[TEXT_BYTES];

	describe(service, text);
	opp_say(OPP_SAID_READY, NULL, "serves %zu port%s in %s", ports, ports == 1 ? "" : "s",
		service->config->mount);
	sd_notifyf(0, "READY=1\nSTATUS=%s", text);
	start_pulse(service);
}

void opp_notify_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, opp_now_us());
}

void opp_notify_ending(struct opp_service *service)
{
	opp_say(OPP_SAID_ENDING, NULL, "ends: who waits for a port hears ENODEV");
	sd_notify(0, "STOPPING=1\nSTATUS=Ending");
	if (service->pulse)
		event_free(service->pulse);
	service->pulse = NULL;
}
