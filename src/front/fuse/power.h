/* SPDX-License-Identifier: MIT */
/*
 * The machine goes to sleep, and wakes up.
 *
 *	           suspend                 quiet           resume             restored
 *	AWAKE ---------------> calming down -----> ASLEEP --------> waking up ---------> AWAKE
 *
 * What runs ends before the power goes, with exact counts; a job goes on with its next byte
 * afterwards. Who holds a port holds it still, and finds the lines as he left them; what he
 * asks for meanwhile waits.
 */
#ifndef OPENPARPORT_FUSE_POWER_H
#define OPENPARPORT_FUSE_POWER_H

#include <stdbool.h>

struct opp_service;

/*
 * opp_power_suspend - no port begins anything on its wire from now on. Nothing where that
 *	is so already.
 * @calm: called once, soon, when all wires are quiet, or as quiet as they will get.
 */
void opp_power_suspend(struct opp_service *service, void (*calm)(struct opp_service *service));

/* All ports get their registers back, and what waits goes on. Nothing where all are awake. */
void opp_power_resume(struct opp_service *service);

/* Before the service ends. */
void opp_power_release(struct opp_service *service);

#endif
