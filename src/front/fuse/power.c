/* SPDX-License-Identifier: MIT */
#include "power.h"

#include <event2/event.h>

#include "call.h"
#include "ports.h"
#include "ppdev.h"
#include "service.h"

#define LOOK_US 2000

/* The login manager waits for 5 s by default: longer than a peripheral that is slow by the book. */
#define PATIENCE_LOOKS (2000000 / LOOK_US)

/* ---- one port ---------------------------------------------------------------------------- */

/* Not while something of the holder's moves them: its mode goes with the power. */
static void look_at_lines(struct opp_host_errand *errand)
{
	struct opp_kept_lines *kept = OPP_NODE(errand, struct opp_kept_lines, errand.host);
	struct opp_served_port *port = OPP_NODE(kept, struct opp_served_port, lines);

	kept->status = opp_host_access(port->host, errand->client, kept->access, 2);
}

static void heed_lines(struct opp_kept_lines *kept)
{
	kept->under_way = false;
	kept->valid = kept->status == OPP_SUCCESS;
}

static void on_looked(struct opp_post *post)
{
	heed_lines(OPP_NODE(post, struct opp_kept_lines, errand.over));
}

static void keep_lines(struct opp_served_port *port)
{
	struct opp_ppdev *holder = port->holder;
	struct opp_kept_lines *kept = &port->lines;

	kept->valid = false;
	kept->client = holder ? holder->file.client.number : 0;
	if (!holder)
		return;
	kept->access[0] = (struct opp_host_access){ .which = OPP_HOST_CONTROL };
	kept->access[1] = (struct opp_host_access){ .which = OPP_HOST_DATA };
	kept->under_way = !opp_errand_send(&kept->errand, &holder->file, look_at_lines, on_looked);
	if (!kept->under_way)
		heed_lines(kept);
}

/* What has come due meanwhile is newer. */
static void owe_as_was(struct opp_ppdev *holder, enum opp_host_register which, uint8_t value)
{
	if (!holder->owed[which].due)
		opp_ppdev_owe(holder, which, value);
}

static void put_lines_back(struct opp_served_port *port)
{
	struct opp_ppdev *holder = port->holder;
	const struct opp_kept_lines *kept = &port->lines;

	if (!holder || holder->file.client.number != kept->client)
		return;
	holder->wire_mode = OPP_MODE_COMPAT;
	if (!kept->valid)
		return;
	owe_as_was(holder, OPP_HOST_DATA, kept->access[1].value);
	owe_as_was(holder, OPP_HOST_CONTROL, opp_ppdev_control_bits(holder, kept->access[0].value));
	owe_as_was(holder, OPP_HOST_DIRECTION, holder->reverse);
}

/* Its lines are looked at first; a second sleep may come while that still lasts. */
static bool suspend_port(struct opp_served_port *port)
{
	if (!port->asleep && !port->lines.under_way)
		keep_lines(port);
	port->asleep = true;
	return !port->lines.under_way && opp_host_suspend(port->host);
}

/* What its files were asked for meanwhile. */
static void go_on(struct opp_served_port *port)
{
	struct opp_file *file = TAILQ_FIRST(&port->service->files);

	port->asleep = false;
	for (; file; file = TAILQ_NEXT(file, link))
		if (file->port == port && file->ops->wake)
			file->ops->wake(file);
	/* The chain may not be the one it was. */
	if (port->config.scan)
		opp_served_devices_scan(port);
}

static bool wake_port(struct opp_served_port *port)
{
	if (port->asleep && !opp_host_is_awake(port->host))
		return false;
	if (port->asleep && !port->leaving) {
		put_lines_back(port);
		go_on(port);
	}
	port->asleep = false;
	return true;
}

/* ---- all of them --------------------------------------------------------------------------- */

/* Returns whether @look was true of each. */
static bool all(struct opp_service *service, bool (*look)(struct opp_served_port *port))
{
	struct opp_served_port *port;
	bool so = true;

	OPP_PORTS_FOREACH(port, service)
		if (port->phase == OPP_SERVED)
			so &= look(port);
	return so;
}

static void look_again(struct opp_service *service)
{
	const struct timeval after = { .tv_usec = LOOK_US };

	evtimer_add(service->power.timer, &after);
}

static void on_timer(evutil_socket_t unused, short what, void *context)
{
	struct opp_service *service = context;
	struct opp_power *power = &service->power;
	void (*calm)(struct opp_service * service) = power->calm;

	(void)unused;
	(void)what;
	if (!power->asleep) {
		if (!all(service, wake_port))
			look_again(service);
	} else if (calm) {
		if (!all(service, suspend_port) && ++power->looks < PATIENCE_LOOKS) {
			look_again(service);
		} else {
			power->calm = NULL;
			calm(service);
		}
	}
	opp_calls_settle(service);
}

void opp_power_suspend(struct opp_service *service, void (*calm)(struct opp_service *service))
{
	struct opp_power *power = &service->power;

	if (power->asleep)
		return;
	if (!power->timer)
		power->timer = evtimer_new(service->loop.base, on_timer, service);
	power->asleep = true;
	power->calm = calm;
	power->looks = 0;
	(void)all(service, suspend_port);
	if (power->timer)
		look_again(service);
}

static bool resume_port(struct opp_served_port *port)
{
	opp_host_resume(port->host);
	return true;
}

void opp_power_resume(struct opp_service *service)
{
	struct opp_power *power = &service->power;

	if (!power->asleep)
		return;
	power->asleep = false;
	power->calm = NULL;
	(void)all(service, resume_port);
	if (power->timer)
		look_again(service);
}

void opp_power_release(struct opp_service *service)
{
	if (service->power.timer)
		event_free(service->power.timer);
	service->power.timer = NULL;
}
