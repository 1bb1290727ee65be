/* SPDX-License-Identifier: MIT */
/* Between the files of src/backend/ppdev. */
#ifndef OPP_LENT_H
#define OPP_LENT_H

#include "backend_ppdev.h"

static inline struct opp_backend_ppdev *opp_lent_of(struct opp_hw *hw)
{
	return (struct opp_backend_ppdev *)hw;
}

/* An ioctl, until no signal cuts it short. Returns 0 or an errno. */
int opp_lent_order(int file, unsigned long request, void *argument);

/* ---- claim.c ---- */

/* @context: the back end. Tells in backend->started once it listens, or why it cannot. */
void *opp_lent_thread(void *context);

/* The thread shall end, whatever it waits for. */
void opp_lent_stop(struct opp_backend_ppdev *backend);

enum opp_status opp_lent_claim(struct opp_hw *hw);
void opp_lent_unclaim(struct opp_hw *hw);
void opp_lent_enable_interrupt(struct opp_hw *hw, bool enable);

/* The file has failed: the thread shall find out whether the port is still there. */
void opp_lent_failed(struct opp_backend_ppdev *backend);

void opp_lent_ring(struct opp_backend_ppdev *backend);

uint64_t opp_lent_now_ns(void);

#endif
