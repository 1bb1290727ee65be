/* SPDX-License-Identifier: MIT */
/* Compatibility mode by software and by the FIFO: what they have in common. */
#ifndef OPP_IEEE1284_COMPAT_H
#define OPP_IEEE1284_COMPAT_H

#include "machine.h"

/* Compatibility idle. Costs no access where the lines are so already. */
void compat_make_idle(struct opp_hw *hw);

/*
 * compat_refused - the printer, whose lines are transfer->seen, takes no byte now.
 * Returns: OPP_PENDING, transfer->wait being set, or why to give up.
 */
enum opp_status compat_refused(struct opp_run *run);

/* The end of a write after something went wrong. */
enum opp_flow compat_fail(struct opp_run *run, enum opp_status status);

/* A write strobe by strobe (compat.c), and by the chip, which strobes by itself (compat_fifo.c). */
extern const struct opp_stage compat_software_write;
extern const struct opp_stage compat_fifo_write;

#endif
