/* SPDX-License-Identifier: MIT */
/*
 * The simulated back end of a host port: chip, printer and where its bytes go.
 * Used by one context at a time.
 */
#ifndef OPP_SIMULATED_H
#define OPP_SIMULATED_H

#include <openparport/sim_centronics.h>

#include "backend_sim.h"
#include "host_port.h"
#include "output.h"

struct opp_simulated {
	struct opp_sim sim;
	struct opp_backend_sim backend; /* backend.chip.hw is the port */
	struct opp_centronics printer;
	uint32_t conditions;       /* of the printer, OPP_CENTRONICS_* */
	uint8_t *buffer;           /* the printer's; ours */
	uint64_t looked_ns;        /* when the monotonic clock was looked at last */
	struct opp_output *output; /* or NULL: what is printed is dropped */
};

/*
 * opp_simulated_open - builds what @config describes.
 * @output_changed: called by another thread, no lock held, when the output has
 *	something to say: opp_simulated_heed_output() is due.
 * Errors: INVALID_PARAMETER (the output file), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_simulated_open(struct opp_simulated *simulated,
				   const struct opp_host_config *config,
				   void (*output_changed)(void *context), void *context,
				   struct opp_error *error);
/* What is printed already is still written, see opp_output_close. */
void opp_simulated_close(struct opp_simulated *simulated);

/* The time of the monotonic clock at which virtual time reaches @virtual_ns if nobody hurries it. */
uint64_t opp_simulated_real_ns(const struct opp_simulated *simulated, uint64_t virtual_ns);

/* The printer goes on when there is room, and shows an error while the output cannot be written. */
void opp_simulated_heed_output(struct opp_simulated *simulated);

/*
 * The printer prints what it has taken, without taking its time. Returns true when
 * there is more, for which the output must get room first.
 */
bool opp_simulated_print_out(struct opp_simulated *simulated);

/* Has all that was printed left for good? */
bool opp_simulated_is_written(const struct opp_simulated *simulated);

#endif
