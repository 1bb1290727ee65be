/* SPDX-License-Identifier: MIT */
/*
 * One attempt to get the port: a look, and where that is promising a claim on a file of its
 * own. Linux's answers within ASK_NS; elsewhere a claim stands in line until the port is
 * lent, or the alarm ends it.
 */
#include "attempt.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/parport.h>
#include <linux/ppdev.h>

#include "alarm.h"
#include "ppdev.h"
#include "system.h"

/* So long a claim on Linux's may sleep: for as long all of ppdev stands still. */
#define ASK_NS UINT64_C(10000000)

/* The file cannot be opened or claimed: not now, or never again? */
static enum opp_lent_answer refused(const struct opp_backend_ppdev *backend)
{
	return opp_lent_is_there(&backend->place) ? OPP_LENT_REFUSED : OPP_LENT_GONE;
}

/* Is it wise to ask? */
static enum opp_lent_answer look(const struct opp_backend_ppdev *backend,
				 struct opp_lent_attempt *attempt)
{
	const bool was_free = attempt->was_free;
	enum opp_lent_use use = OPP_LENT_FREE;

	if (backend->place.is_linux)
		use = opp_lent_use(&backend->place, attempt->user);
	attempt->was_free = use == OPP_LENT_FREE;
	switch (use) {
	case OPP_LENT_FREE: return attempt->pauses && was_free ? OPP_LENT_TAKEN : OPP_LENT_OURS;
	case OPP_LENT_BY_DRIVER:
		return attempt->pauses || backend->irq != -1 ? OPP_LENT_TAKEN : OPP_LENT_OURS;
	case OPP_LENT_BY_PROGRAM: return OPP_LENT_TAKEN;
	case OPP_LENT_HIDDEN: break;
	}
	return opp_lent_is_there(&backend->place) ? OPP_LENT_TAKEN : OPP_LENT_GONE;
}

/*
 * What it takes for a claim that has succeeded to be worth something. Not blocking: a
 * write() then ends when the peripheral takes nothing for a moment, and Linux's does not
 * give the port away meanwhile. Interrupts until now are not the holder's: to switch them
 * on may have caused one.
 */
static bool make_ready(const struct opp_backend_ppdev *backend, int file)
{
	uint8_t control = PARPORT_CONTROL_INIT | PARPORT_CONTROL_SELECT;
	int forward = 0;
	int count;

	return fcntl(file, F_SETFL, O_RDWR | O_NONBLOCK) == 0 &&
	       opp_lent_order(file, PPWCONTROL, &control) == 0 &&
	       opp_lent_order(file, PPDATADIR, &forward) == 0 &&
	       (backend->irq == -1 || opp_lent_order(file, PPCLRIRQ, &count) == 0);
}

/* What begins must have an end: on Linux in ASK_NS, elsewhere when it is not wanted any more. */
static bool can_be_ended(struct opp_backend_ppdev *backend)
{
	return backend->place.is_linux ? opp_alarm_set(&backend->alarm, ASK_NS)
				       : opp_alarm_works(&backend->alarm);
}

static void set_asked(struct opp_backend_ppdev *backend, int file)
{
	pthread_mutex_lock(&backend->lock);
	backend->asked = file;
	pthread_mutex_unlock(&backend->lock);
}

static enum opp_lent_answer ask(struct opp_backend_ppdev *backend, int file)
{
	bool granted;

	if (!opp_lent_is_same(&backend->place, file))
		return OPP_LENT_GONE;
	if (backend->alone)
		(void)ioctl(file, PPEXCL);
	if (!can_be_ended(backend))
		return OPP_LENT_REFUSED;
	set_asked(backend, file);
	granted = ioctl(file, PPCLAIM) == 0;
	set_asked(backend, -1);
	return granted && make_ready(backend, file) ? OPP_LENT_OURS : refused(backend);
}

enum opp_lent_answer opp_lent_try(struct opp_backend_ppdev *backend,
				  struct opp_lent_attempt *attempt)
{
	enum opp_lent_answer answer = look(backend, attempt);

	if (answer != OPP_LENT_OURS)
		return answer;
	if (backend->alone && !opp_lent_is_unused(&backend->place, attempt->user))
		return OPP_LENT_REFUSED;
	attempt->file = open(backend->place.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (attempt->file < 0)
		return refused(backend);
	answer = ask(backend, attempt->file);
	if (answer != OPP_LENT_OURS)
		(void)close(attempt->file);
	return answer;
}
