/* SPDX-License-Identifier: MIT */
/*
 * As much of HTTP as a monitoring system uses: one request a connection, of which the first
 * line is read. A client is one of many that share the loop with those who print, so all of
 * it is bounded: connections, bytes of a request, time.
 */
#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "say.h"
#include "service.h"

#define BACKLOG          8
#define CONNECTIONS_MOST 16
#define LIMIT_S          5
#define REST_S           1
#define REQUEST_BYTES    4096
#define US_PER_S         UINT64_C(1000000)
#define GET              "GET "
#define HEAD             "HEAD "
#define TARGET           "/metrics"
#define TYPE             "text/plain; version=0.0.4; charset=utf-8"
#define PORT             "openparport_port_"

struct connection {
	struct opp_metrics *metrics;
	TAILQ_ENTRY(connection) link;
	struct bufferevent *stream;
	struct event *limit; /* of all of it */
	bool answered;
};

TAILQ_HEAD(connections, connection);

struct opp_metrics {
	struct opp_service *service;
	struct evconnlistener *listener;
	struct event *rest;             /* until it listens again */
	struct connections connections; /* the oldest first */
	size_t count;
	char *path;
};

/* ---- what is told ----------------------------------------------------------------------- */

enum unit {
	COUNT,
	LONG_COUNT,
	SECONDS, /* of microseconds */
};

static const struct row {
	const char *name;
	const char *type;
	const char *help;
	enum unit unit;
	size_t place; /* in struct opp_ioc_status; a COUNT is 32 bits there, the others 64 */
} rows[] = {
#define AT(field) offsetof(struct opp_ioc_status, field)
	{ "holder", "gauge",
	  "Who has the port: 0 nobody, 1 a program by parportN, 2 a print job, 4 the service itself.",
	  COUNT, AT(holder.kind) },
	{ "waiters", "gauge", "Programs in line for the port.", COUNT, AT(waiters) },
	{ "jobs_waiting", "gauge", "Print jobs behind the one that is printed.", COUNT,
	  AT(jobs_behind) },
	{ "allocates_total", "counter", "Times the port was given to a program.", COUNT,
	  AT(allocates) },
	{ "frees_total", "counter", "Times it was given back.", COUNT, AT(frees) },
	{ "waits_total", "counter", "Requests that stood in line.", LONG_COUNT, AT(waits) },
	{ "faults_total", "counter", "Transfers that met a fault.", LONG_COUNT, AT(faults) },
	{ "interrupts_total", "counter", "Interrupts of the port.", LONG_COUNT, AT(interrupts) },
	{ "written_bytes_total", "counter", "Bytes sent to peripherals.", LONG_COUNT,
	  AT(bytes_written) },
	{ "read_bytes_total", "counter", "Bytes received from peripherals.", LONG_COUNT,
	  AT(bytes_read) },
	{ "longest_wait_seconds", "gauge", "Longest time in line so far.", SECONDS,
	  AT(longest_wait_us) },
	{ "longest_hold_seconds", "gauge", "Longest time that a program had the port so far.",
	  SECONDS, AT(longest_hold_us) },
#undef AT
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void add_value(struct evbuffer *text, const struct row *row,
		      const struct opp_ioc_status *status)
{
	const char *place = (const char *)status + row->place;
	uint32_t count;
	uint64_t value;

	if (row->unit == COUNT) {
		memcpy(&count, place, sizeof(count));
		evbuffer_add_printf(text, "%" PRIu32 "\n", count);
		return;
	}
	memcpy(&value, place, sizeof(value));
	if (row->unit == SECONDS)
		evbuffer_add_printf(text, "%" PRIu64 ".%06" PRIu64 "\n", value / US_PER_S,
				    value % US_PER_S);
	else
		evbuffer_add_printf(text, "%" PRIu64 "\n", value);
}

/* What a port says. */
struct told {
	const char *name;
	struct opp_ioc_status status;
};

/* Of each that is served. Returns how many. */
static size_t ask(const struct opp_service *service, struct told *told)
{
	const struct opp_served_port *port;
	size_t count = 0;

	OPP_PORTS_FOREACH(port, service) {
		if (port->phase != OPP_SERVED)
			continue;
		told[count].name = port->config.name;
		opp_port_status(port, NULL, &told[count++].status);
	}
	return count;
}

static void add_row(struct evbuffer *text, const struct row *row, const struct told *told,
		    size_t count)
{
	evbuffer_add_printf(text, "# HELP " PORT "%s %s\n# TYPE " PORT "%s %s\n", row->name,
			    row->help, row->name, row->type);
	for (size_t i = 0; i < count; i++) {
		evbuffer_add_printf(text, PORT "%s{port=\"%s\"} ", row->name, told[i].name);
		add_value(text, row, &told[i].status);
	}
}

/* False: memory is short. */
static bool describe(const struct opp_service *service, struct evbuffer *text)
{
	struct told *told = calloc(service->port_end + 1, sizeof(*told));
	size_t count;

	if (!told)
		return false;
	count = ask(service, told);
	evbuffer_add_printf(text, "# HELP openparport_build_info The version that runs.\n"
				  "# TYPE openparport_build_info gauge\n"
				  "openparport_build_info{version=\"" OPP_VERSION "\"} 1\n");
	for (size_t r = 0; r < ROWS; r++)
		add_row(text, &rows[r], told, count);
	free(told);
	return true;
}

/* ---- how ----------------------------------------------------------------------------------- */

static void end(struct connection *connection)
{
	struct opp_metrics *metrics = connection->metrics;

	TAILQ_REMOVE(&metrics->connections, connection, link);
	metrics->count--;
	if (connection->limit)
		event_free(connection->limit);
	if (connection->stream)
		bufferevent_free(connection->stream);
	free(connection);
}

/* @body: NULL: none. Its length is told also where it is not @wanted. */
static void send_answer(struct bufferevent *stream, const char *status, struct evbuffer *body,
			bool wanted)
{
	struct evbuffer *out = bufferevent_get_output(stream);

	evbuffer_add_printf(out,
			    "HTTP/1.1 %s\r\nContent-Type: " TYPE "\r\nContent-Length: %zu\r\n"
			    "Connection: close\r\n\r\n",
			    status, body ? evbuffer_get_length(body) : 0);
	if (body && wanted)
		evbuffer_add_buffer(out, body);
}

static void send_metrics(const struct connection *connection, bool wanted)
{
	struct evbuffer *text = evbuffer_new();

	if (text && describe(connection->metrics->service, text))
		send_answer(connection->stream, "200 OK", text, wanted);
	else
		send_answer(connection->stream, "500 Internal Server Error", NULL, true);
	if (text)
		evbuffer_free(text);
}

static bool is_target(const char *text)
{
	const size_t length = strcspn(text, " ?");

	return length == strlen(TARGET) && memcmp(text, TARGET, length) == 0;
}

static void answer(const struct connection *connection, const char *request)
{
	const bool get = strncmp(request, GET, strlen(GET)) == 0;
	const bool head = strncmp(request, HEAD, strlen(HEAD)) == 0;

	if (!get && !head)
		send_answer(connection->stream, "405 Method Not Allowed\r\nAllow: GET, HEAD", NULL,
			    true);
	else if (!is_target(request + strlen(get ? GET : HEAD)))
		send_answer(connection->stream, "404 Not Found", NULL, true);
	else
		send_metrics(connection, get);
}

/* What follows the first request is not looked at: the answer says that it is the last one. */
static void on_read(struct bufferevent *stream, void *context)
{
	struct connection *connection = context;
	struct evbuffer *in = bufferevent_get_input(stream);
	char *request = NULL;

	if (!connection->answered) {
		if (evbuffer_search(in, "\r\n\r\n", 4, NULL).pos >= 0)
			request = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF);
		else if (evbuffer_get_length(in) < REQUEST_BYTES)
			return;
		connection->answered = true;
		if (request)
			answer(connection, request);
		else
			send_answer(stream, "400 Bad Request", NULL, true);
		free(request);
	}
	evbuffer_drain(in, evbuffer_get_length(in));
}

/* The client closes: what it has sent and nobody has read would cost it the answer. */
static void on_written(struct bufferevent *stream, void *context)
{
	const struct connection *connection = context;

	if (connection->answered)
		shutdown(bufferevent_getfd(stream), SHUT_WR);
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
	(void)stream;
	(void)what;
	end(context);
}

static void on_limit(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	end(context);
}

static bool begin(struct connection *connection, struct event_base *base, evutil_socket_t fd)
{
	const struct timeval limit = { .tv_sec = LIMIT_S };

	connection->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!connection->stream) {
		close(fd);
		return false;
	}
	bufferevent_setcb(connection->stream, on_read, on_written, on_event, connection);
	bufferevent_setwatermark(connection->stream, EV_READ, 0, REQUEST_BYTES);
	connection->limit = evtimer_new(base, on_limit, connection);
	return connection->limit && evtimer_add(connection->limit, &limit) == 0 &&
	       bufferevent_enable(connection->stream, EV_READ | EV_WRITE) == 0;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int bytes, void *context)
{
	struct opp_metrics *metrics = context;
	struct connection *connection = calloc(1, sizeof(*connection));

	(void)address;
	(void)bytes;
	if (!connection) {
		close(fd);
		return;
	}
	/* Who asks is answered, however many there are that do not. */
	if (metrics->count == CONNECTIONS_MOST)
		end(TAILQ_FIRST(&metrics->connections));
	connection->metrics = metrics;
	TAILQ_INSERT_TAIL(&metrics->connections, connection, link);
	metrics->count++;
	if (!begin(connection, evconnlistener_get_base(listener), fd))
		end(connection);
}

/* Without a descriptor to spare: it would be tried, and told, as fast as the machine can. */
static void on_refused(struct evconnlistener *listener, void *context)
{
	const struct timeval rest = { .tv_sec = REST_S };
	struct opp_metrics *metrics = context;

	evconnlistener_disable(listener);
	evtimer_add(metrics->rest, &rest);
}

static void on_rested(evutil_socket_t fd, short what, void *context)
{
	struct opp_metrics *metrics = context;

	(void)fd;
	(void)what;
	evconnlistener_enable(metrics->listener);
}

/* ---- where ----------------------------------------------------------------------------------- */

/* Only a socket that nobody listens to is in nobody's way. */
static bool take_place(const struct sockaddr_un *address)
{
	struct stat about;
	int probe;
	bool dead;

	if (lstat(address->sun_path, &about) != 0)
		return errno == ENOENT;
	errno = EADDRINUSE;
	if (!S_ISSOCK(about.st_mode))
		return false;
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return false;
	dead = connect(probe, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
	       errno == ECONNREFUSED;
	close(probe);
	errno = EADDRINUSE;
	return dead && unlink(address->sun_path) == 0;
}

/* What is in its place is never followed anywhere. */
static bool give_to_users(const char *path, const struct opp_config *config)
{
	return lchown(path, (uid_t)-1, config->group) == 0 &&
	       fchmodat(AT_FDCWD, path, config->mode, AT_SYMLINK_NOFOLLOW) == 0;
}

static int listen_at(const struct opp_config *config, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, failed;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (!take_place(&address))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		/* Nobody may connect before it has its group: it is not listened to. */
		if (give_to_users(path, config) && listen(fd, BACKLOG) == 0)
			return fd;
		failed = errno;
		unlink(path);
		errno = failed;
	}
	close(fd);
	return -1;
}

void opp_metrics_give_to_users(struct opp_metrics *metrics)
{
	if (metrics && !give_to_users(metrics->path, metrics->service->config))
		opp_say(OPP_SAID_REFUSED, NULL,
			"metrics: %s: its group and mode change only when parportd is started "
			"again: %s",
			metrics->path, strerror(errno));
}

struct opp_metrics *opp_metrics_open(struct opp_service *service, const char *path)
{
	struct event_base *base = service->loop.base;
	struct opp_metrics *metrics = calloc(1, sizeof(*metrics));
	const int fd = metrics ? listen_at(service->config, path) : -1;

	if (fd < 0) {
		free(metrics);
		return NULL;
	}
	TAILQ_INIT(&metrics->connections);
	metrics->service = service;
	metrics->path = strdup(path);
	metrics->rest = evtimer_new(base, on_rested, metrics);
	metrics->listener = evconnlistener_new(
		base, on_accept, metrics, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!metrics->listener)
		close(fd);
	if (!metrics->path || !metrics->rest || !metrics->listener) {
		unlink(path);
		opp_metrics_close(metrics);
		errno = ENOMEM;
		return NULL;
	}
	evconnlistener_set_error_cb(metrics->listener, on_refused);
	return metrics;
}

void opp_metrics_close(struct opp_metrics *metrics)
{
	struct connection *connection, *next;

	if (!metrics)
		return;
	for (connection = TAILQ_FIRST(&metrics->connections); connection; connection = next) {
		next = TAILQ_NEXT(connection, link);
		end(connection);
	}
	if (metrics->listener)
		evconnlistener_free(metrics->listener);
	if (metrics->rest)
		event_free(metrics->rest);
	if (metrics->path)
		unlink(metrics->path);
	free(metrics->path);
	free(metrics);
}
