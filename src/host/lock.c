/* SPDX-License-Identifier: MIT */
/* Sleeping and waking for lock.h, by the kernel's futex. */
#include "lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"

/* @until: absolute and monotonic, or NULL. Returns when woken, and for any other reason. */
static void futex_wait(_Atomic uint32_t *word, uint32_t while_it_is, const struct timespec *until)
{
	(void)syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, while_it_is, until, NULL,
		      FUTEX_BITSET_MATCH_ANY);
}

static void futex_wake_one(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void opp_lock_wait(struct opp_lock *lock)
{
	/* Who has slept cannot know whether others still do, so it leaves WANTED behind. */
	while (atomic_exchange_explicit(&lock->state, OPP_LOCK_WANTED, memory_order_acquire) !=
	       OPP_LOCK_FREE)
		futex_wait(&lock->state, OPP_LOCK_WANTED, NULL);
}

void opp_lock_wake(struct opp_lock *lock)
{
	futex_wake_one(&lock->state);
}

void opp_bell_ring_locked(struct opp_bell *bell)
{
	bell->rings++;
	if (!bell->sleeping)
		return;
	bell->sleeping = false;
	futex_wake_one(&bell->rings);
}

void opp_bell_sleep_locked(struct opp_bell *bell, struct opp_lock *lock, uint32_t heard,
			   uint64_t until_ns)
{
	const struct timespec until = opp_host_timespec(until_ns);

	bell->sleeping = true;
	opp_lock_give(lock);
	futex_wait(&bell->rings, heard, until_ns == UINT64_MAX ? NULL : &until);
	opp_lock_take(lock);
	bell->sleeping = false;
}
