/* SPDX-License-Identifier: MIT */
/* The clock of the process, and what becomes of a broken invariant. */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>

#define NS_PER_SECOND UINT64_C(1000000000)

uint64_t opp_host_now_ns(void)
{
	struct timespec now;

	/* Cannot fail: the clock exists on every Linux. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

struct timespec opp_host_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_SECOND),
		.tv_nsec = (long)(ns % NS_PER_SECOND),
	};
}

static void busy_wait_ns(void *context, uint32_t ns)
{
	const uint64_t until_ns = opp_host_now_ns() + ns;

	(void)context;
	while (opp_host_now_ns() < until_ns)
		;
}

static void broken(void *context, const char *what)
{
	(void)context;
	(void)fprintf(stderr, "openparport: broken invariant: %s\n", what);
#ifndef NDEBUG
	abort();
#endif
}

const struct opp_env opp_host_env = {
	.busy_wait_ns = busy_wait_ns,
	.broken = broken,
};
