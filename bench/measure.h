/* SPDX-License-Identifier: MIT */
/*
 * What the benchmarks share: time, medians, and the one line a figure is.
 *
 * Two things to compare are measured in turn within every repetition, so that
 * both see the same machine; the figure is the median of the repetitions'
 * ratios.
 */
#ifndef OPP_BENCH_MEASURE_H
#define OPP_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#define REPETITIONS 31

uint64_t now_ns(void);

/*
 * What a simulated port asks of its program where time is the machine's own: for
 * opp_backend_sim_open and struct opp_env. @context is nobody's.
 */
uint64_t clock_ns(void *context);
void busy_wait_ns(void *context, uint32_t ns);
void broken(void *context, const char *what);

/* Sorts @values. */
double median(double *values, size_t count);

/*
 * median_ratio - how much longer @measured takes than @yardstick.
 * Both return the nanoseconds they took for the same number of turns; each is
 * called once before it counts.
 */
double median_ratio(uint64_t (*measured)(void *context), uint64_t (*yardstick)(void *context),
		    void *context);

/* Prints "NAME VALUE", what bench/run reads. */
void report(const char *name, double value);

/* Ends the program with @what and errno's text. */
_Noreturn void give_up(const char *what);

#endif
