/* SPDX-License-Identifier: MIT */
/*
 * A thread that speaks while the main thread is blocked in a call on the port.
 *
 * It keeps every signal away from itself, so that a signal interrupts the
 * blocked call and not the talk about it.
 */
#include <time.h>

#include "cli.h"

uint64_t cli_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void *run(void *argument)
{
	struct cli_ticker *ticker = argument;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&ticker->lock);
	while (!ticker->stopping) {
		pthread_mutex_unlock(&ticker->lock);
		ticker->tick(ticker->context);
		next.tv_sec += ticker->period_ms / 1000;
		next.tv_nsec += ticker->period_ms % 1000 * 1000000L;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		pthread_mutex_lock(&ticker->lock);
		while (!ticker->stopping &&
		       pthread_cond_timedwait(&ticker->wake, &ticker->lock, &next) == 0)
			;
	}
	pthread_mutex_unlock(&ticker->lock);
	return NULL;
}

bool cli_ticker_start(struct cli_ticker *ticker, unsigned int period_ms,
		      void (*tick)(void *context), void *context)
{
	pthread_condattr_t attributes;
	sigset_t all, old;
	int error;

	ticker->stopping = false;
	ticker->period_ms = period_ms;
	ticker->tick = tick;
	ticker->context = context;
	pthread_mutex_init(&ticker->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&ticker->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&ticker->thread, NULL, run, ticker);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error == 0;
}

void cli_ticker_stop(struct cli_ticker *ticker)
{
	pthread_mutex_lock(&ticker->lock);
	ticker->stopping = true;
	pthread_cond_signal(&ticker->wake);
	pthread_mutex_unlock(&ticker->lock);
	pthread_join(ticker->thread, NULL);
	pthread_cond_destroy(&ticker->wake);
	pthread_mutex_destroy(&ticker->lock);
}

void cli_stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGTERM);
}
