/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "gap.h"
#include "job.h"
#include "service.h"

#define BACKLOG  8
#define LIMIT_S  5
#define US_PER_S UINT64_C(1000000)
#define TYPE     "text/plain; version=0.0.4; charset=utf-8"
#define PORT     "openparport_port_"
#define HEADERS  4096

struct opp_metrics {
	struct opp_service *service;
	struct evhttp *http;
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

/* What every port says, by its number. Those that are not served are gone: NULL as @name. */
struct told {
	const char *name;
	struct opp_ioc_status status;
};

static void ask(const struct opp_service *service, struct told *told)
{
	for (size_t i = 0; i < service->port_end; i++) {
		struct opp_served_port *port = service->ports[i];

		if (!port || port->phase != OPP_SERVED)
			continue;
		told[i].name = port->config.name;
		opp_host_status(port->host, &told[i].status);
		opp_gap_describe(port, &told[i].status);
		opp_device_describe_jobs(&port->devices[OPP_PLACE_END_OF_CHAIN], &told[i].status);
	}
}

static void add_row(struct evbuffer *text, const struct row *row, const struct told *told,
		    size_t count)
{
	evbuffer_add_printf(text, "# HELP " PORT "%s %s\n# TYPE " PORT "%s %s\n", row->name,
			    row->help, row->name, row->type);
	for (size_t i = 0; i < count; i++) {
		if (!told[i].name)
			continue;
		evbuffer_add_printf(text, PORT "%s{port=\"%s\"} ", row->name, told[i].name);
		add_value(text, row, &told[i].status);
	}
}

/* False: memory is short. */
static bool describe(const struct opp_service *service, struct evbuffer *text)
{
	struct told *told = calloc(service->port_end + 1, sizeof(*told));

	if (!told)
		return false;
	ask(service, told);
	evbuffer_add_printf(text, "# HELP openparport_build_info The version that runs.\n"
				  "# TYPE openparport_build_info gauge\n"
				  "openparport_build_info{version=\"" OPP_VERSION "\"} 1\n");
	for (size_t r = 0; r < ROWS; r++)
		add_row(text, &rows[r], told, service->port_end);
	free(told);
	return true;
}

/* ---- how ----------------------------------------------------------------------------------- */

static void answer(struct evhttp_request *request, void *context)
{
	const struct opp_metrics *metrics = context;
	struct evbuffer *text = evbuffer_new();

	if (text && describe(metrics->service, text)) {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", TYPE);
		evhttp_send_reply(request, HTTP_OK, NULL, text);
	} else {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	}
	if (text)
		evbuffer_free(text);
}

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

static int listen_at(const struct opp_config *config, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (!take_place(&address))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* Nobody may connect before it has its group: it is not listened to. */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chown(path, (uid_t)-1, config->group) == 0 && chmod(path, config->mode) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

struct opp_metrics *opp_metrics_open(struct opp_service *service, const char *path)
{
	struct opp_metrics *metrics = calloc(1, sizeof(*metrics));
	const int fd = metrics ? listen_at(service->config, path) : -1;
	struct evconnlistener *listener = NULL;

	if (fd < 0) {
		free(metrics);
		return NULL;
	}
	metrics->service = service;
	metrics->path = strdup(path);
	metrics->http = evhttp_new(service->loop.base);
	listener = evconnlistener_new(service->loop.base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!metrics->path || !metrics->http || !listener ||
	    !evhttp_bind_listener(metrics->http, listener)) {
		opp_metrics_close(metrics);
		return NULL;
	}
	evhttp_set_allowed_methods(metrics->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_timeout(metrics->http, LIMIT_S);
	evhttp_set_max_headers_size(metrics->http, HEADERS);
	evhttp_set_max_body_size(metrics->http, 0);
	evhttp_set_cb(metrics->http, "/metrics", answer, metrics);
	return metrics;
}

void opp_metrics_close(struct opp_metrics *metrics)
{
	if (!metrics)
		return;
	if (metrics->http)
		evhttp_free(metrics->http);
	if (metrics->path)
		unlink(metrics->path);
	free(metrics->path);
	free(metrics);
}
