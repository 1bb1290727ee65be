/* SPDX-License-Identifier: MIT */
/*
 * The configuration read anew while it is served.
 *
 * A faulty file changes nothing. Otherwise each port of the new one is compared with what
 * the file said of it before: one that is not named any more goes, a new one comes, one of
 * which the back end is another is replaced, the rest changes as it runs, and what the
 * file says as before is not touched, whatever `parport sim set` has made of it.
 */
#ifndef OPENPARPORT_FUSE_RELOAD_H
#define OPENPARPORT_FUSE_RELOAD_H

struct opp_service;

/* Tells what it does, and what it cannot, on stderr. */
void opp_service_reload(struct opp_service *service);

#endif
