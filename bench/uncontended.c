/* SPDX-License-Identifier: MIT */
/*
 * An allocate and a free that nobody disputes, through the library, against two
 * lock and unlock pairs of a mutex. The port's worker is the second thread.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <openparport/hosted/openparport.h>

#include "measure.h"

#define TURNS 100000u

static uint64_t allocate_and_free(void *context)
{
	struct opp_handle *handle = context;
	const uint64_t start_ns = now_ns();
	uint32_t i;

	for (i = 0; i < TURNS; i++) {
		if (opp_allocate(handle, OPP_FOREVER_US) != OPP_SUCCESS)
			abort();
		if (opp_free(handle) != OPP_SUCCESS)
			abort();
	}
	return now_ns() - start_ns;
}

static uint64_t two_mutex_pairs(void *context)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	const uint64_t start_ns = now_ns();
	uint32_t i;

	(void)context;
	for (i = 0; i < TURNS; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return now_ns() - start_ns;
}

int main(void)
{
	struct opp_handle *handle;
	struct opp_error error;

	if (opp_open("sim:", &handle, &error) != OPP_SUCCESS) {
		(void)fprintf(stderr, "bench: %s\n", error.text);
		return 1;
	}
	report("alloc_free_vs_two_mutex_pairs",
	       median_ratio(allocate_and_free, two_mutex_pairs, handle));
	opp_close(handle);
	return 0;
}
