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
	if (cli_ask_status(port) == OPP_SUCCESS && port->status.holder.kind != OPP_IOC_WHO_NOBODY)
		(void)snprintf(served->holder, sizeof(served->holder), "%s",
			       cli_who_text(&port->status.holder, who));
}

static void ask_ports(struct doctor_facts *facts)
{
	char **names;
	size_t count;

	if (cli_ports_of_mount(&names, &count) != 0)
		return;
	for (size_t i = 0; i < count && facts->served_count < DOCTOR_MOST; i++) {
		struct doctor_served *served = &facts->served[facts->served_count++];
		char path[PATH_MAX];
		struct cli_port port;

		(void)snprintf(served->name, sizeof(served->name), "%.*s", DOCTOR_WORD - 1,
			       names[i]);
		served->may_use = snprintf(path, sizeof(path), "%s/%s", facts->mount, names[i]) <
					  (int)sizeof(path) &&
				  access(path, R_OK | W_OK) == 0;
		if (!served->may_use || cli_port_open(&port, names[i]) != 0)
			continue;
		ask_port(&port, served);
		cli_port_close(&port);
	}
	cli_names_free(names, count);
}

static void ask(struct doctor_facts *facts)
{
	char events[PATH_MAX];
	struct stat about;

	if (stat(facts->mount, &about) != 0) {
		if (errno == ENOTCONN)
			facts->service = DOCTOR_DEAD_SERVICE;
		else if (errno == EACCES)
			facts->service = DOCTOR_CLOSED_SERVICE;
		return;
	}
	if (snprintf(events, sizeof(events), "%s/events", facts->mount) >= (int)sizeof(events) ||
	    stat(events, &about) != 0)
		return;
	facts->service = DOCTOR_SERVICE;
	ask_ports(facts);
}

static bool tell(const struct doctor_facts *facts, FILE *stream)
{
	return fwrite(&facts->service, sizeof(facts->service), 1, stream) == 1 &&
	       fwrite(&facts->served_count, sizeof(facts->served_count), 1, stream) == 1 &&
	       fwrite(facts->served, sizeof(facts->served), 1, stream) == 1 && fflush(stream) == 0;
}

/* ---- in the parent ---------------------------------------------------------------------- */

static bool hear(struct doctor_facts *facts, FILE *stream)
{
	struct pollfd word = { .fd = fileno(stream), .events = POLLIN };

	return poll(&word, 1, LIMIT_MS) == 1 &&
	       fread(&facts->service, sizeof(facts->service), 1, stream) == 1 &&
	       fread(&facts->served_count, sizeof(facts->served_count), 1, stream) == 1 &&
	       fread(facts->served, sizeof(facts->served), 1, stream) == 1;
}

static int ask_in_child(struct doctor_facts *facts, FILE *hears, FILE *tells)
{
	const pid_t child = fork();

	if (child < 0)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no child process: %s",
				strerror(errno));
	if (child == 0) {
		ask(facts);
		_exit(!tell(facts, tells));
	}
	if (hear(facts, hears)) {
		(void)waitpid(child, NULL, 0);
		return 0;
	}
	(void)kill(child, SIGKILL);
	facts->service = DOCTOR_SILENT_SERVICE;
	facts->served_count = 0;
	return 0;
}

int doctor_ask_service(struct doctor_facts *facts)
{
	FILE *hears = NULL, *tells = NULL;
	int ends[2];
	int code;

	(void)snprintf(facts->mount, sizeof(facts->mount), "%s", cli_mount());
	if (!facts->mount[0])
		return cli_fail(OPP_INVALID_PARAMETER, "OPENPARPORT_MOUNT is too long for a path");
	if (pipe2(ends, O_CLOEXEC) == 0) {
		hears = fdopen(ends[0], "r");
		tells = fdopen(ends[1], "w");
	}
	if (hears && tells)
		code = ask_in_child(facts, hears, tells);
	else
		code = cli_fail(OPP_INSUFFICIENT_RESOURCES, "no pipe: %s", strerror(errno));
	if (hears)
		(void)fclose(hears);
	if (tells)
		(void)fclose(tells);
	return code;
}
