/* SPDX-License-Identifier: MIT */
/* What a process gives the engine: clocks and the environment. */
#ifndef OPP_PROCESS_H
#define OPP_PROCESS_H

#include <stdint.h>
#include <time.h>

#include <openparport/env.h>

extern const struct opp_env opp_host_env;

/* Monotonic and fine, for transfers and deadlines; opp_host_now_us is for the arbitration. */
uint64_t opp_host_fine_now_ns(void);

/* @ns of the fine clock as pthread_cond_clockwait and friends want it. */
struct timespec opp_host_timespec(uint64_t ns);

#endif
