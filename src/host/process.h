/* SPDX-License-Identifier: MIT */
/* What a process gives the engine: a clock and the environment. */
#ifndef OPP_PROCESS_H
#define OPP_PROCESS_H

#include <stdint.h>
#include <time.h>

#include <openparport/env.h>

extern const struct opp_env opp_host_env;

/* The monotonic clock. */
uint64_t opp_host_now_ns(void);

/* @ns of that clock as calls that sleep want it. */
struct timespec opp_host_timespec(uint64_t ns);

#endif
