/* SPDX-License-Identifier: MIT */
/*
 * systemd is told how the service is (Type=notify): that it serves, what its ports do, that
 * it is alive (WatchdogSec=), that it ends. Nothing happens where nobody asked for that
 * (NOTIFY_SOCKET), but for the lines of say.h.
 */
#ifndef OPENPARPORT_FUSE_NOTIFY_H
#define OPENPARPORT_FUSE_NOTIFY_H

struct opp_service;

/* From now on clients are served. */
void opp_notify_ready(struct opp_service *service);

/* The configuration is read anew, until opp_notify_ready() is called once more. */
void opp_notify_reloading(void);

/* No more. Once, also when it never served. */
void opp_notify_ending(struct opp_service *service);

#endif
