/* SPDX-License-Identifier: MIT */
/*
 * A lock for steps that are over at once: one locked instruction to take it and
 * one to give it back as long as nobody else wants it, which is half of what an
 * uncontended allocate costs. And a bell that one thread sleeps by.
 */
#ifndef OPP_LOCK_H
#define OPP_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum opp_lock_state {
	OPP_LOCK_FREE,
	OPP_LOCK_TAKEN,
	OPP_LOCK_WANTED, /* taken, and somebody may sleep for it */
};

/* Zero is free. */
struct opp_lock {
	_Atomic uint32_t state; /* enum opp_lock_state */
};

/* Sleeps until the lock is the caller's. */
void opp_lock_wait(struct opp_lock *lock);
/* Wakes one who sleeps for the lock. */
void opp_lock_wake(struct opp_lock *lock);

/* Returns false when it is somebody else's. */
static inline bool opp_lock_try(struct opp_lock *lock)
{
	uint32_t expected = OPP_LOCK_FREE;

	return atomic_compare_exchange_strong_explicit(&lock->state, &expected, OPP_LOCK_TAKEN,
						       memory_order_acquire, memory_order_relaxed);
}

static inline void opp_lock_take(struct opp_lock *lock)
{
	if (!opp_lock_try(lock))
		opp_lock_wait(lock);
}

static inline void opp_lock_give(struct opp_lock *lock)
{
	if (atomic_exchange_explicit(&lock->state, OPP_LOCK_FREE, memory_order_release) ==
	    OPP_LOCK_WANTED)
		opp_lock_wake(lock);
}

/* Who sleeps and who rings hold the same lock when they touch it. Zero is silent. */
struct opp_bell {
	_Atomic uint32_t rings;
	bool sleeping;
};

void opp_bell_ring_locked(struct opp_bell *bell);

/*
 * opp_bell_sleep_locked - gives @lock back and sleeps until the bell has rung
 * more than @heard times or the monotonic clock says @until_ns (UINT64_MAX:
 * never), then takes @lock again. May return early.
 */
void opp_bell_sleep_locked(struct opp_bell *bell, struct opp_lock *lock, uint32_t heard,
			   uint64_t until_ns);

#endif
