/* SPDX-License-Identifier: MIT */
/*
 *	PrepareForSleep(true)  -> suspend; when the wires are quiet the lock is given back
 *	PrepareForSleep(false) -> resume; a new lock for the next time
 *	no bus, or it has gone -> every second: CLOCK_BOOTTIME counts sleep, CLOCK_MONOTONIC
 *				  does not; what has come between them is sleep
 */
#include "sleep.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <systemd/sd-bus.h>

#include "call.h"
#include "power.h"
#include "service.h"

#define LOGIN_NAME      "org.freedesktop.login1"
#define LOGIN_PATH      "/org/freedesktop/login1"
#define LOGIN_INTERFACE "org.freedesktop.login1.Manager"

#define LOOK_S   1
#define SLEPT_NS (100 * INT64_C(1000000)) /* less is the time between two readings */

struct opp_sleep {
	struct opp_service *service;
	sd_bus *bus;
	struct event *readable;
	int lock; /* the login manager's, or -1 */
	struct event *clocks;
	int64_t apart_ns; /* between the clocks, at the last look */
};

/* ---- by the clocks ----------------------------------------------------------------------- */

static int64_t reading_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t clocks_apart_ns(void)
{
	return reading_ns(CLOCK_BOOTTIME) - reading_ns(CLOCK_MONOTONIC);
}

/* It is over, and what ran has met a port without registers: they are brought back. */
static void heed_clocks(evutil_socket_t unused, short what, void *context)
{
	struct opp_sleep *sleep = context;
	const int64_t apart_ns = clocks_apart_ns();

	(void)unused;
	(void)what;
	if (apart_ns - sleep->apart_ns > SLEPT_NS) {
		opp_power_suspend(sleep->service, opp_power_resume);
		opp_calls_settle(sleep->service);
	}
	sleep->apart_ns = apart_ns;
}

static void watch_clocks(struct opp_sleep *sleep)
{
	const struct timeval every = { .tv_sec = LOOK_S };

	sleep->apart_ns = clocks_apart_ns();
	sleep->clocks = event_new(sleep->service->loop.base, -1, EV_PERSIST, heed_clocks, sleep);
	if (sleep->clocks)
		event_add(sleep->clocks, &every);
}

/* ---- by the login manager ------------------------------------------------------------------ */

static void give_lock_back(struct opp_service *service)
{
	struct opp_sleep *sleep = service->sleep;

	if (sleep->lock >= 0)
		close(sleep->lock);
	sleep->lock = -1;
}

static int on_lock(sd_bus_message *answer, void *context, sd_bus_error *error)
{
	struct opp_sleep *sleep = context;
	int lock;

	(void)error;
	/* Without it the machine sleeps when it likes; that it does is told all the same. */
	if (!sd_bus_message_is_method_error(answer, NULL) &&
	    sd_bus_message_read(answer, "h", &lock) >= 0)
		sleep->lock = fcntl(lock, F_DUPFD_CLOEXEC, 3);
	return 0;
}

static int ask_for_lock(struct opp_sleep *sleep)
{
	return sd_bus_call_method_async(sleep->bus, NULL, LOGIN_NAME, LOGIN_PATH, LOGIN_INTERFACE,
					"Inhibit", on_lock, sleep, "ssss", "sleep", "parportd",
					"what moves over a parallel port ends first", "delay");
}

static int on_sleep(sd_bus_message *signal, void *context, sd_bus_error *error)
{
	struct opp_sleep *sleep = context;
	int begins;

	(void)error;
	if (sd_bus_message_read(signal, "b", &begins) < 0)
		return 0;
	if (begins) {
		opp_power_suspend(sleep->service, give_lock_back);
		return 0;
	}
	opp_power_resume(sleep->service);
	return sleep->lock < 0 ? ask_for_lock(sleep) : 0;
}

static void leave_bus(struct opp_sleep *sleep)
{
	if (sleep->readable)
		event_free(sleep->readable);
	sleep->readable = NULL;
	sleep->bus = sd_bus_close_unref(sleep->bus);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct opp_sleep *sleep = context;
	int done;

	(void)fd;
	(void)what;
	do {
		done = sd_bus_process(sleep->bus, NULL);
	} while (done > 0);
	if (done < 0) {
		/* Nobody would tell that it is over. */
		leave_bus(sleep);
		give_lock_back(sleep->service);
		opp_power_resume(sleep->service);
		watch_clocks(sleep);
	}
	opp_calls_settle(sleep->service);
}

static bool join_bus(struct opp_sleep *sleep)
{
	if (sd_bus_open_system(&sleep->bus) < 0 ||
	    sd_bus_match_signal_async(sleep->bus, NULL, LOGIN_NAME, LOGIN_PATH, LOGIN_INTERFACE,
				      "PrepareForSleep", on_sleep, NULL, sleep) < 0 ||
	    ask_for_lock(sleep) < 0 || sd_bus_flush(sleep->bus) < 0)
		return false;
	sleep->readable = event_new(sleep->service->loop.base, sd_bus_get_fd(sleep->bus),
				    EV_READ | EV_PERSIST, on_readable, sleep);
	return sleep->readable && event_add(sleep->readable, NULL) == 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct opp_sleep *opp_sleep_watch(struct opp_service *service)
{
	struct opp_sleep *sleep = calloc(1, sizeof(*sleep));

	if (!sleep)
		return NULL;
	sleep->service = service;
	sleep->lock = -1;
	if (!join_bus(sleep)) {
		leave_bus(sleep);
		watch_clocks(sleep);
	}
	return sleep;
}

void opp_sleep_unwatch(struct opp_sleep *sleep)
{
	if (!sleep)
		return;
	leave_bus(sleep);
	if (sleep->lock >= 0)
		close(sleep->lock);
	if (sleep->clocks)
		event_free(sleep->clocks);
	free(sleep);
}
