/* SPDX-License-Identifier: MIT */
/*
 * A status for people and scripts: a phrase, and what a command ends with. The same on
 * every system. Context of both: any.
 */
#ifndef OPENPARPORT_WORDS_H
#define OPENPARPORT_WORDS_H

#include <openparport/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A short phrase in lower case without a full stop; never NULL, static. */
const char *opp_status_text(enum opp_status status);
/*
 * opp_status_exit_code - what a command ends with:
 *
 *	  0	success
 *	  1	failed in a way no other number names
 *	  2	wrong usage, or a malformed name or value
 *	110	no such port, or the service is not running
 *	111	not permitted
 *	112	the port was or is being removed, or the service went away
 *	113	the caller was put out of the port by an administrator or max_hold
 *	114	the caller does not hold the port, or the port cannot do that
 *	115	the device is out of paper
 *	116	the device is off-line
 *	117	the device reports another fault
 *	118	no device is connected, or it has no power
 *	119	the device broke the protocol
 *	120	the device stopped answering
 *	121	out of memory or another resource
 *	122	cancelled
 *	124	the port was not obtained in time, as in timeout(1)
 *
 * The numbers from 110 keep clear of what most programs return, because the
 * command may pass on another program's own.
 */
int opp_status_exit_code(enum opp_status status);

#ifdef __cplusplus
}
#endif

#endif
