/* SPDX-License-Identifier: MIT */
/*
 * How the port is got from its system and given back: a thread's work, since asking may
 * take long and who drives the wire must not wait.
 *
 *	            claim                    PPCLAIM
 *	NOT WANTED ------> LOOKING, ASKING ----------> CLAIMED: interrupts are counted
 *	    ^  ^     unclaim  |    ^ |                    |
 *	    |  '--------------'    '-' somebody has it    | unclaim, or the port goes
 *	    '---------------------------------------------'
 *
 * Linux's ppdev keeps all of its ioctls waiting, those of whoever has the port included,
 * while one PPCLAIM sleeps. So a port that another program has is looked at until it
 * is free, and a claim that sleeps all the same is interrupted after 10 ms and made anew
 * later. Meanwhile it is looked on, and asked at once when the port has become free. An
 * interrupted claim has left its file in the port's line: only a file that is closed is out
 * of it. With an interrupt configured Linux locks up when it hands a port to somebody in
 * line: there nobody of ours stands, and nobody else while we have it, for we have it alone
 * or not at all.
 *
 * Other files have none of this: there a claim waits in line for as long as it takes.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/parport.h>
#include <linux/ppdev.h>

#include <openparport/hosted/parportd_ioctl.h>
#include <openparport/wire.h>

#include "alarm.h"
#include "attempt.h"
#include "ppdev.h"
#include "system.h"

#define NS_PER_S UINT64_C(1000000000)
#define MS       UINT64_C(1000000)
#define NEVER    UINT64_MAX

/* After a claim that was interrupted or refused: twice as long each time. */
#define PAUSE_NS      (10 * MS)
#define PAUSE_DOUBLES 5u
#define PAUSE_MOST_NS (200 * MS)

/* Between two looks at who has the port. */
#define LOOK_NS (2 * MS)

/* After this time a port is missed, if nothing else tells of it: ours, or one nobody wants. */
#define MISS_NS      (250 * MS)
#define MISS_IDLE_NS NS_PER_S

/* A port that nobody has is claimed in this time. */
#define ANSWER_NS (MS / 10)

/* Between two attempts to end a claim without a signal. */
#define CANCEL_NS (10 * MS)

/* More between two looks are nobody's pulses: who serves the file may say what he likes. */
#define INTERRUPTS_MOST 1000

uint64_t opp_lent_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void opp_lent_ring(struct opp_backend_ppdev *backend)
{
	(void)eventfd_write(backend->bell, 1);
}

int opp_lent_order(int file, unsigned long request, void *argument)
{
	while (ioctl(file, request, argument) != 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

/* ---- asking ----------------------------------------------------------------------------- */

static uint64_t pause_ns(const struct opp_backend_ppdev *backend)
{
	const uint32_t doubles = backend->tries < PAUSE_DOUBLES ? backend->tries : PAUSE_DOUBLES;
	const uint64_t pause = PAUSE_NS << doubles;

	return pause < PAUSE_MOST_NS ? pause : PAUSE_MOST_NS;
}

static void heed_locked(struct opp_backend_ppdev *backend, enum opp_lent_answer answer,
			const struct opp_lent_attempt *attempt)
{
	const uint64_t now_ns = opp_lent_now_ns();

	if (answer != OPP_LENT_TAKEN || !attempt->was_free) /* in a pause it stands */
		memcpy(backend->user, attempt->user, sizeof(backend->user));
	backend->was_free = attempt->was_free;
	backend->look_at_ns = now_ns + LOOK_NS;
	switch (answer) {
	case OPP_LENT_OURS:
		backend->claimed = attempt->file;
		backend->tries = 0;
		backend->ask_at_ns = 0;
		break;
	case OPP_LENT_TAKEN: break;
	case OPP_LENT_REFUSED:
		backend->ask_at_ns = now_ns + pause_ns(backend);
		backend->tries++;
		break;
	case OPP_LENT_GONE: backend->lost = true; break;
	}
}

static void tell_unlocked(struct opp_backend_ppdev *backend)
{
	pthread_mutex_unlock(&backend->lock);
	backend->woken(backend->woken_context);
	pthread_mutex_lock(&backend->lock);
}

static void ask_locked(struct opp_backend_ppdev *backend)
{
	struct opp_lent_attempt attempt = { .pauses = opp_lent_now_ns() < backend->ask_at_ns,
					    .was_free = backend->was_free && !backend->anew,
					    .file = -1 };
	enum opp_lent_answer answer;

	backend->anew = false;
	backend->asking = true;
	pthread_mutex_unlock(&backend->lock);
	answer = opp_lent_try(backend, &attempt);
	pthread_mutex_lock(&backend->lock);
	backend->asking = false;
	opp_alarm_stop(&backend->alarm);
	heed_locked(backend, answer, &attempt);
	pthread_cond_signal(&backend->answered);
	if (!backend->awaited && (answer == OPP_LENT_OURS || answer == OPP_LENT_GONE))
		tell_unlocked(backend);
}

/* ---- while it is ours -------------------------------------------------------------------- */

/*
 * Linux's needs no PPRELEASE, which would wait for whoever sleeps in a PPCLAIM; a close does
 * not, and hands over to him. Elsewhere a close is only heard of later.
 */
static void give_back_locked(struct opp_backend_ppdev *backend)
{
	const int file = backend->claimed;

	backend->claimed = -1;
	backend->leaving = false;
	pthread_mutex_unlock(&backend->lock);
	if (!backend->place.is_linux)
		(void)ioctl(file, PPRELEASE);
	(void)close(file);
	pthread_mutex_lock(&backend->lock);
}

static void count_locked(struct opp_backend_ppdev *backend)
{
	const int file = backend->claimed;
	struct opp_hw *hw = &backend->hw;
	int count = 0;

	pthread_mutex_unlock(&backend->lock);
	if (opp_lent_order(file, PPCLRIRQ, &count) != 0)
		opp_lent_failed(backend);
	for (int i = 0; hw->interrupt && i < count && i < INTERRUPTS_MOST; i++)
		hw->interrupt(hw->interrupt_context);
	if (count > 0)
		backend->woken(backend->woken_context);
	pthread_mutex_lock(&backend->lock);
}

/* Looking may wait, for another parportd: nobody else shall. */
static void miss_locked(struct opp_backend_ppdev *backend)
{
	bool is_there;

	if (backend->lost)
		return;
	pthread_mutex_unlock(&backend->lock);
	is_there = opp_lent_is_there(&backend->place);
	pthread_mutex_lock(&backend->lock);
	if (is_there)
		return;
	backend->lost = true;
	backend->silent = true;
	tell_unlocked(backend);
}

/* Is it there, but not ours, although it shall be? */
static bool is_sought_locked(const struct opp_backend_ppdev *backend)
{
	return backend->wanted && backend->claimed < 0 && !backend->lost;
}

/* To be given back before all else: other ioctls may wait for whoever wants the port. */
static bool is_over_locked(const struct opp_backend_ppdev *backend)
{
	return backend->claimed >= 0 && (backend->leaving || !backend->wanted);
}

static uint64_t wake_at_ns_locked(const struct opp_backend_ppdev *backend)
{
	if (backend->lost)
		return NEVER;
	if (is_sought_locked(backend))
		return backend->look_at_ns;
	return opp_lent_now_ns() + (backend->claimed >= 0 ? MISS_NS : MISS_IDLE_NS);
}

/* Until there is something to do. Looks whether the port is still there. */
static void sleep_locked(struct opp_backend_ppdev *backend)
{
	const bool listens = backend->watching && backend->claimed >= 0 && !backend->silent;
	struct pollfd files[] = { { .fd = backend->bell, .events = POLLIN },
				  { .fd = listens ? backend->claimed : -1, .events = POLLIN } };
	const uint64_t until_ns = wake_at_ns_locked(backend);
	const uint64_t now_ns = opp_lent_now_ns();
	const uint64_t rest_ns = until_ns > now_ns ? until_ns - now_ns : 0;
	const struct timespec rest = { .tv_sec = (time_t)(rest_ns / NS_PER_S),
				       .tv_nsec = (long)(rest_ns % NS_PER_S) };
	eventfd_t rings;

	pthread_mutex_unlock(&backend->lock);
	(void)ppoll(files, sizeof(files) / sizeof(files[0]), until_ns == NEVER ? NULL : &rest,
		    NULL);
	if (files[0].revents)
		(void)eventfd_read(backend->bell, &rings);
	pthread_mutex_lock(&backend->lock);
	if (is_sought_locked(backend) || is_over_locked(backend))
		return;
	if (files[1].revents & POLLIN)
		count_locked(backend);
	else if (files[1].revents)
		backend->silent = true;
	else if (backend->claimed >= 0 || !files[0].revents)
		miss_locked(backend);
}

/* ---- who drives the wire ------------------------------------------------------------------ */

/* Of an attempt, @ns at the longest. */
static void await_end_locked(struct opp_backend_ppdev *backend, uint64_t ns)
{
	const uint64_t until_ns = opp_lent_now_ns() + ns;
	const struct timespec until = { .tv_sec = (time_t)(until_ns / NS_PER_S),
					.tv_nsec = (long)(until_ns % NS_PER_S) };

	(void)pthread_cond_clockwait(&backend->answered, &backend->lock, CLOCK_MONOTONIC, &until);
}

/*
 * Somebody new: to him a free port has just become free, whatever was refused before. A
 * driver is not asked sooner because of him: each time all of ppdev would stand still.
 */
static void want_locked(struct opp_backend_ppdev *backend)
{
	const uint64_t now_ns = opp_lent_now_ns();

	backend->wanted = true;
	backend->anew = true;
	backend->look_at_ns = now_ns;
	if (now_ns >= backend->ask_at_ns)
		backend->tries = 0;
}

/* A port that nobody has is ours in a moment: worth more than being asked again. */
static void await_answer_locked(struct opp_backend_ppdev *backend)
{
	backend->awaited = true;
	opp_lent_ring(backend);
	await_end_locked(backend, ANSWER_NS);
	backend->awaited = false;
}

static void begin_locked(struct opp_backend_ppdev *backend)
{
	backend->file = backend->claimed;
	backend->control = OPP_CONTROL_IDLE;
	backend->reverse = false;
	backend->mode = IEEE1284_MODE_COMPAT;
	backend->bulk_ended_ns = 0;
	backend->silent = false;
	backend->watching = true;
	opp_lent_ring(backend);
}

enum opp_status opp_lent_claim(struct opp_hw *hw)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);
	enum opp_status status = OPP_PENDING;

	pthread_mutex_lock(&backend->lock);
	if (!backend->wanted && !backend->lost) {
		want_locked(backend);
		await_answer_locked(backend);
	}
	if (backend->lost) {
		backend->wanted = false; /* nor is a file that came too late */
		opp_lent_ring(backend);
		status = OPP_NO_SUCH_DEVICE;
	} else if (backend->claimed >= 0 && !backend->leaving) {
		begin_locked(backend);
		status = OPP_SUCCESS;
	}
	memcpy(hw->lent_to, backend->user, sizeof(hw->lent_to));
	pthread_mutex_unlock(&backend->lock);
	return status;
}

void opp_lent_unclaim(struct opp_hw *hw)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);

	backend->file = -1;
	pthread_mutex_lock(&backend->lock);
	backend->wanted = false;
	backend->leaving = backend->claimed >= 0;
	if (backend->asking)
		(void)opp_alarm_set(&backend->alarm, 1);
	opp_lent_ring(backend);
	pthread_mutex_unlock(&backend->lock);
}

void opp_lent_enable_interrupt(struct opp_hw *hw, bool enable)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);

	pthread_mutex_lock(&backend->lock);
	backend->watching = enable;
	opp_lent_ring(backend);
	pthread_mutex_unlock(&backend->lock);
}

void opp_lent_failed(struct opp_backend_ppdev *backend)
{
	backend->silent = true;
	opp_lent_ring(backend);
}

/*
 * Where the program has taken the signal while a claim slept, who serves the file is told to
 * end it. Linux's ends by its alarm, which was set before.
 */
void opp_lent_stop(struct opp_backend_ppdev *backend)
{
	pthread_mutex_lock(&backend->lock);
	backend->stopping = true;
	opp_lent_ring(backend);
	while (backend->asking && !backend->place.is_linux && !opp_alarm_works(&backend->alarm)) {
		if (backend->asked >= 0)
			(void)ioctl(backend->asked, OPP_IOC_CANCEL);
		await_end_locked(backend, CANCEL_NS);
	}
	pthread_mutex_unlock(&backend->lock);
}

/* ---- the thread ------------------------------------------------------------------------------ */

void *opp_lent_thread(void *context)
{
	struct opp_backend_ppdev *backend = context;

	pthread_mutex_lock(&backend->lock);
	backend->started = opp_alarm_open(&backend->alarm);
	pthread_cond_signal(&backend->answered);
	if (backend->started != 0)
		backend->stopping = true;
	while (!backend->stopping) {
		if (is_over_locked(backend))
			give_back_locked(backend);
		else if (is_sought_locked(backend) && opp_lent_now_ns() >= backend->look_at_ns)
			ask_locked(backend);
		else
			sleep_locked(backend);
	}
	if (backend->claimed >= 0)
		give_back_locked(backend);
	pthread_mutex_unlock(&backend->lock);
	if (backend->started == 0)
		opp_alarm_close(&backend->alarm);
	return NULL;
}
