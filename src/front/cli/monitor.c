/* SPDX-License-Identifier: MIT */
/*
 * parport monitor: what happens to ports and devices, as it happens.
 *
 * The service writes lines of JSON into its file of events; here they are chosen
 * and, for people, put in words.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "cli.h"

#define BYTES 65536

struct request {
	const char *port;
	bool json;
};

struct wanted {
	char folder[PATH_MAX];         /* with the file of events */
	char port[OPP_IOC_NAME_BYTES]; /* "": all */
	char device[OPP_IOC_NAME_BYTES];
	bool is_device;
	bool json;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'j': request->json = true; return 0;
	case ARGP_KEY_ARG:
		if (request->port)
			argp_error(state, "name one port at most");
		request->port = argument;
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* ---- one event --------------------------------------------------------------------- */

static const char *text_of(struct json_object *event, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(event, key, &value) ? json_object_get_string(value) : "";
}

static uint64_t number_of(struct json_object *event, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(event, key, &value) ? json_object_get_uint64(value) : 0;
}

/* What happens to the port of a device that is named is news, too, but not what happens to
 * other devices on it. Lost events may have been anybody's. */
static bool is_wanted(const struct wanted *wanted, struct json_object *event)
{
	const char *device = text_of(event, "device");

	if (!wanted->port[0] || strcmp(text_of(event, "event"), "lost") == 0)
		return true;
	if (strcmp(wanted->port, text_of(event, "port")) != 0)
		return false;
	return !wanted->is_device || !device[0] || strcmp(wanted->device, device) == 0;
}

static void say_who(struct json_object *event)
{
	const uint64_t pid = number_of(event, "pid");

	if (pid)
		printf(": %s (pid %" PRIu64 ")", text_of(event, "name"), pid);
}

static void say_details(struct json_object *event)
{
	const uint64_t bytes = number_of(event, "bytes");
	const uint64_t waiters = number_of(event, "waiters");
	const char *link = text_of(event, "link");
	const char *fault = text_of(event, "fault");

	if (bytes)
		printf(", %" PRIu64 " bytes", bytes);
	if (waiters)
		printf(", %" PRIu64 " waiting", waiters);
	if (link[0])
		printf(": %s", link);
	if (fault[0])
		printf(", fault: %s", fault);
}

static void say(struct json_object *event)
{
	const uint64_t time_us = number_of(event, "time_us");
	const char *device = text_of(event, "device");
	const char *what = text_of(event, "event");

	if (strcmp(what, "lost") == 0) {
		printf("%" PRIu64 " events were lost: too many for who reads them\n",
		       number_of(event, "count"));
		return;
	}
	printf("%" PRIu64 ".%06" PRIu64 " %s %s", time_us / 1000000, time_us % 1000000,
	       device[0] ? device : text_of(event, "port"), what);
	say_who(event);
	say_details(event);
	putchar('\n');
}

static void tell(const struct wanted *wanted, const char *line)
{
	struct json_object *event = json_tokener_parse(line);

	if (event && is_wanted(wanted, event)) {
		if (wanted->json)
			puts(line);
		else
			say(event);
	}
	json_object_put(event);
}

/* ---- all of them ------------------------------------------------------------------- */

/* Tells the whole lines of @used bytes; returns how many of a part of one are left. */
static size_t tell_lines(const struct wanted *wanted, char *bytes, size_t used)
{
	char *line = bytes, *end;

	while ((end = memchr(line, '\n', used - (size_t)(line - bytes)))) {
		*end = '\0';
		tell(wanted, line);
		line = end + 1;
	}
	used -= (size_t)(line - bytes);
	memmove(bytes, line, used);
	return used;
}

static int follow(int fd, const struct wanted *wanted)
{
	static char bytes[BYTES];
	size_t used = 0;
	ssize_t count;

	while ((count = read(fd, bytes + used, sizeof(bytes) - used)) > 0) {
		used = tell_lines(wanted, bytes, used + (size_t)count);
		if (fflush(stdout) != 0)
			return 0; /* told by who called */
	}
	return cli_fail(OPP_DEVICE_REMOVED, "the service went away: %s",
			count < 0 ? strerror(errno) : "no more events");
}

static int choose(struct wanted *wanted, const char *name)
{
	struct cli_name parsed;
	struct cli_port port;
	int code = cli_must_be_served(name);

	cli_name_parse(&parsed, name);
	if (!code)
		code = cli_name_open(&port, &parsed);
	if (code)
		return code;
	snprintf(wanted->folder, sizeof(wanted->folder), "%s", port.folder);
	snprintf(wanted->port, sizeof(wanted->port), "%s", port.info.name);
	snprintf(wanted->device, sizeof(wanted->device), "%s", port.device);
	wanted->is_device = parsed.is_device;
	cli_port_close(&port);
	return 0;
}

static int open_events(const char *folder, int *fd)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/events", folder);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	if (errno == EACCES)
		return cli_fail(OPP_ACCESS_DENIED,
				"cannot open %s: %s; a member of the group of that file may use it "
				"(often lp)",
				path, strerror(errno));
	return cli_fail(OPP_NO_SUCH_DEVICE,
			"cannot open %s: %s: start parportd, or set OPENPARPORT_MOUNT", path,
			strerror(errno));
}

int cli_monitor(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "Print JSON: one object a line", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[PORT]",
		.doc = "Tell what happens to ports and devices, or to one of them, until it is stopped.",
	};
	struct request request = { 0 };
	struct wanted wanted = { 0 };
	int code = 0, fd;

	argp_parse(&argp, argc, argv, 0, NULL, &request);
	wanted.json = request.json;
	snprintf(wanted.folder, sizeof(wanted.folder), "%s", cli_mount());
	if (request.port)
		code = choose(&wanted, request.port);
	if (!code)
		code = open_events(wanted.folder, &fd);
	if (code)
		return code;
	code = follow(fd, &wanted);
	close(fd);
	return code;
}
