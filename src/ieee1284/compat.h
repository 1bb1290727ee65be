/* SPDX-License-Identifier: MIT */
/* Compatibility mode by software, by the FIFO and by a system: what they have in common. */
#ifndef OPP_IEEE1284_COMPAT_H
#define OPP_IEEE1284_COMPAT_H

#include "machine.h"

/* Compatibility idle. Costs no access where the lines are so already. */
void compat_make_idle(struct opp_hw *hw);

/* Do these lines say that a byte is not to be sent now? */
static inline bool compat_is_refused(uint8_t status)
{
	return (status & (OPP_LINE_BUSY | OPP_LINE_NFAULT)) != OPP_LINE_NFAULT;
}

/*
 * compat_refused - the printer, whose lines are transfer->seen, takes no byte now.
 * Returns: OPP_PENDING, transfer->wait being set, or why to give up.
 */
enum opp_status compat_refused(struct opp_run *run);

/* The end of a write after something went wrong. */
enum opp_flow compat_fail(struct opp_run *run, enum opp_status status);

/*
 * A write strobe by strobe (compat.c), by the chip, which strobes by itself
 * (compat_fifo.c), and by the system's driver (compat_bulk.c).
 */
extern const struct opp_stage compat_software_write;
extern const struct opp_stage compat_fifo_write;
extern const struct opp_stage compat_bulk_write;

#endif
