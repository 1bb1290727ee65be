/* SPDX-License-Identifier: MIT */
/*
 * Interrupts one thread's system call after a time, and again until that has ended: a
 * signal that comes just before the call would be lost.
 *
 * The signal is a real-time one that the program has left alone: from SIGRTMAX down the first
 * without a disposition. Its handler does nothing and is taken away with the last alarm. Timers
 * of the kernel send it, to the alarm's thread alone; no other thread's mask is changed.
 */
#ifndef OPP_LENT_ALARM_H
#define OPP_LENT_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "backend_ppdev.h"

/*
 * opp_alarm_open - for calls of the calling thread, of whose signals only this one is let in
 * from now on.
 * Returns 0 or an errno; EAGAIN: the program uses all signals.
 */
int opp_alarm_open(struct opp_lent_alarm *alarm);
void opp_alarm_close(struct opp_lent_alarm *alarm);

/*
 * opp_alarm_works - whether the program has left us the signal. Nothing that only an alarm
 * would end is to be begun otherwise.
 * Context: any thread.
 */
bool opp_alarm_works(const struct opp_lent_alarm *alarm);

/*
 * opp_alarm_set - interrupts in @after_ns (1 at least), and each millisecond from then on.
 * Context: any thread.
 * Returns false when the alarm does not work: nothing is sent.
 */
bool opp_alarm_set(struct opp_lent_alarm *alarm, uint64_t after_ns);
void opp_alarm_stop(struct opp_lent_alarm *alarm);

#endif
