/* SPDX-License-Identifier: MIT */
/* A ppdev back end on the port of the made-up Linux, as its tests want it. */
#ifndef OPP_TEST_LENT_RIG_H
#define OPP_TEST_LENT_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "backend_ppdev.h"

extern struct opp_backend_ppdev lent;
extern _Atomic uint32_t lent_interrupts, lent_woken; /* that it has told */

/* Opens @lent on a Linux that is there. @failed: gets the errno. */
enum opp_status lent_open(int *failed);

/* Of a case: a fresh Linux, and @lent on it. */
int lent_start(void **state);
int lent_start_with_irq(void **state);
int lent_start_shared(void **state);  /* with an interrupt, and shared all the same */
int lent_start_nothing(void **state); /* Linux alone */

/* Looks whether all was given back, and nothing done that must not be. */
int lent_stop(void **state);
int lent_stop_nothing(void **state);

/* Claims the port as the engine asks: until the answer is @wanted, or it has lasted too long. */
enum opp_status lent_claim_until(enum opp_status wanted);
void lent_claim(void);

void lent_nap(long ms);
void lent_wait_for(bool (*condition)(void));
bool lent_is_given_back(void);

#endif
