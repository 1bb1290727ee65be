/* SPDX-License-Identifier: MIT */
/* The signal, which all alarms of the process share, and a timer for each. */
#include "alarm.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_NS 1000000
#define NS_PER_S UINT64_C(1000000000)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t alarms;
static int shared; /* the signal, while there are alarms */

static void do_nothing(int signal)
{
	(void)signal;
}

static bool is_handled_by(int signal, void (*handler)(int signal))
{
	struct sigaction now;

	return sigaction(signal, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) &&
	       now.sa_handler == handler;
}

/* 0: all are in use. */
static int find_signal(void)
{
	const struct sigaction nothing = { .sa_handler = do_nothing };
	int signal = SIGRTMAX;

	while (signal >= SIGRTMIN && !is_handled_by(signal, SIG_DFL))
		signal--;
	if (signal < SIGRTMIN || sigaction(signal, &nothing, NULL) != 0)
		return 0;
	return signal;
}

static int take_signal(void)
{
	int taken;

	pthread_mutex_lock(&lock);
	if (alarms == 0)
		shared = find_signal();
	taken = shared;
	alarms += taken != 0;
	pthread_mutex_unlock(&lock);
	return taken;
}

static void leave_signal(void)
{
	const struct sigaction before = { .sa_handler = SIG_DFL };

	pthread_mutex_lock(&lock);
	if (--alarms == 0 && is_handled_by(shared, do_nothing))
		(void)sigaction(shared, &before, NULL);
	pthread_mutex_unlock(&lock);
}

int opp_alarm_open(struct opp_lent_alarm *alarm)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID };
	sigset_t others;
	int failed;

	alarm->signal = take_signal();
	if (!alarm->signal)
		return EAGAIN;
	sigfillset(&others);
	sigdelset(&others, alarm->signal);
	pthread_sigmask(SIG_SETMASK, &others, NULL);
	event.sigev_signo = alarm->signal;
	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &alarm->timer) == 0)
		return 0;
	failed = errno;
	leave_signal();
	return failed;
}

void opp_alarm_close(struct opp_lent_alarm *alarm)
{
	sigset_t all;

	(void)timer_delete(alarm->timer);
	sigfillset(&all); /* one that is on its way comes no more */
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	leave_signal();
}

bool opp_alarm_works(const struct opp_lent_alarm *alarm)
{
	return is_handled_by(alarm->signal, do_nothing);
}

bool opp_alarm_set(struct opp_lent_alarm *alarm, uint64_t after_ns)
{
	const struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(after_ns / NS_PER_S),
			      .tv_nsec = (long)(after_ns % NS_PER_S) },
		.it_interval = { .tv_nsec = AGAIN_NS },
	};

	return opp_alarm_works(alarm) && timer_settime(alarm->timer, 0, &when, NULL) == 0;
}

void opp_alarm_stop(struct opp_lent_alarm *alarm)
{
	const struct itimerspec never = { 0 };

	(void)timer_settime(alarm->timer, 0, &never, NULL);
}
