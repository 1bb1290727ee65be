/* SPDX-License-Identifier: MIT */
/*
 * The event log: what happened to every port, one JSON object a line, in the
 * order in which it happened.
 *
 * A port's observer only copies the event; a thread of the log formats and
 * writes. Nothing is reordered: what the file system refuses is missing from the end of the
 * file, and the sequence numbers show it. Where it is too slow for some ten thousand events,
 * those that follow are lost, and a line {"event":"lost","count":N} is in their place.
 */
#ifndef OPENPARPORT_FUSE_LOG_H
#define OPENPARPORT_FUSE_LOG_H

#include "host_port.h"

struct opp_log;

/*
 * Appends to @path, created 0640 when missing; NULL: there is no file. What administrators
 * should know is told in either case, see say.h. NULL and errno on failure.
 */
struct opp_log *opp_log_open(const char *path);

/*
 * opp_log_end - writes what is left, then closes the file; nothing is written after that.
 * Returns false when the file takes nothing for seconds: then the log's thread stands in the
 * system, and the log cannot be released.
 */
bool opp_log_end(struct opp_log *log);
void opp_log_release(struct opp_log *log);

/*
 * opp_log_reopen - goes on in @path (NULL: nowhere), with all that has not been written yet;
 *	the file that was open may have been moved away. One that cannot be opened is told, and
 *	it goes on as before.
 * Context: waits for nobody: the log's thread does it.
 */
void opp_log_reopen(struct opp_log *log, const char *path);

/*
 * opp_log_event - keep one event of the port called @port.
 * @port: copied, too.
 * Context: any thread, locks held; copies and returns, however slow the file is.
 */
void opp_log_event(struct opp_log *log, const char *port, const struct opp_host_event *event);

#endif
