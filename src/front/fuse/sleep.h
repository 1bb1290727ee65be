/* SPDX-License-Identifier: MIT */
/*
 * Hears that the machine will sleep, and that it has slept: from the login manager of systemd,
 * which waits for us (a delay lock), so that what runs can end in time; where there is none,
 * from the clocks, afterwards.
 */
#ifndef OPENPARPORT_FUSE_SLEEP_H
#define OPENPARPORT_FUSE_SLEEP_H

struct opp_service;
struct opp_sleep;

/* NULL where memory is short: nobody hears, then. */
struct opp_sleep *opp_sleep_watch(struct opp_service *service);

/* NULL is fine. */
void opp_sleep_unwatch(struct opp_sleep *sleep);

#endif
