/* SPDX-License-Identifier: MIT */
/*
 * Lines and who reads them. A line is shared by all files that have not read it yet;
 * everything but the hand-over happens on the loop.
 */
#include "monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "device.h"
#include "event_text.h"
#include "file.h"
#include "service.h"

#define LINES_MOST 1024
#define READ_MOST  65536

struct line {
	unsigned watches; /* that have it */
	size_t length;
	char text[];
};

/* One open file. */
struct opp_watch {
	struct opp_file file;
	TAILQ_ENTRY(opp_watch) link;
	struct opp_monitor *monitor;
	struct opp_call_list calls; /* read() */
	struct line *lines[LINES_MOST];
	size_t first, count;
	uint64_t lost;        /* before the first of them */
	struct line *current; /* is read now, from @told on */
	size_t told;
};

static struct opp_watch *watch_of(struct opp_file *file)
{
	return OPP_NODE(file, struct opp_watch, file);
}

/* ---- lines ---------------------------------------------------------------------------- */

static struct line *line_new(const char *text, size_t length)
{
	struct line *line = malloc(sizeof(*line) + length);

	if (!line)
		return NULL;
	line->watches = 0;
	line->length = length;
	memcpy(line->text, text, length);
	return line;
}

static void line_put(struct line *line)
{
	if (line && --line->watches == 0)
		free(line);
}

static struct line *oldest(struct opp_watch *watch)
{
	struct line *line = watch->lines[watch->first];

	watch->first = (watch->first + 1) % LINES_MOST;
	watch->count--;
	return line;
}

static void add_line(struct opp_watch *watch, struct line *line)
{
	if (watch->count == LINES_MOST) {
		line_put(oldest(watch));
		watch->lost++;
	}
	watch->lines[(watch->first + watch->count++) % LINES_MOST] = line;
	line->watches++;
}

static struct line *lost_line(struct opp_watch *watch)
{
	char text[64];
	const int length = snprintf(text, sizeof(text),
				    "{\"event\":\"lost\",\"count\":%" PRIu64 "}\n", watch->lost);
	struct line *line = line_new(text, (size_t)length);

	if (line) {
		line->watches = 1;
		watch->lost = 0;
	}
	return line;
}

static bool has_line(const struct opp_watch *watch)
{
	return watch->current || watch->lost || watch->count;
}

/* Into @bytes what fits; returns how many. */
static size_t take_bytes(struct opp_watch *watch, uint8_t *bytes, size_t most)
{
	size_t taken = 0;

	while (taken < most) {
		size_t part;

		if (!watch->current && watch->lost)
			watch->current = lost_line(watch);
		else if (!watch->current && watch->count)
			watch->current = oldest(watch);
		if (!watch->current)
			break;
		part = watch->current->length - watch->told;
		part = part < most - taken ? part : most - taken;
		memcpy(bytes + taken, watch->current->text + watch->told, part);
		taken += part;
		watch->told += part;
		if (watch->told < watch->current->length)
			break;
		line_put(watch->current);
		watch->current = NULL;
		watch->told = 0;
	}
	return taken;
}

static void serve(struct opp_watch *watch)
{
	struct opp_call *call;

	while (has_line(watch) && (call = TAILQ_FIRST(&watch->calls))) {
		const size_t taken = take_bytes(watch, call->bytes, call->count);

		if (!taken)
			break;
		TAILQ_REMOVE(&watch->calls, call, link);
		opp_call_end_read(call, taken);
	}
	if (has_line(watch))
		opp_file_poll_changed(&watch->file);
}

/* ---- to all ------------------------------------------------------------------------------ */

static void lose_for_all(struct opp_monitor *monitor, uint64_t count)
{
	struct opp_watch *watch;

	TAILQ_FOREACH(watch, &monitor->watches, link)
		watch->lost += count;
}

static void tell_all(struct opp_monitor *monitor, const char *text, size_t length)
{
	struct line *line = line_new(text, length);
	struct opp_watch *watch;

	if (!line) {
		lose_for_all(monitor, 1);
		return;
	}
	line->watches = 1;
	TAILQ_FOREACH(watch, &monitor->watches, link)
		add_line(watch, line);
	line_put(line);
}

static void serve_all(struct opp_monitor *monitor)
{
	struct opp_watch *watch;

	TAILQ_FOREACH(watch, &monitor->watches, link)
		serve(watch);
}

static bool next_event(struct opp_monitor *monitor, struct opp_handed_over *event, uint64_t *lost)
{
	bool found;

	pthread_mutex_lock(&monitor->lock);
	found = monitor->count > 0;
	*lost = monitor->lost;
	monitor->lost = 0;
	if (found) {
		*event = monitor->events[monitor->first];
		monitor->first = (monitor->first + 1) % OPP_HANDED_OVER_MOST;
		monitor->count--;
	}
	pthread_mutex_unlock(&monitor->lock);
	return found;
}

static void tell_events(struct opp_monitor *monitor)
{
	char text[OPP_EVENT_TEXT_BYTES];
	struct opp_handed_over event;
	uint64_t lost;

	while (next_event(monitor, &event, &lost)) {
		lose_for_all(monitor, lost);
		tell_all(monitor, text, opp_event_text(text, event.port, &event.event));
	}
}

static void on_post(struct opp_post *post)
{
	struct opp_monitor *monitor = OPP_NODE(post, struct opp_monitor, post);

	/* It is in no list now; what comes from here on posts it anew. */
	pthread_mutex_lock(&monitor->lock);
	monitor->posted = false;
	pthread_mutex_unlock(&monitor->lock);
	tell_events(monitor);
	serve_all(monitor);
}

void opp_monitor_event(struct opp_monitor *monitor, const char *port,
		       const struct opp_host_event *event)
{
	bool post = false;

	if (!atomic_load_explicit(&monitor->wanted, memory_order_relaxed))
		return;
	pthread_mutex_lock(&monitor->lock);
	if (monitor->count == OPP_HANDED_OVER_MOST) {
		monitor->first = (monitor->first + 1) % OPP_HANDED_OVER_MOST;
		monitor->count--;
		monitor->lost++;
	}
	monitor->events[(monitor->first + monitor->count++) % OPP_HANDED_OVER_MOST] =
		(struct opp_handed_over){ .port = port, .event = *event };
	if (!monitor->posted)
		post = monitor->posted = true;
	pthread_mutex_unlock(&monitor->lock);
	if (post)
		opp_post(monitor->loop, &monitor->post);
}

/* In the order in which things happened: behind what the ports have handed over. */
static void tell_now(struct opp_monitor *monitor, const char *text, int length)
{
	tell_events(monitor);
	tell_all(monitor, text, (size_t)length);
	serve_all(monitor);
}

static bool is_wanted(const struct opp_service *service)
{
	return !TAILQ_EMPTY(&service->monitor.watches);
}

void opp_monitor_device(const struct opp_served_device *device, const char *what)
{
	struct opp_service *service = device->port->service;
	char name[OPP_NAME_BYTES];
	static char id[6 * OPP_DEVICE_ID_MOST + 1];
	static char text[sizeof(id) + 512];

	if (!is_wanted(service))
		return;
	opp_event_quote(id, sizeof(id), device->id);
	opp_device_name(device, false, name);
	tell_now(&service->monitor, text,
		 snprintf(text, sizeof(text),
			  "{\"time_us\":%" PRIu64 ",\"port\":\"%s\",\"event\":\"%s\","
			  "\"device\":\"%s\",\"link\":\"%s\",\"id\":\"%s\"}\n",
			  opp_now_us(), device->port->config.name, what, name, device->link, id));
}

void opp_monitor_port(const struct opp_served_port *port, const char *what)
{
	struct opp_service *service = port->service;
	char text[OPP_EVENT_TEXT_BYTES];

	if (is_wanted(service))
		tell_now(&service->monitor, text,
			 snprintf(text, sizeof(text),
				  "{\"time_us\":%" PRIu64 ",\"port\":\"%s\",\"event\":\"%s\"}\n",
				  opp_now_us(), port->config.name, what));
}

void opp_monitor_job(const struct opp_file *file, const char *what, uint64_t bytes)
{
	const struct opp_port_config *config = &file->port->config;
	const struct opp_host_client *client = &file->client;
	char device[OPP_NAME_BYTES];
	char text[OPP_EVENT_TEXT_BYTES];

	if (!is_wanted(file->service))
		return;
	opp_device_name(file->device, file->raw, device);
	tell_now(&file->service->monitor, text,
		 snprintf(text, sizeof(text),
			  "{\"time_us\":%" PRIu64 ",\"port\":\"%s\",\"event\":\"%s\","
			  "\"device\":\"%s\",\"client\":%" PRIu64 ",\"pid\":%ld,\"name\":\"%s\","
			  "\"bytes\":%" PRIu64 "}\n",
			  opp_now_us(), config->name, what, device, client->number,
			  (long)client->pid, client->name, bytes));
}

/* ---- the file ------------------------------------------------------------------------------ */

static void give_up(struct opp_call *call)
{
	TAILQ_REMOVE(&watch_of(call->file)->calls, call, link);
	opp_call_end_error(call, call->error);
}

static void watch_read(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock)
{
	struct opp_watch *watch = watch_of(file);
	struct opp_call *call;

	if (nonblock && !(has_line(watch) && TAILQ_EMPTY(&watch->calls))) {
		fuse_reply_err(request, EAGAIN);
		return;
	}
	call = opp_call_park(file, opp_kernel_asks(request), NULL,
			     count < READ_MOST ? count : READ_MOST, give_up);
	if (!call)
		return;
	TAILQ_INSERT_TAIL(&watch->calls, call, link);
	serve(watch);
}

static void watch_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
			bool nonblock)
{
	(void)file;
	(void)bytes;
	(void)count;
	(void)nonblock;
	fuse_reply_err(request, EPERM);
}

static void watch_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	(void)file;
	(void)ioctl;
	fuse_reply_err(request, EINVAL);
}

static void watch_fsync(struct opp_file *file, fuse_req_t request)
{
	(void)file;
	fuse_reply_err(request, EINVAL);
}

static short watch_events(struct opp_file *file, short wanted)
{
	(void)wanted;
	return has_line(watch_of(file)) ? POLLIN | POLLRDNORM : 0;
}

static bool watch_release(struct opp_file *file)
{
	struct opp_watch *watch = watch_of(file);
	struct opp_monitor *monitor = watch->monitor;

	while (watch->count)
		line_put(oldest(watch));
	line_put(watch->current);
	TAILQ_REMOVE(&monitor->watches, watch, link);
	atomic_store(&monitor->wanted, !TAILQ_EMPTY(&monitor->watches));
	return false;
}

static const struct opp_file_ops watch_ops = {
	.read = watch_read,
	.write = watch_write,
	.ioctl = watch_ioctl,
	.fsync = watch_fsync,
	.events = watch_events,
	.release = watch_release,
};

struct opp_file *opp_watch_new(struct opp_monitor *monitor)
{
	struct opp_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	/* What happened before is for those who were there. */
	tell_events(monitor);
	watch->file.ops = &watch_ops;
	watch->monitor = monitor;
	TAILQ_INIT(&watch->calls);
	TAILQ_INSERT_TAIL(&monitor->watches, watch, link);
	atomic_store(&monitor->wanted, true);
	return &watch->file;
}

/* ---- life ----------------------------------------------------------------------------------- */

bool opp_monitor_init(struct opp_monitor *monitor, struct opp_loop *loop)
{
	monitor->loop = loop;
	monitor->post.run = on_post;
	TAILQ_INIT(&monitor->watches);
	pthread_mutex_init(&monitor->lock, NULL);
	monitor->events = calloc(OPP_HANDED_OVER_MOST, sizeof(*monitor->events));
	return monitor->events;
}

void opp_monitor_release(struct opp_monitor *monitor)
{
	pthread_mutex_destroy(&monitor->lock);
	free(monitor->events);
}
