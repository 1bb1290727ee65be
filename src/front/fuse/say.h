/* SPDX-License-Identifier: MIT */
/*
 * What the service tells administrators: a line that explains itself, on stderr for people, or
 * in the journal with fields beside it when that is where stderr goes.
 *
 *	MESSAGE, PRIORITY	as everywhere
 *	MESSAGE_ID, EVENT	which of enum opp_said; see parportd(8)
 *	PORT			"parport0", where it is about one
 *	CLIENT_PID, CLIENT_NAME, BYTES, STATUS	where it is about a program
 */
#ifndef OPENPARPORT_FUSE_SAY_H
#define OPENPARPORT_FUSE_SAY_H

#include <stdbool.h>

struct opp_host_event;

enum opp_said {
	OPP_SAID_READY,
	OPP_SAID_ENDING,
	OPP_SAID_RIGHTS,  /* given up */
	OPP_SAID_MISTAKE, /* of the configuration; the line begins with its place */
	OPP_SAID_REFUSED, /* the system, or the configuration, does not let us */
	OPP_SAID_LINK,    /* something is in its place */
	OPP_SAID_RELOADED,
	OPP_SAID_GONE, /* a port's hardware */
	OPP_SAID_BACK,
	OPP_SAID_KICKED,
	OPP_SAID_FAULT,
	OPP_SAID_ADVICE, /* of what is better changed */
};

/*
 * opp_say - tell one line, given as to printf() without an end of line.
 * @port: NULL: about none.
 * What only says that all is well is for the journal, not for stderr.
 * A line that is not taken at once is left out, and counted in front of the next one.
 * Context: any thread; waits for nobody.
 */
void opp_say(enum opp_said what, const char *port, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Is @event one that administrators are told? Context: any thread. */
bool opp_is_said(const struct opp_host_event *event);

/* Tells such an event: who, what, why, what to do. */
void opp_say_event(const char *port, const struct opp_host_event *event);

#endif
