/* SPDX-License-Identifier: MIT */
/*
 * What happens at a port of this process, as lines of JSON for whoever reads them. The
 * port's lock is held while they are told, so nobody is waited for: what a slow
 * reader has no room for is lost, and a line says how much that was.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event_text.h"
#include "local.h"

struct opp_local_watch {
	struct opp_local_watch *next;
	int socket; /* the reader has the other end */
	uint64_t lost;
	char port[OPP_EVENT_NAME_BYTES];
};

/* Returns false when the reader has gone. */
static bool tell_line(struct opp_local_watch *watch, const char *text, size_t length)
{
	if (send(watch->socket, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	watch->lost++;
	return errno == EAGAIN || errno == ENOBUFS || errno == EINTR;
}

static bool tell_lost(struct opp_local_watch *watch)
{
	const uint64_t lost = watch->lost;
	char text[64];
	bool there;

	if (!lost)
		return true;
	watch->lost = 0;
	there = tell_line(watch, text,
			  (size_t)snprintf(text, sizeof(text),
					   "{\"event\":\"lost\",\"count\":%" PRIu64 "}\n", lost));
	if (watch->lost)
		watch->lost = lost;
	return there;
}

/* One that does not fit is lost behind those that did not. */
static bool tell(struct opp_local_watch *watch, const struct opp_host_event *event)
{
	char text[OPP_EVENT_TEXT_BYTES];

	if (!tell_lost(watch))
		return false;
	if (watch->lost) {
		watch->lost++;
		return true;
	}
	return tell_line(watch, text, opp_event_text(text, watch->port, event));
}

static void drop(struct opp_local_watch **link)
{
	struct opp_local_watch *watch = *link;

	*link = watch->next;
	close(watch->socket);
	free(watch);
}

static void observe(void *context, const struct opp_host_event *event)
{
	struct opp_local_port *port = context;
	struct opp_local_watch **link = &port->watches;

	pthread_mutex_lock(&port->watch_lock);
	while (*link) {
		if (tell(*link, event))
			link = &(*link)->next;
		else
			drop(link);
	}
	pthread_mutex_unlock(&port->watch_lock);
}

void opp_local_events_release(struct opp_local_port *port)
{
	while (port->watches)
		drop(&port->watches);
	pthread_mutex_destroy(&port->watch_lock);
}

int opp_local_events(struct opp_handle *handle)
{
	struct opp_local_port *port = opp_local_of(handle)->port;
	struct opp_local_watch *watch = calloc(1, sizeof(*watch));
	struct opp_ioc_info info;
	int ends[2];

	if (!watch || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		free(watch);
		return -1;
	}
	opp_host_info(port->host, &info);
	opp_event_quote(watch->port, sizeof(watch->port), info.name);
	watch->socket = ends[0];
	pthread_mutex_lock(&port->watch_lock);
	watch->next = port->watches;
	port->watches = watch;
	pthread_mutex_unlock(&port->watch_lock);
	opp_host_observe(port->host, observe, port);
	return ends[1];
}
