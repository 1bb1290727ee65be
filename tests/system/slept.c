/* SPDX-License-Identifier: MIT */
/*
 * Loaded into a program before all else (test_sleep.py): once there is a file of the name in
 * OPP_SLEPT, CLOCK_BOOTTIME is an hour ahead, as after a sleep of the machine.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t clock, struct timespec * now);
	const char *slept = getenv("OPP_SLEPT");
	int result;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, now);
	if (clock == CLOCK_BOOTTIME && slept && access(slept, F_OK) == 0)
		now->tv_sec += 3600;
	return result;
}
