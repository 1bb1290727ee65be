/* SPDX-License-Identifier: MIT */
/*
 * Facts from parportd; see doctor.h. A service that is stopped or stuck never answers, and
 * who has called it cannot always be ended: so a child calls it, and has a time limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "facts.h"

#define LIMIT_MS 5000

/* ---- in the child --------------------------------------------------------------------- */

static void list_devices(const struct cli_port *port, char *text, size_t bytes)
{
	struct cli_device devices[CLI_DEVICES_MOST];
	const size_t count = cli_devices_of(port, devices);
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && at < bytes; i++)
		at += (size_t)snprintf(text + at, bytes - at, "%s%s %s", i ? ", " : "",
				       devices[i].name,
				       devices[i].link[0] ? devices[i].link : "(no id)");
}

static void ask_port(struct cli_port *port, struct doctor_served *served)
{
	char who[CLI_TEXT_BYTES];

	(void)snprintf(served->name, sizeof(served->name), "%s", port->device);
	(void)snprintf(served->back_end, sizeof(served->back_end), "%s", port->info.back_end);
	(void)snprintf(served->chip, sizeof(served->chip), "%s", port->info.chip);
	list_devices(port, served->devices, sizeof(served->devices));
	if (cli_ask_status(port) != OPP_SUCCESS)
		return;
	served->is_gone = port->status.state == OPP_IOC_STATE_REMOVED;
	if (port->status.holder.kind != OPP_IOC_WHO_NOBODY)
		(void)snprintf(served->holder, sizeof(served->holder), "%s",
			       cli_who_text(&port->status.holder, who));
}

/* What is mounted there, or on its way, may have other rights than the file itself. */
static void ask_named(const struct doctor_facts *facts, const char *name, bool probe,
		      struct doctor_served *served)
{
	char path[PATH_MAX];
	struct cli_port port;
	struct stat about;

	*served = (struct doctor_served){ .name = "" };
	(void)snprintf(served->name, sizeof(served->name), "%.*s", DOCTOR_WORD - 1, name);
	if (snprintf(path, sizeof(path), "%s/%s", facts->mount, name) >= (int)sizeof(path))
		return;
	served->may_use = doctor_may(&facts->caller, R_OK | W_OK, AT_FDCWD, path, 0);
	if (stat(path, &about) == 0) {
		served->mode = about.st_mode & 07777;
		served->group = about.st_gid;
	}
	if (access(path, R_OK | W_OK) != 0 || cli_port_open(&port, name) != 0)
		return;
	ask_port(&port, served);
	cli_port_close(&port);
	if (probe && !served->holder[0] && !served->is_gone)
		doctor_probe(path, &served->found);
}

static bool tell(const void *what, size_t bytes, FILE *stream)
{
	return fwrite(what, bytes, 1, stream) == 1 && fflush(stream) == 0;
}

static bool tell_ports(const struct doctor_facts *facts, bool probe, FILE *stream)
{
	struct doctor_served served;
	bool told = true;
	char **names;
	size_t count;

	if (cli_ports_of_mount(&names, &count) != 0)
		return true;
	for (size_t i = 0; told && i < count; i++) {
		ask_named(facts, names[i], probe, &served);
		told = tell(&served, sizeof(served), stream);
	}
	cli_names_free(names, count);
	return told;
}

static enum doctor_service ask_mount(const struct doctor_facts *facts)
{
	char events[PATH_MAX];
	struct stat about;

	if (stat(facts->mount, &about) != 0) {
		if (errno == ENOTCONN)
			return DOCTOR_DEAD_SERVICE;
		return errno == EACCES ? DOCTOR_CLOSED_SERVICE : DOCTOR_NO_SERVICE;
	}
	if (snprintf(events, sizeof(events), "%s/events", facts->mount) >= (int)sizeof(events) ||
	    stat(events, &about) != 0)
		return DOCTOR_NO_SERVICE;
	return doctor_may(&facts->caller, F_OK, AT_FDCWD, events, 0) ? DOCTOR_SERVICE
								     : DOCTOR_CLOSED_SERVICE;
}

/* The state of the service, then its ports one by one. */
static bool tell_all(const struct doctor_facts *facts, bool probe, FILE *stream)
{
	const enum doctor_service service = ask_mount(facts);

	return stream && tell(&service, sizeof(service), stream) &&
	       (service != DOCTOR_SERVICE || tell_ports(facts, probe, stream));
}

/* ---- in the parent ---------------------------------------------------------------------- */

/* False: nothing came in time. At the end of it all @stream is at its end. */
static bool hear(void *what, size_t bytes, FILE *stream)
{
	struct pollfd word = { .fd = fileno(stream), .events = POLLIN };

	return poll(&word, 1, LIMIT_MS) == 1 && fread(what, bytes, 1, stream) == 1;
}

static bool hear_ports(struct doctor_facts *facts, FILE *stream)
{
	struct doctor_served *more;

	for (;;) {
		more = reallocarray(facts->served, facts->served_count + 1, sizeof(*more));
		if (!more) {
			facts->has_more = true;
			return true;
		}
		facts->served = more;
		if (!hear(&more[facts->served_count], sizeof(*more), stream))
			return feof(stream);
		facts->served_count++;
	}
}

static bool hear_all(struct doctor_facts *facts, int end)
{
	FILE *stream = fdopen(end, "r");
	bool heard = false;

	if (stream) {
		(void)setvbuf(stream, NULL, _IONBF, 0);
		heard = hear(&facts->service, sizeof(facts->service), stream) &&
			hear_ports(facts, stream);
		(void)fclose(stream);
	}
	return heard;
}

static int ask_in_child(struct doctor_facts *facts, bool probe, const int ends[2])
{
	const pid_t child = fork();

	if (child < 0)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no child process: %s",
				strerror(errno));
	if (child == 0) {
		(void)close(ends[0]);
		_exit(!tell_all(facts, probe, fdopen(ends[1], "w")));
	}
	(void)close(ends[1]);
	if (hear_all(facts, ends[0])) {
		(void)waitpid(child, NULL, 0);
		return 0;
	}
	(void)kill(child, SIGKILL);
	facts->service = DOCTOR_SILENT_SERVICE;
	return 0;
}

int doctor_ask_service(struct doctor_facts *facts, bool probe)
{
	int ends[2];

	(void)snprintf(facts->mount, sizeof(facts->mount), "%s", cli_mount());
	if (!facts->mount[0])
		return cli_fail(OPP_INVALID_PARAMETER, "OPENPARPORT_MOUNT is too long for a path");
	if (pipe2(ends, O_CLOEXEC) != 0)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no pipe: %s", strerror(errno));
	return ask_in_child(facts, probe, ends);
}
