/* SPDX-License-Identifier: MIT */
/*
 * A host's simulated ports, as if their system lent them: the linker puts this between the
 * host and its back ends. Whoever touches a register of a port that is not claimed, claims
 * one twice or leaves one claimed fails the test when the port is closed.
 *
 * One port at a time. All but lent_begin may be used beside the port's threads.
 */
#ifndef OPP_TEST_LENT_BACK_END_H
#define OPP_TEST_LENT_BACK_END_H

#include <stdatomic.h>
#include <stdbool.h>

#define LENT_TO "lp"

struct lent {
	atomic_bool other; /* somebody else has the port; each third question is in vain anyway */
	atomic_bool gone;  /* the port */
	atomic_bool hangs; /* whoever touches a register sleeps */
	atomic_uint hanging;
	atomic_bool asked, ours;
	atomic_uint questions;
	atomic_uint claims; /* with success */
	atomic_uint misdeeds;
};

extern struct lent lent;

/* Nothing has happened yet. */
void lent_begin(void);

#endif
