/* SPDX-License-Identifier: MIT */
/*
 * What the freestanding layers need from the world they run in.
 *
 * One table a process or driver, constant after start. Nothing here may sleep,
 * allocate or take the port's lock.
 */
#ifndef OPENPARPORT_ENV_H
#define OPENPARPORT_ENV_H

#include <stdint.h>

struct opp_env {
	void *context;

	/*
	 * busy_wait_ns - let at least @ns nanoseconds pass without sleeping.
	 * @ns: 1 .. 100,000.
	 * Context: any; called while the wire is driven.
	 */
	void (*busy_wait_ns)(void *context, uint32_t ns);

	/*
	 * broken - our own code broke an invariant (never a peer's fault).
	 * @what: the invariant, static text.
	 * Stops the program in a debug build; logs and returns in a release.
	 * Context: any, DIRQL included.
	 */
	void (*broken)(void *context, const char *what);
};

#endif
