/* SPDX-License-Identifier: MIT */
/* An attempt to get the port from its system. */
#ifndef OPP_LENT_ATTEMPT_H
#define OPP_LENT_ATTEMPT_H

#include <stdbool.h>

#include "backend_ppdev.h"

enum opp_lent_answer {
	OPP_LENT_OURS,
	OPP_LENT_TAKEN,   /* somebody has it, or there is a pause: look again soon */
	OPP_LENT_REFUSED, /* the claim was interrupted or refused: ask again later */
	OPP_LENT_GONE,
};

struct opp_lent_attempt {
	bool pauses;                    /* only a port that has become free is asked for */
	bool was_free;                  /* by the look before; then by this one */
	int file;                       /* by which the port is ours */
	char user[OPP_LENT_USER_BYTES]; /* who has it; empty: not known */
};

/* opp_lent_try - Context: the back end's thread, not locked; may wait. */
enum opp_lent_answer opp_lent_try(struct opp_backend_ppdev *backend,
				  struct opp_lent_attempt *attempt);

#endif
