/* SPDX-License-Identifier: MIT */
#include "event_text.h"

#include <inttypes.h>
#include <stdio.h>

#define UNIT_BYTES sizeof("\\u0000")

static const char *kind_text(enum opp_host_event_kind kind)
{
	switch (kind) {
	case OPP_HOST_QUEUED: return "queued";
	case OPP_HOST_GRANTED: return "granted";
	case OPP_HOST_RELEASED: return "released";
	case OPP_HOST_CANCELLED: return "cancelled";
	case OPP_HOST_EXPIRED: return "expired";
	case OPP_HOST_DROPPED: return "dropped";
	case OPP_HOST_KICKED: return "kicked";
	case OPP_HOST_TRANSFERRED: return "transferred";
	}
	return "unknown";
}

static const char *who_text(uint32_t who)
{
	switch (who) {
	case OPP_IOC_WHO_PPDEV: return "ppdev";
	case OPP_IOC_WHO_JOB: return "job";
	case OPP_IOC_WHO_LIBRARY: return "library";
	case OPP_IOC_WHO_SERVICE: return "service";
	default: return "nobody";
	}
}

size_t opp_event_text(char text[OPP_EVENT_TEXT_BYTES], const char *port,
		      const struct opp_host_event *event)
{
	const struct opp_fault *fault = &event->fault;
	char name[OPP_EVENT_NAME_BYTES];
	char more[256] = "";

	opp_event_quote(name, sizeof(name), event->name);
	if (fault->status != OPP_SUCCESS)
		snprintf(more, sizeof(more),
			 ",\"fault\":\"%s\",\"status_lines\":%u,\"control_lines\":%u",
			 opp_status_text(fault->status), fault->status_lines, fault->control_lines);
	return (size_t)snprintf(
		text, OPP_EVENT_TEXT_BYTES,
		"{\"sequence\":%" PRIu64 ",\"time_us\":%" PRIu64 ",\"port\":\"%s\","
		"\"event\":\"%s\",\"request\":%" PRIu64 ",\"client\":%" PRIu64 ","
		"\"pid\":%ld,\"who\":\"%s\",\"name\":\"%s\",\"waiters\":%" PRIu32 ","
		"\"bytes\":%zu,\"status\":\"%s\"%s}\n",
		event->sequence, event->time_us, port, kind_text(event->kind), event->request,
		event->client, (long)event->pid, who_text(event->who), name, event->waiters,
		event->bytes, opp_status_text(event->status), more);
}

void opp_event_quote(char *quoted, size_t capacity, const char *text)
{
	size_t length = 0;

	for (; *text && length + UNIT_BYTES <= capacity; text++) {
		const uint8_t byte = (uint8_t)*text;

		if (byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\')
			quoted[length++] = (char)byte;
		else
			length += (size_t)snprintf(quoted + length, UNIT_BYTES, "\\u%04x", byte);
	}
	quoted[length] = '\0';
}
