/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syslog.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <openparport/words.h>

#include "host_port.h"

#define LINE_BYTES  1024
#define FIELD_BYTES 96
#define FIELDS_MOST 9
#define JOURNAL     "/run/systemd/journal/socket"

/* The ids are random numbers, made once and never changed: filters and catalogues name them. */
static const struct {
	const char *event;
	const char *id;
	int priority;
} sayings[] = {
	[OPP_SAID_READY] = { "ready", "0213714069f64ad795ab49e281eb068d", LOG_INFO },
	[OPP_SAID_ENDING] = { "ending", "f57b70bb22d8453c9d1cd3f71c12a8d6", LOG_INFO },
	[OPP_SAID_RIGHTS] = { "rights", "dd2f0113c0ea4c94a41da14362269ff4", LOG_NOTICE },
	[OPP_SAID_MISTAKE] = { "mistake", "fdd2618e128e41c682ca46606192ce15", LOG_ERR },
	[OPP_SAID_REFUSED] = { "refused", "736cd1cb101b4a479aa1ebdc9d890411", LOG_ERR },
	[OPP_SAID_LINK] = { "link", "660557091d07473fbc737b494ed80de1", LOG_WARNING },
	[OPP_SAID_RELOADED] = { "reloaded", "31ff803100334ceb985c725142b5a9ce", LOG_NOTICE },
	[OPP_SAID_GONE] = { "gone", "e0be6d85484c496698d9d4ba0c0c63c9", LOG_WARNING },
	[OPP_SAID_BACK] = { "back", "a0e31c0b94274a5693865b1078be97c2", LOG_NOTICE },
	[OPP_SAID_KICKED] = { "kicked", "50a86de328c8443b9d639648df7eecf3", LOG_NOTICE },
	[OPP_SAID_FAULT] = { "fault", "28de53984f5c4e3c89e7217be1472166", LOG_WARNING },
	[OPP_SAID_ADVICE] = { "advice", "14e88f18314646c6a713393d11ed5723", LOG_WARNING },
};

/* ---- where it goes ------------------------------------------------------------------- */

/* systemd tells which file the journal is; stderr may have become another one since. */
static bool is_journal(int file)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat about;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(file, &about) == 0 && about.st_dev == device && about.st_ino == inode;
}

struct fields {
	char text[FIELDS_MOST][FIELD_BYTES];
	struct iovec all[FIELDS_MOST + 1];
	size_t count;
};

static void add(struct fields *fields, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One line: what would begin another one is a blank. */
static size_t end_line(char *text, size_t bytes, int length)
{
	const size_t end = (size_t)length < bytes - 1 ? (size_t)length : bytes - 2;

	for (size_t i = 0; i < end; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	text[end] = '\n';
	return end + 1;
}

static void add(struct fields *fields, const char *format, ...)
{
	char *text = fields->text[fields->count];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, FIELD_BYTES, format, arguments);
	va_end(arguments);
	fields->all[fields->count++] = (struct iovec){
		.iov_base = text,
		.iov_len = end_line(text, FIELD_BYTES, length),
	};
}

/*
 * A datagram of lines, as systemd.io/JOURNAL_NATIVE_PROTOCOL says. libsystemd would wait for
 * a journal that takes none.
 */
static bool send_to_journal(struct fields *fields)
{
	struct sockaddr_un journal = { .sun_family = AF_UNIX, .sun_path = JOURNAL };
	const struct msghdr message = {
		.msg_name = &journal,
		.msg_namelen = sizeof(journal),
		.msg_iov = fields->all,
		.msg_iovlen = fields->count,
	};
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool sent;

	if (fd < 0)
		return false;
	sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
	close(fd);
	return sent;
}

static bool tell_journal(enum opp_said what, const char *port, const struct opp_host_event *event,
			 const char *text)
{
	struct fields fields = { .count = 0 };
	char line[LINE_BYTES];
	int length;

	add(&fields, "PRIORITY=%d", sayings[what].priority);
	add(&fields, "MESSAGE_ID=%s", sayings[what].id);
	add(&fields, "EVENT=%s", sayings[what].event);
	add(&fields, "SYSLOG_IDENTIFIER=parportd");
	if (port)
		add(&fields, "PORT=%s", port);
	if (event) {
		add(&fields, "CLIENT_PID=%ld", (long)event->pid);
		add(&fields, "CLIENT_NAME=%s", event->name);
		add(&fields, "BYTES=%zu", event->bytes);
		add(&fields, "STATUS=%s", opp_status_text(event->status));
	}
	length = snprintf(line, sizeof(line), "MESSAGE=%s%s%s", port ? port : "", port ? ": " : "",
			  text);
	fields.all[fields.count++] = (struct iovec){
		.iov_base = line,
		.iov_len = end_line(line, sizeof(line), length),
	};
	return send_to_journal(&fields);
}

/* No file, or one that refuses, makes nobody wait either. */
static bool makes_wait(int file)
{
	struct pollfd end = { .fd = file, .events = POLLOUT };

	return poll(&end, 1, 0) == 0;
}

/* A mistake begins with the file that has it, as those of compilers do. */
static bool tell_people(enum opp_said what, const char *port, const char *text)
{
	if (makes_wait(STDERR_FILENO))
		return false;
	fprintf(stderr, "%s%s%s%s\n",
		what == OPP_SAID_MISTAKE ? "" : "parportd: ", port ? port : "", port ? ": " : "",
		text);
	return true;
}

static bool tell_one(enum opp_said what, const char *port, const struct opp_host_event *event,
		     const char *text)
{
	return is_journal(STDERR_FILENO) ? tell_journal(what, port, event, text)
					 : tell_people(what, port, text);
}

/* False: nobody takes that either. */
static bool tell_untold(unsigned count)
{
	char text[LINE_BYTES];

	snprintf(text, sizeof(text), "%u lines are missing here: nobody took them", count);
	return tell_one(OPP_SAID_REFUSED, NULL, NULL, text);
}

/* The service answers everybody: it does not stand because a terminal or the journal does. */
static void tell(enum opp_said what, const char *port, const struct opp_host_event *event,
		 const char *text)
{
	static atomic_uint untold;
	unsigned count;

	if (sayings[what].priority >= LOG_INFO && !is_journal(STDERR_FILENO))
		return;
	count = atomic_exchange(&untold, 0);
	if (count && tell_untold(count))
		count = 0;
	if (count || !tell_one(what, port, event, text))
		atomic_fetch_add(&untold, count + 1);
}

void opp_say(enum opp_said what, const char *port, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tell(what, port, NULL, text);
}

/* ---- events of ports ------------------------------------------------------------------- */

/* NULL: nothing that somebody could mend. */
static const char *remedy(enum opp_status status)
{
	switch (status) {
	case OPP_DEVICE_PAPER_EMPTY: return "put paper in";
	case OPP_DEVICE_OFF_LINE: return "set the printer on-line";
	case OPP_DEVICE_POWERED_OFF: return "switch it on";
	case OPP_DEVICE_NOT_CONNECTED: return "look at cable and power";
	case OPP_IO_DEVICE_ERROR: return "look at the printer's own display: it reports an error";
	case OPP_TIMEOUT: return "it shows no fault and takes no byte: switch it off and on";
	case OPP_DEVICE_PROTOCOL_ERROR:
		return "the peripheral breaks IEEE 1284: 'parport probe' shows where";
	default: return NULL;
	}
}

bool opp_is_said(const struct opp_host_event *event)
{
	if (event->kind == OPP_HOST_KICKED)
		return true;
	if (event->kind != OPP_HOST_TRANSFERRED || event->who == OPP_IOC_WHO_SERVICE)
		return false;
	/* A program that looks for an answer has not met a fault when there is none. */
	if (event->status == OPP_TIMEOUT && event->who != OPP_IOC_WHO_JOB)
		return false;
	return event->fault.status != OPP_SUCCESS && remedy(event->status);
}

void opp_say_event(const char *port, const struct opp_host_event *event)
{
	char text[LINE_BYTES];

	if (event->kind == OPP_HOST_KICKED) {
		snprintf(text, sizeof(text),
			 "%s (pid %ld) was put out, by max_hold or 'parport kick'; %" PRIu32
			 " in line are served; to use the port again it has to open it anew",
			 event->name, (long)event->pid, event->waiters);
		tell(OPP_SAID_KICKED, port, event, text);
		return;
	}
	snprintf(text, sizeof(text), "%s (pid %ld) moved %zu bytes, then: %s; %s", event->name,
		 (long)event->pid, event->bytes, opp_status_text(event->status),
		 remedy(event->status));
	tell(OPP_SAID_FAULT, port, event, text);
}
