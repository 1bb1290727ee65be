/* SPDX-License-Identifier: MIT */
/*
 * A port by a file of <linux/ppdev.h>: Linux's own /dev/parportN, or one that another
 * parportd serves.
 *
 * The port is its system's, who lends it (OPP_HW_IS_LENT). The file is opened for each
 * claim anew and closed when the port is given back: as long as it is open the system
 * counts us among the users of the port, and refuses it to who wants to be the only one.
 *
 * What Linux gets wrong about sharing is kept out of its way
 * (docs/decisions/0028-a-port-that-linux-lends.md): a claim is made where nobody is seen to
 * have the port, by a thread that a signal wakes after 10 ms; a port with an interrupt is
 * had alone or not at all.
 */
#ifndef OPP_BACKEND_PPDEV_H
#define OPP_BACKEND_PPDEV_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <openparport/env.h>
#include <openparport/hw.h>
#include <openparport/status.h>

/* A driver's name as Linux shows it, with its NUL. */
#define OPP_LENT_USER_BYTES OPP_HW_USER_BYTES

/* A call that can be interrupted although nobody waits for its end. */
struct opp_lent_alarm {
	timer_t timer;
	int signal;
};

/* What the file is. */
struct opp_lent_place {
	const char *path;
	bool is_linux; /* Linux's own, number below; else somebody's who makes none of its mistakes */
	uint32_t number; /* N of parportN */
	/* who drives the wire has: */
	int folder; /* of its users, with so many links while there is none but us; or -1 */
	nlink_t links;
};

struct opp_backend_ppdev {
	struct opp_hw hw;
	struct opp_lent_place place;
	int32_t irq; /* of Linux's port; -1: none; 0: not known */
	bool alone;  /* it is not claimed while others are registered for it, nor are they then */

	/*
	 * woken - interrupts were counted (hw.interrupt), or a claim has been answered, or the port
	 * has gone.
	 * Context: a thread of the back end, nothing locked.
	 */
	void (*woken)(void *context);
	void *woken_context;

	/* who has the wire, between claim and unclaim */
	int file;        /* -1: not ours */
	uint8_t control; /* levels as last driven */
	bool reverse;
	int32_t mode;           /* what the file was told last: IEEE1284_MODE_* */
	size_t bulk_bytes;      /* of the last chunk */
	uint64_t bulk_ended_ns; /* when it was taken; 0: slowly */
	_Atomic bool lost;      /* it has left the system, as far as was noticed */
	_Atomic bool silent; /* the file has failed: no line is looked at before the next claim */

	pthread_t thread;
	int bell; /* eventfd */
	struct opp_lent_alarm alarm;

	pthread_mutex_t lock; /* guards from here to the end */
	pthread_cond_t answered;
	int started; /* 0: the thread listens; -1: not yet; an errno */
	bool stopping;
	bool wanted;   /* from claim to unclaim */
	bool leaving;  /* what is claimed is of a turn that is over */
	bool watching; /* interrupts are wanted */
	bool asking;   /* the thread is at it ... */
	bool awaited;  /* ... and who drives the wire waits for that, for a moment */
	int claimed;   /* the thread's: the file by which the port is ours; -1: none */
	int asked;     /* its file in PPCLAIM; -1: none */
	bool was_free; /* by the last look, and yet it was not had */
	bool anew;     /* who wants it now has not looked yet */
	uint32_t tries;
	uint64_t look_at_ns;            /* not before */
	uint64_t ask_at_ns;             /* not before, but where it becomes free */
	char user[OPP_LENT_USER_BYTES]; /* who was found to have it; empty: not known */
};

/*
 * opp_backend_ppdev_open - looks what port is behind @path and starts its thread. The port
 * is not claimed.
 * @path: stays the caller's and must outlive @backend.
 * @share: share also a port whose handing over may lock the machine up.
 * @woken: see struct opp_backend_ppdev.
 * @failed: gets the errno of what was refused.
 * Returns: SUCCESS; ACCESS_DENIED (also, with @failed 0, where nobody may see who has the
 *	port); INVALID_PARAMETER: @path is no file of that kind; DEVICE_BUSY;
 *	INSUFFICIENT_RESOURCES; NO_SUCH_DEVICE for all else.
 */
enum opp_status opp_backend_ppdev_open(struct opp_backend_ppdev *backend, const char *path,
				       bool share, const struct opp_env *env,
				       void (*woken)(void *context), void *context, int *failed);

/* opp_backend_ppdev_close - a port that is claimed is given back. The wire is nobody's. */
void opp_backend_ppdev_close(struct opp_backend_ppdev *backend);

#endif
