/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_ns(void *context)
{
	(void)context;
	return now_ns();
}

void busy_wait_ns(void *context, uint32_t ns)
{
	const uint64_t until_ns = now_ns() + ns;

	(void)context;
	while (now_ns() < until_ns)
		;
}

void broken(void *context, const char *what)
{
	(void)context;
	(void)fprintf(stderr, "bench: broken invariant: %s\n", what);
	abort();
}

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a;
	const double right = *(const double *)b;

	return (left > right) - (left < right);
}

double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

double median_ratio(uint64_t (*measured)(void *context), uint64_t (*yardstick)(void *context),
		    void *context)
{
	double ratios[REPETITIONS];
	size_t i;

	(void)measured(context);
	(void)yardstick(context);
	for (i = 0; i < REPETITIONS; i++) {
		const uint64_t took_ns = measured(context);

		ratios[i] = (double)took_ns / (double)yardstick(context);
	}
	return median(ratios, REPETITIONS);
}

void report(const char *name, double value)
{
	printf("%s %.3f\n", name, value);
}

_Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}
