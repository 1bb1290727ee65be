/* SPDX-License-Identifier: MIT */
/* What happened, as JSON: for the service's log and file of events, and opp_events(). */
#ifndef OPP_EVENT_TEXT_H
#define OPP_EVENT_TEXT_H

#include <stddef.h>

#include "host_port.h"

/* Of a name, quoted. */
#define OPP_EVENT_NAME_BYTES (6 * OPP_IOC_NAME_BYTES)

/* Enough for the line of any event of a port. */
#define OPP_EVENT_TEXT_BYTES 1536

/* An object in one line, with its '\n'. @port: its name, quoted if need be. Returns the length. */
size_t opp_event_text(char text[OPP_EVENT_TEXT_BYTES], const char *port,
		      const struct opp_host_event *event);

/*
 * opp_event_quote - @text, any bytes, as what stands between the quotes of a JSON string.
 * Each byte that is not printable ASCII is told by its number.
 * @quoted: of @capacity bytes; six times the length of @text and a NUL are always enough.
 */
void opp_event_quote(char *quoted, size_t capacity, const char *text);

#endif
